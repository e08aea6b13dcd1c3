"""A 修订对照表 as a Word document: A4 across, its heading repeated on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run as DocxRun

from archive.law.tables.rows import Paragraph, Run, TableRow
from archive.law.tables.table import RevisionTable

# As official documents are set (GB/T 9704): headings in 黑体, text in 仿宋, notes in 楷体.
_HEADINGS, _TEXT, _NOTES, _LATIN = "黑体", "仿宋", "楷体", "Times New Roman"
_TITLE_SIZE, _TEXT_SIZE, _SMALL_SIZE = Pt(18), Pt(12), Pt(10.5)
_WIDTHS = (Cm(11), Cm(11), Cm(3.7))
_RED, _BLUE = RGBColor(0xC0, 0x00, 0x00), RGBColor(0x1F, 0x3F, 0x9F)
_GREY = "E7E6E6"
# A row that is no longer than this is kept on one page.
_KEPT_TOGETHER = 500


def docx_table(table: RevisionTable) -> bytes:
    """The bytes of the .docx file."""
    document = Document()
    _set_up(document, table)
    _paragraph(document, table.title, _HEADINGS, _TITLE_SIZE, WD_ALIGN_PARAGRAPH.CENTER)
    for label, value in table.about:
        _paragraph(document, f"{label}：{value}", _TEXT, _SMALL_SIZE)
    _paragraph(document, f"说明：{table.legend}", _NOTES, _SMALL_SIZE)
    _paragraph(document, table.sum, _NOTES, _SMALL_SIZE)
    if table.rows:
        height, width = 1 + len(table.rows), len(table.columns)
        _fill(document.add_table(height, width, style="Table Grid"), table)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _set_up(document: DocumentType, table: RevisionTable) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, _TEXT_SIZE
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _TEXT)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for words, code in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES"), (" 页", None)):
        _typeset(foot.add_run(words), _TEXT, _SMALL_SIZE)
        if code is not None:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), code)
            run = foot.add_run("1")
            _typeset(run, _TEXT, _SMALL_SIZE)
            field.append(run._r)
            foot._p.append(field)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = table.title[:255], "", ""
    properties.created = properties.modified = datetime.now(UTC)


def _fill(laid_out: Table, table: RevisionTable) -> None:
    laid_out.alignment = WD_TABLE_ALIGNMENT.CENTER
    laid_out.autofit = False
    for column, width in zip(laid_out.columns, _WIDTHS, strict=True):
        column.width = width
    head, *rest = laid_out.rows
    _row_property(head._tr, "w:tblHeader")
    _row_property(head._tr, "w:cantSplit")
    for cell, words in zip(head.cells, table.columns, strict=True):
        _write(cell, ((Run(words, is_number=True),),), centred=True)
        shading = OxmlElement("w:shd")
        shading.set(qn("w:val"), "clear")
        shading.set(qn("w:fill"), _GREY)
        cell._tc.get_or_add_tcPr().append(shading)
    above: tuple[_Cell, ...] = ()
    for row, place in zip(table.rows, rest, strict=True):
        cells = place.cells
        _fill_row(cells, above, row)
        above = cells
        for cell, width in zip(cells, _WIDTHS, strict=True):
            cell.width = width
    for cell, width in zip(head.cells, _WIDTHS, strict=True):
        cell.width = width


def _fill_row(cells: Sequence[_Cell], above: Sequence[_Cell], row: TableRow) -> None:
    for place, side in enumerate((row.before, row.after)):
        if side is not None:
            _write(cells[place], side, centred=row.is_heading)
        else:
            _merge(above[place], cells[place])
    _write(cells[2], ((Run(row.remark),),) if row.remark else (), small=True)
    length = max(
        sum(len(run.text) for paragraph in side or () for run in paragraph)
        for side in (row.before, row.after)
    )
    if length <= _KEPT_TOGETHER:
        _row_property(cells[0]._tc.getparent(), "w:cantSplit")


def _write(
    cell: _Cell, paragraphs: Sequence[Paragraph], *, centred: bool = False, small: bool = False
) -> None:
    for place, runs in enumerate(paragraphs):
        into = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        _lay_out(into)
        if centred:
            into.alignment = WD_ALIGN_PARAGRAPH.CENTER
            into.paragraph_format.keep_with_next = True
        elif not small:
            # Two characters, as every paragraph begins.
            into.paragraph_format.first_line_indent = 2 * _TEXT_SIZE
        for run in runs:
            written = into.add_run(run.text)
            font = _HEADINGS if run.is_number or centred else _TEXT
            _typeset(written, font, _SMALL_SIZE if small else _TEXT_SIZE)
            _mark(written, run)


def _mark(written: DocxRun, run: Run) -> None:
    if run.mark == "deleted":
        written.font.strike, written.font.color.rgb = True, _RED
    elif run.mark == "inserted":
        written.font.bold = written.font.underline = True
        written.font.color.rgb = _BLUE


def _paragraph(
    document: DocumentType,
    words: str,
    font: str,
    size: Pt,
    alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> None:
    into = document.add_paragraph()
    _lay_out(into)
    into.alignment = alignment
    if alignment is WD_ALIGN_PARAGRAPH.CENTER:
        into.paragraph_format.space_after = Pt(12)
    _typeset(into.add_run(words), font, size)


def _lay_out(paragraph: DocxParagraph) -> None:
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.line_spacing = 1.15


def _typeset(run: DocxRun, font: str, size: Pt) -> None:
    run.font.name, run.font.size = _LATIN, size
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _merge(above: _Cell, cell: _Cell) -> None:
    """Let the cell above go on through this one."""
    for one, value in ((above, "restart"), (cell, "continue")):
        properties = one._tc.get_or_add_tcPr()
        if properties.find(qn("w:vMerge")) is None:
            merge = OxmlElement("w:vMerge")
            merge.set(qn("w:val"), value)
            properties.append(merge)


def _row_property(row: object, name: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(name))  # type: ignore[attr-defined]
