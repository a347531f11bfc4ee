"""The PRISMA ledger: what became of every record and every report, in three tables. All boxes are queries over them.

records       one row per record and run: its report, and why it was removed before screening, if it was
reports       one row per report (merged record): its column of the diagram and exactly one state
report_study  one row per pair of an included report and a study

Rules:
- A record that an earlier run of its source delivered is removed as "re-found".
- One record of each report is kept: the earliest of databases and registers when there is one, otherwise the earliest
  of the other methods (run date, where an unknown date is the earliest; then order of the sources; then record_id).
  The others are removed as "duplicate". A report belongs to the column "databases" if any of its records came from
  a database or register; its records found otherwise are then duplicates of the other-methods column, never of box 3.
- In an update, a report that the earlier version had screened to its end (previous.py) leaves before screening: its
  state is "previously_screened". Its records that the earlier version knew, found again or not, are removed as
  "previously screened", its other records as copies of them.
- A report that a filter caught leaves before screening: its kept record is "ineligible_by_automation", its state
  "removed_before_screening" (with the filter as reason). When several filters caught it, the first row counts.
- A report that a stopping rule left out is excluded at screening by automation, as long as nobody has voted on it.
- A report's state is that of the first step it has not passed. A missing row in a table of decisions means pending; a
  decision on a later step (a full text decided although the report was never marked as retrieved) does not count yet.
- A report that people found at full text to be a duplicate of another is none of its own: its records are put to those
  of the other one, whose decisions hold for both, and are kept only where those are all of another column.
- An included report that nobody has linked to a study counts as a study of its own, "report:<report_id>", for now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from prismake.errors import PrismakeError
from prismake.previous import EARLIER, Previous
from prismake.prisma.box_table import PROVISIONAL
from prismake.publish import csv_text, write_text

DATABASE_KINDS = ("database", "register")
OTHER_KINDS = ("website", "organisation", "citation", "contact", "handsearch", "other")
STATES = (
    "previously_screened",
    "removed_before_screening",
    "pending_screening",
    "in_conflict",
    "excluded_screening",
    "pending_retrieval",
    "not_retrieved",
    "pending_eligibility",
    "excluded_eligibility",
    "included",
    "ongoing",
    "awaiting_classification",
)
NOT_SCREENED = "not screened: stopped by rule"  # the reason of a report that nobody looked at
ALREADY_FOUND = "already found in databases or registers"

RECORD_COLUMNS = ["record_id", "run_date", "source_id", "kind", "report_id", "removed", "detail", "source"]
REPORT_COLUMNS = [
    *["report_id", "column", "state", "reason", "by", "title"],
    *["authors", "year", "journal", "doi", "pmid", "url"],
]
STUDY_COLUMNS = ["report_id", "study_id"]

Rows = pl.DataFrame | Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Ledger:
    """Three tables of text columns, "" where there is nothing."""

    records: pl.DataFrame  # RECORD_COLUMNS, in the order of the records
    reports: pl.DataFrame  # REPORT_COLUMNS, in the order of the merged records
    report_study: pl.DataFrame  # STUDY_COLUMNS
    unchecked: list[str] = field(default_factory=list)  # included reports whose suggested study nobody has checked

    @property
    def provisional(self) -> list[str]:
        """The included reports that nobody has linked to a study."""
        return self.report_study.filter(pl.col("study_id").str.starts_with(PROVISIONAL))["report_id"].to_list()


def build_ledger(
    records: pl.DataFrame,
    clusters: Rows,
    unique: pl.DataFrame,
    filters: Rows,
    title_abstract: Rows,
    retrieval: Rows,
    full_text: Rows,
    studies: Rows,
    sources: Sequence[Mapping[str, str]],
    previous: Previous | None = None,
    unscreened: Sequence[str] = (),
) -> Ledger:
    """The ledger of a review, from what its stages left.

    records: all.parquet (record_id, source_id, run_date are used). clusters: record_id, cluster_id. unique: the merged
    records (records.REPORT_SCHEMA). filters: report_id, filter. title_abstract: report_id, state, by and, where there
    are any, reason. retrieval: report_id, outcome. full_text: report_id, state, reason. studies: report_id, study_id,
    checked. sources: id, label and kind of each source in the order of the config. unscreened: reports that a stopping
    rule left out. Decisions may be missing for any report.
    Raises PrismakeError when the tables do not belong together (an unknown id, a report decided twice).
    """
    known = unique["report_id"].to_list()
    late = _late_duplicates(full_text, known)
    unique = unique.filter(~pl.col("report_id").is_in(late.keys()))
    kept = _kept_records(records, clusters, late, sources, previous)
    _compare_ids(kept["report_id"], unique["report_id"])
    caught = _read(filters, "the filters", ["report_id", "filter"], known).unique(
        "report_id", keep="first", maintain_order=True
    )
    states = _states(kept, unique, caught, title_abstract, retrieval, full_text, known, unscreened)
    pairs = _read(studies, "the studies", ["report_id", "study_id", "checked"], known)
    included = states.filter(pl.col("state") == "included").select("report_id")
    linked = included.join(pairs.filter(pl.col("study_id") != ""), on="report_id", how="left", maintain_order="left")
    linked = linked.with_columns(study_id=pl.col("study_id").fill_null(PROVISIONAL + pl.col("report_id")))
    return Ledger(
        _removals(kept, caught, previous),
        states.select(REPORT_COLUMNS),
        linked.select(STUDY_COLUMNS).unique(maintain_order=True),
        linked.filter(pl.col("checked") != "1")["report_id"].unique(maintain_order=True).to_list(),
    )


def write_ledger(ledger: Ledger, folder: str | Path) -> None:
    """records.csv, reports.csv and report_study.csv in the folder."""
    for name in ("records", "reports", "report_study"):
        frame = getattr(ledger, name)
        write_text(Path(folder) / f"{name}.csv", csv_text(frame.columns, frame.iter_rows()))


def record_keys(records: pl.DataFrame) -> pl.Series:
    """`record_id@run_date` of each row, the id alone when the date is unknown: what names a record of one run."""
    at = pl.when(pl.col("run_date") == "").then(pl.lit("")).otherwise("@" + pl.col("run_date"))
    return records.select(key=pl.col("record_id") + at)["key"]


def _kept_records(
    records: pl.DataFrame,
    clusters: Rows,
    late: Mapping[str, str],
    sources: Sequence[Mapping[str, str]],
    previous: Previous | None,
) -> pl.DataFrame:
    """The records with kind and source (its label), report_id, first_date (of the same record_id), and of the report
    kept_record and kept.

    late: report -> the one it was found to be a duplicate of; `late` says whether the record is of such a report.
    """
    rows = _read(records, "the records", ["record_id", "run_date", "source_id"])
    twice = rows.filter(rows.select("record_id", "run_date").is_duplicated())["record_id"].unique(maintain_order=True)
    _refuse(twice, "records that one run delivered twice under the same id")
    order = pl.DataFrame(
        [(source["id"], source["kind"], source["label"], place) for place, source in enumerate(sources)],
        schema={"source_id": pl.String, "kind": pl.String, "source": pl.String, "source_order": pl.Int64},
        orient="row",
    )
    members = _read(clusters, "the clusters", ["record_id", "cluster_id"]).rename({"cluster_id": "report_id"})
    _refuse(members.filter(members["record_id"].is_duplicated())["record_id"], "records in two clusters")
    rows = rows.with_row_index("row").join(order, on="source_id", how="left").join(members, on="record_id", how="left")
    _refuse(rows.filter(pl.col("kind").is_null())["source_id"].unique(), "records of sources that the config lacks")
    _refuse(rows.filter(pl.col("report_id").is_null())["record_id"], "records without a cluster")
    rows = rows.with_columns(
        late=pl.col("report_id").is_in(late.keys()), report_id=pl.col("report_id").replace(dict(late))
    )
    rows = rows.with_columns(
        first_date=pl.col("run_date").min().over("record_id"),
        by_other=~pl.col("kind").is_in(DATABASE_KINDS),
        known=pl.col("record_id").is_in(previous.screened if previous else []),
    )
    earliest = rows.with_columns(again=pl.col("run_date") != pl.col("first_date"))
    earliest = earliest.sort(~pl.col("known"), "again", "by_other", "late", "run_date", "source_order", "record_id")
    earliest = earliest.unique("report_id", keep="first", maintain_order=True)
    earliest = earliest.select("report_id", kept_row="row", kept_record="record_id", other_column="by_other")
    return rows.join(earliest, on="report_id").sort("row").with_columns(kept=pl.col("row") == pl.col("kept_row"))


def _late_duplicates(full_text: Rows, known: list[str]) -> dict[str, str]:
    """Report -> the one that people found it to be a duplicate of, which is none itself."""
    rows = _read(full_text, "the decisions on full text", ["report_id", "state", "reason"], known)
    late = dict(rows.filter(pl.col("state") == "duplicate").select("report_id", "reason").iter_rows())
    lost = [report for report, other in late.items() if other not in known or other in late]
    _refuse(pl.Series(lost, dtype=pl.String), "late duplicates of no report")
    return late


def _removals(kept: pl.DataFrame, caught: pl.DataFrame, previous: Previous | None) -> pl.DataFrame:
    """The table `records`: which were removed before screening, why, and in detail."""
    again = pl.col("run_date") != pl.col("first_date")
    elsewhere = pl.col("by_other") & ~pl.col("other_column")
    first_found = (
        pl.when(pl.col("first_date") == "")
        .then(pl.lit("an undated run"))
        .otherwise("the run of " + pl.col("first_date"))
    )
    rows = kept.join(caught, on="report_id", how="left", maintain_order="left")
    filtered = pl.col("filter").is_not_null()
    return rows.select(
        *["record_id", "run_date", "source_id", "kind", "report_id"],
        removed=pl.when("known")
        .then(pl.lit("previously screened"))
        .when(again)
        .then(pl.lit("re-found"))
        .when(~pl.col("kept"))
        .then(pl.lit("duplicate"))
        .when(filtered)
        .then(pl.lit("ineligible_by_automation"))
        .otherwise(pl.lit("")),
        detail=pl.when("known")
        .then(pl.lit(previous.tag if previous else ""))
        .when(again)
        .then("first found by " + first_found)
        .when(~pl.col("kept") & elsewhere)
        .then(pl.lit(ALREADY_FOUND))
        .when(~pl.col("kept"))
        .then(
            "kept: "
            + pl.col("kept_record")
            + pl.when("late").then(pl.lit("; found at full text")).otherwise(pl.lit(""))
        )
        .when(filtered)
        .then(pl.col("filter"))
        .otherwise(pl.lit("")),
        source="source",
    )


def _states(
    kept: pl.DataFrame,
    unique: pl.DataFrame,
    caught: pl.DataFrame,
    title_abstract: Rows,
    retrieval: Rows,
    full_text: Rows,
    known: list[str],
    unscreened: Sequence[str],
) -> pl.DataFrame:
    """The table `reports`."""
    screened = _decisions(
        title_abstract,
        "the decisions on title and abstract",
        ["report_id", "state", "by", "reason"],
        known,
        ["included", "excluded", "conflict", "pending"],
        optional=["reason"],
    ).rename({"state": "screening", "reason": "why"})
    sought = _decisions(
        retrieval,
        "the retrieval",
        ["report_id", "outcome"],
        known,
        ["retrieved", "not_retrieved", "pending"],
    )
    assessed = _decisions(
        full_text,
        "the decisions on full text",
        ["report_id", "state", "reason"],
        known,
        ["included", "excluded", "ongoing", "awaiting_classification", "duplicate", "conflict", "pending"],
    )
    columns = kept.filter("kept").select(
        "report_id", column=pl.when("other_column").then(pl.lit("other")).otherwise(pl.lit("databases"))
    )
    reports = _texts(unique.with_columns(pl.col("authors").list.join("; ")), REPORT_COLUMNS[5:], ["report_id"])
    for table in (
        columns,
        caught,
        screened,
        sought,
        assessed.rename({"state": "eligibility"}),
    ):
        reports = reports.join(table, on="report_id", how="left", maintain_order="left")
    state = (
        pl.when(pl.col("filter") == EARLIER)
        .then(pl.lit("previously_screened"))
        .when(pl.col("filter").is_not_null())
        .then(pl.lit("removed_before_screening"))
        .when(pl.col("screening") == "excluded")
        .then(pl.lit("excluded_screening"))
        .when(pl.col("screening") == "conflict")
        .then(pl.lit("in_conflict"))
        .when(pl.col("screening").ne_missing("included") & pl.col("report_id").is_in(unscreened))
        .then(pl.lit("excluded_screening"))
        .when(pl.col("screening").ne_missing("included"))
        .then(pl.lit("pending_screening"))
        .when(pl.col("outcome") == "not_retrieved")
        .then(pl.lit("not_retrieved"))
        .when(pl.col("outcome").ne_missing("retrieved"))
        .then(pl.lit("pending_retrieval"))
        .when(pl.col("eligibility") == "excluded")
        .then(pl.lit("excluded_eligibility"))
        .when(pl.col("eligibility").is_in(["included", "ongoing", "awaiting_classification"]))
        .then(pl.col("eligibility"))
        .otherwise(pl.lit("pending_eligibility"))
    )
    is_state = pl.col("state")
    stopped = (is_state == "excluded_screening") & (pl.col("screening").ne_missing("excluded"))
    return reports.with_columns(state=state).with_columns(
        reason=pl.when(is_state == "excluded_eligibility")
        .then(pl.col("reason"))
        .when(is_state == "removed_before_screening")
        .then(pl.col("filter"))
        .when(stopped)
        .then(pl.lit(NOT_SCREENED))
        .when(is_state == "excluded_screening")
        .then(pl.col("why"))
        .otherwise(pl.lit("")),
        by=pl.when(is_state == "removed_before_screening")
        .then(pl.lit("automation"))
        .when(stopped | ((is_state == "excluded_screening") & (pl.col("by") == "automation")))
        .then(pl.lit("automation"))
        .when(is_state.is_in(["excluded_screening", "excluded_eligibility"]))
        .then(pl.lit("human"))
        .otherwise(pl.lit("")),
    )


def _decisions(
    rows: Rows, what: str, columns: list[str], known: list[str], allowed: list[str], optional: Sequence[str] = ()
) -> pl.DataFrame:
    """A table with at most one row per report; its second column holds one of the `allowed` values."""
    frame = _read(rows, what, columns, known, optional)
    _refuse(frame.filter(frame["report_id"].is_duplicated())["report_id"], f"reports that {what} hold twice")
    value = columns[1]
    strange = frame.filter(~pl.col(value).is_in(allowed))
    _refuse(strange["report_id"], f"reports with an unknown {value} in {what} (known: {', '.join(allowed)})")
    return frame


def _read(
    rows: Rows, what: str, columns: list[str], known: list[str] | None = None, optional: Sequence[str] = ()
) -> pl.DataFrame:
    """The columns of a table as text, "" where empty. Raises PrismakeError for a missing column or unknown report."""
    if not isinstance(rows, pl.DataFrame):
        rows = list(rows)
        missing = [name for name in columns if rows and name not in rows[0] and name not in optional]
        data = {name: [None if row.get(name) is None else str(row.get(name)) for row in rows] for name in columns}
        frame = pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String))
    else:
        lacking = [name for name in columns if name not in rows.columns]
        missing = [name for name in lacking if name not in optional]
        frame = rows.with_columns(pl.lit("").alias(name) for name in lacking)
    if missing:
        raise PrismakeError(f"the PRISMA ledger cannot be made: {what} lack the column {missing[0]}", hint=_HINT)
    frame = _texts(frame, columns)
    if known is not None:
        _refuse(frame.filter(~pl.col("report_id").is_in(known))["report_id"], f"unknown reports in {what}")
    return frame


def _texts(frame: pl.DataFrame, columns: list[str], first: Sequence[str] = ()) -> pl.DataFrame:
    return frame.select(pl.col(*first, *columns).cast(pl.String).fill_null(""))


def _compare_ids(clusters: pl.Series, unique: pl.Series) -> None:
    _refuse(unique.filter(unique.is_duplicated()), "merged records with the same id")
    _refuse(clusters.filter(~clusters.is_in(unique.to_list())).unique(), "clusters without a merged record")
    _refuse(unique.filter(~unique.is_in(clusters.to_list())), "merged records without a record")


_HINT = "The files under results/ do not belong together. Delete that folder and run the workflow again."


def _refuse(ids: pl.Series, what: str) -> None:
    if len(ids):
        listed = sorted(ids.unique().to_list())
        shown = ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")
        raise PrismakeError(f"the PRISMA ledger cannot be made: {what}: {shown}", hint=_HINT)
