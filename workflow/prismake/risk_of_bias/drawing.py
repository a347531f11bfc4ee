"""What both figures are made of: colours and signs of judgements, text that fits, the legend, the SVG around it all.

Lengths are points. Colours never stand alone: each judgement has a sign, and the description holds every number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from prismake.risk_of_bias.assessments import Assessment
from prismake.risk_of_bias.tools import LEVELS, OVERALL, Domain, Judgement, Tool
from prismake.text_metrics import CAPITAL_MIDDLE, FONT_FAMILY, clean, missing_characters, text_width, wrap

SIZE, SMALL, TITLE = 9.0, 8.0, 11.0
LINE = 11.5  # from baseline to baseline
MARGIN = 12.0
RADIUS = 8.5
INK, GREY, RULE, SHADE = "#1f2328", "#57606a", "#8c959f", "#f0f1f3"
BLACK, WHITE = "#000000", "#ffffff"

# Level -> fill, ink. The first is robvis's, the second its colour-blind-safe one (ColorBrewer YlOrBr).
PALETTES = {
    "classic": {
        "low": ("#02c100", BLACK),
        "moderate": ("#e2df07", BLACK),
        "high": ("#bf0000", WHITE),
        "critical": ("#820000", WHITE),
        "none": ("#4ea1f7", BLACK),
        "not_applicable": ("#cccccc", BLACK),
    },
    "colour_blind": {
        "low": ("#fed98e", BLACK),
        "moderate": ("#fe9929", BLACK),
        "high": ("#d95f0e", BLACK),
        "critical": ("#993404", WHITE),
        "none": ("#ffffff", BLACK),
        "not_applicable": ("#cccccc", BLACK),
    },
}
SIGNS = {"low": "+", "moderate": "−", "high": "×", "critical": "!", "none": "?", "not_applicable": "/"}
_FEW_STARS, _MANY_STARS = (0xEF, 0xF3, 0xFF), (0x08, 0x45, 0x94)  # both palettes: one hue, from light to dark


def colours(judgement: Judgement, palette: str) -> tuple[str, str]:
    """Fill and ink."""
    if judgement.level:
        return PALETTES[palette][judgement.level]
    mixed = (round(a + (b - a) * judgement.share) for a, b in zip(_FEW_STARS, _MANY_STARS, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed), WHITE if judgement.share > 0.7 else BLACK


def sign(judgement: Judgement) -> str:
    return SIGNS[judgement.level] if judgement.level else judgement.label


@dataclass
class Picture:
    """A figure in the making: its parts, and how far down they reach."""

    width: float
    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = SIZE,
        bold: bool = False,
        anchor: str = "",
        ink: str = INK,
    ) -> None:
        """One line; `y` is the middle of its capitals. A viewer with a wider font squeezes it to what was measured."""
        weight = ' font-weight="bold"' if bold else ""
        at = f' text-anchor="{anchor}"' if anchor else ""
        fit = ""
        if len(words) > 1 and not missing_characters(words):
            fit = f' textLength="{number(text_width(words, size, bold))}" lengthAdjust="spacingAndGlyphs"'
        place = f'x="{number(x)}" y="{number(y + CAPITAL_MIDDLE * size)}" font-size="{number(size)}"'
        self.parts.append(f'<text {place}{weight}{at}{fit} fill="{ink}">{escape(words)}</text>')

    def lines(self, x: float, lines: Iterable[str], *, size: float = SIZE, bold: bool = False, ink: str = INK) -> None:
        """Lines of text from `y` on, which moves below them."""
        step = max(LINE, 1.25 * size)
        for line in lines:
            self.text(x, self.y + step / 2, line, size=size, bold=bold, ink=ink)
            self.y += step

    def rect(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = RULE) -> None:
        self.parts.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="0.6"/>'
        )

    def open(self, kind: str, title: str = "") -> None:
        self.parts.append(f'<g class="{kind}">' + (f"<title>{escape(title)}</title>" if title else ""))

    def close(self) -> None:
        self.parts.append("</g>")

    def mark(self, x: float, y: float, judgement: Judgement, palette: str) -> None:
        """A circle in the colour of a judgement with its sign."""
        fill, ink = colours(judgement, palette)
        self.parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(RADIUS)}" fill="{fill}" stroke="{INK}" '
            'stroke-width="0.6"/>'
        )
        self.text(
            x, y, sign(judgement), size=SIZE if not judgement.level else TITLE, bold=True, anchor="middle", ink=ink
        )

    def heading(self, title: str) -> None:
        self.lines(MARGIN, wrap(title, self.width - 2 * MARGIN, TITLE, bold=True), size=TITLE, bold=True)
        self.y += 6

    def svg(self, name: str, title: str, description: str) -> str:
        """The document, which ends in a newline. `name` makes its ids unique on a page."""
        width, height = number(self.width), number(self.y + MARGIN)
        mm = [f"{number(length / 72 * 25.4)}mm" for length in (self.width, self.y + MARGIN)]
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="risk-of-bias" role="img" '
            f"aria-labelledby={quoteattr(f'{name}-title')} aria-describedby={quoteattr(f'{name}-description')} "
            f'width="{mm[0]}" height="{mm[1]}" viewBox="0 0 {width} {height}" font-family="{FONT_FAMILY}">',
            f"<title id={quoteattr(f'{name}-title')}>{escape(title)}</title>",
            f"<desc id={quoteattr(f'{name}-description')}>{escape(description)}</desc>",
            f'<rect class="paper" width="{width}" height="{height}" fill="#ffffff"/>',
        )
        return "\n".join([*head, *self.parts, "</svg>", ""])


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


# --- What the figures show of a tool ----------------------------------------------------------------------------------


def columns(tool: Tool, assessments: Sequence[Assessment]) -> list[str]:
    """Ids of domains, then "overall" if the tool has a rule or somebody gave one, then concerns about applicability."""
    overall = [OVERALL] if tool.has_rule or any(one.overall for one in assessments) else []
    return [*(domain.id for domain in tool.domains), *overall, *(domain.id for domain in tool.applicability)]


def word(one: Assessment, id: str) -> str:
    return one.overall if id == OVERALL else one.judgements[id]


def shown(tool: Tool, ids: Iterable[str], assessments: Sequence[Assessment]) -> dict[str, Judgement]:
    """The judgements for a legend by label, mildest first: those the tool offers, and others that occur."""
    occurring = {word(one, id) for id in ids for one in assessments}
    found = {}
    for id in ids:
        for judgement in tool.judgements(id):
            if judgement.offered or judgement.label in occurring:
                found[judgement.label] = judgement
    return dict(sorted(found.items(), key=lambda item: LEVELS.index(item[1].level) if item[1].level else 0))


def named(tool: Tool, id: str) -> str:
    """A domain as the legend and the description name it."""
    if id == OVERALL:
        return "Overall"
    domain = tool.by_id[id]
    most = f" (at most {domain.stars} stars)" if domain.stars else " (critical)" if id in tool.overall.critical else ""
    return f"{domain.code} {'Applicability: ' if is_concern(tool, domain) else ''}{domain.full_label}{most}"


def is_concern(tool: Tool, domain: Domain) -> bool:
    return domain in tool.applicability


def heading_of(tool: Tool, what: str) -> str:
    return clean(f"{tool.title} ({tool.version}): {what}")


def counted(number: int, unit: str) -> str:
    units = {"study": "studies"}.get(unit, f"{unit}s")
    return f"{number} {unit if number == 1 else units}"


def description(tool: Tool, assessments: Sequence[Assessment]) -> str:
    """Every number of the figures in words."""
    sentences = [f"{counted(len(assessments), tool.unit)}."]
    for id in columns(tool, assessments):
        words = [word(one, id) for one in assessments]
        counts = [(label, words.count(label)) for label in (*(j.label for j in tool.judgements(id)), "")]
        stars = " stars" if tool.overall.rule == "sum" else ""
        said = ", ".join(f"{count} {label + stars if label else 'not judged'}" for label, count in counts if count)
        sentences.append(f"{named(tool, id)}: {said or 'none'}.")
    return clean(" ".join(sentences))


def legend(picture: Picture, tool: Tool, assessments: Sequence[Assessment], palette: str) -> None:
    """Signs with their judgements, and what else needs saying, below what is drawn."""
    ids = columns(tool, assessments)
    judged = shown(tool, [id for id in ids if id != OVERALL], assessments)
    overall = shown(tool, [id for id in ids if id == OVERALL], assessments)
    if tool.overall.rule == "sum":
        _notes(picture, ["A number is the stars given; the darker, the nearer to the most that can be given."])
    elif not set(overall) <= set(judged):
        _entries(picture, judged, "Items:" if tool.unit == "review" else "Domains:", palette)
        _entries(picture, overall, "Overall:", palette)
    else:
        _entries(picture, judged, "", palette)
    notes = []
    if any(not word(one, id) for one in assessments for id in ids):
        notes.append("Without a sign: not judged.")
    by_rule = sum(bool(one.overall and not one.given) for one in assessments)
    if by_rule:
        notes.append(f"Overall by the tool's rule for {counted(by_rule, tool.unit)} where nobody gave one.")
    _notes(picture, notes)


def _entries(picture: Picture, judgements: dict[str, Judgement], heading: str, palette: str) -> None:
    x = start = MARGIN + (text_width("Domains: ", SIZE, bold=True) if heading else 0)
    row = 2 * RADIUS + 5
    if heading:
        picture.text(MARGIN, picture.y + row / 2, heading, bold=True)
    for label, judgement in judgements.items():
        width = 2 * RADIUS + 5 + text_width(label, SIZE) + 14
        if x > start and x + width - 14 > picture.width - MARGIN:
            x, picture.y = start, picture.y + row
        picture.open("key")
        picture.mark(x + RADIUS, picture.y + row / 2, judgement, palette)
        picture.close()
        picture.text(x + 2 * RADIUS + 5, picture.y + row / 2, label)
        x += width
    picture.y += row + 2


def _notes(picture: Picture, notes: Iterable[str]) -> None:
    for note in notes:
        picture.lines(MARGIN, wrap(note, picture.width - 2 * MARGIN, SMALL), size=SMALL, ink=GREY)
