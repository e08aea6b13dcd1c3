"""`yange reread`: what another reader would make of the stored pages, before it is used (R12)."""

import sqlite3
from collections import Counter

import pytest
from support.site import File, Record, Town
from support.yange import FAILED, MISUSED, Yange, told

RULES = Record(title="渡口管理办法", number="1115990001150073XY/2025-00011")
PLAN = Record(title="防汛预案", number="1115990001150073XY/2025-00012", body=("汛期值守。",))
NOTICE = Record(title="停水通告", number="1115990001150073XY/2025-00013", body=("今晚停水。",))
OTHER_READER = {"labels": {"issuing_agency": "责任部门"}, "body": ".gist"}


def stating(record, office):
    """The page of a record that names an office under a label that is not built in."""
    row = f"<tr><td>责任部门：</td><td>{office}</td></tr></tbody>"
    return record.html().replace("</tbody>", row, 1)


def plan_page(line="汛期值守。"):
    """The page of PLAN: its text in an element of its own, with a file beside it."""
    record = PLAN.but(body=("值班电话见表。", File(name="电话表", href="phones.xls")))
    return record.html().replace(
        '<div id="zoom">', f'<div id="zoom"><div class="gist"><p>{line}</p></div>'
    )


def kept(archive):
    """Everything in the archive that a reading command could have added to."""
    with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("readings", "readers", "captures", "versions", "changes", "runs")
        ]


@pytest.fixture(scope="module")
def town():
    with Town("/gk/", "/jd/") as town:
        town.publish(NOTICE, "/gk/3/index.html")
        for address in ("/gk/1/index.html", "/jd/1/index.html"):
            town.publish(RULES, address)
            town.answer(address, stating(RULES, "市交通运输局"))
        town.publish(PLAN, "/gk/2/index.html")
        town.answer("/gk/2/index.html", plan_page())
        town.answer("/gk/2/phones.xls", b"\xd0\xcf\x11\xe0 phones")
        yield town


@pytest.fixture(scope="module")
def yange(tmp_path_factory, town):
    yange = Yange(tmp_path_factory.mktemp("reread"), town)
    yange.crawl()
    return yange


def test_another_reader_is_shown_before_it_is_used_and_reports_nothing(town, yange):
    """R12, from the change of configuration to the portal's next own change."""
    before = yange.read("reread")
    assert before == {
        "differences": [],
        "documents": 3,
        "pages": 4,
        "same": 3,
        "different": 0,
        "damaged": 0,
        "by_field": {},
    }
    assert "all as recorded" in yange.run("reread").out

    town.settings |= OTHER_READER
    yange.configure(town)
    rows = kept(yange.archive)
    found = yange.read("reread")
    assert kept(yange.archive) == rows
    assert {key: value for key, value in found.items() if key != "differences"} == {
        "documents": 3,
        "pages": 4,
        "same": 1,
        "different": 2,
        "damaged": 0,
        "by_field": {"issuing_agency": 1, "text": 1, "attachments": 1},
    }
    by_title = {one["title"]: one for one in found["differences"]}
    assert by_title.keys() == {"渡口管理办法", "防汛预案"}

    rules = by_title["渡口管理办法"]["pages"]
    assert {page["url"] for page in rules} == {
        town.url("/gk/1/index.html"),
        town.url("/jd/1/index.html"),
    }
    assert [page["version"] for page in rules] == [1, None]
    for page in rules:
        assert page["fields"] == [
            {"field": "issuing_agency", "before": "市人民政府办公室", "after": "市交通运输局"}
        ]
        assert (page["attachments"], page["nature"]) == ([], None)
        assert {line["op"] for line in page["text"]} == {"equal"}
        assert page["reader"]["before"] != page["reader"]["after"]

    [plan] = by_title["防汛预案"]["pages"]
    assert plan["fields"] == []
    assert [(one["op"], one["name"]) for one in plan["attachments"]] == [("delete", "电话表")]
    assert Counter((line["op"], line["before"], line["after"]) for line in plan["text"]) == Counter(
        [
            ("equal", "汛期值守。", "汛期值守。"),
            ("delete", "值班电话见表。", None),
            ("delete", "电话表", None),
        ]
    )

    # The present reader is used, and nothing is told of it; what was recorded is as it was.
    assert yange.sweep() == []
    assert yange.read("reread") == found

    # What the portal then changes is recorded in the present reader's words.
    town.answer("/gk/2/index.html", plan_page("汛期昼夜值守。"))
    assert told(yange.sweep()) == [("content", None, "汛期值守。", "汛期昼夜值守。")]
    after = yange.read("reread")
    assert [one["title"] for one in after["differences"]] == ["渡口管理办法"]
    assert yange.read("verify")["ok"]


def test_people_are_told_whose_doing_it_is(town, yange):
    town.settings = {"labels": {"summary": "责任部门", "category": ["标 题"]}}
    yange.configure(town)
    shown = yange.run("reread", "town", "--limit", "1").out
    titles = [one.title for one in (RULES, PLAN, NOTICE)]
    [told] = [title for title in titles if f"category: 规范性文件 → {title}\n" in shown]
    assert shown.startswith(told)
    assert "… and 2 more documents" in shown
    assert "3 would be read differently" in shown
    assert "not the portal's: no version and no change comes of it" in shown


def test_a_page_that_would_no_longer_pass_for_a_document_is_told(tmp_path):
    """A selector that fits too much can make a list of a document."""
    text = "".join(f"<p>第{number}条 防火隔离带每年清理两次。</p>" for number in range(30))
    near = "".join(
        f'<li><a href="/gk/{number}/index.html">防火通告之{number}</a><span>2025-03-05</span></li>'
        for number in range(2, 8)
    )
    page = f"<h1>防火</h1><div class='a'>{text}</div><ul class='near'>{near}</ul>"
    with Town() as town:
        address = "/gk/1/index.html"
        town.answer(address, f"<html><head><title>防火</title></head><body>{page}</body></html>")
        town.list_row(address, "防火")
        yange = Yange(tmp_path, town)
        yange.crawl()
        town.settings |= {"body": ".near"}
        yange.configure(town)
        answer = yange.read("reread")
        [found] = answer["differences"]
        assert found["pages"][0]["nature"] == {
            "before": "document",
            "after": "other (a list of documents)",
        }
        assert answer["by_field"]["nature"] == 1


def test_damage_is_named_and_the_rest_is_read(tmp_path, town, yange):
    damaged = Yange(tmp_path, town)
    with sqlite3.connect(yange.archive) as connection:
        connection.execute("VACUUM INTO ?", (str(damaged.archive),))
    with sqlite3.connect(damaged.archive) as connection:
        connection.execute(
            """INSERT INTO encodings (body_id, codec, data)
               SELECT body_id, 'plain', x'00' FROM readings JOIN versions
               ON readings.id = reading_id WHERE title = '停水通告'"""
        )
    answer = damaged.run("reread", "--json", status=FAILED).json
    assert (answer["documents"], answer["damaged"]) == (3, 1)
    [found] = [one for one in answer["differences"] if one["damage"]]
    assert (found["title"], found["pages"]) == ("停水通告", [])
    assert "is damaged" in found["damage"][0]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [(["nowhere"], MISUSED, "no portal 'nowhere'"), ([], FAILED, "does not exist yet")],
)
def test_a_mistake_ends_in_a_sentence(tmp_path, town, arguments, status, said):
    assert said in Yange(tmp_path, town).run("reread", *arguments, status=status).err
