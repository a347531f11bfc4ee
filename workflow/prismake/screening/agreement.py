"""Agreement between reviewers before adjudication, on the records both decided."""

from collections.abc import Iterable
from itertools import combinations

from prismake.kappa import cohens_kappa
from prismake.screening.decide import STATES
from prismake.screening.votes import Vote

COLUMNS = [
    "stage",
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
]


def agreement(stage: str, votes: Iterable[Vote]) -> list[list[object]]:
    """One row of COLUMNS per pair of people who decided on a record in common; include here is: not excluded."""
    cast: dict[str, dict[str, bool]] = {}
    for vote in votes:
        cast.setdefault(vote.person, {})[vote.record_id] = STATES[vote.decision] != "excluded"
    rows: list[list[object]] = []
    for one, two in combinations(sorted(cast), 2):
        pairs = [(cast[one][record], cast[two][record]) for record in cast[one].keys() & cast[two].keys()]
        if not pairs:
            continue
        cells = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
        kappa = cohens_kappa(pairs)
        observed = (cells[0] + cells[3]) / len(pairs)
        shown = [f"{value:.3f}" for value in kappa] if kappa else ["", "", ""]
        rows.append([stage, one, two, len(pairs), *cells, f"{observed:.3f}", *shown])
    return rows
