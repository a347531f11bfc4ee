"""From votes to decisions."""

import pytest

from prismake.screening.decide import decide
from prismake.screening.votes import Vote

REASONS = ["Wrong population", "Wrong outcome"]


def vote(person: str, decision: str, reason: str = "", record: str = "s:1", report: str = "s:1") -> Vote:
    return Vote(record, report, person, decision, reason, "", "form.xlsx", 2)


def decided(*votes: Vote, final: tuple[Vote, ...] = (), needed: int = 2, policy: str = "strict", awaited=()):
    settings = {"policy": policy, "reviewers": needed, "reasons": REASONS, "awaited": {"s:1": set(awaited)}}
    return decide(["s:1"], list(votes), list(final), **settings)[0]


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


def test_an_adjudicator_who_names_no_reason_leaves_the_reviewers_standing():
    votes = (vote("ana", "include", REASONS[0]), vote("ben", "exclude", REASONS[1]))
    assert decided(*votes, final=(vote("cleo", "exclude"),)).reason == REASONS[1]
    assert decided(*votes, final=(vote("cleo", "exclude", REASONS[0]),)).reason == REASONS[0]


def test_full_text_decisions_that_differ_are_a_conflict():
    assert decided(vote("ana", "ongoing"), vote("ben", "awaiting classification")).state == "conflict"
    assert decided(vote("ana", "ongoing"), vote("ben", "ongoing")).state == "ongoing"


def test_records_merged_later_with_contradictory_decisions_are_a_conflict():
    assert decided(vote("ana", "include", record="s:1"), vote("ana", "exclude", record="s:2")).state == "conflict"


def test_dormant_votes_decide_nothing():
    assert decided(vote("ana", "include", report=""), vote("ben", "include", report="")).state == "pending"


def test_a_pilot_record_waits_for_everybody_who_has_it_and_not_for_the_adjudicator():
    votes = [vote("ana", "include"), vote("ben", "include")]
    assert decided(*votes, awaited=("ana", "ben", "dora")).state == "pending"
    assert decided(*votes, vote("dora", "maybe"), awaited=("ana", "ben", "dora")).state == "included"
    assert decided(*votes, awaited=("dora",), final=(vote("cleo", "exclude"),)).state == "excluded"


@pytest.mark.parametrize("policy", ["any_include", "liberal_accelerated"])
def test_what_an_inclusion_outweighs_leaves_no_reason_and_no_conflict(policy):
    last = decided(vote("ana", "exclude", "Wrong outcome"), vote("ben", "include"), policy=policy)
    assert (last.state, last.reason) == ("included", "")
    assert last.votes == "ana: exclude (Wrong outcome); ben: include"


def test_reports_of_ongoing_studies_conflict_with_inclusion_under_every_policy():
    votes = [vote("ana", "include"), vote("ben", "ongoing")]
    assert {decided(*votes, policy=policy).state for policy in ("strict", "any_include", "liberal_accelerated")} == {
        "conflict"
    }
