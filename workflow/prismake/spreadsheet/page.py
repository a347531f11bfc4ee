"""Pages: sheets that are read or printed, never filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from prismake.spreadsheet.cell import put, put_jump
from prismake.spreadsheet.model import Box, Page
from prismake.spreadsheet.style import text_height
from prismake.spreadsheet.text import clean

MAX_ROW = 160.0  # points; a higher row would leave the end of a printed page empty
MAX_HEAD = 200  # characters; Excel allows 255 with its codes


def write_page(page: Worksheet, model: Page, looks: Mapping[str, StyleArray]) -> None:
    """Fill this empty sheet."""
    for index, width in enumerate(model.widths, 1):
        page.column_dimensions[get_column_letter(index)].width = width
    merged: list[CellRange] = []
    number = 0
    for row in model.rows:
        for part, height in _parts(row, model.widths):
            number += 1
            _write_row(page, number, part, looks, merged)
            page.row_dimensions[number].height = height
    page.merged_cells.ranges = merged  # one by one, each is compared with all before it
    page.print_area = f"A1:{get_column_letter(len(model.widths))}{max(1, number)}"
    page.page_setup.orientation, page.page_setup.paperSize = "portrait", 9  # A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top, page.page_margins.bottom = 0.8, 0.7
    if model.head:
        page.oddHeader.left.text = " ".join(clean(model.head).split())[:MAX_HEAD].replace("&", "&&")
    page.oddFooter.left.text, page.oddFooter.right.text = "&F", "&P / &N"
    page.sheet_view.showGridLines = False
    page.protection.sheet = True  # without a password: against accidents only
    for allowed in ("formatColumns", "formatRows"):
        setattr(page.protection, allowed, False)


def _write_row(
    page: Worksheet, number: int, row: Sequence[Box], looks: Mapping[str, StyleArray], merged: list[CellRange]
) -> None:
    column = 1
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
        column = last + 1


def _parts(row: Sequence[Box], widths: Sequence[float]) -> Iterator[tuple[Sequence[Box], float]]:
    """The row and its height, or the rows that its texts need: none is higher than MAX_ROW."""
    columns = [sum(box.span for box in row[:index]) for index in range(len(row))]
    wide = [sum(widths[column : column + box.span]) for box, column in zip(row, columns, strict=True)]
    while True:
        height = max(
            (text_height(str(box.text), width, box.look) for box, width in zip(row, wide, strict=True)), default=8
        )
        if height <= MAX_ROW:
            yield row, height
            return
        broken = [_break(str(box.text), width, box.look) for box, width in zip(row, wide, strict=True)]
        yield [replace(box, text=begin) for box, (begin, _) in zip(row, broken, strict=True)], MAX_ROW
        row = [replace(box, text=rest, to="") for box, (_, rest) in zip(row, broken, strict=True)]


def _break(text: str, width: float, look: str) -> tuple[str, str]:
    """What of a text fits into the highest row, up to the end of a word if it can be, and the rest."""
    if text_height(text, width, look) <= MAX_ROW:
        return text, ""
    low, high = 1, len(text)
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if text_height(text[:middle], width, look) <= MAX_ROW else (low, middle)
    word = max(text.rfind(" ", low // 2, low), text.rfind("\n", low // 2, low)) + 1
    end = word or low
    return text[:end].rstrip(), text[end:].lstrip()
