"""Leaving yange: what `export` writes is valid by others' tools, and `import` makes it whole again.

One archive with everything in it that can be in one is exported, read, imported and damaged here.
"""

import csv
import gzip
import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import bagit
import pytest
import yaml
from support.orders import execute, order
from support.site import File, Record, Town
from support.yange import FAILED, FINISHED, INCOMPLETE, Yange
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archive.captures import CaptureFilter
from archive.catalogue import Catalogue
from archive.database import open_for_writing
from archive.export.records import Records
from archive.export.surt import surt
from archive.export.warc import END, TABLE
from archive.importing import ImportRefusedError, import_archive
from archive.readings import as_json
from archive.schema import SCHEMA_VERSION
from archive.transfer import MADE_AGAIN
from crawler.replica.server import Answer

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHALLENGE = Answer.html("<noscript>请开启JavaScript并刷新该页</noscript>", status=521)
BROKEN = Answer.html("<h1>Bad Gateway</h1>", status=502)

RULES = Record(
    title="集市管理办法",
    number="1500/2025-00001",
    body=(
        "第一条 制定本办法。",
        File(name="名册", href="/files/roster.csv"),
        File(name="地图", href="/files/map.csv"),
    ),
)
PLAIN = ("第一条 按户征收。", "第二条 每年一次。", "第三条 自公布之日起施行。")
NOTICE = Record(title="停水通知", number="/2025-00002")
COPIED = Record(title="停电通知", number="1500/2025-00003")
TAX, MARKET = (
    Record(title="征收办法", number="1500/2025-00004", body=PLAIN),
    Record(title="赶集日期公告", number="1500/2025-00004", body=("逢五赶集。", "地点不变。")),
)
PASSING = Record(title="招聘公告", number="1500/2025-00005")
BARE = Record(title="绿化规定", number="1500/2025-00006")
GUARDED = Record(title="渔业规定", number="1500/2025-00007")


class Both:
    """Two portals in one configuration."""

    def __init__(self, town, village):
        self.town, self.village = town, village

    def configuration(self, archive):
        town, village = (
            yaml.safe_load(one.configuration(archive)) for one in (self.town, self.village)
        )
        town["portals"]["village"] = village["portals"]["town"]
        return yaml.safe_dump(town, allow_unicode=True, sort_keys=False)


def happen(town, village, yange):
    """Everything that can come into an archive."""
    town.answer("/files/roster.csv", b"1,2\n")
    town.answer("/files/map.csv", BROKEN)
    town.publish(RULES, "/gk/1/index.html")
    town.publish(NOTICE, "/gk/2/index.html")
    town.publish(COPIED, "/gk/3/index.html", "/gk/4/index.html")
    town.publish(TAX, "/gk/5/index.html")
    town.publish(MARKET, "/gk/6/index.html")
    town.publish(PASSING, "/gk/7/index.html")
    town.publish(BARE, "/gk/8/index.html")
    town.publish(GUARDED, "/gk/9/index.html")
    town.list_row("/gk/10/index.html", "尚未发布")
    town.answer("/gk/10/index.html", BROKEN)
    village.publish(RULES.but(body=PLAIN), "/gk/1/index.html")
    yange.run("crawl", "--mode", "sweep", status=INCOMPLETE)
    town.answer("/files/map.csv", b"3,4\n")
    town.publish(NOTICE.but(number="1500/2025-00002", validity="废止"), "/gk/2/index.html")
    town.publish(COPIED.but(body=(*COPIED.body, "第三条 即日起。")), "/gk/4/index.html")
    town.remove("/gk/7/index.html")
    town.answer("/gk/8/index.html", BARE.html_without_metadata())
    town.answer("/gk/9/index.html", CHALLENGE)
    yange.crawl("town", status=INCOMPLETE)
    [doubted] = yange.read("captures", "--outcome", "suspect")
    yange.run("accept", doubted["id"])
    town.answer("/files/roster.csv", b"1,2,3\n")
    town.redirect("/gk/5/index.html", "/gk/15/index.html")
    town.answer("/gk/15/index.html", TAX.html())
    yange.crawl("town", status=INCOMPLETE)
    town.publish(PASSING, "/gk/7/index.html")
    yange.crawl("town", mode="recheck", status=(FINISHED, INCOMPLETE))
    spool = execute(yange, order(yange, "discover", portal="village"))
    yange.run("ingest", spool)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Such an archive, with its portals still there, and its exports beside it."""
    with Town() as town, Town() as village:
        yange = Yange(tmp_path_factory.mktemp("leaving"), Both(town, village))
        happen(town, village, yange)
        yange.folder = yange.archive.parent
        yange.warc = yange.folder / "all.warc.gz"
        yange.wacz = yange.folder / "all.wacz"
        yange.said = yange.read("export", "warc", yange.warc)
        yange.run("export", "wacz", yange.wacz)
        yield yange


@pytest.fixture(scope="module")
def moved(everything, tmp_path_factory):
    """What `import` made of the WARC file, under the same configuration."""
    copy = Yange(tmp_path_factory.mktemp("moved"), _Configured(everything))
    copy.said = copy.read("import", everything.warc)
    return copy


class _Configured:
    def __init__(self, yange):
        self.yange = yange

    def configuration(self, archive):
        text = self.yange.configuration.read_text(encoding="utf-8")
        return text.replace(str(self.yange.archive), str(archive))


def rows(path):
    """Every row of every table that is not made again of others, readings as they read."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute(
            """SELECT name FROM pragma_table_list
               WHERE type = 'table' AND schema = 'main' AND name NOT GLOB 'sqlite_*'"""
        ).fetchall()
        held = {
            table: list(map(dict, connection.execute(f"SELECT * FROM {table}")))
            for (table,) in tables
            if table not in MADE_AGAIN
        }
        for row in held["readings"]:
            row |= {"codec": None, "dictionary_id": None, "base_id": None}
            row["data"] = as_json(connection, row["id"])
    return {table: sorted(several, key=repr) for table, several in held.items()}


# --- there and back -------------------------------------------------------------------------------


def test_the_archive_has_everything_in_it(everything):
    """So that what follows is about every table and kind of change; a new one has to be added."""
    assert {name for name, held in rows(everything.archive).items() if not held} <= {"subtrees"}
    with everything.catalogue() as catalogue:
        kinds = {change["kind"] for change in catalogue.changes()}
    assert kinds == {
        *("created", "content", "validity", "attachment", "renumbered", "relocated"),
        *("divergence", "collision", "withdrawn", "restored"),
    } | (kinds & {"metadata"})


def test_an_import_is_the_archive_that_was_exported(everything, moved):
    """R17: the same rows, so the same ledger; readings are packed anew, and read the same."""
    before, after = rows(everything.archive), rows(moved.archive)
    assert before == after
    assert moved.said["ledger_head"] == everything.said["ledger_head"]


def test_readings_take_as_little_space_in_an_import_as_before(everything, moved):
    """They stand before the pages in an export, and are packed against them all the same."""

    def size(yange):
        with closing(sqlite3.connect(yange.archive)) as connection:
            return connection.execute("SELECT sum(length(data)) FROM readings").fetchone()[0]

    assert size(moved) <= size(everything)


def test_everything_that_is_shown_is_as_before(everything, moved):
    commands = [("list",), ("changes",), ("runs",), ("captures", "--limit", "500"), ("verify",)]
    for command in commands:
        assert moved.read(*command) == everything.read(*command)
    with everything.catalogue() as old, moved.catalogue() as new:
        for row in old.documents():
            assert new.history(row["url"]) == old.history(row["url"])
            assert new.show(row["url"]) == old.show(row["url"])
            assert new.raw(row["url"]) == old.raw(row["url"])


def test_an_import_verifies_and_goes_on(everything, moved, tmp_path):
    """R17: and the next crawl knows all that the last one knew: nothing seems new to it."""
    verified = moved.read("verify")
    assert (verified["ok"], verified["problems"]) == (True, [])
    goes_on = Yange(tmp_path, _Configured(everything))
    import_archive(everything.warc, goes_on.archive, nothing)
    run = goes_on.crawl("village", mode="recheck")
    assert (run["unchanged"], goes_on.changes_of(run)) == (1, [])


def test_a_wacz_is_imported_like_a_warc(everything, tmp_path):
    import_archive(everything.wacz, tmp_path / "new.db", nothing)
    assert rows(tmp_path / "new.db") == rows(everything.archive)


def nothing(*_progress):
    pass


# --- WARC -----------------------------------------------------------------------------------------


def records(source):
    """The records of a WARC file, read to their ends by warcio with their digests checked."""
    with source.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            yield record, record.raw_stream.read()


def header(record, name):
    return record.rec_headers.get_header(name)


def test_a_warc_file_is_read_by_warcio_without_complaint(everything):
    kinds = {}
    for record, _ in records(everything.warc):
        kinds.setdefault(record.rec_type, []).append(record)
        assert header(record, "WARC-Block-Digest").startswith("sha256:")
    assert set(kinds) == {"warcinfo", "metadata", "response", "request", "resource", "revisit"}
    assert everything.said["records"] == sum(map(len, kinds.values()))
    identities = [header(one, "WARC-Record-ID") for several in kinds.values() for one in several]
    assert len(set(identities)) == len(identities)
    # Each request is that of a response.
    answered = {header(one, "WARC-Record-ID") for one in kinds["response"]}
    assert {header(one, "WARC-Concurrent-To") for one in kinds["request"]} == answered


def test_each_capture_with_bytes_is_in_it_at_its_time(everything):
    """R16: pages and evidence as responses, attachments as resources, repetitions as revisits."""
    held = {}
    for record, body in records(everything.warc):
        if record.rec_type in ("response", "resource", "revisit"):
            key = header(record, "WARC-Target-URI"), header(record, "WARC-Date")
            held.setdefault(key, []).append((record, body))
    bodies = {
        header(record, "WARC-Record-ID"): body for found in held.values() for record, body in found
    }
    with everything.catalogue() as catalogue:
        captures, _ = catalogue.captures(None, CaptureFilter(), 500)
        files = [
            one
            for row in catalogue.documents()
            for version in catalogue.history(row["url"])["versions"]
            for one in catalogue.show(row["url"], version=version["version"])["attachments"]
        ]
    for one in captures:
        if one["sha256"] and one["accepts"] is None:
            found = {
                (
                    hashlib.sha256(bodies.get(header(record, "WARC-Refers-To"), body)).hexdigest(),
                    int(record.http_headers.get_statuscode()),
                )
                for record, body in held[one["url"], utc(one["at"])]
                if record.http_headers
            }
            assert (one["sha256"], one["status"]) in found
    kept = {
        (url, hashlib.sha256(body).hexdigest())
        for (url, _), several in held.items()
        for _, body in several
    }
    assert {(one["url"], one["sha256"]) for one in files if one["sha256"]} <= kept
    assert {b"1,2\n", b"1,2,3\n", b"3,4\n"} <= set(bodies.values())


def utc(instant):
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_visit_that_saw_nothing_new_says_what_it_saw(everything):
    written, profiles = {}, set()
    for record, _ in records(everything.warc):
        if record.rec_type == "revisit":
            original = written[header(record, "WARC-Refers-To")]
            assert header(record, "WARC-Refers-To-Target-URI") == header(
                original, "WARC-Target-URI"
            )
            assert header(record, "WARC-Refers-To-Date") == header(original, "WARC-Date")
            profiles.add(header(record, "WARC-Profile").rpartition("/")[2])
        written[header(record, "WARC-Record-ID")] = record
    assert "urn:yange:revisit:same-document" in profiles


def test_headers_fit_bytes_that_were_decoded():
    out = io.BytesIO()
    headers = {"content-type": "text/html", "content-encoding": "gzip", "content-length": "9"}
    Records(out).response(
        "http://a.gov.cn/中文 1.html?b", "2026-01-01T00:00:00Z", 200, headers, b"<p>whole</p>"
    )
    out.seek(0)
    response, request = (
        (one.rec_headers, one.http_headers) for one in ArchiveIterator(out, check_digests="raise")
    )
    assert response[1].get_header("Content-Length") == "12"
    assert response[1].get_header("content-encoding") is None
    assert response[1].get_header("X-Archive-Orig-content-encoding") == "gzip"
    uri = "http://a.gov.cn/%E4%B8%AD%E6%96%87%201.html?b"
    assert response[0].get_header("WARC-Target-URI") == uri
    assert request[1].statusline == "/%E4%B8%AD%E6%96%87%201.html?b HTTP/1.1"


# --- WACZ -----------------------------------------------------------------------------------------


def test_a_wacz_file_has_what_its_specification_asks_for(everything):
    """https://specs.webrecorder.net/wacz/1.1.1/"""
    with zipfile.ZipFile(everything.wacz) as package:
        assert package.testzip() is None
        description = package.read("datapackage.json")
        digest = json.loads(package.read("datapackage-digest.json"))
        assert digest == {"path": "datapackage.json", "hash": sha256(description)}
        described = json.loads(description)
        assert (described["profile"], described["wacz_version"]) == ("data-package", "1.1.1")
        for one in described["resources"]:
            data = package.read(one["path"])
            assert (one["hash"], one["bytes"]) == (sha256(data), len(data))
        paths = {one["path"] for one in described["resources"]}
        assert paths | {"datapackage.json", "datapackage-digest.json"} == set(package.namelist())
        stored = {one.filename for one in package.infolist() if not one.compress_type}
        assert stored == {"archive/data.warc.gz", "indexes/index.cdx.gz"}


def sha256(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_the_index_of_a_wacz_leads_to_the_records_of_its_pages(everything):
    with zipfile.ZipFile(everything.wacz) as package:
        warc = package.read("archive/data.warc.gz")
        compressed = package.read("indexes/index.cdx.gz")
        blocks = package.read("indexes/index.idx").decode().splitlines()
        header_line, *pages = map(json.loads, package.read("pages/pages.jsonl").splitlines())
    lines = gzip.decompress(compressed).decode().splitlines()
    assert lines == sorted(lines, key=lambda line: line.split(" ", 2)[:2])
    found = {}
    for line in lines:
        key, date, rest = line.split(" ", 2)
        place = json.loads(rest)
        assert key == surt(place["url"])
        start = int(place["offset"])
        member = io.BytesIO(warc[start : start + int(place["length"])])
        [record] = ArchiveIterator(member, check_digests="raise")
        assert header(record, "WARC-Target-URI") == place["url"]
        assert header(record, "WARC-Payload-Digest") == place.get("digest")
        found[place["url"], date] = record
    assert header_line["format"] == "json-pages-1.0"
    with everything.catalogue() as catalogue:
        versions = sum(row["versions"] for row in catalogue.documents())
    assert len(pages) == versions
    assert len({page["id"] for page in pages}) == versions
    for page in pages:
        date = "".join(filter(str.isdigit, page["ts"]))
        assert found[page["url"], date].rec_type in ("response", "revisit")
        assert page["title"]
    # The index of the index: each block begins where it says, with the line that it says.
    for line in blocks[1:]:
        key, date, rest = line.split(" ", 2)
        place = json.loads(rest)
        block = compressed[place["offset"] : place["offset"] + place["length"]]
        assert sha256(block) == place["digest"]
        assert gzip.decompress(block).decode().startswith(f"{key} {date} ")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.wuhai.gov.cn/wuhai/A/index.html", "cn,gov,wuhai)/wuhai/a/index.html"),
        ("http://127.0.0.1:8080/gk/1/", "1,0,0,127:8080)/gk/1"),
        ("https://x.gov.cn:443", "cn,gov,x)/"),
        ("http://x.gov.cn/ui?pageId=1&moduleId=AbC", "cn,gov,x)/ui?moduleid=abc&pageid=1"),
        ("http://x.gov.cn/a//%E4%B8%AD.pdf", "cn,gov,x)/a/%e4%b8%ad.pdf"),
        ("urn:sha256:00", "urn:sha256:00"),
    ],
)
def test_addresses_are_looked_up_as_other_tools_do(url, key):
    assert surt(url) == key


# --- BagIt ----------------------------------------------------------------------------------------


def test_a_bag_is_valid_and_names_every_version(everything, tmp_path):
    said = everything.read("export", "bagit", tmp_path / "bag")
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert bag.info["Yange-Ledger-Head"] == said["ledger_head"]
    with (tmp_path / "bag/data/versions.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    with everything.catalogue() as catalogue:
        documents = list(catalogue.documents())
        ledger = {change["seq"]: change for change in catalogue.changes()}
        assert said["records"] == len(listed) == sum(row["versions"] for row in documents)
        for row in listed:
            body = tmp_path / "bag" / row["body_path"]
            assert hashlib.sha256(body.read_bytes()).hexdigest() == row["body_sha256"]
            described = json.loads(body.with_suffix(".json").read_bytes())
            shown = catalogue.show(row["url"], version=int(row["version"]))
            for one in described["attachments"]:
                path = one.pop("path")
                if one["sha256"]:
                    data = (body.parent / path).read_bytes()
                    assert hashlib.sha256(data).hexdigest() == one["sha256"]
            for one in shown["attachments"]:
                del one["text"]  # derived, and so no part of what is handed over
            assert {name: described[name] for name in shown} == shown
            for entry in described["ledger"]:
                assert ledger[entry["seq"]]["version"] == described["version"]
                assert ledger[entry["seq"]]["title"] == described["title"]


# --- what is refused ------------------------------------------------------------------------------


def test_an_archive_with_something_in_it_is_never_replaced(everything, moved):
    before = rows(moved.archive)
    ended = moved.run("import", everything.warc, status=FAILED)
    assert "holds something already" in ended.err
    assert rows(moved.archive) == before


def alter(source, target, change):
    """A copy of a WARC file with its records changed, digests and all, or left out with None."""
    with target.open("wb") as file:
        writer = WARCWriter(file, warc_version="1.1")
        for record, body in records(source):
            body = change(record, body)
            if body is None:
                continue
            for name in ("WARC-Block-Digest", "WARC-Payload-Digest"):
                record.rec_headers.remove_header(name)
            writer.write_record(
                writer.create_warc_record(
                    header(record, "WARC-Target-URI"),
                    record.rec_type,
                    payload=io.BytesIO(body),
                    length=len(body),
                    warc_content_type=header(record, "Content-Type"),
                    warc_headers=record.rec_headers,
                    http_headers=record.http_headers,
                )
            )


def without_the_last_page(record, body):
    return None if body == b"3,4\n" else body


def with_other_bytes(record, body):
    return b"3,5\n" if body == b"3,4\n" else body


def without_the_end(record, body):
    return None if header(record, "WARC-Target-URI") == END else body


def with_a_row_less(record, body):
    if header(record, "WARC-Target-URI") != f"{TABLE}captures":
        return body
    return json.dumps(json.loads(body)[:-1]).encode()


def with_another_past(record, body):
    if header(record, "WARC-Target-URI") != f"{TABLE}changes":
        return body
    return body.replace("停水通知".encode(), "停气通知".encode(), 1)


def with_an_unknown_column(record, body):
    if header(record, "WARC-Target-URI") != f"{TABLE}bodies":
        return body
    return body.replace(b'"bytes"', b'"octets"')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_the_last_page, "are missing"),
        (with_other_bytes, "belong to nothing"),
        (without_the_end, "cut off"),
        (with_a_row_less, "rows of captures"),
        (with_another_past, "does not have its hash"),
        (with_an_unknown_column, "no column"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_an_altered_export_is_refused_whole(everything, tmp_path, change, said):
    """R17: what was recorded is not believed because a file says it; hashes and counts decide."""
    alter(everything.warc, tmp_path / "altered.warc.gz", change)
    refused(tmp_path / "altered.warc.gz", said)


def refused(source, said):
    folder = source.parent / "new"
    with pytest.raises(ImportRefusedError, match=said):
        import_archive(source, folder / "new.db", nothing)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_damaged_export_is_refused_wherever_the_damage_is(everything, tmp_path, capsys):
    """A bit that flipped, or an end that is missing, anywhere in the file."""
    whole = everything.warc.read_bytes()
    damaged = tmp_path / "damaged.warc.gz"
    for place in range(50, len(whole), len(whole) // 12):
        data = bytearray(whole)
        data[place] ^= 0x10
        damaged.write_bytes(data)
        refused(damaged, "damaged|no WARC")
        damaged.write_bytes(whole[:place])
        refused(damaged, "damaged|no WARC")
    damaged.write_bytes(everything.wacz.read_bytes()[:-900])
    refused(damaged, "damaged|no WARC")
    # The refusal is all that is said.
    assert capsys.readouterr() == ("", "")


def test_a_warc_that_ends_with_a_zip_file_is_no_wacz(everything, tmp_path):
    """Also decompressed, as other programs hand it on."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("a.txt", "a")
    source = tmp_path / "plain.warc"
    record = b"WARC/1.1\r\nWARC-Type: conversion\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (
        len(packed.getvalue()),
        packed.getvalue(),
    )
    source.write_bytes(gzip.decompress(everything.warc.read_bytes()) + record)
    assert zipfile.is_zipfile(source)
    import_archive(source, tmp_path / "new.db", nothing)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        # Like any archive, it can give free pages back.
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_what_is_no_export_is_refused_in_a_sentence(everything, tmp_path):
    foreign = tmp_path / "foreign.warc.gz"
    with foreign.open("wb") as file:
        writer = WARCWriter(file, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record("x", {"software": "other/1"}))
    refused(foreign, "no WARC or WACZ file that `yange export` wrote")
    foreign.write_bytes(b"")
    refused(foreign, "no WARC")
    foreign.write_text("<html>")
    refused(foreign, "damaged|no WARC")
    with zipfile.ZipFile(foreign, "w") as package:
        package.writestr("a.txt", "a")
    refused(foreign, "no WARC")
    refused(tmp_path / "nowhere.warc.gz", "cannot be read: No such file")
    refused(tmp_path, "cannot be read: Is a directory")
    everything.run("export", "warc", tmp_path / "part.warc.gz", "--portal", "village")
    refused(tmp_path / "part.warc.gz", "not all of one")


def test_an_export_of_an_older_schema_is_brought_up_to_date(tmp_path):
    """And one of a newer schema is not guessed at."""
    run = {"id": 7, "portal": "town", "mode": "sweep", "started_ms": 1, "outcome": "finished"}
    exported(tmp_path / "old.warc", 1, "runs", [run])
    found = import_archive(tmp_path / "old.warc", tmp_path / "old.db", nothing)
    assert found.versions == 0
    with Catalogue.open(tmp_path / "old.db", SHANGHAI) as catalogue:
        assert [one["id"] for one in catalogue.runs()] == [7]
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    exported(tmp_path / "new.warc", SCHEMA_VERSION + 1, "runs", [run])
    refused(tmp_path / "new.warc", "newer yange")


def exported(path, schema, table, several):
    with path.open("wb") as file:
        warc = Records(file)
        stated = {
            "yange-export": "1",
            "yange-content": "whole",
            "yange-schema": str(schema),
            "yange-ledger-length": "0",
            "yange-ledger-head": "0" * 64,
        }
        date = "2026-01-01T00:00:00Z"
        warc.info(date, stated)
        warc.metadata(TABLE + table, date, json.dumps(several).encode())
        warc.metadata(END, date, json.dumps({"rows": {table: len(several)}}).encode())


def test_a_place_that_was_never_used_can_be_filled(everything, tmp_path):
    path = tmp_path / "new.db"
    open_for_writing(path).close()
    import_archive(everything.warc, path, nothing)
    assert rows(path) == rows(everything.archive)
