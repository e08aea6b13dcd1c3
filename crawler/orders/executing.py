"""Carrying out an order without an archive: the ordinary crawl, kept in a spool."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import structlog

from archive.account import Account
from archive.export.target import TargetExistsError, new_file
from archive.instants import now_ms
from archive.reading import Reader
from archive.runs import RunOutcome, Stop
from archive.spools.form import SpoolHead
from archive.spools.writing import SpoolWriter
from crawler.crawl import carry_out
from crawler.orders.file import OrderFile, OrderRefusedError, opened
from crawler.orders.knowledge import Knowledge
from crawler.orders.spool_keeper import SpoolKeeper
from crawler.permit import ALWAYS, Permit
from crawler.reading import PageReader, ReaderSettings
from crawler.session import Session

_log = structlog.get_logger(__name__)


class Executed(NamedTuple):
    """An order that was carried out: how its crawl ended, as far as that can be said by then."""

    order_id: str
    portal: str
    outcome: RunOutcome
    stopped: Stop | None
    pages: int
    problems: tuple[str, ...]


def execute(
    order_path: Path,
    spool_path: Path,
    permit: Permit = ALWAYS,
    *,
    asked_why: Callable[[], str] = str,
) -> Executed:
    """Carry out the order at `order_path` in this process, and write what it finds to a spool.

    The spool appears at `spool_path` when it is whole and on the disk, however the crawl ended, and
    not at all where this raises an error. To be called once a process: Twisted's reactor starts
    only once. Raises OrderRefusedError, TargetExistsError, TargetUnusableError,
    SpoolUnwritableError, and PermitLostError where `permit` ceased to hold.
    """
    if spool_path.exists():
        raise TargetExistsError(spool_path, "name another file for the spool")
    with opened(order_path) as (file, lines), closing(Knowledge(lines)) as knowledge:
        order = file.order
        with structlog.contextvars.bound_contextvars(
            order=file.id, portal=order.portal, mode=order.mode.value, job=order.job
        ):
            reader = _reader(order_path, file)
            with new_file(spool_path, force=False) as out:
                _log.info("order_begun")
                keeper = SpoolKeeper(
                    knowledge,
                    SpoolWriter(out, _head(file, reader)),
                    spool_path,
                    trusts_digests=reader.name == file.reader,
                )
                account = Account(listener=keeper)
                session = Session(order, keeper, reader, account, permit)
                ending = carry_out(session, asked_why)
                if session.error is not None:
                    raise session.error
                keeper.finish(ending.outcome, requests=ending.requests, received=ending.received)
            done = Executed(
                file.id,
                order.portal,
                ending.outcome,
                session.stop,
                account.pages,
                tuple(account.problems(run_id=0)),
            )
            _log.info("order_carried_out", outcome=done.outcome.value, pages=done.pages)
            return done


def _head(file: OrderFile, reader: Reader) -> SpoolHead:
    order = file.order
    return SpoolHead(
        order_id=file.id,
        portal=order.portal,
        mode=order.mode.value,
        job=order.job,
        slot=order.slot,
        after_run=file.after_run,
        reader=reader.name,
        started_ms=now_ms(),
    )


def _reader(path: Path, file: OrderFile) -> Reader:
    """The reader that the order names, or what this version of yange has in its place."""
    try:
        return PageReader(ReaderSettings.from_json(file.reader_settings))
    except (ValueError, KeyError, TypeError) as error:
        raise OrderRefusedError(
            path, "has settings of a reader that this yange does not understand"
        ) from error
