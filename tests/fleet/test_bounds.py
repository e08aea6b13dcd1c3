"""What keeps a fleet from drowning, and what is said to those who set it up wrongly."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing

import pytest
import yaml
from support.fleet import Towns, free_port, until
from support.yange import FAILED, MISUSED, ROOT
from test_daemon_crawls import daemon

from scheduler.fleet.backlog import full
from scheduler.fleet.celery_app import celery_app, publish
from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.ticket import FITTING, Ticket


def test_too_many_spools_pause_publishing_until_they_are_ingested(fleet, tmp_path):
    """Somebody else has the archive, so that nothing can be ingested for a while."""
    with Towns(2, 2) as towns:
        address = f"127.0.0.1:{free_port()}"
        towns.more = {
            "archive": {"path": str(tmp_path / "archive/archive.db"), "busy_seconds": 0},
            "monitor": {"listen": address},
        }
        bounds = {"waiting_megabytes": 1, "attempts": 1}
        with fleet(tmp_path, towns, **bounds) as running, daemon(running.yange) as started:
            worker = running.worker()
            started.heard("daemon_started")
            with closing(sqlite3.connect(running.yange.archive)) as other:
                running.run_now("town1")
                started.heard("order_published")
                other.execute("BEGIN IMMEDIATE")
                started.heard("spool_not_ingested")
                # As if it were a large one; what counts is what lies in the store.
                [spool] = (tmp_path / "spools").glob("*/orders/*/spools/*")
                with spool.with_name("broken-off").open("wb") as file:
                    file.truncate(2_000_000)
                said = started.heard("publishing_paused")
                assert "2 MB wait to be ingested, and 1 may (fleet.waiting_megabytes)" in said
                running.run_now("town2")
                state = running.yange.read("status")
                assert state["fleet"]["open_orders"] == 1
                assert state["fleet"]["spools"] == 1
                assert state["fleet"]["paused"].startswith("spools of 2 MB wait")
                shown = running.yange.run("status").out
                assert "Publishing is paused: spools of 2 MB wait to be ingested" in shown
                assert "1 order is open with the fleet" in shown
                with pytest.raises(urllib.error.HTTPError) as unwell:
                    urllib.request.urlopen(f"http://{address}/health")
                [reason] = json.load(unwell.value)["reasons"]
                assert reason.startswith("no order is published: spools of 2 MB wait")
                with urllib.request.urlopen(f"http://{address}/metrics") as answer:
                    assert fleet_metrics(answer.read().decode()) == described_metrics()
                assert towns.towns["town2"].site.requests == []
                other.rollback()
            started.heard("publishing_resumed")
            assert "portal=town2" in started.heard("order_published")
            assert "portal=town2" in started.heard("crawl_done")
            # What dies as often as it may is entered as failed.
            released = towns.hold("town2")
            towns.towns["town2"].site.clear_requests()
            running.run_now("town2")
            until(lambda: towns.is_held("town2"))
            [child] = worker.crawls()
            child.kill()
            assert "its process died with signal 9" in started.heard("crawl_failed")
            released.set()
            assert started.stopped() == 0
            last = running.yange.read("runs")[0]
            assert (last["portal"], last["outcome"]) == ("town2", "failed")
            assert last["problems"] == [
                "the crawl was begun once on the fleet's workers; the last time: its process died"
                " with signal 9"
            ]
            assert running.yange.read("status")["fleet"] == {
                "open_orders": 0,
                "oldest_since": None,
                "waiting_orders": 0,
                "retried_orders": 0,
                "spools": 0,
                "spool_bytes": 0,
                "paused": None,
            }


def fleet_metrics(text):
    return set(re.findall(r"^(yange_fleet_\w+) ", text, re.MULTILINE))


def described_metrics():
    text = (ROOT / "docs/monitor.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(yange_fleet_\w+)` \|", text, re.MULTILINE))


def test_a_full_disk_a_poor_broker_and_orders_for_others_are_told(fleet, tmp_path):
    """None of them is dropped: orders wait until things have changed."""
    with Towns(1, 1) as towns, fleet(tmp_path, towns, free_megabytes=10**9) as running:
        worker = running.worker(crawls=1)
        with daemon(running.yange) as started:
            said = started.heard("publishing_paused")
            assert "the disk with the spools has only" in said or "come up without" in said
            running.run_now("town1")
            until(lambda: "MB free" in (running.yange.read("status")["fleet"]["paused"] or ""))
            # The daemon's disk has room by now, the worker's has not.
            towns.fleet["free_megabytes"] = 0
            running.yange.configure(towns)
            started.process.send_signal(signal.SIGHUP)
            started.heard("order_published")
            until(lambda: "event=order_put_off" in worker.said)
            assert "fleet.free_megabytes" in worker.said
            assert running.yange.read("status")["fleet"]["waiting_orders"] == 1
            # A crawl by hand is let in, as nobody has the hosts; and then keeps others out.
            running.yange.run("crawl", "town1")
            towns.fleet["broker"] = "redis://127.0.0.1:1/0"
            running.yange.configure(towns)
            started.process.send_signal(signal.SIGHUP)
            assert "a daemon has to be started anew" in started.heard("configuration_refused")
            busy = running.yange.run("crawl", "town1", status=FAILED)
            assert "the broker redis://127.0.0.1:1/0 cannot be used" in busy.err
            towns.fleet["broker"] = running.redis.url
            running.yange.configure(towns)
            settings = FleetSettings(**running.settings)
            app = celery_app(settings)
            ticket = Ticket(
                order="0" * 32,
                daemon="1" * 32,
                portal="town1",
                sha256="",
                fits="0.0",
                hosts=("example.org",),
                hours=1,
                memory_mb=1,
                attempts=1,
            )
            with app.connection_for_write() as connection:
                app.send_task(
                    "yange.carry_out",
                    args=[ticket.to_message()],
                    queue=f"orders.{FITTING}",
                    connection=connection,
                )
                until(lambda: "fit 0.0" in worker.said)
                publish(app, ticket, connection)
            # Such an order is not even offered to a worker that does not fit.
            assert running.redis.client.llen("yange:orders.0.0") == 1
            until(lambda: "it waits for one of those" in worker.said)
            assert worker.stopped() == 0
            running.worker(crawls=1, free_megabytes=0)
            assert "portal=town1" in started.heard("crawl_done")
            assert started.stopped() == 0


def test_wrong_settings_are_refused_in_a_sentence_without_their_secrets(tmp_path):
    with Towns(1, 1) as towns:
        for wrong, right in (
            ({}, "fleet: is needed with `engine: celery`"),
            ({"broker": "http://:geheim@a"}, "fleet.broker: "),
            ({"broker": "redis://:geheim@a", "spools": "gs://b"}, "or s3://BUCKET/PREFIX"),
            (
                {"broker": "redis://:geheim@a", "spools": "s3://bkt", "secret_key": "geheim"},
                "access_key and secret_key go together",
            ),
            ({"broker": "redis://:geheim@a", "spools": "x", "endpoint": "http://e"}, "in a folder"),
        ):
            towns.more = {"engine": "celery"}
            if wrong:
                towns.more["fleet"] = {"spools": "spools", **wrong}
            (tmp_path / "config.yaml").write_text(towns.configuration("a.db"), encoding="utf-8")
            said = check(tmp_path, "check")
            assert right in said
            assert "geheim" not in said


def check(folder, *arguments):
    """What a command that is misused says."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scheduler", "--config", str(folder / "config.yaml")),
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == MISUSED, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_worker_wants_its_section_and_nothing_else(tmp_path):
    write = (tmp_path / "config.yaml").write_text
    write(yaml.safe_dump({"fleet": {"broker": "redis://127.0.0.1:1"}}), encoding="utf-8")
    assert "fleet.spools: is missing" in check(tmp_path, "worker")
    write(json.dumps({"fleet": {}, "portal": {}}), encoding="utf-8")
    assert "portal: {}: is no key here; keys here are timezone, log, fleet" in check(
        tmp_path, "worker"
    )
    with Towns(1, 1) as towns:
        write(towns.configuration("archive.db"), encoding="utf-8")
    assert "has no section fleet" in check(tmp_path, "worker")


@pytest.mark.parametrize(
    ("spools", "size", "free", "reason"),
    [
        (2, 1_000_000, 10.0, None),
        (2, 1_000_000, None, None),
        (3, 0, 10.0, "3 spools wait to be ingested, and 2 may (fleet.waiting_spools)"),
        (2, 1_500_001, 10.0, "spools of 2 MB wait to be ingested, and 1 may (fleet.wait"),
        (0, 0, 9.0, "the disk with the spools has only 9 MB free, and 10 are to be (fleet.free"),
    ],
)
def test_publishing_pauses_beyond_each_bound_and_not_at_it(tmp_path, spools, size, free, reason):
    settings = FleetSettings(
        broker="redis://127.0.0.1:1/0",
        spools=str(tmp_path),
        waiting_spools=2,
        waiting_megabytes=1,
        free_megabytes=10,
    )
    said = full(settings, spools, size, free)
    assert said is None if reason is None else said.startswith(reason)
