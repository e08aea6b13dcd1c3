"""Lets every test import `support`, whichever folder pytest was started in."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

# A shell that starts a job in the background has it ignore interrupts, and so would every process
# that is started here; some are to be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Hundreds of processes are started. Where no bytecode may be written, as in many containers, each
# of them would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# On a busy machine any example can take long, and so can making one up.
settings.register_profile(
    "unhurried",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

# Their asserts are the tests' own, and are to be explained as well.
pytest.register_assert_rewrite("support.yange", "support.site")


def pytest_xdist_auto_num_workers():
    """For each core a process that runs tests, and one more.

    Of some files' time much is waiting: for a server's pause, or for a daemon's next slot.
    """
    return (os.cpu_count() or 1) + 1
