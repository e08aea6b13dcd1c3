"""Addresses as a walk through a portal tells them apart: which are one page, which are alike."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from archive.locations import NotALocationError, location_key

_SESSION_IN_PATH = re.compile(r";[a-z_]*session_?id=[^/?#]*", re.I)
_DEFAULT_PAGE = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.I)
_VARYING = re.compile(r"[0-9a-f]{8,}|\d+", re.I)


def page_key(url: str) -> str | None:
    """The one spelling of a page's address, by which it is asked once; None for no address.

    A folder and the default page in it are one, and an id of a session is no part of it.
    """
    try:
        key = location_key(_SESSION_IN_PATH.sub("", url))
    except NotALocationError:
        return None
    return _DEFAULT_PAGE.sub("/", key)


def without_session(url: str) -> str:
    """The address without the id of a session in its path."""
    return _SESSION_IN_PATH.sub("", url)


def shape_of(key: str) -> str:
    """What a page's key has in common with its like: digits and values of the query left out."""
    path, _, query = key.partition("?")
    names = sorted({name for name, _ in parse_qsl(query, keep_blank_values=True)})
    return _VARYING.sub("#", path) + ("?" + "&".join(names) if names else "")


def folder_of(url: str) -> str:
    """The key of the folder that a page stands in: that of the subtree below it.

    Raises NotALocationError.
    """
    return location_key(urlsplit(url)._replace(query="").geturl()).rpartition("/")[0] + "/"


def stands_below(url: str, folder: str) -> bool:
    """Whether an address lies in a folder, given by its key, or in one below it."""
    key = page_key(url)
    return key is not None and key.startswith(folder)
