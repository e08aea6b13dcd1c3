"""R17: a receipt proves a version to somebody who noted a seal and has nothing else."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.receipts import fault
from support.rich import OTHER, RULES, rich_archive
from support.site import Record, Town
from support.yange import FAILED, MISUSED, Yange

from archive.errors import NotFoundError

CHECKER = Path(__file__).parent / "support" / "receipts.py"
RECORD = Record(title='集市 "管理" 办法\\试行 𠮷', number="1500/2025-00001")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return rich_archive(tmp_path_factory.mktemp("receipts") / "archive.db")


@pytest.fixture(scope="module")
def seals(town):
    """What each run said when it ended."""
    with town.catalogue() as catalogue:
        return {run["id"]: run["seal"] for run in catalogue.runs()}


def receipt(town, *index, **which):
    with town.catalogue() as catalogue:
        return catalogue.receipt(*(index or (RULES,)), **which)


def test_r17_every_version_has_a_receipt_against_its_own_run_and_every_later_one(town, seals):
    with town.catalogue() as catalogue:
        rows = [
            (row["url"], version)
            for row in catalogue.documents()
            for version in range(1, row["versions"] + 1)
        ]
    assert len(rows) >= 5
    for url, version in rows:
        own = receipt(town, url, version=version)
        run = own["entry"]["run_id"]
        assert own["seal"]["run"]["id"] == run
        for later in [one for one in seals if one >= run]:
            made = receipt(town, url, version=version, run_id=later)
            assert fault(made, seals[later]) is None
            assert fault(made, seals[later][::-1]) is not None
            # It is small, however long the ledger is.
            assert len(json.dumps(made)) < 4096
        for earlier in [one for one in seals if one < run]:
            with pytest.raises(NotFoundError, match="was not there yet"):
                receipt(town, url, version=version, run_id=earlier)
    with pytest.raises(NotFoundError, match="run 99 has no seal"):
        receipt(town, OTHER, run_id=99)


def leaves(value, path=()):
    """The path of every value in nested JSON."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def test_r17_whatever_is_altered_in_a_receipt_is_refused(town, seals):
    made = receipt(town, OTHER)
    seal = seals[made["entry"]["run_id"]]
    assert fault(made, seal) is None
    for path in leaves(made):
        forged = copy.deepcopy(made)
        inner = forged
        for key in path[:-1]:
            inner = inner[key]
        value = inner[path[-1]]
        inner[path[-1]] = (
            not value
            if isinstance(value, bool)
            else value + 1
            if isinstance(value, int)
            else "改"
            if value is None
            else ("0" if value[:1] != "0" else "1") + value[1:]
        )
        assert fault(forged, seal) is not None, path


def test_receipt_as_a_person_uses_it(tmp_path):
    with Town() as portal:
        yange = Yange(tmp_path, portal)
        portal.publish(RECORD, "/gk/1/index.html")
        said = yange.run("crawl").out
    [run] = yange.read("runs")
    assert f"seal        {run['seal']}" in said
    assert f"ledger head {run['ledger_head']} ({run['ledger_length']} changes)" in said
    out = tmp_path / "receipt.json"
    assert yange.run("receipt", RECORD.number, "--out", out).out == ""
    again = yange.run("receipt", RECORD.number, "--out", out, status=MISUSED).err
    assert "exists already" in again
    assert json.loads(out.read_bytes()) == yange.read("receipt", RECORD.number)
    assert run["seal"] in yange.run("receipt", RECORD.number).out
    for seal, status in ((run["seal"], 0), (run["ledger_head"], 1)):
        checked = subprocess.run([sys.executable, "-I", CHECKER, out, seal], check=False)
        assert checked.returncode == status
    missing = yange.run("receipt", RECORD.number, "--run", "7", status=FAILED).err
    assert "run 7 has no seal" in missing
    verified = yange.read("verify", "--since", "2020-01-01")
    assert (verified["ok"], verified["seal"]) == (True, run["seal"])
    assert yange.read("status")["last_verify"]["ledger_head"] == run["ledger_head"]
