"""What is done for several archives at once: the daemon, its figures, messages and feeds."""

import json
import signal
import subprocess

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.county import County
from support.site import Record, Town
from support.targets import Webhook
from support.yange import FAILED, ROOT

from scheduler.configuration import load
from scheduler.monitor.service import Monitor

FEES = Record(title="停车收费管理办法", number="N0/2025-00001")
LOTS = Record(title="停车场管理办法", number="S0/2025-00001")


@pytest.fixture
def county():
    with Town(name="北溪市人民政府") as north, Town(name="南溪市人民政府") as south:
        north.publish(FEES, "/gk/1/index.html")
        south.publish(LOTS, "/gk/1/index.html")
        yield County("archives/{portal}/archive.db", north=north, south=south)


def test_rules_and_feeds_tell_of_all_portals(county, tmp_path):
    with Webhook() as webhook:
        county.further = {
            "notify": [
                {"name": "all", "to": webhook.url("/all")},
                {"name": "south", "to": webhook.url("/south"), "portals": ["south"]},
            ],
            "feeds": {"folder": "feeds"},
            "room": {"url": "https://room.example.org/"},
        }
        yange = county.yange(tmp_path)
        yange.run("crawl", "--mode", "sweep")
        assert "nothing to tell" in yange.run("notify", "--send").out
        county.towns["north"].publish(FEES.but(validity="废止"), "/gk/1/index.html")
        yange.run("crawl", "north", "--mode", "sweep")
        yange.run("notify", "--send")
        assert (len(webhook.taken("/all")), webhook.taken("/south")) == (1, [])
        county.towns["south"].publish(LOTS.but(validity="废止"), "/gk/1/index.html")
        yange.run("crawl", "south", "--mode", "sweep")
        yange.run("notify", "--send")
        assert "nothing to tell" in yange.run("notify", "--send").out
        first, second = (post["message"] for post in webhook.taken("/all"))
        assert FEES.title in first
        assert "https://room.example.org/portals/north/documents/1/compare/1...2" in first
        assert LOTS.title in second
        assert "https://room.example.org/portals/south/documents/1/compare/1...2" in second
        assert len(webhook.taken("/south")) == 1
    feed = json.loads((tmp_path / "feeds/feed.json").read_bytes())
    assert [item["title"].split("：")[0].split(" — ")[0] for item in feed["items"]]
    assert {tag for item in feed["items"] for tag in item["tags"]} >= {"north", "south"}
    own = json.loads((tmp_path / "feeds/feed-north.json").read_bytes())
    assert own["items"] == [item for item in feed["items"] if "north" in item["tags"]]
    # What belongs to no one portal lies by itself.
    assert (tmp_path / "archives/_/archive.db.notify").exists()


def test_rules_that_cannot_read_an_archive_tell_nothing_twice(county, tmp_path):
    """An archive that is away for a while is no news when it is back."""
    with Webhook() as webhook:
        yange = county.yange(tmp_path)
        yange.run("crawl", "--mode", "sweep")
        path = tmp_path / "archives/south/archive.db"
        whole = path.read_bytes()
        county.further = {"notify": [{"name": "all", "to": webhook.url("/all"), "baseline": True}]}
        yange = county.yange(tmp_path)
        path.write_bytes(b"nothing like a database" * 99)
        assert "nothing to tell" in yange.run("notify", "--send").out
        path.write_bytes(whole)
        assert "nothing to tell" in yange.run("notify", "--send").out
        assert webhook.taken("/all") == []


def test_health_and_metrics_are_of_every_archive(county, tmp_path):
    yange = county.yange(tmp_path)
    yange.run("crawl", "--mode", "sweep")
    yange.run("verify")

    def seen():
        monitor = Monitor(load(yange.configuration))
        monitor.start()
        try:
            health = httpx.get(f"http://{monitor.address}/health", timeout=30)
            text = httpx.get(f"http://{monitor.address}/metrics", timeout=30).text
        finally:
            monitor.stop()
        samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
        return health.json(), {
            (one.name, one.labels.get("portal")): one.value
            for one in samples
            if "mode" not in one.labels
        }

    county.further = {"monitor": {"listen": "127.0.0.1:0"}}
    yange.configure(county)
    health, metrics = seen()
    assert (health["status"], health["ready"]) == ("ok", True)
    for portal in ("north", "south"):
        assert metrics["yange_archive_readable", portal] == 1
        assert metrics["yange_documents", portal] == 1
        assert metrics["yange_last_verify_problems", portal] == 0
    (tmp_path / "archives/south/archive.db").write_bytes(b"nothing like a database" * 99)
    health, metrics = seen()
    assert (health["status"], health["ready"]) == ("failing", False)
    assert [reason.split(":")[0] for reason in health["reasons"]] == ["south"]
    assert metrics["yange_archive_readable", "south"] == 0
    assert metrics["yange_documents", "north"] == 1
    assert ("yange_documents", "south") not in metrics
    told = yange.run("status", status=FAILED).out
    assert "is damaged or is not an archive" in told
    assert "1 documents, 1 versions" in told


def test_a_daemon_crawls_each_portal_into_its_own_archive(county, tmp_path):
    for town in county.towns.values():
        town.settings["timetable"] = {"sweep": "every 30d"}
    yange = county.yange(tmp_path)
    said = (tmp_path / "said").open("w", encoding="utf-8")
    with (
        said,
        subprocess.Popen(
            yange.command("run"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said
        ) as process,
    ):
        try:
            while yange.read("status")["daemon"]["pid"] != process.pid:
                assert process.poll() is None
            for job in ("north/sweep", "south/sweep"):
                yange.run("run-now", job)
            while {row["portal"] for row in finished(yange)} != {"north", "south"}:
                assert process.poll() is None
            yange.run("pause", "north/sweep")
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
        finally:
            process.kill()
    assert {row["id"] for row in finished(yange)} == {1}
    told = yange.read("status")
    assert [job["paused"] is not None for job in told["jobs"] if job["mode"] == "sweep"] == [
        *(True, False)
    ]
    assert [one["documents"] for one in told["archives"]] == [1, 1]
    beside = {path.name for path in (tmp_path / "archives/_").iterdir()}
    assert {"archive.db.daemon.lock", "archive.db.daemon.json"} <= beside
    assert not (tmp_path / "archives/_/archive.db").exists()


def finished(yange):
    """The runs that have finished so far; none while there is no archive yet."""
    done = yange.run("runs", "--json", status=(0, 1, 3))
    return [row for row in done.json if row["outcome"] == "finished"] if done.out else []
