"""How bytes are stored: small, readable without yange, and never at risk (R15, R16, R17)."""

import contextlib
import random
import re
import runpy
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from support.guards import unlock
from support.yange import FAILED, Yange

from archive.archive import Archive
from archive.bodies import DamagedBodyError, read_body
from archive.capture import Capture, Outcome
from archive.catalogue import Catalogue
from archive.locks import ProcessLock
from archive.runs import RunOutcome
from crawler.reading.reader import PageReader

DOCUMENTATION = Path(__file__).parent.parent / "docs/storage.md"
HOSTS = ("www.example.gov.cn", "fgw.example.gov.cn")
PDF = b"%PDF-1.7\n" + random.Random(0).randbytes(3000)
LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 900)]
# What all documents are worded in.
PHRASES = ["".join(random.Random(number).choices(LETTERS, k=12)) for number in range(400)]
DOCUMENTS = 24


class Readers:
    """The built-in reader, for every portal."""

    reader = PageReader()

    def current(self, portal):
        return self.reader

    def restore(self, name, settings):
        return self.reader if name == self.reader.name else None


class Still:
    """A portal that nobody asks anything: a configuration for commands on an archive."""

    def configuration(self, archive):
        portal = {
            "name": "示例",
            "hosts": [*HOSTS],
            "columns": [f"http://{HOSTS[0]}/gk/index.html"],
        }
        return yaml.safe_dump(
            {
                "timezone": "Asia/Shanghai",
                "contact": "archive@example.org",
                "archive": {"path": str(archive)},
                "portals": {"site": portal},
            }
        )


def chance(*what):
    return random.Random(repr(what))


def template(host, design):
    """What stands around every document of a host, in two parts, about 17 KB."""
    draw = chance("template", host, design)
    lines = [
        f'<li id="{draw.randbytes(24).hex()}"><a href="/{draw.randrange(10**6)}/">栏目</a></li>\n'
        for _ in range(160)
    ]
    return (
        f'<html><body><ul class="nav">\n{"".join(lines)}</ul>\n',
        "<p>主办：示例</p></body></html>\n",
    )


def document(number, *, host=HOSTS[0], edition=0, design=0):
    """One page; each edition differs from the one before by one word and by a time stamp."""
    draw = chance("text", host, number)
    paragraphs = ["，".join(draw.choices(PHRASES, k=6)) + "。" for _ in range(8)]
    for made in range(edition):
        paragraphs[made % 6] += f"（{made + 1}）"
    top, bottom = template(host, design)
    text = "\n".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f'{top}<meta name="createDate" content="2025-03-0{edition % 9 + 1} 02:10:00" />\n'
        f"<table><tr><td>标题</td><td>关于第{number}号的通知</td></tr>\n"
        f"<tr><td>索引号</td><td>{host[:3]}/2025-{number:05d}</td></tr></table>\n"
        f'<div id="zoom">\n{text}\n</div>\n{bottom}'
    ).encode()


class Keeper:
    """An archive that pages are recorded into, without a crawl."""

    def __init__(self, path):
        self.path = path
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def record(self, pages, *, files=(), odd=()):
        """Record pages, by address, in one run; then `odd` ones that were blocked."""
        with Archive.open(self.path, Readers()) as archive:
            archive.begin_run("site", "sweep")
            kept = {url: archive.keep_file(url, body, {}) for url, body in files}
            for url, body in pages.items():
                reading = Readers.reader.read(body, url=url)
                named = {one.url: one.name for one in reading.attachments}
                self._hand_in(
                    archive,
                    url,
                    body,
                    Outcome.DOCUMENT,
                    reading=reading,
                    attachments=tuple(
                        replace(kept[at], name=named[at]) for at in named if at in kept
                    ),
                )
            for url, body in odd:
                self._hand_in(archive, url, body, Outcome.BLOCKED, reason="a firewall's challenge")
            archive.finish_run(RunOutcome.FINISHED)

    def _hand_in(self, archive, url, body, outcome, **more):
        self.at += timedelta(seconds=1)
        headers = {"content-type": "text/html"}
        archive.record(
            Capture(
                url=url, at=self.at, outcome=outcome, status=200, headers=headers, body=body, **more
            )
        )

    def compact(self):
        with Archive.open(self.path, Readers()) as archive:
            return archive.compact(lambda *_: None)

    def problems(self):
        with Catalogue.open(self.path, ZoneInfo("Asia/Shanghai")) as catalogue:
            return catalogue.verify(Readers(), lambda *_: None).problems

    def query(self, statement, *values):
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement, values).fetchall()

    def by_a_stranger(self):
        """Every body and reading, read by the program that the documentation shows."""
        [program] = re.findall(
            r"^```python\n(.*?)^```$", DOCUMENTATION.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        stranger = self.path.with_suffix(".py")
        stranger.write_text(program, encoding="utf-8")
        arguments, sys.argv = sys.argv, [str(stranger), str(self.path)]
        try:
            with contextlib.redirect_stdout(None):
                found = runpy.run_path(str(stranger))
        finally:
            sys.argv = arguments
        assert not re.search(r"^(from|import).*(archive|crawler|scheduler)", program, re.MULTILINE)
        return set(found["bodies"]), found["readings"]

    def recorded(self):
        """Everything in the file but how it is stored."""
        tables = [
            name
            for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in ("encodings", "dictionaries") and not name.startswith("search_")
        ]
        return {name: self.query(f"SELECT * FROM {name}") for name in tables}


def url(number, host=HOSTS[0]):
    return f"http://{host}/gk/{number}/index.html"


LONG = [document(0, edition=edition) for edition in range(27)]
CHALLENGE = b"<script>" + random.Random(1).randbytes(900).hex().encode() + b"</script>"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Two hosts, two editions, a redesign of one host, files, evidence, and a long history."""
    keeper = Keeper(tmp_path_factory.mktemp("storage") / "archive.db")
    keeper.received = {PDF, b"1,2\n" * 5000, CHALLENGE, *LONG}
    for edition, design in ((0, 0), (1, 0), (2, 1)):
        pages = {
            url(number, host): document(
                number, host=host, edition=edition, design=design if host == HOSTS[0] else 0
            )
            for host in HOSTS
            for number in range(1, DOCUMENTS + 1)
        }
        link = '<div id="zoom">\n<p><a href="/f/a.pdf">附件</a><a href="/f/b.csv">名册</a></p>'
        pages[url(1)] = pages[url(1)].replace(b'<div id="zoom">', link.encode())
        keeper.received |= {*pages.values()}
        files = [("a.pdf", PDF), ("b.csv", b"1,2\n" * 5000)]
        keeper.record(
            {url(0): LONG[edition], **pages},
            files=[(f"http://{HOSTS[0]}/f/{name}", body) for name, body in files],
            odd=[(url(2), CHALLENGE)] if edition == 1 else [],
        )
    for body in LONG[3:]:
        keeper.record({url(0): body})
    return keeper


def copy_of(keeper, path, *, triggers=True):
    with closing(sqlite3.connect(keeper.path)) as source:
        source.execute("VACUUM INTO ?", (str(path),))
    copy = Keeper(path)
    if not triggers:
        unlock(path)
    return copy


@pytest.fixture
def keeper(filled, tmp_path):
    copy = copy_of(filled, tmp_path / "archive.db")
    copy.received = filled.received
    return copy


@pytest.fixture(scope="module")
def packed(filled, tmp_path_factory):
    """The same archive after `compact`."""
    copy = copy_of(filled, tmp_path_factory.mktemp("packed") / "archive.db")
    copy.compacted = copy.compact()
    copy.received = filled.received
    return copy


# --- what is stored -------------------------------------------------------------------------------


def test_r16_a_stranger_reads_every_body_by_the_documentation_alone(filled, packed):
    for keeper in (filled, packed):
        bodies, readings = keeper.by_a_stranger()
        assert bodies == keeper.received
        assert {one["fields"]["title"] for one in readings} >= {
            "关于第1号的通知",
            "关于第24号的通知",
        }
        assert keeper.problems() == ()
    # What the documentation describes occurs: each kind of prefix, and none.
    kinds = {
        (codec, dictionary is not None, base is not None)
        for codec, dictionary, base in filled.query(
            "SELECT codec, dictionary_id, base_id FROM encodings"
        )
    }
    assert kinds == {
        *(("zstd", False, False), ("zstd", True, False), ("zstd", False, True)),
        *(("zstd", True, True), ("plain", False, False)),
    }


def test_r16_a_later_version_takes_up_what_it_differs_by(filled):
    """One word and a time stamp changed in a page of 20 KB."""
    sizes = filled.query(
        """SELECT length(encodings.data), length(readings.data) FROM versions
           JOIN readings ON readings.id = reading_id
           JOIN encodings ON encodings.body_id = readings.body_id WHERE number = 2"""
    )
    assert len(sizes) == 2 * DOCUMENTS + 1
    assert max(page for page, _ in sizes) <= 100
    assert max(reading for _, reading in sizes) <= 60


def test_r16_a_template_is_stored_once_and_once_more_when_it_changes(filled):
    assert filled.query("SELECT host, count(*) FROM dictionaries GROUP BY host ORDER BY host") == [
        (None, 1),
        (HOSTS[1], 1),
        (HOSTS[0], 2),
    ]
    [(by_itself,)] = filled.query("SELECT max(length(data)) FROM dictionaries")
    # After the redesign, against the new template and the old text together.
    redesigned = filled.query(
        """SELECT length(data) FROM encodings
           WHERE dictionary_id IS NOT NULL AND base_id IS NOT NULL"""
    )
    assert len(redesigned) == DOCUMENTS - 1
    assert max(redesigned)[0] < by_itself / 20


def test_no_body_and_no_reading_rests_on_more_than_ten_others(filled, packed):
    for keeper in (filled, packed):
        for table, key in (("encodings", "body_id"), ("readings", "id")):
            bases = dict(keeper.query(f"SELECT {key}, base_id FROM {table}"))
            lengths = []
            for one in bases:
                length, at = 0, one
                while (at := bases[at]) is not None:
                    length += 1
                lengths.append(length)
            assert max(lengths) == 10


def test_r15_the_database_refuses_an_encoding_that_could_not_be_read(keeper):
    with closing(sqlite3.connect(keeper.path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO bodies (id, sha256, bytes) VALUES (100000, x'00', 0)")
        for columns, values, refusal in (
            ("dictionary_id", (999,), "its dictionary or base is missing"),
            ("base_id", (99999,), "its dictionary or base is missing"),
            ("base_id", (100000,), "CHECK|its dictionary or base is missing"),
            ("base_id", (100001,), "CHECK|its dictionary or base is missing"),
        ):
            with pytest.raises(sqlite3.IntegrityError, match=refusal):
                connection.execute(
                    f"INSERT INTO encodings (body_id, codec, data, {columns})"
                    " VALUES (100000, 'zstd', x'', ?)",
                    values,
                )


# --- compact --------------------------------------------------------------------------------------


def test_compact_packs_tighter_and_touches_nothing_else(filled, packed):
    assert packed.recorded() == filled.recorded()
    told = packed.compacted
    assert (told.dictionaries, told.damaged) == (2, ())
    assert told.bytes_after < 0.85 * told.bytes_before
    assert packed.query("SELECT count(*) FROM encodings WHERE is_final = 0") == [(0,)]
    assert packed.query("SELECT count(*) FROM encodings GROUP BY body_id HAVING count(*) > 1") == []


def test_compact_right_after_compact_does_nothing(keeper, tmp_path):
    yange = Yange(tmp_path, Still())
    told = yange.read("compact")
    assert told["bodies"] > 0
    assert told["file_after"] <= told["file_before"]
    before = keeper.query("SELECT * FROM encodings"), keeper.query("SELECT * FROM dictionaries")
    again = yange.read("compact")
    assert (again["bodies"], again["dictionaries"]) == (0, 0)
    assert again["bytes_before"] == again["bytes_after"] == told["bytes_after"]
    after = keeper.query("SELECT * FROM encodings"), keeper.query("SELECT * FROM dictionaries")
    assert before == after
    assert "0 bodies packed anew" in yange.run("compact").out
    with ProcessLock(keeper.path.with_name("archive.db.compact.lock"), ""):
        assert "packed already" in yange.run("compact", status=FAILED).err
    keeper.path.unlink()
    assert "does not exist yet" in yange.run("compact", status=FAILED).err
    assert not keeper.path.exists()


def test_r18_compact_can_be_killed_at_any_time_and_repeated(tmp_path):
    """It is killed as soon as it has packed so many bodies; a crawl records meanwhile."""
    keeper = Keeper(tmp_path / "archive.db")
    pages = {url(number): document(number) for number in range(120)}
    keeper.record(pages)
    recorded = keeper.recorded()
    left = "SELECT count(*) FROM encodings WHERE is_final = 0"
    [(waiting,)] = keeper.query(left)
    yange = Yange(tmp_path, Still())
    for share in (1, 0.5):
        with yange.started("compact") as process:
            while keeper.query(left)[0][0] >= waiting * share and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            process.wait()
        assert keeper.by_a_stranger()[0] == {*pages.values()}
        assert keeper.recorded() == recorded
    assert keeper.query(left)[0][0] < waiting, "what was done by then is done"
    with yange.started("compact") as process:
        keeper.record({url(number): document(number, edition=1) for number in range(60)})
        assert process.wait() == 0
    assert keeper.problems() == ()
    bodies, _ = keeper.by_a_stranger()
    assert bodies >= {*pages.values(), *(document(number, edition=1) for number in range(60))}


def test_compact_finds_the_bases_of_bodies_that_were_stored_without(keeper, tmp_path):
    """As an import stores them, or as the first schema had them."""
    yange = Yange(tmp_path, Still())
    exported = tmp_path / "export.warc.gz"
    yange.run("export", "warc", exported)
    stored = "SELECT sum(length(data)) FROM encodings"
    [(before,)] = keeper.query(stored)
    keeper.path.unlink()
    yange.run("import", exported)
    [(imported,)] = keeper.query(stored)
    keeper.compact()
    [(after,)] = keeper.query(stored)
    assert after < before < imported
    assert keeper.problems() == ()
    assert keeper.by_a_stranger()[0] == keeper.received


# --- damage ---------------------------------------------------------------------------------------


def flipped(copy, table, identity, column="data"):
    """Alter one byte in the middle of one row."""
    with closing(sqlite3.connect(copy.path)) as connection, connection:
        [(data,)] = connection.execute(
            f"SELECT {column} FROM {table} WHERE id = ?", (identity,)
        ).fetchall()
        at = len(data) // 2
        data = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (data, identity))


def test_r17_one_altered_byte_anywhere_is_named(packed, tmp_path):
    """In a dictionary, a body, the base of one, a first reading and a later one."""
    [(body, base)] = packed.query(
        "SELECT body_id, base_id FROM encodings WHERE base_id IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    # Of another location, whose page is whole.
    [(reading, former)] = packed.query(
        """SELECT id, base_id FROM readings WHERE base_id IS NOT NULL
           AND location_id = (SELECT min(id) + 5 FROM locations) ORDER BY id LIMIT 1"""
    )
    [(dictionary,)] = packed.query("SELECT max(id) FROM dictionaries")
    [(common,)] = packed.query("SELECT id FROM dictionaries WHERE host IS NULL")
    encoding_of = "SELECT id FROM encodings WHERE body_id = ?"
    for place, damages in enumerate(
        (
            {
                ("dictionaries", dictionary): [f"dictionary {dictionary} is damaged"],
                ("dictionaries", common): [f"dictionary {common} is damaged"],
            },
            {
                ("encodings", packed.query(encoding_of, base)[0][0]): [
                    f"body {base} is damaged",
                    f"(body {base}, its base)",
                ],
                ("readings", former): [
                    f"reading {former} of http",
                    f"reading {reading} of http",
                ],
            },
            {
                ("encodings", packed.query(encoding_of, body)[0][0]): [f"body {body} is damaged"],
                ("readings", reading): [f"reading {reading} of http"],
            },
        )
    ):
        copy = copy_of(packed, tmp_path / f"{place}.db", triggers=False)
        for table, identity in damages:
            flipped(copy, table, identity)
        problems = copy.problems()
        for sentence in (one for named in damages.values() for one in named):
            assert any(sentence in problem for problem in problems), (sentence, problems)


def test_r17_what_rests_on_a_damaged_dictionary_is_not_given_out(packed, tmp_path):
    copy = copy_of(packed, tmp_path / "archive.db", triggers=False)
    [(dictionary,)] = copy.query("SELECT max(id) FROM dictionaries")
    [(body,)] = copy.query(
        "SELECT body_id FROM encodings WHERE dictionary_id = ? LIMIT 1", dictionary
    )
    # Another one's bytes, and its hash with them: what they give is not the page.
    with closing(sqlite3.connect(copy.path)) as connection:
        connection.execute(
            """UPDATE dictionaries SET (sha256, bytes, data) =
               (SELECT sha256, bytes, data FROM dictionaries WHERE host IS NOT NULL LIMIT 1)
               WHERE id = ?""",
            (dictionary,),
        )
        with pytest.raises(DamagedBodyError, match=f"body {body} is damaged"):
            read_body(connection, body)
