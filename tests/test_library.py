"""Several archives asked as one, held against one archive with the same documents in it."""

import pickle
from datetime import UTC, datetime
from itertools import islice

import pytest
from support.shelf import HOST
from support.shelves import Shelves

from archive.across.held import Held
from archive.captures import CaptureFilter
from archive.errors import AmbiguousError, NoArchiveError, NotFoundError
from archive.questions.chronicle import ChangeFilter
from archive.questions.run_days import RunFilter
from archive.selection import Order, Selection

OWN = ("seq", "run", "id", "document", "version_of", "ledger_length", "ledger_head", "seal")
"""What every archive counts or chains for itself."""


def stated(place, *, text="第一条 全文。", **others):
    return {
        "title": f"第{place}号停车办法" if place % 2 else f"第{place}号名录",
        "index_number": f"NO/2025-{place:05}",
        "issuing_agency": ("市住建局", "市人社局", None)[place % 3],
        "published_at": f"2025-0{1 + place % 8}-{10 + place}T09:00:00+08:00" if place % 5 else None,
        "text": text,
        **others,
    }


@pytest.fixture(scope="module")
def shelves(tmp_path_factory):
    """Thirty documents of three portals, recorded in turns; some of them change afterwards."""
    shelves = Shelves(tmp_path_factory.mktemp("library"), "east", "north", "south")
    for turn in range(3):
        for lead, portal in enumerate(shelves.portals):
            places = range(lead, 12, 3)
            pages = {f"{portal}/{place}": stated(place) for place in places}
            if turn:
                pages |= {
                    f"{portal}/{place}": stated(place, text=f"第一条 第{turn}次修改。")
                    for place in places
                    if place % 4 == turn
                }
            if turn == 2 and portal == "south":
                pages["south/11"] = None
            shelves.put(pages, portal)
    return shelves


@pytest.fixture(scope="module")
def library(shelves):
    with shelves.library() as library:
        yield library


@pytest.fixture(scope="module")
def catalogue(shelves):
    with shelves.shared.catalogue() as catalogue:
        yield catalogue


def common(rows):
    """Rows without what every archive counts for itself."""
    return [{name: value for name, value in row.items() if name not in OWN} for row in rows]


def test_documents_are_listed_as_in_one_archive(library, catalogue):
    for selection in (None, Selection(agency="住建"), Selection(portal="north")):
        expected = list(catalogue.documents(selection))
        assert list(library.documents(selection)) == expected
        for limit in (1, 3, 5):
            pages = [
                list(library.documents(selection, limit=limit, offset=offset))
                for offset in range(0, len(expected) + limit, limit)
            ]
            assert [row for page in pages for row in page] == expected
        assert list(library.documents(selection, limit=2, offset=10_000)) == []


@pytest.mark.parametrize("order", [Order.NEWEST_FIRST, Order.OLDEST_FIRST, Order.BY_PORTAL])
def test_documents_are_browsed_in_every_order_page_by_page(library, catalogue, order):
    def dated(found):
        return [row["published_at"] for _, row in found]

    expected = catalogue.browse(Selection(), order, limit=100)
    found = library.browse(Selection(), order, limit=100)
    assert dated(found) == dated(expected)
    assert sorted(row["url"] for _, row in found) == sorted(row["url"] for _, row in expected)
    pages = [library.browse(Selection(), order, limit=4, offset=at) for at in range(0, 16, 4)]
    assert [one for page in pages for one in page] == found
    for number, row in found:
        assert library.row(number) == row


def test_what_changed_last_is_browsed_first(library, catalogue):
    def changed(found):
        return [row["last_changed"] for _, row in found]

    found = library.browse(Selection(), Order.LAST_CHANGED, limit=5)
    assert changed(found) == changed(catalogue.browse(Selection(), Order.LAST_CHANGED, limit=5))


def test_a_search_finds_the_same_in_the_same_order(library, catalogue):
    for words in ("停车", "第 号", "修改"):
        expected = [one.row["published_at"] for one in catalogue.search(words)]
        assert [one.row["published_at"] for one in library.search(words)] == expected
    first = next(iter(library.search("停车")))
    assert library.row(first.document)["title"] == first.row["title"]


def test_ledgers_are_one_chronicle(library, catalogue):
    expected = common(catalogue.changes())
    assert common(library.changes()) == expected
    assert common(library.changes(limit=5)) == expected[-5:]
    assert common(library.changes(kinds=("content",))) == common(
        catalogue.changes(kinds=("content",))
    )
    assert common(one.row for one in library.newest(7)) == common(
        one.row for one in catalogue.newest(7)
    )


@pytest.mark.parametrize("size", [1, 3, 7, 100])
@pytest.mark.parametrize(
    "chosen",
    [
        ChangeFilter(baseline=True),
        ChangeFilter(baseline=True, kinds=("content", "withdrawn")),
        ChangeFilter(baseline=True, portal="south"),
    ],
)
def test_pages_of_the_chronicle_hold_every_entry_once(library, catalogue, chosen, size):
    expected = common(catalogue.entries(chosen, limit=1000))
    found, before = library.entries(chosen, limit=size)
    pages = [found]
    while before is not None:
        found, before = library.entries(
            chosen, before=type(before).read("c", str(before)), limit=size
        )
        pages.append(found)
    assert all(len(page) == size for page in pages[:-1])
    assert common(row for page in pages for row in page) == expected


def test_a_page_stays_where_it_began_while_more_is_recorded(tmp_path):
    shelves = Shelves(tmp_path, "north", "south")
    for place in range(4):
        shelves.put({f"x/{place}": stated(place)}, shelves.portals[place % 2])
    every = ChangeFilter(baseline=True)
    with shelves.library() as library:
        whole, _ = library.entries(every, limit=100)
        _, before = library.entries(every, limit=2)
        shelves.put({"x/9": stated(9)}, "north")
        assert library.entries(every, before=before, limit=100)[0] == whole[2:]


def test_runs_and_captures_are_told_by_their_times(library, catalogue):
    def told(rows):
        return [(row["portal"], row["url"], row["outcome"]) for row in rows]

    runs = library.runs()
    assert [row["portal"] for row in runs] == [row["portal"] for row in catalogue.runs()]
    assert library.runs(limit=4) == runs[:4]
    paged, before = library.chosen_runs(RunFilter(), limit=4)
    rest, end = library.chosen_runs(RunFilter(), before=before, limit=100)
    assert (paged + rest, end) == (runs, None)
    every = CaptureFilter()
    expected, more = catalogue.captures(None, every, 20)
    found, has_more = library.captures(None, every, 20)
    assert (told(found), has_more) == (told(expected), more)
    assert library.capture(found[0]["id"]) == found[0]
    assert library.run(runs[0]["id"]) == runs[0]


def test_figures_are_those_of_all(library, catalogue):
    assert library.facets(Selection()) == catalogue.facets(Selection())
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert library.growth(now) == catalogue.growth(now)
    chosen, last = ChangeFilter(baseline=True), catalogue.last_day()
    assert library.last_day() == last
    assert library.changes_by_day(chosen, days=30, last=last) == catalogue.changes_by_day(
        chosen, days=30, last=last
    )
    assert library.storage().bodies == catalogue.storage().bodies


def test_every_number_leads_back_to_its_archive(library):
    for row in islice(library.changes(), 5):
        assert isinstance(row["run"], Held)
        assert library.run(row["run"])["portal"] == row["portal"]
    north = library.find(f"{HOST}/north/1.html")
    south = library.find(f"{HOST}/south/2.html")
    assert (int(north), north.portal, south.portal) == (int(south), "north", "south")
    assert north != south
    assert len({north, south}) == 2
    assert library.show(north)["url"] == f"{HOST}/north/1.html"
    assert library.history(south)["portal"] == "south"


def test_the_same_address_in_two_archives_is_ambiguous(tmp_path):
    shelves = Shelves(tmp_path, "north", "south")
    for portal in shelves.portals:
        shelves.put({"x/1": stated(1)}, portal)
    with shelves.library() as library:
        with pytest.raises(AmbiguousError, match="or its portal with --portal"):
            library.find(f"{HOST}/x/1.html")
        with pytest.raises(NotFoundError):
            library.find("NO/2025-99999")


def test_archives_that_are_missing_or_damaged_are_faults(tmp_path):
    shelves = Shelves(tmp_path, "east", "north", "south")
    with pytest.raises(NoArchiveError):
        shelves.library()
    shelves.put({"x/1": stated(1)}, "north")
    shelves.each["south"].path.write_bytes(b"nothing like a database" * 99)
    with shelves.library() as library:
        assert [row["portal"] for row in library.documents()] == ["north"]
        assert [portal for portal, _ in library.faults] == ["east", "south"]
        with pytest.raises(NoArchiveError):
            library.of("east")


def test_a_held_number_travels_between_processes_with_its_portal():
    number = pickle.loads(pickle.dumps(Held(7, "north")))
    assert (int(number), number.portal, number == Held(7, "south")) == (7, "north", False)
