"""Tables (CSV, TSV): one record per row, columns by the preset that fits the header (data/importers/csv.yaml)."""

import ast
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed
from prismake.importers.sniff import Layout

csv.field_size_limit(2**31 - 1)

_QUOTED = re.compile(r'^"((?:[^"]|"")*)"$')  # a cell that Excel put in quotation marks
_TEXT = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_LIST = re.compile(rf"\[(?:{_TEXT})(?:, ?(?:{_TEXT}))*+\]")  # of texts only: evaluating anything else can take forever
_INITIALS_LAST = re.compile(r"\S.*[ ](?:[^\W\d_a-zß-ÿ][.-]?[ ]?){1,4}")


def read_csv(text: str, layout: Layout, columns: Mapping[str, Sequence[str]] | None = None) -> Parsed:
    """Blank rows are no records; a row with too few or too many cells is one, and is told of.

    `columns` says which columns hold a field, and is asked before what the preset says of it.
    """
    parsed = Parsed(dialect=layout.preset)
    settings = _settings(layout.preset)
    if columns:
        known = settings["fields"]
        named = {field: [*places, *known.get(field, ())] for field, places in columns.items()}
        settings = {**settings, "fields": {**known, **named}}
    table = Table(settings)
    places = table.places
    clean = _values if layout.quoted else lambda cell: _values(_QUOTED.sub(_unquote, cell))
    columns = [(index, name) for index, name in enumerate(layout.columns) if name in places]
    names = [] if "authors" in table.separators else settings["fields"].get("authors", [])
    width = len(layout.columns)
    short = False
    for number, row in enumerate(_rows(text, layout), start=1):
        raw: dict[str, list[str]] = {}
        for index, name in columns:
            if index < len(row) and row[index]:
                raw.setdefault(name, []).extend(clean(row[index]))
        for name in names:
            if name in raw:
                raw[name] = [person for value in raw[name] for person in split_names(value)]
        parsed.add(table.record(raw), number)
        short = len(row) < width
        if short or any(cell.strip() for cell in row[width:]):
            parsed.note(f"with more or fewer cells than the header ({width})", number)
    if not text.endswith("\n") and (short or not parsed.records or (layout.quoted and text.count('"') % 2)):
        parsed.cut = "its last row is not complete"
    return parsed


def _settings(preset: str) -> dict:
    tables = read_data("csv")
    return next((table for table in tables["presets"] if table["name"] == preset), tables["generic"])


def _unquote(match: re.Match[str]) -> str:
    return match[1].replace('""', '"')


def _rows(text: str, layout: Layout) -> Iterator[list[str]]:
    quoting = csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, quoting=quoting)
    filled = (row for row in rows if any(cell.strip() for cell in row))
    for position, row in enumerate(filled, start=1):
        if position > layout.heading_rows:
            yield row


def _values(cell: str) -> list[str]:
    """A cell without Excel's ="..." guard; a list as Python prints it is several values."""
    if cell.startswith('="'):
        return [cell[2:].rstrip('"')]
    if _LIST.fullmatch(cell):
        try:
            return ast.literal_eval(cell)
        except (ValueError, SyntaxError):  # "\x" and the like
            return [cell]
    return [cell]


def split_names(value: str) -> list[str]:
    """The names in one cell: by ";", "|", " and "; by "," when every piece is a name with initials or given name."""
    for separator in (";", "|", " and "):
        if separator in value:
            return value.split(separator)
    pieces = [piece.strip() for piece in value.rstrip(".").split(",")]
    if all(_INITIALS_LAST.fullmatch(piece) for piece in pieces):
        return pieces
    return pieces if len(pieces) > 2 and all(" " in piece for piece in pieces) else [value]
