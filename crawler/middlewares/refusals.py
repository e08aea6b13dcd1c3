"""Why a request was not sent: each reason a type, each error a sentence."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class NotAsked(IgnoreRequest):
    """Base of the outcomes of a request that was never sent; `reason` says why in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutsideFence(NotAsked):
    """The address is not one that the portal's `hosts` allow."""


class ForbiddenByRobots(NotAsked):
    """The host's robots.txt forbids the address."""


class RobotsUnavailable(NotAsked):
    """The host's robots.txt could not be had, which forbids the whole host for this run."""


class AskedToWait(NotAsked):
    """The host asked to be left alone for longer than this run waits."""


class RunEnding(NotAsked):
    """The run came to its end while the request was still waiting for its turn."""
