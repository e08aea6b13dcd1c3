"""Reading files by a process of its own, which is started again whenever a file ends it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import orjson

import archive
from archive.attachments.formats import Format, reader_of
from archive.attachments.limits import LIMITS, Limits
from archive.attachments.text import FileText, Outcome
from archive.attachments.worker import LENGTH

# What libraries keep of files adds up.
_FILES_A_PROCESS = 500
# An answer is at most a text in UTF-8, each sign of which may be escaped.
_LONGEST_ANSWER = 32 * 1024 * 1024
_PIECE = 1 << 16
# What a supervisor or a terminal ends processes with.
_FROM_OUTSIDE = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class _EndedError(Exception):
    """The process is gone; the signal that ended it, if one did."""

    def __init__(self, by: int = 0) -> None:
        super().__init__(by)
        self.by = by


class CannotReadError(Exception):
    """The reading process does not come up, or was told to end, which is no file's fault."""


class FileReader:
    """Reads files one after another, until `close`; the first one that comes starts the process."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._reader = ""
        self._is_up = False

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    # What it was not sent any more is no loss.
                    with suppress(OSError):
                        pipe.close()
            self._process.wait()
            self._process = None

    def read(self, body: bytes) -> FileText:
        """The text of a file, or why it has none; whatever the file is, it costs its limits.

        Raises CannotReadError where no process comes up to read it.
        """
        if len(body) > self._limits.file_bytes:
            return FileText(
                Outcome.TOO_LARGE,
                reader_of(Format.NONE),
                note=f"it has more than {self._limits.file_bytes:,} bytes",
            )
        if self._files >= _FILES_A_PROCESS:
            self.close()
        try:
            return self._ask(body)
        except TimeoutError:
            outcome = Outcome.TIMED_OUT
            note = f"not read within {self._limits.wall_seconds} seconds"
        except _EndedError as error:
            if error.by in _FROM_OUTSIDE or not (self._is_up or error.by):
                self.close()
                raise CannotReadError from error
            if error.by == signal.SIGXCPU:
                outcome = Outcome.TIMED_OUT
                note = f"not read within {self._limits.cpu_seconds} seconds of processor time"
            else:
                # By the kernel for its memory, or by a fault of a library written in C.
                outcome = Outcome.TOO_LARGE if error.by == signal.SIGKILL else Outcome.BROKEN
                note = "the process that read it came to an end over it"
        self.close()
        return FileText(outcome, self._reader, note=note)

    def _ask(self, body: bytes) -> FileText:
        process = self._process or self._start()
        self._files += 1
        self._reader = reader_of(Format.NONE)
        deadline = time.monotonic() + self._limits.wall_seconds
        assert process.stdin is not None
        try:
            process.stdin.write(LENGTH.pack(len(body)))
            process.stdin.write(body)
            process.stdin.flush()
        except BrokenPipeError as error:
            raise _EndedError(self._ended_by()) from error
        # First which reader it takes, so that it is known should nothing more be heard.
        self._reader = self._message(deadline).decode()
        self._is_up = True
        value = orjson.loads(self._message(deadline))
        return FileText(Outcome(value["outcome"]), value["reader"], value["text"], value["note"])

    def _start(self) -> subprocess.Popen[bytes]:
        self._files, self._is_up = 0, False
        limits = self._limits
        try:
            self._process = self._popen(limits)
        except OSError as error:
            raise CannotReadError from error
        return self._process

    @staticmethod
    def _popen(limits: Limits) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 our own module, and no shell
            [
                *(sys.executable, "-P", "-m", "archive.attachments.worker"),
                *(str(limits.cpu_seconds), str(limits.memory_bytes)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The process has to find this very program, wherever it was started.
            env={**os.environ, "PYTHONPATH": str(Path(archive.__file__).parents[1])},
            # Ctrl-C is for us to answer; an end by it in the middle is nobody's broken file.
            start_new_session=True,
        )

    def _message(self, deadline: float) -> bytes:
        length = LENGTH.unpack(self._receive(LENGTH.size, deadline))[0]
        if length > _LONGEST_ANSWER:
            raise _EndedError
        return self._receive(length, deadline)

    def _receive(self, count: int, deadline: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        received = bytearray()
        while len(received) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(source, min(_PIECE, count - len(received)))
            if not piece:
                raise _EndedError(self._ended_by())
            received += piece
        return bytes(received)

    def _ended_by(self) -> int:
        assert self._process is not None
        return max(0, -self._process.wait())
