"""Reading the cells of an .ods file's content.xml (OASIS OpenDocument 1.3, part 3, chapter 9).

Readers of this format hand over a formula's last result; here a formula stays a formula.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import IO
from xml.etree import ElementTree

from prismake.errors import PrismakeError
from prismake.spreadsheet.model import MAX_COLUMNS, MAX_ROWS
from prismake.spreadsheet.text import MAX_TEXT, clean

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT, _STYLE = (f"{{{_OASIS}{name}:1.0}}" for name in ("office", "table", "text", "style"))
# A few bytes can say that a cell, a row or a blank is repeated a million times.
MAX_CELLS = 1_000_000  # with content or before one, in all sheets; 5,000 studies with 60 columns are 300,000
MAX_BLANKS = 10_000_000  # in all cells


def read_ods(content: IO[bytes]) -> Iterator[tuple[str, bool, list[tuple[int, list[tuple[str, str]]]]]]:
    """Per sheet its name, whether it is visible, and its rows with content: (number, [(value, kind) of each cell]).

    Raises PrismakeError for more than a spreadsheet holds, before the repetitions are written out.
    """
    root = ElementTree.parse(content).getroot()
    blanks = [_times(element, f"{_TEXT}c") for element in root.iter(f"{_TEXT}s")]
    if max(blanks, default=0) > MAX_TEXT or sum(blanks) > MAX_BLANKS:
        raise PrismakeError(f"more than {MAX_TEXT:,} blanks in a row, or {MAX_BLANKS:,} in all")
    total = 0
    hidden = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    for table in root.iter(f"{_TABLE}table"):
        rows = _rows(table, MAX_CELLS - total)
        total += sum(len(cells) for _, cells in rows)
        yield table.get(f"{_TABLE}name", ""), table.get(f"{_TABLE}style-name") not in hidden, rows


def _times(element: ElementTree.Element, attribute: str) -> int:
    """How often something is repeated."""
    times = int(element.get(attribute, 1))
    if times < 1:
        raise PrismakeError(f"something is repeated {times} times")
    return times


def _rows(table: ElementTree.Element, room: int) -> list[tuple[int, list[tuple[str, str]]]]:
    """The rows with content, of at most `room` cells."""
    rows, number = [], 0
    for element in table.iter(f"{_TABLE}table-row"):
        cells: list[tuple[str, str]] = []
        blanks = 0
        for cell in element:
            times = _times(cell, f"{_TABLE}number-columns-repeated")
            value = _value(cell) if cell.tag == f"{_TABLE}table-cell" else ("", "blank")  # covered by a merged cell
            if not value[0]:
                blanks += times
                continue
            if len(cells) + blanks + times > MAX_COLUMNS:
                raise PrismakeError(f"more than a spreadsheet's {MAX_COLUMNS:,} columns")
            cells += [("", "blank")] * blanks + [value] * times
            blanks = 0
        times = _times(element, f"{_TABLE}number-rows-repeated")
        if cells:
            if number + times > MAX_ROWS:
                raise PrismakeError(f"more than a spreadsheet's {MAX_ROWS:,} rows")
            room -= len(cells) * times
            if room < 0:
                raise PrismakeError(f"more than {MAX_CELLS:,} cells")
            rows += [(number + repeat, cells) for repeat in range(1, times + 1)]
        number += times
    return rows


def _value(cell: ElementTree.Element) -> tuple[str, str]:
    formula = cell.get(f"{_TABLE}formula")
    if formula is not None:
        return "=" + formula.split("=", 1)[-1], "formula"
    kind = cell.get(f"{_OFFICE}value-type")
    match kind:
        case None:
            return "", "blank"
        case "float" | "currency":
            return _number(cell.get(f"{_OFFICE}value", "")), "number"
        case "percentage":
            return _number(cell.get(f"{_OFFICE}value", ""), 100) + "%", "text"
        case "date":
            return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00"), "date"
        case "time":
            return cell.get(f"{_OFFICE}time-value", ""), "date"
        case "boolean":
            return cell.get(f"{_OFFICE}boolean-value", "").upper(), "boolean"
    return clean("\n".join(_text(p) for p in cell.findall(f"{_TEXT}p"))), "text"


def _number(value: str, factor: int = 1) -> str:
    try:
        number = Decimal(value) * factor
    except InvalidOperation:
        return value
    return format(number.quantize(1) if number == number.to_integral_value() else number.normalize(), "f")


def _text(element: ElementTree.Element) -> str:
    parts = [element.text or ""]
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "s":
            parts.append(" " * _times(child, f"{_TEXT}c"))
        elif name in ("tab", "line-break"):
            parts.append("\t" if name == "tab" else "\n")
        elif name != "annotation":
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
