"""The daemon at work: it crawls the replica by a timetable, and ends well or badly."""

import json
import os
import select
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from support.site import Record, Town
from support.yange import FAILED, ROOT, Yange, told

from archive.catalogue import Catalogue
from crawler.replica.replica import Replica
from crawler.replica.server import Answer, Hang
from scheduler.configuration import load
from scheduler.readers import Readers

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Scheduled:
    """A replica that is crawled by a timetable, within a window if one is given."""

    def __init__(self, replica, window=None, **timetable):
        self._replica = replica
        self._window = window
        self._timetable = timetable

    def configuration(self, archive):
        text = self._replica.configuration(archive, timetable=self._timetable)
        settings = yaml.safe_load(text)
        if self._window is not None:
            settings["portals"]["replica"]["politeness"]["window"] = self._window
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

    def heard(self, event):
        """Wait until it says this; the whole line."""
        while True:
            self._line += self._log.readline()
            if not self._line.endswith("\n"):
                assert self.process.poll() is None, f"the daemon ended without {event}"
                time.sleep(0.05)
                continue
            line, self._line = self._line, ""
            if f"event={event} " in line:
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
    """For as long as the context lasts one document of the replica is not answered."""
    url = next(
        one["urls"][0]
        for one in replica.expected_documents()
        if one["urls"][0].startswith(replica.city)
    )
    path = url.removeprefix(replica.city)
    replica.fault(path, Answer(200, {}, b"", Hang(threading.Event())))
    yield path
    replica.heal()


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
    yange = Yange(tmp_path, Scheduled(replica, discover="every 2s"))
    with hanging(replica) as path:
        with daemon(yange) as running:
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
            running.heard("daemon_started")
            assert runs(yange)[0]["outcome"] == "interrupted"
            until(lambda: is_asked(replica, path))
            assert running.stopped() == 0
    recorded = runs(yange)
    missed = recorded[1:-1]
    assert {run["outcome"] for run in missed} <= {"missed"}
    assert [recorded[0]["outcome"], recorded[-1]["outcome"]] == ["interrupted", "interrupted"]
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
    with yange.started("crawl") as by_hand, daemon(yange) as running:
        with hanging(replica) as path:
            until(lambda: is_asked(replica, path))
            assert "exit_status=1" in running.heard("crawl_failed")
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
