"""What portals do to a page without touching the document: comments, scripts, attributes, space."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress

from lxml import etree, html

_ROOM = frozenset(("body", "div", "section", "article"))
_NO_ROOM = frozenset(("pre", "textarea", "script", "style", "title", "select", "option"))
_BLOCKS = frozenset(("p", "div", "table", "ul", "dl", "h1", "h2", "h3", "section", "article"))
SHARE = "分享"
"""All that a share block says."""

_SHARE = f'<div class="bdsharebuttonbox"><a href="#" class="bds_more">{SHARE}</a></div>'
_ATTRIBUTE = re.compile(r"[a-z][a-z-]*")
_MOST_TIMES = 4


def quieted(page: bytes) -> bytes | None:
    """A page as its own parser would write it; None where that is not the same page again.

    Noise can only be told from a change where tags stand where they seem to stand.
    """
    root = _tree(page)
    if root is None:
        return None
    if not all(_ATTRIBUTE.fullmatch(str(name)) for one in root.iter() for name in one.attrib):
        return None
    written = _written(root)
    again = _tree(written)
    return written if again is not None and _written(again) == written else None


def with_noise(page: bytes, chance: random.Random) -> tuple[str, bytes | None]:
    """A quiet page with one kind of noise in it, and which; None where there is no room for it."""
    root = _tree(page)
    assert root is not None
    kind, add = chance.choice(_KINDS)
    places = [element for element in root.iter() if isinstance(element.tag, str)]
    if kind != "an attribute":
        places = [one for one in places if not any(map(_has_no_room, (one, *one.iterancestors())))]
    chance.shuffle(places)
    added = 0
    for element in places:
        with suppress(ValueError):  # text that lxml reads but does not write
            added += add(element)
        if added == _MOST_TIMES:
            break
    noisy = _written(root)
    again = _tree(noisy)
    sound = added and again is not None and _written(again) == noisy
    return kind, noisy if sound else None


def _comment(element: etree._Element) -> bool:
    if element.tag == "html" or element.tag == "head":
        return False
    comment = etree.Comment(" 注 ")
    comment.tail, element.text = element.text, None
    element.insert(0, comment)
    return True


def _reorder(element: etree._Element) -> bool:
    attributes = list(element.attrib.items())
    # First on another element: what lxml reads and does not write would be lost here.
    etree.Element("a").attrib.update(attributes)
    element.attrib.clear()
    for name, value in reversed(attributes):
        element.set(name, value)
    element.set("data-v", "7")
    return True


def _space(element: etree._Element) -> bool:
    if not _stands_between_blocks(element):
        return False
    element.tail = "\n\t  " + (element.tail or "")
    return True


def _script(element: etree._Element) -> bool:
    if element.tag not in _ROOM or not _stands_between_blocks(element):
        return False
    script = etree.Element("script")
    script.text = "var visits = 3;"
    element.addnext(script)
    return True


def _share(element: etree._Element) -> bool:
    if not _stands_between_blocks(element):
        return False
    element.addnext(html.fragment_fromstring(_SHARE))
    return True


_KINDS: tuple[tuple[str, Callable[[etree._Element], bool]], ...] = (
    ("a comment", _comment),
    ("an attribute", _reorder),
    ("white space between blocks", _space),
    ("a script", _script),
    ("a share block", _share),
)


def _stands_between_blocks(element: etree._Element) -> bool:
    parent, following = element.getparent(), element.getnext()
    return (
        element.tag in _BLOCKS
        and parent is not None
        and parent.tag in _ROOM
        and following is not None
        and following.tag in _BLOCKS
        and not (element.tail or "").strip()
    )


def _has_no_room(element: etree._Element) -> bool:
    return element.tag in _NO_ROOM


def _tree(page: bytes) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return etree.fromstring(page.replace(b"\x00", b""), parser)
    except etree.XMLSyntaxError:
        return None


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, method="html", encoding="utf-8")
