"""The records in the JSON pages of a snapshot, with the fields of the record schema."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from prismake import records
from prismake.errors import PrismakeError
from prismake.importers import Import
from prismake.importers.mapping import Table
from prismake.search.paged import SOURCES, at
from prismake.search.transport import PassingError


def import_pages(paths: list[str], *, service: str, source_id: str, run_date: str) -> tuple[pl.DataFrame, list[Import]]:
    """The records of these pages as a table of records.SCHEMA, and what each page held. Raises PrismakeError."""
    source = SOURCES[service]
    table = Table(source.table)
    files, found = [], []
    for path in paths:
        data = Path(path).read_bytes()
        try:
            told = source.read(data).records
        except PassingError as error:
            raise PrismakeError(f"this is no page of {source.table['dialect']}: {error}", place=path) from error
        page = [_record(service, source.identify(raw), raw, table) for raw in told]
        for position, record in enumerate(page, start=1):
            record |= {"raw_file": path, "raw_position": position}
        lacking = {
            f"no_{name}": sum(name not in record for record in page) for name in ("title", "abstract", "year", "doi")
        }
        files.append(
            Import(
                path=path,
                sha256=hashlib.sha256(data).hexdigest(),
                bytes=len(data),
                format="json",
                dialect=source.table["dialect"],
                encoding="utf-8",
                counted=len(page),
                parsed=len(page),
                rejected=0,
                warnings=[],
                **lacking,
            )
        )
        found += page
    return records.table(found, source_id, run_date), files


def _record(service: str, accession: str, raw: dict[str, Any], table: Table) -> dict[str, Any]:
    added = {"accession": [accession.removeprefix("https://openalex.org/")]}
    match service:
        case "europepmc":
            added["names"] = list(_names(at(raw, "authorList.author") or []))
        case "clinicaltrials":
            added["address"] = [f"https://clinicaltrials.gov/study/{accession}"]
        case "openalex":
            added["abstract"] = [_in_order(raw.get("abstract_inverted_index") or {})]
            added["pmid"] = [str(at(raw, "ids.pmid") or "").rpartition("/")[2]]
            added["pmcid"] = [str(at(raw, "ids.pmcid") or "").rpartition("/")[2]]
    return table.record({**_flat({key: raw[key] for key in raw if key != "abstract_inverted_index"}), **added})


def _names(authors: list[dict[str, Any]]) -> Iterator[str]:
    for author in authors:
        given = author.get("firstName") or author.get("initials")
        if author.get("lastName") and given:
            yield f"{author['lastName']}, {given}"
        elif name := author.get("fullName") or author.get("collectiveName") or author.get("lastName"):
            yield name


def _in_order(index: dict[str, list[int]]) -> str:
    """The text of an abstract that OpenAlex gives as word -> places."""
    return " ".join(word for _, word in sorted((place, word) for word, places in index.items() for place in places))


def _flat(value: Any, path: str = "") -> dict[str, list[str]]:
    """Path -> values, lists passed through: {"a": [{"b": 1}, {"b": 2}]} is {"a.b": ["1", "2"]}."""
    found: dict[str, list[str]] = {}
    if isinstance(value, dict):
        parts = [(f"{path}.{key}".strip("."), item) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [(path, item) for item in value]
    else:
        return {} if value is None else {path: [str(value)]}
    for name, item in parts:
        for key, values in _flat(item, name).items():
            found.setdefault(key, []).extend(values)
    return found
