"""`/health` and `/metrics`, and `yange status`: what whoever watches a daemon is told."""

import json
import re
import shutil
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from support.site import Record, Town
from support.yange import INCOMPLETE, MISUSED, ROOT, Yange

from crawler.replica.server import Answer
from crawler.window import Window
from scheduler.configuration import load
from scheduler.daybook import daybook_path
from scheduler.jobs import Job
from scheduler.lock import daemon_lock
from scheduler.monitor.observer import Observer
from scheduler.monitor.service import Monitor
from scheduler.overdue import overdue_since
from scheduler.standing import look

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Watched:
    """A town that is crawled by a timetable, and watched at any free port."""

    def __init__(self, town, listen="127.0.0.1:0", **monitor):
        self.town = town
        self.monitor = {"listen": listen, **monitor}

    def configuration(self, archive):
        settings = yaml.safe_load(self.town.configuration(archive))
        settings["monitor"] = self.monitor
        return yaml.safe_dump(settings, allow_unicode=True)


@pytest.fixture
def town():
    with Town(timetable={"sweep": "0 2 * * *", "discover": "every 30m"}) as town:
        for number in range(8):
            town.publish(Record(title=f"第{number}号停水通知"), f"/gk/{number}/index.html")
        yield town


@pytest.fixture
def yange(tmp_path, town):
    return Yange(tmp_path, Watched(town))


class Clock:
    """Tells the time that it is set to."""

    def __init__(self):
        self.now = datetime.now(SHANGHAI)

    def __call__(self):
        return self.now


@contextmanager
def monitored(yange, clock=None):
    """A monitor that answers at a free port; an HTTP client for it."""
    monitor = Monitor(load(yange.configuration), clock or Clock())
    monitor.start()
    try:
        with httpx.Client(base_url=f"http://{monitor.address}", timeout=30) as client:
            yield client
    finally:
        monitor.stop()


def scraped(client, accept="text/plain"):
    """The metrics, as the official parser reads them: values by name and labels."""
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    parse = text_string_to_metric_families
    if answer.headers["Content-Type"].startswith("application/openmetrics-text"):
        parse = openmetrics.text_string_to_metric_families
    families = list(parse(answer.text))
    assert all(family.documentation for family in families)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_before_the_first_crawl_all_is_well(yange):
    with monitored(yange) as client:
        answer = client.get("/health")
        told = answer.json()
        assert (answer.status_code, told["status"], told["reasons"]) == (200, "ok", [])
        assert (told["live"], told["ready"]) == (True, True)
        assert {job["last_success"] for job in told["jobs"]} == {None}
        assert scraped(client)["yange_healthy",] == 1
        assert client.get("/health/live").json() == {"live": True}
        assert client.head("/health").content == b""
        assert client.get("/elsewhere").status_code == 404
        for method in ("POST", "PUT", "DELETE"):
            refused = client.request(method, "/health")
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "accept", ["*/*", "text/plain;version=1.0.0", "application/openmetrics-text; version=1.0.0"]
)
def test_metrics_say_what_the_archive_says(yange, town, accept):
    yange.sweep()
    town.publish(Record(title="第0号停水通知", validity="失效"), "/gk/0/index.html")
    yange.sweep()
    yange.run("verify")
    state = yange.read("status")
    with monitored(yange) as client:
        found = scraped(client, accept)
    assert found["yange_documents",] == state["documents"] == 8
    assert found["yange_versions_total",] == state["versions"] == 9
    assert found["yange_changes_total",] == found["yange_ledger_length",] == state["changes"]
    assert found["yange_runs_total", "finished", "sweep", "town"] == 2
    assert found["yange_runs_total", "failed", "sweep", "town"] == 0
    assert found["yange_last_run_pages", "sweep", "town"] == 9
    assert found["yange_last_verify_problems",] == 0
    assert found["yange_archive_readable",] == 1
    [sweep] = [job for job in state["jobs"] if job["mode"] == "sweep"]
    at = datetime.fromisoformat(sweep["last_success"]).timestamp()
    assert int(found["yange_job_last_success_timestamp_seconds", "sweep", "town"]) == at
    due = datetime.fromisoformat(sweep["next"]).timestamp()
    assert found["yange_job_next_slot_timestamp_seconds", "sweep", "town"] == due
    assert found["yange_disk_free_bytes",] > 0
    assert found["process_open_fds",] > 0


def test_health_turns_red_when_a_job_is_overdue_and_green_when_it_has_run(yange):
    yange.sweep()
    clock = Clock()
    with monitored(yange, clock) as client:
        assert client.get("/health").status_code == 200
        clock.now += timedelta(days=1, minutes=11)
        answer = until(lambda: client.get("/health"), lambda answer: answer.status_code == 503)
        told = answer.json()
        assert (told["status"], told["ready"]) == ("failing", True)
        [reason] = told["reasons"]
        assert re.fullmatch(r"town/sweep is overdue since \S+T02:00:00\+08:00", reason)
        [sweep] = [job for job in told["jobs"] if job["mode"] == "sweep"]
        assert reason.endswith(sweep["overdue_since"])
        found = scraped(client)
        assert found["yange_job_overdue", "sweep", "town"] == 1
        # It has never been crawled in this mode, and no daemon has been there to do it.
        assert found["yange_job_overdue", "discover", "town"] == 0
        assert found["yange_healthy",] == 0
        clock.now -= timedelta(days=1)
        until(lambda: client.get("/health"), lambda answer: answer.status_code == 200)


def test_a_slot_that_was_skipped_for_a_reason_and_a_paused_job_are_not_overdue(yange):
    yange.sweep()
    settings = load(yange.configuration).settings
    later = datetime.now(SHANGHAI) + timedelta(days=1, minutes=11)

    def overdue(**noted):
        notes = {"seen_to": {}, "under_way": {}, "paused": {}, **noted}
        daybook_path(yange.archive).write_text(json.dumps(notes), encoding="utf-8")
        found = {one.job.mode: one for one in look(settings, later).jobs}
        return found["sweep"].overdue_since is not None

    assert overdue()
    assert not overdue(seen_to={"town/sweep": later.isoformat()})
    assert not overdue(paused={"town/sweep": later.isoformat()})
    # A daemon that is dead has nothing under way; while one lives, what is due waits.
    assert overdue(under_way={"town/discover": later.isoformat()})
    with daemon_lock(yange.archive, later - timedelta(hours=1)):
        assert overdue()
        assert not overdue(under_way={"town/discover": later.isoformat()})
        elsewhere = {f"town{number}/sweep": later.isoformat() for number in range(4)}
        assert not overdue(under_way=elsewhere)


def until(ask, is_so):
    """Ask until it is so; pytest's time-out is the limit."""
    while not is_so(answer := ask()):
        time.sleep(0.05)
    return answer


def test_an_archive_that_cannot_be_read_is_red_and_metrics_go_on(yange, tmp_path):
    yange.sweep()
    with monitored(yange) as client:
        assert client.get("/health").status_code == 200
        yange.archive.rename(tmp_path / "elsewhere.db")
        answer = until(lambda: client.get("/health"), lambda answer: answer.status_code == 503)
        assert answer.json()["reasons"] == ["the archive is not there any more"]
        yange.archive.write_bytes(b"no database at all" * 1000)
        answer = until(
            lambda: client.get("/health"),
            lambda answer: "is not an archive" in answer.json()["reasons"][0],
        )
        assert (answer.json()["ready"], answer.status_code) == (False, 503)
        found = scraped(client)
        assert found["yange_archive_readable",] == 0
        assert ("yange_documents",) not in found
        assert client.get("/health/live").status_code == 200
        (tmp_path / "elsewhere.db").replace(yange.archive)
        until(lambda: client.get("/health"), lambda answer: answer.status_code == 200)


def test_a_disk_that_is_nearly_full_is_red(yange, town):
    free = shutil.disk_usage(yange.archive.parent).free // 1_000_000
    yange.configure(Watched(town, free_megabytes=2 * free + 1))
    with monitored(yange) as client:
        answer = client.get("/health")
        assert answer.status_code == 503
        assert answer.json()["reasons"][0].startswith("the archive's disk is nearly full")


def test_who_is_slow_keeps_nobody_else_waiting(yange):
    with monitored(yange) as client:
        address = (client.base_url.host, client.base_url.port)
        with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
            slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
            assert client.get("/health").status_code == 200
            assert silent.fileno() != slow.fileno()


def test_more_clients_than_there_is_room_for_are_turned_away(yange):
    with monitored(yange) as client:
        address = (client.base_url.host, client.base_url.port)
        silent = [socket.create_connection(address) for _ in range(40)]
        try:
            turned_away = until(
                lambda: [one for one in silent if is_closed(one)], lambda found: len(found) == 8
            )
            for one in set(silent) - set(turned_away):
                one.close()
            until(lambda: is_answered(client), bool)
        finally:
            for one in silent:
                one.close()


def is_closed(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False


def is_answered(client):
    try:
        return client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_nothing_of_the_archive_is_held_between_two_requests(yange):
    yange.sweep()
    with monitored(yange) as client, closing(sqlite3.connect(yange.archive)) as writer:
        assert client.get("/metrics").status_code == 200
        writer.execute("UPDATE runs SET problems = problems")
        writer.commit()
        busy, *_ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0


def test_an_archive_that_does_not_answer_holds_up_one_look_and_nobody_who_asks(yange):
    settings = load(yange.configuration).settings
    may_go_on, looks = threading.Event(), []

    def slow():
        looks.append(1)
        may_go_on.wait()
        return look(settings, datetime.now(SHANGHAI))

    observer = Observer(slow, patience=0.01)
    for _ in range(3):
        assert "has not answered for" in observer.observe().fault
    assert len(looks) == 1
    may_go_on.set()
    assert until(observer.observe, lambda seen: seen.fault is None).standing is not None


def test_the_daemon_answers_while_it_runs(yange, town):
    town.settings["timetable"] = {"sweep": "0 0 1 1 *"}
    yange.configure(Watched(town))
    with yange.started("run") as daemon:
        said = next(line for line in daemon.stderr if "event=monitor_started" in line)
        address = said.partition("address=")[2].split()[0]
        assert httpx.get(f"http://{address}/health").json()["status"] == "ok"
        assert "yange_build_info" in httpx.get(f"http://{address}/metrics").text
        yange.run("pause", "town/sweep")
        until(
            lambda: httpx.get(f"http://{address}/health").json()["jobs"],
            lambda jobs: [job["mode"] for job in jobs if job["paused"]] == ["sweep"],
        )
        assert 'yange_job_paused{mode="sweep",portal="town"} 1.0' in (
            httpx.get(f"http://{address}/metrics").text
        )
        assert "paused since" in yange.run("status").out
        daemon.terminate()
        daemon.stderr.read()
        assert daemon.wait() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{address}/health")


def test_an_address_that_others_reach_is_said_so(yange, town, capsys):
    assert "are answered at 127.0.0.1:0." in yange.run("check").out
    yange.configure(Watched(town, listen="0.0.0.0:0"))
    assert "other machines can read" in yange.run("check").out
    assert yange.read("check")["monitor"] == {"listen": "0.0.0.0:0", "loopback": False}
    with monitored(yange):
        assert "monitor_exposed" in "".join(capsys.readouterr())


@pytest.mark.parametrize("listen", ["9464", "localhost", "1.2.3.4:99999", "http://localhost:1", ""])
def test_an_address_that_is_none_is_refused(yange, town, listen):
    yange.configure(Watched(town, listen=listen))
    assert "monitor.listen" in yange.run("check", status=MISUSED).err


def test_a_port_that_is_taken_costs_the_monitor_and_not_the_daemon(yange, town, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yange.configure(Watched(town, listen=f"127.0.0.1:{taken.getsockname()[1]}"))
        monitor = Monitor(load(yange.configuration))
        monitor.start()
        assert monitor.address is None
        assert "monitor_not_started" in "".join(capsys.readouterr())
        monitor.stop()


# --- when a job is overdue --------------------------------------------------------------------


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("schedule", "window", "served_to", "free_since", "now", "expected"),
    [
        # Ten minutes are given, and the slot is the one that was not served.
        ("0 2 * * *", None, "2026-05-01T02:05", None, "2026-05-02T02:10", None),
        ("0 2 * * *", None, "2026-05-01T02:05", None, "2026-05-02T02:11", "2026-05-02T02:00"),
        ("0 2 * * *", None, "2026-05-01T02:05", None, "2026-05-05T12:00", "2026-05-02T02:00"),
        # A crawl of the portal that ended late has it wait.
        ("0 2 * * *", None, "2026-05-01T02:05", "2026-05-02T09:00", "2026-05-02T09:09", None),
        (
            *("0 2 * * *", None, "2026-05-01T02:05"),
            *("2026-05-02T09:00", "2026-05-02T09:11", "2026-05-02T02:00"),
        ),
        # What is due more often than every ten minutes is overdue when it is due again.
        ("every 1m", None, "2026-05-01T02:00", None, "2026-05-01T02:01:59", None),
        ("every 1m", None, "2026-05-01T02:00", None, "2026-05-01T02:02:01", "2026-05-01T02:01"),
        ("every 1s", None, "2026-05-01T02:00", None, "2026-05-01T02:00:10", None),
        ("every 1s", None, "2026-05-01T02:00", None, "2026-05-01T02:00:12", "2026-05-01T02:00:01"),
        # Slots outside the window are none.
        ("every 30m", "20:00-07:00", "2026-05-01T06:40", None, "2026-05-01T19:59", None),
        (
            *("every 30m", "20:00-07:00", "2026-05-01T06:40", None),
            *("2026-05-01T20:11", "2026-05-01T20:00"),
        ),
        # Nor is one that waited until the window closed.
        (
            *("every 30m", "20:00-07:00", "2026-05-01T06:10"),
            *("2026-05-01T07:05", "2026-05-01T12:00", None),
        ),
        (None, None, "2020-01-01T00:00", None, "2026-05-01T12:00", None),
    ],
)
def test_when_a_job_is_overdue(schedule, window, served_to, free_since, now, expected):
    job = Job(
        "town", "sweep", schedule, Window.parse(window, SHANGHAI) if window else None, SHANGHAI
    )
    found = overdue_since(
        job,
        served_to=at(served_to),
        free_since=at(free_since or served_to),
        now=at(now),
        grace=timedelta(minutes=10),
    )
    assert found == (at(expected) if expected else None)


# --- status -----------------------------------------------------------------------------------


def test_r14_a_column_that_lists_far_less_stays_wrong_until_it_is_read_to_its_end_again(
    yange, town
):
    yange.sweep()
    assert yange.read("status")["columns_wrong"] == []
    for number in range(1, 8):
        town.remove(f"/gk/{number}/index.html", unlist=True)
    run = yange.crawl()
    [wrong] = yange.read("status")["columns_wrong"]
    assert (wrong["portal"], wrong["kind"], wrong["run"]) == ("town", "fewer", run["id"])
    assert wrong["problem"] in run["problems"]
    assert wrong["url"] == town.url("/gk/index.html")
    shown = yange.run("status").out
    assert "Columns that look wrong:" in shown
    assert "it used to show 8" in shown
    with monitored(yange) as client:
        assert scraped(client)["yange_columns_wrong", "town"] == 1
        # The daemon does what it should: this is for those who watch the columns.
        assert client.get("/health").status_code == 200
    for number in range(1, 8):
        town.publish(Record(title=f"第{number}号停水通知"), f"/gk/{number}/index.html")
    yange.crawl()
    assert yange.read("status")["columns_wrong"] == []


def test_a_run_that_failed_is_told_of_for_a_week(yange, town):
    yange.sweep()
    with closing(sqlite3.connect(yange.archive)) as archive:
        archive.execute("UPDATE runs SET outcome = 'failed', problems = '[\"no space left\"]'")
        archive.commit()
    [trouble] = yange.read("status")["trouble_last_week"]
    assert (trouble["outcome"], trouble["runs"], trouble["last_run"]) == ("failed", 1, 1)
    assert trouble["problems"] == ["no space left"]
    shown = yange.run("status").out
    assert "town sweep: 1 run failed, the last one run 1" in shown
    assert "never succeeded" in shown
    with closing(sqlite3.connect(yange.archive)) as archive:
        archive.execute("UPDATE runs SET started_ms = started_ms - 8 * 24 * 3600 * 1000")
        archive.commit()
    assert yange.read("status")["trouble_last_week"] == []


def test_an_incomplete_run_has_done_its_work_and_one_that_was_blocked_has_not(yange, town):
    yange.crawl()
    town.answer("/gk/3/index.html", Answer.html("<h1>500</h1>", status=500))
    yange.crawl(status=INCOMPLETE)
    [sweep] = [job for job in yange.read("status")["jobs"] if job["mode"] == "sweep"]
    assert sweep["last"]["outcome"] == "incomplete"
    assert sweep["last_success"] == sweep["last"]["finished_at"]
    with closing(sqlite3.connect(yange.archive)) as archive:
        archive.execute("UPDATE runs SET stopped = 'mostly_blocked' WHERE id = 2")
        archive.commit()
    [sweep] = [job for job in yange.read("status")["jobs"] if job["mode"] == "sweep"]
    assert sweep["last_success"] < sweep["last"]["finished_at"] or (
        sweep["last_success"] == yange.read("runs")[1]["finished_at"]
    )


# --- the sample alert rules -------------------------------------------------------------------

RULES = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text(encoding="utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
FUNCTIONS = {"increase", "delta", "predict_linear", "time", "and", "or", "unless"}


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """The names of every metric of an archive that was crawled and verified."""
    with Town(timetable={"sweep": "0 2 * * *"}) as town:
        town.publish(Record(title="停水通知"), "/gk/1/index.html")
        yange = Yange(tmp_path_factory.mktemp("alerts"), Watched(town))
        yange.crawl()
        yange.run("verify")
        with monitored(yange) as client:
            yield {name for name, *_ in scraped(client)}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(known, rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[mhd]", rule.get("for", "1m"))
    expression = re.sub(r'\{(\w+=~?"[^"{}]*")(, *\w+=~?"[^"{}]*")*\}', "", rule["expr"])
    names = set(re.findall(r"[a-z_]+\b(?!\()", re.sub(r"\[\d+[smhd]\]|[\d.]+e\d+", "", expression)))
    assert names - FUNCTIONS <= known | {"up"}
    # Operators between operands, and what was opened closed.
    operand = r"(?:\w+\((?:[^()]*)\)|[a-z_]+|[\d.]+(?:e\d+)?)(?:\[\d+[smhd]\])?"
    operator = r"\s(?:==|[<>*/+-]|and|or|unless)\s"
    assert re.fullmatch(f"{operand}(?:{operator}{operand})*", expression), expression


def test_the_metrics_are_those_that_are_described(known):
    text = (ROOT / "docs/monitor.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(yange_\w+?)(?:\{[^}]*\})?` \|", text, re.MULTILINE))
    # Those of a fleet are told where there is one: tests/fleet/test_bounds.py.
    described = {name for name in described if not name.startswith("yange_fleet_")}
    assert described == {name for name in known if name.startswith("yange_")}


def test_the_answer_shown_has_the_members_that_it_has(yange):
    text = (ROOT / "docs/monitor.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with monitored(yange) as client:
        told = client.get("/health").json()
    assert set(json.loads(shown)) == set(told)
    assert set(json.loads(shown)["jobs"][0]) == set(told["jobs"][0])
