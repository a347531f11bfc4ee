"""The tables of the report that tell how screening went, as plain rows for the template."""

import polars as pl

from prismake.other_tools import TEAMS
from prismake.report.load import NOT_SCREENED, SCREENED, Review
from prismake.report.methods import source_name
from prismake.report.tables import Row

_NOT_KEPT = ("pending_screening", "in_conflict", "excluded_screening")


def reviewer_table(review: Review) -> list[Row]:
    """Each person's part in each stage.

    assigned: records in their forms; decided: those they decided; open: those that wait for them (what a person who
    left had open has gone to others); share: of all decisions, per cent; conflicts: records they decided that went to
    the adjudicator.
    """
    people = review.config["screening"]["people"]
    table = []
    for stage in SCREENED:
        forms: dict[str, list[int]] = {}
        for row in review.progress:
            if row["stage"] == stage:
                rows, pending = forms.setdefault(row["person"], [0, 0])
                forms[row["person"]] = [rows + int(row["rows"]), pending + int(row["pending"])]
        votes, decisions = review.votes[stage], review.decisions[stage]
        disputed = decisions.filter((pl.col("state") == "conflict") | (pl.col("adjudicated") == "1"))["report_id"]
        decided = dict(votes.group_by("person").len().iter_rows())
        conflicts = dict(
            votes.filter(pl.col("report_id").is_in(disputed.implode())).group_by("person").len().iter_rows()
        )
        for person in sorted({*forms, *decided}):
            rows, pending = forms.get(person, (0, 0))
            own = decided.get(person, 0)
            name = TEAMS.get(person) or review.person(person)
            row = {"stage": stage, "person": name, "decided": own}
            row |= {"assigned": max(rows, own)}  # what was decided elsewhere, in Rayyan say, is in no form
            row |= {"open": 0 if "until" in people.get(person, {}) else pending}
            row |= {"share": _percent(own, votes.height), "conflicts": conflicts.get(person, 0)}
            table.append(row)
    return table


def agreement_table(review: Review) -> list[Row]:
    """Agreement as the screening stage measured it, with intervals as texts; empty where kappa is undefined.

    people is "" in the rows of all people together, of whom more than two decided; one: records on which they differ.
    """
    table = []
    for row in review.agreement:
        names = [review.person(row[key]) for key in ("person_1", "person_2") if row[key]]
        one = int(row["both"]) - int(row["include_include"]) - int(row["exclude_exclude"])
        shown = {"people": " and ".join(names), "one": one}
        for name in ("agreement", "prevalence"):
            shown[name] = f"{100 * float(row[name]):.1f} %"
        for name in ("kappa", "ac1"):
            shown[f"{name}_interval"] = f"{row[f'{name}_low']} to {row[f'{name}_high']}" if row[name] else ""
        table.append(row | shown)
    return table


def reason_table(review: Review) -> list[Row]:
    """Reports excluded at full text by primary reason, in the order of the configuration's list."""
    excluded = review.reports.filter(state="excluded_eligibility")
    found = dict(excluded.group_by("reason").len().sort("reason").iter_rows())
    order = dict.fromkeys([*review.config["screening"]["reasons"], *found])
    return [
        {
            "reason": reason or "No reason given",
            "reports": found[reason],
            "share": _percent(found[reason], excluded.height),
        }
        for reason in order
        if reason in found
    ]


def yield_table(review: Review) -> list[Row]:
    """What became of each source's reports; a report that several sources found counts in each.

    screened: reports that entered screening, without those that a stopping rule left to nobody; kept: those that went
    on to full text; included; precision: included of 100 screened; alone: included reports that no other source found.
    """
    state = pl.col("state")
    unseen = (state == "excluded_screening") & (pl.col("by") == "automation")
    pairs = review.records.select("source_id", "report_id").unique()
    counts = (
        pairs.with_columns(alone=pl.len().over("report_id") == 1)
        .join(review.reports.filter(~state.is_in(NOT_SCREENED) & ~unseen).select("report_id", "state"), on="report_id")
        .group_by("source_id")
        .agg(
            screened=pl.len(),
            kept=(~state.is_in(_NOT_KEPT)).sum(),
            included=(state == "included").sum(),
            alone=(pl.col("alone") & (state == "included")).sum(),
        )
    )
    numbers = {row["source_id"]: row for row in counts.to_dicts()}
    table = []
    for name, source in review.config["search"]["sources"].items():
        row = {key: numbers.get(name, {}).get(key, 0) for key in ("screened", "kept", "included", "alone")}
        table.append({"name": source_name(source), **row, "precision": _percent(row["included"], row["screened"])})
    return table


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
