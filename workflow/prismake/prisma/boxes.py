"""The boxes of the flow diagram as queries over the PRISMA ledger, so that every number is the length of a list of ids.

Boxes of identified and removed records hold record keys (`record_id@run_date`), those from screening on report_ids,
those of studies study_ids. Screening, its exclusions and what is pending there count records in PRISMA's words, though
each merged record appears once, under its report_id.

- records_screened is every report of the databases column that entered screening, decided or not; what has no final
  decision is in pending_screening and in_conflict, and so on downwards (equations H5-H7, H9 with their pending terms).
- What a stopping rule left out is a line of its own in records_excluded: no person excluded it (PRISMA 2020, note **).
- The other-methods column has no screening boxes in PRISMA 2020: what left it before retrieval is in other_removed;
  conflicts on title and abstract count as other_pending_screening. The column is there when the review has a source of
  such a kind, and has one box for each kind it has.
- In an update, previous_studies and previous_reports are those of the release; the totals add what is new. A new report
  of a study that the release included counts in new_reports, on a line of its own, and its study not in new_studies.
- Boxes for ongoing studies, reports awaiting classification and pending decisions are there when they are not empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from prismake.previous import Previous
from prismake.prisma.box_table import (
    AUTOMATION,
    BOXES,
    FORMAT,
    OF_EARLIER_STUDIES,
    OTHER_IDENTIFIED,
    STOPPED,
    Boxes,
    box,
    in_order,
    pending_reasons,
)
from prismake.prisma.equations import LEDGER_HINT, assert_hard, check
from prismake.prisma.ledger import ALREADY_FOUND, DATABASE_KINDS, NOT_SCREENED, OTHER_KINDS, Ledger, record_keys

# The names of our automation filters, in the order of their lines; another name is shown as it is, after them.
FILTER_LABELS = {
    "years": "Year of publication",
    "languages": "Language",
    "publication_types": "Type of publication",
}
OTHER_REASON = "No reason given"
EARLIER_VERSION = "Screened in an earlier version of this review"


def build_flow(
    ledger: Ledger,
    sources: Sequence[Mapping[str, str]],
    *,
    title: str,
    reasons: Sequence[str],
    draft: Iterable[str] = (),
    previous: Previous | None = None,
    explanations: Mapping[str, str] = MappingProxyType({}),
    meta_analysis: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """The flow of a review (flow.json): its boxes, why it is a draft, and the equations H1-H17.

    sources: id, label, kind of each in the order of the config; reasons: for exclusions, in order;
    explanations: of broken soft equations, by their ids; meta_analysis: its number of studies and of reports, which no
    ledger knows. The reasons for a draft that the ledger knows (pending decisions, studies not linked or not checked)
    come first, then those in `draft`. Raises PrismakeError when a hard equation is broken.
    """
    boxes = build_boxes(ledger, sources, reasons, previous)
    analysed, too_many = _meta_analysis(boxes, meta_analysis)
    boxes = in_order(boxes | analysed)
    equations = check(boxes, ledger, explanations)
    assert_hard(equations, hint=LEDGER_HINT)
    known = [*pending_reasons(boxes), *too_many]
    if ledger.provisional:
        known.append(f"Included reports without a study, each counted as its own: {len(ledger.provisional):,}")
    if ledger.unchecked:
        known.append(f"Included reports whose study nobody has checked: {len(ledger.unchecked):,}")
    return {
        "format": FORMAT,
        "title": title,
        "template": "updated" if previous else "new",
        "draft": list(dict.fromkeys([*known, *draft])),
        "explanations": dict(explanations),
        "boxes": boxes,
        "equations": [equation.as_dict() for equation in equations],
    }


def _meta_analysis(boxes: Boxes, stated: Mapping[str, int]) -> tuple[Boxes, list[str]]:
    """The boxes of the meta-analysis; where it has more than the review includes, none and why the flow is a draft."""
    analysed = {
        f"total_{unit}_ma": {
            "label": BOXES[f"total_{unit}_ma"].label,
            "unit": BOXES[f"total_{unit}_ma"].unit,
            "n": stated[unit],
        }
        for unit in ("studies", "reports")
        if unit in stated
    }
    broken = [e.detail for e in check(boxes | analysed) if e.id == "H14" and not e.holds]
    if broken:
        where = "prisma.meta_analysis in config/config.yaml"
        return {}, [f"The meta-analysis is not drawn: {where} does not fit what is included (H14): {broken[0]}"]
    return analysed, []


def build_boxes(
    ledger: Ledger,
    sources: Sequence[Mapping[str, str]],
    reasons: Sequence[str],
    previous: Previous | None = None,
) -> Boxes:
    """All boxes of the ledger, in the order of box_table.BOXES."""
    records = ledger.records.with_columns(
        key=record_keys(ledger.records), database=pl.col("kind").is_in(DATABASE_KINDS)
    )
    boxes = _identified(records, sources) | _removed(records)
    boxes |= _assessed(ledger.reports, "databases", "dbr_", "", reasons) | _screened(ledger.reports, reasons)
    if any(source["kind"] in OTHER_KINDS for source in sources):
        boxes |= _removed_elsewhere(records, ledger.reports)
        boxes |= _assessed(ledger.reports, "other", "other_", "other_", reasons)
    boxes |= _included(ledger, previous)
    return in_order({name: made for name, made in boxes.items() if made["n"] or name not in _SHOWN_WHEN_FILLED})


_NOT_SCREENED = ("previously_screened", "removed_before_screening")
_SHOWN_WHEN_FILLED = {
    *["pending_screening", "in_conflict", "pending_retrieval", "pending_eligibility", "dbr_ongoing", "dbr_awaiting"],
    *["other_pending_screening", "other_pending_retrieval", "other_pending_eligibility"],
    *["other_ongoing", "other_awaiting"],
}


def _included(ledger: Ledger, previous: Previous | None) -> Boxes:
    """What this version includes, and in an update the earlier version and the totals."""
    reports = ledger.reports.filter(pl.col("state") == "included")["report_id"].to_list()
    studies = ledger.report_study["study_id"].unique(maintain_order=True).to_list()
    if previous is None:
        return {"new_studies": box("new_studies", studies), "new_reports": box("new_reports", reports)}
    before = {study.casefold() for study in previous.studies}
    new = [study for study in studies if study.casefold() not in before]
    of_new = set(ledger.report_study.filter(pl.col("study_id").is_in(new))["report_id"])
    lines = {
        "Reports of new studies": [report for report in reports if report in of_new],
        OF_EARLIER_STUDIES: [report for report in reports if report not in of_new],
    }
    boxes = {
        "previous_studies": box("previous_studies", list(previous.studies)),
        "previous_reports": box("previous_reports", list(previous.reports)),
        "new_studies": box("new_studies", new),
        "new_reports": box("new_reports", reports, lines),
        "total_studies": box("total_studies", [*previous.studies, *new]),
        "total_reports": box("total_reports", [*previous.reports, *reports]),
    }
    for name in ("new_studies", "new_reports"):
        boxes[name]["label"] = BOXES[name].in_update
    if lines[OF_EARLIER_STUDIES]:
        boxes["new_reports"]["label"] = "New reports of included studies"
    return boxes


def _identified(records: pl.DataFrame, sources: Sequence[Mapping[str, str]]) -> Boxes:
    by_source = dict(records.group_by("source_id", maintain_order=True).agg("key").iter_rows())
    boxes = {}
    names = zip(
        (*DATABASE_KINDS, *OTHER_KINDS), ("database_results", "register_results", *OTHER_IDENTIFIED), strict=True
    )
    for kind, name in names:
        of_kind = [(source["label"], by_source.get(source["id"], [])) for source in sources if source["kind"] == kind]
        if of_kind or kind in DATABASE_KINDS:
            boxes[name] = box(name, [key for _, keys in of_kind for key in keys])
        if of_kind and kind in DATABASE_KINDS:  # a line for each source, also for one that found nothing
            detail = name.replace("_results", "_specific_results")
            lines = [{"label": label, "n": len(keys), "ids": keys} for label, keys in of_kind]
            boxes[detail] = {**box(detail, boxes[name]["ids"]), "items": lines}
    return boxes


def _removed(records: pl.DataFrame) -> Boxes:
    """Box 3: removed before screening from databases and registers."""
    of_databases = records.filter("database")
    duplicates = _keys(of_databases, pl.col("removed").is_in(["duplicate", "re-found"]))
    lines = {
        "Duplicates": _keys(of_databases, pl.col("removed") == "duplicate"),
        "Found again by a later search of the same source": _keys(of_databases, pl.col("removed") == "re-found"),
    }
    caught = of_databases.filter(pl.col("removed") == "ineligible_by_automation")
    other = of_databases.filter(pl.col("removed").is_in(["previously screened", "other"]))
    return {
        "duplicates": box("duplicates", duplicates, lines),
        "excluded_automatic": box("excluded_automatic", caught["key"].to_list(), _by_filter(caught)),
        "excluded_other": box("excluded_other", other["key"].to_list(), _other_lines(other)),
    }


def _screened(reports: pl.DataFrame, reasons: Sequence[str]) -> Boxes:
    entered = reports.filter((pl.col("column") == "databases") & ~pl.col("state").is_in(_NOT_SCREENED))
    excluded = entered.filter(pl.col("state") == "excluded_screening")
    automatic = pl.col("by") == "automation"
    stopped = automatic & (pl.col("reason") == NOT_SCREENED)
    # A reason in people's own words that reads like one of our lines cannot have a line of its own.
    own = (
        pl.when(pl.col("reason").is_in([AUTOMATION, STOPPED, NOT_SCREENED]))
        .then(pl.lit(""))
        .otherwise(pl.col("reason"))
    )
    people = excluded.filter(~automatic).with_columns(reason=own)
    reasoned = (people["reason"] != "").any()
    lines = {
        **(_by_reason(people, reasons) if reasoned else {"Excluded by people": people["report_id"].to_list()}),
        AUTOMATION: _reports(excluded, automatic & ~stopped),
        STOPPED: _reports(excluded, stopped),
    }
    return {
        "records_screened": box("records_screened", entered["report_id"].to_list()),
        "records_excluded": box("records_excluded", excluded["report_id"].to_list(), lines),
        "pending_screening": box("pending_screening", _reports(entered, pl.col("state") == "pending_screening")),
        "in_conflict": box("in_conflict", _reports(entered, pl.col("state") == "in_conflict")),
    }


def _removed_elsewhere(records: pl.DataFrame, reports: pl.DataFrame) -> Boxes:
    """What left the other-methods column before retrieval, and what is not screened yet."""
    excluded = reports.filter(pl.col("state") == "excluded_screening")
    stopped = (pl.col("by") == "automation") & (pl.col("reason") == NOT_SCREENED)
    unseen, seen = _reports(excluded, stopped), _reports(excluded, ~stopped)
    waiting = pl.col("state").is_in(["pending_screening", "in_conflict"])
    elsewhere = records.filter(~pl.col("database"))
    already = pl.col("detail") == ALREADY_FOUND
    lines = {
        "Already found in databases or registers": _keys(elsewhere, (pl.col("removed") == "duplicate") & already),
        "Duplicate records": _keys(elsewhere, pl.col("removed").is_in(["duplicate", "re-found"]) & ~already),
        "Marked as ineligible by automation tools": _keys(elsewhere, pl.col("removed") == "ineligible_by_automation"),
        "Removed for other reasons": _keys(elsewhere, pl.col("removed").is_in(["previously screened", "other"])),
        "Excluded on title and abstract": _keys(elsewhere, (pl.col("removed") == "") & pl.col("report_id").is_in(seen)),
        STOPPED: _keys(elsewhere, (pl.col("removed") == "") & pl.col("report_id").is_in(unseen)),
    }
    return {
        "other_removed": box("other_removed", [key for keys in lines.values() for key in keys], lines),
        "other_pending_screening": box(
            "other_pending_screening", _reports(reports, (pl.col("column") == "other") & waiting)
        ),
    }


def _assessed(reports: pl.DataFrame, column: str, prefix: str, pending_prefix: str, reasons: Sequence[str]) -> Boxes:
    """Retrieval and eligibility of one column."""
    of_column = reports.filter(pl.col("column") == column)
    by_state = dict(of_column.group_by("state", maintain_order=True).agg("report_id").iter_rows())
    assessed = ["pending_eligibility", "excluded_eligibility", "included", "ongoing", "awaiting_classification"]
    states = {
        f"{prefix}sought_reports": ["pending_retrieval", "not_retrieved", *assessed],
        f"{prefix}notretrieved_reports": ["not_retrieved"],
        f"{pending_prefix}pending_retrieval": ["pending_retrieval"],
        f"{prefix}assessed": assessed,
        f"{prefix}ongoing": ["ongoing"],
        f"{prefix}awaiting": ["awaiting_classification"],
        f"{pending_prefix}pending_eligibility": ["pending_eligibility"],
    }
    boxes = {name: box(name, [i for state in of for i in by_state.get(state, [])]) for name, of in states.items()}
    excluded = of_column.filter(pl.col("state") == "excluded_eligibility")
    lines = _by_reason(excluded, reasons)
    return boxes | {f"{prefix}excluded": box(f"{prefix}excluded", excluded["report_id"].to_list(), lines)}


def _by_reason(excluded: pl.DataFrame, reasons: Sequence[str]) -> dict[str, list[str]]:
    """Reports by their reason: those of the list in its order, then those without any, then others."""
    named = excluded.with_columns(pl.col("reason").replace("", OTHER_REASON))  # as people may have written themselves
    by_reason = dict(named.group_by("reason", maintain_order=True).agg("report_id").iter_rows())
    others = sorted(by_reason.keys() - set(reasons), key=lambda reason: (reason != OTHER_REASON, reason))
    return {reason: by_reason.get(reason, []) for reason in (*reasons, *others)}


def _by_filter(caught: pl.DataFrame) -> dict[str, list[str]]:
    by_name = dict(caught.group_by("detail", maintain_order=True).agg("key").iter_rows())
    ordered = [*FILTER_LABELS, *sorted(by_name.keys() - FILTER_LABELS.keys())]
    return {FILTER_LABELS.get(name, name): by_name.get(name, []) for name in ordered}


def _other_lines(other: pl.DataFrame) -> dict[str, list[str]]:
    earlier = pl.col("removed") == "previously screened"
    given = pl.when(pl.col("detail") == "").then(pl.lit(OTHER_REASON)).otherwise(pl.col("detail"))
    why = pl.when(earlier).then(pl.lit(EARLIER_VERSION)).otherwise(given)
    return dict(other.group_by(why.alias("why"), maintain_order=True).agg("key").sort("why").iter_rows())


def _keys(records: pl.DataFrame, condition: pl.Expr) -> list[str]:
    return records.filter(condition)["key"].to_list()


def _reports(reports: pl.DataFrame, condition: pl.Expr) -> list[str]:
    return reports.filter(condition)["report_id"].to_list()
