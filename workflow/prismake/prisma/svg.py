"""The flow diagram as SVG: live text, plain shapes that every converter draws alike, a text alternative inside."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from prismake.prisma.shapes import ARROW_WIDTH, Box, Layout, Line, Point, Style, Watermark
from prismake.text_metrics import CAPITAL_MIDDLE, FONT_FAMILY


def draw_svg(layout: Layout, links: Mapping[str, str] | None = None) -> str:
    """The layout as an SVG document that ends in a newline.

    `links` maps keys of entries to addresses: their text becomes a link, and the picture a group of links instead of
    one image for assistive technology.
    """
    width, height = _number(layout.width), _number(layout.height)
    role = "group" if links else "img"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" lang="{layout.language}" class="flow" role="{role}" '
        f'aria-labelledby="flow-title" '
        f'aria-describedby="flow-description" width="{_millimetres(layout.width)}" '
        f'height="{_millimetres(layout.height)}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT_FAMILY}" font-size="{_number(layout.size)}">',
        f'<title id="flow-title">{escape(layout.title)}</title>',
        f'<desc id="flow-description">{escape(layout.description)}</desc>',
        f'<rect class="paper" width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for arrow in layout.arrows:
        parts.append(
            f'<g class="arrow"><polyline points="{_points(arrow.shaft)}" fill="none" stroke="{layout.arrow_ink}" '
            f'stroke-width="{ARROW_WIDTH}"/><polygon points="{_points(arrow.head)}" fill="{layout.arrow_ink}"/></g>'
        )
    for box in layout.boxes:
        parts += _box(box, layout, links or {})
    if layout.watermark:
        parts.append(_watermark(layout.watermark))
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box, layout: Layout, links: Mapping[str, str]) -> Iterator[str]:
    style = layout.styles[box.kind]
    dashes = f' stroke-dasharray="{" ".join(map(_number, style.dashes))}"' if style.dashes else ""
    yield (
        f'<g class="{box.kind}" fill="{style.ink}"><rect {_frame(box.x, box.y, box.width, box.height)} '
        f'rx="{_number(style.radius)}" fill="{style.fill}" stroke="{style.stroke}" '
        f'stroke-width="{_number(style.stroke_width)}"{dashes}/>'
    )
    for (key, *_), group in groupby(box.lines, key=lambda line: (line.key, line.bold, line.rtl)):
        lines = list(group)
        text = _text(style, lines, layout.size)
        if key in links:
            label = " ".join(line.text for line in lines)
            top = lines[0].y - layout.size
            bottom = lines[-1].y - layout.size + layout.leading
            if all(line.key == key for line in box.lines):
                top, bottom = box.y, box.bottom
            hit = f'<rect class="hit" {_frame(box.x, top, box.width, bottom - top)} fill="none" pointer-events="all"/>'
            yield f"<a href={quoteattr(links[key])} aria-label={quoteattr(label)}>{hit}{text}</a>"
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
        return f"<text {place}{weight}>{escape(line.text)}</text>"
    anchor = "middle" if style.align == "middle" else "end" if lines[0].rtl else "start"
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    spans = [
        f'<tspan x="{_number(line.x + share * line.width)}" y="{_number(line.y)}">{escape(_directed(line))}</tspan>'
        for line in lines
    ]
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f"<text{at}{weight}>{' '.join(spans)}</text>"


def _directed(line: Line) -> str:
    """The text, embedded from right to left where it reads so: not every converter knows the direction property."""
    return f"\u202b{line.text}\u202c" if line.rtl else line.text


def _watermark(mark: Watermark) -> str:
    x, y, baseline = _number(mark.x), _number(mark.y), _number(mark.y + CAPITAL_MIDDLE * mark.size)
    return (
        f'<text class="watermark" transform="rotate({_number(mark.angle)} {x} {y})" x="{x}" y="{baseline}" '
        f'text-anchor="middle" font-size="{_number(mark.size)}" font-weight="bold" fill="{mark.ink}" '
        f'fill-opacity="{mark.opacity}" pointer-events="none" aria-hidden="true">{escape(mark.text)}</text>'
    )


def _frame(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _millimetres(points: float) -> str:
    return f"{_number(points / 72 * 25.4)}mm"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
