"""What a run that begins or ends means for telling people.

A run is not the worse for what cannot be told: that is logged, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog

from archive.errors import NoArchiveError, YangeError
from scheduler.settings import Settings
from scheduler.telling.collecting import begin
from scheduler.telling.feed_files import write_feeds

logger = structlog.get_logger(__name__)


def before_run(settings: Settings) -> None:
    """Have new rules begin: this run is the first that they tell of."""
    with _logged("rules_not_begun"):
        begin(settings, datetime.now(UTC))


def after_run(settings: Settings) -> None:
    """Write the feeds anew."""
    # A run that could not even make an archive says so itself.
    with _logged("feeds_not_written"), suppress(NoArchiveError):
        write_feeds(settings)


@contextmanager
def _logged(event: str) -> Iterator[None]:
    try:
        yield
    except YangeError as error:
        logger.warning(event, reason=str(error))
