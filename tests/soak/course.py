"""The replica portal's life, watched into two archives: one in peace, one killed again and again.

What both have recorded in the end must be the same, but for times and the numbers of runs (R18).
"""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.catalogue import Catalogue
from scheduler.configuration import load
from scheduler.readers import Readers

ROOT = Path(__file__).parents[2]
EPOCHS = ("published", "quiet", "amended", "redesigned")
# Of a sweep's own time: the process takes a while to start, and it may be slower next time.
_LATEST = 1.2


class Watch:
    """One archive of the replica, in a folder of its own."""

    def __init__(self, replica, folder):
        self.archive = folder / "archive.db"
        self.configuration = folder / "config.yaml"
        folder.mkdir(parents=True)
        self.configuration.write_text(replica.configuration(self.archive), encoding="utf-8")

    def command(self, *words):
        return [sys.executable, "-m", "scheduler", "--config", str(self.configuration), *words]

    def sweep(self):
        """Sweep to the end; how long it took, in seconds."""
        started = time.monotonic()
        done = subprocess.run(
            self.command("crawl", "--mode", "sweep"),
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return time.monotonic() - started

    def sweep_and_kill(self, after):
        """Sweep, and SIGKILL it after so many seconds; whether it was still there then."""
        with subprocess.Popen(
            self.command("crawl", "--mode", "sweep"),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(after)
                return False
            process.kill()
        return True

    def ended_runs(self):
        """How many runs came to their end, even if their process was killed after that."""
        if not self.archive.exists():
            return 0
        with closing(sqlite3.connect(self.archive)) as connection:
            try:
                [ended] = connection.execute(
                    "SELECT count(*) FROM runs WHERE outcome NOT IN ('running', 'interrupted')"
                ).fetchone()
            except sqlite3.OperationalError:
                return 0  # killed while the schema was being made
        return ended


def undisturbed(replica, folder, facts, epochs=EPOCHS):
    """Watch the replica's whole life in peace; its facts after it, and each sweep's seconds."""
    watch = Watch(replica, folder)
    seconds = {}
    for epoch in epochs:
        replica.move_to(epoch)
        seconds[epoch] = watch.sweep()
    return facts(watch), seconds


def disturbed(replica, folder, facts, *, kills, seconds, seed):
    """The same, with up to `kills` sweeps of each epoch killed before one comes to its end.

    That a document is gone takes two runs to tell, so no epoch sees more than one to its end: what
    the kill comes too late for was the one.
    `seconds` are how long sweeps took in peace, by epoch.
    """
    chance = random.Random(seed)
    watch = Watch(replica, folder)
    done = 0
    for epoch in seconds:
        replica.move_to(epoch)
        before = watch.ended_runs()
        for _ in range(kills):
            done += watch.sweep_and_kill(chance.uniform(0.1, seconds[epoch] * _LATEST))
            if watch.ended_runs() > before:
                break
        else:
            watch.sweep()
    return facts(watch), done


def facts(replica):
    """A function that gives what an archive says, and what `verify` finds amiss in it."""

    def of(watch):
        with Catalogue.open(watch.archive, ZoneInfo("Asia/Shanghai")) as catalogue:
            readers = Readers(load(watch.configuration).settings)
            problems = catalogue.verify(readers, lambda *_: None).problems
            return {**told(catalogue, replica), "problems": problems}

    return of


def told(catalogue, replica):
    """What an archive says, without when and by which run it came to know it.

    A document at several places may be met at any of them first, and is told of at that one.
    """
    homes = {}
    for epoch in EPOCHS:
        for one in replica.expected_documents(epoch):
            first, *further = [urlsplit(url).path for url in one["urls"]]
            homes |= dict.fromkeys(further, first)

    def home(url):
        path = urlsplit(url).path
        return homes.get(path, path)

    changes = Counter()
    places = {}
    for one in catalogue.changes():
        subject = (one["index_number"], one["title"], one["version"], one["baseline"])
        if one["kind"] in ("created", "relocated"):
            # Where a document was met first is chance, at which places it was met is not.
            places.setdefault(home(one["url"]), set()).add(urlsplit(one["url"]).path)
            changes[(*subject[:2], one["kind"])] += 1
            continue
        what = (one["kind"], one["field"], one["before"], one["after"])
        if one["kind"] == "collision":
            what = (one["kind"], frozenset((home(one["before"]), home(one["after"]))))
        changes[(*subject, home(one["url"]), *what)] += 1
    documents = Counter()
    for row in catalogue.documents():
        history = catalogue.history(row["url"])
        versions = [
            catalogue.show(row["url"], version=one["version"]) for one in history["versions"]
        ]
        documents[
            row["status"],
            tuple(history["numbers"]),
            tuple(sorted((one["url"], one["status"]) for one in history["locations"])),
            tuple(
                (
                    *(shown[name] for name in _SHOWN),
                    tuple((one["name"], one["sha256"]) for one in shown["attachments"]),
                )
                for shown in versions
            ),
        ] += 1
    return {"changes": changes, "documents": documents, "places": places}


_SHOWN = (
    *("title", "index_number", "document_number", "issuing_agency", "category", "summary"),
    *("written_on", "published_at", "repealed_on", "validity_label", "validity"),
    *("content_sha256", "version"),
)


def differences(expected, found):
    """What two archives disagree about, in lines."""
    lines = list(found["problems"])
    for what in ("changes", "documents"):
        lines += [f"missing: {one}" for one in (expected[what] - found[what]).elements()]
        lines += [f"surplus: {one}" for one in (found[what] - expected[what]).elements()]
    for home in expected["places"].keys() | found["places"].keys():
        once, now = expected["places"].get(home), found["places"].get(home)
        if once != now:
            lines.append(f"places of {home}: {once} are {now}")
    return lines
