"""Reading filled workbooks (.xlsx, .ods, .csv) into plain tables of texts that say what each cell was."""

import csv
import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from prismake.errors import PrismakeError
from prismake.spreadsheet.ods import read_ods
from prismake.spreadsheet.text import clean, unescape

MAX_UNPACKED = 250_000_000  # bytes; a form of 5,000 studies with 60 columns unpacks to about 40 MB
MAX_CELLS = 3_000_000  # rows and cells in all sheets: more than a sheet whose every row was formatted
OPEN_AND_SAVE = "Open it in a spreadsheet program and save it as .xlsx."


class Cell(NamedTuple):
    """What stands in a cell: `value` is "" when blank, numbers as 8 or 1.5, dates as ISO dates, else the text."""

    value: str
    kind: str  # text | number | date | boolean | formula | error | blank
    ref: str  # F5


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank. `cells` has every column of the table."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: the first row that is not blank is its header.

    A label that comes again is told apart by its column, "note (H)"; a column of cells without a label is "(H)".
    """

    name: str
    columns: list[str]
    rows: list[Row]
    letters: dict[str, str]  # label -> letter of its column


@dataclass(frozen=True, slots=True)
class Workbook:
    """The visible sheets, and what the hidden sheet _meta says ({} when there is none, as in a CSV)."""

    meta: dict[str, str]
    sheets: dict[str, Table]


csv.field_size_limit(2**31 - 1)  # an abstract or a note may be longer than the module's limit
Values = list[tuple[str, str]]  # (value, kind) of the cells of a row


def read_workbook(path: str | Path) -> Workbook:
    """The tables of an .xlsx or .ods workbook or of a .csv file, whose only sheet is named "".

    Formulas are read as formulas, never as their last result. Texts come without outer white space. A percentage is
    the text "45%". Raises PrismakeError, with the path as its place, when the file cannot be opened.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise PrismakeError("this is a folder", place=path.as_posix(), hint="Name the file in it.") from error
    except OSError as error:
        raise PrismakeError(f"cannot be read: {error.strerror}", place=path.as_posix()) from error
    return read_tables(data, path.as_posix(), text=path.suffix.lower() in (".csv", ".tsv", ".txt"))


def read_tables(data: bytes, place: str, *, text: bool) -> Workbook:
    """What `read_workbook` returns of a file with these bytes; `text` says that it may be a CSV."""
    try:
        if data.startswith(b"PK"):
            return _read_zip(data)
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise PrismakeError("this is protected by a password, or an old .xls file", hint=OPEN_AND_SAVE)
        if text and data.strip():
            return Workbook({}, {"": _table("", enumerate(_csv_rows(data), 1))})
        raise PrismakeError("this is not a workbook" if data.strip() else "this file is empty", hint=OPEN_AND_SAVE)
    except PrismakeError as error:
        raise PrismakeError(error.message, place=place, hint=error.hint) from error
    except Exception as error:  # a damaged workbook fails in any part of the reading library
        raise PrismakeError("this workbook is damaged", place=place, hint=OPEN_AND_SAVE) from error


def _read_zip(data: bytes) -> Workbook:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise PrismakeError(f"this unpacks to more than {MAX_UNPACKED // 1_000_000} MB", hint=OPEN_AND_SAVE)
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        if any(part.flag_bits & 1 for part in parts) or b"encryption-data" in manifest:
            raise PrismakeError("this is protected by a password", hint=OPEN_AND_SAVE)
        if "content.xml" in names:
            found = list(read_ods(io.BytesIO(archive.read("content.xml"))))
        elif "[Content_Types].xml" in names:
            found = list(_read_xlsx(data))
        else:
            raise PrismakeError("this is not a workbook", hint=OPEN_AND_SAVE)
    meta: dict[str, str] = {}
    sheets: dict[str, Table] = {}
    for name, visible, rows in found:
        if name == "_meta":
            for _, cells in rows:
                (key, _), (value, _) = (*cells, ("", ""), ("", ""))[:2]
                meta[key] = meta.get(key, "") + value
        elif visible and not name.startswith("_"):
            sheets[name] = _table(name, rows)
    meta.pop("", None)
    return Workbook(meta, sheets)


def _table(name: str, rows: Iterable[tuple[int, Values]]) -> Table:
    lines = []
    for number, values in rows:
        cells = [(value.strip(), kind) for value, kind in values]
        if any(value for value, _ in cells):
            lines.append((number, cells))
    if not lines:
        return Table(name, [], [], {})
    head, body = lines[0][1], lines[1:]
    columns: dict[str, tuple[int, str]] = {}  # label -> index, letter
    for index in range(max(len(cells) for _, cells in lines)):
        label, letter = " ".join(head[index][0].split()) if index < len(head) else "", _letter(index)
        if not label and not any(cells[index][0] for _, cells in body if index < len(cells)):
            continue
        columns[f"{label} ({letter})".lstrip() if not label or label in columns else label] = index, letter
    found = []
    for number, cells in body:
        row, width = {}, len(cells)
        for label, (index, letter) in columns.items():
            value, kind = cells[index] if index < width else ("", "blank")
            if kind == "formula" and value in ("=TRUE()", "=FALSE()"):  # how LibreOffice saves a boolean
                value, kind = value[1:-2], "boolean"
            row[label] = Cell(value, kind if value else "blank", f"{letter}{number}")
        found.append(Row(number, row))
    return Table(name, list(columns), found, {label: letter for label, (_, letter) in columns.items()})


def _letter(index: int) -> str:
    """A, B, ... Z, AA, ... for 0, 1, ... 25, 26, ..."""
    before, last = divmod(index, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)


# --- .xlsx ------------------------------------------------------------------------------------------------------------


def _read_xlsx(data: bytes) -> Iterator[tuple[str, bool, list[tuple[int, Values]]]]:
    import openpyxl  # see prismake.spreadsheet

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about drawings and extensions, which hold no cells
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        strings = _shared_strings(data)
        cells = 0
        for page in book.worksheets:
            page._shared_strings = strings  # openpyxl has undone half of the escapes in its own
            page.reset_dimensions()  # some programs write a wrong size, and openpyxl would stop there
            rows = []
            for number, row in enumerate(page.iter_rows(), 1):
                cells += len(row) + 1
                if cells > MAX_CELLS:
                    raise PrismakeError(f"more than {MAX_CELLS:,} cells", hint=OPEN_AND_SAVE)
                if row:
                    rows.append((number, [_value(cell) for cell in row]))
            yield page.title, page.sheet_state == "visible", rows
        book.close()


def _shared_strings(data: bytes) -> list[str]:
    """The texts that cells refer to by number, escapes as in the file (ECMA-376 part 1, 18.4)."""
    strings = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.lower().endswith("/sharedstrings.xml"):
                continue
            for item in ElementTree.fromstring(archive.read(name)):
                runs = [
                    part for child in item if _tag(child) in ("t", "r") for part in (child, *child)
                ]  # not how it sounds
                strings.append("".join(part.text or "" for part in runs if _tag(part) == "t"))
    return strings


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(cell: Any) -> tuple[str, str]:
    value = cell.value
    if value is None:
        return "", "blank"
    match cell.data_type:
        case "s":
            return unescape(clean(value)), "text"
        case "n":
            return (_percent(value), "text") if "%" in cell.number_format else (_number(value), "number")
        case "d":
            return _date(value), "date"
        case "b":
            return str(bool(value)).upper(), "boolean"
        case "f":
            return str(getattr(value, "text", value)), "formula"
        case "e":
            return str(value), "error"
    return str(value), "text"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else format(Decimal(repr(float(value))), "f")


def _percent(value: float) -> str:
    return f"{_number(round(value * 100, 10))}%"


def _date(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


# --- .csv -------------------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes) -> Iterator[Values]:
    text = clean(_decode(data))
    told = re.match(r"sep=([,;\t])\n", text)  # a line for Excel alone
    text = text[told.end() - 1 :] if told else text
    delimiter = told[1] if told else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            yield [(value, "text") for value in record]
    except csv.Error as error:
        raise PrismakeError(f"line {reader.line_num} is not CSV ({error})", hint=OPEN_AND_SAVE) from error


def _decode(data: bytes) -> str:
    for marks, encoding in (((b"\xff\xfe", b"\xfe\xff"), "utf-16"), ((b"\xef\xbb\xbf",), "utf-8-sig")):
        if data.startswith(marks):
            return data.decode(encoding, errors="replace")
    if b"\0" in data:
        raise PrismakeError("this is not text", hint=OPEN_AND_SAVE)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what spreadsheet programs write on Windows


def _delimiter(text: str) -> str:
    """The one of , ; and tab that stands most often in the header, outside quotes."""
    head = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(",;\t", key=head.count)
