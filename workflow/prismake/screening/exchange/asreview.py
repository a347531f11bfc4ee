"""ASReview LAB: one person's project, exported as CSV, Excel or RIS.

What was not seen has no label, and may be missing from the file altogether: neither is a decision.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.other_tools import stage_named, tables
from prismake.screening.exchange.items import Entry, Export, Item, read_items, read_parts
from prismake.screening.exchange.match import fold

_LINE = re.compile(r'^asreview_(time|note):\s*"?(.*?)"?$', re.DOTALL)
_TAG = "asreview_tag_"
_NOT_SEEN = "-1"  # of version 1


def read_asreview(path: Path, reasons: Iterable[str]) -> Export:
    """The labels of a project. The person is in its columns, or in the name of the file (title_abstract.ana.csv)."""
    hint = "Export it from ASReview (Collection, Export), all records, as CSV, Excel or RIS."
    if path.suffix.lower() == ".asreview":
        raise PrismakeError("this is a project, not what was exported from it", place=path.as_posix(), hint=hint)
    items = [item for name, data in read_parts(path).items() for item in read_items(name, data)]
    settings = tables()["asreview"]
    # Its own column, though it may be blank throughout: others are of the references that were imported.
    label = next((name for name in settings["labels"] if any(name in item.header for item in items)), "")
    reasons = list(reasons)
    owner = re.match(r"\.([a-z][a-z0-9_-]*)", path.stem[len(stage_named(path)) :].lower())
    entries, seen = [], bool(label)
    for item in items:
        notes = sorted(name for name in item.fields if name.startswith("exported_notes"))  # of versions 0 and 1
        said = {"time": item.first(("asreview_time",)), "note": "; ".join(item.all(("asreview_note", *notes)))}
        value = item.first((label,)).removesuffix(".0")
        for line in item.all(("n1",)):
            if line.lower() in settings["notes"]:
                value, seen = settings["notes"][line.lower()], True
            elif match := _LINE.match(line):
                said[match[1]] = match[2]
        if value in ("", _NOT_SEEN):
            continue
        person = item.first(("asreview_user_name",)) or (owner[1] if owner else "")
        entries.append(Entry(item, person, value, _reasons(item, reasons), said["note"], said["time"]))
    if not seen:
        raise PrismakeError("nothing in it says what was decided", place=path.as_posix(), hint=hint)
    export = Export([entry for entry in entries if entry.person])
    if lost := len(entries) - len(export.entries):
        problem = f"nothing says whose decisions these are ({lost} of them), so they were not read"
        export.notes.append((problem, f"Put the person's id into its name: {stage_named(path)}.<person>{path.suffix}"))
    return export


def _reasons(item: Item, reasons: list[str]) -> tuple[str, ...]:
    """The tags that are set: a reason of ours when one ends in it (asreview_tag_reason_wrong_population)."""
    found = []
    for name, values in item.fields.items():
        if name.startswith(_TAG) and values[0].removesuffix(".0") == "1":
            tag = fold(name.removeprefix(_TAG))
            ours = next((reason for reason in reasons if tag.endswith(fold(reason))), "")
            found.append(ours or name.removeprefix(_TAG).replace("_", " "))
    return tuple(found)
