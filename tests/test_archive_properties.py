"""What holds of the archive's judgements whatever a portal publishes."""

import json
import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import HealthCheck, assume, example, settings
from hypothesis import strategies as st

from archive.canonical import canonical_json, digest
from archive.comparison import (
    Attachment,
    Kind,
    State,
    compare,
    not_yet_known,
    same_document_state,
    with_known_bytes,
)
from archive.diff import diff_characters, diff_texts
from archive.fields import FIELD_NAMES, Fields, Validity
from archive.identity import (
    FurtherLocation,
    Known,
    NewDocument,
    Page,
    SameDocument,
    Suspect,
    identify,
    pages_agree,
)
from archive.likeness import texts_alike, titles_agree
from archive.locations import NotALocationError, host_of, location_key
from archive.numbers import completes, is_complete, normalise_index_number, parts_of
from archive.places import pack_attachments, unpack_attachments
from archive.reading import LinkedFile, Nature, Reading
from archive.readings import pack, unpack
from archive.whitespace import line_key, text_key, without_space

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def given(*strategies):
    """Hypothesis's own, but that nothing fails for being slow."""
    return lambda test: UNHURRIED(hypothesis.given(*strategies)(test))


# Whatever can stand in a page, once decoded: half a surrogate pair cannot.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = st.text("第一二三条办法通知 　\t、。0123456789五5", max_size=12)
TEXTS = st.lists(WORDS | TEXT, max_size=8).map("\n".join)
SPACES = st.text(" \u3000\u00a0\r\x0b", min_size=1, max_size=3)


def spaced(text, space, *, between):
    """The text with white space strewn in."""
    return space + between.join(text) + space


# Index numbers (R1) ------------------------------------------------------------------------------


@given(TEXT)
@example("ŉ/2024-1")
@example("ﬀ／２０２４－００１")
@example("E¯/2024-1")
def test_r1_a_normal_number_is_its_own_normal_form(raw):
    number = normalise_index_number(raw)
    if number is None:
        return
    assert normalise_index_number(number) == number
    assert unicodedata.is_normalized("NFKC", number)
    assert number == number.upper()
    assert "//" not in number
    assert not re.search(r"\s", number)


NUMBERS = st.from_regex(r"[0-9A-Z]{0,18}/(19|20)[0-9]{2}-[0-9]{1,6}", fullmatch=True)


def full_width(text):
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


@given(NUMBERS, SPACES)
def test_r1_ways_of_writing_a_number_are_one(number, space):
    assert normalise_index_number(number) == number
    assert normalise_index_number(number.lower()) == number
    assert normalise_index_number(full_width(number)) == number
    assert normalise_index_number(spaced(number, space, between=space)) == number
    assert normalise_index_number(number.replace("/", "／/")) == number


@pytest.mark.parametrize("nothing", ["", " ", "无", " 无　", "/", "／", "//"])
def test_r1_nothing_is_no_number(nothing):
    assert normalise_index_number(nothing) is None


@given(NUMBERS)
def test_r2_a_number_is_complete_when_it_names_its_organisation(number):
    organisation, serial = number.split("/")
    assert parts_of(number) == (organisation, serial)
    assert is_complete(number) is bool(organisation)
    assert completes(number, f"/{serial}") is bool(organisation)
    assert not completes(f"/{serial}", number)


# Locations (R5) ----------------------------------------------------------------------------------

HOSTS = st.from_regex(r"[a-z]([a-z0-9]{0,5}[a-z0-9])?(\.[a-z]{2,5}){1,2}", fullmatch=True)
SEGMENTS = st.lists(
    st.sampled_from(
        ["", ".", "..", "zwgk", "政策", "t1.html", "%E6%94%BF", "%7e~", "a b", "A", ";x"]
    )
    | st.text("abc./%?#&=+中 ", max_size=5).map(lambda text: re.sub(r"[/?#]", "", text)),
    max_size=5,
)
QUERIES = st.lists(st.tuples(st.sampled_from("ab中"), st.sampled_from(["", "1", "2 3", "%20"])))


@st.composite
def addresses(draw):
    """A place in four parts: host, path, query, fragment."""
    path = "/" + "/".join(draw(SEGMENTS))
    query = "&".join(f"{name}={value}" for name, value in draw(QUERIES))
    return draw(HOSTS), path, f"?{query}" if query else "", draw(st.sampled_from(["", "#", "#顶"]))


@given(addresses())
def test_r5_a_locations_key_is_its_own_key(address):
    host, path, query, fragment = address
    key = location_key(f"http://{host}{path}{query}{fragment}")
    assert key.startswith(f"//{host}/")
    assert location_key(f"http:{key}") == location_key(f"https:{key}") == key
    assert host_of(key) == host_of(f"https:{key}") == host


@given(addresses())
def test_r5_spellings_of_an_address_are_one(address):
    host, path, query, fragment = address
    key = location_key(f"http://{host}{path}{query}{fragment}")
    for spelling in (
        f"https://{host}{path}{query}{fragment}",
        f"HTTP://{host.upper()}:80{path}{query}",
        f"https://{host}:443{path}{query}#别处",
        f" http://{host}.{path}{query} ",
        f"http://{host}/.{path}{query}",
        f"http://{host}/x/..{path}{query}",
        f"http://user:secret@{host}{path}{query}",
    ):
        assert location_key(spelling) == key
    assert location_key(f"http://{host}:8080{path}{query}") != key


@given(addresses(), QUERIES)
def test_r5_a_static_page_has_no_query_and_elsewhere_its_order_is_nothing(address, pairs):
    host, path, _, _ = address
    page = f"http://{host}{path.rstrip('/')}/t1.html"
    query = "&".join(f"{name}={value}" for name, value in pairs)
    turned = "&".join(f"{name}={value}" for name, value in reversed(pairs))
    assert location_key(f"{page}?{query}") == location_key(page)
    assert location_key(f"{page}.jsp?{query}") == location_key(f"{page}.jsp?{turned}")


TRACKING = st.sampled_from(
    [
        *("utm_source=weibo", "UTM_Id=7", "spm=1.2.3", "gclid=7a", "fbclid", "bd_vid=9"),
        *("from=timeline", "from=singlemessage&isappinstalled=0"),
    ]
)
OF_THE_PAGE = st.sampled_from(["from=2024-01-01", "spmid=7", "id=7", "utm=7", "hm=1", "source=utm"])


@given(addresses(), TRACKING, OF_THE_PAGE)
def test_r5_where_a_visitor_came_from_is_no_part_of_a_location(address, tracking, own):
    """R5: well-known parameters only; whatever might be the page's own counts."""
    host, path, _, _ = address
    page = f"http://{host}{path.rstrip('/')}/view.jsp"
    key = location_key(f"{page}?{own}")
    assert location_key(f"{page}?{tracking}") == location_key(page) != key
    assert location_key(f"{page}?{tracking}&{own}") == location_key(f"{page}?{own}&{tracking}")
    assert location_key(f"{page}?{own}&{tracking}") == key


@given(
    TEXT, st.sampled_from(["", "http://", "https://[", "http://a..b/", "http://h:", "//", "ftp://"])
)
@example("\\", "http://")
def test_r5_whatever_is_no_address_is_said_to_be_none(text, start):
    try:
        key = location_key(start + text)
    except NotALocationError as error:
        assert error.url == (start + text).strip()
    else:
        assert key.startswith("//")
        assert location_key(f"http:{key}") == key


# White space (R6) --------------------------------------------------------------------------------


@given(TEXTS, SPACES)
def test_r6_texts_that_differ_in_white_space_alone_are_the_same(text, space):
    between = "".join(one for one in space if one not in "\r\x0b")
    strewn = "\n".join(spaced(line, space, between=between) for line in text.split("\n"))
    assert text_key(strewn) == text_key(text)
    assert text_key(text.replace("\n", "\n\n")) == text_key(text)
    assert without_space(strewn) == without_space(text)
    assert compare(state(text=text), state(text=strewn)) == []


@given(st.lists(st.text("甲乙1", min_size=1, max_size=3), min_size=2, max_size=4))
def test_r6_a_figure_in_another_cell_is_another_row(cells):
    row = "\t".join(cells)
    assert line_key(row + "\t\t") == line_key(row)
    assert line_key("\t" + row) != line_key(row)
    assert line_key(row.replace("\t", "", 1)) != line_key(row)


# Comparison (R6, R8) -----------------------------------------------------------------------------

OPTIONAL = st.none() | TEXT
FIELDS = st.builds(
    Fields,
    title=TEXT,
    **{name: OPTIONAL for name in FIELD_NAMES if name not in ("title", "validity")},
    validity=st.sampled_from(Validity),
)
DIGESTS = st.none() | st.sampled_from(["aa" * 32, "bb" * 32])
ATTACHMENTS = st.lists(
    st.builds(
        Attachment,
        name=st.sampled_from(["名册", "地图", " 名册"]),
        url=st.sampled_from([f"http://a.cn/{number}" for number in range(4)]),
        sha256=DIGESTS,
    ),
    unique_by=lambda one: one.url,
    max_size=4,
).map(tuple)
STATES = st.builds(State, fields=FIELDS, text=TEXTS, attachments=ATTACHMENTS)


def state(text="", **stated):
    return State(Fields(**stated), text, ())


@given(STATES)
def test_r6_nothing_differs_from_itself(one):
    assert compare(one, one) == []
    assert same_document_state(one, one)


@given(STATES, STATES)
def test_r8_what_differs_differs_both_ways(one, other):
    there, back = compare(one, other), compare(other, one)
    assert len(there) == len(back)
    for kind in (Kind.METADATA, Kind.VALIDITY, Kind.RENUMBERED):
        assert [(d.field, d.before, d.after) for d in there if d.kind is kind] == [
            (d.field, d.after, d.before) for d in back if d.kind is kind
        ]
    assert (Kind.CONTENT in {d.kind for d in there}) == (text_key(one.text) != text_key(other.text))
    for difference in there:
        assert difference.before is not None or difference.after is not None
        assert difference.before != difference.after


@given(STATES, STATES)
def test_r7_a_copy_says_nothing_new_once_the_document_has_its_state(one, other):
    assert not_yet_known(compare(one, other), other, other) == []
    assert not_yet_known(compare(one, other), one, other) == compare(one, other)


@given(ATTACHMENTS, ATTACHMENTS)
def test_r6_a_file_that_could_not_be_fetched_has_not_changed(old, new):
    failed = tuple(replace(one, sha256=None) for one in new)
    completed = with_known_bytes(failed, old)
    assert [(one.name, one.url) for one in completed] == [(one.name, one.url) for one in new]
    before, after = State(Fields(), "", old), State(Fields(), "", completed)
    held = {one.sha256 for one in old}
    for difference in compare(before, after):
        # Only files that came or went; none is said to have other bytes.
        assert difference.before is None or difference.after is None
    assert {one.sha256 for one in completed} <= held | {None}
    fetched = tuple(one for one in new if one.sha256)
    assert with_known_bytes(fetched, old) == fetched


# Differences of texts ----------------------------------------------------------------------------


def assert_whole(lines, before, after):
    """Every line of both texts is there, in its order, to the letter."""
    assert "\n".join(one.before for one in lines if one.before is not None) == before
    assert "\n".join(one.after for one in lines if one.after is not None) == after
    for one in lines:
        assert (one.before is None) == (one.op == "insert")
        assert (one.after is None) == (one.op == "delete")
        assert bool(one.spans) == (one.op == "replace")
        if one.op == "equal":
            assert line_key(one.before) == line_key(one.after)
        if one.op == "replace":
            assert line_key(one.before) != line_key(one.after)
            assert_joined(one.spans, one.before, one.after)


def assert_joined(spans, before, after):
    assert "".join(span.before for span in spans) == before
    assert "".join(span.after for span in spans) == after
    for span in spans:
        assert (span.op == "equal") == (span.before == span.after)
        assert (span.op == "insert") == (not span.before)
        assert (span.op == "delete") == (not span.after)
    for left, right in pairwise(spans):
        assert (left.op == "equal") != (right.op == "equal")


@given(TEXTS, TEXTS)
def test_a_comparison_gives_both_texts_back(before, after):
    assert_whole(diff_texts(before, after), before, after)


@st.composite
def revisions(draw):
    """A text, and what became of it by some edits of a line each."""
    before = draw(st.lists(WORDS, min_size=1, max_size=12))
    after = list(before)
    for place, line, what in draw(
        st.lists(st.tuples(st.integers(0, 11), WORDS, st.sampled_from("arid")), max_size=4)
    ):
        place %= len(after) + 1
        match what:
            case "i":
                after.insert(place, line)
            case "d":
                del after[place : place + 1]
            case "a":
                after[place : place + 1] = [one + line for one in after[place : place + 1]]
            case "r":
                after[place : place + 1] = [line]
    return "\n".join(before), "\n".join(after)


@given(revisions())
def test_a_revision_is_told_whole(revision):
    assert_whole(diff_texts(*revision), *revision)


@given(TEXTS)
def test_equal_texts_are_equal_in_every_line(text):
    lines = diff_texts(text, text)
    assert {one.op for one in lines} <= {"equal"}
    assert_whole(lines, text, text)
    assert {one.op for one in diff_texts(text, "")} <= {"delete"}
    assert {one.op for one in diff_texts("", text)} <= {"insert"}


@given(TEXT | WORDS, TEXT | WORDS)
@example("自2025年3月1日起", "自2026年5月1日起")
def test_characters_that_differ_give_both_lines_back(before, after):
    assert_joined(diff_characters(before, after), before, after)


@given(st.text("甲乙丙", min_size=1), st.text("丁戊", min_size=1, max_size=3), st.data())
def test_characters_that_were_put_in_are_marked_and_nothing_else(line, added, data):
    place = data.draw(st.integers(0, len(line)))
    spans = diff_characters(line, line[:place] + added + line[place:])
    assert [span.after for span in spans if span.op != "equal"] == [added]


# Likeness and identity (R3, R4, R10) -------------------------------------------------------------


@given(TEXTS, TEXTS, SPACES)
def test_r3_likeness_goes_both_ways_and_takes_no_notice_of_white_space(one, other, space):
    assert titles_agree(one, other) == titles_agree(other, one)
    assert texts_alike(one, other) == texts_alike(other, one)
    assert texts_alike(one, one) is bool(text_key(one))
    assert titles_agree(one, space + one) is bool(without_space(one))
    assert texts_alike(one, space + other) == texts_alike(one, other)


PAGES = st.builds(
    Page,
    number=st.sampled_from([None, "A/2024-1", "A/2024-2", "/2024-1"]),
    title=st.sampled_from(["", "办法", "通知"]),
    text=st.sampled_from(
        ["", "第一条 为了规范夜市经营，制定本办法。", "本市自来水价格自即日起调整。"]
    ),
    has_metadata=st.booleans(),
)
KNOWN = st.builds(Known, document=st.integers(1, 4), page=PAGES)
SEVERAL = st.lists(KNOWN, max_size=3, unique_by=lambda known: known.document)


def named(decision):
    """The documents that a decision speaks of."""
    match decision:
        case SameDocument(document, twin, collides):
            return {document, *collides} | ({twin} - {None})
        case FurtherLocation(document):
            return {document}
        case NewDocument(collides):
            return set(collides)
    return set()


@given(PAGES, st.none() | KNOWN, st.none() | KNOWN, SEVERAL, SEVERAL)
def test_identity_is_decided_among_what_is_known(page, here, moved_from, same_number, same_serial):
    """A decision names no stranger, and a known place never becomes another document's."""
    decision = identify(
        page, here=here, moved_from=moved_from, same_number=same_number, same_serial=same_serial
    )
    known = [one for one in (here, moved_from, *same_number, *same_serial) if one is not None]
    assert named(decision) <= {one.document for one in known}
    if here is None:
        assert isinstance(decision, FurtherLocation | NewDocument)
    else:
        assert isinstance(decision, SameDocument | Suspect)
    if isinstance(decision, SameDocument):
        assert decision.document == here.document
        assert decision.document not in {decision.twin, *decision.collides_with}


@given(PAGES, KNOWN, SEVERAL, SEVERAL)
def test_r3_the_same_number_and_title_at_a_known_place_is_the_same_document(
    page, here, same_number, same_serial
):
    page = replace(page, has_metadata=True)
    here = replace(here, page=replace(here.page, number=page.number, title=page.title))
    decision = identify(
        page, here=here, moved_from=None, same_number=same_number, same_serial=same_serial
    )
    assert decision == SameDocument(here.document)


@given(PAGES, SEVERAL)
def test_r3_one_number_is_one_document_or_a_collision(page, same_number):
    assume(same_number)
    decision = identify(page, here=None, moved_from=None, same_number=same_number, same_serial=[])
    alike = [known.document for known in same_number if pages_agree(page, known.page)]
    if alike:
        assert decision == FurtherLocation(alike[0])
    else:
        assert decision == NewDocument(tuple(known.document for known in same_number))


@given(PAGES, KNOWN, SEVERAL)
def test_r4_number_title_and_text_all_changed_is_suspect(page, here, same_number):
    assume(page.number != here.page.number and not pages_agree(page, here.page))
    decision = identify(page, here=here, moved_from=None, same_number=same_number, same_serial=[])
    assert isinstance(decision, Suspect)


@given(PAGES, KNOWN)
def test_r10_a_known_document_without_its_metadata_is_suspect(page, here):
    here = replace(here, page=replace(here.page, has_metadata=True))
    page = replace(page, has_metadata=False)
    decision = identify(page, here=here, moved_from=None, same_number=[], same_serial=[])
    assert isinstance(decision, Suspect)


# What is kept (R17) ------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
@example({"\ud7ff": 1, "\ue000": 2, "𐀀": 3, "\x7f\u2028\\/": '\x00\b\t\n\f\r\x1b"'})
def test_r17_a_value_has_one_spelling_which_anyone_can_recompute(value):
    spelled = canonical_json(value)
    anyones = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert spelled == anyones.encode()
    assert json.loads(spelled) == value
    assert canonical_json(json.loads(spelled)) == spelled


@given(st.dictionaries(TEXT, JSON, min_size=2, max_size=5))
def test_r17_the_order_of_keys_is_nothing(value):
    turned = dict(reversed(value.items()))
    assert digest(turned) == digest(value)
    assert len(digest(value)) == 32


READINGS = st.builds(
    Reading,
    reader=TEXT,
    nature=st.sampled_from(Nature),
    reason=TEXT,
    fields=FIELDS,
    text=TEXTS,
    attachments=st.lists(st.builds(LinkedFile, name=TEXT, url=TEXT), max_size=3).map(tuple),
    metadata=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    problems=st.lists(TEXT, max_size=2).map(tuple),
    has_metadata=st.booleans(),
)


@given(READINGS)
def test_r17_a_reading_is_unpacked_as_it_was_packed(reading):
    assert unpack(pack(reading)) == reading


@given(ATTACHMENTS)
def test_r17_attachments_are_unpacked_as_they_were_packed(attachments):
    assert unpack_attachments(pack_attachments(attachments)) == attachments
