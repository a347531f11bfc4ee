"""What text may stand in a cell, and how it is written there.

A text comes back from a workbook as `clean` of it, without outer white space: that is all that can change.
"""

import re

MAX_TEXT = 32767  # UTF-16 code units in one cell; openpyxl cuts longer texts without a word
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def clean(text: str) -> str:
    """Line ends as \\n; characters that no XML file can hold (controls, lone surrogates, U+FFFE/F) as U+FFFD."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(text: str) -> str:
    """A literal _x000D_ would be read as the character it names (ECMA-376 part 1, 22.9.2.19)."""
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text) if "_x" in text else text


def unescape(text: str) -> str:
    """The inverse of `escape`. Only what a writer has to escape: LibreOffice leaves a literal _x0041_ as it is."""

    def character(match: re.Match[str]) -> str:
        named = chr(int(match[1], 16))
        return named if named in "_\r" or _NOT_XML.match(named) else match[0]

    return clean(_ESCAPED.sub(character, text)) if "_x" in text else text


def length(text: str) -> int:
    """Length as spreadsheets count it: a character outside the basic plane is two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def fits(text: str) -> bool:
    return length(escape(text)) <= MAX_TEXT


def cut(text: str) -> str:
    """The beginning of a text too long for a cell, with a mark that says how much is missing."""
    kept, mark = text, ""
    while (excess := length(escape(kept)) + len(mark) - MAX_TEXT) > 0:
        kept = kept[: -max(1, excess // 8)]
        mark = f" [cut: {len(text) - len(kept)} more characters]"
    return kept + mark


def lines(text: str, width: float) -> int:
    """About how many lines a text takes in a wrapped cell `width` digits wide; East Asian characters count double."""
    per_line = max(1.0, width * 1.15 - 1)
    wide = (lambda line: 0) if text.isascii() else (lambda line: sum(character > "\u2e7f" for character in line))
    return sum(1 + int((len(line) + wide(line)) / per_line) for line in text.split("\n"))
