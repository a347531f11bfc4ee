"""The flow diagram as SVG: live text, plain shapes that every converter draws alike, a text alternative inside."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from prismake.prisma.shapes import ARROW_WIDTH, Box, Layout, Line, Point, Style, Watermark
from prismake.text_metrics import (
    CAPITAL_MIDDLE,
    FONT_FAMILIES,
    FONT_FAMILY,
    missing_characters,
    needs_shaping,
    text_width,
)

if TYPE_CHECKING:
    from prismake.prisma.outlines import Glyphs  # not needed for live text


def draw_svg(layout: Layout, links: Mapping[str, str] | None = None, glyphs: "Glyphs | None" = None) -> str:
    """The layout as an SVG document that ends in a newline. With `glyphs` its text is outlines.

    `links` maps keys of entries to addresses: their text becomes a link, and the picture a group of links instead of
    one image for assistive technology.
    """
    width, height = _number(layout.width), _number(layout.height)
    families = FONT_FAMILIES if missing_characters(layout.text) else FONT_FAMILY
    role = "group" if links else "img"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" lang="{layout.language}" class="flow" role="{role}" '
        f'aria-labelledby="flow-title" '
        f'aria-describedby="flow-description" width="{_millimetres(layout.width)}" '
        f'height="{_millimetres(layout.height)}" viewBox="0 0 {width} {height}" '
        f'font-family="{families}" font-size="{_number(layout.size)}">',
        f'<title id="flow-title">{_escape(layout.title)}</title>',
        f'<desc id="flow-description">{_escape(layout.description)}</desc>',
        f'<rect class="paper" width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for arrow in layout.arrows:
        parts.append(
            f'<g class="arrow"><polyline points="{_points(arrow.shaft)}" fill="none" stroke="{layout.arrow_ink}" '
            f'stroke-width="{ARROW_WIDTH}"/><polygon points="{_points(arrow.head)}" fill="{layout.arrow_ink}"/></g>'
        )
    for box in layout.boxes:
        parts += _box(box, layout, links or {}, glyphs)
    if layout.watermark:
        parts.append(_watermark(layout.watermark, glyphs))
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box, layout: Layout, links: Mapping[str, str], glyphs: "Glyphs | None") -> Iterator[str]:
    style = layout.styles[box.kind]
    dashes = f' stroke-dasharray="{" ".join(map(_number, style.dashes))}"' if style.dashes else ""
    yield (
        f'<g class="{box.kind}" fill="{style.ink}"><rect {_frame(box.x, box.y, box.width, box.height)} '
        f'rx="{_number(style.radius)}" fill="{style.fill}" stroke="{style.stroke}" '
        f'stroke-width="{_number(style.stroke_width)}"{dashes}/>'
    )
    for (key, *_), group in groupby(box.lines, key=lambda line: (line.key, line.bold, line.rtl)):
        lines = list(group)
        text = _outlined(style, lines, layout.size, glyphs) if glyphs else _text(style, lines, layout.size)
        if key in links:
            label = " ".join(line.text for line in lines)
            top = lines[0].y - layout.size
            bottom = lines[-1].y - layout.size + layout.leading
            if all(line.key == key for line in box.lines):
                top, bottom = box.y, box.bottom
            hit = f'<rect class="hit" {_frame(box.x, top, box.width, bottom - top)} fill="none" pointer-events="all"/>'
            yield f'<a href="{escape(links[key])}" aria-label="{escape(label)}">{hit}{text}</a>'
        else:
            yield text
    yield "</g>"


def _text(style: Style, lines: list[Line], size: float) -> str:
    """The lines of one entry as one text element, so that it is read and copied as one."""
    weight = ' font-weight="bold"' if lines[0].bold else ""
    if style.upwards:
        (line,) = lines
        x, y, baseline = _number(line.x), _number(line.y), _number(line.y + CAPITAL_MIDDLE * size)
        place = f'transform="rotate(-90 {x} {y})" x="{x}" y="{baseline}" text-anchor="middle"'
        return f"<text {place}{weight}>{_escape(line.text)}</text>"
    anchor = "middle" if style.align == "middle" else "end" if lines[0].rtl else "start"
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f"<text{at}{weight}>{' '.join(_spans(line, anchor, size) for line in lines)}</text>"


def _spans(line: Line, anchor: str, size: float) -> str:
    """One line. Characters that the font lacks stand apart in their measured places, where nothing runs leftwards: some
    converters would draw all of the line in the font that they find for them."""
    if line.rtl or not missing_characters(line.text) or needs_shaping(line.text):
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        return f"<tspan {_place(line.x + share * line.width, line.y)}>{_escape(_directed(line))}</tspan>"
    spans, x = "", line.x
    own = ' text-anchor="start"' if anchor != "start" else ""
    for _, run in groupby(line.text, key=lambda character: bool(missing_characters(character))):
        part = "".join(run)
        spans += f"<tspan {_place(x, line.y)}{own}>{_escape(part)}</tspan>"
        x += text_width(part, size, line.bold)
    return spans


def _place(x: float, y: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}"'


def _outlined(style: Style, lines: list[Line], size: float, glyphs: "Glyphs") -> str:
    """The same as paths."""
    if style.upwards:
        (line,) = lines
        x, y = _number(line.x), _number(line.y)
        data = glyphs.path(line.text, line.x - line.width / 2, line.y + CAPITAL_MIDDLE * size, size, line.bold)
        return f'<path transform="rotate(-90 {x} {y})" d="{data}"/>'
    return "".join(f'<path d="{glyphs.path(line.text, line.x, line.y, size, line.bold)}"/>' for line in lines)


def _directed(line: Line) -> str:
    """The text, embedded from right to left where it reads so: not every converter knows the direction property."""
    return f"\u202b{line.text}\u202c" if line.rtl else line.text


def _watermark(mark: Watermark, glyphs: "Glyphs | None") -> str:
    ink = f'fill="{mark.ink}" fill-opacity="{mark.opacity}"'
    if glyphs:
        start = mark.x - text_width(mark.text, mark.size, bold=True) / 2
        data = glyphs.path(mark.text, start, mark.y + CAPITAL_MIDDLE * mark.size, mark.size, True)
        turn = f"rotate({_number(mark.angle)} {_number(mark.x)} {_number(mark.y)})"
        return f'<path transform="{turn}" {ink} d="{data}"/>'
    x, y, baseline = _number(mark.x), _number(mark.y), _number(mark.y + CAPITAL_MIDDLE * mark.size)
    return (
        f'<text class="watermark" transform="rotate({_number(mark.angle)} {x} {y})" x="{x}" y="{baseline}" '
        f'text-anchor="middle" font-size="{_number(mark.size)}" font-weight="bold" {ink} '
        f'pointer-events="none" aria-hidden="true">{_escape(mark.text)}</text>'
    )


def _frame(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _millimetres(points: float) -> str:
    return f"{_number(points / 72 * 25.4)}mm"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _escape(text: str) -> str:
    return escape(text, quote=False)
