"""Whether a file has its end is told by its bytes, as far as its format tells it."""

import io
import zipfile
from pathlib import Path

import pytest

from crawler.reading.file_ends import has_end

FILES = Path(__file__).parent / "files"


def zipped(comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "甲" * 500)
        made.comment = comment
    return out.getvalue()


@pytest.mark.parametrize("name", ["fees.pdf", "long.pdf", "fees.docx", "fees.xlsx"])
def test_what_programs_write_has_an_end_until_it_is_cut_off(name):
    body = (FILES / name).read_bytes()
    assert has_end(body) is True
    assert has_end(body + b"\r\n") is True
    for share in (0.1, 0.5, 0.9):
        assert has_end(body[: int(len(body) * share)]) is False


def test_the_comment_at_the_end_of_a_zip_belongs_to_it():
    body = zipped(b"made in Liuxi")
    assert has_end(body) is True
    assert has_end(body[:-1]) is False


def test_a_picture_has_an_end():
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 4000 + b"\0\0\0\0IEND\xaeB`\x82"
    assert (has_end(png), has_end(png[:-1])) == (True, False)
    jpeg = b"\xff\xd8\xff\xe0" + b"\0" * 4000 + b"\xff\xd9"
    assert (has_end(jpeg), has_end(jpeg[:-1])) == (True, False)


@pytest.mark.parametrize("name", ["fees.xls", "fees.doc"])
def test_formats_without_an_end_do_not_tell(name):
    assert has_end((FILES / name).read_bytes()) is None
    assert has_end(b"a,b\n1,2\n") is None
    assert has_end(b"") is None
