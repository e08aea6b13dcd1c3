"""R18: killed, without space, without its file, with a clock that jumps: nothing recorded is lost.

`python -m tests.soak` is the long form of the first test here.
"""

import os
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from soak.course import differences, disturbed, facts, undisturbed
from support.guards import besides, unlock
from support.rich import rich_archive
from support.site import Record, Town
from support.yange import FAILED, MISUSED, ROOT, Yange
from test_archive import HOST, RULES, Portal, page

from archive.backup import backup
from archive.bodies import read_body
from archive.database import open_for_reading, open_for_writing
from archive.errors import ArchiveUnusableError, NoArchiveError
from archive.readings import as_json, pack_json
from archive.schema import SCHEMA_VERSION, migrate
from crawler.replica.replica import Replica
from scheduler.cli import root

SHANGHAI = ZoneInfo("Asia/Shanghai")


def notice(number, size=1):
    """A notice; a large one is hard to compress."""
    lines = (f"第{number}号。", *(os.urandom(30).hex() for _ in range(size)))
    return Record(title=f"通知{number}", number=f"1500/2025-{number:05}", body=lines)


def verified(yange):
    with yange.catalogue() as catalogue:
        found = catalogue.verify(root_readers(yange), lambda *_: None)
    assert found.problems == ()
    return found


def root_readers(yange):
    from scheduler.configuration import load
    from scheduler.readers import Readers

    return Readers(load(yange.configuration).settings)


def sentence(ended):
    """The one sentence that a failed command ended with."""
    said = ended.err.splitlines()[-1]
    assert said.startswith("yange: ")
    return said


# Killed ------------------------------------------------------------------------------------------


def test_r18_killed_at_random_moments_and_finished_it_is_as_if_undisturbed(tmp_path):
    with Replica() as replica:
        told = facts(replica)
        epochs = ("published", "amended")
        expected, seconds = undisturbed(replica, tmp_path / "in-peace", told, epochs)
        # Now and then each sweep is through before its moment has come.
        for seed in count(os.getpid()):
            folder = tmp_path / f"killed-{seed}"
            found, killed = disturbed(replica, folder, told, kills=3, seconds=seconds, seed=seed)
            assert differences(expected, found) == []
            if killed:
                break
        # Were anything missing, it would be seen.
        less = {**expected, "changes": expected["changes"] - found["changes"]}
        assert differences(less, found)


# Space -------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder, size):
    """A file system of its own of so many KiB; yields a function that mounts it otherwise."""
    folder.mkdir()

    def mount(*options):
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder],
            capture_output=True,
            check=False,
        ).returncode

    if os.geteuid() != 0 or mount(f"size={size}k") != 0:
        pytest.skip("a disk fills up only if it is small, and only root may mount a small one")
    try:
        yield lambda *options: mount("remount", *options)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def test_r18_a_disk_that_fills_up_is_told_and_more_space_is_all_it_takes(tmp_path):
    """Full, read-only and writable again: the run that follows does the rest."""
    with small_disk(tmp_path / "disk", 1400) as mount, Town() as town:
        yange = Yange(tmp_path, town)
        yange.archive = tmp_path / "disk" / "archive.db"
        yange.configure(town)
        for number in range(1, 61):
            town.publish(notice(number, size=400), f"/gk/{number}/index.html")
        said = sentence(yange.run("crawl", status=FAILED))
        assert said.startswith(f"yange: the archive {yange.archive} cannot")
        assert "nothing recorded is lost" in said
        found = verified(yange).versions
        assert 0 < found < 60
        mount("size=64m", "ro")
        assert "read-only" in sentence(yange.run("crawl", status=FAILED))
        assert len(yange.list()) == found
        mount("size=64m", "rw")
        yange.run("crawl")
        assert verified(yange).versions == verified(yange).documents == 60
        with yange.catalogue() as catalogue:
            assert catalogue.runs(limit=1)[0]["created"] == 60 - found


def test_r18_a_file_that_vanishes_under_a_run_is_not_written_to_unseen(tmp_path):
    portal = Portal(tmp_path / "archive.db")
    portal.crawl({RULES: page()})
    aside = tmp_path / "aside.db"
    with pytest.raises(ArchiveUnusableError, match="was moved or removed"), portal.run() as crawl:
        crawl.see(f"{HOST}/zwgk/t2.html", page(title="停水通知", number="1/2026-2"))
        portal.path.rename(aside)
        crawl.see(f"{HOST}/zwgk/t3.html", page(title="停电通知", number="1/2026-3"))
    aside.rename(portal.path)
    portal.crawl({f"{HOST}/zwgk/t3.html": page(title="停电通知", number="1/2026-3")})
    assert portal.verified().documents == 3


def test_a_writer_waits_as_long_as_is_configured(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, town)
        town.publish(notice(1), "/gk/1/index.html")
        yange.run("crawl")
        text = yange.configuration.read_text(encoding="utf-8")
        yange.configuration.write_text(
            text.replace(f"path: {yange.archive}", f"path: {yange.archive}\n  busy_seconds: 0.1")
        )
        with closing(sqlite3.connect(yange.archive)) as other:
            other.execute("BEGIN IMMEDIATE")
            said = sentence(yange.run("crawl", status=FAILED))
        assert "is held by another program; try again when it is done" in said


# Clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-1)])
def test_r18_a_clock_that_jumps_in_mid_run_leaves_nothing_unasked(tmp_path, jump):
    """What was recorded while the clock was wrong is asked for in the next run like the rest."""
    portal = Portal(tmp_path / "archive.db")
    urls = [f"{HOST}/zwgk/t{number}.html" for number in range(4)]
    portal.now = datetime.now(SHANGHAI)
    with portal.run() as crawl:
        for number, url in enumerate(urls):
            crawl.see(url, page(f"第{number}号", title=f"通知{number}", number=f"1/2026-{number}"))
            if number == 1:
                portal.now += jump
    portal.now = datetime.now(SHANGHAI)
    with portal.run() as crawl:
        assert {one.url for one in crawl.archive.known_locations(conditional=False)} == {*urls}
        crawl.see(urls[3], page("另一号", title="通知3", number="1/2026-3"))
        # What this run has asked for is not asked for again.
        asked = {one.url for one in crawl.archive.known_locations(conditional=False)}
        assert asked == {*urls[:3]}
    assert portal.history(urls[3])["versions"][-1]["changes"] == ["content"]
    portal.verified()


def test_r17_verify_since_leaves_out_what_ended_before(tmp_path):
    portal = rich_archive(tmp_path / "archive.db")
    unlock(portal.path)
    with closing(sqlite3.connect(portal.path)) as connection:
        [last] = connection.execute("SELECT finished_ms FROM runs WHERE id = 5").fetchone()
        connection.execute("UPDATE captures SET reason = 'x' WHERE run_id = 5")
        connection.commit()
    with portal.catalogue() as catalogue:
        for since, problems in ((last + 1, 0), (last, 1), (0, 1)):
            found = catalogue.verify(portal, lambda *_: None, since_ms=since)
            named = besides(found.problems)
            assert (len(named), found.ledger_length) == (problems, 10)
            assert all("run 5: its rows in captures" in one for one in named)


# Damage ------------------------------------------------------------------------------------------

INDEX = "1500/2025-00001"
COMMANDS = [
    *(["list"], ["show", INDEX], ["history", INDEX], ["diff", INDEX], ["changes"], ["runs"]),
    *(["captures"], ["reread"], ["receipt", INDEX], ["verify"], ["status"], ["accept", "1"]),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An archive of two documents, one with two versions, in one file."""
    with Town() as town:
        yange = Yange(tmp_path_factory.mktemp("whole"), town)
        town.publish(notice(1, size=40), "/gk/1/index.html")
        town.publish(notice(2), "/gk/2/index.html")
        yange.run("crawl")
        town.publish(notice(1, size=40), "/gk/1/index.html")
        yange.run("crawl", "--mode", "sweep")
    with closing(sqlite3.connect(yange.archive)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return yange


def within(yange, *words):
    """A command within this process: this is done hundreds of times."""
    return CliRunner().invoke(root, ["--config", str(yange.configuration), *words])


def test_damaged_pages_end_every_command_in_a_sentence_that_says_what_to_do(whole):
    sound = whole.archive.read_bytes()
    told = 0
    try:
        for at in range(4096, len(sound), 4096 * 5):
            whole.archive.write_bytes(sound[:at] + b"\xa5" * 4096 + sound[at + 4096 :])
            for words in COMMANDS:
                ended = within(whole, *words)
                assert "should not have happened" not in ended.output, (words, ended.output)
                assert "Traceback" not in ended.output, (words, ended.output)
                assert ended.exception is None or isinstance(ended.exception, SystemExit)
                told += "restore it from a backup" in ended.output
    finally:
        whole.archive.write_bytes(sound)
    assert told


@pytest.mark.parametrize("words", [["verify"], ["list"], ["backup", "copy.db"]], ids=" ".join)
def test_an_archive_that_was_emptied_does_not_hold(whole, tmp_path, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound = whole.archive.read_bytes()
    try:
        whole.archive.write_bytes(b"")
        ended = within(whole, *words)
        assert whole.archive.read_bytes() == b""
    finally:
        whole.archive.write_bytes(sound)
    assert (ended.exit_code, list(tmp_path.iterdir())) == (FAILED, [])
    assert "is empty; if it held anything restore it from a backup" in ended.stderr


def test_an_archive_that_is_being_made_is_there_whole_or_not_at_all(tmp_path):
    """Two make it at once, and somebody looks at it all the while."""
    for turn in range(20):
        path = tmp_path / str(turn) / "archive.db"
        makers = [
            threading.Thread(target=lambda path=path: open_for_writing(path).close())
            for _ in range(2)
        ]
        for maker in makers:
            maker.start()
        while any(maker.is_alive() for maker in makers):
            with suppress(NoArchiveError):
                open_for_reading(path).close()
        open_for_reading(path).close()
        left = {one.name for one in path.parent.iterdir()}
        assert left <= {path.name + suffix for suffix in ("", "-wal", "-shm")}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM versions WHERE id = 3", ["list"]),
        ("UPDATE versions SET attachments = 'none'", ["show", INDEX]),
        ("UPDATE versions SET validity = '又效'", ["history", INDEX]),
        ("UPDATE versions SET at_ms = 9223372036854775807", ["diff", INDEX]),
        ("UPDATE changes SET at_ms = 9223372036854775807 WHERE seq = 1", ["changes"]),
        ("UPDATE captures SET headers = '['", ["export", "warc", "-"]),
        ("UPDATE runs SET figures = '[]'", ["runs"]),
    ],
)
def test_r17_altered_rows_end_a_command_in_a_sentence_that_says_so(
    whole, tmp_path, statement, words
):
    altered = tmp_path / "archive.db"
    shutil.copy(whole.archive, altered)
    unlock(altered)
    with closing(sqlite3.connect(altered)) as connection, connection:
        connection.execute(statement)
    text = whole.configuration.read_text(encoding="utf-8")
    configuration = tmp_path / "config.yaml"
    configuration.write_text(text.replace(str(whole.archive), str(altered)), encoding="utf-8")
    ended = CliRunner().invoke(root, ["--config", str(configuration), *words])
    assert ended.exit_code == FAILED
    assert "is damaged, or was altered (" in ended.stderr
    assert "Traceback" not in ended.stderr


# Copies ------------------------------------------------------------------------------------------


def test_r18_a_backup_made_while_a_crawl_writes_is_whole(tmp_path):
    portal = Portal(tmp_path / "archive.db")
    portal.crawl({RULES: page()})
    stop = threading.Event()

    def write():
        with portal.run() as crawl:
            number = 0
            while not stop.is_set():
                number += 1
                url = f"{HOST}/zwgk/{number}.html"
                crawl.see(url, page(f"第{number}号", title=f"通知{number}", number=f"1/{number}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [
            backup(portal.path, tmp_path / f"{n}.db", force=False, progress=lambda *_: None)
            for n in range(3)
        ]
    finally:
        stop.set()
        writer.join()
    lengths = [one.ledger_length for one in made]
    assert lengths == sorted(lengths)
    assert lengths[0] < portal.verified().ledger_length
    for one in made:
        copied = Portal(one.path)
        assert copied.verified().ledger_head == one.ledger_head
        assert copied.verified().ledger_length == one.ledger_length
    # It is an archive like any other, and goes on from there.
    copied.crawl({RULES: page("另一条。", title="夜市经营管理办法")})
    assert copied.verified().ledger_length == lengths[-1] + 1


def test_backup_as_a_person_uses_it(whole, tmp_path):
    copy = tmp_path / "copy.db"
    said = whole.run("backup", copy).out
    assert copy.stat().st_size == whole.archive.stat().st_size
    # A log beside the archive holds what was recorded last.
    whole.archive.with_name(f"{whole.archive.name}-wal").touch()
    assert sorted(tmp_path.iterdir()) == [copy]
    for words, status, expected in (
        ((copy,), MISUSED, "exists already; name another file, or replace it with --force"),
        ((whole.archive, "--force"), MISUSED, "is the archive itself"),
        ((f"{whole.archive}-wal", "--force"), MISUSED, "belongs to the archive"),
        (("/dev/null", "--force"), MISUSED, "it is a device or a pipe"),
        ((tmp_path / "no" / "copy.db",), FAILED, "cannot be written"),
    ):
        assert expected in sentence(whole.run("backup", *words, status=status))
    again = whole.run("backup", copy, "--force", "--json").json
    assert f"ledger head {again['ledger_head']}" in said
    # Restored: put in the archive's place.
    shutil.copy(copy, whole.archive)
    assert verified(whole).ledger_head == again["ledger_head"]


def test_a_damaged_archive_is_not_taken_for_a_backup(whole, tmp_path):
    sound = whole.archive.read_bytes()
    middle = len(sound) // 8192 * 4096
    whole.archive.write_bytes(sound[:middle] + b"\xa5" * 4096 + sound[middle + 4096 :])
    try:
        ended = within(whole, "backup", str(tmp_path / "copy.db"))
    finally:
        whole.archive.write_bytes(sound)
    assert (ended.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "yange verify" in ended.output


# Schemas -----------------------------------------------------------------------------------------


def first_archive(path, source):
    """What the first release's schema would hold of another archive."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA foreign_keys = OFF")
        old.execute("BEGIN")
        migrate(old, 1)
        old.execute("COMMIT")
        assert old.execute("PRAGMA user_version").fetchone() == (1,)
        old.execute("ATTACH ? AS now", (str(source),))
        tables = old.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT GLOB '*sqlite_*'"
        ).fetchall()
        with closing(open_for_reading(source)) as now:
            old.execute("BEGIN")
            for (table,) in tables:
                names = [
                    n for (n,) in old.execute(f"SELECT name FROM pragma_table_info('{table}')")
                ]
                if table == "encodings":
                    for (body_id,) in now.execute("SELECT id FROM bodies").fetchall():
                        old.execute(
                            "INSERT INTO encodings (body_id, codec, data) VALUES (?, 'plain', ?)",
                            (body_id, read_body(now, body_id)),
                        )
                    continue
                for row in now.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1"):
                    values = dict(zip(names, row, strict=True))
                    if table == "readings":
                        values["data"] = pack_json(as_json(now, values["id"]))
                    places = ", ".join("?" * len(names))
                    old.execute(f"INSERT INTO main.{table} VALUES ({places})", [*values.values()])
            old.execute("COMMIT")


def test_an_archive_of_the_first_schema_is_read_verified_and_sealed(tmp_path):
    source = rich_archive(tmp_path / "now.db")
    first_archive(tmp_path / "old.db", source.path)
    portal = Portal(tmp_path / "old.db")
    with portal.catalogue() as catalogue:
        assert [row["title"] for row in catalogue.documents()]
        found = catalogue.verify(portal, lambda *_: None)
    assert (found.problems, found.seal, found.ledger_length) == ((), None, 10)
    with closing(sqlite3.connect(portal.path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    portal.crawl({RULES: page("第一条。", title="夜市经营管理办法", number="X/2024-00001")})
    # The first seal covers all that was there before there were any.
    portal.verified()
    with closing(sqlite3.connect(portal.path)) as connection, connection:
        connection.execute("DROP TRIGGER captures_never_updated")
        connection.execute("UPDATE captures SET at_ms = 0 WHERE id = 1")
    with portal.catalogue() as catalogue:
        [problem] = besides(catalogue.verify(portal, lambda *_: None).problems)
    assert "its rows in captures are not as they were sealed" in problem


@pytest.mark.parametrize("words", [*COMMANDS, ["backup", "copy.db"]], ids=" ".join)
def test_every_command_refuses_an_archive_of_a_newer_schema(whole, tmp_path, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect(whole.archive, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        try:
            ended = within(whole, *words)
        finally:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    assert ended.exit_code == FAILED
    assert "was written by a newer yange than this one; upgrade yange to use it" in ended.output


@pytest.mark.parametrize(
    "words", [("list",), ("verify", "--json"), ("export", "csv", "-"), ("export", "warc", "-")]
)
@pytest.mark.parametrize("at_once", [True, False])
def test_output_for_which_there_is_no_room_ends_in_a_sentence(whole, words, at_once):
    full_device = Path("/dev/full")
    if not full_device.exists():
        pytest.skip("this system has no device that is always full")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with full_device.open("wb") as full:
        done = subprocess.run(
            whole.command(*words),
            cwd=ROOT,
            env=environment | ({"PYTHONUNBUFFERED": "1"} if at_once else {}),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == FAILED
    assert done.stderr.decode() == (
        "yange: not all of this could be written: No space left on device\n"
    )
