"""The policies by which people's decisions on a record become one: what conflicts, how many people it takes.

All but `strict` name decisions that an exclusion does not conflict with: the report then goes on. Sources: `strict` is
how Covidence and Cochrane count two votes; `rayyan` is Rayyan's rule, by which only include against exclude conflicts
(its help pages, "Screening Conflicts"); `liberal_accelerated` is Khangura et al. 2012, Syst Rev 1:10,
doi:10.1186/2046-4053-1-10.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

STATES = {
    "include": "included",
    "maybe": "included",
    "exclude": "excluded",
    "ongoing": "ongoing",
    "awaiting classification": "awaiting_classification",
    "duplicate": "duplicate",
}


@dataclass(frozen=True)
class Policy:
    """outweighs: what an exclusion yields to. at_once: these decide alone, without a second person. alone: all do."""

    outweighs: frozenset[str] = frozenset()
    at_once: bool = False
    alone: bool = False


POLICIES = {
    "strict": Policy(),
    "rayyan": Policy(frozenset({"maybe"})),
    "any_include": Policy(frozenset({"include", "maybe"})),
    "single": Policy(alone=True),
    "liberal_accelerated": Policy(frozenset({"include", "maybe"}), at_once=True),
}


class Said(Protocol):
    """Who decided what."""

    @property
    def person(self) -> str: ...
    @property
    def decision(self) -> str: ...


def people_needed(policy: str, reviewers: int, decisions: Collection[str]) -> int:
    """How many people a report takes on which these decisions are cast; `reviewers` is what the protocol asks."""
    rule = POLICIES[policy]
    if rule.alone or (rule.at_once and (not decisions or not rule.outweighs.isdisjoint(decisions))):
        return 1
    return reviewers


def settle(policy: str, decisions: Iterable[str]) -> str:
    """The state that these decisions, one or more, make together: one of STATES or "conflict"."""
    decisions = set(decisions)
    states = {STATES[decision] for decision in decisions}
    if len(states) == 1:
        return states.pop()
    return "included" if decisions - {"exclude"} <= POLICIES[policy].outweighs else "conflict"


def state(policy: str, cast: Collection[Said], reviewers: int, awaited: Collection[str] = ()) -> str:
    """included, excluded, ongoing, awaiting_classification, duplicate, conflict or pending.

    `awaited` are people without whom the report is not decided: all who have it in their pilot.
    """
    by_person: dict[str, set[str]] = {}
    for vote in cast:
        by_person.setdefault(vote.person, set()).add(vote.decision)
    # One person with two decisions: two records that they decided differently were merged since. Only people can tell.
    if any(settle(policy, decisions) == "conflict" for decisions in by_person.values()):
        return "conflict"
    decisions = {vote.decision for vote in cast}
    waiting = set(awaited) - by_person.keys()
    if not cast or waiting or len(by_person) < people_needed(policy, reviewers, decisions):
        return "pending"
    return settle(policy, decisions)
