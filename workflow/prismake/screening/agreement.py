"""Agreement between reviewers before adjudication, on the records both decided.

Cohen's kappa: Cohen 1960, Educ Psychol Meas 20:37-46; its 95 % interval from the same paper's standard error,
sqrt(po (1 - po) / (n (1 - pe)^2)). Undefined (empty) when chance agreement is complete, as when both used one value.
"""

import math
from collections.abc import Iterable
from itertools import combinations

from prismake.screening.decide import STATES, Vote

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
        kappa = cohens_kappa(*cells)
        observed = (cells[0] + cells[3]) / len(pairs)
        shown = [f"{value:.3f}" for value in kappa] if kappa else ["", "", ""]
        rows.append([stage, one, two, len(pairs), *cells, f"{observed:.3f}", *shown])
    return rows


def cohens_kappa(both: int, first: int, second: int, neither: int) -> tuple[float, float, float] | None:
    """Kappa with its 95 % interval from a 2 x 2 table; None where it is undefined."""
    n = both + first + second + neither
    if n == 0:
        return None
    observed = (both + neither) / n
    expected = ((both + first) * (both + second) + (neither + first) * (neither + second)) / n**2
    if math.isclose(expected, 1):
        return None
    kappa = (observed - expected) / (1 - expected)
    half = 1.959964 * math.sqrt(observed * (1 - observed) / n) / (1 - expected)
    return kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)
