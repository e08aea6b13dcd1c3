"""Which slots passed while no daemon was there, and when jobs are due with jitter: pure."""

import time
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.window import Window
from scheduler.attendance import Attendance
from scheduler.jobs import Job
from scheduler.missed import missed

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 1, 2, 0, tzinfo=SHANGHAI)


def job(schedule, window=None, jitter=0):
    hours = window and Window.parse(window, SHANGHAI)
    return Job("town", "sweep", schedule, hours, SHANGHAI, timedelta(seconds=jitter))


def test_a_short_absence_is_told_slot_by_slot():
    since = NOW - timedelta(minutes=31)
    found = missed(job("every 10m"), since, NOW)
    assert found.slots == [NOW - timedelta(minutes=back) for back in (30, 20, 10, 0)]
    assert found.before == 0
    assert found.told[0] == "no daemon was there at 2026-05-01T01:30:00+08:00"
    # The slot that was seen to last is not missed.
    assert missed(job("every 10m"), NOW, NOW).slots == []


def test_a_long_absence_is_its_last_slots_and_a_count():
    found = missed(job("every 1d"), NOW - timedelta(days=200), NOW)
    assert (len(found.slots), found.before) == (50, 150)
    assert found.told[0].startswith("no daemon was there at 2026-03-13T00:00:00+08:00, nor for 150")
    assert found.told[0].endswith("from 2025-10-13T02:00:00+08:00")
    assert found.told[1] == "no daemon was there at 2026-03-14T00:00:00+08:00"
    years = missed(job("every 1s"), NOW - timedelta(days=4000), NOW)
    assert (len(years.slots), years.slots[-1]) == (50, NOW)
    assert "nor for 1000 or more slots" in years.told[0]


def test_slots_outside_the_window_are_not_missed():
    found = missed(job("0 * * * *", "22:00-01:00"), NOW - timedelta(days=1), NOW)
    assert [slot.hour for slot in found.slots] == [22, 23, 0]


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(["every 1m", "every 7m", "*/5 * * * *", "0 */3 * * *", "@daily"]),
    st.integers(0, 100),
)
def test_they_are_those_that_the_timetable_had(schedule, hours):
    since = NOW - timedelta(hours=hours)
    found = missed(job(schedule), since, NOW)
    past = list(takewhile(lambda slot: slot <= NOW, job(schedule).slots(since)))
    assert found.slots == past[-50:]
    assert found.before == min(len(past) - len(found.slots), 1000)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(["every 1m", "every 10m", "*/7 * * * *", "15 1 * * *"]),
    st.sampled_from([1, 45, 600]),
    st.integers(0, 5000),
)
def test_jitter_puts_each_slot_off_by_the_same_whoever_reckons(schedule, jitter, minutes):
    start = NOW + timedelta(minutes=minutes)
    plain, put_off = job(schedule), job(schedule, jitter=jitter)
    slots = put_off.next_times(start, 40)
    assert slots == sorted(slots)
    # Reckoned one by one, from anywhere between two of them, they are the same.
    following = start
    for slot in slots:
        assert put_off.next_times(following, 1) == [slot]
        following = slot
    # Each belongs to a slot of the schedule, that long before at most.
    candidates = plain.next_times(start - timedelta(seconds=jitter + 1), 60)
    for slot in slots[:20]:
        assert any(timedelta() <= slot - one <= timedelta(seconds=jitter) for one in candidates)


def test_a_window_opens_at_once_or_when_it_opens_next():
    night = Window.parse("22:00-05:00", SHANGHAI)
    assert night.opens_after(NOW) == NOW
    noon = NOW.replace(hour=12)
    assert night.opens_after(noon) == NOW.replace(hour=22)
    late = Window.parse("20:00-24:00", SHANGHAI)
    assert late.opens_after(NOW.replace(hour=23, minute=59)) == NOW.replace(hour=23, minute=59)
    assert late.opens_after(NOW) == NOW.replace(hour=20)


class Nobody:
    """Does nothing with what is due."""

    def conduct(self, due, lane):
        pass


def test_a_timetable_that_nobody_keeps_is_noticed():
    now = datetime.now(UTC)
    attendance = Attendance([job("0 0 29 2 *")], Nobody())
    attendance.start(now, {})
    try:
        assert attendance.is_kept(now)
        # As it would be seen in ten years, had no slot been handed over until then.
        assert not attendance.is_kept(now + timedelta(days=3650))
        assert attendance.told().startswith("0 crawls under way, next slot 20")
    finally:
        attendance.stop()
        attendance.join(time.monotonic() + 5)
