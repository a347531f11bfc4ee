"""The rows and references in a file of another tool, whatever its form: CSV, workbook, RIS, or a zip of these."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.other_tools import tables
from prismake.spreadsheet import read_tables

MAX_UNPACKED = 500_000_000  # bytes; 100,000 references with abstracts are about 250 MB
AGAIN = "Export it again from the tool, and put it here as it was downloaded."
_TAG = re.compile(r"^([A-Z][A-Z0-9])\s{1,2}-(?:\s(.*))?$")


@dataclass(frozen=True)
class Item:
    """One row of a table (its number in the sheet) or one reference of a RIS file (1 = the first)."""

    row: int
    fields: dict[str, list[str]]  # column or tag in small letters -> values that are not blank
    part: str = ""  # the file in a zip
    header: frozenset[str] = frozenset()  # all columns of a table, in small letters

    def first(self, names: Iterable[str]) -> str:
        """The first value that one of these fields has; "" when none has any."""
        return next((self.fields[name][0] for name in names if name in self.fields), "")

    def all(self, names: Iterable[str]) -> list[str]:
        return [value for name in names for value in self.fields.get(name, ())]


@dataclass(frozen=True)
class Entry:
    """One decision on one reference, as a tool tells it. `reasons` and `note` are of the person who decided."""

    item: Item
    person: str  # as the tool calls them
    decision: str  # in the tool's word
    reasons: tuple[str, ...] = ()
    note: str = ""
    time: str = ""
    row: int = 0  # in the part of the file that tells it, where that is not the item's
    part: str = ""
    earlier: bool = False  # the file itself tells a later one of the same person


@dataclass
class Export:
    """What one file tells: its decisions, and what could not be made out in it (problem, remedy)."""

    entries: list[Entry] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def read_parts(path: Path) -> dict[str, bytes]:
    """The file's bytes under its name, or the files in it when it is a zip. Raises PrismakeError."""
    place = path.as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PrismakeError(f"this cannot be read ({error.strerror})", place=place, hint=AGAIN) from error
    if not data.strip():
        raise PrismakeError("this file is empty", place=place, hint=AGAIN)
    if not data.startswith(b"PK"):
        if path.suffix.lower() == ".zip":
            raise PrismakeError("this is no zip archive", place=place, hint=AGAIN)
        return {path.name: data}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            names = {part.filename for part in parts}
            if "[Content_Types].xml" in names or "content.xml" in names:
                return {path.name: data}
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                problem = f"this unpacks to more than {MAX_UNPACKED // 1_000_000} MB, so nothing in it was read"
                raise PrismakeError(problem, place=place, hint="Export fewer references at a time.")
            if any(part.flag_bits & 1 for part in parts):
                raise PrismakeError("this is protected by a password", place=place, hint="Save it without one.")
            return {part.filename: archive.read(part) for part in parts if "__MACOSX" not in part.filename}
    except PrismakeError:
        raise
    except Exception as error:  # a damaged archive fails in any part of the library
        raise PrismakeError("this zip archive is damaged", place=place, hint=AGAIN) from error


def read_items(name: str, data: bytes) -> list[Item]:
    """The rows or references of one file. Raises PrismakeError when it is none of the forms read here."""
    if name.lower().endswith((".ris", ".txt")) or re.match(rb"(?:\xef\xbb\xbf)?\s*(?:1\.\s+)?TY  ?-", data):
        return _ris(_text(data), name)
    sheets = read_tables(data, name, text=name.lower().endswith((".csv", ".tsv"))).sheets.values()
    table = max(sheets, key=lambda sheet: len(sheet.rows), default=None)
    if table is None or not table.columns:
        raise PrismakeError("there is no table in it", place=name, hint=AGAIN)
    keys = {column: " ".join(column.casefold().split()) for column in table.columns}
    header = frozenset(keys.values())
    items = []
    for row in table.rows:
        found: dict[str, list[str]] = {}
        for column, cell in row.cells.items():
            if cell.value:
                found.setdefault(keys[column], []).append(cell.value)
        items.append(Item(row.number, found, name, header))
    return items


def columns_of(items: Iterable[Item]) -> set[str]:
    return {name for item in items for name in item.fields}


def _text(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _ris(text: str, name: str) -> list[Item]:
    """References from TY to ER; lines between them ("1." of ASReview) are passed over."""
    items: list[Item] = []
    tags: dict[str, list[str]] | None = None
    values: list[str] = []
    for line in text.splitlines():
        match = _TAG.match(line)
        if match and match[1] == "TY":
            tags = {}
            items.append(Item(len(items) + 1, tags, name))
        if tags is None:
            continue
        if match and match[1] == "ER":
            tags = None
        elif match:
            value = (match[2] or "").strip()
            values = tags.setdefault(match[1].lower(), [])
            values.append(value)
        elif line.strip() and values:
            values[-1] = f"{values[-1]}\n{line.strip()}".strip()
    for item in items:
        for tag in [tag for tag, found in item.fields.items() if not any(found)]:
            del item.fields[tag]
    if not items:
        raise PrismakeError("there is no reference in it", place=name, hint=AGAIN)
    return items


def about(item: Item) -> dict[str, str]:
    """Title, year, DOI, PMID, first author and address of an item, as it gives them."""
    return {name: item.first(places) for name, places in tables()["fields"].items()}
