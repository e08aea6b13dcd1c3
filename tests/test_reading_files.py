"""What readers make of files, and that a file costs nothing but its own limits."""

import os
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path

import pytest
from support.files import (
    bomb,
    endless_pdf,
    laughing,
    lying_bomb,
    nested,
    ofd,
    pdf_printing,
    reading_secrets,
    word_document,
    zipped,
)

from archive.attachments.formats import READERS
from archive.attachments.limits import Limits
from archive.attachments.process import FileReader
from archive.attachments.readers.cells import shown
from archive.attachments.text import Outcome

FILES = Path(__file__).parent / "files"
MIB = 1024 * 1024


def given(name):
    """The bytes of a file that a real program has made."""
    return (FILES / name).read_bytes()


@pytest.fixture(scope="module")
def reader():
    """The reading process, with the limits that it has in use."""
    with closing(FileReader()) as one:
        yield one


def lines(reader, body):
    """The lines of a file's text, which can be read."""
    found = reader.read(body)
    assert found.outcome is Outcome.READ, found
    assert found.reader in READERS
    return found.text.split("\n")


TABLE = [
    "类别\t单位\t标准（元）",
    "居民\t户·月\t8.00",
    "单位\t人·月\t3.50",
    "餐饮经营户\t平方米·月\t1.20",
]


@pytest.mark.parametrize("kind", ["pdf", "docx", "doc"])
def test_one_text_is_read_the_same_whatever_program_format_it_was_saved_in(reader, kind):
    found = lines(reader, given(f"fees.{kind}"))
    if kind == "pdf":
        assert found.pop(0) == "页眉不是正文"  # where nothing tells it from the text
    assert found[0] == "柳溪市生活垃圾收费标准"
    assert found[1].startswith("本市居民和餐饮经营户的生活垃圾收费，")
    assert found[1].endswith("居民和经营户不缴。")
    assert found[2:4] == [
        "第一条 居民以户为单位按月缴费，单位以人为单位按月缴费。",
        "第二条 收费标准按下表执行。",
    ]
    assert found[4:] == [*TABLE, "第三条 本标准自2025年1月1日起执行。"]


def test_paragraphs_go_on_over_the_ends_of_pages_and_their_headers_and_numbers(reader):
    found = lines(reader, given("long.pdf"))
    assert [line.partition(".")[0] for line in found] == [str(n) for n in range(1, 25)]
    assert len({line.partition(".")[2] for line in found}) == 1


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_sheets_are_read_as_they_are_shown(reader, kind):
    assert lines(reader, given(f"fees.{kind}")) == [
        "收费标准",
        "类别\t标准\t比例\t起执行",
        "居民\t8.00\t12.5%\t2025年1月1日",
        "餐饮经营户\t1,234.50\t100.0%\t2025年12月31日",
        "合计\t1,242.50",
        "说明",
        "本表由市城市管理局负责解释",
    ]


@pytest.mark.parametrize(("kind", "numbers"), [("docx", ("第一条 ", "第二条 ")), ("doc", ("", ""))])
def test_what_stands_of_tracked_changes_is_read(reader, kind, numbers):
    assert lines(reader, given(f"marked.{kind}")) == [
        f"{numbers[0]}标准为每户每月八元。",
        f"{numbers[1]}本条由市城市管理局解释。",
        "甲\t\t丙",
        "\t乙",
        "正文到此为止。",
        "文本框里的话",
    ]


def test_a_scanned_page_is_named_as_scanned(reader):
    found = reader.read(given("scanned.pdf"))
    assert (found.outcome, found.text) == (Outcome.SCANNED, "")
    assert "picture" in found.note


def test_an_encrypted_file_is_named_as_encrypted(reader):
    assert reader.read(given("encrypted.pdf")).outcome is Outcome.ENCRYPTED


def test_an_ofd_is_read_by_lines_and_cells(reader):
    page = [
        (20, 20, "第一条 居民按户缴"),
        (52, 20, "费。"),
        (20, 40, "居民"),
        (80, 40, "户·月"),
        (140, 40, "8.00"),
    ]
    assert lines(reader, ofd([page])) == ["第一条 居民按户缴费。", "居民\t户·月\t8.00"]
    assert reader.read(ofd([None])).outcome is Outcome.SCANNED
    half = reader.read(ofd([page, None]))
    assert (half.outcome, half.note) == (Outcome.READ, "of its 2 pages these are pictures: 2")


def test_archives_are_read_with_the_names_that_they_were_given(reader):
    inner = zipped({"说明.txt": "内层说明".encode("gbk")}, encoding="gbk")
    packed = zipped(
        {"附件1.doc": given("fees.doc"), "内层.zip": inner, "图.png": b"\x89PNG\r\n\x1a\n"},
        encoding="gbk",
    )
    found = reader.read(packed)
    assert found.outcome is Outcome.READ
    assert found.note == "not read: 图.png (unreadable-format)"
    told = found.text.split("\n")
    assert told[0] == "附件1.doc"
    assert told[-3:] == ["内层.zip", "说明.txt", "内层说明"]
    deep = zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": b"deep"})})})
    assert reader.read(deep).outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_plain_texts_are_read_in_any_encoding(reader, encoding):
    assert lines(reader, "第一行\r\n第二行".encode(encoding)) == ["第一行", "第二行"]
    assert lines(reader, "类别,标准\r\n居民,8\r\n".encode(encoding)) == ["类别\t标准", "居民\t8"]


def test_a_web_page_is_read_as_one_whatever_it_is_called(reader):
    page = (
        "<html><body><p>一<b>二</b></p><table><tr><td>甲</td><td>乙</td></tr></table></body></html>"
    )
    assert lines(reader, page.encode("gb18030")) == ["一二", "甲\t乙"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"Rar!\x1a\x07\x01\x00rest", Outcome.UNREADABLE_FORMAT),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), Outcome.UNREADABLE_FORMAT),
        (bytes(range(256)), Outcome.UNREADABLE_FORMAT),
        (b"", Outcome.BROKEN),
        (b"%PDF-1.4 and nothing more", Outcome.BROKEN),
        (b"PK\x03\x04 and nothing more", Outcome.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Outcome.BROKEN),
        (word_document(b"<w:document"), Outcome.BROKEN),
    ],
)
def test_what_cannot_be_read_says_why(reader, body, outcome):
    found = reader.read(body)
    assert (found.outcome, found.text) == (outcome, "")
    assert found.note


@pytest.mark.parametrize("name", ["fees.pdf", "fees.docx", "fees.doc", "fees.xlsx", "fees.xls"])
def test_a_file_cut_off_anywhere_is_at_most_broken(reader, name):
    whole = given(name)
    for part in (0.05, 0.4, 0.8, 0.97):
        found = reader.read(whole[: int(len(whole) * part)])
        assert found.outcome in (Outcome.BROKEN, Outcome.READ), (part, found)


def test_files_that_mean_harm_cost_only_their_own_limits(reader, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("kept to ourselves")
    harm = {
        "bomb": (lying_bomb(1_000_003, told=600 * MIB), {Outcome.TOO_LARGE}),
        "lying bomb": (lying_bomb(64 * MIB), {Outcome.BROKEN}),
        "laughs": (laughing(), {Outcome.BROKEN, Outcome.READ}),
        "nested": (nested(3000), {Outcome.BROKEN, Outcome.READ}),
        "endless": (endless_pdf(), {Outcome.BROKEN, Outcome.READ}),
        "secrets": (reading_secrets(secret), {Outcome.BROKEN, Outcome.READ}),
    }
    for name, (body, outcomes) in harm.items():
        found = reader.read(body)
        assert found.outcome in outcomes, (name, found)
        assert len(found.text) < 1000
        assert "ourselves" not in found.text
        assert reader.read(b"hello").text == "hello"


def test_what_takes_too_long_or_too_much_ends_its_process_and_nothing_else(reader):
    slow = pdf_printing(200_000)
    with closing(FileReader(Limits(cpu_seconds=1))) as hurried:
        found = hurried.read(slow)
        assert (found.outcome, found.reader) == (Outcome.TIMED_OUT, "pdf/1")
        assert hurried.read(b"hello").text == "hello"
    with closing(FileReader(Limits(wall_seconds=1))) as impatient:
        assert impatient.read(slow).outcome is Outcome.TIMED_OUT
    with closing(FileReader(Limits(memory_bytes=300 * MIB))) as narrow:
        found = narrow.read(bomb(250 * MIB))
        assert found.outcome is Outcome.TOO_LARGE
        assert narrow.read(b"hello").text == "hello"


def test_the_reading_process_is_gone_with_its_reader():
    with closing(FileReader()) as one:
        one.read(b"hello")
        pid = one.pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (8, "General", "8"),
        (0.1 + 0.2, "General", "0.3"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, '#,##0.00;[Red]"负"#,##0.00', "负1,234.50"),
        (-3, "0.0", "-3.0"),
        (0.125, "0.0%", "12.5%"),
        (3.5, '0.00"元"', "3.50元"),
        (12, "000", "012"),
        (2.5, "0.##", "2.5"),
        (2_500_000, "0.0,", "2500.0"),
        (True, "General", "TRUE"),
        (None, None, ""),
        ("8.00", "0.0", "8.00"),
        (date(2025, 3, 1), 'yyyy"年"m"月"d"日"', "2025年3月1日"),
        (datetime(2025, 3, 1, 9, 5), "yyyy-mm-dd hh:mm", "2025-03-01 09:05"),  # noqa: DTZ001
        (datetime(2025, 3, 1), "[$-F800]dddd, mmmm dd", "2025-03-01"),  # noqa: DTZ001
        (time(15, 4), "h:mm AM/PM", "3:04 PM"),
    ],
)
def test_a_cell_is_shown_by_its_format(value, form, text):
    assert shown(value, form) == text
