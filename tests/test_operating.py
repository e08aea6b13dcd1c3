"""The operator's guide is whole and true: every alarm is in it, and nothing that does not exist."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from archive.runs import RunOutcome

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDES = [DOCS / "operating.md", DOCS / "operating.zh-CN.md"]
TREES = [
    ast.parse(path.read_text(encoding="utf-8"))
    for package in ("archive", "crawler", "scheduler")
    for path in (ROOT / package).rglob("*.py")
]
GRAVE = ("warning", "error", "exception", "critical")
NAME = re.compile(r"[a-z]+(_[a-z]+)+")


@pytest.fixture(params=GUIDES, ids=lambda guide: guide.name)
def tables(request):
    """The tables of a guide, each a list of rows, each a list of cells."""
    lines = request.param.read_text(encoding="utf-8").splitlines()
    found = [[]]
    for line in lines:
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [rows[2:] for rows in found if rows]


def first_of(tables, cell):
    """The table that has this first cell in one of its rows."""
    [table] = [rows for rows in tables if any(row[0] == cell for row in rows)]
    return table


def codes(text):
    return re.findall(r"`([^`]+)`", text)


def calls(*names):
    """The calls of methods with these names, anywhere in the program."""
    for tree in TREES:
        for node in ast.walk(tree):
            is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_method and node.func.attr in names and node.args:
                yield node


def texts(node):
    """The literal texts below a node; docstrings are none that the program says."""
    docstrings = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Expr)}
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and id(one) not in docstrings:
            if isinstance(one.value, str):
                yield one.value
            elif isinstance(one.value, bytes):
                yield one.value.decode(errors="replace")


def test_every_outcome_of_a_run_is_explained(tables):
    outcomes = {outcome.value for outcome in RunOutcome}
    assert {codes(row[0])[0] for row in first_of(tables, "`missed`")} == outcomes


def test_every_alert_is_explained_and_rests_on_its_metric(tables):
    alerts = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text(encoding="utf-8"))
    rules = {rule["alert"]: rule["expr"] for group in alerts["groups"] for rule in group["rules"]}
    rows = first_of(tables, "`YangeDown`")
    assert [codes(row[0])[0] for row in rows] == list(rules)
    assert all(codes(row[1])[0] in rules[codes(row[0])[0]] for row in rows)


def test_every_event_that_is_a_warning_or_graver_is_explained(tables):
    events = {
        node.args[0].value
        for node in calls(*GRAVE)
        if isinstance(node.args[0], ast.Constant) and NAME.fullmatch(str(node.args[0].value))
    }
    explained = {name for row in first_of(tables, "`slots_missed`") for name in codes(row[0])}
    assert explained == events


def test_every_sentence_among_a_runs_problems_is_one_that_the_program_says(tables):
    said = "\n".join(text for tree in TREES for text in texts(tree))
    sentences = [one for row in sentences_of(tables) for one in codes(row[0])]
    assert sentences
    for sentence in sentences:
        for part in re.split(r"\s*…\s*", sentence):
            assert part.strip("“”,; ") in said, sentence


def test_every_sentence_that_a_crawl_notes_is_explained(tables):
    explained = " ".join(row[0] for row in sentences_of(tables))
    for node in calls("note_problem"):
        # A sentence that is handed on is worded elsewhere.
        parts = [part for text in texts(node.args[0]) if len(part := text.strip("(), ")) > 3]
        assert not parts or any(part[:25] in explained for part in parts), parts


def sentences_of(tables):
    return first_of(tables, "`in search of columns: …`")


def test_every_metric_and_unit_of_the_guide_exists(tables):
    described = (DOCS / "monitor.md").read_text(encoding="utf-8")
    cells = [cell for rows in tables for row in rows for cell in row]
    metrics = {name for cell in cells for name in codes(cell) if name.startswith("yange_")}
    assert metrics
    assert all(f"`{name}" in described for name in metrics)
