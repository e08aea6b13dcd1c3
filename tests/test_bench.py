"""`make bench` works; what it measures is for people to judge."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def printed(*command):
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.bench
def test_a_quick_bench_prints_every_table():
    told = printed("bench", "--quick")
    for table in ("Speed", "Memory", "Size"):
        assert f"{table}: " in told
    for crawl in ("bare Scrapy", "first sweep", "second sweep"):
        assert crawl in told


@pytest.mark.bench
def test_a_quick_simulation_of_rechecks_prints_every_table():
    told = printed("bench.freshness_table", "--quick")
    assert told.count("Freshness: a portal ") == 4
    for policy in ("round-robin", "yange", "knowing how rates are drawn", "oracle"):
        assert policy in told


@pytest.mark.bench
def test_a_quick_measurement_of_storage_prints_every_table():
    told = printed("bench.storage_table", "--quick")
    assert "Storage: " in told
    assert "Rows: " in told
    for store in ("yange, after compact", ".warc.gz", "git, after gc", "xz of everything"):
        assert store in told


@pytest.mark.bench
def test_a_small_archive_is_asked_and_passed_through():
    told = printed("bench.finding", "--documents", "100", "--versions", "2")
    for row in ("history", "search, two characters", "record, a new version", "verify"):
        assert row in told
    assert "Passing through 200 versions" in told


@pytest.mark.bench
def test_a_quick_comparison_by_articles_prints_both_tables():
    told = printed("bench.articles", "--quick")
    assert told.count("Articles: ") == 2
    for row in ("nothing in common", "paragraphs", "a table, .docx"):
        assert row in told


@pytest.mark.bench
def test_a_quick_measurement_of_readers_prints_every_format():
    told = printed("bench.attachments", "--quick")
    for row in ("fees.pdf", "scanned", "fees.doc", "fees.xls", "Word, 100 paragraphs"):
        assert row in told
