"""Filling in the forms that the workflow issues, as the people of the example review would.

Each decision follows from the hidden truth about the report (corpus.py) and from how often that person errs, so the
same form is always filled in alike. Only cells for people are written; a workbook keeps everything else.
"""

import datetime
import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import openpyxl
from corpus import build
from extraction_answers import fill_extraction
from findings import RUNS
from judgements import judge, settle_judgements
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter
from phrases import chance
from reports import Report
from slips import settle

# What full text shows of a report that title and abstract should have ruled out.
TOPIC_REASONS = {
    "review": "Review, protocol or opinion",
    "protocol": "Review, protocol or opinion",
    "opinion": "Review, protocol or opinion",
    "other_vesicles": "Vesicles not from mesenchymal stem cells",
    "medium": "Vesicles not separated from the medium",
    "invitro": "No animals or people",
    "methods": "No animals or people",
}
NOTES = {
    "include": ["", "", "", "model fits", "check the control group"],
    "maybe": ["dose unclear", "are the vesicles separated?", "cells or animals?", "ask for the full text"],
    "exclude": ["", "", "", "", "", "other disease", "no vesicles given"],
}


@cache
def reports_by_record() -> dict[str, Report]:
    """record_id -> the report it is a copy of."""
    return {
        f"{source}:{accession}": report
        for report in build()
        for source, accessions in report.accessions.items()
        for accession in accessions
    }


def verdict(one: str, two: str) -> str:
    """Whether these records are copies of one report."""
    return "same" if reports_by_record()[one] is reports_by_record()[two] else "different"


def fill(path: Path) -> int:
    """Fill in this form where it lies; returns the number of rows filled in."""
    kind, person = path.name.split(".")[:2]
    book = openpyxl.load_workbook(path)
    match kind:
        case "extraction":
            rows = fill_extraction(book, study_names(path), person)
        case "syrcle" | "rob_2":
            rows = judge(book, study_names(path), person)
        case "extraction_consensus":
            rows = settle(book.worksheets[0], study_names(path))
        case "syrcle_consensus" | "rob_2_consensus":
            rows = settle_judgements(book.worksheets[0])
        case _:
            rows = FILLERS[kind](book.worksheets[0], person, path)
    path.write_bytes(pack(book))
    return rows


def pack(book: Workbook) -> bytes:
    """The workbook as .xlsx without any mark of the time."""
    book.properties.modified = book.properties.created = datetime.datetime(2026, 11, 2, 9, 0)
    saved, packed = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(saved, "w", zipfile.ZIP_STORED)).save()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (2026, 11, 2, 9, 0, 0))
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 0
            target.writestr(part, source.read(name))
    return packed.getvalue()


def rows_of(page: Worksheet) -> Iterator[tuple[dict[str, str], Callable[[str, object], None]]]:
    """Each row that was issued: its texts by column, and a function that fills in one of its cells."""
    columns = {str(cell.value): cell.column for cell in page[1] if cell.value}
    for number in range(2, page.max_row + 1):
        texts = {name: str(page.cell(number, column).value or "") for name, column in columns.items()}
        if texts["record_id"]:

            def put(name: str, value: object, number: int = number) -> None:
                if value not in ("", None):
                    page.cell(number, columns[name]).value = value

            yield texts, put


def fill_title_abstract(page: Worksheet, person: str, path: Path) -> int:
    rows = list(rows_of(page))
    for texts, put in rows:
        decision, note = first_decision(reports_by_record()[texts["record_id"]], person)
        put("decision", decision)
        put("note", note)
    return len(rows)


def first_decision(report: Report, person: str) -> tuple[str, str]:
    """What this person decides on title and abstract, and their note."""
    rng = chance("title/abstract", person, report.key)
    decision = "include" if is_relevant(report) != (rng.random() < report.doubt) else "exclude"
    if decision == "include" and report.doubt >= 0.1 and rng.random() < 0.5:
        decision = "maybe"
    return decision, rng.choice(NOTES[decision]) if rng.random() < 0.3 else ""


def fill_title_abstract_conflicts(page: Worksheet, person: str, path: Path) -> int:
    rows = list(rows_of(page))
    for texts, put in rows:
        report = reports_by_record()[texts["record_id"]]
        put("decision", "include" if is_relevant(report) else "exclude")
        put("note", "settled in the meeting of the three" if chance("meeting", report.key).random() < 0.2 else "")
    return len(rows)


def is_relevant(report: Report) -> bool:
    return report.fate != "title/abstract"


def judged(report: Report, record_id: str) -> tuple[str, str]:
    """Decision and reason at full text, when nobody errs."""
    if record_id not in first_records(report):
        return "exclude", "Duplicate of another record"
    if report.fate in ("included", "ongoing", "awaiting classification"):
        return {"included": "include"}.get(report.fate, report.fate), ""
    reason = (
        TOPIC_REASONS.get(report.topic, "Not an ischaemic injury") if report.fate == "title/abstract" else report.fate
    )
    return "exclude", reason


def first_records(report: Report) -> set[str]:
    """The records that the first run delivered; a report under another id is a copy that deduplication missed."""
    order = list(RUNS)
    first = min((runs[0], order.index(source)) for source, runs in report.found.items())
    source = order[first[1]]
    return {f"{source}:{accession}" for accession in report.accessions[source]}


def fill_full_text(page: Worksheet, person: str, path: Path) -> int:
    rows = list(rows_of(page))
    for texts, put in rows:
        report = reports_by_record()[texts["record_id"]]
        decision, reason = judged(report, texts["record_id"])
        rng = chance("full text", person, report.key)
        if rng.random() < 0.07 and decision in ("include", "exclude"):
            decision, reason = ("exclude", "No outcome data by group") if decision == "include" else ("include", "")
        elif decision == "exclude" and rng.random() < 0.06:
            reason = "No outcome data by group"
        put("decision", decision)
        put("reason", reason)
        put("note", "data only in the figures" if reason == "No outcome data by group" and rng.random() < 0.5 else "")
    return len(rows)


def fill_full_text_conflicts(page: Worksheet, person: str, path: Path) -> int:
    rows = list(rows_of(page))
    for texts, put in rows:
        decision, reason = judged(reports_by_record()[texts["record_id"]], texts["record_id"])
        put("decision", decision)
        put("reason", reason)
    return len(rows)


def fill_retrieval(page: Worksheet, person: str, path: Path) -> int:
    rows = list(rows_of(page))
    for texts, put in rows:
        report = reports_by_record()[texts["record_id"]]
        rng = chance("retrieval", report.key)
        is_late = min(runs[0] for runs in report.found.values()) > "2026-06"
        day = datetime.date(2026, 10, 19) if is_late else datetime.date(2026, 3, 9)
        if report.fate == "not retrieved":
            put(
                "tried",
                rng.choice(
                    [
                        "publisher; library; interlibrary loan; authors (no answer)",
                        "publisher; repository; authors (address invalid)",
                    ]
                ),
            )
            put("outcome", "not retrieved")
            put("note", rng.choice(["journal no longer online", "issue missing in every library asked"]))
            day += datetime.timedelta(40)
        else:
            put(
                "tried",
                "register"
                if report.kind == "registry"
                else rng.choice(["publisher", "publisher", "library", "repository", "authors"]),
            )
            put("outcome", "retrieved")
        put("date", day + datetime.timedelta(rng.randint(0, 11)))
    return len(rows)


def fill_studies(page: Worksheet, person: str, path: Path) -> int:
    """Confirm the suggested study, put a talk and its article together, take two experiments apart."""
    rows = list(rows_of(page))
    names = study_names(path)
    suggested = {reports_by_record()[texts["record_id"]].key: texts["study"] for texts, _ in rows}
    for texts, put in rows:
        report = reports_by_record()[texts["record_id"]]
        name = names.get(report.study) or suggested.get(report.study) or texts["study"]
        if report.special == "two studies":
            put("note", "two experiments with animals and controls of their own")
            name = f"{texts['study']} (a); {texts['study']} (b)"
        elif name != texts["study"]:
            put("note", "same experiment as the article")
        put("study", name)
        put("checked", "yes")
        names.setdefault(report.study, name)
    return len(rows)


def study_names(path: Path) -> dict[str, str]:
    """Key of the study in the corpus -> its name, as checked so far in the studies sheets of this review."""
    names: dict[str, str] = {}
    for sheet in sorted((path.parents[2] / "studies").glob("*/studies.*.xlsx")):
        for texts, _ in rows_of(openpyxl.load_workbook(sheet).worksheets[0]):
            report = reports_by_record()[texts["record_id"]]
            if texts["checked"] and (report.key == report.study or report.study not in names):
                names[report.study] = texts["study"]
    return names


FILLERS = {
    "title_abstract": fill_title_abstract,
    "title_abstract_conflicts": fill_title_abstract_conflicts,
    "full_text": fill_full_text,
    "full_text_conflicts": fill_full_text_conflicts,
    "retrieval": fill_retrieval,
    "studies": fill_studies,
}
