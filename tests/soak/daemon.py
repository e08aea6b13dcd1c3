"""Run the daemon for thousands of crawls, and see that it takes no more memory and files for it.

It is the real daemon with a timetable that has everything due every second, on many portals; its
crawls are processes that end at once. Every so often it is asked for something, and reads its
configuration again. More than five percent more at the end than after the first hundred makes the
exit status 1.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import psutil
import yaml

from scheduler.control import ask

from .course import ROOT

PORTALS = 24
_MARGIN = 1.05
_ENDS = {"crawl_done", "crawl_incomplete", "crawl_failed"}
_REQUEST_EVERY = 50  # crawls


class Held(NamedTuple):
    """What a process holds: bytes of memory that are its own, open files, threads."""

    memory: int
    files: int
    threads: int


class Soak:
    """A daemon under way, and its log."""

    def __init__(self, folder, process):
        self._archive = folder / "archive.db"
        self._process = process
        self._log = (folder / "log.jsonl").open(encoding="utf-8")
        self._line = ""
        self.crawls = 0

    def close(self):
        self._log.close()

    def heard(self, events):
        """Wait until it logs one of these; which it was."""
        while True:
            self._line += self._log.readline()
            if not self._line.endswith("\n"):
                assert self._process.poll() is None, "the daemon has ended"
                time.sleep(0.02)
                continue
            event = json.loads(self._line)["event"]
            self._line = ""
            if event in _ENDS:
                self.crawls += 1
            if event in events:
                return event

    def go_on_to(self, crawls):
        """Wait until there have been so many crawls, asking for something now and then."""
        while self.crawls < crawls:
            self.heard(_ENDS)
            if self.crawls % _REQUEST_EVERY == 0:
                ask(self._archive, {"what": "pause", "name": "portal0"})
                ask(self._archive, {"what": "run-now", "name": "portal0/sweep"})
                ask(self._archive, {"what": "resume", "name": None})
                self._process.send_signal(signal.SIGHUP)
                self.heard({"configuration_read"})

    def held(self):
        """What the daemon holds while nothing is to be done."""
        process = psutil.Process(self._process.pid)
        ask(self._archive, {"what": "pause", "name": None})
        # Whatever was under way is at its end when slots have been skipped since, on every lane.
        skipped = 0
        while skipped < 3 * PORTALS:
            skipped += self.heard(_ENDS | {"slot_skipped"}) == "slot_skipped"
        looks = [
            Held(process.memory_full_info().uss, process.num_fds(), process.num_threads())
            for _ in range(20)
        ]
        ask(self._archive, {"what": "resume", "name": None})
        return Held(*(min(one) for one in zip(*looks, strict=True)))


@contextmanager
def soaking(folder, portals=PORTALS):
    """A daemon whose jobs are due every second, in a folder of its own."""
    portal = {
        "name": "青石镇",
        "hosts": ["localhost"],
        "columns": ["http://localhost/a/"],
        "timetable": {"discover": "every 1s", "recheck": "* * * * *", "sweep": "every 1s"},
    }
    settings = {
        "contact": "archive@example.org",
        "archive": {"path": str(folder / "archive.db")},
        "log": {"file": str(folder / "log.jsonl")},
        "portals": {f"portal{number}": portal for number in range(portals)},
    }
    configuration = folder / "config.yaml"
    configuration.write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "log.jsonl").touch()
    command = [sys.executable, "-m", "tests.soak.serving", str(configuration)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        soak = Soak(folder, process)
        try:
            yield soak
            process.terminate()
            assert process.wait() == 0
        finally:
            process.kill()
            soak.close()


def grown(before, after):
    """What a daemon holds more of than it may, in words."""
    return [
        f"{name}: {was:,} and then {now:,}"
        for name, was, now in zip(Held._fields, before, after, strict=True)
        if now > was * _MARGIN
    ]


@click.command(help=__doc__)
@click.option("--cycles", type=click.IntRange(min=200), default=2000, show_default=True)
def main(*, cycles: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="yange-soak-"))
    with soaking(folder) as soak:
        soak.go_on_to(100)
        before = soak.held()
        soak.go_on_to(cycles)
        after = soak.held()
    for crawls, held in ((100, before), (soak.crawls, after)):
        click.echo(
            f"after {crawls:5} crawls: {held.memory / 1e6:.1f} MB of memory, {held.files} open"
            f" files, {held.threads} threads"
        )
    wrong = grown(before, after)
    if wrong:
        click.echo("\n".join(wrong) + f"\nsee {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
