"""Messages: what was gathered, in words that a person can act on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.law.conflicts.conflict import Conflict
from archive.telling.change import difference, facts, headline, link, links, summary, title_of
from archive.telling.pages import RoomPages
from archive.telling.prose import Line, Piece, printable
from archive.telling.wording import WORDINGS, Language, Row
from scheduler.telling.ending_lines import ending_lines, rest_of_endings
from scheduler.telling.gathering import Gathered
from scheduler.telling.troubles import RunTold
from scheduler.telling.wording import MESSAGE_WORDINGS

Weight = Literal["info", "success", "warning", "failure"]

_DETAILED = 6
"""Documents that are told of in detail; where there are more, each is one line."""
_PER_DOCUMENT = 6
_PROBLEMS = 5
_CONFLICTS = 20
_FIGURES = (
    "pages",
    "created",
    "changed",
    "unchanged",
    "withdrawn",
    "blocked",
    "failed",
)
_MARK = "[yange] "


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is kept until it has been delivered.

    `rest` says where the whole can be seen: it is kept when a service takes less than all lines.
    `plain_subject` has no word of a portal's in it.
    """

    subject: str
    plain_subject: str
    lines: tuple[Line, ...]
    rest: tuple[Line, ...]
    weight: Weight
    language: Language


@dataclass(frozen=True, slots=True)
class Composer:
    """Words messages in one language, with the portals' names, and links into the room."""

    language: Language
    portals: Mapping[str, str]
    room: RoomPages | None

    def message(self, found: Gathered, digest_of: datetime | None = None) -> Message:
        """The one message that tells of all that was gathered.

        `digest_of` is the moment that a digest was due at.
        """
        lines = [line for run in found.runs for line in self._run(run)]
        lines += self._conflicts(found.conflicts)
        if found.changes:
            lines += self._changes(found)
        lines += ending_lines(found.endings, self.language, self.portals, self.room)
        return Message(
            _MARK + self._subject(found, digest_of, self._subject_of_changes),
            _MARK + self._subject(found, digest_of, self._count),
            tuple(lines),
            tuple(self._rest(found)),
            _weight(found),
            self.language,
        )

    def test(self, rule: str) -> Message:
        """A message that says no more than that messages arrive."""
        words = MESSAGE_WORDINGS[self.language]
        subject = _MARK + words.test_subject.format(rule=rule)
        return Message(
            subject,
            subject,
            (Line.of(words.test_text.format(rule=rule)),),
            (),
            "info",
            self.language,
        )

    # --- subjects -----------------------------------------------------------------------------

    def _subject(
        self,
        found: Gathered,
        digest_of: datetime | None,
        of_changes: Callable[[Gathered], str],
    ) -> str:
        wording = WORDINGS[self.language]
        said = []
        if digest_of is not None:
            day = digest_of.date().isoformat()
            said.append(MESSAGE_WORDINGS[self.language].digest.format(day=day))
        if found.runs:
            said.append(self._subject_of_runs(found.runs))
        if found.conflicts:
            words = MESSAGE_WORDINGS[self.language]
            said.append(words.conflicts_subject.format(count=len(found.conflicts)))
        if found.changes:
            said.append(of_changes(found))
        if found.endings:
            words = MESSAGE_WORDINGS[self.language]
            said.append(words.endings_subject.format(count=len(found.endings)))
        return wording.separator.join(said)

    def _subject_of_runs(self, runs: list[RunTold]) -> str:
        words = MESSAGE_WORDINGS[self.language]
        if len(runs) > 1:
            return words.runs_subject.format(count=len(runs))
        [told] = runs
        phrase = words.run_recovered_subject if told.state == "recovered" else words.run_subject
        return phrase.format(
            portal=self._portal(told.row["portal"]),
            mode=words.modes.get(told.row["mode"], told.row["mode"]),
            outcome=words.outcomes[told.trouble],
        )

    def _subject_of_changes(self, found: Gathered) -> str:
        wording, words = WORDINGS[self.language], MESSAGE_WORDINGS[self.language]
        if len(found.seen) > 1:
            return self._count(found)
        [rows] = found.documents.values()
        said = f"{self._portal(rows[0]['portal'])}{wording.colon}{headline(rows[0], wording)}"
        if len(rows) > 1:
            said += wording.separator + words.and_more.format(changes=found.changes)
        return said

    def _count(self, found: Gathered) -> str:
        wording, words = WORDINGS[self.language], MESSAGE_WORDINGS[self.language]
        if len(found.portals) == 1:
            [portal] = (self._portal(key) for key in found.portals)
        else:
            portal = words.several_portals.format(count=len(found.portals))
        said = words.documents.format(documents=len(found.seen), changes=found.changes)
        return f"{portal}{wording.colon}{said}"

    # --- changes ------------------------------------------------------------------------------

    def _changes(self, found: Gathered) -> Iterator[Line]:
        wording, words = WORDINGS[self.language], MESSAGE_WORDINGS[self.language]
        if len(found.seen) > 1:
            kinds = wording.separator.join(
                words.kind_count.format(kind=wording.kinds[kind], count=count)
                for kind, count in found.kinds.most_common()
            )
            yield Line.of(words.kinds_counted.format(changes=found.changes, kinds=kinds))
        if len(found.seen) <= _DETAILED:
            for document, rows in found.documents.items():
                yield from self._document(document, rows)
            return
        for document, rows in found.documents.items():
            yield self._in_a_line(document, rows)

    def _document(self, document: int, rows: list[Row]) -> Iterator[Line]:
        wording, words = WORDINGS[self.language], MESSAGE_WORDINGS[self.language]
        last = rows[-1]
        yield Line.of(title_of(last), role="heading")
        yield facts(last, wording, self._portal(last["portal"]))
        for row in rows[:_PER_DOCUMENT]:
            yield from difference(row, wording)
        if len(rows) > _PER_DOCUMENT:
            yield Line.of(words.and_more.format(changes=len(rows)))
        yield from links(last, wording, self._page(last, document))

    def _in_a_line(self, document: int, rows: list[Row]) -> Line:
        wording = WORDINGS[self.language]
        last = rows[-1]
        said = wording.separator.join(summary(row, wording) for row in rows[:_PER_DOCUMENT])
        address = self._page(last, document) or last["url"]
        return Line.of(Piece(title_of(last), address=address), f" — {said}", role="item")

    def _page(self, row: Row, document: int) -> str | None:
        return self.room.change(row, document) if self.room else None

    # --- conflicts ----------------------------------------------------------------------------

    def _conflicts(self, found: list[Conflict]) -> Iterator[Line]:
        wording, words = WORDINGS[self.language], MESSAGE_WORDINGS[self.language]
        for one in found[:_CONFLICTS]:
            evidence = one.evidence
            of = evidence.get("title") or evidence.get("series") or one.index_number or ""
            yield Line.of(
                Piece(printable(of), address=evidence.get("url")),
                f" — {words.conflicts[one.kind]}",
                role="item",
            )
            claim = evidence.get("claim")
            if claim:
                by = evidence.get("by_title")
                source = f"{printable(by)}{wording.colon}" if by else ""
                yield Line.of(f"{source}“{printable(claim['quote'])}”")
        if found:
            yield Line.of(words.conflicts_rest)

    # --- runs ---------------------------------------------------------------------------------

    def _run(self, told: RunTold) -> Iterator[Line]:
        words = MESSAGE_WORDINGS[self.language]
        row = told.row
        yield Line.of(self._subject_of_runs([told]), role="heading")
        job = f"{row['portal']}/{row['mode']}"
        times = {"start": _moment(row["started_at"]), "end": _moment(row["finished_at"])}
        yield Line.of(words.run_facts.format(id=row["id"], job=job, **times))
        if row["outcome"] != "missed":
            yield Line.of(words.figures.format(**{name: row[name] for name in _FIGURES}))
        if row["problems"]:
            yield Line.of(words.problems)
            for problem in row["problems"][:_PROBLEMS]:
                yield Line.of(printable(problem), role="item")
            if (more := len(row["problems"]) - _PROBLEMS) > 0:
                command = f"yange runs --portal {row['portal']}"
                yield Line.of(words.more_problems.format(count=more, command=command), role="item")
        if told.state == "recovered":
            yield Line.of(words.recovered.format(runs=told.runs))
        else:
            if told.state == "worse":
                yield Line.of(words.again.format(runs=told.runs))
            advice = words.advice.get(row["stopped"]) or words.advice[told.trouble]
            said = advice.format(id=row["id"], portal=row["portal"])
            yield Line.of(Piece(words.what_to_do, "strong"), said)
            yield Line.of(words.quiet)
        if self.room is not None:
            yield link(words.run_page, self.room.run(row["id"]), WORDINGS[self.language])

    # --- the end ------------------------------------------------------------------------------

    def _rest(self, found: Gathered) -> Iterator[Line]:
        words = MESSAGE_WORDINGS[self.language]
        yield from rest_of_endings(found.endings, self.language, self.room)
        if not found.changes:
            return
        left_out = len(found.seen) - len(found.documents)
        if left_out > 0:
            yield Line.of(words.rest.format(count=left_out, command=_command(found)))
        if self.room is not None and len(found.seen) > 1:
            yield link(words.rest_in_room, self.room.changes(), WORDINGS[self.language])

    def _portal(self, key: str) -> str:
        return self.portals.get(key, key)


def _command(found: Gathered) -> str:
    """What shows all of the changes at a terminal."""
    if len(found.runs_of_changes) == 1:
        [run] = found.runs_of_changes
        return f"yange changes --run {run}"
    return f"yange changes --since {(found.since or '')[:19]}"


def _weight(found: Gathered) -> Weight:
    """The colour or the sign that some services give to a message."""
    states = {told.state for told in found.runs}
    if states & {"new", "worse"}:
        is_grave = any(told.trouble == "failed" for told in found.runs)
        return "failure" if is_grave else "warning"
    return "success" if states else "info"


def _moment(at: str | None) -> str:
    return f"{at[:10]} {at[11:16]}" if at else "–"
