"""From votes to decisions, and agreement."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.kappa import cohens_kappa
from prismake.screening.agreement import agreement
from prismake.screening.decide import decide
from prismake.screening.votes import Vote

REASONS = ["Wrong population", "Wrong outcome"]


def vote(person: str, decision: str, reason: str = "", record: str = "s:1", report: str = "s:1") -> Vote:
    return Vote(record, report, person, decision, reason, "", "form.xlsx", 2)


def decided(*votes: Vote, final: tuple[Vote, ...] = (), needed: int = 2):
    return decide(["s:1"], list(votes), list(final), needed=needed, reasons=REASONS)[0]


@pytest.mark.parametrize(
    ("ana", "ben", "state"),
    [
        ("include", "include", "included"),
        ("include", "maybe", "included"),
        ("maybe", "maybe", "included"),
        ("exclude", "exclude", "excluded"),
        ("include", "exclude", "conflict"),
        ("maybe", "exclude", "conflict"),
    ],
)
def test_two_votes_at_title_and_abstract(ana, ben, state):
    assert decided(vote("ana", ana), vote("ben", ben)).state == state


def test_one_vote_of_two_is_pending_and_of_one_is_a_decision():
    assert decided(vote("ana", "include")).state == "pending"
    assert decided(vote("ana", "include"), needed=1).state == "included"


def test_two_exclusions_with_different_reasons_are_one_for_the_first_reason_of_the_list():
    last = decided(vote("ana", "exclude", "Wrong outcome"), vote("ben", "exclude", "Wrong population"))
    assert (last.state, last.reason) == ("excluded", "Wrong population")


def test_the_adjudicator_decides():
    last = decided(vote("ana", "include"), vote("ben", "exclude"), final=(vote("cleo", "exclude"),))
    assert (last.state, last.adjudicated) == ("excluded", True)
    assert last.votes == "ana: include; ben: exclude; cleo: exclude"


def test_full_text_decisions_that_differ_are_a_conflict():
    assert decided(vote("ana", "ongoing"), vote("ben", "awaiting classification")).state == "conflict"
    assert decided(vote("ana", "ongoing"), vote("ben", "ongoing")).state == "ongoing"


def test_records_merged_later_with_contradictory_decisions_are_a_conflict():
    assert decided(vote("ana", "include", record="s:1"), vote("ana", "exclude", record="s:2")).state == "conflict"


def test_dormant_votes_decide_nothing():
    assert decided(vote("ana", "include", report=""), vote("ben", "include", report="")).state == "pending"


def pairs(both, first, second, neither):
    return [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither


def test_kappa_of_several_categories():
    # Worked by hand: 10 pairs, 7 equal; marginals 4, 3, 3 and 3, 4, 3: expected .33, kappa (.7 - .33) / .67.
    said = ["aa"] * 3 + ["bb"] * 2 + ["cc"] * 2 + ["ab", "bc", "cb"]
    assert cohens_kappa(tuple(two) for two in said)[0] == pytest.approx(0.37 / 0.67)


def test_kappa_of_a_known_table():
    # 2, 8, 8, 982: agreement .984 and kappa .192 (the kappa paradox).
    kappa, low, high = cohens_kappa(pairs(2, 8, 8, 982))
    assert round(kappa, 3) == 0.192
    assert low < kappa < high
    assert cohens_kappa(pairs(20, 5, 10, 15))[0] == pytest.approx(0.4)


def test_kappa_is_undefined_when_both_used_one_value():
    assert cohens_kappa(pairs(0, 0, 0, 30)) is None
    assert cohens_kappa(pairs(0, 0, 0, 0)) is None


@given(st.tuples(*[st.integers(0, 500)] * 4))
def test_kappa_is_symmetric_and_at_most_one(table):
    both, first, second, neither = table
    one, two = cohens_kappa(pairs(both, first, second, neither)), cohens_kappa(pairs(both, second, first, neither))
    assert (one is None) == (two is None)
    if one:
        assert math.isclose(one[0], two[0], abs_tol=1e-9)
        assert one[0] <= 1 + 1e-9
        assert one[1] <= one[0] + 1e-9 <= one[2] + 2e-9


def test_agreement_counts_only_what_both_decided():
    votes = [vote("ana", "include"), vote("ben", "maybe"), vote("ana", "exclude", record="s:2")]
    assert agreement("title_abstract", votes)[0][:8] == ["title_abstract", "ana", "ben", 1, 1, 0, 0, 0]
