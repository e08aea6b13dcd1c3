"""What becomes of messages in time: outages, digests, storms, and what is told at all.

Time is handed in: a past of seven runs is crawled once, and each test lives through it anew.
"""

import sqlite3
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog
import yaml
from support.site import Record, Town
from support.targets import Mailbox, Telling, Webhook
from support.yange import FAILED, INCOMPLETE, Yange

from archive.archive import Archive
from archive.runs import RunOutcome
from crawler.replica.server import Answer
from scheduler.configuration import load
from scheduler.readers import Readers
from scheduler.state import state
from scheduler.telling.collecting import begin, collect
from scheduler.telling.fitting import fit, fit_subject
from scheduler.telling.outbox import KEPT, Outbox, next_daily
from scheduler.telling.overview import overview
from scheduler.telling.sending import send

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DOCUMENTS = 30


def record(number, **changes):
    title = f"第{number}号停水通知"
    return Record(title=title, number=f"/2025-{number:05}").but(**changes)


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """An archive after each of seven runs: three with changes, two that fail, and one more."""
    folder = tmp_path_factory.mktemp("past")
    with Town(politeness={"delay": 0, "concurrency": 16}) as town:
        yange = Yange(folder, town)
        moments = [None]

        def crawl(**expected):
            yange.crawl(**expected)
            moments.append(folder / f"after-{len(moments)}.db")
            copy(yange.archive, moments[-1])

        for number in range(1, DOCUMENTS + 1):
            town.publish(record(number), f"/gk/{number}/index.html")
        crawl()
        validity = {1: "废止", 2: "失效"}
        for number, word in validity.items():
            town.publish(record(number, validity=word), f"/gk/{number}/index.html")
            crawl()
        amended = {
            number: record(
                number,
                validity=validity.get(number, "有效"),
                body=("第一条 本通知自2026年起施行。",),
            )
            for number in range(1, DOCUMENTS + 1)
        }
        for number, one in amended.items():
            town.publish(one, f"/gk/{number}/index.html")
        crawl()
        town.answer("/gk/1/index.html", Answer.html("<h1>500</h1>", status=500))
        crawl(status=INCOMPLETE)
        crawl(status=INCOMPLETE)
        town.publish(amended[1], "/gk/1/index.html")
        crawl()
        yield town, moments


def copy(source, target):
    """Put a copy of an archive in the place of another one, as if its runs had gone by."""
    for path in (target, target.with_name(f"{target.name}-wal")):
        path.unlink(missing_ok=True)
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


class Office:
    """A configuration with rules, at an archive that lives through the past as far as is wished."""

    def __init__(self, folder, past, *rules):
        self._town, self._moments = past
        self.archive = folder / "archive.db"
        self._path = folder / "config.yaml"
        self.after = 0
        self.configure(*rules)

    def configure(self, *rules, **sections):
        text = Telling(self._town, *rules, **sections).configuration(self.archive)
        self._path.write_text(text, encoding="utf-8")
        self.settings = load(self._path).settings
        self._readers = Readers(self.settings)

    def live_until(self, run):
        """Go on, or back, to the moment at which a run has ended."""
        copy(self._moments[run], self.archive)

    def collect(self, now):
        return collect(self.settings, self._readers, now)

    def send(self, now):
        return send(self.settings, str, now)

    def tell(self, now):
        """What the daemon does when it looks."""
        self.collect(now)
        return self.send(now)

    def targets(self):
        return [target for rule in overview(self.settings) for target in rule["targets"]]


@pytest.fixture
def webhook():
    with Webhook() as running:
        yield running


@pytest.fixture
def office(tmp_path, past, webhook):
    """One that begins when the first run has ended, with one rule about everything."""
    made = Office(tmp_path, past, {"name": "all", "to": webhook.url()})
    made.live_until(1)
    begin(made.settings, NOON)
    return made


@pytest.fixture
def logged():
    with structlog.testing.capture_logs() as events:
        yield events


# --- at least once --------------------------------------------------------------------------------


def test_after_an_outage_everything_arrives_and_nothing_twice(tmp_path, past, webhook):
    with Mailbox() as mailbox:
        rule = {"name": "all", "to": [webhook.url(), mailbox.url()]}
        office = Office(tmp_path, past, rule)
        office.live_until(1)
        begin(office.settings, NOON)
        webhook.status = 503
        office.live_until(2)
        [refused, taken] = office.tell(NOON)
        assert (refused.outcome, refused.next) == ("failed", NOON + MINUTE)
        assert "503" in refused.error
        assert taken.outcome == "sent"
        # Twice as long each time, and meanwhile the other one goes on getting its messages.
        assert office.tell(NOON + MINUTE - timedelta(seconds=1)) == []
        [refused] = office.tell(NOON + MINUTE)
        assert refused.next == NOON + 3 * MINUTE
        office.live_until(3)
        [taken] = office.tell(NOON + 2 * MINUTE)
        assert (taken.position, taken.outcome) == (1, "sent")
        office.live_until(4)
        webhook.status = 200
        [taken] = office.tell(NOON + 3 * MINUTE - timedelta(seconds=1))
        assert taken.position == 1
        [taken] = office.tell(NOON + 3 * MINUTE)
        assert taken.position == 0
        # What happened meanwhile is one message.
        [taken] = office.tell(NOON + 3 * MINUTE)
        assert office.tell(NOON + DAY) == []
    assert [post["title"].partition("：")[2] for post in webhook.taken()] == [
        "第1号停水通知 — 有效性：有效 → 废止",
        "30 份文件有 31 处变动",
    ]
    assert len(mailbox.mails) == 3
    [target, _] = office.targets()
    assert (target["sent"], target["given_up"], target["waiting"]) == (2, 0, None)


def test_of_several_in_one_address_nobody_gets_a_message_twice(tmp_path, past):
    """One of them is unknown to the mail server for a while; each attempt is a new process's."""
    with Mailbox() as mailbox:
        to = "first@example.org,unknown@example.org,last@example.org"
        office = Office(tmp_path, past, {"name": "all", "to": mailbox.url(to)})
        office.live_until(1)
        begin(office.settings, NOON)
        mailbox.unknown.add("unknown@example.org")
        office.live_until(2)
        for waited in (0, 1, 3):
            [refused] = office.tell(NOON + waited * MINUTE)
            assert refused.outcome == "failed"
            assert "550" in refused.error
            assert "no such mailbox" in refused.error
        assert sorted(to for [to], _ in mailbox.mails) == ["first@example.org", "last@example.org"]
        mailbox.unknown.clear()
        [taken] = office.tell(NOON + 7 * MINUTE)
        assert taken.outcome == "sent"
        assert [to for [to], _ in mailbox.mails[2:]] == ["unknown@example.org"]
        # The next message is for all of them again.
        office.live_until(3)
        [taken] = office.tell(NOON + 8 * MINUTE)
        assert taken.outcome == "sent"
        assert len(mailbox.mails) == 3 + 3


def test_a_message_that_nobody_takes_is_given_up_loudly(office, webhook, logged):
    webhook.status = 500
    office.live_until(2)
    now, waits = NOON, []
    while True:
        [sent] = office.tell(now)
        if sent.outcome == "given_up":
            break
        told = state(office.settings, now)["notifications"]
        assert told == {"waiting": 1, "failing": 1, "given_up": 0}
        waits.append(sent.next - now)
        now = sent.next
    assert waits[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert max(waits) == 4 * HOUR
    assert now - NOON >= KEPT
    [loud] = [event for event in logged if event["event"] == "notification_given_up"]
    assert (loud["log_level"], loud["rule"]) == ("error", "all")
    [target] = office.targets()
    assert (target["given_up"], target["waiting"]) == (1, None)
    told = state(office.settings, now)["notifications"]
    assert told == {"waiting": 0, "failing": 0, "given_up": 1}
    assert "500" in target["last_error"]
    # Some services refuse a message for its words: later attempts have none of the portal's.
    posts = [post for _, post, _ in webhook.posts]
    assert all("停水" in post["title"] for post in posts[:5])
    for post in posts[5:]:
        assert post["title"] == "[yange] 柳溪市人民政府：1 份文件有 1 处变动"
        assert "停水" not in post["message"]
    # It was that message alone.
    webhook.status = 200
    office.live_until(3)
    [sent] = office.tell(now)
    assert sent.outcome == "sent"


def test_what_was_made_is_not_lost_when_nobody_lives_to_send_it(office, webhook):
    office.live_until(2)
    assert office.collect(NOON) == 1
    assert office.collect(NOON) == 0
    [sent] = office.send(NOON + DAY)
    assert sent.outcome == "sent"
    assert len(webhook.taken()) == 1


# --- no storms ------------------------------------------------------------------------------------


def test_a_run_with_very_many_changes_is_one_message(office, webhook):
    office.live_until(3)
    office.tell(NOON)
    office.live_until(4)
    office.tell(NOON + HOUR)
    [_, message] = webhook.taken()
    assert message["title"] == "[yange] 柳溪市人民政府：30 份文件有 30 处变动"
    lines = message["message"].splitlines()
    assert lines[0] == "共 30 处变动：正文修改 30。"
    assert len([line for line in lines if "停水通知 — 正文修改 http://" in line]) == 20
    assert lines[-1] == "其余 10 份文件未列出，可用命令查看：yange changes --run 4"


def test_what_several_runs_brought_is_one_message_too(office, webhook):
    office.live_until(4)
    office.tell(NOON)
    [message] = webhook.taken()
    assert message["title"].endswith("30 份文件有 32 处变动")
    assert "yange changes --since 20" in message["message"]


def test_beyond_so_many_messages_an_hour_there_is_one_for_the_rest(tmp_path, past, webhook):
    rule = {"name": "all", "to": webhook.url(), "messages_per_hour": 1}
    office = Office(tmp_path, past, rule)
    office.live_until(1)
    begin(office.settings, NOON)
    for run in (2, 3, 4):
        office.live_until(run)
        office.tell(NOON + run * MINUTE)
    assert len(webhook.taken()) == 1
    office.tell(NOON + HOUR + 2 * MINUTE)
    assert webhook.subjects()[1:] == ["[yange] 柳溪市人民政府：30 份文件有 31 处变动"]


def test_a_job_that_keeps_failing_is_told_of_once_and_when_it_is_well(tmp_path, past, webhook):
    rule = {"name": "ops", "to": webhook.url(), "runs": ["incomplete", "failed"]}
    office = Office(tmp_path, past, rule)
    office.live_until(4)
    begin(office.settings, NOON)
    for run in (5, 6, 7):
        office.live_until(run)
        office.tell(NOON + run * MINUTE)
    assert webhook.subjects() == [
        "[yange] 柳溪市人民政府：全面核对未全部完成",
        "[yange] 柳溪市人民政府：全面核对恢复正常",
    ]
    [trouble, recovery] = webhook.taken()
    assert (trouble["type"], recovery["type"]) == ("warning", "success")
    for words in ("第 5 次采集，town/sweep", "未取得 1", "yange captures --run 5"):
        assert words in trouble["message"]
    assert "此前连续 2 次未能正常结束" in recovery["message"]


def test_a_message_fits_the_service_that_takes_least(office):
    """What says where the rest is comes last, whatever is cut."""
    office.live_until(4)
    office.collect(NOON)
    with Outbox.open(office.archive) as outbox:
        [target] = outbox.targets()
    message = target.waiting.message
    for form in ("text", "markdown", "html"):
        whole = fit(message, form, 0)
        cut = fit(message, form, 1024)
        assert len(cut.encode()) <= 1024 < len(whole.encode())
        assert "消息过长" in cut
        assert "yange changes --since" in cut
        assert fit(message, form, len(whole.encode())) == whole
    assert len(fit_subject(message.subject, 30).encode()) <= 30
    assert fit_subject(message.subject, 0) == message.subject


# --- digests --------------------------------------------------------------------------------------


def test_a_digest_tells_at_its_time_of_all_since_the_last_one(tmp_path, past, webhook):
    rule = {"name": "daily", "to": webhook.url(), "when": "daily at 08:00"}
    office = Office(tmp_path, past, rule)
    office.live_until(1)
    morning = datetime(2026, 3, 3, 8, tzinfo=SHANGHAI)
    begin(office.settings, NOON)
    assert office.targets()[0]["next_digest"] == morning.isoformat()
    office.live_until(2)
    office.tell(NOON + HOUR)
    office.live_until(3)
    assert office.tell(morning - timedelta(seconds=1)) == []
    assert webhook.posts == []
    # In another zone it is the same instant.
    office.tell(morning.astimezone(UTC))
    assert office.tell(morning + MINUTE) == []
    assert webhook.subjects() == ["[yange] 2026-03-03 汇总，柳溪市人民政府：2 份文件有 2 处变动"]
    # A day without anything to tell, and one that passes while no daemon runs.
    assert office.tell(morning + DAY) == []
    office.live_until(4)
    [sent] = office.tell(morning + 3 * DAY + HOUR)
    assert sent.subject.endswith("30 份文件有 30 处变动")
    assert office.targets()[0]["next_digest"] == (morning + 4 * DAY).isoformat()


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-02T07:59:59+08:00[Asia/Shanghai]", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T08:00:00+08:00[Asia/Shanghai]", "2026-03-03T08:00:00+08:00"),
        # Clocks are put forward, and back.
        ("2026-03-28T08:00:00+01:00[Europe/Berlin]", "2026-03-29T08:00:00+02:00"),
        ("2026-10-24T08:00:00+02:00[Europe/Berlin]", "2026-10-25T08:00:00+01:00"),
        # Half an hour after the clock showed it for the first time, and again.
        ("2026-10-25T02:15:00+02:00[Europe/Berlin]@02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:15:00+01:00[Europe/Berlin]@02:30", "2026-10-26T02:30:00+01:00"),
        # There is no half past two on that day; a digest comes all the same.
        ("2026-03-29T01:00:00+01:00[Europe/Berlin]@02:30", "2026-03-29T02:30:00+01:00"),
    ],
)
def test_the_next_time_of_day_is_that_of_the_zone(after, expected):
    written, _, rest = after.partition("[")
    zone, _, clock = rest.partition("]")
    at = time.fromisoformat(clock.lstrip("@") or "08:00")
    moment = datetime.fromisoformat(written).astimezone(ZoneInfo(zone))
    found = next_daily(moment, at.hour, at.minute)
    assert found.astimezone(UTC) == datetime.fromisoformat(expected).astimezone(UTC)


# --- which runs -----------------------------------------------------------------------------------


def test_a_new_rule_begins_at_the_present(office, webhook):
    office.live_until(3)
    second = {"name": "second", "to": webhook.url("/second")}
    office.configure({"name": "all", "to": webhook.url()}, second)
    begin(office.settings, NOON)
    office.tell(NOON)
    assert webhook.taken("/second") == []
    assert len(webhook.taken()) == 1
    office.live_until(4)
    office.tell(NOON + HOUR)
    assert webhook.subjects("/second") == ["[yange] 柳溪市人民政府：30 份文件有 30 处变动"]


def test_a_rule_that_is_gone_takes_what_waits_with_it(office, webhook, logged):
    webhook.status = 503
    office.live_until(2)
    office.tell(NOON)
    office.configure({"name": "other", "to": webhook.url("/other")})
    begin(office.settings, NOON)
    assert [event["rule"] for event in logged if event["event"] == "notification_dropped"] == [
        "all"
    ]
    webhook.status = 200
    assert office.tell(NOON + DAY) == []
    # Under the same name again, it is a new rule.
    office.configure({"name": "all", "to": webhook.url()})
    begin(office.settings, NOON)
    assert office.tell(NOON + DAY) == []


def test_an_address_that_was_mended_gets_what_waited(office, webhook):
    webhook.status = 503
    office.live_until(2)
    office.tell(NOON)
    webhook.status = 200
    office.configure({"name": "all", "to": webhook.url("/mended")})
    [sent] = office.tell(NOON + MINUTE)
    assert sent.outcome == "sent"
    assert len(webhook.taken("/mended")) == 1


def test_after_an_archive_was_restored_telling_begins_anew(office, webhook):
    office.live_until(4)
    office.tell(NOON)
    office.live_until(2)
    assert office.tell(NOON + MINUTE) == []
    office.live_until(3)
    [sent] = office.tell(NOON + HOUR)
    assert "第2号停水通知" in sent.subject


def test_a_run_that_is_under_way_is_told_of_when_it_has_ended(tmp_path, past, webhook):
    """However many of other portals end before it."""
    rule = {"name": "ops", "to": webhook.url(), "runs": ["interrupted"]}
    office = Office(tmp_path, past, rule)
    town = yaml.safe_load(past[0].configuration(office.archive))["portals"]["town"]
    office.configure(rule, portals={"town": town, "village": {**town, "name": "桃花村"}})
    office.live_until(1)
    begin(office.settings, NOON)
    readers = Readers(office.settings)
    with Archive.open(office.archive, readers) as one, Archive.open(office.archive, readers) as two:
        one.begin_run("town", "sweep")
        two.begin_run("village", "sweep")
        assert office.tell(NOON) == []
        two.finish_run(RunOutcome.INTERRUPTED)
        office.tell(NOON)
        assert office.tell(NOON) == []
        one.finish_run(RunOutcome.INTERRUPTED)
    office.tell(NOON + MINUTE)
    assert webhook.subjects() == [
        "[yange] 桃花村：全面核对中断",
        "[yange] 柳溪市人民政府：全面核对中断",
    ]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE targets (rule TEXT, position INTEGER, body TEXT)",
        "CREATE TABLE targets (rule TEXT, position INTEGER, state TEXT);"
        "INSERT INTO targets VALUES ('legal', 0, '{}')",
        "CREATE TABLE targets (rule TEXT, position INTEGER, state TEXT);"
        "INSERT INTO targets VALUES ('legal', 0, 'no JSON')",
    ],
)
def test_a_file_of_another_format_is_told_of_with_what_to_do(tmp_path, made):
    with Town() as town:
        town.publish(record(1), "/gk/1/index.html")
        Yange(tmp_path, town).crawl()
        rule = {"name": "legal", "to": ["json://127.0.0.1:9/"]}
        yange = Yange(tmp_path, Telling(town, rule))
        with sqlite3.connect(tmp_path / "archive.db.notify") as connection:
            connection.executescript(made)
        for command in ("status", "notify"):
            said = yange.run(command, status=FAILED).err
            assert "archive.db.notify, which says what has been told, is of another format" in said
            assert "remove it, and telling begins anew" in said
            assert "should not have happened" not in said
