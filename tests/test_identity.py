"""Which page is which document (R1–R5), from the first crawl to numbers that are filled in."""

import pytest
from support.scenarios import Scenarios
from support.site import Record, Town
from support.yange import Yange, kinds, told

from archive.errors import AmbiguousError, NotFoundError

CITY = "11159900MB10073XYA"
ZCWJ = "/zcwj/"
NMJ = "//localhost/nmj/"
scenarios = Scenarios()

WATER = Record(
    title="柳溪市城镇供水应急预案",
    body=(
        "一、供水突发事件分为特别重大、重大、较大和一般四级。",
        "二、水厂停产超过二十四小时的，由市住建局启动三级响应。",
        "三、应急送水车按每人每日三升的标准向断水小区供水。",
    ),
)
TREES = Record(
    title="关于开展古树名木普查登记的通知",
    body=(
        "各镇人民政府、各街道办事处：",
        "普查范围为树龄一百年以上的古树和具有纪念意义的名木。",
        "请于十月底前将登记表报市林业和草原局造林科汇总。",
    ),
)
BRIDGE = Record(
    title="柳溪大桥限载通行公告",
    body=(
        "因桥面伸缩缝更换施工，自六月九日零时起柳溪大桥限载十五吨。",
        "超限车辆请绕行环城北路，施工期约四十天。",
    ),
)


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    with Town("/gk/", ZCWJ, NMJ) as town:
        yield scenarios.play(town, Yange(tmp_path_factory.mktemp("identity"), town))


# --- one document at several places ---------------------------------------------------------------


@scenarios.add
def published_in_two_columns(scene):
    """R2: the same complete number in two columns is one document at two locations."""
    record = WATER.but(number=f"{CITY}/2025-00101")
    scene.publish(record, "1")
    scene.publish(record, "1", column=ZCWJ)
    day = yield
    assert kinds(day.changes) == ["created", "relocated"]
    assert all(change["baseline"] for change in day.changes)
    created, relocated = sorted(day.changes, key=lambda change: change["kind"])
    assert {created["url"], relocated["url"]} == {scene.url("1"), scene.url("1", ZCWJ)}
    assert relocated["after"] == relocated["url"]
    history = scene.history(record.number)
    assert {one["url"] for one in history["locations"]} == {created["url"], relocated["url"]}
    assert [one["version"] for one in history["versions"]] == [1]
    day = yield
    assert day.changes == []


@scenarios.add
def a_complete_number_on_two_hosts(scene):
    """R2: a complete number identifies a document across the whole portal."""
    record = WATER.but(number=f"{CITY}/2025-00102")
    scene.publish(record, "1")
    scene.publish(record, "1", column=NMJ)
    day = yield
    assert kinds(day.changes) == ["created", "relocated"]
    assert scene.show("1") == scene.show("1", column=NMJ)


@scenarios.add
def an_incomplete_number_on_two_hosts(scene):
    """R2: without its organisation part a number means something within its host only."""
    record = WATER.but(number="/2025-00103")
    scene.publish(record, "1")
    scene.publish(record, "1", column=NMJ)
    day = yield
    assert kinds(day.changes) == ["created", "created"]
    with pytest.raises(AmbiguousError) as ambiguous:
        scene.known_as("/2025-00103")
    assert scene.url("1") in str(ambiguous.value)
    assert scene.url("1", NMJ) in str(ambiguous.value)


@scenarios.add
def a_number_of_another_grammar_on_two_hosts(scene):
    """R2: so does a number of any other form."""
    record = WATER.but(number="15-00-2012-104")
    scene.publish(record, "1")
    scene.publish(record, "1", "2", column=NMJ)
    day = yield
    assert kinds(day.changes) == ["created", "created", "relocated"]


@scenarios.add
def one_number_with_other_titles_and_one_text(scene):
    """R3: texts that are alike make one document of one number, whatever the titles."""
    record = WATER.but(number=f"{CITY}/2025-00105")
    scene.publish(record, "1")
    scene.publish(record.but(title="城镇供水应急预案（2025年版）"), "1", column=ZCWJ)
    told_so_far = (yield).changes + (yield).changes + (yield).changes
    assert kinds(told_so_far) == ["created", "divergence", "relocated"]
    assert len(scene.history(scene.url("1"))["locations"]) == 2


@scenarios.add
def one_number_with_one_title_and_other_texts(scene):
    """R3: so do titles that agree, whatever the texts."""
    record = WATER.but(number=f"{CITY}/2025-00106")
    scene.publish(record, "1")
    scene.publish(record.but(body=("全文见附件。",)), "1", column=ZCWJ)
    told_so_far = (yield).changes + (yield).changes
    assert kinds(told_so_far) == ["created", "divergence", "relocated"]


@scenarios.add
def documents_without_a_number_at_two_places(scene):
    """R5: without a number a document is its location, whatever it says."""
    scene.publish(TREES, "1", "2")
    day = yield
    assert kinds(day.changes) == ["created", "created"]
    assert scene.show("1")["index_number"] is None
    assert scene.show("1")["url"] == scene.url("1")
    assert scene.show("2")["url"] == scene.url("2")


@scenarios.add
def one_place_in_several_spellings(scene):
    """R5: no fragment, no query on `.html`, and http and https are one."""
    scene.publish(BRIDGE, "1")
    for spelling in ("?from=list", "#top", "?ver=2#middle"):
        scene.town.list_row(scene.at("1") + spelling, BRIDGE.title)
    day = yield
    assert kinds(day.changes) == ["created"]
    asked = [one for one in scene.town.site.requests if scene.at("1") in one.path]
    assert len(asked) == 1
    url = scene.url("1")
    for spelling in (f"{url}#top", f"{url}?x=1", url.replace("http:", "https:")):
        assert scene.known_as(spelling)["url"] == day.changes[0]["url"]


@scenarios.add
def a_row_that_leads_to_the_document_by_a_redirect(scene):
    """R5: the document is where it is, whatever its list calls the way there."""
    scene.town.answer(scene.at("1"), BRIDGE.html())
    scene.town.redirect(scene.at("short"), scene.at("1"), status=302)
    scene.town.list_row(scene.at("short"), BRIDGE.title)
    day = yield
    assert kinds(day.changes) == ["created"]
    assert day.changes[0]["url"] == scene.url("1")
    assert scene.show("short") == scene.show("1")
    assert (yield).changes == []


# --- numbers ------------------------------------------------------------------------------------


@scenarios.add
def a_number_in_other_letters(scene):
    """R1: NFKC, no white space, upper case, one slash: another spelling is no other number."""
    plain = "11159900MB10073XYB/2025-00111"
    odd = "１１１５９９００ｍｂ 10073xyb ／／ 2025－００１１１"
    scene.publish(WATER.but(number=odd), "1")
    scene.publish(WATER.but(number=plain), "1", column=ZCWJ)
    day = yield
    assert kinds(day.changes) == ["created", "relocated"]
    assert {change["index_number"] for change in day.changes} == {plain}
    assert scene.known_as(odd)["index_number"] == plain
    scene.publish(WATER.but(number=plain), "1")
    day = yield
    assert day.changes == []


@scenarios.add
def an_organisation_part_is_filled_in(scene):
    """R4: it is `renumbered`, once, and both numbers find the document."""
    short, full = "/2025-00112", f"{CITY}/2025-00112"
    scene.publish(WATER.but(number=short), "1")
    yield
    scene.publish(WATER.but(number=full), "1")
    day = yield
    assert told(day.changes) == [("renumbered", "index_number", short, full)]
    assert scene.history(short) == scene.history(full)
    assert sorted(scene.history(full)["numbers"]) == [short, full]
    assert scene.known_as(short, version=1)["index_number"] == short
    assert scene.known_as(short)["index_number"] == full
    day = yield
    assert day.changes == []


@scenarios.add
def a_number_is_given_to_a_page_that_had_none(scene):
    """R4."""
    scene.publish(WATER, "1")
    yield
    scene.publish(WATER.but(number=f"{CITY}/2025-00113"), "1")
    day = yield
    assert told(day.changes) == [("renumbered", "index_number", None, f"{CITY}/2025-00113")]
    assert scene.known_as(f"{CITY}/2025-00113")["versions"] == 2


@scenarios.add
def a_number_is_corrected(scene):
    """R4: any change of a known location's number, when the rest is what it was."""
    before, after = f"{CITY}/2025-00114", f"{CITY}/2024-00991"
    scene.publish(WATER.but(number=before), "1")
    yield
    scene.publish(WATER.but(number=after), "1")
    day = yield
    assert told(day.changes) == [("renumbered", "index_number", before, after)]
    assert scene.known_as(before) == scene.known_as(after)


@scenarios.add
def a_number_is_taken_back(scene):
    """R4: the number that it had finds the document ever after."""
    number = f"{CITY}/2025-00120"
    scene.publish(WATER.but(number=number), "1")
    yield
    scene.publish(WATER.but(number="无"), "1")
    day = yield
    assert told(day.changes) == [("renumbered", "index_number", number, None)]
    assert scene.known_as(number) == scene.show("1")
    assert scene.show("1")["index_number"] is None
    assert (yield).changes == []


@scenarios.add
def a_number_and_a_title_are_corrected(scene):
    """R4: the text still tells that it is the same document."""
    before, after = f"{CITY}/2025-00115", f"{CITY}/2024-00992"
    scene.publish(TREES.but(number=before), "1")
    yield
    scene.publish(TREES.but(number=after, title="关于古树名木普查的补充通知"), "1")
    day = yield
    assert kinds(day.changes) == ["metadata", "renumbered"]
    assert len({change["version"] for change in day.changes}) == 1


@scenarios.add
def number_title_and_text_have_all_changed_at_once(scene):
    """R4, R10: that is suspect; no version comes of it, and the bytes are kept as evidence."""
    scene.publish(TREES.but(number=f"{CITY}/2025-00116"), "1")
    yield
    scene.publish(BRIDGE.but(number=f"{CITY}/2025-00993"), "1")
    day = yield
    assert day.changes == []
    assert day.run["outcome"] == "incomplete"
    assert day.problems
    assert scene.show("1")["title"] == TREES.title
    with pytest.raises(NotFoundError):
        scene.known_as(f"{CITY}/2025-00993")
    scene.publish(TREES.but(number=f"{CITY}/2025-00116"), "1")
    day = yield
    assert day.changes == []


@scenarios.add
def one_of_two_documents_of_one_pattern_takes_the_place_of_the_other(scene):
    """R4, R10: their texts are alike, and yet nothing that they are known by is the same."""
    first, second = (
        WATER.but(
            number=f"{CITY}/2025-0088{number}",
            title=f"关于第{number}批应急送水车停放点的公告",
            body=(*WATER.body, f"第{number}批共{number + 3}处，自四月{number}日起启用。"),
        )
        for number in (1, 2)
    )
    scene.publish(first, "1")
    yield
    yield
    scene.publish(second, "1")
    day = yield
    assert day.changes == []
    assert day.run["outcome"] == "incomplete"
    scene.publish(first.but(title="关于首批应急送水车停放点的公告"), "1")
    assert told((yield).changes) == [
        ("metadata", "title", first.title, "关于首批应急送水车停放点的公告")
    ]


@scenarios.add
def a_number_is_filled_in_where_title_and_text_are_corrected(scene):
    """R4: year and serial stay, and the text still tells that it is the same document."""
    scene.publish(WATER.but(number="/2025-00884"), "1")
    yield
    amended = WATER.but(
        number=f"{CITY}/2025-00884",
        title="柳溪市城镇供水突发事件应急预案",
        body=(*WATER.body, "四、本预案自印发之日起施行。"),
    )
    scene.publish(amended, "1")
    assert kinds((yield).changes) == ["content", "metadata", "renumbered"]


@scenarios.add
def a_number_is_short_in_one_column_and_complete_in_another(scene):
    """R4: within a host, equal year and serial and an equal title join the two."""
    short, full = "/2025-00117", f"{CITY}/2025-00117"
    scene.publish(WATER.but(number=short), "1")
    yield
    scene.publish(WATER.but(number=full), "1", column=ZCWJ)
    day = yield
    assert kinds(day.changes) == ["relocated"]
    assert scene.history(short) == scene.history(full)
    day = yield
    assert day.changes == []


@scenarios.add
def a_number_is_complete_in_one_column_and_then_short_in_another(scene):
    """R4: in the other order as well; the complete number stays."""
    short, full = "/2025-00123", f"{CITY}/2025-00123"
    scene.publish(WATER.but(number=full), "1")
    yield
    scene.publish(WATER.but(number=short), "1", column=ZCWJ)
    assert kinds((yield).changes) == ["relocated"]
    assert scene.known_as(short)["index_number"] == full
    assert (yield).changes == []


@scenarios.add
def a_short_and_a_complete_number_under_other_titles(scene):
    """R4: equal year and serial alone join nothing; every agency counts from one."""
    scene.publish(WATER.but(number="/2025-00118"), "1")
    scene.publish(TREES.but(number=f"{CITY}/2025-00118"), "2")
    day = yield
    assert kinds(day.changes) == ["created", "created"]
    assert scene.show("1")["title"] == WATER.title
    assert scene.show("2")["title"] == TREES.title


@scenarios.add
def two_documents_turn_out_to_be_one(scene):
    """R2, R4: two hosts' short numbers are filled in with the same organisation."""
    short, full = "/2025-00119", f"{CITY}/2025-00119"
    scene.publish(WATER.but(number=short), "1")
    scene.publish(WATER.but(number=short), "1", column=NMJ)
    day = yield
    assert kinds(day.changes) == ["created", "created"]
    scene.publish(WATER.but(number=full), "1")
    scene.publish(WATER.but(number=full), "1", column=NMJ)
    day = yield
    assert set(kinds(day.changes)) == {"renumbered", "relocated"}
    assert scene.known_as(short) == scene.known_as(full)
    assert scene.show("1") == scene.show("1", column=NMJ)
    history = scene.history(full)
    assert {one["url"] for one in history["locations"]} == {scene.url("1"), scene.url("1", NMJ)}
    listed = [one for one in scene.yange.list() if one["index_number"] == full]
    assert len(listed) == 1
    day = yield
    assert day.changes == []


# --- collisions ---------------------------------------------------------------------------------


@scenarios.add
def two_documents_under_one_number(scene):
    """R3: both are kept, the collision is told once, and each is found by its address."""
    number = f"{CITY}/2025-00121"
    scene.publish(WATER.but(number=number), "1")
    yield
    scene.publish(BRIDGE.but(number=number), "2")
    day = yield
    assert kinds(day.changes) == ["collision", "created"]
    [collision] = [change for change in day.changes if change["kind"] == "collision"]
    assert (collision["before"], collision["after"]) == (scene.url("1"), scene.url("2"))
    ambiguous = scene.yange.run("show", number, status=1)
    assert ambiguous.out == ""
    assert scene.url("1") in ambiguous.err
    assert scene.url("2") in ambiguous.err
    assert scene.show("1")["title"] == WATER.title
    assert scene.show("2")["title"] == BRIDGE.title
    scene.publish(WATER.but(number=number, category="应急管理"), "1")
    scene.publish(BRIDGE.but(number=number, category="交通"), "2")
    day = yield
    assert kinds(day.changes) == ["metadata", "metadata"]
    assert scene.show("1")["category"] == "应急管理"
    assert scene.show("2")["category"] == "交通"


@scenarios.add
def a_known_document_takes_a_number_that_is_taken(scene):
    """R3, R4: a collision as well, and still the same document."""
    taken = f"{CITY}/2025-00122"
    scene.publish(WATER.but(number=taken), "1")
    scene.publish(TREES.but(number="/2025-00994"), "2")
    yield
    scene.publish(TREES.but(number=taken), "2")
    day = yield
    assert kinds(day.changes) == ["collision", "renumbered"]
    assert scene.show("1")["title"] == WATER.title
    assert scene.show("2")["title"] == TREES.title
    with pytest.raises(AmbiguousError):
        scene.known_as(taken)
    assert scene.known_as("/2025-00994")["title"] == TREES.title


# --- documents that move --------------------------------------------------------------------------


@scenarios.add
def moved_with_a_redirect(scene):
    """R8: `relocated`, no version; the old address still finds it, and is not told again."""
    record = WATER.but(number=f"{CITY}/2025-00131")
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    scene.town.redirect(scene.at("1"), scene.at("2"))
    scene.publish(record, "2")
    day = yield
    assert told(day.changes) == [("relocated", None, None, scene.url("2"))]
    assert scene.show("1") == scene.show("2")
    assert scene.show("1")["url"] == scene.url("2")
    assert scene.show("1")["versions"] == 1
    day = yield
    assert day.changes == []
    statuses = {one["url"]: one["status"] for one in scene.history(scene.url("2"))["locations"]}
    assert statuses == {scene.url("1"): "moved", scene.url("2"): "live"}


@scenarios.add
def redirected_for_two_days(scene):
    """R9: the old address answers again when the new one is gone, so nothing is withdrawn."""
    record = WATER.but(number=f"{CITY}/2025-00137")
    scene.publish(record, "1")
    yield
    scene.town.redirect(scene.at("1"), scene.at("2"), status=302)
    scene.publish(record, "2")
    assert kinds((yield).changes) == ["relocated"]
    assert (yield).changes == []
    scene.town.remove(scene.at("2"), unlist=True)
    scene.publish(record, "1")
    for _ in range(3):
        assert (yield).changes == []
    assert scene.show("1")["status"] == "current"
    assert scene.show("1")["url"] == scene.url("1")


@scenarios.add
def moved_with_a_redirect_and_removed(scene):
    """R9: the old address leads to nothing then, and delays no withdrawal."""
    record = WATER.but(number=f"{CITY}/2025-00138")
    scene.publish(record, "1")
    yield
    scene.town.redirect(scene.at("1"), scene.at("2"))
    scene.publish(record, "2")
    assert kinds((yield).changes) == ["relocated"]
    scene.town.remove(scene.at("2"))
    assert (yield).changes == []
    assert kinds((yield).changes) == ["withdrawn"]
    assert (yield).changes == []
    scene.publish(record, "2")
    assert kinds((yield).changes) == ["restored"]


@scenarios.add
def moved_with_a_redirect_and_without_a_number(scene):
    """R5: whoever is led from a known place to a new one has found the same document."""
    scene.publish(TREES, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    scene.town.redirect(scene.at("1"), scene.at("2"), status=302)
    scene.publish(TREES, "2")
    day = yield
    assert kinds(day.changes) == ["relocated"]
    assert scene.show("1") == scene.show("2")


@scenarios.add
def moved_with_a_redirect_and_amended_on_the_same_day(scene):
    """R7, R8: the redirect hands on what the new page is compared with."""
    record = WATER.but(number=f"{CITY}/2025-00132")
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    scene.town.redirect(scene.at("1"), scene.at("2"))
    scene.publish(record.but(validity="废止"), "2")
    day = yield
    assert kinds(day.changes) == ["relocated", "validity"]
    assert scene.show("2")["validity"] == "repealed"
    day = yield
    assert day.changes == []


@scenarios.add
def moved_without_a_redirect(scene):
    """R8, R9: the old place is gone, the document is not."""
    record = WATER.but(number=f"{CITY}/2025-00133")
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    scene.publish(record, "2")
    day = yield
    assert told(day.changes) == [("relocated", None, None, scene.url("2"))]
    day = yield
    assert day.changes == []
    assert scene.show("1")["status"] == "current"
    assert scene.show("1")["url"] == scene.url("2")
    day = yield
    assert day.changes == []


@scenarios.add
def moved_without_a_redirect_and_amended_on_the_same_day(scene):
    """R7: the amendment is told, at the latest when the old place is known to be gone."""
    record = WATER.but(number=f"{CITY}/2025-00134")
    amended = record.but(body=(*record.body, "四、本预案自七月一日起实施。"))
    scene.publish(record, "1")
    yield
    scene.town.remove(scene.at("1"), unlist=True)
    scene.publish(amended, "2")
    told_since = (yield).changes + (yield).changes
    assert kinds(told_since) == ["content", "relocated"]
    shown = scene.show("2")
    assert shown["text"].endswith("四、本预案自七月一日起实施。")
    assert shown["versions"] == 2
    day = yield
    assert day.changes == []


@scenarios.add
def a_place_begins_to_lead_to_another_document(scene):
    """R10: what is at the other end is not what was here; nothing is merged or made a version."""
    scene.publish(WATER.but(number=f"{CITY}/2025-00135"), "1")
    scene.publish(TREES.but(number=f"{CITY}/2025-00136"), "2")
    yield
    scene.town.redirect(scene.at("1"), scene.at("2"))
    day = yield
    assert day.changes == []
    assert scene.show("1")["title"] == WATER.title
    assert scene.show("2")["title"] == TREES.title
    assert scene.show("1")["versions"] == scene.show("2")["versions"] == 1


# --- what is no document --------------------------------------------------------------------------


@scenarios.add
def a_page_without_a_text(scene):
    """R5: without a body with text there is no document, and nothing is wrong."""
    scene.town.answer(scene.at("1"), Record(title="相关链接", body=()).html_without_metadata())
    scene.town.list_row(scene.at("1"), "相关链接")
    day = yield
    assert (day.changes, day.problems) == ([], [])
    with pytest.raises(NotFoundError):
        scene.show("1")


@pytest.mark.parametrize("name", scenarios.names)
def test_identity(failures, name):
    if name in failures:
        raise failures[name]


def test_no_change_is_told_of_anything_else(failures):
    assert None not in failures
