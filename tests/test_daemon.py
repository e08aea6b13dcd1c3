"""The daemon as a process: one an archive, visible while it lives, gone when told to go."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def configuration(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "contact: archive@example.org\n"
        "archive: {path: kept/archive.db}\n"
        "log: {file: log/yange.jsonl}\n"
        "portals: {town: {name: 青石镇, hosts: [localhost], columns: ['http://localhost/a/']}}\n",
        encoding="utf-8",
    )
    return path


def command(configuration, *arguments):
    return [sys.executable, "-m", "scheduler", "--config", str(configuration), *arguments]


def yange(configuration, *arguments):
    return subprocess.run(
        command(configuration, *arguments),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@contextmanager
def daemon(configuration):
    """A running daemon that has said so."""
    process = subprocess.Popen(
        command(configuration, "run"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            for line in process.stderr:
                if "daemon_started" in line:
                    break
            else:
                pytest.fail("the daemon did not start")
            yield process
        finally:
            process.kill()


def status(configuration):
    return json.loads(yange(configuration, "status", "--json").stdout)["daemon"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to(configuration, number):
    with daemon(configuration) as process:
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert f"signal={number.name}" in err
    assert "daemon_stopped" in err
    log = (configuration.parent / "log/yange.jsonl").read_text(encoding="utf-8")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == ["daemon_started", "daemon_stopping", "daemon_stopped"]


def test_a_second_daemon_is_refused_in_a_sentence(configuration):
    with daemon(configuration) as first:
        second = yange(configuration, "run")
        assert (second.returncode, second.stdout) == (1, "")
        [sentence] = second.stderr.splitlines()
        assert sentence.startswith("yange: another daemon")
        assert str(first.pid) in sentence
        assert first.poll() is None


def test_status_knows_who_is_there(configuration):
    assert status(configuration) == {"alive": False, "pid": None, "since": None}
    with daemon(configuration) as process:
        seen = status(configuration)
        assert (seen["alive"], seen["pid"]) == (True, process.pid)
        assert datetime.fromisoformat(seen["since"]).utcoffset().total_seconds() == 8 * 3600
        assert f"process {process.pid}" in yange(configuration, "status").stdout
        process.terminate()
        process.communicate()
    assert status(configuration)["alive"] is False


def test_the_lock_goes_with_a_killed_daemon(configuration):
    with daemon(configuration) as process:
        process.kill()
        process.communicate()
    assert status(configuration) == {"alive": False, "pid": None, "since": None}
    with daemon(configuration):
        assert status(configuration)["alive"] is True


def test_a_tethered_process_leaves_when_its_parent_goes():
    code = "import signal; from crawler.tether import leave_with_parent; leave_with_parent()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code + "print('tethered', flush=True); signal.pause()"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"tethered\n"
        os.write(process.stdin.fileno(), b"what is written does not matter")
        assert process.poll() is None
        process.stdin.close()
        assert process.wait() == -signal.SIGTERM
