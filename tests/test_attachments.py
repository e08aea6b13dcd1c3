"""Attachments are text too: read, searched and compared, each file at its own cost only."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document
from lxml import html
from support.files import laughing, lying_bomb
from support.room import Room
from support.shelf import Shelf
from support.site import File, Record, Town
from support.yange import FINISHED, INCOMPLETE, Yange

FILES = Path(__file__).parent / "files"
NUMBER = "/2025-00011"
HREF = "/gk/1/{}"


def given(name):
    """The bytes of a file that a real program has made."""
    return (FILES / name).read_bytes()


def record(*names):
    """A page that is little more than links to these files."""
    links = (File(name=name, href=HREF.format(name)) for name in names)
    return Record(
        title="关于公布收费标准的通知", number=NUMBER, body=("现将标准予以公布。", *links)
    )


@pytest.fixture
def town():
    """A town without documents."""
    with Town() as one:
        yield one


@pytest.fixture
def yange(town, tmp_path):
    """The command line on the town's portal."""
    return Yange(tmp_path, town)


def publish(town, **files):
    """Publish a page that links to these files, by their names with a dot for each underscore."""
    for name, body in files.items():
        town.answer(HREF.format(name.replace("_", ".")), body)
    town.publish(record(*(name.replace("_", ".") for name in files)), "/gk/1/index.html")


def texts(shown):
    """What `show` tells of the attachments' texts, by their names."""
    return {one["name"]: one["text"] for one in shown["attachments"]}


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "xls"])
def test_words_in_a_file_find_its_document(town, yange, kind):
    publish(town, **{f"fees_{kind}": given(f"fees.{kind}")})
    yange.sweep()
    (found,) = yange.read("search", "餐饮经营户", "收费标准")
    assert found["index_number"] == NUMBER
    (hit,) = [one for one in found["hits"] if one["field"] == "attachment_text"][:1]
    assert "餐饮经营户" in hit["context"] or "收费标准" in hit["context"]
    assert yange.read("search", "殡葬") == []
    text = texts(yange.show(NUMBER))[f"fees.{kind}"]
    assert (text["outcome"], text["reader"]) == ("read", f"{kind}/1")
    assert text["chars"] > 40
    content = texts(yange.show(NUMBER, "--attachments"))[f"fees.{kind}"]["content"]
    assert "餐饮经营户\t" in content
    assert len(content) == text["chars"]


def test_an_altered_figure_in_a_table_of_a_pdf_shows_as_exactly_that_figure(town, yange):
    publish(town, fees_pdf=given("fees.pdf"))
    yange.sweep()
    publish(town, fees_pdf=given("fees-revised.pdf"))
    yange.sweep()
    (inside,) = yange.diff(NUMBER)["attachment_texts"]
    assert inside["name"] == "fees.pdf"
    (changed,) = [one for one in inside["text"] if one["op"] != "equal"]
    assert changed["before"] == "居民\t户·月\t8.00"
    assert changed["after"] == "居民\t户·月\t9.50"
    differing = [one for one in changed["spans"] if one["op"] != "equal"]
    assert [(one["before"], one["after"]) for one in differing] == [("8", "9"), ("0", "5")]
    assert "- 居民 │ 户·月 │ [-8-].[-0-]0" in yange.run("diff", NUMBER).out
    # What only the former version said is found in the former version alone.
    assert yange.read("search", '"户·月 8.00"') == []
    (found,) = yange.read("search", '"户·月 8.00"', "--all-versions")
    assert found["version"] == 1


def word(*paragraphs):
    """A Word document of these paragraphs."""
    made, out = Document(), io.BytesIO()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(out)
    return out.getvalue()


def test_rules_in_a_file_are_compared_article_by_article(town, yange):
    rules = (
        "砚湖市停车管理办法",
        "第一条 为了规范停车，制定本办法。",
        "第二条 停车场实行备案管理，备案有效期三年。",
        "第三条 道路停车每日收费不超过二十元。",
        "第四条 本办法自2025年1月1日起施行。",
    )
    publish(town, rules_docx=word(*rules), list_txt="停车场\n书店\n".encode())
    yange.sweep()
    raised = rules[3].replace("第三条", "第二条").replace("二十元", "三十元")
    revised = (*rules[:2], raised, rules[4].replace("第四条", "第三条"))
    publish(town, rules_docx=word(*revised), list_txt="停车场\n茶馆\n".encode())
    yange.sweep()
    told = yange.diff(NUMBER, "--by", "article")
    inside = {one["name"]: one for one in told["attachment_texts"]}
    changed = [
        (one["op"], one["before_number"], one["after_number"])
        for one in inside["rules.docx"]["articles"]
        if one["op"] != "equal"
    ]
    assert sorted(changed) == [
        ("amended", "第三条", "第二条"),
        ("renumbered", "第四条", "第三条"),
        ("repealed", "第二条", None),
    ]
    assert inside["rules.docx"]["text"]
    assert "articles" not in inside["list.txt"]
    printed = yange.run("diff", NUMBER, "--by", "article").out
    assert "in rules.docx:" in printed
    assert "第二条 repealed" in printed
    assert "1 amended" in printed
    assert "茶馆" in printed
    by_line = yange.diff(NUMBER)
    assert all("articles" not in one for one in by_line["attachment_texts"])


def test_what_changed_inside_a_file_is_on_the_page_of_a_comparison(town, yange, tmp_path):
    publish(town, fees_pdf=given("fees.pdf"), scan_pdf=given("fees.pdf"))
    yange.sweep()
    publish(town, fees_pdf=given("fees-revised.pdf"), scan_pdf=given("scanned.pdf"))
    yange.sweep()
    page = tmp_path / "page.html"
    yange.run("diff", NUMBER, "--html", page)
    told = page.read_text(encoding="utf-8")
    assert "<del>8</del>" in told
    assert "<ins>9</ins>" in told
    assert "scanned" in told
    printed = yange.run("diff", NUMBER).out
    assert "after: scanned" in printed
    shown = texts(yange.show(NUMBER))["scan.pdf"]
    assert (shown["outcome"], shown["chars"]) == ("scanned", 0)
    assert "scanned" in yange.run("show", NUMBER).out


def test_a_document_is_found_by_a_word_of_its_page_and_one_of_its_file(town, yange):
    publish(town, fees_pdf=given("fees.pdf"))
    other = Record(title="关于公布收费标准的公告", number="/2025-00012")
    town.publish(other, "/gk/2/index.html")
    yange.sweep()
    assert [one["index_number"] for one in yange.read("search", "通知 餐饮经营户")] == [NUMBER]
    assert yange.read("search", "公告 餐饮经营户") == []
    assert [one["index_number"] for one in yange.read("search", "收费标准 -餐饮经营户")] == [
        "/2025-00012"
    ]


def test_what_was_read_may_be_thrown_away_at_any_time(town, yange):
    publish(town, fees_pdf=given("fees.pdf"))
    yange.sweep()
    before = yange.read("search", "餐饮经营户"), yange.show(NUMBER)
    beside = yange.archive.with_name(f"{yange.archive.name}.conclusions")
    beside.unlink()
    assert (yange.read("search", "餐饮经营户"), yange.show(NUMBER)) == before
    beside.write_bytes(b"not a database" * 100)
    assert (yange.read("search", "餐饮经营户"), yange.show(NUMBER)) == before
    with closing(sqlite3.connect(beside)) as connection, connection:
        # R12: what a former reader has made of it is not believed, and no change comes of that.
        connection.execute("UPDATE attachment_texts SET reader = 'pdf/0', outcome = 'scanned'")
    assert (yange.read("search", "餐饮经营户"), yange.show(NUMBER)) == before
    yange.run("reindex")
    assert (yange.read("search", "餐饮经营户"), yange.show(NUMBER)) == before
    yange.run("verify")


def test_bytes_that_arrive_late_are_found_without_a_change(town, yange):
    town.publish(record("fees.pdf"), "/gk/1/index.html")
    yange.crawl(status=(FINISHED, INCOMPLETE))
    assert yange.read("search", "餐饮经营户") == []
    assert texts(yange.show(NUMBER)) == {"fees.pdf": None}
    publish(town, fees_pdf=given("fees.pdf"))
    assert yange.sweep() == []
    (found,) = yange.read("search", "餐饮经营户")
    assert found["versions"] == 1


def test_a_file_that_means_harm_harms_nothing_but_itself(town, yange):
    publish(
        town,
        a_zip=lying_bomb(1_000_003, told=600 * 1024 * 1024),
        b_docx=laughing(),
        c_pdf=b"%PDF-1.7",
        d_pdf=given("fees.pdf"),
    )
    yange.sweep()
    assert len(yange.read("search", "餐饮经营户")) == 1
    outcomes = {name: text["outcome"] for name, text in texts(yange.show(NUMBER)).items()}
    assert outcomes["a.zip"] == "too-large"
    assert outcomes["c.pdf"] == "broken"
    assert outcomes["d.pdf"] == "read"


def test_claims_are_read_of_a_file_as_of_a_page(town, yange):
    publish(town, fees_pdf=given("fees.pdf"))
    yange.sweep()
    (claim,) = yange.read("claims", NUMBER)
    assert (claim["kind"], claim["effective_on"]) == ("effective_from", "2025-01-01")
    assert "第三条" in claim["quote"] or "2025年1月1日" in claim["quote"]


def test_a_crawl_of_the_daemons_leaves_nothing_to_be_read_by_a_search(town, yange):
    publish(town, fees_pdf=given("fees.pdf"))
    with yange.started("crawl", "--mode", "sweep", "--tethered") as crawl:
        # It would leave with whoever holds the other end, so that stays open.
        said = crawl.stdout.read()
        assert crawl.wait() == FINISHED, said
    with yange.catalogue() as catalogue:
        assert (catalogue.unindexed(), catalogue.unread()) == (0, 0)
        assert len(list(catalogue.search("餐饮经营户"))) == 1


RULES = (
    "砚湖市停车管理办法",
    "第一条 为了规范停车，制定本办法。",
    "第二条 停车场实行备案管理，备案有效期三年。",
    "第三条 道路停车每日收费不超过二十元。",
    "第四条 本办法自2025年1月1日起施行。",
)


@pytest.fixture
def replaced(town, yange):
    """A page whose rules and fees were replaced, one file taken away, and one put in."""
    fees, scan = given("fees.pdf"), given("scanned.pdf")
    publish(town, rules_docx=word(*RULES), fees_pdf=fees, scan_pdf=fees, old_txt=b"shops\n")
    yange.sweep()
    raised = (*RULES[:3], RULES[3].replace("二十元", "三十元"), RULES[4])
    fees = given("fees-revised.pdf")
    publish(town, rules_docx=word(*raised), fees_pdf=fees, scan_pdf=scan, new_txt=b"list\n")
    yange.sweep()
    return yange


def test_a_table_shows_what_changed_in_attachments(replaced, tmp_path):
    replaced.run("diff", NUMBER, "--table", tmp_path / "table.docx")
    (table,) = Document(str(tmp_path / "table.docx")).tables
    rows = [tuple(cell.text for cell in row.cells) for row in table.rows]
    assert [row for row in rows if "附件：" in "".join(row)] == [
        ("附件：old.txt", "（删除）", "删除附件"),
        ("附件：rules.docx", "附件：rules.docx", "文件已替换"),
        ("附件：fees.pdf", "附件：fees.pdf", "文件已替换"),
        ("附件：scan.pdf", "附件：scan.pdf", "文件已替换，文字无法比对（扫描件）"),
        ("（新增）", "附件：new.txt", "新增附件"),
    ]
    article = "第三条　道路停车每日收费不超过{}元。"
    assert (article.format("二十"), article.format("三十"), "修改") in rows
    (fees,) = [row for row in rows if "8.00" in row[0]]
    assert ("9.50" in fees[1], fees[2]) == (True, "修改")
    replaced.run("diff", NUMBER, "--by", "article", "--html", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<del>二</del>十元" in page
    assert "<ins>三</ins>十元" in page
    assert "备案有效期三年" in page
    assert "附件的变动列于正文之后" in page


def test_the_reading_room_compares_attachments_by_articles(replaced):
    # Both versions are of one reading, so that none of the shelf's is needed.
    with Room(replaced.archive, Shelf(replaced.archive)) as room:
        page = room.get("/documents/1/compare/1...2", params={"by": "article"}).text
        table = room.get("/documents/1/compare/1...2/table.html").text
    (section,) = html.fromstring(page).xpath("//section[h2[contains(., 'rules.docx')]]")
    (head,) = section.xpath(".//h3")
    assert "第三条" in head.text_content()
    assert section.xpath(".//ins/text()") == ["三"]
    assert section.xpath(".//del/text()") == ["二"]
    assert "附件：rules.docx" in table
