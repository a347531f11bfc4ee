"""How screening went, as the report tells it."""

from dataclasses import replace

import polars as pl
from report_fixture import REASONS, loaded, with_config

from prismake.report.screening import agreement_table, reason_table, reviewer_table, yield_table


def with_votes(review):
    votes = pl.DataFrame(
        [("r1", "ana"), ("r2", "ana"), ("r3", "ana"), ("r1", "ben"), ("r2", "dora")],
        schema=["report_id", "person"],
        orient="row",
    )
    decisions = pl.DataFrame(
        [("r1", "included", "1"), ("r2", "conflict", "0"), ("r3", "pending", "0")],
        schema=["report_id", "state", "adjudicated"],
        orient="row",
    )
    return replace(
        review,
        votes=review.votes | {"title_abstract": votes, "full_text": votes.clear()},
        decisions=review.decisions | {"title_abstract": decisions},
    )


def test_each_persons_part_in_each_stage():
    rows = reviewer_table(with_votes(loaded("half")))
    assert [(row["person"], row["assigned"], row["decided"], row["open"]) for row in rows] == [
        ("Ana Examplar", 62, 3, 28),
        ("Ben Fictional", 62, 1, 28),
        ("dora", 1, 1, 0),  # in Rayyan, without a form
    ]
    assert [(row["share"], row["conflicts"]) for row in rows] == [("60.0 %", 2), ("20.0 %", 1), ("20.0 %", 1)]


def test_what_a_team_agreed_in_another_tool_is_told_as_such():
    agreed = pl.DataFrame([("r1", "covidence")], schema=["report_id", "person"], orient="row")
    review = loaded("half")
    review = replace(review, votes=review.votes | {"title_abstract": agreed})
    assert "Covidence (agreed there)" in {row["person"] for row in reviewer_table(review)}


def test_nothing_waits_for_who_left():
    review = with_config(with_votes(loaded("half")), "screening", "people", "ben", "until", value="2025-12-01")
    assert {row["person"]: row["open"] for row in reviewer_table(review)}["Ben Fictional"] == 0


def test_agreement_says_undefined_by_an_empty_kappa():
    first, second = agreement_table(loaded())
    assert (first["people"], first["one"], first["agreement"]) == ("Ana Examplar and Ben Fictional", 2, "96.8 %")
    assert (first["kappa"], first["kappa_interval"]) == ("0.933", "0.841 to 1.000")
    assert (first["pabak"], first["ac1_interval"], first["prevalence"]) == ("0.935", "0.851 to 1.000", "40.3 %")
    assert (second["kappa"], second["kappa_interval"]) == ("", "")


def test_all_people_together_are_nobody_in_particular():
    together = loaded().agreement[0] | {"person_1": "", "person_2": "", "include_exclude": "", "exclude_include": ""}
    (row,) = agreement_table(replace(loaded(), agreement=[together]))
    assert (row["people"], row["one"]) == ("", 2)


def test_reasons_come_in_the_order_of_the_list_and_add_up():
    rows = reason_table(loaded())
    assert [row["reason"] for row in rows] == REASONS[:3]
    excluded = loaded().reports.filter(state="excluded_eligibility").height
    assert sum(row["reports"] for row in rows) == excluded
    assert reason_table(loaded("zero")) == []


def test_what_became_of_each_sources_reports():
    rows = {row["name"]: row for row in yield_table(loaded())}
    assert rows["PubMed (E-utilities)"] == {
        "name": "PubMed (E-utilities)",
        "screened": 53,
        "kept": 21,
        "included": 11,
        "alone": 7,
        "precision": "20.8 %",
    }
    assert [row["precision"] for row in yield_table(loaded("zero"))] == [""] * 5


def test_what_a_stopping_rule_left_to_nobody_is_not_among_the_screened():
    review = loaded()
    out = pl.when(pl.col("report_id") == "pubmed:0050").then(pl.lit("automation")).otherwise(pl.col("by"))
    stopped = replace(review, reports=review.reports.with_columns(by=out))
    assert [row["screened"] for row in yield_table(stopped)][:1] == [52]
