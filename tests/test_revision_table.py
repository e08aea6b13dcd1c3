"""The 修订对照表 in each of its forms, as those open it to whom it is handed over."""

from pathlib import Path

import docx
import openpyxl
import pytest
import yaml
from docx.oxml.ns import qn
from lxml import html
from support.site import Record, Town
from support.yange import Yange

from archive.whitespace import without_space

CASE = yaml.safe_load(
    (Path(__file__).parent / "articles/heating-rules-revised.yaml").read_text(encoding="utf-8")
)
HOSTILE = '=HYPERLINK("http://example.org","<script>alert(1)</script>")'
ADDRESS, INDEX = "/gk/1/index.html", "/2021-00276"
ROWS = [
    ("（2021年9月1日", "（2021年9月1日", "修改"),
    ("第一章　总则", "第一章　总则", ""),
    ("第三条　市住房", "第三条　市住房", "修改第二款"),
    ("第二章　规划与", "第二章　规划与", ""),
    ("第五条　新建建", "（删除）", "删除"),
    ("第六条　……", "第五条　……", "条序调整，内容未变"),
    ("第三章　供热与", "第三章　供热与", ""),
    ("第七条　每年供", "第六条　每年供", "原第七条，修改"),
    ("第八条　供热期", "第七条　供热期", "原第八条，修改"),
    ("第九条　热费按", "第八条　热费按", "原第九条，修改第一项"),
    ("第十条　……", "第九条　……", "条序调整，内容未变"),
    ("第十一条　室内", "第十条　室内温", "由原第十一条拆分"),
    (None, "第十一条　测温", "由原第十一条拆分"),
    ("（新增）", "第十二条之一　", "新增"),
    ("（新增）", "第四章　法律责", "新增"),
    ("第十三条　违反", "第十三条　违反", "由“第四章 附则”移至“第四章 法律责任”，内容未变"),
    ("第四章　附则", "第五章　附则", "序号调整，内容未变"),
    ("（新增）", HOSTILE[:7], "新增"),
]
"""The rows: how either cell begins (None: it goes on from the row above), and the remark."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The tables of one revision, by their ending; `whole.docx` is that of all articles."""
    folder = tmp_path_factory.mktemp("tables")
    record = Record(
        title="砚湖市城市供热管理办法",
        number=INDEX,
        document_number="砚政发〔2021〕17号",
        written="2021-09-01 00:00:00",
        body=tuple(CASE["before"].split("\n")),
    )
    with Town() as town:
        town.publish(record, ADDRESS)
        yange = Yange(folder, town)
        yange.crawl()
        body = (*CASE["after"].split("\n"), "砚湖市人民政府", "2025年5月26日", HOSTILE)
        town.publish(record.but(body=body, document_number="砚政发〔2025〕9号"), ADDRESS)
        yange.crawl()
        for name in ("table.docx", "table.xlsx", "table.html"):
            said = yange.run("diff", INDEX, "--table", folder / name)
            assert (said.out, said.err) == ("", f"written to {folder / name}\n")
        yange.run("diff", INDEX, "--table", folder / "whole.docx", "--whole")
        told = yange.run("diff", INDEX, "--table", folder / "again.xlsx", "--json")
        assert told.json["index_number"] == INDEX
    return folder


def expected():
    signed = [("（新增）", words, "新增") for words in ("砚湖市人民政府", "2025年5月")]
    return [*ROWS[:-1], *signed, ROWS[-1]]


def begins(row):
    before, after, remark = row
    return (before and before[:7], after and after[:7], remark)


def shortened(rows):
    return [(before and before[:7], after and after[:7], remark) for before, after, remark in rows]


# --- Word ---------------------------------------------------------------------------------------


def test_word_has_the_rows(tables):
    rows = word_rows(tables / "table.docx")
    assert rows[0] == ("修订前", "修订后", "备注")
    assert [begins(row) for row in rows[1:]] == shortened(expected())


def word_rows(path):
    [table] = docx.Document(path).tables
    return [
        tuple(None if goes_on(cell) else "\n".join(cell_lines(cell)) for cell in cells_of(row))
        for row in table.rows
    ]


def cells_of(row):
    return row._tr.tc_lst


def goes_on(cell):
    merge = cell.find(f".//{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val")) == "continue"


def cell_lines(cell):
    return ["".join(p.itertext(qn("w:t"))) for p in cell.iter(qn("w:p"))]


def test_word_marks_the_characters(tables):
    marks = {"strike": [], "underline": []}
    [table] = docx.Document(tables / "table.docx").tables
    row = next(row for row in table.rows if "供热期内" in row.cells[1].text)
    for cell in row.cells[:2]:
        for run in cell.paragraphs[0].runs:
            for mark, found in marks.items():
                if getattr(run.font, mark):
                    found.append(run.text)
    assert marks == {"strike": ["第八条", "十八"], "underline": ["第七条", "二十"]}


def test_word_is_laid_out_for_print(tables):
    document = docx.Document(tables / "table.docx")
    section = document.sections[0]
    assert section.page_width > section.page_height
    [table] = document.tables
    assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    fields = [one.get(qn("w:instr")) for one in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    # Without a font for Chinese, each program takes another one.
    runs = [*document.element.iter(qn("w:r")), *section.footer._element.iter(qn("w:r"))]
    fonts = {run.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) for run in runs}
    assert fonts == {"黑体", "仿宋", "楷体"}


def test_word_says_what_is_compared(tables):
    said = [one.text for one in docx.Document(tables / "table.docx").paragraphs]
    assert said[0] == "《砚湖市城市供热管理办法》修订对照表"
    assert "发文字号：砚政发〔2021〕17号 → 砚政发〔2025〕9号" in said
    [before] = [line for line in said if line.startswith("修订前：")]
    assert before.startswith("修订前：第1版，成文日期2021-09-01，公开日期2025-03-05，存档时间")
    assert "本次修订修改5处，新增5处，删除1处，拆分1处，移动1处，序号调整3处" in said[-1]


def test_the_whole_table_has_every_article(tables):
    rows = word_rows(tables / "whole.docx")
    assert len(rows) > len(ROWS)
    joined = without_space("".join(after or "" for _, after, _ in rows[1:]))
    for line in CASE["after"].split("\n"):
        assert without_space(line) in joined


# --- Excel --------------------------------------------------------------------------------------


def test_excel_has_the_rows_as_text(tables):
    sheet = openpyxl.load_workbook(tables / "table.xlsx").active
    rows = [*sheet.iter_rows(values_only=True)]
    head = rows.index(("修订前", "修订后", "备注"))
    found = [(before, after, remark or "") for before, after, remark in rows[head + 1 :]]
    assert [begins(row) for row in found] == shortened(expected())
    assert found[-1][1] == HOSTILE
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet.print_title_rows == f"${head + 1}:${head + 1}"
    assert sheet.freeze_panes == f"A{head + 2}"


def test_excel_marks_the_characters(tables):
    sheet = openpyxl.load_workbook(tables / "table.xlsx", rich_text=True).active
    row = next(row for row in sheet.iter_rows() if "供热期内" in str(row[0].value))
    before, after = (
        [block.text for block in cell.value if getattr(block.font, mark)]
        for cell, mark in zip(row, ("strike", "u"), strict=False)
    )
    assert (before, after) == (["第八条", "十八"], ["第七条", "二十"])


# --- a page -------------------------------------------------------------------------------------


def test_the_page_has_the_rows_and_marks(tables):
    page = html.parse(str(tables / "table.html")).getroot()
    rows = page.xpath("//tbody/tr")
    assert [row.xpath("string(td[@class='remark'])") for row in rows] == [
        remark for _, _, remark in expected()
    ]
    row = next(row for row in rows if "供热期内" in row.text_content())
    assert row.xpath(".//del//text()") == ["第八条", "十八"]
    assert row.xpath(".//ins//text()") == ["第七条", "二十"]
    split = next(row for row in rows if "由原第十一条拆分" in row.text_content())
    assert split.xpath("td/@rowspan") == ["2"]
    assert page.xpath("//script") == []
    assert HOSTILE in rows[-1].text_content()
