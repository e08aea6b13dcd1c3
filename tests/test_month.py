"""A month in the life of a portal, one crawl a day: what happened is found, and nothing else.

Each day is a function: what happens on it, and beside it what that day's crawl must find. A change
that is made where or when the day's crawl cannot see it is declared on the day when it is found.
A finding is (document, kind, field, before, after); addresses are places such as `gk/3`.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass

import pytest
from support.city import CHALLENGE, MAINTENANCE, OFFICE, OVERLOADED, City
from support.site import File, Record, Table
from support.yange import FINISHED, INCOMPLETE, Yange

CODE = "1115990001150073XY"


def record(title, serial, *body, **stated):
    """A document of the city with a complete number."""
    return Record(title=title, number=f"{CODE}/2025-{serial:05}", body=body, **stated)


def sha(content):
    """The SHA-256 of an attachment's bytes, as the ledger has it."""
    return hashlib.sha256(content).hexdigest()


# --- the documents that something happens to -----------------------------------------------------

LIFT = record(
    "既有住宅加装电梯办法",
    11,
    "第一条 为了方便居民上下楼，制定本办法。",
    "第二条 加装电梯应当经本单元三分之二以上业主同意。",
    "第三条 财政按每部二十万元给予补贴。",
    "第四条 本办法自2025年4月1日起施行。",
)
HOUSING = record(
    "人才公寓管理办法",
    12,
    "人才公寓面向来我市工作的高校毕业生配租。",
    "租金按市场价的百分之七十收取。",
    "租期一般不超过三年。",
    summary="人才公寓的配租与管理",
)
PARKING = record(
    "停车场管理规定",
    13,
    "道路临时泊位夜间免费。",
    "配建车位应当预留充电设施。",
    document_number="柳政发〔2025〕13号",
)
PRICES = record(
    "主要副食品价格监测表",
    14,
    "监测结果如下：",
    Table(rows=(("品种", "规格", "价格"), ("牛肉", "剔骨", "62.00"), ("大白菜", "一级", "1.80"))),
)
RECRUIT = record(
    "事业单位招聘公告", 15, "招聘岗位见附件。", File(name="岗位表", href="/fileDir/posts.xls")
)
GEOLOGY = record("地质灾害防治方案", 16, "汛期前完成隐患点排查。", "责任人名单另行印发。")
MAP = record(
    "学区划分通知",
    17,
    "今年学区划分如下图。",
    File(name="学区图", href="/fileDir/map.png", picture=True),
    File(name="学区说明", href="/fileDir/map.pdf"),
)
MEDIATION = record("物业纠纷调解规则", 18, "调解应当自愿。", "调解不收费用。").but(
    number="/2025-00018"
)
COUPONS = record("迎春消费券公告", 19, "消费券每人限领一次。", "逾期作废。")
BUS = record("公交线网优化方案", 20, "撤销三条重复线路。", "新增两条夜间线路。")
FAIR = record("农产品展销会通知", 21, "展销会在体育馆举行。", "参展企业请于月底前报名。")
PLOUGH = record("春耕生产指导意见", 22, "推广深松整地。", "备足种子化肥。", agency="市农牧局")
BRUCELLA = record(
    "布鲁氏菌病防控公告", 23, "出栏牛羊应当检疫。", "发现病畜立即报告。", agency="市农牧局"
)
ECOLOGY = record("荒漠治理三年行动", 24, "治理沙化土地四十二万亩。", "草原植被盖度提高到三成。")
NO_NUMBER = Record(
    title="图书馆闭馆通知", number="", body=("因设备检修闭馆两天。", "借阅期限顺延。")
)
BEETS = record(
    "甜菜种植补贴公示", 25, "补贴名单公示七天。", "有异议者请书面反映。", agency="市农牧局"
)
FLOOD = record("防汛演练通知", 41, "演练当天试鸣警报。", "请市民不要惊慌。")
SUNFLOWER = record(
    "向日葵良种补贴办法", 22, "购买良种每亩补贴十元。", "补贴直接打卡发放。", agency="市农牧局"
)
LIBRARY = record("图书馆夏季开放时间", 42, "夏季延长开放两小时。", "周一闭馆整理。")
HOURS = record("政务大厅办公时间", 43, "周六上午照常办公。", "办理不动产登记请提前取号。")
STATISTICS = record("年度统计公报", 26, "全年地区生产总值增长百分之五。", "粮食产量稳定。")

FILLERS = [
    ("市政道路养护计划", "本年度安排主干道铣刨重铺十一公里。"),
    ("老旧管网改造名单", "二十三个小区列入供热管网改造。"),
    ("残疾人就业保障金通告", "用人单位应当在六月底前申报。"),
    ("护林防火戒严令", "戒严期内一律禁止野外用火。"),
    ("城市绿地认建认养办法", "认养人可以在树上挂牌。"),
    ("户外广告设置规范", "楼顶不得新设立柱广告。"),
    ("食品小作坊登记指南", "登记证有效期为三年。"),
    ("义务教育招生日程", "网上报名自五月二十日开始。"),
    ("民间艺术传承人名单", "剪纸与皮影各有两人入选。"),
    ("用水定额标准", "洗车用水每辆次不超过四十升。"),
]


# --- the script ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """One day: what happens, how the evening's crawl goes, and what it must find."""

    name: str
    happens: object
    mode: str
    status: int
    problem: str


DAYS = []


def day(mode, *, status=FINISHED, problem=""):
    """The next day; its crawl ends with `status` and, if given, names a `problem`."""

    def enter(happens):
        DAYS.append(Day(happens.__name__, happens, mode, status, problem))
        return happens

    return enter


@day("discover")
def the_first_evening(city):
    city.publish("lift", "gk/1", LIFT)
    city.publish("housing", "gk/2", HOUSING)
    city.publish("parking", "gk/3", PARKING)
    city.publish("mediation", "gk/4", MEDIATION)
    city.publish("ecology", "gk/5", ECOLOGY)
    city.publish("bus", "gk/6", BUS)
    city.publish("prices", "tz/1", PRICES)
    city.publish("recruit", "tz/2", RECRUIT)
    city.publish("geology", "tz/3", GEOLOGY)
    city.publish("map", "tz/4", MAP)
    city.publish("coupons", "tz/5", COUPONS)
    city.publish("closed", "tz/6", NO_NUMBER)
    city.publish("fair", "tz/7", FAIR)
    city.publish("plough", "nmj/1", PLOUGH)
    city.publish("brucella", "nmj/2", BRUCELLA)
    city.publish("beets", "nmj/3", BEETS)
    city.publish("statistics", "jd/1", STATISTICS)
    for number, (title, line) in enumerate(FILLERS):
        column = ("gk", "tz", "jd", "nmj")[number % 4]
        city.publish(
            f"filler-{number}",
            f"{column}/{50 + number}",
            record(title, 60 + number, f"{title}如下。", line, "特此通知。"),
        )
    city.files = {"posts.xls": b"\xd0\xcf\x11\xe0 six posts", "map.png": b"\x89PNG one"}
    city.files["map.pdf"] = b"%PDF-1.4 school districts"
    return [(key, "created", None, None, None) for key in city.records]


@day("recheck")
def an_evening_on_which_only_the_counters_move(city):
    return []


@day("recheck")
def the_text_and_the_validity_of_documents_change(city):
    city.rewrite(
        "lift", "第三条 财政按每部二十万元给予补贴。", "第三条 财政按每部二十五万元给予补贴。"
    )
    city.rewrite("housing", "租期一般不超过三年。", None)
    city.amend("parking", validity="废止", repealed="2025-06-12 00:00:00")
    rows = (("品种", "规格", "价格"), ("牛肉", "剔骨", "62.60"), ("大白菜", "一级", "1.80"))
    city.amend("prices", body=("监测结果如下：", Table(rows=rows)))
    return [
        (
            "lift",
            "content",
            None,
            "第三条 财政按每部二十万元给予补贴。",
            "第三条 财政按每部二十五万元给予补贴。",
        ),
        ("housing", "content", None, "租期一般不超过三年。", None),
        ("parking", "validity", "repealed_on", None, "2025-06-12"),
        ("parking", "validity", "validity_label", "有效", "废止"),
        ("prices", "content", None, "牛肉\t剔骨\t62.00", "牛肉\t剔骨\t62.60"),
    ]


@day("discover")
def a_document_appears_and_another_is_amended_unseen(city):
    city.publish("flood", "tz/8", FLOOD)
    # discover asks only what is new: tomorrow.
    city.amend("bus", title="公交线网优化方案（试行）")
    return [("flood", "created", None, None, None)]


@day("sweep")
def files_are_replaced_added_and_taken_away(city):
    before, city.files["posts.xls"] = city.files["posts.xls"], b"\xd0\xcf\x11\xe0 seven posts"
    city.files["people.csv"] = "姓名,电话\n".encode()
    list_of_people = File(name="责任人名单", href="/fileDir/people.csv")
    city.amend("geology", body=("汛期前完成隐患点排查。", "责任人名单另行印发。", list_of_people))
    city.amend("map", body=MAP.body[:2])
    return [
        ("bus", "metadata", "title", "公交线网优化方案", "公交线网优化方案（试行）"),
        ("recruit", "attachment", "岗位表", sha(before), sha(city.files["posts.xls"])),
        ("geology", "content", None, None, "责任人名单"),
        ("geology", "attachment", "责任人名单", None, sha(city.files["people.csv"])),
        ("map", "content", None, "学区说明", None),
        ("map", "attachment", "学区说明", sha(city.files["map.pdf"]), None),
    ]


@day("recheck", status=INCOMPLETE, problem="503")
def an_hour_of_503_in_which_a_document_is_amended(city):
    city.weather = city.robots = OVERLOADED
    city.rewrite("ecology", "治理沙化土地四十二万亩。", "治理沙化土地四十五万亩。")
    return []


@day("recheck")
def the_portal_answers_again(city):
    city.weather, city.robots = None, City.robots
    return [("ecology", "content", None, "治理沙化土地四十二万亩。", "治理沙化土地四十五万亩。")]


@day("sweep")
def every_field_of_the_metadata_changes_somewhere(city):
    city.amend("housing", document_number="柳政办发〔2025〕9号", summary="人才公寓管理")
    city.amend("fair", agency="市商务局", category="通知公告")
    city.amend("coupons", written="2025-03-04", published="2025-03-06 10:00:00")
    city.amend("mediation", number=f"{CODE}/2025-00018")
    return [
        ("housing", "metadata", "document_number", None, "柳政办发〔2025〕9号"),
        ("housing", "metadata", "summary", "人才公寓的配租与管理", "人才公寓管理"),
        ("fair", "metadata", "issuing_agency", "市人民政府办公室", "市商务局"),
        ("fair", "metadata", "category", "规范性文件", "通知公告"),
        ("coupons", "metadata", "written_on", "2025-03-03", "2025-03-04"),
        (
            "coupons",
            "metadata",
            "published_at",
            "2025-03-05T09:30:00+08:00",
            "2025-03-06T10:00:00+08:00",
        ),
        ("mediation", "renumbered", "index_number", "/2025-00018", f"{CODE}/2025-00018"),
    ]


@day("discover")
def documents_appear_in_further_columns(city):
    city.copy("brucella", "gk/7")
    city.copy("lift", "jd/2")
    city.tracking = "?from=singlemessage&isappinstalled=0"
    return [
        ("brucella", "relocated", None, None, "gk/7"),
        ("lift", "relocated", None, None, "jd/2"),
    ]


@day("recheck", status=INCOMPLETE, problem="stopped early")
def a_wall_for_a_whole_night_behind_which_a_document_is_repealed(city):
    """R11."""
    city.weather = CHALLENGE
    city.amend("bus", validity="失效")
    return []


@day("sweep")
def the_wall_is_gone(city):
    city.weather = None
    city.lists_reversed = True
    return [("bus", "validity", "validity_label", "有效", "失效")]


@day("recheck")
def pages_and_files_are_lost_some_only_for_a_night(city):
    """R9: absence is believed the second time."""
    city.remove("tz/5", "tz/6", "gk/3")  # coupons, closed; parking for one night
    city.files_fail = True
    return []


@day("sweep")
def two_pages_are_still_lost(city):
    city.bring_back("gk/3")
    city.files_fail = False
    return [
        ("coupons", "withdrawn", None, None, None),
        ("closed", "withdrawn", None, None, None),
    ]


@day("sweep", status=INCOMPLETE, problem="stopped early")
def a_maintenance_notice_with_status_200(city):
    """R10; the document amended meanwhile is found tomorrow."""
    city.weather = MAINTENANCE
    city.amend("plough", body=("推广深松整地与滴灌。", "备足种子化肥。"))
    return []


@day("sweep")
def every_page_is_redesigned(city):
    """R6."""
    city.weather = None
    city.design = "renewed"
    return [("plough", "content", None, "推广深松整地。", "推广深松整地与滴灌。")]


@day("recheck")
def what_was_withdrawn_returns_unchanged_and_changed(city):
    city.bring_back("tz/5", "tz/6")
    city.rewrite("closed", "因设备检修闭馆两天。", "因设备检修闭馆三天。")
    return [
        ("coupons", "restored", None, None, None),
        ("closed", "restored", None, None, None),
        ("closed", "content", None, "因设备检修闭馆两天。", "因设备检修闭馆三天。"),
    ]


@day("sweep")
def a_copy_is_amended_alone(city):
    """R7."""
    city.copies["jd/2"] = city.records["lift"].but(validity="已修改")
    return [
        ("lift", "validity", "validity_label", "有效", "已修改"),
        ("lift", "divergence", None, "gk/1", "jd/2"),
    ]


@day("sweep")
def yange_reads_another_label_and_one_document_is_amended(city):
    """R12: every page states another agency now, as we read it; one states another text."""
    city.settings = {"labels": {"issuing_agency": OFFICE}, "body": ".article-content"}
    city.rewrite("parking", "道路临时泊位夜间免费。", "道路临时泊位夜间十时后免费。")
    return [("parking", "content", None, "道路临时泊位夜间免费。", "道路临时泊位夜间十时后免费。")]


@day("recheck")
def what_is_read_by_the_new_label_changes(city):
    city.offices["filler-3"] = "林业科"
    return [("filler-3", "metadata", "issuing_agency", "综合科", "林业科")]


@day("sweep")
def the_portal_turns_to_gb18030(city):
    city.charset, city.announced = "gb18030", "; charset=gb18030"
    return []


@day("recheck")
def the_header_no_longer_names_the_encoding(city):
    city.announced = ""
    city.remove("tz/7")  # fair
    return []


@day("discover")
def utf_8_again_and_a_number_is_given_twice(city):
    """R3."""
    city.charset = "utf-8"
    city.publish("sunflower", "nmj/4", SUNFLOWER)
    city.publish("library", "tz/9", LIBRARY)
    return [
        ("sunflower", "created", None, None, None),
        ("sunflower", "collision", None, "nmj/1", "nmj/4"),
        ("library", "created", None, None, None),
    ]


@day("recheck")
def a_cache_mixes_up_two_pages_and_another_believes_its_own_validators(city):
    """R13; fair is lost for the second time."""
    city.frozen.add("gk/2")
    city.rewrite("housing", "租金按市场价的百分之七十收取。", "租金按市场价的百分之六十收取。")
    return [("fair", "withdrawn", None, None, None)]


@day("sweep", status=INCOMPLETE, problem="number, title and text have all changed at once")
def a_sweep_believes_no_validator(city):
    city.mixed_up["nmj/2"] = "nmj/3"
    return [
        (
            "housing",
            "content",
            None,
            "租金按市场价的百分之七十收取。",
            "租金按市场价的百分之六十收取。",
        )
    ]


@day("sweep")
def every_address_changes_and_the_old_ones_lead_on(city):
    """Documents move with their files; one is amended on the way."""
    city.mixed_up.clear()
    city.frozen.clear()
    city.scheme, city.old_addresses = "new", "redirect"
    city.unlisted.add("tz/7")
    city.amend("beets", body=("补贴名单公示十天。", "有异议者请书面反映。"))
    return [
        *(
            (key, "relocated", None, None, f"new {place}")
            for place, key in city.places.items()
            if key != "fair"
        ),
        ("beets", "content", None, "补贴名单公示七天。", "补贴名单公示十天。"),
    ]


@day("discover")
def lists_show_the_new_addresses_and_the_old_ones_are_gone(city):
    city.old_addresses = "gone"
    city.publish("hours", "tz/11", HOURS)
    city.remove("tz/11")  # its page is published only after the list
    return []


@day("discover")
def a_withdrawn_document_returns_elsewhere_and_a_page_is_late(city):
    city.bring_back("tz/7")
    city.unlisted.clear()
    city.rewrite("fair", "展销会在体育馆举行。", "展销会改在文化馆举行。")
    city.bring_back("tz/11")
    return [
        ("hours", "created", None, None, None),
        ("fair", "relocated", None, None, "new tz/7"),
        ("fair", "restored", None, None, None),
        ("fair", "content", None, "展销会在体育馆举行。", "展销会改在文化馆举行。"),
    ]


@day("discover", problem="shows no documents")
def lists_are_empty_for_an_evening(city):
    city.lists_empty = True
    return []


@day("sweep")
def a_document_moves_without_a_trace_and_is_amended(city):
    """R7: until the old place is known to be gone, the new one is a copy."""
    city.lists_empty = False
    city.move("geology", "tz/3", "tz/10")
    city.unlisted.add("tz/3")
    city.rewrite("geology", "责任人名单另行印发。", "责任人名单见附件。")
    return [
        ("geology", "relocated", None, None, "new tz/10"),
    ]


@day("recheck")
def the_old_place_is_gone_for_good(city):
    return [("geology", "content", None, "责任人名单另行印发。", "责任人名单见附件。")]


@day("sweep")
def the_last_evening(city):
    return []


# --- the month ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evening:
    """What a day's crawl was to find, what it found, and its run."""

    expected: list
    found: list
    run: dict


class Month:
    """The month as it was played."""

    def __init__(self, city, yange):
        self.city = city
        self.yange = yange
        self.evenings = {}
        self.foreseen = {}
        """What `reread` said before the other reader was used."""

    def play(self):
        for number, one in enumerate(DAYS, start=1):
            self.city.day = number
            settings = self.city.settings
            expected = one.happens(self.city)
            if self.city.settings is not settings:
                self.yange.configure(self.city)
                self.foreseen = self.yange.read("reread")
            run = self.yange.crawl(mode=one.mode, status=(FINISHED, INCOMPLETE))
            found = [self.finding(change) for change in self.yange.changes_of(run)]
            self.evenings[one.name] = Evening(expected, found, run)

    def finding(self, change):
        """A change of the ledger in the script's words."""
        before, after = change["before"], change["after"]
        if change["kind"] in ("relocated", "collision", "divergence"):
            before, after = (url and self.city.place_of(url) for url in (before, after))
        if change["kind"] == "divergence":
            before, after = sorted((before, after))
        key = self.city.document_at(change["url"])
        return key, change["kind"], change["field"], before, after


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    with City() as city:
        month = Month(city, Yange(tmp_path_factory.mktemp("month"), city))
        month.play()
        yield month


def difference(expected, found):
    """Both lists, and what is in one of them alone."""
    missing, surplus = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    told = [f"  not found: {one}" for one in missing] + [f"  surplus:   {one}" for one in surplus]
    lists = [
        f"expected {len(expected)}:",
        *map(repr, expected),
        f"found {len(found)}:",
        *map(repr, found),
    ]
    return "\n".join(["", *told, *lists])


@pytest.mark.parametrize("one", DAYS, ids=lambda one: one.name)
def test_what_happened_is_found_and_nothing_else(month, one):
    """R6, R7, R8, R9, R10, R11, R12, R13."""
    evening = month.evenings[one.name]
    assert Counter(evening.found) == Counter(evening.expected), difference(
        evening.expected, evening.found
    )


@pytest.mark.parametrize("one", DAYS, ids=lambda one: one.name)
def test_a_run_says_how_the_evening_went(month, one):
    run = month.evenings[one.name].run
    assert run["outcome"] == ("finished" if one.status == FINISHED else "incomplete"), run
    assert bool(run["problems"]) == bool(one.problem), run["problems"]
    assert one.problem in " ".join(run["problems"])


# --- the month as a whole -------------------------------------------------------------------------

MAKES_A_VERSION = ("created", "content", "validity", "metadata", "attachment", "renumbered")


def in_words(findings):
    """Findings in an order of their own: within one crawl, which page comes first is chance."""
    return sorted(tuple("–" if one is None else one for one in finding) for finding in findings)


def test_the_ledger_is_the_script(month):
    """R8: the whole of it, in the order of the days."""
    ledger = month.yange.changes()
    names = {evening.run["id"]: name for name, evening in month.evenings.items()}
    assert [one["seq"] for one in ledger] == list(range(1, len(ledger) + 1))
    assert [names[one["run"]] for one in ledger if one["baseline"]] == ["the_first_evening"] * 27
    told = [
        (name, *finding)
        for name, evening in month.evenings.items()
        for finding in in_words(
            month.finding(one) for one in ledger if one["run"] == evening.run["id"]
        )
    ]
    script = [
        (name, *finding)
        for name, evening in month.evenings.items()
        for finding in in_words(evening.expected)
    ]
    assert told == script, difference(script, told)


def test_the_archive_holds_at_the_end(month):
    """R17."""
    verified = month.yange.read("verify")
    assert (verified["ok"], verified["problems"]) == (True, [])
    assert verified["documents"] == len(month.city.records)


def test_the_archive_ends_where_the_portal_does(month):
    """Every document as it is published on the last day, with as many versions as days on which
    it changed.
    """
    days_of_change = Counter(
        key
        for evening in month.evenings.values()
        for key in {key for key, kind, *_ in evening.expected if kind in MAKES_A_VERSION}
    )
    with month.yange.catalogue() as catalogue:
        shown = {
            key: catalogue.show(month.city.url(place))
            for place, key in month.city.places.items()
            if place not in month.city.absent
        }
    assert shown.keys() == month.city.records.keys()
    for key, record in month.city.records.items():
        one = shown[key]
        assert (one["title"], one["index_number"]) == (record.title, record.number or None)
        assert one["text"] == "\n".join(lines_of(record)), key
        assert one["status"] == "current"
        assert one["versions"] == days_of_change[key], key
        assert all(
            attachment["sha256"] == sha(month.city.files[attachment["url"].rpartition("/")[2]])
            for attachment in one["attachments"]
        )


def lines_of(record):
    """The lines of a record's text."""
    for block in record.body:
        if isinstance(block, Table):
            yield from map("\t".join, block.rows)
        else:
            yield block if isinstance(block, str) else block.name


def test_what_the_other_reader_would_read_was_foreseen(month):
    """R12: on the evening before it was used, and it was no change."""
    documents = month.foreseen["documents"]
    assert documents == 28
    assert month.foreseen["by_field"] == {"issuing_agency": documents}
    for found in month.foreseen["differences"]:
        for page in found["pages"]:
            [field] = page["fields"]
            assert (field["field"], field["after"]) == ("issuing_agency", "综合科")
