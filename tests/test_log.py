"""`yange log`: what was logged, by run, level, portal and time, and as it is written."""

import json
import logging
import os
import signal
import threading
from datetime import datetime
from itertools import pairwise

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.site import Record, Town
from support.yange import FAILED, FINISHED, MISUSED, Yange

from scheduler import log_reader
from scheduler.cli import root
from scheduler.log_file import LogFile


class Quiet:
    """A portal that nobody crawls, with a log that is written here."""

    log = "log/yange.jsonl"

    def configuration(self, archive):
        portal = {"name": "x", "hosts": ["localhost"], "columns": ["http://localhost/"]}
        return yaml.safe_dump(
            {
                "contact": "archive@example.org",
                "archive": {"path": str(archive)},
                "log": {"file": self.log} if self.log else {},
                "portals": {"town": portal, "village": portal},
            }
        )


@pytest.fixture
def yange(tmp_path):
    return Yange(tmp_path, Quiet())


@pytest.fixture
def file(yange):
    return yange.configuration.with_name("log") / "yange.jsonl"


def line(second=0, event="x", level="info", **facts):
    """A line as yange writes it, at so many seconds after 08:00 on 1 May."""
    at = f"2026-05-01T08:{second // 60:02}:{second % 60:02}.250+08:00"
    return json.dumps({"timestamp": at, "event": event, "level": level, **facts})


def write(file, *lines, rotate_bytes=1 << 24):
    """Write lines to the log as a process does."""
    handler = LogFile(file, rotate_bytes=rotate_bytes)
    for one in lines:
        handler.handle(logging.makeLogRecord({"msg": one}))
    handler.close()


def names(found):
    return [one.get("event", one.get("unreadable")) for one in found]


def test_a_crawl_is_told_by_its_run(tmp_path):
    with Town() as town:
        town.publish(
            Record(title="关于印发管理办法的通知", number="/2025-00001"), "/gk/1/index.html"
        )
        town.publish(Record(title="关于夜市的通知", number="/2025-00002"), "/gk/2/index.html")
        settings = yaml.safe_load(town.configuration(tmp_path / "archive.db"))
        settings["log"] = {"file": "yange.jsonl"}

        class Logged:
            def configuration(self, archive):
                return yaml.safe_dump(settings, allow_unicode=True)

        yange = Yange(tmp_path, Logged())
        yange.sweep()
        town.publish(
            Record(title="关于夜市的通知", number="/2025-00002", validity="失效"),
            "/gk/2/index.html",
        )
        yange.sweep()
    found = yange.read("log", "--run", "2")
    assert {one["run_id"] for one in found} == {2}
    ours = [one for one in found if one["logger"].startswith("archive.")]
    assert names(ours) == ["run_started", "captured", "run_finished"]
    assert ours[-1]["outcome"] == "finished"
    # Of what Scrapy says of itself at the start of every crawl, nothing.
    assert {one["logger"] for one in found} - {one["logger"] for one in ours} <= {
        "scrapy.extensions.logstats"
    }
    shown = yange.run("log", "--run", "2").out.splitlines()
    assert len(shown) == len(found)
    assert "run_finished  finished  pages 3  created 0  changed 1  unchanged 1" in shown[-1]
    [captured] = [one for one in shown if "captured" in one]
    assert "town #2" in captured
    assert "version=2" in captured
    whole = yange.read("log")
    assert names(whole)[0] == "run_started"
    assert [one["timestamp"] for one in whole] == sorted(one["timestamp"] for one in whole)


def test_each_filter_alone_and_together(yange, file):
    write(
        file,
        line(0, "daemon_started"),
        line(1, "crawl_started", portal="town", job="town/sweep"),
        line(2, "captured", portal="town", run_id=1, level="warning"),
        line(3, "captured", portal="village", run_id=2),
        line(60, "lane_failed", portal="village", level="error", exception="Traceback\n  boom"),
        line(61, "slot_skipped", job="village/sweep", level="warning"),
    )
    config = ("--config", str(yange.configuration))
    every = [json.loads(one) for one in file.read_text().splitlines()]
    for options, expected in (
        ((), [0, 1, 2, 3, 4, 5]),
        (("--run", 2), [3]),
        (("--level", "warning"), [2, 4, 5]),
        (("--level", "error"), [4]),
        (("--portal", "town"), [1, 2]),
        (("--portal", "village"), [3, 4, 5]),
        (("--since", "2026-05-01T08:00:03"), [3, 4, 5]),
        (("--until", "2026-05-01T08:00:02"), [0, 1, 2]),
        (("--since", "2026-05-01", "--until", "2026-05-01"), [0, 1, 2, 3, 4, 5]),
        (("--since", "2026-05-02"), []),
        (("--portal", "village", "--level", "warning"), [4, 5]),
        (("-n", 2), [4, 5]),
        (("--limit", 1, "--level", "warning", "--portal", "town"), [2]),
        (("-n", 0), []),
    ):
        done = CliRunner().invoke(root, [*config, "log", "--json", *map(str, options)])
        assert json.loads(done.stdout) == [every[number] for number in expected], options
    cut = yange.run("log", "-n", "2")
    assert "there is more before" in cut.err
    assert len(cut.out.splitlines()) == 4
    assert "nothing in the log is so" in yange.run("log", "--run", "9").err


def test_an_event_is_a_line_and_what_a_terminal_would_obey_is_shown(yange, file):
    write(
        file,
        line(
            0,
            "run_finished",
            level="warning",
            portal="town",
            run_id=4,
            outcome="incomplete",
            stopped="mostly_blocked",
            pages=30,
            created=0,
            changed=1,
            blocked=2,
            failed=0,
            bytes=2048,
            problems=["stopped early: 16 of the last 20", "the list \x1b[31m shows 3 rows"],
        ),
        line(1, "captured", portal="town", run_id=4, reason="two\nlines", version=None),
        line(2, "Versions:\n{'lxml': '6'}", portal="town", run_id=4),
        line(3, "unexpected_error", level="error", exception="Traceback\n  boom"),
    )
    assert yange.run("log", "--since", "2026-05-01").out.splitlines() == [
        "2026-05-01 08:00:00  warning  town #4       run_finished  incomplete (mostly_blocked)"
        "  pages 30  created 0  changed 1  blocked 2  received 2.0 kB",
        "        stopped early: 16 of the last 20",
        "        the list ␛[31m shows 3 rows",
        "2026-05-01 08:00:01  info     town #4       captured  reason=two ⏎ lines",
        "2026-05-01 08:00:02  info     town #4       Versions: (and 1 lines)",
        "2026-05-01 08:00:03  error                  unexpected_error",
        "        Traceback",
        "          boom",
    ]


def test_what_is_no_line_of_ours_is_passed_on(yange, file):
    write(file, line(0, "first"), line(5, "last"))
    with file.open("ab") as log:
        log.write(b'{"timestamp":"2026-05-01T08:00:06+08:00","ev\n\n')
        log.write(b"Killed \xff\x1b[31m\n[1, 2]\n\0\0\0\0\n")
        log.write(b'{"timestamp": 7, "level": ["odd"], "msg": "of another program"}\n')
        log.write(b"x" * 3_000_000 + b"\n")
        log.write(line(9, "after").encode())  # and no end of the line
    found = yange.read("log")
    assert [set(one) for one in found[2:]] == [
        {"unreadable"},
        {"unreadable"},
        {"unreadable"},
        {"timestamp", "level", "msg"},
        {"unreadable"},
        {"timestamp", "event", "level"},
    ]
    assert names(found)[-1] == "after"
    assert names(found)[3] == "Killed \\xff\x1b[31m"
    shown = yange.run("log").out
    assert "Killed \\xff␛[31m" in shown
    assert "msg=of another program" in shown
    # What states no time has that of the line before.
    assert len(yange.read("log", "--since", "2026-05-01T08:00:05")) == 7
    assert names(yange.read("log", "--level", "debug")) == ["first", "last", "after"]


def test_rotated_and_compressed_files_are_read_in_order(yange, file):
    write(file, *(line(second, f"event {second}") for second in range(200)), rotate_bytes=2000)
    assert len(list(file.parent.glob("*.gz"))) > 3
    assert names(yange.read("log")) == [f"event {second}" for second in range(200)]
    assert names(yange.read("log", "-n", "150")) == [f"event {second}" for second in range(50, 200)]
    found = names(yange.read("log", "--since", "2026-05-01T08:01:40"))
    assert found == [f"event {second}" for second in range(100, 200)]
    # A file that is damaged costs its own end alone.
    damaged = sorted(file.parent.glob("*.gz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-40])
    found = yange.read("log")
    [said] = [one["unreadable"] for one in found if "unreadable" in one]
    assert said.startswith(f"the rest of {damaged} cannot be read")
    assert names(found)[-1] == "event 199"


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    limit=st.integers(1, 17),
    level=st.sampled_from([None, "warning"]),
)
def test_pages_follow_one_another_whatever_is_written_and_rotated_between(
    tmp_path_factory, counts, limit, level
):
    file = tmp_path_factory.mktemp("pages") / "yange.jsonl"
    number = 0

    def go_on(count):
        nonlocal number
        # All of one moment: nothing but their places tells them apart.
        levels = ("info", "warning", "error")
        lines = [line(0, f"{number + n}", levels[(number + n) % 3]) for n in range(count)]
        write(file, *lines, rotate_bytes=1500)
        number += count

    go_on(counts[0])
    chosen = log_reader.LogFilter(level=level)
    expected = [n for n in range(number) if level is None or n % 3][::-1]
    seen, place, more = [], None, iter(counts[1:])
    while True:
        shown, place = log_reader.page(file, chosen, limit, place)
        assert len(shown) <= limit
        seen += [int(event.data["event"]) for event in shown]
        if place is None:
            break
        go_on(next(more, 0))
    assert seen == expected


def test_a_place_that_is_none_is_refused_and_one_that_is_gone_shows_nothing(file):
    write(file, line(0, "x"))
    with pytest.raises(ValueError, match="is no place in the log"):
        log_reader.page(file, log_reader.LogFilter(), 5, "../etc")
    assert log_reader.page(file, log_reader.LogFilter(), 5, "0123456789abcdef-7") == ([], None)


def test_following_misses_nothing_as_the_file_is_rotated(yange, file):
    write(file, *(line(0, f"before {n}") for n in range(20)))
    with yange.started("log", "--follow", "-n", "3", "--json") as following:
        heard = [json.loads(following.stdout.readline())["event"] for _ in range(3)]
        assert heard == ["before 17", "before 18", "before 19"]
        for n in range(12):
            write(file, line(1, f"after {n}", portal="town" if n % 2 else None), rotate_bytes=400)
            # So that no more than it keeps open is compressed between two of its looks.
            assert json.loads(following.stdout.readline())["event"] == f"after {n}"
        with file.open("ab") as log:
            log.write(b'{"event": "in two')
            log.flush()
            log.write(b' pieces"}\n')
        assert json.loads(following.stdout.readline())["event"] == "in two pieces"
    assert len(list(file.parent.iterdir())) > 4


def test_following_from_now_on_shows_nothing_of_before(yange, file):
    write(file, *(line(0, f"before {n}") for n in range(20)))
    with yange.started("log", "-f", "-n", "0", "--json") as following:
        # How far it has come cannot be seen: what it prints first is none of those before.
        heard = threading.Thread(target=lambda: seen.append(following.stdout.readline()))
        seen = []
        heard.start()
        while heard.is_alive():
            write(file, line(1, "after"))
            heard.join(0.05)
        assert json.loads(seen[0])["event"] == "after"


def test_following_waits_for_a_log_and_filters_it(yange, file):
    with yange.started("log", "-f", "--level", "error") as following:
        # Nothing is printed until there is something; then what came first, whenever that was.
        write(file, line(0, "quiet"), line(1, "loud", level="error"))
        assert "loud" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait() == 130
        assert following.stderr.read() == ""


def test_reading_while_it_is_rotated_tells_each_line_once(file):
    """Renames and compressions between a reader's steps change nothing of what it reads."""
    write(file, *(line(0, f"{n}") for n in range(100)), rotate_bytes=1000)
    reading = log_reader.events(file, log_reader.LogFilter())
    seen = [int(next(reading).data["event"]) for _ in range(10)]
    write(file, *(line(0, f"{n}") for n in range(100, 200)), rotate_bytes=1000)
    seen += [int(event.data["event"]) for event in reading]
    assert seen[:100] == list(range(100))
    assert all(later == earlier + 1 for earlier, later in pairwise(seen))


def test_without_a_log_a_sentence_says_so(yange, tmp_path):
    assert "there is no log yet at" in yange.run("log").err
    assert yange.read("log") == []
    misused = yange.run("log", "--follow", "--until", "2026-05-01", status=MISUSED)
    assert "leave --until out" in misused.err
    Quiet.log, before = None, Quiet.log
    try:
        yange.configure(Quiet())
    finally:
        Quiet.log = before
    [sentence] = yange.run("log", status=MISUSED).err.splitlines()
    assert "no log file is configured" in sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_log_that_may_not_be_read_is_told(yange, file):
    write(file, line(0, "x"))
    file.chmod(0)
    assert "cannot be read" in yange.run("log", status=FAILED).err


def test_without_a_filter_people_get_the_newest(yange, file):
    write(file, *(line(n, f"event {n}") for n in range(250)))
    done = yange.run("log", status=FINISHED)
    assert len(done.out.splitlines()) == 200
    assert "event 249" in done.out.splitlines()[-1]
    assert "there is more before" in done.err
    assert len(yange.read("log")) == 250
    at = datetime.fromisoformat(yange.read("log", "-n", "1")[0]["timestamp"])
    assert (at.hour, at.minute) == (8, 4)
