"""The commands that take documents out of an archive, and a whole archive to another place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from archive.commands import Desk, answer, as_json, check_portal, open_catalogue, progress_bar
from archive.selection_options import selected, selection_options

if TYPE_CHECKING:
    from typing import BinaryIO

    from archive.export.holdings import Holdings

_STDOUT = Path("-")
_ROWS = ("jsonl", "csv")
_STREAMS = (*_ROWS, "warc")
_FORMATS = ("warc", "wacz", "bagit", *_ROWS)
Write = Callable[["Holdings", "BinaryIO"], int]


class _Summary(NamedTuple):
    """What an export says when it is done; `records` are rows, WARC records or versions."""

    format: str
    path: str
    whole: bool
    documents: int
    records: int
    ledger_length: int
    ledger_head: str


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
    # Here, since this module is loaded by commands that write nothing.
    from archive.export.target import refuse_archive

    _check_usage(form, path, versions, as_json)
    selection = selected(desk.timezone, **filters)
    with open_catalogue(desk) as catalogue, progress_bar() as bar:
        check_portal(desk, catalogue, selection.portal)
        refuse_archive(path, desk.archive_path)
        task = bar.add_task("documents", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        with catalogue.holdings(selection, progress) as holdings:
            count = _write(holdings, form, path, force=force, every_version=versions)
            summary = _Summary(
                form, str(path), holdings.is_whole, holdings.documents, count, *holdings.ledger
            )
    if path == _STDOUT:
        return
    kind = "rows" if form in _ROWS else "versions" if form == "bagit" else "records"
    sentence = (
        f"{path}: {summary.documents} documents, {count} {kind}\n"
        f"ledger head {summary.ledger_head} ({summary.ledger_length} changes)"
    )
    answer(summary._asdict(), [sentence], as_json)


def _check_usage(form: str, path: Path, versions: bool, as_json: bool) -> None:
    if versions and form not in _ROWS:
        raise click.UsageError(f"--versions is for jsonl and csv; {form} always has every version")
    if path != _STDOUT:
        return
    if form not in _STREAMS:
        raise click.UsageError(f"{form} cannot go to standard output; name a place for it")
    if as_json:
        raise click.UsageError("--json prints a summary to standard output, where the export goes")


def _write(holdings: Holdings, form: str, path: Path, *, force: bool, every_version: bool) -> int:
    # Here, since these load what no other command needs.
    from archive.export.target import new_file, new_folder

    if form == "bagit":
        from archive.export.bag import write_bag

        with new_folder(path, force=force) as folder:
            return write_bag(holdings, folder)
    write = _writer(form, every_version)
    if path == _STDOUT:
        return write(holdings, sys.stdout.buffer)
    with new_file(path, force=force) as file:
        return write(holdings, file)


def _writer(form: str, every_version: bool) -> Write:
    if form == "warc":
        from archive.export.warc import write_warc

        return lambda holdings, out: write_warc(holdings, out).count
    if form == "wacz":
        from archive.export.wacz import write_wacz

        return lambda holdings, out: write_wacz(holdings, out).count
    from archive.export.rows import COLUMNS, sheets, write_csv, write_jsonl

    if form == "jsonl":
        return lambda held, out: write_jsonl(sheets(held, every_version=every_version), out)
    return lambda held, out: write_csv(sheets(held, every_version=every_version), COLUMNS, out)


@click.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def import_(desk: Desk, /, source: Path, as_json: bool) -> None:
    """Make the configured archive of FILE, a whole one that `export warc` or `wacz` wrote.

    Documents, versions, readings, runs and the ledger are what they were. There must not be an
    archive with anything in it yet; of a damaged file nothing is imported.
    """
    from archive.importing import import_archive

    with progress_bar() as bar:
        task = bar.add_task("export", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = import_archive(source, desk.archive_path, progress)
    sentence = (
        f"{desk.archive_path}: {found.documents} documents, {found.versions} versions,"
        f" {found.bodies} bodies, {found.ledger_length} changes\n"
        f"ledger head {found.ledger_head}"
    )
    answer(found._asdict(), [sentence], as_json)


COMMANDS: list[click.Command] = [export, import_]
