"""Daemons and workers that share a fleet: none crawls what another does, nothing is mixed up."""

from support.fleet import Towns, until
from support.yange import Yange
from test_daemon_crawls import daemon

from fleet.test_fleet import done


def put_off(worker, order):
    """How often a worker was offered an order whose hosts were being crawled."""
    return sum(
        f" order={order} " in line and "the hosts are being crawled" in line
        for line in worker.said.splitlines()
    )


def is_put_off(workers, order):
    return any(put_off(one, order) for one in workers)


def is_begun(workers, order):
    return any(
        "event=crawl_started " in line and f" order={order} " in line
        for one in workers
        for line in one.said.splitlines()
    )


def order_of(line):
    return line.partition(" order=")[2].split()[0]


def test_a_crawl_longer_than_the_redelivery_is_one_attempt(fleet, tmp_path):
    with Towns(1, 3) as towns, fleet(tmp_path, towns, attempts=1) as running:
        workers = [running.worker(crawls=1) for _ in range(2)]
        released = towns.hold("town1")
        with daemon(running.yange) as started:
            started.heard("daemon_started")
            running.run_now("town1")
            order = order_of(started.heard("order_published"))
            until(lambda: towns.is_held("town1"))
            # It is offered again and again while it is well.
            until(lambda: sum(put_off(one, order) for one in workers) >= 3)
            [attempt] = (tmp_path / "spools").glob("*/orders/*/attempts/*")
            assert attempt.is_file()
            released.set()
            assert done(started, 1) == {"town1"}
            # What is still on its way for it comes to nothing.
            until(lambda: any("order_closed" in one.said for one in workers))
            assert started.stopped() == 0
        [run] = running.yange.read("runs")
        assert (run["outcome"], run["created"], run["problems"]) == ("finished", 3, [])
        assert towns.crawls_met() == []


def test_two_daemons_share_hosts_and_workers(fleet, tmp_path):
    """Their portals have the same names and hosts, and archives of their own."""
    with Towns(2, 3) as towns, fleet(tmp_path, towns) as running:
        workers = [running.worker(crawls=2) for _ in range(2)]
        (tmp_path / "other").mkdir()
        other = Yange(tmp_path / "other", towns)
        released = {name: towns.hold(name) for name in towns.towns}
        with daemon(running.yange) as one, daemon(other) as two:
            one.heard("daemon_started")
            two.heard("daemon_started")
            running.run_now("town1")
            running.run_now("town1", other)
            running.run_now("town2", other)
            running.run_now("town2")
            orders = [order_of(each.heard("order_published")) for each in (one, one, two, two)]
            until(lambda: all(map(towns.is_held, towns.towns)))
            until(lambda: all(is_begun(workers, one) or is_put_off(workers, one) for one in orders))
            for name in towns.towns:
                towns.heal(name)
                released[name].set()
            assert done(one, 2) == set(towns.towns)
            assert done(two, 2) == set(towns.towns)
            assert (one.stopped(), two.stopped()) == (0, 0)
        assert towns.crawls_met() == []
        for each in (running.yange, other):
            assert [(run["outcome"], run["created"]) for run in each.read("runs")] == [
                ("finished", 3)
            ] * 2
            assert each.run("verify").out.startswith("everything holds: 6 documents")
        assert [path for path in (tmp_path / "spools").rglob("*") if path.is_file()] == []
        assert [worker.stopped() for worker in workers] == [0, 0]
