"""XML: PubMed, EndNote and WHO ICTRP. Read as a stream, without entities, document type definitions or the network.

A file may hold several documents one behind the other, as EDirect writes them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from lxml import etree

from prismake.importers.encoding import CONTROLS
from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, Rejected

Raw = dict[str, list[str]]
_CHUNK = 1 << 20
_MARK = 64  # no mark is longer, in bytes


@dataclass
class Marks:
    """Where documents and records begin in a file, found by their tags alone: the independent count."""

    documents: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    size: int = 0


def find_marks(name: str, file: BinaryIO) -> Marks:
    """Looks through a file for the marks that begin a document and a record. No part of the parser is used."""
    names = "|".join(_LAYOUTS[name][0])
    pattern = re.compile(rf"<(?:(\?xml)\s|(?:{names})[\s/>])".encode())
    marks, held = Marks(), b""
    while True:
        chunk = file.read(_CHUNK)
        data, start = held + chunk, marks.size - len(held)
        marks.size += len(chunk)
        whole = len(data) - _MARK if chunk else len(data)  # a mark that begins before this is wholly here
        for match in pattern.finditer(data):
            if match.start() < whole:
                (marks.documents if match[1] else marks.records).append(start + match.start())
        if not chunk:
            return marks
        held = data[max(whole, 0) :]


def read_xml(name: str, file: BinaryIO, marks: Marks) -> Parsed:
    """One record per element of the kinds that hold one. What comes behind a break in the XML cannot be read."""
    tags, dialect, raw, table = _LAYOUTS[name]
    parsed = Parsed(dialect=dialect)
    mapping = Table(table())
    starts = marks.documents or [0]
    number = 0
    for start, end in zip(starts, [*starts[1:], marks.size], strict=True):
        try:
            for element in _elements(file, start, end, tags, parsed):
                number += 1
                parsed.add(mapping.record(raw(element)), number)
        except etree.XMLSyntaxError as error:
            line = _line(file, start) + (error.lineno or 1) - 1
            reason = str(error.msg).split(", line")[0]
            if number + 1 == len(marks.records):  # the last one is not whole
                first = _line(file, marks.records[number])
                parsed.rejected.append(Rejected(number + 1, first, max(line, first), "the file ends within it"))
            parsed.cut = f"the XML breaks off or is not correct at line {line} ({reason})"
            break
    return parsed


def undeclared(data: bytes) -> bytes:
    """XML that was turned into UTF-8, without the encoding that its declaration names."""
    return re.sub(rb"^(\s*<\?xml[^>]*?)\s+encoding=(?:\"[^\"]*\"|'[^']*')", rb"\1", data, count=1)


def _elements(file: BinaryIO, start: int, end: int, tags: tuple[str, ...], parsed: Parsed) -> Iterator[Any]:
    """The whole elements of one document with these tags, each thrown away when the next one is asked for."""
    parser = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True
    )
    file.seek(start)
    broken = None
    while start < end and broken is None:
        chunk = file.read(min(_CHUNK, end - start))
        if not chunk:
            break
        start += len(chunk)
        clean = chunk.translate(None, CONTROLS)
        if len(clean) < len(chunk) and "control characters were taken out" not in parsed.warnings:
            parsed.warnings.append("control characters were taken out")
        try:
            parser.feed(clean)
        except etree.XMLSyntaxError as error:
            broken = error
        for _, element in parser.read_events():
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    if broken:
        raise broken
    parser.close()


def _line(file: BinaryIO, position: int) -> int:
    """The line in which a byte stands."""
    file.seek(0)
    line, left = 1, position
    while left and (chunk := file.read(min(_CHUNK, left))):
        line += chunk.count(b"\n")
        left -= len(chunk)
    return line


def _text(element: Any) -> str:
    """The text of an element without its mark-up."""
    return " ".join("".join(element.itertext()).split())


def _at(paths: dict[str, list[str]], element: Any) -> Raw:
    """What stands at the paths; those in one list are tried in order and taken together."""
    raw: Raw = {}
    for place, alternatives in paths.items():
        for path in alternatives:
            path, _, attribute = path.partition("/@")
            for found in element.iterfind(path):
                value = found.get(attribute, "") if attribute else _text(found)
                if value:
                    raw.setdefault(place, []).append(value)
    return raw


def _pubmed(element: Any) -> Raw:
    """A PubMed record under the tags of MEDLINE text."""
    layout = read_data("pubmed_xml")
    raw = _at(layout["paths"], element)
    for path in layout["authors"]:
        for people in element.iterfind(path):
            tag = "FED" if people.get("Type") == "editors" else "FAU"
            raw.setdefault(tag, []).extend(filter(None, map(_author, people.iterfind("Author"))))
    for tag, paths in layout["abstracts"].items():
        for abstract in (found for path in paths for found in element.iterfind(path)):
            raw.setdefault(tag, []).append(" ".join(map(_section, abstract.iterfind("AbstractText"))))
    raw["MH"] = list(map(_heading, element.iterfind(layout["headings"])))
    return raw


def _author(author: Any) -> str:
    family = author.findtext("LastName") or ""
    given = author.findtext("ForeName") or author.findtext("Initials") or ""
    suffix = author.findtext("Suffix") or ""
    group = author.find("CollectiveName")
    return ", ".join(filter(None, (family, given, suffix))) or (_text(group) if group is not None else "")


def _section(section: Any) -> str:
    label = section.get("Label")
    return f"{label}: {_text(section)}" if label else _text(section)


def _heading(heading: Any) -> str:
    """A heading with its qualifiers, a star before the major ones, as in MEDLINE text."""
    parts = [element for element in heading if element.tag in ("DescriptorName", "QualifierName")]
    return "/".join("*" * (part.get("MajorTopicYN") == "Y") + _text(part) for part in parts)


def _endnote(element: Any) -> Raw:
    return _at(read_data("endnote_xml")["paths"], element)


def _ictrp(element: Any) -> Raw:
    """A trial under the column names of ICTRP's own CSV."""
    raw: Raw = {}
    for child in element.iterchildren(tag=etree.Element):
        raw.setdefault(child.tag.replace("_", " ").lower(), []).append(_text(child))
    return raw


def _ictrp_table() -> dict[str, Any]:
    return next(preset for preset in read_data("csv")["presets"] if preset["name"] == "WHO ICTRP")


_LAYOUTS: dict[str, tuple[tuple[str, ...], str, Callable[[Any], Raw], Callable[[], dict[str, Any]]]] = {
    "pubmed_xml": (("PubmedArticle", "PubmedBookArticle"), "PubMed", _pubmed, lambda: read_data("medline")),
    "endnote_xml": (("record",), "EndNote", _endnote, lambda: read_data("endnote_xml")),
    "ictrp_xml": (("Trial",), "WHO ICTRP", _ictrp, _ictrp_table),
}
XML_FORMATS = frozenset(_LAYOUTS)
