"""How many records a text holds, counted without the parsers: other patterns, no shared code.

What a parser delivers and rejects must add up to this (prismake.importers.read).
"""

import re

# Patterns begin with the line break instead of using ^, which is several times slower.
_RIS_ER = re.compile(r"\n[ \t]*ER[ \t]{0,3}-[ \t]*(?=\n)")
_RIS_TY = re.compile(r"\n[ \t]*TY[ \t]{0,3}-")
_RIS_ABOUT = re.compile(r"\n(?:TI|T1|AU|A1) {1,2}- *\S")


def count_ris(text: str) -> int:
    """Every TY line; a piece between ER lines with a title or an author but no TY is a record too."""
    pieces = _RIS_ER.split(f"\n{text}\n")
    return sum(len(_RIS_TY.findall(piece)) or bool(_RIS_ABOUT.search(piece)) for piece in pieces)


def count_medline(text: str) -> int:
    """Every PMID line, and every block that begins with OWN - ERIC."""
    return len(re.findall(r"(?:\A|\n)PMID *- *\w", text)) + len(re.findall(r"(?:\A|\n)OWN *- *ERIC\b", text))


def count_wos(text: str) -> int:
    """Every publication type line (PT J) or, if there are more, every end of record (ER)."""
    return max(len(re.findall(r"(?:\A|\n)PT +[A-Z] *(?=\n|\Z)", text)), len(re.findall(r"\nER *(?=\n|\Z)", text)))


def count_bibtex(text: str) -> int:
    """Every line that begins an entry; comments, preambles and strings are none."""
    kinds = re.findall(r"(?:\A|\n|\})[ \t]*@[ \t]*([A-Za-z]+)[ \t]*[{(]", text)
    return sum(kind.lower() not in ("comment", "preamble", "string") for kind in kinds)


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
