"""Tagged text other than RIS and MEDLINE: Web of Science, Ovid, RefWorks, EndNote. One reader, a table for each.

Besides what every table has (prismake.importers.mapping), those of data/importers/ say how a format is laid out:
`tag`, a pattern whose only group is the tag; `start`, the tag that begins a record when it comes again; `end`, tags
that end one; `outside`, tags that belong to no record; `blank`, given where a blank line begins a record, too, if what
follows has one of these tags; `whole`, how a whole file ends.
"""

import re
from collections.abc import Iterator
from typing import Any

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

Tags = dict[str, list[str]]  # a value's continuation lines hang on it by line breaks


def read_tagged(name: str, data: bytes) -> Parsed:
    """The records of a file in the tagged format `name`.

    A file looks cut off when it does not end as whole files do, or, in formats without such an end, when its last
    record has no title, or neither ends as others do nor has all that the others have.
    """
    parsed = Parsed(dialect=name_dialect(name, data))
    layout = read_data(name)
    table = Table(layout)
    ends: set[str] = set()  # tags that end a record, and tags that all have, before the last record
    shared: set[str] = set()
    previous: Tags = {}
    for number, tags in enumerate(_records(data.decode("utf-8"), layout, parsed), start=1):
        parsed.add(table.record(tags), number)
        if previous:
            shared = shared & previous.keys() if ends else set(previous)
            ends.add(next(reversed(previous)))
        previous = tags
    if "whole" in layout:
        if not re.search(layout["whole"], data[-100:].decode("utf-8", "replace")):
            parsed.cut = layout["cut"]
    elif not parsed.records or "title" not in parsed.records[-1]:
        parsed.cut = "its last record has no title"
    elif (
        ends
        and not data.endswith(b"\n\n")  # records end in a blank line
        and next(reversed(previous)) not in ends
        and (shared - previous.keys() or not data.endswith(b"\n"))
    ):
        parsed.cut = "it ends in the middle of a record"
    elif not data.endswith(b"\n"):
        parsed.warnings.append("the last line has no line end; compare the number of records with the database")
    return parsed


def _records(text: str, layout: dict[str, Any], parsed: Parsed) -> Iterator[Tags]:
    """The tags of one record after the other."""
    pieces = re.split(layout["tag"], f"\n{text}\n")
    start, end, outside, blank = (layout.get(key, ()) for key in ("start", "end", "outside", "blank"))
    parsed.pass_over(pieces[0])
    held: Tags = {}  # a whole record, which a part behind a blank line may still belong to
    tags: Tags = {}
    apart = False  # a blank line stands before the tag
    for tag, value in [*zip(pieces[1::2], pieces[2::2], strict=True), ("", "")]:
        if tags and (not tag or tag in end or (tag == start and tag in tags) or (blank and apart)):
            if held and blank and tags.keys().isdisjoint(blank):
                for name, values in tags.items():
                    held.setdefault(name, []).extend(values)
            else:
                if held:
                    yield held
                held = tags
            tags = {}
        if tag in end or tag in outside:
            if tag in end:
                parsed.pass_over(value)
            continue
        apart = "\n" in value and not value.rpartition("\n")[2].strip()
        tags.setdefault(tag, []).append(value.strip())
    if held:
        yield held
