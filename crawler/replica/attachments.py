"""Small but genuine files, made by code: PDF, PNG, ZIP, CSV and plain text."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache

MEDIA_TYPES = {
    "csv": "text/csv",
    "pdf": "application/pdf",
    "png": "image/png",
    "txt": "text/plain",
    "zip": "application/zip",
}


@lru_cache(maxsize=256)
def make_file(suffix: str, name: str, lines: Sequence[str]) -> bytes:
    """The bytes of a file of this kind that says these lines; equal arguments, equal bytes."""
    match suffix:
        case "pdf":
            return _pdf(lines)
        case "png":
            return _png(name)
        case "zip":
            return _zip(lines)
        case "csv":
            return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()  # the BOM is for spreadsheets
        case "txt":
            return ("\n".join(lines) + "\n").encode()
    raise ValueError(f"no way to make a .{suffix} file")


def _pdf(lines: Sequence[str]) -> bytes:
    """One page of text in a font that every reader with Chinese support brings along."""
    shown = " T* ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in lines)
    content = f"BT /F1 16 Tf 24 TL 72 760 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    made = io.BytesIO()
    made.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(made.tell())
        made.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = made.tell()
    made.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    made.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    made.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    made.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return made.getvalue()


def _png(name: str) -> bytes:
    """A chart of seven bars whose heights and colour follow from the name."""
    width, height = 140, 80
    digest = hashlib.sha256(name.encode()).digest()
    colour = bytes(component // 2 + 40 for component in digest[:3])
    tops = [height - 12 - value % 60 for value in digest[3:10]]
    rows = b"".join(
        b"\0"
        + b"".join(
            colour if x % 20 < 14 and y >= tops[x // 20] else b"\xff\xff\xff" for x in range(width)
        )
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _zip(names: Sequence[str]) -> bytes:
    """An archive of one small drawing for each name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(f"{name}.png", date_time=(2023, 8, 31, 15, 49, 2))
            archive.writestr(entry, _png(name))
    return made.getvalue()
