"""Making a page that shows a failure as small as it goes without losing the failure."""

from __future__ import annotations

import time
from collections.abc import Callable


def minimised(page: bytes, fails: Callable[[bytes], bool], seconds: float) -> bytes:
    """The smallest page found in that time of which `fails` holds, as it does of `page`.

    Delta debugging: parts are left out, first large ones, then ever smaller ones.
    """
    end = time.monotonic() + seconds
    size = max(1, len(page) // 2)
    while True:
        at, smaller = 0, False
        while at < len(page):
            if time.monotonic() > end:
                return page
            without = page[:at] + page[at + size :]
            if fails(without):
                page, smaller = without, True
            else:
                at += size
        if size == 1 and not smaller:
            return page
        size = max(1, size // 2)
