"""When a document is withdrawn and when it is back (R9), and lists that are not what they were."""

import pytest
from support.scenarios import Scenarios
from support.site import Record, Town, list_page
from support.yange import FINISHED, INCOMPLETE, Yange, kinds, told

from crawler.replica.server import Answer

ZCWJ = "/zcwj/"
scenarios = Scenarios()

SNOW = Record(
    title="关于冬季道路除雪责任分工的通知",
    body=("主干道由市环境卫生中心负责。", "背街小巷由街道办事处组织沿街单位清扫。"),
)


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    with Town("/gk/", ZCWJ) as town:
        yield scenarios.play(town, Yange(tmp_path_factory.mktemp("withdrawal"), town))


@scenarios.add
def gone_in_two_runs(scene):
    """R9: withdrawn at the second, once, and kept."""
    scene.publish(SNOW.but(number="/2025-00301"), "1")
    yield
    scene.town.remove(scene.at("1"))
    day = yield
    assert day.changes == []
    assert scene.show("1")["status"] == "current"
    day = yield
    assert told(day.changes) == [("withdrawn", None, None, None)]
    assert day.changes[0]["url"] == scene.url("1")
    day = yield
    assert day.changes == []
    shown = scene.known_as("/2025-00301")
    assert (shown["status"], shown["versions"]) == ("withdrawn", 1)
    assert shown["text"] == "\n".join(SNOW.body)
    assert [one["status"] for one in scene.history("/2025-00301")["locations"]] == ["gone"]


@scenarios.add
def gone_with_status_410(scene):
    """R9."""
    scene.publish(SNOW.but(number="/2025-00302"), "1")
    yield
    scene.town.answer(scene.at("1"), Answer.html("<h1>410</h1>", status=410))
    assert (yield).changes == []
    assert kinds((yield).changes) == ["withdrawn"]


@scenarios.add
def redirected_to_a_front_page(scene):
    """R9: portals send those who ask for removed pages home."""
    scene.publish(SNOW.but(number="/2025-00303"), "1", "2")
    yield
    scene.town.redirect(scene.at("1"), "/", status=302)
    scene.town.redirect(scene.at("2"), "/index.html")
    assert (yield).changes == []
    assert kinds((yield).changes) == ["withdrawn"]


@scenarios.add
def gone_once_only(scene):
    """R9: a good answer in between begins the count anew."""
    scene.publish(SNOW.but(number="/2025-00304"), "1")
    yield
    for _ in range(2):
        scene.town.remove(scene.at("1"))
        assert (yield).changes == []
        scene.publish(SNOW.but(number="/2025-00304"), "1")
        assert (yield).changes == []
    assert scene.show("1")["status"] == "current"


@scenarios.add
def gone_with_a_failure_in_between(scene):
    """R9: a server that is out of order has not answered."""
    scene.publish(SNOW.but(number="/2025-00305"), "1")
    yield
    scene.town.remove(scene.at("1"))
    assert (yield).changes == []
    scene.town.answer(scene.at("1"), Answer.html("<h1>500</h1>", status=500))
    assert (yield).changes == []
    scene.town.remove(scene.at("1"))
    assert kinds((yield).changes) == ["withdrawn"]


@scenarios.add
def gone_at_one_of_two_places(scene):
    """R9: a document is withdrawn when all its locations are gone."""
    scene.publish(SNOW.but(number="11159900MB10073XYA/2025-00306"), "1")
    scene.publish(SNOW.but(number="11159900MB10073XYA/2025-00306"), "1", column=ZCWJ)
    yield
    scene.town.remove(scene.at("1"))
    assert (yield).changes == []
    assert (yield).changes == []
    assert scene.show("1")["status"] == "current"
    assert scene.show("1")["url"] == scene.url("1", ZCWJ)
    scene.town.remove(scene.at("1", ZCWJ))
    assert (yield).changes == []
    assert kinds((yield).changes) == ["withdrawn"]


@scenarios.add
def gone_at_one_of_two_places_and_back(scene):
    """R8, R9: never withdrawn, so never restored, and no further location either."""
    scene.publish(SNOW.but(number="11159900MB10073XYA/2025-00311"), "1")
    scene.publish(SNOW.but(number="11159900MB10073XYA/2025-00311"), "1", column=ZCWJ)
    yield
    scene.town.remove(scene.at("1", ZCWJ))
    assert (yield).changes == []
    assert (yield).changes == []
    scene.publish(SNOW.but(number="11159900MB10073XYA/2025-00311"), "1", column=ZCWJ)
    assert (yield).changes == []
    assert (yield).changes == []


@scenarios.add
def back_as_it_was(scene):
    """R9: `restored`, and no version."""
    scene.publish(SNOW.but(number="/2025-00307"), "1")
    yield
    scene.town.remove(scene.at("1"))
    yield
    assert kinds((yield).changes) == ["withdrawn"]
    scene.publish(SNOW.but(number="/2025-00307"), "1")
    day = yield
    assert told(day.changes) == [("restored", None, None, None)]
    shown = scene.show("1")
    assert (shown["status"], shown["versions"]) == ("current", 1)
    assert (yield).changes == []


@scenarios.add
def back_with_another_text(scene):
    """R9, R7: restored, and what has changed meanwhile."""
    scene.publish(SNOW.but(number="/2025-00308"), "1")
    yield
    scene.town.remove(scene.at("1"))
    yield
    yield
    scene.publish(SNOW.but(number="/2025-00308", validity="失效"), "1")
    day = yield
    assert kinds(day.changes) == ["restored", "validity"]
    assert scene.show("1")["versions"] == 2
    assert (yield).changes == []


@scenarios.add
def back_at_another_place(scene):
    """R9, R2: with its complete number it is the same document wherever it returns."""
    record = SNOW.but(number="11159900MB10073XYA/2025-00309")
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    yield
    assert kinds((yield).changes) == ["withdrawn"]
    scene.publish(record, "2")
    day = yield
    assert kinds(day.changes) == ["relocated", "restored"]
    assert scene.show("2")["status"] == "current"
    assert (yield).changes == []


@scenarios.add
def no_longer_listed(scene):
    """R9: what a list shows neither adds nor prevents a withdrawal."""
    scene.publish(SNOW.but(number="/2025-00310"), "1")
    yield
    page = SNOW.but(number="/2025-00310").html()
    scene.town.remove(scene.at("1"), unlist=True)
    scene.town.answer(scene.at("1"), page)
    assert (yield).changes == []
    assert (yield).changes == []
    assert scene.show("1")["status"] == "current"


@pytest.mark.parametrize("name", scenarios.names)
def test_withdrawal(failures, name):
    if name in failures:
        raise failures[name]


def test_no_change_is_told_of_anything_else(failures):
    assert None not in failures


# --- lists ------------------------------------------------------------------------------------


def listed(town, numbers):
    for number in numbers:
        record = SNOW.but(title=f"除雪通知第{number}号", number=f"/2025-004{number:02}")
        town.publish(record, f"/gk/{number}/index.html")


def test_a_list_that_goes_empty_withdraws_nothing(tmp_path):
    """R9, R14: it is a problem of the run, and the documents are looked after all the same."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(6))
        yange.crawl()
        town.answer("/gk/index.html", list_page("公开文件", []))
        for _ in range(2):
            run = yange.crawl(status=(FINISHED, INCOMPLETE))
            assert yange.changes_of(run) == []
            assert run["unchanged"] == 6
            [problem] = run["problems"]
            assert town.url("/gk/index.html") in problem
        assert {one["status"] for one in yange.list()} == {"current"}


def test_a_list_that_shows_far_less_than_before_is_a_problem(tmp_path):
    """R14."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(10))
        yange.crawl()
        rows = [(f"/gk/{number}/index.html", f"除雪通知第{number}号") for number in range(9)]
        town.answer("/gk/index.html", list_page("公开文件", rows))
        assert yange.crawl()["problems"] == []
        town.answer("/gk/index.html", list_page("公开文件", rows[:3]))
        run = yange.crawl(status=(FINISHED, INCOMPLETE))
        [problem] = run["problems"]
        assert town.url("/gk/index.html") in problem
        assert yange.changes_of(run) == []


@pytest.mark.parametrize("mode", ["discover", "sweep"])
def test_a_pager_that_never_ends_is_left(tmp_path, mode):
    """R14: a page without a row that is new in this run ends the column."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(4))
        rows = [(f"/gk/{number}/index.html", f"除雪通知第{number}号") for number in range(4)]
        town.answer("/gk/index.html", list_page("公开文件", rows[:2], "/gk/list?page=2"))
        for page in range(2, 40):
            text = list_page("公开文件", rows, f"/gk/list?page={page + 1}")
            town.answer(f"/gk/list?page={page}", text)
        run = yange.crawl(mode=mode)
        assert (run["outcome"], run["created"]) == ("finished", 4)
        pages = [one.path for one in town.site.requests if "page=" in one.path]
        assert pages == ["/gk/list?page=2", "/gk/list?page=3"]


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="javascript:goPage(2)">下一页</a>',
        '共3页 <a href="#" onclick="load()">下一页</a>',
    ],
)
def test_a_pager_that_cannot_be_followed_is_a_problem(tmp_path, pager):
    """R14: what the rest of the list holds is missed, so the column is not taken for complete."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(4))
        rows = [(f"/gk/{number}/index.html", f"除雪通知第{number}号") for number in range(4)]
        page = list_page("公开文件", rows).replace("</ul>", f"</ul><div>{pager}</div>")
        town.answer("/gk/index.html", page)
        run = yange.crawl(status=INCOMPLETE)
        assert run["created"] == 4
        [problem] = run["problems"]
        assert town.url("/gk/index.html") in problem
        assert "next page" in problem


def test_a_pager_of_queries_is_followed(tmp_path):
    """R5 is about documents: the pages of a list may well be queries on one `.html`."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(6))
        rows = [(f"/gk/{number}/index.html", f"除雪通知第{number}号") for number in range(6)]
        town.answer("/gk/index.html", list_page("公开文件", rows[:2], "/gk/index.html?page=2"))
        town.answer(
            "/gk/index.html?page=2", list_page("公开文件", rows[2:4], "/gk/index.html?page=3")
        )
        town.answer("/gk/index.html?page=3", list_page("公开文件", rows[4:]))
        assert yange.crawl()["created"] == 6


def test_a_pager_that_leads_back_is_left(tmp_path):
    """R14."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        listed(town, range(4))
        rows = [(f"/gk/{number}/index.html", f"除雪通知第{number}号") for number in range(4)]
        town.answer("/gk/index.html", list_page("公开文件", rows[:2], "/gk/2.html"))
        town.answer("/gk/2.html", list_page("公开文件", rows[2:], "/gk/index.html"))
        run = yange.crawl()
        assert (run["outcome"], run["created"]) == ("finished", 4)
        lists = [one.path for one in town.site.requests if one.path.count("/") == 2]
        assert sorted(lists) == ["/gk/2.html", "/gk/index.html"]
        assert yange.sweep() == []
