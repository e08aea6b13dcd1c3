"""Mutation guided by the coverage of the reader's code: one worker, in a process of its own.

libFuzzer, through Atheris, decides which pages are worth changing further, and ends the process at
a page that hangs it, exhausts its memory or crashes it. A broken promise is noted and no end.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["crawler.reading"]):
    from . import oracles

from .found import keep
from .mutations import mutated

_RECENT = 64


def main(folder: Path, arguments: list[str]) -> None:
    """Fuzz with these arguments of libFuzzer; failures go to `folder`."""
    recent: list[bytes] = [b"<p>"]

    def attempt(page: bytes) -> None:
        try:
            oracles.examine(page, quickly=True)
        except oracles.Broken as broken:
            if keep(broken.what, broken.page, folder):
                print(f"found: {broken.what}", flush=True)

    def mutate(page: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if len(recent) < _RECENT or chance.randrange(8) == 0:
            recent.append(page)
            del recent[: -2 * _RECENT]
        return mutated(page, chance.choice(recent), chance)[:most]

    atheris.Setup([sys.argv[0], *arguments], attempt, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
