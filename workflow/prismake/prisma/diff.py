"""What changed between two flows: the numbers of the boxes, and which records, reports and studies moved.

A flow is a release, a folder that holds a flow.json, or a file of counts (flow_file.py). Records are followed from
identification to their removal, reports from screening to where they ended, studies to the versions that include them;
a report that is in no box of the newer flow is looked for among the removed records (it has become a duplicate, or an
earlier version had screened it). Where a flow has no ids, the numbers alone are compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.previous import MANIFEST, RELEASES, read_manifest, release_tags, verify
from prismake.prisma.box_table import BOXES, OTHER_IDENTIFIED, Boxes, label_of
from prismake.prisma.equations import LAST_OF_RECORDS, LAST_OF_REPORTS, SPECIFIC
from prismake.prisma.flow_file import read_flow
from prismake.publish import csv_text

COLUMNS = ["what", "name", "old", "new", "difference"]
NOWHERE, WENT_ON = "not there", "went on to screening or retrieval"
_IDS_SHOWN = 10
_PLACES = {
    "record": LAST_OF_RECORDS,
    "report": (*LAST_OF_REPORTS, "previous_reports"),
    "study": ("new_studies", "previous_studies"),
}


@dataclass(frozen=True)
class Change:
    """A number that differs; None where the flow has no such box. `line` is the label of a part of the box."""

    box: str
    line: str
    old: int | None
    new: int | None

    @property
    def name(self) -> str:
        return label_of(self.box) + (f": {self.line}" if self.line else "")

    @property
    def difference(self) -> int:
        return (self.new or 0) - (self.old or 0)


@dataclass(frozen=True)
class Move:
    """Ids that were in one place and are in another; a place is a box and perhaps a line of it, in words."""

    unit: str  # record, report or study
    old: str
    new: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    counts: list[Change]
    moves: list[Move]
    without_ids: bool  # one of the flows has counts alone


def find_flow(name: str, review: Path) -> dict[str, Any]:
    """The flow that a release's tag, a folder or a file names, both from the review's folder.

    Raises PrismakeError when there is none to read.
    """
    path = review / name  # never from where the command is typed: another review's results may lie there
    if path.is_file():
        return read_flow(path)
    folders = [folder for folder in (path, review / RELEASES / name) if folder.is_dir()]
    if not folders:
        there = release_tags(review)
        known = f"The releases here are: {', '.join(there)}." if there else "There is no release here."
        known += " A folder or file is looked for in the review's folder."
        raise PrismakeError("no release, folder or file has this name", place=name, hint=known)
    folder = folders[0]
    if (folder / MANIFEST).is_file():
        verify(folder / "flow.json", read_manifest(folder)["files"].get("flow.json", ""))
    if not (folder / "flow.json").is_file():
        raise PrismakeError("there is no flow.json in this folder", place=folder.as_posix())
    return read_flow(folder / "flow.json")


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """What differs between two flows, in the order of the boxes."""
    before, after = old["boxes"], new["boxes"]
    counts = [change for box in BOXES for change in _changes(box, before.get(box), after.get(box))]
    told = {detail for whole, detail in SPECIFIC.items() if whole in before or whole in after}  # the sum of these lines
    counts = [change for change in counts if change.line or change.box not in told]
    moves = [move for unit in _PLACES for move in _moves(unit, before, after)]
    return Difference(counts, moves, not (_has_ids(before) and _has_ids(after)))


def describe(difference: Difference, old: str, new: str) -> str:
    """The difference in words and as tables, in Markdown. `old` and `new` name the flows."""
    lines = [f"# From {_cell(old)} to {_cell(new)}", ""]
    if not difference.counts and not difference.moves:
        return "\n".join([*lines, "Nothing changed."])
    boxes = [change for change in difference.counts if not change.line]
    unchanged = "The number of no box changed; lines within boxes did." if difference.counts else "No number changed."
    lines += [*(map(_sentence, boxes) if boxes else [unchanged]), ""]
    if difference.counts:
        lines += ["| box | old | new | difference |", "| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {_cell(change.name)} | {_number(change.old)} | {_number(change.new)} | {change.difference:+,} |"
            for change in difference.counts
        ]
        lines.append("")
    if difference.moves:
        lines += ["| what moved | from | to | number | ids |", "| --- | --- | --- | ---: | --- |"]
        lines += [
            f"| {_plural(move.unit, len(move.ids))} | {_cell(move.old)} | {_cell(move.new)} | {len(move.ids):,} |"
            f" {_cell(_listed(move.ids))} |"
            for move in difference.moves
        ]
    if difference.without_ids:
        lines.append("Which records moved cannot be told: one of the two has numbers alone, without ids.")
    return "\n".join(lines).rstrip()


def as_csv(difference: Difference) -> str:
    """Every number that changed and every id that moved, a row each (COLUMNS)."""
    counts = [["box", change.name, change.old, change.new, change.difference] for change in difference.counts]
    moves = [[move.unit, id, move.old, move.new, None] for move in difference.moves for id in move.ids]
    return csv_text(COLUMNS, [*counts, *moves])


def _changes(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
    """The box if its number changed, and its lines whose numbers did, in the order of the newer flow."""
    was, is_now = (box["n"] if box else None for box in (old, new))
    if was != is_now:
        yield Change(name, "", was, is_now)
    lines = [{item["label"]: item["n"] for item in (box or {}).get("items") or []} for box in (old, new)]
    for label in dict.fromkeys([*lines[1], *lines[0]]):
        if lines[0].get(label) != lines[1].get(label):
            yield Change(name, label, lines[0].get(label), lines[1].get(label))


def _moves(unit: str, before: Boxes, after: Boxes) -> Iterator[Move]:
    if not _has_ids(before) or not _has_ids(after):
        return
    old, new = _places(unit, before), _places(unit, after)
    if unit == "report":  # what is in no box of reports may stand among the removed records
        known = dict.fromkeys([*old, *new])
        for places, boxes in ((old, before), (new, after)):
            removed = {_record_id(key): place for key, place in _removed(boxes).items()}
            places |= {id: removed[id] for id in known if id in removed and id not in places}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for id in dict.fromkeys([*old, *new]):
        if old.get(id) != new.get(id):
            groups[old.get(id, NOWHERE), new.get(id, NOWHERE)].append(id)
    for (was, is_now), ids in groups.items():
        yield Move(unit, was, is_now, tuple(ids))


def _places(unit: str, boxes: Boxes) -> dict[str, str]:
    """Where each id of this unit is."""
    if unit == "record":
        found = [id for name in (*SPECIFIC, *OTHER_IDENTIFIED) for id in boxes.get(name, {}).get("ids") or []]
        return dict.fromkeys(found, WENT_ON) | _removed(boxes)
    return _held(_PLACES[unit], boxes)


def _removed(boxes: Boxes) -> dict[str, str]:
    return _held(LAST_OF_RECORDS, boxes)


def _held(names: tuple[str, ...], boxes: Boxes) -> dict[str, str]:
    places: dict[str, str] = {}
    for name in names:
        box = boxes.get(name, {})
        places |= dict.fromkeys(box.get("ids") or [], label_of(name))
        for item in box.get("items") or []:
            places |= dict.fromkeys(item.get("ids") or [], f"{label_of(name)}: {item['label']}")
    return places


def _record_id(key: str) -> str:
    """The record of a key `record_id@run_date`."""
    return re.sub(r"@\d{4}-\d\d-\d\d$", "", key)


def _has_ids(boxes: Boxes) -> bool:
    return any("ids" in box for box in boxes.values())


def _sentence(change: Change) -> str:
    if change.old is None:
        return f"- {change.name}: now {change.new:,}; there was no such box."
    if change.new is None:
        return f"- {change.name}: was {change.old:,}; there is no such box any more."
    more = "more" if change.difference > 0 else "fewer"
    return f"- {change.name}: {abs(change.difference):,} {more}, {change.old:,} before and {change.new:,} now."


def _number(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _plural(unit: str, n: int) -> str:
    return unit if n == 1 else "studies" if unit == "study" else f"{unit}s"


def _listed(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
    return ", ".join(ids[:_IDS_SHOWN]) + more


def _cell(text: str) -> str:
    """The text in a cell of a Markdown table, on one line."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
