"""Cohen's kappa: agreement of two people beyond chance, for any number of categories.

Cohen 1960, Educ Psychol Meas 20:37-46, doi:10.1177/001316446002000104; the 95 % interval from that paper's standard
error, sqrt(po (1 - po) / (n (1 - pe)^2)).
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable


def cohens_kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> tuple[float, float, float] | None:
    """Kappa with its 95 % interval from what both said of each thing; None where it is undefined.

    It is undefined without a thing, and when chance agreement is complete, as when both used one category only.
    """
    table = Counter(pairs)
    n = table.total()
    if n == 0:
        return None
    first, second = Counter(), Counter()
    for (one, other), count in table.items():
        first[one] += count
        second[other] += count
    observed = sum(count for (one, other), count in table.items() if one == other) / n
    expected = sum(first[category] * second[category] for category in first) / n**2
    if math.isclose(expected, 1):
        return None
    kappa = (observed - expected) / (1 - expected)
    half = 1.959964 * math.sqrt(observed * (1 - observed) / n) / (1 - expected)
    return kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)
