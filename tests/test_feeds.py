"""Feeds of changes: valid whatever a portal wrote, and entries that keep their ids for ever."""

import json
import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from support.site import Record, Town
from support.targets import Telling
from support.yange import Yange

from archive.comparison import Kind
from archive.feeds import Feed, atom_feed, entry_id, json_feed
from archive.fields import FIELD_NAMES

ATOM = {"a": "http://www.w3.org/2005/Atom"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FEED = Feed(
    title="乌海市人民政府：文件变动",
    url="https://archive.example.org/feed.atom",
    home="https://archive.example.org/",
    portals={"wuhai": "乌海市人民政府"},
)


def change(seq=1, **members):
    """A row of `changes`."""
    return {
        "seq": seq,
        "at": "2026-01-08T03:14:09+08:00",
        "run": 3,
        "portal": "wuhai",
        "index_number": "111503000115013/2023-00187",
        "title": "乌海市既有住宅加装电梯实施办法",
        "url": "http://www.wuhai.gov.cn/gk/1/index.html",
        "version": 2,
        "kind": "validity",
        "field": "validity_label",
        "before": "有效",
        "after": "废止",
        "baseline": False,
        **members,
    }


def atom(feed, rows):
    return etree.fromstring(atom_feed(feed, rows))


def entries(feed, rows):
    return atom(feed, rows).findall("a:entry", ATOM)


def told(entry, name):
    return entry.findtext(f"a:{name}", namespaces=ATOM)


def rows_of(kind):
    """Rows of a kind, with a field where it has one; text is whatever a portal can write."""
    if kind in (Kind.VALIDITY, Kind.METADATA, Kind.RENUMBERED):
        field = st.sampled_from(FIELD_NAMES)
    else:
        field = st.text(max_size=20) if kind is Kind.ATTACHMENT else st.none()
    return st.builds(
        change,
        seq=st.integers(1, 10**9),
        kind=st.just(kind),
        field=field,
        version=st.none() | st.integers(1, 9),
        title=st.text(max_size=300),
        index_number=st.none() | st.text(max_size=20),
        before=st.none() | st.text(max_size=200),
        after=st.none() | st.text(max_size=200),
        baseline=st.booleans(),
    )


ROWS = st.sampled_from([*Kind]).flatmap(rows_of)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, max_size=5, unique_by=lambda row: row["seq"]), st.sampled_from(["zh", "en"]))
def test_whatever_a_portal_wrote_both_feeds_are_what_their_standards_ask(rows, language):
    feed = replace(FEED, language=language)
    read = atom(feed, rows)
    # RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have, once each.
    for name in ("id", "title", "updated"):
        [element] = read.findall(f"a:{name}", ATOM)
        assert element.text
    assert read.findtext("a:author/a:name", namespaces=ATOM)
    assert read.get(XML_LANG) == {"zh": "zh-CN", "en": "en"}[language]
    rels = [link.get("rel") for link in read.findall("a:link", ATOM)]
    assert sorted(rels) == ["alternate", "self"]
    found = read.findall("a:entry", ATOM)
    newest_first = sorted(rows, key=lambda row: row["seq"], reverse=True)
    assert [told(one, "id") for one in found] == [entry_id(row) for row in newest_first]
    for entry in found:
        for name in ("id", "title", "updated", "content"):
            [element] = entry.findall(f"a:{name}", ATOM)
            assert element.text
        assert datetime.fromisoformat(told(entry, "updated")).utcoffset() is not None
        [link] = entry.findall("a:link", ATOM)
        assert link.get("rel") in (None, "alternate")
        assert_harmless(told(entry, "content"))
    # JSON Feed 1.1: the members that it requires, and what they may be.
    same = json.loads(json_feed(feed, rows))
    assert same["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(same["title"], str)
    assert [one["id"] for one in same["items"]] == [entry_id(row) for row in newest_first]
    for item, entry in zip(same["items"], found, strict=True):
        assert item["content_html"] == told(entry, "content").replace("\r", "\n")
        assert item["title"] == told(entry, "title")
        assert datetime.fromisoformat(item["date_published"]).utcoffset() is not None


def assert_harmless(text):
    """There is no element but ours, and no address but a page's."""
    for element in html.fragment_fromstring(text, create_parent=True).iter():
        assert element.tag in ("div", "p", "ul", "li", "strong", "ins", "del", "a")
        assert set(element.attrib) <= {"href"}


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Shanghai", "03:14:09+08:00"), ("UTC", "19:14:09+00:00")]
)
def test_an_entry_keeps_its_id_whatever_zone_filter_and_address_it_is_read_in(zone, day):
    at = datetime.fromisoformat("2026-01-08T03:14:09+08:00").astimezone(ZoneInfo(zone)).isoformat()
    assert at.endswith(day)
    row = change(17, at=at)
    assert entry_id(row) == "tag:yange,2026-01-07:wuhai/17"
    elsewhere = Feed(title="Repealed", name="changes?kind=validity", language="en")
    for feed in (FEED, elsewhere):
        assert next(told(one, "id") for one in entries(feed, [row, change(2)])) == entry_id(row)
    assert entry_id(row) != entry_id(change(17, at="2027-01-08T03:14:09+08:00"))


def test_the_same_changes_are_the_same_bytes():
    rows = [change(1), change(2, kind="created", field=None, before=None, after=None, version=1)]
    assert atom_feed(FEED, rows) == atom_feed(FEED, reversed(rows))
    assert json_feed(FEED, rows) == json_feed(FEED, reversed(rows))
    assert told(atom(FEED, rows), "updated") == rows[1]["at"]
    assert atom_feed(FEED, []) == atom_feed(FEED, [])


def test_an_entry_says_what_happened_at_a_glance_and_where_to_look():
    feed = replace(FEED, page=lambda row: f"https://archive.example.org/{row['seq']}")
    [entry] = entries(feed, [change()])
    assert told(entry, "title") == "乌海市既有住宅加装电梯实施办法 — 有效性：有效 → 废止"
    assert entry.find("a:link", ATOM).get("href") == "https://archive.example.org/1"
    portal_page = "http://www.wuhai.gov.cn/gk/1/index.html"
    assert f'网站原文：<a href="{portal_page}">{portal_page}</a>' in told(entry, "content")
    [entry] = entries(replace(FEED, language="en"), [change()])
    assert told(entry, "title") == "乌海市既有住宅加装电梯实施办法 — validity: 有效 → 废止"
    assert entry.find("a:link", ATOM).get("href") == "http://www.wuhai.gov.cn/gk/1/index.html"


def test_of_a_long_text_the_characters_that_differ_are_shown():
    clause = "第六条 " + "本办法所称人才公寓是指由政府投资建设的住房。" * 20
    before, after = f"{clause}有效期5年。", f"{clause}有效期3年。"
    [entry] = entries(FEED, [change(kind="content", field=None, before=before, after=after)])
    shown = told(entry, "content")
    assert "有效期<del>[-5-]</del><ins>{+3+}</ins>年。" in shown
    assert len(shown) < 500
    many = "\n".join(f"第{number}条 免费停放。" for number in range(40))
    [entry] = entries(FEED, [change(kind="content", field=None, before=None, after=many)])
    assert "<li><ins>{+第0条 免费停放。+}</ins></li>" in told(entry, "content")
    assert "另有 34 行改动" in told(entry, "content")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_is_told_in_words_of_its_own(language):
    fields = {
        Kind.VALIDITY: "validity_label",
        Kind.METADATA: "category",
        Kind.RENUMBERED: "index_number",
    }
    rows = [change(seq, kind=kind, field=fields.get(kind)) for seq, kind in enumerate(Kind, 1)]
    titles = [told(one, "title") for one in entries(replace(FEED, language=language), rows)]
    said = {title.partition(" — ")[2].partition("有效 → 废止")[0] for title in titles}
    assert len(said) == len(Kind)
    assert {bool(re.search("[\u4e00-\u9fff]", one)) for one in said} == {language == "zh"}


# --- as files -------------------------------------------------------------------------------------


def test_after_every_run_the_feeds_hold_the_newest_changes(tmp_path):
    with Town("/gk/", "/tz/") as town:
        feeds = {"folder": "feeds", "entries": 2, "base_url": "https://example.org/feeds/"}
        yange = Yange(tmp_path, Telling(town, feeds=feeds))
        town.publish(Record(title="停水通知", number="/2025-00001"), "/gk/1/index.html")
        yange.crawl()
        folder = tmp_path / "feeds"
        read = etree.parse(folder / "feed.atom").getroot()
        # What was there first is no news.
        assert read.findall("a:entry", ATOM) == []
        town.publish(
            Record(title="停水通知", number="/2025-00001", validity="废止"), "/gk/1/index.html"
        )
        for number in (2, 3):
            record = Record(title=f"第{number}号通知", number=f"/2025-0000{number}")
            town.publish(record, f"/gk/{number}/index.html")
        yange.crawl()
    read = etree.parse(folder / "feed.atom").getroot()
    changes = yange.changes()
    expected = [entry_id(row) for row in reversed(changes[-2:])]
    assert [told(one, "id") for one in read.findall("a:entry", ATOM)] == expected
    assert read.find("a:link[@rel='self']", ATOM).get("href") == (
        "https://example.org/feeds/feed.atom"
    )
    same = json.loads((folder / "feed.json").read_bytes())
    assert [one["id"] for one in same["items"]] == expected
    assert same["feed_url"] == "https://example.org/feeds/feed.json"
    assert sorted(path.name for path in folder.iterdir()) == ["feed.atom", "feed.json"]


def test_a_run_is_not_the_worse_for_feeds_that_cannot_be_written(tmp_path):
    (tmp_path / "feeds").write_text("a file where a folder should be", encoding="utf-8")
    with Town() as town:
        yange = Yange(tmp_path, Telling(town, feeds={"folder": "feeds"}))
        town.publish(Record(title="停水通知"), "/gk/1/index.html")
        ended = yange.run("crawl")
    assert "feeds_not_written" in ended.err
    assert yange.list()[0]["title"] == "停水通知"
