"""Pages that are not the document (R10): the catalogue.

Damage is told by the bytes, whatever else is on the page. Everything else stands where a page
should be, so it counts only on a page that has nothing of a document: no metadata, no body of
known name, no date or source of its publication, no title of one, and little text of its own. A
document about maintenance is a document. Only where an error is all that there is for a text, the
metadata around it does not help it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archive.reading import Nature
from crawler.notices import Notice
from crawler.reading.damage import is_binary, is_empty
from crawler.reading.evidence import Evidence
from crawler.reading.page import Page
from crawler.reading.signs import (
    DEFAULT_PAGE,
    MAINTENANCE,
    NOT_FOUND,
    REFUSAL,
    SERVER_ERROR,
    Sign,
    asks_to_log_in,
    by_status_alone,
    challenges,
    cut_off,
    damaged,
    fails_in_place,
    is_data,
    leads_elsewhere,
    leads_to_front_page,
    says,
)

# Of an error's body, as much as says what it is.
_PROBE = 65536


class Finding(NamedTuple):
    """Why a page is not the document, and which nature that gives it."""

    nature: Nature
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kind of page that is not the document.

    `name` is its short and lasting name; to one that is a `Notice` a portal can add phrases.
    `reason` is what captures and runs show, `told_by` how it is told, in words, and `holds` the
    same in code. `statuses` tell it by themselves, whatever came with them.
    """

    name: str
    nature: Nature
    reason: str
    told_by: str
    holds: Sign
    statuses: tuple[int, ...] = ()


CATALOGUE = (
    Entry(
        name="empty",
        nature=Nature.SUSPECT,
        reason="an empty body",
        told_by="no bytes but white space",
        holds=damaged(is_empty),
    ),
    Entry(
        name="binary",
        nature=Nature.SUSPECT,
        reason="a file where a page should be",
        told_by="the first bytes of a kind of file, or more control characters than text has",
        holds=damaged(is_binary),
    ),
    Entry(
        name=Notice.SCRIPT_CHALLENGE,
        nature=Nature.BLOCKED,
        reason="a firewall's script challenge",
        told_by="next to no text and no menu, but a script that is known from firewalls, sets a "
        "cookie and loads the page again, or a request to enable JavaScript",
        holds=challenges,
        statuses=(412, 521),
    ),
    Entry(
        name="cut-off",
        nature=Nature.SUSPECT,
        reason="a page that was cut off",
        told_by="it ends inside a tag, a comment, a script or an element that is never left open, "
        "or without `</body>` before it has said anything",
        holds=cut_off,
    ),
    Entry(
        name=Notice.FIREWALL_REFUSAL,
        nature=Nature.BLOCKED,
        reason="a firewall's refusal",
        told_by="a bare page that says access was refused, intercepted, or needs to be verified",
        holds=says(REFUSAL),
        statuses=(403, 493),
    ),
    Entry(
        name="too-many-requests",
        nature=Nature.BLOCKED,
        reason="too many requests",
        told_by="its status",
        holds=by_status_alone,
        statuses=(429,),
    ),
    Entry(
        name="default-page",
        nature=Nature.SUSPECT,
        reason="a web server's default page",
        told_by="a bare page with the words that web servers come with",
        holds=says(DEFAULT_PAGE),
    ),
    Entry(
        name=Notice.NOT_FOUND,
        nature=Nature.SUSPECT,
        reason="a page-not-found notice",
        told_by="a bare page that says there is no such page, or that it was deleted",
        holds=says(NOT_FOUND),
    ),
    Entry(
        name=Notice.MAINTENANCE,
        nature=Nature.SUSPECT,
        reason="a maintenance notice",
        told_by="a bare page that says the site is being maintained, upgraded or closed",
        holds=says(MAINTENANCE),
    ),
    Entry(
        name=Notice.SERVER_ERROR,
        nature=Nature.SUSPECT,
        reason="a server's error page",
        told_by="a bare page that says something went wrong on the server",
        holds=says(SERVER_ERROR),
    ),
    Entry(
        name="error-as-text",
        nature=Nature.SUSPECT,
        reason="an error where the text should be",
        told_by="its text, without files, is one line that begins by saying that the server failed "
        "or that the text is still to be loaded",
        holds=fails_in_place,
    ),
    Entry(
        name=Notice.LOGIN_PAGE,
        nature=Nature.SUSPECT,
        reason="a login page",
        told_by="a bare page with a field for a password or a title that says so, or a page that "
        "only sends its visitor to an address for logging in",
        holds=asks_to_log_in,
        statuses=(401, 511),
    ),
    Entry(
        name="data",
        nature=Nature.SUSPECT,
        reason="data where a page should be",
        told_by="JSON from the first character to the last",
        holds=is_data,
    ),
    Entry(
        name="to-front-page",
        nature=Nature.SUSPECT,
        reason="a page that only leads to a front page",
        told_by="nothing to read, but a refresh or a script that leads to the front page of the "
        "host or the site",
        holds=leads_to_front_page,
    ),
    Entry(
        name="to-elsewhere",
        nature=Nature.OTHER,
        reason="a page that only leads elsewhere",
        told_by="nothing to read, but a refresh or a script that leads to another page",
        holds=leads_elsewhere,
    ),
)
"""Every page that is known not to be the document; the first entry that holds counts."""

_IN_PLACE_OF_FILES = frozenset({"empty", "data", *Notice})


def recognise(
    evidence: Evidence, notices: Mapping[str, Sequence[str]] | None = None
) -> Finding | None:
    """The first entry of the catalogue that a page is, or None.

    `notices` are further phrases of the portal, by the names of the entries that they belong to.
    """
    for entry in CATALOGUE:
        if entry.holds(evidence, (notices or {}).get(entry.name, ())):
            return Finding(entry.nature, entry.reason)
    return None


def judge_file(body: bytes) -> Finding | None:
    """What stands in the place of an attachment, None where the bytes can be the attachment.

    That is nothing at all, a program's data, or a line that says what went wrong.
    """
    page = Page(body[:_PROBE], url="")
    if not is_empty(page) and (len(body) > _PROBE or is_binary(page)):
        return None
    evidence = Evidence(page)
    return next(
        (
            Finding(entry.nature, entry.reason)
            for entry in CATALOGUE
            if entry.name in _IN_PLACE_OF_FILES and entry.holds(evidence, ())
        ),
        None,
    )


def judge_status(status: int, body: bytes) -> Finding | None:
    """What an error status says about who answered; None for the portal itself.

    Statuses in the catalogue count by themselves; any other error status counts as blocked where
    `body` is a firewall's.
    """
    for entry in CATALOGUE:
        if status in entry.statuses:
            return Finding(entry.nature, f"{entry.reason} (status {status})")
    if status < 400:
        return None
    evidence = Evidence(Page(body[:_PROBE], url=""))
    for entry in CATALOGUE:
        if entry.nature is Nature.BLOCKED and entry.holds(evidence, ()):
            return Finding(entry.nature, f"{entry.reason} (status {status})")
    return None
