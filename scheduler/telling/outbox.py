"""What has been told to whom, and what still waits: a small SQLite file beside the archive.

Each target of each rule has up to which run it has been told, and at most one message that has not
reached it. While that one waits, what happens further is not put into words; it becomes one message
when its turn comes. That a message was made and that its runs have been told of is one transaction,
so nothing is lost; a message is forgotten only once a service has taken it, so after a crash just
then it is sent once more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ValidationError

from archive.database import transaction
from archive.errors import BusyError, YangeError
from archive.questions.news import Standing
from scheduler.telling.contradictions import ConflictsTold
from scheduler.telling.endings import EndingsTold
from scheduler.telling.messages import Message
from scheduler.telling.troubles import Trouble

KEPT = timedelta(days=7)
"""How long a message is tried before it is given up."""
BRIEF_FROM = 6
"""The attempt from which on a message says no more than how much there is to tell."""

_BUSY_SECONDS = 60.0
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=4)
_HOUR = timedelta(hours=1)
_SCHEMA = """CREATE TABLE IF NOT EXISTS targets (
    rule TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (rule, position)
) STRICT"""


def outbox_path(archive: Path) -> Path:
    """The outbox that belongs to an archive."""
    return archive.with_name(f"{archive.name}.notify")


Standings = dict[str, Standing]
"""How far each archive had come, by its portal; one for all portals stands under no name."""


class Waiting(BaseModel):
    """A message on its way: when it was made, how often it was tried, and when it is next.

    `taken` are those who have it already, of several that one address names.
    """

    message: Message
    made: datetime
    taken: set[str] = set()
    attempts: int = 0
    next: datetime

    def failed(self, now: datetime) -> None:
        """Put the next attempt off, twice as long each time."""
        self.attempts += 1
        self.next = now + min(_FIRST * 2 ** min(self.attempts - 1, 20), _LONGEST)


class Target(BaseModel):
    """One address of one rule, by its place in the rule's list."""

    rule: str
    position: int
    told: Standings
    """What had ended by then has been told of, as far as there was anything to tell."""
    digest: datetime | None = None
    """When the next digest is due."""
    digest_at: time | None = None
    """The time of day by which that was reckoned."""
    troubles: dict[str, Trouble] = {}
    conflicts: ConflictsTold
    endings: EndingsTold
    waiting: Waiting | None = None
    recent: list[datetime] = []
    """When messages were made within the last hour."""
    sent: int = 0
    given_up: int = 0
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = None

    def is_ready(self, now: datetime, messages_per_hour: int) -> bool:
        """Whether a further message may be made."""
        self.recent = [at for at in self.recent if now - at < _HOUR]
        is_due = self.digest is None or now >= self.digest
        return self.waiting is None and is_due and len(self.recent) < messages_per_hour

    def has_news(self, standings: Standings) -> bool:
        """Whether a run has ended that this one has not been told of."""
        return any(_has_ended(self.told[key], now) for key, now in standings.items())

    def put(self, message: Message, now: datetime) -> None:
        """Have a message wait, to be sent at once."""
        self.waiting = Waiting(message=message, made=now, next=now)
        self.recent.append(now)


class Outbox:
    """The file, opened by one process; several may, and each waits for the others."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def open(cls, archive: Path) -> Self:
        """Open the outbox of an archive; it is made where there is none. Raises YangeError."""
        path = outbox_path(archive)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            with _sentences(path):
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_SCHEMA)
        except OSError as error:
            raise YangeError(f"{path} cannot be made: {error.strerror}") from error
        return cls(connection, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Within it, what is read and written is one transaction; nobody else's comes between."""
        with _sentences(self._path), transaction(self._connection):
            yield

    def targets(self) -> list[Target]:
        """All targets, by rule and position."""
        with _sentences(self._path):
            rows = self._connection.execute(
                "SELECT state FROM targets ORDER BY rule, position"
            ).fetchall()
        return [self._read(state) for (state,) in rows]

    def target(self, rule: str, position: int) -> Target | None:
        """One target, if it is known."""
        with _sentences(self._path):
            row = self._connection.execute(
                "SELECT state FROM targets WHERE rule = ? AND position = ?", (rule, position)
            ).fetchone()
        return self._read(row[0]) if row else None

    def _read(self, state: str) -> Target:
        try:
            return Target.model_validate_json(state)
        except ValidationError as error:
            raise YangeError(_begin_anew(self._path, "is of another format")) from error

    def save(self, target: Target) -> None:
        """Keep a target as it is now."""
        with _sentences(self._path):
            self._connection.execute(
                "INSERT OR REPLACE INTO targets VALUES (?, ?, ?)",
                (target.rule, target.position, target.model_dump_json()),
            )

    def forget(self, target: Target) -> None:
        """Nobody is to be told there any more."""
        with _sentences(self._path):
            self._connection.execute(
                "DELETE FROM targets WHERE rule = ? AND position = ?",
                (target.rule, target.position),
            )


def _has_ended(then: Standing, now: Standing) -> bool:
    return now.last > then.last or bool(set(then.under_way) - set(now.under_way))


def read_targets(archive: Path) -> list[Target]:
    """The targets as they are, without making an outbox where there is none."""
    if not outbox_path(archive).exists():
        return []
    with Outbox.open(archive) as outbox:
        return outbox.targets()


def next_daily(after: datetime, hour: int, minute: int) -> datetime:
    """The first instant after `after` at which a clock in its zone shows that time of day."""
    at = after.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    # By days of the calendar: on those on which clocks are changed, one has not 24 hours.
    while at.astimezone(UTC) <= after.astimezone(UTC):
        at += timedelta(days=1)
    return at


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BusyError(f"{path} is held by another yange; try again") from error
        if error.sqlite_errorname == "SQLITE_ERROR":
            # No such table, no such column: made by another program.
            raise YangeError(_begin_anew(path, f"is of another format ({error})")) from error
        raise YangeError(
            f"{path}, which says what has been told, cannot be used: {error}"
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise YangeError(_begin_anew(path, f"is damaged ({error})")) from error


def _begin_anew(path: Path, why: str) -> str:
    return (
        f"{path}, which says what has been told, {why}; remove it, and telling begins anew with"
        " the next run"
    )
