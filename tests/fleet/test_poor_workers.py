"""Workers that are not well use up no attempts, and do not keep orders from those that are."""

from support.fleet import Towns, until
from test_daemon_crawls import daemon

from fleet.test_fleet import done

BROKEN = """import os, sys
if "carry-out" in sys.orig_argv:
    os._exit(7)
"""


def attempts(folder):
    return list(folder.glob("spools/*/orders/*/attempts/*"))


def test_a_worker_whose_crawls_cannot_begin_costs_no_attempt(fleet, tmp_path):
    """As where its Python was upgraded under it, or has no memory left to start with."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    with Towns(1, 2) as towns, fleet(tmp_path, towns, attempts=1) as running:
        broken = running.worker(environment={"PYTHONPATH": str(tmp_path)})
        with daemon(running.yange) as started:
            started.heard("daemon_started")
            running.run_now("town1")
            started.heard("order_published")
            until(lambda: 'reason="its process left with status 7"' in broken.said)
            until(lambda: attempts(tmp_path) == [])
            state = running.yange.read("status")
            assert (state["fleet"]["open_orders"], state["fleet"]["waiting_orders"]) == (1, 1)
            running.worker()
            assert done(started, 1) == {"town1"}
            assert started.stopped() == 0
        [run] = running.yange.read("runs")
        assert (run["outcome"], run["problems"]) == ("finished", [])


def test_an_order_that_came_to_nothing_is_for_other_workers_first(fleet, tmp_path):
    with Towns(1, 2) as towns, fleet(tmp_path, towns, attempts=50) as running:
        worker = running.worker(crawls=1)
        released = towns.hold("town1")

        def is_left_to_others():
            for child in worker.crawls():
                child.kill()
            return "other workers come first" in worker.said

        with daemon(running.yange) as started:
            started.heard("daemon_started")
            running.run_now("town1")
            until(lambda: towns.is_held("town1"))
            assert len(attempts(tmp_path)) == 1
            until(is_left_to_others)
            running.worker()

            def standing():
                return running.yange.read("status")["fleet"]

            until(lambda: len(attempts(tmp_path)) > 1 and standing()["retried_orders"] == 1)
            assert "1 begun more than once" in running.yange.run("status").out
            towns.heal("town1")
            released.set()
            assert done(started, 1) == {"town1"}
            assert started.stopped() == 0
