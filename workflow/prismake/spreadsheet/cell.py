"""Putting a value into a cell: no text ever becomes a formula, an error or a number."""

import datetime
import math
import re
from copy import copy
from urllib.parse import quote

from openpyxl.cell import Cell as XlsxCell
from openpyxl.worksheet.hyperlink import Hyperlink

from prismake.errors import PrismakeError
from prismake.spreadsheet import text as texts
from prismake.spreadsheet.model import Value

MAX_URL = 2_079  # characters


def put(cell: XlsxCell, value: Value, *, shown: bool = False, date: bool = False) -> None:
    """The only assignment of a value to a cell. `shown`: the text is only for reading and may be cut."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise PrismakeError(
                f"{value} is not a number that a spreadsheet holds",
                place=f"sheet '{cell.parent.title}', {cell.coordinate}",
            )
        if abs(value) < 10**15:
            cell.value = value
            return
        value = str(value)  # more digits than a spreadsheet keeps
    if not isinstance(value, str):
        raise TypeError(f"{cell.coordinate}: {type(value).__name__} given, a cell holds text or a number")
    text = texts.clean(value)
    if date and (parsed := _date(text)):
        cell.value = parsed
        return
    if not texts.fits(text):
        if not shown:
            raise PrismakeError(
                f"{texts.length(text):,} characters are more than a cell's {texts.MAX_TEXT:,}",
                place=f"sheet '{cell.parent.title}', {cell.coordinate}",
                hint="Shorten the text.",
            )
        text = texts.cut(text)
    cell.value = texts.escape(text)
    cell.data_type = "s"  # openpyxl has made '=1+1' a formula and '#N/A' an error
    if text[0] in "=+-@#\t\n ":
        cell._style = copy(cell._style)  # which other cells share
        cell.quotePrefix = True  # stays text when somebody edits the cell and presses Enter


def _date(text: str) -> datetime.date | None:
    """Of an ISO date; None before March 1900, where spreadsheets disagree on the calendar."""
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return date if len(text) == 10 and date >= datetime.date(1900, 3, 1) else None


def put_link(cell: XlsxCell, url: Value) -> None:
    """A link that can be clicked, for http and https only; other texts stay plain."""
    put(cell, url, shown=True)
    if isinstance(url, str) and re.match("https?://", url):
        target = quote(texts.clean(url), safe="%/:?#[]@!$&'()*+,;=~-._")
        if len(target) <= MAX_URL:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, target=target)


def put_jump(cell: XlsxCell, text: Value, sheet: str) -> None:
    """A text that opens another sheet of the workbook when it is clicked."""
    put(cell, text, shown=True)
    name = sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
