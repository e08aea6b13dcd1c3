"""Lists that a page carries as data for a script: the groups of Hanweb's jpage.

The rows of such a list stand as `<record>`s of a `<datastore>` in a `<script type="text/xml">`,
each of them markup within CDATA; its `<nextgroup>` holds a link to the next such group, which is a
`<datastore>` by itself. Browsers show the rows once a script has unpacked them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.reading.charset import decode
from crawler.reading.page import Page

_BEGIN, _END = "<datastore>", "</datastore>"
_MARK = _BEGIN.encode()
_SCRIPT_TAG = re.compile(r"<script\b[^<>]*>\s*(?:<\?xml[^<>]*\?>\s*)?$", re.I)
_END_OF_SCRIPT = re.compile(r"\s*</script\s*>", re.I)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.I)
# Between a script's tag and its datastore there is at most a declaration.
_LONGEST_TAG = 500


def list_page(body: bytes, *, url: str, content_type: str = "") -> Page:
    """The page of a list, with the rows that it carries as data among its markup."""
    if _MARK not in body:
        return Page(body, url=url, content_type=content_type)
    unpacked = "".join(_unpacked(decode(body, content_type)))
    return Page(unpacked.encode(), url=url, content_type="text/html; charset=utf-8")


def _unpacked(markup: str) -> Iterator[str]:
    """The markup in pieces, each datastore as the list that it stands for."""
    done = 0
    while (begin := markup.find(_BEGIN, done)) >= 0:
        end = markup.find(_END, begin)
        if end < 0:
            break
        tag = _SCRIPT_TAG.search(markup, max(done, begin - _LONGEST_TAG), begin)
        yield markup[done : begin if tag is None else tag.start()]
        yield _as_list(markup[begin + len(_BEGIN) : end])
        done = end + len(_END)
        if tag is not None and (closing := _END_OF_SCRIPT.match(markup, done)):
            done = closing.end()
    yield markup[done:]


def _as_list(datastore: str) -> str:
    groups, _, records = datastore.rpartition("<recordset>")
    rows = "".join(_sections(records))
    link = _HREF.search("".join(_sections(groups)))
    following = f'<a rel="next" href="{link[1] or link[2]}">下一页</a>' if link else ""
    # Marked as EasySite marks its lists: that it is one needs no guess.
    return f'<div opentype="page">{rows}</div>{following}'


def _sections(xml: str) -> Iterator[str]:
    """What stands in the CDATA sections."""
    for part in xml.split("<![CDATA[")[1:]:
        yield part.partition("]]>")[0]
