"""What claims and conflicts cost in a large archive of rules; `python -m bench.force`.

Of the rules most say when they take effect, a third for how long, one in ten repeals an earlier
one, and every hundredth is a clean-up decision with fifty rows.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from archive.catalogue import Catalogue
from archive.fields import Fields
from archive.law.claims.reading import read_claims
from bench.large import make_archive, plain_page
from bench.tables import plain_table

_ROWS = 50
_ARTICLES = 200
_ZONE = ZoneInfo("Asia/Shanghai")
_DAY = date(2019, 7, 1)


def rule_page(number: int, edition: int) -> dict[str, Any]:
    """The page of a rule: such a text's ends, around the words of any other document."""
    page = plain_page(number, edition)
    draw = random.Random(number)  # noqa: S311 the same text every time, and no secret
    page["title"] = rule_title(number)
    page["document_number"] = rule_number(number)
    lines = [f"第{place}条 {line}" for place, line in enumerate(page["lines"] * 3, 1)]
    if number % 100 == 99:
        page["title"] = f"砚湖市人民政府关于废止第{number}批行政规范性文件的决定"
        lines.append("一、废止的行政规范性文件目录")
        lines.append("序号\t文件名称\t文号")
        for row in range(_ROWS):
            other = draw.randrange(number)
            lines.append(f"{row + 1}\t{rule_title(other)}\t{rule_number(other)}")
    else:
        term = "，有效期5年" if number % 3 == 0 else ""
        lines.append(f"本办法自{draw.randrange(2012, 2026)}年{number % 12 + 1}月1日起施行{term}。")
        if number % 10 == 7:
            other = draw.randrange(number)
            lines[-1] += f"《{rule_title(other)}》（{rule_number(other)}）同时废止。"
    return {**page, "lines": lines}


def rule_title(number: int) -> str:
    """The title of the rule of that number."""
    return f"砚湖市第{number}号事项管理办法"


def rule_number(number: int) -> str:
    """Its document number."""
    return f"砚政规〔{2000 + number % 25}〕{number}号"


@click.command(help=__doc__)
@click.option("--documents", type=click.IntRange(min=200), default=20_000, show_default=True)
def force(*, documents: int) -> None:
    table = plain_table("claims and conflicts", "found", "CPU seconds")
    text = "\n".join(f"第{n}条 {line}" for n, line in enumerate(_lines(_ARTICLES), 1))
    text += "\n本办法自2024年1月1日起施行，有效期5年。《砚湖市旧办法》同时废止。"
    fields = Fields(title="砚湖市办法", published_at="2024-01-01T00:00:00+08:00")
    _add(table, f"claims of {_ARTICLES} articles", lambda: len(read_claims(text, fields)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.db"
        make_archive(path, documents, 1, page_of=rule_page)
        for warm in ("cold", "warm"):
            with Catalogue.open(path, _ZONE) as catalogue:
                _add(
                    table,
                    f"conflicts of {documents:,} documents, {warm}",
                    lambda: len(catalogue.conclusions().conflicts(resolved=True)),
                )
        with Catalogue.open(path, _ZONE) as catalogue:
            _add(table, "in force on a day", lambda: len(catalogue.conclusions().in_force(_DAY)))
        with Catalogue.open(path, _ZONE) as catalogue:
            _add(table, "calendar", lambda: len(catalogue.conclusions().calendar()))
        with Catalogue.open(path, _ZONE) as catalogue:
            _add(table, "claims of all", lambda: len(catalogue.conclusions().claims()))
        size = path.with_name(f"{path.name}.conclusions").stat().st_size
        table.add_row("the file beside the archive", f"{size / 1024:,.0f} KiB", "")
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _lines(count: int) -> list[str]:
    return [line for number in range(count // 10) for line in plain_page(number, 0)["lines"]]


def _add(table: Table, what: str, act: Callable[[], int]) -> None:
    began = time.process_time()
    found = act()
    table.add_row(what, f"{found:,}", f"{time.process_time() - began:.3f}")


if __name__ == "__main__":
    force()
