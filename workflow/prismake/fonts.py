"""Fonts of this machine that have the characters which the shipped font lacks, for pictures that carry glyphs.

No font for Chinese or Arabic is shipped; they are large and nearly every machine has one.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from prismake.text_metrics import missing_characters

# Where Linux (with conda), macOS and Windows keep fonts.
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local" / "share" / "fonts",
    Path.home() / ".fonts",
    Path(sys.prefix) / "fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path.home() / "Library" / "Fonts",
    Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
)
# Plain sans serif fonts come first, those nearest to the shipped one before others.
_PREFERRED = re.compile(
    r"(?i)^(arial|notosans-|notosanscjk|sourcehansans|pingfang|hiragino|msyh|malgun|wqy|droidsansfallback|notosans"
    r"|nirmala|segoeui|dejavusans)"
)
_LAST = re.compile(r"(?i)bold|italic|oblique|mono|serif|narrow|condensed|emoji|light|thin|black")


@dataclass(frozen=True)
class Font:
    """One font; `index` is its place in a collection, 0 in a file of its own."""

    family: str
    path: Path
    index: int


@dataclass(frozen=True)
class Fallbacks:
    """Fonts that have some characters between them, and the characters that no font has, sorted."""

    fonts: tuple[Font, ...] = ()
    lacking: str = ""


def find_fallbacks(text: str, folders: Iterable[Path] = FOLDERS) -> Fallbacks:
    """What it takes to draw this text besides the shipped font."""
    characters = missing_characters(text)
    return _find(characters, tuple(folders)) if characters else Fallbacks()


@lru_cache(maxsize=8)
def _find(characters: str, folders: tuple[Path, ...]) -> Fallbacks:
    left, found = set(characters), []
    files = {path for folder in folders if folder.is_dir() for path in folder.rglob("*")}
    for path in sorted((path for path in files if path.suffix.lower() in (".ttf", ".otf", ".ttc")), key=_rank):
        for family, index, covered in _covered(path, left) if left else ():
            if covered:
                found.append(Font(family, path, index))
                left -= covered
                break
    return Fallbacks(tuple(found), "".join(sorted(left)))


def _rank(path: Path) -> tuple[bool, bool, str, str]:
    return bool(_LAST.search(path.stem)), not _PREFERRED.search(path.name), path.name.lower(), str(path)


def _covered(path: Path, wanted: set[str]) -> Iterator[tuple[str, int, set[str]]]:
    """The family of each font in a file, its index, and which of the characters it has. Broken files have none."""
    try:
        fonts = TTCollection(path, lazy=True).fonts if path.suffix.lower() == ".ttc" else [TTFont(path, lazy=True)]
        for index, font in enumerate(fonts):
            known = font.getBestCmap() or {}
            yield font["name"].getBestFamilyName() or path.stem, index, {c for c in wanted if ord(c) in known}
    except (OSError, TTLibError, KeyError, AssertionError):
        return
