"""The documents as the portal showed them at a moment, as far as the archive had seen it then."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from support.shelf import SHANGHAI, Shelf

from archive.instants import to_ms
from archive.selection import Selection
from archive.when import end_of, start_of

ARTICLES = ("第一条 为了规范管理，制定本办法。", "第二条 本办法自公布之日起施行。")
AGENCIES = ("市人民政府", "市农牧局")
STATES = st.fixed_dictionaries(
    {
        "issuing_agency": st.sampled_from(AGENCIES),
        "validity": st.sampled_from(["valid", "repealed"]),
        "published_at": st.sampled_from(["2025-01-02T00:00:00+08:00", "2025-02-03T00:00:00+08:00"]),
        "summary": st.sampled_from([None, "甲", "乙"]),
    }
)
# What a run meets at the two places of a document: a state, nothing, or it does not ask.
PLACES = st.one_of(STATES, st.none(), st.just("unasked"))
RUNS = st.lists(
    st.lists(st.tuples(PLACES, st.just("unasked") | PLACES), min_size=3, max_size=3),
    min_size=1,
    max_size=7,
)
FILTERS = [
    Selection(),
    Selection(validity="repealed"),
    Selection(agency="农牧", status="current"),
    Selection(status="withdrawn"),
    Selection(published_from="2025-02-01", portal="town"),
]


def but_address(rows):
    """Rows without what is today's at any moment."""
    return [{name: value for name, value in row.items() if name != "url"} for row in rows]


def at(selection, moment):
    """The same filters at a moment."""
    given_there = {name: getattr(selection, name) for name in selection.__slots__}
    return Selection(**{**given_there, "as_of_ms": moment})


@settings(max_examples=25, deadline=None)
@given(RUNS)
def test_r9_a_list_of_then_is_what_the_list_was_then(runs):
    """What was listed after each run is listed for that moment ever after, and `show` agrees."""
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "archive.db")
        seen = []
        for run in runs:
            pages = {}
            for number, places in enumerate(run):
                stated = {
                    "title": f"第{number}号办法",
                    "index_number": f"115000/2025-{number}",
                    "text": "\n".join(ARTICLES),
                }
                for name, state in zip("ab", places, strict=True):
                    if state != "unasked":
                        pages[f"{number}{name}"] = state and {**stated, **state}
            shelf.put(pages)
            lists = [but_address(shelf.list(one)) for one in FILTERS]
            seen.append((to_ms(shelf.now) + 999, lists))
        for moment, lists in seen:
            for selection, rows in zip(FILTERS, lists, strict=True):
                assert but_address(shelf.list(at(selection, moment))) == rows
        last = seen[-1][0]
        with shelf.catalogue() as catalogue:
            assert shelf.list() == shelf.list(Selection(as_of_ms=last))
            for moment, _ in seen:
                for row in catalogue.documents(Selection(as_of_ms=moment)):
                    shown = catalogue.show(row["index_number"], as_of_ms=moment)
                    assert {name: shown[name] for name in row} == row
        assert shelf.list(Selection(as_of_ms=to_ms(shelf.now.replace(year=2025)))) == []


def test_a_page_of_the_list_is_a_part_of_it(tmp_path):
    shelf = Shelf(tmp_path / "archive.db")
    shelf.put({str(number): {"title": f"第{number}号通知"} for number in range(7)})
    whole = shelf.list()
    assert len(whole) == 7
    assert shelf.list(limit=3, offset=2) == whole[2:5]
    assert shelf.list(limit=3, offset=6) == whole[6:]
    moment = Selection(as_of_ms=to_ms(shelf.now.astimezone(SHANGHAI)))
    assert shelf.list(moment, limit=2, offset=1) == whole[1:3]


@given(day=st.dates())
def test_a_date_means_its_first_moment_or_its_last(day):
    first, last = start_of(day.isoformat(), SHANGHAI), end_of(day.isoformat(), SHANGHAI)
    assert first == start_of(f"{day}T00:00:00", SHANGHAI)
    assert last == end_of(f"{day}T23:59:59", SHANGHAI)


def test_the_last_day_of_all_has_an_end():
    assert end_of("9999-12-31", SHANGHAI) == end_of("9999-12-31T23:59:59", SHANGHAI)
