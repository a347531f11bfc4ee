"""Whether enough was screened: the criterion of Callaghan and Müller-Hansen (Syst Rev 2020;9:273).

doi:10.1186/s13643-020-01521-4. Suppose that the recall is below its target: the records screened so far hold fewer
than this share of all relevant ones. The last i records screened are then, at best, a random sample of what was left
before them. How likely is it to see so few relevant ones among them? If that is less likely than 1 - confidence for
any i, the supposition is rejected.

What is screened, and in which order:
- A report counts as screened once it is decided. One that is not settled and has a vote to include it counts as
  screened and relevant; that is the careful side. One with votes to exclude only, which waits for another, does not.
- Votes carry no times that could be relied on. So the order is that of the forms: by round, then by place in the form
  as it was issued, the earliest of all who voted on the report. Pilot and random records stand where they stood.
- A report of a search that is later than all that was screened could not have been among those: it is never left out,
  until one of its search is screened.
- A report that people found at full text to be a duplicate of another counts with that one, as in the flow diagram.
- Decisions that came outside our forms have no place. They go first, in random order, so that they never count as
  the promising tail of a ranking.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from prismake.forms import log
from prismake.publish import read_csv, write_csv, write_json, write_text
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.screening.frontier import draw_frontier
from prismake.screening.late_duplicates import STATE as DUPLICATE
from prismake.screening.policy import STATES

FRONTIER_COLUMNS = ["recall", "p", "reached"]
STAGE = "title_abstract"
_TARGETS = [*range(50, 95, 5), *range(90, 101)]  # per cent


@dataclass(frozen=True)
class Screened:
    """The reports screened, in order, and whether each is relevant; how many of them have no place in our forms."""

    order: list[str]
    relevant: list[bool]
    outside: int
    unseen: list[str]  # reports that nobody has voted on


def write_stopping(settings: Mapping[str, Any], unique: Path, folder: Path, full_text: Path, out: Path) -> None:
    """Write stopping.json, stopping.csv (the recall frontier), frontier.svg and unscreened.csv in `out`.

    settings: recall, confidence, consecutive and stop of `screening.stopping`. unique: the reports with the day of the
    search that found each first. folder: decisions.csv and votes.csv of title and abstract. full_text: decisions.csv
    of full text. unscreened.csv (report_id) holds the reports that are left out: none unless the configuration says to
    stop and the criterion holds.
    """
    other = {row["report_id"]: row["reason"] for row in read_csv(full_text) if row["state"] == DUPLICATE}
    decisions = {row["report_id"]: row["state"] for row in read_csv(folder / "decisions.csv")}
    decisions = {report: state for report, state in decisions.items() if report not in other}
    votes = [
        {**vote, "report_id": other.get(vote["report_id"], vote["report_id"])}
        for vote in read_csv(folder / "votes.csv")
    ]
    votes = [vote for vote in votes if vote["report_id"] in decisions]
    screened = in_order(decisions, votes, _places())
    relevant, total = screened.relevant, len(decisions)
    target, alpha = _exact(settings["recall"]), 1 - _exact(settings["confidence"])
    targets = sorted({target, *(Fraction(percent, 100) for percent in _TARGETS)})
    chances = dict(zip(targets, chances_below(relevant, total, targets), strict=True))
    in_a_row = next((n for n, found in enumerate(reversed(relevant)) if found), len(relevant))
    holds = chances[target] < alpha and in_a_row >= settings["consecutive"]
    found = dict(read_parquet(unique, REPORT_SCHEMA).select("report_id", pl.col("run_date").fill_null("")).iter_rows())
    latest = max((found.get(report, "") for report in screened.order), default="")
    old = [report for report in screened.unseen if found.get(report, "") <= latest]
    left_out = old if holds and settings["stop"] else []
    reached = [recall for recall in targets if chances[recall] < alpha]
    facts = {
        "reports": total,
        "screened": len(relevant),
        "relevant": sum(relevant),
        "irrelevant_in_a_row": in_a_row,
        "outside_forms": screened.outside,
        **settings,
        "p": round(chances[target], 6),
        "highest_recall": float(max(reached)) if reached else None,
        "holds": holds,
        "new": len(screened.unseen) - len(old),
        "unscreened": len(left_out),
    }
    write_json(out / "stopping.json", facts)
    rows = [[float(recall), f"{chances[recall]:.6f}", chances[recall] < alpha] for recall in targets]
    write_csv(out / "stopping.csv", FRONTIER_COLUMNS, rows)
    points = [(float(recall), chances[recall]) for recall in targets]
    write_text(out / "frontier.svg", draw_frontier(points, float(target), float(alpha)))
    write_csv(out / "unscreened.csv", ["report_id"], [[report] for report in left_out])


def chances_below(relevant: Sequence[bool], total: int, recalls: Iterable[Fraction]) -> list[float]:
    """For each recall the p of the hypothesis that fewer than this share of all relevant records was found.

    relevant: of each record screened, in order, whether it is relevant. total: number of records, unscreened ones
    among them. With r relevant records seen, r_i of them among the last i, and M_i = total - (screened - i) records
    before those were screened, the recall t is missed from K_i = floor(r / t + 1 - (r - r_i)) relevant records among
    the M_i on. p is the smallest P(X <= r_i) over all i, X hypergeometric with M_i, K_i and i.
    """
    import numpy as np
    from scipy.stats import hypergeom

    screened, unscreened = len(relevant), total - len(relevant)
    places = np.flatnonzero(np.asarray(relevant, dtype=bool))
    seen = len(places)
    # While i grows over irrelevant records, P falls: so only the i that end at a relevant record can be smallest.
    last = screened - np.concatenate([[0], places + 1])
    among = seen - np.arange(seen + 1)
    last, among = last[last > 0], among[last > 0]
    found = []
    for recall in recalls:
        missed = seen * recall.denominator // recall.numerator + 1 - seen  # that many unseen ones would be too many
        if missed > unscreened:
            found.append(0.0)  # there are not so many
        else:
            chances = hypergeom.cdf(among, unscreened + last, missed + among, last)
            found.append(float(chances.min(initial=1.0)))
    return found


def in_order(
    decisions: Mapping[str, str], votes: Sequence[Mapping[str, str]], places: Mapping[tuple[str, str], tuple[int, int]]
) -> Screened:
    """What was screened (see above). decisions: report -> state. places: of (person, record id), round and row."""
    wanted: set[str] = set()
    first: dict[str, tuple[int, int]] = {}
    voted = {vote["report_id"] for vote in votes}
    for vote in votes:
        report = vote["report_id"]
        if STATES[vote["decision"]] == "included":
            wanted.add(report)
        if place := places.get((vote["person"], vote["record_id"])):
            first[report] = min(place, first.get(report, place))
    relevant = {
        report: state == "included" or (state != "excluded" and report in wanted)
        for report, state in decisions.items()
        if state in ("included", "excluded", "conflict") or report in wanted
    }
    outside = [report for report in relevant if report not in first]
    order = sorted(relevant, key=lambda report: (first.get(report, (0, 0)), hashlib.sha256(report.encode()).digest()))
    unseen = sorted(report for report, state in decisions.items() if state == "pending" and report not in voted)
    return Screened(order, [relevant[report] for report in order], len(outside), unseen)


def _places() -> dict[tuple[str, str], tuple[int, int]]:
    """Of each person and record id: round and row of the first form of theirs that held it."""
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for entry in log():
        if entry.kind == STAGE:
            for row, record in enumerate(entry.ids, start=1):
                places.setdefault((entry.person, record), (entry.round, row))
    return places


def _exact(share: float) -> Fraction:
    """0.95 as 95/100: r / 0.95 must not fall below a whole number by a rounding error."""
    return Fraction(str(share))
