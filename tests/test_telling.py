"""Messages as those who asked for them see them: which rule tells of what, in which words."""

import json
import re

import pytest
import yaml
from support.site import Record, Town
from support.targets import Mailbox, Telling, Webhook
from support.yange import FAILED, MISUSED, Yange

CLAUSE = "本市鼓励社会资本参与停车设施建设，具体办法由市人民政府另行制定并向社会公布。"

FLATS = Record(title="人才公寓管理办法", number="/2025-00001", agency="市住房和城乡建设局")
PARKING = Record(
    title="停车场管理办法",
    number="/2025-00002",
    agency="市公安局",
    body=tuple(f"第{number}条 {CLAUSE}" for number in range(1, 80)),
)
HEATING = Record(title="供热管理办法", number="/2025-00003", agency="市供热中心")
TAXIS = Record(
    title="关于调整出租汽车收费的通知",
    number="/2025-00004",
    agency="市交通运输局",
    body=("一、起步运价调整为每车次八元。",),
)
# Every clause is reworded, the last of them far beyond what the ledger quotes.
PARKING_AMENDED = PARKING.but(
    body=(
        *(f"第{number}条 {CLAUSE[:-1]}，自公布之日起施行。" for number in range(1, 79)),
        "第七十九条 夜间（22时后）免费停放。",
    )
)

RULES = {
    "everything": {},
    "of-portal": {"portals": ["town"]},
    "new": {"kinds": ["created"]},
    "agency-changed": {"fields": "issuing_agency"},
    "housing": {"agencies": ["住房"]},
    "heating-centre": {"agencies": "供热中心"},
    "by-number": {"documents": ["/2025-00002", "/2030-99999"]},
    "repealed": {"validity": {"before": "valid", "after": ["repealed", "invalid"]}},
    "revived": {"validity": {"before": ["repealed"]}},
    "repealed-on-purpose": {"kinds": ["validity"], "validity": {"after": "repealed"}},
    "night": {"words": "夜间(22时"},
    "fare": {"words": {"after": ["运价", "票价"]}},
    "fare-before": {"words": {"before": ["运价"]}},
    "in-title": {"words": {"title": ["公寓", "供热"]}},
    "two-places": {"words": {"title": ["停车"], "after": ["夜间"]}},
    "nothing-of-both": {"kinds": ["created"], "agencies": ["住房"]},
    "runs-only": {"runs": ["failed", "interrupted"]},
    "baseline-too": {"baseline": True, "kinds": ["created"]},
    "list": {"watch": "homes"},
}

TOLD = {
    "everything": {FLATS, PARKING, HEATING, TAXIS},
    "of-portal": {FLATS, PARKING, HEATING, TAXIS},
    "new": {TAXIS},
    "agency-changed": {HEATING},
    "housing": {FLATS, HEATING},
    "heating-centre": {HEATING},
    "by-number": {PARKING},
    "repealed": {FLATS},
    "repealed-on-purpose": {FLATS},
    "night": {PARKING},
    "fare": {TAXIS},
    "in-title": {FLATS, HEATING},
    "two-places": {PARKING},
    "baseline-too": {TAXIS},
    "list": {FLATS, HEATING},
}


@pytest.fixture(scope="module")
def told():
    """What each rule's webhook and one mailbox got of a day's changes; made once for all."""
    with Webhook() as webhook, Mailbox() as mailbox, Town() as town:
        rules = [
            {"name": name, "to": webhook.url(f"/{name}"), **filters}
            for name, filters in RULES.items()
        ]
        rules.append({"name": "mail", "to": mailbox.url(), "language": "en", "kinds": "content"})
        yield webhook, mailbox, town, rules


@pytest.fixture(scope="module")
def day(told, tmp_path_factory):
    """The first crawl finds three documents; then they change, and a fourth appears."""
    webhook, mailbox, town, rules = told
    folder = tmp_path_factory.mktemp("telling")
    lists = {"homes": {"words": ["人才公寓"], "agencies": ["住房和城乡建设"]}}
    room = {"url": "https://room.example.org/"}
    yange = Yange(folder, Telling(town, *rules, room=room, watch=lists))
    for number, record in enumerate((FLATS, PARKING, HEATING), 1):
        town.publish(record, f"/gk/{number}/index.html")
    yange.crawl()
    first = yange.run("notify", "--send").out
    baseline = webhook.subjects("/baseline-too")
    town.publish(FLATS.but(validity="废止"), "/gk/1/index.html")
    town.publish(PARKING_AMENDED, "/gk/2/index.html")
    town.publish(HEATING.but(agency="市住房和城乡建设局"), "/gk/3/index.html")
    town.publish(TAXIS, "/gk/4/index.html")
    yange.crawl()
    yange.run("notify", "--send")
    return yange, webhook, mailbox, first, baseline


def test_what_was_there_first_is_told_to_those_who_ask_for_it_alone(day):
    _, _, _, first, baseline = day
    assert baseline == ["[yange] 柳溪市人民政府：3 份文件有 3 处变动"]
    assert len(first.splitlines()) == 1


@pytest.mark.parametrize("name", RULES)
def test_a_rule_tells_of_what_meets_all_its_filters(day, name):
    _, webhook, _, _, baseline = day
    messages = webhook.taken(f"/{name}")[len(baseline) if name == "baseline-too" else 0 :]
    assert len(messages) == (1 if name in TOLD else 0)
    text = "".join(message["message"] for message in messages)
    titles = {one for one in (FLATS, PARKING, HEATING, TAXIS) if one.title in text}
    assert titles == TOLD.get(name, set())


def test_a_message_says_what_changed_and_where_to_look(day):
    """Title, number, agency, what it was, what it is now, and both addresses."""
    yange, webhook, _, _, _ = day
    [message] = webhook.taken("/repealed")
    assert message["title"] == "[yange] 柳溪市人民政府：人才公寓管理办法 — 有效性：有效 → 废止"
    document = yange.show("/2025-00001")
    lines = message["message"].splitlines()
    assert lines[0] == "人才公寓管理办法"
    assert lines[1].startswith("索引号：/2025-00001，发文机构：市住房和城乡建设局，")
    assert lines[2] == "有效性：有效 → 废止"
    assert re.fullmatch(
        r"新旧对照：https://room\.example\.org/documents/\d+/compare/1\.\.\.2", lines[3]
    )
    assert lines[4] == f"网站原文：{document['url']}"


def test_of_a_long_revision_a_message_quotes_what_differs(day):
    _, webhook, _, _, _ = day
    [message] = webhook.taken("/by-number")
    assert "并向社会公布{+，自公布之日起施行+}。" in message["message"]
    assert "公布{+，自公布之日起施行+}。" in message["message"].splitlines()[3]
    assert len(message["message"]) < 1500
    assert "行改动" in message["message"]


def test_mail_comes_as_html_and_as_text_in_the_language_of_the_rule(day):
    _, _, mailbox, _, _ = day
    [(recipients, mail)] = mailbox.mails
    assert recipients == ["officer@example.org"]
    assert mail["subject"] == "[yange] 柳溪市人民政府: 停车场管理办法 — text changed"
    plain = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for text in (plain, html):
        assert "/2025-00002" in text
        assert "issuing agency: 市公安局" in text
        assert "{+" in text
        assert "/gk/2/index.html" in text
    assert "<ins>" in html


def test_what_a_portal_writes_is_words_in_every_form(tmp_path):
    hostile = Record(
        title='<img src=x onerror="alert(1)">[点](http://evil.example)*办法* @all',
        number="/2025-00009",
    )
    with Webhook() as webhook, Town() as town:
        rules = [
            {"name": form, "to": webhook.url(f"/{form}", format=form), "baseline": True}
            for form in ("text", "markdown", "html")
        ]
        yange = Yange(tmp_path, Telling(town, *rules))
        town.publish(hostile, "/gk/1/index.html")
        yange.crawl()
        yange.run("notify", "--send")
    [html] = webhook.taken("/html")
    assert "<img" not in html["message"]
    assert "&lt;img" in html["message"]
    [markdown] = webhook.taken("/markdown")
    assert r"\[点\](http://evil.example)\*办法\*" in markdown["message"]
    assert "@all" not in markdown["message"]
    [text] = webhook.taken("/text")
    assert hostile.title in text["message"]


def test_the_command_shows_how_telling_stands_and_tries_it_out(day):
    yange, webhook, _, _, _ = day
    rows = {row["name"]: row for row in yange.read("notify")}
    assert list(rows) == [*RULES, "mail"]
    [target] = rows["everything"]["targets"]
    assert (target["to"], target["begun"], target["sent"]) == ("json://…", True, 1)
    assert target["last_success"] is not None
    assert (target["waiting"], target["last_error"]) == (None, None)
    assert rows["revived"]["targets"][0]["sent"] == 0
    assert "everything" in yange.run("notify").out
    before = len(webhook.taken("/revived"))
    assert "revived (json://…): sent" in yange.run("notify", "--test", "revived").out
    assert len(webhook.taken("/revived")) == before + 1
    assert "测试消息" in webhook.subjects("/revived")[-1]
    # A test is not a message of the rule's.
    assert {row["name"]: row for row in yange.read("notify")}["revived"]["targets"][0]["sent"] == 0
    assert "there is nothing to tell" in yange.run("notify", "--send").out


def test_a_test_message_that_is_not_taken_is_exit_status_1_and_says_why(tmp_path):
    with Webhook() as webhook, Town() as town:
        webhook.status = 500
        secret = "s3cret0token9"
        rules = [{"name": "officer", "to": [webhook.url(f"/{secret}"), "json://127.0.0.1:9/x"]}]
        yange = Yange(tmp_path, Telling(town, *rules))
        ended = yange.run("notify", "--test", status=FAILED)
        assert ended.err.count("officer (json://…): not sent: ") == 2
        assert "500" in ended.err
        rows = yange.run("notify", "--test", "--json", status=FAILED).json
        assert [row["target"] for row in rows] == [0, 1]
        assert all(row["error"] for row in rows)
        assert secret not in ended.err + ended.out + json.dumps(rows)


def test_a_mail_server_that_does_not_let_one_in_is_quoted(tmp_path):
    secret = "wrong-password-1"
    with Mailbox(password="the-right-one") as mailbox, Town() as town:
        address = mailbox.url().replace("://", f"://yange:{secret}@")
        yange = Yange(tmp_path, Telling(town, {"name": "officer", "to": address}))
        ended = yange.run("notify", "--test", status=FAILED)
        assert "535" in ended.err
        assert "credentials invalid" in ended.err
        assert secret not in ended.err
        assert mailbox.mails == []


REFUSED = [
    ({"to": []}, ["notify[0].to", "at least one"]),
    ({}, ["notify[1].to", "is missing"]),
    ({"to": "json://h", "kind": "created"}, ["notify[2].kind", "did you mean kinds?"]),
    ({"to": "json://h", "kinds": ["create"]}, ["notify[3].kinds[0]", '"create"', "'created'"]),
    ({"to": "json://h", "fields": "agency"}, ["notify[4].fields[0]", "issuing_agency"]),
    ({"to": "json://h", "validity": {"after": ["废止"]}}, ["notify[5].validity.after[0]"]),
    ({"to": "json://h", "words": {"body": ["x"]}}, ["notify[6].words.body", "keys here are"]),
    ({"to": "json://h", "words": [5]}, ["notify[7].words", "text"]),
    ({"to": "json://h", "when": "daily at 25:00"}, ["notify[8].when", "daily at 08:00"]),
    ({"to": "json://h", "language": "fr"}, ["notify[9].language", "'zh' or 'en'"]),
    ({"to": "json://h", "runs": ["finished"]}, ["notify[10].runs[0]", "'failed'"]),
    ({"to": "json://h", "name": "a b"}, ["notify[11].name", "one word"]),
    ({"to": "json://u:${NO_SUCH_SECRET}@h"}, ["notify[12].to", "no variable NO_SUCH_SECRET"]),
]


def test_a_rule_that_cannot_be_is_refused_with_a_sentence(tmp_path):
    with Town() as town:
        rules = [{"name": f"rule{number}", **rule} for number, (rule, _) in enumerate(REFUSED)]
        yange = Yange(tmp_path, Telling(town, *rules))
    lines = yange.run("check", status=MISUSED).err.splitlines()[1:]
    for line, (_, words) in zip(sorted(lines, key=_number), REFUSED, strict=True):
        assert [word for word in words if word not in line] == []


def _number(line):
    return int(line.partition("[")[2].partition("]")[0])


def test_an_address_that_no_service_understands_is_refused(tmp_path):
    with Town() as town:
        rules = [
            {"name": "pigeon", "to": "carrier-pigeon://loft"},
            {"name": "second", "to": ["json://127.0.0.1", "wecombot://", "nobody"]},
        ]
        yange = Yange(tmp_path, Telling(town, *rules))
    [_, pigeon, incomplete, none] = yange.run("check", status=MISUSED).err.splitlines()
    assert "notify[0].to[0]: carrier-pigeon://…: should begin with a scheme" in pigeon
    assert "notify[1].to[1]: wecombot://…: is not complete" in incomplete
    assert "notify[1].to[2]: …: should begin with a scheme" in none


def test_a_rule_about_a_portal_that_there_is_not_is_refused(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, Telling(town, {"name": "a", "to": "json://h", "portals": "city"}))
    assert "no portal 'city' is configured; there is town" in yange.run("check", status=MISUSED).err


def test_a_rule_about_a_list_that_there_is_not_is_refused(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, Telling(town, {"name": "a", "to": "json://h", "watch": "homes"}))
    said = yange.run("check", status=MISUSED).err
    assert "a: there is no list 'homes' under watch; there is none" in said


def test_two_rules_of_one_name_are_refused(tmp_path):
    with Town() as town:
        rule = {"name": "officer", "to": "json://127.0.0.1"}
        yange = Yange(tmp_path, Telling(town, rule, rule))
    assert "officer is the name of several rules" in yange.run("check", status=MISUSED).err


def test_a_secret_is_neither_shown_nor_logged(tmp_path, monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "fromtheenvironment")
    with Webhook() as webhook, Town() as town:
        webhook.status = 403
        rules = [
            {"name": "env", "to": webhook.url("/${HOOK_TOKEN}")},
            {"name": "file", "to": webhook.url("/0123456789abcdef")},
            {"name": "password", "to": webhook.url("/x").replace("://", "://me:hunter2two@")},
        ]
        rules = [{**rule, "baseline": True} for rule in rules]
        sections = {"log": {"file": str(tmp_path / "log.jsonl"), "level": "debug"}}
        yange = Yange(tmp_path, Telling(town, *rules, **sections))
        town.publish(FLATS, "/gk/1/index.html")
        yange.crawl()
        said = yange.run("notify", "--send", status=FAILED)
        shown = yange.run("notify").out + json.dumps(yange.read("notify"))
        broken = yaml.safe_load(yange.configuration.read_text(encoding="utf-8"))
        broken["notify"][1]["kinds"] = ["none"]
        broken["notify"][2]["too"] = broken["notify"][2]["to"]
        yange.configuration.write_text(yaml.safe_dump(broken), encoding="utf-8")
        refused = yange.run("check", status=MISUSED).err
    everything = "".join((said.out, said.err, shown, refused))
    everything += (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert "notification_failed" in everything
    for secret in ("fromtheenvironment", "0123456789abcdef", "hunter2two"):
        assert secret not in everything
