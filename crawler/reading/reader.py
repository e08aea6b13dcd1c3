"""The reader of pages: bytes in, reading out."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.cssselect import CSSSelector

from archive.reading import LinkedFile, Nature, Reading
from crawler.reading.attachments import distinct, listed_beside
from crawler.reading.body import Body, find_body, named_bodies
from crawler.reading.charset import decode
from crawler.reading.evidence import Evidence
from crawler.reading.fields import Stated, stated_fields
from crawler.reading.furniture import is_surrounding, without_furniture
from crawler.reading.heading import heading_above, heading_of
from crawler.reading.line import Line
from crawler.reading.listing import ListEvidence, list_evidence
from crawler.reading.metadata import find_metadata
from crawler.reading.page import Page
from crawler.reading.recognition import Finding, recognise
from crawler.reading.settings import ReaderSettings
from crawler.reading.text import lines_of
from crawler.reading.vocabulary import Vocabulary

_ENOUGH_FIELDS = 2


class PageReader:
    """Reads the pages of one portal; an `archive.reading.Reader`."""

    def __init__(self, settings: ReaderSettings | None = None) -> None:
        settings = settings or ReaderSettings()
        self._name = settings.name
        self._settings = settings.to_json()
        self._zone = ZoneInfo(settings.timezone)
        self._vocabulary = Vocabulary(settings.labels)
        self._notices = settings.notices
        self._selectors = [CSSSelector(selector, translator="html") for selector in settings.body]

    @classmethod
    def from_settings(cls, text: str) -> PageReader:
        """The reader whose `settings` are `text`. Raises ValueError where there is none."""
        return cls(ReaderSettings.from_json(text))

    @property
    def name(self) -> str:
        """The reader's version, and for other settings than the defaults a mark of these."""
        return self._name

    @property
    def settings(self) -> str:
        """The settings as canonical JSON."""
        return self._settings

    def decode(self, body: bytes, content_type: str = "") -> str:
        """The page as text, in the encoding that `read` takes it to be in."""
        return decode(body, content_type)

    def read(self, body: bytes, *, url: str, content_type: str = "") -> Reading:
        """Read a page. Never raises on input: what is no document has a nature that says so."""
        page = Page(body, url=url, content_type=content_type)
        outline = page.outline
        named = named_bodies(page, self._selectors)
        metadata = find_metadata(outline, self._vocabulary, named)
        stated = stated_fields(metadata.pairs, self._vocabulary, self._zone)

        body_begin = outline.span(named[0])[0] if named else None
        title, heading = heading_of(page, body_begin)
        start = 0 if heading is None else outline.span(heading)[1]
        found = find_body(page, named, metadata, start)
        if heading is None and found is not None and not page.metas.get("articletitle"):
            above = outline.span(found.element)[0]
            title, heading = heading_above(page, above, title, metadata.elements)
        left_out = set(metadata.elements)
        if found is not None and not found.sure:
            # Around text that stands in the page itself its head and foot stand there too.
            left_out.update(filter(is_surrounding, found.element.iterdescendants()))
            if heading is not None:
                left_out.add(heading)
        fields = stated.fields if stated.fields.title else replace(stated.fields, title=title)
        lines, files = _content(page, found, left_out, fields.title)

        text = "\n".join(line.text for line in lines if line.text)
        finding = recognise(
            Evidence(
                page,
                stated=_is_stated(stated),
                text=text,
                has_files=bool(files),
                has_body=found is not None and found.sure and bool(text or files),
                title=fields.title,
            ),
            self._notices,
        ) or _judge(page, stated, found, text, files)
        return Reading(
            reader=self._name,
            nature=finding.nature,
            reason=finding.reason,
            fields=fields,
            text=text,
            attachments=files,
            metadata=tuple((pair.word, pair.value) for pair in metadata.pairs),
            problems=stated.problems,
            has_metadata=stated.count > 0,
        )


def _content(
    page: Page, body: Body | None, left_out: set[etree._Element], title: str
) -> tuple[list[Line], tuple[LinkedFile, ...]]:
    """The lines of a body and the files of the document."""
    if body is None:
        return [], ()
    lines = lines_of(page, body.element, left_out)
    lines = without_furniture(lines, None if body.sure else title)
    files = [file for line in lines for file in line.files]
    return lines, distinct([*files, *listed_beside(page, body.element)])


def _is_stated(stated: Stated) -> bool:
    return stated.fields.index_number is not None or stated.count >= _ENOUGH_FIELDS


def _judge(
    page: Page, stated: Stated, body: Body | None, text: str, files: tuple[LinkedFile, ...]
) -> Finding:
    """The nature of a page that is not in the catalogue (R5)."""
    document = Finding(Nature.DOCUMENT, "")
    if stated.fields.index_number is not None or (_is_stated(stated) and (text or files)):
        return document
    evidence = list_evidence(page)
    if body is not None and body.sure and (text or files) and not evidence.within(body.element):
        return document
    if evidence.certain or (evidence.rows and _told(page, body, evidence) < evidence.characters):
        return Finding(Nature.OTHER, "a list of documents")
    if body is not None and text and page.outline.linked(body.element) * 2 < len(text):
        return document
    if body is not None and files and stated.count:
        return document
    return Finding(Nature.OTHER, "no text")


def _told(page: Page, body: Body | None, evidence: ListEvidence) -> int:
    """How many characters a body says that are neither links nor in the page's list.

    Where it is all of a page, head and foot of the page are none of its own.
    """
    if body is None:
        return 0
    outline = page.outline
    told = outline.plain(body.element)
    begin, end = outline.span(body.element)
    around = set() if evidence.container is None else set(evidence.container.iterancestors())
    for element in () if body.sure else outline.elements:
        its_begin, its_end = outline.span(element)
        if its_begin < begin or its_end > end or element is body.element or element in around:
            continue
        if is_surrounding(element):
            told -= outline.plain(element)
            begin = its_end
    if evidence.container is not None and evidence.within(body.element):
        told -= outline.plain(evidence.container)
    return told
