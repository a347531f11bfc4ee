"""The traffic-light figure: a row per study or result, a column per domain, a coloured sign for each judgement."""

from collections.abc import Sequence
from dataclasses import dataclass

from prismake.risk_of_bias.assessments import Assessment
from prismake.risk_of_bias.drawing import (
    GREY,
    LINE,
    MARGIN,
    SHADE,
    SIZE,
    SMALL,
    Picture,
    columns,
    description,
    heading_of,
    is_concern,
    legend,
    named,
    word,
)
from prismake.risk_of_bias.tools import OVERALL, Tool
from prismake.text_metrics import clean, text_width, wrap

_CELL, _ROW, _HEAD, _GAP = 34.0, 24.0, 20.0, 12.0
_NAME, _WIDEST_NAME, _NARROWEST = 90.0, 200.0, 330.0
_LEGEND = 250.0  # the least width of a column of domains below the figure
_LONG, _REPEAT = 40, 30  # a figure of more rows than the first repeats its headings each so many rows


@dataclass(frozen=True)
class _Column:
    id: str
    head: str
    x: float
    width: float


def draw_traffic_light(tool: Tool, assessments: Sequence[Assessment], palette: str) -> str:
    """The figure as an SVG document; `palette` is one of drawing.PALETTES."""
    room = max([_NAME, *(_natural(one) for one in assessments)])
    names = MARGIN, min(room, _WIDEST_NAME) + 12
    placed = _place(tool, assessments, sum(names))
    right = placed[-1].x + placed[-1].width
    picture = Picture(max(right + MARGIN, _NARROWEST))
    title = heading_of(tool, f"judgements of each {tool.unit}")
    picture.heading(title)
    if tool.applicability:
        _blocks(picture, tool, placed)
    _headings(picture, tool, placed, names)
    for index, one in enumerate(assessments):
        if index and index % _REPEAT == 0 and len(assessments) > _LONG:
            _headings(picture, tool, placed, names)
        _row(picture, tool, one, placed, names, palette)
    if not assessments:
        picture.y += 4
        picture.lines(MARGIN, [f"No {tool.unit} has been assessed yet."], ink=GREY)
    picture.y += 10
    _domains(picture, [named(tool, column.id) for column in placed if column.id != OVERALL])
    picture.y += 6
    legend(picture, tool, assessments, palette)
    return picture.svg(f"rob-{tool.id}-traffic-light-{palette}", title, description(tool, assessments))


def _domains(picture: Picture, names: Sequence[str]) -> None:
    """What the headings stand for, in as many columns as there is room for."""
    room = picture.width - 2 * MARGIN
    beside = max(1, int(room // _LEGEND))
    width = room / beside
    each = -(-len(names) // beside)
    top, bottom = picture.y, picture.y
    for first in range(0, len(names), each):
        picture.y = top
        for name in names[first : first + each]:
            picture.lines(MARGIN + first // each * width, wrap(name, width - 10, SMALL), size=SMALL)
        bottom = max(bottom, picture.y)
    picture.y = bottom


def _natural(one: Assessment) -> float:
    return max(text_width(clean(one.study_id), SIZE), text_width(clean(one.result), SMALL))


def _place(tool: Tool, assessments: Sequence[Assessment], x: float) -> list[_Column]:
    """The columns from x on; concerns about applicability stand apart."""
    placed: list[_Column] = []
    for id in columns(tool, assessments):
        head = "Overall" if id == OVERALL else tool.by_id[id].code
        width = max(_CELL, text_width(head, SIZE, bold=True) + 10)
        if tool.applicability and id == tool.applicability[0].id:
            x += _GAP
        placed.append(_Column(id, head, x, width))
        x += width
    return placed


def _blocks(picture: Picture, tool: Tool, placed: Sequence[_Column]) -> None:
    """Names above the domains and above the concerns about applicability."""
    for name, concern in (("Risk of bias", False), ("Applicability", True)):
        block = [c for c in placed if (c.id != OVERALL and is_concern(tool, tool.by_id[c.id])) == concern]
        left, right = block[0].x, block[-1].x + block[-1].width
        picture.text((left + right) / 2, picture.y + LINE / 2, name, bold=True, anchor="middle")
    picture.y += LINE + 2


def _headings(picture: Picture, tool: Tool, placed: Sequence[_Column], names: tuple[float, float]) -> None:
    cells = [(names[0], names[1], tool.unit.capitalize(), ""), *((c.x, c.width, c.head, "middle") for c in placed)]
    for x, width, head, anchor in cells:
        picture.open("cell head")
        picture.rect(x, picture.y, width, _HEAD, "#d0d7de")
        at = x + width / 2 if anchor else x + 6
        picture.text(at, picture.y + _HEAD / 2, head, bold=True, anchor=anchor)
        picture.close()
    picture.y += _HEAD


def _row(
    picture: Picture,
    tool: Tool,
    one: Assessment,
    placed: Sequence[_Column],
    names: tuple[float, float],
    palette: str,
) -> None:
    x, width = names
    study = wrap(clean(one.study_id), width - 12, SIZE)
    result = wrap(clean(one.result), width - 12, SMALL) if one.result else []
    height = max(_ROW, (len(study) + len(result)) * LINE + 8)
    top = picture.y
    picture.open("cell name")
    picture.rect(x, top, width, height, "#ffffff")
    picture.y = top + (height - (len(study) + len(result)) * LINE) / 2
    picture.lines(x + 6, study)
    picture.lines(x + 6, result, size=SMALL, ink=GREY)
    picture.close()
    for column in placed:
        label = word(one, column.id)
        judgement = next((j for j in tool.judgements(column.id) if j.label == label), None)
        said = f"{clean(one.name)}, {column.head}: {label or 'not judged'}"
        picture.open("cell judgement" if judgement else "cell blank", said)
        picture.rect(column.x, top, column.width, height, SHADE if column.id == OVERALL else "#ffffff")
        if judgement:
            picture.mark(column.x + column.width / 2, top + height / 2, judgement, palette)
        picture.close()
    picture.y = top + height
