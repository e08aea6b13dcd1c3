"""Redirects to locations that the run asks for anyway.

A location is asked once a run, and what stands there is said of every location that led there. When
a portal sends all its pages to one notice, each of them is suspect (R10), and the run stops (R11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from archive.capture import Capture, Hop, Outcome
from archive.locations import location_key
from crawler.verdict import Verdict


class Redirected(NamedTuple):
    """An answer that leads to `target`, by way of `hops`."""

    capture: Capture
    hops: tuple[Hop, ...]
    target: str


class Landings:
    """What this run found where redirects led, and the redirects that still wait for that."""

    def __init__(self) -> None:
        self._found: dict[str, Verdict | None] = {}
        self._waiting: dict[str, list[Redirected]] = {}

    def lead(self, redirected: Redirected) -> Iterator[Capture]:
        """Say of a redirect what its target is, now or when `settle` tells it."""
        key = location_key(redirected.target)
        if key in self._found:
            yield from _told(redirected, self._found[key])
        else:
            self._waiting.setdefault(key, []).append(redirected)

    def settle(self, url: str, verdict: Verdict | None) -> Iterator[Capture]:
        """What stands at a location is known: None where it is a document or leads on."""
        key = location_key(url)
        self._found[key] = verdict
        for redirected in self._waiting.pop(key, ()):
            yield from _told(redirected, verdict)


def said_of(capture: Capture, hops: tuple[Hop, ...], outcome: Outcome, reason: str) -> Capture:
    """A capture that is no document: it is said of the location that was asked."""
    asked = hops[0].url if hops else capture.url
    return replace(capture, url=asked, outcome=outcome, reason=reason, moved_from=())


def _told(redirected: Redirected, verdict: Verdict | None) -> Iterator[Capture]:
    capture, hops, target = redirected
    if verdict is not None:
        yield said_of(capture, hops, *verdict)
        return
    for hop in hops:
        yield replace(
            capture, url=hop.url, outcome=Outcome.MOVED, status=hop.status, moved_to=target
        )
