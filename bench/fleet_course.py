"""Many portals crawled once each: by one process after another, or by a fleet on this machine."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from archive.catalogue import Catalogue
from archive.errors import YangeError
from bench.cost import UnsoundTrialError
from bench.portal import list_pages
from bench.server import ADDRESS, serving
from bench.settings import configuration, portal_settings
from scheduler.control import ask

_ZONE = ZoneInfo("Asia/Shanghai")
_LOOK_SECONDS = 0.1
_MOST_SECONDS = 1800.0
_MODE = "sweep"


@dataclass(frozen=True, slots=True)
class Course:
    """What it took to crawl all portals; without workers, in one process after another."""

    portals: int
    pages: int
    workers: int
    seconds: float


def hold_course(folder: Path, portals: int, documents: int, workers: int) -> Course:
    """Crawl so many portals of so many documents once each. Raises UnsoundTrialError."""
    pages = portals * (documents + list_pages(documents))
    with ExitStack() as stack:
        ports = [stack.enter_context(serving(documents)) for _ in range(portals)]
        settings = _settings(folder, ports)
        names = list(settings["portals"])
        if workers == 0:
            config = _written(folder, settings)
            began = time.monotonic()
            subprocess.run(  # noqa: S603 our own command
                [*_command(config), "crawl", "--mode", _MODE], check=True, stdout=subprocess.DEVNULL
            )
        else:
            settings |= {"engine": "celery", "fleet": stack.enter_context(_fleet(folder))}
            config = _written(folder, settings)
            for _ in range(workers):
                stack.enter_context(_running([*_command(config), "worker", "--crawls", "1"]))
            stack.enter_context(_running([*_command(config), "run"]))
            seat = folder / "_.db"
            _wait_for(lambda: _is_heard(seat, names[0]))
            began = time.monotonic()
            for name in names[1:]:
                ask(seat, {"what": "run-now", "name": f"{name}/{_MODE}"})
        _wait_for(lambda: all(_finished(folder, name) for name in names))
        return Course(portals, pages, workers, time.monotonic() - began)


def _settings(folder: Path, ports: list[int]) -> dict[str, Any]:
    portals = {
        f"bench{number}": {**portal_settings(port), "timetable": {_MODE: "every 90d"}}
        for number, port in enumerate(ports, start=1)
    }
    whole = configuration(ports[0], folder / "{portal}.db")
    del whole["log"]["file"]
    return {**whole, "portals": portals}


def _written(folder: Path, settings: dict[str, Any]) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


@contextmanager
def _fleet(folder: Path) -> Iterator[dict[str, Any]]:
    """A Redis with an append-only file, and a folder for spools; the section `fleet`."""
    redis = shutil.which("redis-server")
    if redis is None:
        raise UnsoundTrialError("there is no redis-server on the path (Debian: redis-server)")
    for name in ("redis", "spools"):
        (folder / name).mkdir()
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port = probe.getsockname()[1]
    command = [redis, "--bind", ADDRESS, "--port", str(port), "--dir", str(folder / "redis")]
    with _running([*command, "--save", "", "--appendonly", "yes"]):
        yield {
            "broker": f"redis://{ADDRESS}:{port}/0",
            "spools": str(folder / "spools"),
            "poll_seconds": 0.5,
        }


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(  # noqa: S603 our own command, or redis-server
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _command(config: Path) -> list[str]:
    return [sys.executable, "-m", "scheduler", "--config", str(config)]


def _is_heard(seat: Path, first: str) -> bool:
    """Whether the daemon is there and has taken its first order."""
    with suppress(YangeError):
        ask(seat, {"what": "run-now", "name": f"{first}/{_MODE}"})
        return True
    return False


def _finished(folder: Path, name: str) -> bool:
    with suppress(YangeError), Catalogue.open(folder / f"{name}.db", _ZONE) as catalogue:
        for run in catalogue.runs(limit=1):
            if run["outcome"] not in ("running", "finished"):
                raise UnsoundTrialError(f"the run of {name} ended as {run['outcome']}")
            return bool(run["outcome"] == "finished")
    return False


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _MOST_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise UnsoundTrialError(f"it was not done after {_MOST_SECONDS:.0f} s")
        time.sleep(_LOOK_SECONDS)
