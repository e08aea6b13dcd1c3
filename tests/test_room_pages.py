"""What the reading room's pages show, asked over HTTP and held against the archive itself."""

import re
from datetime import datetime
from itertools import product
from urllib.parse import urlencode

import pytest
from lxml import html
from support.room import Room
from support.shelf import HOST, SHANGHAI, Shelf

from archive.comparison import Kind
from archive.fields import Validity
from archive.places import Status
from archive.questions.chronicle import ChangeFilter
from archive.questions.facets import facets_of
from archive.room.pages.documents import ORDERS
from archive.room.pages.runs import LEVELS, MODES
from archive.room.views.calendar import GRAVITY
from archive.room.words import LANGUAGES, words
from archive.runs import Stop
from archive.selection import Selection

AGENCIES = ("市住建局", "市人社局", None)
CATEGORIES = ("规范性文件", "公示公告")
WORDS = {Validity.VALID: "有效", Validity.REPEALED: "废止", Validity.UNKNOWN: None}


def stated(place, *, validity=Validity.VALID, text="第一条 全文。"):
    return {
        "title": f"第{place}号管理办法",
        "index_number": f"1115990001150073XY/20{20 + place % 5}-{place:05}",
        "issuing_agency": AGENCIES[place % 3],
        "category": CATEGORIES[place % 2],
        "published_at": f"20{20 + place % 5}-03-0{place % 9 + 1}T09:00:00+08:00",
        "validity": validity,
        "validity_label": WORDS[validity],
        "text": text,
    }


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Sixty documents; in the days after, some are amended, some repealed, some go."""
    shelf = Shelf(tmp_path_factory.mktemp("pages") / "archive.db")
    places = {f"{'gk' if place % 2 else 'tz'}/{place}": place for place in range(60)}
    shelf.put({path: stated(place) for path, place in places.items()})
    for day, change in enumerate(("text", "validity", "gone", "gone"), start=1):
        shelf.now = datetime(2026, 3, 1 + day, 20, 0, tzinfo=SHANGHAI)
        with shelf.run() as run:
            for path, place in places.items():
                if change == "text" and place % 4 == 0:
                    run.see(path, stated(place, text="第一条 全文有修改。"))
                elif change == "validity" and place % 6 == 1:
                    run.see(path, stated(place, validity=Validity.REPEALED))
                elif change == "gone" and place % 20 == 7:
                    run.see(path, None)
    return shelf


@pytest.fixture(scope="module")
def room(shelf):
    with Room(shelf.path, shelf) as room:
        yield room


@pytest.fixture(scope="module")
def ledger(shelf):
    with shelf.catalogue() as catalogue:
        return list(catalogue.changes())


def shown(room, path, **query):
    """A page as a tree."""
    answer = room.get(path, params={"lang": "zh-CN", **query})
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def titles(tree, path):
    return [one.text_content() for one in tree.xpath(path)]


# --- changes --------------------------------------------------------------------------------------


def expected(ledger, rows, chosen):
    """The ledger's entries that a filter lets through, newest first, by looking at each."""
    by_url = {row["url"]: row for row in rows}
    return [
        one["seq"]
        for one in reversed(ledger)
        if (not chosen.kinds or one["kind"] in chosen.kinds)
        and all(
            any(word in (one[name] or "") for name in ("title", "index_number", "before", "after"))
            for word in chosen.words
        )
        and (chosen.run is None or one["run"] == chosen.run)
        and (chosen.column is None or one["url"].startswith(chosen.column.removesuffix("i.html")))
        and (
            chosen.validity in (None, by_url[one["url"]]["validity"])
            or chosen.validity == by_url[one["url"]]["validity_label"]
        )
        and (not chosen.agency or chosen.agency in (by_url[one["url"]]["issuing_agency"] or ""))
    ]


@pytest.mark.parametrize(
    "chosen",
    [
        ChangeFilter(kinds=kinds, validity=validity, agency=agency, words=said, column=column)
        for kinds, validity, agency, said, column in product(
            ((), (Kind.VALIDITY,), (Kind.CONTENT, Kind.WITHDRAWN)),
            (None, "repealed", "有效"),
            (None, "住建"),
            ((), ("第1", "办法")),
            (None, f"{HOST}/gk/i.html"),
        )
    ],
    ids=repr,
)
def test_filters_let_through_what_they_say(shelf, ledger, chosen):
    with shelf.catalogue() as catalogue:
        rows = list(catalogue.documents())
        found = [one["seq"] for one in catalogue.entries(chosen, limit=1000)]
        wanted = expected(ledger, rows, chosen)
        assert found == wanted
        # Page by page it is the same, and by day it is as many.
        paged, last = [], None
        while entries := catalogue.entries(chosen, before_seq=last, limit=7):
            paged += [one["seq"] for one in entries]
            last = paged[-1]
        assert paged == wanted
        days = catalogue.changes_by_day(chosen, days=30, last=catalogue.last_day())
        assert sum(sum(kinds.values()) for kinds in days.values()) == len(wanted)


def test_pages_of_changes_follow_on_one_another(room, ledger):
    seen, path = [], "/changes"
    while path:
        tree = html.fromstring(room.get(path).text)
        seen += titles(tree, "//article//h3")
        path = (tree.xpath("//a[@rel='next']/@href") or [None])[0]
    assert set(seen) == {one["title"] for one in ledger}


def test_what_a_document_was_stands_before_what_it_is(room):
    tree = shown(room, "/changes", kind="validity")
    [turn, *_] = tree.xpath("//li[.//span[contains(@class, 'validity repealed')]]")
    assert turn.xpath("string(.//span[@class='from'])").strip() == "有效"
    assert turn.xpath("string(.//span[@class='to'])").strip() == "废止"
    [way] = turn.xpath(".//a/@href")
    assert re.fullmatch(r"/documents/\d+/compare/1\.\.\.2", way)


def test_a_day_of_the_strip_shows_that_day(room, ledger):
    tree = shown(room, "/changes")
    days = tree.xpath("//ul[@class='days-table']//a")
    stated = {one.text_content().split("：")[0]: one for one in days}
    assert set(stated) == {one["at"][:10] for one in ledger}
    for day, link in stated.items():
        wanted = sum(one["at"].startswith(day) for one in ledger)
        assert f"{wanted} 项" in link.text_content()
        heads = html.fromstring(room.get(link.get("href")).text).xpath("//h2/time/@datetime")
        assert heads == [day]


def test_the_links_to_feeds_carry_the_filter(room):
    tree = shown(room, "/changes", kind="validity", agency="人社")
    [feed] = tree.xpath("//link[@type='application/feed+json']/@href")
    items = room.get(feed).json()["items"]
    assert items
    assert all("validity" in one["tags"] for one in items)


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nonsense"},
        {"since": "tomorrow"},
        {"run": "-1"},
        {"column": "nowhere"},
        {"before": "9" * 30},
        {"bars": "x"},
    ],
    ids=str,
)
def test_a_filter_that_means_nothing_is_a_mistake(room, query):
    assert room.get("/changes", params=query).status_code == 400


@pytest.mark.parametrize("last", ["0001-01-01", "0001-04-02", "2999-01-01", "9999-12-31"])
def test_the_strip_can_be_asked_for_at_the_ends_of_time(room, last):
    assert room.get("/changes", params={"bars": last}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/in-force?as_of=", "/calendar?until=", "/calendar.ics?until="]
)
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-23:59"])
def test_a_moment_of_no_day_is_a_mistake(room, address, moment):
    assert room.get(address + moment).status_code == 400


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chosen",
    [
        Selection(),
        Selection(validity="repealed"),
        Selection(agency="住建", status="current"),
        Selection(published_from="2021-01-01", published_to="2022-12-31"),
        Selection(status="withdrawn"),
    ],
    ids=repr,
)
def test_facets_count_what_the_list_has(shelf, chosen):
    with shelf.catalogue() as catalogue:
        counted = catalogue.facets(chosen)
        assert counted == facets_of(catalogue.documents(chosen))
        for facet in counted[1:]:
            assert sum(one.documents for one in facet) == counted.documents


def test_facets_of_a_moment_are_those_of_the_list_then(shelf):
    moment = int(datetime(2026, 3, 2, tzinfo=SHANGHAI).timestamp() * 1000)
    chosen = Selection(as_of_ms=moment)
    with shelf.catalogue() as catalogue:
        counted = catalogue.facets(chosen)
        listed = facets_of(catalogue.documents(chosen))
    assert counted._replace(status=()) == listed._replace(status=())


def test_every_value_of_a_facet_leads_to_as_many_documents(room):
    tree = shown(room, "/documents")
    values = tree.xpath("//section[@class='facet']//li")
    assert len(values) >= 8
    for one in values:
        count = one.xpath("string(.//span[@class='count'])")
        there = html.fromstring(room.get(one.xpath("string(.//a/@href)")).text)
        assert there.xpath("string(//div[@class='section-head']/p)").startswith(f"{count} 份")


@pytest.mark.parametrize("order", ORDERS)
def test_each_order_has_every_document_once(room, order):
    seen, path = [], f"/documents?sort={order}"
    while path:
        tree = html.fromstring(room.get(path).text)
        seen += titles(tree, "//article//h2")
        path = (tree.xpath("//a[@rel='next']/@href") or [None])[0]
    assert len(seen) == len(set(seen)) == 60
    if order == "changed":
        assert "第55号管理办法" in seen[:10]


def test_a_search_shows_its_hits_in_context_and_counts_them(room):
    tree = shown(room, "/documents", q="有修改")
    marked = titles(tree, "//article//mark")
    assert marked
    assert set(marked) == {"有修改"}
    assert tree.xpath("string(//div[@class='section-head']/p)").startswith("15 份")
    assert len(tree.xpath("//article")) == 15


def test_a_former_version_is_found_on_request(room):
    [row] = titles(shown(room, "/documents", q='"第4号" 全文', agency="人社"), "//article//h2")
    assert row == "第4号管理办法"
    found = shown(room, "/documents", q="第4号 全文。", agency="人社", all_versions="1")
    assert found.xpath("//article//a[contains(@href, '/versions/1')]")


# --- a document -----------------------------------------------------------------------------------


def test_a_document_is_shown_as_it_stood(room, shelf):
    with shelf.catalogue() as catalogue:
        number = catalogue.find(f"{HOST}/tz/4.html")
    assert "有修改" in shown(room, f"/documents/{number}").xpath("string(//div[@class='reading'])")
    then = shown(room, f"/documents/{number}", as_of="2026-03-01")
    assert then.xpath("string(//div[@class='reading'])").strip() == "第一条 全文。"
    assert room.get(f"/documents/{number}?as_of=2020-01-01").status_code == 404


def test_any_two_versions_are_compared_at_an_address_that_stays(room, shelf):
    with shelf.catalogue() as catalogue:
        number = catalogue.find(f"{HOST}/tz/4.html")
    answer = room.get(f"/documents/{number}/compare?from=2&to=1")
    assert answer.headers["location"] == f"/documents/{number}/compare/2...1"
    back = shown(room, answer.headers["location"])
    assert "有修改" in back.xpath("string(//del)")


def test_a_withdrawn_document_says_so_and_is_still_read(room):
    tree = shown(room, "/documents", status="withdrawn")
    page = shown(room, tree.xpath("string(//article//h2/a/@href)"))
    assert page.xpath("//p[@class='notice grave']")
    assert page.xpath("string(//div[@class='reading'])").strip()


# --- words ----------------------------------------------------------------------------------------


def test_there_is_a_word_for_everything_that_is_told_by_one():
    told = {
        "validity": Validity,
        "outcome": GRAVITY,
        "mode": MODES,
        "log": LEVELS,
        "sort": ORDERS,
        "place": Status,
        "stopped": Stop,
        "status": ("current", "withdrawn"),
        "weekday": range(7),
        "weekday.short": range(7),
        "facet": ("validity", "status", "year", "agency", "category"),
    }
    for language in LANGUAGES:
        known = words(language)
        missing = [
            key
            for name, members in told.items()
            for member in members
            if (key := f"{name}.{member}") not in known
        ]
        assert not missing


def test_an_address_with_other_parameters_keeps_the_rest(room):
    query = urlencode({"q": "办法", "validity": "valid", "published_from": "2021-01-01"})
    tree = html.fromstring(room.get(f"/documents?{query}").text)
    chips = tree.xpath("//a[@class='chip']/@href")
    assert any("q=" in one and "validity" not in one and "published_from" in one for one in chips)
