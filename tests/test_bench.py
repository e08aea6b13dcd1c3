"""`make bench` works; what it measures is for people to judge."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.bench
def test_a_quick_bench_prints_every_table():
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    for table in ("Speed", "Memory", "Size", "Finding"):
        assert f"{table}: " in run.stdout
    for crawl in ("bare Scrapy", "first sweep", "second sweep"):
        assert crawl in run.stdout


@pytest.mark.bench
def test_a_quick_simulation_of_rechecks_prints_every_table():
    run = subprocess.run(
        [sys.executable, "-m", "bench.freshness_table", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.count("Freshness: a portal ") == 4
    for policy in ("round-robin", "yange", "knowing how rates are drawn", "oracle"):
        assert policy in run.stdout


@pytest.mark.bench
def test_a_quick_measurement_of_storage_prints_every_table():
    run = subprocess.run(
        [sys.executable, "-m", "bench.storage_table", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "Storage: " in run.stdout
    assert "Rows: " in run.stdout
    for store in ("yange, after compact", ".warc.gz", "git, after gc", "xz of everything"):
        assert store in run.stdout
