"""The commands that take documents out of an archive, and a whole archive to another place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archive import presentation as people
from archive.catalogue import Catalogue
from archive.commands import Desk, answer, as_json, progress_bar
from archive.door import (
    Done,
    archive_of_portal,
    for_each,
    one_shelf,
    open_catalogue,
    refuse_archives,
    target_of,
)
from archive.selection_options import selected, selection_options
from archive.shelves import PORTAL, Shelf

if TYPE_CHECKING:
    from typing import BinaryIO

    from archive.across.library import Library
    from archive.export.holdings import Holdings
    from archive.selection import Selection

_STDOUT = Path("-")
_ROWS = ("jsonl", "csv")
_STREAMS = (*_ROWS, "warc")
_FORMATS = ("warc", "wacz", "bagit", *_ROWS)
Write = Callable[[Sequence["Holdings"], "BinaryIO"], int]


class _Summary(NamedTuple):
    """What an export says when it is done; `records` are rows, WARC records or versions.

    `ledgers` are the length and the head of each archive's, by portal; of one alone, under no name.
    """

    format: str
    path: str
    whole: bool
    documents: int
    records: int
    ledgers: dict[str, tuple[int, str]]

    def as_json(self) -> dict[str, Any]:
        """The summary as `--json` prints it."""
        told = self._asdict()
        ledgers = told.pop("ledgers")
        length, head = ledgers[""] if "" in ledgers else (_length(ledgers), None)
        told |= {"ledger_length": length, "ledger_head": head}
        if head is None:
            told["ledgers"] = [
                {"portal": portal, "ledger_length": length, "ledger_head": head}
                for portal, (length, head) in ledgers.items()
            ]
        return told

    def in_words(self) -> Iterator[str]:
        """The summary in lines."""
        form = self.format
        kind = "rows" if form in _ROWS else "versions" if form == "bagit" else "records"
        yield f"{self.path}: {self.documents} documents, {self.records} {kind}"
        for portal, (length, head) in self.ledgers.items():
            yield f"{portal}{': ' if portal else ''}ledger head {head} ({length} changes)"


def _length(ledgers: Mapping[str, tuple[int, str]]) -> int:
    return sum(length for length, _ in ledgers.values())


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--versions", is_flag=True, help="jsonl, csv: a row for each version.")
@click.option("--force", is_flag=True, help="Replace the file, or the bag, that is there.")
@selection_options
@as_json
@click.pass_obj
def export(
    desk: Desk,
    /,
    form: str,
    path: Path,
    versions: bool,
    force: bool,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Write the archive, or chosen documents, to PATH in a form that other programs read.

    warc and wacz are web archives, for replay and for `yange import`; bagit is a folder for
    preservation; jsonl and csv have a row for each document. PATH is - for standard output, which
    takes jsonl, csv and warc.
    """
    _check_usage(form, path, versions, as_json)
    selection = selected(desk.timezone, **filters)
    portal = selection.portal
    if desk.kept.is_split:
        # All that is in the archive of a portal is the portal's, so that it can be exported whole.
        selection = replace(selection, portal=None)

    def to(target: Path, catalogue: Catalogue | Library) -> _Summary:
        with progress_bar() as bar:
            task = bar.add_task("documents", total=None)

            def progress(what: str, done: int, total: int) -> None:
                bar.update(task, description=what, completed=done, total=total)

            with _holdings(catalogue, selection, progress) as parts:
                count = _write(list(parts.values()), form, target, force, versions)
                return _summary(form, target, parts, count)

    def of_one(shelf: Shelf) -> _Summary:
        with Catalogue.open(shelf.path, desk.timezone) as catalogue:
            return to(target(shelf), catalogue)

    refuse_archives(desk, path)
    is_for_all = portal is None and form in _ROWS and PORTAL not in str(path)
    if desk.kept.is_split and not is_for_all:
        target = target_of(desk, portal, path, f"{form} is of one")
        done = for_each(desk, portal, of_one)
    else:
        with open_catalogue(desk, portal) as catalogue:
            done = Done([(Shelf(portal, path), to(path, catalogue))], is_one=True)
    if path == _STDOUT:
        return
    if as_json:
        people.print_json(done.as_json(_Summary.as_json))
        return
    for shelf, summary in done.each:
        for line in summary.in_words():
            click.echo(f"{done.of(shelf)}{line}")


@contextmanager
def _holdings(
    catalogue: Catalogue | Library, selection: Selection, progress: Callable[[str, int, int], None]
) -> Iterator[dict[str, Holdings]]:
    """What is chosen of each archive, by portal; of one alone, under no name."""
    if isinstance(catalogue, Catalogue):
        with catalogue.holdings(selection, progress) as holdings:
            yield {"": holdings}
    else:
        with catalogue.holdings(selection, progress) as several:
            yield several


def _summary(form: str, path: Path, parts: Mapping[str, Holdings], count: int) -> _Summary:
    ledgers = {portal: one.ledger for portal, one in parts.items()}
    return _Summary(
        form,
        str(path),
        all(one.is_whole for one in parts.values()),
        sum(one.documents for one in parts.values()),
        count,
        ledgers,
    )


def _check_usage(form: str, path: Path, versions: bool, as_json: bool) -> None:
    if versions and form not in _ROWS:
        raise click.UsageError(f"--versions is for jsonl and csv; {form} always has every version")
    if path != _STDOUT:
        return
    if form not in _STREAMS:
        raise click.UsageError(f"{form} cannot go to standard output; name a place for it")
    if as_json:
        raise click.UsageError("--json prints a summary to standard output, where the export goes")


def _write(
    parts: Sequence[Holdings], form: str, path: Path, force: bool, every_version: bool
) -> int:
    # Here, since these load what no other command needs.
    from archive.export.target import new_file, new_folder

    if form == "bagit":
        from archive.export.bag import write_bag

        with new_folder(path, force=force) as folder:
            return write_bag(parts[0], folder)
    write = _writer(form, every_version)
    if path == _STDOUT:
        return write(parts, sys.stdout.buffer)
    with new_file(path, force=force) as file:
        return write(parts, file)


def _writer(form: str, every_version: bool) -> Write:
    if form == "warc":
        from archive.export.warc import write_warc

        return lambda parts, out: write_warc(parts[0], out).count
    if form == "wacz":
        from archive.export.wacz import write_wacz

        return lambda parts, out: write_wacz(parts[0], out).count
    from archive.export.rows import COLUMNS, sheets, write_csv, write_jsonl

    def rows(parts: Sequence[Holdings]) -> Iterator[dict[str, Any]]:
        for one in parts:
            yield from sheets(one, every_version=every_version)

    if form == "jsonl":
        return lambda parts, out: write_jsonl(rows(parts), out)
    return lambda parts, out: write_csv(rows(parts), COLUMNS, out)


@click.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@archive_of_portal
@as_json
@click.pass_obj
def import_(desk: Desk, /, source: Path, portal: str | None, as_json: bool) -> None:
    """Make the configured archive of FILE, a whole one that `export warc` or `wacz` wrote.

    Documents, versions, readings, runs and the ledger are what they were. There must not be an
    archive with anything in it yet; of a damaged file nothing is imported.
    """
    from archive.importing import import_archive

    shelf = one_shelf(desk, portal, "a file becomes one of them")
    with progress_bar() as bar:
        task = bar.add_task("export", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = import_archive(source, shelf.path, progress, portal=shelf.portal)
    sentence = (
        f"{shelf.path}: {found.documents} documents, {found.versions} versions,"
        f" {found.bodies} bodies, {found.ledger_length} changes\n"
        f"ledger head {found.ledger_head}"
    )
    answer(found._asdict(), [sentence], as_json)


COMMANDS: list[click.Command] = [export, import_]
