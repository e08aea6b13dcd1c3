"""Pages that stand where a document should be, and are not the document (R10, R11)."""

import pytest
from support.site import Record, Town, easysite, list_page
from support.yange import INCOMPLETE, Yange, kinds

from crawler.replica.server import Answer, Drop

pytestmark = pytest.mark.xdist_group("not-the-document")

CHALLENGE = """<html><head><meta charset="utf-8"><noscript>请开启JavaScript并刷新该页。</noscript>
<script>eval(function(p,a,c,k,e,d){return p}('0 1=2',3,3,'var|token|7'.split('|'),0,{}))</script>
</head><body></body></html>"""
COOKIE = """<html><script>document.cookie="__jsl_clearance=0;path=/";
location.href=location.pathname;</script></html>"""
MAINTENANCE = """<!DOCTYPE html><html><head><title>系统维护</title></head><body>
<p>网站正在升级维护，预计今晚二十二时恢复，给您带来不便敬请谅解。</p></body></html>"""
NOT_FOUND = """<!DOCTYPE html><html><head><title>出错啦</title></head><body>
<p>您访问的页面不存在或已被删除</p><a href="/">返回首页</a></body></html>"""
SERVER_ERROR = """<!DOCTYPE html><html><head><title>错误</title></head><body>
<h1>HTTP Status 500 – Internal Server Error</h1></body></html>"""
LOGIN = """<!DOCTYPE html><html><head><title>统一身份认证</title></head><body><form>
<p>用户登录</p><input name="user"><input type="password" name="word"></form></body></html>"""


def notice(number):
    return Record(
        title=f"关于第{number}批老旧小区改造项目的公告",
        number=f"11159900MB10073XYA/2025-{number:05}",
        body=(
            f"第{number}批改造项目涉及居民楼{number}栋，工期九个月。",
            "施工期间请居民配合清理楼道杂物，绕行东侧道路。",
            "项目概算已经市发展和改革委员会批复，资金由市财政统筹。",
        ),
    )


def cut_off(page):
    body = page.encode()
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body) + 900)}
    return Answer(200, headers, body)


PAGES = {
    "challenge-at-200": lambda page, record: Answer.html(CHALLENGE),
    "cookie-challenge-at-200": lambda page, record: Answer.html(COOKIE),
    "challenge-at-521": lambda page, record: Answer.html(CHALLENGE, status=521),
    "challenge-at-412": lambda page, record: Answer.html(CHALLENGE, status=412),
    "challenge-at-503": lambda page, record: Answer.html(CHALLENGE, status=503),
    "refusal-at-403": lambda page, record: Answer.html("<h1>403 Forbidden</h1>", status=403),
    "maintenance": lambda page, record: Answer.html(MAINTENANCE),
    "not-found-at-200": lambda page, record: Answer.html(NOT_FOUND),
    "server-error-at-200": lambda page, record: Answer.html(SERVER_ERROR),
    "login": lambda page, record: Answer.html(LOGIN),
    "redirect-to-login": lambda page, record: Answer.redirect("/login.html", status=302),
    "empty": lambda page, record: Answer.html(""),
    "blank": lambda page, record: Answer.html(" \n\n "),
    "shorter-than-announced": lambda page, record: cut_off(page),
    "cut-off-in-the-table": lambda page, record: Answer.html(page[: page.index("成文日期")]),
    "cut-off-in-the-text": lambda page, record: Answer.html(page[: page.index("绕行东侧")]),
    "without-metadata": lambda page, record: Answer.html(record.html_without_metadata()),
    "a-list": lambda page, record: Answer.html(
        list_page("公开文件", [(f"/gk/{n}/index.html", f"公告第{n}号") for n in range(9)])
    ),
    "no-text": lambda page, record: Answer.html(easysite("公告", '<div id="zoom"></div>')),
    "a-file": lambda page, record: Answer(200, {"Content-Type": "text/html"}, b"%PDF-1.5\n%%EOF"),
    "a-picture": lambda page, record: Answer(200, {"Content-Type": "image/png"}, b"\x89PNG\r\n"),
}
FAILURES = {
    "error-at-500": lambda page, record: Answer.html("<h1>500</h1>", status=500),
    "dropped-before-the-answer": lambda page, record: Answer(then=Drop()),
}


class Days:
    """A town before, on and after the day on which something else stood at its addresses."""

    def __init__(self, town, yange):
        self.town, self.yange = town, yange
        instead = {**PAGES, **FAILURES}
        records = {name: notice(number) for number, name in enumerate(instead, start=1)}
        for number, (name, record) in enumerate(records.items(), start=100):
            # A sound one beside each keeps the run going (R11).
            town.publish(notice(number), address(number))
            town.publish(record, address(name))
        self.before = yange.crawl()
        bodies = yange.read("verify")["bodies"]
        answers = {
            name: page(records[name].html(), records[name]) for name, page in instead.items()
        }
        for name, answer in answers.items():
            town.answer(address(name), answer)
        self.bad = yange.crawl(status=INCOMPLETE)
        self.evidence = yange.read("verify")["bodies"] - bodies
        known = {record.html().encode() for record in records.values()}
        self.odd_bodies = {answers[name].body for name in PAGES} - known - {b""}
        for name, record in records.items():
            town.publish(record, address(name))
        self.after = yange.crawl()


def address(name):
    return f"/gk/{name}/index.html"


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    with Town() as town:
        town.answer("/login.html", LOGIN)
        yield Days(town, Yange(tmp_path_factory.mktemp("not-the-document"), town))


@pytest.mark.parametrize("name", [*PAGES, *FAILURES])
def test_it_never_becomes_a_version(days, name):
    """R10."""
    with days.yange.catalogue() as catalogue:
        history = catalogue.history(days.town.url(address(name)))
    assert kinds(history["changes"]) == ["created"]
    assert len(history["versions"]) == 1
    assert [one["status"] for one in history["locations"]] == ["live"]


def test_nothing_was_told_on_the_bad_day_nor_after_it(days):
    assert days.yange.changes_of(days.bad) == []
    assert days.yange.changes_of(days.after) == []
    assert days.after["outcome"] == "finished"
    assert days.after["unchanged"] == days.before["created"]


def test_the_run_was_incomplete_and_counted_them(days):
    """R10: `blocked` counts suspect pages too."""
    assert days.bad["outcome"] == "incomplete"
    assert days.bad["blocked"] == len(PAGES)
    assert days.bad["failed"] == len(FAILURES)
    assert days.bad["unchanged"] == days.before["created"] - len(PAGES) - len(FAILURES)
    assert days.bad["problems"]


def test_their_bytes_are_kept_as_evidence(days):
    """R10: whatever was received, once."""
    assert days.evidence == len(days.odd_bodies)


# --- a portal that is closed altogether -----------------------------------------------------------


@pytest.fixture
def closed(tmp_path):
    """A town of thirty documents that are asked one after another."""
    with Town(politeness={"delay": 0, "concurrency": 1}) as town:
        for number in range(1, 31):
            town.publish(notice(number), address(number))
        yield town, Yange(tmp_path, town)


def shut(town, numbers):
    for number in numbers:
        town.answer(address(number), Answer.html(CHALLENGE, status=521))


def reopen(town, numbers):
    for number in numbers:
        town.answer(address(number), notice(number).html())


def asked(town):
    return [one.path for one in town.site.requests if one.path.startswith("/gk/")]


def test_a_mostly_blocked_run_stops_early_and_counts_for_no_withdrawal(closed):
    """R9, R11."""
    town, yange = closed
    yange.crawl()
    gone = [3, 11, 19]
    rest = [number for number in range(1, 31) if number not in gone]
    for number in gone:
        town.remove(address(number))
    shut(town, rest)
    town.site.clear_requests()
    stopped = yange.crawl(status=INCOMPLETE)
    assert stopped["outcome"] == "incomplete"
    assert any("stopped early" in problem for problem in stopped["problems"])
    assert yange.changes_of(stopped) == []
    assert len(asked(town)) < 30
    reopen(town, rest)
    assert yange.sweep() == []  # the first run that counts finds them gone
    withdrawn = yange.sweep()
    assert kinds(withdrawn) == ["withdrawn"] * 3
    assert {one["url"] for one in withdrawn} == {town.url(address(number)) for number in gone}


def test_a_run_says_once_that_it_stopped(tmp_path):
    """R11: answers that were already on their way add nothing to it."""
    with Town(politeness={"delay": 0, "concurrency": 8}) as town:
        yange = Yange(tmp_path, town)
        for number in range(1, 41):
            town.publish(notice(number), address(number))
        yange.crawl()
        # Known documents are asked in the order in which they last were.
        order = [path.split("/")[2] for path in asked(town) if path.count("/") == 3]
        shut(town, map(int, order[8:]))
        problems = yange.crawl(status=INCOMPLETE)["problems"]
        assert len([problem for problem in problems if "stopped early" in problem]) == 1


def test_a_blocked_first_crawl_leaves_the_rest_for_the_next_one(tmp_path):
    """R8, R11: what is fetched later is still the column's baseline."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        for number in range(1, 31):
            town.publish(notice(number), address(number))
        shut(town, range(1, 31))
        stopped = yange.crawl(mode="discover", status=INCOMPLETE)
        assert stopped["created"] == 0
        assert any("stopped early" in problem for problem in stopped["problems"])
        assert yange.list() == []
        reopen(town, range(1, 31))
        changes = yange.changes_of(yange.crawl(mode="discover"))
        assert kinds(changes) == ["created"] * 30
        assert all(change["baseline"] for change in changes)


def test_a_blocked_list_is_no_empty_list(tmp_path):
    """R10, R14: the column is not taken for complete, nor its documents for gone."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        town.publish(notice(1), address(1))
        yange.crawl()
        town.answer("/gk/index.html", Answer.html(CHALLENGE))
        run = yange.crawl(status=INCOMPLETE)
        assert yange.changes_of(run) == []
        assert any("/gk/index.html" in problem for problem in run["problems"])
