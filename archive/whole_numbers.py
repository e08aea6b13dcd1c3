"""Whole numbers as people type them: of a run, a version, so many of a list."""

from __future__ import annotations

from typing import Any

import click

LARGEST = 10**15 - 1
"""Nothing in an archive comes near it, and sums with it are still numbers to SQLite."""


class WholeNumber(click.IntRange):
    """A whole number of at least `min`; one too large to be meant is a wrong usage as well."""

    def __init__(self, min: int) -> None:  # noqa: A002 as click has it
        super().__init__(min=min)

    def convert(
        self,
        value: Any,  # noqa: ANN401 as click has it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """The number; fails where it is none, or out of range."""
        number: int = super().convert(value, param, ctx)
        if number > LARGEST:
            self.fail(f"{number} is larger than any number can be here.", param, ctx)
        return number
