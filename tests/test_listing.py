"""Pagers and rows, one quirk a test; whole list pages are among the saved pages."""

from __future__ import annotations

import pytest

from crawler.reading import read_list

URL = "http://www.example.gov.cn/qs/c1/index.html"
MODULE = "4c76f15ab1c645c0a025d2d410570ae1"
ROWS = "".join(
    f'<li><a href="/qs/c1/{n}/index.html">关于第{n}号事项的通知</a><span>2024-05-0{n}</span></li>'
    for n in range(1, 5)
)


def listing(pager="", *, rows=ROWS, url=URL):
    markup = f'<html><body><ul opentype="page">{rows}</ul><div>{pager}</div></body></html>'
    return read_list(markup.encode(), url=url)


def hidden(total, module=MODULE):
    return (
        f'<input type="hidden" name="article_paging_list_hidden" moduleid="{module}"'
        f' modulekey="{module}" totalpage="{total}" />'
    )


@pytest.mark.parametrize(
    ("pager", "expected"),
    [
        ('<a tagname="/qs/c1/4c76f15a-2.html">下一页</a>', "/qs/c1/4c76f15a-2.html"),
        (
            "<a onclick=\"queryArticleByCondition(this,'/qs/c1/x-2.html')\">下一页</a>",
            "/qs/c1/x-2.html",
        ),
        (
            '<a class="default_pgBtn default_pgNext" tagname="/qs/c1/x-2.html"></a>',
            "/qs/c1/x-2.html",
        ),
        ('<a href="15142/index2.html">&gt;</a>', "/qs/c1/15142/index2.html"),
        ('<a href="index_1.html">下一页</a>', "/qs/c1/index_1.html"),
        (
            '<b>1</b> <a href="index_1.html">2</a> <a href="index_2.html">3</a>',
            "/qs/c1/index_1.html",
        ),
        ('<a href="?page=2">下页</a>', "/qs/c1/index.html?page=2"),
        ('<a rel="next" href="p2.html">→</a>', "/qs/c1/p2.html"),
        ('<script>createPageHTML(9, 0, "index", "html");</script>', "/qs/c1/index_1.html"),
        ("<script>createPageHTML('pg', 9,0,'list','shtml', 99);</script>", "/qs/c1/list_1.shtml"),
        ("<script>createPageHTML('pg',2, 1,'list','shtml',30);</script>", "/qs/c1/list_2.shtml"),
        (
            "<script>var currentPage = 0;//从0开始\nvar countPage = 7//共多少页\n"
            'createPageHTML(countPage, currentPage, "index", "htm");</script>',
            "/qs/c1/index_1.htm",
        ),
        (
            "<script>var currentPage = 1;var nextPage = currentPage+1;var countPage = 7;"
            'document.write("<a href=\\"index_"+nextPage+".html\\">下一页</a>");</script>',
            "/qs/c1/index_2.html",
        ),
        ('<a href="index_1.html" title="下一页"><img src="/next.gif"></a>', "/qs/c1/index_1.html"),
        ("<span onclick=\"location.href='p2.html'\">下一页</span>", "/qs/c1/p2.html"),
        (hidden(3), "/qs/c1/4c76f15a-2.html"),
        (hidden(3, "15142"), "/qs/c1/15142/index2.html"),
    ],
)
def test_next_page_is_found(pager, expected):
    assert listing(pager).next_page == f"http://www.example.gov.cn{expected}"


@pytest.mark.parametrize(
    "pager",
    [
        "",
        '<a tagname="[NEXTPAGE]">下一页</a>',
        '<a tagname="[NEXTPAGE]" href="javascript:void(0)">下一页</a>' + hidden(1),
        f'<a href="{URL}">下一页</a>',
        '<a href="#">下一页</a>',
        '<a href="https://www.example.gov.cn/qs/c1/index.html#x">下一页</a>',
        '<script>createPageHTML(1, 0, "index", "html");</script>',
        "<script>createPageHTML('pg',2, 2,'list','shtml',30);</script>",
        '<script>var all = 2, at = 1; createPageHTML(all, at, "index", "html");</script>',
        '<script>createPageHTML(all, at, "index", "html");</script>',
        "<script>function createPageHTML(total, current, name, ext) {}</script>",
    ],
)
def test_no_next_page_is_invented(pager):
    assert listing(pager).next_page is None


@pytest.mark.parametrize("first", ["list.html", "list_1.html"])
@pytest.mark.parametrize("shown", [range(1, 8), (1, 4, 5, 6, 7)])
def test_a_pager_of_numbers_says_by_the_unlinked_one_where_it_is(first, shown):
    """`list_5.html` is the sixth page of some portals and the fifth of others."""
    addresses = {1: first} | {number: f"list_{number}.html" for number in range(2, 8)}
    for page in set(shown) - {1 if shown[1] != 2 else 0, 4 if shown[1] != 2 else 0}:
        pager = "".join(
            f"<b>{number}</b>" if number == page else f'<a href="{addresses[number]}">{number}</a>'
            for number in shown
        )
        url = f"http://www.example.gov.cn/{addresses[page]}"
        following = f"http://www.example.gov.cn/list_{page + 1}.html" if page < 7 else None
        assert listing(pager, url=url).next_page == following


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("/qs/c1/index.html", 1),
        ("/qs/c1/4c76f15a-2.html", 2),
        ("/qs/c1/15142/index3.html", 3),
        ("/qs/c1/index_3.html", 4),
        ("/eportal/ui?currentPage=5&pageId=1&moduleId=2", 5),
        ("/list?page=6", 6),
    ],
)
def test_the_address_says_which_page_it_is(url, page):
    read = listing(hidden(7), url=f"http://www.example.gov.cn{url}")
    assert (read.page, read.total_pages) == (page, 7)


def test_the_dynamic_twin_turns_its_own_pages():
    url = "http://www.example.gov.cn/eportal/ui?currentPage=2&pageId=50&moduleId=" + MODULE
    assert listing(hidden(3), url=url).next_page == url.replace("currentPage=2", "currentPage=3")
    assert listing(hidden(2), url=url).next_page is None


def test_the_last_page_has_no_next():
    url = "http://www.example.gov.cn/qs/c1/4c76f15a-3.html"
    assert listing('<a tagname="[NEXTPAGE]">下一页</a>' + hidden(3), url=url).next_page is None


@pytest.mark.parametrize(
    ("row", "title", "date"),
    [
        (
            '<a href="/a" title="关于甲的通知">关于甲...</a><i>2024/5/1</i>',
            "关于甲的通知",
            "2024-05-01",
        ),
        (
            '<a href="/a" title="点击打开">关于甲的通知</a>[2024年5月1日]',
            "关于甲的通知",
            "2024-05-01",
        ),
        ('<span>2024-05-01</span><a href="/a">关于2023-04-04会议的通知</a>', None, "2024-05-01"),
        (
            '[<a href="/k/">通知</a>] <a href="/a">关于甲的通知</a> 2024.05.01',
            "关于甲的通知",
            "2024-05-01",
        ),
        ('<a href="/a"><b>关于甲的通知</b><em>2024-05-01</em></a>', "关于甲的通知", "2024-05-01"),
        (
            '<a href="/a" title="标题：关于甲的通知&#10;日期：2024">关于甲…</a>',
            "关于甲的通知",
            None,
        ),
        ('<a href="/a">关于甲的通知</a><i>05-01</i>', "关于甲的通知", None),
    ],
)
def test_a_row_has_its_whole_title_and_its_date(row, title, date):
    first = listing(rows=f"<li>{row}</li>{ROWS}").rows[0]
    assert first.url == "http://www.example.gov.cn/a"
    assert first.title == (title or "关于2023-04-04会议的通知")
    assert first.date == date


def test_addresses_are_absolute_and_without_fragment():
    rows = "<li><a href='../x/1.html#top'>关于甲的通知</a></li>"
    rows += "<li><a href='//b.cn/2'>关于乙的通知</a></li>"
    rows += (
        "<li><a href='javascript:void(0)'>不去哪里</a></li><li><a href='mailto:a@b'>写信</a></li>"
    )
    assert [row.url for row in listing(rows=rows).rows] == [
        "http://www.example.gov.cn/qs/x/1.html",
        "http://b.cn/2",
    ]


def test_an_address_is_one_row_in_a_list_that_only_the_configuration_knows():
    read = read_list(b"<a href='1.html'>one</a><br><a href='1.html'>two</a>", url=URL)
    assert [row.title for row in read.rows] == ["one"]


def test_lists_that_nobody_closes_are_one_list():
    open_lists = "".join(
        f'<ul opentype="page"><li><a href="{n}.html">关于第{n}号事项的通知</a></li>'
        for n in range(1200)
    )
    rows = read_list(open_lists.encode(), url=URL).rows
    assert [row.title for row in rows[:2]] == ["关于第0号事项的通知", "关于第1号事项的通知"]
    assert len(rows) == 1200


def test_an_empty_column_is_still_a_list():
    read = listing(hidden(1), rows="")
    assert read.is_list
    assert read.rows == ()


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<html><body><h1>网站正在维护中</h1></body></html>",
        "<script>document.cookie='a=1';location.reload()</script>",
        "<html><body><p>您访问的页面不存在</p><a href='/'>首页</a></body></html>",
    ],
)
def test_what_is_no_list_has_no_rows(markup):
    read = read_list(markup.encode(), url=URL)
    assert not read.is_list
    assert read.rows == ()


def test_a_list_without_dates_is_found_by_its_pager():
    rows = "".join(f'<li><a href="{n}.html">绿水县关于第{n}件事的公告</a></li>' for n in range(5))
    nav = '<ul class="nav"><li><a href="/">首页</a></li><li><a href="/b">政务</a></li></ul>'
    markup = f"{nav}<ul>{rows}</ul><a href='index_1.html'>下一页</a>"
    assert [row.title for row in read_list(markup.encode(), url=URL).rows] == [
        f"绿水县关于第{n}件事的公告" for n in range(5)
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<ul><li><a href='1.html'>关于甲的通知</a><em>2024-01-01</em></li></ul>", 1),
        ("<ul><li><a href='1.html'>关于甲的通知</a></li></ul>", 1),
        ("<a href='1.html'>甲</a><br><a href='2.html'>乙</a>", 2),
        ("<ul class='list'></ul>", 0),
        ("<p>暂无数据</p>", 0),
    ],
)
def test_a_column_may_be_short_undated_or_empty(rows, expected):
    entries = "<li><a href='/'>首页</a></li><li><a href='/a/'>公开</a></li>"
    navigation = f"<div class='nav'><ul>{entries}</ul></div>"
    footer = "<div class='footer'><a href='/about.html'>关于我们</a></div>"
    markup = f"<html><body>{navigation}<div>{rows}</div>{footer}</body></html>"
    read = read_list(markup.encode(), url=URL)
    assert read.is_list
    assert len(read.rows) == expected
