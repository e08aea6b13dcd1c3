"""What a visitor is told where there is no answer: a status, and what kind of failure it is."""

from __future__ import annotations

from typing import NamedTuple

from archive.errors import (
    AmbiguousError,
    ArchiveUnusableError,
    BusyError,
    ConfigurationError,
    NotFoundError,
    TookTooLongError,
    YangeError,
)


class Failure(NamedTuple):
    """An HTTP status, and the word for it: `failure.KIND` among the room's texts."""

    status: int
    kind: str


def failure_of(error: YangeError) -> Failure:
    """What an error amounts to for a visitor."""
    match error:
        case AmbiguousError():
            return Failure(300, "ambiguous")
        case NotFoundError():
            return Failure(404, "not_found")
        case ConfigurationError():
            return Failure(400, "bad_request")
        case TookTooLongError():
            return Failure(503, "took_too_long")
        case BusyError():
            return Failure(503, "busy")
        case ArchiveUnusableError():
            return Failure(503, "unusable")
        case _:
            return Failure(500, "broken")
