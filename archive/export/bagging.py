"""A bag on its way (BagIt 1.0, RFC 8493): files are hashed as they are put in.

A library that makes a bag of a folder reads all of it again, and remembers the name and the hashes
of every file; an archive can have more versions than memory has room for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256, sha512
from pathlib import Path
from typing import BinaryIO, Self

_ALGORITHMS = {"sha256": sha256, "sha512": sha512}
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
# What a path must not hold as it is where a line names it.
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}


class Bag:
    """A folder that is being made a bag; within it as a context its manifests are open.

    Paths are relative to the payload, with `/` between their parts. Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._payload = folder / "data"
        self._stack = ExitStack()
        self._manifests: dict[str, BinaryIO] = {}
        self._files = 0
        self._bytes = 0

    def __enter__(self) -> Self:
        self._payload.mkdir()
        for name in _ALGORITHMS:
            file = (self._folder / f"manifest-{name}.txt").open("wb")
            self._manifests[name] = self._stack.enter_context(file)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def writing(self, path: str) -> Iterator[Hashed]:
        """A file of the payload to write into."""
        place = self._payload / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            hashed = Hashed(file)
            yield hashed
        for name, digest in hashed.digests().items():
            self._manifests[name].write(_line(digest, f"data/{path}"))
        self._files += 1
        self._bytes += hashed.size

    def put(self, path: str, data: bytes) -> None:
        """Put a file into the payload."""
        with self.writing(path) as file:
            file.write(data)

    def has(self, path: str) -> bool:
        """Whether there is a file of that name already."""
        return (self._payload / path).exists()

    def close(self, info: Mapping[str, str]) -> None:
        """Write what a bag has besides its payload; `info` goes into `bag-info.txt`."""
        self._stack.close()
        stated = {
            "Bagging-Date": datetime.now(UTC).date().isoformat(),
            "Payload-Oxum": f"{self._bytes}.{self._files}",
            **info,
        }
        text = "".join(f"{name}: {value}\n" for name, value in sorted(stated.items()))
        (self._folder / "bagit.txt").write_bytes(_DECLARATION)
        (self._folder / "bag-info.txt").write_bytes(text.encode())
        tags = ["bagit.txt", "bag-info.txt", *(f"manifest-{name}.txt" for name in _ALGORITHMS)]
        digests = {tag: _digests_of(self._folder / tag) for tag in tags}
        for name in _ALGORITHMS:
            lines = (_line(digests[tag][name], tag) for tag in tags)
            (self._folder / f"tagmanifest-{name}.txt").write_bytes(b"".join(lines))


class Hashed:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hashes = {name: algorithm() for name, algorithm in _ALGORITHMS.items()}
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        for one in self._hashes.values():
            one.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def digests(self) -> dict[str, str]:
        """What was written, hashed in each way."""
        return {name: one.hexdigest() for name, one in self._hashes.items()}


def _digests_of(path: Path) -> dict[str, str]:
    hashes = {name: algorithm() for name, algorithm in _ALGORITHMS.items()}
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            for one in hashes.values():
                one.update(block)
    return {name: one.hexdigest() for name, one in hashes.items()}


def _line(digest: str, path: str) -> bytes:
    for character, escape in _ESCAPES.items():
        path = path.replace(character, escape)
    return f"{digest}  {path}\n".encode()
