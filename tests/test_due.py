"""Which documents a limited recheck asks for: the estimates, the choice, and what really happens.

docs/due.md says what is tested here.
"""

import json
import math
import random
import sqlite3
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.site import Record, Town
from support.yange import FAILED, FINISHED, INCOMPLETE, MISUSED, Yange

from archive.archive import Archive
from archive.capture import Capture, Outcome
from archive.due.choice import Candidate, Reason, choose, kept_ceiling, worth
from archive.due.force import WEIGHTS, Force, force_of
from archive.due.forecast import intervals, mean_delay
from archive.due.presentation import in_words
from archive.due.priors import BUILT_IN, age_band, fitted
from archive.due.rates import History, Prior, averaged, rate
from archive.fields import Fields, Validity
from archive.runs import RunOutcome
from crawler.replica.server import Answer
from scheduler.desk import Desk

NOTHING = Prior(0.0, 0.0)

days = st.floats(min_value=0.1, max_value=2000)
counts = st.integers(min_value=0, max_value=50)
priors = st.builds(
    Prior, st.floats(min_value=0.01, max_value=10), st.floats(min_value=1, max_value=5000)
)


@st.composite
def histories(draw):
    unchanged, changed = draw(counts), draw(counts)
    return History(
        unchanged,
        draw(days) * unchanged,
        changed,
        draw(days) * changed,
    )


# --- estimates --------------------------------------------------------------------------------


@given(counts.filter(bool), counts.filter(bool), days)
def test_visits_at_equal_intervals_give_the_exact_maximum_of_the_likelihood(same, other, interval):
    history = History(same, same * interval, other, other * interval)
    exact = -math.log(same / (same + other)) / interval
    assert rate(history, NOTHING) == pytest.approx(exact, rel=1e-4)


@given(priors, counts, days)
def test_without_a_change_seen_it_is_the_posterior_mean(prior, visits, interval):
    history = History(visits, visits * interval, 0, 0.0)
    exact = prior.shape / (prior.days + visits * interval)
    assert rate(history, prior) == pytest.approx(exact)


@settings(max_examples=40)
@given(st.floats(0.3, 3), st.floats(20, 400), st.integers(0, 20), st.integers(1, 8))
def test_with_changes_seen_it_is_close_to_the_posterior_mean(shape, prior_days, same, other):
    """Where visits are not much rarer than changes."""
    history = History(same, same * 10.0, other, other * 10.0)
    estimate = rate(history, Prior(shape, prior_days))
    assume(estimate * 10 < 1)

    def posterior(one):
        unseen = prior_days + history.unchanged_days
        return one ** (shape - 1) * math.exp(-one * unseen) * (-math.expm1(-one * 10)) ** other

    grid = [estimate * (step + 0.5) / 200 for step in range(4000)]
    weights = [posterior(one) for one in grid]
    mean = sum(map(float.__mul__, weights, grid)) / sum(weights)
    assert estimate == pytest.approx(mean, rel=0.12)


@example(History(), Prior(1.0, 1.0), 355.0)
@example(History(), Prior(1.0, 0.1), 2000.0)
@given(histories(), priors, days)
def test_a_visit_that_saw_nothing_lowers_the_rate_and_one_that_saw_a_change_raises_it(
    history, prior, interval
):
    estimate = rate(history, prior)
    idle = history._replace(
        unchanged=history.unchanged + 1, unchanged_days=history.unchanged_days + interval
    )
    assert rate(idle, prior) < estimate
    # At the mean interval, or a change long in coming could be less than was expected.
    usual = history.changed_days / history.changed if history.changed else interval
    hit = history._replace(changed=history.changed + 1, changed_days=history.changed_days + usual)
    idle = history._replace(unchanged_days=history.unchanged_days + usual)
    assert rate(hit, prior) > rate(idle, prior)


def visited(draw, a_day, visits, mean_interval):
    """The uneven intervals between visits, of those that saw it unchanged and changed."""
    seen = ([], [])
    for _ in range(visits):
        interval = draw.uniform(0.5, 1.5) * mean_interval
        seen[draw.random() < -math.expm1(-a_day * interval)].append(interval)
    return seen


def history_of(same, other):
    return History(len(same), sum(same), len(other), sum(other))


@pytest.mark.parametrize("a_day", [0.003, 0.01, 0.03])
def test_the_estimate_converges_on_the_truth(a_day):
    seen = visited(random.Random(7), a_day, 60_000, 5.0)
    assert rate(history_of(*seen), BUILT_IN["older"]) == pytest.approx(a_day, rel=0.05)


@pytest.mark.parametrize("a_day", [0.03, 0.1, 0.2])
def test_of_very_uneven_intervals_it_is_a_little_below_the_exact_maximum(a_day):
    """Only their sum is kept; up to one change in an interval that costs a tenth at most."""
    same, other = visited(random.Random(8), a_day, 20_000, 5.0)
    low, high = 0.0, 10.0
    for _ in range(60):
        exact = (low + high) / 2
        slope = sum(one / math.expm1(exact * one) for one in other) - sum(same)
        low, high = (exact, high) if slope > 0 else (low, exact)
    assert 0.89 * exact < rate(history_of(same, other), NOTHING) <= exact


def test_copies_are_no_further_evidence():
    history = History(7, 70.0, 2, 30.0)
    assert averaged([history, history]) == history
    assert averaged([history, History()]) == History(3.5, 35.0, 1, 15.0)


def watched(draw, documents, shape, a_year, years=1.0, interval=15.0):
    """Histories of documents whose rates come from a gamma distribution with this mean."""
    for _ in range(documents):
        true = draw.gammavariate(shape, a_year / 365 / shape)
        visits = round(years * 365 / interval)
        changed = sum(draw.random() < -math.expm1(-true * interval) for _ in range(visits))
        yield History(visits - changed, (visits - changed) * interval, changed, changed * interval)


@pytest.mark.parametrize(("shape", "a_year"), [(0.1, 0.5), (0.5, 2.0), (2.0, 0.2)])
def test_what_a_group_has_in_common_is_found(shape, a_year):
    group = ("older", "other", "要闻")
    found = fitted((group, one) for one in watched(random.Random(1), 3000, shape, a_year))
    assert found[group].mean * 365 == pytest.approx(a_year, rel=0.15)
    assert found[group].shape == pytest.approx(shape, rel=0.4)


def test_a_small_group_believes_what_the_larger_one_knows():
    draw = random.Random(2)
    many = [(("year", "other", "要闻"), one) for one in watched(draw, 2000, 0.5, 0.1)]
    lively = ("year", "norm", "规范性文件")
    none, few, some = (
        fitted([*many, *((lively, one) for one in watched(draw, number, 2.0, 12.0))])
        for number in (0, 3, 300)
    )
    assert lively not in none
    assert none["year",].mean < few[lively].mean < some[lively].mean
    assert some[lively].mean * 365 == pytest.approx(12, rel=0.2)


def test_an_empty_archive_believes_what_is_built_in():
    group = (age_band(3), "other", "")
    assert fitted([(group, History())] * 5)[group] == BUILT_IN["month"]
    means = [BUILT_IN[age_band(age)].mean for age in (-1, 29, 31, 400, 2000, 40_000)]
    assert means == sorted(means, reverse=True)
    assert fitted([]) == {}


@pytest.mark.parametrize(
    ("fields", "force"),
    [
        ({"category": "规范性文件", "title": "夜市管理通知"}, Force.NORM),
        ({"title": "夜市管理办法", "document_number": "柳政发〔2025〕1号"}, Force.NORM),
        ({"title": "夜市管理办法", "validity": Validity.VALID}, Force.NORM),
        ({"title": "《夜市管理办法》宣传活动举行"}, Force.OTHER),
        ({"title": "关于放假的通知", "document_number": "柳政办〔2025〕2号"}, Force.OFFICIAL),
        ({"title": "关于放假的通知", "category": "政府文件"}, Force.OFFICIAL),
        ({"title": "夜市管理办法", "validity": Validity.REPEALED}, Force.OTHER),
        ({"category": "规范性文件", "repealed_on": "2026-01-01"}, Force.OTHER),
        ({"category": "规范性文件", "repealed_on": "2026-01-02"}, Force.NORM),
        ({"title": "市长调研"}, Force.OTHER),
    ],
)
def test_legal_force_is_told_by_the_fields(fields, force):
    assert force_of(Fields(**fields), date(2026, 1, 1)) is force
    assert WEIGHTS[Force.NORM] > WEIGHTS[Force.OFFICIAL] > WEIGHTS[Force.OTHER]


@pytest.mark.parametrize(
    ("a_year", "words"),
    [
        (0, "less than once a century"),
        (0.1, "about every 10 years"),
        (0.6, "about every 20 months"),
        (4 / 3, "about every 9 months"),
        (20, "about every 3 weeks"),
        (365.25, "about every day"),
        (1000, "more than once a day"),
    ],
)
def test_rates_are_said_in_words(a_year, words):
    assert in_words(a_year / 365.25) == words


# --- the choice -------------------------------------------------------------------------------

NOW = 1000.0
NEVER = 1e9
"""A ceiling that nothing reaches."""

stakes = st.floats(min_value=1e-4, max_value=10)


@st.composite
def some_candidates(draw, most=30):
    number = draw(st.integers(1, most))
    seen = st.floats(min_value=NOW - 170, max_value=NOW)
    made = []
    for location in range(number):
        at = draw(seen)
        made.append(Candidate(location, location, draw(stakes), at, at))
    return made


def locations(chosen):
    return [one.candidate.location for one in chosen]


@given(some_candidates(), st.integers(1, 12), st.randoms(), st.sampled_from([NEVER, 180.0]))
def test_the_order_in_which_candidates_come_does_not_matter(candidates, limit, shuffle, ceiling):
    chosen = choose(candidates, limit, now=NOW, ceiling=ceiling)
    assert len(set(locations(chosen))) == len(chosen) == min(limit, len(candidates))
    shuffled = list(candidates)
    shuffle.shuffle(shuffled)
    assert choose(shuffled, limit, now=NOW, ceiling=ceiling) == chosen


def test_equals_are_chosen_in_the_order_of_their_locations():
    candidates = [Candidate(number, number, 1.0, 0.0, 0.0) for number in (5, 3, 9, 1)]
    assert locations(choose(candidates, 3, now=NOW, ceiling=NEVER)) == [1, 3, 5]


@given(some_candidates(), st.integers(1, 12), st.data())
def test_what_is_chosen_stays_so_when_it_changes_more_weighs_more_or_waited_longer(
    candidates, limit, data
):
    chosen = locations(choose(candidates, limit, now=NOW, ceiling=NEVER))
    one = candidates[data.draw(st.sampled_from(chosen))]
    more = one._replace(stake=one.stake * 1.5)
    longer = one._replace(seen=one.seen - 5, document_seen=one.document_seen - 5)
    for better in (more, longer):
        assert worth(better, NOW) >= worth(one, NOW)
        others = [better if other is one else other for other in candidates]
        assert one.location in locations(choose(others, limit, now=NOW, ceiling=NEVER))


@settings(max_examples=30)
@given(some_candidates(most=25), st.integers(1, 5), st.integers(0, 6), st.sampled_from([1.0, 7.0]))
def test_nothing_goes_unseen_for_longer_than_the_ceiling(candidates, limit, spare, every):
    """From nights on which all had just been seen, with any stakes and hardly any room."""
    ceiling = every * (math.ceil(len(candidates) / limit) + spare)
    assert kept_ceiling(len(candidates), limit, ceiling=ceiling, every=every) == ceiling
    state = {one.location: one._replace(seen=0.0, document_seen=0.0) for one in candidates}
    for night in range(1, 60):
        now = night * every
        for one in choose(list(state.values()), limit, now=now, ceiling=ceiling, every=every):
            place = one.candidate.location
            state[place] = one.candidate._replace(seen=now, document_seen=now)
        assert max(now - one.seen for one in state.values()) <= ceiling - every + 1e-6


def test_the_ceiling_of_many_that_were_seen_at_once_is_spread_over_the_nights_before():
    state = {n: Candidate(n, n, 100.0 if n < 5 else 1e-9, 0.0, 0.0) for n in range(105)}
    for_the_ceiling = []
    for night in range(1, 61):
        chosen = choose(list(state.values()), 5, now=float(night), ceiling=60.0)
        for one in chosen:
            seen = float(night)
            state[one.candidate.location] = one.candidate._replace(seen=seen, document_seen=seen)
        for_the_ceiling.append(sum(one.reason is Reason.CEILING for one in chosen))
    assert max(for_the_ceiling) <= 2
    assert sum(for_the_ceiling) >= 100


@given(st.integers(1, 1000), st.integers(1, 50), st.floats(1, 400))
def test_a_ceiling_that_cannot_be_kept_leaves_half_of_the_requests_for_what_is_worth_it(
    number, limit, ceiling
):
    kept = kept_ceiling(number, limit, ceiling=ceiling)
    assert kept == (ceiling if number <= ceiling * limit else 2 * number / limit)


def test_of_two_copies_the_staler_one_is_asked_as_if_they_were_one():
    copies = [Candidate(1, 1, 5.0, 990.0, 995.0), Candidate(2, 1, 5.0, 995.0, 995.0)]
    other = Candidate(3, 3, 4.0, 994.0, 994.0)
    assert locations(choose([*copies, other], 2, now=NOW, ceiling=NEVER)) == [3, 1]


def test_what_was_not_there_the_last_time_comes_first():
    candidates = [Candidate(1, 1, 9.0, 0.0, 0.0), Candidate(2, 2, 0.0, 999.0, 999.0, absent=True)]
    [chosen] = choose(candidates, 1, now=NOW, ceiling=NEVER)
    assert (chosen.candidate.location, chosen.reason) == (2, Reason.ABSENT)


@given(st.lists(stakes, min_size=2, max_size=40), st.floats(0.1, 0.9))
def test_the_best_intervals_follow_the_square_root_of_what_is_at_stake(some, share):
    limit = share * len(some)
    apart = intervals(some, limit, ceiling=1e6, every=1.0)
    assert sum(1 / one for one in apart) == pytest.approx(limit, rel=1e-6)
    free = [one * math.sqrt(stake) for one, stake in zip(apart, some, strict=True) if one > 1.001]
    assert free == pytest.approx([free[0]] * len(free), rel=1e-4) if free else True
    equal = [len(some) / limit] * len(some)
    assert mean_delay(some, apart) <= mean_delay(some, equal) * (1 + 1e-9)


def test_choosing_night_by_night_realises_the_best_intervals():
    some = [10 ** (step / 10 - 4) for step in range(40)]
    state = {n: Candidate(n, n, stake, 0.0, 0.0) for n, stake in enumerate(some)}
    visits = defaultdict(list)
    for night in range(1, 3001):
        for one in choose(list(state.values()), 4, now=float(night), ceiling=NEVER):
            place = one.candidate.location
            visits[place].append(night)
            state[place] = one.candidate._replace(seen=float(night), document_seen=float(night))
    cost = sum(
        some[place] * sum((b - a) ** 2 for a, b in pairwise(nights)) / 2 / (nights[-1] - nights[0])
        for place, nights in visits.items()
    )
    best = sum(some) * mean_delay(some, intervals(some, 4, ceiling=NEVER))
    assert cost == pytest.approx(best, rel=0.05)


# --- the archive and the command line -------------------------------------------------------------


def address(number):
    return f"/gk/{number}/index.html"


def norm(number, edition=0):
    return Record(
        title=f"第{number}号管理办法",
        number=f"1115990001150073XY/2015-{number:05d}",
        published="2015-03-05 09:30:00",
        body=(f"第一条 第{number}号办法的第{edition}稿。",),
    )


def news(number, edition=0):
    return norm(number, edition).but(
        title=f"第{number}条新闻", category="要闻", validity="", document_number="无"
    )


class Past:
    """Captures of a town's pages on earlier days, recorded as the crawls of those days would."""

    def __init__(self, town, yange):
        self.town = town
        self.archive = yange.archive
        self.readers = Desk(yange.configuration).readers
        self.today = datetime.now(UTC)

    def run(self, days_ago, pages):
        """A run in which these addresses answered: with a record, or an outcome without one."""
        reader = self.readers.current("town")
        with Archive.open(self.archive, self.readers) as archive:
            archive.begin_run("town", "recheck")
            for place, answer in pages.items():
                url = self.town.url(place)
                at = self.today - timedelta(days=days_ago)
                if not isinstance(answer, Record):
                    archive.record(Capture(url=url, at=at, outcome=answer, reason="a test"))
                    continue
                body = answer.html().encode()
                headers = {"content-type": "text/html; charset=utf-8"}
                reading = reader.read(body, url=url, content_type=headers["content-type"])
                outcome = Outcome.DOCUMENT
                archive.record(
                    Capture(
                        url=url,
                        at=at,
                        outcome=outcome,
                        status=200,
                        headers=headers,
                        body=body,
                        reading=reading,
                    )
                )
            archive.finish_run(RunOutcome.FINISHED)


def asked(town):
    """The documents that were asked for since the last look, by their addresses."""
    paths = [one.path for one in town.site.requests if one.path.startswith("/gk/")]
    town.site.clear_requests()
    return sorted(path for path in paths if path != "/gk/index.html")


STILL_NORM, LIVELY_NORM, STILL_NEWS, LIVELY_NEWS, UNREAD, ABSENT, BROKEN, OLDEST, COPY = map(
    address, range(1, 10)
)


@pytest.fixture(scope="module")
def watched_town(tmp_path_factory):
    """A town that has been watched for a year, monthly; 40 pages of news beside those above."""
    with Town(recheck={"limit": 4, "ceiling_days": 200}) as town:
        yange = Yange(tmp_path_factory.mktemp("due"), town)
        past = Past(town, yange)
        crowd = {address(number): news(number) for number in range(20, 60)}
        past.run(380, {OLDEST: news(8)})
        for month in range(12):
            days_ago = 365 - 30 * month
            edition = month // 2
            pages = {
                STILL_NORM: norm(1),
                LIVELY_NORM: norm(2, edition),
                STILL_NEWS: news(3),
                LIVELY_NEWS: news(4, edition),
                **crowd,
            }
            if month == 0:
                pages |= {UNREAD: norm(5), ABSENT: news(6), BROKEN: norm(7, edition)}
            if month in (0, 5):
                pages |= {COPY: norm(2, edition)}
            if month == 7:
                pages |= {OLDEST: news(8)}
            past.run(days_ago, pages)
        past.run(28, {address(20): Outcome.FAILED})
        past.run(27, {address(20): Outcome.UNCHANGED, address(21): Outcome.UNCHANGED})
        past.run(9, {BROKEN: Outcome.FAILED})
        past.run(5, {BROKEN: Outcome.FAILED})
        past.run(1, {BROKEN: Outcome.FAILED, ABSENT: Outcome.GONE})
        for number in [*range(1, 5), *range(20, 60)]:
            record = norm(number) if number < 3 else news(number)
            town.answer(address(number), record.html())
        for place, record in ((UNREAD, norm(5)), (OLDEST, news(8)), (COPY, norm(2, 5))):
            town.answer(place, record.html())
        town.answer(LIVELY_NORM, norm(2, 5).html())
        yield town, yange


def paths(town, chosen):
    return [one["url"].removeprefix(town.url("/").rstrip("/")) for one in chosen]


def test_histories_are_what_the_captures_say(watched_town, tmp_path):
    """What is kept of each location can be made again, and is by an upgrade."""
    _, yange = watched_town
    kept = """SELECT id, unchanged_visits, unchanged_ms, changed_visits, changed_ms, misses
              FROM locations ORDER BY id"""
    with sqlite3.connect(yange.archive) as connection:
        now = connection.execute(kept).fetchall()
        past = defaultdict(list)
        for place, at, outcome in connection.execute(
            "SELECT location_id, at_ms, outcome FROM captures ORDER BY id"
        ):
            past[place].append((at, outcome))
        old = sqlite3.connect(tmp_path / "old.db")
        connection.backup(old)
    again = []
    for place, captures in sorted(past.items()):
        good = [one for one in captures if one[1] in ("document", "not_modified")]
        waits = [(later[1], later[0] - one[0]) for one, later in pairwise(good)]
        same = [wait for outcome, wait in waits if outcome == "not_modified"]
        other = [wait for outcome, wait in waits if outcome == "document"]
        misses = len(captures) - 1 - captures.index(good[-1])
        again.append((place, len(same), sum(same), len(other), sum(other), misses))
    assert now == again
    assert {row[-1] for row in now} == {0, 1, 3}

    for column in ("unchanged_visits", "unchanged_ms", "changed_visits", "changed_ms", "misses"):
        old.execute(f"ALTER TABLE locations DROP COLUMN {column}")
    old.execute("DELETE FROM _sqlite_migrations WHERE name = 'histories_of_locations'")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    Archive.open(tmp_path / "old.db", Desk(yange.configuration).readers).close()
    assert old.execute(kept).fetchall() == now
    old.close()


def test_due_says_what_is_chosen_and_why(watched_town):
    town, yange = watched_town
    [found] = yange.read("due", "--limit", "6")
    assert (found["portal"], found["documents"], found["locations"]) == ("town", 48, 49)
    assert (found["ceiling_days"], found["kept_ceiling_days"]) == (200, 200)
    assert (found["limit"], len(found["chosen"])) == (6, 6)
    chosen = dict(zip(paths(town, found["chosen"]), found["chosen"], strict=True))
    assert chosen[ABSENT]["reason"] == "absent"
    # Neither was seen for longer than the ceiling; BROKEN did not answer yesterday.
    assert chosen[UNREAD]["reason"] == "ceiling"
    assert BROKEN not in chosen
    # The copy is the staler place of a lively document; it has not been seen for 215 days, either.
    assert chosen[COPY]["reason"] == "ceiling"
    lively = chosen[LIVELY_NEWS]
    assert (lively["reason"], lively["force"], lively["weight"]) == ("worth", "other", 1)
    assert (lively["changes"], lively["visits"]) == (5, 11)
    assert lively["rate"] in ("about every 2 months", "about every 3 months")
    # A norm that never changed is worth more than news that never changed and waited much longer.
    assert list(chosen)[3:] == [LIVELY_NEWS, STILL_NORM, OLDEST]
    assert [chosen[one]["weight"] for one in (STILL_NORM, OLDEST)] == [10, 1]
    assert STILL_NEWS not in chosen
    assert 0 < found["weighted_delay_days"] < 200


def test_due_tells_people_the_same(watched_town):
    town, yange = watched_town
    said = yange.run("due", "town").out
    assert "1115990001150073XY/2015-00005" in said
    assert "town: 4 of 49 locations of 48 documents" in said
    said = yange.run("due", "--limit", "1").out.replace("\n", " ")
    assert "cannot be kept" not in said
    town.settings["recheck"] = {"ceiling_days": 30}
    yange.configure(town)
    assert "the ceiling of 30 days cannot be kept" in yange.run("due", "--limit", "1").out
    refused = yange.run("due", status=MISUSED)
    assert "--limit" in refused.err
    assert "portals.town.recheck.limit" in refused.err
    assert "no portal 'city'" in yange.run("due", "city", status=MISUSED).err
    town.settings["recheck"] = {"limit": 4, "ceiling_days": 200}
    yange.configure(town)


def test_a_limited_recheck_asks_for_what_is_due(watched_town):
    town, yange = watched_town
    [found] = yange.read("due", "--limit", "5")
    town.site.clear_requests()
    yange.crawl("--limit", "5", mode="recheck")
    assert asked(town) == sorted(paths(town, found["chosen"]))
    # The configured limit, of what is due then.
    [found] = yange.read("due")
    assert len(found["chosen"]) == 4
    yange.crawl(mode="recheck")
    assert asked(town) == sorted(paths(town, found["chosen"]))
    # A document alone is asked for whatever it is worth.
    yange.crawl("--only", town.url(STILL_NEWS), mode="recheck", status=(FINISHED, INCOMPLETE))
    assert asked(town) == [STILL_NEWS]


def test_without_a_limit_a_recheck_asks_for_everything(tmp_path):
    with Town() as town:
        for number in (1, 2, 3):
            town.publish(news(number), address(number))
        yange = Yange(tmp_path, town)
        assert "does not exist yet" in yange.run("due", "--limit", "2", status=FAILED).err
        yange.crawl()
        town.answer(address(1), news(1, edition=1).html())
        town.answer(address(2), Answer.html("gone", status=404))
        town.site.clear_requests()
        yange.crawl(mode="recheck")
        assert asked(town) == [address(number) for number in (1, 2, 3)]
        # What was not there is not asked at once, and the others have all been seen just now.
        [found] = json.loads(yange.run("due", "--limit", "2", "--json").out)
        assert sorted(paths(town, found["chosen"])) == [address(1), address(3)]
        # A change found within seconds of the visit before is none every few seconds.
        assert found["changes_a_year"] < 3 * 2 * 366
