"""The tables of the report, as plain rows for the templates."""

import platform
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import polars as pl

from prismake.data_files import read_data
from prismake.report.load import CITED, Review
from prismake.report.methods import source_name
from prismake.report.references import links, name_key, short, sort_key, vancouver
from prismake.report.status import steps
from prismake.report.tables import Row
from prismake.report.wording import plural

_LIBRARIES = (
    *("snakemake", "polars", "lxml", "biopython", "bibtexparser", "rapidfuzz", "openpyxl"),
    *("jinja2", "fonttools", "resvg-py"),
)


@dataclass(frozen=True)
class Reference:
    """One reference of the list: its number, as tables name it, in full, its links; `row` is the report."""

    number: int
    short: str
    text: str
    links: list[tuple[str, str]]
    row: Row


def list_references(review: Review) -> dict[str, list[Reference]]:
    """The references by state, numbered through; in each state by first author, year and title."""
    numbered: dict[str, list[Reference]] = {state: [] for state in CITED}
    number = 0
    for state in CITED:
        for row in sorted((row for row in review.cited if row["state"] == state), key=sort_key):
            number += 1
            numbered[state].append(Reference(number, short(row), vancouver(row), links(row), row))
    return numbered


def by_report(references: dict[str, list[Reference]]) -> dict[str, Reference]:
    return {reference.row["report_id"]: reference for listed in references.values() for reference in listed}


def headline(review: Review) -> list[tuple[int, str]]:
    """The few numbers that most readers look for."""
    screening, reading = steps(review)["Title and abstract"], steps(review)["Full text"]
    version = "total" if review.config["review"]["previous"] else "new"  # of an update, both versions together
    numbers = [
        (review.records.height, "record", "identified"),
        (screening.total, screening.unit, "in screening" if screening.open else "screened"),
        (reading.total, reading.unit, "in full text" if reading.open else "assessed in full text"),
        (review.n(f"{version}_reports"), "report", "included"),
        (review.n(f"{version}_studies"), "study", "included"),
    ]
    return [(value, f"{plural(value, unit)} {what}") for value, unit, what in numbers]


def flow_table(review: Review) -> list[tuple[str, list[Row]]]:
    """The numbers of the flow diagram as (heading, rows); boxes that the plan does not know come last."""
    plan = read_data("report/flow_table.yaml")
    boxes = review.flow["boxes"]
    known = {name for part in plan["parts"] for name in part["boxes"]} | set(plan["lines"].values())
    parts = [*plan["parts"], {"heading": "Further numbers", "boxes": [name for name in boxes if name not in known]}]
    table = []
    for part in parts:
        rows = []
        for name in part["boxes"]:
            box = boxes.get(name)
            if box is None or box.get("n") is None:
                continue
            holder = plan["lines"].get(name, name)  # the box whose lines stand under this one
            lines = boxes.get(holder, {}).get("items") or []
            rows.append({"key": name, "label": box["label"], "n": box["n"], "unit": box.get("unit", ""), "item": False})
            for place, line in enumerate(lines, start=1):
                key = f"{holder}-{place}" if len(lines) > 1 else name  # the anchor in flow.html
                rows.append({"key": key, "label": line["label"], "n": line["n"], "unit": "", "item": True})
        if rows:
            table.append((part["heading"], rows))
    return table


def source_table(review: Review) -> tuple[list[Row], Row]:
    """What each source gave, in the order of the configuration, and all sources together.

    found: records; duplicates: those removed as duplicate or re-found; filtered: removed for another reason;
    unique: reports that no other source found; included: included reports; alone: those that no other source found.
    """
    records = review.records
    included = review.reports.filter(pl.col("state") == "included")["report_id"].to_list()
    again = pl.col("removed").is_in(["duplicate", "re-found"])
    sums = records.group_by("source_id").agg(
        found=pl.len(), duplicates=again.sum(), filtered=((pl.col("removed") != "") & ~again).sum()
    )
    pairs = records.select("source_id", "report_id").unique()
    alone = pl.len().over("report_id") == 1
    kept = pl.col("report_id").is_in(included)
    shares = (
        pairs.with_columns(alone=alone)
        .group_by("source_id")
        .agg(unique=pl.col("alone").sum(), included=kept.sum(), alone=(kept & pl.col("alone")).sum())
    )
    numbers = {row["source_id"]: row for row in sums.join(shares, on="source_id", how="left").to_dicts()}
    names = ("found", "duplicates", "filtered", "unique", "included", "alone")
    rows = [
        {"name": source_name(source), "kind": source["kind"], **{n: numbers.get(name, {}).get(n, 0) for n in names}}
        for name, source in review.config["search"]["sources"].items()
    ]
    total = {name: sum(row[name] for row in rows) for name in names} | {"included": len(included)}
    return rows, total


def files_table(review: Review) -> list[Row]:
    """One row per imported file."""
    sources = review.config["search"]["sources"]
    return [
        {"source": sources[source["source"]]["database"], "run_date": run["run_date"], **file}
        for source in review.searches
        for run in source["runs"]
        for file in run["files"]
    ]


def strategies(review: Review) -> list[Row]:
    """Each source with its runs, as searched, and what its compiled strategy could not express.

    Runs after the first say how many of their records were found before.
    """
    sources = review.config["search"]["sources"]
    found = review.records.filter(removed="re-found").group_by("source_id", "run_date").len()
    again = {(source, date): number for source, date, number in found.iter_rows()}
    return [
        {
            "name": source_name(sources[told["source"]]),
            "id": told["source"],
            "runs": [
                {**run, "again": again.get((told["source"], run["run_date"]), 0) if place else None}
                for place, run in enumerate(told["runs"])
            ],
            "notes": sources[told["source"]].get("strategy_notes", []),
        }
        for told in review.searches
    ]


def studies_table(review: Review, references: dict[str, Reference]) -> dict[str, Row]:
    """Included studies by id: name, anchor, and the references of their reports."""
    reports: dict[str, list[Reference]] = {}
    for link in review.report_study:
        if link["report_id"] in references:
            reports.setdefault(link["study_id"], []).append(references[link["report_id"]])
    linked = {row["study_id"] for row in review.studies}  # others stand for a report without a study
    table = {}
    for place, study in enumerate(sorted(reports, key=lambda name: (name_key(name), name)), start=1):
        found = sorted(reports[study], key=lambda reference: reference.number)
        name = study if study in linked else found[0].short
        table[study] = {"name": name, "anchor": f"study-{place}", "references": found}
    return table


def excluded_table(review: Review, references: list[Reference]) -> list[tuple[str, list[Reference]]]:
    """Reports excluded at full text by primary reason, in the order of the configuration's list."""
    reasons = dict.fromkeys(review.config["screening"]["reasons"])
    reasons |= dict.fromkeys(sorted(reference.row.get("reason") or "" for reference in references))
    groups = [(reason, [ref for ref in references if (ref.row.get("reason") or "") == reason]) for reason in reasons]
    return [(reason or "No reason given", found) for reason, found in groups if found]


def software() -> list[tuple[str, str]]:
    """Name and version of what made the results."""
    found: list[tuple[str, str]] = [("Python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found


def data_files(review: Review) -> list[tuple[str, str]]:
    """(path from the report's folder, what it holds) of the tables behind the report."""
    listed: dict[str, Any] = read_data("report/files.yaml")
    levels = [
        (f"../extraction/{level}.csv", f"Extracted data, one row per {level.replace('_', ' ')}")
        for level in review.levels
    ]
    return [*listed.items(), *levels]
