"""How the reading room lays things out: nothing of what was recorded is lost or added."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from itertools import count, pairwise
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.diff import diff_texts
from archive.errors import TookTooLongError
from archive.law.comparison.alignment import compare_articles
from archive.room.memory import Memory
from archive.room.views.alignment import stretches
from archive.room.views.articles import counts, passages
from archive.room.views.bars import HEIGHT, STEP, bars
from archive.room.views.blocks import blocks
from archive.room.views.calendar import months
from archive.room.views.hits import words_of
from archive.room.views.moments import duration, moment, seconds_between, size
from archive.room.views.validity_line import WIDTH, periods
from archive.search.matching import Hit

TEXTS = st.lists(st.text("第一二条\t，。ab", max_size=12), max_size=12).map("\n".join)


def side(lines, name):
    """The lines that a layout has on one side, as text."""
    cells = (getattr(line, name) for line in lines)
    return [
        "\t".join("".join(piece.text for piece in cell) for cell in one) for one in cells if one
    ]


def lines_of(laid_out):
    return [line for stretch in laid_out for line in stretch.lines]


# --- comparisons ----------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_a_comparison_shows_both_texts_whole(before, after):
    changes = diff_texts(before, after)
    lines = lines_of(stretches(changes))
    assert len(lines) == len(changes)
    old = [one.before for one in changes if one.op != "equal" and one.before is not None]
    new = [one.after for one in changes if one.after is not None]
    assert side([line for line in lines if line.op != "equal"], "before") == old
    assert side(lines, "after") == new


@given(TEXTS, TEXTS)
def test_marks_stand_on_the_side_where_they_belong(before, after):
    for line in lines_of(stretches(diff_texts(before, after))):
        assert "insert" not in {piece.op for cell in line.before for piece in cell}
        assert "delete" not in {piece.op for cell in line.after for piece in cell}
        if line.merged and line.op == "replace":
            kept = ["".join(p.text for p in cell if p.op != "delete") for cell in line.merged]
            assert kept == ["".join(p.text for p in cell) for cell in line.after]


@given(TEXTS, TEXTS)
def test_differences_are_numbered_and_never_folded(before, after):
    laid_out = stretches(diff_texts(before, after))
    numbers = [one.number for one in laid_out if one.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    for one in laid_out:
        assert (one.number is None) == all(line.op == "equal" for line in one.lines)
        assert not (one.is_folded and one.number is not None)


def test_unchanged_lines_far_from_a_difference_are_folded():
    lines = [f"第{place}条" for place in range(30)]
    changed = [*lines[:15], "第15条改", *lines[16:]]
    laid_out = stretches(diff_texts("\n".join(lines), "\n".join(changed)))
    shape = [(one.is_folded, one.number, len(one.lines)) for one in laid_out]
    assert shape == [
        (True, None, 13),
        (False, None, 2),
        (False, 1, 1),
        (False, None, 2),
        (True, None, 12),
    ]


def test_a_row_of_a_table_is_compared_cell_by_cell():
    [stretch] = stretches(diff_texts("牛肉\t剔骨\t62.00", "牛肉\t剔骨\t62.60"))
    [line] = stretch.lines
    assert line.is_row
    assert line.before[2] == (("equal", "62."), ("delete", "0"), ("equal", "0"))
    assert line.after[2] == (("equal", "62."), ("insert", "6"), ("equal", "0"))
    assert [len(cell) for cell in line.merged] == [1, 1, 4]


def test_a_row_that_got_another_cell_is_shown_as_two():
    [stretch] = stretches(diff_texts("牛肉\t剔骨带皮\t62.00", "牛肉\t剔骨带皮\t62.00\t新"))
    [line] = stretch.lines
    assert (len(line.before), len(line.after), line.merged) == (3, 4, ())


# --- comparisons by articles ----------------------------------------------------------------------

ARTICLES = st.lists(
    st.builds(
        "{}　{}".format,
        st.sampled_from(["第一条", "第二条", "第三条", "第四条", "第一章", "附件", "一、"]),
        st.text("甲乙丙丁。\n\t", max_size=12),
    ),
    max_size=6,
).map("\n".join)


def letters(text):
    return "".join(text.split())


def shown_on(laid_out, name):
    """All that stands on one side."""
    return "".join(
        piece.text
        for passage in laid_out
        for entry in passage.entries
        for line in getattr(entry, name)
        for cell in line
        for piece in cell
    )


@given(ARTICLES, ARTICLES)
def test_a_comparison_by_articles_shows_both_texts_whole(before, after):
    laid_out = passages(compare_articles(before, after))
    assert letters(shown_on(laid_out, "after")) == letters(after)
    assert sorted(letters(shown_on(laid_out, "before"))) == sorted(letters(before))
    numbers = [one.number for one in laid_out if one.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))


@given(ARTICLES, ARTICLES)
def test_marks_of_articles_stand_on_their_side(before, after):
    changes = compare_articles(before, after)
    for passage in passages(changes):
        for entry in passage.entries:
            old, new = (
                {piece.op for line in side for cell in line for piece in cell}
                for side in (entry.before, entry.after)
            )
            assert "insert" not in old
            assert "delete" not in new
            if passage.number is None:
                assert (old | new) <= {"equal"}
    # A unit that was split or merged is one change, and one difference.
    told = sum(number for _, number in counts(changes))
    assert told == sum(one.number is not None for one in passages(changes))


def test_what_was_split_is_one_difference_and_its_number_stands_once():
    before = "第一条　为了规范管理，制定本办法。\n第二条　应当年满十八周岁。应当提交材料。"
    after = "第一条　为了规范管理，制定本办法。\n第二条　应当年满十八周岁。\n第三条　应当提交材料。"
    folded, split = passages(compare_articles(before, after))
    assert folded.is_folded
    assert [entry.op for entry in split.entries] == ["split", "split"]
    assert [entry.names for entry in split.entries] == [("第二条", "第二条"), ("第二条", "第三条")]
    assert shown_on([split], "before").count("第二条") == 1


# --- texts ----------------------------------------------------------------------------------------


@given(TEXTS)
def test_blocks_are_the_text(text):
    lines = []
    for block in blocks(text):
        lines += ["\t".join(row) for row in block.rows] if block.rows else [block.paragraph]
    assert "\n".join(lines) == text


@given(st.text("管理办法", max_size=20), st.data())
def test_the_words_of_a_hit_are_marked_where_they_stand(context, data):
    edges = sorted(data.draw(st.sets(st.integers(0, len(context)), max_size=6)))
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    parts = words_of(Hit("text", context, spans)).parts
    assert "".join(text for _, text in parts) == context
    marked = [text for is_marked, text in parts if is_marked]
    assert marked == [context[start:end] for start, end in spans]


# --- times ----------------------------------------------------------------------------------------

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    DAYS,
    st.integers(1, 14),
    st.dictionaries(DAYS, st.lists(st.sampled_from(["finished", "failed"]))),
)
def test_a_calendar_has_every_day_of_its_months_once(last, count, outcomes):
    shown = months(outcomes, last, count)
    assert len(shown) == count
    assert shown[0].first_day == last.replace(day=1)
    for month in shown:
        days = [one for week in month.weeks for one in week]
        own = [one.day for one in days if one.in_month]
        assert own[0] == month.first_day
        assert own == [own[0] + timedelta(days=place) for place in range(len(own))]
        assert (own[-1] + timedelta(days=1)).day == 1
        assert all(len(week) == 7 and week[0].day.weekday() == 0 for week in month.weeks)
        assert all(one.runs == len(outcomes.get(one.day, ())) for one in days)


def test_a_day_is_remembered_by_its_worst_run():
    [month] = months({date(2026, 3, 4): ["finished", "failed", "finished"]}, date(2026, 3, 9), 1)
    [day] = [one for week in month.weeks for one in week if one.runs]
    assert day.outcomes == (("failed", 1), ("finished", 2))


@given(st.lists(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 10**6)), max_size=3)))
def test_bars_stay_within_the_drawing(counts):
    drawn = bars(counts)
    assert [one.x for one in drawn] == [place * STEP for place in range(len(counts))]
    for bar, numbers in zip(drawn, counts, strict=True):
        assert len(bar.parts) == sum(1 for _, number in numbers if number)
        for part in bar.parts:
            assert part.height >= 0
            assert -0.2 <= part.y <= HEIGHT


SHANGHAI = timezone(timedelta(hours=8))
INSTANTS = st.integers(1_580_000_000, 1_900_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, SHANGHAI).isoformat()
)


@given(st.lists(st.tuples(INSTANTS, st.sampled_from(["valid", "repealed"])), min_size=1), INSTANTS)
def test_validity_fills_its_line_without_gaps(stated, last_seen):
    stated.sort()
    versions = [(number, at, word) for number, (at, word) in enumerate(stated, start=1)]
    found = periods(versions, last_seen)
    assert found[0].x == 0
    assert found[-1].x + found[-1].width == WIDTH
    for one, following in pairwise(found):
        assert one.x + one.width == following.x
        assert one.until == following.since
        assert one.validity != following.validity
    assert found[-1].until is None


def test_times_are_said_with_their_offset():
    assert moment("2026-01-08T20:14:09+08:00") == ("2026-01-08", "20:14", "+08:00")
    assert moment("2026-01-08T20:14:09-03:30") == ("2026-01-08", "20:14", "-03:30")
    assert moment("2026-01-08") == ("2026-01-08", "", "")
    assert moment("never") == ("never", "", "")
    assert seconds_between("2026-01-08T20:00:00+08:00", "2026-01-08T12:01:30+00:00") == 90
    assert seconds_between("2026-01-08T20:00:00+08:00", None) is None
    assert [duration(one) for one in (0, 59, 61, 3600, 36061)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h 00 min",
        "10 h 01 min",
    ]
    assert [size(one) for one in (0, 999, 1500, 123_456, 9_900_000, 3 * 10**12)] == [
        "0 B",
        "999 B",
        "1.5 KB",
        "123 KB",
        "9.9 MB",
        "3000 GB",
    ]


# --- memory ---------------------------------------------------------------------------------------


def test_an_answer_is_found_once_until_it_is_old():
    now, asked = [0.0], []
    memory = Memory(clock=lambda: now[0])

    def answer():
        asked.append(now[0])
        return len(asked)

    assert [memory.recall("a", 60, answer) for _ in range(3)] == [1, 1, 1]
    now[0] = 61
    assert memory.recall("a", 60, answer) == 2
    assert memory.recall("b", 60, answer) == 3


def test_what_one_finds_others_do_not_look_for():
    now, memory = [0.0], Memory(clock=lambda: now[0])
    asked, begun, go_on = [], Event(), Event()

    def slow():
        asked.append("slow")
        begun.set()
        go_on.wait()
        return "new"

    def recalled(ask, seconds=10.0):
        return memory.recall("question", seconds, ask)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(recalled, slow)
        begun.wait()
        second = pool.submit(recalled, lambda: asked.append("second"))
        go_on.set()
        assert first.result() == second.result() == "new"
        begun.clear()
        go_on.clear()
        now[0] = 11.0
        third = pool.submit(recalled, slow)
        begun.wait()
        # What is a little too old is good enough while another finds the new.
        assert recalled(lambda: asked.append("fourth")) == "new"
        now[0] = 20.5
        fifth = pool.submit(recalled, lambda: asked.append("fifth"))
        go_on.set()
        assert third.result() == fifth.result() == "new"
    assert asked == ["slow", "slow"]


def test_where_one_fails_to_find_it_the_others_look_themselves():
    memory, begun, go_on = Memory(), Event(), Event()

    def failing():
        begun.set()
        go_on.wait()
        raise TookTooLongError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memory.recall, "question", 10.0, failing)
        begun.wait()
        second = pool.submit(memory.recall, "question", 10.0, lambda: "found")
        go_on.set()
        assert second.result() == "found"
        with pytest.raises(TookTooLongError):
            first.result()


def test_ten_thousand_questions_fill_no_memory():
    memory = Memory(most=100)
    asked = count()
    for _ in range(2):
        for question in range(10_000):
            memory.recall(question, 60, lambda: next(asked))
    assert next(asked) >= 19_900
