"""Excel tables: the sheet that holds the records as CSV text, and a count of its rows made without the reader."""

import io
import posixpath
import zipfile
from pathlib import Path

from lxml import etree

from prismake.errors import PrismakeError
from prismake.importers.sniff import Layout, sniff
from prismake.publish import csv_text
from prismake.spreadsheet import Table, read_workbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def is_xlsx(data: bytes) -> bool:
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        return "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def read_sheet(path: Path, mapped: frozenset[str]) -> tuple[str, Layout, str, list[str]]:
    """The table of records of a workbook as CSV text, its layout, the sheet's name, and warnings.

    Raises PrismakeError when no sheet is such a table, or more than one.
    """
    found, others = [], []
    for name, table in read_workbook(path).sheets.items():
        text = _csv(table)
        try:
            kind, layout = sniff(text.encode("utf-8", "replace"), path.as_posix(), mapped)
        except PrismakeError:
            kind, layout = "", None
        if kind == "csv" and layout:
            found.append((text, layout, name))
        elif table.columns:
            others.append(name)
    if not found:
        raise PrismakeError(
            "no sheet has a header that is recognised",
            place=path.as_posix(),
            hint="Give it columns such as title, abstract, doi, or say in `columns` which column holds what.",
        )
    if len(found) > 1:
        names = ", ".join(name for _, _, name in found)
        raise PrismakeError(
            f"more than one sheet holds records ({names})", place=path.as_posix(), hint="Keep one sheet per file."
        )
    return *found[0], [f"the sheet '{name}' holds no records and was passed over" for name in others]


def _csv(table: Table) -> str:
    """The sheet with its first row; a column without a label there is named "(C)"."""
    return csv_text(table.columns, ([row.cells[label].value for label in table.columns] for row in table.rows))


def count_rows(path: Path, sheet: str) -> int:
    """Rows of a sheet with a cell that is not blank, the header among them, by the bare XML of the file."""
    with zipfile.ZipFile(path) as archive:
        book = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
        key = next(found.get(_ID) for found in book.iter(f"{_MAIN}sheet") if found.get("name") == sheet)
        target = next(link.get("Target") for link in links if link.get("Id") == key)
        names = set(archive.namelist())
        filled = [True]
        if "xl/sharedStrings.xml" in names:
            strings = etree.fromstring(archive.read("xl/sharedStrings.xml"), _parser())
            filled = [bool("".join(item.itertext(f"{_MAIN}t")).strip()) for item in strings.iter(f"{_MAIN}si")]
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        rows = 0
        with archive.open(part) as file:
            for _, row in etree.iterparse(file, tag=f"{_MAIN}row", resolve_entities=False, no_network=True):
                rows += any(_holds(cell, filled) for cell in row.iter(f"{_MAIN}c"))
                row.clear()
    return rows


def _holds(cell: etree._Element, filled: list[bool]) -> bool:
    """Whether something stands in a cell: a shared text by its number, a text of its own, a formula or a value."""
    value = cell.findtext(f"{_MAIN}v")
    if cell.get("t") == "s" and value:
        return filled[int(value)]
    return bool("".join(cell.itertext()).strip())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
