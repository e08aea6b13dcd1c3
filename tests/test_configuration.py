"""The configuration through the command line: what is accepted, and how mistakes are told."""

import json
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from scheduler.cli import root
from scheduler.keys import key_table, keys

ROOT = Path(__file__).parent.parent


def sound():
    """A small configuration to spoil in one place or another."""
    return {
        "timezone": "Asia/Shanghai",
        "contact": "archive@example.org",
        "archive": {"path": "data/archive.db"},
        "portals": {
            "town": {
                "name": "青石镇人民政府",
                "hosts": ["www.example.org"],
                "columns": [{"url": "http://www.example.org/zwgk/index.html"}],
                "politeness": {"window": "20:00-07:00"},
                "timetable": {"discover": "every 10m", "sweep": "0 2 * * sat"},
            }
        },
    }


def yange(*arguments, cwd, **environment):
    with chdir(cwd):
        return CliRunner().invoke(
            root,
            list(map(str, arguments)),
            env={"YANGE_CONFIG": None, **environment},
            catch_exceptions=False,
        )


def write(folder, configuration, name="config.yaml"):
    path = folder / name
    if not isinstance(configuration, str):
        configuration = yaml.safe_dump(configuration, allow_unicode=True)
    path.write_text(configuration, encoding="utf-8")
    return path


def complaints(folder, configuration, **environment):
    """The lines that `check` refuses the configuration with."""
    write(folder, configuration)
    done = yange("check", cwd=folder, **environment)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("yange: the configuration ")
    return [line.strip() for line in done.stderr.splitlines()[1:]]


def test_a_sound_configuration_is_told_with_its_next_times(tmp_path):
    write(tmp_path, sound())
    done = yange("check", "--json", cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    plan = json.loads(done.stdout)
    [portal] = plan["portals"]
    assert plan["ok"] is True
    assert plan["archive"] == str(tmp_path / "data/archive.db")
    assert (portal["portal"], portal["name"], portal["columns"]) == ("town", "青石镇人民政府", 1)
    assert [job["mode"] for job in portal["jobs"]] == ["discover", "sweep"]
    for job in portal["jobs"]:
        assert len(job["next"]) == 3
        assert all(at.endswith("+08:00") for at in job["next"])
    people = yange("check", cwd=tmp_path)
    assert people.exit_code == 0
    assert "青石镇人民政府" in people.stdout


def test_the_configuration_that_ships_is_sound(tmp_path):
    done = yange("--config", ROOT / "config.yaml", "check", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "乌海市人民政府" in done.stdout


def test_an_option_outranks_the_environment_and_that_the_folder(tmp_path):
    for name in ("config.yaml", "environment.yaml", "option.yaml"):
        write(tmp_path, {**sound(), "archive": {"path": f"{name}.db"}}, name)

    def archive(*arguments, **environment):
        done = yange(*arguments, "check", "--json", cwd=tmp_path, **environment)
        return Path(json.loads(done.stdout)["archive"]).name

    assert archive() == "config.yaml.db"
    assert archive(YANGE_CONFIG="environment.yaml") == "environment.yaml.db"
    assert archive("--config", "option.yaml", YANGE_CONFIG="environment.yaml") == "option.yaml.db"


def test_every_problem_is_named_at_once(tmp_path):
    configuration = sound()
    town = configuration["portals"]["town"]
    configuration["timezone"] = "Asia/Shangai"
    configuration["contact"] = ""
    town["politness"] = {"delay": 1}
    town["politeness"] = {"delay": -1, "window": "8-20"}
    town["timetable"]["recheck"] = "61 * * * *"
    configuration["notify"] = [{"name": "officer", "to": "json://127.0.0.1", "kind": "validity"}]
    lines = complaints(tmp_path, configuration)
    found = {line.split(":")[0]: line for line in lines}
    assert set(found) == {
        "timezone",
        "contact",
        "portals.town.politness",
        "portals.town.politeness.delay",
        "portals.town.politeness.window",
        "portals.town.timetable.recheck",
        "notify[0].kind",
    }
    assert len(lines) == len(found)
    assert "did you mean Asia/Shanghai?" in found["timezone"]
    assert "did you mean politeness?" in found["portals.town.politness"]
    assert "did you mean kinds?" in found["notify[0].kind"]
    assert "-1" in found["portals.town.politeness.delay"]
    assert '"61 * * * *"' in found["portals.town.timetable.recheck"]
    assert "0 to 59" in found["portals.town.timetable.recheck"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("log", {"levle": "info"}, ["log.levle", "did you mean level?"]),
        ("log", {"level": "loud"}, ["log.level", '"loud"', "'info'"]),
        ("log", {"xyz": 1}, ["log.xyz", "keys here are level, file"]),
        ("archive", None, ["archive", "mapping"]),
        ("archive", {}, ["archive.path", "missing"]),
        ("portals", {}, ["portals", "at least one"]),
        ("portals", [], ["portals", "mapping"]),
        ("portals", {"two words": {}}, ["portals.two words", "simple word"]),
        ("contact", "telephone 12345", ["contact", "mail"]),
        ("contact", "a@example.org\nX-Header: 1", ["contact", "mail"]),
        ("timezone", "../../etc/passwd", ["timezone", "IANA"]),
        ("timezone", 8, ["timezone", "8", "text"]),
    ],
)
def test_a_complaint_says_where_what_and_what_would_be_right(tmp_path, path, value, words):
    text = "\n".join(complaints(tmp_path, {**sound(), path: value}))
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        (["http://elsewhere.example.com/index.html"], "portals.town.columns"),
        ([{"url": "http://www.example.org/", "nme": "x"}], "portals.town.columns[0].nme"),
        ([], "portals.town.columns"),
    ],
)
def test_columns_are_checked_in_place(tmp_path, columns, where):
    configuration = sound()
    configuration["portals"]["town"]["columns"] = columns
    [line] = complaints(tmp_path, configuration)
    assert line.startswith(where + ":")


@pytest.mark.parametrize(
    ("notices", "where", "words"),
    [
        ({"maintainance": ["割接"]}, ".maintainance", ["'maintainance' is no notice", "not-found"]),
        ({"cut-off": ["割接"]}, ".cut-off", ["notices are script-challenge, ", "login-page"]),
        ({"maintenance": []}, ".maintenance", ["at least one"]),
        ({"maintenance": [" "]}, ".maintenance[0]", ["empty text"]),
    ],
)
def test_phrases_of_notices_are_checked_in_place(tmp_path, notices, where, words):
    """R10: a portal's phrases belong to names of the catalogue."""
    configuration = sound()
    configuration["portals"]["town"]["notices"] = notices
    [line] = complaints(tmp_path, configuration)
    assert line.startswith(f"portals.town.notices{where}")
    assert [word for word in words if word not in line] == []


def test_a_key_given_twice_is_refused(tmp_path):
    text = yaml.safe_dump(sound()) + "contact: other@example.org\n"
    [line] = complaints(tmp_path, text)
    assert line.startswith("contact: ")
    assert "again" in line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "- a\n- b\n",
        "a: b: c\n",
        "a:\n\t- b\n",
        "discover: */30 * * * *\n",
        "{[a]: b}\n",
        "a: &a [*a]\n",
        "--- 1\n--- 2\n",
        "[" * 1000,
        "a: 2026-13-45\n",
        "a: \x01\n",
    ],
)
def test_what_is_no_configuration_at_all_is_told_in_one_sentence(tmp_path, text):
    write(tmp_path, text)
    done = yange("check", cwd=tmp_path)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "config.yaml") in done.stderr


def test_a_file_that_cannot_be_had_is_told_in_one_sentence(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("contact: caf\xe9@example.org\n".encode("latin-1"))
    for name, word in [
        ("missing.yaml", "there is no"),
        (".", "directory"),
        ("latin.yaml", "UTF-8"),
    ]:
        done = yange("--config", name, "check", cwd=tmp_path)
        assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert word in done.stderr


def test_the_environment_fills_in_values(tmp_path):
    configuration = sound()
    configuration["contact"] = "${WHO}@${WHERE}"
    configuration["archive"]["path"] = "${FOLDER}/archive.db"
    configuration["portals"]["town"]["politeness"]["delay"] = "${DELAY}"
    write(tmp_path, configuration)
    done = yange(
        "check", "--json", cwd=tmp_path, WHO="me", WHERE="example.org", FOLDER="kept", DELAY="1.5"
    )
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["archive"] == str(tmp_path / "kept/archive.db")


def test_a_missing_variable_is_named_and_no_value_is_ever_shown(tmp_path):
    configuration = sound()
    configuration["contact"] = "${NOT_SET}"
    configuration["log"] = {"level": "${SECRET}"}
    configuration["portals"]["town"]["timetable"]["recheck"] = "${SECRET} ${SECRET} 1 1"
    lines = complaints(tmp_path, configuration, SECRET="hunter2hunter2")
    assert "contact: the environment has no variable NOT_SET" in lines
    assert len(lines) == 3
    assert not [line for line in lines if "hunter2" in line]
    assert [line for line in lines if "${SECRET}" in line]


def test_passwords_in_addresses_are_not_repeated(tmp_path):
    configuration = sound()
    configuration["portals"]["town"]["columns"] = ["http://me:hunter2@elsewhere.example.com/"]
    assert "hunter2" not in "".join(complaints(tmp_path, configuration))


def test_commands_that_need_no_configuration_do_without(tmp_path):
    for arguments in (["--help"], ["--version"], ["check", "--help"]):
        assert yange(*arguments, cwd=tmp_path).exit_code == 0
    assert yange("no-such-command", cwd=tmp_path).exit_code == 2


@pytest.mark.parametrize("arguments", [["--help"], ["check"]])
def test_what_crawls_nothing_starts_without_the_machinery_of_crawling(tmp_path, arguments):
    write(tmp_path, sound())
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scheduler", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "scheduler.cli" in imported
    assert not imported & {"scrapy", "twisted", "structlog"}


def test_status_of_a_fresh_archive(tmp_path):
    write(tmp_path, sound())
    done = yange("status", "--json", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    status = json.loads(done.stdout)
    assert status["daemon"] == {"alive": False, "pid": None, "since": None}
    assert (status["documents"], status["versions"], status["disk_bytes"]) == (0, 0, 0)
    assert [(job["mode"], job["last"]) for job in status["jobs"]] == [
        ("discover", None),
        ("recheck", None),
        ("sweep", None),
    ]
    assert status["jobs"][0]["next"] is not None
    assert status["jobs"][1]["next"] is None
    assert "no archive yet" in yange("status", cwd=tmp_path).stdout
    assert not (tmp_path / "data").exists()


def test_every_key_has_a_default_or_is_required_and_has_a_sentence_of_help():
    listed = list(keys())
    assert len({key.path for key in listed}) == len(listed)
    assert all(key.help.endswith(".") for key in listed)
    assert {key.path for key in listed if key.default == "required"} >= {"contact", "archive.path"}
    table = key_table()
    assert "| `portals.<name>.politeness.delay` | `1.0` |" in table
    assert "| `portals.<name>.columns[].url` | required |" in table


def test_the_configuration_that_ships_names_only_known_keys_and_most_of_them():
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))

    def paths(node, path=""):
        yield path
        if isinstance(node, dict):
            for key, value in node.items():
                step = "<name>" if path == "portals" else key
                yield from paths(value, f"{path}.{step}" if path else step)
        elif isinstance(node, list):
            for item in node:
                yield from paths(item, f"{path}[]")

    known = {key.path for key in keys()}
    # A body of its own is of no use to this portal, and its columns are named. Nothing stands
    # between the reading room and its readers.
    unused = {f"portals.<name>.{key}" for key in ("body", "under[].url", "under[].depth")}
    unused |= {f"room.{key}" for key in ("url", "trusted_proxy.address", "trusted_proxy.header")}
    # Whom to tell, what to watch, and where feeds are served, is everybody's own business; and one
    # portal needs one machine.
    told = {key for key in known if key.startswith(("notify[]", "watch.", "engine", "fleet."))}
    assert known - set(paths(shipped)) == {*unused, *told, "feeds.base_url"}
