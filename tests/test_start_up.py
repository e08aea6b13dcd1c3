"""What a command loads: what it needs and no more, since people and scripts start many of them."""

import subprocess

import pytest
from support import warm
from support.site import Record, Town
from support.yange import FINISHED, ROOT, Yange

FOR_CRAWLS = {"scrapy", "twisted", "lxml", "protego"}
FOR_THE_DAEMON = {"apscheduler", "structlog"}
FOR_MIGRATIONS = {"sqlite_utils"}
FOR_PAGES = {"jinja2"}
FOR_THE_FLEET = {"celery", "kombu", "obstore", "redis"}

TELLING = """
import atexit, runpy, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__")
"""
"""Runs the module that is named first, and says at last what has been loaded."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """What commands load, as modules' full names, on a portal with a timetable and an archive."""
    with Town(timetable={"discover": "*/30 * * * *", "sweep": "every 2d"}) as town:
        town.publish(
            Record(title="关于印发管理办法的通知", number="/2025-00001"), "/gk/1/index.html"
        )
        yange = Yange(tmp_path_factory.mktemp("start-up"), town)
        yange.crawl()

        def of(*arguments):
            python, _, module, *rest = yange.command(*arguments)
            done = subprocess.run(
                [python, "-c", TELLING, module, *rest],
                cwd=ROOT,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert done.returncode == FINISHED, done.stderr
            return set(done.stderr.splitlines()[-1].split())

        yield of


def packages(modules):
    return {name.partition(".")[0] for name in modules}


def test_a_command_that_reads_loads_nothing_of_what_crawls_keeps_time_or_migrates(loaded):
    found = packages(loaded("list", "--json"))
    assert {"archive", "sqlite3"} <= found
    unused = FOR_CRAWLS | FOR_THE_DAEMON | FOR_MIGRATIONS | FOR_PAGES | FOR_THE_FLEET
    assert found & unused == set()


def test_a_crawl_loads_what_it_is_made_of_and_nothing_that_scrapy_has_besides(loaded):
    """R19: no telnet, no remote control, no proxy, no cookies; not even loaded."""
    modules = loaded("crawl")
    parts = {name.removeprefix("scrapy.") for name in modules if name.startswith("scrapy.")}
    assert {name for name in parts if name.startswith("extensions.")} == {
        "extensions.corestats",
        "extensions.logstats",
    }
    assert {name for name in parts if name.startswith("downloadermiddlewares.")} == {
        "downloadermiddlewares.defaultheaders",
        "downloadermiddlewares.downloadtimeout",
        "downloadermiddlewares.httpcompression",
        "downloadermiddlewares.redirect",
        "downloadermiddlewares.retry",
        "downloadermiddlewares.stats",
        "downloadermiddlewares.useragent",
    }
    brought_along = {"aiohttp", "requests", "tldextract"} | FOR_THE_FLEET
    found = packages(modules)
    assert found & (brought_along | {"apscheduler"} | FOR_MIGRATIONS | FOR_PAGES) == set()


def test_what_the_tests_run_as_forks_ends_as_it_does_from_cold(tmp_path):
    with Town() as town:
        yange = Yange(tmp_path, town)
        yange.crawl()
        for words in (["list", "--json"], ["runs"], ["show", "不存在"], ["list", "--nothing"]):
            command = yange.command(*words)
            cold = subprocess.run(
                command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
            )
            forked = warm.run(*command[2:])
            assert (forked.returncode, forked.stdout, forked.stderr) == (
                cold.returncode,
                cold.stdout,
                cold.stderr,
            )
