"""What people decided about pairs: read from CSV or spreadsheet files on every run, over the score, and transitive.

A file has the columns record_id_1, record_id_2, verdict (same or different), and may have person and note. Verdicts
that contradict each other (A = B, B = C, A is not C) are set aside: their pairs stay apart until people agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prismake.dedup.cluster import Clusters, Pair, ordered
from prismake.errors import Fault, PrismakeError
from prismake.spreadsheet import read_workbook

COLUMNS = ("record_id_1", "record_id_2", "verdict", "person", "note")
NEEDED = COLUMNS[:3]
VERDICTS = ("same", "different")


@dataclass(frozen=True)
class Verdict:
    record_id_1: str
    record_id_2: str
    verdict: str  # same, different
    person: str
    note: str
    file: str
    row: int  # in the file; the header is 1


@dataclass(frozen=True)
class Settled:
    """Pairs of row numbers: joined, kept apart, and kept apart because verdicts on them contradict each other."""

    same: frozenset[Pair]
    different: frozenset[Pair]
    disputed: frozenset[Pair]


def read_verdicts(
    paths: Iterable[Path], known: Mapping[str, object], *, lenient: bool = False
) -> tuple[list[Verdict], list[Fault]]:
    """The verdicts of these files and what is wrong in them; `known` holds every record id. A blank verdict is pending.

    Raises PrismakeError for a file that cannot be read or lacks a column; `lenient`, it is a fault.
    """
    verdicts, faults = [], []
    for path in map(Path, paths):
        try:
            rows = _rows(path)
        except PrismakeError as error:
            if not lenient:
                raise
            remedy = error.hint or "Save it as CSV or .xlsx"
            faults.append(Fault("deduplication", "", path.as_posix(), "", "", "", error.message.rstrip("."), remedy))
            continue
        for number, cells in rows:
            texts = {name: cells.get(name, "") for name in COLUMNS}
            verdict = Verdict(**texts, file=path.as_posix(), row=number)
            problem = _problem(verdict, known)
            if problem:
                column, text, remedy = problem
                cell = f"{column}, row {number}"
                about = texts[column] if column in COLUMNS[:2] else verdict.record_id_1
                faults.append(Fault("deduplication", verdict.person, verdict.file, "", cell, about, text, remedy))
            elif verdict.verdict:
                verdicts.append(verdict)
    return verdicts, faults


def settle(verdicts: Iterable[Verdict], rows: Mapping[str, int]) -> tuple[Settled, list[Verdict]]:
    """The verdicts as pairs of row numbers, and those that contradict each other."""
    said = [(verdict, ordered(rows[verdict.record_id_1], rows[verdict.record_id_2])) for verdict in verdicts]
    same = {pair for verdict, pair in said if verdict.verdict == "same"}
    different = {pair for verdict, pair in said if verdict.verdict == "different"}
    joined = Clusters(len(rows))
    for pair in same:
        joined.join(*pair)
    broken = {pair for pair in different if joined.find(pair[0]) == joined.find(pair[1])}
    disputed = broken | _between(same, broken)
    conflicts = [verdict for verdict, pair in said if pair in disputed]
    return Settled(frozenset(same - disputed), frozenset(different - disputed), frozenset(disputed)), conflicts


def _between(same: set[Pair], broken: set[Pair]) -> set[Pair]:
    """The pairs of `same` that lead from one end of a broken pair to the other; side branches are not in dispute."""
    ends = {row for pair in broken for row in pair}
    groups = Clusters(1 + max((row for pair in same for row in pair), default=0))
    for pair in same:
        groups.join(*pair)
    doubtful = {groups.find(row) for row in ends}
    left = {pair for pair in same if groups.find(pair[0]) in doubtful}
    while True:
        degree = Counter(row for pair in left for row in pair)
        branches = {pair for pair in left if any(degree[row] == 1 and row not in ends for row in pair)}
        if not branches:
            return left
        left -= branches


def _problem(verdict: Verdict, known: Mapping[str, object]) -> tuple[str, str, str] | None:
    """Column, problem and remedy, or nothing."""
    for column in NEEDED[:2]:
        record_id = getattr(verdict, column)
        if record_id not in known:
            text = f"no search holds the record '{record_id}'" if record_id else "no record is named"
            return column, text, "The verdict waits; correct the id if it is mistyped"
    if verdict.record_id_1 == verdict.record_id_2:
        return "record_id_2", "the record is compared with itself", "Name two different records"
    if verdict.verdict not in ("", *VERDICTS):
        return "verdict", f"'{verdict.verdict}' is no verdict", "Write same or different, or leave it blank"
    return None


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows that hold anything, with their numbers. Raises PrismakeError when no sheet is a table of verdicts."""
    for sheet in read_workbook(path).sheets.values():
        columns = {label.strip().lower(): label for label in sheet.columns}
        if set(NEEDED) <= columns.keys():
            rows = []
            for row in sheet.rows:
                cells = {name: row.cells[label].value.strip() for name, label in columns.items()}
                rows.append((row.number, cells | {"verdict": cells["verdict"].lower()}))
            return rows
    raise PrismakeError(
        f"no table with the columns {', '.join(NEEDED)} is in it",
        place=path.as_posix(),
        hint="A file of verdicts has the columns record_id_1, record_id_2 and verdict (same or different).",
    )
