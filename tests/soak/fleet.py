"""Have a fleet crawl many portals while its parts die, and see that none is lost or crawled twice.

Three workers; in mid-crawl one is killed with all its crawls, one is frozen past its lease and
resumed, and Redis is killed and started again. Two crawls at one portal at the same time, a portal
that is not ingested, or an archive that does not verify make the exit status 1.
"""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import click
from click import echo

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fleet import LEASE, REDELIVERY, Fleet, Towns, until
from test_daemon_crawls import daemon

_PAGES = 4
_CRAWLS = 2


@click.command(help=__doc__)
@click.option("--portals", type=click.IntRange(min=10), default=200, show_default=True)
@click.option("--spools", help="s3://BUCKET/PREFIX in place of a folder.")
@click.option("--endpoint", help="The address of that store.")
def soak(*, portals: int, spools: str | None, endpoint: str | None) -> None:
    folder = Path(tempfile.mkdtemp(prefix="yange-soak-fleet-"))
    store = {} if spools is None else {"spools": spools, "endpoint": endpoint}
    with Towns(portals, _PAGES) as towns:
        running = Fleet(folder, towns, **store)
        try:
            wrong = _course(running)
        finally:
            running.close()
    for line in wrong:
        echo(line)
    if wrong:
        echo(f"it went wrong; see {folder}")
        sys.exit(1)
    shutil.rmtree(folder)
    echo(f"{portals} portals: none lost, none crawled twice at once")


def _course(running):
    towns, yange = running.towns.towns, running.yange
    killed, frozen, _ = (running.worker(crawls=_CRAWLS) for _ in range(3))
    with daemon(yange) as started:
        started.heard("daemon_started")
        began = time.monotonic()
        for name in towns:
            running.run_now(name)
        _wait_for(started, len(towns) // 4)
        until(lambda: len(killed.crawls()) == len(frozen.crawls()) == _CRAWLS)
        under_way = _under_way(killed, towns)
        killed.signal(signal.SIGKILL)
        at = time.monotonic()
        echo(f"a worker was killed with crawls of {', '.join(under_way) or 'no portal'}")
        frozen.signal(signal.SIGSTOP)
        _wait_for(started, len(towns) // 4)
        running.redis.kill()
        running.redis.start()
        frozen.signal(signal.SIGCONT)
        _wait_for(started, len(towns) - 2 * (len(towns) // 4))
        seconds = time.monotonic() - began
        started.stopped()
    echo(f"{len(towns)} portals in {seconds:.0f} s, {len(towns) / seconds:.1f} a second")
    for name in under_way:
        later = [one.monotonic for one in towns[name].site.requests if one.monotonic > at]
        told = f"after {later[0] - at:.0f} s" if later else "not, since it was delivered by then"
        echo(
            f"{name} was taken up again {told}; within {REDELIVERY + 2 * LEASE + 5:.0f} s"
            " and the wait for a free worker"
        )
    return [*_faults(running)]


def _under_way(worker, towns):
    """The towns that a worker crawls at the moment, by its own log."""
    begun, ended = set(), set()
    for line in worker.said.splitlines():
        name = line.partition(" portal=")[2].split(" ")[0]
        if "event=crawl_started " in line:
            begun.add(name)
        elif "event=crawl_done " in line:
            ended.add(name)
    return sorted((begun - ended) & towns.keys())


def _wait_for(started, crawls):
    for _ in range(crawls):
        line = started.heard("crawl_done", "crawl_incomplete", "crawl_failed", "crawl_ended")
        if "event=crawl_done " not in line:
            echo(line)


def _faults(running):
    towns, yange = running.towns, running.yange
    for name in towns.crawls_met():
        yield f"{name} was asked by two crawls at once"
    found = yange.read("runs", "--limit", "100000")
    for name in towns.towns:
        outcomes = [one["outcome"] for one in found if one["portal"] == name]
        if outcomes.count("finished") != 1:
            yield f"the runs of {name} ended as {outcomes}"
    documents = len(yange.list())
    if documents != len(towns.towns) * _PAGES:
        yield f"there are {documents} documents, {_PAGES} a portal are published"
    yield from yange.read("verify")["problems"]


if __name__ == "__main__":
    soak()
