"""The record schema, shared by every stage: one row per record as one run of one source delivered it.

`record_id` is `<source_id>:<accession>`, or a hash of the content where the source gives no accession, so that it
depends neither on the order of the records nor on other records. (record_id, run_date) is unique: a record that a
later run finds again keeps its record_id. Empty is null, never "".
"""

import hashlib
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from prismake.errors import PrismakeError
from prismake.publish import write_bytes

TEXTS = pl.List(pl.String)
SCHEMA: dict[str, Any] = {
    "record_id": pl.String,
    "source_id": pl.String,
    "run_date": pl.String,  # ISO date, null when the review does not say when the search was run
    "source_record_id": pl.String,  # the source's own accession
    "entry_type": pl.String,
    "title": pl.String,
    "abstract": pl.String,
    "authors": TEXTS,  # "Family, Given"
    "year": pl.Int32,
    "journal": pl.String,
    "volume": pl.String,
    "issue": pl.String,
    "pages": pl.String,  # also an article number
    "doi": pl.String,  # lower case, without resolver
    "pmid": pl.String,  # digits
    "pmcid": pl.String,
    "registry_ids": TEXTS,
    "issn": TEXTS,
    "isbn": pl.String,
    "language": pl.String,
    "keywords": TEXTS,
    "mesh": TEXTS,
    "publication_types": TEXTS,
    "url": pl.String,
    "raw_file": pl.String,
    "raw_position": pl.Int32,  # 1 = the file's first record
}
LISTS = [name for name, kind in SCHEMA.items() if kind == TEXTS]
# What merged reports (unique.parquet) have besides: the cluster's id, its member records, the sources that found it.
# `identifiers`: every DOI, PMID and PMCID of its records, as "doi:10.5555/1"; the fields of these names hold one each.
REPORT_SCHEMA: dict[str, Any] = {
    "report_id": pl.String,
    **SCHEMA,
    "identifiers": TEXTS,
    "members": TEXTS,
    "sources": TEXTS,
}

_ROWS = 20_000  # records made into a table at a time
_CONTENT = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "abstract")


def content_hash(record: Mapping[str, Any]) -> str:
    """12 hexadecimal digits of what identifies a record by content, stable under order and layout."""
    parts = []
    for name in _CONTENT:
        value = record.get(name)
        value = "; ".join(value) if isinstance(value, list | tuple) else "" if value is None else str(value)
        parts.append(re.sub(r"\s+", " ", value).strip().casefold())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def table(records: Iterable[Mapping[str, Any]], source_id: str, run_date: str | None = None) -> pl.DataFrame:
    """The records of one run as a table of SCHEMA, with their ids.

    A run that delivers one accession twice (overlapping files) keeps both rows, so that the number of records
    identified stays what the source delivered: the second one gets `~2` behind its id, and so on. Where the contents
    differ, each gets a part of its content's hash instead, so that what was decided on one never passes to the other.
    """
    given: list[Any] = list(records)
    accessions = [str(record.get("source_record_id") or "") for record in given]
    times = Counter(accessions)
    contents: dict[str, set[str]] = {}
    rows = []
    for accession, record in zip(accessions, given, strict=True):
        # a hash is needed only where no accession, or one that comes again, tells the records apart
        content = content_hash(record) if not accession or times[accession] > 1 else ""
        accession = accession or f"h{content}"
        contents.setdefault(accession, set()).add(content)
        rows.append((accession, content))
    taken: set[str] = set(contents)  # "a~2" may be an accession itself
    used: set[str] = set()
    ids = []
    for accession, content in rows:
        name = accession if len(contents[accession]) == 1 else f"{accession}~{content[:6]}"
        free = (name if n == 1 else f"{name}~{n}" for n in itertools.count(1))
        chosen = next(i for i in free if i not in used and (i == accession or i not in taken))
        used.add(chosen)
        ids.append(f"{source_id}:{chosen}")
    frames = [pl.DataFrame(schema=SCHEMA)]
    for start in range(0, len(given), _ROWS):  # in parts, each record let go when it is in its frame
        part, given[start : start + _ROWS] = given[start : start + _ROWS], [None] * len(given[start : start + _ROWS])
        data: dict[str, Any] = {name: _column(part, name) for name in SCHEMA}
        data |= {"record_id": ids[start : start + _ROWS], "source_id": [source_id] * len(part)}
        frames.append(empty_to_null(pl.DataFrame({**data, "run_date": [run_date] * len(part)}, schema=SCHEMA)))
    return pl.concat(frames)


def _column(given: list[Mapping[str, Any]], name: str) -> Any:
    """One field of all records; lists go by way of one text each, which polars takes in ten times as fast."""
    values = [record.get(name) for record in given]
    if SCHEMA[name] != TEXTS:
        return values
    joined = pl.Series(name, [None if value is None else "\x1f".join(value) for value in values], dtype=pl.String)
    return joined.str.split("\x1f")


def empty_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts stripped; empty texts and empty lists become null; empty items leave their list."""
    lists = [name for name, kind in frame.schema.items() if kind == TEXTS]
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    stripped = pl.col(texts).str.strip_chars()
    items = pl.col(lists).list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
    frame = frame.with_columns(stripped.replace("", None) if texts else [], items if lists else [])
    return frame.with_columns(pl.when(pl.col(name).list.len() > 0).then(pl.col(name)).alias(name) for name in lists)


def write_parquet(path: str | Path, frame: pl.DataFrame) -> None:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    write_bytes(path, buffer.getvalue())


def read_parquet(path: str | Path, schema: Mapping[str, Any] = SCHEMA) -> pl.DataFrame:
    """A table written by this project. Raises PrismakeError when it is none, or lacks columns of `schema`.

    Columns of another type are taken when nothing is lost by it, as in a table that another program wrote.
    """
    if Path(path).is_dir():
        raise PrismakeError("this is a folder", place=str(path), hint="Give a file that `prismake import` wrote.")
    try:
        frame = pl.read_parquet(path)
    except FileNotFoundError as error:
        raise PrismakeError("no such file", place=str(path)) from error
    except Exception as error:
        raise PrismakeError(
            "this is not a Parquet table", place=str(path), hint="Give a file that `prismake import` wrote."
        ) from error
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise PrismakeError(
            f"the columns {', '.join(missing)} are missing",
            place=str(path),
            hint="Give a file that `prismake import` wrote.",
        )
    return frame.with_columns(_cast(frame[name], kind, str(path)) for name, kind in schema.items())


def _cast(column: pl.Series, kind: Any, place: str) -> pl.Series:
    """The column as this type: from integers and texts of other widths, or without any value."""
    held, item = column.dtype, getattr(column.dtype, "inner", None)
    texts = (pl.Null, pl.String, pl.Categorical, pl.Enum)
    alike = (
        held in (kind, pl.Null)
        or (kind == pl.Int32 and held.is_integer())
        or (kind == pl.String and held in texts)
        or (kind == TEXTS and item is not None and item in texts)
    )
    with suppress(pl.exceptions.InvalidOperationError):  # a number too large
        if alike:
            return column.cast(kind)
    raise PrismakeError(
        f"the column {column.name} holds {held}, not {kind}",
        place=place,
        hint="Give a file that `prismake import` wrote.",
    )
