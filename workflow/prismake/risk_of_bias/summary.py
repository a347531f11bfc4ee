"""The summary figure: for each domain a bar with the share of every judgement."""

from collections.abc import Sequence

from prismake.risk_of_bias.assessments import Assessment
from prismake.risk_of_bias.drawing import (
    GREY,
    INK,
    LINE,
    MARGIN,
    RULE,
    SIZE,
    SMALL,
    Picture,
    colours,
    columns,
    counted,
    description,
    heading_of,
    legend,
    named,
    number,
    sign,
    word,
)
from prismake.risk_of_bias.tools import OVERALL, Judgement, Tool
from prismake.text_metrics import clean, text_width, wrap

_LABEL, _BAR, _HEIGHT, _ROW = 200.0, 330.0, 17.0, 25.0
_BLANK = Judgement("not judged")


def draw_summary(tool: Tool, assessments: Sequence[Assessment], palette: str) -> str:
    """The figure as an SVG document; `palette` is one of drawing.PALETTES.

    Shares are by weight where there are weights. What is not judged has a share of its own, so that every bar is whole.
    """
    picture = Picture(MARGIN + _LABEL + 8 + _BAR + MARGIN + 8)
    weighted = any(one.weight is not None for one in assessments)
    what = f"share of judgements in {counted(len(assessments), tool.unit)}{', by weight' if weighted else ''}"
    title = heading_of(tool, what)
    picture.heading(title)
    concerns = {domain.id for domain in tool.applicability}
    ids = columns(tool, assessments)
    blocks = [("Risk of bias" if concerns else "", [id for id in ids if id not in concerns])]
    if concerns:
        blocks.append(("Applicability", [id for id in ids if id in concerns]))
    for name, block in blocks:
        if name:
            picture.lines(MARGIN, [name], bold=True)
            picture.y += 2
        for id in block:
            _bar(picture, tool, assessments, id, palette)
        _axis(picture)
    if not assessments:
        picture.lines(MARGIN, [f"No {tool.unit} has been assessed yet."], ink=GREY)
    picture.y += 4
    legend(picture, tool, assessments, palette)
    words = [description(tool, assessments), _by_weight(tool, assessments) if weighted else ""]
    return picture.svg(f"rob-{tool.id}-summary-{palette}", title, " ".join(filter(None, words)))


def shares(tool: Tool, assessments: Sequence[Assessment], id: str) -> list[tuple[Judgement, int, float]]:
    """The judgements that occur in a column, each with its number and its share; not judged comes last."""
    total = sum(_weight(one) for one in assessments)
    found = []
    for judgement in (*tool.judgements(id), _BLANK):
        label = "" if judgement is _BLANK else judgement.label
        here = [one for one in assessments if word(one, id) == label]
        if here:
            found.append((judgement, len(here), sum(_weight(one) for one in here) / total))
    return found


def _weight(one: Assessment) -> float:
    return 1.0 if one.weight is None else one.weight


def _by_weight(tool: Tool, assessments: Sequence[Assessment]) -> str:
    said = []
    for id in columns(tool, assessments):
        parts = ", ".join(
            f"{judgement.label} {_percent(share)}" for judgement, _, share in shares(tool, assessments, id)
        )
        said.append(f" {named(tool, id)} by weight: {parts}.")
    return clean("".join(said))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _bar(picture: Picture, tool: Tool, assessments: Sequence[Assessment], id: str, palette: str) -> None:
    label = wrap(named(tool, id), _LABEL, SIZE, bold=id == OVERALL)
    height = max(_ROW, len(label) * LINE + 6)
    middle = picture.y + height / 2
    below = picture.y + height
    picture.open("cell label")
    picture.rect(MARGIN, picture.y, _LABEL, height, "none", "none")
    picture.y = middle - len(label) * LINE / 2
    picture.lines(MARGIN, label, bold=id == OVERALL)
    picture.close()
    left, top = MARGIN + _LABEL + 8, middle - _HEIGHT / 2
    picture.rect(left, top, _BAR, _HEIGHT, "#ffffff")
    for judgement, count, share in shares(tool, assessments, id):
        said = f"{'Overall' if id == OVERALL else tool.by_id[id].code}, {judgement.label}: {count} ({_percent(share)})"
        picture.open("cell share" if judgement is not _BLANK else "cell blank", said)
        fill, ink = ("#ffffff", GREY) if judgement is _BLANK else colours(judgement, palette)
        picture.rect(left, top, share * _BAR, _HEIGHT, fill, RULE if judgement is _BLANK else INK)
        mark = "" if judgement is _BLANK else sign(judgement)
        for words in (f"{mark}{' ' if judgement.level else ': '}{_percent(share)}" if mark else _percent(share), mark):
            if words and text_width(words, SIZE, bold=True) + 4 <= share * _BAR:
                picture.text(left + share * _BAR / 2, middle, words, bold=True, anchor="middle", ink=ink)
                break
        picture.close()
        left += share * _BAR
    picture.y = below


def _axis(picture: Picture) -> None:
    left = MARGIN + _LABEL + 8
    picture.y += 3
    for quarter in range(5):
        x = left + quarter / 4 * _BAR
        picture.parts.append(
            f'<line x1="{number(x)}" y1="{number(picture.y - 3)}" x2="{number(x)}" y2="{number(picture.y)}" '
            f'stroke="{RULE}" stroke-width="0.6"/>'
        )
        picture.text(x, picture.y + 6, f"{25 * quarter}%", size=SMALL, anchor="middle", ink=GREY)
    picture.y += 18
