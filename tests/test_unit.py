"""The systemd units, and what the daemon tells a service manager."""

import configparser
import shutil
import signal
import socket
import subprocess
import time

import pytest
from support.site import Town
from support.yange import ROOT, Yange

UNIT = ROOT / "deploy" / "yange.service"
ROOM_UNIT = ROOT / "deploy" / "yange-room.service"


def unit(path=UNIT):
    """Its sections; of a key that stands there twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read(path, encoding="utf-8")
    return parser


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("path", [UNIT, ROOM_UNIT], ids=lambda path: path.name)
def test_systemd_finds_the_unit_sound(path):
    done = subprocess.run(
        ["systemd-analyze", "verify", path], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_unit_fits_the_daemon():
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].split()[1:] == [
        "yange",
        "--config",
        "/etc/yange/config.yaml",
        "run",
    ]
    # Longer than the daemon takes to end its crawls.
    assert int(service["TimeoutStopSec"]) > 15
    assert service["RestartPreventExitStatus"] == "2"
    assert service["NoNewPrivileges"] == "true"
    assert service["ProtectSystem"] == "strict"


def test_the_rooms_unit_finds_what_the_daemons_does():
    room, daemon = unit(ROOM_UNIT)["Service"], unit()["Service"]
    assert room["ExecStart"].split()[1:] == ["yange", "--config", "/etc/yange/config.yaml", "serve"]
    shared = {"Environment", "EnvironmentFile", "User", "StateDirectory", "LogsDirectory", "UMask"}
    assert {key: room[key] for key in shared} == {key: daemon[key] for key in shared}
    assert (room["NoNewPrivileges"], room["ProtectSystem"]) == ("true", "strict")


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """What a service manager hears: a function that waits for a line that begins like this."""
    path = tmp_path / "notify"
    heard = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "1500000")

        def hears(beginning):
            while True:
                while heard:
                    line = heard.pop(0)
                    if line.startswith(beginning):
                        return line.removeprefix(beginning)
                heard.extend(listener.recv(4096).decode().split("\n"))

        yield hears


def test_the_daemon_tells_a_service_manager_how_it_stands(tmp_path, manager):
    with Town(timetable={"discover": "0 0 1 1 *"}) as town:
        yange = Yange(tmp_path, town)
        with yange.started("run") as running:
            manager("READY=1")
            assert manager("STATUS=").startswith("0 crawls under way, next slot 20")
            manager("WATCHDOG=1")
            manager("WATCHDOG=1")
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            running.send_signal(signal.SIGHUP)
            manager("RELOADING=1")
            told = int(manager("MONOTONIC_USEC="))
            assert before <= told <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            manager("READY=1")
            with yange.configuration.open("a") as file:
                file.write("nonsense: 1\n")
            running.send_signal(signal.SIGHUP)
            manager("RELOADING=1")
            manager("READY=1")
            assert "refused" in manager("STATUS=")
            manager("WATCHDOG=1")
            running.send_signal(signal.SIGTERM)
            manager("STOPPING=1")
            running.communicate()
            assert running.returncode == 0
