"""Spools that are recorded by processes which are killed: what comes of it is the same.

`python tests/test_ingesting.py 200` kills so many, each in a process of its own, and says what was
found.
"""

import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.orders import ByOrder, execute, opened, order
from support.site import File, Record, Town
from support.yange import INCOMPLETE

from archive.errors import BusyError
from archive.spools.form import SpoolRefusedError
from archive.spools.reading import read_head

LINES = ("第一条 为了规范管理，制定本办法。", "第二条 本办法自公布之日起施行。")


def notice(number, **changed):
    files = (File(name="名册", href=f"/files/{number % 40}.csv"),)
    usual = {"body": (*LINES, f"第三条 编号{number}。", *files)}
    return Record(title=f"通知第{number}号", number=f"1500/2026-{number:05}", **usual | changed)


class Past:
    """An archive before and after a spool was recorded in peace."""

    def __init__(self, folder, yange, spool, other):
        self.folder = folder
        self.other = other
        self.yange = yange
        self.spool = spool
        self.before = folder / "before.db"
        with closing(sqlite3.connect(yange.archive)) as connection:
            connection.execute("VACUUM INTO ?", (str(self.before),))
        self.seconds = -time.monotonic()
        with opened(yange) as archive:
            archive.ingest(spool)
        self.seconds += time.monotonic()
        self.after = contents(yange.archive)
        self.order_id = read_head(spool).order_id
        self.groups = self.recorded()

    def start_again(self):
        """The archive as it was before."""
        for suffix in ("-wal", "-shm"):
            self.yange.archive.with_name(self.yange.archive.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.before, self.yange.archive)

    def ingest_until(self, moment):
        """Record the spool in a process that is killed once `moment` has come.

        Whether it was killed before it had come to its end.
        """
        child = os.fork()
        if not child:
            try:
                with opened(self.yange) as archive:
                    archive.ingest(self.spool)
                os._exit(0)
            finally:
                os._exit(1)
        while not moment():
            if os.waitpid(child, os.WNOHANG)[0]:
                return False
        os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    def has_recorded(self, groups):
        """A moment: so many groups are recorded."""
        return lambda: self.recorded() >= groups

    def has_worked(self, seconds):
        """A moment: so much time has passed since it was first asked whether it has come."""
        begun = []

        def has_come():
            begun.append(time.monotonic())
            return begun[-1] - begun[0] > seconds

        return has_come

    def recorded(self):
        """How many groups are recorded by now."""
        with closing(sqlite3.connect(self.yange.archive)) as connection:
            row = connection.execute(
                "SELECT groups FROM ingests WHERE order_id = ?", (self.order_id,)
            ).fetchone()
        return row[0] if row else 0


def contents(archive):
    """Every row of every table, to the last byte; the index is made of the others."""
    with closing(sqlite3.connect(archive)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'search_*'"
        ).fetchall()
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for (table,) in tables
        }


def make(folder, documents=60):
    """A town with a past, and the spool of what has happened since."""
    with Town("/gk/", "/tz/") as town:
        yange = ByOrder(folder, town)
        for number in range(40):
            town.answer(f"/files/{number}.csv", f"{number}\n".encode())
        for number in range(documents):
            town.publish(notice(number), f"/gk/{number}/index.html")
        town.publish(notice(1000), "/gk/1000/index.html", "/tz/1000/index.html")
        town.remove("/gk/0/index.html")
        yange.crawl()
        town.remove("/gk/1/index.html")
        yange.crawl(mode="recheck")
        for number in range(2, 20):
            town.publish(notice(number, validity="废止"), f"/gk/{number}/index.html")
        for number in range(documents, 2 * documents):
            town.publish(notice(number, written="二〇二六年"), f"/tz/{number}/index.html")
        for number in range(10):
            town.answer(f"/files/{number}.csv", f"{number}，改\n".encode())
        town.answer("/gk/20/index.html", notice(20).html_without_metadata())
        town.redirect("/gk/21/index.html", "/gk/2021/index.html")
        town.answer("/gk/2021/index.html", notice(21).html())
        path = order(yange)
        spool, other = execute(yange, path), folder / "other.warc.gz"
        yange.run("execute", path, "--spool", other)
        return Past(folder, yange, spool, other)


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    return make(tmp_path_factory.mktemp("killed"))


def disturb(past, chance):
    """Kill ingests of the spool, each at another moment, and repeat them to the end."""
    past.start_again()
    moments = [
        *(past.has_recorded(groups) for groups in sorted(chance.sample(range(past.groups), 3))),
        *(past.has_worked(chance.random() * past.seconds) for _ in range(3)),
    ]
    killed = sum(past.ingest_until(moment) for moment in moments)
    with opened(past.yange) as archive:
        archive.mark_interrupted("town")
        archive.ingest(past.spool)
        assert archive.is_ingested(past.order_id)
    return killed


def test_r18_an_ingest_that_is_killed_anywhere_and_repeated_is_as_if_undisturbed(past):
    """The whole archive is the same: every row with its id, the ledger's head, the seals."""
    chance = random.Random(os.getpid())
    killed = 0
    for _ in range(3):
        killed += disturb(past, chance)
        assert contents(past.yange.archive) == past.after
    assert killed
    assert past.yange.read("verify")["ok"]


def test_a_run_that_is_half_recorded_is_left_to_the_repetition(past):
    past.start_again()
    assert past.ingest_until(past.has_recorded(1))
    runs = past.yange.read("runs")
    assert runs[0]["outcome"] == "running"
    with opened(past.yange) as archive:
        assert archive.mark_interrupted("town") == 0
        with pytest.raises(SpoolRefusedError, match="is another one than that"):
            archive.ingest(past.other)
        assert not archive.is_ingested(past.order_id)
    assert past.yange.read("runs") == runs
    past.yange.run("ingest", past.spool, status=INCOMPLETE)
    assert contents(past.yange.archive) == past.after


def test_a_portal_is_crawled_or_recorded_by_one_at_a_time(past):
    past.start_again()
    with opened(past.yange) as crawling, opened(past.yange) as recording:
        crawling.begin_run("town", "sweep")
        with pytest.raises(BusyError, match="a crawl of town is under way"):
            recording.ingest(past.spool)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        made = make(Path(name), documents=300)
        seed = random.Random(0)
        total, rounds = 0, 0
        while total < int(sys.argv[1]):
            total += disturb(made, seed)
            rounds += 1
            assert contents(made.yange.archive) == made.after
        print(f"{total} killed in {rounds} rounds; {made.groups} groups, {made.seconds:.2f} s")
