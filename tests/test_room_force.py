"""What the reading room shows of what is concluded: conflicts, a day, expiries, claims."""

import time
from datetime import date
from threading import Event

import psutil
import pytest
from icalendar import Calendar
from lxml import html
from support.law import OFFICE, LawShelf, rule
from support.room import Room, sources_of
from support.shelf import SHANGHAI

from archive.errors import NotFoundError
from archive.law.claims.claim import ClaimKind
from archive.law.conflicts.conflict import ConflictKind
from archive.law.force.expiries import Reason
from archive.law.force.in_force import Standing
from archive.room.concluding import concluder, questions
from archive.room.concluding.concluder import Concluder, NotConcludedYetError
from archive.room.concluding.process import conclude
from archive.room.views.moments import period
from archive.room.words import LANGUAGES, words

PARKING, LIFTS = "砚湖市停车管理办法", "砚湖市电梯管理办法"
REPEAL = (
    f"第九条 本办法自2026年1月1日起施行，《{PARKING}》（砚政发〔2020〕3号）同时废止。"
    "《砚湖市供暖办法》同时废止。"
)
FUTURE = "2099-12-31"


def pages():
    return {
        "parking": rule(document_number="砚政发〔2020〕3号", text="本办法自2020年2月1日起施行。"),
        "new": rule(
            "砚湖市机动车停放管理办法", 2, written_on="2025-11-20", text=REPEAL, category="决定"
        ),
        "lifts": rule(LIFTS, 3, text="本办法自2020年2月1日起施行，有效期5年。"),
        "heat": rule("砚湖市热力办法", 4, repealed_on=FUTURE, issuing_agency="市住建局"),
        "water": rule("砚湖市供水办法", 9, repealed_on="2021-01-01"),
        "unnumbered": rule("无号办法", index_number=None, text="本办法自2020年2月1日起施行。"),
    }


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Rules of which some are at odds with what others say; one of them was put right since."""
    shelf = LawShelf(tmp_path_factory.mktemp("force") / "archive.db")
    shelf.put(pages())
    shelf.now = shelf.now.replace(day=5)
    mended = rule("砚湖市供水办法", 9, repealed_on="2021-01-01", validity_label="废止")
    shelf.put({**pages(), "water": mended})
    return shelf


@pytest.fixture(scope="module")
def room(shelf):
    with Room(shelf.path, shelf) as room:
        yield room


def number(shelf, place):
    with shelf.catalogue() as catalogue:
        return catalogue.find(f"http://www.example.gov.cn/{place}.html")


def shown(room, path, **query):
    answer = room.get(path, params={"lang": "zh-CN", **query})
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def without_links(rows):
    return [{name: one for name, one in row.items() if name != "links"} for row in rows]


# --- the API --------------------------------------------------------------------------------------


def test_the_api_answers_as_the_command_line(room, shelf):
    day = date(2026, 3, 5)
    with shelf.catalogue() as catalogue:
        found = catalogue.conclusions()
        told = {
            "/api/claims": found.claims(),
            "/api/conflicts": [one.as_json(SHANGHAI) for one in found.conflicts()],
            "/api/conflicts?all=true": [
                one.as_json(SHANGHAI) for one in found.conflicts(resolved=True)
            ],
            "/api/in-force?as-of=2026-03-05": found.in_force(day),
            "/api/in-force?as-of=2026-03-05&agency=住建": found.in_force(day, agency="住建"),
            "/api/calendar": [row for row, _ in found.calendar()],
            "/api/calendar?until=2030-01-01": [],
        }
    assert len(told["/api/conflicts"]) < len(told["/api/conflicts?all=true"])
    for path, rows in told.items():
        answer = room.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert without_links(answer.json()["items"]) == rows, path
        for row in answer.json()["items"]:
            for link in row["links"].values():
                assert room.get(link).status_code == 200, link


def test_of_one_document_there_are_its_claims_and_its_conflicts(room, shelf):
    [own] = room.get("/api/claims", params={"index": f"{OFFICE}/2020-00001"}).json()["items"]
    assert own["kind"] == "effective_from"
    parking = number(shelf, "parking")
    found = room.get("/api/conflicts", params={"document": parking}).json()["items"]
    # The gap is one of the series in which it stands.
    assert [one["kind"] for one in found] == ["repealed_by_another", "serial_gap"]
    conflict = found[0]
    assert room.get(conflict["links"]["self"]).json() == conflict
    assert conflict["links"]["document"] == f"/api/documents/{parking}"
    [row] = room.get("/api/in-force", params={"document": parking}).json()["items"]
    assert (row["portal"], row["claims"], row["differs"]) == ("in_force", "not_in_force", True)
    assert room.get(row["links"]["self"]).json()["items"] == [row]


def test_conflicts_come_page_by_page_and_by_kind(room):
    whole = room.get("/api/conflicts?all=true").json()["items"]
    pieces, address = [], "/api/conflicts?all=true&limit=1"
    while address:
        piece = room.get(address).json()
        pieces += piece["items"]
        address = piece["next"]
    assert pieces == whole
    for kind in {one["kind"] for one in whole}:
        of_kind = room.get("/api/conflicts", params={"all": "true", "kind": kind}).json()["items"]
        assert of_kind == [one for one in whole if one["kind"] == kind]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/conflicts?kind=odd", 400),
        ("/api/conflicts/0000000000000000", 404),
        ("/api/claims?version=1", 400),
        ("/api/claims?index=nothing", 404),
        ("/api/claims?document=1&version=99", 404),
        ("/api/in-force?as-of=someday", 400),
        ("/api/calendar?until=2026-02-30", 400),
        ("/conflicts?kind=odd", 400),
        ("/in-force?as_of=someday", 400),
    ],
)
def test_what_means_nothing_is_a_mistake(room, path, status):
    assert room.get(path).status_code == status


# --- the pages ------------------------------------------------------------------------------------


def test_each_conflict_stands_on_the_page_with_its_evidence(room, shelf):
    page = shown(room, "/conflicts")
    told = {one.get("id"): one.text_content() for one in page.xpath("//article")}
    with shelf.catalogue() as catalogue:
        found = catalogue.conclusions().conflicts()
    assert set(told) == {f"c-{one.id}" for one in found}
    for one in found:
        text = told[f"c-{one.id}"]
        assert words("zh-CN")[f"conflict.{one.kind}"] in text
        assert one.as_json(SHANGHAI)["first_seen"][:10] in text
        claim = one.evidence.get("claim")
        if claim:
            assert claim["quote"] in text
    [way] = page.xpath(f"//article[contains(., '{LIFTS}')]//h3/a/@href")
    assert way == f"/documents/{number(shelf, 'lifts')}"


def test_the_page_narrows_down_by_kind_and_shows_the_resolved_on_request(room):
    assert not shown(room, "/conflicts").xpath("//article[contains(@class, 'resolved')]")
    page = shown(room, "/conflicts", all="1")
    [settled] = page.xpath("//article[contains(@class, 'resolved')]")
    assert "砚湖市供水办法" in settled.text_content()
    assert "2026-03-05" in settled.text_content()
    for link in page.xpath("//section[@class='facet']//li"):
        there = html.fromstring(room.get(link.xpath("string(.//a/@href)")).text)
        count = int(link.xpath("string(.//span[@class='count'])"))
        assert len(there.xpath("//article")) == count > 0


def test_a_day_shows_both_accounts_and_where_they_differ(room, shelf):
    page = shown(room, "/in-force", as_of="2026-03-05")
    rows = {
        row.xpath("string(.//th//a)"): [cell.text_content().strip() for cell in row.xpath("./td")]
        for row in page.xpath("//table[@class='accounts']/tbody/tr")
    }
    assert rows[PARKING] == ["有效", "无效", "两者不一"]
    assert rows["砚湖市热力办法"] == ["有效", "未说", ""]
    assert "砚湖市供水办法" not in rows
    differing = shown(room, "/in-force", as_of="2026-03-05", differs="1")
    assert set(differing.xpath("//tbody//th//a/bdi/text()")) == {PARKING, LIFTS}
    # Before the archive began, only the texts speak.
    before = shown(room, "/in-force", as_of="2021-06-01").xpath("//tbody/tr")
    assert {row.xpath("string(./td[1])").strip() for row in before} == {"未说"}
    for row in before:
        assert room.get(row.xpath("string(.//th//a/@href)")).status_code == 200


def test_what_will_run_out_is_there_as_a_page_and_for_calendars(room, shelf):
    page = shown(room, "/calendar")
    [article] = page.xpath("//article")
    assert article.xpath("string(.//time)") == FUTURE
    assert words("zh-CN")["expiry.repealed_on"] in article.text_content()
    [feed] = page.xpath("//link[@type='text/calendar']/@href")
    answer = room.get(feed)
    assert answer.headers["content-type"].startswith("text/calendar")
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == date(2099, 12, 31)
    assert "砚湖市热力办法" in event["summary"]


def test_a_document_says_what_is_concluded_apart_from_what_the_portal_said(room, shelf):
    page = shown(room, f"/documents/{number(shelf, 'parking')}")
    [concluded] = page.xpath("//section[@class='concluded']")
    fields = page.xpath("string(//section[@aria-labelledby='fields'])")
    text = concluded.text_content()
    assert words("zh-CN")["conflict.repealed_by_another"] in text
    assert REPEAL.split("。")[0] in text
    assert "2020-02-01" in text
    # None of it stands among what the portal stated.
    assert "2020-02-01" not in fields
    assert f"/documents/{number(shelf, 'new')}" in concluded.xpath(".//a/@href")
    # The other way round: whom it repeals, and what it names that the archive has not.
    other = shown(room, f"/documents/{number(shelf, 'new')}")
    text = other.xpath("string(//section[@class='concluded'])")
    assert f"《{PARKING}》" in text
    assert words("zh-CN")["claim.unmatched"] in text


def test_a_version_has_the_claims_that_it_made(tmp_path):
    shelf = LawShelf(tmp_path / "archive.db")
    shelf.put({"a": rule(text="本办法自2024年1月1日起施行，有效期5年。")})
    shelf.now = shelf.now.replace(day=20)
    shelf.put({"a": rule(text="本办法自2024年1月1日起施行，有效期2年。")})
    with Room(shelf.path, shelf) as room:
        for version, years in ((1, "5 年"), (2, "2 年")):
            page = shown(room, f"/documents/1/versions/{version}")
            assert years in page.xpath("string(//section[@class='concluded'])")
            [term] = [
                one
                for one in room.get(f"/api/claims?document=1&version={version}").json()["items"]
                if one["kind"] == "term"
            ]
            assert term["period"] == f"P{years[0]}Y"


def test_what_is_concluded_follows_the_archive(tmp_path):
    shelf = LawShelf(tmp_path / "archive.db")
    shelf.put({"a": rule(document_number="砚政发〔2020〕3号")})
    with Room(shelf.path, shelf) as room:
        assert room.get("/api/conflicts").json()["items"] == []
        shelf.put({"b": rule("砚湖市机动车停放管理办法", 2, text=REPEAL)})
        [found] = room.get("/api/conflicts").json()["items"]
        assert found["kind"] == "repealed_by_another"


# --- while texts are still being read -------------------------------------------------------------


@pytest.fixture
def unread(tmp_path, monkeypatch):
    """An archive of which no text has been read, and of which each slice of time reads one."""
    monkeypatch.setattr(concluder, "SLICE_SECONDS", 0.0)
    shelf = LawShelf(tmp_path / "archive.db")
    shelf.put(
        {f"p{place}": rule(f"第{place}号办法", place, text="有效期5年。") for place in range(9)}
    )
    return shelf


def answered(room, path):
    """The answer once there is one, and how it was put off until then."""
    put_off = []
    for _ in range(2000):
        answer = room.get(path)
        if answer.status_code != 503:
            return answer, put_off
        put_off.append(answer)
        Event().wait(0.01)
    raise AssertionError(f"never answered: {put_off[-1].text}")


def test_pages_say_how_far_reading_is_and_reading_goes_on(unread):
    with Room(unread.path, unread) as room:
        first = room.get("/api/conflicts")
        assert first.status_code == 503
        assert "of 9" in first.json()["detail"]
        assert "yange conflicts" in first.json()["detail"]
        assert first.headers["retry-after"]
        answer, _ = answered(room, "/api/claims")
        assert len(answer.json()["items"]) == 9


def test_a_document_is_read_while_conclusions_are_not_there_yet(unread):
    with Room(unread.path, unread) as room:
        page = shown(room, "/documents/1")
        assert "有效期5年。" in page.xpath("string(//div[@class='reading'])")
        concluded = page.xpath("string(//section[@class='concluded'])")
        assert "共 9 份" in concluded
        answered(room, "/api/claims")
        concluded = shown(room, "/documents/1").xpath("string(//section[@class='concluded'])")
        assert words("zh-CN")["claim.term"] in concluded


def test_where_claims_cannot_be_kept_everything_is_answered_all_the_same(unread):
    kept = unread.path.with_name("archive.db.conclusions")
    kept.mkdir()
    with Room(unread.path, unread) as room:
        answer, put_off = answered(room, "/api/claims")
        so_far = [int(one.json()["detail"].split(" of 9")[0].split()[-1]) for one in put_off]
        assert so_far[0] == 1
        assert so_far == sorted(so_far)
        assert len(answer.json()["items"]) == 9
        # What was read is remembered: nothing is put off any more.
        assert room.get("/conflicts").status_code == 200
    assert list(kept.iterdir()) == []


def test_what_was_kept_by_others_is_not_read_again(unread):
    with unread.catalogue() as catalogue:
        catalogue.conclusions().conflicts()
    with Room(unread.path, unread) as room:
        assert room.get("/conflicts").status_code == 200


def test_whoever_does_not_wait_leaves_and_the_next_one_finds_it_done(shelf):
    asked = Concluder(sources_of(shelf.path, shelf))
    try:
        with pytest.raises(NotConcludedYetError) as told:
            asked.ask(0.0, questions.of_document, 1, None)
        assert told.value.so_far is None
        assert asked.ask(60.0, questions.of_document, 1, None).own
        with pytest.raises(NotFoundError):
            asked.ask(60.0, questions.conflict, "nothing")
    finally:
        asked.close()


def test_what_takes_long_is_waited_for_once(shelf):
    """Who comes when it has taken as long as he would wait is told so, and holds no thread."""
    now, others = [0.0], apart_processes()
    asked = Concluder(sources_of(shelf.path, shelf), clock=lambda: now[0])
    try:
        assert asked.ask(60.0, questions.of_document, 1, None).own
        [process] = apart_processes() - others
        process.suspend()
        while not asked.is_at_work:
            with pytest.raises(NotConcludedYetError):
                asked.ask(0.01, questions.of_document, 1, None)
        now[0] = 3601.0
        with pytest.raises(NotConcludedYetError):
            asked.ask(3600.0, questions.of_document, 1, None)
        process.resume()
        while asked.is_at_work:
            time.sleep(0.01)
        assert asked.ask(60.0, questions.of_document, 1, None).own
    finally:
        asked.close()


def test_what_took_seconds_to_work_out_is_good_for_some_time(tmp_path):
    """During a crawl of a large archive there is something new every second."""
    shelf = LawShelf(tmp_path / "archive.db")
    rules = {
        str(number): rule(f"第{number}号办法", number, text="本办法有效期5年。")
        for number in range(3)
    }

    def documents(found, *, seconds):
        began = time.process_time()
        while time.process_time() - began < seconds:
            pass
        return len(found.statements())

    def concluded(seconds):
        return conclude(shelf.path, SHANGHAI, 60.0, documents, (), {"seconds": seconds})

    seen = []
    for known, seconds in enumerate((0.0, 2.1, 0.0), 1):
        shelf.put(dict(list(rules.items())[:known]))
        seen.append(concluded(seconds))
    assert seen == [1, 2, 2]


def apart_processes():
    return {
        one
        for one in psutil.Process().children()
        if "archive.room.apart" in " ".join(one.cmdline())
    }


def test_the_archive_is_not_written_to(shelf, room):
    def said():
        return [one.read_bytes() for one in (shelf.path, shelf.path.with_name("archive.db-wal"))]

    before = said()
    for path in ("/conflicts?all=1", "/in-force", "/calendar", "/documents/1"):
        assert room.get(path).status_code == 200
    assert said() == before


# --- words ----------------------------------------------------------------------------------------


def test_there_is_a_word_for_everything_that_is_concluded():
    told = {
        "conflict": ConflictKind,
        "claim": ClaimKind,
        "standing": Standing,
        "expiry": Reason,
        "period": ("years", "months", "weeks", "days"),
    }
    for language in LANGUAGES:
        known = words(language)
        for name, members in told.items():
            assert not [one for one in members if f"{name}.{one}" not in known]


def test_a_period_is_told_by_its_units():
    assert period("P5Y") == [("years", 5)]
    assert period("P1Y6M") == [("years", 1), ("months", 6)]
    assert period("P90D") == [("days", 90)]
    assert period("forever") == []


def test_the_calendar_is_shown_page_by_page(tmp_path):
    shelf = LawShelf(tmp_path / "archive.db")
    ahead = {
        f"a{serial}": rule(
            f"第{serial}号办法", serial, repealed_on=f"2099-01-{serial % 28 + 1:02d}"
        )
        for serial in range(1, 121)
    }
    shelf.put(ahead)
    with Room(shelf.path, shelf) as room:
        first = shown(room, "/calendar", until="2100-01-01")
        [further] = first.xpath("//a[@rel='next']/@href")
        second = html.fromstring(room.get(further).text)
        told = [page.xpath("//article//h3/a//text()") for page in (first, second)]
        assert [len(titles) for titles in told] == [100, 20]
        assert len({*told[0], *told[1]}) == 120
        assert second.xpath("//a[@rel='next']") == []
        assert first.xpath("//nav[@class='pager']//a[not(@rel='next')]") == []
        [back] = second.xpath("//nav[@class='pager']//a/@href")
        assert html.fromstring(room.get(back).text).xpath("//article//h3/a//text()") == told[0]
        assert "until=2100-01-01" in further
        # For calendar programs it is whole.
        [feed] = second.xpath("//link[@type='text/calendar']/@href")
        assert len(Calendar.from_ical(room.get(feed).content).walk("VEVENT")) == 120
