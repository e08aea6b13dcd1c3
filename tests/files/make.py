"""Makes the files of this folder anew: `python tests/files/make.py`, with LibreOffice at hand.

python-docx and openpyxl write what LibreOffice then opens and saves in each format, so that the
files are those of a real program. They are committed, since the tests are to run without it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import docx
import openpyxl
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from PIL import Image, ImageDraw

HERE = Path(__file__).parent
FONT = "Noto Sans CJK SC"
SECRET = "open-sesame"
HEADING = "柳溪市生活垃圾收费标准"
# Few different characters, since the font of a PDF takes most of its bytes.
OPENING = (
    "本市居民和餐饮经营户的生活垃圾收费，居民以户为单位，餐饮经营户以平方米为单位，按本标准执行；"
    "本标准以外的收费，按市标准执行，不执行市标准的，居民和经营户不缴。"
)
ARTICLES = (
    "第一条 居民以户为单位按月缴费，单位以人为单位按月缴费。",
    "第二条 收费标准按下表执行。",
)
CLOSING = "第三条 本标准自2025年1月1日起执行。"


def table(fee):
    """The rows of the table; `fee` is what households pay."""
    return (
        ("类别", "单位", "标准（元）"),
        ("居民", "户·月", fee),
        ("单位", "人·月", "3.50"),
        ("餐饮经营户", "平方米·月", "1.20"),
    )


def _document():
    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    return document


def text_document(path, fee="8.00"):
    """A fee schedule as a legal department writes one."""
    document = _document()
    document.sections[0].header.paragraphs[0].text = "页眉不是正文"
    heading = document.add_paragraph(HEADING)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in (OPENING, *ARTICLES):
        document.add_paragraph(text).paragraph_format.first_line_indent = Pt(28)
    grid = document.add_table(rows=0, cols=3, style="Table Grid")
    for row in table(fee):
        for cell, value in zip(grid.add_row().cells, row, strict=True):
            cell.text = value
    document.add_paragraph(CLOSING).paragraph_format.first_line_indent = Pt(28)
    document.save(path)


def picture_document(path, picture):
    """A page that is nothing but a picture of one, as a scanner makes it."""
    image = Image.new("L", (620, 877), 255)
    draw = ImageDraw.Draw(image)
    for line in range(20):
        draw.line((60, 60 + line * 38, 560 - line % 3 * 80, 60 + line * 38), fill=60, width=6)
    image.save(picture, quality=30)
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(0.5))
    document.paragraphs or document.add_paragraph()
    document.paragraphs[0].add_run().add_picture(str(picture), width=Cm(19.5))
    document.save(path)


def workbook(path):
    """Two sheets with numbers, dates and a formula, and a hidden one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "收费标准"
    sheet.append(["类别", "标准", "比例", "起执行"])
    for row in (
        ("居民", 8, 0.125, date(2025, 1, 1)),
        ("餐饮经营户", 1234.5, 1, date(2025, 12, 31)),
    ):
        sheet.append(row)
    for row in sheet.iter_rows(min_row=2):
        row[1].number_format, row[2].number_format = "#,##0.00", "0.0%"
        row[3].number_format = 'yyyy"年"m"月"d"日"'
    sheet["A4"], sheet["B4"] = "合计", "=SUM(B2:B3)"
    sheet["B4"].number_format = "#,##0.00"
    book.create_sheet("说明").append(["本表由市城市管理局负责解释"])
    hidden = book.create_sheet("底稿")
    hidden["A1"] = "不公开的草稿"
    hidden.sheet_state = "hidden"
    book.save(path)


def convert(source, kind, target, **options):
    """Let LibreOffice open a file and save it as another kind."""
    if options:
        typed = {
            name: {"type": "boolean" if isinstance(value, bool) else "string", "value": str(value)}
            for name, value in options.items()
        }
        for one in typed.values():
            one["value"] = one["value"].lower() if one["type"] == "boolean" else one["value"]
        kind = f"{kind}:{json.dumps(typed)}"
    saved = target.parent / "saved"
    subprocess.run(
        ["soffice", "--headless", "--convert-to", kind, "--outdir", saved, source],
        check=True,
        capture_output=True,
        timeout=300,
    )
    (saved / f"{source.stem}.{kind.partition(':')[0]}").rename(target)


def long_document(path):
    """Four pages with a header and numbers, and paragraphs that go on over their ends."""
    document = _document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "柳溪市收费标准"
    footer = section.footer.paragraphs[0]
    footer.add_run("— ")
    footer._p.append(
        parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        )
    )
    footer.add_run(" —")
    for number in range(1, 25):
        document.add_paragraph(f"{number}." + OPENING * 2).paragraph_format.first_line_indent = Pt(
            28
        )
    document.save(path)


def marked_document(path):
    """Tracked changes, numbers that Word counts, a table with empty cells, and a text box."""
    document = docx.Document()
    deleted = '<w:del %s w:id="%d" w:author="甲"><w:r><w:delText>%s</w:delText></w:r></w:del>'
    inserted = '<w:ins %s w:id="%d" w:author="甲"><w:r><w:t>%s</w:t></w:r></w:ins>'
    space = nsdecls("w")
    _count(document)
    first = document.add_paragraph("标准为每户每月", style="List Number")
    first._p.append(parse_xml(deleted % (space, 1, "六元")))
    first._p.append(parse_xml(inserted % (space, 2, "八元")))
    first.add_run("。")
    document.add_paragraph("本条由市城市管理局解释。", style="List Number")
    grid = document.add_table(rows=2, cols=3, style="Table Grid")
    for (row, column), value in {(0, 0): "甲", (0, 2): "丙", (1, 1): "乙"}.items():
        grid.cell(row, column).text = value
    document.add_paragraph("正文到此为止。")
    box = document.add_paragraph().add_run()
    box._r.append(
        parse_xml(
            f"""<w:pict {space} xmlns:v="urn:schemas-microsoft-com:vml">
            <v:shape id="box" style="width:200pt;height:40pt" type="#_x0000_t202"><v:textbox>
            <w:txbxContent><w:p><w:r><w:t>文本框里的话</w:t></w:r></w:p></w:txbxContent>
            </v:textbox></v:shape></w:pict>"""
        )
    )
    document.save(path)


def _count(document):
    """Let the style List Number count 第一条, 第二条."""
    numbering = document.part.numbering_part.element
    number = document.styles["List Number"].element.pPr.numPr.numId.val
    abstract_id = next(one.abstractNumId.val for one in numbering.num_lst if one.numId == number)
    for abstract in numbering.findall(qn("w:abstractNum")):
        if abstract.get(qn("w:abstractNumId")) == str(abstract_id):
            level = abstract.find(qn("w:lvl"))
            level.find(qn("w:numFmt")).set(qn("w:val"), "chineseCountingThousand")
            level.find(qn("w:lvlText")).set(qn("w:val"), "第%1条")


def main():
    if shutil.which("soffice") is None:
        sys.exit("LibreOffice (soffice) is not installed")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        text_document(work / "fees.docx")
        text_document(work / "revised.docx", fee="9.50")
        long_document(work / "long.docx")
        picture_document(work / "scan.docx", work / "scan.jpg")
        marked_document(work / "marked.docx")
        workbook(work / "book.xlsx")
        out = work / "out"
        out.mkdir()
        pdf, lean = "pdf:writer_pdf_Export", {"UseTaggedPDF": False}
        convert(work / "fees.docx", pdf, out / "fees.pdf", **lean)
        convert(work / "revised.docx", pdf, out / "fees-revised.pdf", **lean)
        convert(work / "long.docx", pdf, out / "long.pdf", **lean)
        convert(work / "scan.docx", pdf, out / "scanned.pdf", **lean)
        locked = {**lean, "EncryptFile": True, "DocumentOpenPassword": SECRET}
        convert(work / "fees.docx", pdf, out / "encrypted.pdf", **locked)
        convert(work / "fees.docx", "doc:MS Word 97", out / "fees.doc")
        convert(work / "fees.docx", "docx:MS Word 2007 XML", out / "fees.docx")
        convert(work / "marked.docx", "doc:MS Word 97", out / "marked.doc")
        convert(work / "marked.docx", "docx:MS Word 2007 XML", out / "marked.docx")
        convert(work / "book.xlsx", "xls:MS Excel 97", out / "fees.xls")
        convert(work / "book.xlsx", "xlsx:Calc MS Excel 2007 XML", out / "fees.xlsx")
        (out / "saved").rmdir()
        for made in sorted(out.iterdir()):
            shutil.copy(made, HERE / made.name)
            print(f"{made.name}: {made.stat().st_size} bytes")


if __name__ == "__main__":
    main()
