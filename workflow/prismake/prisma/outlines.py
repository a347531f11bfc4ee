"""Text as outlines: glyphs of the shipped font, or of fonts of this machine for characters that it lacks."""

from collections.abc import Iterable

from fontTools.misc.transform import Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from prismake.fonts import Font
from prismake.text_metrics import FONT_FILES


class Glyphs:
    """The glyphs of the shipped font and of `fallbacks`, for text without text_metrics.needs_shaping."""

    def __init__(self, fallbacks: Iterable[Font] = ()) -> None:
        others = [TTFont(font.path, fontNumber=font.index, lazy=True) for font in fallbacks]
        self._fonts = {
            bold: [
                (font.getBestCmap(), font.getGlyphSet(), font["head"].unitsPerEm)
                for font in (TTFont(path, lazy=True), *others)
            ]
            for bold, path in FONT_FILES.items()
        }

    def path(self, text: str, x: float, y: float, size: float, bold: bool) -> str:
        """The data of an SVG path: the text from x on, its baseline at y, as wide as it was measured to be."""
        parts = []
        for character in text:
            known, glyphs, em = next(
                (font for font in self._fonts[bold] if ord(character) in font[0]), self._fonts[bold][0]
            )
            glyph = glyphs[known.get(ord(character), ".notdef")]
            scale = size / em
            pen = SVGPathPen(glyphs, ntos=_number)
            glyph.draw(TransformPen(pen, Transform(scale, 0, 0, -scale, x, y)))
            parts.append(pen.getCommands())
            x += glyph.width * scale
        return "".join(parts)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
