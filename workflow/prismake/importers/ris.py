"""RIS, as databases and reference managers write it (data/importers/ris.yaml)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from prismake.importers.encoding import blocks
from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

Tags = dict[str, list[str]]  # a value's continuation lines hang on it by line breaks
_END = re.compile(rb"\nER  - ?\n")  # where a file may be cut into blocks; other ER lines end records too
_ABOUT = {"TY", "TI", "T1", "AU", "A1"}  # some exports have no TY, but all say what a record is about


@cache
def _tag() -> re.Pattern[str]:
    """A RIS tag at the beginning of a line: any with two blanks before the hyphen, a known one also with one, or a tab.

    It begins with the line break instead of ^, which is several times slower.
    """
    table = read_data("ris")
    known = sorted({tag for tags in table["fields"].values() for tag in tags} | {"ER"})
    return re.compile(
        rf"\n ?([A-Z][A-Z0-9](?=  -)|(?:{'|'.join(known)})(?=[ \t]{{1,3}}-(?:[ \t]|\n)))[ \t]{{1,3}}-[ \t]*"
    )


def read_ris(data: bytes) -> Parsed:
    """A record ends at an ER line, before a second TY, or with the file. Text between records is passed over."""
    parsed = Parsed(dialect=name_dialect("ris", data))
    table = Table(read_data("ris"))
    whole = _Whole()
    tags: Tags = {}
    ended = True
    number = 0
    for block in blocks(data, _END):
        for tags, ended in _records(block, parsed):
            number += 1
            parsed.add(table.record(tags), number)
            if ended:
                whole.add(tags)
            if "TY" not in tags:
                parsed.note("without a TY line (type of reference)", number)
            elif not ended:
                parsed.note("without an ER line (end of record)", number)
    without_er = number > 1 and not whole.lasts  # some programs never write ER
    if not ended and not (data.endswith(b"\n") and (without_er or whole.like(tags, parsed.records[-1]))):
        parsed.cut = "it ends in the middle of a record"
    return parsed


class _Whole:
    """What the records that end in ER have in common, to judge a last one that does not."""

    def __init__(self) -> None:
        self.shared: set[str] = set()  # tags that all have
        self.lasts: set[str] = set()  # tags that end one
        self.repeated: set[str] = set()  # tags that one has more than once

    def add(self, tags: Tags) -> None:
        self.shared = self.shared & tags.keys() if self.lasts else set(tags)
        self.lasts.add(next(reversed(tags)))
        self.repeated.update(tag for tag, values in tags.items() if len(values) > 1)

    def like(self, tags: Tags, record: dict[str, Any]) -> bool:
        """Whether a record without ER lacks nothing else.

        It says what it is about, has every tag that all of them have, and ends in a tag that one of them ends in and
        none repeats: a list of key words may go on.
        """
        if "title" not in record or not {"authors", "year"} & record.keys():
            return False
        end = next(reversed(tags))
        return self.shared <= tags.keys() and end in self.lasts and end not in self.repeated


def _records(text: str, parsed: Parsed) -> Iterator[tuple[Tags, bool]]:
    """Tags of one record after the other, and whether an ER line ended it."""
    pieces = _tag().split(f"\n{text}\n")
    parsed.pass_over(pieces[0])
    tags: Tags = {}
    for tag, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if tag == "ER":
            same_line, _, behind = value.partition("\n")
            if not same_line.strip():  # "ER  - text" describes the tag in templates
                if not tags.keys().isdisjoint(_ABOUT):
                    yield tags, True
                else:
                    parsed.pass_over(" ".join(tags))
                parsed.pass_over(behind)
                tags = {}
                continue
        elif tag == "TY":
            if "TY" in tags:
                yield tags, False
                tags = {}
            elif tags.keys().isdisjoint(_ABOUT):  # Ovid writes NL behind ER
                parsed.pass_over(" ".join(tags))
                tags = {}
        value = value.strip()
        if value or tag == "TY":
            tags.setdefault(tag, []).append(value)
    if not tags.keys().isdisjoint(_ABOUT):
        yield tags, False
    else:
        parsed.pass_over(" ".join(tags))
