"""`yange columns`: a portal's columns are found, nothing else is, and little is asked for (R19)."""

import re
from collections import Counter

import pytest
import yaml
from support.site import list_page
from support.yange import FAILED, INCOMPLETE, MISUSED, Yange
from test_foreign_portals import PORTALS, frame, publish

from crawler.navigation.addresses import page_key, shape_of
from crawler.reading import PageReader
from crawler.reading.navigation import read_waypoint
from crawler.replica.replica import Replica
from crawler.replica.server import ADDRESS, Answer, LoopbackSite, Pages

# The replica's two front pages, four pages of its sections and eight columns, and robots.txt on
# either host. It has ninety pages of documents.
MOST_REQUESTS_TO_THE_REPLICA = 2 + 4 + 8 + 2


class Portal:
    """A portal whose section of the configuration is given outright."""

    def __init__(self, *hosts, **settings):
        self.settings = {
            "name": "柳溪市人民政府",
            "hosts": list(hosts),
            "politeness": {"delay": 0, "concurrency": 8},
            "limits": {"retries": 0},
            **settings,
        }

    def configuration(self, archive):
        return yaml.safe_dump(
            {
                "contact": "archive@example.org",
                "archive": {"path": str(archive)},
                "portals": {"town": self.settings},
            },
            allow_unicode=True,
        )


# --- the replica ------------------------------------------------------------------------------


def test_the_replicas_columns_are_found_and_no_others(tmp_path):
    with Replica() as replica:
        portal = Portal(
            f"{ADDRESS}:{replica.port}",
            f"localhost:{replica.port}",
            columns=replica.columns[:2],
            under=[f"{replica.agency}/nongmuj/index.html"],
        )
        yange = Yange(tmp_path, portal)
        found = {row["url"]: row for row in yange.read("columns", "town")}
        assert set(found) == set(replica.columns)
        watched = [found[url]["watched"] for url in replica.columns]
        assert watched == ["columns"] * 2 + [None] * 4 + ["under"] * 2
        assert found[replica.columns[4]] == {
            "url": replica.columns[4],
            "name": "公示公告",
            "pages": 3,
            "rows": 7,
            "newest": "2025-06-04",
            "watched": None,
        }
        assert not yange.archive.exists()
        asked = [request.path for request in replica.site.requests]
        documents = {
            re.sub(r"^http://[^/]+", "", url)
            for document in replica.expected_documents()
            for url in document["urls"]
        }
        assert documents.isdisjoint(asked)
        assert len(asked) <= MOST_REQUESTS_TO_THE_REPLICA


def test_from_hosts_to_a_configuration(tmp_path):
    """What `--yaml` prints completes a configuration that names no column, in either design."""
    with Replica("redesigned") as replica:
        portal = Portal(f"{ADDRESS}:{replica.port}", f"localhost:{replica.port}")
        yange = Yange(tmp_path, portal)
        refused = yange.run("check", status=MISUSED)
        assert "portals.town.columns: there is nothing to watch" in refused.err
        lines = yange.run("columns", "town", "--yaml").out
        section = yaml.safe_load("portals:\n  town:\n" + lines)["portals"]["town"]
        assert {one["url"] for one in section["columns"]} == set(replica.columns)
        assert {one["name"] for one in section["columns"]} >= {"专项规划", "价格信息"}
        portal.settings |= section
        yange.configure(portal)
        assert yange.read("check")["portals"][0]["columns"] == len(replica.columns)


def test_a_walk_that_reaches_its_limit_says_so(tmp_path):
    with Replica() as replica:
        yange = Yange(tmp_path, replica)
        done = yange.run("columns", "replica", replica.city, "--limit", "3", status=INCOMPLETE)
        assert "the walk stopped at its limit of 3 pages" in done.err
        assert "公示公告" in done.out
        assert len(replica.site.requests) == 3 + 1


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("nowhere",), MISUSED, "no portal 'nowhere' is configured; there is town"),
        (("town", "http://elsewhere.example.org/"), MISUSED, "is none of the portal's hosts"),
        (("town", "--yaml", "--json"), MISUSED, "--yaml and --json exclude each other"),
        (("town",), FAILED, "yange: there is no page to begin with: http://127.0.0.1:1/: "),
    ],
)
def test_what_cannot_be_walked_is_told_in_a_sentence(tmp_path, arguments, status, sentence):
    yange = Yange(tmp_path, Portal(f"{ADDRESS}:1", politeness={"delay": 0, "robots": False}))
    done = yange.run("columns", *arguments, status=status)
    assert sentence in done.err
    assert done.out == ""


# --- other systems ----------------------------------------------------------------------------


def test_columns_of_other_systems_are_found(tmp_path):
    """Lists of other markups, a section between them and the front page, and a broken page."""
    pages = Pages()

    class Here:
        answer = staticmethod(lambda address, page: pages.__setitem__((ADDRESS, address), page))

    for folder in PORTALS:
        publish(Here, folder)
    pages[ADDRESS, "/"] = frame(
        "首页",
        '<div class="box"><h3>公开目录</h3><a href="/dl/index.html">更多</a><ul>'
        '<li><a href="/dl/content_0.html">青岚县便民服务大厅窗口设置方案</a> 2024-09-02</li>'
        '<li><a href="/dl/content_1.html">青岚县机井封停补偿标准</a> 2019-04-15</li></ul></div>'
        '<a href="/li/">公告公示</a>'
        '<a href="/dl/content_2.html">关于印发青岚县县级储备粮管理办法的通知</a>',
    )
    pages[ADDRESS, "/li/"] = pages[ADDRESS, "/li/index.html"]
    pages[ADDRESS, "/gk/"] = frame(
        "政府信息公开",
        '<ul class="side"><li><a href="/span/index.html">规范文件</a></li>'
        '<li><a href="/cell/index.html">统计信息</a></li><li><a href="/broken">图解</a></li></ul>',
    )
    pages[ADDRESS, "/broken"] = Answer.html("<h1>Bad Gateway</h1>", status=502)
    with LoopbackSite(pages) as site:
        yange = Yange(tmp_path, Portal(f"{ADDRESS}:{site.port}"))
        done = yange.run("columns", "town", "--json", status=INCOMPLETE)
        found = {row["url"] for row in done.json}
        folders = {"dl": "index.html", "li": "", "span": "index.html", "cell": "index.html"}
        assert found == {site.url(f"/{folder}/{page}") for folder, page in folders.items()}
        assert f"{site.url('/broken')} could not be read: status 502" in done.err
        asked = {request.path for request in site.requests}
        assert not any("content_" in path for path in asked)
        assert asked <= {"/robots.txt", "/", "/gk/", "/fw/", "/broken", "/li/"} | {
            f"/{folder}/index.html" for folder in PORTALS
        }


# --- navigation without an end ----------------------------------------------------------------


class Maze:
    """A portal with two columns and no end of pages; `bait` is an address outside the fence."""

    def __init__(self, bait):
        self.bait = bait
        self.served = 0

    def __call__(self, request):
        self.served += 1
        path, _, query = request.path.partition("?")
        if path == "/robots.txt":
            return Answer.html("", status=404)
        if path == "/":
            return self.page(
                *("/gk/", "/calendar?y=2024&m=1", "/years/2001/", "/many/", "/trap/", "/quiet/"),
                *("/pages/", f"/session;jsessionid={self.served}/x/", self.bait),
                self.bait.replace(ADDRESS, "localhost"),
            )
        rows = [(f"/gk/{n}.html", f"关于第{n}号事项的通知") for n in range(3)]
        if path == "/gk/":
            return Answer.html(list_page("公示公告", rows))
        if path == "/pages/":
            rows = [(f"/pages/{n}.html", f"关于第{n}号事项的通报") for n in range(3)]
            return Answer.html(list_page("工作通报", rows, next_page="/pages/"))
        if path == "/calendar":
            month = int(query.rpartition("=")[2])
            events = [(f"/events/{month}-{n}.html", f"第{n}次全体会议议程") for n in range(3)]
            turn = [f"/calendar?y=2024&m={month + step}" for step in (1, 2, 3)]
            return Answer.html(
                list_page("会议日历", events)
                + self.links(
                    *turn, f"/calendar?date=2024-01-{month:02}", f"/20240{month % 9 + 1}01/"
                )
            )
        if path == "/many/":
            return self.page(*(f"/many/{n}/" for n in range(10_000)))
        if path == "/redirect/":
            return Answer.redirect(self.bait)
        # Whatever else is asked for has always existed, and leads on.
        return self.page(f"{path}deeper/", f"/years/{self.served}/", f"?token={self.served}")

    def page(self, *addresses):
        return Answer.html(frame("目录", self.links(*addresses)))

    @staticmethod
    def links(*addresses):
        return "".join(
            f'<p><a href="{address}">第{n}栏</a></p>' for n, address in enumerate(addresses)
        )


def test_r19_a_maze_is_left_with_its_columns_and_nothing_outside_is_asked(tmp_path):
    """Calendars, tokens, sessions, paths that grow, 10,000 links: the walk ends by itself."""
    with LoopbackSite(Pages()) as bait, LoopbackSite(lambda _: None) as site:
        site.answer = Maze(bait.url("/bait/"))
        yange = Yange(tmp_path, Portal(f"{ADDRESS}:{site.port}"))
        found = yange.read("columns", "town", "--depth", "4", "--limit", "2000")
        # A calendar of lists is one list, whichever month it shows.
        assert {row["name"] for row in found} == {"公示公告", "工作通报", "会议日历"}
        assert len(found) == 3
        assert bait.requests == []
        assert {request.hostname for request in site.requests} == {ADDRESS}
        shapes = Counter(shape_of(page_key(site.url(one.path))) for one in site.requests)
        assert max(shapes.values()) < 60
        assert len(site.requests) < 600


# --- one page at a time -----------------------------------------------------------------------

DATED = "".join(
    f'<li><a href="/gk/{n}.html">关于第{n}号事项的通知</a><span>2024-05-0{n}</span></li>'
    for n in range(1, 6)
)


def waypoint(content, url="http://www.example.gov.cn/gk/index.html"):
    return read_waypoint(frame("通知公告", content).encode(), url=url, reader=PageReader())


@pytest.mark.parametrize(
    ("content", "is_column"),
    [
        (f"<ul>{DATED}</ul>", True),
        (f"<div><h3>通知</h3><ul>{DATED}</ul></div>", True),
        (
            f"<div><ul>{DATED}</ul></div><div>共5条 1/2页 <a href='index_1.html'>下一页</a></div>",
            True,
        ),
        (f"<div><h3>通知</h3><a href='/gk/'>更多</a><ul>{DATED}</ul></div>", False),
        (
            "<ul class='list'><li><a href='/a/'>机构</a></li><li><a href='/b/'>政策</a></li></ul>",
            False,
        ),
        ("<p>暂无内容</p>", False),
    ],
)
def test_a_column_is_told_from_an_overview(content, is_column):
    page = waypoint(content)
    assert (page.column is not None) is is_column
    if is_column:
        assert (page.name, len(page.column.rows)) == ("通知公告", 5)


def test_a_further_page_of_a_column_is_none():
    assert waypoint(f"<ul>{DATED}</ul>", "http://www.example.gov.cn/gk/index_1.html").column is None


@pytest.mark.parametrize(
    ("link", "is_followed"),
    [
        ('<a href="/zc/">政策文件</a>', True),
        ('<a href="/zc/"><img src="/x.png" alt="政策文件"></a>', True),
        ('<nav><a href="/zc/">乌海市国民经济和社会发展统计公报和统计信息</a></nav>', True),
        ('<a href="/zc/1.html">关于印发乌海市城镇居民住房保障办法的通知</a>', False),
        ('<p><a href="/zc/1.html">人事任免</a> 2024-03-01</p>', False),
        ('<a href="/zc/202403/t20240301_11.html">人事任免</a>', False),
        ('<a href="/zc/?day=2024-03-01">今天</a>', False),
        ('<a href="/zc/index_2.html">2</a>', False),
        ('<a href="/zc/guide.pdf">公开指南</a>', False),
        (
            '<p>上一条：<span previousarticle="yes"><a href="/zc/1.html">人事任免</a></span></p>',
            False,
        ),
        ('<a href="javascript:void(0)">收藏</a>', False),
        ('<a href="/zc/"></a>', False),
    ],
)
def test_navigation_is_told_from_rows(link, is_followed):
    before = {one.url for one in waypoint("<p>没有</p>").links}
    followed = {one.url for one in waypoint(f"<div>{link}</div><ul>{DATED}</ul>").links} - before
    assert bool(followed) is is_followed


def test_addresses_of_one_page_have_one_key():
    one = {
        page_key(url)
        for url in (
            "http://www.example.gov.cn/gk/",
            "https://www.example.gov.cn/gk/index.html#top",
            "http://WWW.example.gov.cn/gk/index.html;jsessionid=0A1B",
        )
    }
    assert one == {"//www.example.gov.cn/gk/"}
    assert shape_of("//a/gk46/813695/x?p=1&q=2") == shape_of("//a/gk47/4/x?q=3&p=9")
    assert page_key("javascript:void(0)") is None
