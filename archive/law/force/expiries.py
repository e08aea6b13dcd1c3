"""What will run out: ends that lie ahead, by a document's own term, its 废止日期, or another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from archive.instants import now_ms
from archive.law.force.account import Account, Statement
from archive.law.force.register import Document

Row = dict[str, Any]


class Reason(StrEnum):
    """Why a document ends on a day."""

    OWN_TERM = "own_term"
    """Its own period of validity, or a later extension of it."""
    REPEALED_ON = "repealed_on"
    """The portal's 废止日期."""
    REPEALED_BY_ANOTHER = "repealed_by_another"


@dataclass(frozen=True, slots=True)
class Expiry:
    """An end that lies ahead; `last_day` is the last day in force."""

    document: Document
    last_day: date
    reason: Reason
    statement: Statement | None

    @property
    def uid(self) -> str:
        """What names it for ever in a calendar, whatever day it is moved to."""
        by = self.statement.source.identity if self.statement else ""
        text = "\n".join((self.document.identity, self.reason.value, by))
        return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@yange"


def expiries(account: Account, *, today: date, at_ms: int | None = None) -> Iterator[Expiry]:
    """The ends that lie ahead, of documents that the portal does not show as ended, by day."""
    moment = now_ms() if at_ms is None else at_ms
    found = []
    for document in account.register.documents.values():
        shown = document.current
        if shown.is_shown_ended or document.is_withdrawn(moment):
            continue
        if shown.repealed_on is not None:
            day = date.fromisoformat(shown.repealed_on)
            if day >= today:
                found.append(Expiry(document, day, Reason.REPEALED_ON, None))
        if not account.about(document):
            continue
        force = account.force(document, lambda one: one.current)
        if force.last is not None and force.last >= today:
            found.append(Expiry(document, force.last, Reason.OWN_TERM, force.says_last))
        for one in force.repeals:
            if one.claim.effective_on is not None:
                last = date.fromisoformat(one.claim.effective_on) - timedelta(days=1)
                if last >= today:
                    found.append(Expiry(document, last, Reason.REPEALED_BY_ANOTHER, one))
    found.sort(key=lambda one: (one.last_day, one.document.id, one.reason))
    yield from found


def as_icalendar(rows: list[Row], zone: tzinfo) -> bytes:
    """Rows of `calendar` as an iCalendar feed (RFC 5545): an all-day event each."""
    from datetime import UTC, datetime

    from icalendar import Alarm, Calendar, Event

    feed = Calendar()
    feed.add("prodid", "-//yange//expiries//ZH")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", "yange 到期文件")
    feed.add("x-wr-timezone", str(zone))
    for row in rows:
        day = date.fromisoformat(row["last_day"])
        event = Event()
        event.add("uid", row["uid"])
        # Of the version that says so, so that a feed of unchanged documents is unchanged.
        event.add("dtstamp", datetime.fromisoformat(row["seen"]).astimezone(UTC))
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", f"到期：{row['title']}")
        lines = [row["index_number"], row["document_number"], _IN_WORDS[row["reason"]]]
        if row["claim"]:
            lines.append(f"“{row['claim']['quote']}”")
        event.add("description", "\n".join(line for line in lines if line))
        event.add("url", row["url"])
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"到期：{row['title']}")
        alarm.add("trigger", timedelta(days=-30))
        event.add_component(alarm)
        feed.add_component(event)
    return bytes(feed.to_ical())


_IN_WORDS = {
    Reason.OWN_TERM.value: "有效期届满",
    Reason.REPEALED_ON.value: "门户所示废止日期",
    Reason.REPEALED_BY_ANOTHER.value: "由其他文件废止",
}
