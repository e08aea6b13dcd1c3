"""Excel workbooks since 2007, and those of WPS: each sheet's name, then its rows as shown."""

from __future__ import annotations

import io
import warnings

import openpyxl

from archive.attachments.readers.cells import shown
from archive.attachments.readers.found import Found, Lines, opened_zip


def read(body: bytes) -> Found:
    """Its sheets but hidden ones; the values that formulas had when it was saved."""
    opened_zip(body).close()
    lines = Lines()
    with warnings.catch_warnings():
        # About extensions that are not read, such as rules for colours.
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        for sheet in workbook.worksheets:
            if sheet.sheet_state != "visible":
                continue
            lines.add(sheet.title)
            # What it says of its own size is often wrong, and can be a million rows.
            sheet.reset_dimensions()
            for row in sheet.iter_rows():
                lines.add_row(
                    shown(cell.value, getattr(cell, "number_format", "General")) for cell in row
                )
    return lines.found()
