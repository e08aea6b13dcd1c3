"""Finding documents by their words: nothing that is there is missed, nothing else is found."""

import json
import sqlite3
import unicodedata
from contextlib import closing
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.law import LawShelf
from support.shelf import SHANGHAI, Shelf
from support.site import File, Record, Town
from support.yange import FAILED, MISUSED, Yange

from archive.search.folding import composed, fold, offsets, units
from archive.search.matching import Matcher
from archive.search.query import NothingToSearchError, Query, parse
from archive.search.terms import FORMER, terms_of
from archive.selection import Selection
from archive.when import end_of

# The words of a text by another way than the program's: character by character, of this alphabet.

ALPHABET = "乌海市发文，。〔〕()－- \n\t12１ＡaBéß《“\u200b"
VALUES = st.text(ALPHABET, max_size=14)
ANYTHING = st.text(max_size=60) | st.text("\"“”-－'()*:^{}+\0乌a1 😀\ud800\\,.%_", max_size=30)
_SAME = {"〔": "(", "〕": ")", "《": "(", "“": '"', "－": "-", "１": "1", "Ａ": "a", "a": "a"}


def naive_units(text):
    """A text as units, each character looked at in turn."""
    found, last = [], None
    for character in unicodedata.normalize("NFC", text):
        if character == "\u200b":
            continue
        if character.isspace():
            last = None
            continue
        plain = _SAME.get(character) or unicodedata.normalize("NFKD", character).casefold()
        kind = "digit" if plain in "12" else "letter" if plain[0] in "abes" else None
        if kind is not None and kind == last:
            found[-1] += plain
        else:
            found.append(plain)
        last = kind
    return found


def stands_in(word, text):
    """Whether the units of a word follow one another somewhere among those of a text."""
    wanted, there = naive_units(word), naive_units(text)
    return any(there[i : i + len(wanted)] == wanted for i in range(len(there) - len(wanted) + 1))


@given(st.text(ALPHABET))
def test_a_text_has_these_units(text):
    assert units(fold(text)) == naive_units(text)


@given(st.text())
def test_the_folded_spelling_is_settled_and_every_character_has_its_place(text):
    folded = fold(text)
    assert fold(folded) == folded
    starts = offsets(text)
    assert len(starts) == len(composed(text)) + 1
    assert starts[-1] == len(folded)
    folded.encode()


@given(VALUES, VALUES, VALUES)
@example("乌海", "乌，海", "")
@example("1", "12", "")
@example("a b", "ab", "")
@example("乌海市 发", "乌\n海 市《发", "")
@example("1乌1", "11乌1乌1", "a")
@example("a b", "a b aB", "a ba b")
def test_words_stand_where_they_do_and_nowhere_else(word, title, text):
    wanted = tuple(units(fold(word)))
    if not wanted:
        return
    found = Matcher(Query((wanted,))).match([("title", title), ("text", text)])
    where = {name for name, value in (("title", title), ("text", text)) if stands_in(word, value)}
    assert {hit.field for hit in found.hits} == where if found else not where
    if found:
        assert found.rank == (0 if "title" in where else 2)
        for hit in found.hits:
            for start, end in hit.spans:
                assert naive_units(hit.context[start:end]) == naive_units(word)
        assert terms_of([word]) <= terms_of([title]) or terms_of([word]) <= terms_of([text])


# What a person types -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words", "without"),
    [
        ("GB 32100", ["gb", "32100"], []),
        ('"GB 32100" 标准', ["gb 32100", "标 准"], []),
        ("“乌海 市”－废止", ["乌 海 市"], ["废 止"]),
        ("＂乌海", ["乌 海"], []),
        ('规划 -"十四 五"', ["规 划"], ["十 四 五"]),
        ("2024年", ["2024 年"], []),
        ("乌海政发【2025】14号", ["乌 海 政 发 ( 2025 ) 14 号"], []),
        ("ＰＤＦ - 办法", ["pdf", "-", "办 法"], []),
    ],
)
def test_words_phrases_and_what_must_not_be_there(typed, words, without):
    query = parse(typed)
    assert [" ".join(word) for word in query.words] == words
    assert [" ".join(word) for word in query.without] == without


# An archive of random documents ------------------------------------------------------------------

DOCUMENT = st.fixed_dictionaries(
    {"title": VALUES.filter(str.strip), "text": VALUES},
    optional={
        "document_number": VALUES.filter(str.strip),
        "issuing_agency": VALUES.filter(str.strip),
        "files": st.lists(st.text("乌海a1", min_size=1, max_size=4), max_size=2, unique=True),
    },
)
COURSES = st.lists(st.lists(DOCUMENT, min_size=1, max_size=3), min_size=1, max_size=6)
# A quotation mark would end the phrase.
WANTED = st.text(ALPHABET.replace("“", ""), max_size=4).filter(naive_units)
SEARCHES = st.tuples(st.lists(WANTED, min_size=1, max_size=2), st.lists(WANTED, max_size=1))


NUMBERS = {"document_number", "index_number"}
FIELDS = ("title", "document_number", "index_number", "issuing_agency", "summary", "text")


def naive_rank(shown, words, without):
    """0 to 2 as words stand in a version, None unless all do and no other."""
    values = [(name, shown[name]) for name in FIELDS if shown[name]]
    values += [("attachments", one["name"]) for one in shown["attachments"]]
    if any(stands_in(word, value) for word in without for _, value in values):
        return None
    places = [{name for name, value in values if stands_in(word, value)} for word in words]
    if not all(places):
        return None
    return next(
        (rank for rank, best in enumerate([{"title"}, {"title", *NUMBERS}])
         if all(names & best for names in places)), 2
    )  # fmt: skip


def naive_search(catalogue, rows, words, without, *, as_of_ms=None, in_all_versions=False):
    """The documents and versions in which words stand, by rank, then as they are listed."""
    found = []
    for row in rows:
        standing = catalogue.show(row["url"], as_of_ms=as_of_ms)["version"]
        oldest = 1 if in_all_versions else standing
        for number in range(standing, oldest - 1, -1):
            rank = naive_rank(catalogue.show(row["url"], version=number), words, without)
            if rank is not None:
                found.append((rank, row["url"], number))
                break
    return [(url, number) for _, url, number in sorted(found, key=lambda one: one[0])]


@settings(max_examples=40, deadline=None)
@given(COURSES, st.lists(SEARCHES, min_size=1, max_size=8), st.booleans())
def test_a_search_finds_what_a_look_at_every_version_finds(courses, searches, caught_up):
    """With the index caught up, or reaching half way; now, at moments before, and of all times."""
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "archive.db")
        moments = [None]
        for turn in range(max(map(len, courses))):
            pages = {
                f"d{place}": {**course[turn], "index_number": "甲乙丙丁戊己"[place]}
                for place, course in enumerate(courses)
                if turn < len(course)
            }
            shelf.put(pages)
            moments.append(end_of(shelf.now.isoformat(), SHANGHAI))
            if caught_up or turn == 0:
                shelf.index()
        with shelf.catalogue() as catalogue:
            assert bool(catalogue.unindexed()) <= (not caught_up)
            for moment in moments:
                selection = Selection(as_of_ms=moment)
                rows = list(catalogue.documents(selection))
                for (words, without), of_all in product(searches, (False, True)):
                    typed = [*(f'"{one}"' for one in words), *(f'-"{one}"' for one in without)]
                    found = catalogue.search(" ".join(typed), selection, in_all_versions=of_all)
                    assert [(one.row["url"], one.row["version"]) for one in found] == naive_search(
                        catalogue, rows, words, without, as_of_ms=moment, in_all_versions=of_all
                    ), typed


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Some documents with a past; the index knows all but the last run."""
    shelf = Shelf(tmp_path_factory.mktemp("search") / "archive.db")
    rules = {"title": "夜市管理办法", "document_number": "乌海政发〔2025〕14号"}
    shelf.put(
        {
            "rules": {**rules, "text": "第一条 依据GB 32100制定。\n夜市二十二时收市。"},
            "plan": {"title": "供暖规划", "text": "见乌海政发(2025)14 号。\n共2024户。"},
            "notice": {"title": "停水通知", "text": "供暖\n规划另行公布", "files": ["名册.PDF"]},
        }
    )
    shelf.put({"rules": {**rules, "text": "第一条 依据GB 32100制定。\n夜市二十四时收市。"}})
    shelf.index()
    shelf.put({"notice": None, "late": {"title": "供暖补充通知", "text": "另行公布"}})
    shelf.put({"notice": None})
    return shelf


def titles(results):
    return [one["title"] for one in results]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("乌海政发【２０２５】14号", ["夜市管理办法", "供暖规划"]),
        ("gb32100", ["夜市管理办法"]),
        ("供暖规划", ["供暖规划", "停水通知"]),
        ("供暖 -规划", ["供暖补充通知"]),
        ("市", ["夜市管理办法"]),
        ("pdf 停水", ["停水通知"]),
        ("02", []),
        ("二十二时", []),
        ("😀", []),
    ],
)
def test_what_is_found(shelf, typed, found):
    assert titles(shelf.search(typed)) == found


def test_a_former_version_is_found_when_asked_for(shelf):
    [found] = shelf.search("二十二时", in_all_versions=True)
    assert (found["title"], found["version"], found["versions"]) == ("夜市管理办法", 1, 2)
    assert found["hits"] == [
        {"field": "text", "context": "第一条 依据GB 32100制定。 夜市二十二时收市。"}
    ]
    [now] = shelf.search("二十四时", in_all_versions=True)
    assert now["version"] == 2
    assert shelf.search("二十二时 二十四时", in_all_versions=True) == []


def test_filters_are_about_what_is_found(shelf):
    assert titles(shelf.search("供暖", Selection(status="withdrawn"))) == ["停水通知"]
    assert shelf.search("供暖", Selection(portal="elsewhere")) == []


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
@example("a" * 10_000)
@example("乌 " * 5_000)
@example('"' + "乌海1a" * 2_500)
def test_nothing_that_is_typed_is_an_error(shelf, text):
    try:
        shelf.search(text)
    except NothingToSearchError as error:
        assert error.exit_status == MISUSED


# The index ---------------------------------------------------------------------------------------


def everything(shelf):
    """What some searches answer, all there is in it."""
    typed = ["供暖", "市", "二十二时", "通知", "1", "公布 -供暖"]
    return [shelf.search(one, in_all_versions=in_all) for one in typed for in_all in (False, True)]


def test_the_index_makes_no_difference_and_can_be_made_again(shelf, tmp_path):
    answers = everything(shelf)
    assert sum(map(len, answers)) > 8
    copy = Shelf(tmp_path / "archive.db")
    with closing(sqlite3.connect(shelf.path)) as from_, closing(sqlite3.connect(copy.path)) as to:
        from_.backup(to)
    with copy.archive() as archive, copy.catalogue() as catalogue:
        assert catalogue.unindexed() == 1
        archive.throw_away_index()
        assert catalogue.unindexed() == 5
        assert everything(copy) == answers
        archive.catch_up_index()
        assert catalogue.unindexed() == 0
    assert everything(copy) == answers
    # An index by other rules than the present ones is not asked, and is made anew.
    with closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute("UPDATE search_state SET format = 'older'")
        connection.execute("INSERT INTO search_terms (search_terms) VALUES ('delete-all')")
    assert everything(copy) == answers
    copy.index()
    assert everything(copy) == answers
    with copy.catalogue() as catalogue:
        assert catalogue.unindexed() == 0


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_state",
        "UPDATE search_state SET version_id = 10000",
        "UPDATE search_state SET version_id = 1, document_id = 3, towards = 2",
        "DROP TABLE search_state",
        "DROP TABLE search_terms",
        "UPDATE search_terms_data SET block = x'00'",
    ],
)
def test_an_index_is_made_anew_whatever_became_of_it(shelf, tmp_path, damage):
    answers = everything(shelf)
    copy = Shelf(tmp_path / "archive.db")
    with closing(sqlite3.connect(shelf.path)) as from_, closing(sqlite3.connect(copy.path)) as to:
        from_.backup(to)
    copy.index()
    with closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute(damage)
    with copy.archive() as archive:
        archive.throw_away_index()
    copy.index()
    assert everything(copy) == answers
    with copy.catalogue() as catalogue:
        assert catalogue.unindexed() == 0
        assert catalogue.verify(copy, lambda *_: None).problems == ()


@pytest.mark.parametrize(
    "damage", ["DELETE FROM search_state", "UPDATE search_state SET version_id = 10000"]
)
def test_an_index_that_cannot_be_right_is_not_believed(shelf, tmp_path, damage):
    answers = everything(shelf)
    copy = Shelf(tmp_path / "archive.db")
    with closing(sqlite3.connect(shelf.path)) as from_, closing(sqlite3.connect(copy.path)) as to:
        from_.backup(to)
    with closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute(damage)
        connection.execute("INSERT INTO search_terms (search_terms) VALUES ('delete-all')")
    assert everything(copy) == answers
    copy.index()
    assert everything(copy) == answers


class _StoppedError(Exception):
    pass


def test_indexing_goes_on_where_it_was_stopped_and_what_came_meanwhile_is_found(tmp_path):
    """A crawl records while an index is made, and whoever makes it is killed."""
    shelf = Shelf(tmp_path / "archive.db")
    for text in ("甲乙", "丙丁"):
        shelf.put({f"{n:02}": {"title": f"通知{n}", "text": f"{text}{n}"} for n in range(50)})

    def stop(done, total):
        if done > total // 2:
            raise _StoppedError

    with shelf.archive() as archive, pytest.raises(_StoppedError):
        archive.catch_up_index(stop)
    shelf.put({f"{n:02}": {"title": f"通知{n}", "text": f"戊己{n}"} for n in (0, 49)})
    for _ in range(2):
        assert len(shelf.search("丙丁")) == 48
        assert len(shelf.search("丙丁", in_all_versions=True)) == 50
        assert len(shelf.search("戊己")) == 2
        assert shelf.search("甲乙") == []
        shelf.index()
    with shelf.catalogue() as catalogue:
        assert catalogue.unindexed() == 0


def test_what_the_index_held_of_a_former_state_is_gone_from_it(tmp_path):
    shelf = Shelf(tmp_path / "archive.db")
    for text in ("甲乙", "丙丁", "甲乙", "戊己"):
        shelf.put({"a": {"index_number": "115000/2025-1", "text": text}})
        shelf.index()
    with closing(sqlite3.connect(shelf.path)) as connection:
        rows = {
            term: connection.execute(
                "SELECT count(*) FROM search_terms WHERE search_terms MATCH ?", (f'"{term}"',)
            ).fetchone()[0]
            for term in ("甲乙", "丙丁", "戊己", f"{FORMER}甲乙", f"{FORMER}戊己")
        }
    assert rows == {"甲乙": 0, "丙丁": 0, "戊己": 1, f"{FORMER}甲乙": 1, f"{FORMER}戊己": 0}


def test_an_archive_that_cannot_be_written_is_searched_all_the_same(tmp_path):
    """And the command catches up one that can: crawls leave the index to whoever has the time."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        file = File(name="危房名册.xlsx", href="/files/a.xlsx")
        town.answer("/files/a.xlsx", b"PK")
        rules = Record(title="夜市经营办法", body=("第一条 夜间的市场。", file))
        town.publish(rules, "/gk/1/index.html")
        town.publish(Record(title="停水通知", validity="废止"), "/gk/2/index.html")
        yange.sweep()
    with yange.catalogue() as catalogue:
        assert catalogue.unindexed() == 2
        assert [one.row["title"] for one in catalogue.search("危房")] == ["夜市经营办法"]
    [found] = yange.read("search", "名册", "夜 经 营", "-废止")
    assert {one["field"] for one in found["hits"]} == {"title", "text", "attachments"}
    with yange.catalogue() as catalogue:
        assert catalogue.unindexed() == 0
    shown = yange.run("search", "办法", "--limit", "1", "--validity", "valid").out
    assert "夜市经营办法" in shown
    assert "nothing found" in yange.run("search", "办法", "--as-of", "2020-01-01").out
    assert "more than these 1" in yange.run("search", "第一条", "--limit", "1").err
    assert "no word" in yange.run("search", '"', status=MISUSED).err
    assert "2 versions indexed" in yange.run("reindex").out
    [row] = yange.list("--as-of", "2099-01-01", "--validity", "repealed", "--limit", "1")
    assert row["title"] == "停水通知"
    changes = yange.changes("--index", found["url"], "--until", "2099-01-01", "--limit", "1")
    assert [one["url"] for one in changes] == [found["url"]]
    assert yange.changes("--field", "category") == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_terms_data",
        "DELETE FROM search_terms_config",
        "UPDATE search_titles_config SET v = 99",
        "DROP TABLE search_terms_data",
        "DROP TABLE search_titles_config",
        "DROP TABLE search_files_data",
        "DROP TABLE search_titles",
        "DROP TABLE search_state",
        "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'search_terms'",
    ],
)
def test_reindex_makes_the_index_anew_whatever_has_become_of_it(tmp_path, damage):
    shelf = LawShelf(tmp_path / "archive.db")
    shelf.put({"a": {"title": "夜市经营办法", "text": "第一条 夜间经营的管理。"}})
    yange = shelf.yange(tmp_path)
    before = yange.read("search", "夜间")
    assert [one["title"] for one in before] == ["夜市经营办法"]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.executescript(damage)
    told = yange.run("search", "夜间", status=FAILED).err
    assert "yange reindex" in told
    assert "backup" not in told
    problems = json.loads(yange.run("verify", "--json", status=FAILED).out)["problems"]
    assert len(problems) == 1
    assert "search_" in str(problems[0])
    yange.run("reindex")
    assert yange.read("search", "夜间") == before
    assert yange.read("verify")["problems"] == []
