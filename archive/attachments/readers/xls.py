"""Excel workbooks up to 2003, and `.et` files of WPS: as those of later ones."""

from __future__ import annotations

import io

import xlrd

from archive.attachments.readers.cells import shown
from archive.attachments.readers.found import Found, Lines
from archive.attachments.text import Outcome, UnreadableError


def read(body: bytes) -> Found:
    """Its sheets but hidden ones."""
    try:
        book = xlrd.open_workbook(
            file_contents=body, logfile=io.StringIO(), formatting_info=True, on_demand=True
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise UnreadableError(Outcome.ENCRYPTED) from error
        raise
    lines = Lines()
    for place in range(book.nsheets):
        sheet = book.sheet_by_index(place)
        if sheet.visibility == 0:
            lines.add(sheet.name)
            for row in range(sheet.nrows):
                lines.add_row(_cell(book, cell) for cell in sheet.row(row))
        book.unload_sheet(place)
    return lines.found()


def _cell(book: xlrd.book.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value), "General")
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    form = "General"
    if cell.xf_index is not None:
        form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(cell.value, book.datemode), form)
        except (ValueError, OverflowError):
            return shown(cell.value, "General")
    return shown(cell.value, form)
