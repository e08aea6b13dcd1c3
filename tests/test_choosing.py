"""Lists as of a moment: whichever way documents are looked up, they are the same, in one order."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.shelf import Shelf

from archive.choosing import chosen
from archive.database import open_for_reading
from archive.selection import Order, Selection

PUBLISHED = (
    None,
    "2024-02-29T00:00:00+08:00",
    "2026-02-28T09:00:00+08:00",
    "2026-02-28T09:00:00+08:00",
    # While the pages are captured, which is on the first of March in the evening.
    "2026-03-01T20:05:00+08:00",
    "2026-03-02T20:05:00+00:00",
    # A portal may date into the future, or not know how to.
    "2026-03-20T00:00:00+08:00",
    "2031-01-01T00:00:00+08:00",
)
PAGES = st.tuples(
    st.integers(0, 7),
    st.none()
    | st.fixed_dictionaries(
        {
            "published_at": st.sampled_from(PUBLISHED),
            "issuing_agency": st.sampled_from(["市教育局", "市民政局"]),
            "validity": st.sampled_from(["valid", "repealed"]),
        }
    ),
)
RUNS = st.lists(
    st.tuples(st.sampled_from(["town", "village"]), st.lists(PAGES, max_size=8)),
    min_size=1,
    max_size=6,
)
PLANS = {
    "each document is looked at": {"few": 10**6},
    "versions are walked": {"few": 0},
    "versions are walked, and not far": {"few": 0, "far": 2},
}


@settings(max_examples=25, deadline=None)
@given(runs=RUNS)
def test_every_way_of_looking_documents_up_finds_the_same_in_one_order(runs):
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder, "a.db"))
        for portal, pages in runs:
            with shelf.run(portal) as run:
                for place, stated in pages:
                    name = f"{portal}/{place}"
                    run.see(name, stated and {"title": f"关于{name}的通知", **stated})
        connection = open_for_reading(shelf.path)
        moments = [row[0] for row in connection.execute("SELECT DISTINCT at_ms FROM captures")]
        for at_ms in (0, *moments, 253_402_300_799_999):
            for filters in (
                {},
                {"portal": "village"},
                {"validity": "valid"},
                {"portal": "town", "agency": "教育", "published_from": "2026-01-01"},
                {"status": "withdrawn"},
            ):
                selection = Selection(as_of_ms=at_ms, **filters)
                for order in Order:
                    query, values = selection.select(order)
                    expected = connection.execute(query, values).fetchall()
                    for name, plan in PLANS.items():
                        found = list(chosen(connection, selection, order, **plan))
                        assert found == expected, (name, at_ms, filters, order)
        connection.close()


def test_a_page_of_a_list_of_a_moment_goes_on_where_the_one_before_ended(tmp_path):
    shelf = Shelf(tmp_path / "a.db")
    shelf.put({f"{n}": {"title": f"通知{n}", "published_at": PUBLISHED[n % 8]} for n in range(20)})
    then = int(shelf.now.timestamp() * 1000)
    shelf.put({f"{n}": {"title": f"通知{n}", "text": "修订"} for n in range(20)})
    whole = [row["url"] for row in shelf.list(Selection(as_of_ms=then))]
    assert len(whole) == 20
    pages = [
        row["url"]
        for offset in range(0, 25, 5)
        for row in shelf.list(Selection(as_of_ms=then), limit=5, offset=offset)
    ]
    assert pages == whole
