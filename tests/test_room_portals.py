"""The reading room of several archives: all of them on every page, and each below its portal."""

import re
from collections import deque

import pytest
from jsonschema import Draft202012Validator
from lxml import html
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.room import Quiet, Room
from support.shelves import Shelves

from archive.room.guard.tokens import Tokens


def stated(place, *, text, **others):
    return {
        "title": f"第{place}号停车办法",
        "index_number": f"NO/2025-{place:05}",
        "issuing_agency": "市住建局",
        "published_at": f"2025-0{1 + place}-10T09:00:00+08:00",
        "validity": "valid",
        "validity_label": "有效",
        "text": text,
        **others,
    }


class Works(Quiet):
    """Works that remember of which portal they were asked."""

    def __init__(self, portal=None):
        self.portal = portal

    def of(self, portal):
        return Works(portal)

    def state(self):
        keys = [self.portal] if self.portal else ["north", "south", "west"]
        nothing = {"documents": 0, "changes": 0, "ledger_head": None, "problem": "is damaged"}
        known = {**nothing, "documents": 4, "ledger_head": "0" * 64, "problem": None}
        archives = [{"portal": key, **(nothing if key == "west" else known)} for key in keys]
        return {**super().state(), "archives": archives}

    def portals(self):
        keys = [self.portal] if self.portal else ["north", "south"]
        return [{"portal": key, "name": key, "columns": []} for key in keys]


@pytest.fixture(scope="module")
def shelves(tmp_path_factory):
    """Two portals with documents of their own and one number in common; some have changed."""
    shelves = Shelves(tmp_path_factory.mktemp("room"), "north", "south")
    term = "第一条 本办法自2025年1月1日起施行，有效期9年。"
    for text in ("第一条 全文。", "第一条 全文有修改。"):
        for lead, portal in enumerate(shelves.portals):
            pages = {
                f"{portal}/{place}": stated(place, text=text if place < 4 else term)
                for place in range(lead, 6, 2)
            }
            pages[f"{portal}/shared"] = stated(7, text=text)
            shelves.put(pages, portal)
    for shelf in shelves.each.values():
        shelf.index()
    return shelves


@pytest.fixture(scope="module")
def room(shelves):
    shelf = shelves.each["north"]
    with Room(shelves.path, shelf, works=Works(), portals=shelves.portals) as room:
        yield room


def links_of(page):
    return {
        link.split("#")[0]
        for link in html.fromstring(page).xpath("//a/@href")
        if link.startswith("/")
    }


def test_every_link_leads_somewhere(room):
    """Whoever follows the links from the first page on comes to every archive, and to no error."""
    seen, waiting = set(), deque(["/"])
    kinds = set()
    while waiting:
        path = waiting.popleft()
        kind = re.sub(r"\d+", "#", path.partition("?")[0])
        if path in seen or "logout" in path or (kind in kinds and len(seen) > 80):
            continue
        seen.add(path)
        kinds.add(kind)
        answer = room.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
        if answer.headers["content-type"].startswith("text/html"):
            waiting.extend(sorted(links_of(answer.text)))
    assert "is damaged" in room.get("/holdings").text
    for portal in ("north", "south"):
        assert f"/portals/{portal}/" in links_of(room.get("/holdings").text)
        for page in (
            "documents/#",
            "documents/#/versions/#",
            "documents/#/compare/#...#",
            "runs/#",
        ):
            assert f"/portals/{portal}/{page}" in kinds
    assert not [kind for kind in kinds if re.match(r"/(documents|runs)/#", kind)]


def test_changes_of_all_portals_stand_on_one_page(room, shelves):
    page = room.get("/changes?baseline=1").text
    documents = {
        link for link in links_of(page) if re.fullmatch(r"/portals/\w+/documents/\d+", link)
    }
    assert {link.split("/")[2] for link in documents} == {"north", "south"}
    own = room.get("/portals/south/changes?baseline=1").text
    assert {link.split("/")[2] for link in links_of(own) if "/documents/" in link} == {"south"}


def test_documents_with_one_number_in_two_archives_are_told_apart(room, shelves):
    for portal in shelves.portals:
        url = f"http://www.example.gov.cn/{portal}/shared.html"
        found = room.get("/find", params={"index": url})
        assert found.status_code == 302
        assert found.headers["location"].startswith(f"/portals/{portal}/documents/")
        assert url in room.get(found.headers["location"]).text
    several = room.get("/find", params={"index": "NO/2025-00007"})
    assert several.status_code == 300
    assert room.get("/runs/1").status_code == 400
    assert room.get("/portals/nowhere/").status_code == 404
    assert room.get("/portals/nowhere/runs").status_code == 404


def pages_of(room, path, **asked):
    """The items of every page of a list of the API, by its links."""
    items, following = (
        [],
        room.client.build_request("GET", path, params=asked).url.raw_path.decode(),
    )
    while following:
        told = room.get(following)
        assert told.status_code == 200, told.text
        items += told.json()["items"]
        following = told.json()["next"]
    return items


@pytest.mark.parametrize(
    "name", ["documents", "changes", "runs", "claims", "conflicts", "calendar"]
)
def test_lists_of_the_api_are_whole_page_by_page_and_lead_to_their_archive(room, shelves, name):
    items = pages_of(room, f"/api/{name}", limit=200)
    assert pages_of(room, f"/api/{name}", limit=3) == items
    each = {
        portal: pages_of(room, f"/portals/{portal}/api/{name}", limit=200)
        for portal in shelves.portals
    }
    assert len(items) == sum(map(len, each.values()))
    for item in items:
        portal = item["portal"] if "portal" in item else item["links"]["document"].split("/")[2]
        for where, link in item["links"].items():
            if not (name == "conflicts" and where == "self"):
                assert link.startswith(f"/portals/{portal}/"), link
            assert room.get(link).status_code == 200, link


def test_what_is_in_force_is_told_of_all_portals(room):
    told = room.get("/api/in-force").json()
    assert {one["portal_key"] for one in told["items"]} == {"north", "south"}
    assert len(pages_of(room, "/api/in-force", limit=2)) == len(told["items"])


def test_the_description_says_where_each_archive_is_asked(room):
    described = room.get("/openapi.json").json()
    OpenAPIV31SpecValidator(described).validate()
    whole, each = described["servers"]
    assert each["variables"]["portal"]["enum"] == ["north", "south"]
    addresses = [each["url"].format(portal=one) for one in each["variables"]["portal"]["enum"]]
    places = {"id": 1, "version": 1, "before": 1, "after": 2, "seq": 1}
    known = described["components"]
    for path, item in described["paths"].items():
        servers = [one["url"].rstrip("/") for one in item.get("servers", described["servers"])]
        assert (whole["url"].rstrip("/") in servers) == ("{id}" not in path and "{seq}" not in path)
        if "{conflict}" in path or path in ("/api/find", "/api/search"):
            continue
        content = item["get"]["responses"]["200"]["content"]
        schema = {**content["application/json"]["schema"], "components": known}
        for server in addresses if len(servers) == 1 else (*addresses, ""):
            answer = room.get(server + path.format(**places))
            assert answer.status_code == 200, (server, path, answer.text)
            Draft202012Validator(schema).validate(answer.json())


def test_programs_and_feed_readers_enter_below_a_portal_too(shelves):
    tokens = Tokens(shelves.path.with_name("_.db"))
    token = tokens.add("reader", "2026-01-01")
    shelf = shelves.each["north"]
    try:
        with Room(shelves.path, shelf, portals=shelves.portals, is_loopback=False) as room:
            for path in ("feed.atom", "feed.json", "calendar.ics"):
                asked = room.get(f"/portals/north/{path}")
                assert (asked.status_code, asked.headers["www-authenticate"][:5]) == (401, "Basic")
                read = room.get(f"/portals/north/{path}", auth=("", token))
                assert read.status_code == 200
            asked = room.get("/portals/north/api/documents")
            assert (asked.status_code, asked.headers["www-authenticate"]) == (401, "Bearer")
            bearer = {"Authorization": f"Bearer {token}"}
            missing = room.get("/portals/north/api/nothing", headers=bearer)
            assert missing.headers["content-type"] == "application/problem+json"
            assert room.get("/portals/nowhere/api", headers=bearer).status_code == 404
    finally:
        tokens.path.unlink()


def test_searches_and_feeds_are_of_all_portals(room):
    found = room.get("/api/search", params={"q": "停车"}).json()["items"]
    published = [one["published_at"] for one in found]
    assert published == sorted(published, reverse=True)
    assert {one["portal"] for one in found} == {"north", "south"}
    feed = room.get("/feed.json?baseline=1").json()
    assert {item["url"].split("/portals/")[1].split("/")[0] for item in feed["items"]} == {
        "north",
        "south",
    }
    own = room.get("/portals/north/feed.json?baseline=1").json()
    assert [one["id"] for one in own["items"]] == [
        one["id"] for one in feed["items"] if "/north/" in one["url"]
    ]
    rows = room.get("/changes.jsonl?baseline=1").text.splitlines()
    assert len(rows) == len(pages_of(room, "/api/changes", limit=200))


def test_a_document_says_what_follows_about_it_alone(room, shelves):
    [url] = {
        link
        for link in links_of(room.get("/documents").text)
        if link.startswith("/portals/south/documents/1") and link.count("/") == 4
    } or {"/portals/south/documents/1"}
    assert "只看门户 south" in room.get(url, headers={"Accept-Language": "zh-CN"}).text


def test_an_archive_that_is_damaged_is_named_and_hides_no_other(tmp_path):
    shelves = Shelves(tmp_path, "north", "south")
    for portal in shelves.portals:
        shelves.put({f"{portal}/1": stated(1, text="第一条")}, portal)
    shelf = shelves.each["north"]
    shelf.path.write_bytes(b"nothing like a database" * 99)
    with Room(shelves.path, shelf, works=Works(), portals=shelves.portals) as room:
        told = room.get("/api/documents").json()
        assert [one["portal"] for one in told["items"]] == ["south"]
        assert told["unread"] == ["north"]
        for path in ("/", "/documents", "/runs", "/conflicts", "/columns", "/holdings"):
            answer = room.get(path, headers={"Accept-Language": "en"})
            assert answer.status_code == 200, path
            assert "cannot be read at present" in answer.text
        assert room.get("/portals/north/").status_code == 503
        assert room.get("/portals/south/").status_code == 200
