"""The replica portal from its first day to its redesign: every change is told, and no other."""

import time
from collections import Counter, defaultdict
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from support.yange import Yange, told

from archive.catalogue import Catalogue
from crawler.replica.replica import Replica

FIELDS = (
    *("title", "index_number", "document_number", "issuing_agency", "category", "summary"),
    *("written_on", "published_at", "repealed_on", "validity_label", "validity"),
)
IN_LIST = {
    *FIELDS,
    *("portal", "url", "versions", "status", "first_seen", "last_changed", "last_checked"),
}
IN_CHANGES = {
    *("seq", "at", "run", "portal", "index_number", "title", "url", "version"),
    *("kind", "field", "before", "after", "baseline"),
}
HOUSING = "1115990001150073XY/2024-00355"
LIFTS = "1115990001150073XY/2023-00187"
PARKING = "1115990001150073XY/2025-00398"
PRICES = "111599000115006173/2025-00050"


class Course:
    """The replica's life as one archive saw it."""

    def __init__(self, replica, yange):
        self.replica = replica
        self.yange = yange
        self.read = cache(yange.read)  # what is read at the end is read once
        self.runs = {}
        self.changes = {}
        self.listed = {}
        self.verified = {}

    def watch(self, name, mode="sweep"):
        """Crawl, and keep what the archive says afterwards under this name."""
        self.runs[name] = self.yange.crawl(mode=mode)
        self.changes[name] = self.yange.changes_of(self.runs[name])
        with self.yange.catalogue() as catalogue:
            self.listed[name] = list(catalogue.documents())
        self.verified[name] = self.yange.read("verify")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    with Replica() as replica:
        course = Course(replica, Yange(tmp_path_factory.mktemp("epochs"), replica))
        course.watch("published")
        course.watch("again")
        replica.move_to("quiet")
        course.watch("quiet-discover", "discover")
        course.watch("quiet-recheck", "recheck")
        course.watch("quiet")
        replica.move_to("amended")
        course.watch("amended")
        replica.move_to("redesigned")
        course.watch("redesigned")
        yield course


def as_multiset(changes, homes=None):
    """Changes as the replica declares them, without when and under which number.

    Which of a document's copies a crawl meets first is chance, and a version is told of that one:
    `homes` gives for the path of each copy the path of the document's first.
    """

    def path_of(one):
        path = one.get("url_path") or urlsplit(one["url"]).path
        of_a_place = one["kind"] in ("created", "relocated", "collision")
        return path if of_a_place or homes is None else homes.get(path, path)

    return Counter(
        (
            one["index_number"],
            one["title"],
            path_of(one),
            *(one[name] for name in ("kind", "field", "before", "after")),
        )
        for one in changes
    )


def in_any_order_of_places(changes):
    """The same, where it does not matter which of several places a crawl met first.

    A document's first appearance is told as `created` at one place and `relocated` at the others.
    """
    places, rest = defaultdict(list), Counter()
    for one, number in as_multiset(changes).items():
        index, title, path, kind, *_ = one
        if kind in ("created", "relocated"):
            places[index, title].append(path)
        else:
            rest[one] += number
    for subject, paths in places.items():
        rest[*subject, tuple(sorted(paths))] += 1
    return rest


def difference(expected, actual):
    """Two multisets' difference, for people."""
    missing = "\n".join(f"  missing {one}" for one in (expected - actual).elements())
    surplus = "\n".join(f"  surplus {one}" for one in (actual - expected).elements())
    return f"\n{missing}\n{surplus}"


# --- the first day ------------------------------------------------------------------------------


def test_the_first_sweep_tells_every_document_as_baseline(course):
    """R8."""
    changes = course.changes["published"]
    expected = course.replica.expected_changes("published")
    assert in_any_order_of_places(changes) == in_any_order_of_places(expected), difference(
        in_any_order_of_places(expected), in_any_order_of_places(changes)
    )
    assert Counter(one["kind"] for one in changes) == Counter(one["kind"] for one in expected)
    assert all(one["baseline"] for one in changes)
    assert [one["seq"] for one in changes] == list(range(1, len(changes) + 1))


def test_list_gives_every_document_with_all_its_fields(course):
    expected = course.replica.expected_documents("published")
    listed = course.listed["published"]

    def stated(documents):
        return Counter(tuple(one[name] for name in FIELDS) for one in documents)

    assert stated(listed) == stated(expected), difference(stated(expected), stated(listed))
    urls = {(one["index_number"], one["title"]): one["urls"] for one in expected}
    for one in listed:
        assert one["url"] in urls[one["index_number"], one["title"]]
        assert (one["versions"], one["status"]) == (1, "current")


def test_texts_and_attachments_are_those_of_the_documents(course):
    expected = course.replica.expected_documents("published")
    with Catalogue.open(course.yange.archive, ZoneInfo("Asia/Shanghai")) as catalogue:
        for document in expected:
            shown = catalogue.show(document["urls"][0], version=1)
            assert shown["text"] == document["text"]
            assert [one["name"] for one in shown["attachments"]] == document["attachments"]
            assert all(one["sha256"] and one["bytes"] for one in shown["attachments"])


# --- days on which nothing happens ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["again", "quiet-discover", "quiet-recheck", "quiet"])
def test_nothing_is_told_when_no_document_changed(course, name):
    """R6: counters, neighbours, stamps and lists are no document."""
    run = course.runs[name]
    assert course.changes[name] == []
    assert (run["outcome"], run["problems"]) == ("finished", [])
    assert (run["created"], run["changed"], run["blocked"], run["failed"]) == (0, 0, 0, 0)


def test_every_document_was_looked_at_again(course):
    first = course.runs["published"]
    assert course.runs["again"]["unchanged"] == course.runs["quiet"]["unchanged"]
    assert course.runs["quiet"]["unchanged"] == first["created"] + sum(
        one["kind"] == "relocated" for one in course.changes["published"]
    )


# --- the busy day -------------------------------------------------------------------------------


def test_the_busy_day_is_told_whole(course):
    homes = {
        urlsplit(url).path: urlsplit(document["urls"][0]).path
        for document in course.replica.expected_documents("amended")
        for url in document["urls"]
    }
    expected = as_multiset(course.replica.expected_changes("amended"), homes)
    actual = as_multiset(course.changes["amended"], homes)
    assert actual == expected, difference(expected, actual)
    assert not any(one["baseline"] for one in course.changes["amended"])


def test_the_busy_days_documents_are_listed_as_they_are_now(course):
    expected = course.replica.expected_documents("amended")
    listed = {(one["index_number"], one["title"]): one for one in course.listed["amended"]}
    for document in expected:
        row = listed.pop((document["index_number"], document["title"]))
        assert {name: row[name] for name in FIELDS} == {name: document[name] for name in FIELDS}
    [removed] = listed.values()  # gone once says nothing yet (R9)
    assert (removed["title"], removed["status"]) == ("关于发放2025年迎春消费券的公告", "current")


def test_a_number_filled_in_makes_a_version_and_both_numbers_find_it(course):
    """R4."""
    before, after = "/2024-00519", "1115990001150073XY/2024-00519"
    assert course.read("history", before) == course.read("history", after)
    assert set(course.read("history", after)["numbers"]) == {before, after}


# --- the redesign ---------------------------------------------------------------------------------


def test_a_redesign_changes_no_document(course):
    """R6; R9: what was gone on the day before and still is has been withdrawn."""
    expected = as_multiset(course.replica.expected_changes("redesigned"))
    actual = as_multiset(course.changes["redesigned"])
    assert actual == expected, difference(expected, actual)
    assert course.runs["redesigned"]["withdrawn"] == 1
    statuses = Counter(one["status"] for one in course.listed["redesigned"])
    assert statuses["withdrawn"] == 1


# --- what the reading commands make of it ---------------------------------------------------------


def test_diff_marks_the_very_character(course):
    [replaced] = [line for line in course.read("diff", HOUSING)["text"] if line["op"] != "equal"]
    assert replaced["op"] == "replace"
    assert [(span["before"], span["after"]) for span in changed_spans(replaced)] == [("5", "3")]
    assert joined(replaced, "before") == "第六条 本办法自2024年9月1日起施行，有效期5年。"
    assert joined(replaced, "after") == "第六条 本办法自2024年9月1日起施行，有效期3年。"


def test_diff_gives_both_fields_of_a_repeal(course):
    compared = course.read("diff", LIFTS)
    assert compared["fields"] == [
        {"field": "repealed_on", "before": None, "after": "2025-06-12"},
        {"field": "validity_label", "before": "有效", "after": "废止"},
    ]
    assert {line["op"] for line in compared["text"]} == {"equal"}
    assert course.read("show", LIFTS)["validity"] == "repealed"
    assert course.read("show", LIFTS, "--version", "1")["validity"] == "valid"


def test_diff_tells_a_paragraph_that_went_from_one_that_came(course):
    changed = [line for line in course.read("diff", PARKING)["text"] if line["op"] != "equal"]
    assert Counter((line["op"], line["before"], line["after"]) for line in changed) == Counter(
        [
            ("delete", "道路临时泊位夜间二十二时至次日七时免费停放。", None),
            ("insert", None, "医院、学校周边应当设置不超过十五分钟的限时免费泊位。"),
        ]
    )


def test_diff_of_a_table_shows_the_row_and_in_it_the_characters(course):
    [row] = [line for line in course.read("diff", PRICES)["text"] if line["op"] != "equal"]
    assert row["before"] == "牛肉\t剔骨\t62.00\t62.00\t0.0%"
    assert row["after"] == "牛肉\t剔骨\t62.60\t62.00\t1.0%"
    assert [(span["before"], span["after"]) for span in changed_spans(row)] == [
        ("0", "6"),
        ("0", "1"),
    ]


def changed_spans(line):
    return [span for span in line["spans"] if span["op"] != "equal"]


def joined(line, side):
    return "".join(span[side] for span in line["spans"])


def test_a_document_is_shown_as_it_stood_on_a_day(course):
    # Crawls lie between the two versions, and so a second does.
    before = course.read("show", HOUSING, "--version", "1")["captured_at"]
    shown = course.read("show", HOUSING, "--as-of", before)
    assert shown["version"] == 1
    assert "有效期5年" in shown["text"]
    # What the archive knew of the document is of then as well.
    assert shown["versions"] == 1
    first = course.read("show", HOUSING, "--version", "1")
    differing = {name for name in shown if shown[name] != first[name]}
    assert differing == {"versions", "last_changed", "last_checked"}
    today = course.read("show", HOUSING)
    assert (today["version"], today["versions"]) == (2, 2)
    assert "有效期3年" in today["text"]
    assert course.read("show", HOUSING, "--as-of", today["captured_at"][:10])["version"] == 2
    course.yange.run("show", HOUSING, "--as-of", "2001-01-01", status=1)
    course.yange.run("show", HOUSING, "--version", "3", status=1)


def test_a_version_is_confirmed_by_the_last_capture_that_saw_it(course):
    old, new = (course.read("show", HOUSING, "--version", number) for number in (1, 2))
    assert old["confirmed_at"] >= course.runs["quiet"]["started_at"]
    assert old["confirmed_at"] <= course.runs["quiet"]["finished_at"]
    assert new["confirmed_at"] >= course.runs["redesigned"]["started_at"]


def test_history_has_both_versions_and_what_came_between(course):
    history = course.read("history", HOUSING)
    assert [one["version"] for one in history["versions"]] == [1, 2]
    assert [one["changes"] for one in history["versions"]] == [["created"], ["content"]]
    assert [one["kind"] for one in history["changes"]] == ["created", "content"]
    digests = [
        course.read("show", HOUSING, "--version", number)["content_sha256"] for number in (1, 2)
    ]
    assert [one["content_sha256"] for one in history["versions"]] == digests
    assert len(set(digests)) == 2


def test_documents_that_share_a_number_are_told_apart_by_their_addresses(course):
    """R3."""
    number = "111599000115006173/2025-00022"
    ambiguous = course.yange.run("show", number, status=1)
    collided = [one for one in course.listed["redesigned"] if one["index_number"] == number]
    assert len(collided) == 2
    for one in collided:
        assert one["url"] in ambiguous.err
        assert course.read("show", one["url"])["title"] == one["title"]


@pytest.mark.parametrize(
    "name",
    [
        *("published", "again", "quiet-discover", "quiet-recheck", "quiet"),
        *("amended", "redesigned"),
    ],
)
def test_the_archive_verifies_at_every_stage(course, name):
    """R17."""
    verified = course.verified[name]
    assert (verified["ok"], verified["problems"]) == (True, [])
    assert verified["documents"] == len(course.listed[name])


# --- the agreed shape of the JSON -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["list"], IN_LIST),
        (
            ["show", HOUSING],
            IN_LIST
            | {"version", "captured_at", "confirmed_at", "text", "content_sha256", "attachments"},
        ),
        (["history", HOUSING], {"index_number", "numbers", "locations", "versions", "changes"}),
        (["changes"], IN_CHANGES),
        (
            ["diff", HOUSING],
            {"index_number", "from", "to", "fields", "attachments", "attachment_texts", "text"},
        ),
        (
            ["runs"],
            {
                *("id", "portal", "mode", "job", "slot", "started_at", "finished_at", "outcome"),
                *("requests", "pages", "created", "changed", "unchanged", "withdrawn", "gone"),
                *("blocked", "failed", "bytes", "problems", "stopped"),
                *("ledger_length", "ledger_head", "seal"),
            },
        ),
        (
            ["verify"],
            {
                *("ok", "since", "documents", "versions", "bodies"),
                *("ledger_length", "ledger_head", "seal", "problems"),
            },
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_reading_commands_print_the_agreed_keys_and_nothing_else(course, arguments, keys):
    answer = course.read(*arguments)
    rows = answer if isinstance(answer, list) else [answer]
    assert rows
    for row in rows:
        assert set(row) == keys


def test_the_inner_shapes_are_the_agreed_ones(course):
    history = course.read("history", HOUSING)
    for one in history["locations"]:
        assert set(one) == {"url", "status", "first_seen", "last_seen"}
    for one in history["versions"]:
        assert set(one) == {
            *("version", "captured_at", "url", "content_sha256", "validity", "changes")
        }
    for one in history["changes"]:
        assert set(one) == IN_CHANGES
    compared = course.read("diff", "111599000115010468/2025-00039")
    for one in compared["attachments"]:
        assert set(one) == {"op", "name", "before", "after"}
    for one in course.read("diff", LIFTS)["fields"]:
        assert set(one) == {"field", "before", "after"}
    for line in course.read("diff", HOUSING)["text"]:
        assert set(line) - {"spans"} == {"op", "before", "after"}
        assert ("spans" in line) == (line["op"] == "replace")
    for one in course.read("show", "111599000115010468/2025-00039")["attachments"]:
        assert set(one) == {"name", "url", "media_type", "bytes", "sha256", "text"}


def test_runs_lists_them_all_newest_first(course):
    assert course.read("runs") == list(reversed(course.runs.values()))


def test_status_counts_what_the_archive_holds(course):
    status = course.read("status")
    assert {"daemon", "jobs", "documents", "versions"} <= set(status)
    verified = course.verified["redesigned"]
    assert status["documents"] == verified["documents"]
    assert status["versions"] == verified["versions"]


def test_every_time_has_an_offset(course):
    row = course.read("list")[0]
    for name in ("first_seen", "last_changed", "last_checked"):
        assert time.strptime(row[name], "%Y-%m-%dT%H:%M:%S%z")
        assert row[name].endswith("+08:00")


def test_filters_of_changes_narrow_the_ledger(course):
    renumbered = course.read("changes", "--kind", "renumbered")
    assert told(renumbered) == [
        (
            "renumbered",
            "index_number",
            "/2024-00519",
            "1115990001150073XY/2024-00519",
        )
    ]
    amended = course.changes["amended"]
    # The ledger is in the order of recording; pages that were asked for at once can be recorded
    # in another order than they came in.
    since = course.read("changes", "--since", min(one["at"] for one in amended))
    assert [one["seq"] for one in since][-len(amended) - 1 :] == [
        one["seq"] for one in [*amended, *course.changes["redesigned"]]
    ]
