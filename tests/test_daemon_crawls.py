"""The daemon at work: it crawls the replica by a timetable, and ends well or badly."""

import json
import os
import select
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
import yaml
from support.site import Record, Town
from support.yange import FAILED, MISUSED, ROOT, Yange, told

from archive.catalogue import Catalogue
from crawler.replica.replica import Replica
from crawler.replica.server import Answer, Hang
from scheduler.configuration import load
from scheduler.readers import Readers

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Scheduled:
    """A replica that is crawled by a timetable, within a window and limits if they are given."""

    def __init__(self, replica, window=None, limits=None, **timetable):
        self._replica = replica
        self._window = window
        self._limits = limits or {}
        self._timetable = timetable

    def configuration(self, archive):
        text = self._replica.configuration(archive, timetable=self._timetable)
        settings = yaml.safe_load(text)
        if self._window is not None:
            settings["portals"]["replica"]["politeness"]["window"] = self._window
        settings["portals"]["replica"].setdefault("limits", {}).update(self._limits)
        return yaml.safe_dump(settings, allow_unicode=True)


class Daemon:
    """A running daemon. What it and its crawls say goes to a file, which no one can block."""

    def __init__(self, yange):
        self._said = yange.archive.with_name("said").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            yange.command("run"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=self._said
        )
        self._log = Path(self._said.name).open(encoding="utf-8")  # noqa: SIM115
        self._line = ""

    def heard(self, *events):
        """Wait until it says this, or one of these; the whole line."""
        while True:
            self._line += self._log.readline()
            if not self._line.endswith("\n"):
                assert self.process.poll() is None, f"the daemon ended without {events}"
                time.sleep(0.05)
                continue
            line, self._line = self._line, ""
            if any(f"event={event} " in line for event in events):
                return line

    def stopped(self, number=signal.SIGTERM):
        """Stop it; its exit status."""
        self.process.send_signal(number)
        return self.process.wait()

    def close(self):
        """Whatever happened, leave no daemon behind."""
        self.process.kill()
        self.process.wait()
        self._said.close()
        self._log.close()


@contextmanager
def daemon(yange):
    started = Daemon(yange)
    try:
        yield started
    finally:
        started.close()


@pytest.fixture
def replica():
    with Replica() as running:
        yield running


@contextmanager
def hanging(replica):
    """For as long as the context lasts one document of the replica is not answered; then it is."""
    url = next(
        one["urls"][0]
        for one in replica.expected_documents()
        if one["urls"][0].startswith(replica.city)
    )
    path = url.removeprefix(replica.city)
    with urlopen(url) as page:
        headers, body = {"Content-Type": page.headers["Content-Type"]}, page.read()
    replica.site.clear_requests()
    released = threading.Event()
    replica.fault(path, Answer(200, headers, body, Hang(released)))
    yield path
    replica.heal()
    released.set()


def until(condition):
    """Wait for something that another process is going to do; pytest's time-out is the limit."""
    while not condition():
        time.sleep(0.05)


def catalogue(yange):
    return Catalogue.open(yange.archive, SHANGHAI)


def runs(yange):
    """The runs that there are so far, oldest first."""
    if not yange.archive.exists():
        return []
    with catalogue(yange) as opened:
        return opened.runs()[::-1]


def finished(yange):
    return [run for run in runs(yange) if run["outcome"] == "finished"]


def is_asked(replica, path):
    return any(request.path == path for request in replica.site.requests)


def assert_completed(yange, replica):
    """One further crawl leaves the archive as if nothing had happened."""
    yange.run("crawl")
    last = runs(yange)[-1]
    assert last["outcome"] == "finished"
    expected = replica.expected_documents()
    with catalogue(yange) as opened:
        rows = list(opened.documents())
        readers = Readers(load(yange.configuration).settings)
        assert opened.verify(readers, lambda *_: None).problems == ()
    assert sorted(row["title"] for row in rows) == sorted(one["title"] for one in expected)
    assert {row["versions"] for row in rows} == {1}
    assert sum(run["created"] for run in runs(yange)) == len(expected)


def test_jobs_run_when_they_are_due_one_at_a_time(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, discover="every 2s", recheck="every 3s"))
    with daemon(yange) as running:
        until(
            lambda: (
                {run["job"] for run in finished(yange)} == {"replica/discover", "replica/recheck"}
                and len(finished(yange)) >= 3
            )
        )
        second = yange.run("run", status=FAILED)
        [sentence] = second.err.splitlines()
        assert sentence.startswith(f"yange: another daemon (process {running.process.pid})")
        state = yange.read("status")
        assert state["daemon"]["alive"] is True
        assert state["daemon"]["pid"] == running.process.pid
        assert state["documents"] == len(replica.expected_documents())
        jobs = {job["mode"]: job for job in state["jobs"]}
        assert jobs["discover"]["last"]["outcome"] in ("finished", "running")
        assert datetime.fromisoformat(jobs["recheck"]["next"]).second % 3 == 0
        assert (jobs["sweep"]["next"], jobs["sweep"]["last"]) == (None, None)
        assert running.stopped() == 0
    assert yange.read("status")["daemon"] == {"alive": False, "pid": None, "since": None}
    recorded = runs(yange)
    assert {run["outcome"] for run in recorded} <= {"finished", "interrupted"}
    for run in recorded:
        assert run["job"] == f"replica/{run['mode']}"
    # Never two at once: each began when the one before it had ended.
    for before, after in pairwise(recorded):
        assert before["finished_at"] <= after["started_at"]


def test_a_daemon_that_is_told_to_stop_ends_its_crawl_and_the_next_does_the_rest(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, discover="every 2s"))
    with daemon(yange) as running, hanging(replica) as path:
        until(lambda: is_asked(replica, path))
        [job] = [job for job in yange.read("status")["jobs"] if job["mode"] == "discover"]
        assert (job["last"]["outcome"], job["last"]["finished_at"]) == ("running", None)
        assert running.stopped() == 0
    [run] = runs(yange)
    assert (run["outcome"], run["job"]) == ("interrupted", "replica/discover")
    assert run["finished_at"] is not None
    [job] = [job for job in yange.read("status")["jobs"] if job["mode"] == "discover"]
    assert job["last"]["outcome"] == "interrupted"
    assert_completed(yange, replica)


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="no event tells of another process's child here"
)
def test_a_killed_daemon_leaves_no_crawl_behind_and_the_next_one_says_so(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, discover="every 30d"))
    with hanging(replica) as path:
        with daemon(yange) as running:
            running.heard("daemon_started")
            yange.run("run-now", "replica/discover")
            child = int(running.heard("crawl_started").partition("pid=")[2].split()[0])
            end_of_child = os.pidfd_open(child)
            until(lambda: is_asked(replica, path))
            assert running.stopped(signal.SIGKILL) == -signal.SIGKILL
        select.select([end_of_child], [], [])
        os.close(end_of_child)
        assert yange.read("status")["daemon"]["alive"] is False
        # Whatever the crawl could still write down, the next daemon leaves no run open.
        replica.site.clear_requests()
        with daemon(yange) as running:
            # What was broken off is taken up at once, long before it is due again.
            running.heard("daemon_started")
            until(lambda: is_asked(replica, path))
            assert running.stopped() == 0
    assert [run["outcome"] for run in runs(yange)] == ["interrupted", "interrupted"]
    assert_completed(yange, replica)


def test_a_crawl_that_dies_takes_nothing_with_it(replica, tmp_path):
    """A crawl that is killed is closed as interrupted, and the job runs again when it is due."""
    yange = Yange(tmp_path, Scheduled(replica, discover="every 2s"))
    with daemon(yange) as running:
        with hanging(replica) as path:
            child = int(running.heard("crawl_started").partition("pid=")[2].split()[0])
            until(lambda: is_asked(replica, path))
            os.kill(child, signal.SIGKILL)
            assert "exit_status=-9" in running.heard("crawl_failed")
        running.heard("crawl_done")
        assert [run["outcome"] for run in runs(yange)[:2]] == ["interrupted", "finished"]
        assert running.stopped() == 0


def test_a_crawl_by_hand_and_the_daemons_do_not_meet(replica, tmp_path):
    """The one that comes second is refused; the daemon tries again at its next slot."""
    yange = Yange(tmp_path, Scheduled(replica, discover="every 2s"))
    with ExitStack() as stack:
        with hanging(replica) as path:
            by_hand = stack.enter_context(yange.started("crawl"))
            until(lambda: is_asked(replica, path))
            running = stack.enter_context(daemon(yange))
            running.heard("crawl_refused")
            assert [run["job"] for run in runs(yange)] == [None]
            by_hand.send_signal(signal.SIGTERM)
            by_hand.communicate()
        running.heard("crawl_done")
        assert running.stopped() == 0
    assert [run["outcome"] for run in runs(yange)][:2] == ["interrupted", "finished"]


def test_r19_a_slot_outside_the_window_is_skipped(replica, tmp_path):
    opens = datetime.now(SHANGHAI) + timedelta(hours=6)
    closes = opens + timedelta(hours=1)
    window = f"{opens:%H:%M}-{closes:%H:%M}"
    yange = Yange(tmp_path, Scheduled(replica, window=window, discover="every 1s"))
    with daemon(yange) as running:
        for _ in range(2):
            assert "outside the portal's window" in running.heard("slot_skipped")
        state = yange.read("status")
        [job] = [job for job in state["jobs"] if job["mode"] == "discover"]
        following = datetime.fromisoformat(job["next"])
        assert (following.hour, following.minute) == (opens.hour, opens.minute)
        assert running.stopped() == 0
    assert replica.site.requests == []
    assert runs(yange) == []
    log = (tmp_path / "log" / "yange.jsonl").read_text(encoding="utf-8")
    skipped = [json.loads(line) for line in log.splitlines() if "slot_skipped" in line]
    assert {one["job"] for one in skipped} == {"replica/discover"}


def test_r11_a_portal_that_shut_its_doors_is_left_alone(tmp_path):
    """Longer each time, whoever restarts the daemon, until a run is let through again.

    What such a run saw before it met the wall stands, and it concludes nothing from the wall.
    """
    settings = {"politeness": {"delay": 0, "concurrency": 1}, "timetable": {"sweep": "every 1s"}}
    with Town(**settings) as town:
        addresses = {number: f"/gk/{number}/index.html" for number in range(1, 22)}
        records = {number: Record(title=f"第{number}号停水通知") for number in addresses}
        for number, address in addresses.items():
            town.publish(records[number], address)
        yange = Yange(tmp_path, town)
        yange.crawl()
        # The newest is listed, and so asked for, first.
        records[21] = records[21].but(validity="失效")
        town.publish(records[21], addresses[21])
        for number in range(1, 21):
            town.answer(addresses[number], Answer.html("<h1>403</h1>", status=403))
        with daemon(yange) as running:
            running.heard("crawl_incomplete")
            said = running.heard("slot_put_off")
            assert running.stopped() == 0
        [_, stopped] = runs(yange)
        assert (stopped["outcome"], stopped["stopped"]) == ("incomplete", "mostly_blocked")
        assert told(yange.changes_of(stopped)) == [("validity", "validity_label", "有效", "失效")]
        until = datetime.fromisoformat(stopped["finished_at"]) + timedelta(hours=1)
        assert f"until={until.isoformat()}" in said
        town.site.clear_requests()
        with daemon(yange) as running:
            assert (
                running.heard("slot_put_off").partition("until=")[2].startswith(until.isoformat())
            )
            state = yange.read("status")
            [left_alone] = state["put_off"]
            assert left_alone == {
                "portal": "town",
                "until": until.isoformat(),
                "stopped_runs": 1,
            }
            [sweep] = [job for job in state["jobs"] if job["mode"] == "sweep"]
            assert datetime.fromisoformat(sweep["next"]) > until
            assert "town is left alone until" in yange.run("status").out
            assert town.site.requests == []
            for number, address in addresses.items():
                town.publish(records[number], address)
            # A crawl by hand is not put off, and ends it.
            assert yange.sweep() == []
            running.heard("crawl_done")
            assert running.stopped() == 0
        assert yange.read("status")["put_off"] == []


def test_what_was_due_while_no_daemon_was_there_is_missed_and_caught_up_once(replica, tmp_path):
    often = Scheduled(replica, discover="every 2s", recheck="every 2s")
    yange = Yange(tmp_path, often)
    with daemon(yange) as running:
        running.heard("crawl_done")
        running.heard("crawl_done")
        assert running.stopped(signal.SIGKILL) == -signal.SIGKILL
    before = len(runs(yange))
    until(lambda: datetime.now(SHANGHAI) > seen_to(yange) + timedelta(seconds=5))
    with daemon(yange) as running:
        assert "+08:00" in running.heard("slots_missed")
        assert "'replica/recheck', 'replica/discover'" in running.heard("daemon_started")
        for _ in range(2):
            running.heard("crawl_started")
        assert running.stopped() == 0
    missed = [run for run in runs(yange) if run["outcome"] == "missed"]
    assert {run["job"] for run in missed} == {"replica/discover", "replica/recheck"}
    for job in ("replica/discover", "replica/recheck"):
        slots = [datetime.fromisoformat(run["slot"]) for run in missed if run["job"] == job]
        assert len(slots) >= 2
        assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(seconds=2)}
    for run in missed:
        assert run["started_at"] == run["finished_at"] == run["slot"]
        assert run["problems"] == [f"no daemon was there at {run['slot']}"]
        assert run["pages"] == 0
    after = [run for run in runs(yange)[before:] if run["outcome"] != "missed"]
    # The most thorough comes first.
    assert [run["mode"] for run in after][:1] == ["recheck"]
    assert yange.run("verify").out.startswith("everything holds")


def seen_to(yange):
    """Up to when the daemon saw to its jobs' slots, the latest."""
    notes = json.loads(yange.archive.with_name("archive.db.daemon.json").read_bytes())
    return max(map(datetime.fromisoformat, notes["seen_to"].values()))


def test_a_fresh_archive_has_missed_nothing(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, sweep="every 1s"))
    with daemon(yange) as running:
        running.heard("daemon_started")
        running.stopped(signal.SIGKILL)
    for path in tmp_path.glob("archive.db*"):
        if not path.name.endswith(".json"):
            path.unlink()
    with daemon(yange) as running:
        assert "catching_up=[]" in running.heard("daemon_started")
        running.heard("crawl_done")
        assert running.stopped() == 0
    assert "missed" not in {run["outcome"] for run in runs(yange)}


def test_a_running_daemon_is_told_to_run_a_job_to_pause_and_to_resume(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, discover="every 1s"))
    none = yange.run("run-now", "replica/sweep", status=FAILED)
    assert none.err == (
        f"yange: no daemon serves the archive {yange.archive}; `yange run` starts one\n"
    )
    with daemon(yange) as running:
        running.heard("crawl_done")
        paused = yange.run("pause", "replica").out
        assert paused.startswith("paused: replica/discover, replica/recheck, replica/sweep;")
        while "the job is paused" not in running.heard("slot_skipped"):
            pass
        count = len(runs(yange))
        # A mode that the timetable does not know, and although it is paused.
        assert yange.run("run-now", "replica/sweep").out == (
            "replica/sweep: it begins now (the job stays paused)\n"
        )
        assert "job=replica/sweep" in running.heard("crawl_done")
        assert running.stopped() == 0
    assert [run["job"] for run in runs(yange)[count:]] == ["replica/sweep"]
    # A pause outlasts the daemon, and what passes meanwhile is not missed.
    with daemon(yange) as running:
        assert "the job is paused" in running.heard("slot_skipped")
        [discover, _, sweep] = yange.read("status")["jobs"]
        assert discover["next"] is None
        assert datetime.fromisoformat(discover["paused"]).utcoffset() == timedelta(hours=8)
        assert sweep["last"]["mode"] == "sweep"
        [planned] = yange.read("check")["portals"][0]["jobs"]
        assert planned["paused"] == discover["paused"]
        assert "paused since" in yange.run("check").out
        assert yange.run("resume").out.startswith("resumed: replica/discover")
        running.heard("crawl_done")
        assert running.stopped() == 0
    assert [run["outcome"] for run in runs(yange)[count:]].count("missed") == 0
    assert yange.read("status")["jobs"][0]["paused"] is None
    wrong = yange.run("run-now", "replica", status=MISUSED)
    assert "is none of replica/discover, replica/recheck, replica/sweep" in wrong.err


def test_an_archive_that_is_gone_is_not_begun_anew(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, sweep="every 30d"))
    away = tmp_path / "away.db"
    with daemon(yange) as started:
        started.heard("daemon_started")
        yange.run("run-now", "replica/sweep")
        started.heard("crawl_done")
        held = len(yange.list())
        # As if its disk were not mounted any more.
        yange.archive.rename(away)
        yange.run("run-now", "replica/sweep")
        said = started.heard("archive_gone")
        assert f"the archive {yange.archive} is not there any more" in said
        assert not yange.archive.exists()
        away.rename(yange.archive)
        yange.run("run-now", "replica/sweep")
        started.heard("crawl_done")
        assert started.stopped() == 0
    assert len(yange.list()) == held > 0
    assert [one["outcome"] for one in yange.read("runs")] == ["finished"] * 2


def test_a_changed_configuration_is_taken_over_and_a_broken_one_refused(replica, tmp_path):
    yange = Yange(tmp_path, Scheduled(replica, discover="every 1s", sweep="every 30d"))
    with daemon(yange) as running:
        with hanging(replica) as path:
            child = int(running.heard("crawl_started").partition("pid=")[2].split()[0])
            until(lambda: is_asked(replica, path))
            yange.configure(Scheduled(replica, recheck="every 1s", sweep="every 30d"))
            running.process.send_signal(signal.SIGHUP)
            assert "scheduled_anew=['replica/recheck']" in running.heard("configuration_read")
            os.kill(child, 0)  # the crawl under way goes on
        assert "job=replica/discover" in running.heard("crawl_done")
        assert "job=replica/recheck" in running.heard("crawl_done")
        yange.configuration.write_text("nonsense: [", encoding="utf-8")
        running.process.send_signal(signal.SIGHUP)
        assert "is not YAML" in running.heard("configuration_refused")
        # Crawls go by what the daemon read, not by what the file says by now.
        for _ in range(2):
            assert "job=replica/recheck" in running.heard("crawl_done")
        assert running.stopped() == 0


def test_a_crawl_that_a_server_keeps_waiting_is_ended_and_the_next_one_is_on_time(
    replica, tmp_path
):
    limits = {"crawl_hours": 10 / 3600}
    yange = Yange(tmp_path, Scheduled(replica, limits=limits, discover="every 2s"))
    with daemon(yange) as running:
        with hanging(replica) as path:
            until(lambda: is_asked(replica, path))
            ended = running.heard("crawl_ended")
            assert "had not come to its end after 10 s" in ended
            again = running.heard("crawl_started")
        running.heard("crawl_done")
        assert running.stopped() == 0
    first, second, *_ = runs(yange)
    assert first["outcome"] == "interrupted"
    assert "stopped early: it had not come to its end after 10 s" in first["problems"]
    assert first["created"] > 0
    assert f"slot={second['slot']}" in again
    # The slot that follows, or, if that came while the end was being recorded, the one after it.
    ended_at = datetime.fromisoformat(ended.partition("timestamp=")[2].split()[0])
    assert datetime.fromisoformat(second["slot"]) - ended_at <= timedelta(seconds=4)


def test_a_crawl_that_takes_too_much_memory_is_ended_and_the_next_one_runs(replica, tmp_path):
    tight = Scheduled(replica, limits={"crawl_memory_mb": 10}, discover="every 1s")
    yange = Yange(tmp_path, tight)
    with daemon(yange) as running:
        # However late it is looked at, it is not through.
        with hanging(replica):
            assert "MB of memory" in running.heard("crawl_ended")
        yange.configure(Scheduled(replica, discover="every 1s"))
        running.process.send_signal(signal.SIGHUP)
        running.heard("configuration_read")
        running.heard("crawl_done")
        assert running.stopped() == 0
    first, *_ = runs(yange)
    assert (first["outcome"], first["job"]) == ("interrupted", "replica/discover")
    [problem] = first["problems"]
    assert problem.startswith("ended by the daemon: it used ")
    assert finished(yange)
