"""What is written is true: every command shown runs, every table, key and rule described exists."""

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
import yaml

from scheduler.cli import root
from scheduler.keys import keys

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README, SCHEMA = ROOT / "README.md", DOCS / "schema.md"
READMES = [README, ROOT / "README.zh-CN.md"]
GUIDES = [DOCS / "operating.md", DOCS / "operating.zh-CN.md"]
PAGES = [*READMES, ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
RULES = [f"R{number}" for number in range(1, 20)]
AMENDED, WITH_FILE = "1115990001150073XY/2024-00355", "111599000115010468/2025-00039"


def blocks(page, language):
    """The blocks of code in this language on a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def shown_commands():
    """Every command line of yange's on a page or in an alert, as its words; each one once."""
    shown = "".join(block for page in PAGES for block in blocks(page, "sh"))
    lines = dict.fromkeys([*shown.splitlines(), *mentioned_commands()])
    return [words[1:] for line in lines if (words := shlex.split(line))[0] == "yange"]


def mentioned_commands():
    """What somebody is told to type in the midst of a sentence, when something is wrong."""
    alerts = (ROOT / "deploy/alerts.yaml").read_text(encoding="utf-8")
    told = [
        re.sub(r"\{\{ .*? \}\}", "wuhai", alerts),
        *(page.read_text("utf-8") for page in GUIDES),
    ]
    return [line for text in told for line in re.findall(r"`(yange [^`]+)`", text)]


SHOWN = shown_commands()


def section(page, heading):
    """What stands under a heading of the second level, up to the next one."""
    text = page.read_text(encoding="utf-8")
    return re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]


def first_cells(markdown):
    """The code in the first cell of each row of the tables."""
    return re.findall(r"^\| `([^`]+)` \|", markdown, re.MULTILINE)


# --- text against text ------------------------------------------------------------------------


def test_commands_and_keys_in_the_readmes_are_what_the_program_says():
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_every_key_of_the_shipped_configuration_is_in_the_table(readme):
    described = {key.path for key in keys()}
    assert described <= set(first_cells(readme.read_text(encoding="utf-8")))
    configuration = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert set(paths(configuration)) - described == set()


def paths(configuration, prefix=""):
    """The paths of a configuration's values, as the table of keys spells them."""
    for name, value in configuration.items():
        path = f"{prefix}{name}"
        if path == "portals":
            for portal in value.values():
                yield from paths(portal, "portals.<name>.")
        elif path == "portals.<name>.columns":
            # A bare address stands for a column with this address.
            pairs = [one if isinstance(one, dict) else {"url": one} for one in value]
            yield from (f"{path}[].{key}" for pair in pairs for key in pair)
        elif path == "notify":
            for rule in value:
                yield from paths(rule, "notify[].")
        elif isinstance(value, dict) and value:
            yield from paths(value, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("page", [*READMES, *GUIDES], ids=lambda page: page.name)
def test_every_target_of_make_that_is_shown_exists(page):
    shown = re.findall(r"\bmake ([a-z]+)\b", "".join(blocks(page, "sh")))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert shown
    assert set(shown) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page):
    text = page.read_text(encoding="utf-8")
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_map_names_every_module():
    modules = {
        str(path.relative_to(ROOT))
        for package in ("archive", "crawler", "scheduler")
        for path in (ROOT / package).rglob("*.py")
        if not path.name.startswith("__")
    }
    text = (DOCS / "map.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| \[([a-z_/]+\.py)\]", text, re.MULTILINE)
    assert sorted(named) == sorted(modules)


# --- the rules --------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained(rule):
    text = section(DOCS / "rules.md", rule)
    assert text.startswith("\n**")
    assert "\n*Why:* " in text
    assert re.search(r"\n\*Where:\* \[[a-z_/]+(\.py|/)\]", text)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_named_by_a_test(rule):
    named = re.compile(rf"\b{rule}\b|\btest_{rule.lower()}_")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert any(named.search(path.read_text(encoding="utf-8")) for path in tests)


# --- text against what really happens ---------------------------------------------------------


def yange(*words, cwd):
    """Run a command as the README has it, in the folder that it is shown for."""
    return subprocess.run(
        [sys.executable, "-m", "scheduler", *words],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name != "YANGE_CONFIG"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A folder in which the demo has run, and what it printed; made once for all."""
    folder = tmp_path_factory.mktemp("docs")
    done = yange("demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.fixture
def archive(shown):
    """The demo's archive as any SQLite tool sees it."""
    folder, _ = shown
    connection = sqlite3.connect(f"file:{folder / 'demo/replica.db'}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_the_demo_looks_as_the_readme_shows_it(shown, readme):
    _, printed = shown
    assert_looks_as_shown(blocks(readme, "text")[0], printed)


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_status_and_log_of_the_demo_look_as_the_readme_shows_them(shown, readme):
    folder, _ = shown
    [excerpt] = [one for one in blocks(readme, "text") if one.startswith("$ ") and " log " in one]
    commands = re.split(r"^\$ yange ", excerpt, flags=re.MULTILINE)[1:]
    assert {one.split()[2] for one in commands} == {"status", "log"}
    for command in commands:
        words, _, expected = command.partition("\n")
        assert_looks_as_shown(expected, yange(*shlex.split(words), cwd=folder).stdout)


def assert_looks_as_shown(excerpt, printed):
    """Every line of the excerpt was printed, in this order."""
    following = iter(same_anywhere(printed).splitlines())
    for line in same_anywhere(excerpt).splitlines():
        if line not in ("", "…"):
            assert any(looks_like(line, here) for here in following), f"not there: {line}"


def looks_like(line, printed):
    """Whether a printed line is as shown; what follows a … was left out."""
    return printed.startswith(line.removesuffix("…")) if line.endswith("…") else printed == line


def same_anywhere(printed):
    """Printed text without what differs from one demo to the next."""
    printed = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", "WHEN", printed)
    printed = re.sub(r"\b(?:\w{3} )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "WHEN", printed)
    printed = re.sub(r"^\d+\.\d kB in ", "SIZE in ", printed, flags=re.MULTILINE)
    printed = re.sub(r"\b[0-9a-f]{64}\b", "HASH", printed)
    printed = re.sub(r" +$", "", printed, flags=re.MULTILINE)
    return re.sub(r"^\$ \S*yange ", "$ yange ", printed, flags=re.MULTILINE)


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_a_command_shown_exists(words):
    arguments = words[2:] if words[0] == "--config" else words
    with click.Context(root, info_name="yange") as context:
        name, command, rest = root.resolve_command(context, arguments)
        command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(
    "words",
    [words for words in SHOWN if words[0] == "--config" and words[-1] != "serve"],
    ids=" ".join,
)
def test_a_command_shown_for_the_demo_runs(shown, words):
    folder, _ = shown
    done = yange(*words, cwd=folder)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout or (folder / words[-1]).stat().st_size


def test_the_demo_is_read_in_a_browser_as_the_readme_says(shown):
    folder, _ = shown
    [words] = [words for words in SHOWN if words[-1] == "serve" and words[0] == "--config"]
    command = [sys.executable, "-m", "scheduler", *words, "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = process.stdout.readline().split()[-1]
            changes = httpx.get(address, headers={"Accept-Language": "zh"}).text
            article = next(one for one in changes.split("<article") if "人才公寓管理办法" in one)
            way = re.search(r'href="(/documents/\d+/compare/[^"]+)">对照', article)[1]
            comparison = httpx.get(address + way[1:]).text
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0
    seen = re.sub(r'<span class="vh">[^<]*</span>', "", comparison)
    assert "有效期<del>5</del>年" in seen
    assert "有效期<ins>3</ins>年" in seen


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("search", "办法"),
        ("show", WITH_FILE),
        ("history", AMENDED),
        ("changes",),
        ("diff", AMENDED),
        ("diff", WITH_FILE),
        ("diff", AMENDED, "--by", "article"),
        ("runs",),
        ("captures",),
        ("status",),
        ("reread",),
        ("due", "--limit", "3"),
        ("verify",),
        ("check",),
        ("export", "csv", "all.csv"),
    ],
    ids=" ".join,
)
def test_json_has_the_members_that_are_described(shown, words):
    folder, _ = shown
    done = yange("--config", "demo/config.yaml", *words, "--json", cwd=folder)
    described = members(words[0])
    if words[0] in ("show", "search"):
        described = members("list") | described
    if "--by" in words:
        described |= members("diff --by article")
    answer = json.loads(done.stdout)
    for row in answer if isinstance(answer, list) else [answer]:
        assert set(row) == set(described)
        for name, inner in described.items():
            for one in row[name] if isinstance(row[name], list) else [row[name]]:
                assert inner is None or set(one) - {"spans"} == inner, name


def members(command):
    """The members that a command's JSON is said to have; of an object, those inside as well."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section(DOCS / "json.md", command), re.MULTILINE)
    inner = {name: re.search(r"`\{(.*?)\}`", meaning) for name, meaning in rows}
    return {name: set(found[1].split(", ")) if found else None for name, found in inner.items()}


# --- the archive's file -----------------------------------------------------------------------


def test_every_table_is_described_as_it_is(archive):
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (\S+) \|$", section(SCHEMA, "The tables"), re.MULTILINE
    )
    tables = archive.execute(
        """SELECT name FROM pragma_table_list WHERE schema = 'main'
           AND type IN ('table', 'virtual') AND name NOT GLOB 'sqlite_*'"""
    )
    assert sorted(name for name, _ in rows) == sorted(name for (name,) in tables)
    protected = archive.execute(
        """SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' GROUP BY tbl_name
           HAVING sum(name IN (tbl_name || '_never_updated', tbl_name || '_never_deleted',
                               tbl_name || '_never_replaced')) = 3"""
    )
    assert {name for name, kept in rows if kept == "append-only"} == {n for (n,) in protected}


def test_the_file_is_marked_as_described(archive):
    [application] = archive.execute("PRAGMA application_id").fetchone()
    assert f"0x{application:08X}" in SCHEMA.read_text(encoding="utf-8")
    assert application.to_bytes(4, "big").decode() == "yang"


@pytest.mark.parametrize("query", blocks(SCHEMA, "sql"), ids=lambda query: query.splitlines()[0])
def test_a_query_shown_finds_something(archive, query, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = archive.execute(query).fetchall()
    assert found or (tmp_path / "copy.db").stat().st_size


def test_a_copy_made_as_described_is_whole(shown, archive, tmp_path):
    folder, _ = shown
    copy = tmp_path / "copy.db"
    archive.execute("VACUUM INTO ?", (str(copy),))
    configuration = yaml.safe_load((folder / "demo/config.yaml").read_text(encoding="utf-8"))
    configuration["archive"]["path"] = str(copy)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    done = yange("verify", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_program_shown_recomputes_the_ledgers_head(shown):
    """R17: nothing of yange's is needed to check the chain and what it commits to."""
    folder, _ = shown
    [program] = blocks(SCHEMA, "python")
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, folder / "demo/replica.db"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    verified = yange("--config", "demo/config.yaml", "verify", "--json", cwd=folder)
    assert done.stdout.strip() == json.loads(verified.stdout)["ledger_head"]


def _numbers(command, path=()):
    """The options and arguments of all commands that are whole numbers, by the command."""
    for option in command.params:
        if isinstance(option.type, (type(click.INT), click.IntRange)):
            yield path, option
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from _numbers(command.get_command(click.Context(command), name), (*path, name))


def test_a_number_beyond_all_bounds_is_a_wrong_usage_of_every_command():
    found = [one for one in _numbers(root) if not getattr(one[1], "hidden", False)]
    assert len(found) > 20
    for path, option in found:
        with pytest.raises(click.BadParameter):
            option.type.convert(str(10**30), option, click.Context(root, info_name=path[-1]))
