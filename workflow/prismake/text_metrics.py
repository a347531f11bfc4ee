"""How wide text is in the shipped font, and where its lines break.

Liberation Sans has the widths of Arial, so what fits here fits there. Widths are sums of advances; kerning, which a
viewer may apply, only makes text narrower on the whole. Lengths have the unit of `size`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

FONT_FILES = {
    bold: Path(__file__).parent / "data" / "fonts" / f"LiberationSans-{weight}.ttf"
    for bold, weight in ((False, "Regular"), (True, "Bold"))
}
FONT_FAMILY = "'Liberation Sans', Arial, Helvetica, sans-serif"
# The same for text with characters that it lacks: what Linux, macOS and Windows have for Chinese and Arabic.
FONT_FAMILIES = FONT_FAMILY.replace(
    "sans-serif", "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans Arabic', 'DejaVu Sans', sans-serif"
)
CAPITAL_MIDDLE = 0.344  # em from the baseline to the middle of a capital
NO_BREAK = "\u00a0"
# A character that the font lacks comes from whatever font the viewer has. East Asian ones are 1 em in all of them.
# Others are taken as 1 em, too: letters of Arabic average 0.66 to 0.82 em in DejaVu Sans, which is wide; emoji as more.
_LACKING_EM, _EMOJI_EM = 1.0, 1.3
_JOINERS = "\u200c\u200d"  # invisible, but words in some scripts need them


@lru_cache(maxsize=2)
def _advances(bold: bool) -> dict[int, float]:
    """The advance of each character that the font has, in em."""
    from fontTools.ttLib import TTFont  # takes its time to load, and checking a configuration measures nothing

    with TTFont(FONT_FILES[bold], lazy=True) as font:
        metrics, em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: metrics[glyph][0] / em for code, glyph in font.getBestCmap().items()}


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text."""
    advances = _advances(bold)
    return size * sum(
        advances[ord(character)] if ord(character) in advances else _advance_elsewhere(character) for character in text
    )


def _advance_elsewhere(character: str) -> float:
    kind = unicodedata.category(character)
    if kind == "Mn" or character in _JOINERS:
        return 0.0
    return _EMOJI_EM if kind == "So" else _LACKING_EM


def missing_characters(text: str) -> str:
    """The characters that the font cannot draw, each once, sorted."""
    advances = _advances(False)
    return "".join(sorted({character for character in text if ord(character) not in advances} - set(_JOINERS)))


def clean(text: str) -> str:
    """The text without what XML forbids and no font draws; each run of white space becomes one space."""
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable() or character in _JOINERS)
    return unicodedata.normalize("NFC", text)


def unbreakable(text: str) -> str:
    """The text as one word for `wrap`: "(n = 12)" never stands on two lines."""
    return text.replace(" ", NO_BREAK)


def reads_from_right(text: str) -> bool:
    """Whether its first letter is of a script that runs from right to left (Unicode Standard Annex 9, P2 and P3)."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in directions if kind in ("L", "R", "AL")), False)


def needs_shaping(text: str) -> bool:
    """Whether letters join, change their order or carry marks, so that glyphs cannot simply stand one after another."""
    return any(
        unicodedata.bidirectional(character) in ("R", "AL") or unicodedata.category(character) in ("Mn", "Mc")
        for character in text
    )


def wrap(text: str, width: float, size: float, *, bold: bool = False, hang: float = 0.0) -> list[str]:
    """Lines of at most `width`, all but the first of at most `width - hang`.

    Lines break at spaces and between East Asian characters, not before closing marks nor behind opening ones. A word
    that is wider than a line breaks where the line ends, after a hyphen or slash if there is one. What `unbreakable`
    made stays whole, however wide. Its no-break spaces come back as plain ones.
    """
    lines: list[str] = []
    line, used = "", 0.0
    space = text_width(" ", size, bold)
    for word, gap in _pieces(text):
        long = text_width(word, size, bold)
        if line and used + space * len(gap) + long <= (width - hang if lines else width):
            line, used = f"{line}{gap}{word}", used + space * len(gap) + long
            continue
        if line:
            lines.append(line)
        while NO_BREAK not in word and text_width(word, size, bold) > (room := width - hang if lines else width):
            cut = _cut(word, room, size, bold)
            lines.append(word[:cut])
            word = word[cut:]
        line, used = word, text_width(word, size, bold)
    return [part.replace(NO_BREAK, " ") for part in [*lines, line]]


# Han, kana and Hangul with the marks that belong to them; marks alone break nowhere.
_EAST_ASIAN = "\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING, _CLOSING = "（［｛「『【〈《〔", "）］｝」』】〉》〕、。，．：；！？ー々"
_UNIT = re.compile(
    f"[{_OPENING}]*(?:[{_EAST_ASIAN}]|[^{_EAST_ASIAN}{_OPENING}{_CLOSING}]+)[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+"
)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What no line breaks in, with what stands before it: a space, or nothing between East Asian characters."""
    for word in text.split(" "):
        gap = " "
        for unit in _UNIT.findall(word) or [word]:
            yield unit, gap
            gap = ""


def _cut(word: str, width: float, size: float, bold: bool) -> int:
    """How many characters of a word stay on a line that it is too wide for, at least one."""
    fits = 1
    while fits < len(word) and text_width(word[: fits + 1], size, bold) <= width:
        fits += 1
    joint = max(word.rfind(mark, 0, fits) for mark in "-/") + 1
    return joint if joint > fits / 2 else fits
