"""`export`: rows and chosen documents, and how a file comes to stand whole under its name."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.memory import run_measured
from support.shelf import HOST, Shelf
from support.yange import FAILED, FINISHED, MISUSED, Yange
from warcio.archiveiterator import ArchiveIterator

from archive.export.bag import write_bag
from archive.export.rows import COLUMNS, sheets, write_csv, write_jsonl
from archive.export.target import TargetExistsError, TargetUnusableError, new_file, new_folder
from archive.export.warc import write_warc
from archive.instants import to_ms
from archive.selection import Selection

CONFIGURATION = """
timezone: Asia/Shanghai
contact: archive@example.org
archive: {{path: {}}}
portals:
  town:
    name: 柳溪市人民政府
    hosts: [www.example.gov.cn]
    columns: ["http://www.example.gov.cn/gk/index.html"]
"""


class OnShelf:
    """The configuration of a portal that is never asked."""

    def configuration(self, archive):
        return CONFIGURATION.format(archive)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A few documents; one is amended and then withdrawn, one speaks in formulas."""
    folder = tmp_path_factory.mktemp("shelf")
    shelf = Shelf(folder / "archive.db")
    shelf.yange = Yange(folder, OnShelf())
    valid = {"title": "垃圾分类办法", "index_number": "1500/2025-00001", "text": "第一条\n第二条"}
    shelf.put(
        {
            "a": {**valid, "validity_label": "有效", "validity": "valid"},
            "b": {"title": '=HYPERLINK("x")', "text": "a\tb"},
        }
    )
    shelf.between = shelf.now
    shelf.put(
        {
            "a": {**valid, "validity_label": "废止", "validity": "repealed"},
            "c": {"title": "新办法", "text": "新"},
        }
    )
    shelf.put({"b": None})
    shelf.put({"b": None})
    return shelf


@contextmanager
def holdings(shelf, selection=None):
    """What a selection names on a shelf, ready to be exported."""
    with (
        shelf.catalogue() as catalogue,
        catalogue.holdings(selection or Selection(), lambda *_: None) as chosen,
    ):
        yield chosen


def exported(shelf, write, selection=None, **how):
    """What a function that writes rows makes of an archive, as text."""
    out = io.BytesIO()
    with holdings(shelf, selection) as held:
        write(sheets(held, **{"every_version": False, **how}), out)
    return out.getvalue().decode()


def jsonl(shelf, selection=None, **how):
    return [
        json.loads(line) for line in exported(shelf, write_jsonl, selection, **how).splitlines()
    ]


# --- rows -----------------------------------------------------------------------------------------


def test_a_row_is_what_show_prints(shelf):
    with shelf.catalogue() as catalogue:
        documents = list(catalogue.documents())
        assert jsonl(shelf) == [catalogue.show(row["url"]) for row in documents]
        every = [
            catalogue.show(row["url"], version=number + 1)
            for row in documents
            for number in range(row["versions"])
        ]
    assert len(every) == 4
    assert jsonl(shelf, every_version=True) == every


def test_filters_and_moments_choose_what_is_exported(shelf):
    """`--as-of`: what stood then, whatever has come since."""
    then = Selection(as_of_ms=to_ms(shelf.between))
    assert [row["title"] for row in jsonl(shelf, Selection(validity="repealed"))] == [
        "垃圾分类办法"
    ]
    assert jsonl(shelf, Selection(validity="repealed", as_of_ms=then.as_of_ms)) == []
    stood = {row["title"]: row for row in jsonl(shelf, then)}
    assert set(stood) == {"垃圾分类办法", '=HYPERLINK("x")'}
    assert stood["垃圾分类办法"]["validity"] == "valid"
    assert {row["status"] for row in stood.values()} == {"current"}
    assert len(jsonl(shelf, then, every_version=True)) == 2
    assert jsonl(shelf, Selection(portal="elsewhere")) == []


def test_a_table_is_for_spreadsheets(shelf):
    """A mark for Excel, no text, and no cell that a spreadsheet would carry out."""

    def write(rows, out):
        return write_csv(rows, COLUMNS, out)

    text = exported(shelf, write, every_version=True)
    assert text.startswith("\ufeffportal,title,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    expected = jsonl(shelf, every_version=True)
    assert [int(row["version"]) for row in rows] == [row["version"] for row in expected]
    assert '\'=HYPERLINK("x")' in {row["title"] for row in rows}
    assert set(COLUMNS) == set(expected[0]) - {"text"}
    assert (
        exported(shelf, write, Selection(portal="elsewhere")).strip("\ufeff\r\n").count("\n") == 0
    )


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_no_cell_begins_a_formula_and_none_is_lost(values):
    names = [f"c{place}" for place, _ in enumerate(values)]
    out = io.BytesIO()
    values = [value.encode(errors="replace").decode() for value in values]
    write_csv([dict(zip(names, values, strict=True))], names, out)
    _, row = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    for cell, value in zip(row, values, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        assert value in (cell, cell.removeprefix("'"))


# --- chosen documents -----------------------------------------------------------------------------


def test_a_web_archive_of_chosen_documents_has_their_captures_alone(shelf):
    out = io.BytesIO()
    chosen = Selection(validity="valid", as_of_ms=to_ms(shelf.between))
    with holdings(shelf, chosen) as held:
        write_warc(held, out)
    out.seek(0)
    records = [
        (one.rec_type, one.rec_headers.get_header("WARC-Target-URI"), one.raw_stream.read())
        for one in ArchiveIterator(out, check_digests="raise")
    ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request"]
    assert b"it cannot be imported" in records[0][2]
    assert records[1][1] == f"{HOST}/a.html"
    assert json.loads(records[1][2])["validity"] == "valid"


# --- the command ----------------------------------------------------------------------------------


def test_standard_output_gets_the_export_and_nothing_else(shelf):
    printed = shelf.yange.run("export", "jsonl", "-", "--versions").out
    assert [json.loads(line) for line in printed.splitlines()] == jsonl(shelf, every_version=True)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("wacz", "-"), MISUSED, "cannot go to standard output"),
        (("jsonl", "-", "--json"), MISUSED, "where the export goes"),
        (("warc", "x.warc.gz", "--versions"), MISUSED, "always has every version"),
        (("csv", "{archive}", "--force"), MISUSED, "is the archive itself"),
        (("csv", "{archive}"), MISUSED, "is the archive itself"),
        (("csv", "/nowhere/x.csv"), FAILED, "cannot be written"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else None,
)
def test_a_mistake_ends_in_a_sentence(shelf, arguments, status, said):
    words = [word.format(archive=shelf.path) for word in arguments]
    ended = shelf.yange.run("export", *words, status=status)
    assert said in " ".join(ended.err.split())
    assert ended.out == ""


# --- a name and what stands under it --------------------------------------------------------------


def test_a_file_that_fails_half_way_leaves_nothing(tmp_path):
    path = tmp_path / "x.csv"
    with pytest.raises(RuntimeError), new_file(path, force=False) as file:
        file.write(b"half")
        raise RuntimeError
    with pytest.raises(TargetUnusableError), new_folder(tmp_path / "bag", force=False) as folder:
        (folder / "half").write_bytes(b"half")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_replaced_only_if_told_to(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"old")
    with pytest.raises(TargetExistsError), new_file(path, force=False):
        pass
    assert path.read_bytes() == b"old"
    with new_file(path, force=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(TargetExistsError), new_file(tmp_path, force=True):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["x.csv"]


def test_a_bag_replaces_a_bag_and_no_other_folder(shelf, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(TargetExistsError, match="it is no bag"), new_folder(mine, force=True):
        pass
    for _ in range(2):
        with holdings(shelf) as held, new_folder(tmp_path / "bag", force=True) as folder:
            assert write_bag(held, folder) == 4
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bag", "mine"]
    assert (mine / "letter.txt").read_text() == "dear"
    described = (tmp_path / "bag/data/town").glob("*/v*.json")
    assert {orjson.loads(one.read_bytes())["title"] for one in described} == {
        *("垃圾分类办法", "新办法", '=HYPERLINK("x")'),
    }


# --- large archives -------------------------------------------------------------------------------

_VERSIONS, _FILES, _MEGABYTE = 2000, 48, 1 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An archive with 48 MB of files and 2,000 versions of 20 KB, all but one copied by SQL."""
    folder = tmp_path_factory.mktemp("large")
    shelf = Shelf(folder / "archive.db")
    with shelf.run() as run:
        run.see("a", {"text": "规定" * 3400})
        for number in range(_FILES):
            run.archive.keep_file(f"{HOST}/f/{number}", os.urandom(_MEGABYTE), {})
    with closing(sqlite3.connect(shelf.path)) as connection, connection:
        multiply(connection, "documents", lambda n: {"current_version_id": n})
        multiply(connection, "locations", lambda n: {"key": f"//h/{n}", "document_id": n})
        multiply(connection, "captures", lambda n: {"location_id": n})
        multiply(connection, "readings", lambda n: {"location_id": n})
        multiply(
            connection,
            "versions",
            lambda n: {"document_id": n, "capture_id": n, "location_id": n, "reading_id": n},
        )
    return Yange(folder, OnShelf())


def multiply(connection, table, changes):
    """Copy the row with id 1 as those up to `_VERSIONS`, with other values for each."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE id = 1")
    names = [name for name, *_ in cursor.description]
    first = dict(zip(names, cursor.fetchone(), strict=True))
    connection.executemany(
        f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})",
        (tuple({**first, "id": n, **changes(n)}.values()) for n in range(2, _VERSIONS + 1)),
    )


def most_memory(command, folder):
    """Run a command to its end; the most memory that it had, in bytes."""
    status, memory = run_measured(command, folder / "measured", stdout=subprocess.DEVNULL)
    assert status == FINISHED
    return memory


def test_a_large_archive_needs_no_more_memory_and_an_import_can_be_killed(shelf, large, tmp_path):
    """The files make 48 MB, the texts 40 MB; neither is ever held at once."""
    wacz, texts, home = tmp_path / "x.wacz", tmp_path / "x.jsonl", tmp_path / "home"
    most = most_memory(shelf.yange.command("export", "wacz", wacz), tmp_path) + 32 * _MEGABYTE
    assert most_memory(large.command("export", "wacz", wacz, "--force"), tmp_path) < most
    assert most_memory(large.command("export", "jsonl", texts), tmp_path) < most
    assert wacz.stat().st_size > _FILES * _MEGABYTE
    assert texts.stat().st_size > 40 * _MEGABYTE
    home.mkdir()
    copy = Yange(home, OnShelf())
    with copy.started("import", wacz) as process:
        wait_until(lambda: any(one.suffix == ".partial" for one in home.iterdir()))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not copy.archive.exists()
    assert most_memory(copy.command("import", wacz), tmp_path) < most
    with closing(sqlite3.connect(copy.archive)) as connection:
        [found] = connection.execute("SELECT count(*) FROM versions").fetchone()
    assert found == _VERSIONS


def test_an_export_that_is_killed_leaves_nothing_under_its_name(large, tmp_path):
    path = tmp_path / "x.warc.gz"
    with large.started("export", "warc", path) as process:
        wait_until(lambda: any(one.stat().st_size for one in tmp_path.iterdir()))
        process.send_signal(signal.SIGKILL)
        process.wait()
    [left] = tmp_path.iterdir()
    assert (left.name[0], left.suffix) == (".", ".partial")
    large.run("export", "csv", path)
    assert path.exists()


def wait_until(happened):
    while not happened():
        time.sleep(0.01)
