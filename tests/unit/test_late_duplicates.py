"""Duplicates found at full text: said in a form, settled, and counted among the duplicates."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prisma_fixture import REASONS, SOURCES, Review, reviews
from test_decide import vote

from prismake.errors import PrismakeError
from prismake.prisma.boxes import build_flow
from prismake.publish import write_csv
from prismake.screening.decide import Decision, decide
from prismake.screening.late_duplicates import settle_duplicates
from prismake.screening.reading import read_forms
from prismake.screening.votes import votes

COLUMNS = ["record_id", "title", "decision", "reason", "duplicate_of", "note", "check"]
ALIASES = {"s:1": "s:1", "s:2": "s:2", "t:2": "s:2", "s:3": "s:3"}


def read(tmp_path: Path, monkeypatch, *rows: tuple[str, str, str, str], columns=COLUMNS):
    """The votes of a full-text form with rows of record_id, decision, reason, duplicate_of, and its faults."""
    monkeypatch.chdir(tmp_path)
    form = Path("resources/screening/ana/full_text.ana.01.csv")
    cells = [dict(zip(("record_id", "decision", "reason", "duplicate_of"), row, strict=True)) for row in rows]
    write_csv(form, columns, [[row.get(name, "") for name in columns] for row in cells])
    reading = read_forms("full_text", [form.as_posix()], [], set(ALIASES), ["ana"])
    return votes(reading, ALIASES, REASONS), [fault.problem for fault in reading.faults]


def test_a_form_names_the_other_report_by_any_of_its_records(tmp_path, monkeypatch):
    (cast,), faults = read(tmp_path, monkeypatch, ("s:1", "duplicate", "", "t:2"))
    assert (cast.decision, cast.reason, cast.counts, faults) == ("duplicate", "s:2", True, [])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("s:1", "duplicate", "", ""), "a duplicate of no report"),
        (("s:1", "duplicate", "", "s:9"), "'s:9' is no other record of this review"),
        (("s:1", "duplicate", "", "s:1"), "'s:1' is no other record of this review"),
        (("s:1", "include", "", "s:2"), "a report is named, but the decision is 'include'"),
        (("s:1", "duplicate", REASONS[0], "s:2"), "a reason for exclusion, but the decision is 'duplicate'"),
    ],
)
def test_what_names_no_other_report_is_a_fault(tmp_path, monkeypatch, row, problem):
    assert read(tmp_path, monkeypatch, row) == ([], [problem])


def test_a_vote_on_two_records_that_were_merged_since_rests(tmp_path, monkeypatch):
    (cast,), faults = read(tmp_path, monkeypatch, ("t:2", "duplicate", "", "s:2"))
    assert (cast.why, faults) == ("merged", [])


def test_forms_of_the_first_layout_are_read_as_before(tmp_path, monkeypatch):
    columns = [name for name in COLUMNS if name != "duplicate_of"]
    (cast,), faults = read(tmp_path, monkeypatch, ("s:1", "exclude", REASONS[0], ""), columns=columns)
    assert (cast.reason, faults) == (REASONS[0], [])


def decided(*cast, final=()):
    known = {"policy": "strict", "reviewers": 2, "reasons": REASONS, "awaited": {}}
    return decide(["s:1"], list(cast), list(final), **known)[0]


def test_two_people_must_name_the_same_report():
    last = decided(vote("ana", "duplicate", "s:2"), vote("ben", "duplicate", "s:2"))
    assert (last.state, last.reason) == ("duplicate", "s:2")
    assert decided(vote("ana", "duplicate", "s:2"), vote("ben", "duplicate", "s:3")).state == "conflict"
    assert decided(vote("ana", "duplicate", "s:2"), vote("ben", "include")).state == "conflict"
    last = decided(vote("ana", "duplicate", "s:2"), vote("ben", "include"), final=[vote("cleo", "duplicate", "s:3")])
    assert (last.state, last.reason, last.adjudicated) == ("duplicate", "s:3", True)


def settled(of: dict[str, str], read: str) -> tuple[dict[str, str], list[str]]:
    """Report -> its last one, for those settled; the records with a fault. `of`: report -> the one it is said to be."""
    decisions = [Decision(report, "duplicate", other, False, "") for report, other in of.items()]
    cast = [vote("ana", "duplicate", other, report, report) for report, other in of.items()]
    found, faults = settle_duplicates("full_text", decisions, cast, set(read))
    assert all(decision.state in ("duplicate", "pending") for decision in found)
    return {d.report_id: d.reason for d in found if d.state == "duplicate"}, [fault.record_id for fault in faults]


def test_chains_lead_to_their_end_and_circles_nowhere():
    assert settled({"a": "b", "b": "c"}, "abc") == ({"a": "c", "b": "c"}, [])
    assert settled({"a": "b", "b": "a", "c": "a"}, "abc") == ({}, ["a", "b", "c"])
    assert settled({"a": "x", "b": "c"}, "abc") == ({"b": "c"}, ["a"])  # x was excluded earlier, or not retrieved


def flow(review: Review):
    return build_flow(review.ledger(), review.sources, title="A review", reasons=REASONS)["boxes"]


def test_a_late_duplicate_leaves_every_box_but_that_of_duplicates():
    review = Review([(f"pubmed:{n}", None) for n in range(1, 4)], sources=SOURCES)
    for report in review.report_ids:
        review.decide(report, "included", "retrieved", "included")
    before = {name: box["n"] for name, box in flow(review).items()}
    review.full_text["pubmed:3"] = ("duplicate", "pubmed:1")
    after = {name: box["n"] for name, box in flow(review).items()}
    change = {name: after[name] - before[name] for name in before if after[name] != before[name]}
    down = ("records_screened", "dbr_sought_reports", "dbr_assessed", "new_reports", "new_studies")
    assert change == {"duplicates": 1, **dict.fromkeys(down, -1)}
    last = review.ledger().records.row(2, named=True)
    assert (last["report_id"], last["removed"]) == ("pubmed:1", "duplicate")
    assert last["detail"] == "kept: pubmed:1; found at full text"


def test_the_report_that_people_named_is_the_one_kept_whichever_was_found_first():
    review = Review([("pubmed:1", None), ("pubmed:2", None)])
    review.decide("pubmed:1", "included", "retrieved", "duplicate", "pubmed:2")
    review.decide("pubmed:2", "included", "retrieved", "included")
    first, second = review.ledger().records.rows(named=True)
    assert (first["removed"], first["detail"]) == ("duplicate", "kept: pubmed:2; found at full text")
    assert second["removed"] == ""
    assert flow(review)["duplicates"]["ids"] == ["pubmed:1"]


@pytest.mark.parametrize("state", ["excluded", "pending", "conflict", "ongoing", "awaiting_classification"])
def test_the_other_reports_state_holds_for_both(state):
    review = Review([("pubmed:1", None), ("pubmed:2", None)])
    review.decide("pubmed:1", "included", "retrieved", state, REASONS[0] if state == "excluded" else "")
    review.decide("pubmed:2", "included", "retrieved", "duplicate", "pubmed:1")
    boxes = flow(review)
    assert (boxes["duplicates"]["n"], boxes["dbr_assessed"]["n"], boxes["new_reports"]["n"]) == (1, 1, 0)


def test_a_report_of_another_method_moves_to_databases_with_its_late_duplicate():
    review = Review([("citations:1", None), ("pubmed:1", None)])
    review.decide("citations:1", "included", "retrieved", "included")
    review.decide("pubmed:1", "included", "retrieved", "duplicate", "citations:1")
    boxes = flow(review)
    assert boxes["duplicates"]["n"] == 0
    assert boxes["other_removed"]["ids"] == ["citations:1"]
    assert (boxes["dbr_assessed"]["n"], boxes["other_assessed"]["n"], boxes["new_reports"]["n"]) == (1, 0, 1)
    assert review.ledger().reports["column"].to_list() == ["databases"]


def test_a_late_duplicate_of_nothing_is_refused():
    review = Review([("pubmed:1", None)])
    review.decide("pubmed:1", "included", "retrieved", "duplicate", "pubmed:9")
    with pytest.raises(PrismakeError, match="late duplicates of no report"):
        review.ledger()


@settings(max_examples=25)
@given(reviews(), st.data())
def test_every_equation_holds_with_late_duplicates(review, data):
    if len(review.report_ids) < 2:
        return
    other, *late = data.draw(st.lists(st.sampled_from(review.report_ids), min_size=2, max_size=4, unique=True))
    before = len(review.ledger().reports)
    for report in late:
        review.decide(report, "included", "retrieved", "duplicate", other)
    if review.full_text.get(other, ("",))[0] == "duplicate":
        return
    made = build_flow(review.ledger(), review.sources, title="A review", reasons=REASONS)
    assert all(equation["holds"] for equation in made["equations"] if equation["kind"] == "hard")
    assert len(review.ledger().reports) == before - len(late)
