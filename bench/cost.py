"""What a process cost, as the system itself counts it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

_KIB = 1024


class Cost(NamedTuple):
    """Time on the clock, time on a processor (its own and the system's for it), peak memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


class UnsoundTrialError(Exception):
    """A process did not do what its cost was to be measured of."""


def cost_of(module: str, *arguments: str) -> tuple[Cost, str]:
    """Run `python -m module …` to its end: what it cost, and what it printed.

    The peak that the system reports of a process is never below that of the process which started
    it, so this one has to stay small. Raises UnsoundTrialError.
    """
    command = [sys.executable, "-m", module, *arguments]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=said, stderr=errors)  # noqa: S603 our own command
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        errors.seek(0)
        if process.returncode:
            raise UnsoundTrialError(
                f"{' '.join(command)} ended with {process.returncode}:\n{errors.read().decode()}"
            )
        cost = Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB)
        return cost, said.read().decode()
