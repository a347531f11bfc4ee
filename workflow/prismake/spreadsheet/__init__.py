"""The only place that writes or reads spreadsheet cells: forms go out as .xlsx and come back as .xlsx, .ods or .csv."""

from prismake.spreadsheet.model import Box, Column, Page, Sheet, sheet_name_problem
from prismake.spreadsheet.read import Cell, Row, Table, Workbook, read_tables, read_workbook
from prismake.spreadsheet.write import write_workbook

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
