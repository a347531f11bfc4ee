"""Cohen's kappa: agreement of two people beyond chance, for any number of categories.

Cohen 1960, Educ Psychol Meas 20:37-46, doi:10.1177/001316446002000104; the 95 % interval is the estimate plus and
minus 1.96 large-sample standard errors of Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323-327,
doi:10.1037/h0028106 (Cohen's own formula leaves out the error of the expected agreement).
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
    shares = {pair: count / n for pair, count in table.items()}
    first, second = Counter(), Counter()
    for (one, other), share in shares.items():
        first[one] += share
        second[other] += share
    observed = sum(share for (one, other), share in shares.items() if one == other)
    expected = sum(first[category] * second[category] for category in first)
    if math.isclose(expected, 1):
        return None
    kappa = (observed - expected) / (1 - expected)
    variance = -((kappa - expected * (1 - kappa)) ** 2)
    for (one, other), share in shares.items():
        same = 1 if one == other else 0
        variance += share * (same - (first[other] + second[one]) * (1 - kappa)) ** 2
    half = 1.959964 * math.sqrt(max(variance, 0.0) / n) / (1 - expected)
    return kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)
