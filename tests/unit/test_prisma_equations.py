"""H1-H17 on typed counts, on boxes with ids, on the ledger: each holds in a sound flow and is named when it breaks."""

import copy
import re
from typing import Any

import pytest
from hypothesis import given, settings
from prisma_fixture import SOURCES, Review, reviews

from prismake.errors import PrismakeError
from prismake.prisma.boxes import build_boxes
from prismake.prisma.equations import BALANCES, NAMES, Equation, assert_hard, check

TYPED = {
    "previous_studies": 10,
    "previous_reports": 14,
    "database_results": 900,
    "database_specific_results": 900,
    "register_results": 60,
    "website_results": 5,
    "citations_results": 20,
    "contact_results": 1,
    "duplicates": 310,
    "excluded_automatic": 40,
    "excluded_other": 10,
    "records_screened": 600,
    "records_excluded": 480,
    "pending_screening": 12,
    "in_conflict": 8,
    "dbr_sought_reports": 100,
    "dbr_notretrieved_reports": 6,
    "pending_retrieval": 4,
    "dbr_assessed": 90,
    "dbr_excluded": 60,
    "dbr_ongoing": 2,
    "dbr_awaiting": 1,
    "pending_eligibility": 3,
    "other_removed": 9,
    "other_pending_screening": 2,
    "other_sought_reports": 15,
    "other_notretrieved_reports": 2,
    "other_pending_retrieval": 1,
    "other_assessed": 12,
    "other_excluded": 7,
    "other_ongoing": 1,
    "other_awaiting": 1,
    "other_pending_eligibility": 1,
    "new_studies": 20,
    "new_reports": 26,
    "total_studies": 30,
    "total_reports": 40,
    "total_studies_ma": 11,
    "total_reports_ma": 15,
}
LINES = {
    "database_specific_results": [("PubMed", 600), ("Embase", 300)],
    "records_excluded": [("Excluded by people", 400), ("Excluded by automation", 80)],
    "dbr_excluded": [("Wrong population", 45), ("Wrong outcome", 15)],
}


def typed(**changed: Any) -> dict[str, dict[str, Any]]:
    """The sound counts, some of them changed; None takes a box away."""
    boxes = {name: {"n": n} for name, n in {**TYPED, **changed}.items() if n is not None}
    for name, lines in LINES.items():
        if name in boxes:
            boxes[name]["items"] = [{"label": label, "n": n} for label, n in lines]
    return boxes


def broken(boxes: dict[str, Any], ledger: Any = None) -> dict[str, Equation]:
    return {equation.id: equation for equation in check(boxes, ledger) if not equation.holds}


def test_sound_counts_break_nothing_but_wait_for_decisions() -> None:
    found = check(typed())
    assert [e.id for e in found if not e.holds] == ["H16"]
    # H4 and H17 need the ledger or ids
    assert [e.id for e in found] == [id for id in NAMES if id not in ("H4", "H17")]
    assert next(e for e in found if e.id == "H3").detail == "600 = 900 + 60 - 310 - 40 - 10"
    assert_hard(found)


@pytest.mark.parametrize(
    ("changed", "id", "words"),
    [
        ({"duplicates": -1}, "H1", "duplicates is -1"),
        ({"new_reports": 2.5}, "H1", "new_reports is 2.5"),
        ({"new_reports": "26"}, "H1", "new_reports is '26'"),
        ({"new_reports": True}, "H1", "new_reports is True"),
        (
            {"database_specific_results": 899},
            "H2",
            "database_results is 900, but database_specific_results add up to 899",
        ),
        ({"dbr_excluded": 61, "pending_eligibility": 2}, "H2", "its lines 45 \\+ 15 = 60: 1 too many"),
        (
            {"excluded_other": 9},
            "H3",
            "records_screened is 600, but database_results 900 \\+ register_results 60 - duplicates 310"
            " - excluded_automatic 40 - excluded_other 9 = 601: 1 too few",
        ),
        ({"in_conflict": 7}, "H5", "dbr_sought_reports is 100, but records_screened 600"),
        ({"dbr_notretrieved_reports": 7}, "H6", "- pending_retrieval 4 = 89: 1 too many"),
        ({"other_notretrieved_reports": 4}, "H7", "other_assessed is 12, but .* = 10: 2 too many"),
        ({"other_excluded": 13}, "H8", "other_excluded is 13, but other_assessed is 12: 1 too many"),
        ({"other_awaiting": 0}, "H9", "new_reports is 26, but .* other_awaiting 0 .* = 27: 1 too few"),
        ({"new_studies": 27, "total_studies": 37}, "H10", "new_studies is 27, but new_reports is 26: 1 too many"),
        (
            {"new_studies": 0, "total_studies": 10, "total_studies_ma": 9},
            "H10",
            "new_reports is 26, but new_studies is 0",
        ),
        ({"website_results": 6}, "H11", "other_sought_reports is 15, but .* = 16: 1 too few"),
        (
            {"total_reports": 39},
            "H12",
            "total_reports is 39, but previous_reports 14 \\+ new_reports 26 = 40: 1 too few",
        ),
        ({"previous_studies": 15, "total_studies": 35}, "H13", "previous_studies is 15, but previous_reports is 14"),
        ({"total_studies_ma": 31, "total_reports_ma": 32}, "H14", "total_studies_ma is 31, but total_studies is 30"),
        ({"total_reports_ma": 41}, "H14", "total_reports_ma is 41, but total_reports is 40"),
        ({"records_excluded": 481, "in_conflict": 7}, "H15", "its lines 400 \\+ 80 = 480: 1 too many"),
    ],
)
def test_a_wrong_count_breaks_its_equation_and_says_by_how_much(changed: dict[str, Any], id: str, words: str) -> None:
    found = broken(typed(**changed))
    assert id in found
    assert found[id].kind == NAMES[id][0]
    assert re.search(words, found[id].detail)
    if found[id].kind == "hard":
        with pytest.raises(PrismakeError, match=f"{id} "):
            assert_hard(check(typed(**changed)), place="counts.json")
    elif all(e.kind == "soft" for e in found.values()):
        assert_hard(check(typed(**changed)))


def test_every_hard_equation_that_is_broken_is_named_with_its_numbers_place_and_hint() -> None:
    with pytest.raises(PrismakeError) as caught:
        assert_hard(check(typed(duplicates=309, dbr_notretrieved_reports=5)), place="counts.json")
    text = str(caught.value)
    assert text.startswith("counts.json: the numbers of the flow do not agree: H3 (Records screened = ")
    assert "H6 (" in text and "1 too few" in text and "Correct the counts" in text and "H16" not in text


def test_an_absent_box_counts_as_nothing_and_the_message_says_so() -> None:
    found = broken(typed(excluded_other=None))
    assert found["H3"].detail.endswith("(not given, so counted as 0: excluded_other)")
    assert "H3" not in broken(typed(excluded_other=None, duplicates=320))


def test_an_equation_without_its_boxes_is_not_listed() -> None:
    assert [e.id for e in check({"records_screened": {"n": 5}})] == ["H1", "H16"]
    only_registers = {"register_results": {"n": 7}, "records_screened": {"n": 5}, "duplicates": {"n": 2}}
    assert [e.id for e in check(only_registers) if e.id == "H3"] == ["H3"]
    assert broken(only_registers) == {}


def test_without_the_records_removed_before_reports_sought_may_be_fewer_than_found() -> None:
    official = {"other_removed": None, "other_pending_screening": None}
    assert "H11" not in broken(typed(**official))
    assert "27" in broken(typed(**official, other_sought_reports=27))["H11"].detail


def test_the_meta_analysis_is_compared_with_the_new_studies_of_a_new_review() -> None:
    new = dict.fromkeys(["total_studies", "total_reports", "previous_studies", "previous_reports"])
    assert "total_studies_ma is 21, but new_studies is 20" in broken(typed(**new, total_studies_ma=21))["H14"].detail


def test_pending_counts_are_a_warning() -> None:
    found = broken(typed())["H16"]
    assert found.kind == "soft"
    assert found.detail.startswith("Records not yet screened: 12; Records on which reviewers disagree: 8; ")


@pytest.fixture
def review() -> Review:
    """All kinds of removal and all states, in both columns."""
    review = Review(
        [
            *[("pubmed:1", "2026-01-01"), ("pubmed:1", "2026-06-01"), ("embase:1", None), ("citations:1", None)],
            *[(f"pubmed:{i}", None) for i in range(2, 9)],
            *[(f"experts:{i}", None) for i in range(2, 9)],
        ],
        clusters={"embase:1": "pubmed:1", "citations:1": "pubmed:1"},
        filters=[("pubmed:8", "years"), ("experts:8", "years")],
    )
    for source in ("pubmed", "experts"):
        review.decide(f"{source}:1", "included", "retrieved", "included")
        review.decide(f"{source}:2", "excluded")
        review.decide(f"{source}:3", "included", "not_retrieved")
        review.decide(f"{source}:4", "included", "retrieved", "excluded", "Wrong population")
        review.decide(f"{source}:5", "included", "retrieved", "ongoing")
        review.decide(f"{source}:6", "included")
    del review.title_abstract["experts:1"], review.retrieval["experts:1"], review.full_text["experts:1"]
    return review


def change(boxes: dict[str, Any], name: str, *, add: str = "", drop: str = "") -> None:
    """Another id in the box, or one less, its number alike, its lines as they were."""
    ids = [id for id in boxes[name]["ids"] if id != drop] + ([add] if add else [])
    boxes[name] |= {"ids": ids, "n": len(ids)}


def test_the_boxes_of_a_ledger_are_sound(review: Review) -> None:
    ledger = review.ledger()
    found = check(build_boxes(ledger, SOURCES, []), ledger)
    assert [e.id for e in found if not e.holds] == ["H16"]
    details = {e.id: e.detail for e in found}
    assert details["H4"] == "2 = 10 - 8"
    assert details["H17"].endswith("each of 18 records and 15 reports in one place")


@pytest.mark.parametrize(
    ("name", "add", "drop", "id"),
    [
        ("records_excluded", "pubmed:1", "", "pubmed:1"),  # in two boxes of one step
        ("dbr_sought_reports", "", "pubmed:6", "pubmed:6"),  # in none of them
        ("dbr_excluded", "pubmed:99", "", "pubmed:99"),  # unknown
        ("dbr_notretrieved_reports", "pubmed:3", "", "pubmed:3"),  # twice
        ("duplicates", "pubmed:2", "", "pubmed:2"),  # removed and screened
        ("duplicates", "", "pubmed:1@2026-01-01", "pubmed:1@2026-01-01"),  # lost
        ("duplicates", "embase:77", "", "embase:77"),
        ("excluded_automatic", "pubmed:1@2026-01-01", "", "pubmed:1@2026-01-01"),  # removed twice
        ("other_removed", "", "citations:1", "citations:1"),
        ("database_results", "", "pubmed:2", "pubmed:2"),
        ("contact_results", "pubmed:2", "", "pubmed:2"),
        ("new_reports", "", "pubmed:1", "pubmed:1"),
        ("other_sought_reports", "", "experts:4", "experts:4"),
        ("other_ongoing", "experts:3", "experts:5", "experts:3"),
    ],
)
def test_an_id_that_is_not_in_exactly_one_place_is_named(
    review: Review, name: str, add: str, drop: str, id: str
) -> None:
    ledger = review.ledger()
    boxes = build_boxes(ledger, SOURCES, [])
    change(boxes, name, add=add, drop=drop)
    found = broken(boxes, ledger)["H17"]
    assert id in found.ids
    assert id in found.detail


def test_identities_are_checked_without_the_ledger_too(review: Review) -> None:
    boxes = build_boxes(review.ledger(), SOURCES, [])
    assert set(broken(boxes)) == {"H16"}
    change(boxes, "dbr_ongoing", add="pubmed:4", drop="pubmed:5")
    found = broken(boxes)
    assert set(found) == {"H16", "H17"}  # the counts agree, the ids do not
    assert set(found["H17"].ids) == {"pubmed:4", "pubmed:5"}


@pytest.mark.parametrize(
    ("name", "add", "words"),
    [
        ("excluded_other", "pubmed:8", "removed twice before screening: 1 [pubmed:8]"),
        ("citations_results", "pubmed:2", "identified in two places: 1 [pubmed:2]"),
        ("excluded_other", "pubmed:77", "removed, but not identified: 1 [pubmed:77]"),
        ("records_screened", "pubmed:2", "records_screened holds ids twice: 1 [pubmed:2]"),
    ],
)
def test_the_places_of_records_are_compared_without_the_ledger_too(
    review: Review, name: str, add: str, words: str
) -> None:
    boxes = build_boxes(review.ledger(), SOURCES, [])
    change(boxes, name, add=add)
    assert words in broken(boxes)["H17"].detail


def test_a_number_that_is_not_that_of_its_ids_is_named(review: Review) -> None:
    boxes = build_boxes(review.ledger(), SOURCES, [])
    boxes["new_studies"]["n"] = 2
    boxes["dbr_excluded"]["items"][0]["ids"] = []
    detail = broken(boxes)["H17"].detail
    assert "new_studies is 2, but holds 1 ids" in detail
    assert "dbr_excluded, Wrong population is 1, but holds 0 ids" in detail


def test_lines_must_be_separate_parts_of_their_box(review: Review) -> None:
    boxes = build_boxes(review.ledger(), SOURCES, [])
    boxes["duplicates"]["items"][0]["ids"] = ["pubmed:1@2026-06-01"]
    boxes["dbr_excluded"]["items"][0]["ids"] = ["pubmed:5"]
    detail = broken(boxes)["H17"].detail
    assert "lines of duplicates share ids: 1 [pubmed:1@2026-06-01]" in detail
    assert "lines of dbr_excluded hold ids that the box lacks: 1 [pubmed:5]" in detail


def test_duplicates_are_records_minus_reports(review: Review) -> None:
    ledger = review.ledger()
    boxes = build_boxes(ledger, SOURCES, [])
    change(boxes, "duplicates", drop="pubmed:1@2026-01-01")
    assert broken(boxes, ledger)["H4"].detail == "duplicates is 1, but 10 records - 8 reports = 2"


def test_long_lists_of_ids_are_cut_in_the_message_and_whole_in_the_equation() -> None:
    boxes = {"dbr_ongoing": {"n": 24, "ids": [f"r{i % 12:02}" for i in range(24)]}}
    found = broken(boxes)["H17"]
    assert len(found.ids) == 12
    assert "r09 and 2 more]" in found.detail


@settings(deadline=None, max_examples=30)
@given(reviews())
def test_in_a_random_ledger_no_count_can_be_changed_unseen(review: Review) -> None:
    ledger = review.ledger()
    boxes = build_boxes(ledger, review.sources, [])
    checked = {name for total, plus, minus in BALANCES.values() for name in (total, *plus, *minus)}
    for name in checked & boxes.keys():
        changed = copy.deepcopy(boxes)
        changed[name] = {"n": boxes[name]["n"] + 1}
        assert broken(changed).keys() & BALANCES.keys()
