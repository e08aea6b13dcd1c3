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


def _choice(*values, onchange="location.href=this.value"):
    options = "".join(
        f'<option value="{value}">第{number}页</option>' for number, value in enumerate(values, 1)
    )
    return f'<select onchange="{onchange}">{options}</select>'


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
        (_choice("index.html", "index_1.html"), "/qs/c1/index_1.html"),
        (
            _choice("1", "2", "3", onchange="location.href='list_' + this.value + '.html'"),
            "/qs/c1/list_2.html",
        ),
        (
            _choice("?p=1", "?p=2", onchange="location=this.options[this.selectedIndex].value;"),
            "/qs/c1/index.html?p=2",
        ),
        ("<a href='#' onclick=\"gotoPage('list_2.html')\">下页</a>", "/qs/c1/list_2.html"),
        ("<a onclick=\"turn(this, '/qs/c1/2.htm');return false\">下一页</a>", "/qs/c1/2.htm"),
        (
            '<a href="javascript:goPage(2)">下一页</a><script>function goPage(n) {'
            'if (n == 1) { location.href = "index.html"; } else { location.href = "index_"'
            ' + (n - 1) + ".html"; } }</script>',
            "/qs/c1/index_1.html",
        ),
        (
            "<b>1</b><a href='javascript:toPage(7,2);'>2</a><script>var toPage = function(col, no){"
            "var at = base + col + '&page=' + no; window.location = at;}; var base = '?c=';"
            "</script>",
            "/qs/c1/index.html?c=7&page=2",
        ),
        (
            '<form id="f" action="list.jsp"><input type="hidden" name="no" value="1">'
            '<input type="hidden" name="cid" value="9"><input type="submit" name="b" value="转">'
            '</form><a href="javascript:goPage(2)">下一页</a><script>function goPage(page) {'
            "document.f.no.value = page; document.f.submit(); }</script>",
            "/qs/c1/list.jsp?no=2&cid=9",
        ),
        (
            '<form action=""><input type="hidden" id="no" name="p" value="1"></form>'
            "<a onclick='goPage(2)'>下一页</a><script>function goPage(page) {"
            '$("#no").val(page); $("form").submit(); }</script>',
            "/qs/c1/index.html?p=2",
        ),
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
        '<a href="javascript:goPage(2)">下一页</a>',
        '<a href="javascript:goPage(2)">下一页</a><script>function goPage(n) { load(n); }</script>',
        '<a href="javascript:goPage(2)">下一页</a><script>function goPage(n) { location.href ='
        ' unknown + n + ".html"; }</script>',
        '<a href="javascript:goPage(2)">下一页</a><form name="f" method="post"><input name="no">'
        "</form><script>function goPage(n) { f.no.value = n; f.submit(); }</script>",
        '<a href="more/index.html">查看更多</a>',
        _choice("1", "2", "3", onchange="turn(this.value)"),
        _choice("index.html"),
        _choice("index_1.html", "index.html"),
        "<select><option value='http://a.cn/'>甲局</option><option value='http://b.cn/'>乙局</option></select>",
    ],
)
def test_no_next_page_is_invented(pager):
    assert listing(pager).next_page is None


@pytest.mark.parametrize(
    ("words", "address", "following"),
    [
        ("查看更多", "list-2.html", True),
        ("加载更多", "list-3.html", False),
        ("更多", "/qs/c2/list-1.html", False),
        ("更多", "/qs/list-2.html", False),
    ],
)
def test_more_leads_on_in_a_list_only_by_one_page(words, address, following):
    url = "http://www.example.gov.cn/qs/c1/list-1.html"
    found = listing(f'<a class="more" href="{address}">{words}</a>', url=url).next_page
    assert found == ("http://www.example.gov.cn/qs/c1/list-2.html" if following else None)


@pytest.mark.parametrize(
    ("pager", "url", "leads_on"),
    [
        ('<a href="javascript:goPage(2)">下一页</a>', URL, True),
        ('<a href="#" onclick="goPage(1)">下一页</a>', URL, False),
        ('第3/3页 <a href="#" onclick="goPage(3)">下一页</a>', URL, False),
        ('第2/3页 <a href="#">下一页</a>', URL, True),
        ('<a href="index_1.html">下一页</a>', URL, True),
        ('<a tagname="[NEXTPAGE]" href="javascript:void(0)">下一页</a>' + hidden(1), URL, False),
        ('<a href="?page=1" rel="next">下一页››</a>', URL, True),
        ("", URL, False),
    ],
)
def test_a_pager_says_whether_it_leads_on(pager, url, leads_on):
    assert listing(pager, url=url).leads_on is leads_on


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


def test_the_drop_down_outranks_the_address():
    """`list_1.html` is the first page of one portal and the second of another."""
    url = "http://www.example.gov.cn/qs/c1/list_1.html"
    read = listing(_choice("list_1.html", "list_2.html"), url=url)
    assert (read.page, read.total_pages) == (1, 2)


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
        ('<b>01</b><i>2024-05</i><a href="/a">关于甲的通知</a>', "关于甲的通知", "2024-05-01"),
        ('<a href="/a">关于甲的通知</a><h3>31</h3><p>2024-06</p>', "关于甲的通知", None),
        (
            '<a href="/a">关于甲的通知</a> <a href="/a">[详细]</a> 2024-05-01',
            "关于甲的通知",
            "2024-05-01",
        ),
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


@pytest.mark.parametrize(
    "row",
    [
        "<li onclick=\"location.href='{url}'\">{title}<span>{date}</span></li>",
        "<li onclick='window.open(\"{url}\")'><p>{title}</p><i>{date}</i></li>",
        "<li><a onclick=\"window.open('{url}','_blank')\">{title}</a> {date}</li>",
        "<li><span onclick=\"window.location.href='{url}';\">{title}</span><em>{date}</em></li>",
    ],
)
@pytest.mark.parametrize("marked", [True, False])
def test_rows_that_lead_on_by_script_alone_are_rows(row, marked):
    menu = "<div class='nav'><a href='/'>首页</a><a href='/zwgk/'>政务公开</a></div>"
    rows = "".join(
        row.format(url=f"/gk/{n}.html", title=f"关于第{n}号事项的通知", date=f"2024-05-0{n}")
        for n in range(1, 4)
    )
    attribute = ' opentype="page"' if marked else ""
    page = f"<html><body>{menu}<ul{attribute}>{rows}</ul></body></html>"
    read = read_list(page.encode(), url=URL)
    assert [(one.url, one.title, one.date) for one in read.rows] == [
        (f"http://www.example.gov.cn/gk/{n}.html", f"关于第{n}号事项的通知", f"2024-05-0{n}")
        for n in range(1, 4)
    ]


@pytest.mark.parametrize(
    "script",
    [
        "location.href='/gk/' + id",
        "show('/gk/1.html')",
        "map.open('/gk/1.html')",
        "location.reload()",
    ],
)
def test_what_a_script_puts_together_or_does_otherwise_is_no_row(script):
    rows = f'<li onclick="{script}">关于第1号事项的通知<span>2024-05-01</span></li>' * 3
    assert listing(rows=rows).rows == ()


def test_rows_that_are_links_stay_the_rows_whatever_else_opens():
    share = "<span onclick=\"window.open('http://share.example.net/')\">分享到某处去看看</span>"
    rows = ROWS.replace("</li>", f"{share}</li>")
    assert listing(rows=rows) == listing()


def test_a_drop_down_says_which_page_it_is_and_how_many_there_are():
    pager = _choice("index.html", "list_b.html", "list_c.html")
    read = listing(pager, url="http://www.example.gov.cn/qs/c1/list_b.html")
    assert (read.page, read.total_pages) == (2, 3)
    assert read.next_page == "http://www.example.gov.cn/qs/c1/list_c.html"
    last = listing(pager, url="http://www.example.gov.cn/qs/c1/list_c.html")
    assert (last.page, last.total_pages, last.next_page) == (3, 3, None)


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


MENU = "".join(
    f'<a href="/{name}/">{said}</a>'
    for name, said in (
        ("zwgk", "政务公开"),
        ("zwfw", "政务服务"),
        ("hdjl", "互动交流"),
        ("sj", "数据开放"),
    )
)


@pytest.mark.parametrize(
    ("content", "is_list", "rows"),
    [
        ("<ul></ul>", True, []),
        ("<p>服务器繁忙，请稍后再试</p>", False, []),
        ('<ul><li><a href="t7.shtml">名录</a></li></ul>', True, ["名录"]),
        ('<ul><li><a href="7/index.html">名录</a></li></ul>', True, ["名录"]),
    ],
)
def test_a_menu_stands_for_no_rows(content, is_list, rows):
    """Else a list that is empty, or a notice in its place, would show four documents."""
    markup = (
        f'<html><body><div class="top">{MENU}</div><div class="main">{content}</div></body></html>'
    )
    found = read_list(markup.encode(), url=URL)
    assert (found.is_list, [row.title for row in found.rows]) == (is_list, rows)
