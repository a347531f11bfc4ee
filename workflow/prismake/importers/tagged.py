"""RIS and Web of Science tagged text: one reader of tagged lines, one table of tags for each (data/importers/)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

Tags = dict[str, list[str]]  # a value's continuation lines hang on it by line breaks


@cache
def _ris_tag() -> re.Pattern[str]:
    """A RIS tag at the beginning of a line: any with two blanks before the hyphen, a known one also with one, or a tab.

    It begins with the line break instead of ^, which is several times slower.
    """
    table = read_data("ris")
    known = sorted({tag for tags in table["fields"].values() for tag in tags} | {"ER"})
    return re.compile(
        rf"\n ?([A-Z][A-Z0-9](?=  -)|(?:{'|'.join(known)})(?=[ \t]{{1,3}}-(?:[ \t]|\n)))[ \t]{{1,3}}-[ \t]*"
    )


_ABOUT = {"TY", "TI", "T1", "AU", "A1"}  # some exports have no TY, but all say what a record is about
_WOS_TAG = re.compile(r"\n([A-Z][A-Z0-9])(?: |(?=\n))")


def read_ris(text: str) -> Parsed:
    """A record ends at an ER line, before a second TY, or with the file. Text between records is passed over."""
    parsed = Parsed(dialect=name_dialect("ris", text))
    table = Table(read_data("ris"))
    tags: Tags = {}
    whole: list[Tags] = []
    ended = True
    for number, (tags, ended) in enumerate(_ris_records(text), start=1):
        parsed.add(table.record(tags), number)
        if ended:
            whole.append(tags)
        if "TY" not in tags:
            parsed.note("without a TY line (type of reference)", number)
        elif not ended:
            parsed.note("without an ER line (end of record)", number)
    without_er = len(parsed.records) > 1 and not whole  # some programs never write ER
    if not ended and not (text.endswith("\n") and (without_er or _looks_whole(tags, parsed.records[-1], whole))):
        parsed.cut = "it ends in the middle of a record"
    return parsed


def _looks_whole(tags: Tags, record: dict[str, Any], whole: list[Tags]) -> bool:
    """Whether a last record without ER lacks nothing else: compared with the `whole` records, which have one.

    It says what it is about, has every tag that all of them have, and ends in a tag that one of them ends in and none
    repeats: a list of key words may go on.
    """
    if not whole or "title" not in record or not {"authors", "year"} & record.keys():
        return False
    end = _last(tags)
    shared = set.intersection(*map(set, whole))
    return shared <= tags.keys() and end in map(_last, whole) and all(len(other.get(end, [])) < 2 for other in whole)


def _last(tags: Tags) -> str:
    """The tag that came last into a record."""
    return next(reversed(tags))


def _ris_records(text: str) -> Iterator[tuple[Tags, bool]]:
    """Tags of one record after the other, and whether an ER line ended it."""
    pieces = _ris_tag().split(f"\n{text}\n")
    tags: Tags = {}
    for tag, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if tag == "ER" and not value.partition("\n")[0].strip():  # "ER  - text" describes the tag in templates
            if _is_record(tags):
                yield tags, True
            tags = {}
            continue
        if tag == "TY" and "TY" in tags:
            yield tags, False
            tags = {}
        elif tag == "TY" and not _is_record(tags):
            tags = {}  # Ovid writes NL behind ER
        value = value.strip()
        if value or tag == "TY":
            tags.setdefault(tag, []).append(value)
    if _is_record(tags):
        yield tags, False


def _is_record(tags: Tags) -> bool:
    return not tags.keys().isdisjoint(_ABOUT)


def read_wos(text: str) -> Parsed:
    """A record goes from PT to ER; continuation lines are indented; a whole file ends in EF."""
    parsed = Parsed(dialect=name_dialect("wos", text))
    table = Table(read_data("wos"))
    pieces = _WOS_TAG.split(f"\n{text}\n")
    tags: Tags = {}
    number = 0
    for tag, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if tag in ("PT", "ER", "EF") and tags:
            number += 1
            parsed.add(table.record(tags), number)
            tags = {}
        if tag not in ("ER", "EF", "FN", "VR"):
            tags.setdefault(tag, []).append(value.strip())
    if tags:
        parsed.add(table.record(tags), number + 1)
    if not re.search(r"^EF\s*\Z", text, re.MULTILINE):
        parsed.cut = "its last line is not EF (end of file)"
    return parsed
