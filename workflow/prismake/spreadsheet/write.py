"""Writing workbooks: the same sheets give the same bytes."""

import datetime
import io
import math
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from prismake.archive import repacked
from prismake.spreadsheet.cell import put, put_link
from prismake.spreadsheet.model import INSTRUCTIONS, Column, Page, Sheet, check
from prismake.spreadsheet.page import write_page
from prismake.spreadsheet.style import font, page_styles, row_height, style_name, styles
from prismake.spreadsheet.validation import Lists, validate

MAX_LINKS = 65_530  # per sheet
PAGE_WIDTH = 300  # digits of column width; more on one landscape page cannot be read
LISTS, META = "_lists", "_meta"


def write(sheets: Sequence[Sheet | Page], instructions: Sequence[str], meta: Mapping[str, str]) -> bytes:
    """See `prismake.spreadsheet.write_workbook`."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.created = book.properties.modified = datetime.datetime(1980, 1, 1)  # no clock
    book.properties.creator = "Prismake"
    book._named_styles["Normal"].font = font()
    check(sheets)
    looks: dict[str, StyleArray] = {}  # cells share them: looking a style up by its name for each one takes longest
    for style in [*styles(), *(page_styles() if any(isinstance(sheet, Page) for sheet in sheets) else [])]:
        book.add_named_style(style)
        looks[style.name] = style.as_tuple()
    lists = Lists()
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        if isinstance(sheet, Page):
            write_page(page, sheet, looks)
        else:
            _write_sheet(page, sheet, lists, looks)
    if instructions:
        _write_instructions(book.create_sheet(INSTRUCTIONS), instructions)
    _write_lists(book, lists)
    _write_meta(book, meta)
    return _pack(book)


# --- sheets -----------------------------------------------------------------------------------------------------------


def _write_sheet(page: Worksheet, sheet: Sheet, lists: Lists, looks: Mapping[str, StyleArray]) -> None:
    links = 0
    for index, column in enumerate(sheet.columns, 1):
        head = page.cell(1, index)
        head.style = "prismake head to fill" if column.editable else "prismake head"
        put(head, column.title)
        dimension = page.column_dimensions[get_column_letter(index)]
        dimension.width, dimension.hidden = column.width, column.hidden
    page.row_dimensions[1].height = row_height([(c.title, c.width * 0.9) for c in sheet.columns if not c.hidden])[0] + 6
    for number, row in enumerate(sheet.rows, 2):
        wrapped = [(str(row.get(c.key) or ""), c.width) for c in sheet.columns if c.wrap and not c.hidden]
        page.row_dimensions[number].height, size = row_height(wrapped)
        for index, column in enumerate(sheet.columns, 1):
            cell = page.cell(number, index)
            cell._style = looks[style_name(column, size)]
            if column.kind == "link" and not column.editable and links < MAX_LINKS:
                put_link(cell, row.get(column.key))
                links += 1
            else:
                shown = not column.editable and not column.hidden
                put(cell, row.get(column.key), shown=shown, date=column.kind == "date")
    for number in range(2 + len(sheet.rows), sheet.last_row + 1):
        for index, column in enumerate(sheet.columns, 1):
            page.cell(number, index)._style = looks[style_name(column, 11)]
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
        put(cell, line, shown=True)
        page.row_dimensions[number].height = 24 if number == 1 else row_height([(line, 110)])[0]
    _print(page)
    page.sheet_view.showGridLines = False
    page.protection.sheet = True


def _write_lists(book: openpyxl.Workbook, lists: Lists) -> None:
    page = book.create_sheet(LISTS)
    page.sheet_state = "hidden"
    for index, (options, name) in enumerate(lists.names.items(), 1):
        for number, option in enumerate(options, 1):
            put(page.cell(number, index), option)
        letter = get_column_letter(index)
        book.defined_names[name] = DefinedName(name, attr_text=f"'{LISTS}'!${letter}$1:${letter}${len(options)}")


def _write_meta(book: openpyxl.Workbook, meta: Mapping[str, str]) -> None:
    """Key and value per row; a value too long for a cell goes on in the next row under the same key."""
    page = book.create_sheet(META)
    page.sheet_state = "hidden"
    number = 1
    for key, value in meta.items():
        for start in range(0, max(1, len(value)), 8000):
            put(page.cell(number, 1), key)
            put(page.cell(number, 2), value[start : start + 8000])
            number += 1


def _pack(book: openpyxl.Workbook) -> bytes:
    """The .xlsx with its parts stamped 1980, because openpyxl stamps them with the time."""
    made = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED)).save()
    return repacked(made.getvalue())
