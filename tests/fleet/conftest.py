"""Fleets on this machine for the tests of this folder, or the reason why there is none."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
from support.fleet import Fleet, free_port, until

from crawler.replica.server import ADDRESS

_INSISTS = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def needs_redis():
    """Skips the test where there is no redis-server, or has it fail where it may not be."""
    if shutil.which("redis-server") is None:
        _without("there is no redis-server on the path")


@pytest.fixture
def fleet(needs_redis):
    """Sets a fleet up: a context with its parts, of which nothing is left behind."""
    return _fleet


@pytest.fixture(scope="module")
def bucket():
    """An S3-compatible store with a bucket in it: the keys of the section `fleet` that name it."""
    if find_spec("moto") is None:
        _without("moto is not installed")
    port = free_port()
    endpoint = f"http://{ADDRESS}:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", ADDRESS, "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(endpoint))
        made = urllib.request.Request(f"{endpoint}/archive-spools", method="PUT")
        urllib.request.urlopen(made).close()
        yield {
            "spools": "s3://archive-spools/fleet",
            "endpoint": endpoint,
            "region": "us-east-1",
            "access_key": "AKIA0123456789",
            "secret_key": "secret-of-the-store",
        }
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _fleet(folder, towns, **settings):
    running = Fleet(folder, towns, **settings)
    try:
        yield running
    finally:
        running.close()


def _answers(endpoint):
    try:
        urllib.request.urlopen(endpoint).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _without(reason):
    sentence = f"{reason}; tests/fleet/install.sh says what is needed"
    if _INSISTS:
        pytest.fail(sentence)
    pytest.skip(sentence)
