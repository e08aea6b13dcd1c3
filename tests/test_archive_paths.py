"""Where archives stand: one for all portals, or one for each."""

import pytest

from archive.settings import ArchiveSettings
from tests.test_configuration import complaints, sound


def test_all_portals_share_a_path_without_a_place_for_their_keys():
    kept = ArchiveSettings(path="data/archive.db")
    assert not kept.is_split
    assert {kept.path_of("north"), kept.path_of("south"), kept.seat} == {kept.path}


@pytest.mark.parametrize(
    ("path", "north", "seat"),
    [
        ("data/{portal}.db", "data/north.db", "data/_.db"),
        ("data/{portal}/archive.db", "data/north/archive.db", "data/_/archive.db"),
        ("{portal}/{portal}.db", "north/north.db", "_/_.db"),
    ],
)
def test_each_portal_has_a_file_where_its_key_has_a_place(path, north, seat):
    kept = ArchiveSettings(path=path)
    assert kept.is_split
    assert (str(kept.path_of("north")), str(kept.seat)) == (north, seat)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("data/{city}.db", "{city}"),
        ("data/{}.db", "{}"),
        ("data/{portal.db", "{"),
        ("data/portal}.db", "}"),
        ("data/{portal}-{mode}.db", "{mode}"),
        ("data/{{portal}}.db", "{"),
    ],
)
def test_other_braces_in_the_path_are_a_mistake(tmp_path, path, wrong):
    configuration = {**sound(), "archive": {"path": path}}
    [complaint] = complaints(tmp_path, configuration)
    assert complaint.startswith("archive.path: ")
    assert complaint.endswith(f"no braces other than those of {{portal}}; {wrong} is none")
