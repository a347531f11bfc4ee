"""What people decided about pairs: read from their forms and from tables on every run, over the score, and transitive.

A table has the columns record_id_1, record_id_2, verdict (same or different), and may have person and note; a form is
such a table with a name that says whose it is. Verdicts that contradict each other (A = B, B = C, A is not C) are set
aside: their pairs stay apart until people agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from prismake.dedup.cluster import Clusters, Pair, ordered
from prismake.errors import Fault, PrismakeError
from prismake.forms import check_value, holder, log, stranger
from prismake.spreadsheet import Cell, Table, Workbook, read_workbook

KIND = "pairs"
NEEDED = ("record_id_1", "record_id_2", "verdict")
VERDICTS = ("same", "different")
_SHOWN = 4  # of the verdicts that one contradicts


@dataclass(frozen=True)
class Verdict:
    record_id_1: str
    record_id_2: str
    verdict: str  # same, different
    person: str
    note: str
    file: str
    sheet: str
    cell: str  # of the verdict: G4

    def fault(self, problem: str, remedy: str, cell: str = "") -> Fault:
        return Fault(KIND, self.person, self.file, self.sheet, cell or self.cell, self.record_id_1, problem, remedy)


@dataclass(frozen=True)
class Settled:
    """Pairs of row numbers: joined, kept apart, and kept apart because verdicts on them contradict each other."""

    same: frozenset[Pair]
    different: frozenset[Pair]
    disputed: frozenset[Pair]


def form_id(one: str, other: str) -> str:
    """What a form's log holds of a pair."""
    return f"{one}\t{other}"


def read_verdicts(
    paths: Iterable[Path], known: Mapping[str, object], *, people: Collection[str] | None = None
) -> tuple[list[Verdict], list[Fault]]:
    """The verdicts of these files and what is wrong in them; `known` holds every record id. A blank verdict is pending.

    `people` are those of the review. Without them (a call by hand) a file that cannot be read, or lacks a column,
    raises PrismakeError; with them it is a fault, as is a form of somebody who is none of them.
    """
    verdicts, faults = [], []
    issued = {entry.path: set(entry.ids) for entry in log() if entry.kind == KIND}
    dormant = {i for ids in issued.values() for pair in ids for i in pair.split("\t")}
    everybody = {*(people or ()), *(entry.person for entry in log())}
    for path in map(Path, paths):
        owner = holder(path, KIND)
        if people is not None and owner and owner not in everybody:
            faults.append(stranger(path, KIND))
            continue
        try:
            book = read_workbook(path)
            table = _table(book, path, owner)
        except PrismakeError as error:
            if people is None:
                raise
            remedy = error.hint or "Save it as CSV or .xlsx"
            faults.append(Fault(KIND, owner, path.as_posix(), "", "", "", error.message.rstrip("."), remedy))
            continue
        found = list(_rows(table, path, owner))
        if gone := issued.get(path, set()) - {form_id(v.record_id_1, v.record_id_2) for v, _ in found}:
            one, other = min(gone).split("\t")
            problem = f"{len(gone)} of its rows are gone, that of {one} and {other} among them"
            remedy = "Restore them from a copy; until then they count as not decided"
            faults.append(Fault(KIND, owner, path.as_posix(), table.name, "", "", problem, remedy))
        for verdict, cells in found:
            if not verdict.verdict:
                continue
            unknown = {verdict.record_id_1, verdict.record_id_2} - known.keys()
            if unknown and unknown <= dormant:
                continue  # a search that was taken out of the review: the verdict stays, dormant
            if fault := _fault(verdict, cells, known):
                faults.append(fault)
            else:
                verdicts.append(verdict)
    return verdicts, faults


def _table(book: Workbook, path: Path, owner: str) -> Table:
    """The sheet with the verdicts. Raises PrismakeError when there is none, or when the form is another person's."""
    named = book.meta.get("person", owner)
    if owner and named != owner:
        raise PrismakeError(f"this is the form of {named}, named as one of {owner}", hint="Give it its own name back.")
    for sheet in book.sheets.values():
        if set(NEEDED) <= {label.strip().lower() for label in sheet.columns}:
            return sheet
    raise PrismakeError(
        f"no table with the columns {', '.join(NEEDED)} is in it",
        place=path.as_posix(),
        hint="A file of verdicts has the columns record_id_1, record_id_2 and verdict (same or different).",
    )


def _rows(table: Table, path: Path, owner: str) -> Iterator[tuple[Verdict, dict[str, Cell]]]:
    """Every row, whether it says anything or not, with its cells by column."""
    columns = {label.strip().lower(): label for label in table.columns}
    for row in table.rows:
        cells = {name: row.cells[label] for name, label in columns.items()}
        texts = {name: cell.value.strip() for name, cell in cells.items()}
        verdict = Verdict(
            texts["record_id_1"],
            texts["record_id_2"],
            " ".join(texts["verdict"].split()).casefold(),
            texts.get("person") or owner,
            texts.get("note", ""),
            path.as_posix(),
            table.name,
            cells["verdict"].ref,
        )
        yield verdict, cells


def _fault(verdict: Verdict, cells: Mapping[str, Cell], known: Mapping[str, object]) -> Fault | None:
    if cells["verdict"].kind in ("formula", "error"):
        return verdict.fault("this cell holds a formula or an error", "Type same or different")
    for column in NEEDED[:2]:
        record_id = getattr(verdict, column)
        if record_id not in known:
            problem = f"no search holds the record '{record_id}'" if record_id else "no record is named"
            fault = verdict.fault(problem, "The verdict waits; correct the id if it is mistyped", cells[column].ref)
            return replace(fault, record_id=record_id)
    if verdict.record_id_1 == verdict.record_id_2:
        return verdict.fault(
            "the record is compared with itself", "Name two different records", cells["record_id_2"].ref
        )
    if verdict.verdict not in VERDICTS:
        return verdict.fault(f"'{verdict.verdict[:60]}' is no verdict", "Write same or different, or leave it blank")
    if {"check", "record_1", "record_2"} <= cells.keys() and cells["check"].value:
        shown = f"{cells['record_1'].value} {cells['record_2'].value}"
        if cells["check"].value != check_value(form_id(verdict.record_id_1, verdict.record_id_2), shown):
            problem = "this row was torn apart: its ids and its records do not belong together"
            return verdict.fault(problem, "Undo the sort (sort whole rows only), or restore the row from a copy")
    return None


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


def list_conflicts(conflicts: Iterable[Verdict]) -> list[Fault]:
    """A fault for each verdict that contradicts others, naming where those stand."""
    found = list(dict.fromkeys(conflicts))
    numbers = {i: n for n, i in enumerate(dict.fromkeys(i for v in found for i in (v.record_id_1, v.record_id_2)))}
    linked = Clusters(len(numbers))
    for verdict in found:
        linked.join(numbers[verdict.record_id_1], numbers[verdict.record_id_2])
    groups = defaultdict(list)
    for verdict in found:
        groups[linked.find(numbers[verdict.record_id_1])].append(verdict)
    faults = []
    for group in groups.values():
        for verdict in group:
            others = [
                f"{other.file} {other.cell} says that {other.record_id_1} and {other.record_id_2} are {_are(other)}"
                for other in group
                if other is not verdict
            ]
            more = f" and {len(others) - _SHOWN} others" if len(others) > _SHOWN else ""
            problem = f"'{verdict.verdict}' ({verdict.record_id_1}, {verdict.record_id_2}) contradicts other verdicts: "
            remedy = "Change one of them; until then their pairs stay apart"
            faults.append(verdict.fault(problem + "; ".join(others[:_SHOWN]) + more, remedy))
    return faults


def _are(verdict: Verdict) -> str:
    return "the same" if verdict.verdict == "same" else "different"
