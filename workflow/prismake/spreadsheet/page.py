"""Pages: sheets that are read or printed, never filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from prismake.spreadsheet.cell import put, put_jump
from prismake.spreadsheet.model import Box, Page
from prismake.spreadsheet.style import MAX_HEIGHT, text_height
from prismake.spreadsheet.text import clean

MAX_HEAD = 200  # characters; Excel allows 255 with its codes


def write_page(page: Worksheet, model: Page, looks: Mapping[str, StyleArray]) -> None:
    """Fill this empty sheet."""
    for index, width in enumerate(model.widths, 1):
        page.column_dimensions[get_column_letter(index)].width = width
    merged: list[CellRange] = []
    number = 0
    for row in model.rows:
        for part in _parts(row, model.widths):
            number += 1
            _write_row(page, number, part, model.widths, looks, merged)
    page.merged_cells.ranges = merged  # one by one, each is compared with all before it
    page.print_area = f"A1:{get_column_letter(len(model.widths))}{max(1, number)}"
    page.page_setup.orientation, page.page_setup.paperSize = "portrait", 9  # A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top, page.page_margins.bottom = 0.8, 0.7
    page.oddHeader.left.text = " ".join(clean(model.head).split())[:MAX_HEAD].replace("&", "&&")
    page.oddFooter.left.text, page.oddFooter.right.text = "&F", "&P / &N"
    page.sheet_view.showGridLines = False
    page.protection.sheet = True  # without a password: against accidents only
    for allowed in ("formatColumns", "formatRows"):
        setattr(page.protection, allowed, False)


def _write_row(
    page: Worksheet,
    number: int,
    row: Sequence[Box],
    widths: Sequence[float],
    looks: Mapping[str, StyleArray],
    merged: list[CellRange],
) -> None:
    column, height = 1, 0.0
    for box in row:
        last = column + box.span - 1
        for index in range(column, last + 1):
            page.cell(number, index)._style = looks[f"prismake page {box.look}"]
        cell = page.cell(number, column)
        if box.to:
            put_jump(cell, box.text, box.to)
        else:
            put(cell, box.text, shown=True)
        if box.span > 1:
            merged.append(CellRange(min_col=column, max_col=last, min_row=number, max_row=number))
        height = max(height, text_height(str(box.text or ""), sum(widths[column - 1 : last]), box.look))
        column = last + 1
    page.row_dimensions[number].height = min(MAX_HEIGHT, height or 8)


def _parts(row: Sequence[Box], widths: Sequence[float]) -> Iterator[Sequence[Box]]:
    """The row, or the rows that its texts need: no row of a spreadsheet is higher than MAX_HEIGHT."""
    rest = list(row)
    while True:
        part, column, is_whole = [], 0, True
        for index, box in enumerate(rest):
            width = sum(widths[column : column + box.span])
            column += box.span
            begin, end = _break(str(box.text or ""), width, box.look)
            part.append(replace(box, text=begin) if end else box)
            rest[index] = replace(box, text=end, to="")
            is_whole = is_whole and not end
        yield part
        if is_whole:
            return


def _break(text: str, width: float, look: str) -> tuple[str, str]:
    """What of a text fits into the highest row, up to the end of a word if it can be, and the rest."""
    if text_height(text, width, look) <= MAX_HEIGHT:
        return text, ""
    low, high = 1, len(text)
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if text_height(text[:middle], width, look) <= MAX_HEIGHT else (low, middle)
    word = max(text.rfind(" ", low // 2, low), text.rfind("\n", low // 2, low)) + 1
    end = word or low
    return text[:end].rstrip(), text[end:].lstrip()
