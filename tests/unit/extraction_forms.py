"""Issuing a form and filling it in as a person would, for the tests of extraction."""

import io
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from prismake.extraction.collect import Extraction, collect
from prismake.extraction.definition import Definition, load_definition
from prismake.extraction.issue import issue_workbook

FORM: Definition = load_definition(Path(__file__).parents[1] / "data" / "extraction" / "form.yaml")
IDS = ["Adeyemi 2020", "Brandt 2021", "Castro 2022"]
INCLUDED = {study: [f"pubmed:{number}"] for number, study in enumerate(IDS)}
STUDIES = [{"study_id": study, "citation": f"{study}. An invented study. J Invented Med"} for study in IDS]
REPORTED = [{**study, "reports": "; ".join(INCLUDED[study["study_id"]])} for study in STUDIES]
META = {"kind": "extraction", "person": "ana", "round": "1"}

Rows = dict[str, list[dict[str, Any]]]  # sheet -> filled rows; on Study they are found by study_id


@cache
def _issued(**meta: str) -> bytes:
    return issue_workbook(FORM, STUDIES, meta={**META, **meta})


def blank(definition: Definition = FORM, studies: list[dict[str, str]] = STUDIES, **meta: str) -> openpyxl.Workbook:
    usual = definition is FORM and studies is STUDIES
    data = _issued(**meta) if usual else issue_workbook(definition, studies, meta={**META, **meta})
    return openpyxl.load_workbook(io.BytesIO(data))


def fill(book: openpyxl.Workbook, rows: Rows) -> openpyxl.Workbook:
    """Enter rows by the columns' labels."""
    for sheet, entries in rows.items():
        page = book[sheet]
        columns = {cell.value: cell.column for cell in page[1]}
        studies = {row[0].value: row[0].row for row in page.iter_rows(min_row=2) if row[0].value}
        for number, entry in enumerate(entries, 2):
            row = studies[entry["study_id"]] if sheet == "Study" else number
            for label, value in entry.items():
                page.cell(row, columns[label]).value = value
    return book


def read(
    book: openpyxl.Workbook | bytes, path: str = "extraction.ana.01.xlsx", definition: Definition = FORM
) -> Extraction:
    """Save this in the working folder and collect it as a form of ana's."""
    if isinstance(book, bytes):
        Path(path).write_bytes(book)
    else:
        book.save(path)
    return collect(definition, [("ana", Path(path))], issued={"ana": IDS}, studies=INCLUDED)


def filled(**rows: list[dict[str, Any]]) -> Extraction:
    return read(fill(blank(), rows))


def faults(extraction: Extraction) -> list[tuple[str, str, str, str]]:
    return [(fault.sheet, fault.cell, fault.problem, fault.remedy) for fault in extraction.faults]


def levels(extraction: Extraction, definition: Definition = FORM) -> dict[str, list[dict[str, str]]]:
    """Per level everybody's rows: person, the values, file and row."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in definition.levels}
    for e in extraction.entries:
        found[e.level.id].append({"person": e.person, **e.values, "file": e.file, "row": str(e.number)})
    return found
