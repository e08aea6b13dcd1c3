"""Crawls as processes: how they end, what they say, and what is left when they are killed."""

import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from zoneinfo import ZoneInfo

import pytest
import yaml
from support.permissions import bound_by_permissions
from support.site import File, Record, Town
from support.yange import FAILED, FINISHED, INCOMPLETE, MISUSED, ROOT, Yange

from archive.catalogue import Catalogue
from crawler.replica.server import Answer, Hang
from scheduler.configuration import load
from scheduler.readers import Readers

COLUMN = "/gk/"


def notice(number, **stated):
    return Record(
        title=f"关于第{number}次停水检修的通告",
        number=f"1500/2025-{number:05}",
        body=(f"第{number}次检修自即日起进行。", "请用户提前储水。"),
        **stated,
    )


def address(number, column=COLUMN):
    return f"{column}{number}/index.html"


def fill(town, count, column=COLUMN):
    for number in range(1, count + 1):
        town.publish(notice(number), address(number, column))


def catalogue(yange):
    """The archive for reading, in this process: what is tested here is what crawls leave in it."""
    return Catalogue.open(yange.archive, ZoneInfo("Asia/Shanghai"))


def runs(yange):
    with catalogue(yange) as opened:
        return opened.runs()


def documents(yange):
    with catalogue(yange) as opened:
        return list(opened.documents())


def changes(yange):
    with catalogue(yange) as opened:
        return list(opened.changes())


def verified(yange):
    readers = Readers(load(yange.configuration).settings)
    with catalogue(yange) as opened:
        found = opened.verify(readers, lambda *_: None)
    assert found.problems == ()
    return found


def until(condition):
    """Wait for something that another process is going to do; pytest's time-out is the limit."""
    while not condition():
        time.sleep(0.02)


def asked(town, *paths):
    """Whether all these paths have been asked for."""
    return set(paths) <= set(requested(town))


def requested(town):
    return [request.path for request in town.site.requests]


def documents_asked(town):
    """The documents that were asked for, by their numbers."""
    return sorted(
        int(path.split("/")[2])
        for path in requested(town)
        if path.startswith(COLUMN) and path.endswith("/index.html") and path.count("/") == 3
    )


@contextmanager
def hanging(town, path):
    """For as long as the context lasts a path is not answered; then as it would have been."""
    released = threading.Event()
    key = ("127.0.0.1", path)
    page = town.pages[key]
    body = page if isinstance(page, bytes) else page.encode()
    media_type = "text/csv" if path.endswith(".csv") else "text/html; charset=utf-8"
    town.pages[key] = Answer(200, {"Content-Type": media_type}, body, Hang(released))
    try:
        yield
    finally:
        released.set()
        town.pages[key] = page


def sentence(ended):
    """The one line that a user is told, after how to use the command if that was the mistake."""
    lines = ended.err.strip().splitlines()
    if ended.status == MISUSED:
        assert lines[0].startswith("Usage: yange")
        return lines[-1]
    assert len(lines) == 1, ended.err
    return lines[0]


@pytest.fixture
def town():
    with Town() as running:
        yield running


@pytest.fixture
def yange(tmp_path, town):
    return Yange(tmp_path / "kept", town)


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "kept").mkdir()


class Towns:
    """Several towns in one configuration, under these keys."""

    def __init__(self, **towns):
        self.towns = towns

    def configuration(self, archive):
        settings = {}
        for key, town in self.towns.items():
            own = yaml.safe_load(town.configuration(archive))
            settings = own | {
                "portals": settings.get("portals", {}) | {key: own["portals"]["town"]}
            }
        return yaml.safe_dump(settings, allow_unicode=True)


@pytest.fixture
def neighbours(tmp_path):
    """Two portals, `east` and `west`, watched into one archive."""
    with Town() as east, Town() as west:
        yield Yange(tmp_path / "kept", Towns(east=east, west=west)), east, west


# How a crawl ends --------------------------------------------------------------------------------


def test_a_crawl_that_is_done_ends_with_0_and_says_what_it_did(town, yange):
    fill(town, 3)
    ended = yange.run("crawl")
    assert ended.err == "", "progress is for terminals"
    first, ledger, seal = ended.out.splitlines()
    assert first.startswith("run 1 of town (discover): finished")
    assert "created 3" in first
    [run] = runs(yange)
    assert (run["mode"], run["outcome"], run["created"]) == ("discover", "finished", 3)
    assert ledger == f"ledger head {verified(yange).ledger_head} (3 changes)"
    assert seal == f"seal        {verified(yange).seal}"


def test_a_crawl_in_which_a_page_failed_ends_with_3_and_says_which(town, yange):
    fill(town, 3)
    town.answer(address(2), Answer.html("<h1>Internal Server Error</h1>", status=500))
    ended = yange.run("crawl", status=INCOMPLETE)
    assert "incomplete" in ended.out
    assert town.url(address(2)) in ended.err
    [run] = runs(yange)
    assert (run["outcome"], run["created"], run["failed"]) == ("incomplete", 2, 1)
    assert any(town.url(address(2)) in problem for problem in run["problems"])
    # What is left comes with the next run, which need not look far for it.
    town.publish(notice(2), address(2))
    town.site.clear_requests()
    yange.run("crawl")
    assert runs(yange)[0]["created"] == 1
    assert documents_asked(town) == [2]


def test_a_page_that_is_gone_or_no_document_fails_no_crawl(town, yange):
    fill(town, 1)
    town.list_row(address(7), "已经撤下的通告")
    town.list_row("/gk/8/index.html", "子栏目")
    town.answer("/gk/8/index.html", "<html><body><ul></ul></body></html>")
    yange.run("crawl")
    [run] = runs(yange)
    assert (run["outcome"], run["gone"], run["failed"], run["blocked"]) == ("finished", 1, 0, 0)


def test_r6_a_link_that_can_be_no_address_costs_no_document(town, yange):
    """Editors mistype hosts and ports; the document is recorded all the same."""
    wrong = (
        "http://www..example.org/a.pdf",
        "http://www.example.org:99999/a.pdf",
        "http://[/a.pdf",
    )
    for number, href in enumerate(wrong, start=1):
        town.publish(
            notice(number).but(body=("一、名册见附件。", File(name="名册", href=href))),
            address(number),
        )
    yange.run("crawl")
    assert runs(yange)[0]["created"] == len(wrong)


def test_json_stands_alone_whatever_is_logged(town, yange):
    fill(town, 1)
    settings = yaml.safe_load(yange.configuration.read_text(encoding="utf-8"))
    settings["log"] = {"level": "debug"}
    yange.configuration.write_text(yaml.safe_dump(settings), encoding="utf-8")
    yange.run("crawl")
    for command in (["check"], ["status"], ["runs"], ["list"], ["changes"], ["verify"]):
        ended = yange.run(*command, "--json")
        assert ended.json
        assert ended.err == ""


# What is asked for -------------------------------------------------------------------------------


def test_limit_asks_so_many_documents_and_leaves_the_rest(town, yange):
    fill(town, 5)
    yange.run("crawl", "--limit", "2")
    [run] = runs(yange)
    assert (run["outcome"], run["created"]) == ("finished", 2)
    assert len(documents_asked(town)) == 2
    yange.run("crawl")
    assert runs(yange)[0]["created"] == 3
    assert documents_asked(town) == [1, 2, 3, 4, 5]
    assert all(change["baseline"] for change in changes(yange))


def test_only_asks_for_one_document_by_its_number_or_an_address(town, yange):
    fill(town, 3)
    # An address need not be known yet.
    yange.run("crawl", "--only", town.url(address(2)))
    assert documents_asked(town) == [2]
    for index in ("１５００／2025-00002", town.url(address(2)) + "#top"):
        town.site.clear_requests()
        yange.run("crawl", "--only", index)
        assert set(requested(town)) == {"/robots.txt", address(2)}
    assert [row["title"] for row in documents(yange)] == [notice(2).title]
    unknown = yange.run("crawl", "--only", "1500/2025-00009", status=FAILED)
    assert sentence(unknown) == "yange: no document in the archive goes by 1500/2025-00009"
    outside = yange.run("crawl", "--only", "http://example.org/t.html", status=MISUSED)
    assert "http://example.org/t.html cannot be asked" in sentence(outside)


def test_column_reads_that_list_alone(tmp_path):
    with Town("/gk/", "/tz/") as town:
        yange = Yange(tmp_path / "kept", town)
        fill(town, 2)
        town.publish(notice(3), "/tz/3/index.html")
        yange.run("crawl", "--column", town.url("/tz/index.html") + "?from=menu")
        assert set(requested(town)) == {"/robots.txt", "/tz/index.html", "/tz/3/index.html"}
        wrong = yange.run("crawl", "--column", town.url("/zz/index.html"), status=MISUSED)
        assert "is not a column of this portal" in wrong.err
        assert town.url("/gk/index.html") in wrong.err


def test_r19_by_hand_a_crawl_outside_the_window_is_warned_of_and_goes_on(tmp_path):
    # Of two windows without a common minute, one is closed now.
    for window in ("00:00-12:00", "12:00-24:00"):
        with Town(politeness={"delay": 0, "window": window}) as town:
            fill(town, 1)
            kept = tmp_path / window.replace(":", "")
            kept.mkdir()
            yange = Yange(kept, town)
            ended = yange.run("crawl")
            if ended.err:
                assert sentence(ended) == f"warning: this is outside the portal's window {window}"
                assert runs(yange)[0]["created"] == 1
                break
    else:
        pytest.fail("neither window was closed")


# A mistake by the user ---------------------------------------------------------------------------


def test_a_portal_that_is_not_configured(town, yange):
    said = sentence(yange.run("crawl", "village", status=MISUSED))
    assert "no portal 'village' is configured; there is town" in said
    yange.run("crawl")
    said = sentence(yange.run("list", "--portal", "village", status=MISUSED))
    assert "there is no portal 'village'; there is town" in said


def a_folder(path):
    path.mkdir()


def a_text(path):
    path.write_text("这不是数据库。" * 500, encoding="utf-8")


def anothers_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def a_newer_schema(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {int.from_bytes(b'yang')}")
        connection.execute("PRAGMA user_version = 9999")
        connection.execute("PRAGMA journal_mode = WAL")


def below_a_file(path):
    path.parent.rmdir()
    path.parent.write_text("kept", encoding="utf-8")


UNUSABLE = {
    a_folder: "is a folder; name a file in it",
    a_text: "is damaged or is not an archive",
    anothers_database: "is a database of another program; name another file",
    a_newer_schema: "was written by a newer yange than this one; upgrade yange to use it",
}


@pytest.mark.parametrize("make", UNUSABLE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("command", ["crawl", "list"])
def test_an_archive_that_is_none_is_told_in_a_sentence_and_left_alone(
    town, tmp_path, make, command
):
    yange = Yange(tmp_path, town)
    yange.archive = tmp_path / "kept" / "archive.db"
    yange.configure(town)
    make(yange.archive)
    before = yange.archive.read_bytes() if yange.archive.is_file() else None
    said = sentence(yange.run(command, status=FAILED))
    assert said.startswith(f"yange: the archive {yange.archive} ")
    assert UNUSABLE[make] in said
    assert town.site.requests == []
    if before is not None:
        assert yange.archive.read_bytes() == before


@pytest.mark.parametrize("command", ["crawl", "run"])
def test_an_archive_that_cannot_be_made_is_told_in_a_sentence(town, tmp_path, command):
    yange = Yange(tmp_path, town)
    yange.archive = tmp_path / "kept" / "archive.db"
    yange.configure(town)
    below_a_file(yange.archive)
    said = sentence(yange.run(command, status=FAILED))
    assert said.startswith(f"yange: the archive {yange.archive} cannot be")


def test_an_archive_that_is_read_only_can_be_read_and_not_crawled_into(town, yange):
    fill(town, 1)
    yange.run("crawl")
    for path in yange.archive.parent.iterdir():
        path.chmod(0o444)
    yange.archive.parent.chmod(0o555)
    try:
        said = sentence(bound_by_permissions(lambda: yange.run("crawl", status=FAILED)))
        assert "read-only" in said
        assert len(bound_by_permissions(lambda: yange.read("list"))) == 1
    finally:
        yange.archive.parent.chmod(0o755)


def test_where_there_is_no_archive_yet_reading_says_how_to_make_one(yange):
    for command in ("list", "verify"):
        said = sentence(yange.run(command, status=FAILED))
        assert said == (
            f"yange: the archive {yange.archive} does not exist yet; `yange crawl` makes it"
        )
    assert not yange.archive.exists()
    assert yange.read("status")["documents"] == 0


@pytest.fixture
def damaged(town, yange):
    """An archive of which some pages have been overwritten."""
    fill(town, 2)
    yange.run("crawl")
    with closing(sqlite3.connect(yange.archive)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        roots = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name IN ('versions', 'locations', 'changes')"
        ).fetchall()
    with yange.archive.open("r+b") as file:
        for (page,) in roots:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)
    return yange


@pytest.mark.parametrize("command", [["list"], ["changes"], ["show", "1500/2025-00001"], ["crawl"]])
def test_a_damaged_archive_is_told_in_a_sentence(damaged, command):
    said = sentence(damaged.run(*command, status=FAILED))
    assert "is damaged or is not an archive" in said
    assert "restore it from a backup" in said


def test_verify_names_what_is_damaged(damaged):
    assert "the database cannot be read" in damaged.run("verify", status=FAILED).out


# Several at once ---------------------------------------------------------------------------------


def test_all_portals_are_crawled_when_none_is_named(neighbours):
    yange, east, west = neighbours
    fill(east, 2)
    fill(west, 3)
    west.answer(address(1), Answer.html("<h1>Internal Server Error</h1>", status=500))
    ended = yange.run("crawl", "--mode", "sweep", status=INCOMPLETE)
    assert [line.split(":")[0] for line in ended.out.splitlines() if line.startswith("run")] == [
        "run 1 of east (sweep)",
        "run 2 of west (sweep)",
    ]
    assert {(run["portal"], run["created"]) for run in runs(yange)} == {("east", 2), ("west", 2)}
    for option in (["--only", "1500/2025-00001"], ["--column", east.url("/gk/index.html")]):
        assert "name it" in sentence(yange.run("crawl", *option, status=MISUSED))


def test_r18_two_portals_crawled_at_once_into_a_new_archive_lose_and_double_nothing(neighbours):
    yange, east, west = neighbours
    count = 30
    fill(east, count)
    fill(west, count)
    lists = f"{COLUMN}index.html"
    with ExitStack() as stack:
        with hanging(east, lists), hanging(west, lists):
            crawls = [
                stack.enter_context(yange.started("crawl", portal, "--mode", "sweep"))
                for portal in ("east", "west")
            ]
            until(lambda: asked(east, lists) and asked(west, lists))
        for process in crawls:
            _, err = process.communicate()
            assert (process.returncode, err) == (FINISHED, "")
    assert [run["created"] for run in runs(yange)] == [count, count]
    for portal in ("east", "west"):
        rows = [row for row in documents(yange) if row["portal"] == portal]
        assert {row["index_number"] for row in rows} == {
            notice(number).number for number in range(1, count + 1)
        }
        assert {row["versions"] for row in rows} == {1}
    ledger = changes(yange)
    assert [change["seq"] for change in ledger] == list(range(1, 2 * count + 1))
    assert {change["kind"] for change in ledger} == {"created"}
    assert verified(yange).ledger_length == 2 * count


def test_a_second_crawl_of_one_portal_is_refused_in_a_sentence(town, yange):
    fill(town, 2)
    with yange.started("crawl") as first:
        with hanging(town, address(1)):
            until(lambda: asked(town, address(1)))
            second = yange.run("crawl", "town", status=FAILED)
            assert sentence(second) == (
                "yange: a crawl of town is under way in this archive; wait for its end"
            )
            # Readers see what is there meanwhile.
            [run] = runs(yange)
            assert (run["outcome"], run["finished_at"]) == ("running", None)
        first.communicate()
    assert first.returncode == FINISHED
    [run] = runs(yange)
    assert (run["outcome"], run["created"]) == ("finished", 2)


def test_a_crawl_waits_for_another_programs_transaction(town, yange):
    fill(town, 2)
    with yange.started("crawl") as crawl:
        with hanging(town, address(1)), closing(sqlite3.connect(yange.archive)) as other:
            until(lambda: asked(town, address(1)))
            other.execute("BEGIN IMMEDIATE")
        # The page was let go while the transaction was open; closing has rolled it back.
        crawl.communicate()
    assert crawl.returncode == FINISHED
    assert verified(yange).versions == 2


# Killed (R18) ------------------------------------------------------------------------------------

MOMENTS = {
    "before the list": f"{COLUMN}index.html",
    "at a document": address(4),
    "at the attachment of a document": "/files/roster.csv",
}
COUNT = 8


def crawl_that_is_stopped(town, yange, path, number):
    """Begin a crawl, and send it a signal when it has got all there is but one answer."""
    fill(town, COUNT)
    town.answer("/files/roster.csv", b"1,2\n")
    with_file = notice(5)
    with_file = with_file.but(body=(*with_file.body, File(name="名册", href="/files/roster.csv")))
    town.publish(with_file, address(5))
    waiting_for_list = path == MOMENTS["before the list"]
    expected = 0 if waiting_for_list else COUNT - 1
    with yange.started("crawl", "--mode", "sweep") as process, hanging(town, path):
        until(lambda: asked(town, path))
        until(lambda: yange.archive.exists() and recorded(yange) == expected)
        process.send_signal(number)
        process.communicate()
        return process.returncode


def recorded(yange):
    """How many versions there are, for any other program to see."""
    with closing(sqlite3.connect(f"{yange.archive.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM versions").fetchone()[0]
        except sqlite3.OperationalError:  # the schema is still being made
            return -1


def assert_completed(yange, found_before):
    """The crawl after the one that was stopped did the rest, and nothing twice."""
    run, before = runs(yange)
    assert (before["outcome"], before["created"]) == ("interrupted", found_before)
    assert before["finished_at"] is not None
    assert (run["outcome"], run["created"]) == ("finished", COUNT - found_before)
    rows = documents(yange)
    assert sorted(row["index_number"] for row in rows) == [
        notice(number).number for number in range(1, COUNT + 1)
    ]
    assert {row["versions"] for row in rows} == {1}
    with catalogue(yange) as opened:
        [attachment] = opened.show(notice(5).number)["attachments"]
    assert attachment["bytes"] == 4
    verified(yange)
    assert len(changes(yange)) == COUNT


@pytest.mark.parametrize("moment", MOMENTS)
def test_r18_a_killed_crawl_leaves_nothing_half_written_and_the_next_does_the_rest(
    town, yange, moment
):
    status = crawl_that_is_stopped(town, yange, MOMENTS[moment], signal.SIGKILL)
    assert status == -signal.SIGKILL
    found = recorded(yange)
    # It could not say so itself: the run reads as it did when the process ended.
    [run] = runs(yange)
    assert (run["outcome"], run["created"]) == ("running", found)
    assert len(documents(yange)) == found
    assert verified(yange).versions == found
    yange.run("crawl", "--mode", "sweep")
    assert_completed(yange, found)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_crawl_that_is_asked_to_end_does_so_and_keeps_what_it_has(town, yange, number):
    status = crawl_that_is_stopped(town, yange, MOMENTS["at a document"], number)
    assert status == INCOMPLETE
    [run] = runs(yange)
    assert (run["outcome"], run["created"]) == ("interrupted", COUNT - 1)
    assert any("asked to end" in problem for problem in run["problems"])
    yange.run("crawl", "--mode", "sweep")
    assert_completed(yange, COUNT - 1)


def test_r18_a_copy_of_the_files_of_a_killed_crawl_is_whole(town, yange, tmp_path):
    """What a power loss leaves behind: the database and its log, as they are at some moment."""
    fill(town, 4)
    copy = Yange(tmp_path, town)
    with yange.started("crawl") as process, hanging(town, address(1)):
        until(lambda: yange.archive.exists() and recorded(yange) == 3)
        for suffix in ("", "-wal"):
            shutil.copy(f"{yange.archive}{suffix}", f"{copy.archive}{suffix}")
        process.kill()
        process.communicate()
    assert verified(copy).versions == 3
    copy.run("crawl")
    assert [run["outcome"] for run in runs(copy)] == ["finished", "interrupted"]
    assert verified(copy).versions == 4


def test_r18_a_disk_that_is_full_ends_the_crawl_in_a_sentence_and_loses_nothing(town, yange):
    fill(town, 2)
    yange.run("crawl")
    fill(town, 60)
    # No file may grow beyond what the archive takes by now: its log of what is new soon would.
    blocks = yange.archive.stat().st_size // 512
    limited = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *yange.command("crawl")]
    ended = subprocess.run(limited, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == FAILED
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(f"yange: the archive {yange.archive} cannot")
    found = verified(yange).versions
    assert 2 <= found < 60
    yange.run("crawl")
    assert runs(yange)[0]["created"] == 60 - found
    assert verified(yange).versions == 60


def test_r18_wherever_a_crawl_is_killed_nothing_is_lost_or_doubled(town, yange):
    """The moment is whenever another process gets round to it; what must hold is the same."""
    count = 60
    fill(town, count)
    for goal in (1, 20, 40):
        with yange.started("crawl") as process:
            until(lambda goal=goal: yange.archive.exists() and recorded(yange) >= goal)
            process.kill()
            process.communicate()
        assert len(documents(yange)) == verified(yange).versions
    yange.run("crawl")
    assert sum(run["created"] for run in runs(yange)) == count
    assert len(documents(yange)) == verified(yange).ledger_length == count
    assert runs(yange)[0]["outcome"] == "finished"
