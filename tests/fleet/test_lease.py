"""The lease: hosts belong to one crawl at a time, and whoever loses them knows it first."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fleet import Redis, until

from crawler.fence import HostEntry
from crawler.settings import PortalSettings
from scheduler.fleet.broker import Broker, BrokerError
from scheduler.fleet.hosts import keys_of, meet
from scheduler.fleet.lease import Lease
from scheduler.fleet.settings import FleetSettings

SECONDS = 1.0
LONG = 4.0
"""For leases that have to be renewed in time, however busy the machine is."""


@pytest.fixture(scope="module")
def server(needs_redis, tmp_path_factory):
    running = Redis(tmp_path_factory.mktemp("lease") / "redis")
    yield running
    running.kill()


@pytest.fixture
def lease(server):
    """Leases by hosts and token."""
    server.client.flushall()
    taken = []

    def of(*hosts, token, seconds=SECONDS):
        taken.append(Lease(server.client, "host:", hosts, token, seconds))
        return taken[-1]

    yield of
    for one in taken:
        one.release()


def test_all_hosts_or_none(lease):
    first, second = lease("a", "b", token="1"), lease("b", "c", token="2")
    assert first.take()
    assert not second.take()
    # What it had got by then is free again.
    assert lease("c", token="3").take()
    first.release()
    assert not first.holds()
    assert not second.take()


def test_hosts_that_are_spelt_otherwise_are_kept_too(lease):
    first = lease("*.gov.cn", "localhost|8080", token="1")
    assert first.take()
    for host in ("www.gov.cn", "*.city.gov.cn|80", "localhost"):
        # What is free of it stays free.
        assert not lease("other.cn", host, token="2").take()
    assert lease("gov.cn", "localhost|80", "other.cn", token="3").take()
    first.release()
    assert lease("www.gov.cn", token="4").take()


def test_the_same_token_takes_it_over_in_another_process(lease):
    parent, child = lease("a", token="1"), lease("a", token="1")
    assert parent.take()
    assert child.take()
    parent.release()
    assert lease("a", token="2").take()


def test_whoever_does_not_renew_it_knows_before_anybody_else_is_let_in(lease):
    first, second = lease("a", token="1"), lease("a", token="2")
    assert first.take()
    until(second.take)
    assert not first.holds()


def test_it_is_kept_for_as_long_as_it_is_renewed(lease):
    first = lease("a", token="1", seconds=LONG)
    assert first.take()
    deadline = first._deadline
    first.keep()
    until(lambda: first._deadline > deadline + LONG)
    assert not lease("a", token="2").take()


def test_it_is_left_to_the_process_that_it_is_handed_on_to(lease):
    first = lease("a", token="1", seconds=0.3)
    assert first.take()
    first.keep(lambda: True)
    until(lease("a", token="2").take)


def test_a_redis_that_lost_its_data_gets_it_back(lease, server):
    first = lease("a", token="1", seconds=LONG)
    assert first.take()
    first.keep()
    server.client.flushall()
    until(server.client.keys)
    assert first.holds()
    assert not lease("a", token="2").take()


def test_what_somebody_else_has_by_now_is_lost(lease, server):
    first, second = lease("a", token="1"), lease("a", token="2")
    assert first.take()
    server.client.flushall()
    assert second.take()
    first.keep()
    until(lambda: not first.holds())
    first.release()
    assert second.take()


def test_nobody_is_let_in_by_a_redis_that_has_only_just_come_up(needs_redis, tmp_path):
    server = Redis(tmp_path / "redis")
    try:
        settings = {"broker": server.url, "spools": str(tmp_path), "lease_seconds": 2}
        broker = Broker(FleetSettings(**settings))
        broker.remember("daemon")
        first = time.monotonic()
        until(lambda: broker.may_lease("daemon"))
        assert time.monotonic() - first > 1
        assert not broker.may_lease("another daemon, which has not seen it yet")
        assert broker.weaknesses() == []
        server.kill()
        with pytest.raises(BrokerError) as error:
            broker.knows("daemon")
        assert server.password not in str(error.value)
    finally:
        server.kill()


names = st.sampled_from(["gov.cn", "www.gov.cn", "a.www.gov.cn", "b.gov.cn", "other.cn"])
entries = st.builds(
    lambda name, wild, port: f"{'*.' if wild else ''}{name}{port}",
    names,
    st.booleans(),
    st.sampled_from(["", ":80", ":8080"]),
)
portals = st.lists(st.lists(entries, min_size=1, max_size=3), min_size=2, max_size=4)
PLACES = [
    (host, port)
    for host in ("gov.cn", "www.gov.cn", "a.www.gov.cn", "b.gov.cn", "x.b.gov.cn", "other.cn")
    for port in (80, 443, 8080)
] + [(f"x.{name}", port) for name in ("a.www.gov.cn", "other.cn") for port in (80, 443, 8080)]


def reached(entries):
    """What a portal with these hosts can ask."""
    read = [HostEntry.parse(one) for one in entries]
    return {
        (host, port)
        for host, port in PLACES
        if any(one.matches(host) and one.port in (None, port) for one in read)
    }


@given(portals)
def test_portals_meet_if_and_only_if_they_have_a_host_in_common(hosts):
    keys = [keys_of(PortalSettings.model_construct(hosts=tuple(one))) for one in hosts]
    for one, mine in zip(hosts, keys, strict=True):
        for other, his in zip(hosts, keys, strict=True):
            both = reached(one) & reached(other)
            assert any(meet(a, b) for a in mine for b in his) == bool(both)
