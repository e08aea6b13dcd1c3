"""What a lane does with one that is due: real processes, tiny ones, in the place of crawls."""

import re
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import psutil
import pytest
import yaml
from apscheduler.schedulers.background import BackgroundScheduler

from archive.catalogue import Catalogue
from crawler.window import Window
from scheduler.berths import Berths
from scheduler.conducting import Conducting
from scheduler.configuration import load
from scheduler.crawl_process import CrawlProcess, Limits
from scheduler.daybook import Daybook, read_notes
from scheduler.due import Due
from scheduler.jobs import Job
from scheduler.lane import Lane
from scheduler.launcher import LocalLauncher
from scheduler.presence import Presence

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 5, 1, 2, 0, tzinfo=SHANGHAI)
FOREVER = "import signal; signal.pause()"
"""A crawl that goes on until it is told to leave."""


def process(code, stdout=subprocess.PIPE):
    return psutil.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=stdout
    )


class Town:
    """A portal, one or several, whose crawls are processes that run some Python code."""

    def __init__(self, folder, code, *portals, berths=4, **limits):
        self.archive = folder / "archive.db"
        portal = {
            "name": "青石镇",
            "hosts": ["localhost"],
            "columns": ["http://localhost/a/"],
            "limits": limits,
        }
        written = {
            "contact": "archive@example.org",
            "archive": {"path": str(self.archive)},
            "portals": dict.fromkeys(portals or ("town",), portal),
        }
        path = folder / "config.yaml"
        path.write_text(yaml.safe_dump(written), encoding="utf-8")
        self.configuration = load(path)
        self.daybook = Daybook(self.archive)
        self.berths = Berths(berths)
        self.started, self.ended = SimpleQueue(), SimpleQueue()
        conducting = Conducting(
            self.configuration,
            self.daybook,
            self.berths,
            self.ended.put,
            LocalLauncher(partial(self._start, code)),
            Presence(),
        )
        self.lanes = {key: Lane(key, conducting) for key in self.configuration.settings.portals}

    def _start(self, code, _configuration, due):
        child = process(code, subprocess.DEVNULL)
        self.started.put((due.job.name, due.slot))
        return child

    def __enter__(self):
        self.scheduler = BackgroundScheduler(timezone=UTC, executors=dict(self.lanes))
        self.scheduler.start()
        return self

    def __exit__(self, *_error):
        self.scheduler.shutdown(wait=False)
        self.berths.look_again()
        for lane in self.lanes.values():
            lane.shutdown()

    def take(self, mode, slot=DUE, *, portal="town", window=None, by_hand=False):
        job = Job(portal, mode, "every 1d", window, SHANGHAI)
        return self.lanes[portal].take(Due(job, slot, by_hand))

    def runs(self):
        """What is recorded of runs: job, outcome and problems, oldest first."""
        with Catalogue.open(self.archive, SHANGHAI) as catalogue:
            return [(run["job"], run["outcome"], run["problems"]) for run in catalogue.runs()][::-1]


def test_what_is_due_is_done_in_order(tmp_path):
    with Town(tmp_path, "pass") as town:
        for place, mode in enumerate(("discover", "recheck", "sweep")):
            town.take(mode, DUE + timedelta(minutes=place))
        assert [town.ended.get() for _ in range(3)] == ["town"] * 3
        assert [town.started.get() for _ in range(3)] == [
            ("town/discover", DUE),
            ("town/recheck", DUE + timedelta(minutes=1)),
            ("town/sweep", DUE + timedelta(minutes=2)),
        ]


def test_a_job_that_is_due_again_is_not_queued_twice(tmp_path):
    with Town(tmp_path, FOREVER) as town:
        assert town.take("sweep") == "it begins now"
        town.started.get()
        assert town.take("sweep") == "it is under way"
        assert town.take("discover") == "it begins when town/sweep has ended"
        assert town.take("discover") == "it is waiting for its turn already"
    assert town.started.empty()


def test_there_are_so_many_crawls_at_once_and_no_more(tmp_path):
    with Town(tmp_path, FOREVER, "east", "west", "north", berths=2) as town:
        for portal in ("east", "west", "north"):
            town.take("sweep", portal=portal)
        first, second = town.started.get()[0], town.started.get()[0]
        [third] = {"east/sweep", "west/sweep", "north/sweep"} - {first, second}
        assert town.started.empty()
        town.lanes[first.partition("/")[0]].crawl.ask("the test says so")
        assert town.started.get()[0] == third


def test_a_slot_outside_the_window_starts_nothing_unless_a_person_asks(tmp_path):
    now = datetime.now(SHANGHAI)
    closed = Window((now + timedelta(hours=6)).time(), (now + timedelta(hours=7)).time(), SHANGHAI)
    with Town(tmp_path, "pass") as town:
        town.take("discover", now, window=closed)
        town.take("recheck", now, window=closed, by_hand=True)
        town.ended.get()
        assert town.started.get()[0] == "town/recheck"
        assert town.started.empty()


def test_a_paused_job_starts_nothing_unless_a_person_asks(tmp_path):
    with Town(tmp_path, "pass") as town:
        town.daybook.pause(["town/discover"], datetime.now(UTC))
        town.take("discover", datetime.now(SHANGHAI))
        town.take("recheck", datetime.now(SHANGHAI))
        town.ended.get()
        assert town.started.get()[0] == "town/recheck"
        town.take("discover", datetime.now(SHANGHAI), by_hand=True)
        town.ended.get()
        assert town.started.get()[0] == "town/discover"


def test_a_lane_that_is_shut_down_asks_its_crawl_to_leave(tmp_path):
    with Town(tmp_path, FOREVER) as town:
        town.take("discover")
        town.started.get()
    assert town.ended.get_nowait() == "town"
    assert town.runs() == [
        ("town/discover", "interrupted", ["ended by the daemon: the daemon was told to stop"])
    ]
    # The next daemon takes it up again.
    assert set(read_notes(town.archive).under_way) == {"town/discover"}


@pytest.mark.parametrize(
    ("code", "outcome", "problem"),
    [
        (
            "raise SystemExit(7)",
            "failed",
            "the crawl's process left with status 7 before its run was closed; see the log",
        ),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "interrupted",
            "the crawl's process died with signal 9",
        ),
        (
            "import resource, os; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()",
            "failed",
            "the crawl's process died with signal 6",
        ),
    ],
    ids=["leaves", "is killed", "crashes"],
)
def test_how_a_process_died_is_recorded_and_the_next_one_runs(tmp_path, code, outcome, problem):
    with Town(tmp_path, code) as town:
        for place in range(2):
            # The lane lets go of the one before just after its end was told.
            while town.take("discover", DUE + timedelta(minutes=place)) != "it begins now":
                time.sleep(0.01)
            town.ended.get()
    assert town.runs() == [("town/discover", outcome, [problem])] * 2
    assert read_notes(town.archive).under_way == {}


def test_a_crawl_that_takes_too_much_memory_is_ended(tmp_path):
    hungry = "held = bytearray(b'x' * 200_000_000); import signal; signal.pause()"
    with Town(tmp_path, hungry, crawl_memory_mb=100) as town:
        town.take("sweep")
        town.ended.get()
    [(job, outcome, [problem])] = town.runs()
    assert (job, outcome) == ("town/sweep", "interrupted")
    [used] = re.fullmatch(r"ended by the daemon: it used (\d+) MB of memory", problem).groups()
    assert int(used) >= 100


def test_the_memory_of_what_a_crawl_started_counts_and_goes_with_it(tmp_path):
    held = "held = bytearray(b'x' * 300_000_000); print(flush=True); import signal; signal.pause()"
    child = process(
        f"""
        import signal, subprocess, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(subprocess.Popen([sys.executable, "-c", "{held}"]).pid, flush=True)
        signal.pause()
        """
    )
    # Its number, and that it has all it is going to hold, in whichever order.
    [number] = (child.stdout.readline() + child.stdout.readline()).split()
    grandchild = psutil.Process(int(number))
    ending = CrawlProcess(child, Limits(timedelta(hours=1), memory=100e6)).wait()
    child.stdout.close()
    assert ending.status == -9  # three times what it may have: nobody waits for it to leave
    assert ending.why.endswith("MB of memory")
    assert ending.peak_memory > 300e6
    grandchild.wait()


def test_a_crawl_that_takes_too_long_is_asked_to_leave_and_told_why():
    child = process(
        """
        import signal, sys
        def leave(*_):
            print(sys.stdin.readline(), end="", flush=True)
            raise SystemExit(3)
        signal.signal(signal.SIGTERM, leave)
        print("here", flush=True)
        signal.pause()
        """
    )
    assert child.stdout.readline() == b"here\n"
    ending = CrawlProcess(child, Limits(timedelta(milliseconds=1), memory=1e12)).wait()
    assert (ending.status, ending.why) == (3, "it had not come to its end after 0.001 s")
    assert child.stdout.read().decode() == ending.why + "\n"
    child.stdout.close()


def test_a_crawl_that_does_not_leave_is_killed():
    child = process(
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(flush=True)
        signal.pause()
        """
    )
    crawl = CrawlProcess(child, Limits(timedelta(hours=1), memory=1e12, grace=0.1))
    assert child.stdout.readline() == b"\n"
    child.stdout.close()
    crawl.ask("the test says so")
    assert crawl.wait().status == -9
