"""How many records a file holds, counted without the parsers: other patterns, no shared code.

What a parser delivers and rejects must add up to this (prismake.importers.read). All take what `decode` returned.
"""

import re

# Patterns begin with the line break instead of using ^, which is several times slower.
_RIS_ER = re.compile(rb"\n[ \t]*ER[ \t]{0,3}-[ \t]*(?=\n)")
_RIS_TY = re.compile(rb"\n[ \t]*TY[ \t]{0,3}-")
_RIS_ABOUT = re.compile(rb"\n(?:TI|T1|AU|A1) {1,2}- *\S")


def count_ris(data: bytes) -> int:
    """Every TY line; a piece between ER lines with a title or an author but no TY is a record too."""
    start = total = 0
    data = b"\n" + data + b"\n"
    for end in [*(match.start() for match in _RIS_ER.finditer(data)), len(data)]:
        total += sum(1 for _ in _RIS_TY.finditer(data, start, end)) or bool(_RIS_ABOUT.search(data, start, end))
        start = end
    return total


def count_medline(data: bytes) -> int:
    """Every PMID line, and every block that begins with OWN - ERIC."""
    return _lines(rb"PMID *- *\w", data) + _lines(rb"OWN *- *ERIC\b", data)


def count_wos(data: bytes) -> int:
    """Every publication type line (PT J) or, if there are more, every end of record (ER)."""
    return max(_lines(rb"PT +[A-Z] *(?=\n|\Z)", data), _lines(rb"ER *(?=\n|\Z)", data))


def count_ovid(data: bytes) -> int:
    """Every line that is a number in angle brackets."""
    return _lines(rb"<\d+ *\.? *> *(?=\n|\Z)", data)


def count_refworks(data: bytes) -> int:
    """Every RT line, unless the line behind it has no tag (a sentence that begins so)."""
    return _lines(rb"RT [A-Z][^\n]*(?=\n(?:[A-Z][A-Z0-9] |\s)|\s*\Z)", data)


def count_endnote(data: bytes) -> int:
    """Every %0 line; a block of tags between blank lines with a title but no %0 is a record too."""
    pieces = [(piece, piece.lstrip().startswith(b"%")) for piece in re.split(rb"\n[ \t]*\n", data)]
    return sum(_lines(rb"%0 *\S", piece) or (tags and _lines(rb"%T *\S", piece) > 0) for piece, tags in pieces)


def count_bibtex(data: bytes) -> int:
    """Every line that begins an entry; comments, preambles and strings are none."""
    kinds = re.findall(rb"(?:\A|\n|\})[ \t]*@[ \t]*([A-Za-z]+)[ \t]*[{(]", data)
    return sum(kind.lower() not in (b"comment", b"preamble", b"string") for kind in kinds)


def count_csv(text: str, delimiter: str, heading_rows: int, *, quoted: bool = True) -> int:
    """Every row behind the header that is not blank. Line breaks within quotation marks end no row."""
    if not quoted:
        return _filled(text, delimiter) - heading_rows
    edge = re.escape(delimiter)
    flat = re.sub(rf'(?:(?<=[\n{edge}])|\A)"([^"]*(?:""[^"]*)*)"', lambda match: "x" if match[1].strip() else "", text)
    return _filled(flat, delimiter) - heading_rows


def _filled(text: str, delimiter: str) -> int:
    """Lines with more than delimiters and white space, no-break spaces among it."""
    return sum(bool(line.strip()) for line in text.replace(delimiter, " ").split("\n"))


def _lines(pattern: bytes, data: bytes) -> int:
    """How many lines begin with this."""
    return sum(1 for _ in re.finditer(rb"\n" + pattern, data)) + bool(re.match(pattern, data))
