"""The schema of the archive, as a list of named steps; `docs/schema.md` explains it.

What was recorded is never updated or deleted (R15). The database itself refuses it, by triggers,
for everything that is evidence: bodies, captures, readings, versions, changes. `INSERT OR REPLACE`
deletes without firing delete triggers on a connection that has not switched recursive triggers
on, so an insert over an existing key is refused as well.

Instants are milliseconds since 1970 UTC (`*_ms`). Hashes are 32 raw bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x79616E67  # "yang"
"""Tells an archive from any other SQLite file."""

_steps: dict[str, Callable[[Database], None]] = {}


SEARCH_TABLES = {
    "search_titles": """CREATE VIRTUAL TABLE search_titles USING fts5
        (title, numbers, content='', tokenize='ascii', detail=column, columnsize=0)""",
    "search_terms": """CREATE VIRTUAL TABLE search_terms USING fts5
        (terms, content='', tokenize='ascii', detail=none, columnsize=0)""",
}
SEARCH_STATE = """CREATE TABLE search_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format TEXT NOT NULL,
    version_id INTEGER NOT NULL,
    towards INTEGER,
    document_id INTEGER NOT NULL DEFAULT 0
) STRICT"""
SEARCH_FILE_TABLES = {
    "search_files": """CREATE VIRTUAL TABLE search_files USING fts5
        (terms, content='', tokenize='ascii', detail=none, columnsize=0)""",
    "search_holders": """CREATE TABLE search_holders (
    body_id INTEGER NOT NULL,
    document_id INTEGER NOT NULL,
    PRIMARY KEY (body_id, document_id)
) STRICT, WITHOUT ROWID""",
    "search_files_state": """CREATE TABLE search_files_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format TEXT NOT NULL,
    version_id INTEGER NOT NULL,
    completion_id INTEGER NOT NULL
) STRICT""",
}
"""The index of words as it stands now, to be made again when something is wrong with it: of pages,
and of attachments."""


def _step(function: Callable[[Database], None]) -> None:
    """Register one step; the file's `user_version` counts the steps that it has taken."""
    _steps[function.__name__] = function


def migrate(connection: sqlite3.Connection, version: int | None = None) -> None:
    """Take the steps that the file has not taken yet, within the caller's transaction.

    With `version`, only so far that the file has taken so many.
    """
    # Here, since a file is migrated once and opened ten thousand times.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("yange")
    steps = list(_steps.items())[:version]
    for name, take in steps:
        migrations(name=name)(take)
    migrations.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {len(steps)}")


def append_only(table: str, *keys: str) -> list[str]:
    """The triggers that let rows be added to `table` and nothing else.

    `keys` are its unique keys, each a comma-separated list of columns.
    """
    taken = " OR ".join(
        "("
        + " AND ".join(f"{column.strip()} = NEW.{column.strip()}" for column in key.split(","))
        + ")"
        for key in keys
    )
    sentence = f"{table}: what was recorded is never updated or deleted"
    return [
        f"""CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{sentence}'); END""",
        f"""CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
            BEGIN SELECT RAISE(ABORT, '{sentence}'); END""",
        f"""CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})
            BEGIN SELECT RAISE(ABORT, '{sentence}'); END""",
    ]


@_step
def first_schema(database: Database) -> None:
    statements = [
        f"PRAGMA application_id = {APPLICATION_ID}",
        # --- runs -------------------------------------------------------------------------
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            portal TEXT NOT NULL,
            mode TEXT NOT NULL,
            job TEXT,
            slot TEXT,
            started_ms INTEGER NOT NULL,
            finished_ms INTEGER,
            outcome TEXT NOT NULL,
            requests INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            figures TEXT NOT NULL DEFAULT '{}',
            failed_files INTEGER NOT NULL DEFAULT 0,
            problems TEXT NOT NULL DEFAULT '[]'
        ) STRICT""",
        # --- columns and what is still to be fetched ------------------------------------------
        """CREATE TABLE columns (
            id INTEGER PRIMARY KEY,
            portal TEXT NOT NULL,
            key TEXT NOT NULL,
            url TEXT NOT NULL,
            complete_since_run INTEGER REFERENCES runs(id),
            UNIQUE (portal, key)
        ) STRICT""",
        """CREATE TABLE column_visits (
            run_id INTEGER NOT NULL REFERENCES runs(id),
            column_id INTEGER NOT NULL REFERENCES columns(id),
            pages INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            first_page_rows INTEGER NOT NULL,
            new_rows INTEGER NOT NULL,
            reached_end INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            PRIMARY KEY (run_id, column_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE frontier (
            portal TEXT NOT NULL,
            key TEXT NOT NULL,
            url TEXT NOT NULL,
            column_id INTEGER REFERENCES columns(id),
            baseline INTEGER NOT NULL,
            listed_ms INTEGER NOT NULL,
            PRIMARY KEY (portal, key)
        ) STRICT, WITHOUT ROWID""",
        # --- bodies: what they are, and how they are encoded ----------------------------------
        """CREATE TABLE bodies (
            id INTEGER PRIMARY KEY,
            sha256 BLOB NOT NULL UNIQUE,
            bytes INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE encodings (
            id INTEGER PRIMARY KEY,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            codec TEXT NOT NULL,
            data BLOB NOT NULL
        ) STRICT""",
        "CREATE INDEX encodings_by_body ON encodings(body_id)",
        # --- documents and where they are -----------------------------------------------------
        """CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            portal TEXT NOT NULL,
            first_seen_ms INTEGER NOT NULL,
            current_version_id INTEGER REFERENCES versions(id),
            withdrawn INTEGER NOT NULL DEFAULT 0,
            merged_into INTEGER REFERENCES documents(id)
        ) STRICT""",
        "CREATE INDEX documents_merged ON documents(merged_into) WHERE merged_into IS NOT NULL",
        """CREATE TABLE document_numbers (
            number TEXT NOT NULL,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            PRIMARY KEY (number, document_id)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX numbers_by_document ON document_numbers(document_id)",
        """CREATE TABLE serials (
            serial TEXT NOT NULL,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            PRIMARY KEY (serial, document_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE locations (
            id INTEGER PRIMARY KEY,
            portal TEXT NOT NULL,
            key TEXT NOT NULL,
            url TEXT NOT NULL,
            document_id INTEGER REFERENCES documents(id),
            status TEXT NOT NULL,
            first_seen_ms INTEGER NOT NULL,
            last_seen_ms INTEGER,
            last_asked_ms INTEGER NOT NULL,
            answered_run INTEGER REFERENCES runs(id),
            changed_run INTEGER REFERENCES runs(id),
            gone_run INTEGER REFERENCES runs(id),
            state_id INTEGER REFERENCES states(id),
            received_sha256 BLOB,
            judged_by TEXT,
            etag TEXT,
            last_modified TEXT,
            UNIQUE (portal, key)
        ) STRICT""",
        "CREATE INDEX locations_by_document ON locations(document_id)",
        "CREATE INDEX locations_by_age ON locations(portal, last_asked_ms)",
        # --- captures and readings ------------------------------------------------------------
        """CREATE TABLE captures (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            location_id INTEGER NOT NULL REFERENCES locations(id),
            at_ms INTEGER NOT NULL,
            status INTEGER,
            outcome TEXT NOT NULL,
            reason TEXT,
            body_id INTEGER REFERENCES bodies(id),
            headers TEXT
        ) STRICT""",
        "CREATE INDEX captures_by_location ON captures(location_id)",
        "CREATE INDEX captures_by_run ON captures(run_id)",
        """CREATE TABLE readers (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            settings TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE readings (
            id INTEGER PRIMARY KEY,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            location_id INTEGER NOT NULL REFERENCES locations(id),
            content_type TEXT NOT NULL,
            reader_id INTEGER NOT NULL REFERENCES readers(id),
            data BLOB NOT NULL,
            UNIQUE (body_id, location_id, content_type, reader_id)
        ) STRICT""",
        # A state is what one location showed: a capture that changed something there, with the
        # digests of its attachments. It is what the next capture of that location is compared
        # with (R7).
        """CREATE TABLE states (
            id INTEGER PRIMARY KEY,
            location_id INTEGER NOT NULL REFERENCES locations(id),
            capture_id INTEGER NOT NULL REFERENCES captures(id),
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            content_type TEXT NOT NULL,
            attachments TEXT NOT NULL
        ) STRICT""",
        # What is known of each attachment's address, to ask for it conditionally (R13).
        """CREATE TABLE files (
            portal TEXT NOT NULL,
            key TEXT NOT NULL,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            media_type TEXT NOT NULL,
            etag TEXT,
            last_modified TEXT,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            PRIMARY KEY (portal, key)
        ) STRICT, WITHOUT ROWID""",
        # Which states of two copies were last held against each other (R7).
        """CREATE TABLE copies (
            low_location INTEGER NOT NULL REFERENCES locations(id),
            high_location INTEGER NOT NULL REFERENCES locations(id),
            low_state INTEGER NOT NULL REFERENCES states(id),
            high_state INTEGER NOT NULL REFERENCES states(id),
            agree INTEGER NOT NULL,
            PRIMARY KEY (low_location, high_location)
        ) STRICT, WITHOUT ROWID""",
        # --- versions and the ledger ----------------------------------------------------------
        """CREATE TABLE versions (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            number INTEGER NOT NULL,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            capture_id INTEGER NOT NULL REFERENCES captures(id),
            location_id INTEGER NOT NULL REFERENCES locations(id),
            reading_id INTEGER NOT NULL REFERENCES readings(id),
            at_ms INTEGER NOT NULL,
            title TEXT NOT NULL,
            index_number TEXT,
            document_number TEXT,
            issuing_agency TEXT,
            category TEXT,
            summary TEXT,
            written_on TEXT,
            published_at TEXT,
            repealed_on TEXT,
            validity_label TEXT,
            validity TEXT NOT NULL,
            content_sha256 BLOB NOT NULL,
            attachments TEXT NOT NULL,
            digest BLOB NOT NULL,
            UNIQUE (document_id, number)
        ) STRICT""",
        """CREATE TABLE completions (
            version_id INTEGER NOT NULL REFERENCES versions(id),
            url TEXT NOT NULL,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            media_type TEXT NOT NULL,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (version_id, url)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE changes (
            seq INTEGER PRIMARY KEY,
            at_ms INTEGER NOT NULL,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            document_id INTEGER NOT NULL REFERENCES documents(id),
            portal TEXT NOT NULL,
            index_number TEXT,
            title TEXT NOT NULL,
            url TEXT NOT NULL,
            version INTEGER,
            kind TEXT NOT NULL,
            field TEXT,
            before TEXT,
            after TEXT,
            baseline INTEGER NOT NULL,
            version_digest BLOB,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL UNIQUE
        ) STRICT""",
        "CREATE INDEX changes_by_document ON changes(document_id)",
        "CREATE INDEX changes_by_run ON changes(run_id)",
        "CREATE INDEX changes_by_time ON changes(at_ms)",
        "CREATE INDEX versions_by_run ON versions(run_id)",
        # --- what the database refuses (R15) --------------------------------------------------
        *append_only("bodies", "id", "sha256"),
        *append_only("captures", "id"),
        *append_only("readers", "id", "name"),
        *append_only("readings", "id", "body_id, location_id, content_type, reader_id"),
        *append_only("states", "id"),
        *append_only("versions", "id", "document_id, number"),
        *append_only("completions", "version_id, url"),
        *append_only("changes", "seq", "hash"),
        """CREATE TRIGGER changes_follow_one_another BEFORE INSERT ON changes
            WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM changes)
            BEGIN SELECT RAISE(ABORT, 'changes: the ledger has no gaps'); END""",
        """CREATE TRIGGER encodings_never_updated BEFORE UPDATE ON encodings
            BEGIN SELECT RAISE(ABORT, 'encodings: write another one, then delete this'); END""",
        """CREATE TRIGGER encodings_never_the_last BEFORE DELETE ON encodings
            WHEN NOT EXISTS (
                SELECT 1 FROM encodings WHERE body_id = OLD.body_id AND id <> OLD.id)
            BEGIN SELECT RAISE(ABORT, 'encodings: a body keeps at least one'); END""",
        """CREATE TRIGGER encodings_never_replaced BEFORE INSERT ON encodings
            WHEN EXISTS (SELECT 1 FROM encodings WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, 'encodings: write another one, then delete this'); END""",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def acceptances_and_stopped_runs(database: Database) -> None:
    statements = [
        # A capture that a person found to be the document is recorded as another capture (R10).
        """CREATE TABLE acceptances (
            capture_id INTEGER PRIMARY KEY REFERENCES captures(id),
            accepted_capture_id INTEGER NOT NULL UNIQUE REFERENCES captures(id),
            run_id INTEGER NOT NULL REFERENCES runs(id),
            at_ms INTEGER NOT NULL
        ) STRICT""",
        *append_only("acceptances", "capture_id", "accepted_capture_id"),
        # Why a run was stopped before its work was done; null for one that was not (R11).
        "ALTER TABLE runs ADD COLUMN stopped TEXT",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def columns_found_below_subtrees(database: Database) -> None:
    statements = [
        # Null for a column that the configuration names.
        "ALTER TABLE columns ADD COLUMN found_under TEXT",
        "ALTER TABLE columns ADD COLUMN name TEXT",
        "ALTER TABLE columns ADD COLUMN first_seen_run INTEGER REFERENCES runs(id)",
        "ALTER TABLE columns ADD COLUMN absent_since_run INTEGER REFERENCES runs(id)",
        "ALTER TABLE columns ADD COLUMN sweeps_missed INTEGER NOT NULL DEFAULT 0",
        # Which parts of a portal have been searched for columns, and by which run last.
        """CREATE TABLE subtrees (
            portal TEXT NOT NULL,
            key TEXT NOT NULL,
            walked_run INTEGER NOT NULL REFERENCES runs(id),
            PRIMARY KEY (portal, key)
        ) STRICT, WITHOUT ROWID""",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def histories_of_locations(database: Database) -> None:
    # What the visits of a location after its first good answer saw: enough to estimate how often it
    # changes, without reading its captures. `misses` are the askings since its last good answer.
    for column in ("unchanged_visits", "unchanged_ms", "changed_visits", "changed_ms", "misses"):
        database.conn.execute(
            f"ALTER TABLE locations ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0"
        )
    database.conn.execute(
        """UPDATE locations SET unchanged_visits = past.same, unchanged_ms = past.same_ms,
               changed_visits = past.other, changed_ms = past.other_ms
           FROM (SELECT location_id, sum(outcome = 'not_modified') AS same,
                        sum(iif(outcome = 'not_modified', ms, 0)) AS same_ms,
                        sum(outcome = 'document') AS other,
                        sum(iif(outcome = 'document', ms, 0)) AS other_ms
                 FROM (SELECT location_id, outcome, max(0, at_ms - lag(at_ms) OVER visits) AS ms
                       FROM captures WHERE outcome IN ('document', 'not_modified')
                       WINDOW visits AS (PARTITION BY location_id ORDER BY id))
                 WHERE ms IS NOT NULL GROUP BY location_id) AS past
           WHERE past.location_id = locations.id"""
    )
    database.conn.execute(
        """UPDATE locations SET misses = past.misses
           FROM (SELECT location_id, count(*) AS misses FROM captures AS miss
                 WHERE outcome NOT IN ('document', 'not_modified')
                 AND id > coalesce((SELECT max(id) FROM captures AS good
                                    WHERE good.location_id = miss.location_id
                                    AND good.outcome IN ('document', 'not_modified')), 0)
                 GROUP BY location_id) AS past
           WHERE past.location_id = locations.id"""
    )


@_step
def seals_of_runs(database: Database) -> None:
    statements = [
        # At its end each run is sealed: one hash over the ledger and all that was recorded since
        # the seal before it (R17).
        """CREATE TABLE seals (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL UNIQUE REFERENCES runs(id),
            ledger_length INTEGER NOT NULL,
            ledger_head BLOB NOT NULL,
            ledger_root BLOB NOT NULL,
            records TEXT NOT NULL,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL UNIQUE
        ) STRICT""",
        *append_only("seals", "id", "run_id", "hash"),
        """CREATE TRIGGER seals_follow_one_another BEFORE INSERT ON seals
            WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM seals)
            BEGIN SELECT RAISE(ABORT, 'seals: their chain has no gaps'); END""",
        # Completions get a number of their own, so that a seal can say up to which it reaches.
        *(f"DROP TRIGGER completions_never_{done}" for done in ("updated", "deleted", "replaced")),
        "ALTER TABLE completions RENAME TO unnumbered",
        """CREATE TABLE completions (
            id INTEGER PRIMARY KEY,
            version_id INTEGER NOT NULL REFERENCES versions(id),
            url TEXT NOT NULL,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            media_type TEXT NOT NULL,
            run_id INTEGER NOT NULL REFERENCES runs(id),
            at_ms INTEGER NOT NULL,
            UNIQUE (version_id, url)
        ) STRICT""",
        """INSERT INTO completions (version_id, url, body_id, media_type, run_id, at_ms)
           SELECT version_id, url, body_id, media_type, run_id, at_ms FROM unnumbered
           ORDER BY run_id, version_id, url""",
        "DROP TABLE unnumbered",
        *append_only("completions", "id", "version_id, url"),
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def search_and_listing(database: Database) -> None:
    listed = (
        "issuing_agency",
        "category",
        "written_on",
        "published_at",
        "validity_label",
        "validity",
    )
    statements = [
        # What documents are chosen and ordered by, as their newest version has it.
        *(f"ALTER TABLE documents ADD COLUMN current_{name} TEXT" for name in listed),
        f"""UPDATE documents SET {", ".join(f"current_{name} = {name}" for name in listed)}
            FROM versions WHERE versions.id = current_version_id""",
        # With all that a filter looks at, so that a search for the few is spared the rows.
        """CREATE INDEX documents_listed ON documents
            (portal, current_published_at DESC, current_issuing_agency, current_category,
             current_written_on, current_validity_label, current_validity, withdrawn,
             current_version_id, merged_into)
            WHERE merged_into IS NULL""",
        """CREATE INDEX documents_by_publication ON documents
            (current_published_at DESC, portal, current_issuing_agency, current_category,
             current_written_on, current_validity_label, current_validity, withdrawn,
             current_version_id, merged_into)
            WHERE merged_into IS NULL""",
        # Which version stood when, and which documents were withdrawn.
        "CREATE INDEX versions_by_time ON versions (document_id, number, at_ms)",
        """CREATE INDEX changes_of_presence ON changes (document_id, seq, kind, at_ms)
           WHERE kind IN ('withdrawn', 'restored')""",
        "CREATE INDEX changes_by_kind ON changes (kind)",
        # The words of each document, under its id, and up to which version they are made. Made of
        # what is recorded, and to be made again of it at any time: archive/search/index.py.
        *SEARCH_TABLES.values(),
        """CREATE TABLE search_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            format TEXT NOT NULL,
            version_id INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO search_state VALUES (1, '', 0)",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def prefixes_of_encodings(database: Database) -> None:
    another = "encodings: write another one, then delete this"
    statements = [
        # Bytes that pages of one host have in common; of no host, those that all readings have.
        """CREATE TABLE dictionaries (
            id INTEGER PRIMARY KEY,
            portal TEXT,
            host TEXT,
            pages INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            bytes INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT""",
        "CREATE INDEX dictionaries_by_host ON dictionaries(host, portal)",
        *append_only("dictionaries", "id"),
        # An encoding names what it is compressed against: a dictionary, an earlier body, or both.
        *(f"DROP TRIGGER encodings_never_{done}" for done in ("updated", "the_last", "replaced")),
        "DROP INDEX encodings_by_body",
        "ALTER TABLE encodings RENAME TO by_themselves",
        """CREATE TABLE encodings (
            id INTEGER PRIMARY KEY,
            body_id INTEGER NOT NULL REFERENCES bodies(id),
            codec TEXT NOT NULL,
            dictionary_id INTEGER REFERENCES dictionaries(id),
            base_id INTEGER REFERENCES bodies(id) CHECK (base_id < body_id),
            is_final INTEGER NOT NULL DEFAULT 0,
            data BLOB NOT NULL
        ) STRICT""",
        """INSERT INTO encodings (id, body_id, codec, is_final, data)
           SELECT id, body_id, codec, codec = 'plain', data FROM by_themselves""",
        "DROP TABLE by_themselves",
        "CREATE INDEX encodings_by_body ON encodings(body_id)",
        "CREATE INDEX encodings_to_pack ON encodings(id) WHERE is_final = 0",
        f"""CREATE TRIGGER encodings_never_updated BEFORE UPDATE ON encodings
            BEGIN SELECT RAISE(ABORT, '{another}'); END""",
        """CREATE TRIGGER encodings_never_the_last BEFORE DELETE ON encodings
            WHEN NOT EXISTS (
                SELECT 1 FROM encodings WHERE body_id = OLD.body_id AND id <> OLD.id)
            BEGIN SELECT RAISE(ABORT, 'encodings: a body keeps at least one'); END""",
        f"""CREATE TRIGGER encodings_never_replaced BEFORE INSERT ON encodings
            WHEN EXISTS (SELECT 1 FROM encodings WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, '{another}'); END""",
        # Also for a program that has not switched foreign keys on.
        """CREATE TRIGGER encodings_with_their_prefix BEFORE INSERT ON encodings
            WHEN (NEW.base_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM encodings WHERE body_id = NEW.base_id))
              OR (NEW.dictionary_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM dictionaries WHERE id = NEW.dictionary_id))
            BEGIN SELECT RAISE(ABORT, 'encodings: its dictionary or base is missing'); END""",
        # Readings name it as well, and the page that they were made of.
        "ALTER TABLE readings ADD COLUMN codec TEXT NOT NULL DEFAULT 'zstd'",
        "ALTER TABLE readings ADD COLUMN dictionary_id INTEGER REFERENCES dictionaries(id)",
        """ALTER TABLE readings ADD COLUMN base_id INTEGER REFERENCES readings(id)
           CHECK (base_id < id)""",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def spellings_that_answer(database: Database) -> None:
    # Where a location last answered under another spelling of its address, as one of a portal that
    # leads from http to https: that spelling.
    database.conn.execute("ALTER TABLE locations ADD COLUMN answered_as TEXT")


@_step
def lists_as_of_a_moment(database: Database) -> None:
    statements = [
        # The versions in the order of a list, with what tells whether one stood at a moment.
        """CREATE INDEX versions_by_publication ON versions
           (published_at DESC, document_id, number, at_ms)""",
        # Those captured more than a day before they were published: archive/choosing.py.
        """CREATE INDEX versions_before_publication ON versions (published_at DESC, document_id)
           WHERE published_at > strftime('%Y-%m-%dT%H:%M:%S', at_ms / 1000 + 86400, 'unixepoch')
        """,
        "CREATE INDEX versions_by_capture ON versions (at_ms, document_id)",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def index_by_document(database: Database) -> None:
    statements = [
        # While the index is caught up with the versions up to `towards`, it has come to a document.
        "ALTER TABLE search_state ADD COLUMN towards INTEGER",
        "ALTER TABLE search_state ADD COLUMN document_id INTEGER NOT NULL DEFAULT 0",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def visits_by_column(database: Database) -> None:
    # A column is judged by its last visits, among those of thousands of runs.
    database.conn.execute(
        """CREATE INDEX column_visits_by_column ON column_visits
           (column_id, run_id, failed, rows, first_page_rows, reached_end)"""
    )


@_step
def changes_counted_by_day(database: Database) -> None:
    statements = [
        "DROP INDEX changes_by_time",
        # With what tells a day's changes apart, so that a year of them is counted without a look at
        # each.
        "CREATE INDEX changes_by_time ON changes(at_ms, kind, baseline)",
    ]
    for statement in statements:
        database.conn.execute(statement)


@_step
def words_of_attachments(database: Database) -> None:
    # The words of each attachment that was read, under its body's id, and which documents have it
    # in a version. Made of what is recorded, like those of pages: archive/search/files_index.py.
    for statement in SEARCH_FILE_TABLES.values():
        database.conn.execute(statement)


@_step
def spools_recorded(database: Database) -> None:
    # How far the spool of each order is recorded, and in which run; what that run has to tell so
    # far is null once all is: archive/spools/ingests.py.
    database.conn.execute(
        """CREATE TABLE ingests (
            order_id TEXT PRIMARY KEY,
            run_id INTEGER NOT NULL UNIQUE REFERENCES runs(id),
            spool TEXT NOT NULL,
            groups INTEGER NOT NULL,
            account TEXT
        ) STRICT, WITHOUT ROWID"""
    )


SCHEMA_VERSION = len(_steps)
"""How many steps there are: the `user_version` of a file that has taken all of them."""
