"""Agreement between reviewers before adjudication, on the records that two or more of them decided.

Records that were merged count once; dormant votes do not, nor does a person who decided merged records differently.
Per pair of people, Cohen's kappa; where several pairs overlap, a row for all of them together with Fleiss' kappa and
Gwet's AC1 for any number of people, who need not be the same for each record (see coefficients.py).
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

from prismake.kappa import cohens_kappa
from prismake.screening.coefficients import Estimate, fleiss_kappa, gwet_ac1, observed_agreement, pabak
from prismake.screening.policy import STATES
from prismake.screening.votes import Vote

COLUMNS = [
    "stage",
    "round",
    "person_1",
    "person_2",
    "both",
    "include_include",
    "include_exclude",
    "exclude_include",
    "exclude_exclude",
    "agreement",
    "kappa",
    "kappa_low",
    "kappa_high",
    "pabak",
    "ac1",
    "ac1_low",
    "ac1_high",
    "prevalence",
]
ALL = "all"  # rounds; the others are "pilot 1", "pilot 2" and AFTER
AFTER = "after the pilot"


def agreement(stage: str, votes: Iterable[Vote], pilots: Mapping[str, int]) -> list[list[object]]:
    """Rows of COLUMNS for each pair of people who decided on a record in common; include here is: not excluded.

    A report that somebody took for a duplicate is no matter of eligibility: that vote is left out.

    `pilots` gives the number of the pilot that a report was in. When there was one, each pilot and what came after it
    have rows of their own before those of all. The row of all people together names nobody; its counts are those of
    records on which they were unanimous. prevalence: share of the decisions that were not exclusions.
    """
    rounds: dict[str, list[Vote]] = {}
    votes = list(votes)
    if any(vote.report_id in pilots for vote in votes):
        for vote in votes:
            number = pilots.get(vote.report_id)
            rounds.setdefault(f"pilot {number}" if number else AFTER, []).append(vote)
    names = sorted(rounds, key=lambda name: (name == AFTER, len(name), name))
    return [
        [stage, name, *row] for name, cast in [*((n, rounds[n]) for n in names), (ALL, votes)] for row in _rows(cast)
    ]


def _rows(votes: list[Vote]) -> list[list[object]]:
    said: dict[tuple[str, str], set[bool]] = {}
    for vote in votes:
        if vote.report_id and vote.decision != "duplicate":
            said.setdefault((vote.person, vote.report_id), set()).add(STATES[vote.decision] != "excluded")
    cast: dict[str, dict[str, bool]] = {}
    for (person, report), kept in said.items():
        if len(kept) == 1:
            cast.setdefault(person, {})[report] = kept.pop()
    rows: list[list[object]] = []
    for one, two in combinations(sorted(cast), 2):
        pairs = [(keep, cast[two][report]) for report, keep in cast[one].items() if report in cast[two]]
        if pairs:
            cells = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
            rows.append([one, two, len(pairs), *cells, *_coefficients(pairs, cohens_kappa(pairs))])
    if len(rows) > 1:
        ratings: dict[str, list[bool]] = {}
        for decisions in cast.values():
            for report, keep in decisions.items():
                ratings.setdefault(report, []).append(keep)
        shared = [tuple(rating) for rating in ratings.values() if len(rating) > 1]
        unanimous = [sum(all(r) for r in shared), "", "", sum(not any(r) for r in shared)]
        rows.append(["", "", len(shared), *unanimous, *_coefficients(shared, fleiss_kappa(shared))])
    return rows


def _coefficients(ratings: list[tuple[bool, ...]], kappa: Estimate | None) -> list[str]:
    """From `agreement` to `prevalence`; kappa is left empty where it is undefined."""
    observed = observed_agreement(ratings)
    kept = sum(sum(rating) for rating in ratings) / sum(len(rating) for rating in ratings)
    shown = [f"{value:.3f}" for value in kappa] if kappa else ["", "", ""]
    ac1 = gwet_ac1(ratings, categories=2)
    return [
        *[f"{observed:.3f}", *shown, f"{pabak(observed):.3f}"],
        *[f"{value:.3f}" for value in ac1 or ()],
        f"{kept:.3f}",
    ]
