"""Agreement of two or more people beyond chance, where kappa alone misleads: PABAK, Gwet's AC1, Fleiss' kappa.

Kappa is low whenever nearly everything is excluded, however well people agree (Feinstein and Cicchetti 1990, J Clin
Epidemiol 43:543-549), and screening is like that. So it never stands alone here.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

Estimate = tuple[float, float, float]  # the coefficient, and the ends of its 95 % interval
Shares = Mapping[Hashable, float]  # category -> share of the ratings


def pabak(observed: float) -> float:
    """Kappa of two categories as it would be with equal prevalence and without bias, from the observed agreement.

    Byrt, Bishop and Carlin 1993, J Clin Epidemiol 46:423-429, doi:10.1016/0895-4356(93)90018-V.
    """
    return 2 * observed - 1


def observed_agreement(ratings: Iterable[Sequence[Hashable]]) -> float:
    """Mean share of agreeing pairs of ratings per thing; each thing has two ratings or more."""
    return _mean((_agreeing(rating), count) for rating, count in _tally(ratings).items())


def gwet_ac1(ratings: Iterable[Sequence[Hashable]], categories: int) -> Estimate | None:
    """AC1 of any number of people from the ratings of each thing, two or more; None without a thing.

    `categories` are all that people could choose from. Gwet 2008, Br J Math Stat Psychol 61:29-48,
    doi:10.1348/000711006X126600. Variance and interval (Student's t with n - 1 degrees of freedom) are those of Gwet
    2014, Handbook of Inter-Rater Reliability, 4th edition, chapter 5, and of his R package irrCAC.
    """

    def chance(shares: Shares, overall: Shares) -> float:
        return sum(share * (1 - overall[category]) for category, share in shares.items()) / (categories - 1)

    return _coefficient(ratings, chance)


def fleiss_kappa(ratings: Iterable[Sequence[Hashable]]) -> Estimate | None:
    """Fleiss' kappa of any number of people, who need not be the same for each thing; None where it is undefined.

    Fleiss 1971, Psychol Bull 76:378-382, doi:10.1037/h0031619, for unequal numbers of ratings, with the variance and
    the interval of Gwet 2014 (see gwet_ac1). It is undefined when everybody used one category only.
    """

    def chance(shares: Shares, overall: Shares) -> float:
        return sum(share * overall[category] for category, share in shares.items())

    return _coefficient(ratings, chance)


def _coefficient(ratings: Iterable[Sequence[Hashable]], chance: Callable[[Shares, Shares], float]) -> Estimate | None:
    """(observed - expected) / (1 - expected), with its interval from how much each thing contributes."""
    from scipy.special import stdtrit

    tally = _tally(ratings)
    n = tally.total()
    if n == 0:
        return None
    overall: Counter[Hashable] = Counter()
    for rating, count in tally.items():
        for category, share in _shares(rating).items():
            overall[category] += share * count / n
    observed, expected = _mean((_agreeing(r), count) for r, count in tally.items()), chance(overall, overall)
    if math.isclose(expected, 1):
        return None
    value = (observed - expected) / (1 - expected)
    if n == 1:
        return value, -1.0, 1.0
    squares = 0.0
    for rating, count in tally.items():
        own = (_agreeing(rating) - expected) / (1 - expected)
        own -= 2 * (1 - value) * (chance(_shares(rating), overall) - expected) / (1 - expected)
        squares += count * (own - value) ** 2
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(squares / (n * (n - 1)))
    return value, max(value - half, -1.0), min(value + half, 1.0)


def _tally(ratings: Iterable[Sequence[Hashable]]) -> Counter[tuple[tuple[Hashable, int], ...]]:
    """How often each set of ratings occurs, as ((category, number of people), ...)."""
    return Counter(tuple(sorted(Counter(rating).items(), key=repr)) for rating in ratings)


def _agreeing(rating: tuple[tuple[Hashable, int], ...]) -> float:
    people = sum(number for _, number in rating)
    return sum(number * (number - 1) for _, number in rating) / (people * (people - 1))


def _shares(rating: tuple[tuple[Hashable, int], ...]) -> dict[Hashable, float]:
    people = sum(number for _, number in rating)
    return {category: number / people for category, number in rating}


def _mean(weighted: Iterable[tuple[float, int]]) -> float:
    pairs = list(weighted)
    return sum(value * count for value, count in pairs) / sum(count for _, count in pairs)
