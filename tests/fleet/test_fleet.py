"""Crawls on other machines: whatever dies, every portal is ingested, and none is crawled twice."""

import signal
from datetime import datetime, timedelta
from pathlib import Path

from support.fleet import Towns, is_there, until
from test_daemon_crawls import SHANGHAI, daemon


def whose(workers, name):
    """The worker that crawls this town."""
    return next(
        one
        for one in workers
        if any(
            "event=crawl_started " in line and f" portal={name} " in line
            for line in one.said.splitlines()
        )
    )


def done(daemon, count):
    """Wait for so many crawls to have ended well; the portals."""
    ends = ("crawl_done", "crawl_incomplete", "crawl_failed", "crawl_ended")
    lines = [daemon.heard(*ends) for _ in range(count)]
    assert [line for line in lines if "event=crawl_done " not in line] == []
    return {line.partition(" portal=")[2].split()[0] for line in lines}


def runs(running):
    """Portal and outcome of each run, oldest first."""
    return [(one["portal"], one["outcome"]) for one in running.yange.read("runs")[::-1]]


def said_anywhere(folder, secret):
    """The files below a folder that hold a secret, configurations apart."""
    return [
        path
        for path in Path(folder).rglob("*")
        if path.is_file() and path.suffix != ".yaml" and secret.encode() in path.read_bytes()
    ]


def test_workers_are_killed_and_frozen_and_redis_dies(fleet, tmp_path):
    """Of three workers the first is killed and the second frozen, both in mid-crawl."""
    with Towns(12, 3) as towns, fleet(tmp_path, towns) as running:
        workers = [running.worker(crawls=1) for _ in range(3)]
        first = {name: towns.towns[name] for name in ("town1", "town2", "town3")}
        released = {name: towns.hold(name) for name in first}
        with daemon(running.yange) as started:
            started.heard("daemon_started")
            for name in first:
                running.run_now(name)
            until(lambda: all(map(towns.is_held, first)))
            for name in towns.towns.keys() - first.keys():
                running.run_now(name)
            # Leases outlast a broker that is away for a moment, and so do orders.
            running.redis.kill()
            running.redis.start()
            killed, frozen = whose(workers, "town1"), whose(workers, "town2")
            children = killed.crawls()
            assert children
            killed.signal(signal.SIGKILL)
            frozen.signal(signal.SIGSTOP)
            for name in first:
                towns.heal(name)
            released["town3"].set()
            assert done(started, 12) == set(towns.towns)
            # No orphan: the children of the killed one are gone.
            until(lambda: not any(map(is_there, children)))
            # It answers at last, and finds out that its time is long over.
            asked = len(first["town2"].site.requests)
            frozen.signal(signal.SIGCONT)
            released["town2"].set()
            until(lambda: not frozen.crawls())
            assert len(first["town2"].site.requests) == asked
            state = running.yange.read("status")
            assert state["fleet"]["open_orders"] == 0
            assert state["fleet"]["paused"] is None
            assert started.stopped() == 0
        workers.remove(killed)
        assert [one.stopped() for one in workers] == [0, 0]
        assert "the permit to ask the portal was lost" in frozen.said
        assert towns.crawls_met() == []
        assert sorted(runs(running)) == sorted((name, "finished") for name in towns.towns)
        assert len(running.yange.list()) == 12 * 3
        assert running.yange.run("verify").out.startswith("everything holds")
        # Nothing is left of orders and spools, and no password went anywhere.
        assert [path for path in (tmp_path / "spools").rglob("*") if path.is_file()] == []
        assert said_anywhere(tmp_path, running.redis.password) == []


def test_orders_outlive_daemons_workers_and_redis_and_travel_by_s3(fleet, bucket, tmp_path):
    """And what the fleet finds is what a crawl on this machine finds."""
    with Towns(3, 3) as towns, fleet(tmp_path, towns, **bucket) as running:
        worker = running.worker(crawls=2)
        released = towns.hold("town1")
        with daemon(running.yange) as started:
            started.heard("daemon_started")
            running.run_now("town1")
            until(lambda: towns.is_held("town1"))
            # A daemon that ends leaves the order open: whoever crawls for it goes on.
            assert started.stopped() == 0
        assert running.yange.read("status")["fleet"]["open_orders"] == 1
        assert runs(running) == []
        running.redis.kill()
        running.redis.empty()
        running.redis.start()
        towns.heal("town1")
        released.set()
        # The next daemon waits for it, although nothing might begin at this hour.
        opens = datetime.now(SHANGHAI) + timedelta(hours=6)
        window = f"{opens:%H:%M}-{opens + timedelta(hours=1):%H:%M}"
        towns.towns["town1"].settings["politeness"]["window"] = window
        running.yange.configure(towns)
        with daemon(running.yange) as started:
            started.heard("broker_was_empty")
            assert done(started, 1) == {"town1"}
            # A crawl that is killed leaves no orphan, and is begun again.
            released = towns.hold("town2")
            running.run_now("town2")
            until(lambda: towns.is_held("town2"))
            [child] = worker.crawls()
            towns.heal("town2")
            child.kill()
            assert done(started, 1) == {"town2"}
            released.set()
            assert "its process died with signal 9" in worker.said
            # A worker that is told to stop delivers what it has, and the rest is for another.
            released = towns.hold("town3")
            running.run_now("town3")
            until(lambda: towns.is_held("town3"))
            towns.heal("town3")
            released.set()
            assert worker.stopped() == 0
            running.worker()
            assert done(started, 1) == {"town3"}
            assert started.stopped() == 0
        assert towns.crawls_met() == []
        assert ("town1", "finished") in runs(running)
        assert runs(running)[-1] == ("town3", "finished")
        assert running.yange.run("verify").out.startswith("everything holds")
        assert said_anywhere(tmp_path, bucket["secret_key"]) == []
        found = running.yange.list()
        towns.fleet = None
        (tmp_path / "here").mkdir()
        here = type(running.yange)(tmp_path / "here", towns)
        here.run("crawl", "town3", "--mode", "sweep")
        there = [one for one in found if one["portal"] == "town3"]
        assert list(map(timeless, there)) == list(map(timeless, here.list()))


def timeless(document):
    """A document without when it was seen."""
    return {key: value for key, value in document.items() if key not in SEEN}


SEEN = {"first_seen", "last_changed", "last_checked"}
