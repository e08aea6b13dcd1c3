"""Texts read and compared as legal texts: by articles, items, headings and annexes."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.site import Record, Table, Town
from support.yange import FAILED, MISUSED, Yange

from archive.law.articles.structure import structure_of
from archive.law.comparison.alignment import compare_articles
from archive.law.words.numerals import numeral_of, value_of
from archive.whitespace import text_key, without_space

CASES = sorted((Path(__file__).parent / "articles").glob("*.yaml"))
"""Pairs of texts in the forms in which municipal rules are amended, with what became of each
unit: `operation number before → number after`, （无） for a unit without a number."""


def loaded(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def shown(row):
    """A row of the comparison as the cases have it."""

    def number(unit):
        return "–" if unit is None else (unit.number or "（无）")

    return f"{row.op} {number(row.old)} → {number(row.new)}"


def rebuilt(rows):
    """The new text, but for white space, from the old units and what the comparison says of them.

    Of the new units nothing is taken but their numbers and what came in.
    """
    pieces = []
    for row in rows:
        if row.op == "repealed":
            continue
        if row.op != "merged" or row.is_first:
            pieces.append(row.new.number or "")
        if row.op == "inserted":
            pieces.append(row.after)
        elif row.spans:
            pieces += [span.before if span.op == "equal" else span.after for span in row.spans]
        else:
            pieces.append(row.old.text)
    return without_space("".join(pieces))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_unit_is_told_as_reviewed(path):
    case = loaded(path)
    rows = compare_articles(case["before"], case["after"])
    assert [shown(row) for row in rows] == case["expected"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_other_text_follows_from_one_and_the_comparison(path):
    case = loaded(path)
    before, after = case["before"], case["after"]
    holds(before, after)
    holds(after, before)


def holds(before, after):
    """Everything that any comparison must fulfil."""
    old, new = structure_of(before), structure_of(after)
    assert (old.text, new.text) == (before, after)
    rows = compare_articles(before, after)
    assert rebuilt(rows) == without_space(after)
    # Each unit once, those of the new text in its order.
    assert [row.new for row in rows if row.new and row.after is not None] == list(new.units)
    told = [row.old for row in rows if row.old and row.before is not None]
    assert sorted(told, key=repr) == sorted(old.units, key=repr)
    in_json = [row.as_json() for row in rows]
    assert {text_key(one["before"]) for one in in_json if one["op"] == "equal"} == {
        text_key(one["after"]) for one in in_json if one["op"] == "equal"
    }
    for one in in_json:
        if one["op"] == "amended":
            assert "".join(span["before"] for span in one["spans"]) == one["before"]
            assert "".join(span["after"] for span in one["spans"]) == one["after"]
            assert text_key(one["before"]) != text_key(one["after"])
    # A whole that was divided is the stretches of its rows.
    for row in rows:
        if row.op == "split" and row.is_first:
            parts = [one for one in rows if one.old is row.old]
            assert "".join(s.before for one in parts for s in one.spans) == row.before
        if row.op == "merged" and row.is_first:
            parts = [one for one in rows if one.new is row.new]
            assert "".join(s.after for one in parts for s in one.spans) == row.after


# --- properties ---------------------------------------------------------------------------------

WORDS = (
    "市区县人民政府应当依法管理监督检查部门单位个人申请审批许可处罚责任规定办法条例保障建设环境安全"
)
sentences = (
    st.text(WORDS, min_size=10, max_size=30)
    # 第一条规定 is a mention.
    .filter(lambda words: not words.startswith("规定"))
    .map(lambda words: f"{words}。")
)
texts = st.lists(sentences, min_size=1, max_size=12, unique=True)


def numbered(sentences, first=1, per_chapter=5):
    """Articles in chapters."""
    lines = []
    for place, sentence in enumerate(sentences):
        if place % per_chapter == 0:
            chapter = numeral_of(place // per_chapter + first)
            lines.append(f"第{chapter}章 {sentence[:4]}")
        lines.append(f"第{numeral_of(place + first)}条 {sentence}")
    return "\n".join(lines)


@given(texts, st.integers(1, 300), st.integers(1, 300))
def test_renumbering_alone_is_never_an_amendment(sentences, first, then):
    before, after = numbered(sentences, first), numbered(sentences, then)
    ops = {row.op for row in compare_articles(before, after)}
    assert ops == ({"equal"} if first == then else {"renumbered"})


@given(texts, st.data())
def test_what_goes_leaves_the_others_renumbered(sentences, data):
    gone = data.draw(st.integers(0, len(sentences) - 1))
    left = sentences[:gone] + sentences[gone + 1 :]
    before = "\n".join(f"第{numeral_of(i)}条 {one}" for i, one in enumerate(sentences, 1))
    after = "\n".join(f"第{numeral_of(i)}条 {one}" for i, one in enumerate(left, 1))
    expected = [("equal", i, i) for i in range(1, gone + 1)]
    expected += [("repealed", gone + 1, None)]
    expected += [("renumbered", i + 1, i) for i in range(gone + 1, len(sentences))]
    rows = compare_articles(before, after)
    assert [
        (row.op, *(unit and value_of(unit.number[1:-1]) for unit in (row.old, row.new)))
        for row in rows
    ] == expected


LINES = [
    "第一条 为了规范管理，制定本办法。",
    "第二条 本办法适用于本市。本办法不适用于外市的活动。",
    "第二条",
    "第三条 本办法不适用于外市的活动。",
    "第一章 总则",
    "第二章 罚则",
    "一、总则",
    "一、主要任务。各地要落实。",
    "（一）加强领导",
    "（二）各部门要依法开展监督检查工作",
    "1.甲",
    "2.乙",
    "附件1",
    "附件：1.表",
    "附则",
    "2025年5月1日",
    "砚湖市人民政府",
    "目录",
    "甲\t乙",
    "“第三条 甲",
    "乙”。",
    "修改为：",
    "",
    "第十二条之一 新设一条",
    "1.1 目的",
    "1.2 依据",
    "本办法自公布之日起施行。",
    "第二条第一款规定的活动",
    "\u3000\u3000第五条\u3000缩进的一条",
]
odd_texts = st.lists(
    st.sampled_from(LINES) | st.text("第一二条章、（）1.附件：。“” \t甲乙", max_size=12),
    max_size=14,
).map("\n".join)


@given(odd_texts, odd_texts)
def test_whatever_the_texts_nothing_is_lost(before, after):
    holds(before, after)


@given(odd_texts)
def test_a_text_is_equal_to_itself(text):
    assert {row.op for row in compare_articles(text, text)} <= {"equal"}


@given(st.integers(0, 99_999_999))
def test_numerals_and_integers_mean_each_other(value):
    assert value_of(numeral_of(value)) == value
    assert value_of(str(value)) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [("二〇二五", 2025), ("１２", 12), ("廿三", 23), ("两百", 200), ("一百十二", 112), ("〇", 0)]
    + [(none, None) for none in ("", "条", "十十", "一百二千", "廿十", "五四十", "甲")],
)
def test_other_ways_to_write_numbers(written, value):
    assert value_of(written) == value


# --- structure ----------------------------------------------------------------------------------


def tree(text):
    """Each unit's number, or its first line, under what it stands."""
    structure = structure_of(text)
    return [
        "/".join(
            (unit.number or unit.text).split("\n")[0]
            for unit in [*reversed([*structure.above(place)]), structure.units[place]]
        )
        for place in range(len(structure.units))
    ]


def test_parts_chapters_and_sections_stand_above_articles():
    text = "第一编 总则\n第一章 基本\n第一节 原则\n第一条 甲。\n第二章 人\n第二条 乙。\n第二编 物"
    assert tree(text) == [
        "第一编",
        "第一编/第一章",
        "第一编/第一章/第一节",
        "第一编/第一章/第一节/第一条",
        "第一编/第二章",
        "第一编/第二章/第二条",
        "第二编",
    ]


def test_items_of_policy_documents_nest_by_their_numbers():
    text = "一、任务\n（一）甲。\n1.子。\n（1）丑。\n①寅。\n2.卯。\n（二）乙。\n二、保障\n1.辰。"
    assert tree(text) == [
        "一、",
        "一、/（一）",
        "一、/（一）/1.",
        "一、/（一）/1./（1）",
        "一、/（一）/1./（1）/①",
        "一、/（一）/2.",
        "一、/（二）",
        "二、",
        "二、/1.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "第三条第二款规定的情形除外。",
        "第三条规定的期限不计入。",
        "第三条、第四条的规定同样适用。",
        "“第三条 甲应当登记。”",
        "1.5万元以下的，由区级审批。",
        "2025年5月26日前完成。",
        "一般程序另行规定。",
        "附件所列单位除外。",
        "附近居民可以申请。",
        "项目\t第三条\t标准",
    ],
)
def test_a_line_that_only_looks_like_a_number_begins_no_unit(line):
    text = f"第一条 甲。\n{line}\n第二条 乙。"
    assert tree(text) == ["第一条", "第二条"]


@pytest.mark.parametrize(
    "number", ["第二条", "第 二 条", "第２条", "第2条", "第二条之一", "第一百零二条"]
)
@pytest.mark.parametrize("gap", [" ", "\u3000", "【目的】", "\n"])
def test_numbers_of_articles_in_their_variants(number, gap):
    structure = structure_of(f"第一条{gap}甲应当登记。\n{number}{gap}乙应当备案。")
    assert [unit.number for unit in structure.units] == ["第一条", number]


def test_who_signs_and_when_is_no_part_of_the_last_article():
    closing = ["砚湖市发展和改革委员会", "砚湖市财政局", "2025年5月26日", "（此件公开发布）"]
    text = "\n".join(["第一条 甲。", "第二条 乙。", *closing])
    assert tree(text) == ["第一条", "第二条", *closing]


def test_a_quotation_that_is_never_closed_hides_nothing():
    text = "第一条 本办法所称“犬只，是指甲。\n第二条 乙。\n第三条 丙。"
    assert tree(text) == ["第一条", "第二条", "第三条"]


CLAUSES = """有下列情形之一的，不予受理：
（一）材料不齐的；
1.缺少原件；
2.缺少签章；
（二）重复申请的。
前款情形，应当告知申请人。"""


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (CLAUSES.replace("告知", "书面告知"), [("replace", "第二款")]),
        (CLAUSES.replace("签章", "签名"), [("replace", "第一款第一项第二目")]),
        (
            CLAUSES.replace("。\n前", "；\n（三）不属于本机关职权的。\n前"),
            [
                ("replace", "第一款第二项"),
                ("insert", "第一款第三项"),
            ],
        ),
        (f"{CLAUSES}\n申请人可以补正。", [("insert", "第三款")]),
        (CLAUSES.replace("\n前款情形，应当告知申请人。", ""), [("delete", "第二款")]),
        # That an item has another number is no change of the item.
        (CLAUSES.replace("1.缺少原件；\n2.", "1."), [("delete", "第一款第一项第一目")]),
    ],
)
def test_which_clauses_of_an_article_changed(after, changed):
    [row] = compare_articles(f"第一条 {CLAUSES}", f"第一条 {after}")
    assert list(row.clauses) == changed


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (
            "收费如下：\n（一）甲一元；\n（二）乙二元。",
            "收费如下：\n（一）甲一元；\n（二）乙三元。",
            ["第二项"],
        ),
        ("标准如下：\n甲\t1\n乙\t2", "标准如下：\n甲\t1\n乙\t3", []),
        ("甲应当登记。", "甲应当登记并公示。", []),
    ],
)
def test_an_article_of_one_paragraph_is_cited_without_it(before, after, changed):
    [row] = compare_articles(f"第一条 {before}", f"第一条 {after}")
    assert [one.name for one in row.clauses] == changed


# --- through the command line -------------------------------------------------------------------

ADDRESS = "/gk/1/index.html"
BEFORE = (
    "第一章 总则",
    "第一条 为了规范停车管理，制定本办法。",
    "第二条 本办法适用于本市城市建成区。",
    "第二章 管理",
    "第三条 停车收费标准如下：",
    Table(rows=(("车型", "元/小时"), ("小型车", "5"), ("大型车", "10"))),
    "第四条 停车场应当安装监控设备。",
    "第五条 停车场经营者应当公示收费标准。",
    "第六条 违反本办法规定的，由城市管理部门责令改正。",
    "附件",
    "停车场备案表",
)
AFTER = (
    *BEFORE[:4],
    "第三条 停车收费标准如下：",
    Table(rows=(("车型", "元/小时"), ("小型车", "6"), ("大型车", "10"))),
    "第四条 停车场经营者应当公示收费标准。",
    "第四条之一 新建停车场应当按照百分之二十的比例配建充电设施。",
    "第五条 违反本办法规定的，由城市管理部门责令改正。",
    "附件",
    "停车场备案表",
)


@pytest.fixture(scope="module")
def revised(tmp_path_factory):
    """A document in two versions."""
    record = Record(
        title="柳溪市停车场管理办法",
        number="/2025-00007",
        document_number="柳政发〔2025〕7号",
        body=BEFORE,
    )
    with Town() as town:
        town.publish(record, ADDRESS)
        yange = Yange(tmp_path_factory.mktemp("articles"), town)
        yange.crawl()
        town.publish(record.but(body=AFTER, document_number="柳政发〔2025〕9号"), ADDRESS)
        yange.crawl()
        yield yange


def test_articles_in_json(revised):
    told = revised.read("diff", "/2025-00007", "--by", "article")
    assert [(one["op"], one["before_number"], one["after_number"]) for one in told["articles"]] == [
        ("equal", "第一章", "第一章"),
        ("equal", "第一条", "第一条"),
        ("equal", "第二条", "第二条"),
        ("equal", "第二章", "第二章"),
        ("amended", "第三条", "第三条"),
        ("repealed", "第四条", None),
        ("renumbered", "第五条", "第四条"),
        ("inserted", None, "第四条之一"),
        ("renumbered", "第六条", "第五条"),
        ("equal", None, None),
    ]
    [table] = [one for one in told["articles"] if one["op"] == "amended"]
    assert [span for span in table["spans"] if span["op"] != "equal"] == [
        {"op": "replace", "before": "5", "after": "6"}
    ]
    repealed, annex = told["articles"][5], told["articles"][-1]
    assert (repealed["before"], repealed["after"]) == ("停车场应当安装监控设备。", None)
    assert annex["after"] == "附件\n停车场备案表"
    assert told["text"], "what diff says without --by stays"
    assert "articles" not in revised.diff("/2025-00007")


def test_articles_for_people(revised):
    said = revised.run("diff", "/2025-00007", "--by", "article").out
    for line in (
        "第三条 amended",
        "第四条 repealed",
        "former 第五条 is now 第四条 and otherwise unchanged",
        "第四条之一 inserted",
        "- 小型车 │ [-5-]",
        "+ 小型车 │ {+6+}",
        "1 amended, 1 repealed, 2 renumbered, 1 inserted, 5 unchanged",
    ):
        assert line in said.splitlines(), line
    assert re.search("document_number: .*7号 → .*9号", said)


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (("--table", "table.pdf"), MISUSED, "a table is written as .docx, .xlsx, .html"),
        (("--whole",), MISUSED, "give both"),
        (("--by", "word"), MISUSED, "'word' is not one of"),
        (("--table", "/nowhere/table.docx"), FAILED, "/nowhere/table.docx cannot be written"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(revised, options, status, sentence):
    assert sentence in revised.run("diff", "/2025-00007", *options, status=status).err


def test_a_page_by_articles_has_every_article(revised, tmp_path):
    page = tmp_path / "page.html"
    revised.run("diff", "/2025-00007", "--by", "article", "--html", page)
    said = page.read_text(encoding="utf-8")
    for words in ("修订前", "柳溪市停车场管理办法", "第一章", "<ins>6</ins>", "序号调整"):
        assert words in said


@pytest.mark.parametrize(
    "text",
    [
        "附" + " " * 5000,
        "目录\n" + "1" * 5000 + "x\n甲",
        "改" * 5000 + "：",
        "\n".join(["一、甲"] * 3000),
        "\n".join(["第五条 甲"] * 3000),
        "第一条 改为：\n" + "\n".join(["第九条 甲"] * 3000),
        "\n".join(["目录"] * 3000),
        "“" * 5000,
    ],
    ids=lambda text: text[:8],
)
def test_a_text_that_means_harm_is_read_like_any_other(text):
    holds(text, f"{text}乙")
