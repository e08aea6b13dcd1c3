"""Pages that are doubted and prove to be the document: evidence, `captures`, `accept` (R10)."""

import pytest
from support.site import File, Record, Town
from support.yange import FAILED, INCOMPLETE, MISUSED, Yange, kinds

from archive.archive import Archive
from archive.captures import CaptureFilter
from archive.runs import RunOutcome
from crawler.replica.server import Answer
from scheduler.configuration import load
from scheduler.readers import Readers

CHALLENGE = """<html><head><noscript>请开启JavaScript并刷新该页。</noscript>
<script>eval(function(p,a,c,k,e,d){return p}('0 1=2',3,3,'var|token|7'.split('|'),0,{}))</script>
</head><body></body></html>"""
CLOSURE = "网站正在升级维护，请到政务服务大厅一楼窗口办理，本周五恢复。"
ROSTER = "/files/roster.csv"


def rule(number):
    """A document whose text is long enough for a part of it to be missed."""
    return Record(
        title=f"柳溪市第{number}号公共停车场管理办法",
        number=f"11159900MB10073XYA/2025-{number:05}",
        body=(
            f"第一条 为了规范第{number}号公共停车场的使用，方便群众出行，制定本办法。",
            "第二条 停车场全天开放，机动车按进场先后停放，不得占用消防通道和无障碍车位。",
            "第三条 停车三十分钟以内免收费用，超过三十分钟的，每小时收取两元，全天不超过十五元。",
            "第四条 管理单位应当在入口处公示收费标准和监督电话，每季度公布一次收支情况。",
            "第五条 违反本办法的，由市城市管理综合执法局依法处理。本办法自公布之日起施行。",
        ),
    )


def bare_notice(title, *lines, mark="p", href=ROSTER):
    """A page without metadata, heading by class or named body, which looks like no document."""
    body = "".join(f"<{mark}>{line}</{mark}>" for line in lines)
    link = f'<{mark}><a href="{href}">窗口名册.csv</a></{mark}>' if href else ""
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body>"
        f"<div><h1>{title}</h1>{body}{link}</div></body></html>"
    )


def shortened(record, lines, cut=0):
    """The record with its first lines only, the last of them without its last characters."""
    *whole, last = record.body[:lines]
    return record.but(body=(*whole, last[: len(last) - cut]))


RULES = {
    name: rule(number)
    for number, name in enumerate(
        [
            "bare",
            "emptied",
            "shrunk",
            "broken",
            "closed",
            "void",
            "walled",
            "back",
            "gone",
            "again",
        ],
        start=1,
    )
}
NO_METADATA = "a known document without its metadata"
NOTHING_LEFT = "a known document without its text and files"
LITTLE = "a known document with little of its text, and nothing new"
BREAKS_OFF = "a known document whose text breaks off"
REASONS = {
    "bare": NO_METADATA,
    "emptied": NOTHING_LEFT,
    "shrunk": LITTLE,
    "broken": BREAKS_OFF,
    "back": LITTLE,
    "gone": LITTLE,
    "again": LITTLE,
}
ACCEPTED = ["bare", "emptied", "shrunk", "broken", "closed", "unheard"]
REAL = {
    "repealed": lambda record: record.but(body=("本办法已于2026年1月1日废止，停车收费另行规定。",)),
    "see-attachment": lambda record: record.but(
        body=("详见附件", File(name="停车场管理办法.pdf", href="/files/rule.pdf"))
    ),
    "published": lambda record: record.but(
        body=(record.body[0], File(name="停车场管理办法.pdf", href="/files/rule.pdf"))
    ),
    "struck-out": lambda record: record.but(body=record.body[:2]),
    "relabelled": lambda record: record.but(validity="废止", body=()),
}


def at(name):
    return f"/gk/{name}/index.html"


class Story:
    """A town whose pages are doubted on the second day, and what a person makes of it."""

    def __init__(self, town, yange):
        self.town, self.yange = town, yange
        records = RULES | {name: rule(number) for number, name in enumerate(REAL, start=50)}
        for name, record in records.items():
            town.publish(record, at(name))
        for number in range(100, 112):
            # Sound ones keep the run going (R11).
            town.publish(rule(number), at(number))
        town.answer("/files/rule.pdf", b"%PDF-1.5 rule")
        self.first = yange.crawl()
        for name, change in REAL.items():
            town.publish(change(records[name]), at(name))
        town.answer(at("bare"), RULES["bare"].html_without_metadata())
        town.answer(at("emptied"), RULES["emptied"].but(body=()).html())
        town.answer(at("broken"), shortened(RULES["broken"], 2, cut=9).html())
        for name in ("shrunk", "back", "gone", "again"):
            town.answer(at(name), shortened(RULES[name], 1).html())
        town.answer(at("closed"), bare_notice("系统维护", CLOSURE))
        town.answer(at("void"), Answer.html(""))
        town.answer(at("walled"), Answer.html(CHALLENGE, status=412))
        town.list_row(at("unheard"), "系统维护公告")
        town.answer(at("unheard"), bare_notice("系统维护公告", CLOSURE))
        town.answer(ROSTER, b"1,2\n")
        self.doubted = yange.crawl(status=INCOMPLETE)
        self.evidence = {name: self.captures(name)[0]["id"] for name in (*RULES, "unheard")}

        self.challenge = yange.run("accept", self.evidence["walled"], status=FAILED)
        self.accepted = {name: self.accept(name) for name in ACCEPTED}
        for name in ("void", "walled", "back"):
            town.publish(RULES[name], at(name))
        town.remove(at("gone"))
        self.same = yange.crawl(status=INCOMPLETE)
        self.accepted["again"] = self.accept("again")

        town.answer(at("bare"), RULES["bare"].but(noise="7").html_without_metadata())
        town.answer(at("emptied"), RULES["emptied"].but(body=(), noise="7").html())
        town.answer(at("broken"), shortened(RULES["broken"].but(noise="7"), 2, cut=9).html())
        for name in ("shrunk", "again"):
            town.answer(at(name), shortened(RULES[name].but(noise="7"), 1).html())
        for name, title in (("closed", "系统维护"), ("unheard", "系统维护公告")):
            town.answer(at(name), bare_notice(title, CLOSURE, mark="div"))
        self.rewritten = yange.crawl()

        more = "第六条 本办法由市城市管理综合执法局负责解释。"
        amended = RULES["bare"].but(body=(*RULES["bare"].body, more))
        town.answer(at("bare"), amended.html_without_metadata())
        town.answer(at("shrunk"), shortened(RULES["shrunk"], 1).but(validity="失效").html())
        town.publish(RULES["broken"], at("broken"))
        town.answer(at("unheard"), bare_notice("系统维护公告", CLOSURE.replace("五", "六")))
        # This time it is one.
        town.answer(at("closed"), bare_notice("出错了", "系统正在维护中", href=None))
        self.amended = yange.crawl(status=INCOMPLETE)

    def accept(self, name):
        """Accept what the page of that name showed when it was doubted; what that changed."""
        self.yange.run("accept", self.evidence[name])
        with self.yange.catalogue() as catalogue:
            [run] = catalogue.runs(limit=1)
        return run, self.yange.changes_of(run)

    def url(self, name):
        return self.town.url(at(name))

    def captures(self, name):
        """Every capture of a page, newest first."""
        with self.yange.catalogue() as catalogue:
            return catalogue.captures(self.url(name), CaptureFilter(), 50)[0]

    def show(self, name, version=None):
        """A version of the document at a page's address."""
        with self.yange.catalogue() as catalogue:
            return catalogue.show(self.url(name), version=version)

    def changes(self, run):
        """What a run changed: the kinds, by page."""
        found = {}
        for change in self.yange.changes_of(run):
            found.setdefault(change["url"].split("/")[-2], []).append(change["kind"])
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    with Town() as town:
        yield Story(town, Yange(tmp_path_factory.mktemp("accept"), town))


# --- what is doubted, and what is not -------------------------------------------------------------


@pytest.mark.parametrize("name", REASONS)
def test_a_page_that_lost_much_and_shows_nothing_new_is_suspect(story, name):
    """R10: with its reason, its bytes kept, and the version left as it was."""
    seen = {one["id"]: one for one in story.captures(name)}[story.evidence[name]]
    assert (seen["outcome"], seen["reason"]) == ("suspect", REASONS[name])
    assert seen["run"] == story.doubted["id"]
    assert seen["bytes"] > 0
    assert story.show(name, 1)["text"] == "\n".join(RULES[name].body)
    assert name not in story.changes(story.doubted)


def test_a_repeal_a_covering_note_and_an_amendment_are_changes(story):
    """R10: what is put in the place of a text is no damage."""
    assert story.changes(story.doubted) == {
        "repealed": ["content"],
        "see-attachment": ["content", "attachment"],
        "published": ["content", "attachment"],
        "struck-out": ["content"],
        "relabelled": ["validity", "content"],
    }


def test_a_runs_problems_lead_to_the_captures(story):
    """R10: each time that a page is doubted, so that it is no blind spot for ever."""
    for name in ("bare", "emptied", "broken"):
        [said] = [said for said in story.doubted["problems"] if story.url(name) in said]
        capture = story.evidence[name]
        assert f"`yange captures --text {capture}`" in said
        assert f"`yange accept {capture}`" in said
    [grouped] = [said for said in story.doubted["problems"] if LITTLE in said]
    assert f"`yange captures --run {story.doubted['id']} --outcome suspect`" in grouped
    [still] = story.same["problems"]
    second = next(one for one in story.captures("again") if one["run"] == story.same["id"])
    assert f"`yange accept {second['id']}`" in still


# --- captures -------------------------------------------------------------------------------------


def test_captures_of_a_run_and_of_an_outcome(story):
    rows = story.yange.read(
        "captures", "--run", story.doubted["id"], "--outcome", "suspect", "--outcome", "blocked"
    )
    assert [one["id"] for one in rows] == sorted((one["id"] for one in rows), reverse=True)
    assert {one["id"] for one in rows} == {*story.evidence.values()}
    [walled] = [one for one in rows if one["outcome"] == "blocked"]
    assert (walled["status"], walled["bytes"]) == (412, len(CHALLENGE.encode()))


def test_captures_of_a_number_an_address_and_an_address_that_is_no_document(story):
    by_number = story.yange.read("captures", RULES["walled"].number)
    assert by_number == story.captures("walled")
    assert [one["outcome"] for one in by_number][-2:] == ["blocked", "document"]
    [of_file] = story.yange.read("captures", story.url("closed"), "--limit", "1")
    assert of_file["reason"] == "a maintenance notice"
    stranger = story.yange.run("captures", "http://example.org/1.html", status=FAILED)
    assert stranger.err == "yange: http://example.org/1.html has never been asked for\n"


def test_captures_says_when_there_are_more(story):
    ended = story.yange.run("captures", "--limit", "2", "--since", "2020-01-01")
    assert "there are more than these 2" in ended.err
    assert len(ended.out.splitlines()) == 3
    none = story.yange.run("captures", "--until", "2020-01-01", "--json")
    assert (none.json, none.err) == ([], "")


def test_the_bytes_and_the_reading_of_a_capture(story):
    capture = story.evidence["closed"]
    page = bare_notice("系统维护", CLOSURE)
    assert story.yange.run("captures", "--raw", capture).out == page
    read = story.yange.run("captures", "--text", capture).out
    for said in ("系统维护", CLOSURE, "suspect: a maintenance notice", ROSTER):
        assert said in read
    unchanged = story.captures("shrunk")[1]["id"]
    ended = story.yange.run("captures", "--raw", unchanged, status=FAILED)
    assert (ended.out, ended.err) == (
        "",
        f"yange: no bytes were kept of capture {unchanged} (not_modified)\n",
    )
    story.yange.run("captures", "--raw", capture, "--run", "2", status=MISUSED)


# --- accept ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*ACCEPTED, "again"])
def test_an_accepted_capture_is_a_version_under_a_run_of_its_own(story, name):
    """R10, R15: captured then, told now; and the first capture stays what it was."""
    run, changes = story.accepted[name]
    assert (run["mode"], run["outcome"], run["requests"]) == ("accept", "finished", 0)
    rows = {one["id"]: one for one in story.captures(name)}
    first = rows[story.evidence[name]]
    second = rows[first["accepted_as"]]
    assert (second["accepts"], second["run"]) == (first["id"], run["id"])
    assert (first["outcome"], second["outcome"]) == ("suspect", "document")
    assert (first["sha256"], first["at"]) == (second["sha256"], second["at"])
    number = 1 if name == "unheard" else 2
    assert {one["version"] for one in changes} == {number}
    assert story.show(name, number)["captured_at"] == first["at"]
    assert all(run["started_at"] <= one["at"] <= run["finished_at"] for one in changes)


def test_what_was_accepted_is_what_was_shown(story):
    """R8: by the kinds of its changes; a page that was not known is a new document."""
    found = {name: sorted({*kinds(changes)}) for name, (_, changes) in story.accepted.items()}
    assert found == {
        "bare": ["metadata", "renumbered", "validity"],
        "emptied": ["content"],
        "shrunk": ["content"],
        "broken": ["content"],
        "closed": ["attachment", "content", "metadata", "renumbered", "validity"],
        "unheard": ["created"],
        "again": ["content"],
    }
    assert story.show("shrunk", 2)["text"] == RULES["shrunk"].body[0]
    assert story.show("unheard", 1)["text"] == f"{CLOSURE}\n窗口名册.csv"
    # The list had been walked to its end before.
    [created] = story.accepted["unheard"][1]
    assert not created["baseline"]


def test_an_accepted_page_stays_accepted(story):
    """R10: the same bytes, the same document in other markup, and what becomes of it."""
    assert story.changes(story.same) == {}
    assert story.same["blocked"] == 1  # the one that was accepted only then
    assert story.changes(story.rewritten) == {"gone": ["withdrawn"]}
    assert story.rewritten["outcome"] == "finished"
    assert story.changes(story.amended) == {
        "bare": ["content"],
        "shrunk": ["validity"],
        "broken": ["content"],
        "unheard": ["content"],
    }


def test_another_page_of_the_same_finding_is_doubted_all_the_same(story):
    """R10: a document that looked like a maintenance notice can still be under maintenance."""
    [said] = story.amended["problems"]
    assert said.startswith("suspect: a maintenance notice")
    assert story.url("closed") in said
    assert story.show("closed")["versions"] == 2


@pytest.mark.parametrize("name", ["closed", "unheard"])
def test_r6_the_files_of_an_accepted_page_arrive_late_and_are_no_change(story, name):
    [file] = story.show(name, 1 if name == "unheard" else 2)["attachments"]
    assert (file["url"], file["bytes"]) == (story.town.url(ROSTER), 4)


def test_r17_an_archive_with_accepted_pages_holds(story):
    verified = story.yange.read("verify")
    assert (verified["ok"], verified["problems"]) == (True, [])
    assert verified["ledger_length"] == len(story.yange.changes())


def refused(story, capture, status=FAILED):
    """The one sentence that refuses an acceptance."""
    ended = story.yange.run("accept", capture, status=status)
    assert ended.out == ""
    [sentence] = ended.err.splitlines()
    return sentence


def test_accept_refuses_what_is_no_evidence_in_a_sentence(story):
    before = story.yange.changes()
    assert refused(story, 99999) == (
        "yange: there is no capture 99999; `yange captures` lists them"
    )
    first = story.captures("bare")[-1]["id"]
    assert "neither suspect nor blocked (document)" in refused(story, first)
    assert "no bytes were kept" in refused(story, story.evidence["void"])
    assert story.challenge.err.startswith("yange: no text, file or metadata is found on the page")
    accepted = story.captures("bare")
    [again] = [one["id"] for one in accepted if one["accepts"] == story.evidence["bare"]]
    assert f"accepted already, as capture {again}" in refused(story, story.evidence["bare"])
    assert story.yange.changes() == before


def test_accept_does_not_rewrite_history(story):
    """A page that has answered since stands as it answered."""
    back = refused(story, story.evidence["back"])
    assert f"{story.url('back')} has shown version 1 since" in back
    assert "has turned out to be gone since" in refused(story, story.evidence["gone"])
    assert "has shown version 1 since" in refused(story, story.evidence["walled"])


def test_accept_waits_for_no_crawl(story):
    readers = Readers(load(story.yange.configuration).settings)
    with Archive.open(story.yange.archive, readers) as archive:
        archive.begin_run("town", "sweep")
        assert "a crawl of town is under way" in refused(story, story.captures("closed")[0]["id"])
        archive.finish_run(RunOutcome.FINISHED)
