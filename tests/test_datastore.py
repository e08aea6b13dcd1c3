"""R14: lists that stand in a page as data for a script, and their further groups."""

from html import escape

import pytest
from support.site import Record, Town, easysite
from support.yange import Yange

from crawler.reading import read_list
from crawler.replica.server import Answer

URL = "http://www.example.gov.cn/col/col31/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp?columnid=31&unitid=80"
ROW = (
    '<li><a href="/art/{0}.html" title="关于第{0}号事项的通知">关于第{0}号…</a>'
    "<span>2024-05-0{0}</span></li>"
)


def datastore(numbers, following=None):
    href = f"{PROXY}&page={following}"
    link = f'<nextgroup><![CDATA[<a href="{href}"></a>]]></nextgroup>' if following else ""
    records = "".join(f"<record><![CDATA[{ROW.format(number)}]]></record>" for number in numbers)
    return f"<datastore>\n{link}<recordset>{records}</recordset></datastore>"


def page(data):
    return (
        '<html><body><div class="nav"><a href="/">首页</a></div><h1>通知公告</h1>'
        f'<div id="80"><script type="text/xml">{data}</script></div>'
        "<script>$('#80').jpage();</script><div>主办：柳溪市人民政府</div></body></html>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("shape", [page, lambda data: f"<?xml version='1.0'?>{data}"])
def test_rows_and_the_next_group_are_read(shape, encoding):
    read = read_list(
        shape(datastore([1, 2, 3], following=2)).encode(encoding),
        url=URL,
        content_type=f"text/html; charset={encoding}",
    )
    assert [(row.url, row.title, row.date) for row in read.rows] == [
        (
            f"http://www.example.gov.cn/art/{number}.html",
            f"关于第{number}号事项的通知",
            f"2024-05-0{number}",
        )
        for number in (1, 2, 3)
    ]
    assert read.is_list
    assert read.next_page == f"http://www.example.gov.cn{PROXY}&page=2"


@pytest.mark.parametrize(
    "data",
    [
        "<datastore>" * 50_000,
        "<datastore><recordset><![CDATA[" * 50_000 + "</datastore>",
        "<script type=text/xml>" * 50_000 + "<datastore></datastore>",
        "<datastore></datastore>" * 50_000,
        datastore([]),
    ],
    ids=["never closed", "sections in sections", "scripts", "empty ones", "no rows"],
)
def test_data_without_rows_is_a_list_of_none(data):
    read = read_list(page(data).encode(), url=URL)
    assert (read.rows, read.next_page) == ((), None)


def test_a_column_is_walked_through_its_groups(tmp_path):
    with Town("/col/") as town:
        groups = {"/col/index.html": ([1, 2], 2), f"{PROXY}&page=2": ([3, 4], None)}
        for address, (numbers, following) in groups.items():
            data = datastore(numbers, following)
            shown = easysite("通知公告", f'<script type="text/xml">{data}</script>')
            answer = Answer(200, {"Content-Type": "text/xml; charset=utf-8"}, data.encode())
            town.answer(address, shown if address.startswith("/col/") else answer)
            for number in numbers:
                record = Record(title=f"关于第{number}号事项的通知", number=f"/2024-{number:05}")
                town.answer(f"/art/{number}.html", record.html())
        yange = Yange(tmp_path, town)
        assert yange.crawl(mode="discover")["created"] == 4

        found = yange.run("columns", "town", town.url("/col/index.html"), "--json").json
        assert [(one["url"], one["watched"]) for one in found] == [
            (town.url("/col/index.html"), "columns")
        ]
        town.site.clear_requests()
        assert yange.crawl(mode="discover")["created"] == 0
        assert [one.path for one in town.site.requests] == ["/robots.txt", "/col/index.html"]


def test_markup_within_a_row_stays_within_it():
    row = f"<li><a href='/art/9.html'>{escape('关于“<甲>”的通知')}</a><span>2024-05-01</span></li>"
    data = f"<datastore><recordset><record><![CDATA[{row}]]></record></recordset></datastore>"
    read = read_list(page(data).encode(), url=URL)
    assert [row.title for row in read.rows] == ["关于“<甲>”的通知"]
