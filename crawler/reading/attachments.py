"""Files of a document that are listed beside its body instead of in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from archive.reading import LinkedFile
from crawler.reading.files import file_name, linked_file
from crawler.reading.furniture import is_surrounding
from crawler.reading.outline import names_of
from crawler.reading.page import Page
from crawler.reading.whitespace import squeeze

_NAMES = frozenset(
    (
        *("attachment", "attachments", "attach", "attachlist", "annex", "appendix", "appendixes"),
        *("fujian", "fj", "fjlist", "fjxz", "filelist", "files", "easysiteattachment"),
    )
)
_HEADINGS = ("附件", "相关附件", "文件下载", "附件下载", "下载附件")
_NEIGHBOURING_BLOCKS = 6


def listed_beside(page: Page, body: etree._Element) -> Iterator[LinkedFile]:
    """The files in the blocks of attachments that follow `body`."""
    for block in _blocks_after(body):
        names = _NAMES.intersection(names_of(block))
        heading = squeeze(page.outline.text_of(block)).lstrip("【[（(")
        if is_surrounding(block) or not (names or heading.startswith(_HEADINGS)):
            continue
        for link in block.iter("a"):
            url = linked_file(page, link)
            if url is not None:
                yield LinkedFile(page.outline.text_of(link) or file_name(url), url)


def distinct(files: Iterable[LinkedFile]) -> tuple[LinkedFile, ...]:
    """Each address once, under the name it is first given, in page order."""
    by_url: dict[str, LinkedFile] = {}
    for file in files:
        by_url.setdefault(file.url, file)
    return tuple(by_url.values())


def _blocks_after(body: etree._Element) -> Iterator[etree._Element]:
    """The elements that follow the body beside it, and beside its parent."""
    for element in (body, body.getparent()):
        if element is None or element.tag in ("body", "html"):
            return
        for number, sibling in enumerate(element.itersiblings()):
            if number == _NEIGHBOURING_BLOCKS:
                break
            yield sibling
