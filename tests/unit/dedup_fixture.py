"""Records for tests of deduplication: out of tests/data/dedup_cases/*.csv, or spelt out."""

import csv
from pathlib import Path
from typing import Any

import polars as pl

from prismake import records

DATA = Path(__file__).parents[1] / "data" / "dedup_cases"
ARTICLE = {
    "title": "Exosomes from adipose mesenchymal stem cells reduce cardiac fibrosis after infarction in rats",
    "authors": ["Okonjo-Reyes, Amara T", "Lindqvist-Baer, Sven", "Takamura, Hana"],
    "year": 2021,
    "journal": "Journal of Vesicle Biology",
    "volume": "12",
    "issue": "3",
    "pages": "244-258",
}


def read_case(name: str) -> tuple[list[pl.DataFrame], dict[str, str]]:
    """A table per source, in the order of the file, and the report each record belongs to."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        sources.setdefault(row["source_id"], []).append(row)
    frames = {source: records.table(map(_record, found), source) for source, found in sources.items()}
    report = {
        record_id: row["report"]
        for source, found in sources.items()
        for record_id, row in zip(frames[source]["record_id"], found, strict=True)
    }
    return list(frames.values()), report


def _record(row: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {name: text for name, text in row.items() if name in records.SCHEMA}
    for name in records.LISTS:
        record[name] = [item.strip() for item in row.get(name, "").split(";")]
    return record | {"year": int(row["year"]) if row["year"] else None}


def source(source_id: str, *rows: dict[str, Any], run_date: str | None = None) -> pl.DataFrame:
    """A table of records numbered 1, 2, ... where they bring no accession."""
    numbered = [{"source_record_id": str(number), **row} for number, row in enumerate(rows, 1)]
    return records.table(numbered, source_id, run_date)


def clusters(result: Any) -> set[frozenset[str]]:
    """The clusters as sets of record ids."""
    grouped = result.clusters.group_by("cluster_id").agg("record_id")
    return {frozenset(ids) for ids in grouped["record_id"].to_list()}
