"""What the archive is likely to find of a capture, as far as an order lets it be known. Pure.

A crawl that most pages are suspect to ends early (R11), also where it is the archive that doubts
them. Nothing is decided here: what becomes of a capture is decided when it is recorded.
"""

from __future__ import annotations

from archive.capture import Capture, Outcome
from archive.likeness import titles_agree
from archive.plausibility import SEVERAL, stated
from archive.reading import Reading
from archive.recording import Recorded
from crawler.orders.knowledge import Place

_ACCEPTABLE = (Outcome.OTHER, Outcome.BLOCKED, Outcome.SUSPECT)


def expected(capture: Capture, place: Place) -> Recorded:
    """How a capture of `place` will probably count."""
    if place.is_accepted and capture.outcome in _ACCEPTABLE:
        # A person said of an odd page there that it is the document; so may be said of this one.
        return Recorded(Outcome.UNCHANGED)
    if place.has_document and capture.outcome is Outcome.OTHER:
        return Recorded(Outcome.SUSPECT, f"no longer a document: {capture.reason}")
    # An order for new documents does not say what is known of the others.
    if capture.reading is not None and place.attachments is not None:
        reason = _doubt(capture.reading, place)
        if reason:
            return Recorded(Outcome.SUSPECT, reason)
    return Recorded(capture.outcome, capture.reason)


def _doubt(reading: Reading, place: Place) -> str:
    """Why a page will hardly pass for the document that stood there; `""` if it may."""
    if place.stated >= SEVERAL and not stated(reading.fields):
        return "a known document without its metadata"
    if reading.fields.index_number != place.number and not titles_agree(
        reading.fields.title, place.title
    ):
        return "number and title have both changed at once"
    return ""
