"""The log as it comes out: on stderr, in the file, from us and from the libraries we use."""

import gzip
import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scheduler import log_reader
from scheduler.log_file import LogFile
from scheduler.masking import Mask

ROOT = Path(__file__).parent.parent


def run(code, *arguments):
    """Run `code` in a process of its own, with logging configured to the file named first."""
    setup = (
        "import logging, sys, warnings, structlog\n"
        "from pathlib import Path\n"
        "from zoneinfo import ZoneInfo\n"
        "from scheduler import logs\n"
        "from scheduler.masking import Mask\n"
        "log_file = Path(sys.argv[1])\n"
        "def configure(**options):\n"
        "    zone = ZoneInfo('Asia/Shanghai')\n"
        "    logs.configure(**{'level': 'info', 'file': log_file, 'zone': zone, **options})\n"
    )
    return subprocess.run(
        [sys.executable, "-c", setup + code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_our_events_and_those_of_libraries_have_one_form_and_one_context(tmp_path):
    file = tmp_path / "log" / "yange.jsonl"
    done = run(
        "configure()\n"
        "structlog.contextvars.bind_contextvars(run_id=7, portal='town', job='town/sweep')\n"
        "structlog.get_logger('ours').info('page_kept', title='关于防汛的通知', url='http://x/')\n"
        "scrapy = logging.getLogger('scrapy.core')\n"
        "scrapy.warning('Slow answer from %s', 'x', extra={'spider': 1})\n"
        "warnings.warn('old habit', DeprecationWarning)\n"
        "structlog.get_logger('ours').debug('not this')\n",
        file,
    )
    ours, theirs, warned = lines(file)
    assert (ours["event"], ours["level"], ours["title"]) == ("page_kept", "info", "关于防汛的通知")
    assert (theirs["event"], theirs["logger"]) == ("Slow answer from x", "scrapy.core")
    assert "spider" not in theirs
    assert "old habit" in warned["event"]
    for event in (ours, theirs, warned):
        assert (event["run_id"], event["portal"], event["job"]) == (7, "town", "town/sweep")
        assert event["timestamp"].endswith("+08:00")
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 3
    assert "event=page_kept" in done.stderr


def test_before_anything_is_configured_nothing_goes_to_stdout(tmp_path):
    done = run(
        "logs.configure()\n"
        "structlog.get_logger().info('quiet')\n"
        "structlog.get_logger().warning('loud')\n",
        tmp_path / "unused",
    )
    assert done.stdout == ""
    assert "loud" in done.stderr
    assert "quiet" not in done.stderr


def test_the_console_can_be_quieter_than_the_file(tmp_path):
    file = tmp_path / "yange.jsonl"
    done = run(
        "configure(console_level='warning')\n"
        "structlog.get_logger().info('for the file')\n"
        "structlog.get_logger().warning('for both')\n",
        file,
    )
    assert [event["event"] for event in lines(file)] == ["for the file", "for both"]
    assert "for the file" not in done.stderr
    assert "for both" in done.stderr


def test_tracebacks_carry_no_local_values_and_nothing_carries_secrets(tmp_path):
    file = tmp_path / "yange.jsonl"
    done = run(
        "configure(mask=Mask(['hunter2hunter2']))\n"
        "def fetch():\n"
        "    local = 'value-of-a-local'[:8] + '-local'\n"
        "    raise ValueError('http://me:pass@example.org/ said hunter2hunter2')\n"
        "try:\n"
        "    fetch()\n"
        "except ValueError:\n"
        "    structlog.get_logger().exception('failed', deep=[{'k': 'a hunter2hunter2'}])\n"
        "    logging.getLogger('scrapy').exception('failed at ftp://u:p@h/')\n",
        file,
    )
    ours, theirs = lines(file)
    assert "ValueError: http://***@example.org/ said ***" in ours["exception"]
    assert ours["deep"] == [{"k": "a ***"}]
    assert theirs["event"] == "failed at ftp://***@h/"
    for text in (done.stderr, file.read_text(encoding="utf-8")):
        assert "value-of--local" not in text
        assert "me:pass" not in text
        assert "hunter2" not in text


def test_whatever_a_value_is_its_line_is_json(tmp_path):
    file = tmp_path / "yange.jsonl"
    run(
        "configure()\n"
        "structlog.get_logger().info('odd', path=Path('/x'), big=2**80, half='\\ud800', raw=b'x',\n"
        "    keys={1: {'a'}}, nan=float('nan'), lines='a\\nb')\n",
        file,
    )
    [event] = lines(file)
    assert event["path"] == "/x"
    assert event["big"] == str(2**80)
    assert event["keys"] == {"1": ["a"]}
    assert event["lines"] == "a\nb"


def test_a_log_file_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "occupied").write_text("a file")
    (tmp_path / "config.yaml").write_text(
        "contact: archive@example.org\n"
        "archive: {path: a.db}\n"
        "log: {file: occupied/yange.jsonl}\n"
        "portals: {town: {name: x, hosts: [localhost], columns: ['http://localhost/']}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "scheduler", "--config", str(tmp_path / "config.yaml"), "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "occupied/yange.jsonl" in done.stderr


def test_processes_that_share_a_file_lose_and_mix_no_line_as_it_rotates(tmp_path):
    file = tmp_path / "yange.jsonl"
    code = (
        "import logging, sys\n"
        "from pathlib import Path\n"
        "from scheduler.log_file import LogFile\n"
        "handler = LogFile(Path(sys.argv[1]), rotate_bytes=20_000, kept=50)\n"
        "for n in range(500):\n"
        "    text = f'{sys.argv[2]}-{n}-' + 'x' * (n % 300)\n"
        "    handler.handle(logging.makeLogRecord({'msg': text}))\n"
        "handler.close()\n"
    )
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(
                subprocess.run,
                [sys.executable, "-c", code, str(file), name],
                cwd=ROOT,
                check=True,
                capture_output=True,
            )
            for name in "abc"
        ]
    assert [job.result().stderr for job in jobs] == [b"", b"", b""]
    parts = {path.name: contents(path) for path in tmp_path.iterdir()}
    assert len(parts) > 5
    assert sorted(name for name in parts if not name.endswith(".gz")) == [
        "yange.jsonl",
        "yange.jsonl.1",
    ]
    assert all(len(part) <= 20_000 + 3 * 400 for part in parts.values())
    written = [line for part in parts.values() for line in part.splitlines()]
    expected = [f"{name}-{n}-" + "x" * (n % 300) for name in "abc" for n in range(500)]
    assert sorted(written) == sorted(expected)


def contents(path):
    """What a file of the log says, compressed or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def write(file, *texts, rotate_bytes=10, kept=9):
    """Log each of these, all of which fill a file."""
    handler = LogFile(file, rotate_bytes=rotate_bytes, kept=kept)
    for text in texts:
        handler.handle(logging.makeLogRecord({"msg": text}))
    handler.close()


def logged(file):
    """What the log says, from its oldest file to its newest."""
    return [event.text for event in log_reader.events(file, log_reader.LogFilter())]


def test_only_so_many_old_files_are_kept_and_all_but_the_last_are_compressed(tmp_path):
    file = tmp_path / "yange.jsonl"
    write(file, *(f"line number {number}" for number in range(6)), kept=3)
    assert {path.name: contents(path) for path in tmp_path.iterdir()} == {
        "yange.jsonl": "line number 5\n",
        "yange.jsonl.1": "line number 4\n",
        "yange.jsonl.2.gz": "line number 3\n",
        "yange.jsonl.3.gz": "line number 2\n",
    }
    assert logged(file) == [f"line number {number}" for number in (2, 3, 4, 5)]


def test_fewer_can_be_kept_than_there_are(tmp_path):
    file = tmp_path / "yange.jsonl"
    write(file, *(f"line number {number}" for number in range(6)))
    write(file, "line number 6", kept=2)
    assert logged(file) == [f"line number {number}" for number in (4, 5, 6)]


def test_what_a_crash_in_the_middle_of_compressing_leaves_is_read_once_and_put_right(tmp_path):
    file = tmp_path / "yange.jsonl"
    texts = [f"line number {number}" for number in range(4)]
    write(file, *texts)
    # One was compressed and not yet removed, the one before it half compressed.
    second, third = (tmp_path / f"yange.jsonl.{number}.gz" for number in (2, 3))
    second.with_suffix("").write_text(contents(second), encoding="utf-8")
    third.with_suffix("").write_text(contents(third), encoding="utf-8")
    third.with_name(third.name + ".partial").write_bytes(third.read_bytes()[:9])
    third.unlink()
    assert logged(file) == texts
    write(file, "line number 4")
    assert logged(file) == [*texts, "line number 4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "yange.jsonl",
        "yange.jsonl.1",
        *(f"yange.jsonl.{number}.gz" for number in (2, 3, 4)),
    ]


def test_a_crash_in_the_middle_of_rotating_leaves_a_gap_that_the_next_one_fills(tmp_path):
    file = tmp_path / "yange.jsonl"
    write(file, *(f"line number {number}" for number in range(4)), kept=4)
    (tmp_path / "yange.jsonl.1").rename(tmp_path / "yange.jsonl.9")
    (tmp_path / "yange.jsonl.9").unlink()
    write(file, "line number 4", kept=4)
    assert logged(file) == [f"line number {number}" for number in (0, 1, 3, 4)]
    assert (tmp_path / "yange.jsonl.3.gz").exists()
    assert not (tmp_path / "yange.jsonl.4.gz").exists()


def test_half_a_line_that_a_killed_writer_left_spoils_no_other(tmp_path):
    file = tmp_path / "yange.jsonl"
    handler = LogFile(file)
    for text in ("half a li", "half of anoth"):
        with file.open("a") as killed:
            killed.write(text)
        handler.handle(logging.makeLogRecord({"msg": "a whole line"}))
        handler.handle(logging.makeLogRecord({"msg": "one more"}))
    handler.close()
    whole = ["a whole line", "one more"]
    assert logged(file) == ["half a li", *whole, "half of anoth", *whole]


def test_a_writer_that_is_killed_at_any_moment_loses_no_line_that_was_written(tmp_path):
    file = tmp_path / "yange.jsonl"
    code = (
        "import logging, sys\n"
        "from pathlib import Path\n"
        "from scheduler.log_file import LogFile\n"
        "handler = LogFile(Path(sys.argv[1]), rotate_bytes=400_000, kept=99)\n"
        "for n in range(1_000_000):\n"
        "    text = f'{sys.argv[2]}-{n}-' + 'x' * 4000\n"
        "    handler.handle(logging.makeLogRecord({'msg': text}))\n"
        "    print(n, flush=True)\n"
    )
    told = []
    for run in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(file), str(run)], cwd=ROOT, stdout=subprocess.PIPE
        ) as writer:
            for _ in range(101 + 37 * run):
                number = int(writer.stdout.readline())
            writer.kill()
            told += [f"{run}-{n}-" for n in range(number + 1)]
    found = [line[: line.rindex("-") + 1] for line in logged(file)]
    assert len(found) == len(set(found))
    assert set(told) <= set(found)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("http://u:p@h/x", "http://***@h/x"),
        ("https://token@h", "https://***@h"),
        ("http://u:p@ss@h/", "http://***@h/"),
        ("http://h/x?mail=a@b", "http://h/x?mail=a@b"),
        ("http://h/ and a@b", "http://h/ and a@b"),
        ("see longer-secret here", "see *** here"),
        ("of length 3: abc", "of length 3: abc"),
    ],
)
def test_masking(text, masked):
    assert Mask(["secret", "longer-secret", "abc", ""]).text(text) == masked
