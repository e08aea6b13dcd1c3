"""The shape of the whole: dependencies point one way."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "archive": {"archive"},
    "crawler": {"archive", "crawler"},
    "scheduler": {"archive", "crawler", "scheduler"},
}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
NAMES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in MODULES
}


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


LAW = ROOT / "archive" / "law"
# Two readings of legal texts, by articles and for force, share nothing but their words.
BUILDS_ON = {
    "words": set[str](),
    "articles": {"words"},
    "comparison": {"words", "articles"},
    "tables": {"articles", "comparison"},
    "claims": {"words"},
    "force": {"words", "claims"},
    "conflicts": {"force"},
}


def rooms_of_law(path):
    """The rooms of `archive.law` that a module imports from."""
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archive.law."):
            yield (node.module or "").split(".")[2]


def test_every_room_of_law_is_known_and_says_what_it_is_for():
    rooms = {path.parent.name: path for path in LAW.glob("*/__init__.py")}
    assert set(rooms) == set(BUILDS_ON)
    assert [
        name for name, path in rooms.items() if not ast.get_docstring(ast.parse(path.read_bytes()))
    ] == []


@pytest.mark.parametrize("room", BUILDS_ON)
def test_the_rooms_of_law_build_on_one_another_in_one_direction(room):
    modules = [path for path in MODULES if path.parent == LAW / room]
    allowed = {room} | BUILDS_ON[room]
    wrong = {path.name: found for path in modules if (found := set(rooms_of_law(path)) - allowed)}
    assert wrong == {}
    used = {name for path in modules for name in rooms_of_law(path)}
    assert used >= BUILDS_ON[room], "the table allows what nobody needs"


def loaded_with(name):
    """The modules of ours that loading the module `name` loads, but for the packages it is in.

    These are always loaded before it.
    """
    waiting = list(ast.parse(NAMES[name].read_bytes()).body)
    needed = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            needed |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            needed |= (inside & NAMES.keys()) or {node.module}
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)
    packages = {one[:at] for one in needed for at, sign in enumerate(one) if sign == "."}
    return {
        one for one in needed | packages if one in NAMES and not f"{name}.".startswith(f"{one}.")
    }


def test_modules_can_be_loaded_in_any_order():
    """None needs one that needs it, so it does not matter which a command loads first."""
    needs = {name: loaded_with(name) for name in NAMES}
    assert needs["archive.catalogue"] >= {"archive.questions", "archive.questions.changes"}
    # Raises CycleError.
    assert set(TopologicalSorter(needs).static_order()) == NAMES.keys()
