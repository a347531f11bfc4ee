"""MEDLINE text as PubMed and ERIC write it, read by Bio.Medline."""

import re
from typing import Any

from Bio import Medline

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

_START = re.compile(r"^(?=PMID ?- ?\w|OWN ?- ?ERIC\b)", re.MULTILINE)
_WRAPPED = re.compile(r"[ \t]*\n {6}[ \t]*(?=\S)")
_LID_DOI = re.compile(r"\S+(?= \[doi\])")


def read_medline(text: str) -> Parsed:
    """One record per PMID line, or per OWN - ERIC line.

    PubMed ends every record but books with its SO field, and that with a full stop. A last record without it, among
    others that have it, is the sign of a cut file; so is a last line without either line end or full stop.
    """
    parsed = Parsed(dialect=name_dialect("medline", text))
    table = Table(read_data("medline"))
    complete = with_source = False
    for number, chunk in enumerate(_START.split(text)[1:], start=1):
        tags = _tags(chunk)
        parsed.add(table.record(tags), number)
        complete = "SO" in tags or any("[bookaccession]" in value for value in tags.get("AID", []))
        with_source = with_source or "SO" in tags
        if not complete and "PMID" in tags:
            parsed.note("without SO, which PubMed writes last", number)
    if parsed.dialect == "PubMed" and with_source and not (complete and text.endswith(("\n", ".", "]"))):
        parsed.cut = "it ends in the middle of a record"
    elif not text.endswith("\n"):
        parsed.warnings.append("the last line has no line end; compare the number of records with the database")
    return parsed


def _tags(chunk: str) -> dict[str, list[str]]:
    """The tags of one record. Values are unwrapped first: Bio.Medline would take a wrapped key word for two."""
    lines = [line for line in _WRAPPED.sub(" ", chunk).split("\n") if line.strip()]
    record: dict[str, Any] = Medline.read(lines)
    tags = {tag: [value] if isinstance(value, str) else list(value) for tag, value in record.items()}
    if "LID" in tags:  # Bio.Medline joins "10.5555/1 [doi]" and "e1 [pii]" to one value
        tags["LID"] = _LID_DOI.findall(tags["LID"][0]) or tags["LID"]
    tags["AID"] = [value for value in tags.get("AID", []) if "[" not in value or "[doi]" in value or "[book" in value]
    _names(tags)
    return tags


def _names(tags: dict[str, list[str]]) -> None:
    """Full names only when all are there; groups behind the persons."""
    short = [name for name in tags.get("AU", []) if not name.lower().startswith("et al")]
    if len(tags.get("FAU", [])) < len(short):
        tags.pop("FAU", None)
    groups = tags.get("CN", [])
    if groups:
        place = "FAU" if "FAU" in tags else "AU"
        tags[place] = [*tags.get(place, []), *groups]
