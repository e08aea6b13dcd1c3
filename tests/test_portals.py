"""Several portals with an archive each: asked together as if they were one, and one by one."""

import json
import re
import shutil

import pytest
from support.county import County
from support.site import Record, Town
from support.yange import FAILED, INCOMPLETE, MISUSED

NORTH, SOUTH, WEST = "北溪市人民政府", "南溪市人民政府", "西溪市人民政府"
SHARED = "C0/2025-00009"
"""An index number of which each portal has a document."""


def record(title, number, published, **others):
    return Record(title=title, number=number, published=f"{published} 09:00:00", **others)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """Two portals after two crawls each; in the second, a document of either has changed."""
    with Town(name=NORTH) as north, Town(name=SOUTH) as south:
        county = County(north=north, south=south)
        county.folder = tmp_path_factory.mktemp("county")
        fees = record("停车收费管理办法", "N0/2025-00001", "2025-01-05")
        north.publish(fees, "/gk/1/index.html")
        north.publish(record("北部绿化管理办法", "N0/2025-00002", "2025-03-05"), "/gk/2/index.html")
        north.publish(record("北部名录", SHARED, "2025-02-05"), "/gk/3/index.html")
        south.publish(record("停车场管理办法", "S0/2025-00001", "2025-02-01"), "/gk/1/index.html")
        stop = record("南部停车办法", "S0/2025-00002", "2025-04-05")
        south.publish(stop, "/gk/2/index.html")
        south.publish(record("南部名录", SHARED, "2025-02-06"), "/gk/3/index.html")
        county.command = county.yange(county.folder)
        county.command.run("crawl", "--mode", "sweep")
        north.publish(fees.but(validity="废止"), "/gk/1/index.html")
        south.publish(
            stop.but(body=("第一条 本办法自2024年1月1日起施行，有效期9年。",)), "/gk/2/index.html"
        )
        county.command.run("crawl", "--mode", "sweep")
        yield county


@pytest.fixture
def yange(county):
    return county.command


@pytest.fixture
def own(county, tmp_path):
    """A copy of the county's archives, to be damaged or added to, and the command line on it."""
    shutil.copytree(county.folder / "archives", tmp_path / "archives")
    return county.yange(tmp_path)


def titles(rows):
    return [row["title"] for row in rows]


def test_each_portal_is_recorded_in_a_file_of_its_own(county, yange):
    files = {path.name for path in (county.folder / "archives").glob("*.db")}
    assert files == {"north.db", "south.db"}
    assert {row["portal"] for row in yange.list("--portal", "north")} == {"north"}
    assert {row["portal"] for row in yange.list()} == {"north", "south"}


def test_documents_of_all_portals_are_listed_in_one_order_and_page_by_page(yange):
    rows = yange.list()
    assert titles(rows) == [
        *("北部绿化管理办法", "北部名录", "停车收费管理办法"),
        *("南部停车办法", "南部名录", "停车场管理办法"),
    ]
    pages = [yange.list("--offset", place, "--limit", 2) for place in range(0, 8, 2)]
    assert [row for page in pages for row in page] == rows
    assert yange.list("--portal", "south") == rows[3:]
    assert yange.list("--portal", "south", "--offset", 1, "--limit", 1) == rows[4:5]
    assert "6 documents" in yange.run("list").out


def test_a_search_finds_the_best_of_all_portals_first(yange):
    found = yange.read("search", "停车")
    assert titles(found) == ["南部停车办法", "停车场管理办法", "停车收费管理办法"]
    assert yange.read("search", "停车", "--limit", 2) == found[:2]
    assert titles(yange.read("search", "停车", "--portal", "north")) == ["停车收费管理办法"]


def test_the_ledgers_are_told_together_by_time(yange):
    rows = yange.changes()
    # To the second, as it is shown; within one, by portal.
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {row["portal"] for row in rows} == {"north", "south"}
    for portal in ("north", "south"):
        own = [row for row in rows if row["portal"] == portal]
        assert own == yange.changes("--portal", portal)
        assert [row["seq"] for row in own] == list(range(1, len(own) + 1))
    assert yange.changes("--limit", 3) == rows[-3:]
    assert [row["portal"] for row in yange.changes("--kind", "validity")] == ["north"]


def test_a_number_that_several_archives_gave_asks_for_the_portal(yange):
    for arguments in (("changes", "--run", 2), ("captures", "--run", 2), ("captures", "--text", 1)):
        refused = yange.run(*arguments, status=MISUSED)
        assert "is in the archives of north, south; say which is meant with --portal" in refused.err
        assert yange.run(*arguments, "--portal", "south").out
    assert "capture 1 is in the archives of" in yange.run("accept", 1, status=MISUSED).err
    assert "there is no run 99" in yange.run("changes", "--run", 99, status=FAILED).err


def test_a_document_is_found_in_whichever_archive_holds_it(yange):
    assert yange.show("S0/2025-00001")["portal"] == "south"
    assert yange.read("history", "N0/2025-00001")["portal"] == "north"
    told = yange.diff("S0/2025-00002")
    assert (told["portal"], told["from"], told["to"]) == ("south", 1, 2)
    receipt = yange.read("receipt", "S0/2025-00002")
    assert receipt == yange.read("receipt", "S0/2025-00002", "--portal", "south")
    assert {row["portal"] for row in yange.changes("--index", "S0/2025-00002")} == {"south"}
    assert {row["portal"] for row in yange.read("captures", "S0/2025-00002")} == {"south"}
    nowhere = yange.run("show", "X0/1", status=FAILED)
    assert "no document in the archives goes by X0/1" in nowhere.err


def test_a_document_of_one_portal_is_not_found_in_the_archive_of_another(yange):
    assert (
        "no document" in yange.run("show", "S0/2025-00001", "--portal", "north", status=FAILED).err
    )
    unknown = yange.run("show", SHARED, "--portal", "east", status=MISUSED).err
    assert "there is no portal 'east'; there is north, south" in unknown


def test_an_index_number_of_documents_in_several_archives_is_ambiguous(yange):
    refused = yange.run("show", SHARED, status=FAILED).err
    assert "names 2 documents; name one by its address, or its portal with --portal" in refused
    assert "北部名录  (north)" in refused
    assert "南部名录  (south)" in refused
    assert yange.show(SHARED, "--portal", "south")["title"] == "南部名录"


def test_runs_and_captures_of_all_portals_come_newest_first(yange):
    runs = yange.read("runs")
    assert [(row["portal"], row["id"]) for row in runs] == [
        *(("south", 2), ("north", 2)),
        *(("south", 1), ("north", 1)),
    ]
    assert yange.read("runs", "--limit", 3) == runs[:3]
    captures = yange.read("captures")
    assert [row["run"] for row in captures] == sorted(
        (row["run"] for row in captures), reverse=True
    )
    assert yange.read("captures", "--limit", 4) == captures[:4]
    assert len(captures) == 12
    first = captures[-1]
    table = yange.run("captures").out
    assert re.search(rf"^{first['portal']} +{first['id']} ", table, re.MULTILINE)


def test_what_is_concluded_is_told_of_all_portals(yange):
    claims = yange.read("claims")
    assert {row["portal"] for row in claims} == {"north", "south"}
    assert {row["period"] for row in yange.read("claims", "S0/2025-00002")} == {None, "P9Y"}
    [end] = yange.read("calendar")
    assert (end["portal"], end["title"]) == ("south", "南部停车办法")
    assert "南部停车办法" in yange.run("calendar", "--ics", "-").out
    assert yange.read("calendar", "--portal", "north") == []
    force = yange.read("in-force", "--as-of", "2026-01-31")
    assert [row["portal_key"] for row in force] == sorted(row["portal_key"] for row in force)
    assert {row["portal_key"] for row in force} == {"north", "south"}
    assert isinstance(yange.read("conflicts"), list)


def test_a_watched_list_holds_documents_of_all_portals(county, tmp_path):
    shutil.copytree(county.folder / "archives", tmp_path / "archives")
    county.further = {"watch": {"parking": {"words": ["停车"]}}}
    yange = county.yange(tmp_path)
    county.further = {}
    assert {*titles(yange.read("watch", "parking"))} == {
        *("停车收费管理办法", "南部停车办法", "停车场管理办法")
    }
    assert {row["portal"] for row in yange.changes("--watch", "parking")} == {"north", "south"}
    assert titles(yange.read("watch", "parking", "--portal", "north")) == ["停车收费管理办法"]


def test_every_archive_is_verified_and_named(yange):
    told = yange.read("verify")
    assert (told["ok"], told["documents"], told["ledger_head"]) == (True, 6, None)
    heads = {one["portal"]: one["ledger_head"] for one in told["archives"]}
    for portal in ("north", "south"):
        alone = yange.read("verify", "--portal", portal)
        assert (alone["ledger_head"], alone["documents"]) == (heads[portal], 3)
    said = yange.run("verify").out
    assert "north: everything holds: 3 documents" in said
    assert f"south: ledger head {heads['south']}" in said


def test_status_tells_of_all_archives_or_one(yange):
    told = yange.read("status")
    assert (told["documents"], told["ledger_head"]) == (6, None)
    assert {job["portal"] for job in told["jobs"]} == {"north", "south"}
    north, south = told["archives"]
    assert (north["portal"], north["documents"], north["problem"]) == ("north", 3, None)
    assert south["ledger_head"] != north["ledger_head"]
    alone = yange.read("status", "--portal", "south")
    assert (alone["documents"], alone["ledger_head"]) == (3, south["ledger_head"])
    assert {job["portal"] for job in alone["jobs"]} == {"south"}
    assert north["ledger_head"] in yange.run("status").out


def test_a_damaged_archive_is_named_and_hides_no_other(own):
    (own.archive.parent / "archives/north.db").write_bytes(b"no database at all" * 100)
    for arguments in (
        *(("list",), ("changes",), ("runs",), ("captures",), ("search", "停车"), ("claims",)),
        *(("conflicts",), ("in-force",), ("calendar",), ("status",), ("verify",)),
    ):
        done = own.run(*arguments, "--json", status=FAILED)
        assert "north.db is damaged or is not an archive" in done.err + done.out, arguments
        assert json.loads(done.out) or arguments == ("conflicts",), arguments
        assert "Traceback" not in done.err
    assert {row["portal"] for row in json.loads(own.run("list", "--json", status=FAILED).out)} == {
        "south"
    }
    assert own.show("S0/2025-00001")["portal"] == "south"
    told = own.run("verify", "--json", status=FAILED).json
    assert (told["ok"], [one["ok"] for one in told["archives"]]) == (False, [False, True])
    assert "is damaged" in own.run("list", "--portal", "north", status=FAILED).err


def test_a_page_that_is_damaged_in_one_archive_hides_no_other(own):
    path = own.archive.parent / "archives/north.db"
    data = bytearray(path.read_bytes())
    data[4096 * 4 :] = b"\xff" * (len(data) - 4096 * 4)
    path.write_bytes(data)
    done = own.run("list", "--json", status=FAILED)
    assert {row["portal"] for row in json.loads(done.out)} == {"south"}
    assert "north: the archive" in done.err


def test_an_archive_that_is_not_there_is_named_and_hides_no_other(own):
    for suffix in ("", "-wal", "-shm"):
        (own.archive.parent / f"archives/south.db{suffix}").unlink(missing_ok=True)
    for arguments in (("list",), ("changes",), ("runs",), ("search", "停车"), ("verify",)):
        done = own.run(*arguments, "--json", status=INCOMPLETE)
        assert "there is no archive yet of south; `yange crawl` makes it" in done.err
        assert json.loads(done.out)
    assert own.read("status")["archives"][1]["ledger_head"] is None
    assert own.run("list", "--portal", "south", status=FAILED).err.endswith("makes it\n")
    assert own.show("N0/2025-00001")["portal"] == "north"


def test_without_any_archive_it_is_as_with_one(county, tmp_path):
    yange = county.yange(tmp_path)
    assert "does not exist yet; `yange crawl` makes it" in yange.run("list", status=FAILED).err
    assert "There is no archive yet" in yange.run("status").out


def test_rows_of_all_portals_are_exported_into_one_file(own, tmp_path):
    path = tmp_path / "all.jsonl"
    told = own.read("export", "jsonl", path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert titles(rows) == titles(own.list())
    assert (told["documents"], told["ledger_head"]) == (6, None)
    assert {one["portal"] for one in told["ledgers"]} == {"north", "south"}


def test_an_archive_is_exported_whole_and_becomes_one_again(own, county, tmp_path):
    refused = own.run("export", "wacz", tmp_path / "all.wacz", status=MISUSED).err
    assert "write {portal} into the path, or say with --portal which is meant" in refused
    told = own.read("export", "wacz", tmp_path / "{portal}.wacz")
    assert [one["whole"] for one in told["archives"]] == [True, True]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = county.yange(elsewhere)
    assert "say with --portal" in other.run("import", tmp_path / "north.wacz", status=MISUSED).err
    mixed = other.run("import", tmp_path / "north.wacz", "--portal", "south", status=FAILED).err
    assert "holds north, and the archive would be that of south alone" in mixed
    for portal in ("north", "south"):
        other.read("import", tmp_path / f"{portal}.wacz", "--portal", portal)
    heads = [one["ledger_head"] for one in own.read("verify")["archives"]]
    assert [one["ledger_head"] for one in other.read("verify")["archives"]] == heads


def test_each_archive_is_copied_by_itself(own, county, tmp_path):
    assert "say with --portal" in own.run("backup", tmp_path / "all.db", status=MISUSED).err
    restored = tmp_path / "restored"
    own.run("backup", restored / "archives/x.db", "--portal", "north", status=FAILED)
    (restored / "archives").mkdir(parents=True)
    told = own.read("backup", restored / "archives/{portal}.db")
    assert [one["portal"] for one in told["archives"]] == ["north", "south"]
    assert titles(county.yange(restored).list()) == titles(own.list())
    for target in ("{portal}.db", "south.db"):
        path = own.archive.parent / "archives" / target
        over = own.run("backup", path, "--portal", "north", "--force", status=MISUSED)
        assert "is the archive itself" in over.err
        over = own.run("export", "wacz", path, "--portal", "south", "--force", status=MISUSED)
        assert "is the archive itself" in over.err


def test_archives_are_packed_and_indexed_one_by_one(own):
    packed = own.read("compact")
    assert [one["portal"] for one in packed["archives"]] == ["north", "south"]
    assert own.run("reindex").out.splitlines() == [
        *("north: 4 versions indexed", "south: 4 versions indexed")
    ]
    assert own.run("reindex", "--portal", "south").out == "4 versions indexed\n"
    assert own.read("verify")["ok"]
    assert own.read("reread")["documents"] == 6


def test_due_and_captures_that_are_accepted_belong_to_their_portal(own):
    assert [one["portal"] for one in own.read("due", "--limit", 2)] == ["north", "south"]
    refused = own.run("accept", 1, "--portal", "south", status=FAILED).err
    assert "neither suspect nor blocked" in refused
