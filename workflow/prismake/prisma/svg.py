"""The flow diagram as SVG: live text, plain shapes that every converter draws alike, a text alternative inside."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from prismake.prisma.layout import LINE, SIZE, Box, Layout, Line, Point
from prismake.text_metrics import CAPITAL_MIDDLE, FONT_FAMILY

INK = "#1f2328"
# fill, stroke, width of the stroke, dashes, radius of the corners, text
STYLES = {
    "box": ("#ffffff", "#3d444d", 0.7, "", 1.5, INK),
    "pending": ("#fff8e5", "#8a6100", 0.7, "3 2", 1.5, INK),
    "heading": ("#ffd75e", "#a67c00", 0.7, "", 5, INK),
    "stage": ("#b9d7f0", "#4a7ba6", 0.7, "", 4, INK),
    "draft": ("#fdecea", "#b3261e", 0.7, "", 1.5, "#7a1410"),
}


def draw_svg(layout: Layout, links: Mapping[str, str] | None = None) -> str:
    """The layout as an SVG document that ends in a newline.

    `links` maps keys of entries to addresses: their text becomes a link, and the picture a group of links instead of
    one image for assistive technology.
    """
    width, height = _number(layout.width), _number(layout.height)
    role = "group" if links else "img"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="{role}" aria-labelledby="flow-title" '
        f'aria-describedby="flow-description" width="{_millimetres(layout.width)}" '
        f'height="{_millimetres(layout.height)}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT_FAMILY}" font-size="{_number(SIZE)}">',
        f'<title id="flow-title">{escape(layout.title)}</title>',
        f'<desc id="flow-description">{escape(layout.description)}</desc>',
        f'<rect class="paper" width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for arrow in layout.arrows:
        parts.append(
            f'<g class="arrow"><polyline points="{_points(arrow.shaft)}" fill="none" stroke="{INK}" '
            f'stroke-width="0.8"/><polygon points="{_points(arrow.head)}" fill="{INK}"/></g>'
        )
    for box in layout.boxes:
        parts += _box(box, links or {})
    if layout.watermark:
        parts.append(_watermark(layout))
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box, links: Mapping[str, str]) -> Iterator[str]:
    fill, stroke, stroke_width, dashes, radius, ink = STYLES[box.kind]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield (
        f'<g class="{box.kind}" fill="{ink}"><rect {_frame(box.x, box.y, box.width, box.height)} rx="{radius}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{stroke_width}"{dashed}/>'
    )
    for (key, _), group in groupby(box.lines, key=lambda line: (line.key, line.bold)):
        lines = list(group)
        text = _text(box, lines)
        if key in links:
            label = " ".join(line.text for line in lines)
            top, bottom = lines[0].y - SIZE, lines[-1].y - SIZE + LINE
            if all(line.key == key for line in box.lines):
                top, bottom = box.y, box.bottom
            hit = f'<rect class="hit" {_frame(box.x, top, box.width, bottom - top)} fill="none" pointer-events="all"/>'
            yield f"<a href={quoteattr(links[key])} aria-label={quoteattr(label)}>{hit}{text}</a>"
        else:
            yield text
    yield "</g>"


def _text(box: Box, lines: list[Line]) -> str:
    """The lines of one entry as one text element, so that it is read and copied as one."""
    weight = ' font-weight="bold"' if lines[0].bold else ""
    if box.kind == "stage":
        (line,) = lines
        x, y, baseline = _number(line.x), _number(line.y), _number(line.y + CAPITAL_MIDDLE * SIZE)
        place = f'transform="rotate(-90 {x} {y})" x="{x}" y="{baseline}" text-anchor="middle"'
        return f"<text {place}{weight}>{escape(line.text)}</text>"
    centred = box.kind == "heading"
    anchor = ' text-anchor="middle"' if centred else ""
    spans = [
        f'<tspan x="{_number(line.x + line.width / 2 if centred else line.x)}" y="{_number(line.y)}">'
        f"{escape(line.text)}</tspan>"
        for line in lines
    ]
    return f"<text{anchor}{weight}>{' '.join(spans)}</text>"


def _watermark(layout: Layout) -> str:
    size = layout.width / 4
    x, y, baseline = (
        _number(v) for v in (layout.width / 2, layout.height / 2, layout.height / 2 + CAPITAL_MIDDLE * size)
    )
    return (
        f'<text class="watermark" transform="rotate(-35 {x} {y})" x="{x}" y="{baseline}" text-anchor="middle" '
        f'font-size="{_number(size)}" font-weight="bold" fill="#b3261e" fill-opacity="0.09" pointer-events="none" '
        f'aria-hidden="true">{escape(layout.watermark)}</text>'
    )


def _frame(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _millimetres(points: float) -> str:
    return f"{_number(points / 72 * 25.4)}mm"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
