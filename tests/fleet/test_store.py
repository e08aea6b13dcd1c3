"""The store, in a folder and in a bucket: a name is seen when the whole file is there."""

import pytest

from crawler.replica.server import Answer, LoopbackSite
from scheduler.fleet.papers import DamagedError, Delivery, Papers, Shelf, digest
from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.store import NotStoredError, Store, StoreError, TakenError


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    """Either kind."""
    (tmp_path / "store").mkdir()
    keys = {"spools": str(tmp_path / "store")}
    if request.param == "bucket":
        keys = request.getfixturevalue("bucket")
    return Store(FleetSettings(broker="redis://127.0.0.1", **keys))


def test_a_name_is_given_once(store):
    store.create("once/a", b"first")
    with pytest.raises(TakenError):
        store.create("once/a", b"second")
    assert store.read("once/a") == b"first"
    store.remove(["once/a", "once/never"])
    with pytest.raises(NotStoredError):
        store.read("once/a")
    store.create("once/a", b"third")
    assert [(one.name, one.size) for one in store.names("once")] == [("once/a", 5)]
    store.remove_below("once")
    assert list(store.names("once")) == []


def test_a_large_file_comes_back_as_it_was(store, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 80_000)  # in several parts
    store.upload("large/one", large)
    store.download("large/one", tmp_path / "back")
    assert digest(tmp_path / "back") == digest(large)
    with pytest.raises(NotStoredError):
        store.download("large/two", tmp_path / "back")
    store.remove_below("large")


def test_of_two_deliveries_the_first_counts(store, tmp_path):
    papers = Papers(store, "daemon", "order")
    order, spool = tmp_path / "order", tmp_path / "spool"
    order.write_bytes(b"an order")
    spool.write_bytes(b"a spool")
    papers.put_order(order)
    assert papers.is_open()
    papers.get_order(tmp_path / "fetched", digest(order))
    with pytest.raises(DamagedError):
        papers.get_order(tmp_path / "fetched", "0" * 64)
    for attempt in ("one", "two"):
        papers.begin(attempt, "worker")
        papers.put_spool(attempt, spool)
        papers.deliver(
            Delivery(attempt=attempt, worker="w", spool=attempt, size=7, sha256=digest(spool))
        )
    assert papers.attempts() == 2
    assert not papers.is_open()
    delivery = papers.delivery()
    assert delivery.attempt == "one"
    papers.get_spool(delivery, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"a spool"
    shelf = Shelf(store, "daemon")
    assert shelf.delivered() == {"order"}
    # The second spool counts for nothing, and is not kept.
    assert shelf.lying()["order"] == (7, 2)
    papers.give_back("two")
    assert papers.attempts() == 1
    papers.take_back()
    assert papers.is_open()
    papers.remove()
    assert not papers.is_open()
    assert (shelf.delivered(), shelf.lying()) == (set(), {})


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    missing = tmp_path / "not-mounted"
    with pytest.raises(StoreError, match="not-mounted cannot be used"):
        Store(FleetSettings(broker="redis://127.0.0.1", spools=str(missing)))
    assert not missing.exists()


def test_a_store_that_answers_500_is_told_in_one_sentence(tmp_path):
    with LoopbackSite(lambda _request: Answer.html("sorry", status=500)) as site:
        store = Store(
            FleetSettings(
                broker="redis://127.0.0.1",
                spools="s3://bucket",
                endpoint=site.url("").rstrip("/"),
                access_key="AKIA0123456789",
                secret_key="secret-of-the-store",
            )
        )
        with pytest.raises(StoreError) as error:
            store.read("order")
    said = str(error.value)
    assert "s3://bucket cannot be used" in said
    assert "\n" not in said
    assert "secret" not in said
