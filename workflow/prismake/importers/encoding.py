"""Bytes to text: byte order marks, UTF-16, UTF-8, Windows-1252, and all line ends as LF."""

import codecs
import re
from collections.abc import Iterator

from prismake.errors import PrismakeError

_MARKS = [  # UTF-32 LE begins like UTF-16 LE, so it comes first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_BINARY = {  # how files begin that are no text, and what to do instead
    b"PK\x03\x04": ("a zip archive or an Excel or Word file", "Unpack it, or save the table as CSV UTF-8."),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Word file", "Save the table as CSV UTF-8."),
    b"\x1f\x8b": ("a gzip archive", "Unpack it first."),
    b"%PDF": ("a PDF", "Export the records as RIS from the database."),
    b"SQLite format 3": ("a database file", "Export the records as RIS from the reference manager."),
}
CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_MARK = codecs.BOM_UTF8
_BLOCK = 1 << 22


def decode(data: bytes, place: str) -> tuple[bytes, str, list[str]]:
    """A file as valid UTF-8 with LF line ends and no byte order marks or control characters; its encoding; warnings.

    Tried in order: byte order mark, UTF-16 by its NUL bytes, strict UTF-8, then line by line Windows-1252 for the
    lines that are not UTF-8. It stays bytes because one rare letter makes a text of Python's four times as large.
    Raises PrismakeError for an empty or a binary file.
    """
    if not data.strip():
        raise PrismakeError("the file is empty", place=place, hint="Export the records again.")
    for beginning, (what, remedy) in _BINARY.items():
        if data.startswith(beginning):
            raise PrismakeError(f"this is {what}, not an export as text", place=place, hint=remedy)
    warnings: list[str] = []
    name, marked = _unicode_form(data)
    if name == "utf-8":
        if _is_utf8(data):
            name = "utf-8-sig" if marked else name
        else:
            data, name = _decode_lines(data)
            warnings.append(f"not UTF-8 throughout; read as {name}: check accented letters")
    else:
        text = data.decode(name, "replace")
        data = text.encode("utf-8", "replace")
        if "\ufffd" in text:
            warnings.append(f"some characters are not valid {name} and were replaced by \ufffd")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(_MARK, b"")
    printable = data.translate(None, CONTROLS)
    controls = len(data) - len(printable)
    if controls > 20 and controls > len(data) / 100:
        raise PrismakeError(
            "this is a binary file, not an export as text",
            place=place,
            hint="Export the records as RIS, MEDLINE, Web of Science plain text, BibTeX or CSV.",
        )
    if not printable[:_BLOCK].decode("utf-8", "ignore").strip() and not printable[_BLOCK:].strip():
        raise PrismakeError("the file is empty", place=place, hint="Export the records again.")
    return printable, name, warnings


def blocks(data: bytes, end: re.Pattern[bytes], size: int = _BLOCK) -> Iterator[str]:
    """What `decode` returned, as texts of at least `size` bytes, each but the last ending where `end` matches."""
    start = 0
    while start < len(data):
        match = end.search(data, start + size)
        stop = match.end() if match else len(data)
        yield data[start:stop].decode("utf-8")
        start = stop


def _is_utf8(data: bytes) -> bool:
    """Whether a file is valid UTF-8, found out block by block."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK], final=start + _BLOCK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _unicode_form(data: bytes) -> tuple[str, bool]:
    """The form of Unicode a file is in, and whether a byte order mark says so."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, True
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)  # Latin letters in UTF-16 have a NUL before or after
    if odd > len(head) / 6 and odd > 4 * even:
        return "utf-16-le", False
    if even > len(head) / 6 and even > 4 * odd:
        return "utf-16-be", False
    return "utf-8", False


def _decode_lines(data: bytes) -> tuple[bytes, str]:
    """As UTF-8; exports pasted together may differ from line to line."""
    lines, mixed = [], False
    for line in data.split(b"\n"):
        try:
            line.decode("utf-8")
            mixed = mixed or not line.isascii()
            lines.append(line)
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace").encode("utf-8"))
    return b"\n".join(lines), "utf-8 and cp1252" if mixed else "cp1252"


def line_span(data: bytes, encoding: str, first: int, last: int) -> tuple[int, int]:
    """The first byte of line `first` and the byte behind line `last` of a file in this encoding, lines from 1."""
    if not encoding.startswith(("utf-16", "utf-32")):
        ends = [0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", data))]
        return ends[first - 1], ends[last] if last < len(ends) else len(data)
    text = data.decode(encoding, "replace")
    ends = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text)), len(text)]
    codec = encoding[:6] + "-le"  # without a mark
    mark = len(data) - len(text.encode(codec, "replace"))
    start, stop = (len(text[: ends[n]].encode(codec, "replace")) for n in (first - 1, min(last, len(ends) - 1)))
    return mark + start, mark + stop
