"""The daemon's window, on exact instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.window import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2025-03-01T19:59:59", False),
        ("2025-03-01T20:00", True),
        ("2025-03-02T00:00", True),
        ("2025-03-02T06:59:59.999999", True),
        ("2025-03-02T07:00", False),
        ("2025-03-02T12:00", False),
    ],
)
def test_a_window_across_midnight_opens_in_the_evening_and_closes_in_the_morning(moment, inside):
    assert Window.parse("20:00-07:00", SHANGHAI).contains(at(moment)) is inside


def test_a_window_within_a_day():
    window = Window.parse("08:30-17:00", SHANGHAI)
    assert window.contains(at("2025-03-01T08:30"))
    assert not window.contains(at("2025-03-01T17:00"))
    assert not window.contains(at("2025-03-01T23:00"))


def test_a_moment_counts_by_the_clock_of_the_windows_zone():
    window = Window.parse("20:00-07:00", SHANGHAI)
    assert window.contains(datetime(2025, 3, 1, 12, 0, tzinfo=UTC))
    assert not window.contains(datetime(2025, 3, 1, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2025-03-01T21:00", "2025-03-02T07:00"),
        ("2025-03-02T06:00", "2025-03-02T07:00"),
        ("2025-03-02T07:00", "2025-03-03T07:00"),
        ("2025-12-31T23:59", "2026-01-01T07:00"),
    ],
)
def test_the_end_of_the_open_or_the_next_window(moment, end):
    closes = Window.parse("20:00-07:00", SHANGHAI).closes_at(at(moment))
    assert closes == at(end)
    assert closes.tzinfo is SHANGHAI


def test_until_midnight_can_be_written_either_way():
    for text in ("22:00-24:00", "22:00-00:00"):
        window = Window.parse(text, SHANGHAI)
        assert window.contains(at("2025-03-01T23:59"))
        assert not window.contains(at("2025-03-02T00:00"))


def test_the_night_in_which_the_clock_is_put_forward_is_an_hour_shorter():
    window = Window.parse("22:00-06:00", BERLIN)
    evening = at("2025-03-29T22:00", BERLIN)
    assert window.closes_at(evening) == at("2025-03-30T06:00", BERLIN)
    assert window.closes_at(evening).astimezone(UTC) - evening.astimezone(UTC) == timedelta(hours=7)


def test_the_night_in_which_the_clock_is_put_back_is_an_hour_longer():
    window = Window.parse("22:00-06:00", BERLIN)
    evening = at("2025-10-25T22:00", BERLIN)
    assert window.closes_at(evening).astimezone(UTC) - evening.astimezone(UTC) == timedelta(hours=9)
    # 02:30 comes twice that night, and lies in the window both times.
    assert window.contains(at("2025-10-26T02:30", BERLIN))
    assert window.contains(at("2025-10-26T02:30", BERLIN).replace(fold=1))


def test_a_window_that_opens_at_a_time_the_clock_leaves_out_opens_an_hour_later():
    window = Window.parse("02:30-06:00", BERLIN)
    assert not window.contains(datetime(2025, 3, 30, 1, 20, tzinfo=UTC))  # 03:20 by the new clock
    assert window.contains(datetime(2025, 3, 30, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "20:00", "20:00-25:00", "8:00-9:00", "20:00-07:60", "24:00-07:00", "a-b", "20-07"]
)
def test_anything_else_is_no_window(text):
    with pytest.raises(ValueError, match="HH:MM-HH:MM"):
        Window.parse(text, SHANGHAI)


def test_an_empty_window_is_refused():
    with pytest.raises(ValueError, match="empty"):
        Window.parse("07:00-07:00", SHANGHAI)


times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
moments = st.integers(946_684_800, 2_524_608_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(opens=times, closes=times, moment=moments, zone=st.sampled_from([SHANGHAI, BERLIN]))
def test_a_window_is_closed_at_its_end_and_open_just_before(opens, closes, moment, zone):
    if opens == closes:
        return
    window = Window.parse(f"{opens}-{closes}", zone)
    end = window.closes_at(moment)
    assert moment < end.astimezone(UTC)
    assert not window.contains(end)
    if window.contains(moment):
        assert window.closes_at(end - timedelta(microseconds=1)) == end
