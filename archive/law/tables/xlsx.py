"""A 修订对照表 as a sheet, to be sorted, filtered and commented on."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from archive.law.tables.rows import Paragraph, Run, TableRow
from archive.law.tables.table import RevisionTable

_WIDTHS = (60, 60, 18)
_SIZE, _LINE = 11, 16.0
# The most that Excel takes: points of a row's height, characters of a cell.
_HIGHEST, _LONGEST = 409.0, 32_000
_CUT = "……（以下从略）"
_EDGE = Side(style="thin")
_FRAME = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_FONTS = {
    ("same", False): InlineFont(rFont="仿宋", sz=_SIZE),
    ("same", True): InlineFont(rFont="黑体", sz=_SIZE),
    ("deleted", False): InlineFont(rFont="仿宋", sz=_SIZE, strike=True, color="FFC00000"),
    ("deleted", True): InlineFont(rFont="黑体", sz=_SIZE, strike=True, color="FFC00000"),
    ("inserted", False): InlineFont(rFont="仿宋", sz=_SIZE, b=True, u="single", color="FF1F3F9F"),
    ("inserted", True): InlineFont(rFont="黑体", sz=_SIZE, b=True, u="single", color="FF1F3F9F"),
}


def xlsx_table(table: RevisionTable) -> bytes:
    """The bytes of the .xlsx file."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "修订对照表"
    _head(sheet, table)
    for row in table.rows:
        _add(sheet, row)
    _set_up(sheet, len(_head_lines(table)) + 2)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _head_lines(table: RevisionTable) -> list[str]:
    about = (f"{label}：{value}" for label, value in table.about)
    return [table.title, *about, f"说明：{table.legend}", table.sum]


def _head(sheet: Worksheet, table: RevisionTable) -> None:
    for place, line in enumerate(_head_lines(table), start=1):
        sheet.merge_cells(start_row=place, end_row=place, start_column=1, end_column=3)
        cell = sheet.cell(place, 1, CellRichText(line))
        title = place == 1
        cell.font = Font(name="黑体" if title else "仿宋", sz=18 if title else _SIZE)
        cell.alignment = Alignment(horizontal="center" if title else None, wrap_text=True)
        sheet.row_dimensions[place].height = 30 if title else _LINE
    sheet.append([])
    sheet.append(table.columns)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(name="黑体", sz=12)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        cell.fill = PatternFill("solid", fgColor="FFE7E6E6")
        cell.border = _FRAME


def _add(sheet: Worksheet, row: TableRow) -> None:
    place = sheet.max_row + 1
    heights = []
    for column, side in enumerate((row.before, row.after), start=1):
        cell = sheet.cell(place, column)
        cell.border = _FRAME
        horizontal = "center" if row.is_heading else None
        cell.alignment = Alignment(horizontal=horizontal, vertical="top", wrap_text=True)
        if side is None:
            _merge(sheet, place, column)
        else:
            cell.value = _rich(side)
            heights.append(_lines(side, _WIDTHS[column - 1]))
    remark = sheet.cell(place, 3, CellRichText(row.remark))
    remark.font = Font(name="仿宋", sz=_SIZE)
    remark.alignment = Alignment(vertical="top", wrap_text=True)
    remark.border = _FRAME
    heights.append(_lines(((Run(row.remark),),), _WIDTHS[2]))
    sheet.row_dimensions[place].height = min(_HIGHEST, _LINE * max(heights) + 4)


def _merge(sheet: Worksheet, place: int, column: int) -> None:
    """Let the cell above, or the block that it is the end of, go on into this row."""
    for block in sheet.merged_cells.ranges:
        if (block.min_col, block.max_row) == (column, place - 1):
            block.expand(down=1)
            return
    sheet.merge_cells(start_row=place - 1, end_row=place, start_column=column, end_column=column)


def _rich(paragraphs: Sequence[Paragraph]) -> CellRichText:
    """Text in which each stretch has a font of its own; what would be a formula is text here."""
    text = CellRichText()
    left = _LONGEST
    for place, runs in enumerate(paragraphs):
        for at, run in enumerate(runs):
            words = ("\n" if place and not at else "") + run.text
            if len(words) > left:
                words = words[:left] + _CUT
            text.append(TextBlock(_FONTS[run.mark, run.is_number], words))
            left -= len(words)
            if left <= 0:
                return text
    return text


def _lines(paragraphs: Sequence[Paragraph], width: int) -> int:
    """How many lines a cell takes: a Chinese character is two columns of a sheet wide."""
    lengths = (sum(len(run.text) for run in runs) for runs in paragraphs)
    return sum(max(1, ceil(2 * length / width)) for length in lengths)


def _set_up(sheet: Worksheet, head: int) -> None:
    for column, width in zip("ABC", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页　共 &N 页"
