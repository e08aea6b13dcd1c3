"""What is concluded from the archive, read-only: claims, conflicts, force on a day, expiries.

Nothing of it is recorded. It is worked out from the versions and the ledger when it is asked for,
so it can be thrown away at any time. What is costly, reading a text for its claims, is kept beside
the archive where that is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from archive.attachments.formats import READERS
from archive.attachments.texts import AttachmentTexts, attachment_texts
from archive.canonical import sha256
from archive.errors import NotFoundError
from archive.instants import now_ms, to_iso
from archive.law.claims.claim import Claim
from archive.law.claims.reading import READER, read_claims
from archive.law.claims.store import ClaimStore
from archive.law.conflicts.conflict import Conflict, in_order
from archive.law.conflicts.contradictions import Contradictions
from archive.law.conflicts.numbering import Numbering
from archive.law.force.account import Account, Statement
from archive.law.force.expiries import expiries
from archive.law.force.in_force import judgements
from archive.law.force.register import Document, Edition, Register
from archive.law.watching import Watch
from archive.questions.source import Row, Source
from archive.settings import WatchList
from archive.standing import Held, held_attachments
from archive.versions import version_of

Progress = Callable[[int, int], None]

# So many texts are read between two writings of the file beside the archive.
_BATCH = 500
# Attachments that nobody has read yet are read for so long; the rest says nothing until the next
# time.
_READING_SECONDS = 60.0


def claim_store(archive: Path) -> ClaimStore:
    """Where the claims of the versions of an archive are kept."""
    return ClaimStore(archive, READER)


class Conclusions:
    """What follows from an archive at a moment, `at_ms`, by default the present one.

    `progress` is told how many texts have been read for their claims, and how many there are to
    read; when all are known it is not called. What it raises ends the reading, and what was read
    until then is kept. `store` is where claims are kept, by default the file beside the archive.
    """

    def __init__(
        self,
        source: Source,
        *,
        progress: Progress = lambda _done, _total: None,
        at_ms: int | None = None,
        store: ClaimStore | None = None,
    ) -> None:
        self._source = source
        self._connection = source.connection
        self._zone = source.zone
        self._store = store or claim_store(source.path)
        self._progress = progress
        self._at_ms = now_ms() if at_ms is None else at_ms

    @property
    def today(self) -> date:
        """The day that it is."""
        return datetime.fromtimestamp(self._at_ms / 1000, self._zone).date()

    @property
    def basis(self) -> tuple[object, ...]:
        """What an archive and a day are told by from which other things would be concluded."""
        return (
            self.today,
            *self._source.rows("SELECT max(seq) FROM changes"),
            *self._source.rows("SELECT max(id) FROM versions"),
            *self._source.rows("SELECT max(id), max(finished_ms) FROM runs"),
            *self._source.rows("SELECT count(*) FROM documents WHERE merged_into IS NOT NULL"),
        )

    def watch(self, chosen: WatchList) -> Watch:
        """What belongs to a list that somebody watches."""
        return Watch(self._source, chosen)

    def title(self, document_id: int) -> str:
        """The title of a document as it stands, or its address where it has none."""
        current = self._document(document_id).current
        return current.title or self._source.address(current.location_id)

    # --- claims -----------------------------------------------------------------------------------

    def claims(
        self,
        document_id: int | None = None,
        version: int | None = None,
        *,
        portal: str | None = None,
    ) -> list[Row]:
        """The claims of a document's version, the current one by default; without one, of all.

        Or of all of `portal`. Raises NotFoundError for a version that there is not.
        """
        return [
            self.statement_row(one)
            for one in self.statements(document_id, version)
            if portal in (None, one.source.portal)
        ]

    def statements(
        self, document_id: int | None = None, version: int | None = None
    ) -> list[Statement]:
        """The same as statements, which know the documents that they are of and about."""
        account = self._account
        if document_id is None:
            documents = list(account.register.documents.values())
        else:
            documents = [self._document(document_id)]
        return [
            one
            for document in documents
            for edition in self._chosen(document, version)
            for one in account.statements(document, edition)
        ]

    def about(self, document_id: int) -> list[Statement]:
        """What the current versions of other documents claim about a document."""
        document = self._document(document_id)
        return [
            one
            for one in self._account.about(document)
            if one.source is not document and one.edition is one.source.current
        ]

    def _chosen(self, document: Document, version: int | None) -> list[Edition]:
        if version is None:
            return [document.current]
        chosen = [one for one in document.editions if one.number == version]
        if not chosen:
            name = self._name(document)
            raise NotFoundError(f"{name} has no version {version}; see `yange history {name}`")
        return chosen

    def statement_row(self, one: Statement) -> Row:
        """A statement as a row of `claims`."""
        claim = one.claim
        itself = one.edition if claim.of_itself else None
        return {
            "source": self._name(one.source),
            "version": one.edition.number,
            "kind": claim.kind.value,
            "target_title": itself.title if itself else claim.title,
            "target_document_number": itself.document_number if itself else claim.number,
            "target": self._name(one.target) if one.target else None,
            **({} if claim.part is None else {"part": claim.part}),
            "effective_on": claim.effective_on,
            "period": claim.period,
            "quote": claim.quote,
            "place": claim.place.as_json(),
        }

    # --- conflicts --------------------------------------------------------------------------------

    def conflicts(self, *, resolved: bool = False) -> list[Conflict]:
        """What does not fit together, the oldest first; with `resolved`, also what was settled."""
        return [one for one in self._conflicts if resolved or one.resolved_ms is None]

    @cached_property
    def _conflicts(self) -> list[Conflict]:
        numbering = Numbering(self._connection, self._account.register, self._source.address)
        found = [
            *Contradictions(
                self._account,
                now_ms=self._at_ms,
                zone=self._zone,
                address=self._source.address,
                statement_row=self.statement_row,
            ),
            *numbering.collisions(),
            *numbering.divergences(),
            *numbering.gaps(),
        ]
        return sorted(found, key=in_order)

    def conflict_row(self, one: Conflict) -> Row:
        """A conflict as a row of `conflicts`."""
        return one.as_json(self._zone)

    # --- a day, and the days ahead ----------------------------------------------------------------

    def in_force(
        self,
        day: date,
        *,
        portal: str | None = None,
        agency: str | None = None,
        category: str | None = None,
    ) -> list[Row]:
        """The documents that either account says are in force on a day, as rows of `in-force`.

        `agency` and `category` match any part of the field, as the version of that day has it.
        """
        found = self.in_force_with_documents(day, portal=portal, agency=agency, category=category)
        return [row for row, _ in found]

    def in_force_with_documents(
        self,
        day: date,
        *,
        portal: str | None = None,
        agency: str | None = None,
        category: str | None = None,
    ) -> list[tuple[Row, Document]]:
        """The same, each row with its document."""
        rows = []
        for one in judgements(self._account, day, today=self.today, zone=self._zone):
            if "in_force" not in (one.portal, one.claims):
                continue
            if portal is not None and one.document.portal != portal:
                continue
            if agency is not None and agency not in (one.edition.agency or ""):
                continue
            if category is not None and category not in (one.edition.category or ""):
                continue
            row: Row = {
                "index_number": one.edition.index_number,
                "title": one.edition.title,
                "portal": one.portal.value if one.portal else None,
                "claims": one.claims.value if one.claims else None,
                "differs": one.differs,
            }
            if one.edition.index_number is None:
                row["url"] = self._source.address(one.edition.location_id)
            rows.append((row, one.document))
        rows.sort(key=lambda entry: (entry[1].portal, -entry[1].id))
        return rows

    def calendar(self, *, until: date | None = None) -> list[tuple[Row, Document]]:
        """What will run out, the soonest first, as rows of `calendar`, each with its document."""
        rows = []
        for one in expiries(self._account, today=self.today, at_ms=self._at_ms):
            if until is not None and one.last_day > until:
                continue
            said_by = one.statement.edition if one.statement else one.document.current
            current = one.document.current
            row = {
                "last_day": one.last_day.isoformat(),
                "reason": one.reason.value,
                "index_number": current.index_number,
                "title": current.title,
                "document_number": current.document_number,
                "issuing_agency": current.agency,
                "url": self._source.address(current.location_id),
                "claim": self.statement_row(one.statement) if one.statement else None,
                "seen": to_iso(said_by.at_ms, self._zone),
                "uid": one.uid,
            }
            rows.append((row, one.document))
        return rows

    # --- the pieces -------------------------------------------------------------------------------

    @cached_property
    def _register(self) -> Register:
        return Register(self._connection)

    @cached_property
    def _account(self) -> Account:
        known = self._read_all(self._register)
        return Account(self._register, lambda edition: known[edition.digest])

    def _read_all(self, register: Register) -> dict[bytes, tuple[Claim, ...]]:
        """The claims of every version, those not yet known read now."""
        kept = self._store.load()
        held = held_attachments(self._connection)
        known: dict[bytes, tuple[Claim, ...]] = {}
        missing = []
        for document in register.documents.values():
            for edition in document.editions:
                key = _key(edition, held.get(edition.id, ()))
                if key in kept:
                    known[edition.digest] = kept[key]
                else:
                    missing.append((edition, key))
        fresh: dict[bytes, tuple[Claim, ...]] = {}
        try:
            with attachment_texts(
                self._source.path, self._connection, seconds=_READING_SECONDS
            ) as texts:
                for done, (edition, key) in enumerate(missing):
                    self._progress(done, len(missing))
                    attached = held.get(edition.id, ())
                    known[edition.digest] = claims = self._read(edition, attached, texts)
                    # What was passed over for want of time is read the next time.
                    if not (attached and texts.is_out_of_time):
                        fresh[key] = claims
                    if len(fresh) == _BATCH:
                        self._store.add(fresh)
                        fresh = {}
        finally:
            if fresh:
                self._store.add(fresh)
        if missing:
            self._progress(len(missing), len(missing))
        return known

    def _read(
        self, edition: Edition, attached: Sequence[Held], texts: AttachmentTexts
    ) -> tuple[Claim, ...]:
        version = version_of(self._connection, edition.id)
        said = [(one.name, text) for one in attached if (text := texts.text(one.sha256))]
        page = self._source.readings.load(version.reading_id).text
        return read_claims(page, version.fields, said)

    def _document(self, document_id: int) -> Document:
        found = self._account.register.documents.get(document_id)
        if found is None:
            raise NotFoundError(f"the archive has no document {document_id}")
        return found

    def _name(self, document: Document) -> str:
        """The index number of a document, or its address where it has none."""
        current = document.current
        return current.index_number or self._source.address(current.location_id)


def _key(edition: Edition, attached: Sequence[Held]) -> bytes:
    """What the claims of a version follow from: itself, and its attachments as they are read."""
    if not attached:
        return edition.digest
    readers = " ".join(sorted(READERS)).encode()
    return sha256(b"".join([edition.digest, *(one.sha256 for one in attached), readers]))
