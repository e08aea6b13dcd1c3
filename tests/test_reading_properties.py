"""What holds of the reader for every page: it never fails, and markup is not the document."""

from __future__ import annotations

import datetime as dt
import html
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.fields import Validity
from archive.reading import Nature
from crawler.reading import PageReader, ReaderSettings, judge_status, read_list
from crawler.reading.charset import decode
from crawler.reading.tables import Cell, Table, span_of, table_lines
from crawler.reading.validity import validity_of
from crawler.reading.values import find_date, read_date, read_moment

URL = "http://www.example.gov.cn/qs/c1/1003/index.html"
SHANGHAI = ZoneInfo("Asia/Shanghai")
READER = PageReader()

STATED = {
    "标题": "青山市集市管理办法",
    "索引号": "11150300/2024-00017",
    "发文字号": "青政发〔2024〕17号",
    "发文机构": "市人民政府办公室",
    "信息分类": "规范性文件",
    "成文日期": "2024-05-06 00:00:00",
    "公开日期": "2024-05-07 08:09:10",
    "废止日期": "",
    "有效性": "现行有效",
}
PARAGRAPHS = ("第一条 为了规范集市管理，制定本办法。", "第二条 本办法自公布之日起施行。")


def in_table(pairs, per_row=2):
    cells = [f"<td>{label}</td><td>{value}</td>" for label, value in pairs]
    rows = [cells[at : at + per_row] for at in range(0, len(cells), per_row)]
    return "<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in rows) + "</table>"


def in_stacked_rows(pairs, per_row):
    pairs = list(pairs)
    rows = [
        [f"<td>{pair[part]}</td>" for pair in pairs[at : at + per_row]]
        for at in range(0, len(pairs), per_row)
        for part in (0, 1)
    ]
    return "<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in rows) + "</table>"


def in_one_cell(pairs):
    rows = "".join(f"<tr><td>{label}{value}</td></tr>" for label, value in pairs)
    return f"<table>{rows}</table>"


def in_rows(pairs, outer, row, label_tag, value_tag):
    rows = "".join(
        f"<{row}><{label_tag}>{label}</{label_tag}><{value_tag}>{value}</{value_tag}></{row}>"
        for label, value in pairs
    )
    return f"<{outer}>{rows}</{outer}>"


def in_a_line(pairs):
    return "<p>" + "　".join(f"{label}{value}" for label, value in pairs) + "</p>"


LAYOUTS = {
    "two cells a row": lambda pairs: in_table(pairs, 1),
    "four cells a row": in_table,
    "labels above values": lambda pairs: in_stacked_rows(pairs, 3),
    "all labels above all values": lambda pairs: in_stacked_rows(pairs, len(STATED)),
    "eight cells a row": lambda pairs: in_table(pairs, 4),
    "definition list": lambda pairs: (
        "<dl>" + "".join(f"<dt>{a}</dt><dd>{b}</dd>" for a, b in pairs) + "</dl>"
    ),
    "definition lists": lambda pairs: in_rows(pairs, "div", "dl", "dt", "dd"),
    "items": lambda pairs: in_rows(pairs, "ul", "li", "b", "span"),
    "items of spans": lambda pairs: in_rows(pairs, "ul", "li", "span", "span"),
    "divisions": lambda pairs: in_rows(pairs, "div", "div", "div", "div"),
    "spans in divisions": lambda pairs: in_rows(pairs, "div", "div", "span", "em"),
    "paragraphs": lambda pairs: in_rows(pairs, "div", "p", "strong", "span"),
}
WITH_COLON_ONLY = {"one cell": in_one_cell, "one line": in_a_line}
PADDINGS = ("", " ", "&nbsp;", "　", "\u200b", "\n   ")
COLONS = (":", "：", "", " ：")


def page(metadata, *, body='<div id="zoom">{}</div>', paragraphs=PARAGRAPHS):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>青山市</title></head><body>'
        f'<div class="nav"><a href="/">首页</a></div>{metadata}{body.format(text)}'
        '<div class="footer">青山市人民政府 主办</div></body></html>'
    )


def read(markup, reader=READER, encoding="utf-8"):
    return reader.read(markup.encode(encoding), url=URL)


def assert_is_the_document(reading):
    fields = reading.fields
    assert reading.nature is Nature.DOCUMENT
    assert fields.title == STATED["标题"]
    assert fields.index_number == STATED["索引号"]
    assert fields.document_number == STATED["发文字号"]
    assert fields.issuing_agency == STATED["发文机构"]
    assert fields.category == STATED["信息分类"]
    assert fields.written_on == "2024-05-06"
    assert fields.published_at == "2024-05-07T08:09:10+08:00"
    assert fields.repealed_on is None
    assert (fields.validity_label, fields.validity) == ("现行有效", Validity.VALID)
    assert reading.text == "\n".join(PARAGRAPHS)
    assert reading.problems == ()


# --- it never fails -------------------------------------------------------------------------


FRAGMENTS = st.sampled_from(
    [
        *("<table>", "</table>", "<tr>", "<td>", "<td colspan=3 rowspan=65535>", "</td>", "<div>"),
        *(
            "</div>",
            '<div id="zoom">',
            "<p>",
            "<br>",
            "<!--",
            "-->",
            "<script>",
            "<dl><dt>",
            "<dd>",
        ),
        *(
            "索引号",
            "：",
            "标 题",
            "有效性",
            "2024-13-45",
            "&#0;",
            "&nbsp;",
            "<a href='x.pdf'>",
            "</a>",
        ),
        *("<li>", "<img src=a.jpg alt=图>", "<a href='http://[bad'>", "</html>", "\x00", "\u3000"),
        *("<base href='//[x'>", "<ul opentype=page>", "createPageHTML(3,1,'a','b')", "<caption>"),
        *(
            "<a tagname='[NEXTPAGE]'>下一页</a>",
            "<tbody>",
            "</p>",
            "<svg>",
            "<template>",
            "<select>",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=20), st.text(max_size=20))
def test_any_bytes_have_a_reading(body, url, content_type):
    assert READER.read(body, url=url, content_type=content_type).reader == READER.name
    read_list(body, url=url, content_type=content_type)


@settings(max_examples=500, deadline=None)
@given(st.lists(FRAGMENTS, max_size=60))
def test_any_markup_has_one_reading(fragments):
    body = "".join(fragments).encode()
    reading = READER.read(body, url=URL)
    assert reading == READER.read(body, url=URL)
    assert not any(line != line.strip(" ") or not line for line in reading.text.split("\n")[1:-1])
    assert read_list(body, url=URL) == read_list(body, url=URL)
    reading.text.encode()


@pytest.mark.parametrize("tag", ["span", "div", "font", "b", "table><tr><td", "ul><li", "x"])
def test_nesting_has_no_limit(tag):
    deep = f"<{tag}>" * 20_000
    reading = read(page(in_table(STATED.items()), paragraphs=(*PARAGRAPHS, deep)))
    assert reading.nature in (Nature.DOCUMENT, Nature.SUSPECT)
    if tag in ("span", "div", "font", "b"):
        assert reading.fields.index_number == STATED["索引号"]


def test_many_links_and_large_spans_are_read():
    links = "".join(f'<a href="/x/{n}.html">第{n}号</a>' for n in range(10_000))
    first = "<tr><td colspan=99999 rowspan=99999>甲</td><td>乙</td></tr>"
    table = f"<table>{first}<tr><td>丙</td></tr></table>"
    reading = read(page(in_table(STATED.items()) + links, paragraphs=(*PARAGRAPHS, table)))
    assert reading.text.endswith("甲\t乙\n甲\t丙")


# --- labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25, deadline=None)
@given(padding=st.sampled_from(PADDINGS), colon=st.sampled_from(COLONS))
def test_metadata_is_found_by_its_labels_in_any_layout(layout, padding, colon):
    pairs = [(padding.join(label) + colon, value) for label, value in STATED.items()]
    assert_is_the_document(read(page(LAYOUTS[layout](pairs))))


@pytest.mark.parametrize("layout", WITH_COLON_ONLY)
@settings(max_examples=25, deadline=None)
@given(padding=st.sampled_from(PADDINGS), colon=st.sampled_from([":", "："]))
def test_label_and_value_may_share_a_cell(layout, padding, colon):
    pairs = [(padding.join(label) + colon, value) for label, value in STATED.items()]
    assert_is_the_document(read(page(WITH_COLON_ONLY[layout](pairs))))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_metadata_may_stand_below_the_body_or_open_it(layout):
    metadata = LAYOUTS[layout](STATED.items())
    assert_is_the_document(read(page("", body='<div id="zoom">{}</div>' + metadata)))
    assert_is_the_document(read(page("", body=f'<div id="zoom">{metadata}{{}}</div>')))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_body_is_found_without_a_name(layout):
    metadata = LAYOUTS[layout](STATED.items())
    assert_is_the_document(
        read(page(metadata, body='<div class="q1"><div class="q2">{}</div></div>'))
    )


@given(st.permutations(list(STATED.items())))
def test_order_of_labels_does_not_matter(pairs):
    assert_is_the_document(read(page(in_table(pairs))))


def test_letters_of_a_label_may_stand_apart():
    pairs = [("<i>" + "</i> <i>".join(label) + "</i>", value) for label, value in STATED.items()]
    assert_is_the_document(read(page(in_table(pairs))))


def test_main_label_outranks_its_synonyms():
    pairs = [
        ("分类", "丁"),
        ("组配分类", "丙"),
        ("主题分类", "乙"),
        *STATED.items(),
        ("文号", "别号"),
    ]
    assert_is_the_document(read(page(in_table(pairs))))


def test_words_of_another_portal_are_configured():
    settings_of_it = ReaderSettings(
        labels={"index_number": ("档案编号",), "validity": ("状 态",)}, body=("section.words",)
    )
    reader = PageReader(settings_of_it)
    markup = page(
        "<table><tr><td>档案编号</td><td>A-7</td><td>状态：</td><td>废止</td></tr></table>",
        body='<div id="zoom"><p>别处。</p></div><section class="words">{}</section>',
    )
    reading = read(markup, reader)
    assert reading.fields.index_number == "A-7"
    assert reading.fields.validity is Validity.REPEALED
    assert reading.text == "\n".join(PARAGRAPHS)
    assert reader.name.startswith(f"{READER.name}+")
    again = PageReader.from_settings(reader.settings)
    assert (again.name, again.settings, read(markup, again)) == (
        reader.name,
        reader.settings,
        reading,
    )


def test_sentences_fill_no_field():
    sentences = (
        "索引号：由机构代码和流水号组成。",
        "有效性：长期。",
        "成文日期：见附件。",
        *PARAGRAPHS,
    )
    assert_text = "\n".join(sentences)
    for metadata in ("", in_table(STATED.items())):
        reading = read(page(metadata, paragraphs=sentences))
        assert reading.text == assert_text
        assert reading.fields.index_number == (STATED["索引号"] if metadata else None)


# --- markup is not the document --------------------------------------------------------------


NOISE = st.lists(
    st.sampled_from(
        [
            ("<p>", '<p style="text-indent:2em" class="x">'),
            ("<td>", '<td\n  width="20"   class=hui12>'),
            ("<p>", "<p><!-- 注 --><span>"),
            ("</p>", "&nbsp;\u3000</p>\n\n"),
            (
                "<body>",
                '<body><div style="display:none"><input type="hidden" id="k" value="3"></div>',
            ),
            ("<title>", '<meta name="createDate" content="2020-01-01 01:01:01"><title>'),
            ("</div>", "</div><script>var 浏览次数 = 3;</script>"),
            ("第一条", "<b>第</b>一<span>条</span>"),
            ("</body>", '<div>浏览次数：<span articlecounts="yes">77</span></div></body>'),
            ("</td>", "\n</td>\n"),
            ("〔", "&#x3014;"),
            ("</body>", "<p>上一条:<a href='/x'>关于某事的通知</a></p></body>"),
        ]
    ),
    unique=True,
)


@pytest.mark.parametrize("layout", ["divisions", "items", "items of spans", "definition lists"])
def test_a_share_block_beside_a_label_is_not_its_value(layout):
    """R6: a share block is not the document."""
    metadata = LAYOUTS[layout](STATED.items())
    share = '<div class="bdsharebuttonbox"><a href="#">分享</a></div>'
    for label in ("索引号", "废止日期", "有效性"):
        at = metadata.index(">", metadata.index(label)) + 1
        assert_is_the_document(read(page(metadata[:at] + share + metadata[at:])))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hidden_metadata_counts_where_no_other_is_shown(layout):
    """R6: what nobody is shown is not the document, unless there is nothing else."""
    metadata = LAYOUTS[layout](STATED.items())
    old = '<div style="display: none">索引号：9</div>'
    assert_is_the_document(read(page(old + metadata)))
    assert_is_the_document(read(page(metadata + old)))
    assert_is_the_document(read(page(f'<div hidden class="tab">{metadata}</div>')))


@settings(max_examples=100, deadline=None)
@given(NOISE)
def test_noise_in_the_markup_changes_nothing(noise):
    markup = page(in_table(STATED.items()))
    for plain, noisy in noise:
        markup = markup.replace(plain, noisy)
    assert_is_the_document(read(markup))


@given(
    st.sampled_from(["utf-8", "gb18030", "gbk", "utf-8-sig"]),
    st.sampled_from(["utf-8", "gb2312", "GBK", "iso-8859-1", "no-such-charset", ""]),
    st.sampled_from(["utf-8", "gb2312", "gb18030", "hex", ""]),
)
def test_bytes_outrank_what_is_said_of_them(encoding, declared, header):
    markup = page(in_table(STATED.items())).replace('charset="utf-8"', f'charset="{declared}"')
    body = markup.encode(encoding)
    reading = READER.read(body, url=URL, content_type=f"text/html; charset={header}")
    assert_is_the_document(reading)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("declared", ["utf-8", "gbk"])
def test_a_character_cut_off_at_the_end_does_not_change_the_charset(encoding, declared):
    text = f'<meta charset="{declared}">' + "".join(PARAGRAPHS)
    body = text.encode(encoding)
    for cut in range(3):
        assert decode(body[: len(body) - cut]).startswith(text[:-2])


@pytest.mark.parametrize("declared", ["gb2312", "GBK", "gb18030"])
def test_a_few_characters_of_gbk_are_not_taken_for_utf8(declared):
    text = f'<meta charset="{declared}"><title>水源</title><p>停水</p>'
    body = text.encode("gbk")
    assert body.decode("utf-8") != text
    assert decode(body) == text
    assert (
        decode(body[len(f'<meta charset="{declared}">') :], f"text/html; charset={declared}")[-9:]
        == "<p>停水</p>"
    )


@pytest.mark.parametrize("text", ["© 2024", "<p>停水 ·</p>", "<meta charset=utf-8>Ärger"])
def test_utf8_without_a_better_claim_stays_utf8(text):
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("甲&#27;[31m乙&#x1B;丙&#0031;丁&#x0000c;戊", "甲[31m乙丙丁 戊"),
        ("甲\x1b乙\x80丙\x9b丁", "甲乙丙丁"),
        ("一&#150;二&#x93;三&#148;&#271;&#1234;", "一–二“三”ďӒ"),
    ],
)
def test_control_characters_are_no_text_however_written(markup, text):
    title = f"<h1>{markup}</h1>"
    reading = read(page(title, paragraphs=(markup, *PARAGRAPHS)))
    assert reading.text.split("\n")[0] == text
    assert reading.fields.title == text


def test_tables_in_cells_are_tidy():
    inner = "<table><tr><td></td><td>乙</td><td></td><td>丙</td></tr></table>"
    table = f"<table><tr><td>甲</td><td>{inner}</td></tr></table>"
    assert read(page("", paragraphs=(table,))).text == "甲\t乙 丙"


# --- values ----------------------------------------------------------------------------------

DATES = st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2099, 12, 31))
SPELLINGS = (
    "{0.year}-{0.month:02}-{0.day:02}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month:02}.{0.day:02}",
    "{0.year}年{0.month:02}月{0.day:02}日",
    "{0.year} 年 {0.month} 月 {0.day} 日",
    "{0.year}-{0.month:02}-{0.day:02}T00:00:00",
)


@given(DATES, st.sampled_from(SPELLINGS))
def test_every_spelling_of_a_date_is_read(date, spelling):
    assert read_date(spelling.format(date)) == date.isoformat()


@given(DATES, st.sampled_from(SPELLINGS[:4]))
def test_a_date_is_found_beside_a_title(date, spelling):
    assert find_date(f"[ {spelling.format(date)} ]") == date.isoformat()


@given(st.datetimes(min_value=dt.datetime(1995, 1, 1), max_value=dt.datetime(2099, 1, 1)))  # noqa: DTZ001
def test_times_get_the_offset_of_their_zone(moment):
    stated = read_moment(moment.strftime("%Y-%m-%d %H:%M:%S"), SHANGHAI)
    assert stated == moment.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def test_the_offset_is_that_of_the_moment():
    berlin = ZoneInfo("Europe/Berlin")
    assert read_moment("2024-07-01 12:00", berlin) == "2024-07-01T12:00:00+02:00"
    assert read_moment("2024年1月5日 9时30分", berlin) == "2024-01-05T09:30:00+01:00"
    assert read_moment("2024-12-23", SHANGHAI) == "2024-12-23T00:00:00+08:00"


@pytest.mark.parametrize(
    "value",
    ["2024-13-45", "2024-12", "2024年", "昨天", "2024-02-30", "1234567", "2024-1-1 25:00", "〇年"],
)
def test_what_is_no_date_is_never_guessed(value):
    assert read_date(value) is None
    assert read_moment(value, SHANGHAI) is None


def test_numerals_are_dates():
    assert read_date("二〇二四年十二月二十三日") == "2024-12-23"
    assert read_date("二○一九年二月十日") == "2019-02-10"
    assert read_date("二〇二四年十三月一日") is None


@pytest.mark.parametrize(
    ("label", "validity"),
    [
        *(
            ("有效", "valid"),
            ("现行有效", "valid"),
            ("全文有效", "valid"),
            ("【继续有效】", "valid"),
        ),
        *(("部分有效", "partly_valid"), ("部分失效", "partly_valid"), ("条款失效", "partly_valid")),
        *(("已修改", "amended"), ("已修订", "amended"), ("尚未生效", "not_yet_valid")),
        *(("未生效", "not_yet_valid"), ("失效", "invalid"), ("已 失 效", "invalid")),
        *(("无效", "invalid"), ("废止", "repealed"), ("全文废止", "repealed")),
        *(("拟废止", "unknown"), ("有效吗", "unknown"), ("", "unknown"), (None, "unknown")),
    ],
)
def test_validity_is_decided_by_the_whole_word(label, validity):
    assert validity_of(label) == validity


@given(st.lists(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=4), max_size=6))
def test_any_spans_make_a_table(rows):
    table = Table([[Cell(colspan, rowspan) for colspan, rowspan in row] for row in rows])
    assert table_lines(table) == []


def test_spans_are_read_as_browsers_do():
    assert [span_of(value) for value in (None, "", "x", "0", "3", "2x", " 4", "99999")] == [
        *(1, 1, 1, 1, 3, 2, 4, 1000)
    ]
    assert span_of("0", of_rows=True) > 60_000


# --- pages that are not the document ---------------------------------------------------------


@pytest.mark.parametrize("status", [403, 412, 429, 493, 521])
def test_statuses_of_firewalls_are_blocked(status):
    finding = judge_status(status, b"")
    assert finding is not None
    assert finding.nature is Nature.BLOCKED


def test_other_statuses_are_judged_by_their_bytes():
    assert judge_status(404, html.escape("没有").encode()) is None
    challenge = judge_status(503, b"<script>document.cookie='a=1';location.reload()</script>")
    assert challenge is not None
    assert challenge.nature is Nature.BLOCKED


BEFORE_THE_FOOT = 0.9648
"""Cut here, a page lacks its foot and nothing of its document: such a page may as well be whole."""


@settings(max_examples=60, deadline=None)
@given(st.floats(0.02, 0.98))
@example(BEFORE_THE_FOOT)
def test_a_page_cut_off_anywhere_is_no_document_unless_the_document_is_all_there(part):
    markup = page(in_table(STATED.items()), paragraphs=PARAGRAPHS * 10)
    whole = markup[: markup.index("</body>")]
    reading, meant = read(whole[: int(len(whole) * part)]), read(markup)
    if reading.nature is Nature.DOCUMENT:
        assert (reading.text, reading.fields) == (meant.text, meant.fields)
        assert part >= BEFORE_THE_FOOT
