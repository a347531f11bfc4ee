"""Files to import into Rayyan, Covidence and ASReview. Our id stands in ID, AN and, as "record_id: ...", in N1."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prismake.config import read_config
from prismake.errors import PrismakeError
from prismake.other_tools import tables
from prismake.publish import create, csv_text, read_csv
from prismake.screening.reports import read_reports

RAYYAN = ["key", "title", "year", "month", "day", "journal", "issn", "volume", "issue", "pages", "authors", "url"]
RAYYAN += ["language", "publisher", "location", "abstract", "notes", "doi", "keywords", "pubmed_id", "pmc_id"]
# ASReview 1 numbers the records anew in the column record_id, and leaves others as they are.
ASREVIEW = ["record_id", "key", "title", "abstract", "authors", "year", "journal", "doi", "url", "keywords"]
FORMS = {"rayyan": ("ris", "csv"), "covidence": ("ris",), "asreview": ("csv", "ris")}


def export(tool: str, stage: str, review: Path, out: Path, *, everything: bool = False) -> list[Path]:
    """Write the reports that are pending at this stage, or all that reached it, as files for a tool; their paths.

    Raises PrismakeError, and writes nothing, when there are none or a file is there already.
    """
    read_config(review)
    decisions = review / "results" / "screening" / stage / "decisions.csv"
    if not decisions.exists():
        raise PrismakeError("there is no such table yet", place=decisions.as_posix(), hint="Run `snakemake` first.")
    wanted = [row["report_id"] for row in read_csv(decisions) if everything or row["state"] == "pending"]
    if not wanted:
        hint = "Nothing waits for a decision; --all writes every report of the stage."
        raise PrismakeError(f"no report is pending at {stage}", place=decisions.as_posix(), hint=hint)
    reports = read_reports(review / "results" / "records" / "unique.parquet")
    made = make_files(tool, [reports[report_id] for report_id in wanted])
    files = {out / f"{stage}.{tool}.{name}": data for name, data in made.items()}
    there = next((path for path in files if path.exists()), None)
    if there:
        hint = "Files are never written over: name another folder, or move it away."
        raise PrismakeError("this file is there already", place=there.as_posix(), hint=hint)
    for path, data in files.items():
        create(path, data)
    return list(files)


def make_files(tool: str, reports: list[Mapping[str, Any]]) -> dict[str, bytes]:
    """The files to import into a tool, by the end of their names (01.ris)."""
    return {
        f"{number:02d}.{form}": data
        for form in FORMS[tool]
        for number, data in enumerate(_parts(tool, form, reports), start=1)
    }


def _parts(tool: str, form: str, reports: list[Mapping[str, Any]]) -> Iterator[bytes]:
    """The files, none larger than the tool takes."""
    limits = tables()["limits"][tool]
    rows: list[Any] = [to_ris(report) if form == "ris" else _row(tool, report) for report in reports]
    start, size = 0, 0
    for index, row in enumerate(rows):
        length = len((row if form == "ris" else csv_text([], [row])).encode("utf-8"))
        if index > start and (index - start >= limits["references"] or size + length > limits["bytes"]):
            yield _file(tool, form, rows[start:index])
            start, size = index, 0
        size += length
    yield _file(tool, form, rows[start:])


def _file(tool: str, form: str, rows: list[Any]) -> bytes:
    if form == "ris":
        return "".join(rows).encode("utf-8")
    return csv_text(RAYYAN if tool == "rayyan" else ASREVIEW, rows).encode("utf-8")


def to_ris(report: Mapping[str, Any]) -> str:
    """A report as one RIS reference."""
    first, _, last = (report["pages"] or "").partition("-")
    lines: list[tuple[str, Any]] = [
        ("TY", "JOUR" if report["journal"] else "GEN"),
        ("ID", report["report_id"]),
        ("TI", report["title"]),
        *(("AU", author) for author in report["authors"] or ()),
        ("PY", report["year"]),
        ("T2", report["journal"]),
        ("VL", report["volume"]),
        ("IS", report["issue"]),
        ("SP", first),
        ("EP", last),
        ("SN", next(iter(report["issn"] or ()), "")),
        ("DO", report["doi"]),
        ("AN", report["report_id"]),
        ("UR", _url(report)),
        ("AB", report["abstract"]),
        *(("KW", keyword) for keyword in report["keywords"] or ()),
        ("LA", report["language"]),
        ("N1", f"record_id: {report['report_id']}"),
    ]
    written = [f"{tag}  - {_line(value)}\n" for tag, value in lines if value]
    return "".join(written) + "ER  - \n\n"


def _row(tool: str, report: Mapping[str, Any]) -> list[Any]:
    values = {
        **{name: report[name] for name in ("year", "journal", "volume", "issue", "pages", "language", "doi")},
        "key": report["report_id"],
        "record_id": report["report_id"],
        "title": _line(report["title"]),
        "abstract": _line(report["abstract"]),
        "authors": (" and " if tool == "rayyan" else "; ").join(report["authors"] or ()),
        "issn": next(iter(report["issn"] or ()), ""),
        "url": _url(report),
        "keywords": "; ".join(report["keywords"] or ()),
        "notes": f"record_id: {report['report_id']}",
        "pubmed_id": report["pmid"],
        "pmc_id": report["pmcid"],
    }
    return [values.get(column, "") for column in (RAYYAN if tool == "rayyan" else ASREVIEW)]


def _url(report: Mapping[str, Any]) -> str:
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{report['pmid']}/" if report["pmid"] else ""
    return report["url"] or pubmed


def _line(value: Any) -> str:
    """One line: a line break would end the field."""
    return " ".join(str(value or "").split())
