"""Archives without the triggers that refuse alterations, as somebody with an editor makes them."""

import re
import sqlite3
from contextlib import closing

_MISSING = re.compile(r"schema: the trigger \w+ is missing")


def unlock(path):
    """Drop every trigger of the archive, so that everything in it can be altered."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.commit()


def besides(problems):
    """The problems that were found besides the triggers that are gone."""
    return tuple(one for one in problems if not _MISSING.fullmatch(one))
