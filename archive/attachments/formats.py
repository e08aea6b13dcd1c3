"""Which format a file is of, told by its bytes alone: names and media types on portals often lie.

WPS writes `.wps` and `.et` in the formats of Word and Excel, and many a `.doc` is a web page.
"""

from __future__ import annotations

import io
import zipfile
from enum import StrEnum

from archive.attachments.text import Outcome, UnreadableError


class Format(StrEnum):
    """The formats that have a reader, each named as its reader is."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    DOC = "doc"
    XLS = "xls"
    OFD = "ofd"
    ZIP = "zip"
    HTML = "html"
    PLAIN = "plain"
    NONE = "none"
    """Of no format that can be read here."""


VERSIONS = {
    Format.PDF: 1,
    Format.DOCX: 1,
    Format.XLSX: 1,
    Format.DOC: 1,
    Format.XLS: 1,
    Format.OFD: 1,
    Format.ZIP: 1,
    Format.HTML: 1,
    Format.PLAIN: 1,
    Format.NONE: 1,
}
"""To be raised whenever a format's reader makes another text, or another outcome, of the same
bytes; that of `none` when a format gets its first reader. A file is then read again."""

READERS = frozenset(f"{one.value}/{version}" for one, version in VERSIONS.items())
"""The names of the present readers."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PARTS = frozenset({"encryptedpackage", "encryptioninfo"})
# What is worth naming, since people will ask why it has no text.
_UNREADABLE = (
    (b"Rar!\x1a\x07", "a RAR archive, which cannot be unpacked here"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which cannot be unpacked here"),
    (b"\x1f\x8b", "a gzip archive, which cannot be unpacked here"),
    (b"{\\rtf", "a rich text (RTF) file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"%!PS", "a PostScript file"),
    (b"AT&TFORM", "a DjVu file"),
    (b"HM", "a CAJ file"),
    (b"CAJ", "a CAJ file"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a recording"),
    (b"MZ", "a program"),
)
# A PDF may be preceded by something else, as its readers allow.
_PDF_WITHIN = 1024


def reader_of(found: Format) -> str:
    """The name and version of a format's reader, such as `pdf/1`."""
    return f"{found.value}/{VERSIONS[found]}"


def format_of(body: bytes) -> Format:
    """The format of a file. Raises UnreadableError for what no reader can do anything with."""
    if not body.strip(b"\0 \t\r\n"):
        raise UnreadableError(Outcome.BROKEN, "an empty file")
    if b"%PDF-" in body[:_PDF_WITHIN]:
        return Format.PDF
    if body.startswith(_OLE):
        return _of_compound(body)
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(body)
    from archive.attachments.readers.plain import is_html, text_of

    for magic, name in _UNREADABLE:
        # Two letters begin many a text.
        if body.startswith(magic) and (len(magic) > 3 or text_of(body) is None):
            raise UnreadableError(Outcome.UNREADABLE_FORMAT, name)
    if body[4:8] == b"ftyp":
        raise UnreadableError(Outcome.UNREADABLE_FORMAT, "a recording or a picture")
    text = text_of(body)
    if text is None:
        raise UnreadableError(Outcome.UNREADABLE_FORMAT, "of no format that is known here")
    return Format.HTML if is_html(text) else Format.PLAIN


def _of_compound(body: bytes) -> Format:
    """What an OLE compound file is: the container of Word, Excel and WPS up to about 2007."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(body)) as container:
            names = {path[0].lower() for path in container.listdir() if len(path) == 1}
            is_damaged = bool(container.parsing_issues)
    except (OSError, ValueError, IndexError) as error:
        raise UnreadableError(Outcome.BROKEN, "a damaged compound file") from error
    if names & _ENCRYPTED_PARTS:
        raise UnreadableError(Outcome.ENCRYPTED)
    if "worddocument" in names:
        return Format.DOC
    if names & {"workbook", "book"}:
        return Format.XLS
    if "powerpoint document" in names:
        raise UnreadableError(Outcome.UNREADABLE_FORMAT, "a PowerPoint presentation")
    if is_damaged or not names:
        raise UnreadableError(Outcome.BROKEN, "a damaged compound file")
    raise UnreadableError(
        Outcome.UNREADABLE_FORMAT, "a compound file with neither a Word text nor a table in it"
    )


def _of_zip(body: bytes) -> Format:
    """What a ZIP archive is: that of Word, of Excel, an OFD, or one of files."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableError(Outcome.BROKEN, "a damaged ZIP archive") from error
    if "[content_types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return Format.DOCX
        if any(name.startswith("xl/") for name in names):
            if "xl/workbook.bin" in names:
                raise UnreadableError(Outcome.UNREADABLE_FORMAT, "a binary Excel (XLSB) file")
            return Format.XLSX
        if any(name.startswith("ppt/") for name in names):
            raise UnreadableError(Outcome.UNREADABLE_FORMAT, "a PowerPoint presentation")
    if any(name.rpartition("/")[2] == "ofd.xml" for name in names):
        return Format.OFD
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableError(Outcome.UNREADABLE_FORMAT, "an OpenDocument file")
    return Format.ZIP
