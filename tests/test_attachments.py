"""Attachments are text too: read, searched and compared, each file at its own cost only."""

from pathlib import Path

import pytest
from support.site import File, Record, Town
from support.yange import Yange

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
