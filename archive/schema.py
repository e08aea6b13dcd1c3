"""The schema of the archive, as a list of named steps; `docs/schema.md` explains it.

What was recorded is never updated or deleted (R15). The database itself refuses it, by triggers,
for everything that is evidence: bodies, captures, readings, versions, changes. `INSERT OR REPLACE`
deletes without firing delete triggers on a connection that has not switched recursive triggers
on, so an insert over an existing key is refused as well.

Instants are milliseconds since 1970 UTC (`*_ms`). Hashes are 32 raw bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x79616E67  # "yang"
"""Tells an archive from any other SQLite file."""

migrations = Migrations("yange")
SCHEMA_VERSION = 0


def _step(function: Callable[[Database], None]) -> None:
    """Register one step; the file's `user_version` counts the steps that it has taken."""
    global SCHEMA_VERSION
    SCHEMA_VERSION += 1
    number = SCHEMA_VERSION

    def take(database: Database) -> None:
        function(database)
        database.conn.execute(f"PRAGMA user_version = {number}")

    migrations(name=function.__name__)(take)


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
