"""Why two records are one report or two, in words for a terminal."""

import textwrap
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl

from prismake.dedup.compare import compare
from prismake.dedup.decide import MERGE, REVIEW, decide, explain
from prismake.dedup.decisions import read_verdicts
from prismake.dedup.engine import Result, deduplicate, trusted
from prismake.dedup.health import doubtful_issues
from prismake.dedup.normalise import normalise
from prismake.errors import PrismakeError

_FIELDS = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract", "source_id")
_WIDTH = 44  # of a record's column
_SHOWN = 400  # letters of a field


def explain_records(one: str, other: str, frames: Sequence[pl.DataFrame], verdicts: Sequence[Path] = ()) -> str:
    """The text for these two record ids. Raises PrismakeError when the records do not hold one of them."""
    # `people` () and not None: a file of verdicts that cannot be read explains nothing, and stops nothing.
    result = deduplicate(frames, verdicts, people=())
    rows = {record_id: row for row, record_id in enumerate(result.records["record_id"])}
    for record_id in (one, other):
        if record_id not in rows:
            raise PrismakeError(f"no table holds the record '{record_id}'", hint="Ids stand in clusters.csv.")
    if one == other:
        raise PrismakeError("these are the same record", hint="Name two records.")
    cluster = dict(result.clusters.select("record_id", "cluster_id").iter_rows())
    together = cluster[one] == cluster[other]
    head = f"{one} and {other} are {'ONE REPORT: ' + cluster[one] if together else 'TWO REPORTS'}"
    records = [result.records.row(rows[i], named=True) for i in (one, other)]
    lines = [head, "", *_side_by_side(*records), "", *_points(result, rows[one], rows[other])]
    said = [
        v
        for v in read_verdicts(verdicts, rows, people=())[0]
        if cluster[v.record_id_1] in (cluster[one], cluster[other])
        and cluster[v.record_id_2] in (cluster[one], cluster[other])
    ]
    lines += [
        f"Verdict: {v.record_id_1} and {v.record_id_2} are {v.verdict} ({v.person or 'unnamed'}, {v.file} {v.cell})"
        for v in said
    ]
    if together:
        lines += _path(one, other, result)
    for row in result.relations.iter_rows(named=True):
        if {cluster[row["record_id_1"]], cluster[row["record_id_2"]]} == {
            cluster[one],
            cluster[other],
        } and not together:
            lines.append(f"Related reports: {row['relation']} ({row['record_id_1']}, {row['record_id_2']})")
    return "\n".join(lines)


def _side_by_side(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name in _FIELDS:
        left, right = _text(one[name]), _text(other[name])
        mark = "=" if left == right else " "
        for part, (one_line, other_line) in enumerate(zip_longest(_wrap(left), _wrap(right), fillvalue="")):
            head = f"{name:<9} {mark}" if part == 0 else " " * 11
            yield f"{head} {one_line:<{_WIDTH}} | {other_line}".rstrip()


def _points(result: Result, one: int, other: int) -> list[str]:
    normalised = normalise(result.records)
    normalised = trusted(normalised, doubtful_issues(normalised))
    pair = pl.DataFrame({"a": [min(one, other)], "b": [max(one, other)]}, schema={"a": pl.UInt32, "b": pl.UInt32})
    features = compare(normalised, pair)
    score = decide(features)["score"][0]
    reasons = explain(features)[0].split("; ")
    ids = {result.records["record_id"][row] for row in (one, other)}
    listed = [row for row in result.pairs.iter_rows(named=True) if {row["record_id_1"], row["record_id_2"]} == ids]
    notes = [part for row in listed for part in row["reasons"].split("; ") if part not in reasons]
    lines = [f"{score:g} points; {MERGE:g} make one report, {REVIEW:g} a pair for people to look at:"]
    return lines + [f"  {reason}" for reason in [*reasons, *notes] if reason]


def _path(one: str, other: str, result: Result) -> list[str]:
    """The pairs that lead from one to the other, fewest steps first found."""
    edges: dict[str, list[tuple[str, float, str]]] = {}
    for row in result.pairs.filter(band="merge").iter_rows(named=True):
        for start, end in ((row["record_id_1"], row["record_id_2"]), (row["record_id_2"], row["record_id_1"])):
            edges.setdefault(start, []).append((end, row["score"], row["reasons"]))
    came: dict[str, tuple[str, float, str] | None] = {one: None}
    queue = deque([one])
    while queue and other not in came:
        here = queue.popleft()
        for end, score, reasons in edges.get(here, ()):
            if end not in came and (score >= MERGE or "VERDICT same" in reasons):
                came[end] = (here, score, reasons)
                queue.append(end)
    steps = []
    at = other
    while (step := came.get(at)) is not None:
        steps.append(f"  {step[0]} = {at} ({step[1]:g} points{', by verdict' if 'VERDICT same' in step[2] else ''})")
        at = step[0]
    return ["Joined through:", *reversed(steps)] if len(steps) > 1 else []


def _text(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else "" if value is None else " ".join(str(value).split())


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(textwrap.shorten(text, _SHOWN, placeholder=" ..."), _WIDTH)
