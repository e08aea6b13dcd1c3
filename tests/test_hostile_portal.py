"""A portal that means harm: one crawl of everything that a server can do to whoever asks it.

What it answers is written byte by byte, since no web server would send most of it. Beside it stands
a server that is none of the portal's, under every name it could be reached by: nobody may ask it.
"""

import gzip
import io
import os
import re
import socket
import sys
import threading
import zlib
from contextlib import ExitStack, suppress

import brotli
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from support.memory import run_measured
from support.site import ADDRESS, File, Record, Town, easysite, list_page
from support.yange import INCOMPLETE, ROOT, Yange

from archive.captures import CaptureFilter
from archive.errors import NotFoundError
from archive.locations import NotALocationError, location_key
from archive.reading import Nature
from archive.terminal import visible, visible_json
from crawler.fence import Fence
from crawler.reading import PageReader, read_list
from scheduler import logs

MEBIBYTE = 1024 * 1024
MOST_MEMORY = 400 * MEBIBYTE
TIMEOUT = 2
PAGE_BYTES = 32 * MEBIBYTE
LIST_PAGES = 5
ATTACHMENTS = 3

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
ESCAPE = "\x1b]0;owned\x07\x1b[31m"


# What pages are made of that are long and say nothing; `%d` is a number.
LONG = {
    "digits": "1",
    "years": "2024年",
    "less-than": "<",
    "white space": " \n",
    "labels": "索引号：",
    "lines of labels": "索引号：1<br>",
    "labels with text between": f"索引号：x<p>{'字' * 60}</p>",
    "cells": "<tr><td>索引号</td><td>1</td></tr>",
    "unknown cells": "<tr><td>未知词</td><td>1</td></tr>",
    "links on one line": '<a href="/gk/%d.html">关于第%d号事项的通知</a><br>',
    "nested links": '<a href="/gk/%d.html"><span>',
    "rows": '<li><a href="/gk/%d.html">关于第%d号事项的通知</a><span>2025-01-01</span></li>',
    "comments": "<!-- -->",
    "pictures": '<img src="/%d.png">',
    "headings": "<h1>x</h1>",
    "titles": '<div class="title">某某通知</div>',
    "breaks": "某某内容<br>",
    "files": '<a href="/%d.pdf">附件</a>',
}


class RawSite:
    """A server that writes what its `answers`, by path, write; anything else is 404.

    An answer is bytes, or a generator of them that may never end. `asked` are the paths in order.
    """

    def __init__(self):
        self.answers = {}
        self.asked = []
        self._server = socket.create_server((ADDRESS, 0), backlog=200)
        self.port = self._server.getsockname()[1]
        self.closing = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.closing.set()
        # A listening socket that is only closed goes on accepting until the next connection.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def url(self, path):
        return f"http://{ADDRESS}:{self.port}{path}"

    def drip(self, start, piece, interval):
        """`start`, then `piece` again and again."""
        yield start
        while not self.closing.wait(interval):
            yield piece

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65536)
                if not received:
                    return
                head += received
            path = head.split(b" ", 2)[1].decode("latin-1")
            self.asked.append(path)
            answer = self.answers.get(path) or self.answers.get(path.partition("?")[0])
            if answer is None:
                answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            for piece in (answer,) if isinstance(answer, bytes) else answer():
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)


def answer(body, *headers, status="200 OK", length=True, kind="text/html; charset=utf-8"):
    """An answer with these bytes, as a well-meaning server would write it."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    lines += [f"Content-Type: {kind}"] * bool(kind)
    lines += [f"Content-Length: {len(body)}"] * length
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def redirect(location):
    return answer(b"", f"Location: {location}", status="302 Found")


def document(number, **changes):
    return Record(title=f"关于第{number}号事项的通知", number=f"/2025-{number:05}").but(**changes)


class Harm:
    """The hostile pages: of each its answer, and the outcome that its capture is to have."""

    def __init__(self, site, bait):
        self.site = site
        self.bait = bait
        self.outcomes = {}
        self.number = 20000
        for collect in (self.redirects, self.bodies, self.wires, self.texts, self.files):
            collect()

    def add(self, name, what, outcome):
        path = f"/gk/{name}/index.html"
        self.site.answers[path] = what
        self.outcomes[path] = outcome

    def page(self, **changes):
        self.number += 1
        return document(self.number, **changes).html()

    def redirects(self):
        outside = self.bait.port
        for name, location in {
            "other-port": f"http://{ADDRESS}:{outside}/x",
            "localhost": f"http://localhost:{outside}/x",
            "localhost-own-port": f"http://localhost:{self.site.port}/gk/good/index.html",
            "private": f"http://10.0.0.1:{outside}/x",
            "metadata": "http://169.254.169.254/latest/meta-data/",
            "loopback6": f"http://[::1]:{outside}/x",
            "mapped": f"http://[::ffff:127.0.0.1]:{outside}/x",
            "decimal": f"http://2130706433:{outside}/x",
            "octal": f"http://0177.0.0.1:{outside}/x",
            "hexadecimal": f"http://0x7f.1:{outside}/x",
            "decimal-own-port": f"http://2130706433:{self.site.port}/gk/good/index.html",
            "short": f"http://127.1:{outside}/x",
            "user": f"http://{ADDRESS}:{self.site.port}@localhost:{outside}/x",
            "user-own": f"http://a:b@{ADDRESS}:{self.site.port}/gk/good/index.html",
            "dot": f"http://localhost.:{outside}/x",
            "upper": f"HTTP://LOCALHOST:{outside}/x",
            "wide": f"http://１２７.0.0.1:{outside}/x",
            "idn": f"http://ⓛocalhost:{outside}/x",
            "no-scheme": f"//localhost:{outside}/x",
            "file": "file:///etc/passwd",
            "ftp": f"ftp://{ADDRESS}:{outside}/x",
            "gopher": f"gopher://{ADDRESS}:{outside}/x",
            "data": "data:text/html,<html><body>x</body></html>",
            "script": "javascript:location.reload()",
            "broken": "http://[",
            "broken-port": f"http://{ADDRESS}:99999/x",
        }.items():
            self.add(f"to-{name}", redirect(location), "forbidden")
        # A path of the portal's own, whatever a browser would make of it.
        self.add("to-backslash", redirect(f"http:\\\\localhost:{outside}\\x"), "gone")
        self.add("to-nul", redirect("http://local\x00host/"), "forbidden")
        self.add("to-long", redirect(f"/gk/{'a' * 9000}/index.html"), "forbidden")
        self.add("to-itself", redirect("index.html"), "failed")
        self.add("circle", redirect("/circle/"), "failed")
        self.site.answers["/circle/"] = redirect("/gk/circle/index.html")
        for step in range(9):
            self.site.answers[f"/chain/{step}.html"] = redirect(f"/chain/{step + 1}.html")
        self.add("chain", redirect("/chain/0.html"), "failed")
        self.add("to-nothing", redirect(""), "failed")

    def bodies(self):
        zeros = bytes(PAGE_BYTES + MEBIBYTE)
        packed = gzip.compress(zeros)
        for name, encoding, body in (
            ("gzip", "gzip", packed),
            ("deflate", "deflate", zlib.compress(zeros)),
            ("brotli", "br", brotli.compress(zeros, quality=1)),
            ("nested", "gzip, gzip", gzip.compress(gzip.compress(zeros))),
        ):
            self.add(f"bomb-{name}", answer(body, f"Content-Encoding: {encoding}"), "failed")
        self.add("not-gzip", answer(self.page(), "Content-Encoding: gzip"), "failed")
        self.add("unknown-coding", answer(b"\x01\x02" * 900, "Content-Encoding: snappy"), "suspect")
        self.add("too-large", answer(b"<html>" + zeros), "failed")
        paragraph = f"<p>第二条 {'本办法自公布之日起施行。' * 30}</p>"
        count = (PAGE_BYTES - 2 * MEBIBYTE) // len(paragraph.encode())
        self.add(
            "large",
            answer(self.page().replace("<p>第二条", paragraph * count + "<p>第二条")),
            "document",
        )
        self.add("nothing", answer(b""), "suspect")
        self.add("nul", answer(bytes(5000)), "suspect")
        self.add("no-text", answer(os.urandom(5000)), "suspect")
        self.add("pdf", answer(b"%PDF-1.4\n" + os.urandom(999)), "suspect")
        self.add("image", answer(self.page(), kind="image/png"), "other")
        self.add("image-escape", answer(b"x", kind=f"image/{ESCAPE}"), "other")
        self.add("untyped", answer(self.page(), kind=""), "document")
        tags = easysite("x", "<b>x</b>" * 400_000)
        self.add("tags", answer(tags), "suspect")
        attributes = easysite("x", f"<p {'a b c ' * 800_000}>")
        self.add("attributes", answer(attributes), "suspect")

    def wires(self):
        drip, wires = self.site.drip, {}
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        page = self.page().encode()
        wires["interim"] = lambda: drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 500, 0.02)
        wires["header-without-end"] = lambda: drip(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 5000, 0)
        wires["line-without-end"] = lambda: drip(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 50000, 0)
        cookies = b"".join(b"Set-Cookie: a%d=%s\r\n" % (n, b"x" * 4000) for n in range(200))
        wires["cookies"] = head + cookies + b"\r\n" + page
        wires["chunk"] = head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"
        wires["chunk-cut"] = head + b"Transfer-Encoding: chunked\r\n\r\nfff\r\nabc"
        wires["chunk-huge"] = head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc"
        wires["coding"] = head + b"Transfer-Encoding: nonsense\r\n\r\nabc"
        wires["length-short"] = head + b"Content-Length: 999999\r\n\r\n" + page
        wires["length-huge"] = head + b"Content-Length: 99999999999999999999\r\n\r\n" + page
        wires["length-negative"] = head + b"Content-Length: -5\r\n\r\n" + page
        wires["length-word"] = head + b"Content-Length: many\r\n\r\n" + page
        wires["length-two"] = head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + page
        wires["status-word"] = b"HTTP/1.1 OK 200\r\n\r\n" + page
        wires["no-http"] = b"220 ftp.example.org ready\r\n" * 50
        wires["hangs-up"] = b"HTTP/1.1 200 OK\r\n"
        for name, wire in wires.items():
            self.add(name, wire, "failed")
        for name in ("chunk", "chunk-cut", "chunk-huge", "length-short"):
            # Something arrived, which is kept as evidence.
            self.outcomes[f"/gk/{name}/index.html"] = "suspect"
        for status in ("204 No Content", "206 Partial Content", "300 Multiple", "999 x", "302 x"):
            code = status.partition(" ")[0]
            self.add(f"status-{code}", answer(page, status=status), "failed")
        # Nobody asked on condition.
        self.add("status-304", answer(b"", status="304 Not Modified", length=False), "failed")

    def texts(self):
        """Documents, each with something in it that is meant to break its reader or its reading."""
        self.add("escape", answer(self.page(title=f"通知{ESCAPE}", summary=ESCAPE)), "document")
        entities = self.page().replace("关于第", "&#27;[31m\x9b31m&#8238;关于第")
        self.add("entities", answer(entities), "document")
        self.add("script-title", answer(self.page(title="<script>alert(1)</script>")), "document")
        self.add("long-title", answer(self.page(title="长" * 5000)), "document")
        dates = self.page(written="0000-00-00", published="99999-13-45", repealed="2024年13月")
        self.add("dates", answer(dates), "document")
        self.add(
            "invalid",
            answer(self.page().encode().replace("第一条".encode(), b"\xff\xfe\x00")),
            "document",
        )
        self.add(
            "deep",
            answer(self.page().replace("<p>第二条", "<div>" * 20000 + "<p>第二条")),
            "document",
        )
        links = "".join(f'<a href="/{n}.html">{n}</a>' for n in range(10_000))
        self.add("links", answer(self.page().replace("第二条", links)), "document")
        for name in ("digits", "years", "white space", "labels"):
            body = (LONG[name] * 20_000, "第二条 本办法自公布之日起施行。")
            self.add(name.replace(" ", "-"), answer(self.page(body=body)), "document")

    def files(self):
        """A document with attachments of all kinds, and one with ten thousand."""
        page = self.page(
            body=(
                "见附件。",
                File(name=f"{ESCAPE}../../../../etc/passwd" + "长" * 5000, href="/files/a.pdf"),
                File(name="循环", href="/files/circle.pdf"),
                File(name="外面", href="/files/outside.pdf"),
            )
        )
        self.add("attached", answer(page), "document")
        self.site.answers |= {
            "/files/a.pdf": answer(b"%PDF-1.4 a", kind=""),
            "/files/circle.pdf": redirect("/files/circle.pdf"),
            "/files/outside.pdf": redirect(self.bait.url("/x")),
        }
        many = tuple(File(name=f"附件{n}", href=f"/many/{n}.pdf") for n in range(10_000))
        self.add("index-of-files", answer(self.page(body=("见附件。", *many))), "document")
        for number in range(10_000):
            self.site.answers[f"/many/{number}.pdf"] = answer(b"%PDF-1.4 b", kind="")


def crawl(folder, town, **limits):
    """Crawl once, logging to stderr; yange, the most memory the crawl took, and what it said."""
    town.settings["limits"] = {"retries": 0, **limits}
    town.settings["politeness"] = {"delay": 0, "concurrency": 2}
    yange = Yange(folder, town)
    with (folder / "stderr").open("wb") as err, (folder / "stdout").open("wb") as out:
        command = yange.command("crawl", "--mode", "sweep")
        status, memory = run_measured(
            command, folder / "measured", cwd=ROOT, stdout=out, stderr=err
        )
    said = (folder / "stderr").read_text("utf-8") + (folder / "stdout").read_text("utf-8")
    assert status == INCOMPLETE, said[-5000:]
    return yange, memory, said


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    with ExitStack() as stack:
        bait, site, huge, astray = (stack.enter_context(RawSite()) for _ in range(4))
        columns = ("/gk/", "/endless/", "/itself/", "/two/", "/calendar/", "/astray/", "/large/")
        town = stack.enter_context(Town(*columns))
        yield Crawled(tmp_path_factory.mktemp("hostile"), town, site, bait, (huge, astray))


class Crawled:
    """The portal after its one crawl: what was asked, and what is in the archive."""

    def __init__(self, folder, town, site, bait, robots):
        self.town, self.site, self.bait, self.robots = town, site, bait, robots
        self.harm = Harm(site, bait)
        self.good = [f"/gk/good-{number}/index.html" for number in range(60)]
        self.columns()
        self.robots_files()
        self.main_list()
        town.settings["hosts"] = [f"{ADDRESS}:{one.port}" for one in (town.site, site, *robots)]
        self.yange, self.memory, self.said = crawl(
            folder, town, page_bytes=PAGE_BYTES, list_pages=LIST_PAGES, attachments=ATTACHMENTS
        )
        with self.yange.catalogue() as catalogue:
            [self.run] = catalogue.runs()
            captures, _ = catalogue.captures(None, CaptureFilter(), 1000)
            self.captures = {one["url"]: one for one in captures}
            self.documents = {one["url"]: one for one in catalogue.documents()}

    def main_list(self):
        for number, address in enumerate(self.good):
            self.town.answer(address, document(number).html())
        bad = [self.site.url(path) for path in self.harm.outcomes]
        bad += [one.url("/gk/ruled/index.html") for one in self.robots]
        rows = []
        while bad or len(rows) < len(self.good):
            rows += bad[:2]
            del bad[:2]
        mixed = []
        good = iter(self.good)
        for number, row in enumerate(rows):
            mixed += [row] if number % 2 else [row, next(good, None)]
        mixed += good
        everywhere = [
            (href, f"{ESCAPE * (n == 0)}关于第{n}号事项的通知")
            for n, href in enumerate(filter(None, mixed))
        ]
        outside = [
            f"http://{host}:{self.bait.port}/row" for host in (ADDRESS, "localhost", "2130706433")
        ]
        outside += ["file:///etc/passwd", "javascript:void(0)", "http://[/", "http://x:y@z/"]
        everywhere += [(href, "关于外面的通知") for href in outside]
        self.town.answer("/gk/index.html", list_page("公开文件", everywhere))

    def columns(self):
        """Lists without end, and lists that lead astray."""
        town, pages = self.town, LIST_PAGES + 7

        def rows(column, numbers):
            named = [(f"{column}{n}/index.html", f"关于第{n}号事项的通知") for n in numbers]
            for address, _ in named:
                self.number = getattr(self, "number", 40000) + 1
                town.answer(address, document(self.number).html())
            return named

        for page in range(1, pages):
            here = "/endless/index.html" if page == 1 else f"/endless/{page}.html"
            listed = rows("/endless/", range(page * 3, page * 3 + 3))
            town.answer(here, list_page("公开文件", listed, f"/endless/{page + 1}.html"))
            days = [(f"/calendar/day?date=2025-01-{page:02}", f"2025年1月{page}日的全部信息")]
            query = "" if page == 1 else f"?date=2025-{page:02}"
            following = f"/calendar/index.html?date=2025-{page + 1:02}"
            town.pages[ADDRESS, f"/calendar/index.html{query}"] = list_page("公开", days, following)
        town.answer("/calendar/day", easysite("日历", "<p>没有内容</p>"))
        itself = rows("/itself/", range(2))
        town.answer("/itself/index.html", list_page("公开文件", itself, "/itself/index.html"))
        first, second = rows("/two/", range(2)), rows("/two/", range(2, 4))
        town.answer("/two/index.html", list_page("公开文件", first, "/two/2.html"))
        town.answer("/two/2.html", list_page("公开文件", second, "/two/index.html"))
        astray = list_page("公开文件", rows("/astray/", range(2)), self.bait.url("/pager"))
        town.answer("/astray/index.html", astray)
        large = rows("/large/", range(2)) + [
            (f"http://localhost:{self.bait.port}/{n}.html", f"关于第{n}号外面事项的通知")
            for n in range(20_000)
        ]
        text = list_page("公开文件", large)
        padding = "<!-- " + "x" * (8 * MEBIBYTE - len(text.encode()) - 9) + " -->"
        town.answer("/large/index.html", text.replace("</body>", f"{padding}</body>"))

    def robots_files(self):
        huge, astray = self.robots
        rules = b"User-agent: *\nAllow: /\n" * 3000
        huge.answers["/robots.txt"] = lambda: (
            rules if number else b"HTTP/1.1 200 OK\r\n\r\n" for number in range(800)
        )
        astray.answers["/robots.txt"] = redirect(self.bait.url("/robots.txt"))
        for number, one in enumerate(self.robots):
            one.answers["/gk/ruled/index.html"] = answer(document(30000 + number).html())

    def outcome(self, url):
        """How the last capture of an address ended, and why."""
        one = self.captures.get(url)
        return (one["outcome"], one["reason"]) if one else None

    def pages(self, column):
        """The pages of a column's list that were asked for."""
        asked = [one.path for one in self.town.site.requests]
        return [path for path in asked if path.startswith(column) and path.count("/") == 2]


def test_r19_nobody_else_is_ever_asked(crawled):
    assert crawled.bait.asked == []


def test_each_bad_page_has_its_outcome_and_its_reason(crawled):
    wrong = {}
    for path, expected in crawled.harm.outcomes.items():
        outcome, reason = crawled.outcome(crawled.site.url(path)) or (None, None)
        if outcome != expected or not (reason or expected == "document"):
            wrong[path] = (outcome, reason)
    assert wrong == {}


def test_the_other_documents_are_complete(crawled):
    for number, address in enumerate(crawled.good):
        shown = crawled.documents[crawled.town.url(address)]
        assert (shown["title"], shown["versions"]) == (f"关于第{number}号事项的通知", 1)
    assert crawled.run["outcome"] == "incomplete"


def test_the_memory_that_a_crawl_takes_is_bounded(crawled):
    assert crawled.memory < MOST_MEMORY


def test_r14_lists_without_end_are_left_and_said_so(crawled):
    assert len(crawled.pages("/endless/")) == LIST_PAGES
    calendar = [path for path in crawled.pages("/calendar/") if "index" in path]
    assert len(calendar) == LIST_PAGES
    assert crawled.pages("/itself/") == ["/itself/index.html"]
    assert crawled.pages("/two/") == ["/two/index.html", "/two/2.html"]
    lists = [said for said in crawled.run["problems"] if said.startswith("the list")]
    told = {column for column in crawled.town.columns for said in lists if column in said}
    assert told == {"/endless/", "/calendar/", "/astray/"}
    assert sum("limits.list_pages" in said for said in lists) == 2
    for column, documents in {"/endless/": LIST_PAGES * 3, "/itself/": 2, "/two/": 4}.items():
        assert sum(column in url for url in crawled.documents) == documents


def test_attachments_beyond_the_limit_or_the_fence_are_kept_as_addresses(crawled):
    """R6, R19."""
    with crawled.yange.catalogue() as catalogue:
        many = catalogue.show(crawled.site.url("/gk/index-of-files/index.html"))["attachments"]
        few = catalogue.show(crawled.site.url("/gk/attached/index.html"))["attachments"]
    assert len(many) == 10_000
    assert [one["sha256"] is not None for one in many].count(True) == ATTACHMENTS
    assert sum(path.startswith("/many/") for path in crawled.site.asked) == ATTACHMENTS
    assert sum("limits.attachments" in said for said in crawled.run["problems"]) == 1
    names = [one["url"].rpartition("/")[2] for one in few if one["sha256"] is None]
    assert names == ["circle.pdf", "outside.pdf"]
    assert len(few) == 3


def test_r19_a_robots_txt_without_end_forbids_its_host(crawled):
    huge, astray = crawled.robots
    outcome, reason = crawled.outcome(huge.url("/gk/ruled/index.html"))
    assert (outcome, "robots.txt" in reason) == ("failed", True)
    assert huge.asked == ["/robots.txt"]
    # Beyond the fence there are no rules that could be had (RFC 9309, 2.3.1.2).
    assert crawled.outcome(astray.url("/gk/ruled/index.html"))[0] == "document"


@pytest.mark.parametrize(
    "command",
    [["list"], ["changes"], ["captures", "--limit", "500"], ["runs"], ["show", "escape"]],
    ids=" ".join,
)
def test_nothing_that_a_terminal_obeys_reaches_it(crawled, command):
    if command[0] == "show":
        command = ["show", crawled.site.url("/gk/entities/index.html")]
    assert not OBEYED.search(crawled.yange.run(*command).out)


def test_what_a_crawl_says_has_nothing_that_a_terminal_obeys(crawled):
    assert not OBEYED.search(crawled.said)


def test_json_holds_every_character_and_sends_none_that_a_terminal_obeys(crawled):
    said = crawled.yange.run("show", crawled.site.url("/gk/entities/index.html"), "--json")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", said.out)
    assert "\u202e" in said.json["title"]
    assert visible_json('["\x7f\x9b说"]'.encode()) == '["\\u007f\\u009b说"]'.encode()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_log_line_has_nothing_that_a_terminal_obeys(monkeypatch, terminal):
    stderr = io.StringIO()
    stderr.isatty = lambda: terminal
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", stderr)
    logs.configure(level="info")
    structlog.get_logger("test").warning("captured", url=ESCAPE, reason=f"说\x9b31m{ESCAPE}")
    said = stderr.getvalue()
    assert "说" in said
    assert not OBEYED.search(said)


@given(st.text())
def test_what_is_shown_is_never_obeyed_and_loses_no_place(text):
    assert not OBEYED.search(visible(text))
    assert len(visible(text)) == len(text)
    assert visible(visible(text)) == visible(text)


# What never ends ---------------------------------------------------------------------------------


def test_what_never_ends_is_left_when_its_time_is_out(tmp_path):
    """R19: the time is that of the whole answer, however often a byte comes."""
    with RawSite() as slow, RawSite() as ruled, Town() as town:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        slow.answers = {
            "/gk/drip/index.html": lambda: slow.drip(
                head + b"Content-Length: 99999\r\n\r\n", b"<", 0.2
            ),
            "/gk/head/index.html": lambda: slow.drip(b"HTTP/1.1 200 OK\r\nX-", b"x", 0.2),
            "/gk/silence/index.html": lambda: slow.drip(b"", b"", 1),
        }
        ruled.answers["/robots.txt"] = lambda: ruled.drip(
            b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\n", b"#", 0.2
        )
        for number in range(6):
            town.publish(document(number), f"/gk/{number}/index.html")
        town.list_row(ruled.url("/gk/ruled/index.html"), "关于规则的通知", "/gk/")
        for path in slow.answers:
            town.list_row(slow.url(path), "关于慢的通知", "/gk/")
        ports = (town.site.port, slow.port, ruled.port)
        town.settings["hosts"] = [f"{ADDRESS}:{port}" for port in ports]
        yange, _, _ = crawl(tmp_path, town, timeout=TIMEOUT)
        with yange.catalogue() as catalogue:
            [run] = catalogue.runs()
        assert (run["created"], run["failed"]) == (6, 4)
        assert any("no complete answer in time: 3 pages" in said for said in run["problems"])
        assert ruled.asked == ["/robots.txt"]


# Text that is long and says nothing --------------------------------------------------------------


def steps_of(read):
    """How many lines of Python and calls into C reading takes: unlike time, the same each time."""
    steps = 0

    def count(*_):
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(None)
    return steps


def made_of(piece, length):
    """A page that is nothing but a piece again and again, and begins as a document does."""
    count = length // len(piece.encode())
    body = "".join(piece.replace("%d", str(number)) for number in range(count))
    record = document(1).html()
    return record.replace('<div id="zoom">', f'<div id="zoom">{body}').encode()


@pytest.mark.parametrize("read", [PageReader().read, read_list], ids=["document", "list"])
@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_reading_takes_no_more_steps_than_there_is_text(piece, read):
    short, long = made_of(piece, 4000), made_of(piece, 16_000)
    url = "http://www.example.gov.cn/gk/1.html"
    before = steps_of(lambda: read(short, url=url))
    assert steps_of(lambda: read(long, url=url)) < 7 * before


@pytest.mark.parametrize("read", [PageReader().read, read_list], ids=["document", "list"])
@pytest.mark.parametrize("name", ["digits", "years", "less-than", "white space", "comments"])
def test_a_megabyte_of_nothing_is_read(name, read):
    """What is quadratic in a pattern or in copying counts as one step, but would not end here."""
    read(made_of(LONG[name], MEBIBYTE), url="http://www.example.gov.cn/gk/1.html")


@pytest.mark.parametrize(
    "markup",
    ["<b>x</b>" * 400_000, f"<p {'a ' * 2_400_000}>x", "<ul><li>x" * 9000],
    ids=["elements", "attributes", "depths"],
)
def test_a_page_of_more_tags_than_memory_is_no_document(markup):
    """R10."""
    reading = PageReader().read(easysite("x", markup).encode(), url="http://www.example.gov.cn/")
    assert (reading.nature, reading.reason) == (Nature.SUSPECT, "a page that was cut off")


@pytest.mark.parametrize(
    "table",
    [
        f"<tr><td rowspan=65000>{'长' * 99_000}<td>1" + "<tr><td>字" * 5000,
        f"<tr>{'<td>字' * 5000}<tr><td colspan=1000>{'长' * 99_000}<td>1",
        "<tr><td rowspan=65000>字" * 5000,
        f"<tr>{'<td>字' * 5000}" + "<tr><td>字<td>1" * 5000,
        "<table><tr><td colspan=9 rowspan=999>" * 200 + "<td>字" * 5000,
    ],
    ids=["rows", "columns", "stairs", "empty cells", "tables in tables"],
)
def test_merged_cells_cannot_repeat_a_page_into_gigabytes(table):
    body = f"<table>{table}</table>"
    page = document(1).html().replace('<div id="zoom">', f'<div id="zoom">{body}')
    text = PageReader().read(page.encode(), url="http://www.example.gov.cn/").text
    assert len(text) < 5_000_000
    assert text.count("字") >= 4999


def test_links_that_no_server_would_take_are_no_locations():
    with pytest.raises(NotALocationError) as refused:
        location_key(f"http://www.example.gov.cn/{'a' * 8000}")
    assert len(str(refused.value)) < 300
    assert Fence(["www.example.gov.cn"]).refusal(f"http://{'a' * 2000}/")


def test_r14_a_list_page_without_end_is_taken_up_to_a_limit_and_said_so(tmp_path):
    """Neither the frontier nor a run's memory is the portal's to fill."""
    most, listed = 20, 3000
    rows = [(f"/gk/{number}/index.html", f"关于第{number}号事项的通知") for number in range(listed)]
    with Town("/gk/", limits={"retries": 0, "list_rows": most}) as town:
        town.answer("/gk/index.html", list_page("公开文件", rows, "/gk/more.html"))
        town.answer("/gk/more.html", list_page("公开文件", [("/gk/next/index.html", "通知")]))
        yange = Yange(tmp_path, town)
        yange.run("crawl", "--limit", "3", status=INCOMPLETE)
        [run] = yange.read("runs")
        with yange.catalogue() as catalogue:
            # A place where nothing is found may have its page tomorrow, so all of them wait.
            assert catalogue.totals()["waiting"] == most
            with pytest.raises(NotFoundError):
                catalogue.captures(town.url("/gk/next/index.html"), CaptureFilter(), 1)
    [problem] = [said for said in run["problems"] if "limits.list_rows" in said]
    assert f"more than {most} rows" in problem
