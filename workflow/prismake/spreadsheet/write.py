"""Writing workbooks: the same sheets give the same bytes, and no text ever becomes a formula, an error or a number."""

import datetime
import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import openpyxl
from openpyxl.cell import Cell as XlsxCell
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from prismake.errors import PrismakeError
from prismake.spreadsheet import text as texts
from prismake.spreadsheet.model import INSTRUCTIONS, Column, Sheet, Value, check
from prismake.spreadsheet.style import font, row_height, style_name, styles
from prismake.spreadsheet.validation import Lists, validate

MAX_LINKS, MAX_URL = 65_530, 2_079  # per sheet; characters
PAGE_WIDTH = 300  # digits of column width; more on one landscape page cannot be read
LISTS, META = "_lists", "_meta"


def write_workbook(
    sheets: Sequence[Sheet], *, instructions: Sequence[str] = (), meta: Mapping[str, str] | None = None
) -> bytes:
    """The workbook as .xlsx bytes, the first sheet in front; the first line of `instructions` is their title.

    A text too long for a cell is cut with a visible mark where it is only shown (locked and visible). Elsewhere it
    raises PrismakeError, as do infinite numbers, wrong sheet names, labels given twice and more rows or columns than
    a spreadsheet holds.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.created = book.properties.modified = datetime.datetime(1980, 1, 1)  # no clock
    book.properties.creator = "Prismake"
    book._named_styles["Normal"].font = font()
    check(sheets)
    for style in styles():
        book.add_named_style(style)
    lists = Lists()
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet, lists)
    if instructions:
        _write_instructions(book.create_sheet(INSTRUCTIONS), instructions)
    _write_lists(book, lists)
    _write_meta(book, meta or {})
    return _pack(book)


# --- one cell ---------------------------------------------------------------------------------------------------------


def _put(cell: XlsxCell, value: Value, *, shown: bool = False, date: bool = False) -> None:
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
        cell.quotePrefix = True  # stays text when somebody edits the cell and presses Enter


def _date(text: str) -> datetime.date | None:
    """Of an ISO date; None before March 1900, where spreadsheets disagree on the calendar."""
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return date if len(text) == 10 and date >= datetime.date(1900, 3, 1) else None


def _put_link(cell: XlsxCell, url: Value) -> None:
    """A link that can be clicked, for http and https only; other texts stay plain."""
    _put(cell, url, shown=True)
    if isinstance(url, str) and re.match("https?://", url):
        target = quote(texts.clean(url), safe="%/:?#[]@!$&'()*+,;=~-._")
        if len(target) <= MAX_URL:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, target=target)


# --- sheets -----------------------------------------------------------------------------------------------------------


def _write_sheet(page: Worksheet, sheet: Sheet, lists: Lists) -> None:
    links = 0
    for index, column in enumerate(sheet.columns, 1):
        head = page.cell(1, index)
        head.style = "prismake head to fill" if column.editable else "prismake head"
        _put(head, column.title)
        dimension = page.column_dimensions[get_column_letter(index)]
        dimension.width, dimension.hidden = column.width, column.hidden
    page.row_dimensions[1].height = row_height([(c.title, c.width * 0.9) for c in sheet.columns if not c.hidden])[0] + 6
    for number, row in enumerate(sheet.rows, 2):
        wrapped = [(str(row.get(c.key) or ""), c.width) for c in sheet.columns if c.wrap and not c.hidden]
        page.row_dimensions[number].height, size = row_height(wrapped)
        for index, column in enumerate(sheet.columns, 1):
            cell = page.cell(number, index)
            cell.style = style_name(column, size)
            if column.kind == "link" and not column.editable and links < MAX_LINKS:
                _put_link(cell, row.get(column.key))
                links += 1
            else:
                shown = not column.editable and not column.hidden
                _put(cell, row.get(column.key), shown=shown, date=column.kind == "date")
    for number in range(2 + len(sheet.rows), sheet.last_row + 1):
        for index, column in enumerate(sheet.columns, 1):
            page.cell(number, index).style = style_name(column, 11)
    _arrange(page, sheet)
    if sheet.last_row > 1:
        letters = {column.key: get_column_letter(index) for index, column in enumerate(sheet.columns, 1)}
        for column in sheet.columns:
            if not column.editable:
                continue
            rows: dict[Column, list[int]] = {}  # most columns have one rule for all rows
            for number, rule in enumerate(sheet.rules.get(column.key, ()), 2):
                rows.setdefault(rule or column, []).append(number)
            for rule, numbers in (rows or {column: range(2, sheet.last_row + 1)}).items():
                validate(page, rule, letters[column.key], numbers, lists, sheet.columns, letters)


def _arrange(page: Worksheet, sheet: Sheet) -> None:
    """View, printing and protection."""
    last = f"{get_column_letter(len(sheet.columns))}{sheet.last_row}"
    page.freeze_panes = f"{get_column_letter(min(sheet.frozen, len(sheet.columns) - 1) + 1)}2"
    page.auto_filter.ref = f"A1:{last}"
    width = sum(column.width for column in sheet.columns if not column.hidden)
    _print(page, pages_wide=math.ceil(width / PAGE_WIDTH))
    page.print_title_rows, page.print_title_cols = "1:1", f"A:{get_column_letter(max(1, sheet.frozen))}"
    page.print_area = f"A1:{last}"
    page.oddFooter.left.text = "&F"
    page.oddFooter.right.text = "&P / &N"
    page.protection.sheet = True  # without a password: against accidents only
    for allowed in ("autoFilter", "sort", "formatColumns", "formatRows"):
        setattr(page.protection, allowed, False)


def _print(page: Worksheet, pages_wide: int = 1) -> None:
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = pages_wide, 0
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.5


def _write_instructions(page: Worksheet, lines: Sequence[str]) -> None:
    page.column_dimensions["A"].width = 110
    for number, line in enumerate(lines, 1):
        cell = page.cell(number, 1)
        cell.style = "prismake title" if number == 1 else "prismake prose"
        _put(cell, line, shown=True)
        page.row_dimensions[number].height = 24 if number == 1 else row_height([(line, 110)])[0]
    _print(page)
    page.sheet_view.showGridLines = False
    page.protection.sheet = True


def _write_lists(book: openpyxl.Workbook, lists: Lists) -> None:
    page = book.create_sheet(LISTS)
    page.sheet_state = "hidden"
    for index, (options, name) in enumerate(lists.names.items(), 1):
        for number, option in enumerate(options, 1):
            _put(page.cell(number, index), option)
        letter = get_column_letter(index)
        book.defined_names[name] = DefinedName(name, attr_text=f"'{LISTS}'!${letter}$1:${letter}${len(options)}")


def _write_meta(book: openpyxl.Workbook, meta: Mapping[str, str]) -> None:
    """Key and value per row; a value too long for a cell goes on in the next row under the same key."""
    page = book.create_sheet(META)
    page.sheet_state = "hidden"
    number = 1
    for key, value in meta.items():
        for start in range(0, max(1, len(value)), 8000):
            _put(page.cell(number, 1), key)
            _put(page.cell(number, 2), value[start : start + 8000])
            number += 1


def _pack(book: openpyxl.Workbook) -> bytes:
    """The .xlsx with its parts stamped 1980, because openpyxl stamps them with the time."""
    made, packed = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED)).save()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            target.writestr(part, source.read(name))
    return packed.getvalue()
