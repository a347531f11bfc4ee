"""BibTeX, read by bibtexparser. An entry that it cannot read is looked at line by line, then rejected with its line."""

import logging
import re

import bibtexparser
from bibtexparser.middlewares.names import split_multiple_persons_names
from bibtexparser.model import Block, Entry, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, Rejected, name_dialect

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)  # its complaints become warnings of ours

_ENTRY = r"@[ \t]*(?!(?i:comment|string|preamble)\b)(\w+)[ \t]*"
# Citation keys with commas or blanks, missing or used twice stop bibtexparser; nothing needs them.
_KEY = re.compile(rf"^([ \t]*|\}}[ \t]*){_ENTRY}\{{[^=\n{{}}]*,[ \t]*(?=\n|[\w-]+\s*=|\}})", re.MULTILINE)
_NO_KEY = re.compile(rf"^([ \t]*){_ENTRY}\{{[ \t]*\n", re.MULTILINE)
_NO_COMMA = re.compile(r'([}"])[ \t]*\n(?=[ \t]*[\w-]+[ \t]*=[ \t]*[{"])')
_WHOLE_LINE = re.compile(r'^[ \t]*([\w-]+)[ \t]*=[ \t]*(?:\{(.*)\}|"(.*)"),?[ \t]*$', re.MULTILINE)
_PLAIN = ("url", "doi", "entrytype", "unique-id", "pmid")  # not LaTeX
_LATEX = LatexNodes2Text(math_mode="verbatim", keep_comments=True)


def read_bibtex(data: bytes) -> Parsed:
    """One record per entry. A broken entry is read line by line if its title stands on a line, else rejected."""
    parsed = Parsed(dialect=name_dialect("bibtex", data))
    table = Table(read_data("bibtex"))
    repaired = _repair(data.decode("utf-8"))
    blocks = [block for block in bibtexparser.parse_string(repaired).blocks if _is_entry(block)]
    lines = repaired.split("\n")
    ends = [*(block.start_line for block in blocks[1:]), len(lines)]
    broken = False
    for number, (block, end) in enumerate(zip(blocks, ends, strict=False), start=1):
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        broken = not isinstance(entry, Entry)
        if broken:
            found = _WHOLE_LINE.findall("\n".join(lines[block.start_line : end]))
            values = _values([(name, braced or quoted) for name, braced, quoted in found])
        else:
            values = _values([("entrytype", entry.entry_type), *((item.key, str(item.value)) for item in entry.fields)])
        if broken and "title" not in values:
            why = "its braces or quotation marks do not match; mend the entry"
            parsed.rejected.append(Rejected(number, block.start_line + 1, end, why))
            continue
        if broken:
            done = "what stands whole on a line was read"
            parsed.warnings.append(f"line {block.start_line + 1}: record {number} is broken, {done}")
        parsed.add(table.record(values), number)
    if broken and not _is_closed("\n".join(lines[blocks[-1].start_line :])):
        parsed.cut = "it ends in the middle of an entry"
    return parsed


def _is_entry(block: Block) -> bool:
    """Whether a block is an entry, read or broken; the others are comments, preambles and strings."""
    return isinstance(block, Entry) or (isinstance(block, ParsingFailedBlock) and bool(re.match(_ENTRY, block.raw)))


def _is_closed(entry: str) -> bool:
    """Whether a broken entry has an end: a brace on a line of its own, or as many braces closed as opened."""
    return bool(re.search(r"\n[ \t]*\}\s*\Z", entry)) or entry.count("{") <= entry.count("}")


def _repair(text: str) -> str:
    """Keys of our own, and the comma that some exports lack between fields. Lines keep their numbers."""
    numbers = iter(range(1, text.count("@") + 2))
    text = _NO_KEY.sub(lambda match: f"{match[1]}@{match[2]}{{,\n", text)
    text = _KEY.sub(lambda match: f"{match[1]}@{match[2]}{{key{next(numbers)},", text)
    return _NO_COMMA.sub(r"\1,\n", text)


def _values(items: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Field names in lower case -> plain values; a name used twice has two, authors have one each."""
    values: dict[str, list[str]] = {}
    for name, value in items:
        name = name.lower()
        if name in ("author", "editor"):
            people = split_multiple_persons_names(" ".join(value.split()))
            # a comma at the end keeps a braced group from being turned round
            found = [_text(person) + ("," if re.fullmatch(r"\{.*\}", person) else "") for person in people]
        else:
            found = [_plain(value) if name in _PLAIN else _text(value)]
        values.setdefault(name, []).extend(found)
    return values


def _plain(value: str) -> str:
    return value.strip("{} \n\t").replace("\\_", "_").replace("\\%", "%").replace("\\&", "&")


def _text(value: str) -> str:
    """LaTeX as plain text. Without a backslash only braces go: "%" and "$" are mostly meant as they stand."""
    if "\\" in value:
        protected = re.sub(r"(?<!\\)([%$#&])", r"\\\1", value)
        value = _LATEX.latex_to_text(protected)
    return value.replace("{", "").replace("}", "")
