"""R17: whatever is altered behind yange's back is named, table by table and column by column.

A column that is added to the schema has to be named by `verify` when it is altered, or to be
listed in docs/schema.md with the reason why nothing commits to it.
"""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.guards import besides, unlock
from support.rich import rich_archive
from support.verifier import verify as independently
from test_archive import Portal

from archive.catalogue import Catalogue

DOCS = Path(__file__).parent.parent / "docs"
VERIFIER = Path(__file__).parent / "support" / "verifier.py"


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """The path of a rich archive, without a log beside it."""
    path = tmp_path_factory.mktemp("rich") / "archive.db"
    rich_archive(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.fixture
def copy(rich, tmp_path):
    """A copy of it, of which everything can be altered."""
    path = tmp_path / "archive.db"
    shutil.copy(rich, path)
    unlock(path)
    return path


def columns(path):
    """Every column of every table that is the schema's own."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            """SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
               AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_sqlite_*'"""
        ).fetchall()
        return {
            (table, column)
            for (table,) in tables
            for (column,) in connection.execute(f"SELECT name FROM pragma_table_info('{table}')")
        }


def not_covered():
    """The tables and columns that docs/schema.md says nothing commits to."""
    text = (DOCS / "schema.md").read_text(encoding="utf-8")
    part = text.partition("\n### What nothing commits to\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", part, re.MULTILINE)
    return {
        table: None if named == "all" else set(re.findall(r"`(\w+)`", named))
        for table, named in rows
    }


def is_covered(table, column):
    exempt = not_covered().get(table, set())
    return exempt is not None and column not in exempt


def problems(path):
    with Portal(path).catalogue() as catalogue:
        return besides(catalogue.verify(Portal(path), lambda *_: None).problems)


def other(value, table, column):
    """A value of the same type that is not this one, as a forger would choose it."""
    match value:
        case int() if column in ("withdrawn", "baseline"):
            return 1 - value
        case int():
            return value + 1
        case str():
            return value + "改"
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
    return 7 if column.endswith(("_id", "_ms", "status", "version", "into")) else "改"


def test_r17_what_is_rich_holds_and_has_rows_in_every_table_of_evidence(rich):
    assert problems(rich) == ()
    with closing(sqlite3.connect(rich)) as connection:
        for table in {table for table, _ in columns(rich)} - not_covered().keys():
            assert connection.execute(f"SELECT 1 FROM {table}").fetchone(), table


def test_the_list_of_what_nothing_commits_to_names_what_there_is(rich):
    there = columns(rich)
    for table, exempt in not_covered().items():
        assert {(table, column) for column in exempt or ()} <= there
        assert table in {name for name, _ in there}


def test_r17_every_value_of_every_column_is_covered(rich, copy):
    """One value after another is altered, found out, and put back."""
    unnoticed = []
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for table, column in sorted(columns(rich)):
            if not is_covered(table, column):
                continue
            for which in ("ASC", "DESC"):
                where = one_row(connection, table, which)
                [value] = connection.execute(f"SELECT {column} FROM {table} {where}").fetchone()
                forged = [other(value, table, column)]
                connection.execute("BEGIN")
                # Where the database takes no such value, there is nothing to find out.
                with suppress(sqlite3.IntegrityError):
                    connection.execute(f"UPDATE {table} SET {column} = ? {where}", forged)
                    if not problems_within(connection, copy):
                        unnoticed.append(f"{table}.{column} {which}")
                connection.execute("ROLLBACK")
    assert unnoticed == []


def test_r17_every_row_that_is_gone_is_missed(rich, copy):
    unnoticed = []
    exempt = {table for table, named in not_covered().items() if named is None}
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for table in sorted({table for table, _ in columns(rich)} - exempt):
            for which in ("ASC", "DESC"):
                connection.execute("BEGIN")
                connection.execute(f"DELETE FROM {table} {one_row(connection, table, which)}")
                if not problems_within(connection, copy):
                    unnoticed.append(f"{table} {which}")
                connection.execute("ROLLBACK")
    assert unnoticed == []


def one_row(connection, table, order):
    """A clause for the first or the last row of a table."""
    [key] = connection.execute(
        "SELECT group_concat(name) FROM pragma_table_info(?) WHERE pk", (table,)
    ).fetchone()
    by = ", ".join(f"{column} {order}" for column in key.split(","))
    return f"WHERE ({key}) = (SELECT {key} FROM {table} ORDER BY {by} LIMIT 1)"


def problems_within(connection, path):
    """What is found amiss while a transaction is open."""
    catalogue = Catalogue(path, connection, ZoneInfo("Asia/Shanghai"))
    return besides(catalogue.verify(Portal(path), lambda *_: None).problems)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TRIGGER versions_never_updated", "the trigger versions_never_updated is missing"),
        ("DROP INDEX documents_listed", "the index documents_listed is missing"),
        ("DROP TABLE search_titles", "the table search_titles is missing"),
        ("ALTER TABLE locations DROP COLUMN misses", "the table locations is not as it was made"),
        (
            """DROP TRIGGER changes_never_deleted;
               CREATE TRIGGER changes_never_deleted BEFORE DELETE ON changes BEGIN SELECT 1; END""",
            "the trigger changes_never_deleted is not as it was made",
        ),
        (
            """CREATE TRIGGER nothing_new BEFORE INSERT ON changes
               BEGIN SELECT RAISE(IGNORE); END""",
            "the trigger nothing_new was added",
        ),
    ],
)
def test_r15_what_guards_the_rows_is_missed_where_it_is_gone(rich, tmp_path, statement, named):
    path = tmp_path / "archive.db"
    shutil.copy(rich, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statement)
    with Portal(path).catalogue() as catalogue:
        found = catalogue.verify(Portal(path), lambda *_: None)
    assert found.problems == (f"schema: {named}",)


# Somebody else's verifier -------------------------------------------------------------------------


def test_r17_a_verifier_written_from_the_documentation_agrees(rich):
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, rich], capture_output=True, encoding="utf-8", check=True
    )
    found = json.loads(done.stdout)
    with Portal(rich).catalogue() as catalogue:
        fixity = catalogue.verify(Portal(rich), lambda *_: None)
    assert found == {"ledger_head": fixity.ledger_head, "seal": fixity.seal, "problems": []}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET title = title || ' ' WHERE id = 1",
        "UPDATE versions SET attachments = replace(attachments, '名册', '名冊')",
        "UPDATE changes SET before = 'x' WHERE seq = 2",
        "UPDATE changes SET hash = zeroblob(32) WHERE seq = 1",
        "UPDATE captures SET at_ms = at_ms + 1 WHERE id = 2",
        "UPDATE completions SET media_type = 'text/html'",
        "UPDATE states SET content_type = 'text/html' WHERE id = 1",
        "UPDATE runs SET problems = '[]' WHERE id = 2",
        "DELETE FROM seals WHERE id = 1",
    ],
)
def test_r17_both_verifiers_find_what_was_altered(copy, statement):
    with closing(sqlite3.connect(copy)) as connection, connection:
        assert connection.execute(statement).rowcount
    assert independently(copy)["problems"]
    assert problems(copy)
