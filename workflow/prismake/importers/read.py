"""Importing the exports of one run: read, count, reconcile, report."""

import datetime
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import polars as pl

from prismake import records
from prismake.errors import PrismakeError
from prismake.importers import count
from prismake.importers.bibtex import read_bibtex
from prismake.importers.csv_table import read_csv
from prismake.importers.encoding import decode
from prismake.importers.medline import read_medline
from prismake.importers.parsed import Parsed
from prismake.importers.sniff import sniff
from prismake.importers.tagged import read_ris, read_wos
from prismake.publish import write_text

_READERS = {
    "ris": (read_ris, count.count_ris),
    "medline": (read_medline, count.count_medline),
    "wos": (read_wos, count.count_wos),
    "bibtex": (read_bibtex, count.count_bibtex),
}
REPORT_COLUMNS = ["path", "sha256", "bytes", "format", "dialect", "encoding", "counted", "parsed", "rejected"]
REPORT_COLUMNS += ["no_title", "no_abstract", "no_doi", "warnings"]


@dataclass
class Import:
    """One file as it was imported: its records and what the report tells about it."""

    path: str
    sha256: str
    bytes: int
    format: str
    dialect: str
    encoding: str
    counted: int  # records by the independent count
    parsed: int
    rejected: int
    no_title: int
    no_abstract: int
    no_doi: int
    warnings: list[str]
    cut: str = ""  # why the file looks cut off; "" when it does not
    records: list[dict[str, Any]] = field(default_factory=list, repr=False)


def read_file(path: str | Path) -> Import:
    """The records of one export, whatever its format, each with the fields of records.SCHEMA that the file gives.

    Raises PrismakeError when the file cannot be opened, is empty, binary or in a format that is not read, or when the
    records read and rejected do not add up to those counted.
    """
    place = str(path)
    try:
        data = Path(path).read_bytes()
    except IsADirectoryError as error:
        raise PrismakeError("this is a folder", place=place, hint="Name the files in it.") from error
    except OSError as error:
        hint = "Check the path of the export."
        raise PrismakeError(f"cannot be read ({error.strerror})", place=place, hint=hint) from error
    text, encoding, warnings = decode(data, place)
    name, layout = sniff(text, place)
    if layout:
        parsed = read_csv(text, layout)
        counted = count.count_csv(text, layout.delimiter, layout.heading_rows, quoted=layout.quoted)
    else:
        reader, counter = _READERS[name]
        parsed, counted = reader(text), counter(text)
    _reconcile(parsed, counted, place)
    shown = _shown(path)
    for record in parsed.records:
        record["raw_file"] = shown
    return Import(
        path=shown,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        format=name,
        dialect=parsed.dialect,
        encoding=encoding,
        counted=counted,
        parsed=len(parsed.records),
        rejected=parsed.rejected,
        no_title=_lacking("title", parsed),
        no_abstract=_lacking("abstract", parsed),
        no_doi=_lacking("doi", parsed),
        warnings=[*warnings, *parsed.all_warnings(), *_twice(parsed)],
        cut=parsed.cut,
        records=parsed.records,
    )


def import_files(
    paths: Sequence[str | Path], *, source_id: str, run_date: str | None = None, declared: int | None = None
) -> tuple[pl.DataFrame, list[Import]]:
    """The records of one run of a source as a table of records.SCHEMA, and what was found in each file.

    `declared` is the number of records the database said it exported, over all files. Raises PrismakeError as
    `read_file` does, when the sum differs from `declared`, and when a file looks cut off and no `declared` says that it
    is whole, and for a source id, day or number that is none.
    """
    _check(source_id, run_date, declared)
    files = [read_file(path) for path in paths]
    held = sum(file.parsed + file.rejected for file in files)
    cut = [file for file in files if file.cut]
    if cut and declared != held:
        raise PrismakeError(
            f"the file looks cut off: {cut[0].cut} (records found: {cut[0].counted})",
            place=cut[0].path,
            hint="Export again; if the file is whole, give the number of records the database stated as `declared`.",
        )
    if declared is not None and declared != held:
        where = files[0].path if len(files) == 1 else ", ".join(f"{file.path} ({file.counted})" for file in files)
        raise PrismakeError(
            f"the database said {declared}, the file{'s hold' if len(files) > 1 else ' holds'} {held}",
            place=where,
            hint="Export again or correct `declared`.",
        )
    for file in cut:
        file.warnings.append(f"looks cut off ({file.cut}), but holds as many records as declared")
    frame = records.table([record for file in files for record in file.records], source_id, run_date)
    return frame, files


def _check(source_id: str, run_date: str | None, declared: int | None) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", source_id):
        hint = "Use letters without accents, digits, and the characters _ . - only."
        raise PrismakeError(f"'{source_id}' cannot name a source", hint=hint)
    if run_date is not None and not _is_day(run_date):
        raise PrismakeError(f"'{run_date}' is not a date", place=source_id, hint="Write it as 2026-11-24.")
    if declared is not None and declared < 0:
        raise PrismakeError(f"{declared} records cannot have been declared", place=source_id)


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def write_report(path: str | Path, files: Sequence[Import]) -> None:
    """A TSV with one row per file and REPORT_COLUMNS; warnings are joined by " | "."""
    rows = [REPORT_COLUMNS]
    for file in files:
        cells = [*(str(getattr(file, name)) for name in REPORT_COLUMNS[:-1]), " | ".join(file.warnings)]
        rows.append([" ".join(cell.split()) for cell in cells])
    write_text(path, "".join("\t".join(row) + "\n" for row in rows))


def _reconcile(parsed: Parsed, counted: int, place: str) -> None:
    held = len(parsed.records) + parsed.rejected
    if held != counted:
        why = f"; the file looks cut off: {parsed.cut}" if parsed.cut else ""
        raise PrismakeError(
            f"the file holds {counted} records by an independent count, but {held} were read{why}",
            place=place,
            hint="Export again, or in another format (RIS, MEDLINE, BibTeX, CSV); no record is dropped silently.",
        )


def _shown(path: str | Path) -> str:
    """The path as given, with /; only the name when it is absolute, so that results hold no machine's folders."""
    pure = PurePath(path)
    return pure.name if pure.is_absolute() else pure.as_posix()


def _lacking(name: str, parsed: Parsed) -> int:
    return sum(name not in record for record in parsed.records)


def _twice(parsed: Parsed) -> list[str]:
    found = Counter(record["source_record_id"] for record in parsed.records if "source_record_id" in record)
    twice = [accession for accession, number in found.items() if number > 1]
    return [f"{len(twice)} accession numbers stand more than once, for example {twice[0]}"] if twice else []
