"""Without the extra `fleet`, nothing of it is imported, and nothing is missed before it is used."""

import signal
import subprocess
import sys

import pytest
from support.site import Record, Town
from support.yange import FINISHED, MISUSED, ROOT, Ended, Yange

BLOCKED = ("amqp", "billiard", "celery", "kombu", "obstore", "redis", "vine")

WITHOUT = f"""
import runpy, sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}")
sys.meta_path.insert(0, Without())
import importlib.util
found = importlib.util.find_spec
def find_spec(name, package=None):
    return None if name in {BLOCKED} else found(name, package)
importlib.util.find_spec = find_spec
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__")
"""
"""Runs the module that is named first as if the extra were not installed."""


class Bare(Yange):
    """yange without the extra."""

    def command(self, *arguments):
        python, _, module, *rest = super().command(*arguments)
        return [python, "-c", WITHOUT, module, *rest]

    def run(self, *arguments, status=FINISHED):
        """From cold: a process that has loaded the extra already shows nothing."""
        done = subprocess.run(
            self.command(*arguments), cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == status, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def town():
    with Town(timetable={"sweep": "every 1s"}) as running:
        running.publish(Record(title="关于供水的通知"), "/gk/1/index.html")
        yield running


def test_everything_else_does_without_it(town, tmp_path):
    yange = Bare(tmp_path, town)
    assert yange.crawl()["outcome"] == "finished"
    for command in (("check",), ("status",), ("list",), ("--help",), ("verify",)):
        yange.run(*command)
    said = (tmp_path / "said").open("w+", encoding="utf-8")
    with (
        said,
        subprocess.Popen(
            yange.command("run"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said
        ) as daemon,
    ):
        while "event=crawl_done " not in (tmp_path / "said").read_text(encoding="utf-8"):
            assert daemon.poll() is None
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == FINISHED


def test_its_want_is_told_in_one_sentence(town, tmp_path):
    yange = Bare(tmp_path, town)
    said = yange.configuration.read_text(encoding="utf-8")
    fleet = "engine: celery\nfleet: {broker: 'redis://127.0.0.1:1', spools: spools}\n"
    yange.configuration.write_text(said + fleet, encoding="utf-8")
    for command in ("run", "worker", "crawl"):
        told = yange.run(command, status=MISUSED)
        assert told.err == (
            "yange: crawling on other machines needs celery, redis, obstore, which a plain"
            " installation does without: pip install 'yange[fleet]'\n"
        )


def test_an_engine_that_left_orders_open_is_not_changed_under_them(town, tmp_path):
    yange = Yange(tmp_path, town)
    notes = yange.archive.with_name("archive.db.fleet.json")
    notes.write_text(
        '{"daemon": "d", "orders": [{"since": "2026-01-01T00:00:00+08:00"}], "standing": {}}',
        encoding="utf-8",
    )
    assert f"remove {notes}" in yange.run("run", status=MISUSED).err
    assert yange.read("status")["fleet"]["open_orders"] == 1
    notes.unlink()
    assert yange.read("status")["fleet"] is None


def test_the_blockade_holds():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, "celery"], capture_output=True, check=False
    )
    assert b"No module named celery" in done.stderr
