"""Ingesting what was delivered for an order: in a process of its own, as often as it takes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

from archive.archive import Archive
from archive.errors import YangeError
from archive.runs import RunOutcome
from archive.spools.form import SpoolRefusedError
from archive.spools.reading import open_spool
from scheduler.child import start_child
from scheduler.configuration import Configuration
from scheduler.fleet.papers import DamagedError, Delivery, Papers
from scheduler.readers import Readers

logger = structlog.get_logger(__name__)


class Ingest:
    """The ingest of one spool. One thread runs it; any may end it."""

    def __init__(self, configuration: Configuration, portal: str, folder: Path) -> None:
        """`folder` is where the spool lies meanwhile."""
        self._configuration = configuration
        self._settings = configuration.settings
        self._portal = portal
        self._folder = folder
        self._child: psutil.Popen | None = None
        self._is_ended = False

    def end(self, how: Callable[[psutil.Popen], None] = psutil.Popen.terminate) -> None:
        """End what is under way; whoever takes it up again goes on where it was."""
        self._is_ended = True
        child = self._child
        if child is not None:
            with suppress(psutil.NoSuchProcess):
                how(child)

    def run(self, papers: Papers, delivery: Delivery) -> RunOutcome | None:
        """Fetch the spool and record it; how its run ended, None if that is to be tried again.

        Raises DamagedError and SpoolRefusedError for a spool that never will be recorded.
        """
        path = self._folder / f"{papers.order}.warc.gz"
        try:
            papers.get_spool(delivery, path)
            self._record(path)
            return self._outcome(papers.order, path)
        except (DamagedError, SpoolRefusedError):
            raise
        except (YangeError, OSError) as error:
            self._log(papers, str(error))
            return None
        finally:
            path.unlink(missing_ok=True)

    def _record(self, path: Path) -> None:
        child = start_child(self._configuration, ["ingest", str(path), "--tethered"])
        self._child = child
        try:
            if self._is_ended:
                child.terminate()
            child.wait()
        finally:
            self._child = None
            with suppress(OSError):
                child.stdin.close()

    def _outcome(self, order: str, path: Path) -> RunOutcome | None:
        """What the archive says of it, whatever became of the process."""
        kept = self._settings.archive
        with Archive.open(
            kept.path_of(self._portal), Readers(self._settings), busy_seconds=kept.busy_seconds
        ) as archive:
            if archive.is_ingested(order):
                return archive.ingest(path).outcome
        with open_spool(path):
            pass  # it is whole: something else keeps it from being recorded
        if not self._is_ended:
            raise YangeError("the process that ingests ended before its end; its log says why")
        return None

    def _log(self, papers: Papers, reason: str) -> None:
        logger.error("spool_not_ingested", portal=self._portal, order=papers.order, reason=reason)
