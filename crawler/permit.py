"""The permit to ask: looked at before every request that a crawl sends."""

from __future__ import annotations

from typing import Protocol

from archive.errors import YangeError


class Permit(Protocol):
    """What a crawl may be bound to that is granted elsewhere, and can be lost: a lease, say."""

    def holds(self) -> bool:
        """Whether the next request may be sent. Asked thousands of times: it waits for nothing."""


class _Always:
    def holds(self) -> bool:
        return True


ALWAYS: Permit = _Always()
"""The permit of a crawl that is bound to nothing."""


class PermitLostError(YangeError):
    """The permit was gone before the crawl had come to its end; nothing was asked after that."""

    def __init__(self) -> None:
        super().__init__(
            "the permit to ask the portal was lost before the crawl had come to its end"
        )
