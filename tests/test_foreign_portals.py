"""Portals with other templates and other words: read without new code (section 2)."""

import pytest
from support.site import Town
from support.yange import Yange, told

HALL = {
    "title": "青岚县便民服务大厅窗口设置方案",
    "document_number": "青政办发〔2024〕18号",
    "issuing_agency": "青岚县人民政府办公室",
    "category": "政务服务",
    "summary": "设窗口三十二个，实行一窗受理",
    "written_on": "2024-08-30",
    "published_at": "2024-09-02T00:00:00+08:00",
    "repealed_on": None,
    "validity_label": "有效",
    "validity": "valid",
}
WELLS = {
    "title": "青岚县机井封停补偿标准",
    "document_number": None,
    "issuing_agency": "青岚县水务局",
    "category": "水利",
    "summary": None,
    "written_on": "2019-04-11",
    "published_at": "2019-04-15T16:20:00+08:00",
    "repealed_on": "2024-05-01",
    "validity_label": "已废止",
    "validity": "repealed",
}
SHELTER = {
    "title": "青岚县应急避难场所名录",
    "document_number": "青应急〔2025〕3号",
    "issuing_agency": "青岚县应急管理局",
    "category": "应急管理",
    "summary": "共十一处",
    "written_on": "2025-02-17",
    "published_at": "2025-02-20T08:05:09+08:00",
    "repealed_on": None,
    "validity_label": None,
    "validity": "unknown",
}
TEXTS = {
    HALL["title"]: ("大厅设综合窗口和专业窗口。", "综合窗口由县政务服务中心派员。"),
    WELLS["title"]: ("深井每眼补偿四万元。", "浅井每眼补偿一万二千元。"),
    SHELTER["title"]: ("一类场所：县体育场、第三中学操场。", "二类场所：各镇文化广场。"),
}
DOCUMENTS = (HALL, WELLS, SHELTER)

# The words of each portal; how it spells a date is its own affair as well.
COUNTY = {
    "index_number": "索引号",
    "title": "名称",
    "document_number": "文号",
    "issuing_agency": "发布机构",
    "category": "主题分类",
    "summary": "内容概述",
    "written_on": "生成日期",
    "published_at": "发布日期",
    "repealed_on": "废止日期",
    "validity_label": "时效性",
}
CITY = COUNTY | {
    "index_number": "索 引 号",
    "title": "信息名称",
    "document_number": "发文字号",
    "issuing_agency": "发文机关",
    "category": "组配分类",
    "summary": "概　　述",
    "written_on": "发文日期",
    "published_at": "公开日期",
    "validity_label": "公文时效",
}


def frame(title, content):
    """A page of no CMS that anyone has heard of."""
    return f"""<!doctype html><html lang="zh"><head><meta charset="utf-8">
<title>{title}_青岚县人民政府</title></head><body>
<header><nav><a href="/">首页</a> <a href="/gk/">公开</a> <a href="/fw/">服务</a></nav></header>
<main>{content}</main>
<footer><p>青岚县人民政府主办　联系我们　网站地图</p></footer></body></html>"""


def pairs(document, number, words, moment):
    values = {**document, "index_number": number}
    values["published_at"] = moment(document["published_at"])
    return [(label, values[name] or "") for name, label in words.items()]


def paragraphs(text):
    return "".join(f"<p>{line}</p>" for line in text)


def with_seconds(moment):
    return moment[:19].replace("T", " ")


def in_chinese(moment):
    day, time = moment[:10], moment[11:19]
    year, month, date = day.split("-")
    return f"{year}年{month}月{date}日" + (f" {time}" if time != "00:00:00" else "")


def as_definitions(document, number, text):
    rows = pairs(document, number, COUNTY, with_seconds)
    listed = "".join(f"<dt>{label}：</dt><dd>{value}</dd>" for label, value in rows)
    return frame(
        document["title"],
        f'<dl class="meta">{listed}</dl><h1>{document["title"]}</h1>'
        f'<article class="text">{paragraphs(text)}</article>',
    )


def as_items(document, number, text):
    rows = pairs(document, number, CITY, in_chinese)
    listed = "".join(f"<li><b>{label}</b>：{value}</li>" for label, value in rows)
    return frame(
        document["title"],
        f'<ul class="headinfo">{listed}</ul><h2>{document["title"]}</h2>'
        f'<div class="article-content">{paragraphs(text)}</div>',
    )


def as_rows_of_spans(document, number, text):
    rows = pairs(document, number, COUNTY, with_seconds)
    listed = "".join(
        f'<div class="line"><span class="k">{label}</span><span class="v">{value}</span></div>'
        for label, value in rows
    )
    return frame(
        document["title"],
        f'<section class="props">{listed}</section><h1>{document["title"]}</h1>'
        f'<div class="content">{paragraphs(text)}</div>',
    )


def as_single_cells(document, number, text):
    rows = pairs(document, number, CITY, in_chinese)
    listed = "".join(f"<tr><td>{label}：{value}</td></tr>" for label, value in rows)
    return frame(
        document["title"],
        f'<table class="props">{listed}</table><h1>{document["title"]}</h1>'
        f'<div class="TRS_Editor">{paragraphs(text)}</div>',
    )


def definitions_list(rows, turn):
    listed = "".join(
        f'<dl><dt><a href="{href}">{title}</a></dt><dd>{day}</dd></dl>' for href, title, day in rows
    )
    return frame("公开目录", f'<div class="list">{listed}</div>{turn}')


def items_list(rows, turn):
    listed = "".join(
        f'<li><time>[{day}]</time> <a href="{href}" title="{title}">{title[:8]}...</a></li>'
        for href, title, day in rows
    )
    return frame("公开目录", f'<ul class="newslist">{listed}</ul>{turn}')


def divisions_list(rows, turn):
    listed = "".join(
        f'<div class="item"><a href="{href}"><h4>{title}</h4><span>{day}</span></a></div>'
        for href, title, day in rows
    )
    return frame("公开目录", f'<div class="items">{listed}</div>{turn}')


def table_list(rows, turn):
    listed = "".join(
        f'<tr><td>{place}</td><td><a href="{href}">{title}</a></td><td>{day}</td></tr>'
        for place, (href, title, day) in enumerate(rows, start=1)
    )
    return frame(
        "公开目录", f"<table><tr><th>序号</th><th>标题</th><th>日期</th></tr>{listed}</table>{turn}"
    )


NEXT = '<div class="page"><span>1</span> <a href="{}">下一页</a></div>'
SCRIPT = '<div class="page"><script>createPageHTML(2, 0, "index", "html");</script></div>'

# Folder: the template of its pages, that of its lists, how page 1 leads on, and where page 2 is.
PORTALS = {
    "dl": (as_definitions, definitions_list, NEXT.format("page2.html"), "page2.html"),
    "li": (as_items, items_list, SCRIPT, "index_1.html"),
    "span": (as_rows_of_spans, divisions_list, NEXT.format("/span/list/2"), "list/2"),
    "cell": (as_single_cells, table_list, NEXT.format("./index_2.html"), "index_2.html"),
}


def number_of(folder, place):
    return f"{list(PORTALS).index(folder)}1152900MB0987654/2024-0000{place}"


def publish(town, folder, texts=TEXTS):
    """A portal of three documents in two pages of its list."""
    page, list_of, turn, second = PORTALS[folder]
    rows = []
    for place, document in enumerate(DOCUMENTS):
        name = f"content_{place}.html"
        text = texts[document["title"]]
        town.answer(f"/{folder}/{name}", page(document, number_of(folder, place), text))
        rows.append((f"/{folder}/{name}", document["title"], document["published_at"][:10]))
    town.answer(f"/{folder}/index.html", list_of(rows[:2], turn))
    town.answer(f"/{folder}/{second}", list_of(rows[2:], ""))


@pytest.fixture(scope="module")
def portals(tmp_path_factory):
    with Town(*(f"/{folder}/" for folder in PORTALS)) as town:
        for folder in PORTALS:
            publish(town, folder)
        yange = Yange(tmp_path_factory.mktemp("foreign"), town)
        run = yange.crawl()
        assert (run["outcome"], run["problems"]) == ("finished", [])
        listed = yange.list()
        quiet = yange.sweep()
        revised = TEXTS | {WELLS["title"]: ("深井每眼补偿五万元。", "浅井每眼补偿一万二千元。")}
        for folder in PORTALS:
            publish(town, folder, revised)
        yield town, yange, listed, quiet, yange.sweep()


@pytest.mark.parametrize("folder", PORTALS)
@pytest.mark.parametrize("place", range(len(DOCUMENTS)))
def test_every_field_is_read(portals, folder, place):
    town, yange, listed, *_ = portals
    url = town.url(f"/{folder}/content_{place}.html")
    [row] = [one for one in listed if one["url"] == url]
    assert row["index_number"] == number_of(folder, place)
    assert {name: row[name] for name in DOCUMENTS[place]} == DOCUMENTS[place]
    with yange.catalogue() as catalogue:
        text = catalogue.show(url, version=1)["text"]
    assert text == "\n".join(TEXTS[row["title"]])


def test_nothing_else_is_a_document(portals):
    _, _, listed, quiet, _ = portals
    assert len(listed) == len(PORTALS) * len(DOCUMENTS)
    assert quiet == []


def test_what_changes_is_told(portals):
    *_, changes = portals
    assert told(changes) == [
        ("content", None, "深井每眼补偿四万元。", "深井每眼补偿五万元。")
    ] * len(PORTALS)
    assert {one["title"] for one in changes} == {WELLS["title"]}


# --- words that need configuration ----------------------------------------------------------------

ODD = """<div class="dangan"><p><i>档案编号</i>：QL-2025-77</p><p><i>印发单位</i>：青岚县林场</p>
<p><i>发布日期</i>：2025-03-01</p></div><h1>林场防火隔离带管护责任书</h1>
<div class="qita"><p>森林防火，人人有责。请随手关注青岚林业公众号，了解更多防火知识和护林故事。</p>
<p>青岚林业公众号每周三更新，欢迎投稿，欢迎转发，欢迎提出宝贵意见。</p></div>
<div class="wzx">{}</div>"""
LABELS = {"index_number": "档案编号", "issuing_agency": ["印发单位", "制发单位"]}


def odd_town(*lines, **settings):
    town = Town("/odd/", **settings)
    publish_odd(town, *lines)
    town.list_row("/odd/1.html", "林场防火隔离带管护责任书")
    return town


def publish_odd(town, *lines):
    town.answer("/odd/1.html", frame("林场防火隔离带管护责任书", ODD.format(paragraphs(lines))))


def test_odd_words_and_bodies_are_configured(tmp_path):
    with odd_town("隔离带宽三十米。", labels=LABELS, body=".wzx") as town:
        yange = Yange(tmp_path, town)
        yange.crawl()
        shown = yange.show("QL-2025-77")
        assert shown["issuing_agency"] == "青岚县林场"
        assert shown["published_at"] == "2025-03-01T00:00:00+08:00"
        assert shown["text"] == "隔离带宽三十米。"


def test_words_configured_later_change_nothing(tmp_path):
    """R12: what we read differently is not what they wrote differently."""
    with odd_town("隔离带宽三十米。", "每年清理两次。") as town:
        yange = Yange(tmp_path, town)
        yange.crawl()
        town.settings |= {"labels": LABELS, "body": ".wzx"}
        yange.configure(town)
        assert yange.sweep() == []
        publish_odd(town, "隔离带宽五十米。", "每年清理两次。")
        assert told(yange.sweep()) == [("content", None, "隔离带宽三十米。", "隔离带宽五十米。")]
        [changed] = [
            line for line in yange.diff(town.url("/odd/1.html"))["text"] if line["op"] != "equal"
        ]
        assert (changed["before"], changed["after"]) == ("隔离带宽三十米。", "隔离带宽五十米。")
        assert yange.read("verify")["ok"]
