"""`yange serve` as a process, and what holds nobody up in it: time, size, and others' work."""

import asyncio
import os
import re
import signal
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
from support.room import Room, sources_of
from support.shelf import Shelf
from support.site import Record, Town
from support.yange import FAILED, FINISHED, MISUSED, Yange

from archive.comparison import State
from archive.errors import BusyError, TookTooLongError
from archive.fields import Fields
from archive.room import comparing
from archive.room.apart import Apart
from archive.room.memory import Memory
from archive.room.staff import Lane, Staff


@pytest.fixture(scope="module")
def yange(tmp_path_factory):
    with Town() as town:
        town.publish(Record(title="关于印发办法的通知", number="/2025-00001"), "/gk/1/index.html")
        yange = Yange(tmp_path_factory.mktemp("serving"), town)
        yange.crawl()
        yield yange


@contextmanager
def served(yange, *options):
    """A room that is served: the process, and its address as it was told."""
    with yange.started("serve", "--port", "0", *options) as process:
        told = process.stdout.readline()
        found = re.fullmatch(r"the reading room is open at (http://\S+)\n", told)
        assert found, (told, process.stderr.read())
        yield process, found[1]


# --- the process ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_when_told_to(yange, sign):
    with served(yange) as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        assert httpx.get(f"{address}documents/1").status_code == 200
        # Neither who is being answered nor who says nothing is waited for.
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            process.send_signal(sign)
            assert process.wait(20) == FINISHED
        assert "Traceback" not in process.stderr.read()


def test_what_crawls_record_is_there_to_be_read_at_once(yange):
    with served(yange) as (_, address):
        before = httpx.get(f"{address}api/runs").json()["items"]
        yange.crawl()
        assert len(httpx.get(f"{address}api/runs").json()["items"]) == len(before) + 1


def test_a_run_is_shown_with_what_it_logged(yange):
    configured = yange.configuration.read_text(encoding="utf-8")
    log = yange.archive.with_name("log.jsonl")
    yange.configuration.write_text(f"{configured}log: {{file: {log}}}\n", encoding="utf-8")
    try:
        run = yange.crawl()
        with served(yange) as (_, address):
            events = httpx.get(f"{address}api/runs/{run['id']}/log").json()["items"]
            assert "run_finished" in {one["event"] for one in events}
            assert {one["run_id"] for one in events} == {run["id"]}
            graver = httpx.get(f"{address}api/runs/{run['id']}/log", params={"level": "error"})
            assert graver.json()["items"] == []
    finally:
        yange.configuration.write_text(configured, encoding="utf-8")


def test_an_address_that_cannot_be_listened_at_is_named_in_a_sentence(yange):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = yange.run("serve", "--port", port, status=FAILED)
    assert f"cannot listen at 127.0.0.1 port {port}: address already in use" in refused.err
    assert "no address" in yange.run("serve", "--host", "no.such.invalid", status=FAILED).err


def test_there_is_nothing_to_show_before_there_is_an_archive(tmp_path):
    with Town() as town:
        assert "yange crawl" in Yange(tmp_path, town).run("serve", status=FAILED).err


def test_tokens_are_made_listed_and_removed(yange):
    made = yange.run("token", "compliance").out.strip()
    try:
        assert len(made) == 43
        [listed] = yange.read("token")
        assert listed["name"] == "compliance"
        assert made not in yange.run("token").out
        assert "already" in yange.run("token", "compliance", status=MISUSED).err
        assert "letters" in yange.run("token", "a b", status=MISUSED).err
        with served(yange, "--host", "0.0.0.0") as (_, address):
            here = address.replace("0.0.0.0", "127.0.0.1")
            assert httpx.get(f"{here}api/runs").status_code == 401
            bearer = {"Authorization": f"Bearer {made}"}
            assert httpx.get(f"{here}api/runs", headers=bearer).status_code == 200
    finally:
        yange.run("token", "compliance", "--remove")
    assert yange.read("token") == []
    assert "no token" in yange.run("token", "compliance", "--remove", status=MISUSED).err


# --- within limits --------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path / "archive.db")
    shelf.put({"gk/1": {"text": "第一条\n第二条"}})
    shelf.put({"gk/1": {"text": "第一条\n第二款"}})
    return shelf


def test_what_takes_too_long_is_given_up(shelf):
    with shelf.catalogue() as catalogue, pytest.raises(TookTooLongError), catalogue.within(0):
        list(catalogue.changes())
        catalogue.totals()
        # Everything that is asked is looked at anew: a small archive answers in few steps.
        for _ in range(2000):
            list(catalogue.documents())


def test_a_question_can_be_given_up_from_outside(shelf):
    with (
        shelf.catalogue() as catalogue,
        pytest.raises(TookTooLongError),
        catalogue.within(3600, or_when=lambda: True),
    ):
        for _ in range(2000):
            list(catalogue.documents())


def test_work_apart_is_ended_in_time_and_begun_again():
    hasty = Apart(seconds=0.0)
    try:
        for _ in range(2):
            with pytest.raises(TookTooLongError):
                hasty.do(sorted, "cba")
    finally:
        hasty.close()
    other = Apart(seconds=30.0)
    try:
        assert other.do(sorted, "cba") == ["a", "b", "c"]
        process = other._process.pid
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            other.do(divmod, 1, 0)
        # Memory without end is not had: the process dies of it, and this one does not.
        with pytest.raises(TookTooLongError):
            other.do(bytes, 1 << 33)
        assert other.do(os.getpid) != process
    finally:
        other.close()
    with pytest.raises(TookTooLongError):
        other.do(sorted, "cba")


def test_texts_that_nobody_reads_side_by_side_are_not_compared(shelf):
    other = Apart()
    try:
        long = State(Fields(title="长"), "长" * (comparing.MOST_CHARACTERS + 1), ())
        many = State(Fields(title="多"), "行\n" * comparing.MOST_LINES, ())
        short = State(Fields(title="短"), "短", ())
        for one in (long, many):
            with pytest.raises(comparing.TooLongToCompareError):
                comparing.compare_apart(other, one, short)
        assert comparing.compare_apart(other, short, short).is_empty
    finally:
        other.close()


def test_too_long_texts_are_said_to_be_on_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_LINES", 2)
    shelf = Shelf(tmp_path / "archive.db")
    shelf.put({"gk/1": {"text": "一\n二\n三\n四"}})
    shelf.put({"gk/1": {"text": "一\n二\n三\n五"}})
    with Room(shelf.path, shelf) as room:
        assert room.get("/documents/1/compare/1...2").status_code == 422
        assert room.get("/api/documents/1/compare/1...2").status_code == 422


def test_clients_take_turns_however_much_one_of_them_asks(shelf):
    """One thread: what the many ask waits, and the other's turn comes after the next of theirs."""

    staff, told, go_on = Staff(sources_of(shelf.path, shelf)), [], threading.Event()

    async def ask(client):
        def question(_help):
            go_on.wait(30)
            told.append(client)

        await staff.ask(question, Lane.DOWNLOAD, client)

    async def everybody():
        many = [asyncio.create_task(ask("many")) for _ in range(5)]
        await asyncio.sleep(0)
        other = asyncio.create_task(ask("other"))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*many, other)

    try:
        asyncio.run(everybody())
    finally:
        staff.close()
    assert told.index("other") <= 2


def test_too_many_who_wait_are_told_so_at_once(shelf):

    staff, go_on = Staff(sources_of(shelf.path, shelf)), threading.Event()

    async def everybody():
        async def ask(client):
            await staff.ask(lambda _help: go_on.wait(30), Lane.DOWNLOAD, client)

        asked = [asyncio.create_task(ask(str(client))) for client in range(20)]
        refused, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(one.exception(), BusyError) for one in refused)
        go_on.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert answers.count(None) == 9

    try:
        asyncio.run(everybody())
    finally:
        staff.close()


def test_ten_thousand_filters_fill_no_memory(shelf):
    memory = Memory()
    for n in range(10_000):
        memory.recall(("facets", n), 60, lambda: None)
    assert len(memory._known) <= 256


@pytest.mark.parametrize(
    "query",
    ["(a+)+$" + "a" * 40, '"' * 400, "-" * 400, "办 " * 200, "%_*?[]{}\\", "\u0000", "AND OR NOT"],
)
def test_odd_queries_are_answered_like_others(shelf, query):
    with Room(shelf.path, shelf) as room:
        for path in ("/documents", "/api/search", "/changes"):
            assert room.get(path, params={"q": query}).status_code in (200, 400)
