"""What a portal sent, made inert: a page without anything that runs, loads or leads anywhere, and
files under names that do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from urllib.parse import quote, unquote, urlsplit

from archive.errors import ConfigurationError
from archive.questions.documents import File, Raw
from archive.readings import Readers

_TAGS = """
    a abbr article aside b blockquote br caption center cite code col colgroup dd del div dl dt
    em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre
    q rp rt ruby s section small span strong sub sup table tbody td tfoot th thead time tr tt u ul
    var"""
# With what is in them; of all other elements that are not shown, their text is.
_DROPPED = """
    applet audio button canvas embed frame frameset head iframe input link math meta noembed
    noframes noscript object option script select style svg template textarea title video
    xmp"""
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "valign"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type"},
}
_STYLE = """:root{color-scheme:light dark}body{margin:1rem;font:16px/1.7 sans-serif;
overflow-wrap:anywhere}table{border-collapse:collapse;max-width:100%}
td,th{border:1px solid #999;padding:.2rem .5rem}"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
INERT_POLICY = (
    f"sandbox; default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
"""Nothing runs, nothing loads, nothing is submitted; the one style that applies is ours."""

_SAFE_TYPES = frozenset(
    {
        "application/msword",
        "application/pdf",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "text/csv",
        "text/plain",
    }
)
_ANY_TYPE = "application/octet-stream"
_LONGEST_NAME = 120
# What the names of files cannot have somewhere, and what turns the order of writing around.
_NOT_IN_A_NAME = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*%\u200b-\u200f\u202a-\u202e\u2060-\u206f]'
)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def source_of(raw: Raw, readers: Readers) -> str:
    """The page as text, as the portal wrote it."""
    try:
        reader = readers.current(raw.portal)
    except ConfigurationError:
        # A portal that is not watched any more.
        return raw.body.decode("utf-8", errors="replace")
    return reader.decode(raw.body, raw.content_type)


def inert_page(source: str) -> str:
    """The page to be looked at: its text and tables, and nothing that does anything."""
    import nh3

    body = nh3.clean(
        source,
        tags=set(_TAGS.split()),
        clean_content_tags=set(_DROPPED.split()),
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        link_rel=None,
        strip_comments=True,
        url_schemes=set(),
    )
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>网页</title>'
        f"<style>{_STYLE}</style>"
        f"</head><body>{body}</body></html>"
    )


def media_type_of(file: File) -> str:
    """The type that a file is sent as: that of bytes, unless it is one that does nothing."""
    stated = file.media_type.partition(";")[0].strip().lower()
    return stated if stated in _SAFE_TYPES else _ANY_TYPE


def file_name(name: str, url: str) -> str:
    """A name to save an attachment by: what it is called, with the suffix that its address has."""
    safe = _safe(name)
    if not _SUFFIX.search(safe):
        suffix = _SUFFIX.search(_safe(unquote(urlsplit(url).path)))
        safe += suffix[0] if suffix else ""
    return safe


def disposition(name: str) -> str:
    """The header that makes a browser save a file by that name, and show it nowhere (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._ -]", "", plain).strip(" .") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _safe(name: str) -> str:
    """A name with nothing in it that means anything to a system of files or a shell of one."""
    plain = _NOT_IN_A_NAME.sub("_", name.encode("utf-8", "replace").decode())
    plain = " ".join(plain.split()).strip(" .")
    head, suffix = plain, ""
    found = _SUFFIX.search(plain)
    if found:
        head, suffix = plain[: found.start()], found[0]
    return (head[: _LONGEST_NAME - len(suffix)].rstrip(" .") or "file") + suffix
