"""Archives of files: the texts of what is in them, each under its name, archives as well."""

from __future__ import annotations

import zipfile
from contextlib import suppress

from archive.attachments.limits import LIMITS
from archive.attachments.readers.found import Found, Lines, opened_zip, plain
from archive.attachments.text import Outcome, UnreadableError

_UTF_8_NAME = 0x800
# What systems put in for themselves.
_FURNITURE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_NAMED = 10


def read(body: bytes, depth: int = 1) -> Found:
    """The texts of its files; the note names those that have none, and why."""
    # Here, since that module loads this one.
    from archive.attachments.reading import read_file

    lines = Lines()
    unread: dict[str, Outcome] = {}
    is_empty = True
    with opened_zip(body) as archive:
        members = [one for one in archive.infolist() if _is_file(one)]
        if len(members) > LIMITS.members:
            raise UnreadableError(Outcome.TOO_LARGE, f"it holds more than {LIMITS.members} files")
        for member in members:
            name = name_of(member)
            try:
                text = read_file(archive.read(member), depth=depth)
            except NotImplementedError:
                unread[name] = Outcome.UNREADABLE_FORMAT
                continue
            if text.outcome is not Outcome.READ:
                unread[name] = text.outcome
                continue
            is_empty = False
            lines.add(name)
            lines.add_text(text.text)
    if not members:
        return Found("", "there are no files in it")
    note = _note(unread)
    if is_empty:
        outcomes = set(unread.values())
        raise UnreadableError(
            outcomes.pop() if len(outcomes) == 1 else Outcome.UNREADABLE_FORMAT, note
        )
    return lines.found(note)


def name_of(member: zipfile.ZipInfo) -> str:
    """A file's name; programs of Chinese Windows write it in GBK, without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF_8_NAME:
        with suppress(UnicodeError):
            name = member.orig_filename.encode("cp437").decode("gb18030")
    return plain(name)


def _is_file(member: zipfile.ZipInfo) -> bool:
    return not member.is_dir() and not any(one in member.filename for one in _FURNITURE)


def _note(unread: dict[str, Outcome]) -> str:
    if not unread:
        return ""
    named = ", ".join(
        f"{name} ({outcome.value})" for name, outcome in list(unread.items())[:_NAMED]
    )
    return f"not read: {named}{' …' if len(unread) > _NAMED else ''}"
