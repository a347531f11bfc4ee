"""What format a text is in, by its content; the file's name has no say."""

import csv
import io
import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

from prismake.errors import PrismakeError
from prismake.importers.fields import read_data

READABLE = "RIS, MEDLINE (PubMed .nbib), Web of Science plain text, BibTeX, CSV or Excel"
_HEAD = 200_000  # characters looked at
_HEADING_WITHIN = 15  # rows before which a table's header must have come


@dataclass(frozen=True)
class Layout:
    """How a table is laid out: its delimiter, the rows before the first record, its columns and their preset."""

    delimiter: str
    heading_rows: int  # rows that are not blank, up to and with the header
    columns: tuple[str, ...]  # in lower case
    preset: str  # name in data/importers/csv.yaml, "native" or "generic"
    quoted: bool = True  # whether quotation marks hold cells together


def sniff(data: bytes, place: str, mapped: frozenset[str] = frozenset()) -> tuple[str, Layout | None]:
    """The format (a name in data/importers/formats.yaml, or "csv") and, for a table, its layout.

    `mapped` are the columns that the configuration names: the row that has them all is the header. Raises
    PrismakeError for a format that is recognised but not read, and for anything unknown.
    """
    head = data[:_HEAD].decode("utf-8", "ignore")
    found = [(match.start(), form) for form in _forms() if (match := form.pattern.search(head))]
    layout, start = _find_layout(head, mapped)
    if mapped and not layout and not found:
        raise PrismakeError(
            f"no row of the first {_HEADING_WITHIN} has the columns {', '.join(sorted(mapped))}",
            place=place,
            hint="Correct `columns`: it says which column holds what.",
        )
    if layout and all(start <= position for position, _ in found):
        return "csv", replace(layout, quoted=not _plain_tabs(data, layout))
    if not found:
        message = "the format is not recognised" + _columns(head)
        raise PrismakeError(message, place=place, hint=f"Export the records as {READABLE}.")
    _, form = min(found, key=lambda pair: pair[0])
    if form.remedy:
        raise PrismakeError(f"this is {form.name}, which is not read", place=place, hint=form.remedy)
    return form.name, None


@dataclass(frozen=True)
class _Form:
    name: str
    pattern: re.Pattern[str]
    remedy: str = ""  # what to export instead; "" for a format that is read


@cache
def _forms() -> list[_Form]:
    """The formats of data/importers/formats.yaml; the earlier one wins where two begin at one place."""
    forms = read_data("formats")
    known = [_Form(name, re.compile(pattern, re.MULTILINE)) for name, pattern in forms["read"].items()]
    for form in forms["refused"]:
        known.append(_Form(form["what"], re.compile(form["pattern"], re.MULTILINE), form["remedy"]))
    return known


def _find_layout(head: str, mapped: frozenset[str]) -> tuple[Layout | None, int]:
    """The layout of a table that has a known header near the beginning, and where its header row starts."""
    best: tuple[int, Layout | None, int] = (0, None, 0)
    for delimiter in ",;\t|":
        position, heading = 0, 0
        for row in islice(_rows(head, delimiter), _HEADING_WITHIN):
            cells, start, position = row[0], position, row[1]
            if not any(cells):
                continue
            heading += 1
            preset, score = _preset(cells, first=heading == 1)
            if mapped:
                score = 1000 * (mapped <= set(cells))
            if score > best[0]:
                best = (score, Layout(delimiter, heading, cells, preset), start)
    return best[1], best[2]


def _plain_tabs(data: bytes, layout: Layout) -> bool:
    """Whether every line of a tab-separated table is a whole row: quotation marks mean nothing there."""
    tabs = len(layout.columns) - 1
    if layout.delimiter != "\t" or not tabs:
        return False
    return all(line.count(b"\t") == tabs for line in data.split(b"\n") if line.strip())


def _rows(head: str, delimiter: str) -> Any:
    """Rows as lower-case cells, each with the position behind it."""
    source = io.StringIO(head, newline="")
    position = 0

    def lines() -> Any:
        nonlocal position
        for line in source:
            position += len(line)
            yield line

    try:
        for row in csv.reader(lines(), delimiter=delimiter):
            yield tuple(" ".join(cell.split()).lower() for cell in row), position
    except csv.Error:
        return


def _preset(cells: tuple[str, ...], *, first: bool) -> tuple[str, int]:
    """The preset a row is the header of, and how well it fits (0 = not at all)."""
    tables = read_data("csv")
    for preset in tables["presets"]:
        if set(preset["requires"]) <= set(cells):
            return preset["name"], 100 + len(cells)
    known = len(set(tables["generic"]["recognised_by"]) & set(cells))
    if known >= 2 or (known and first):
        return "native" if {"record_id", "source_record_id"} & set(cells) else "generic", known
    return "", 0


def _columns(head: str) -> str:
    """A hint at an unknown header, for the message."""
    line = next((line for line in head.split("\n") if line.strip()), "")
    cells = next(csv.reader([line], delimiter=max(",;\t", key=line.count)), [])
    if len(cells) < 3:
        return ""
    shown = ", ".join(cells)[:80]
    return f"; if it is a table, its header ({shown} ...) has no column title, abstract, doi or record_id"
