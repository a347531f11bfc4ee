"""The records, reports and studies behind the numbers of the flow diagram, as rows for people to read.

A row stands on the page once, however many boxes it is in, and names its lists; the page shows those of one list at a
time. Long lists are cut, so that the page stays a page: whatever is cut is in records.csv and reports.csv.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from prismake.errors import PrismakeError
from prismake.prisma.box_table import PROVISIONAL
from prismake.prisma.panels import Panel
from prismake.prisma.wording import item_label
from prismake.publish import read_csv
from prismake.text_metrics import clean

CAPS = (2000, 1000, 500, 200, 100)  # rows of one list; the first with which the page stays within PAGE_ROWS
PAGE_ROWS = 10_000
AUTHORS = 3  # named before "et al."
_TABLES = "Name records.csv and reports.csv of results/prisma."

Table = dict[str, dict[str, str]]


@dataclass(frozen=True)
class RecordList:
    """The list behind one number. `token` is the class of its rows, `listed` how many of its n rows are there."""

    key: str
    token: str
    panel: Panel
    label: str
    n: int
    unit: str
    listed: int


@dataclass(frozen=True)
class Reference:
    """What a row says of one report; `address` is "" or begins with http:// or https://."""

    title: str
    byline: str
    address: str
    link: str


@dataclass(frozen=True)
class Row:
    """One record, report or study."""

    id: str
    references: tuple[Reference, ...]
    found: str
    status: str
    tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ledger:
    """The ledger's tables, read back from the files: records by `record_id@run_date`, reports by report_id."""

    records: Table
    reports: Table
    studies: dict[str, list[str]]  # study_id -> report_ids
    sources: dict[str, list[str]]  # report_id -> the names of its sources


def read_ledger(records: Path | None, reports: Path | None) -> Ledger:
    """The tables that are there. report_study.csv is read from beside reports.csv. Raises PrismakeError for others."""
    record_rows = _read_table(records, ("record_id", "run_date", "report_id", "source_id")) if records else []
    report_rows = _read_table(reports, ("report_id",)) if reports else []
    beside = reports.with_name("report_study.csv") if reports else None
    studies: dict[str, list[str]] = {}
    for row in read_csv(beside) if beside and beside.is_file() else []:
        studies.setdefault(row["study_id"], []).append(row["report_id"])
    sources: dict[str, list[str]] = {}
    for row in record_rows:
        found = sources.setdefault(row["report_id"], [])
        if (name := _source(row)) not in found:
            found.append(name)
    return Ledger(
        records={f"{row['record_id']}@{row['run_date']}".removesuffix("@"): row for row in record_rows},
        reports={row["report_id"]: row for row in report_rows},
        studies=studies,
        sources=sources,
    )


def _source(record: Mapping[str, str]) -> str:
    """The source's name as the diagram has it; its id where a table has no names."""
    return record.get("source") or record["source_id"]


def _read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        rows = read_csv(path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise PrismakeError("this is no CSV in UTF-8", place=path.as_posix(), hint=_TABLES) from error
    lacking = [column for column in columns if rows and column not in rows[0]]
    if lacking:
        raise PrismakeError(f"there is no column {lacking[0]}", place=path.as_posix(), hint=_TABLES)
    return rows


def list_records(
    panels: Iterable[Panel], ledger: Ledger, labels: Mapping[str, Any]
) -> tuple[list[RecordList], list[Row]]:
    """A list for each number whose ids are known, and the rows of all lists in order of appearance."""
    behind = [(panel, entry) for panel in panels for entry in panel.entries if entry.ids]
    for cap in CAPS:
        needed = {(entry.holds, identifier) for _, entry in behind for identifier in entry.ids[:cap]}
        if len(needed) <= PAGE_ROWS:
            break
    lists: list[RecordList] = []
    rows: dict[tuple[str, str], Row] = {}
    label = ""
    for position, (panel, entry) in enumerate(behind):
        token = f"l{position}"
        label = entry.label if not entry.item else label
        name = f"{label}: {entry.label}" if entry.item else label
        lists.append(RecordList(entry.key, token, panel, name, entry.n, entry.unit, len(entry.ids[:cap])))
        for identifier in entry.ids[:cap]:
            key = entry.holds, identifier
            if key not in rows:
                rows[key] = _row(entry.holds, identifier, ledger, labels)
            rows[key].tokens.append(token)
    return lists, list(rows.values())


def _row(holds: str, identifier: str, ledger: Ledger, labels: Mapping[str, Any]) -> Row:
    if holds == "studies":
        return _study_row(identifier, ledger, labels)
    if holds == "records" and identifier in ledger.records:
        record = ledger.records[identifier]
        report = ledger.reports.get(record["report_id"], {})
        source = ", ".join(part for part in (_source(record), record["run_date"]) if part)
        removed, detail = record["removed"], record["detail"]
        status = f"{labels['removed'].get(removed, removed)}{f' ({detail})' if detail else ''}" if removed else ""
        return Row(
            clean(record["record_id"]),
            (_reference(report, labels),),
            labels["lists"]["found"].format(sources=clean(source)),
            clean(status or _state(report, labels)),
        )
    report = ledger.reports.get(identifier, {})
    sources = clean(", ".join(ledger.sources.get(identifier, [])))
    found = labels["lists"]["found"].format(sources=sources) if sources else ""
    references = (_reference(report, labels),) if report else ()
    return Row(clean(identifier), references, found, _state(report, labels))


def _study_row(identifier: str, ledger: Ledger, labels: Mapping[str, Any]) -> Row:
    words = labels["lists"]
    name = words["no_study"] if identifier.startswith(PROVISIONAL) else words["study"].format(id=clean(identifier))
    reports = [ledger.reports.get(report, {}) for report in ledger.studies.get(identifier, [])]
    references = tuple(_reference(report, labels) for report in reports)
    return Row(name, references, "", _state(reports[0], labels) if reports else "")


def _state(report: Mapping[str, str], labels: Mapping[str, Any]) -> str:
    """What became of a report, with the reason when there is one."""
    state = report.get("state", "")
    words = labels["states"].get(state, state)
    if report.get("by") == "automation" and state != "removed_before_screening":
        words = labels["lists"]["automation"].format(state=words)
    return clean(f"{words}: {item_label(report['reason'], labels)}" if report.get("reason") else words)


def _reference(report: Mapping[str, str], labels: Mapping[str, Any]) -> Reference:
    names = [name for name in report.get("authors", "").split("; ") if name]
    authors = "; ".join(names[:AUTHORS]) + (" et al." if len(names) > AUTHORS else "")
    byline = ". ".join(part.rstrip(".") for part in (authors, report.get("journal"), report.get("year")) if part)
    address, link = _address(report)
    return Reference(clean(report.get("title") or labels["lists"]["no_title"]), clean(byline), address, link)


def _address(report: Mapping[str, str]) -> tuple[str, str]:
    """Where the report can be read: address and what to show for it. Only web addresses leave this function."""
    if doi := report.get("doi"):
        return f"https://doi.org/{quote(doi, safe='/:;()._-')}", clean(f"doi:{doi}")
    if (pmid := report.get("pmid", "")).isdecimal():
        return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/", f"PMID {pmid}"
    try:
        parts = urlsplit(report.get("url") or "")
    except ValueError:
        return "", ""
    return (parts.geturl(), parts.netloc) if parts.scheme in ("http", "https") and parts.netloc else ("", "")
