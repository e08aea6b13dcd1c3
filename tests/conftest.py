"""Lets every test import `support`, whichever folder pytest was started in."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# Their asserts are the tests' own, and are to be explained as well.
pytest.register_assert_rewrite("support.yange", "support.site")
