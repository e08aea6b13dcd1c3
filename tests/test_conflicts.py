"""What does not fit together is found with its evidence, once, and is settled when it fits."""

import pytest
from support.law import OFFICE, LawShelf, rule
from support.site import Record, Town
from support.yange import Yange

_TERM = "第九条 本办法自2020年2月1日起施行，有效期5年。"
_REPEAL = "第九条 本办法自2026年1月1日起施行，《砚湖市停车管理办法》（砚政发〔2020〕3号）同时废止。"
_ENDS = {
    "title": "砚湖市机动车停放管理办法",
    "serial": 2,
    "written_on": "2025-11-20",
    "published_at": "2025-12-01T10:00:00+08:00",
    "text": _REPEAL,
}


@pytest.fixture
def shelf(tmp_path):
    return LawShelf(tmp_path / "archive.db")


def test_a_consistent_portal_has_no_conflicts(shelf):
    shelf.put(
        {
            "a": rule(
                document_number="砚政发〔2020〕3号", validity_label="废止", repealed_on="2026-01-01"
            ),
            "b": rule(**_ENDS),
            "c": rule("砚湖市供水办法", 3, text=_TERM, validity_label="失效"),
            "d": rule("砚湖市燃气办法", 4, text="本办法自公布之日起施行，有效期20年。"),
            "e": rule("关于春季植树的通知", 5, validity_label=None, text="请抓紧植树。"),
            "f": rule("砚湖市热力办法", 6, repealed_on="2027-01-01"),
            "g": rule("砚湖市排水办法（征求意见稿）", 7, text="《砚湖市燃气办法》同时废止。"),
        }
    )
    assert shelf.conflicts() == []


def test_shown_as_in_force_past_its_date_of_repeal(shelf):
    shelf.put({"a": rule(repealed_on="2026-02-10")})
    assert shelf.conflicts("2026-03-01T12:00") == []
    (found,) = shelf.conflicts()
    assert found.pop("id")
    assert found == {
        "kind": "past_repealed_on",
        "index_number": f"{OFFICE}/2020-00001",
        "evidence": {
            "title": "砚湖市停车管理办法",
            "url": "http://www.example.gov.cn/a.html",
            "version": 1,
            "validity_label": "有效",
            "repealed_on": "2026-02-10",
        },
        "first_seen": "2026-03-01T20:01:00+08:00",
        "resolved_at": None,
    }


def test_a_conflict_begins_with_the_day_on_which_the_date_has_passed(shelf):
    shelf.put({"a": rule(repealed_on="2026-03-10")})
    assert shelf.kinds("2026-03-10T23:59") == []
    (found,) = shelf.conflicts("2026-04-01T12:00")
    assert found["first_seen"] == "2026-03-11T00:00:00+08:00"


def test_shown_as_in_force_past_its_own_term(shelf):
    shelf.put({"a": rule(text=_TERM)})
    (found,) = shelf.conflicts()
    assert found["kind"] == "past_own_term"
    assert found["evidence"]["last_day"] == "2025-01-31"
    assert found["evidence"]["claim"]["quote"] == _TERM
    assert found["evidence"]["claim"]["period"] == "P5Y"


def test_a_term_that_ends_today_has_not_run_out(shelf):
    shelf.put({"a": rule(text="本办法有效期至2026年3月5日。")})
    assert shelf.kinds("2026-03-05T23:00") == []
    assert shelf.kinds("2026-03-06T00:00") == ["past_own_term"]


def test_a_term_that_another_document_extends_has_not_run_out(shelf):
    shelf.put({"a": rule(text=_TERM)})
    assert shelf.kinds() == ["past_own_term"]
    more = "《砚湖市停车管理办法》有效期延长至2027年12月31日。"
    shelf.put({"b": rule("关于延长有效期的通知", 2, text=more, written_on="2026-02-20")})
    assert shelf.kinds() == []
    (settled,) = shelf.conflicts()
    assert settled["resolved_at"] == "2026-03-01T20:02:00+08:00"


def _longer(text, serial, day, title="关于延长有效期的通知"):
    return rule(title, serial, text=text, written_on=day, published_at=f"{day}T09:00:00+08:00")


def test_an_extension_by_a_span_counts_from_the_end_that_there_was(shelf):
    shelf.put({"a": rule(text=_TERM)})
    assert shelf.kinds() == ["past_own_term"]
    first = "《砚湖市停车管理办法》继续有效，有效期延长一年。"
    shelf.put({"b": _longer(first, 2, "2025-01-10")})
    (found,) = shelf.conflicts(resolved=False)
    assert found["evidence"]["last_day"] == "2026-01-31"
    assert found["evidence"]["claim"]["quote"] == first
    second = "经研究，决定将《砚湖市停车管理办法》有效期再延长两年。"
    shelf.put({"c": _longer(second, 3, "2026-01-20")})
    assert shelf.kinds() == []


def test_an_extension_that_is_published_twice_extends_once(shelf):
    text = "《砚湖市停车管理办法》有效期延长一年。"
    copies = {
        "b": _longer(text, 2, "2025-01-10"),
        "c": _longer(text, 3, "2025-01-10", title="关于延长有效期的通知（转发）"),
    }
    shelf.put({"a": rule(text=_TERM), **copies})
    (found,) = [one for one in shelf.conflicts() if one["kind"] == "past_own_term"]
    assert found["evidence"]["last_day"] == "2026-01-31"


def test_an_extension_of_an_end_that_nobody_names_is_claimed_and_has_no_effect(shelf):
    text = "《砚湖市停车管理办法》有效期延长一年。"
    shelf.put({"a": rule(text="请有序停放。"), "b": _longer(text, 2, "2025-01-10")})
    (claim,) = shelf.claims("b")
    assert (claim["kind"], claim["effective_on"], claim["period"]) == ("extends", None, "P1Y")
    assert claim["target"] == f"{OFFICE}/2020-00001"
    assert shelf.kinds() == []


def test_an_extension_from_a_day_needs_no_end_before(shelf):
    text = "《砚湖市停车管理办法》有效期自2025年2月1日起延长一年。"
    shelf.put({"a": rule(text="请有序停放。"), "b": _longer(text, 2, "2025-01-10")})
    (found,) = shelf.conflicts()
    assert found["evidence"]["last_day"] == "2026-01-31"


def test_shown_as_in_force_although_another_document_repealed_it(shelf):
    shelf.put({"a": rule(document_number="砚政发[2020]3 号")})
    assert shelf.conflicts() == []
    shelf.put({"b": rule(**_ENDS)})
    (found,) = shelf.conflicts()
    assert found["kind"] == "repealed_by_another"
    assert found["index_number"] == f"{OFFICE}/2020-00001"
    claim = found["evidence"]["claim"]
    assert claim["source"] == f"{OFFICE}/2020-00002"
    assert claim["target"] == f"{OFFICE}/2020-00001"
    assert claim["effective_on"] == "2026-01-01"
    assert claim["quote"] == _REPEAL
    assert found["first_seen"] == "2026-03-01T20:02:00+08:00"


def test_a_repeal_with_a_date_ahead_is_no_conflict_yet(shelf):
    ahead = _REPEAL.replace("2026年1月1日", "2026年6月1日")
    shelf.put(
        {"a": rule(document_number="砚政发〔2020〕3号"), "b": rule(**{**_ENDS, "text": ahead})}
    )
    assert shelf.kinds("2026-05-31T23:59") == []
    assert shelf.kinds("2026-06-01T00:00") == ["repealed_by_another"]


def test_a_draft_and_a_page_about_another_claim_nothing_about_others(shelf):
    shelf.put(
        {
            "a": rule(document_number="砚政发〔2020〕3号"),
            "b": rule(**{**_ENDS, "title": "砚湖市机动车停放管理办法（征求意见稿）"}),
            "c": rule(**{**_ENDS, "title": "《砚湖市机动车停放管理办法》解读", "serial": 3}),
        }
    )
    assert shelf.conflicts() == []


def test_a_document_never_repeals_itself(shelf):
    own = "本办法自2020年2月1日起施行，《砚湖市停车管理办法》同时废止。"
    shelf.put({"a": rule(text=own)})
    assert shelf.conflicts() == []
    (_, repeal) = shelf.claims("a")
    assert (repeal["kind"], repeal["target"]) == ("repeals", None)


def test_nor_does_a_copy_under_another_number(shelf):
    own = "本办法自2020年2月1日起施行，《砚湖市停车管理办法》同时废止。"
    shelf.put({"a": rule(text=own), "b": rule(serial=2, text=own, category="公报")})
    assert shelf.conflicts() == []


def test_of_two_with_one_title_the_older_one_is_repealed(shelf):
    shelf.put(
        {
            "a": rule(text="本办法自发布之日起施行。"),
            "b": rule(
                serial=2,
                written_on="2025-12-01",
                published_at="2025-12-02T00:00:00+08:00",
                text="本办法自2026年1月1日起施行，原《砚湖市停车管理办法》同时废止。",
            ),
        }
    )
    (found,) = shelf.conflicts()
    assert (found["kind"], found["index_number"]) == (
        "repealed_by_another",
        f"{OFFICE}/2020-00001",
    )


def test_both_copies_of_what_is_repealed_are_in_conflict(shelf):
    number = {"document_number": "砚政发〔2020〕3号"}
    shelf.put({"a": rule(**number), "b": rule(serial=3, **number), "c": rule(**_ENDS)})
    assert shelf.kinds() == ["repealed_by_another"] * 2


def test_shown_as_ended_although_its_end_lies_ahead(shelf):
    shelf.put(
        {
            "a": rule(validity_label="废止", repealed_on="2026-12-31"),
            "b": rule(
                "砚湖市供水办法",
                2,
                validity_label="失效",
                text="本办法自2024年1月1日起施行，有效期至2028年12月31日。",
            ),
        }
    )
    dated, termed = shelf.conflicts()
    assert {dated["kind"], termed["kind"]} == {"ended_too_early"}
    assert {dated["evidence"]["repealed_on"], termed["evidence"]["repealed_on"]} == {
        "2026-12-31",
        None,
    }
    assert "2028-12-31" in (dated["evidence"].get("last_day"), termed["evidence"].get("last_day"))
    assert shelf.kinds("2026-12-31T00:00") == ["ended_too_early"]


def test_one_that_another_ended_has_not_ended_too_early(shelf):
    shelf.put(
        {
            "a": rule(
                validity_label="废止",
                document_number="砚政发〔2020〕3号",
                text="本办法自2020年2月1日起施行，有效期10年。",
            ),
            "b": rule(**_ENDS),
        }
    )
    assert shelf.conflicts() == []


def test_what_was_settled_is_marked_and_not_told_again(shelf):
    shelf.put({"a": rule(text=_TERM)})
    (before,) = shelf.conflicts()
    shelf.put({"a": rule(text=_TERM, validity_label="失效")})
    assert shelf.kinds() == []
    (settled,) = shelf.conflicts()
    assert settled == {**before, "resolved_at": "2026-03-01T20:02:00+08:00"}
    # Shown as in force once more it is another conflict, and the first one stays settled.
    shelf.put({"a": rule(text=_TERM)})
    first, second = shelf.conflicts()
    assert first == settled
    assert (second["resolved_at"], second["first_seen"]) == (None, "2026-03-01T20:03:00+08:00")
    assert second["id"] != first["id"]


def test_withdrawal_settles_it(shelf):
    shelf.put({"a": rule(text=_TERM)})
    shelf.put({"a": None})
    shelf.put({"a": None})
    assert shelf.kinds() == []


def test_gaps_in_a_series_are_named_and_settled_when_they_are_filled(shelf):
    shelf.put({str(serial): rule(f"办法{serial}", serial) for serial in (1, 2, 4, 7)})
    (found,) = shelf.conflicts()
    assert found["kind"] == "serial_gap"
    assert found["index_number"] is None
    assert found["evidence"] == {
        "portal": "town",
        "series": f"{OFFICE}/2020",
        "first": f"{OFFICE}/2020-00001",
        "last": f"{OFFICE}/2020-00007",
        "present": 4,
        "missing_count": 3,
        "missing": [f"{OFFICE}/2020-0000{serial}" for serial in (3, 5, 6)],
    }
    shelf.put({str(serial): rule(f"办法{serial}", serial) for serial in (3, 5, 6)})
    (settled,) = shelf.conflicts()
    assert settled["id"] == found["id"]
    assert settled["resolved_at"] is not None


def test_a_series_of_which_only_a_few_are_watched_has_no_gaps(shelf):
    shelf.put({str(serial): rule(f"办法{serial}", serial) for serial in (3, 100, 217)})
    assert shelf.conflicts() == []


def test_conflicts_are_the_same_when_everything_derived_is_thrown_away(shelf):
    shelf.put({"a": rule(text=_TERM, document_number="砚政发〔2020〕3号"), "b": rule(**_ENDS)})
    before = shelf.conflicts()
    kept = shelf.path.with_name("archive.db.conclusions")
    assert len(before) == 2
    assert kept.exists()
    kept.unlink()
    assert shelf.conflicts() == before
    kept.write_bytes(b"no database at all")
    assert shelf.conflicts() == before
    assert kept.read_bytes().startswith(b"SQLite")
    # Where it cannot be written, everything is answered without it.
    kept.unlink()
    kept.mkdir()
    assert shelf.conflicts() == before


def test_copies_and_numbers_on_a_portal(tmp_path):
    """Collision and divergence, through a crawl, until they are settled."""
    number = f"{OFFICE}/2024-00007"
    steel = Record(title="关于钢铁行业的通知", number=number, body=("钢铁企业应当限产。",) * 3)
    parks = Record(title="关于公园免费的通告", number=number, body=("公园免费开放至夜间。",) * 3)
    twice = Record(title="关于防汛的通知", number=f"{OFFICE}/2024-00008")
    with Town("/gk/", "/tz/") as town:
        yange = Yange(tmp_path, town)
        town.publish(steel, "/gk/1/index.html")
        town.publish(parks, "/gk/2/index.html")
        town.publish(twice, "/gk/3/index.html", "/tz/3/index.html")
        yange.sweep()
        (collision,) = yange.read("conflicts")
        assert (collision["kind"], collision["index_number"]) == ("collision", number)
        assert [one["title"] for one in collision["evidence"]["documents"]] in (
            [steel.title, parks.title],
            [parks.title, steel.title],
        )
        assert set(collision) == {
            "id", "kind", "index_number", "evidence", "first_seen", "resolved_at"
        }  # fmt: skip

        town.publish(twice.but(summary="另一份"), "/tz/3/index.html")
        yange.sweep()
        yange.sweep()
        found = {one["kind"]: one for one in yange.read("conflicts")}
        assert set(found) == {"collision", "divergence"}
        assert found["collision"] == collision
        assert found["divergence"]["index_number"] == twice.number
        assert sorted(found["divergence"]["evidence"]["locations"]) == sorted(
            [town.url("/gk/3/index.html"), town.url("/tz/3/index.html")]
        )

        town.publish(twice.but(summary="另一份"), "/gk/3/index.html")
        town.publish(parks.but(number=f"{OFFICE}/2024-00009"), "/gk/2/index.html")
        yange.sweep()
        yange.sweep()
        assert yange.read("conflicts") == []
        settled = yange.read("conflicts", "--all")
        assert {one["id"] for one in settled} == {one["id"] for one in found.values()}
        assert all(one["resolved_at"] for one in settled)
        people = yange.run("conflicts", "--all").out
        assert "0 open conflicts, 2 resolved" in people
