"""Schedules against a plain evaluator of cron that walks the minutes one by one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.window import Window
from scheduler.timetable import next_times, parse_schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    SHANGHAI,
    BERLIN,
    ZoneInfo("America/New_York"),
    ZoneInfo("America/Sao_Paulo"),  # changed its clocks at midnight
    ZoneInfo("Australia/Lord_Howe"),  # changes them by half an hour
    ZoneInfo("Pacific/Apia"),  # once left out a whole day
]
CLOCK_CHANGES = [
    datetime(2024, 3, 31, 0, tzinfo=UTC),
    datetime(2024, 10, 27, 0, tzinfo=UTC),
    datetime(2024, 3, 10, 6, tzinfo=UTC),
    datetime(2024, 11, 3, 5, tzinfo=UTC),
    datetime(2018, 11, 4, 2, tzinfo=UTC),
    datetime(2018, 2, 18, 1, tzinfo=UTC),
    datetime(2024, 4, 6, 14, tzinfo=UTC),
    datetime(2024, 10, 5, 15, tzinfo=UTC),
    datetime(2011, 12, 30, 9, tzinfo=UTC),
]


def matches(line, local):
    """Whether cron would run `line` in the minute `local`, by the words of its manual."""
    minute, hour, day, month, weekday = line.split()

    def allowed(field, value, lowest, highest):
        for part in field.split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-")
            if span == "*":
                first, last = lowest, highest
            numbers = range(int(first), int(last or first) + 1, int(step or 1))
            if value in numbers:
                return True
        return False

    sunday_first = local.isoweekday() % 7
    by_weekday = allowed(weekday, sunday_first, 0, 7) or (
        sunday_first == 0 and allowed(weekday, 7, 0, 7)
    )
    by_day = allowed(day, local.day, 1, 31)
    starred = day.startswith("*") or weekday.startswith("*")
    return (
        allowed(minute, local.minute, 0, 59)
        and allowed(hour, local.hour, 0, 23)
        and allowed(month, local.month, 1, 12)
        and (by_day and by_weekday if starred else by_day or by_weekday)
    )


def slots(schedule, zone, start, end):
    """The slots in (start, end], in UTC."""
    found, moment = [], start.astimezone(zone)
    trigger = parse_schedule(schedule, zone)
    while True:
        [moment] = next_times(trigger, moment, 1) or [None]
        if moment is None or moment.astimezone(UTC) > end:
            return found
        found.append(moment.astimezone(UTC))


def field(lowest, highest):
    number = st.integers(lowest, highest)
    span = st.tuples(number, number).map(sorted)
    return st.one_of(
        st.just("*"),
        st.integers(1, highest - lowest).map(lambda step: f"*/{step}"),
        st.lists(number, min_size=1, max_size=4).map(lambda ns: ",".join(map(str, ns))),
        span.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(span, st.integers(1, highest - lowest)).map(
            lambda both: f"{both[0][0]}-{both[0][1]}/{both[1]}"
        ),
    )


any_moment = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(field(0, 59), field(0, 23)).map(" ".join),
    st.sampled_from(ZONES),
    any_moment | st.sampled_from(CLOCK_CHANGES),
)
@example("*/30 *", BERLIN, datetime(2024, 10, 27, 0, tzinfo=UTC))
@example("30 2", BERLIN, datetime(2024, 10, 27, 0, tzinfo=UTC))
@example("0,30 2", BERLIN, datetime(2024, 3, 31, 0, tzinfo=UTC))
@example("*/30 2", BERLIN, datetime(2024, 3, 31, 0, tzinfo=UTC))
def test_slots_are_the_matching_minutes_of_the_wall_clock_as_cron_keeps_it(times, zone, start):
    line, length = f"{times} * * *", 6 * 60
    found = slots(line, zone, start, start + timedelta(minutes=length))
    assert found == sorted(set(found))
    assert found == by_cron(line, zone, start, length)


def by_cron(line, zone, start, length):
    """What cron does minute by minute, by the words of its manual on daylight saving.

    "If time was adjusted one hour forward, those jobs that would have run in the interval that has
    been skipped will be run immediately. Conversely, if time was adjusted backward, running the
    same job twice is avoided. [...] Only jobs that run at a particular time (not specified as
    @hourly, nor with '*' in the hour or minute specifier) are affected." And what is three hours
    or more is a correction of the clock.
    """
    particular = not any(part.startswith("*") for part in line.split()[:2])
    found = []
    for n in range(1, length + 1):
        moment = start + timedelta(minutes=n)
        local = moment.astimezone(zone)
        before = (moment - timedelta(minutes=1)).astimezone(zone)
        leap = local.replace(tzinfo=None) - before.replace(tzinfo=None) - timedelta(minutes=1)
        is_saving = timedelta() < leap < timedelta(hours=3)
        skipped = [
            local - timedelta(minutes=back)
            for back in range(1, int(leap / timedelta(minutes=1)) + 1)
            if particular and is_saving
        ]
        shown_again = particular and local.fold
        if (matches(line, local) and not shown_again) or any(matches(line, one) for one in skipped):
            found.append(moment)
    return found


@settings(max_examples=60, deadline=None)
@given(field(1, 28), field(1, 12), field(0, 7), any_moment)
@example("13", "*", "5", datetime(2026, 2, 1, tzinfo=UTC))
@example("*/2", "*", "1-5", datetime(2026, 2, 1, tzinfo=UTC))
@example("1", "*", "0,7", datetime(2026, 2, 1, tzinfo=UTC))
def test_days_are_those_of_cron(day, month, weekday, start):
    line = f"30 12 {day} {month} {weekday}"
    noon = start.astimezone(SHANGHAI).replace(hour=12, minute=30)
    days = [noon + timedelta(days=n) for n in range(1, 100)]
    found = slots(line, SHANGHAI, noon, days[-1])
    assert found == [moment for moment in days if matches(line, moment)]


@pytest.mark.parametrize(
    ("named", "numbered"),
    [
        ("0 2 * * sat", "0 2 * * 6"),
        ("0 2 * * MON-Fri", "0 2 * * 1-5"),
        ("0 2 * * fri-sun", "0 2 * * 5-7"),
        ("0 2 * * sun-tue", "0 2 * * 0-2"),
        ("0 2 1 jan,Jul *", "0 2 1 1,7 *"),
        ("5/20 * * * *", "5,25,45 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"),
        ("@yearly", "0 0 1 1 *"),
    ],
)
def test_names_mean_their_numbers(named, numbered):
    start = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert next_times(parse_schedule(named, SHANGHAI), start, 5) == next_times(
        parse_schedule(numbered, SHANGHAI), start, 5
    )


def test_cron_times_are_local_and_later_than_the_moment_given():
    trigger = parse_schedule("15 1 * * *", SHANGHAI)
    at = datetime(2026, 5, 1, 1, 15, tzinfo=SHANGHAI)
    assert [moment.isoformat() for moment in next_times(trigger, at, 2)] == [
        "2026-05-02T01:15:00+08:00",
        "2026-05-03T01:15:00+08:00",
    ]


def test_intervals_do_not_depend_on_when_they_are_asked_about():
    trigger = parse_schedule("every 10m", SHANGHAI)
    for second in (0, 1, 299, 599):
        start = datetime(2026, 5, 1, 8, 0, tzinfo=SHANGHAI) + timedelta(seconds=second)
        assert next_times(trigger, start, 1) == [datetime(2026, 5, 1, 8, 10, tzinfo=SHANGHAI)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("every 30s", 30), ("every 10m", 600), ("Every 2 h", 7200), ("every 1d", 86400)],
)
def test_intervals_are_elapsed_time(text, seconds):
    start = datetime(2024, 3, 30, 20, 0, tzinfo=BERLIN)  # the night of a change of the clocks
    first, second = next_times(parse_schedule(text, BERLIN), start, 2)
    assert second.timestamp() - first.timestamp() == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * foo *",
        "* * * * 8",
        "* * * * saturday",
        "30-10 * * * *",
        "*/0 * * * *",
        "*/90 * * * *",
        "1,,2 * * * *",
        "-5 * * * *",
        "1.5 * * * *",
        "１ * * * *",
        "0 0 31 2,4,6 *",
        "0 0 30 feb *",
        "@reboot",
        "every",
        "every 0m",
        "every -1m",
        "every 10",
        "every 10 weeks",
        "every 9999d",
    ],
)
def test_nonsense_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"should|has|names"):
        parse_schedule(text, SHANGHAI)


def test_slots_outside_the_window_are_passed_over():
    night = Window.parse("20:00-07:00", SHANGHAI)
    noon = datetime(2026, 5, 1, 12, 0, tzinfo=SHANGHAI)
    half_hours = parse_schedule("*/30 * * * *", SHANGHAI)
    assert next_times(half_hours, noon, 2, night) == [
        datetime(2026, 5, 1, 20, 0, tzinfo=SHANGHAI),
        datetime(2026, 5, 1, 20, 30, tzinfo=SHANGHAI),
    ]
    assert next_times(parse_schedule("0 12 * * *", SHANGHAI), noon, 1, night) == []
    assert next_times(parse_schedule("every 1s", SHANGHAI), noon, 1, night) == [
        datetime(2026, 5, 1, 20, 0, tzinfo=SHANGHAI)
    ]


def test_a_leap_day_is_waited_for():
    trigger = parse_schedule("0 0 29 2 *", SHANGHAI)
    start = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert [at.year for at in next_times(trigger, start, 2)] == [2028, 2032]
