"""How long the daemon leaves a portal alone that meets it with a wall (R11): pure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.runs import Figures, PastRun, RunOutcome, Stop
from scheduler.back_off import put_off

START = datetime(2026, 3, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def past(*runs):
    """These runs with an hour between their ends, the newest first."""
    dated = [run._replace(finished_at=START + place * HOUR) for place, run in enumerate(runs)]
    return dated[::-1]


def run(outcome, *, stopped=None, mode="sweep", **figures):
    return PastRun(mode, outcome, stopped, START, Figures(**figures))


WALL = run(RunOutcome.INCOMPLETE, stopped=Stop.BLOCKED, pages=25, blocked=20)
LET_THROUGH = [
    run(RunOutcome.FINISHED, pages=40, unchanged=40),
    run(RunOutcome.INCOMPLETE, pages=40, unchanged=30, blocked=9, failed=1),
    run(RunOutcome.INCOMPLETE, stopped=Stop.WINDOW, pages=3, unchanged=3),
]
SAYS_NOTHING = [
    run(RunOutcome.INTERRUPTED, pages=4, unchanged=4),
    run(RunOutcome.FAILED, stopped=Stop.ARCHIVE, pages=4),
    run(RunOutcome.FINISHED, mode="accept", pages=1),
    run(RunOutcome.INCOMPLETE, mode="discover", pages=3, failed=3),
]
RUNS = st.lists(st.sampled_from([WALL, *LET_THROUGH, *SAYS_NOTHING]), max_size=12)


def hours(*runs):
    """For how many hours after the last wall a portal is left alone."""
    found = put_off(past(*runs))
    last = max(place for place, one in enumerate(runs) if one is WALL)
    return (found.until - (START + last * HOUR)) / HOUR


def test_r11_longer_each_time_to_a_day_at_most():
    assert [hours(*[WALL] * count) for count in range(1, 8)] == [1, 2, 4, 8, 16, 24, 24]
    assert hours(*[WALL] * 5000) == 24
    assert put_off([]) is None


def test_r11_a_run_that_was_let_through_resets_it():
    for sound in LET_THROUGH:
        assert put_off(past(WALL, WALL, sound)) is None
        assert hours(WALL, WALL, sound, WALL) == 1


def test_r11_a_run_that_says_nothing_leaves_it_as_it_was():
    for silent in SAYS_NOTHING:
        assert put_off(past(WALL, WALL, silent)) == put_off(past(WALL, WALL))
        assert hours(WALL, silent, WALL) == 2
        assert put_off(past(silent)) is None


@given(RUNS)
def test_r11_it_follows_from_what_came_since_the_portal_last_answered(runs):
    since = runs
    for place, one in enumerate(runs):
        if one in LET_THROUGH:
            since = runs[place + 1 :]
    walls = [one for one in past(*runs)[: len(since)] if one.stopped is Stop.BLOCKED]
    found = put_off(past(*runs))
    assert (found is not None) == bool(walls)
    if found is not None:
        assert found.stopped_runs == len(walls)
        assert HOUR <= found.until - walls[0].finished_at <= 24 * HOUR


@given(RUNS)
def test_r11_one_more_wall_never_shortens_it(runs):
    before, after = put_off(past(*runs)), put_off(past(*runs, WALL))
    assert after.until > (before.until if before and before.stopped_runs < 6 else START)
