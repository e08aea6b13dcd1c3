"""When a new version is recorded, and when not (R6–R8)."""

import hashlib
from pathlib import Path

import pytest
from support.scenarios import Scenarios
from support.site import File, Record, Table, Town
from support.yange import Yange, kinds, told

from crawler.replica.server import Answer, Unmeasured

ZCWJ = "/zcwj/"
NMJ = "//localhost/nmj/"
OUTSIDE = "http://127.0.0.2:9/annex.pdf"
scenarios = Scenarios()
_FILES = Path(__file__).parent / "files"

ROADS = Record(
    title="柳溪市农村公路养护管理办法",
    body=(
        "第一条 为了保障农村公路完好畅通，制定本办法。",
        "第二条 乡道、村道的日常养护由所在地镇人民政府负责。",
        "第三条 养护资金每年每公里不低于三千元。",
    ),
)


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    with Town("/gk/", ZCWJ, NMJ) as town:
        yield scenarios.play(town, Yange(tmp_path_factory.mktemp("versions"), town))


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def pdf(text):
    return b"%PDF-1.4\n" + text.encode() + b"\n%%EOF\n"


# --- every field is told by its kind -------------------------------------------------------------

# Field, what its page states instead, the kind, and what is told as before and after.
FIELDS = [
    ("title", {"title": "农村公路管护办法"}, "metadata", ROADS.title, "农村公路管护办法"),
    (
        "document_number",
        {"document_number": "柳政发〔2025〕7号"},
        "metadata",
        None,
        "柳政发〔2025〕7号",
    ),
    ("issuing_agency", {"agency": "市交通运输局"}, "metadata", "市人民政府办公室", "市交通运输局"),
    ("category", {"category": "交通"}, "metadata", "规范性文件", "交通"),
    ("summary", {"summary": "明确养护责任"}, "metadata", None, "明确养护责任"),
    ("written_on", {"written": "2025-03-04 00:00:00"}, "metadata", "2025-03-03", "2025-03-04"),
    (
        *("published_at", {"published": "2025-03-05 09:31:00"}, "metadata"),
        *("2025-03-05T09:30:00+08:00", "2025-03-05T09:31:00+08:00"),
    ),
    ("repealed_on", {"repealed": "2026年01月01日"}, "validity", None, "2026-01-01"),
    ("validity_label", {"validity": "已修改"}, "validity", "有效", "已修改"),
]


@scenarios.add
def each_field_is_told_by_its_kind(scene):
    """R8: one document for every field."""
    for name, *_ in FIELDS:
        scene.publish(ROADS.but(number=f"/2025-{name}"), name)
    yield
    for name, stated, *_ in FIELDS:
        scene.publish(ROADS.but(number=f"/2025-{name}", **stated), name)
    day = yield
    assert sorted(told(day.changes), key=str) == sorted(
        ((kind, name, before, after) for name, _, kind, before, after in FIELDS), key=str
    )
    assert {change["version"] for change in day.changes} == {2}
    assert not any(change["baseline"] for change in day.changes)


@scenarios.add
def one_version_carries_several_changes(scene):
    """R8."""
    scene.publish(ROADS.but(number="/2025-00211"), "1")
    yield
    scene.publish(
        ROADS.but(
            number="11159900MB10073XYA/2025-00211",
            category="交通",
            validity="废止",
            repealed="2025-06-01",
            body=(*ROADS.body, "第四条 本办法自发布之日起施行。"),
        ),
        "1",
    )
    day = yield
    assert kinds(day.changes) == ["content", "metadata", "renumbered", "validity", "validity"]
    assert {change["version"] for change in day.changes} == {2}
    assert [one["version"] for one in scene.history(scene.url("1"))["versions"]] == [1, 2]


@scenarios.add
def the_text_changes_by_a_character_and_by_a_cell(scene):
    """R6."""
    rows = (("路段", "里程"), ("柳石线", "12.4"), ("柳青线", "8.0"))
    scene.publish(ROADS.but(number="/2025-00212"), "1")
    scene.publish(ROADS.but(number="/2025-00213", body=(*ROADS.body, Table(rows=rows))), "2")
    yield
    amended = tuple(line.replace("三千元", "五千元") for line in ROADS.body)
    scene.publish(ROADS.but(number="/2025-00212", body=amended), "1")
    rows = (*rows[:2], ("柳青线", "8.5"))
    scene.publish(ROADS.but(number="/2025-00213", body=(*ROADS.body, Table(rows=rows))), "2")
    day = yield
    assert sorted(told(day.changes)) == [
        ("content", None, "柳青线\t8.0", "柳青线\t8.5"),
        ("content", None, ROADS.body[2], amended[2]),
    ]


@scenarios.add
def a_return_to_the_old_text_is_a_version_of_its_own(scene):
    """R6: what a version differs from is the one before it."""
    scene.publish(ROADS.but(number="/2025-00214"), "1")
    yield
    scene.publish(ROADS.but(number="/2025-00214", validity="失效"), "1")
    yield
    scene.publish(ROADS.but(number="/2025-00214"), "1")
    day = yield
    assert told(day.changes) == [("validity", "validity_label", "失效", "有效")]
    digests = [one["content_sha256"] for one in scene.history("/2025-00214")["versions"]]
    assert len(digests) == 3
    assert len(set(digests)) == 1


# --- what is not the document --------------------------------------------------------------------


@scenarios.add
def whatever_moves_around_a_document_is_not_the_document(scene):
    """R6: markup, white space, entities, encodings, counters, neighbours, stamps."""
    record = ROADS.but(number="/2025-00221", category="交通、运输", agency="市交通运输局（本级）")
    variations = {
        "counter-and-neighbours": lambda page: record.but(noise="98765").html(),
        "white-space": lambda page: page.replace("制定本办法", "制 定\n  本&nbsp;办法"),
        "markup": lambda page: page.replace(
            "<p>第二条 乡道", '<p style="text-indent:2em"><span class="x">第二条 </span><b>乡</b>道'
        ),
        "entities": lambda page: page.replace("、", "&#12289;").replace("（", "&#xFF08;"),
        "attributes": lambda page: page.replace(
            '<td class="hui12">', "<td  nowrap='nowrap'  class='hui12 new' id=x>"
        ),
        "comments": lambda page: page.replace("</p>", "<!-- 编辑：张 --></p>"),
        "template": lambda page: page.replace(
            '<div class="footer">', '<div class="banner"><p>欢迎关注政务新媒体</p></div>'
            '<div class="footer"><p>版权所有 2026</p>'
        ),
        "share": lambda page: page.replace("分享到：", "分享到：<a href='#'>微博</a>"),
        "line-ends": lambda page: page.replace("\n", "\r\n"),
    }  # fmt: skip
    for name in variations:
        scene.publish(record.but(number=f"/2025-{name.upper()}"), name)
    scene.publish(record, "gbk")
    yield
    for name, variation in variations.items():
        page = variation(record.html())
        assert page != record.html()
        page = page.replace("/2025-00221", f"/2025-{name.upper()}")
        scene.town.answer(scene.at(name), page)
    gbk = record.html().replace("charset=utf-8", "charset=gbk")
    scene.town.answer(scene.at("gbk"), Answer.html(gbk, charset="gbk"))
    day = yield
    assert day.changes == []
    assert day.problems == []


@scenarios.add
def another_label_of_the_template_is_no_field(scene):
    """R6: unknown labels make no versions."""
    record = ROADS.but(number="/2025-00222")
    scene.publish(record, "1")
    yield
    unknown = '<tr><td class="hui12">公开方式：</td><td>主动公开</td></tr></tbody>'
    scene.town.answer(scene.at("1"), record.html().replace("</tbody>", unknown, 1))
    day = yield
    assert day.changes == []


# --- attachments --------------------------------------------------------------------------------


@scenarios.add
def an_attachments_bytes_are_replaced(scene):
    """R6: under the same address and the same name."""
    record = ROADS.but(
        number="/2025-00231", body=(*ROADS.body, File(name="附件：养护定额.pdf", href="a.pdf"))
    )
    old, new = pdf("每公里三千元"), pdf("每公里四千元")
    scene.town.answer(scene.at("1").replace("index.html", "a.pdf"), old)
    scene.publish(record, "1")
    yield
    [attachment] = scene.show("1")["attachments"]
    assert attachment.pop("text")["outcome"] == "broken"
    assert attachment == {
        "name": "附件：养护定额.pdf",
        "url": scene.url("1").replace("index.html", "a.pdf"),
        "media_type": "application/pdf",
        "bytes": len(old),
        "sha256": sha256(old),
    }
    scene.town.answer(scene.at("1").replace("index.html", "a.pdf"), new)
    day = yield
    assert told(day.changes) == [("attachment", "附件：养护定额.pdf", sha256(old), sha256(new))]
    assert scene.show("1", version=1)["attachments"][0]["sha256"] == sha256(old)
    assert scene.show("1")["attachments"][0]["sha256"] == sha256(new)
    assert scene.show("1")["version"] == 2


@scenarios.add
def attachments_come_and_go(scene):
    """R6: pictures are attachments as well; a link's text is a line of the text."""
    picture = File(name="路网图", href="/files/map.png", picture=True)
    sheet = File(name="附件：路段表.csv", href="/files/roads.csv")
    image, rows = b"\x89PNG\r\n\x1a\nmap", "路段,里程\n柳石线,12.4\n".encode()
    scene.town.answer("/files/map.png", image)
    scene.town.answer("/files/roads.csv", rows)
    scene.publish(ROADS.but(number="/2025-00232", body=(*ROADS.body, picture)), "1")
    yield
    scene.publish(ROADS.but(number="/2025-00232", body=(*ROADS.body, picture, sheet)), "1")
    day = yield
    assert ("attachment", sheet.name, None, sha256(rows)) in told(day.changes)
    assert kinds(day.changes) == ["attachment", "content"]
    scene.publish(ROADS.but(number="/2025-00232", body=(*ROADS.body, sheet)), "1")
    day = yield
    assert ("attachment", picture.name, sha256(image), None) in told(day.changes)
    assert [one["name"] for one in scene.show("1")["attachments"]] == [sheet.name]


@scenarios.add
def an_attachment_moves_to_another_address(scene):
    """R6: the same bytes under a new address are the same attachment."""
    body = pdf("移动的附件")
    scene.town.answer("/files/20240101.pdf", body)
    scene.town.answer("/files/20250701.pdf", body)
    old, new = (File(name="附件.pdf", href=f"/files/{at}.pdf") for at in (20240101, 20250701))
    scene.publish(ROADS.but(number="/2025-00233", body=(*ROADS.body, old)), "1")
    yield
    scene.publish(ROADS.but(number="/2025-00233", body=(*ROADS.body, new)), "1")
    scene.town.remove("/files/20240101.pdf")
    day = yield
    assert day.changes == []
    replaced = pdf("移动之后才修改的附件")
    scene.town.answer("/files/20250701.pdf", replaced)
    day = yield
    assert told(day.changes) == [("attachment", "附件.pdf", sha256(body), sha256(replaced))]


@scenarios.add
def an_attachment_that_could_not_be_fetched_has_not_changed(scene):
    """R6: and bytes that arrive late complete the version without a change."""
    body = pdf("迟到的附件")
    file = File(name="附件：申报指南.pdf", href="/files/late.pdf")
    scene.town.answer("/files/late.pdf", Answer.html("busy", status=503))
    scene.publish(ROADS.but(number="/2025-00234", body=(*ROADS.body, file)), "1")
    day = yield
    assert kinds(day.changes) == ["created"]
    assert scene.show("1")["attachments"][0]["sha256"] is None
    assert day.run["outcome"] == "incomplete"
    scene.town.answer("/files/late.pdf", body)
    day = yield
    assert day.changes == []
    shown = scene.show("1")
    assert shown["versions"] == 1
    assert shown["attachments"][0]["sha256"] == sha256(body)
    assert shown["attachments"][0]["bytes"] == len(body)
    scene.town.answer("/files/late.pdf", Answer.html("busy", status=503))
    day = yield
    assert day.changes == []
    scene.town.answer("/files/late.pdf", body)
    day = yield
    assert day.changes == []


@scenarios.add
def an_attachment_that_is_gone_has_not_changed(scene):
    """R6: as long as the body links to it."""
    body = pdf("不久便失效的链接")
    file = File(name="附件：回执.pdf", href="/files/gone.pdf")
    scene.town.answer("/files/gone.pdf", body)
    scene.publish(ROADS.but(number="/2025-00237", body=(*ROADS.body, file)), "1")
    yield
    scene.town.remove("/files/gone.pdf")
    assert (yield).changes == []
    assert (yield).changes == []
    assert scene.show("1")["attachments"][0]["sha256"] == sha256(body)


@scenarios.add
def a_document_moves_with_its_attachments(scene):
    """R6, R8: relative addresses move with the page; that is no change of the document."""
    body = pdf("随文件移动")
    file = File(name="附件：流程图.pdf", href="flow.pdf")
    record = ROADS.but(number="/2025-00238", body=(*ROADS.body, file))
    scene.town.answer(scene.at("1").replace("index.html", "flow.pdf"), body)
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1").replace("index.html", "flow.pdf"))
    scene.town.remove(scene.at("1"), unlist=True)
    scene.town.redirect(scene.at("1"), scene.at("2"))
    scene.town.answer(scene.at("2").replace("index.html", "flow.pdf"), body)
    scene.publish(record, "2")
    assert kinds((yield).changes) == ["relocated"]
    assert scene.show("2")["attachments"][0]["sha256"] == sha256(body)
    assert (yield).changes == []


@scenarios.add
def a_page_in_the_place_of_an_attachment_is_not_the_attachment(scene):
    """R6, R10: a firewall answers for files as well."""
    body = pdf("附件正文")
    file = File(name="附件：名单.pdf", href="/files/names.pdf")
    scene.town.answer("/files/names.pdf", body)
    scene.publish(ROADS.but(number="/2025-00235", body=(*ROADS.body, file)), "1")
    yield
    scene.town.answer("/files/names.pdf", Answer.html("<html><body>请稍候</body></html>"))
    day = yield
    assert day.changes == []
    assert scene.show("1")["attachments"][0]["sha256"] == sha256(body)
    scene.town.answer("/files/names.pdf", body)
    day = yield
    assert day.changes == []


@scenarios.add
def what_servers_send_instead_of_files_is_no_attachment(scene):
    """R6, R10: with status 200, and as if it were the file."""
    answers = {
        "nothing": b"",
        "data": '{"code":500,"msg":"文件不存在"}'.encode(),
        "words": "文件不存在".encode("gbk"),
        "a-comment-first": "<!-- 404 -->\n<div>您访问的页面不存在</div>".encode(),
        "a-piece-of-a-page": "<h2>系统维护中</h2>".encode(),
    }
    files = [File(name=f"附件：{name}.pdf", href=f"/sent/{name}.pdf") for name in answers]
    for file in files:
        scene.town.answer(file.href, pdf(file.name))
    scene.publish(ROADS.but(number="/2025-00391", body=(*ROADS.body, *files)), "1")
    yield
    for name, sent in answers.items():
        headers = {"Content-Type": "application/pdf"}
        scene.town.answer(f"/sent/{name}.pdf", Answer(200, headers, sent))
    day = yield
    assert day.changes == []
    told_of = "\n".join(day.run["problems"])
    assert [name for name in answers if f"/sent/{name}.pdf could not be fetched" in told_of] == [
        *answers
    ]
    kept = [attachment["sha256"] for attachment in scene.show("1")["attachments"]]
    assert kept == [sha256(pdf(file.name)) for file in files]
    for file in files:
        scene.town.answer(file.href, pdf(file.name))
    assert (yield).changes == []


@scenarios.add
def a_file_of_no_stated_length_that_breaks_off_is_no_attachment(scene):
    """R6, R10: where no length is stated, the end of an answer looks like a lost connection."""
    whole = {
        "fees.pdf": (_FILES / "fees.pdf").read_bytes(),
        "fees.docx": (_FILES / "fees.docx").read_bytes(),
        "fees.xls": (_FILES / "fees.xls").read_bytes(),
        "list.csv": "序号,名称\n1,停车场\n2,书店\n".encode(),
    }
    files = [File(name=f"附件：{name}", href=f"/unmeasured/{name}") for name in whole]

    def send(cut=0):
        for name, body in whole.items():
            sent = len(body) - cut
            answer = Answer(200, {}, body, then=Unmeasured(sent))
            scene.town.answer(f"/unmeasured/{name}", answer)

    send()
    scene.publish(ROADS.but(number="/2025-00392", body=(*ROADS.body, *files)), "1")
    day = yield
    assert day.problems == []
    kept = [sha256(body) for body in whole.values()]
    assert [one["sha256"] for one in scene.show("1")["attachments"]] == kept
    send(cut=12)
    day = yield
    assert day.changes == []
    told_of = "\n".join(day.run["problems"])
    for name in whole:
        assert f"/unmeasured/{name} could not be fetched: the answer was cut off" in told_of
    assert [one["sha256"] for one in scene.show("1")["attachments"]] == kept
    # Shorter, but by a stated length: somebody struck the last line out.
    send()
    scene.town.answer("/unmeasured/list.csv", whole["list.csv"][:-12])
    assert kinds((yield).changes) == ["attachment"]


@scenarios.add
def an_attachment_outside_the_fence_is_kept_as_an_address(scene):
    """R6, R19."""
    file = File(name="附件：省级文件.pdf", href=OUTSIDE)
    scene.publish(ROADS.but(number="/2025-00236", body=(*ROADS.body, file)), "1")
    day = yield
    assert day.problems == []
    [attachment] = scene.show("1")["attachments"]
    assert attachment.pop("text") is None
    kept = {"name": file.name, "url": OUTSIDE, "media_type": None, "bytes": None, "sha256": None}
    assert attachment == kept
    day = yield
    assert day.changes == []


# --- copies -----------------------------------------------------------------------------------


@scenarios.add
def copies_that_disagree_do_not_flap(scene):
    """R7: each is compared with itself; that they disagree is told once."""
    number = "11159900MB10073XYA/2025-00241"
    scene.publish(ROADS.but(number=number), "1")
    scene.publish(ROADS.but(number=number, category="公路"), "1", column=ZCWJ)
    told_so_far = (yield).changes + (yield).changes + (yield).changes
    assert kinds(told_so_far) == ["created", "divergence", "relocated"]
    [divergence] = [change for change in told_so_far if change["kind"] == "divergence"]
    assert {divergence["before"], divergence["after"]} == {scene.url("1"), scene.url("1", ZCWJ)}
    assert scene.show("1")["versions"] == 1
    day = yield
    assert day.changes == []


@scenarios.add
def copies_with_attachments_of_their_own_agree(scene):
    """R7: the same bytes under two addresses are no disagreement."""
    body = pdf("两处各存一份")
    file = File(name="附件：样表.pdf", href="form.pdf")
    record = ROADS.but(number="11159900MB10073XYA/2025-00245", body=(*ROADS.body, file))
    for column in ("/gk/", ZCWJ):
        scene.town.answer(scene.at("1", column).replace("index.html", "form.pdf"), body)
        scene.publish(record, "1", column=column)
    assert kinds((yield).changes) == ["created", "relocated"]
    assert (yield).changes == []
    revised = pdf("两处各换一份")
    for column in ("/gk/", ZCWJ):
        scene.town.answer(scene.at("1", column).replace("index.html", "form.pdf"), revised)
    assert told((yield).changes) == [("attachment", file.name, sha256(body), sha256(revised))]
    assert (yield).changes == []


@scenarios.add
def copies_amended_on_one_day_are_one_amendment(scene):
    """R7."""
    record = ROADS.but(number="11159900MB10073XYA/2025-00242")
    scene.publish(record, "1")
    scene.publish(record, "1", column=NMJ)
    yield
    yield
    amended = record.but(body=(*record.body, "第四条 本办法有效期五年。"))
    scene.publish(amended, "1")
    scene.publish(amended, "1", column=NMJ)
    day = yield
    assert told(day.changes) == [("content", None, None, "第四条 本办法有效期五年。")]
    assert scene.show("1")["versions"] == 2
    day = yield
    assert day.changes == []


@scenarios.add
def a_copy_that_lags_behind(scene):
    """R7: an amendment is told when it is first seen; until the copy follows, they diverge."""
    record = ROADS.but(number="11159900MB10073XYA/2025-00243")
    scene.publish(record, "1")
    scene.publish(record, "1", column=ZCWJ)
    yield
    amended = record.but(validity="废止")
    scene.publish(amended, "1")
    told_so_far = (yield).changes + (yield).changes
    assert kinds(told_so_far) == ["divergence", "validity"]
    assert scene.show("1", column=ZCWJ)["validity"] == "repealed"
    scene.publish(amended, "1", column=ZCWJ)
    day = yield
    assert day.changes == []
    assert scene.show("1")["versions"] == 2


@scenarios.add
def a_number_filled_in_on_one_copy_alone_is_no_divergence(scene):
    """R4, R7: how far a number is filled in does not count as a disagreement."""
    short, full = "/2025-00244", "11159900MB10073XYA/2025-00244"
    scene.publish(ROADS.but(number=short), "1")
    scene.publish(ROADS.but(number=short), "1", column=ZCWJ)
    yield
    scene.publish(ROADS.but(number=full), "1")
    told_since = (yield).changes + (yield).changes
    assert kinds(told_since) == ["renumbered"]
    scene.publish(ROADS.but(number=full), "1", column=ZCWJ)
    day = yield
    assert day.changes == []


# --- values -----------------------------------------------------------------------------------


@scenarios.add
def none_and_unreadable_values_are_null(scene):
    """`无` is nothing; a value that cannot be read is null and a problem, never a guess."""
    record = ROADS.but(
        number="/2025-00251", document_number="无", agency="无", written="2024-13-45", category=""
    )
    scene.publish(record, "1")
    day = yield
    assert kinds(day.changes) == ["created"]
    shown = scene.show("1")
    for name in ("document_number", "issuing_agency", "category", "written_on"):
        assert shown[name] is None
    assert shown["published_at"] == "2025-03-05T09:30:00+08:00"
    assert any("2024-13-45" in problem for problem in day.problems)
    assert b"2024-13-45" in raw(scene, "1")
    day = yield
    assert day.changes == []


def raw(scene, article):
    with scene.yange.catalogue() as catalogue:
        return catalogue.raw(scene.url(article)).body


@scenarios.add
def the_bytes_received_are_kept(scene):
    """R16."""
    record = ROADS.but(number="/2025-00261")
    scene.publish(record, "1")
    yield
    assert raw(scene, "1") == record.html().encode()


@pytest.mark.parametrize("name", scenarios.names)
def test_versions(failures, name):
    if name in failures:
        raise failures[name]


def test_no_change_is_told_of_anything_else(failures):
    assert None not in failures


def test_what_a_later_column_brings_is_its_baseline(tmp_path):
    """R8: changes from the first complete crawl of a column, whenever it was added."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        town.publish(ROADS.but(number="/2025-00271"), "/gk/1/index.html")
        assert [change["baseline"] for change in yange.sweep()] == [True]
        town.add_column(ZCWJ)
        yange.configure(town)
        town.publish(ROADS.but(number="/2019-00001", title="旧办法"), "/zcwj/2/index.html")
        town.publish(ROADS.but(number="/2025-00272", title="新办法"), "/gk/3/index.html")
        baseline = {change["index_number"]: change["baseline"] for change in yange.sweep()}
        assert baseline == {"/2019-00001": True, "/2025-00272": False}


def test_an_unreadable_value_leaves_a_run_finished(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, town)
        town.publish(ROADS.but(number="/2025-00281", written="2024-13-45"), "/gk/1/index.html")
        run = yange.crawl()
        assert (run["outcome"], run["created"]) == ("finished", 1)
        [problem] = run["problems"]
        assert "2024-13-45" in problem


def test_validators_are_believed_by_a_recheck_and_not_by_a_sweep(tmp_path):
    """R13: a server that forgets to change its ETag hides an amendment for a while only."""

    def tagged(body, media_type):
        return Answer(200, {"Content-Type": media_type, "ETag": '"1"'}, body)

    def page(record):
        return tagged(record.html().encode(), "text/html; charset=utf-8")

    with Town() as town:
        yange = Yange(tmp_path, town)
        file = File(name="附件.pdf", href="/files/a.pdf")
        record = ROADS.but(number="/2025-00291", body=(*ROADS.body, file))
        town.list_row("/gk/1/index.html", record.title)
        town.answer("/gk/1/index.html", page(record))
        town.answer("/files/a.pdf", tagged(pdf("一"), "application/pdf"))
        yange.crawl()
        town.answer("/gk/1/index.html", page(record.but(validity="失效")))
        town.answer("/files/a.pdf", tagged(pdf("二"), "application/pdf"))
        run = yange.crawl(mode="recheck")
        assert (run["outcome"], yange.changes_of(run)) == ("finished", [])
        assert run["unchanged"] == 1
        assert kinds(yange.sweep()) == ["attachment", "validity"]


def test_a_recheck_finds_a_replaced_attachment_of_a_page_that_is_the_same(tmp_path):
    """R6, R13: the page's own validator says nothing about its attachments."""
    with Town() as town:
        yange = Yange(tmp_path, town)
        file = File(name="附件.pdf", href="/files/a.pdf")
        record = ROADS.but(number="/2025-00292", body=(*ROADS.body, file))
        headers = {"Content-Type": "text/html; charset=utf-8", "ETag": '"1"'}
        town.list_row("/gk/1/index.html", record.title)
        town.answer("/gk/1/index.html", Answer(200, headers, record.html().encode()))
        town.answer("/files/a.pdf", pdf("一"))
        yange.crawl()
        town.answer("/files/a.pdf", pdf("二"))
        run = yange.crawl(mode="recheck")
        changes = yange.changes_of(run)
        assert told(changes) == [("attachment", "附件.pdf", sha256(pdf("一")), sha256(pdf("二")))]
        assert changes[0]["version"] == 2
