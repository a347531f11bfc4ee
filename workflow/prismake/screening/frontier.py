"""The picture of the recall frontier: how surely each recall has been reached."""

from collections.abc import Sequence

from prismake.text_metrics import FONT_FAMILY

_INK, _GREY, _FAINT, _BLUE = "#1f2328", "#59636e", "#d5dbe1", "#2f6690"
_LEFT, _TOP, _WIDTH, _HEIGHT, _BELOW, _EDGE = 56, 62, 420, 200, 50, 24  # px: the field and what is around it


def draw_frontier(points: Sequence[tuple[float, float]], target: float, alpha: float) -> str:
    """An SVG document: p (0 to 1) over the recall (from the first point's to 1), the target and the level `alpha`.

    points: recall and its p, in order of recall. What lies below the dashed line at `alpha` has been reached.
    """
    lowest = min(recall for recall, _ in points)

    def x(recall: float) -> str:
        return _n(_LEFT + _WIDTH * (recall - lowest) / (1 - lowest))

    def y(p: float) -> str:
        return _n(_TOP + _HEIGHT * (1 - p))

    width, height = _LEFT + _WIDTH + _EDGE, _TOP + _HEIGHT + _BELOW
    title = "How much has been found: the recall frontier"
    told = "; ".join(f"recall {recall:.0%}: p {p:.3f}" for recall, p in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="frontier" role="img" aria-labelledby="frontier-title" '
        f'aria-describedby="frontier-description" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT_FAMILY}" font-size="11" fill="{_INK}">',
        f'<title id="frontier-title">{title}</title>',
        f'<desc id="frontier-description">{told}. A recall is taken as reached when p is below {alpha:g}.</desc>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="14" y="24" font-size="14" font-weight="bold">{title}</text>',
        f'<text x="14" y="42" fill="{_GREY}">Chance of seeing so few relevant records lately if the recall were '
        "lower.</text>",
    ]
    for p in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y(p)}" y2="{y(p)}" stroke="{_FAINT}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{_n(float(y(p)) + 4)}" text-anchor="end">{p:g}</text>')
    parts.append(f'<text x="14" y="{_n(_TOP + _HEIGHT / 2 + 4)}" fill="{_GREY}">p</text>')
    foot = _TOP + _HEIGHT
    for percent in range(round(100 * lowest), 101, 10):
        parts.append(f'<text x="{x(percent / 100)}" y="{foot + 18}" text-anchor="middle">{percent} %</text>')
    line = " ".join(f"{x(recall)},{y(p)}" for recall, p in points)
    parts += [
        f'<text x="{_n(_LEFT + _WIDTH / 2)}" y="{foot + 38}" text-anchor="middle" fill="{_GREY}">Recall</text>',
        f'<line x1="{x(target)}" x2="{x(target)}" y1="{_TOP}" y2="{foot}" stroke="{_GREY}"/>',
        f'<text x="{x(target)}" y="{_TOP - 5}" text-anchor="middle" fill="{_GREY}">target</text>',
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y(alpha)}" y2="{y(alpha)}" stroke="{_INK}" '
        'stroke-dasharray="5 4"/>',
        f'<text x="{_LEFT + 4}" y="{_n(float(y(alpha)) - 4)}">p = {alpha:g}</text>',
        f'<polyline points="{line}" fill="none" stroke="{_BLUE}" stroke-width="2"/>',
        *(f'<circle cx="{x(recall)}" cy="{y(p)}" r="2.6" fill="{_BLUE}"/>' for recall, p in points),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
