"""Files that no program here can write, and files that mean harm."""

import io
import struct
import zipfile
import zlib

OFD_SPACE = "http://www.ofdspec.org/2016"


def zipped(members, *, encoding="utf-8"):
    """A ZIP archive of `{name: bytes}`; in GBK as programs of Chinese Windows name files."""

    class Entry(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):  # noqa: N802 the library's name
            marked = 0x800 if encoding == "utf-8" else 0
            return self.filename.encode(encoding), self.flag_bits | marked

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in members.items():
            entry = Entry(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return packed.getvalue()


def ofd(pages):
    """An OFD by GB/T 33190: pages of `(left, top, text)`, in millimetres; None for a picture."""
    listed = "".join(
        f'<ofd:Page ID="{number}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    members = {
        "OFD.xml": f'<ofd:OFD xmlns:ofd="{OFD_SPACE}" Version="1.0" DocType="OFD"><ofd:DocBody>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document xmlns:ofd="{OFD_SPACE}"><ofd:CommonData>'
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        f"</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for number, page in enumerate(pages):
        if page is None:
            objects = '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="4"/>'
        else:
            objects = "".join(
                f'<ofd:TextObject ID="{place}" Boundary="{left} {top} {4 * len(text)} 4" Font="3"'
                f' Size="4"><ofd:TextCode X="0" Y="3.5" DeltaX="g {len(text) - 1} 4">{text}'
                "</ofd:TextCode></ofd:TextObject>"
                for place, (left, top, text) in enumerate(page, 10)
            )
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page xmlns:ofd="{OFD_SPACE}"><ofd:Content><ofd:Layer ID="2">{objects}'
            "</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return zipped({name: text.encode() for name, text in members.items()})


def pdf_printing(signs):
    """A PDF of one page that prints so many signs, one after another."""
    stream = zlib.compress(b"BT /F1 9 Tf 10 10 Td " + b"(a) Tj " * signs + b"ET")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _pdf(objects)


def endless_pdf():
    """A PDF whose tree of pages leads back to itself."""
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>",
        ]
    )


def _pdf(objects):
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )
    return bytes(data)


def word_document(xml):
    """A Word document whose text is this XML."""
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            b'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            b'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType='
            b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
            b"</Types>",
            "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            b'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
            b'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
            b"</Relationships>",
            "word/document.xml": xml,
        }
    )


def laughing():
    """A Word document whose one word unfolds to ten to the ninth of it."""
    entities = ['<!ENTITY a0 "lol">']
    entities += [f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)]
    return word_document(_document("".join(entities), "<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>"))


def reading_secrets(path):
    """A Word document that wants a file of the machine as part of its text."""
    entity = f'<!ENTITY secret SYSTEM "file://{path}">'
    return word_document(_document(entity, "<w:p><w:r><w:t>&secret;</w:t></w:r></w:p>"))


def nested(depth):
    """A Word document with so many tables in tables."""
    inner = "<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth
    return word_document(_document("", inner))


def _document(entities, body):
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return (
        f'<?xml version="1.0"?><!DOCTYPE d [{entities}]><w:document xmlns:w="{space}">'
        f"<w:body>{body}</w:body></w:document>"
    ).encode()


def bomb(size):
    """A ZIP archive of one file of so many bytes, all zero."""
    return zipped({"数据.txt": bytes(size)})


def lying_bomb(size, told=10):
    """The same, which says that it unfolds to so few bytes, or so many."""
    return bomb(size).replace(struct.pack("<I", size), struct.pack("<I", told))
