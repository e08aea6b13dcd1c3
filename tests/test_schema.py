"""What the database itself refuses (R15), to any program that opens the file."""

import sqlite3
from contextlib import closing

import pytest
from support.site import File, Record, Town
from support.yange import INCOMPLETE, Yange

from crawler.replica.server import Answer

EVIDENCE = [
    "bodies",
    "captures",
    "readers",
    "readings",
    "states",
    "versions",
    "completions",
    "changes",
    "acceptances",
    "seals",
    "dictionaries",
]
KEPT = "what was recorded is never updated or deleted"
# Which of two triggers speaks first is SQLite's choice.
REFUSED = f"{KEPT}|the ledger has no gaps|their chain has no gaps"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """An archive in which every table of evidence has something to lose."""
    rules = Record(
        title="集市管理办法",
        number="1500/2025-00001",
        body=("第一条 制定本办法。", File(name="名册", href="/files/roster.csv")),
    )
    notice = Record(title="停水通知", number="1500/2025-00002")
    bare = Record(title="停电通知", number="1500/2025-00003")
    with Town() as town:
        yange = Yange(tmp_path_factory.mktemp("schema"), town)
        town.answer("/files/roster.csv", Answer.html("<h1>Bad Gateway</h1>", status=502))
        town.publish(rules, "/gk/1/index.html")
        town.publish(notice, "/gk/2/index.html")
        town.publish(bare, "/gk/3/index.html")
        yange.run("crawl", status=INCOMPLETE)
        town.answer("/files/roster.csv", b"1,2\n")
        town.publish(notice.but(validity="废止"), "/gk/2/index.html")
        town.answer("/gk/3/index.html", bare.html_without_metadata())
        yange.run("crawl", "--mode", "recheck", status=INCOMPLETE)
        [doubted] = yange.read("captures", "--outcome", "suspect")
        yange.run("accept", doubted["id"])
    return yange.archive


@pytest.fixture
def connection(recorded):
    """A copy, opened as any program would open it: without recursive triggers."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        with closing(sqlite3.connect(recorded)) as original:
            original.backup(copy)
        assert copy.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        copy.row_factory = sqlite3.Row
        yield copy


def rows(connection, table):
    return [tuple(row) for row in connection.execute(f"SELECT * FROM {table}")]


def last_row(connection, table):
    """The row that a table was given last."""
    return dict(connection.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone())


def unique_keys(connection, table):
    """The columns of each key by which a row could be replaced."""
    keys = {
        tuple(
            column["name"]
            for column in connection.execute(f"PRAGMA index_info({index['name']})").fetchall()
        )
        for index in connection.execute(f"PRAGMA index_list({table})").fetchall()
        if index["unique"]
    }
    primary = [
        column["name"]
        for column in connection.execute(f"PRAGMA table_info({table})")
        if column["pk"]
    ]
    return sorted({*keys, tuple(primary)})


def other(value):
    """A value of the same type that the last row does not have."""
    match value:
        case int():
            return value + 1
        case str():
            return value + "改"
        case bytes():
            return bytes(byte ^ 1 for byte in value)
    return None


def assert_refused(connection, table, statement, values=(), sentence=REFUSED):
    before = rows(connection, table)
    with pytest.raises(sqlite3.IntegrityError, match=sentence):
        connection.execute(statement, values)
    assert not connection.in_transaction
    assert rows(connection, table) == before


@pytest.mark.parametrize("table", EVIDENCE)
def test_r15_no_row_is_updated_or_deleted(connection, table):
    assert rows(connection, table), "nothing to lose"
    for column, value in last_row(connection, table).items():
        for verb in ("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"):
            assert_refused(connection, table, f"{verb} {table} SET {column} = {column}")
        altered = [other(value)]
        assert_refused(connection, table, f"UPDATE {table} SET {column} = ?", altered, KEPT)
        assert_refused(connection, table, f"DELETE FROM {table} WHERE {column} IS ?", [value], KEPT)
    assert_refused(connection, table, f"DELETE FROM {table}", sentence=KEPT)


@pytest.mark.parametrize("table", EVIDENCE)
@pytest.mark.parametrize(
    "spelling",
    [
        "INSERT OR REPLACE INTO {table} ({columns}) VALUES ({places})",
        "REPLACE INTO {table} ({columns}) VALUES ({places})",
        "INSERT INTO {table} ({columns}) VALUES ({places})"
        " ON CONFLICT DO UPDATE SET {first} = excluded.{first}",
        "INSERT INTO {table} ({columns}) VALUES ({places})",
    ],
)
def test_r15_no_row_is_replaced_by_any_of_its_keys(connection, table, spelling):
    row = last_row(connection, table)
    for key in unique_keys(connection, table):
        values = {name: value if name in key else other(value) for name, value in row.items()}
        statement = spelling.format(
            table=table,
            columns=", ".join(values),
            places=", ".join("?" * len(values)),
            first=next(iter(values)),
        )
        assert_refused(connection, table, statement, list(values.values()))


@pytest.mark.parametrize("table", ["bodies", "captures", "readings", "states", "versions"])
@pytest.mark.parametrize("spelled", [str, float, "00{}".format, " {} ".format])
def test_r15_nor_by_another_spelling_of_a_key(connection, table, spelled):
    """`'7'` and `7.0` are the row 7 to SQLite, and so they are to the triggers."""
    row = last_row(connection, table)
    values = {name: other(value) for name, value in row.items()} | {"id": spelled(row["id"])}
    statement = (
        f"INSERT OR REPLACE INTO {table} ({', '.join(values)})"
        f" VALUES ({', '.join('?' * len(values))})"
    )
    assert_refused(connection, table, statement, list(values.values()))


def test_r15_nor_by_the_rows_of_another_database(connection, recorded):
    connection.execute("ATTACH ? AS other", [str(recorded)])
    for table in EVIDENCE:
        assert_refused(
            connection, table, f"INSERT OR REPLACE INTO {table} SELECT * FROM other.{table}"
        )


def test_r15_recursive_triggers_change_nothing(connection):
    connection.execute("PRAGMA recursive_triggers = ON")
    for table in EVIDENCE:
        assert_refused(connection, table, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_r15_a_refused_statement_leaves_the_transaction_around_it_whole(connection):
    connection.execute("BEGIN")
    connection.execute("INSERT INTO bodies (sha256, bytes) VALUES (?, 0)", [bytes(32)])
    with pytest.raises(sqlite3.IntegrityError, match=KEPT):
        connection.execute("DELETE FROM versions")
    assert connection.in_transaction
    connection.execute("COMMIT")
    assert (bytes(32), 0) in [row[1:] for row in rows(connection, "bodies")]


def test_r15_the_ledger_has_no_gaps(connection):
    last = last_row(connection, "changes")
    entry = {name: other(value) for name, value in last.items()}
    insert = f"INSERT INTO changes VALUES ({', '.join('?' * len(entry))})"
    for seq in (0, -1, last["seq"] + 2, last["seq"] + 100, None):
        values = list((entry | {"seq": seq}).values())
        assert_refused(connection, "changes", insert, values, "the ledger has no gaps")
    connection.execute(insert, list(entry.values()))
    assert last_row(connection, "changes") == entry


def test_r15_a_body_changes_its_encoding_but_never_loses_the_last(connection):
    encoding = last_row(connection, "encodings")
    body = encoding["body_id"]
    the_last = "a body keeps at least one"
    assert_refused(connection, "encodings", "DELETE FROM encodings", sentence=the_last)
    another = "write another one, then delete this"
    assert_refused(connection, "encodings", "UPDATE encodings SET data = x''", sentence=another)
    for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT"):
        replaced = f"{verb} INTO encodings (id, body_id, codec, data) VALUES (?, ?, ?, ?)"
        values = [encoding["id"], body + 1000, "plain", b""]
        assert_refused(connection, "encodings", replaced, values, another)
    connection.execute(
        "INSERT INTO encodings (body_id, codec, data) VALUES (?, ?, ?)",
        [body, encoding["codec"], encoding["data"]],
    )
    both = f"DELETE FROM encodings WHERE body_id = {body}"
    assert_refused(connection, "encodings", both, sentence=the_last)
    connection.execute("DELETE FROM encodings WHERE id = ?", [encoding["id"]])
    assert_refused(connection, "encodings", both, sentence=the_last)


def test_the_file_says_whose_it_is_and_which_schema_it_has(connection):
    assert connection.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"yang")
    assert connection.execute("PRAGMA user_version").fetchone()[0] >= 1
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE '_sqlite_%'"
    ).fetchall()
    assert {*EVIDENCE, "encodings"} <= {table["name"] for table in tables}
    # SQLite makes the tables of a full-text index itself.
    own = [table for table in tables if not table["name"].startswith("search_")]
    assert [table["name"] for table in own if "STRICT" not in table["sql"]] == []
