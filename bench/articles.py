"""What it takes to read texts as legal texts and to compare them; `python -m bench.articles`.

Each stage is timed by itself, so that it shows which one dominates.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import NamedTuple, TypeVar

import click
from rich.console import Console
from rich.table import Table

from archive.comparison import State
from archive.fields import Fields
from archive.law.articles.structure import structure_of
from archive.law.comparison.alignment import compare_articles
from archive.law.comparison.pairing import pair
from archive.law.comparison.splitting import split_and_merged
from archive.law.tables.files import table_file
from archive.law.words.numerals import numeral_of
from archive.revision import Revision, compare_states
from bench.tables import plain_table

_SIGNS = (
    "市区县人民政府应当依法管理监督检查部门单位个人申请审批许可处罚责任规定办法保障建设环境安全生产"
)
_WORDS, _LEAST, _MOST = 3000, 15, 50
_PER_CHAPTER = 20
_ARTICLES_OF_A_DOCUMENT = 30
_ROUNDS = 5
_T = TypeVar("_T")


class _Pair(NamedTuple):
    name: str
    before: str
    after: str


class _Drafter:
    """Writes articles and amends them; the same ones every time."""

    def __init__(self) -> None:
        self._draw = random.Random(1)  # noqa: S311 no secret
        self._words = [
            "".join(self._draw.choices(_SIGNS, k=self._draw.randint(2, 4))) for _ in range(_WORDS)
        ]

    def articles(self, count: int) -> list[str]:
        """So many sentences, each of some hundred characters."""
        return [
            "".join(self._draw.choices(self._words, k=self._draw.randint(_LEAST, _MOST))) + "。"
            for _ in range(count)
        ]

    def amended(self, articles: Sequence[str], share: float) -> list[str]:
        """With this share of them amended, repealed, split or followed by a new one."""
        result: list[str] = []
        for one in articles:
            middle = len(one) // 2
            match self._draw.randrange(5) if self._draw.random() < share else None:
                case 0:
                    continue
                case 1:
                    result += [one, *self.articles(1)]
                case 2:
                    result += [f"{one[:middle]}。", one[middle:]]
                case None:
                    result.append(one)
                case _:
                    word = self._draw.choice(self._words)
                    result.append(one[:middle] + word + one[middle + 3 :])
        return result


def _numbered(articles: Sequence[str]) -> str:
    lines: list[str] = []
    for place, one in enumerate(articles):
        if place % _PER_CHAPTER == 0:
            lines.append(f"第{numeral_of(place // _PER_CHAPTER + 1)}章 {one[:4]}")
        lines.append(f"第{numeral_of(place + 1)}条 {one}")
    return "\n".join(lines)


def _pairs(scale: float) -> Iterator[_Pair]:
    drafter = _Drafter()

    def of(count: int) -> list[str]:
        return drafter.articles(max(2, round(count * scale)))

    for count, share in ((200, 0.05), (200, 1.0), (1000, 0.05), (1000, 1.0)):
        articles = of(count)
        yield _Pair(
            f"{len(articles):,} articles, {share:.0%} amended",
            _numbered(articles),
            _numbered(drafter.amended(articles, share)),
        )
    articles = of(1000)
    name = f"{len(articles):,} articles, nothing in common"
    yield _Pair(name, _numbered(articles), _numbered(of(1000)))
    articles = of(10_000)
    name = f"{len(articles):,} paragraphs, 20% amended"
    yield _Pair(name, "\n".join(articles), "\n".join(drafter.amended(articles, 0.2)))


def comparison_table(scale: float) -> Table:
    """The stages of a comparison, for texts of several lengths."""
    table = plain_table(
        f"Articles: comparing two texts, median of {_ROUNDS}, in ms",
        *("characters", "structure, each", "pairing", "splits and mergers", "whole comparison"),
        caption="The whole comparison reads both structures and marks the characters.",
    )
    for name, before, after in _pairs(scale):
        old, new = structure_of(before), structure_of(after)
        reading = _milliseconds(lambda text=before: structure_of(text))
        pairing = _milliseconds(lambda one=old, other=new: pair(one, other))
        # What it finds goes into the pairing, so that each round needs one of its own.
        pairings = iter([pair(old, new) for _ in range(_ROUNDS)])
        splitting = _milliseconds(lambda ready=pairings: split_and_merged(next(ready)))
        whole = _milliseconds(lambda one=before, other=after: compare_articles(one, other))
        figures = (f"{figure:,.1f}" for figure in (reading, pairing, splitting, whole))
        table.add_row(name, f"{len(before):,}", *figures)
    return table


def many_table(documents: int) -> Table:
    """The same over many documents of usual length, and a table to hand over."""
    drafter = _Drafter()
    texts = []
    for _ in range(documents):
        articles = drafter.articles(_ARTICLES_OF_A_DOCUMENT)
        texts.append((_numbered(articles), _numbered(drafter.amended(articles, 0.1))))
    table = plain_table(
        f"Articles: {documents:,} documents of {_ARTICLES_OF_A_DOCUMENT} articles,"
        " and one table of 200",
        "CPU seconds",
        "ms each",
    )
    for name, work in {
        "structure": lambda: [structure_of(before) for before, _ in texts],
        "comparison": lambda: [compare_articles(before, after) for before, after in texts],
    }.items():
        began = time.process_time()
        work()
        spent = time.process_time() - began
        table.add_row(name, f"{spent:,.1f}", f"{spent / documents * 1000:,.2f}")
    revision = _revision(drafter)
    for ending in (".docx", ".xlsx", ".html"):
        taken = _milliseconds(lambda end=ending: table_file(end, revision, whole=True))
        table.add_row(f"a table, {ending}", "", f"{taken:,.0f}")
    return table


def _revision(drafter: _Drafter) -> Revision:
    articles = drafter.articles(200)
    texts = _numbered(articles), _numbered(drafter.amended(articles, 0.3))
    before, after = (State(Fields(title="办法"), text, ()) for text in texts)
    return Revision(
        index_number="/2025-00001",
        title="办法",
        url="http://www.example.org/",
        before=1,
        after=2,
        before_at="2025-01-01T00:00:00+08:00",
        after_at="2025-06-01T00:00:00+08:00",
        states=(before, after),
        comparison=compare_states(before, after),
    )


def _milliseconds(work: Callable[[], _T]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


@click.command(help=__doc__)
@click.option("--documents", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--quick", is_flag=True, help="Short texts only, to see that everything works.")
def main(*, documents: int, quick: bool) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(comparison_table(0.02 if quick else 1.0))
    console.print(many_table(10 if quick else documents))


if __name__ == "__main__":
    main()
