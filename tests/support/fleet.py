"""A fleet on this machine: a real Redis, real workers, many small portals, a daemon over them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import psutil
import redis
import yaml

from crawler.replica.server import ADDRESS, Answer, Hang
from scheduler.control import ask
from support.site import Record, Town
from support.yange import ROOT, Yange

HELD = 2
"""The page in the middle of each town's list at which it can hold a crawl."""

LEASE, REDELIVERY = 3.0, 4.0


def until(condition):
    """Wait for something that another process is going to do; pytest's time-out is the limit."""
    while not (found := condition()):
        time.sleep(0.05)
    return found


def free_port():
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def is_there(process):
    """Whether a process has not ended yet, be it of no use to anybody."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


class Redis:
    """A redis-server on a loopback port, with an append-only file in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()
        self.port = free_port()
        self.password = "opensesame-4711"
        self.start()

    @property
    def url(self):
        return f"redis://:{self.password}@{ADDRESS}:{self.port}/0"

    @property
    def client(self):
        return redis.Redis.from_url(self.url)

    def start(self):
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *("redis-server", "--bind", ADDRESS, "--port", str(self.port)),
                *("--dir", str(self.folder), "--save", "", "--appendonly", "yes"),
                *("--requirepass", self.password),
            ],
            stdout=subprocess.DEVNULL,
        )
        until(self._answers)

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def empty(self):
        """Remove what it kept, while it is down."""
        shutil.rmtree(self.folder / "appendonlydir")

    def _answers(self):
        try:
            return self.client.ping()
        except redis.RedisError:
            return False


class Worker:
    """A `yange worker`, the leader of a process group."""

    def __init__(self, folder, name, fleet, crawls, environment):
        self.folder = folder / name
        self.folder.mkdir()
        (self.folder / "attempts").mkdir()
        settings = {"log": {"level": "debug"}, "fleet": {**fleet, "folder": "attempts"}}
        configuration = self.folder / "worker.yaml"
        configuration.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self._said = (self.folder / "said").open("w")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "scheduler", "--config", str(configuration)),
                *("worker", "--crawls", str(crawls)),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
            env=os.environ | environment,
        )

    @property
    def said(self):
        """What it and its crawls have logged so far."""
        return (self.folder / "said").read_text(encoding="utf-8")

    def signal(self, number):
        """Send a signal to its whole process group."""
        os.killpg(self.process.pid, number)

    def crawls(self):
        """The processes of its crawls."""
        return psutil.Process(self.process.pid).children()

    def stopped(self):
        """Tell it to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    def close(self):
        """Leave nothing of it behind."""
        with ExitStack() as stack:
            stack.callback(self._said.close)
            if self.process.poll() is None:
                self.signal(signal.SIGKILL)
                self.process.wait()


class Towns:
    """Many portals, each on a port of its own, in one configuration."""

    def __init__(self, count, pages, **settings):
        self.towns = {}
        self._settings = settings
        self._pages = pages
        self._count = count
        self._stack = ExitStack()
        self.fleet = None
        self.more = {}

    def __enter__(self):
        for number in range(1, self._count + 1):
            town = Town(
                politeness={"delay": 0.05, "concurrency": 1},
                timetable={"sweep": "every 30d"},
                **self._settings,
            )
            self.towns[f"town{number}"] = self._stack.enter_context(town)
            for page in range(1, self._pages + 1):
                town.publish(self.record(f"town{number}", page), f"/gk/{page}/index.html")
        return self

    @staticmethod
    def record(name, page):
        """The document on a page of a town."""
        return Record(title=f"{name}镇关于事项{page}的通知")

    def __exit__(self, *_):
        self._stack.close()

    def hold(self, name):
        """Have a crawl of a town wait in the middle until the event that is returned is set."""
        released = threading.Event()
        page = Answer.html(self.record(name, HELD).html())
        self.towns[name].answer(f"/gk/{HELD}/index.html", replace(page, then=Hang(released)))
        return released

    def heal(self, name):
        """Let the town answer further crawls at once."""
        self.towns[name].publish(self.record(name, HELD), f"/gk/{HELD}/index.html")

    def is_held(self, name):
        """Whether a crawl has come to the page where the town holds it."""
        asked = self.towns[name].site.requests
        return any(one.path == f"/gk/{HELD}/index.html" for one in asked)

    def configuration(self, archive):
        """One configuration for all of them, whose daemon has a fleet if `fleet` is given."""
        portals = {}
        for name, town in self.towns.items():
            whole = yaml.safe_load(town.configuration(archive))
            portals[name] = whole["portals"]["town"]
        settings = {**whole, "portals": portals, **self.more}
        if self.fleet is not None:
            settings |= {"engine": "celery", "fleet": self.fleet}
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

    def crawls_met(self):
        """The towns that two crawls asked at the same time, by the towns' own logs.

        A crawl asks one request at a time, and so by one connection after another.
        """
        return [name for name, town in self.towns.items() if _overlap(town.site.requests)]


def _overlap(requests):
    spans = {}
    for one in requests:
        first, _ = spans.get(one.connection, (one.monotonic, None))
        spans[one.connection] = (first, one.monotonic)
    return any(last > first for (_, last), (first, _) in pairwise(sorted(spans.values())))


class Fleet:
    """A Redis, a store, workers, and the daemon's side, in one folder."""

    def __init__(self, folder, towns, **fleet):
        self.folder = folder
        self.towns = towns
        self.redis = Redis(folder / "redis")
        (folder / "spools").mkdir()
        self.settings = {
            "broker": self.redis.url,
            "spools": str(folder / "spools"),
            "lease_seconds": LEASE,
            "redelivery_seconds": REDELIVERY,
            "poll_seconds": 0.2,
            **fleet,
        }
        towns.fleet = self.settings
        (folder / "archive").mkdir()
        self.yange = Yange(folder / "archive", towns)
        self.workers = []

    def run_now(self, name, yange=None):
        """Have the daemon, or that of another archive, sweep a town."""
        ask((yange or self.yange).archive, {"what": "run-now", "name": f"{name}/sweep"})

    def worker(self, crawls=2, environment=None, **settings):
        """Start a further worker, perhaps with further variables in its environment."""
        name = f"worker{len(self.workers) + 1}"
        one = Worker(self.folder, name, {**self.settings, **settings}, crawls, environment or {})
        self.workers.append(one)
        return one

    def close(self):
        """Leave nothing behind."""
        for one in self.workers:
            one.close()
        self.redis.kill()
