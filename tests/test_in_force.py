"""What was in force on a day, what will run out, and lists of what somebody watches."""

from datetime import date, datetime

import pytest
from icalendar import Calendar
from support.law import OFFICE, LawShelf, rule
from support.shelf import SHANGHAI
from support.yange import FAILED, MISUSED

_YES, _NO = "in_force", "not_in_force"
_NEW = "本办法自2026年1月1日起施行，《砚湖市停车管理办法》（砚政发〔2020〕3号）同时废止。"


@pytest.fixture
def shelf(tmp_path):
    return LawShelf(tmp_path / "archive.db")


def on(shelf, day, when=None, **filters):
    return shelf.in_force(date.fromisoformat(day), when, **filters)


def test_days_before_the_archive_began_are_answered_from_the_claims(shelf):
    shelf.put(
        {
            "a": rule(document_number="砚政发〔2020〕3号", text="本办法自2020年2月1日起施行。"),
            "b": rule("砚湖市机动车停放管理办法", 2, text=_NEW, written_on="2025-12-01"),
            "c": rule("关于植树的通知", 3, text="请抓紧植树。"),
        }
    )
    assert on(shelf, "2020-01-31") == {}
    assert on(shelf, "2020-02-01") == {"砚湖市停车管理办法": (None, _YES, False)}
    assert on(shelf, "2025-12-31") == {"砚湖市停车管理办法": (None, _YES, False)}
    assert on(shelf, "2026-01-01") == {"砚湖市机动车停放管理办法": (None, _YES, False)}
    assert on(shelf, "2026-03-01") == {
        "砚湖市停车管理办法": (_YES, _NO, True),
        "砚湖市机动车停放管理办法": (_YES, _YES, False),
        "关于植树的通知": (_YES, None, False),
    }


def test_a_document_is_in_force_on_the_last_day_of_its_term(shelf):
    shelf.put({"a": rule(text="本办法自2020年2月1日起施行，有效期5年。")})
    assert on(shelf, "2025-01-31") == {"砚湖市停车管理办法": (None, _YES, False)}
    assert on(shelf, "2025-02-01") == {}


def test_an_extension_by_a_span_moves_the_last_day_everywhere(shelf):
    title = "砚湖市停车管理办法"
    text = "现决定将有效期延长两年，请遵照执行。"
    notice = rule(f"关于延长《{title}》有效期的通知", 2, text=text, written_on="2025-01-10")
    shelf.put({"a": rule(text="本办法自2022年2月1日起施行，有效期5年。"), "b": notice})
    assert on(shelf, "2029-01-31")[title] == (_YES, _YES, False)
    assert on(shelf, "2029-02-01")[title] == (_YES, _NO, True)
    (row,) = shelf.calendar()
    assert (row["last_day"], row["reason"]) == ("2029-01-31", "own_term")
    assert (row["claim"]["quote"], row["claim"]["kind"]) == (text, "extends")


def test_of_each_day_the_portals_word_of_that_day_counts(shelf):
    text = "本办法自2020年2月1日起施行。"
    shelf.put({"a": rule(text=text)})
    shelf.now = shelf.now.replace(day=10)
    shelf.put({"a": rule(text=text, validity_label="废止")})
    title = "砚湖市停车管理办法"
    assert on(shelf, "2026-03-09") == {title: (_YES, _YES, False)}
    assert on(shelf, "2026-03-10") == {title: (_NO, _YES, True)}


def test_a_date_of_repeal_ahead_counts_on_the_days_ahead(shelf):
    shelf.put({"a": rule(repealed_on="2026-12-31"), "b": rule("甲办法", 2, validity_label=None)})
    title = "砚湖市停车管理办法"
    assert on(shelf, "2026-12-30") == {title: (_YES, None, False)}
    assert on(shelf, "2026-12-31") == {}


def test_what_is_said_of_its_end_says_that_it_was_in_force_before(shelf):
    shelf.put({"a": rule(text="本通告有效期至2021年12月31日。", validity_label=None)})
    assert on(shelf, "2020-01-09") == {}
    assert on(shelf, "2021-06-01") == {"砚湖市停车管理办法": (None, _YES, False)}
    assert on(shelf, "2022-01-01") == {}


def test_a_text_that_was_amended_counts_as_it_stood(shelf):
    shelf.put({"a": rule(text="本办法自2024年1月1日起施行，有效期5年。")})
    shelf.now = shelf.now.replace(day=20)
    shelf.put({"a": rule(text="本办法自2024年1月1日起施行，有效期2年。")})
    title = "砚湖市停车管理办法"
    assert on(shelf, "2026-03-05") == {title: (_YES, _YES, False)}
    assert on(shelf, "2026-03-20") == {title: (_YES, _NO, True)}


def test_in_force_takes_the_filters_of_agency_and_category(shelf, tmp_path):
    shelf.put({"a": rule(), "b": rule("砚湖市供水办法", 2, issuing_agency="市水务局")})
    yange = shelf.yange(tmp_path)
    rows = yange.read("in-force", "--as-of", "2026-03-02", "--agency", "水务")
    assert rows == [
        {
            "index_number": f"{OFFICE}/2020-00002",
            "title": "砚湖市供水办法",
            "portal": _YES,
            "claims": None,
            "differs": False,
        }
    ]
    assert len(yange.read("in-force", "--as-of", "2026-03-02", "--category", "规范")) == 2
    assert yange.read("in-force", "--as-of", "2026-03-02", "--category", "公告") == []
    assert (
        "2 documents in force on 2026-03-02" in yange.run("in-force", "--as-of", "2026-03-02").out
    )
    assert len(yange.read("in-force", "--as-of", "2026-03-02T09:30")) == 2
    said = yange.run("in-force", "--as-of", "yesterday", status=MISUSED).err
    assert "yesterday" in said


def test_claims_of_one_document_and_of_its_former_version(shelf, tmp_path):
    shelf.put({"a": rule(text="本办法自2024年1月1日起施行，有效期5年。")})
    shelf.put({"a": rule(text="第一条 略。\n第二条 本办法自2024年1月1日起施行，有效期3年。")})
    yange = shelf.yange(tmp_path)
    index = f"{OFFICE}/2020-00001"
    begins, term = yange.read("claims", index)
    assert term == {
        "source": index,
        "version": 2,
        "kind": "term",
        "target_title": "砚湖市停车管理办法",
        "target_document_number": None,
        "target": index,
        "effective_on": "2024-01-01",
        "period": "P3Y",
        "quote": "第二条 本办法自2024年1月1日起施行，有效期3年。",
        "place": {"paragraph": 1, "start": 0, "end": 27, "attachment": None},
    }
    assert (begins["kind"], begins["effective_on"]) == ("effective_from", "2024-01-01")
    assert yange.read("claims", index, "--version", "1")[1]["period"] == "P5Y"
    assert yange.read("claims") == [begins, term]
    assert "P3Y" in yange.run("claims").out
    yange.run("claims", index, "--version", "3", status=FAILED)
    yange.run("claims", "--version", "1", status=MISUSED)


def test_the_calendar_names_what_will_run_out(shelf, tmp_path):
    shelf.put(
        {
            "a": rule(document_number="砚政发〔2020〕3号"),
            "b": rule("砚湖市供水办法", 2, text="本办法自2026年1月1日起施行，有效期1年。"),
            "c": rule("砚湖市热力办法", 3, repealed_on="2026-06-30"),
            "d": rule(
                "砚湖市机动车停放管理办法",
                4,
                text=_NEW.replace("2026年1月", "2027年1月"),
                written_on="2025-12-01",
            ),
            "e": rule(
                "砚湖市燃气办法", 5, text="本办法有效期至2026年12月1日。", validity_label="废止"
            ),
            "f": rule("砚湖市灯光办法", 6, text="本办法有效期至2026年1月1日。"),
        }
    )
    rows = shelf.calendar()
    assert [(row["last_day"], row["reason"], row["title"]) for row in rows] == [
        ("2026-06-30", "repealed_on", "砚湖市热力办法"),
        ("2026-12-31", "repealed_by_another", "砚湖市停车管理办法"),
        ("2026-12-31", "own_term", "砚湖市供水办法"),
    ]
    assert shelf.calendar(until=date(2026, 7, 1)) == rows[:1]

    year = datetime.now(SHANGHAI).year
    ahead = f"本办法自{year + 1}年1月1日起施行，有效期3年。"
    shelf.put({"g": rule("砚湖市湿地办法", 7, text=ahead)})
    feed = tmp_path / "ends.ics"
    shelf.yange(tmp_path).run("calendar", "--ics", feed)
    events = list(Calendar.from_ical(feed.read_bytes()).walk("VEVENT"))
    (event,) = [one for one in events if "湿地" in one["SUMMARY"]]
    assert event["DTSTART"].dt == date(year + 3, 12, 31)
    assert ahead in event["DESCRIPTION"]
    again = shelf.yange(tmp_path).run("calendar", "--ics", "-").out
    assert again.encode() == feed.read_bytes().replace(b"\r\n", b"\n")


def test_an_end_keeps_its_identity_when_its_day_moves(shelf):
    shelf.put({"a": rule(text="本办法自2026年1月1日起施行，有效期1年。")})
    (before,) = shelf.calendar()
    shelf.put({"a": rule(text="本办法自2026年1月1日起施行，有效期2年。")})
    (after,) = shelf.calendar()
    assert before["last_day"] != after["last_day"]
    assert before["uid"] == after["uid"]


def test_lists_are_watched(shelf, tmp_path):
    term = "本办法自2020年2月1日起施行，有效期5年。"
    shelf.put(
        {
            "a": rule(text=term),
            "b": rule("砚湖市供水办法", 2, text=term, issuing_agency="市水务局"),
            "c": rule("砚湖市夜市办法", 3, text=f"夜 市应当亮灯。{term}"),
            "d": rule("砚湖市集市办法", 4, text=f"集市和夜市一样。{term}", category="市场管理"),
        }
    )
    lists = {
        "停车": {"documents": [f"{OFFICE}/2020-00001", "/2020-99999"]},
        "water": {"agencies": ["水务"]},
        "nights": {"words": ["夜市"]},
        "markets": {"categories": ["市场"]},
    }
    yange = shelf.yange(tmp_path, watch=lists)
    assert [one["name"] for one in yange.read("watch")] == list(lists)
    shown = yange.run("watch", "停车", "--json")
    assert [row["title"] for row in shown.json] == ["砚湖市停车管理办法"]
    assert "/2020-99999 is not in the archive" in shown.err

    def titles(command, name):
        rows = yange.read(command, "--watch", name)
        return [row.get("title") or row["evidence"]["title"] for row in rows]

    assert titles("conflicts", "water") == ["砚湖市供水办法"]
    assert titles("changes", "nights") == ["砚湖市夜市办法", "砚湖市集市办法"]
    assert titles("changes", "markets") == ["砚湖市集市办法"]
    assert titles("calendar", "nights") == []
    said = yange.run("changes", "--watch", "nobody", status=MISUSED).err
    assert "停车, water, nights, markets" in said


def test_a_list_that_names_nothing_is_refused(shelf, tmp_path):
    shelf.put({"a": rule()})
    said = shelf.yange(tmp_path, watch={"empty": {}}).run("check", status=MISUSED).err
    assert "watch.empty" in said
    said = shelf.yange(tmp_path, watch={"a": {"word": ["x"]}}).run("check", status=MISUSED).err
    assert "watch.a.word" in said
    assert "words" in said


def test_each_part_that_is_amended_on_one_day_is_a_claim_that_names_it(shelf, tmp_path):
    text = "将《砚湖市停车管理办法》第五条修改为“甲”。《砚湖市停车管理办法》第八条同时废止。"
    decision = rule("关于修改《砚湖市停车管理办法》的决定", 2, text=text, written_on="2026-01-10")
    shelf.put({"a": rule(), "b": decision})
    yange = shelf.yange(tmp_path)
    claims = yange.read("claims", f"{OFFICE}/2020-00002")
    assert [(one["kind"], one["part"]) for one in claims] == [
        ("amends", "第五条"),
        ("amends", "第八条"),
    ]
    assert {one["target"] for one in claims} == {f"{OFFICE}/2020-00001"}
    assert "第八条" in yange.run("claims").out
