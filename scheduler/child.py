"""A command of ours in a process of its own, which does not outlive the one that started it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol

import psutil


class Read(Protocol):
    """A configuration as far as a child is concerned: where it stands, and what it said."""

    @property
    def path(self) -> Path:
        """Its file."""

    @property
    def text(self) -> bytes:
        """What the file said when it was read."""


def start_child(
    configuration: Read, command: Sequence[str], *, own_session: bool = True
) -> psutil.Popen:
    """Start a command by `configuration`, whatever its file says by now.

    The child's stdin is a pipe whose other end is held here: it closes with this process, however
    that ends, and a command that is `--tethered` leaves when it does. Raises OSError when no
    process can be started.
    """
    with TemporaryFile() as text:
        text.write(configuration.text)
        text.seek(0)
        # -P: whatever folder the daemon was started in, its own modules are run.
        ours = [sys.executable, "-P", "-m", "scheduler", "--config", str(configuration.path)]
        return psutil.Popen(
            [*ours, "--config-text", str(text.fileno()), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # A terminal's Ctrl-C is for the daemon, which tells its children itself. A worker's
            # are signalled with it: whoever freezes or kills its group means them all.
            start_new_session=own_session,
            pass_fds=[text.fileno()],
        )
