"""What is in force, and what is at odds, on the days around every boundary, in chains."""

from datetime import date, timedelta

import pytest
from support.law import LawShelf, rule

_OLD, _NEXT, _LAST = "临江市停车管理办法", "临江市机动车停放办法", "临江市停车场条例实施细则"
_YES, _NO = "in_force", "not_in_force"


@pytest.fixture
def shelf(tmp_path):
    return LawShelf(tmp_path / "archive.db")


def account(shelf, day, title=_OLD, when=None):
    """What the claims say of a document on a day; None where neither account has it in force."""
    row = shelf.in_force(date.fromisoformat(day), when).get(title)
    return None if row is None else row[1]


def before_and_from(shelf, day, title=_OLD):
    """What the claims say on the day before a day, and on it."""
    first = date.fromisoformat(day)
    return (
        account(shelf, (first - timedelta(days=1)).isoformat(), title),
        account(shelf, day, title),
    )


def old(**stated):
    return rule(
        _OLD,
        1,
        **{
            "document_number": "临政规〔2020〕3号",
            "text": "第九条 本办法自2020年2月1日起施行。",
            **stated,
        },
    )


def later(title, serial, text, day, **stated):
    return rule(
        title, serial, text=text, written_on=day, published_at=f"{day}T09:00:00+08:00", **stated
    )


def test_the_first_day_and_the_day_of_repeal(shelf):
    shelf.put(
        {
            "a": old(validity_label=None),
            "b": later(
                _NEXT,
                2,
                f"本办法自2024年6月1日起施行，《{_OLD}》同时废止。",
                "2024-05-06",
                validity_label=None,
            ),
        }
    )
    assert before_and_from(shelf, "2020-02-01") == (None, _YES)
    assert before_and_from(shelf, "2024-06-01") == (_YES, None)
    assert before_and_from(shelf, "2024-06-01", _NEXT) == (None, _YES)


def test_a_term_extended_twice_ends_once(shelf):
    text = "第九条 本办法自2018年2月1日起施行，有效期5年。"
    first = later(
        "关于延长停车管理办法有效期的通知",
        2,
        f"《{_OLD}》（临政规〔2020〕3号）有效期延长1年。",
        "2023-01-10",
    )
    second = later(
        "关于再次延长停车管理办法有效期的通知",
        3,
        f"《{_OLD}》（临政规〔2020〕3号）有效期延长至2027年6月30日。",
        "2024-01-10",
    )
    shelf.put({"a": old(text=text), "b": first, "c": second})
    assert account(shelf, "2027-06-30") == _YES
    assert account(shelf, "2027-07-01") == _NO
    assert shelf.kinds("2027-06-30T23:00") == []
    assert shelf.kinds("2027-07-01T00:00") == ["past_own_term"]
    assert [row["last_day"] for row in shelf.calendar()] == ["2027-06-30"]


def test_what_was_ended_stays_ended_when_the_text_that_ended_it_is_ended(shelf):
    shelf.put(
        {
            "a": old(validity_label="废止"),
            "b": later(
                _NEXT,
                2,
                f"本办法自2022年6月1日起施行，《{_OLD}》同时废止。",
                "2022-05-06",
                validity_label="废止",
            ),
            "c": later(
                _LAST, 3, f"本细则自2024年6月1日起施行，《{_NEXT}》同时废止。", "2024-05-06"
            ),
        }
    )
    assert before_and_from(shelf, "2022-06-01") == (_YES, None)
    assert account(shelf, "2024-06-01") is None
    assert before_and_from(shelf, "2024-06-01", _NEXT) == (_YES, None)
    assert shelf.kinds() == []


def test_a_repeal_that_is_itself_ended_before_its_day_never_comes_about(shelf):
    shelf.put(
        {
            "a": old(),
            "b": later(
                _NEXT,
                2,
                f"本办法自2025年6月1日起施行，《{_OLD}》同时废止。",
                "2024-12-06",
                validity_label="废止",
            ),
            "c": later(
                "关于废止机动车停放办法的决定",
                3,
                f"决定废止《{_NEXT}》，自2025年2月1日起生效。",
                "2025-01-20",
            ),
        }
    )
    assert account(shelf, "2025-06-01") == _YES
    assert shelf.kinds() == []
    assert shelf.calendar() == []


def test_a_repeal_announced_ahead_is_in_the_calendar_and_at_odds_from_its_day_on(shelf):
    shelf.put(
        {
            "a": old(),
            "b": later(
                "关于废止停车管理办法的通知",
                2,
                f"《{_OLD}》（临政规〔2020〕3号）自2026年10月1日起废止。",
                "2026-02-06",
            ),
        }
    )
    assert shelf.kinds() == []
    (row,) = shelf.calendar()
    assert (row["last_day"], row["reason"]) == ("2026-09-30", "repealed_by_another")
    assert account(shelf, "2026-09-30") == _YES
    assert account(shelf, "2026-10-01") == _NO
    assert shelf.kinds("2026-09-30T23:59") == []
    assert shelf.kinds("2026-10-01T00:00") == ["repealed_by_another"]


def test_a_rule_enacted_anew_under_its_old_title_ends_the_former_one_only(shelf):
    text = (
        f"本办法自2024年6月1日起施行。2020年2月1日起施行的《{_OLD}》（临政规〔2020〕3号）同时废止。"
    )
    shelf.put(
        {
            "a": old(validity_label="有效"),
            "b": later(_OLD, 2, text, "2024-05-06", document_number="临政规〔2024〕9号"),
        }
    )
    (conflict,) = shelf.conflicts()
    assert conflict["kind"] == "repealed_by_another"
    assert conflict["index_number"].endswith("/2020-00001")
    assert conflict["evidence"]["by_url"].endswith("/b.html")


def test_both_copies_of_a_rule_are_ended(shelf):
    shelf.put(
        {
            "a": old(),
            "b": old(index_number="1115030001155515XX/2020-00077"),
            "c": later(
                _NEXT,
                3,
                f"本办法自2024年6月1日起施行，《{_OLD}》（临政规〔2020〕3号）同时废止。",
                "2024-05-06",
            ),
        }
    )
    assert shelf.kinds() == ["repealed_by_another"] * 2


def test_only_a_part_that_ends_leaves_the_rule_in_force(shelf):
    shelf.put(
        {
            "a": old(),
            "b": later(
                _NEXT, 2, f"本办法自2024年6月1日起施行，《{_OLD}》第五条同时废止。", "2024-05-06"
            ),
        }
    )
    assert shelf.kinds() == []
    assert account(shelf, "2025-01-01") == _YES


def test_shown_as_ended_although_its_extended_term_lies_ahead(shelf):
    text = "第九条 本办法自2018年2月1日起施行，有效期5年。"
    longer = later(
        "关于延长停车管理办法有效期的通知",
        2,
        f"《{_OLD}》（临政规〔2020〕3号）有效期延长至2027年6月30日。",
        "2023-01-10",
    )
    shelf.put({"a": old(text=text, validity_label="失效"), "b": longer})
    assert shelf.kinds() == ["ended_too_early"]


def test_a_rule_that_is_extended_after_it_ran_out_is_no_longer_at_odds(shelf):
    text = "第九条 本办法自2018年2月1日起施行，有效期5年。"
    shelf.put({"a": old(text=text)})
    assert shelf.kinds() == ["past_own_term"]
    longer = later(
        "关于延长停车管理办法有效期的通知",
        2,
        f"《{_OLD}》（临政规〔2020〕3号）有效期延长至2027年6月30日。",
        "2026-02-10",
    )
    shelf.put({"a": old(text=text), "b": longer})
    (settled,) = shelf.conflicts()
    assert settled["resolved_at"] is not None
    assert shelf.kinds() == []


def test_a_list_in_a_table_ends_each_that_it_names(shelf):
    rows = [
        "废止的规范性文件目录",
        "序号\t文件名称\t文号",
        "1\t临江市停车管理办法\t临政规〔2020〕3号",
        "2\t临江市供水办法\t临政规〔2019〕8号",
    ]
    table = "\n".join(rows)
    shelf.put(
        {
            "a": old(),
            "b": rule("临江市供水办法", 2, document_number="临政规[2019]8号", text="请遵照执行。"),
            "c": later("临江市人民政府关于公布规范性文件清理结果的通知", 3, table, "2025-05-06"),
        }
    )
    assert shelf.kinds() == ["repealed_by_another"] * 2


def test_effective_from_ahead_is_not_yet_in_force(shelf):
    shelf.put(
        {
            "a": old(
                text="本办法自2026年5月1日起施行，有效期2年。",
                written_on="2026-02-01",
                published_at="2026-02-02T09:00:00+08:00",
                validity_label="尚未生效",
            )
        }
    )
    assert before_and_from(shelf, "2026-05-01") == (None, _YES)
    assert account(shelf, "2028-04-30") == _YES
    assert account(shelf, "2028-05-01") is None
