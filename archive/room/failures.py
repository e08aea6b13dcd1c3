"""What a visitor is told where there is no answer: a status, and what kind of failure it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import structlog

from archive.errors import (
    AmbiguousError,
    ArchiveUnusableError,
    BusyError,
    ConfigurationError,
    NotFoundError,
    TookTooLongError,
)
from archive.locations import NotALocationError
from archive.room.comparing import TooLongToCompareError
from archive.room.concluding.concluder import NotConcludedYetError
from archive.room.concluding.process import StillReading
from archive.room.guard.rates import TooOftenError
from archive.room.pages.downloads import TooManyRowsError

_log = structlog.get_logger(__name__)


class Failure(NamedTuple):
    """An HTTP status, and the word for it: `failure.KIND` among the room's texts.

    `values` are what is put into that text.
    """

    status: int
    kind: str
    values: Mapping[str, object] = MappingProxyType({})


def told(error: Exception) -> Failure:
    """What an error amounts to for a visitor; what the operator should know of it is logged."""
    failure = _failure_of(error)
    if failure.kind == "broken":
        _log.error("request_failed", exc_info=error)
    elif failure.kind == "unusable":
        _log.error("archive_unusable", reason=str(error))
    return failure


def _failure_of(error: Exception) -> Failure:
    match error:
        case AmbiguousError():
            return Failure(300, "ambiguous")
        case NotFoundError():
            return Failure(404, "not_found")
        case TooManyRowsError():
            return Failure(422, "too_many_rows")
        case ConfigurationError() | NotALocationError():
            return Failure(400, "bad_request")
        case TooLongToCompareError():
            return Failure(422, "too_long_to_compare")
        case TooOftenError():
            return Failure(429, "too_often")
        case NotConcludedYetError(so_far=None):
            return Failure(503, "concluding")
        case NotConcludedYetError(so_far=StillReading() as so_far):
            return Failure(503, "reading", so_far._asdict())
        case TookTooLongError():
            return Failure(503, "took_too_long")
        case BusyError():
            return Failure(503, "busy")
        case ArchiveUnusableError():
            return Failure(503, "unusable")
        case _:
            return Failure(500, "broken")
