"""A real browser for the tests of this folder, or the reason why there is none."""

import os
import shutil
from contextlib import contextmanager

import pytest

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_INSISTS = os.environ.get("CI") == "true"


@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by Playwright."""
    chromium = shutil.which("chromium")
    if chromium is None:
        _without("there is no chromium on the path")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("Playwright is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        try:
            yield running
        finally:
            running.close()


def _without(reason):
    sentence = f"{reason}; tests/browser/install.sh says what is needed"
    if _INSISTS:
        pytest.fail(sentence)
    pytest.skip(sentence)


@contextmanager
def _served(yange):
    with yange.started("serve", "--port", "0") as process:
        line = process.stdout.readline()
        assert "http://" in line, process.stderr.read()
        yield line.rsplit(maxsplit=1)[-1].rstrip("/")
        process.terminate()
        assert process.wait() == 0


@pytest.fixture(scope="session")
def served():
    """Opens a reading room on an archive: a context with its address."""
    return _served
