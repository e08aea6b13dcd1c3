"""The reading room narrowed down to a list that somebody watches: what it shows is on that list."""

import re
from contextlib import closing

import pytest
from lxml import html
from support.room import Room
from support.shelf import SHANGHAI
from support.shelves import Shelves

from archive.catalogue import Catalogue
from archive.settings import WatchList

TERM = "第一条 本办法自2025年1月1日起施行，有效期9年。"
LISTS = {
    "parking": WatchList(words=("停 车",)),
    "water": WatchList(agencies=("水务",)),
    "named": WatchList(documents=("NO/2025-00003",), categories=("没有",)),
    "idle": WatchList(words=("没有这样的词",)),
}


def stated(place, title, text=TERM, **others):
    return {
        "title": title,
        "index_number": f"NO/2025-{place:05}",
        "issuing_agency": "市住建局" if place % 2 else "市水务局",
        "published_at": f"2025-0{1 + place}-10T09:00:00+08:00",
        "validity": "valid",
        "validity_label": "有效",
        "text": text,
        **others,
    }


@pytest.fixture(scope="module")
def shelves(tmp_path_factory):
    """Two portals; a document of each loses the word by which it was on a list."""
    shelves = Shelves(tmp_path_factory.mktemp("watch"), "north", "south")
    first = {
        "north": {"n/1": stated(1, "停车办法"), "n/2": stated(2, "供水办法")},
        "south": {
            "s/3": stated(3, "绿化办法", f"{TERM}\n第二条 机动车停\n车场除外。"),
            "s/4": stated(4, "供气办法", f"{TERM}\n第二条 不得停车。"),
        },
    }
    then = {
        "north": {"n/2": stated(2, "供水办法", f"{TERM}\n第二条 可以。", validity="repealed")},
        "south": {"s/4": stated(4, "供气办法"), "s/5": stated(5, "节水办法", text="甲乙丙丁。")},
    }
    for pages in (first, then):
        for portal, some in pages.items():
            shelves.put(some, portal)
    for shelf in (*shelves.each.values(), shelves.shared):
        shelf.index()
    return shelves


@pytest.fixture(scope="module", params=["one", "several"])
def room(shelves, request):
    """Of one archive with both portals, and of an archive each."""
    shelf = shelves.shared
    path, portals = (shelf.path, ()) if request.param == "one" else (shelves.path, shelves.portals)
    with Room(path, shelf, portals=portals, watch=LISTS) as room:
        yield room


@pytest.fixture(scope="module")
def known(shelves):
    """By list, what the commands say is on it: titles, and the ledger's entries."""
    found = {}
    with closing(Catalogue.open(shelves.shared.path, SHANGHAI)) as catalogue:
        for name, chosen in LISTS.items():
            seen = catalogue.watch(chosen)
            found[name] = (
                sorted(catalogue.row(one)["title"] for one in seen.documents()),
                sorted(_entry(one) for one in catalogue.changes() if seen.has_change(one)),
            )
    return found


def _entry(row):
    return (row["title"], row["version"] or 0, row["kind"], row["field"] or "")


def test_the_lists_differ(known):
    assert known["parking"][0] == ["停车办法", "绿化办法"]
    assert known["water"][0] == ["供气办法", "供水办法"]
    assert known["named"][0] == ["绿化办法"]
    assert known["idle"] == ([], [])
    # By a word that its document no longer has.
    assert ("供气办法", 2, "content", "") in known["parking"][1]


@pytest.mark.parametrize("name", LISTS)
def test_changes_and_documents_of_a_list_are_those_of_the_commands(room, known, name):
    titles, entries = known[name]
    answer = room.get("/api/changes", params={"watch": name, "limit": 200}).json()
    assert sorted(map(_entry, answer["items"])) == entries
    answer = room.get("/api/documents", params={"watch": name}).json()
    assert sorted(one["title"] for one in answer["items"]) == titles
    page = html.fromstring(room.get("/documents", params={"watch": name}).text)
    assert sorted(page.xpath("//article[@class='result']//h2//bdi/text()")) == titles
    lines = room.get("/changes.jsonl", params={"watch": name, "baseline": 1}).text.splitlines()
    assert len(lines) == len(entries)
    feed = room.get("/feed.json", params={"watch": name, "baseline": 1}).json()
    assert len(feed["items"]) == len(entries)


def test_a_search_is_of_the_list_alone(room):
    found = room.get("/api/search", params={"q": "办法", "watch": "water"}).json()["items"]
    assert sorted(one["title"] for one in found) == ["供气办法", "供水办法"]
    page = room.get("/documents", params={"q": "办法", "watch": "water"})
    assert "绿化办法" not in page.text


def test_the_strip_counts_the_changes_of_the_list(room):
    everything, some = (
        html.fromstring(room.get("/changes", params=query).text)
        for query in ({}, {"watch": "parking"})
    )
    counts = [
        [re.sub(r"\D", "", one[10:]) for one in page.xpath("//ul[@class='days-table']//a/text()")]
        for page in (everything, some)
    ]
    assert counts[0] != counts[1]


@pytest.mark.parametrize("door", ["/calendar", "/api/calendar", "/calendar.ics"])
def test_the_calendar_of_a_list(room, door):
    whole = room.get(door).text
    assert {"停车办法", "绿化办法", "供气办法"} <= set(re.findall(r"[绿停供][化车气]办法", whole))
    some = room.get(door, params={"watch": "parking"}).text
    assert set(re.findall(r"[绿停供][化车气]办法", some)) == {"停车办法", "绿化办法"}


def test_conflicts_of_a_list(room):
    every = room.get("/api/conflicts", params={"all": "true"}).json()["items"]
    assert every
    kept = room.get("/api/conflicts", params={"all": "true", "watch": "water"}).json()["items"]
    assert [one["id"] for one in kept] == [one["id"] for one in every if "document" in one["links"]]
    none = room.get("/api/conflicts", params={"all": "true", "watch": "idle"}).json()["items"]
    assert none == []
    assert "watch=idle" in room.get("/conflicts", params={"watch": "idle"}).text


@pytest.mark.parametrize("path", ["/changes", "/documents", "/conflicts", "/calendar"])
def test_the_lists_are_a_choice_that_stays_chosen(room, path):
    page = html.fromstring(room.get(path, params={"watch": "water"}).text)
    assert page.xpath("//select[@name='watch']/option[@value!='' or not(@value)]/text()") == [
        *LISTS
    ]
    assert page.xpath("//select[@name='watch']/option[@selected]/text()") == ["water"]
    assert not page.xpath("//input[@type='hidden'][@name='watch']") or path == "/documents"


@pytest.mark.parametrize(
    "path", ["/changes", "/documents", "/conflicts", "/calendar", "/feed.atom", "/calendar.ics"]
)
def test_a_list_that_there_is_not_is_a_mistake(room, path):
    assert room.get(path, params={"watch": "nothing"}).status_code == 400
    answer = room.get("/api/changes", params={"watch": "nothing"})
    assert (answer.status_code, "parking" in answer.json()["detail"]) == (400, True)


def test_a_document_that_changes_enters_and_leaves_a_list(tmp_path):
    shelves = Shelves(tmp_path, "north")
    shelf = shelves.each["north"]
    shelf.put({"n/1": stated(1, "停车办法")})
    with Room(shelf.path, shelf, watch=LISTS) as room:

        def titles():
            found = room.get("/api/documents", params={"watch": "parking"}).json()["items"]
            return [one["title"] for one in found]

        assert titles() == ["停车办法"]
        shelf.put({"n/1": stated(1, "泊位办法"), "n/2": stated(2, "停车费")})
        assert titles() == ["停车费"]
        changed = room.get("/api/changes", params={"watch": "parking"}).json()["items"]
        assert {one["kind"] for one in changed} == {"created", "metadata"}
