"""Crawls that are orders: carried out without an archive, recorded afterwards, and the same."""

import gzip
import resource
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.orders import ByOrder, execute, opened, order
from support.site import Record, Town, easysite, list_page
from support.yange import FAILED, FINISHED, INCOMPLETE, MISUSED, ROOT, Yange, kinds, told
from test_leaving import BROKEN, CHALLENGE, RULES
from warcio.archiveiterator import ArchiveIterator

from archive.runs import Stop
from archive.spools.form import SpoolRefusedError
from crawler.replica.server import Answer, Unmeasured

CLOSED = "<p>系统割接，请稍后访问。</p>"
EITHER = (FINISHED, INCOMPLETE)
LEDGER = Record(title="集市收费标准", number="1500/2025-00002", body=(RULES.body[0], RULES.body[1]))


def notice(number, **changed):
    return Record(title=f"通知第{number}号", number=f"1500/2026-{number:05}", **changed)


# --- the same, whichever way ----------------------------------------------------------------------


class Twins:
    """One portal watched into two archives: crawled in one process, and by order.

    One request at a time, so that both meet the same things in the same order.
    """

    def __init__(self, folder, town):
        for name in ("at-home", "by-order"):
            (folder / name).mkdir()
        self.town = town
        self.local = Yange(folder / "at-home", town)
        self.ordered = ByOrder(folder / "by-order", town)

    def crawl(self, mode, **changed):
        """Crawl both ways; the run."""
        requests = []
        limits = ["--limit", changed["limit"]] if "limit" in changed else []
        self.town.site.clear_requests()
        run = self.local.crawl(*limits, mode=mode, status=EITHER)
        requests.append([(one.path, validators(one)) for one in self.town.site.requests])
        self.town.site.clear_requests()
        self.ordered.crawl(mode=mode, status=EITHER, executed=EITHER, **changed)
        requests.append([(one.path, validators(one)) for one in self.town.site.requests])
        assert requests[0] == requests[1]
        for table, rows in timeless(self.local.archive).items():
            assert rows == timeless(self.ordered.archive)[table], table
        return run


def validators(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    return headers.get("if-none-match"), headers.get("if-modified-since")


NOT_THE_SAME = {"ingests", "_sqlite_migrations", "encodings", "seals", "dictionaries"}
OF_TIMES = {"hash", "previous", "digest", "version_digest", "data", "bytes"}


def timeless(archive):
    """Every row of every table, but for when things happened, and hashes of that."""
    with closing(sqlite3.connect(archive)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute(
            """SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
               AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'search_*'"""
        ).fetchall()
        return {
            table: [
                {
                    name: row[name]
                    for name in row.keys()  # noqa: SIM118 a row is no mapping
                    if not name.endswith("_ms") and name not in OF_TIMES and name != "headers"
                }
                for row in connection.execute(f"SELECT * FROM {table}")
            ]
            for (table,) in tables
            if table not in NOT_THE_SAME
        }


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    one_at_a_time = {"politeness": {"delay": 0, "concurrency": 1}}
    with Town("/gk/", "/tz/", **one_at_a_time) as town:
        yield Twins(tmp_path_factory.mktemp("twins"), town)


def test_what_happens_to_a_portal_is_recorded_the_same_way(twins):
    """Ten crawls, of every mode, in the course of which all that a crawl can meet is met.

    Rows, ids, requests and their validators are compared after each of them.
    """
    town = twins.town
    town.settings["under"] = [town.url("/menu/index.html")]
    town.settings["columns"] = [town.url("/gk/index.html"), town.url("/tz/index.html")]
    town.answer(
        "/menu/index.html",
        easysite(
            "政务公开", '<ul class="side"><li><a href="/menu/a/index.html">目录</a></li></ul>'
        ),
    )
    town.columns.append("/menu/a/")
    town._listed["/menu/a/"] = {}
    town._list("/menu/a/")
    for yange in (twins.local, twins.ordered):
        yange.configure(town)
    town.answer("/files/roster.csv", Answer(body=b"1,2\n", headers={"ETag": '"one"'}))
    town.answer("/files/map.csv", BROKEN)
    town.publish(RULES, "/gk/1/index.html")
    town.publish(LEDGER, "/gk/2/index.html", "/menu/a/2/index.html")
    for number in range(3, 9):
        town.publish(notice(number), f"/gk/{number}/index.html")
    town.publish(notice(9), "/menu/a/9/index.html")
    town.publish(notice(10, written="二〇二六"), "/tz/10/index.html")
    town.list_row("/gk/404/index.html", "尚未发布")
    town.list_row("/gk/front/index.html", "首页")
    town.redirect("/gk/front/index.html", "/")
    town.answer("/", easysite("柳溪市人民政府", "<p>欢迎</p>"))
    town.list_row("/gk/wall/index.html", "防火墙")
    town.answer("/gk/wall/index.html", CHALLENGE)
    town.list_row("/gk/moved/index.html", "迁移")
    town.redirect("/gk/moved/index.html", "/gk/3/index.html")
    first = twins.crawl("sweep")
    assert first["created"] == 10
    assert any("columns were found below" in one for one in first["problems"])

    # Bytes that come late, a file that did not change, documents that did.
    town.answer("/files/map.csv", b"3,4\n")
    town.answer("/gk/wall/index.html", notice(11).html())
    town.publish(notice(3, validity="废止"), "/gk/3/index.html")
    town.answer(
        "/gk/4/index.html",
        Answer(body=notice(4).html().encode(), headers={"ETag": '"four"'}),
    )
    town.remove("/gk/5/index.html")
    town.answer("/gk/6/index.html", notice(6).html_without_metadata())
    town.redirect("/gk/7/index.html", "/gk/17/index.html")
    town.answer("/gk/17/index.html", notice(7, summary="又").html())
    recheck = twins.crawl("recheck")
    assert (recheck["gone"], recheck["blocked"]) == (1, 1)

    # What is new, in a list that breaks off; one column answers no more.
    town.publish(notice(12), "/gk/12/index.html")
    town.publish(notice(13), "/tz/13/index.html")
    rows = [("/tz/13/index.html", "通知"), ("/tz/10/index.html", "通知")]
    town.answer("/tz/index.html", list_page("公开文件", rows, "/tz/index_2.html"))
    town.answer("/tz/index_2.html", BROKEN)
    town.remove("/menu/a/index.html")
    discovery = twins.crawl("discover")
    assert any("could not be read to its end" in one for one in discovery["problems"])
    assert any("is no list now" in one for one in discovery["problems"])

    # Another file at the same address, one that is twice gone, one that is itself again.
    town.answer("/files/roster.csv", Answer(body=b"1,2,3\n", headers={"ETag": '"two"'}))
    # And one that breaks off, which only the archive can tell: it has what stood there before.
    town.answer("/files/map.csv", Answer(200, {}, b"3,4\n", then=Unmeasured(2)))
    town.publish(notice(6), "/gk/6/index.html")
    town._list("/tz/")
    swept = twins.crawl("sweep")
    assert swept["withdrawn"] == 1
    assert any("/files/map.csv could not be fetched" in one for one in swept["problems"])
    town.answer("/files/map.csv", b"3,4\n")
    twins.crawl("recheck", limit=4)
    town.publish(notice(5), "/gk/5/index.html")
    assert kinds(twins.local.changes_of(twins.crawl("recheck"))) == ["restored"]
    town._list("/menu/a/")
    twins.crawl("discover")
    # An address that a person asks for.
    town.publish(notice(8, body=("第一条 改。",)), "/gk/8/index.html")
    twins.local.run("crawl", "--only", town.url("/gk/8/index.html"))
    twins.ordered.crawl(mode="discover", only=[town.url("/gk/8/index.html")])
    assert timeless(twins.local.archive)["changes"] == timeless(twins.ordered.archive)["changes"]
    assert twins.local.read("verify")["ok"]
    assert twins.ordered.read("verify")["ok"]


def test_r11_a_crawl_without_an_archive_stops_where_the_archive_doubts_every_page(tmp_path):
    """Pages that only the archive could tell from their documents, since it knows these."""
    with Town(politeness={"delay": 0, "concurrency": 1}) as town:
        yange = ByOrder(tmp_path, town)
        for number in range(40):
            town.publish(notice(number), f"/gk/{number}/index.html")
        yange.crawl()
        for number in range(40):
            town.answer(f"/gk/{number}/index.html", notice(number).html_without_metadata())
        town.site.clear_requests()
        run = yange.crawl(mode="recheck", status=INCOMPLETE, executed=INCOMPLETE)
        asked = [one for one in town.site.requests if one.path.startswith("/gk/")]
        assert 20 <= len(asked) < 30
        assert run["stopped"] == Stop.BLOCKED
        assert run["blocked"] == run["pages"]
        assert [one.partition(":")[0] for one in run["problems"]] == ["stopped early", "suspect"]


# --- the files ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A town, an archive that was filled by order, and the spool of that."""
    with Town("/gk/") as town:
        yange = ByOrder(tmp_path_factory.mktemp("swept"), town)
        town.answer("/files/roster.csv", b"1,2\n" * 400_000)
        town.answer("/files/map.csv", Answer(body=b"3,4\n", headers={"ETag": '"map"'}))
        town.publish(RULES, "/gk/1/index.html")
        for number in range(2, 30):
            town.publish(notice(number), f"/gk/{number}/index.html")
        yange.order_path = order(yange)
        yange.spool = execute(yange, yange.order_path)
        yange.run("ingest", yange.spool)
        yange.small = execute(yange, order(yange, "discover"))
        yange.town = town
        yield yange


def records(spool):
    with spool.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            content = record.content_stream().read()
            yield record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), content


def test_a_spool_is_a_warc_file_that_other_tools_read(swept, tmp_path):
    """Answers as records of their kind, in the order in which they came."""
    found = list(records(swept.spool))
    kinds_found = [kind for kind, _, _ in found]
    assert kinds_found[0] == "warcinfo"
    assert found[-1][:2] == ("metadata", "urn:yange:spool:end")
    pages = {url: content for kind, url, content in found if kind == "response"}
    assert sum(url.endswith("/index.html") for url in pages) == 29
    [rules] = [content for url, content in pages.items() if url.endswith("/gk/1/index.html")]
    assert rules == RULES.html().encode()
    [files] = [content for kind, url, content in found if kind == "resource" and "roster" in url]
    assert files == b"1,2\n" * 400_000
    again = execute(swept, order(swept, "recheck"))
    with again.open("rb") as file:
        revisits = [
            (
                one.rec_headers.get_header("WARC-Profile"),
                one.rec_headers.get_header("WARC-Target-URI"),
            )
            for one in ArchiveIterator(file, check_digests="raise")
            if one.rec_type == "revisit"
        ]
    # A file that was answered anew with the bytes that are known travels no second time.
    assert sum("roster" in url for _, url in revisits) == 1
    assert len(revisits) == 30
    assert again.stat().st_size < swept.spool.stat().st_size / 3


def facts(yange):
    """All that an archive holds, to the last byte of every table."""
    if not yange.archive.exists():
        return None
    with closing(sqlite3.connect(yange.archive)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'search_*'"
        ).fetchall()
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall() for (table,) in tables
        }


def test_a_spool_that_was_recorded_changes_nothing_when_it_comes_again(swept, tmp_path):
    before = facts(swept)
    first = swept.run("ingest", swept.spool).out
    assert first == swept.run("ingest", swept.spool, swept.spool).out[: len(first)]
    assert "run 1 of town (sweep): finished" in first
    # Nor does what another machine made of the same order.
    other = tmp_path / "other.warc.gz"
    swept.run("execute", swept.order_path, "--spool", other)
    swept.run("ingest", other)
    assert facts(swept) == before


def test_an_order_is_carried_out_where_there_is_nothing_but_its_file(swept, tmp_path):
    """No archive, and no configuration."""
    path = order(swept, "discover")
    swept_files = {one.name for one in tmp_path.iterdir()}
    nowhere = Yange(tmp_path, Nowhere())
    nowhere.configuration.unlink()
    nowhere.run("execute", path, "--spool", tmp_path / "spool.warc.gz")
    assert {one.name for one in tmp_path.iterdir()} - swept_files == {"spool.warc.gz"}
    said = nowhere.run("execute", path, "--spool", tmp_path / "spool.warc.gz", status=MISUSED).err
    assert sentence(said).endswith("exists already; name another file for the spool")


class Nowhere:
    def configuration(self, _archive):
        return ""


def sentence(said):
    """The one sentence that a failed command ended with."""
    last = said.splitlines()[-1]
    assert last.startswith("yange: ")
    return last


def of_another_format(content, stated, other):
    """The same, where the first gzip member says something else."""
    begin = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = begin.decompress(content)
    assert stated in text
    return gzip.compress(text.replace(stated, other)) + begin.unused_data


def spoilt(content, stated, other):
    """What can become of a file, and what is said of it."""
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]
    yield b"", "is none"
    yield b"something else altogether", "is none"
    yield content[:40], "is "
    yield content[:middle], "is cut off"
    yield content[:-1], "is cut off"
    yield content + content[:100], "is cut off"
    yield flipped, "is damaged: its bytes are not those that were written"
    another = of_another_format(content, stated, other)
    yield another, "was written by another version of yange"


def test_what_is_no_whole_order_of_this_yange_is_refused(swept, tmp_path):
    asked = len(swept.town.site.requests)
    whole = swept.order_path.read_bytes()
    path, spool = tmp_path / "an.order", tmp_path / "spool"
    for content, why in spoilt(whole, b'"yange-order":1', b'"yange-order":2'):
        path.write_bytes(content)
        said = sentence(swept.run("execute", path, "--spool", spool, status=FAILED).err)
        assert said.startswith(f"yange: the order {path} {why}")
        assert said.endswith("nothing was asked for")
    path.unlink()
    said = sentence(swept.run("execute", path, "--spool", spool, status=FAILED).err)
    assert said.startswith(f"yange: the order {path} cannot be read: No such file or directory")
    assert list(tmp_path.iterdir()) == []
    assert len(swept.town.site.requests) == asked


def test_what_is_no_whole_spool_of_this_yange_is_refused(swept, tmp_path):
    fresh = Yange(tmp_path, swept.town)
    path = tmp_path / "spool.warc.gz"
    with opened(fresh):
        before = facts(fresh)
    for content, why in spoilt(swept.spool.read_bytes(), b"yange-spool: 1", b"yange-spool: 2"):
        path.write_bytes(content)
        said = sentence(fresh.run("ingest", path, status=FAILED).err)
        assert said.startswith(f"yange: the spool {path} {why}")
        assert said.endswith("nothing of it was recorded")
        assert facts(fresh) == before
    # An archive's own export is a WARC file as well.
    swept.run("export", "warc", tmp_path / "export.warc.gz")
    said = sentence(fresh.run("ingest", tmp_path / "export.warc.gz", status=FAILED).err)
    assert "is none: it does not begin as `yange execute` begins one" in said
    text = fresh.configuration.read_text(encoding="utf-8")
    fresh.configuration.write_text(text.replace("  town:", "  village:"), encoding="utf-8")
    said = sentence(fresh.run("ingest", swept.spool, status=FAILED).err)
    assert "is of a portal 'town', which is not configured" in said
    assert facts(fresh) == before


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_of_a_spool_can_be_another_one_unnoticed(swept, tmp_path, data):
    whole = swept.small.read_bytes()
    last = whole.rfind(b"\x1f\x8b\x08")
    place = data.draw(st.integers(0, last - 1))
    change = data.draw(st.integers(1, 255))
    path = tmp_path / "spool.warc.gz"
    path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
    with opened(swept) as archive, pytest.raises(SpoolRefusedError):
        archive.ingest(path)


# --- ends before the end --------------------------------------------------------------------------


def until(condition):
    """Wait for what is bound to happen."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gently():
    return Town("/gk/", politeness={"delay": 0.05, "concurrency": 1})


def test_a_crawl_that_is_asked_to_end_leaves_a_whole_spool(tmp_path):
    with gently() as town:
        yange = ByOrder(tmp_path, town)
        for number in range(200):
            town.publish(notice(number), f"/gk/{number}/index.html")
        path = order(yange)
        spool = tmp_path / "spool.warc.gz"
        with yange.started("execute", path, "--spool", spool, "--tethered") as process:
            until(lambda: len(town.site.requests) > 10)
            assert not spool.exists()
            process.stdin.write("the daemon was asked to end\n")
            process.stdin.close()
            assert process.wait() == INCOMPLETE
        yange.run("ingest", spool, status=INCOMPLETE)
        [run] = yange.read("runs")
        assert run["outcome"] == "interrupted"
        assert run["problems"] == ["stopped early: the daemon was asked to end"]
        assert 0 < run["created"] < 200
        yange.crawl()
        assert len(yange.list()) == 200
        assert yange.read("verify")["ok"]


EXECUTING = """
import sys
from pathlib import Path
from crawler.orders.executing import execute
from crawler.permit import PermitLostError

class Permit:
    def __init__(self, most):
        self.left = most

    def holds(self):
        self.left -= 1
        return self.left >= 0

try:
    execute(Path(sys.argv[1]), Path(sys.argv[2]), Permit(int(sys.argv[3])))
except PermitLostError as error:
    print("yange:", error, file=sys.stderr)
"""
"""Carries out an order under a permit that holds so many times."""


@pytest.mark.parametrize("looks", [0, 20, 21])
def test_nothing_is_asked_without_the_permit(tmp_path, looks):
    """It is looked at when a request's turn has come, and again when it is about to be written."""
    with gently() as town:
        yange = ByOrder(tmp_path, town)
        for number in range(30):
            town.publish(notice(number), f"/gk/{number}/index.html")
        path = order(yange)
        files = set(tmp_path.iterdir())
        done = subprocess.run(
            [sys.executable, "-c", EXECUTING, path, tmp_path / "spool", str(looks)],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert sentence(done.stderr) == (
            "yange: the permit to ask the portal was lost before the crawl had come to its end"
        )
        assert len(town.site.requests) == looks // 2
        assert set(tmp_path.iterdir()) == files


def test_a_disk_that_is_full_ends_the_crawl_and_leaves_no_spool(swept, tmp_path):
    path = order(swept)
    spool = tmp_path / "spool.warc.gz"
    done = subprocess.run(
        swept.command("execute", path, "--spool", spool),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)),
    )
    assert done.returncode == FAILED
    assert sentence(done.stderr).endswith(f"{spool} cannot be written: File too large")
    assert list(tmp_path.iterdir()) == []


# --- what else has happened meanwhile -------------------------------------------------------------


def test_what_another_run_has_seen_since_is_not_overtaken_by_what_is_older(tmp_path):
    with Town() as town:
        yange = ByOrder(tmp_path, town)
        town.publish(notice(1), "/gk/1/index.html")
        town.publish(notice(2), "/gk/2/index.html")
        yange.crawl()
        spool = execute(yange, order(yange, "recheck"))
        amended = notice(1, body=("第一条 改。",))
        town.publish(amended, "/gk/1/index.html")
        town.publish(notice(3), "/gk/3/index.html")
        Yange.crawl(yange, "--only", town.url("/gk/1/index.html"), mode="recheck")
        yange.run("ingest", spool)
        run = yange.read("runs")[0]
        left_out = "pages left out, since another run has asked for them meanwhile: 1"
        assert run["problems"] == [left_out]
        assert run["unchanged"] == 1
        changes = yange.changes()
        assert kinds(changes) == ["content", "created", "created"]
        assert yange.show(town.url("/gk/1/index.html"))["text"] == "第一条 改。"


def test_pages_are_read_anew_where_the_archive_has_another_reader_by_then(tmp_path):
    """R12: also a page that this reader takes for no document."""
    with Town() as town:
        yange = ByOrder(tmp_path, town)
        town.publish(notice(1, summary="第一"), "/gk/1/index.html")
        town.list_row("/gk/2/index.html", "系统割接")
        town.answer("/gk/2/index.html", easysite("系统割接", f'<div id="zoom">{CLOSED}</div>'))
        spool = execute(yange, order(yange))
        town.settings |= {
            "labels": {"summary": ["发文机构"]},
            "notices": {"maintenance": ["系统割接"]},
        }
        yange.configure(town)
        yange.run("ingest", spool, status=INCOMPLETE)
        [document] = yange.list()
        assert document["summary"] == "市人民政府办公室"
        outcomes = {one["outcome"] for one in yange.read("captures")}
        assert outcomes == {"suspect", "document"}
        # As a crawl with that reader finds it.
        (tmp_path / "local").mkdir()
        local = Yange(tmp_path / "local", town)
        local.crawl(status=INCOMPLETE)
        assert told(local.changes()) == told(yange.changes())
        assert yange.crawl(mode="recheck")["changed"] == 0
