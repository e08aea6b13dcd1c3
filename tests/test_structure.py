"""The shape of the whole: dependencies point one way."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "archive": {"archive"},
    "crawler": {"archive", "crawler"},
    "scheduler": {"archive", "crawler", "scheduler"},
}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def imported_packages(path):
    """The top-level packages that a module imports, wherever in the module it does."""
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} is a relative import"
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_dependencies_point_from_scheduler_to_crawler_to_archive(package):
    modules = [path for path in MODULES if path.is_relative_to(ROOT / package)]
    assert modules
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package]
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in modules
        if (found := forbidden & set(imported_packages(path)))
    }
    assert wrong == {}


def test_nothing_that_ships_imports_the_tests():
    assert [path for path in MODULES if "tests" in set(imported_packages(path))] == []
