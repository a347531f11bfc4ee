"""MEDLINE text as PubMed and ERIC write it (data/importers/medline.yaml)."""

import re

from prismake.importers.encoding import blocks
from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

_END = re.compile(rb"\n(?=PMID ?- ?\w|OWN ?- ?ERIC\b)")
_START = re.compile(r"\n(?=PMID ?- ?\w|OWN ?- ?ERIC\b)")
_TAG = re.compile(r"\n([A-Z][A-Z0-9]{1,3}) *-")


def read_medline(data: bytes) -> Parsed:
    """One record per PMID line, or per OWN - ERIC line.

    PubMed ends every record but books with its SO field, and that with a full stop. A last record without it, among
    others that have it, is the sign of a cut file; so is a last line without either line end or full stop.
    """
    parsed = Parsed(dialect=name_dialect("medline", data))
    table = Table(read_data("medline"))
    wanted = table.places | {"SO", "CN"}
    complete = with_source = False
    number = 0
    for block in blocks(data, _END):
        before, *chunks = _START.split(f"\n{block}")
        parsed.pass_over(before)
        for chunk in chunks:
            number += 1
            tags = _tags(chunk, wanted)
            parsed.add(table.record(tags), number)
            complete = "SO" in tags or any("[bookaccession]" in value for value in tags.get("AID", ()))
            with_source = with_source or "SO" in tags
            if not complete and "PMID" in tags:
                parsed.note("without SO, which PubMed writes last", number)
    if parsed.dialect == "PubMed" and with_source and not (complete and data.endswith((b"\n", b".", b"]"))):
        parsed.cut = "it ends in the middle of a record"
    elif not data.endswith(b"\n"):
        parsed.warnings.append("the last line has no line end; compare the number of records with the database")
    return parsed


def _tags(chunk: str, wanted: set[str]) -> dict[str, list[str]]:
    """The wanted tags of one record, each with its values unwrapped."""
    pieces = _TAG.split(f"\n{chunk}")
    tags: dict[str, list[str]] = {}
    for tag, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if tag not in wanted:
            continue
        value = " ".join(value.split()) if "\n" in value else value.strip()
        if tag in tags:
            tags[tag].append(value)
        else:
            tags[tag] = [value]
    for tag in ("LID", "AID"):  # "10.5555/1 [doi]" and "NBK1 [bookaccession]", not "e1 [pii]"
        if tag in tags:
            tags[tag] = [v for v in tags[tag] if "[" not in v or "[doi]" in v or "[book" in v]
    _names(tags)
    return tags


def _names(tags: dict[str, list[str]]) -> None:
    """Full names only when all are there; groups behind the persons."""
    short = [name for name in tags.get("AU", ()) if not name.lower().startswith("et al")]
    if len(tags.get("FAU", ())) < len(short):
        tags.pop("FAU", None)
    groups = tags.get("CN", ())
    if groups:
        place = "FAU" if "FAU" in tags else "AU"
        tags[place] = [*tags.get(place, ()), *groups]
