"""One trial: every contestant crawls one and the same portal once, the yardstick first."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from bench.cost import Cost, UnsoundTrialError, cost_of
from bench.portal import Portal, document_path, list_pages
from bench.server import serving
from bench.settings import configuration


class Crawl(StrEnum):
    """The contestants, as the tables name them."""

    BARE = "bare Scrapy"
    MANNERS = "Scrapy with yange's manners"
    FIRST = "first sweep"
    UNCHANGED = "second sweep, the same bytes"
    MOVED = "third sweep, only the template moved"


@dataclass(frozen=True, slots=True)
class Trial:
    """What each crawl of a portal cost, and how large the archive was after each of the sweeps.

    `pages` are those of the documents and of the list, all of which every crawl fetched.
    `received_bytes` and `gzipped_bytes` are the documents' pages, each compressed by itself.
    """

    documents: int
    pages: int
    costs: Mapping[Crawl, Cost]
    archive_bytes: Mapping[Crawl, int]
    received_bytes: int
    gzipped_bytes: int


def hold_trial(documents: int) -> Trial:
    """Let everyone crawl a portal of so many documents. Raises UnsoundTrialError."""
    pages = documents + list_pages(documents)
    received, gzipped = _sizes(documents)
    costs: dict[Crawl, Cost] = {}
    archive_bytes: dict[Crawl, int] = {}
    with tempfile.TemporaryDirectory(prefix="yange-bench-") as folder:
        config, archive = Path(folder, "config.yaml"), Path(folder, "bench.db")

        def sweep(crawl: Crawl, expected: str) -> None:
            costs[crawl] = _sweep(config, expected, documents)
            archive_bytes[crawl] = archive.stat().st_size

        with serving(documents) as port:
            config.write_text(yaml.safe_dump(configuration(port, archive), allow_unicode=True))
            costs[Crawl.BARE] = _yardstick(port, documents, pages)
            sweep(Crawl.FIRST, "created")
            costs[Crawl.MANNERS] = _yardstick(port, documents, pages, "--manners")
            sweep(Crawl.UNCHANGED, "unchanged")
        with serving(documents, edition=1, port=port):
            sweep(Crawl.MOVED, "unchanged")
    return Trial(documents, pages, costs, archive_bytes, received, gzipped)


def _yardstick(port: int, documents: int, pages: int, *arguments: str) -> Cost:
    cost, received = cost_of("bench.yardstick", str(port), str(documents), *arguments)
    if int(received) != pages:
        raise UnsoundTrialError(f"the yardstick fetched {received.strip()} pages of {pages}")
    return cost


def _sweep(config: Path, expected: str, documents: int) -> Cost:
    """Sweep the portal; `expected` is the figure of the run that has to count every document."""
    cost, _ = cost_of("scheduler", "--config", str(config), "crawl", "--mode", "sweep")
    _, said = cost_of("scheduler", "--config", str(config), "runs", "--json")
    run = json.loads(said)[0]
    if run["outcome"] != "finished" or run[expected] != documents:
        raise UnsoundTrialError(f"not all {documents} documents are {expected}: {run}")
    return cost


def _sizes(documents: int) -> tuple[int, int]:
    portal = Portal(documents)
    received = gzipped = 0
    for number in range(documents):
        page = b"".join(portal.page(document_path(number)) or ())
        received += len(page)
        gzipped += len(gzip.compress(page, mtime=0))
    return received, gzipped
