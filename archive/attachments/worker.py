"""The reading process: files come in by stdin, what was made of each goes out by stdout.

It may use so much processor time and memory for each file, and can neither write files, nor reach
a network, nor start a program: what a file makes its library do stays here. It ends with the pipe.
A file comes as a message: its length in 8 bytes, and its bytes. So do two answers go out: the name
of its reader, as soon as that is known, and what the reader made of it, as JSON.
"""

from __future__ import annotations

import os
import resource
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

import orjson

from archive.attachments.text import FileText

LENGTH = struct.Struct(">Q")

_Read = Callable[[bytes, Callable[[str], None]], FileText]

_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.kill",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.chmod",
    "os.mkdir",
    "os.symlink",
    "os.link",
    "os.truncate",
    "ftplib.",
    "urllib.",
    "webbrowser.",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND


def main() -> None:
    """Read files until there are none; the arguments are the limits of one."""
    cpu_seconds, memory_bytes = map(int, sys.argv[1:3])
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # A library that prints must not talk into the answers.
    os.dup2(2, 1)
    _confine(memory_bytes)
    from archive.attachments.reading import read_file

    _serve(incoming, outgoing, read_file, cpu_seconds)


def _serve(
    incoming: BinaryIO,
    outgoing: BinaryIO,
    read: _Read,
    cpu_seconds: int,
) -> None:
    def send(message: bytes) -> None:
        outgoing.write(LENGTH.pack(len(message)) + message)
        outgoing.flush()

    while head := incoming.read(LENGTH.size):
        body = incoming.read(LENGTH.unpack(head)[0])
        _allow(cpu_seconds)
        text = read(body, lambda reader: send(reader.encode()))
        told = {"outcome": text.outcome, "reader": text.reader}
        send(orjson.dumps({**told, "text": text.text, "note": text.note}))


def _confine(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Whoever asks for a page comes first; a service may not be allowed to say so.
    with suppress(OSError):
        os.nice(5)
    sys.dont_write_bytecode = True
    sys.addaudithook(_forbid)


def _allow(cpu_seconds: int) -> None:
    """Give the next file its processor time: beyond that, the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + cpu_seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader of files may not do this: {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        raise PermissionError("a reader of files may not write any")


if __name__ == "__main__":
    main()
