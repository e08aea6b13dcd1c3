"""A crawl in a process of its own: what hangs, leaks or dies there takes nothing with it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from scheduler.jobs import Job


def start_crawl(configuration: Path, job: Job, slot: datetime) -> subprocess.Popen[bytes]:
    """Start the crawl that `job` is due at `slot`.

    The child's stdin is a pipe whose other end is held here: it closes with this process, however
    that ends, and the crawl leaves when it does. Keep the result until the child has ended, and
    leave its stdin open. Raises OSError when no process can be started.
    """
    # -P: whatever folder the daemon was started in, its own modules are run.
    command = [sys.executable, "-P", "-m", "scheduler", "--config", str(configuration)]
    command += ["crawl", job.portal, "--mode", job.mode]
    command += ["--job", job.name, "--slot", slot.isoformat(), "--tethered"]
    return subprocess.Popen(  # noqa: S603 our own command, and no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # A terminal's Ctrl-C is for the daemon, which tells its crawls itself.
        start_new_session=True,
    )
