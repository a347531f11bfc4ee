"""The policies by which votes become a decision: each table exhaustively, and what holds for all of them."""

from itertools import combinations_with_replacement, permutations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.screening.policy import POLICIES, STATES, people_needed, settle, state


class Said(NamedTuple):
    person: str
    decision: str


def votes(*decisions: str) -> list[Said]:
    return [Said(f"p{number}", decision) for number, decision in enumerate(decisions)]


WORDS = {"i": "include", "m": "maybe", "e": "exclude"}
# What any two, and any three, people decide on title and abstract; for two and three reviewers per record.
TABLE = {
    "strict": "ii included, im included, ie conflict, mm included, me conflict, ee excluded, iii included,"
    " iim included, iie conflict, imm included, ime conflict, iee conflict, mmm included, mme conflict,"
    " mee conflict, eee excluded",
    "rayyan": "ii included, im included, ie conflict, mm included, me included, ee excluded, iii included,"
    " iim included, iie conflict, imm included, ime conflict, iee conflict, mmm included, mme included,"
    " mee included, eee excluded",
    "any_include": "ii included, im included, ie included, mm included, me included, ee excluded, iii included,"
    " iim included, iie included, imm included, ime included, iee included, mmm included, mme included,"
    " mee included, eee excluded",
}
TABLE["single"] = TABLE["strict"]  # when more than the one person has voted, as in a pilot
TABLE["liberal_accelerated"] = TABLE["any_include"]
ALONE = {  # what one vote makes when the protocol asks two
    "strict": {"i": "pending", "m": "pending", "e": "pending"},
    "rayyan": {"i": "pending", "m": "pending", "e": "pending"},
    "any_include": {"i": "pending", "m": "pending", "e": "pending"},
    "single": {"i": "included", "m": "included", "e": "excluded"},
    "liberal_accelerated": {"i": "included", "m": "included", "e": "pending"},
}


@pytest.mark.parametrize("policy", POLICIES)
def test_every_combination_of_votes_in_every_order(policy):
    table = dict(entry.split() for entry in TABLE[policy].split(", "))
    assert set(table) == {"".join(c) for n in (2, 3) for c in combinations_with_replacement("ime", n)}
    for letters, expected in table.items():
        for order in permutations(letters):
            assert state(policy, votes(*(WORDS[letter] for letter in order)), len(letters)) == expected


@pytest.mark.parametrize("policy", POLICIES)
def test_one_vote_of_two(policy):
    assert {letter: state(policy, votes(WORDS[letter]), 2) for letter in WORDS} == ALONE[policy]
    assert state(policy, [], 2) == "pending"


@pytest.mark.parametrize(
    ("policy", "decisions", "needed"),
    [
        *[(policy, said, 3) for policy in ("strict", "rayyan", "any_include") for said in ((), ("include",))],
        *[("single", said, 1) for said in ((), ("exclude",))],
        ("liberal_accelerated", (), 1),
        ("liberal_accelerated", ("exclude",), 3),
        ("liberal_accelerated", ("exclude", "maybe"), 1),
        ("liberal_accelerated", ("ongoing",), 3),
    ],
)
def test_how_many_people_a_record_takes(policy, decisions, needed):
    assert people_needed(policy, 3, set(decisions)) == needed


CAST = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(list(STATES))), max_size=6)


@given(CAST, st.sampled_from(list(POLICIES)), st.integers(1, 4), st.sets(st.sampled_from("abcd")), st.randoms())
def test_the_order_of_votes_never_matters(cast, policy, reviewers, awaited, random):
    said = [Said(*vote) for vote in cast]
    before = state(policy, said, reviewers, awaited)
    random.shuffle(said)
    assert state(policy, said, reviewers, awaited) == before


@given(CAST, st.sampled_from(list(POLICIES)), st.integers(1, 4), st.sampled_from("abcdef"))
def test_one_more_vote_for_a_decision_that_was_cast_never_unsettles(cast, policy, reviewers, person):
    said = [Said(*vote) for vote in cast]
    before = state(policy, said, reviewers)
    for decision in {vote.decision for vote in said}:
        newcomer = person not in {vote.person for vote in said}
        after = state(policy, [*said, Said(person, decision)], reviewers)
        if before == "pending":
            continue
        assert after == before or (not newcomer and after == "conflict")


@given(CAST, st.sampled_from(list(POLICIES)), st.integers(1, 4))
def test_nobody_excludes_what_somebody_would_keep(cast, policy, reviewers):
    said = [Said(*vote) for vote in cast]
    if any(STATES[vote.decision] != "excluded" for vote in said):
        assert state(policy, said, reviewers) != "excluded"


@given(st.sets(st.sampled_from(list(STATES)), min_size=1), st.sampled_from(list(POLICIES)))
def test_a_decision_of_all_is_the_decision(decisions, policy):
    states = {STATES[decision] for decision in decisions}
    became = settle(policy, decisions)
    assert became in states | {"conflict"}
    if len(states) == 1:
        assert became in states


@given(CAST, st.sampled_from(list(POLICIES)), st.integers(1, 4), st.sets(st.sampled_from("abcd")))
def test_a_record_that_waits_is_pending_or_a_conflict(cast, policy, reviewers, awaited):
    said = [Said(*vote) for vote in cast]
    if awaited - {vote.person for vote in said}:
        assert state(policy, said, reviewers, awaited) in ("pending", "conflict")
