"""Bytes to text: byte order marks, UTF-16, UTF-8, Windows-1252, and all line ends as LF."""

import codecs

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
_CONTROLS = dict.fromkeys([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])


def decode(data: bytes, place: str) -> tuple[str, str, list[str]]:
    """The text of a file with LF line ends and no byte order marks or control characters; its encoding; warnings.

    Tried in order: byte order mark, UTF-16 by its NUL bytes, strict UTF-8, then line by line Windows-1252 for the
    lines that are not UTF-8. Raises PrismakeError for an empty or a binary file.
    """
    if not data.strip():
        raise PrismakeError("the file is empty", place=place, hint="Export the records again.")
    for beginning, (what, remedy) in _BINARY.items():
        if data.startswith(beginning):
            raise PrismakeError(f"this is {what}, not an export as text", place=place, hint=remedy)
    warnings: list[str] = []
    name, marked = _unicode_form(data)
    if name == "utf-8":
        text, name = _decode_lines(data)
        if name != "utf-8":
            warnings.append(f"not UTF-8 throughout; read as {name}: check accented letters")
        elif marked:
            name = "utf-8-sig"
    else:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            text = data.decode(name, "replace")
            warnings.append(f"some characters are not valid {name} and were replaced by \ufffd")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    controls = len(text) - len(text.translate(_CONTROLS)) if not _printable(text) else 0
    if controls > 20 and controls > len(text) / 100:
        raise PrismakeError(
            "this is a binary file, not an export as text",
            place=place,
            hint="Export the records as RIS, MEDLINE, Web of Science plain text, BibTeX or CSV.",
        )
    if controls:
        text = text.translate(_CONTROLS)
    if not text.strip():
        raise PrismakeError("the file is empty", place=place, hint="Export the records again.")
    return text, name, warnings


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


def _printable(text: str) -> bool:
    """Whether a text holds no control characters. (Deleting bytes is many times faster than looking through text.)"""
    data = text.encode("utf-8", "replace")
    return len(data.translate(None, bytes(_CONTROLS))) == len(data)


def _decode_lines(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    lines, mixed = [], False
    for line in data.split(b"\n"):  # pasted together exports may differ from line to line
        try:
            lines.append(line.decode("utf-8"))
            mixed = mixed or not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
    return "\n".join(lines), "utf-8 and cp1252" if mixed else "cp1252"
