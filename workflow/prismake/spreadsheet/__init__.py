"""The only place that writes or reads spreadsheet cells: forms go out as .xlsx and come back as .xlsx, .ods or .csv.

openpyxl is imported where an .xlsx is written or read: it takes a quarter of a second to load, most of it for numpy,
and few steps do either.
"""

from collections.abc import Mapping, Sequence

from prismake.spreadsheet.model import Box, Column, Page, Sheet, sheet_name_problem
from prismake.spreadsheet.read import Cell, Row, Table, Workbook, read_tables, read_workbook

__all__ = [
    "Box",
    "Cell",
    "Column",
    "Page",
    "Row",
    "Sheet",
    "Table",
    "Workbook",
    "read_tables",
    "read_workbook",
    "sheet_name_problem",
    "write_workbook",
]


def write_workbook(
    sheets: Sequence[Sheet | Page], *, instructions: Sequence[str] = (), meta: Mapping[str, str] | None = None
) -> bytes:
    """The workbook as .xlsx bytes, the first sheet in front; the first line of `instructions` is their title.

    A text too long for a cell is cut with a visible mark where it is only shown (locked and visible). Elsewhere it
    raises PrismakeError, as do infinite numbers, wrong sheet names, labels given twice and more rows or columns than
    a spreadsheet holds.
    """
    from prismake.spreadsheet.write import write

    return write(sheets, instructions, meta or {})
