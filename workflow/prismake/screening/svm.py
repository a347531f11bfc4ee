"""A linear support vector machine with squared hinge loss: that of scikit-learn's LinearSVC, which loads for longer.

Keerthi and DeCoste 2005, "A modified finite Newton method for fast solution of large scale linear SVMs", JMLR
6:341-361. The weights are a sum of the rows that were learnt from, each times its share, and it is the shares that are
looked for: there are as many as labelled rows, however many terms there are.
"""

from collections.abc import Callable

import numpy as np

from prismake.screening.tfidf import Matrix

_EXACT = 1e-9  # relative


def fit(matrix: Matrix, included: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The share of each row: of all w and b the sum of shares * rows and of shares, that make the loss smallest.

    The loss is (|w|^2 + b^2) / 2 + the sum of cost * max(0, 1 - y (row w + b))^2, y being 1 where a row is included
    and -1 where not.
    """
    sides = np.where(included, 1.0, -1.0)

    def scored(shares: np.ndarray) -> np.ndarray:
        return matrix.products(shares) + shares.sum()

    shares, scores = np.zeros(len(sides)), np.zeros(len(sides))
    within = np.full(len(sides), True)
    for _ in range(100):  # two or three, as a rule
        # As long as these rows lie within the margin and no others, the loss is a quadratic, smallest where
        # shares = 2 cost (sides - scores) for these rows and 0 for the others.
        roots = np.sqrt(2 * cost * within)
        start = shares / np.where(within, roots, np.inf)
        goal = roots * _solve(lambda x, r=roots: x + r * scored(r * x), roots * sides, start)
        reached = scored(goal)
        if np.array_equal(sides * reached < 1, within):
            return goal
        step, gain = goal - shares, reached - scores

        def slope(far: float, at=shares, step=step, score=scores, gain=gain) -> float:
            short = np.maximum(0, 1 - sides * (score + far * gain))
            return float((at + far * step) @ gain - 2 * (cost * sides * gain) @ short)

        far = _lowest(slope)
        shares, scores = shares + far * step, scores + far * gain
        within = sides * scores < 1
    return shares


def _solve(times: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The x for which times(x) is what is wanted: conjugate gradients from a first guess."""
    rest = wanted - times(x)
    way, left = rest, rest @ rest
    for _ in range(10 * len(x)):
        if left <= _EXACT**2 * (wanted @ wanted):
            break
        turned = times(way)
        length = left / (way @ turned)
        x, rest = x + length * way, rest - length * turned
        before, left = left, rest @ rest
        way = rest + left / before * way
    return x


def _lowest(slope: Callable[[float], float]) -> float:
    """Where between 0 and 1 a convex function, of this slope, is lowest."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return high
