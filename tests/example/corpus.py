"""The invented corpus: every report of the example review."""

from functools import cache

from findings import find
from phrases import chance, read
from relations import relate
from reports import Report, draw


def recencies(number: int, overlap: int, new: int) -> list[str]:
    kinds = ["new"] * new + ["overlap"] * overlap + ["old"] * (number - overlap - new)
    chance("recency").shuffle(kinds)
    return kinds


@cache
def build() -> list[Report]:
    """All reports, with accessions and the runs that found them. The same list every time."""
    plan = [line for line in read("plan") for _ in range(line["number"])]
    taken: set[str] = set()
    reports = []
    for index, (line, recency) in enumerate(zip(plan, recencies(len(plan), 33, 38), strict=True)):
        fixed = line["topic"] in ("rna", "trial") or "special" in line
        reports.append(draw(f"r{index + 1:04d}", line, "old" if fixed else recency, taken))
    reports += relate(reports, taken)
    find(reports)
    return reports
