"""The archive as a library: what a crawl hands in, and what a reader of the archive is told.

The portal here publishes in a format of its own, so that nothing depends on how pages look. It is
read by a reader with versions: from version 2 on it sees notes, categories and pictures, which
version 1 took for decoration.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.acceptance import NotAcceptableError
from archive.archive import Archive
from archive.canonical import sha256
from archive.capture import Capture, ColumnVisit, Hop, KeptFile, ListedRow, Outcome
from archive.catalogue import Catalogue
from archive.errors import AmbiguousError, BusyError, NotFoundError
from archive.fields import Fields, Validity
from archive.reading import LinkedFile, Nature, Reading
from archive.runs import RunOutcome, Stop
from archive.selection import Selection

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOST = "http://www.example.gov.cn"
RULES = f"{HOST}/zwgk/t1.html"
COPY = f"{HOST}/gfxwj/t1.html"
ROSTER = f"{HOST}/files/roster.csv"
PICTURE = f"{HOST}/files/map.png"
COLUMN = f"{HOST}/zwgk/index.html"

ARTICLES = (
    "第一条 为了规范夜市经营，方便群众生活，制定本办法。",
    "第二条 夜市由所在街道办事处划定范围，报市人民政府备案。",
    "第三条 经营者应当保持摊位整洁，收市后清运垃圾。",
)


def page(
    *lines,
    title="夜市经营管理办法",
    number="1500/2024-00001",
    visits=0,
    files=(),
    notes=(),
    pictures=(),
    **stated,
):
    """A page in the portal's format; `visits` is its counter, which is no part of the document."""
    pairs = {"title": title, "index_number": number, **stated, "visits": str(visits)}
    head = [f"{name}={value}" for name, value in pairs.items() if value is not None]
    head += [f"file={name} {url}" for name, url in files]
    head += [f"picture={name} {url}" for name, url in pictures]
    body = [*(lines or ARTICLES), *(f"~{note}" for note in notes)]
    return "\n".join([*head, "", *body]).encode("utf-8", "surrogatepass")


class PlainReader:
    """Reads the portal's format: `name=value` lines, an empty line, the text."""

    settings = "{}"

    def __init__(self, version=1):
        self.version = version
        self.name = f"plain/{version}"

    def decode(self, body, content_type=""):
        return body.decode("utf-8", "surrogatepass")

    def read(self, body, *, url, content_type=""):
        head, _, text = self.decode(body).partition("\n\n")
        pairs = [tuple(line.split("=", 1)) for line in head.split("\n") if "=" in line]
        stated = dict(pairs)
        names = ["title", "index_number", "summary", "validity_label"]
        linked = ["file"]
        lines = text.split("\n")
        if self.version == 1:
            lines = [line for line in lines if not line.startswith("~")]
        else:
            names += ["category"]
            linked += ["picture"]
        known = {name: stated[name] for name in names if name in stated}
        links = [value.rsplit(" ", 1) for name, value in pairs if name in linked]
        return Reading(
            reader=self.name,
            nature=Nature.DOCUMENT,
            fields=Fields(
                **known,
                validity=Validity.VALID
                if known.get("validity_label") == "有效"
                else Validity.UNKNOWN,
            ),
            text="\n".join(lines),
            attachments=tuple(LinkedFile(name, url) for name, url in links),
            metadata=tuple(pairs),
            has_metadata=len(known) > 1,
        )


class Portal:
    """A portal that is watched into an archive; its clock goes on by a minute a page."""

    def __init__(self, path):
        self.path = path
        self.reader = PlainReader()
        self.lost = set()
        self.now = datetime(2026, 3, 1, 20, 0, tzinfo=SHANGHAI)
        self.report = None

    # What the archive wants of its readers.

    def current(self, portal):
        return self.reader

    def restore(self, name, settings):
        kept = {f"plain/{version}" for version in (1, 2)} - self.lost
        return PlainReader(int(name[-1])) if name in kept else None

    # What the tests want.

    @contextmanager
    def run(self, *, portal="town", outcome=RunOutcome.FINISHED, **ending):
        """A run; yields the crawl under way, and leaves its report in `report`."""
        with Archive.open(self.path, self) as archive:
            run_id = archive.begin_run(portal, "sweep")
            yield Crawl(self, archive, run_id)
            self.report = archive.finish_run(outcome, **ending)

    def crawl(self, pages, files=None):
        """A run that meets these pages, `{url: body}`; what it changed, as `(kind, field)`."""
        with self.run() as crawl:
            for url, body in pages.items():
                crawl.see(url, body, files or {})
        return self.told(self.report.id)

    def told(self, run_id):
        with self.catalogue() as catalogue:
            return [(one["kind"], one["field"]) for one in catalogue.changes(run_id=run_id)]

    def catalogue(self):
        return Catalogue.open(self.path, SHANGHAI)

    def changes(self):
        with self.catalogue() as catalogue:
            return list(catalogue.changes())

    def show(self, index=RULES, **which):
        with self.catalogue() as catalogue:
            return catalogue.show(index, **which)

    def history(self, index=RULES):
        with self.catalogue() as catalogue:
            return catalogue.history(index)

    def revision(self, *which, index=RULES):
        with self.catalogue() as catalogue:
            return catalogue.revision(index, self, *which)

    def verified(self):
        with self.catalogue() as catalogue:
            found = catalogue.verify(self, lambda *_: None)
        assert found.problems == ()
        return found


class Crawl:
    """A run under way, which treats answers as a crawler does."""

    def __init__(self, portal, archive, run_id):
        self._portal = portal
        self.archive = archive
        self.run_id = run_id

    def see(self, url, body, files=(), *, at=None, moved_from=()):
        """A page's answer was `body`; `files` are the answers of its attachments, None a failure.

        An attachment that is not among them was not asked for.
        """
        links = self.archive.recall(url, sha256(body))
        reading = None
        if links is None:
            reading = self._portal.reader.read(body, url=url)
            links = reading.attachments
        return self.archive.record(
            Capture(
                url=url,
                at=at or self._tick(),
                outcome=Outcome.DOCUMENT if reading else Outcome.UNCHANGED,
                status=200,
                headers={"content-type": "text/plain", "etag": f'"{sha256(body).hex()[:8]}"'},
                body=body if reading else None,
                reading=reading,
                attachments=tuple(
                    self._file(link, files[link.url]) for link in links if link.url in files
                ),
                moved_from=tuple(Hop(source, 301) for source in moved_from),
            )
        )

    def not_modified(self, url):
        return self.archive.record(
            Capture(url=url, at=self._tick(), outcome=Outcome.UNCHANGED, status=304)
        )

    def miss(self, url, outcome=Outcome.GONE, status=404, body=None):
        """A page's answer was no document."""
        return self.archive.record(
            Capture(
                url=url,
                at=self._tick(),
                outcome=outcome,
                status=status,
                reason="for the test",
                body=body,
            )
        )

    def _file(self, link, body):
        if body is None:
            return KeptFile(link.name, link.url, None, reason="status 503")
        kept = self.archive.keep_file(link.url, body, {"content-type": "text/csv; charset=utf-8"})
        return KeptFile(link.name, link.url, kept.sha256, kept.size, kept.media_type)

    def _tick(self):
        self._portal.now += timedelta(minutes=1)
        return self._portal.now


@pytest.fixture
def town(tmp_path):
    return Portal(tmp_path / "kept" / "archive.db")


# What is kept ------------------------------------------------------------------------------------


def test_a_first_capture_is_a_version_with_everything_that_was_read(town):
    body = page(summary="夜市的划定与经营", validity_label="有效", files=[("名册", ROSTER)])
    assert town.crawl({RULES: body}, {ROSTER: b"1,2\n"}) == [("created", None)]
    shown = town.show("1500/2024-00001")
    assert (shown["version"], shown["versions"], shown["status"]) == (1, 1, "current")
    assert (shown["title"], shown["summary"]) == ("夜市经营管理办法", "夜市的划定与经营")
    assert (shown["validity_label"], shown["validity"]) == ("有效", "valid")
    assert shown["text"] == "\n".join(ARTICLES)
    assert shown["content_sha256"] == sha256(shown["text"].encode()).hex()
    assert shown["captured_at"] == "2026-03-01T20:01:00+08:00"
    assert shown["attachments"] == [
        {
            "name": "名册",
            "url": ROSTER,
            "media_type": "text/csv",
            "bytes": 4,
            "sha256": sha256(b"1,2\n").hex(),
            "text": {"outcome": "read", "reader": "plain/1", "chars": 3, "note": None},
        }
    ]
    with town.catalogue() as catalogue:
        assert catalogue.raw(RULES).body == body
    assert town.verified().bodies == 2


def test_r6_what_is_not_the_document_makes_no_version(town):
    town.crawl({RULES: page(files=[("名册", ROSTER)])}, {ROSTER: b"1"})
    same = {
        "a counter": page(visits=17, files=[("名册", ROSTER)]),
        "white space": page(*(f" {line}　" for line in ARTICLES), files=[("名册", ROSTER)]),
        "another break of lines": page(
            ARTICLES[0] + "\n", *ARTICLES[1:], files=[("名册 ", ROSTER)]
        ),
        "a file's new address": page(files=[("名册", f"{ROSTER}?v=2")]),
    }
    for body in same.values():
        assert town.crawl({RULES: body}, {ROSTER: b"1", f"{ROSTER}?v=2": b"1"}) == []
    assert town.show()["versions"] == 1
    town.verified()


def test_r8_one_version_carries_every_change_of_one_capture(town):
    town.crawl({RULES: page(summary="旧", validity_label="有效", files=[("名册", ROSTER)])}, {})
    told = town.crawl(
        {RULES: page(*ARTICLES[:2], number="1500/2024-00002", summary="新", validity_label="废止")}
    )
    assert sorted(told, key=str) == [
        ("attachment", "名册"),
        ("content", None),
        ("metadata", "summary"),
        ("renumbered", "index_number"),
        ("validity", "validity_label"),
    ]
    history = town.history("1500/2024-00001")
    assert history["numbers"] == ["1500/2024-00001", "1500/2024-00002"]
    assert len(history["versions"]) == 2
    assert {one["version"] for one in history["changes"]} == {1, 2}


def test_one_page_can_go_back_to_what_it_said_before(town):
    first, second = page(), page(*ARTICLES[:2])
    for body in (first, second, first):
        town.crawl({RULES: body})
    assert town.show()["versions"] == 3
    assert town.show(version=1)["content_sha256"] == town.show(version=3)["content_sha256"]
    assert town.verified().bodies == 2


def test_versions_within_one_second_keep_their_order(town):
    at = town.now.replace(microsecond=1_000)
    with town.run() as crawl:
        for number, milliseconds in enumerate((0, 0, 400)):
            body = page(ARTICLES[0], f"第二条 第{number}稿。")
            crawl.see(RULES, body, at=at + timedelta(milliseconds=milliseconds))
    assert [one["version"] for one in town.history()["versions"]] == [1, 2, 3]
    # A second that a person names is the whole of it.
    end_of_second = int(at.timestamp()) * 1000 + 999
    assert town.show(as_of_ms=end_of_second)["version"] == 3
    assert town.show(as_of_ms=end_of_second - 700)["version"] == 2
    town.verified()


def test_a_clock_that_was_put_back_loses_nothing(town):
    with town.run() as crawl:
        crawl.see(RULES, page())
        crawl.see(RULES, page(*ARTICLES[:2]), at=town.now - timedelta(hours=1))
    assert [one["version"] for one in town.history()["versions"]] == [1, 2]
    assert town.show()["version"] == 2
    town.verified()


@pytest.mark.parametrize(
    "text",
    ["空\x00字符", "𠮷野家的𠮷", "\u202e反向\u202c", "e\u0301 与 é", "\ufffe\uffff", "\x1b[31m红"],
)
def test_any_character_is_kept_as_it_came(town, text):
    town.crawl({RULES: page(text, title=f"题{text}", summary=text)})
    town.crawl({RULES: page(text + "。", title=f"题{text}", summary=text)})
    shown = town.show()
    assert (shown["version"], shown["text"]) == (2, text + "。")
    assert (shown["title"], shown["summary"]) == (f"题{text}", text)
    town.verified()


def test_half_a_character_is_the_readers_mistake_and_leaves_nothing_behind(town):
    with town.run() as crawl:
        with pytest.raises(TypeError, match="surrogates"):
            crawl.see(RULES, page("半个\ud800字符"))
        crawl.see(COPY, page(title="另一件", number="1500/2024-00009"))
    with town.catalogue() as catalogue:
        assert [row["url"] for row in catalogue.documents()] == [COPY]
    town.verified()


def test_a_text_of_megabytes_is_compared_line_by_line(town):
    lines = [f"{number}\t砚湖市第{number}号门牌\t{number * 7}" for number in range(60_000)]
    town.crawl({RULES: page(*lines)})
    lines[31_000] += "0"
    assert town.crawl({RULES: page(*lines)}) == [("content", None)]
    [change] = [one for one in town.changes() if one["kind"] == "content"]
    assert (change["before"], change["after"]) == (lines[31_000][:-1], lines[31_000])
    changed = [line for line in town.revision().comparison.text if line.op != "equal"]
    assert [(line.op, line.after) for line in changed] == [("replace", lines[31_000])]
    town.verified()


def test_a_text_written_anew_is_told_in_an_excerpt_and_kept_whole(town):
    town.crawl({RULES: page(*(f"旧{number}" + "甲" * 50 for number in range(900)))})
    town.crawl({RULES: page(*(f"新{number}" + "乙" * 50 for number in range(900)))})
    change = town.changes()[-1]
    assert len(change["before"]) == len(change["after"]) == 2000
    assert change["after"].endswith("…")
    assert len(town.show()["text"].split("\n")) == 900
    assert len(town.revision().comparison.text) == 1800


# Our change is not their change (R12) ------------------------------------------------------------

RICH = {
    "notes": ["备案号另行公布。"],
    "category": "市场管理",
    "pictures": [("范围图", PICTURE)],
}


def test_r12_another_reader_makes_no_version_of_the_same_bytes(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    assert town.crawl({RULES: page(**RICH)}, {PICTURE: b"png"}) == []
    assert town.crawl({RULES: page(**RICH)}, {PICTURE: b"png"}) == []
    town.reader = PlainReader(1)
    assert town.crawl({RULES: page(**RICH)}) == []
    assert town.show()["versions"] == 1


def test_r12_nor_of_bytes_that_differ_in_what_is_not_the_document(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    for visits in (18, 19, 20):
        assert town.crawl({RULES: page(visits=visits, **RICH)}) == []
    # What stands there by the new reader is known from now on: it need not be read again.
    with town.run() as crawl:
        links = crawl.archive.recall(RULES, sha256(page(visits=20, **RICH)))
        assert links == (LinkedFile("范围图", PICTURE),)
    town.verified()


def test_r12_a_change_on_the_day_of_an_upgrade_is_exactly_that_change(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    revised = (*ARTICLES[:2], "第三条 经营者应当保持摊位整洁，当日清运垃圾。")
    assert town.crawl({RULES: page(*revised, **RICH)}) == [("content", None)]
    [change] = [one for one in town.changes() if one["kind"] == "content"]
    assert (change["before"], change["after"]) == (ARTICLES[2], revised[2])
    # A change in what only the new reader sees is one, too: the old bytes say so.
    changed = {**RICH, "category": "夜间经济"}
    assert town.crawl({RULES: page(*revised, **changed)}) == [("metadata", "category")]
    town.verified()


def test_r12_the_difference_of_two_readers_versions_is_told_in_the_words_of_one(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    town.crawl({RULES: page(*ARTICLES[:2], **RICH)})
    revision = town.revision()
    assert (revision.comparison.fields, revision.comparison.attachments) == ((), ())
    assert [(line.op, line.before) for line in revision.comparison.text if line.op != "equal"] == [
        ("delete", ARTICLES[2])
    ]
    assert [line.after for line in revision.comparison.text if line.op == "equal"][
        -1
    ] == "~备案号另行公布。"
    # What was recorded stays as it was recorded.
    assert town.show(version=1)["text"] == "\n".join(ARTICLES)
    assert town.show(version=1)["category"] is None
    assert town.show(version=2)["category"] == "市场管理"


def test_r12_a_redesign_and_an_upgrade_on_one_day(town):
    """Neither a page's new dress nor a better reader is a change, nor are both together."""
    town.crawl({RULES: page(**RICH), COPY: page(**RICH)})
    town.reader = PlainReader(2)
    assert town.crawl({RULES: page(visits=5, **RICH), COPY: page(**RICH)}) == []


def test_r12_a_file_that_the_old_reader_overlooked_is_watched_from_now_on(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    assert town.crawl({RULES: page(**RICH)}, {PICTURE: b"png"}) == []
    assert town.crawl({RULES: page(**RICH)}, {PICTURE: b"other"}) == [("attachment", "范围图")]
    assert town.show()["attachments"][0]["sha256"] == sha256(b"other").hex()
    town.verified()


def test_r12_a_number_that_the_old_reader_overlooked_names_the_document(town):
    class Blind(PlainReader):
        def read(self, body, *, url, content_type=""):
            return super().read(body.replace(b"index_number=", b"no="), url=url)

    town.reader = Blind(1)
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    assert town.crawl({RULES: page(**RICH)}) == []
    assert town.crawl({COPY: page(**RICH)}) == [("relocated", None)]


def test_r12_a_reader_that_is_gone_leaves_its_readings_unchecked_but_named(town):
    town.crawl({RULES: page(**RICH)})
    town.reader = PlainReader(2)
    town.crawl({RULES: page(*ARTICLES[:2], **RICH)})
    assert town.verified().not_reread == 0
    town.lost = {"plain/1"}
    assert town.verified().not_reread == 1


WORDS = st.sampled_from(ARTICLES)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 2]),
        st.lists(WORDS, min_size=1, max_size=2),
        st.lists(WORDS, max_size=1),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_versions_are_the_documents_changes_whoever_reads_and_whatever_counts(steps):
    """R6 and R12: a version wherever what the present reader reads differs, and nowhere else."""
    with TemporaryDirectory() as folder:
        watch(Portal(Path(folder) / "archive.db"), steps)


def watch(town, steps):
    seen, expected = None, []
    for run, (version, lines, notes, visits) in enumerate(steps, start=1):
        town.reader = PlainReader(version)
        body = page(*lines, notes=notes, visits=visits)
        after = town.reader.read(body, url=RULES).text
        before = None if seen is None else town.reader.read(seen, url=RULES).text
        if before is None:
            expected.append((run, "created"))
        elif before.replace("\n", "") != after.replace("\n", ""):
            expected.append((run, "content"))
        # The bytes that changed nothing for this reader are not kept, those it compares with are.
        if expected[-1][0] == run:
            seen = body
        town.crawl({RULES: body})
    assert [(one["run"], one["kind"]) for one in town.changes()] == expected
    assert town.show()["version"] == len(expected)
    town.verified()


# Attachments (R6) --------------------------------------------------------------------------------

WITH_FILE = page(files=[("名册", ROSTER)])


def attachments(town, **which):
    return [(one["name"], one["sha256"]) for one in town.show(**which)["attachments"]]


def test_r6_bytes_that_arrive_late_complete_the_version_without_a_change(town):
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: None}) == [("created", None)]
    assert attachments(town) == [("名册", None)]
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: None}) == []
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"}) == []
    assert attachments(town) == [("名册", sha256(b"1").hex())]
    # From then on they are compared, and a failure is none of the document's business.
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: None}) == []
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"}) == []
    assert town.crawl({RULES: WITH_FILE}, {ROSTER: b"2"}) == [("attachment", "名册")]
    change = town.changes()[-1]
    assert (change["before"], change["after"]) == (sha256(b"1").hex(), sha256(b"2").hex())
    assert attachments(town, version=1) == [("名册", sha256(b"1").hex())]
    assert attachments(town, version=2) == [("名册", sha256(b"2").hex())]
    town.verified()


def test_r6_bytes_arrive_late_beside_a_changed_counter(town):
    town.crawl({RULES: page(files=[("名册", ROSTER)])}, {ROSTER: None})
    told = town.crawl({RULES: page(visits=9, files=[("名册", ROSTER)])}, {ROSTER: b"1"})
    assert (told, attachments(town)) == ([], [("名册", sha256(b"1").hex())])
    town.verified()


def test_r6_a_file_that_fails_beside_a_change_keeps_its_bytes(town):
    town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"})
    revised = page(*ARTICLES[:2], files=[("名册", ROSTER)])
    assert town.crawl({RULES: revised}, {ROSTER: None}) == [("content", None)]
    assert attachments(town) == [("名册", sha256(b"1").hex())]
    assert town.crawl({RULES: revised}, {ROSTER: b"2"}) == [("attachment", "名册")]


def test_r6_a_file_at_a_new_address_is_the_same_by_its_bytes_or_its_name(town):
    moved, renamed = f"{HOST}/files/2024.csv", f"{HOST}/files/new.csv"
    town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"})
    assert town.crawl({RULES: page(files=[("花名册", moved)])}, {moved: b"1"}) == []
    told = town.crawl({RULES: page(files=[("花名册", renamed)])}, {renamed: b"2"})
    assert told == [("attachment", "花名册")]
    change = town.changes()[-1]
    assert (change["before"], change["after"]) == (sha256(b"1").hex(), sha256(b"2").hex())


def test_r6_files_that_come_and_go_are_named(town):
    other = f"{HOST}/files/map.pdf"
    town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"})
    both = page(files=[("名册", ROSTER), ("地图", other)])
    assert town.crawl({RULES: both}, {ROSTER: b"1", other: b"m"}) == [("attachment", "地图")]
    assert town.crawl({RULES: page()}) == [("attachment", "名册"), ("attachment", "地图")]
    assert town.show()["attachments"] == []
    assert attachments(town, version=2) == [
        ("名册", sha256(b"1").hex()),
        ("地图", sha256(b"m").hex()),
    ]
    town.verified()


def test_a_file_is_asked_for_once_a_run_and_conditionally_after_it(town):
    with town.run() as crawl:
        assert crawl.archive.known_file(ROSTER) is None
        crawl.archive.keep_file(ROSTER, b"1", {"content-type": "text/csv", "etag": '"a"'})
        known = crawl.archive.known_file(f"{ROSTER}#top")
        assert (known.sha256, known.size, known.media_type) == (sha256(b"1"), 1, "text/csv")
        assert (known.etag, known.last_modified, known.fresh) == ('"a"', None, True)
    with town.run() as crawl:
        assert not crawl.archive.known_file(ROSTER).fresh
        crawl.archive.confirm_file(ROSTER)
        assert crawl.archive.known_file(ROSTER).fresh


# Places (R2–R5, R7) ------------------------------------------------------------------------------


def test_r5_spellings_of_an_address_are_one_place(town):
    town.crawl({"http://www.example.gov.cn/zwgk/t1.html": page(number=None)})
    for spelling in (
        "https://WWW.example.gov.cn:443/zwgk/t1.html#top",
        "http://www.example.gov.cn/zwgk/./t1.html?from=list",
        "http://www.example.gov.cn/a/../zwgk/t1.html",
    ):
        assert town.crawl({spelling: page(number=None)}) == []
        assert town.show(spelling)["version"] == 1
    assert len(town.history()["locations"]) == 1


def test_r7_copies_that_disagree_are_told_once_and_do_not_flap(town):
    ours, theirs = page(), page(*ARTICLES[:2])
    assert town.crawl({RULES: ours, COPY: theirs}) == [
        ("created", None),
        ("relocated", None),
        ("divergence", None),
    ]
    for order in ((RULES, COPY), (COPY, RULES), (RULES, COPY)):
        bodies = {RULES: ours, COPY: theirs}
        assert town.crawl({url: bodies[url] for url in order}) == []
    assert town.show()["versions"] == 1
    # Once they have agreed, another disagreement is news.
    assert town.crawl({RULES: ours, COPY: ours}) == []
    told = town.crawl({RULES: ours, COPY: theirs})
    assert sorted(told, key=str) == [("content", None), ("divergence", None)]


def test_r7_two_copies_amended_on_one_day_are_one_amendment(town):
    town.crawl({RULES: page(), COPY: page()})
    amended = page(*ARTICLES[:2])
    assert town.crawl({COPY: amended, RULES: amended}) == [("content", None)]


def test_r7_a_copy_that_lags_makes_no_second_version(town):
    town.crawl({RULES: page(), COPY: page()})
    amended = page(*ARTICLES[:2])
    assert town.crawl({RULES: amended, COPY: page()}) == [("content", None), ("divergence", None)]
    assert town.crawl({RULES: amended, COPY: amended}) == []
    assert town.show()["versions"] == 2


def test_r3_one_number_on_two_documents_is_a_collision(town):
    other = page("本市自来水价格自五月一日起调整。", title="关于调整水价的通知")
    assert town.crawl({RULES: page(), COPY: other}) == [
        ("created", None),
        ("created", None),
        ("collision", None),
    ]
    with town.catalogue() as catalogue:
        with pytest.raises(AmbiguousError) as raised:
            catalogue.find("1500/2024-00001")
        assert catalogue.show(COPY)["title"] == "关于调整水价的通知"
    assert {url for url, _ in raised.value.candidates} == {RULES, COPY}
    assert town.crawl({RULES: page(), COPY: other}) == []


def test_r4_a_number_that_is_filled_in_renumbers_and_both_find_it(town):
    town.crawl({RULES: page(number="/2024-00001")})
    assert town.crawl({RULES: page(number="1500/2024-00001")}) == [("renumbered", "index_number")]
    assert town.show("/2024-00001")["url"] == town.show("１５００／2024-00001")["url"] == RULES
    with town.catalogue() as catalogue, pytest.raises(NotFoundError):
        catalogue.find("1500/2024-00002")


def test_r4_two_documents_that_turn_out_to_be_one(town):
    """A number filled in can show that what was taken for two documents is one."""
    agency = "http://nmj.example.gov.cn/t9.html"
    assert town.crawl({RULES: page(number="/2024-00001"), agency: page(number="X/2024-00001")}) == [
        ("created", None),
        ("created", None),
    ]
    told = town.crawl({RULES: page(number="X/2024-00001"), agency: page(number="X/2024-00001")})
    assert told == [("renumbered", "index_number"), ("relocated", None)]
    with town.catalogue() as catalogue:
        [row] = list(catalogue.documents())
    assert row["index_number"] == "X/2024-00001"
    assert town.show(agency) == town.show(RULES) == town.show("X/2024-00001")
    kinds = [one["kind"] for one in town.history()["changes"]]
    assert kinds == ["created", "created", "renumbered", "relocated"]
    assert town.crawl({RULES: page(number="X/2024-00001"), agency: page(*ARTICLES[:2])})
    town.verified()


def test_r3_a_page_that_moved_and_was_amended_is_the_same_document(town):
    town.crawl({RULES: page()})
    with town.run() as crawl:
        crawl.see(COPY, page(*ARTICLES[:2]), moved_from=[RULES])
        assert crawl.archive.leads_to(RULES) == COPY
    assert sorted(town.told(town.report.id), key=str) == [("content", None), ("relocated", None)]
    assert town.show(RULES)["url"] == COPY
    assert [one["status"] for one in town.history()["locations"]] == ["moved", "live"]
    with town.run() as crawl:
        assert [one.url for one in crawl.archive.known_locations(conditional=False)] == [COPY]


# What is not the document (R9, R10) --------------------------------------------------------------


def test_r10_a_known_document_without_its_metadata_or_another_in_its_place_is_suspect(town):
    town.crawl({RULES: page(validity_label="有效")})
    with town.run() as crawl:
        bare = crawl.see(RULES, page(number=None))
        other = crawl.see(
            RULES, page("停电检修通告。", title="停电通告", number="9/2026-3", summary="停电")
        )
        challenge = crawl.miss(RULES, Outcome.BLOCKED, 412, b"<script>")
    assert {bare.outcome, other.outcome} == {Outcome.SUSPECT}
    assert challenge.outcome is Outcome.BLOCKED
    assert town.report.outcome is RunOutcome.INCOMPLETE
    assert (town.report.figures.blocked, town.report.figures.changed) == (3, 0)
    assert town.crawl({RULES: page(validity_label="有效")}) == []
    # The bytes of all three are evidence, beside those of the version.
    assert town.verified().bodies == 4


# What is accepted is told of by the machine's clock, not by the town's.
LONG_AGO = datetime(2020, 3, 1, 20, 0, tzinfo=SHANGHAI)


def accept(town, capture):
    """Accept a capture; what that changed, as `(kind, field)`."""
    with Archive.open(town.path, town) as archive:
        accepted = archive.accept(capture)
    return town.told(accepted.run.id)


def test_r10_r9_a_page_that_is_accepted_restores_its_document(town):
    town.now = LONG_AGO
    town.crawl({RULES: page(validity_label="有效")})
    gone(town, RULES)
    assert gone(town, RULES) == [("withdrawn", None)]
    with town.run() as crawl:
        doubted = crawl.see(RULES, page(number=None))
    assert doubted.outcome is Outcome.SUSPECT
    assert town.show()["status"] == "withdrawn"
    assert accept(town, doubted.evidence) == [
        ("renumbered", "index_number"),
        ("validity", "validity_label"),
        ("restored", None),
    ]
    assert town.show()["status"] == "current"
    assert town.show()["captured_at"] < town.changes()[-1]["at"]
    town.verified()


def test_r10_what_another_address_has_shown_since_is_not_overtaken(town):
    town.crawl({RULES: page(validity_label="有效"), COPY: page(validity_label="有效")})
    with town.run() as crawl:
        doubted = [crawl.see(url, page(number=None)).evidence for url in (RULES, COPY)]
    # Of two copies that one run met either can come first; they are one amendment.
    assert len(accept(town, doubted[1])) == 2
    assert accept(town, doubted[0]) == []
    with town.run() as crawl:
        late = crawl.see(RULES, page("停电检修。", title="停电通告", number="9/2026-3")).evidence
    assert town.crawl({COPY: page(ARTICLES[0], number=None)}) == [("content", None)]
    with pytest.raises(NotAcceptableError, match="version 3 has been seen at another address"):
        accept(town, late)
    town.verified()


def test_r10_changed_since_is_when_a_version_was_recorded(town):
    """A page can be accepted days after it was captured."""
    town.now = LONG_AGO
    town.crawl({RULES: page(validity_label="有效")})
    with town.run() as crawl:
        doubted = crawl.see(RULES, page(number=None))
    since = round(town.now.timestamp() * 1000) + 60_000
    selection = Selection(changed_since_ms=since)
    with town.catalogue() as catalogue:
        assert list(catalogue.documents(selection)) == []
    accept(town, doubted.evidence)
    with town.catalogue() as catalogue:
        assert [one["url"] for one in catalogue.documents(selection)] == [RULES]


def gone(town, *urls, **ending):
    with town.run(**ending) as crawl:
        for url in urls:
            crawl.miss(url)
    return town.told(town.report.id)


def test_r9_a_document_is_withdrawn_in_the_second_run_and_restored_by_an_answer(town):
    town.crawl({RULES: page()})
    assert gone(town, RULES, RULES) == []
    assert gone(town, RULES) == [("withdrawn", None)]
    assert gone(town, RULES) == []
    assert town.show()["status"] == "withdrawn"
    assert town.crawl({RULES: page()}) == [("restored", None)]
    assert town.show()["status"] == "current"
    # A good answer between them begins the count anew.
    assert gone(town, RULES) == []
    assert town.crawl({RULES: page()}) == []
    assert gone(town, RULES) == []
    town.verified()


def test_r9_a_run_that_a_firewall_stopped_counts_for_none(town):
    town.crawl({RULES: page()})
    assert gone(town, RULES, stopped=Stop.BLOCKED) == []
    assert gone(town, RULES) == []
    assert gone(town, RULES, stopped=Stop.BLOCKED) == []
    assert gone(town, RULES) == [("withdrawn", None)]


def test_r9_a_document_with_another_address_is_not_withdrawn(town):
    town.crawl({RULES: page(), COPY: page()})
    assert gone(town, RULES) == []
    assert gone(town, RULES) == []
    assert town.show()["url"] == COPY
    gone(town, COPY)
    assert gone(town, COPY) == [("withdrawn", None)]


def test_r9_what_a_further_address_shows_stands_when_the_first_is_gone(town):
    town.crawl({RULES: page(), COPY: page(*ARTICLES[:2])})
    gone(town, RULES)
    assert gone(town, RULES) == [("content", None)]
    assert (town.show()["url"], town.show()["version"]) == (COPY, 2)
    town.verified()


# Columns (R8, R14) -------------------------------------------------------------------------------


def visit(rows, *, reached_end=True, failed=""):
    return ColumnVisit(
        column=COLUMN,
        pages=1,
        rows=rows,
        first_page_rows=rows,
        new_rows=0,
        reached_end=reached_end,
        failed=failed,
    )


def test_r8_what_a_columns_first_complete_walk_brings_is_baseline(town):
    second = f"{HOST}/zwgk/t2.html"
    third = f"{HOST}/zwgk/t3.html"
    with town.run() as crawl:
        rows = [ListedRow(RULES, ""), ListedRow(second, "")]
        assert crawl.archive.note_rows(COLUMN, rows) == rows
        crawl.see(RULES, page())
        assert not crawl.archive.column_is_complete(COLUMN)
        crawl.archive.note_visit(visit(2))
        assert crawl.archive.column_is_complete(COLUMN)
    with town.run() as crawl:
        # What the first walk showed and this run fetches belongs to it still.
        assert list(crawl.archive.frontier()) == [second]
        crawl.see(second, page(number="1500/2024-00002", title="另一件"))
        crawl.archive.note_rows(COLUMN, [ListedRow(third, ""), *rows])
        assert list(crawl.archive.frontier()) == [third]
        crawl.see(third, page(number="1500/2024-00003", title="第三件"))
        assert list(crawl.archive.frontier()) == []
    assert [(one["url"], one["baseline"]) for one in town.changes()] == [
        (RULES, True),
        (second, True),
        (third, False),
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [(40, None), (21, None), (19, "19"), (0, "no documents")],
)
def test_r14_a_column_is_judged_against_the_visits_before(town, rows, problem):
    for _ in range(3):
        with town.run() as crawl:
            assert crawl.archive.note_visit(visit(40)) is None
    with town.run() as crawl:
        said = crawl.archive.note_visit(visit(rows))
    assert said is None if problem is None else problem in said


@pytest.mark.parametrize(
    ("visits", "kind"),
    [
        ([visit(40)], None),
        ([visit(0)], "empty"),
        ([visit(40), visit(40), visit(0)], "empty"),
        ([visit(40), visit(19)], "fewer"),
        ([visit(40), visit(19), visit(40)], None),
        # A short visit sees the first page alone, and says nothing of what the long one saw.
        ([visit(40), visit(19), visit(20, reached_end=False)], "fewer"),
        ([visit(40), visit(0), visit(20, reached_end=False)], "empty"),
        ([visit(40), visit(19), visit(20, reached_end=False), visit(40)], None),
        ([visit(40), visit(20, reached_end=False)], None),
        ([visit(40), visit(0, failed="status 503")], "unread"),
        ([visit(40), visit(0, failed="status 503"), visit(40)], None),
        ([visit(40), visit(0, failed="status 503"), visit(19)], "fewer"),
        # What has been so for long is how it is.
        ([visit(40), *[visit(19)] * 6], None),
    ],
)
def test_r14_the_columns_that_look_wrong_are_those_whose_last_visits_were(town, visits, kind):
    for one in visits:
        with town.run() as crawl:
            crawl.archive.note_visit(one)
    with town.catalogue() as catalogue:
        found = catalogue.odd_columns()
    assert [one.kind for one in found] == ([kind] if kind else [])
    if kind and kind != "unread":
        assert "it used to" in found[0].problem or len(visits) == 1


def test_r14_a_column_that_cannot_be_read_says_why_and_is_no_measure(town):
    with town.run() as crawl:
        assert "status 503" in crawl.archive.note_visit(visit(0, failed="status 503"))
    with town.run() as crawl:
        assert "and never did" in crawl.archive.note_visit(visit(0))


def test_known_places_come_with_validators_those_not_asked_for_longest_first(town):
    other = f"{HOST}/zwgk/t2.html"
    town.crawl({RULES: page(), other: page(number="1500/2024-00002", title="另一件")})
    town.crawl({RULES: page()})
    with town.run() as crawl:
        targets = list(crawl.archive.known_locations(conditional=True))
        assert [target.url for target in targets] == [other, RULES]
        assert targets[1].etag == f'"{sha256(page()).hex()[:8]}"'
        [target, _] = crawl.archive.known_locations(conditional=False)
        assert (target.url, target.etag) == (other, None)


def test_r5_a_place_is_asked_as_it_answered_last_and_shown_as_it_was_met(town):
    """A portal that leads from http to https is spared a request a page."""
    secure = RULES.replace("http:", "https:")

    def asked():
        with town.run() as crawl:
            whole = [one.url for one in crawl.archive.known_locations(conditional=False)]
            due = crawl.archive.due_locations(1, ceiling_days=1)
            assert [one.url for one in due] == whole
        return whole

    town.crawl({RULES: page()})
    assert asked() == [RULES]
    for body in (page(), page("第一条 现予修订。")):
        town.crawl({secure: body})
        assert asked() == [secure]
        assert [one["url"] for one in town.history()["locations"]] == [RULES]
    # There it answers no more; where it was met it may.
    with town.run() as crawl:
        crawl.miss(secure, Outcome.FAILED, status=None)
    assert asked() == [RULES]
    town.crawl({RULES: page("第一条 现予修订。")})
    assert asked() == [RULES]
    town.verified()


def test_r13_a_304_confirms_what_stood_there_and_nothing_else(town):
    town.crawl({RULES: WITH_FILE}, {ROSTER: b"1"})
    with town.run() as crawl:
        assert crawl.archive.recall(RULES) == (LinkedFile("名册", ROSTER),)
        assert crawl.archive.recall(RULES, sha256(b"other")) is None
        assert crawl.archive.recall(COPY) is None
        assert crawl.not_modified(RULES).outcome is Outcome.UNCHANGED
        assert crawl.not_modified(COPY).outcome is Outcome.SUSPECT
    shown = town.show()
    assert shown["versions"] == 1
    assert shown["captured_at"] < shown["confirmed_at"] == shown["last_checked"]


# Runs --------------------------------------------------------------------------------------------


def test_r18_what_is_recorded_is_there_while_the_run_goes_on(town):
    with town.run() as crawl:
        recorded = crawl.see(RULES, page())
        assert recorded.version == 1
        with town.catalogue() as catalogue:
            assert catalogue.show(RULES)["version"] == 1
            [run] = catalogue.runs()
        assert (run["outcome"], run["finished_at"], run["created"]) == ("running", None, 1)
    assert (town.report.ledger_length, len(town.report.ledger_head)) == (1, 64)


def test_one_crawl_of_a_portal_at_a_time_and_others_beside_it(town):
    with town.run() as crawl:
        crawl.see(RULES, page())
        with pytest.raises(BusyError, match="a crawl of town is under way"), town.run():
            pytest.fail("two crawls of one portal")
        with town.run(portal="village") as other:
            other.see(RULES, page())
        with Archive.open(town.path, town) as onlooker:
            assert onlooker.mark_interrupted("town") == 0
    with town.catalogue() as catalogue:
        assert [row["portal"] for row in catalogue.documents()] == ["town", "village"]
        assert [run["outcome"] for run in catalogue.runs()] == ["finished", "finished"]
    town.verified()


def test_a_run_without_an_end_is_interrupted_once_its_process_is_gone(town):
    archive = Archive.open(town.path, town)
    archive.begin_run("town", "sweep")
    Crawl(town, archive, 1).see(RULES, page())
    archive.close()
    with Archive.open(town.path, town) as later:
        assert later.mark_interrupted("town") == 1
        assert later.mark_interrupted("town") == 0
    with town.catalogue() as catalogue:
        [run] = catalogue.runs()
        assert (run["outcome"], run["created"]) == ("interrupted", 1)
        assert run["finished_at"] is not None
        assert catalogue.show(RULES)["version"] == 1


def test_confirmations_that_wait_are_written_at_the_end_of_a_run(town):
    """Many pages that have not changed are confirmed together; none is lost."""
    urls = {f"{HOST}/zwgk/{number}.html": number for number in range(1, 76)}
    pages = {
        url: page(
            f"第{number}号通告，即日起施行。", title=f"通告{number}", number=f"1/2024-{number}"
        )
        for url, number in urls.items()
    }
    town.crawl(pages)
    assert town.crawl(pages) == []
    assert town.report.figures.unchanged == 75
    with town.catalogue() as catalogue:
        shown = [catalogue.show(url) for url in pages]
    assert all(one["confirmed_at"] > one["captured_at"] for one in shown)
    assert len({one["confirmed_at"] for one in shown}) == 75
