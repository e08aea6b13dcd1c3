"""What moves on a page although the document does not (R6, R7): alone, and with a change.

One portal has a document for each noise. A first crawl sees them plain, the second with their
noise, the third with their noise and one real change each, the last with the change alone.
"""

import gzip
import re
from html import escape
from itertools import cycle
from urllib.parse import quote

import pytest
from support.site import File, Record, Table, Town, list_page
from support.yange import Yange, told

from archive.captures import CaptureFilter
from crawler.replica.server import Answer

TEXT = (
    "第一条 为了加强城市供水管理，保障供水安全，根据《城市供水条例》，制定本办法。",
    "第二条 本市行政区域内的供水、用水活动适用本办法；“供水”是指公共供水。",
    Table(rows=(("用途", "单价（元）"), ("居民", "2.85"), ("工业", "4.10"))),
    "第三条 供水单位应当每日检测水质，并于每月五日前公布结果。",
    "附件：",
)
AMENDED = TEXT[3].replace("五日", "十日")


def record_of(number, name):
    return Record(
        title=f"柳溪市第{number}区供水管理办法",
        number=f"11159900MB10073XYA/2025-{number:05}",
        document_number=f"柳政发〔2025〕{number}号",
        body=(
            *TEXT,
            File(name="供水范围.pdf", href=f"/files/{name}.pdf"),
            File(name="示意图", href=f"/files/{name}.png", picture=True),
        ),
    )


# --- noises: from a record and its address to what stands there -----------------------------------

NOISES = {}


def noise(function):
    """Register a noise: from a record to an answer, a page's bytes or its markup."""
    NOISES[function.__name__.replace("_", "-")] = function
    return function


def replacing(*pairs, name):
    """Register a noise: what is to stand on the page in place of what."""

    def noisy(record):
        markup = record.html()
        for plain, other in pairs:
            markup = markup.replace(plain, other)
        return markup

    NOISES[name] = noisy
    markup = record_of(1, name).html()
    for plain, other in pairs:
        assert plain in markup, (name, plain)
        markup = markup.replace(plain, other)


@noise
def counters_neighbours_stamps_and_hidden_inputs(record):
    return record.but(noise="98765").html()


replacing(
    ("<head>", '<head><meta name="cacheclearDate" content="2026-01-01 03:00:00"/>'),
    ("<head>", '<head><meta name="pageCreateTime" content="1767225600"><!-- node 7 -->'),
    ("</head>", '<link rel="canonical" href="/gk/x/index.html?spm=1.2.3"/></head>'),
    ("<body>", '<body data-t="1767225600"><input type="hidden" id="token" value="77a1"/>'),
    name="volatile-metas",
)
replacing(
    ("</div>\n<p>上一条", '</div><div class="bdsharebuttonbox"><a>微信</a></div>\n<p>上一条'),
    ('<div id="zoom">', '<div id="zoom"><div class="share">分享到：<a href="#">微博</a></div>'),
    ("浏览次数：", "【打印】【关闭】 浏览次数："),
    name="share-blocks-and-buttons",
)
replacing(
    ('<div id="zoom">', '<p>发布时间：2026-01-01 来源：市政府办 浏览次数：777</p><div id="zoom">'),
    (
        "</div>\n<p>上一条",
        "<p>【打印本页】【关闭窗口】</p><p>浏览次数：3120次</p></div>\n<p>上一条",
    ),
    name="by-line-and-furniture-in-the-body",
)
replacing(
    (
        '<div id="zoom">',
        '<div id="zoom"><p>点击：[8,123] 【字体：大 中 小】【打印】</p><p>人气：77</p>'
        "<p>本文已被浏览 9,120 次</p>",
    ),
    (
        "</div>\n<p>上一条",
        "<p>编辑：王小明　审核：李大</p><p>已有3120人浏览</p>"
        '<p><img src="/qr/77.png"></p><p>扫描二维码 分享本页</p></div>\n<p>上一条',
    ),
    name="more-furniture-in-the-body",
)
replacing(
    (
        "</div>\n<p>上一条",
        "<p>（责任编辑：王小明）</p><div><p>您对本页面是否满意？</p>"
        "<p>满意 基本满意 不满意</p></div></div>\n<p>上一条",
    ),
    name="editor-and-survey-in-the-body",
)
replacing(
    (
        "</div>\n<p>上一条",
        '<div>上一篇：<a href="/i/7.htm">关于停水的通知</a> 下一篇：没有了</div>'
        '<ul><li><span>上一篇</span><a href="/i/7.htm">关于停水的通知</a></li></ul>'
        '<table><tr><td>上一条：</td><td><a href="/i/7.htm">关于停水的通知</a></td></tr></table>'
        "<h3>相关政策解读</h3><ul>"
        '<li><a href="/i/8.htm">供水十问</a><span>2026-01-03</span></li>'
        '<li><a href="/i/9.htm">节水常识</a><span>[01-02]</span></li></ul></div>\n<p>上一条',
    ),
    name="neighbours-and-dated-lists-in-the-body",
)
replacing(
    (
        "<p>第",
        '<p style="text-indent: 2em; line-height:28px" class="MsoNormal"><span lang=EN-US>第',
    ),
    ("办法。", "<b>办</b>法<font>。</font>"),
    ('<td class="hui12">', "<td class=hui12 align='right'\n width=20%><strong>"),
    ("<table border='1'>", "<div><table cellpadding='0' style='width:100%'>"),
    name="markup-of-an-editor",
)
replacing(
    ('<div class="easysite-news-title">', '<div data-a="1" class="easysite-news-title" id="q">'),
    ('<div id="zoom">', "<DIV CLASS='n' ID=zoom>"),
    ("colspan=3", 'width="80%" colspan="3"'),
    ("<p>", '<P align="left">'),
    name="order-of-attributes",
)
replacing(
    ("：</td>", " ： </td>"),
    ("</td>", "\n  </td>\n"),
    ("保障", "保\n    障"),
    ("</p>", " 　\r\n</p>"),
    ("<p>", "\r\n\t<p>\r\n　　"),
    name="white-space",
)
replacing(
    ("第一条 ", "第一条&nbsp;"),
    ("供水", "&#20379;&#x6c34;"),
    ("“", "&ldquo;"),
    ("（元）", "&#65288;元&#65289;"),
    ("<p>第", "<p>&emsp;&#12288;&nbsp;第"),
    name="entities",
)
replacing(("水质", "水\u200b质"), ("<p>第", "<p>\ufeff第"), name="characters-of-no-width")
replacing(
    ("<p>第三条", "<!-- 第四条 --><script>var 第四条=1</script><style>p{}</style><p>第三条"),
    name="comments-and-scripts",
)
replacing(
    ("2025-03-03 00:00:00", "2025年03月03日"),
    ("2025-03-05 09:30:00", "2025/3/5 9:30"),
    ("述：</td><td colspan=3></td>", "述：</td><td colspan=3>无</td>"),
    ("：</td>", "</td>"),
    ("有效性", "公文时效"),
    ("索&nbsp;引&nbsp;号", "索引号"),
    ("发文机构", "发文单位"),
    name="labels-and-dates-spelled-otherwise",
)
replacing(
    (
        '</tbody></table><div class="easysite-news-title">',
        "<tr><td>点击量：</td><td>7701</td><td>语种：</td><td>中文</td></tr></tbody></table>"
        '<div class="easysite-news-title">',
    ),
    name="further-labels",
)
replacing(
    ('.pdf"', '.pdf?timestamp=1767225600000"'),
    ('.png"', '.png?timestamp=1767225600000"'),
    name="time-stamps-on-files",
)
replacing(('"/files/', '"../../files/'), name="relative-addresses")


@noise
def attachments_at_new_addresses(record):
    return re.sub(r'"/files/([\w-]+)\.(pdf|png)"', r'"/files/2026/\1.\2"', record.html())


@noise
def order_of_the_metadata(record):
    rows = re.findall("<tr>.*?</tr>", record.html().partition("</table>")[0])
    return record.html().replace("".join(rows), "".join(reversed(rows)))


@noise
def another_template(record):
    """A redesign: other elements, other classes, other menus, another footer."""
    pairs = "".join(
        f"<dt>{label}</dt><dd>{escape(value)}</dd>"
        for label, value in (
            ("名称", record.title),
            ("索引号", record.number),
            ("文号", record.document_number),
            ("发布机构", record.agency),
            ("分类", record.category),
            ("内容概述", record.summary),
            ("生成日期", record.written),
            ("发布日期", record.published),
            ("废止日期", record.repealed),
            ("时效性", record.validity),
        )
    )
    menu = "".join(f'<li><a href="/new/{n}/">频道{n}</a></li>' for n in range(20))
    body = record.html().partition('<div id="zoom">')[2].partition("</div>\n<p>上一条")[0]
    return (
        f"<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>{record.title}_柳溪</title>"
        f"</head><body><header><nav><ul>{menu}</ul></nav></header><main><h1>{record.title}</h1>"
        f'<section class="meta"><dl>{pairs}</dl></section><div class="trs_editor_view">{body}</div>'
        "<aside><h3>相关阅读</h3><a href='/new/1/'>政策解读：供水十问</a></aside></main>"
        "<footer><p>版权所有 柳溪市人民政府 柳ICP备00000000号</p></footer></body></html>"
    )


@noise
def a_template_without_names(record):
    content = record.html().partition('<div id="zoom">')[2].partition("</div>\n<p>上一条")[0]
    table = record.html().partition("<table>")[2].partition("</table>")[0]
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{record.title}</title></head><body>"
        f"<div class=q1><h1>{record.title}</h1><table>{table}</table><div class=q2>{content}</div>"
        "</div><div class=foot><p>柳溪市人民政府 主办</p></div></body></html>"
    )


@noise
def a_page_laid_out_by_a_table(record):
    """Everything in one table, its cells without names: menu, metadata, title, text, footer."""
    content = record.html().partition('<div id="zoom">')[2].partition("</div>\n<p>上一条")[0]
    table = record.html().partition("<table>")[2].partition("</table>")[0]
    cells = (
        "<a href='/'>首页</a><a href='/gk/'>公开</a>",
        f"<table>{table}</table>",
        f"<font size=5><b>{record.title}</b></font>",
        "浏览：[1,024]次",
        content,
        "柳溪市人民政府 主办　柳ICP备00000000号　网站标识码：1500000000 页面生成时间：2026-01-01",
    )
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells)
    return (
        f"<html><head><meta charset=utf-8><title>{record.title}</title></head>"
        f"<body><table width=980>{rows}</table></body></html>"
    )


@noise
def gbk_declared(record):
    return Answer.html(record.html().replace("charset=utf-8", "charset=gbk"), charset="gbk")


@noise
def gbk_undeclared(record):
    page = re.sub('<meta http-equiv="Content-Type"[^>]*>', "", record.html())
    return Answer(200, {"Content-Type": "text/html"}, page.encode("gbk"))


@noise
def gbk_called_utf_8(record):
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return Answer(200, headers, record.html().encode("gb18030"))


@noise
def utf_8_called_gbk(record):
    return Answer(200, {"Content-Type": "text/html; charset=GBK"}, record.html().encode())


@noise
def a_byte_order_mark(record):
    return record.html().encode("utf-8-sig")


@noise
def utf_16(record):
    return Answer(200, {"Content-Type": "text/html"}, record.html().encode("utf-16"))


@noise
def compressed(record):
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip", "ETag": '"7"'}
    return Answer(200, headers, gzip.compress(record.html().encode(), mtime=0))


@noise
def no_content_type(record):
    return Answer(200, {"X-Node": "7"}, record.html().encode())


# Their pages stay as they are; the lists that lead to them do not.
LISTED = ("tracking-in-the-row", "https-in-the-row", "title-cut-in-the-row", "row-of-another-case")
DYNAMIC = ("dynamic-with-tracking", "dynamic-with-its-query-turned")
for name in (*LISTED, *DYNAMIC):
    NOISES[name] = Record.html


def address(name):
    return f"/gk/view.jsp?id={name}&k=1" if name in DYNAMIC else f"/gk/{name}/index.html"


def noisy_row(town, name, title):
    """The row that leads to a document, on the noisy days."""
    link = {
        "tracking-in-the-row": f"{address(name)}?utm_source=list&spm=1.7&from=timeline&t=77#top",
        "https-in-the-row": town.url(address(name)).replace("http:", "https:"),
        "row-of-another-case": quote(address(name)).replace("-", "%2D"),
        "dynamic-with-tracking": f"{address(name)}&utm_campaign=x&gclid=7&from=singlemessage",
        "dynamic-with-its-query-turned": f"/gk/view.jsp?spm=1.7&k=1&id={name}",
    }.get(name, address(name))
    return link, title[:7] + "..." if name == "title-cut-in-the-row" else title


# --- changes ------------------------------------------------------------------------------------


def amended(record, name):
    body = tuple(AMENDED if block == TEXT[3] else block for block in record.body)
    return record.but(body=body), ("content", None, TEXT[3], AMENDED)


def repealed(record, name):
    return record.but(repealed="2026-01-01"), ("validity", "repealed_on", None, "2026-01-01")


def without_force(record, name):
    return record.but(validity="失效"), ("validity", "validity_label", "有效", "失效")


def of_another_agency(record, name):
    change = ("metadata", "issuing_agency", record.agency, "市水务局")
    return record.but(agency="市水务局"), change


def published_later(record, name):
    change = ("metadata", "published_at", "2025-03-05T09:30:00+08:00", "2025-03-06T09:30:00+08:00")
    return record.but(published="2025-03-06 09:30:00"), change


def renumbered(record, name):
    number = record.number.replace("/2025-", "/2026-")
    return record.but(number=number), ("renumbered", "index_number", record.number, number)


def with_another_file(record, name):
    return record, ("attachment", "供水范围.pdf", ..., ...)


CHANGES = (
    *(amended, repealed, without_force, of_another_agency, published_later, renumbered),
    with_another_file,
)


class Days:
    """The four crawls, and what each told."""

    def __init__(self, town, yange):
        self.town, self.yange = town, yange
        self.records = {name: record_of(n, name) for n, name in enumerate(NOISES, start=1)}
        for name, record in self.records.items():
            self._files(name, 1)
            town.answer(address(name), record.html())
        self._rows(lambda name, title: (address(name), title), self.records)
        self.plain = yange.crawl()
        self._show(NOISES, noisy=True)
        self.noisy = yange.crawl()
        self.expected = {}
        for (name, record), change in zip(list(self.records.items()), cycle(CHANGES)):
            self.records[name], self.expected[name] = change(record, name)
            if change is with_another_file:
                self._files(name, 2)
        self._show(NOISES, noisy=True)
        self.changed = yange.crawl()
        self._show(NOISES, noisy=False)
        self.quiet = yange.crawl()

    def _files(self, name, edition):
        for folder in ("/files/", "/files/2026/"):
            pdf = f"%PDF-1.4\n{name} {edition}\n%%EOF".encode()
            self.town.answer(f"{folder}{name}.pdf", pdf)
            self.town.answer(f"{folder}{name}.png", f"\x89PNG\r\n{name}".encode("latin-1"))

    def _show(self, noises, *, noisy):
        town = self.town
        for name, noise_of in noises.items():
            record = self.records[name]
            town.answer(address(name), noise_of(record) if noisy else record.html())
        # The newest first, or any other order.
        order = sorted(self.records, key=lambda name: name[::-1]) if noisy else self.records
        self._rows(
            lambda name, title: noisy_row(town, name, title) if noisy else (address(name), title),
            order,
        )

    def _rows(self, row_of, order):
        rows = [row_of(name, self.records[name].title) for name in order]
        self.town.answer("/gk/index.html", list_page("公开文件", rows))

    def name_of(self, url):
        return next(name for name in NOISES if url == self.town.url(address(name)))

    def changes(self, run):
        """What a run told, by the noise of the document."""
        by_name = {}
        for change in self.yange.changes_of(run):
            by_name.setdefault(self.name_of(change["url"]), []).append(change)
        return {name: told(changes) for name, changes in by_name.items()}

    def outcomes(self, run):
        """The captures of a run: location and outcome of each."""
        with self.yange.catalogue() as catalogue:
            rows, more = catalogue.captures(None, CaptureFilter(run_id=run["id"]), 1000)
        assert not more
        return sorted((self.name_of(row["url"]), row["outcome"]) for row in rows)


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    with Town() as town:
        yield Days(town, Yange(tmp_path_factory.mktemp("noise"), town))


def test_every_document_was_new_once(days):
    assert {
        name: len(changes) for name, changes in days.changes(days.plain).items()
    } == dict.fromkeys(NOISES, 1)


@pytest.mark.parametrize("day", ["noisy", "quiet"])
def test_noise_that_comes_and_goes_is_no_change(days, day):
    """R6, R7: every location was asked once, and was as before."""
    run = getattr(days, day)
    assert days.changes(run) == {}
    assert days.outcomes(run) == sorted((name, "not_modified") for name in NOISES)
    assert run["unchanged"] == len(NOISES)
    assert (run["outcome"], run["problems"]) == ("finished", [])


@pytest.mark.parametrize("name", NOISES)
def test_a_change_amid_noise_is_found_once(days, name):
    """R6, R8: with its kind and its field, and nothing beside it."""
    [(kind, field, before, after)] = days.changes(days.changed)[name]
    expected = days.expected[name]
    assert (kind, field) == expected[:2]
    if kind == "attachment":
        assert before != after
    else:
        assert (before, after) == expected[2:]


def test_versions_are_two(days):
    assert {one["versions"] for one in days.yange.list()} == {2}
    assert len(days.yange.list()) == len(NOISES)
    assert days.changed["changed"] == len(NOISES)
