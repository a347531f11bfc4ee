"""What a workbook is described with: sheets of columns and rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prismake.errors import PrismakeError
from prismake.spreadsheet.text import clean, length

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
INSTRUCTIONS = "Instructions"
Value = str | int | float | None


@dataclass(frozen=True)
class Column:
    """One column of a sheet. People write into `editable` ones; the others are locked.

    `codes` are the texts allowed in place of a number or date ("NR"); in a choice they belong to the options.
    `required` cells are yellow while they are blank and the row's first cell is not; `required_if` ones when another
    column is filled in, with one of some values if any are named, and not with one of its codes.
    """

    key: str
    label: str = ""
    width: float = 14
    kind: str = "text"  # text | integer | number | date | year | link | choice
    options: tuple[str, ...] = ()
    editable: bool = False
    hidden: bool = False
    wrap: bool = True
    help: str = ""
    required: bool = False
    required_if: tuple[str, tuple[str, ...]] | None = None  # yellow when this other column holds (one of) these values
    minimum: float | None = None
    maximum: float | None = None
    codes: tuple[str, ...] = ()
    strict: bool = True  # False: a value outside the options is warned about, not refused

    @property
    def title(self) -> str:
        return self.label or self.key


@dataclass(frozen=True)
class Sheet:
    """One sheet: a header row, then `rows` (by Column.key; missing ones are blank), then rows for people to add."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Value]]
    blank_rows: int = 0
    frozen: int = 1  # leading columns that stay in view
    rules: Mapping[str, Sequence[Column | None]] = field(default_factory=dict)  # key -> per row, the rule of its cell

    @property
    def last_row(self) -> int:
        return 1 + len(self.rows) + self.blank_rows


@dataclass(frozen=True)
class Box:
    """One cell of a page, over `span` columns. `look` is one of style.LOOKS; `to` the sheet that a click opens."""

    text: str | int | float = ""
    look: str = "value"
    span: int = 1
    to: str = ""


@dataclass(frozen=True)
class Page:
    """A sheet for reading and for paper, one upright A4 page wide: rows of boxes, nothing to fill in.

    `head` stands on top of every printed page. A text too long for one row goes on in the next.
    """

    name: str
    widths: Sequence[float]
    rows: Sequence[Sequence[Box]]
    head: str = ""


def sheet_name_problem(name: str) -> str:
    """What is wrong with this name of a sheet, "" if nothing."""
    if not 1 <= length(name) <= 31:
        return "a sheet's name has 1 to 31 characters"
    if re.search(r"[\[\]:*?/\\]", name) or clean(name) != name or "\n" in name:
        return "a sheet's name has none of the characters [ ] : * ? / \\"
    if name.startswith("'") or name.endswith("'"):
        return "a sheet's name neither begins nor ends with an apostrophe"
    if name.startswith("_") or name.strip() != name or name.casefold() in ("history", INSTRUCTIONS.casefold()):
        return f"'{name}' is reserved"
    return ""


def check(sheets: Sequence[Sheet | Page]) -> None:
    """Raises PrismakeError for what openpyxl or a spreadsheet program would refuse, change or drop."""
    names: set[str] = set()
    for sheet in sheets:
        problem = sheet_name_problem(sheet.name)
        if sheet.name.casefold() in names:
            problem = "this name is given to two sheets"
        names.add(sheet.name.casefold())
        if problem:
            raise PrismakeError(problem, place=f"sheet '{sheet.name}'")
        if isinstance(sheet, Page):
            continue
        if sheet.last_row > MAX_ROWS:
            problem = f"{sheet.last_row:,} rows are more than a spreadsheet's {MAX_ROWS:,}"
        if not 1 <= len(sheet.columns) <= MAX_COLUMNS:
            problem = f"{len(sheet.columns):,} columns; a spreadsheet has 1 to {MAX_COLUMNS:,}"
        titles = [column.title for column in sheet.columns]
        if len(set(titles)) < len(titles):
            problem = "two columns have the same label"
        if any(title != " ".join(clean(title).split()) for title in titles):
            problem = "a label is one line without double spaces"
        if problem:
            raise PrismakeError(problem, place=f"sheet '{sheet.name}'")
