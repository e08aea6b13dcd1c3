"""Pages that stand where a document should be, and are not the document (R10, R11)."""

import pytest
from support.site import Record, Town, easysite, list_page
from support.yange import INCOMPLETE, Yange, kinds

from archive.captures import CaptureFilter
from crawler.replica.server import Answer, Drop

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


def whole_template(content):
    """Where the portal's template puts what its pages say, this."""
    return easysite("柳溪市人民政府", f'<div class="tip">{content}</div>')


def cut_behind(page, words):
    return Answer.html(page[: page.index(words) + len(words)])


BLOCKED, SUSPECT, FAILED, GONE = "blocked", "suspect", "failed", "gone"
SCRIPT = "a firewall's script challenge"
CUT = "a page that was cut off"
FAULTS = {
    # name: what is answered in place of the page, and how that capture is told
    "challenge-at-200": (lambda page: Answer.html(CHALLENGE), BLOCKED, SCRIPT),
    "challenge-at-202": (lambda page: Answer.html(CHALLENGE, status=202), BLOCKED, SCRIPT),
    "cookie-challenge": (lambda page: Answer.html(COOKIE), BLOCKED, SCRIPT),
    "challenge-at-521": (
        lambda page: Answer.html(CHALLENGE, status=521),
        *(BLOCKED, f"{SCRIPT} (status 521)"),
    ),
    "challenge-at-412": (
        lambda page: Answer.html(CHALLENGE, status=412),
        *(BLOCKED, f"{SCRIPT} (status 412)"),
    ),
    "challenge-at-503": (
        lambda page: Answer.html(CHALLENGE, status=503),
        *(BLOCKED, f"{SCRIPT} (status 503)"),
    ),
    "refusal-at-403": (
        lambda page: Answer.html("<h1>403 Forbidden</h1>", status=403),
        *(BLOCKED, "a firewall's refusal (status 403)"),
    ),
    "refusal-at-493": (
        lambda page: Answer.html("", status=493),
        *(BLOCKED, "a firewall's refusal (status 493)"),
    ),
    "refusal-at-405": (
        lambda page: Answer.html("<p>您的访问被阻断</p>", status=405),
        *(BLOCKED, "a firewall's refusal (status 405)"),
    ),
    "refusal-at-200": (
        lambda page: Answer.html("<p>您的访问过于频繁，请完成安全验证。</p>"),
        *(BLOCKED, "a firewall's refusal"),
    ),
    "too-many-at-429": (
        lambda page: Answer.html("<p>429</p>", status=429),
        *(BLOCKED, "too many requests (status 429)"),
    ),
    "maintenance": (lambda page: Answer.html(MAINTENANCE), SUSPECT, "a maintenance notice"),
    "maintenance-in-the-template": (
        lambda page: Answer.html(whole_template("<h2>网站系统维护中，请稍后访问。</h2>")),
        *(SUSPECT, "a maintenance notice"),
    ),
    "maintenance-in-the-body": (
        lambda page: Answer.html(
            easysite("提示信息", '<h1>提示信息</h1><div id="zoom"><p>系统维护中</p></div>')
        ),
        *(SUSPECT, "a maintenance notice"),
    ),
    "maintenance-in-plain-text": (
        lambda page: Answer(200, {"Content-Type": "text/plain"}, "系统维护中".encode("gbk")),
        *(SUSPECT, "a maintenance notice"),
    ),
    "maintenance-in-words-of-its-own": (
        lambda page: Answer.html("<p>系统割接，明晨恢复。</p>"),
        *(SUSPECT, "a maintenance notice"),
    ),
    "not-found": (lambda page: Answer.html(NOT_FOUND), SUSPECT, "a page-not-found notice"),
    "not-found-in-the-template": (
        lambda page: Answer.html(whole_template("您访问的页面不存在。<a href='/'>返回首页</a>")),
        *(SUSPECT, "a page-not-found notice"),
    ),
    "not-found-as-json": (
        lambda page: Answer(
            200,
            {"Content-Type": "application/json"},
            '{"code":404,"msg":"页面不存在","data":null}'.encode(),
        ),
        *(SUSPECT, "a page-not-found notice"),
    ),
    "data": (
        lambda page: Answer.html('{"total":0,"rows":[]}'),
        *(SUSPECT, "data where a page should be"),
    ),
    "server-error": (lambda page: Answer.html(SERVER_ERROR), SUSPECT, "a server's error page"),
    "default-page": (
        lambda page: Answer.html("<h1>Welcome to nginx!</h1>"),
        *(SUSPECT, "a web server's default page"),
    ),
    "login": (lambda page: Answer.html(LOGIN), SUSPECT, "a login page"),
    "login-at-401": (
        lambda page: Answer.html("", status=401),
        *(SUSPECT, "a login page (status 401)"),
    ),
    "redirect-to-login": (
        lambda page: Answer.redirect("/login.html?back=3", status=302),
        *(SUSPECT, "redirects to a login page"),
    ),
    "redirect-to-login-elsewhere": (
        lambda page: Answer.redirect("https://sso.example.org/", status=302),
        *(SUSPECT, "redirects to a login page"),
    ),
    "script-to-login": (
        lambda page: Answer.html("<script>location.href='/cas/login'</script>"),
        *(SUSPECT, "a login page"),
    ),
    "redirect-to-a-notice": (
        lambda page: Answer.redirect("/weihu.html", status=302),
        *(SUSPECT, "a maintenance notice"),
    ),
    "another-redirect-to-it": (
        lambda page: Answer.redirect("/weihu.html", status=302),
        *(SUSPECT, "a maintenance notice"),
    ),
    "script-to-the-front-page": (
        lambda page: Answer.html("<script>alert('信息不存在');location='/'</script>"),
        *(SUSPECT, "a page that only leads to a front page"),
    ),
    "refresh-to-the-front-page": (
        lambda page: Answer.html('<meta http-equiv="refresh" content="0;url=/index.html">'),
        *(SUSPECT, "a page that only leads to a front page"),
    ),
    "refresh-to-elsewhere": (
        lambda page: Answer.html('<meta http-equiv="refresh" content="0;url=/gk/100/index.html">'),
        *(SUSPECT, "no longer a document: a page that only leads elsewhere"),
    ),
    "empty": (lambda page: Answer.html(""), SUSPECT, "an empty body"),
    "blank": (lambda page: Answer.html(" \n\n "), SUSPECT, "an empty body"),
    "shorter-than-announced": (lambda page: cut_off(page), SUSPECT, "the answer was cut off"),
    "cut-off-in-the-table": (lambda page: cut_behind(page, "成文日期"), SUSPECT, CUT),
    "cut-off-in-the-text": (lambda page: cut_behind(page, "请居民"), SUSPECT, CUT),
    "cut-off-behind-a-paragraph": (lambda page: cut_behind(page, "统筹。</p>"), SUSPECT, CUT),
    "cut-off-behind-the-body": (lambda page: cut_behind(page, "统筹。</p></div>"), SUSPECT, CUT),
    "cut-off-in-an-attribute": (lambda page: cut_behind(page, '<td class="hu'), SUSPECT, CUT),
    "cut-off-in-a-comment": (
        lambda page: Answer.html(page.replace("<p>上一条", "<!-- <p>").replace("-->", "")),
        *(SUSPECT, CUT),
    ),
    "cut-off-in-a-script": (
        lambda page: Answer.html(page.replace("<p>上一条", "<script>var end='<p>")),
        *(SUSPECT, CUT),
    ),
    "without-metadata": (
        lambda page: Answer.html(without_table(page)),
        *(SUSPECT, "a known document without its metadata"),
    ),
    "a-list": (
        lambda page: Answer.html(
            list_page("公开文件", [(f"/gk/{n}/index.html", f"公告第{n}号") for n in range(9)])
        ),
        *(SUSPECT, "no longer a document: a list of documents"),
    ),
    "no-text": (
        lambda page: Answer.html(easysite("公告", '<div id="zoom"></div>')),
        *(SUSPECT, "no longer a document: no text"),
    ),
    "a-file": (
        lambda page: Answer(200, {"Content-Type": "text/html"}, b"%PDF-1.5\n%%EOF"),
        *(SUSPECT, "a file where a page should be"),
    ),
    "garbage": (
        lambda page: Answer(200, {"Content-Type": "text/html"}, bytes(range(256)) * 9),
        *(SUSPECT, "a file where a page should be"),
    ),
    "a-picture": (
        lambda page: Answer(200, {"Content-Type": "image/png"}, b"\x89PNG\r\n"),
        *(SUSPECT, "no longer a document: a file of type image/png"),
    ),
    "error-at-500": (
        lambda page: Answer.html("<h1>500</h1>", status=500),
        *(FAILED, "status 500"),
    ),
    "maintenance-at-503": (
        lambda page: Answer.html(MAINTENANCE, status=503),
        *(FAILED, "status 503"),
    ),
    "dropped-before-the-answer": (
        lambda page: Answer(then=Drop()),
        *(FAILED, "the connection broke"),
    ),
}
ODD = [name for name, (_, outcome, _) in FAULTS.items() if outcome != FAILED]
# In a list, so not known as documents yet, and already in the hands of the firewall.
UNKNOWN = {
    "maintenance": (SUSPECT, "a maintenance notice"),
    "challenge-at-200": (BLOCKED, SCRIPT),
    "cut-off-in-the-text": (SUSPECT, CUT),
}


def without_table(page):
    return page[: page.index("<table>")] + page[page.index("</table>") + len("</table>") :]


class Days:
    """A town before, on and after the days on which something else stood at its addresses.

    On the bad days a sweep asks, then a recheck.
    """

    def __init__(self, town, yange):
        self.town, self.yange = town, yange
        records = {name: notice(number) for number, name in enumerate(FAULTS, start=1)}
        for number, (name, record) in enumerate(records.items(), start=100):
            # A sound one beside each keeps the run going (R11).
            town.publish(notice(number), address(number))
            town.publish(record, address(name))
        self.before = yange.crawl()
        bodies = yange.read("verify")["bodies"]
        answers = {name: instead(records[name].html()) for name, (instead, _, _) in FAULTS.items()}
        for name, answer in answers.items():
            town.answer(address(name), answer)
        for name in UNKNOWN:
            town.answer(address(f"new-{name}"), answers[name])
            town.list_row(address(f"new-{name}"), "新公告")
        self.bad = [yange.crawl(status=INCOMPLETE)]
        self.bad.append(yange.crawl(mode="recheck", status=INCOMPLETE))
        self.evidence = yange.read("verify")["bodies"] - bodies
        self.odd_bodies = {answers[name].body for name in ODD} | {MAINTENANCE.encode()}
        known = {record.html().encode() for record in records.values()}
        self.odd_bodies -= {*known, b""}
        for name, record in records.items():
            town.publish(record, address(name))
        for number, name in enumerate(UNKNOWN, start=500):
            town.publish(notice(number), address(f"new-{name}"))
        self.after = yange.crawl()

    def told(self, run):
        """How each location was told in a run: outcome and reason by its name."""
        with self.yange.catalogue() as catalogue:
            rows, more = catalogue.captures(None, CaptureFilter(run_id=run["id"]), 1000)
        assert not more
        return {row["url"].split("/")[-2]: (row["outcome"], row["reason"]) for row in rows}


def address(name):
    return f"/gk/{name}/index.html"


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    with Town(notices={"maintenance": ["系统割接"]}) as town:
        town.answer("/weihu.html", MAINTENANCE)
        yield Days(town, Yange(tmp_path_factory.mktemp("not-the-document"), town))


@pytest.mark.parametrize("mode", ["sweep", "recheck"])
def test_each_is_told_by_its_outcome_and_reason(days, mode):
    """R10."""
    [run] = [run for run in days.bad if run["mode"] == mode]
    told = days.told(run)
    assert {name: told[name] for name in FAULTS} == {
        name: (outcome, reason) for name, (_, outcome, reason) in FAULTS.items()
    }


@pytest.mark.parametrize("name", FAULTS)
def test_it_never_becomes_a_version(days, name):
    """R9, R10."""
    with days.yange.catalogue() as catalogue:
        history = catalogue.history(days.town.url(address(name)))
    assert kinds(history["changes"]) == ["created"]
    assert len(history["versions"]) == 1
    assert [one["status"] for one in history["locations"]] == ["live"]


def test_nothing_was_told_on_the_bad_days_nor_after_them(days):
    for bad in days.bad:
        assert days.yange.changes_of(bad) == []
    assert sorted(change["url"] for change in days.yange.changes_of(days.after)) == sorted(
        days.town.url(address(f"new-{name}")) for name in UNKNOWN
    )
    assert days.after["outcome"] == "finished"
    assert days.after["unchanged"] == days.before["created"]


def test_what_is_not_known_is_told_as_well_and_is_created_when_it_shows_itself(days):
    """R10: a notice is no new document."""
    told = days.told(days.bad[0])
    assert {name: told[f"new-{name}"] for name in UNKNOWN} == UNKNOWN
    assert kinds(days.yange.changes_of(days.after)) == ["created"] * len(UNKNOWN)


def test_the_run_was_incomplete_and_counted_them(days):
    """R10: `blocked` counts suspect pages too."""
    sweep, recheck = days.bad
    failures = len(FAULTS) - len(ODD)
    for run, unknown in ((sweep, len(UNKNOWN)), (recheck, 0)):
        assert run["outcome"] == "incomplete"
        assert run["blocked"] == len(ODD) + unknown
        assert run["failed"] == failures
        assert run["unchanged"] == days.before["created"] - len(FAULTS)
        assert run["problems"]


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


def test_a_portal_that_sends_every_page_to_one_notice_is_closed(closed):
    """R10, R11: what stands where redirects lead is said of each page that led there."""
    town, yange = closed
    yange.crawl()
    town.answer("/weihu.html", MAINTENANCE)
    for number in range(1, 31):
        town.redirect(address(number), "/weihu.html", status=302)
    stopped = yange.crawl(status=INCOMPLETE)
    assert stopped["blocked"] >= 20
    assert any("stopped early" in problem for problem in stopped["problems"])
    assert yange.changes_of(stopped) == []


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
    with Town("/gk/", "/zw/", notices={"maintenance": ["系统割接"]}) as town:
        yange = Yange(tmp_path, town)
        town.publish(notice(1), address(1))
        yange.crawl()
        town.answer("/gk/index.html", Answer.html(CHALLENGE))
        town.answer("/zw/index.html", Answer.html("<p>系统割接，明晨恢复。</p>"))
        run = yange.crawl(status=INCOMPLETE)
        assert yange.changes_of(run) == []
        problems = " ".join(run["problems"])
        assert f"/gk/index.html: {SCRIPT}" in problems
        assert "/zw/index.html: a maintenance notice" in problems
