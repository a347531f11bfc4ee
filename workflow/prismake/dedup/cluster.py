"""Records into clusters, one per report: the surest pairs first, and never two together that must stay apart."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

Pair = tuple[int, int]  # of row numbers
CHECKED = 40  # records of a cluster up to which every pair in it is compared


def ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


class Clusters:
    """A partition of rows 0..size-1 that grows by joining and keeps the pairs of `apart` in different clusters."""

    def __init__(self, size: int, apart: Iterable[Pair] = ()) -> None:
        self._parent = list(range(size))
        self._apart: dict[int, list[Pair]] = defaultdict(list)  # per root: (row of the cluster, row it must not meet)
        for one, other in apart:
            self._apart[one].append((one, other))
            self._apart[other].append((other, one))

    @classmethod
    def of(cls, roots: list[int]) -> "Clusters":
        """The partition that `roots` gave, with nothing to keep apart."""
        made = cls(len(roots))
        made._parent = list(roots)
        return made

    def find(self, row: int) -> int:
        """The first row of its cluster."""
        parent = self._parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def roots(self) -> list[int]:
        """Per row the first row of its cluster."""
        return [self.find(row) for row in range(len(self._parent))]

    def join(self, one: int, other: int) -> Pair | None:
        """Join their clusters, or return the pair that forbids it."""
        one, other = ordered(self.find(one), self.find(other))
        if one == other:
            return None
        fewer, more = sorted((one, other), key=lambda root: len(self._apart.get(root, ())))
        for mine, theirs in self._apart.get(fewer, ()):
            if self.find(theirs) == more:
                return mine, theirs
        self._parent[other] = one
        if other in self._apart:
            self._apart[one] += self._apart.pop(other)
        return None


def indirect_pairs(clusters: Clusters, joined: Iterable[Pair]) -> list[Pair]:
    """All pairs of rows within the clusters of these joined pairs, where a cluster has three rows and more, sorted."""
    members = defaultdict(set)
    for pair in joined:
        members[clusters.find(pair[0])].update(pair)
    several = (sorted(rows) for rows in members.values() if 2 < len(rows) <= CHECKED)
    return sorted(pair for rows in several for pair in combinations(rows, 2))
