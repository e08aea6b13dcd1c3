"""`verify` names whatever is no longer as it was recorded (R17).

What is altered here is altered behind yange's back: the triggers that would refuse it are dropped
first, as somebody with the file and an editor would do.
"""

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import zstandard
from support.guards import besides, unlock
from support.site import File, Record, Town
from support.yange import FAILED, INCOMPLETE, Yange

from archive.bodies import read_body
from archive.catalogue import Catalogue
from archive.errors import ArchiveUnusableError
from archive.readings import as_json
from crawler.replica.server import Answer
from scheduler.configuration import load
from scheduler.readers import Readers

RULES = Record(
    title='集市 "管理" 办法\\试行 𠮷',
    number="1500/2025-00001",
    summary="集市的划定、经营与清运",
    body=(
        "第一条 制定本办法。",
        File(name="名册", href="/files/roster.csv"),
        File(name="地图", href="/files/map.csv"),
    ),
)
NOTICE = Record(title="停水通知", number="1500/2025-00002", document_number="水发〔2025〕3号")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An archive with revisions, attachments, one of which came late, and an event; its crawls."""
    with Town() as town:
        yange = Yange(tmp_path_factory.mktemp("verify"), town)
        town.answer("/files/roster.csv", b"1,2\n")
        town.answer("/files/map.csv", Answer.html("<h1>Bad Gateway</h1>", status=502))
        town.publish(RULES, "/gk/1/index.html", "/gk/3/index.html")
        town.publish(NOTICE, "/gk/2/index.html")
        yange.run("crawl", status=INCOMPLETE)
        town.answer("/files/map.csv", b"3,4\n")
        town.publish(NOTICE.but(validity="废止", repealed="2025-06-01"), "/gk/2/index.html")
        yange.ended = yange.run("crawl", "--mode", "sweep")
    return yange


@pytest.fixture
def copy(kept, tmp_path):
    """The same configuration on a copy of the archive, of which everything can be altered."""
    copied = Yange(tmp_path, Fixed(kept))
    with (
        closing(sqlite3.connect(kept.archive)) as source,
        closing(sqlite3.connect(copied.archive)) as target,
    ):
        source.backup(target)
    unlock(copied.archive)
    return copied


class Fixed:
    """The portal of another archive, as a configuration for this one."""

    def __init__(self, yange):
        self._yange = yange

    def configuration(self, archive):
        text = self._yange.configuration.read_text(encoding="utf-8")
        return text.replace(str(self._yange.archive), str(archive))


def alter(yange, statement, values=()):
    """Change exactly one row behind yange's back."""
    with closing(sqlite3.connect(yange.archive)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def query(yange, statement, values=()):
    with closing(sqlite3.connect(yange.archive)) as connection:
        return connection.execute(statement, values).fetchall()


def forget_seals(yange):
    with closing(sqlite3.connect(yange.archive)) as connection, connection:
        connection.execute("DELETE FROM seals")


def verified(yange):
    """What `verify` finds, by the library: this is done hundreds of times here."""
    readers = Readers(load(yange.configuration).settings)
    with Catalogue.open(yange.archive, ZoneInfo("Asia/Shanghai")) as catalogue:
        found = catalogue.verify(readers, lambda *_: None)
    return replace(found, problems=besides(found.problems))


def test_r17_an_archive_that_holds_says_what_it_holds(kept):
    told = kept.run("verify").out
    assert "everything holds: 2 documents, 3 versions, 5 bodies" in told
    found = kept.read("verify")
    assert (found["ok"], found["problems"]) == (True, [])
    assert (found["documents"], found["versions"], found["bodies"]) == (2, 3, 5)
    assert found["ledger_head"] in told
    # The head of the ledger is said at the end of each crawl, to be noted elsewhere.
    assert f"ledger head {found['ledger_head']} ({found['ledger_length']} changes)" in (
        kept.ended.out
    )


RULES_VERSION = "index_number = '1500/2025-00001'"
RULES_BODY = f"""(SELECT body_id FROM readings
                  WHERE id = (SELECT reading_id FROM versions WHERE {RULES_VERSION}))"""
ALTERED = {
    "the stored bytes of a body": (
        "UPDATE encodings SET data = substr(data, 1, length(data) - 1)"
        f" WHERE body_id = {RULES_BODY}",
        "is damaged: it does not decompress",
    ),
    "an encoding of other bytes": (
        f"INSERT INTO encodings (body_id, codec, data) VALUES ({RULES_BODY}, 'plain', x'00')",
        "is damaged: its bytes do not have the SHA-256",
    ),
    "an encoding in an unknown way": (
        f"UPDATE encodings SET codec = 'rot13' WHERE body_id = {RULES_BODY}",
        "is damaged: it is encoded in an unknown way",
    ),
    "an encoding that is gone": (
        f"DELETE FROM encodings WHERE body_id = {RULES_BODY}",
        "is damaged: nothing is stored of it",
    ),
    "the SHA-256 of a body": (
        f"UPDATE bodies SET sha256 = zeroblob(32) WHERE id = {RULES_BODY}",
        "is damaged: its bytes do not have the SHA-256",
    ),
    "a body that is gone": (
        f"DELETE FROM bodies WHERE id = {RULES_BODY}",
        "what it refers to in bodies is missing",
    ),
    "a reading that is gone": (
        f"DELETE FROM readings WHERE id = (SELECT reading_id FROM versions WHERE {RULES_VERSION})",
        "the reading that it was made of is missing",
    ),
    "a reading that is no reading": (
        "UPDATE readings SET data = x'28b52ffd' WHERE id = 1",
        "reading 1 of http",
    ),
    "the title of a version": (
        f"UPDATE versions SET title = '别的' WHERE {RULES_VERSION}",
        "its fields are not those of its reading",
    ),
    "a version's summary, taken away": (
        f"UPDATE versions SET summary = NULL WHERE {RULES_VERSION}",
        "its fields are not those of its reading",
    ),
    "a version's repeal": (
        "UPDATE versions SET repealed_on = '2025-06-02' WHERE number = 2",
        "its fields are not those of its reading",
    ),
    "a version's validity": (
        "UPDATE versions SET validity = 'valid' WHERE number = 2",
        "its fields are not those of its reading",
    ),
    "a validity that is none": (
        "UPDATE versions SET validity = 'perhaps' WHERE number = 2",
        "cannot be read",
    ),
    "when a version was seen": (
        f"UPDATE versions SET at_ms = at_ms - 86400000 WHERE {RULES_VERSION}",
        "it does not have the digest that was recorded",
    ),
    "the SHA-256 of a version's text": (
        f"UPDATE versions SET content_sha256 = zeroblob(32) WHERE {RULES_VERSION}",
        "its text does not have the SHA-256 that was recorded",
    ),
    "the attachments of a version": (
        f"UPDATE versions SET attachments = '[]' WHERE {RULES_VERSION}",
        "it does not have the digest that was recorded",
    ),
    "attachments that are none": (
        f"UPDATE versions SET attachments = '[{{}}]' WHERE {RULES_VERSION}",
        "cannot be read",
    ),
    "the digest of a version": (
        f"UPDATE versions SET digest = zeroblob(32) WHERE {RULES_VERSION}",
        "it does not have the digest that was recorded",
    ),
    "a version that is gone": (
        "DELETE FROM versions WHERE number = 2",
        "speaks of a version that is missing",
    ),
    "a version under another document": (
        "UPDATE versions SET document_id ="
        f" (SELECT document_id FROM versions WHERE {RULES_VERSION}) WHERE number = 2",
        "speaks of a version that is missing",
    ),
    "what a change says was there before": (
        "UPDATE changes SET before = '失效' WHERE kind = 'validity' AND before = '有效'",
        "does not have its hash",
    ),
    "what a change says is there now": (
        "UPDATE changes SET after = '2025-06-02' WHERE after = '2025-06-01'",
        "does not have its hash",
    ),
    "when a change was seen": (
        "UPDATE changes SET at_ms = at_ms - 1 WHERE seq = 1",
        "entry 1 does not have its hash",
    ),
    "a change that was no baseline": (
        "UPDATE changes SET baseline = 1 WHERE after = '2025-06-01'",
        "does not have its hash",
    ),
    "the hash of a change": (
        "UPDATE changes SET hash = zeroblob(32) WHERE seq = 2",
        "entry 2 does not have its hash",
    ),
    "the chain of a change": (
        "UPDATE changes SET previous = zeroblob(32) WHERE seq = 2",
        "entry 2 is not chained to the one before it",
    ),
    "a change that is gone": (
        "DELETE FROM changes WHERE seq = 2",
        "entry 2 is missing",
    ),
    "the only change that made a version": (
        "DELETE FROM changes WHERE seq = 1",
        "no change in the ledger made it",
    ),
}


@pytest.mark.parametrize("what", ALTERED)
def test_r17_what_was_altered_is_named(copy, what):
    statement, named = ALTERED[what]
    alter(copy, statement)
    found = verified(copy)
    assert not found.ok
    assert any(named in problem for problem in found.problems), found.problems


def test_r17_everything_that_was_altered_is_named_and_verify_fails(copy):
    for what in (
        "the stored bytes of a body",
        "a version's repeal",
        "what a change says is there now",
        "the hash of a change",
        "a reading that is no reading",
    ):
        alter(copy, ALTERED[what][0])
    digest = hashlib.sha256(b"1,2\n").digest()
    alter(copy, "DELETE FROM bodies WHERE sha256 = ?", [digest])
    asked = copy.run("verify", "--json", status=FAILED)
    assert asked.json["ok"] is False
    for named in (
        "is damaged: it does not decompress",
        "version 2 of document",
        "entry 2 does not have its hash",
        "reading 1 of http",
        "what it refers to in bodies is missing",
        "the bytes of its attachment 名册 are missing",
    ):
        assert any(named in problem for problem in asked.json["problems"]), asked.out
    told = copy.run("verify", status=FAILED).out
    assert all(problem in told for problem in asked.json["problems"])
    assert f"{len(asked.json['problems'])} things do not hold" in told


def test_r17_a_reading_rewritten_together_with_its_version_is_named(copy):
    """The bytes that were received are the measure: who changes a text has to change them, too."""
    [(reading_id,)] = query(copy, f"SELECT reading_id FROM versions WHERE {RULES_VERSION}")
    with closing(sqlite3.connect(copy.archive)) as connection:
        reading = as_json(connection, reading_id)
    reading["text"] = reading["text"].replace("第一条", "第二条")
    forged = zstandard.ZstdCompressor().compress(json.dumps(reading, ensure_ascii=False).encode())
    digest = hashlib.sha256(reading["text"].encode()).digest()
    alter(
        copy,
        "UPDATE readings SET data = ?, codec = 'zstd', dictionary_id = NULL WHERE id = ?",
        [forged, reading_id],
    )
    alter(copy, f"UPDATE versions SET content_sha256 = ? WHERE {RULES_VERSION}", [digest])
    found = verified(copy).problems
    assert any("not what its reader makes of the stored bytes" in one for one in found)
    assert any("does not have the digest that was recorded" in one for one in found)


def test_r17_bytes_exchanged_together_with_their_hash_are_named(copy):
    """A body exchanged for another, hash and all, is not the one that its version commits to."""
    [(body_id,)] = query(copy, f"SELECT {RULES_BODY}")
    with closing(sqlite3.connect(copy.archive)) as connection:
        body = read_body(connection, body_id).replace(b"</html>", b"</html> ")
    alter(
        copy,
        "UPDATE bodies SET sha256 = ?, bytes = ? WHERE id = ?",
        [hashlib.sha256(body).digest(), len(body), body_id],
    )
    alter(
        copy,
        "UPDATE encodings SET codec = 'plain', data = ?, dictionary_id = NULL WHERE body_id = ?",
        [body, body_id],
    )
    found = verified(copy).problems
    assert any("does not have the digest that was recorded" in one for one in found)


def test_r17_no_page_of_the_file_is_lost_in_silence(copy):
    """Whichever page of the file is overwritten, it is named, or the archive is refused."""
    with closing(sqlite3.connect(copy.archive)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = copy.archive.read_bytes()
    assert verified(copy).ok
    unnoticed = []
    for at in range(0, len(whole), size):
        copy.archive.write_bytes(whole[:at] + bytes(size) + whole[at + size :])
        try:
            noticed = not verified(copy).ok
        except ArchiveUnusableError:
            noticed = True
        if not noticed:
            unnoticed.append(at // size + 1)
    assert unnoticed == []


# The ledger, verified by somebody else -----------------------------------------------------------

ENTRY = (
    *("seq", "at_ms", "run_id", "document_id", "portal", "index_number", "title", "url"),
    *("version", "kind", "field", "before", "after", "baseline", "version_digest", "previous"),
)


def entries(yange):
    """The ledger's entries as JSON has them, each with the hash that is stored for it."""
    for *values, stored in query(
        yange, f"SELECT {', '.join(ENTRY)}, hash FROM changes ORDER BY seq"
    ):
        entry = dict(zip(ENTRY, values, strict=True))
        entry["baseline"] = bool(entry["baseline"])
        for name in ("version_digest", "previous"):
            entry[name] = entry[name] and entry[name].hex()
        yield entry, stored.hex()


def entry_hash(entry):
    canonical = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def test_r17_an_independent_verifier_comes_to_the_same_head(kept):
    """Written from what the ledger's module says of itself, with the standard library alone."""
    head = "0" * 64
    for seq, (entry, stored) in enumerate(entries(kept), start=1):
        assert (entry["seq"], entry["previous"]) == (seq, head)
        head = entry_hash(entry)
        assert head == stored
    found = kept.read("verify")
    assert (found["ledger_length"], found["ledger_head"]) == (seq, head)
    committed = {entry["version_digest"] for entry, _ in entries(kept)} - {None}
    assert committed == {digest.hex() for (digest,) in query(kept, "SELECT digest FROM versions")}


def test_r17_a_ledger_rewritten_from_its_beginning_has_another_head(kept, copy):
    """Who rewrites the whole chain is found out by the seals, and by what crawls have said before.

    Where the seals are taken away as well, there is still what somebody noted.
    """
    head = bytes(32)
    with closing(sqlite3.connect(copy.archive)) as connection, connection:
        for entry, _ in list(entries(copy)):
            entry["after"] = {"2025-06-01": "2025-06-02"}.get(entry["after"], entry["after"])
            entry["previous"] = head.hex()
            values = [entry["after"], head, bytes.fromhex(entry_hash(entry)), entry["seq"]]
            connection.execute(
                "UPDATE changes SET after = ?, previous = ?, hash = ? WHERE seq = ?", values
            )
            head = values[2]
    assert [
        one for one in verified(copy).problems if "the head that it had when run 2 ended" in one
    ]
    forget_seals(copy)
    assert verified(copy).problems == ("seals: run 2 has ended, but there are none",)
    # As if the archive were from before there were seals.
    alter(
        copy,
        "UPDATE _sqlite_migrations SET applied_at = '9999-01-01' WHERE name = 'seals_of_runs'",
    )
    found = verified(copy)
    assert (found.ok, found.ledger_head) == (True, head.hex())
    assert found.ledger_head not in kept.ended.out


ADDED = {
    "captures": """INSERT INTO captures SELECT id + 1, run_id, location_id, at_ms, status, outcome,
        reason, body_id, headers FROM captures ORDER BY id DESC LIMIT 1""",
    "states": """INSERT INTO states SELECT id + 1, location_id, capture_id, body_id, content_type,
        attachments FROM states ORDER BY id DESC LIMIT 1""",
}


@pytest.mark.parametrize("table", ADDED)
def test_r17_what_is_added_to_a_run_that_was_sealed_is_named(copy, table):
    alter(copy, ADDED[table])
    assert [
        one
        for one in verified(copy).problems
        if re.fullmatch(rf"run \d: row \d+ of {table} was added after it was sealed", one)
    ]


def test_a_step_of_the_schema_that_is_not_noted_any_more_is_named(copy):
    alter(copy, "DELETE FROM _sqlite_migrations WHERE name = 'seals_of_runs'")
    assert verified(copy).problems == (
        "schema: it is not noted that the step seals_of_runs was taken",
    )


def test_r17_a_ledger_cut_short_has_another_head(kept, copy):
    alter(copy, "DELETE FROM changes WHERE seq = (SELECT max(seq) FROM changes)")
    assert verified(copy).ledger_head not in kept.ended.out
