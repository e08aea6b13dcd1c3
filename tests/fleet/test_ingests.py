"""Ingests that are killed, with their daemon and alone: what comes of a spool is the same."""

import os
import sqlite3
from contextlib import closing, contextmanager

import psutil
from support.fleet import Towns, is_there, until
from support.yange import Yange
from test_daemon_crawls import daemon

PAGES = 70
STUMBLE = """CREATE TRIGGER stumble BEFORE UPDATE ON ingests WHEN new.groups = 2
    BEGIN SELECT RAISE(ABORT, 'half way'); END"""


@contextmanager
def held(archive, statement):
    """Somebody else has the archive, so that an ingest has to wait; a statement is his."""
    with closing(sqlite3.connect(archive, timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute(statement)
        yield other
        other.execute("COMMIT")


def half_recorded(connection):
    """Whether the first part of a spool is recorded, and no more."""
    [row] = connection.execute("SELECT groups, account IS NOT NULL FROM ingests")
    return row == (1, True)


def ingest_of(started):
    """Wait for the process in which a daemon ingests."""

    def found():
        return [one for one in psutil.Process(started.process.pid).children() if is_ingest(one)]

    [child] = until(found)
    return child


def is_ingest(child):
    try:
        return "ingest" in child.cmdline()
    except psutil.Error:
        return False


def test_an_ingest_that_is_killed_half_way_is_taken_up_where_it_was(fleet, tmp_path):
    with Towns(1, PAGES) as towns, fleet(tmp_path, towns) as running:
        archive = running.yange.archive
        towns.towns["town1"].settings["politeness"] = {"delay": 0, "concurrency": 8}
        towns.more = {"archive": {"path": str(archive), "busy_seconds": 600}}
        running.yange.configure(towns)
        with daemon(running.yange) as started:
            started.heard("daemon_started")
            running.run_now("town1")
            started.heard("order_published")
            with held(archive, STUMBLE):
                pass
            running.worker()
            started.heard("spool_not_ingested")
            [spool] = (tmp_path / "spools").glob("*/orders/*/spools/*")
            os.link(spool, tmp_path / "spool.warc.gz")
            with held(archive, "SELECT 1") as other:
                assert half_recorded(other)
                child = ingest_of(started)
                started.process.kill()
                started.process.wait()
                # It leaves although it is waiting for the archive.
                until(lambda: not is_there(child))
        assert running.yange.read("status")["fleet"]["open_orders"] == 1
        assert [one["outcome"] for one in running.yange.read("runs")] == ["running"]
        with daemon(running.yange) as started:
            started.heard("spool_not_ingested")
            with held(archive, "DROP TRIGGER stumble") as other:
                assert half_recorded(other)
                child = ingest_of(started)
                child.kill()
                until(lambda: not is_there(child))
            said = started.heard("spool_not_ingested")
            assert "the process that ingests ended before its end" in said
            started.heard("crawl_done")
            assert started.stopped() == 0
        # The order is closed, and nothing is left of it.
        assert running.yange.read("status")["fleet"]["open_orders"] == 0
        assert [one for one in (tmp_path / "spools").rglob("*") if one.is_file()] == []
        [run] = running.yange.read("runs")
        assert (run["outcome"], run["created"], run["problems"]) == ("finished", PAGES, [])
        # Undisturbed, it comes to the same.
        (tmp_path / "undisturbed").mkdir()
        towns.fleet, towns.more = None, {}
        undisturbed = Yange(tmp_path / "undisturbed", towns)
        undisturbed.run("ingest", tmp_path / "spool.warc.gz")
        assert undisturbed.run("verify").out == running.yange.run("verify").out
        assert undisturbed.read("runs") == [run]
