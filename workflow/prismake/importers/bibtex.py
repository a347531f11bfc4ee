"""BibTeX, read by bibtexparser; what it cannot read is looked at again line by line, then rejected by name of line."""

import logging
import re

import bibtexparser
from bibtexparser.middlewares.names import split_multiple_persons_names
from bibtexparser.model import Entry, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text

from prismake.importers.fields import read_data
from prismake.importers.mapping import Table
from prismake.importers.parsed import Parsed, name_dialect

logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
logging.getLogger("bibtexparser").propagate = False  # its complaints become warnings of ours

_ENTRY = r"@[ \t]*(?!(?i:comment|string|preamble)\b)(\w+)[ \t]*"
# Citation keys with commas or blanks, missing or used twice stop bibtexparser; nothing needs them.
_KEY = re.compile(rf"^([ \t]*|\}}[ \t]*){_ENTRY}\{{[^=\n{{}}]*,[ \t]*(?=\n|[\w-]+\s*=|\}})", re.MULTILINE)
_NO_KEY = re.compile(rf"^([ \t]*){_ENTRY}\{{[ \t]*\n", re.MULTILINE)
_NO_COMMA = re.compile(r'([}"])[ \t]*\n(?=[ \t]*[\w-]+[ \t]*=[ \t]*[{"])')
_WHOLE_LINE = re.compile(r'^[ \t]*([\w-]+)[ \t]*=[ \t]*(?:\{(.*)\}|"(.*)"),?[ \t]*$', re.MULTILINE)
_PLAIN = ("url", "doi", "entrytype", "unique-id", "pmid")  # not LaTeX
_LATEX = LatexNodes2Text(math_mode="verbatim", keep_comments=True)


def read_bibtex(text: str) -> Parsed:
    """One record per entry. A broken entry is read line by line if its title stands on a line, else rejected."""
    parsed = Parsed(dialect=name_dialect("bibtex", text))
    table = Table(read_data("bibtex"))
    number = 0
    last_failed = False
    for block in bibtexparser.parse_string(_repair(text)).blocks:
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        line = (block.start_line or 0) + 1
        if isinstance(entry, Entry):
            values = {"entrytype": entry.entry_type, **{field.key.lower(): str(field.value) for field in entry.fields}}
        elif isinstance(block, ParsingFailedBlock) and re.match(_ENTRY, block.raw):
            values = {name.lower(): braced or quoted for name, braced, quoted in _WHOLE_LINE.findall(block.raw)}
        else:
            continue  # a comment, preamble or string
        number += 1
        last_failed = not isinstance(entry, Entry)
        if last_failed and "title" not in values:
            parsed.rejected += 1
            parsed.warnings.append(f"line {line}: record {number} cannot be read and is left out; mend the entry")
            continue
        if last_failed:
            parsed.warnings.append(f"line {line}: record {number} is broken; what stands whole on a line was read")
        parsed.add(table.record(_values(values)), number)
    if last_failed and not (text.endswith("\n") or text.rstrip().endswith("}")):
        parsed.cut = "it ends in the middle of an entry"
    return parsed


def _repair(text: str) -> str:
    """Keys of our own, and the comma that some exports lack between fields. Lines keep their numbers."""
    numbers = iter(range(1, text.count("@") + 2))
    text = _NO_KEY.sub(lambda match: f"{match[1]}@{match[2]}{{,\n", text)
    text = _KEY.sub(lambda match: f"{match[1]}@{match[2]}{{key{next(numbers)},", text)
    return _NO_COMMA.sub(r"\1,\n", text)


def _values(entry: dict[str, str]) -> dict[str, list[str]]:
    values = {name: [_plain(value) if name in _PLAIN else _text(value)] for name, value in entry.items()}
    for name in ("author", "editor"):
        if name in entry:
            people = split_multiple_persons_names(" ".join(entry[name].split()))
            # a comma at the end keeps a braced group from being turned round
            values[name] = [_text(person) + ("," if re.fullmatch(r"\{.*\}", person) else "") for person in people]
    return values


def _plain(value: str) -> str:
    return value.strip("{} \n\t").replace("\\_", "_").replace("\\%", "%").replace("\\&", "&")


def _text(value: str) -> str:
    """LaTeX as plain text. Without a backslash only braces go: "%" and "$" are mostly meant as they stand."""
    if "\\" in value:
        protected = re.sub(r"(?<!\\)([%$#&])", r"\\\1", value)
        value = _LATEX.latex_to_text(protected)
    return value.replace("{", "").replace("}", "")
