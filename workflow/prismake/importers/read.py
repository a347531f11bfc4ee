"""Importing the exports of one run: read, count, reconcile, report."""

import datetime
import gc
import hashlib
import io
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import polars as pl

from prismake import records
from prismake.errors import PrismakeError
from prismake.importers import count
from prismake.importers.csv_table import read_csv
from prismake.importers.encoding import decode, line_span
from prismake.importers.medline import read_medline
from prismake.importers.parsed import Parsed
from prismake.importers.ris import read_ris
from prismake.importers.sniff import sniff
from prismake.importers.tagged import read_tagged
from prismake.importers.xlsx import count_rows, is_xlsx, read_sheet
from prismake.importers.xml_records import XML_FORMATS, find_marks, read_xml, undeclared
from prismake.publish import write_text


def _read_bibtex(data: bytes) -> Parsed:
    from prismake.importers.bibtex import read_bibtex  # whose libraries take longer to load than most exports to read

    return read_bibtex(data)


_READERS: dict[str, tuple[Callable[[bytes], Parsed], Callable[[bytes], int]]] = {
    "ris": (read_ris, count.count_ris),
    "medline": (read_medline, count.count_medline),
    "wos": (partial(read_tagged, "wos"), count.count_wos),
    "ovid": (partial(read_tagged, "ovid"), count.count_ovid),
    "refworks": (partial(read_tagged, "refworks"), count.count_refworks),
    "endnote": (partial(read_tagged, "endnote"), count.count_endnote),
    "bibtex": (_read_bibtex, count.count_bibtex),
}
REPORT_COLUMNS = ["path", "sha256", "bytes", "format", "dialect", "encoding", "counted", "parsed", "rejected"]
REPORT_COLUMNS += ["no_title", "no_abstract", "no_year", "no_doi", "warnings"]
Columns = Mapping[str, Sequence[str]]  # field of the schema -> names of the columns that hold it
_HEAD = 1 << 16


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
    no_year: int
    no_doi: int
    warnings: list[str]
    left_out: list[str] = field(default_factory=list)  # each record that was rejected: its bytes, and why
    cut: str = ""  # why the file looks cut off; "" when it does not
    records: list[dict[str, Any]] = field(default_factory=list, repr=False)


def read_file(path: str | Path, columns: Columns | None = None) -> Import:
    """The records of one export, whatever its format, each with the fields of records.SCHEMA that the file gives.

    `columns` names the columns of a table that hold a field. Raises PrismakeError when the file cannot be opened, is
    empty, binary or in a format that is not read, or when the records read and rejected do not add up to those counted.
    """
    place, path = str(path), Path(path)
    names = {name: [" ".join(column.split()).lower() for column in wanted] for name, wanted in (columns or {}).items()}
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head.removeprefix(BOM_UTF8).lstrip().startswith(b"<"):
                name, _ = sniff(decode(head, place)[0], place)
                if name in XML_FORMATS:
                    file.seek(0)
                    parsed, counted = _read_xml(name, file)
                    file.seek(0)
                    digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
                    return _imported(path, digest, size, name, "by its XML declaration", parsed, counted, [])
            file.seek(0)
            data = file.read()
    except IsADirectoryError as error:
        raise PrismakeError("this is a folder", place=place, hint="Name the files in it.") from error
    except OSError as error:
        hint = "Check the path of the export."
        raise PrismakeError(f"cannot be read ({error.strerror})", place=place, hint=hint) from error
    digest, size = hashlib.sha256(data).hexdigest(), len(data)
    mapped = frozenset(column for wanted in names.values() for column in wanted)
    if is_xlsx(data):
        text, layout, sheet, warnings = read_sheet(path, mapped)
        parsed = read_csv(text, layout, names)
        counted = count_rows(path, sheet) - layout.heading_rows
        return _imported(path, digest, size, "xlsx", "Office Open XML", parsed, counted, warnings)
    data, encoding, warnings = decode(data, place)
    name, table = sniff(data, place, mapped)
    if table:
        text = data.decode("utf-8")
        parsed = read_csv(text, table, names)
        counted = count.count_csv(text, table.delimiter, table.heading_rows, quoted=table.quoted)
    elif name in XML_FORMATS:
        parsed, counted = _read_xml(name, io.BytesIO(undeclared(data)))
    else:
        reader, counter = _READERS[name]
        counted = counter(data)
        parsed = reader(data)
    return _imported(path, digest, size, name, encoding, parsed, counted, warnings)


def _read_xml(name: str, file: BinaryIO) -> tuple[Parsed, int]:
    marks = find_marks(name, file)
    return read_xml(name, file, marks), len(marks.records)


def _imported(
    path: Path,
    digest: str,
    size: int,
    name: str,
    encoding: str,
    parsed: Parsed,
    counted: int,
    warnings: list[str],
) -> Import:
    """What was read of one file, once the numbers add up."""
    _reconcile(parsed, counted, str(path))
    left_out = _left_out(parsed, path, encoding)
    shown = _shown(path)
    for record in parsed.records:
        record["raw_file"] = shown
    return Import(
        path=shown,
        sha256=digest,
        bytes=size,
        format=name,
        dialect=parsed.dialect,
        encoding=encoding,
        counted=counted,
        parsed=len(parsed.records),
        rejected=len(parsed.rejected),
        no_title=_lacking("title", parsed),
        no_abstract=_lacking("abstract", parsed),
        no_year=_lacking("year", parsed),
        no_doi=_lacking("doi", parsed),
        warnings=[*warnings, *left_out, *parsed.all_warnings(), *_twice(parsed)],
        left_out=left_out,
        cut=parsed.cut,
        records=parsed.records,
    )


def _left_out(parsed: Parsed, path: Path, encoding: str) -> list[str]:
    """One text per record that was rejected: which bytes of the file, and why."""
    data = path.read_bytes() if parsed.rejected else b""
    told = []
    for rejected in parsed.rejected:
        first, behind = line_span(data, encoding, rejected.first_line, rejected.last_line)
        lines = f"lines {rejected.first_line}-{rejected.last_line}"
        told.append(f"record {rejected.position} ({lines}, bytes {first}-{behind - 1}) is left out: {rejected.why}")
    return told


def import_files(
    paths: Sequence[str | Path],
    *,
    source_id: str,
    run_date: str | None = None,
    declared: int | None = None,
    columns: Columns | None = None,
) -> tuple[pl.DataFrame, list[Import]]:
    """The records of one run of a source as a table of records.SCHEMA, and what was found in each file.

    `declared` is the number of records the database said it exported, over all files; `columns` names the columns of
    tables that hold a field. Raises PrismakeError as `read_file` does, when the sum differs from `declared`, when a
    file looks cut off and no `declared` says that it is whole, and for a source id, day or number that is none.
    """
    _check(source_id, run_date, declared)
    with _without_collector():
        files = [read_file(path, columns) for path in paths]
        _compare(files, declared)
        delivered = [record for file in files for record in file.records]
        for file in files:
            file.records = []  # they go into the table; two copies of 100,000 records would fill a gigabyte
        return records.table(_let_go(delivered), source_id, run_date), files


def _compare(files: list[Import], declared: int | None) -> None:
    """Raises PrismakeError when the files hold more or fewer records than declared, or one looks cut off."""
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


@contextmanager
def _without_collector() -> Iterator[None]:
    """Records hold no cycles; looking for some in a million lists takes a quarter of the time of a large import."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _let_go(delivered: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The records one by one, none of them kept here."""
    delivered.reverse()
    while delivered:
        yield delivered.pop()


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
    """A TSV with REPORT_COLUMNS: a row per file, its warnings joined by " | ", and behind it a row for each record
    that was left out, whose only other cell is the warning (numbers are 0, so that sums hold)."""
    rows = [REPORT_COLUMNS]
    for file in files:
        cells = [*(str(getattr(file, name)) for name in REPORT_COLUMNS[:-1]), " | ".join(file.warnings)]
        rows.append([" ".join(cell.split()) for cell in cells])
        numbers = ["0" if isinstance(getattr(file, name), int) else "" for name in REPORT_COLUMNS[1:-1]]
        rows += [[" ".join(file.path.split()), *numbers, left_out] for left_out in file.left_out]
    write_text(path, "".join("\t".join(row) + "\n" for row in rows))


def _reconcile(parsed: Parsed, counted: int, place: str) -> None:
    held = len(parsed.records) + len(parsed.rejected)
    if held != counted:
        why = f"; {parsed.cut}" if parsed.cut else ""
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
