"""Where the boxes of a flow diagram stand and how their text wraps, at one size of text.

Lengths are points with text of SIZE; layout.py brings them to the size that is printed. Widths are measured, so a box
is as high as its wrapped text needs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from prismake.prisma.panels import Panel
from prismake.prisma.shapes import Box, Line
from prismake.text_metrics import reads_from_right, text_width, wrap

SIZE = 7.2  # of the text
LINE = 9.2  # from baseline to baseline
NARROW = 74.0  # width of an arm that has no boxes at its side
PAD_X, PAD_Y = 5.0, 4.5  # between a box and its text
INDENT, HANG = 7.0, 3.5  # of lines under a title and of items; of continued lines
NEAR = 0.6  # a main box and the first box beside it are made equally high when the lower one has at least this share
MARGIN = 3.0
STAGE = 15.0  # width of the labels at the left
STAGE_GAP, SIDE_GAP, ARM_GAP, ROW_GAP, STACK_GAP, HEAD_GAP = 7.0, 18.0, 20.0, 17.0, 6.0, 9.0
MAIN_SHARE = 0.46  # of an arm's width; side boxes hold the long lists
CLOSE = (12.0, 13.0, 0.48)  # ARM_GAP, SIDE_GAP and MAIN_SHARE with three arms
DRAFT_REASONS = 3

# (arm, whether at its side) -> x and width of the column
Columns = Mapping[tuple[str, bool], tuple[float, float]]


def lay_columns(arms: list[str], width: float, wide: set[str]) -> dict[tuple[str, bool], tuple[float, float]]:
    """(arm, side) -> (x, width) of the column. Arms that are not `wide` are narrow, unless there is no other."""
    x = MARGIN + STAGE + STAGE_GAP
    gap, side_gap, share = (ARM_GAP, SIDE_GAP, MAIN_SHARE) if len(arms) < 3 else CLOSE
    narrow = [arm for arm in arms if arm not in wide] if wide.intersection(arms) else []
    room = width - x - MARGIN - gap * (len(arms) - 1) - NARROW * len(narrow)
    arm_width = room / max(len(arms) - len(narrow), 1)
    main = (arm_width - side_gap) * share
    columns = {}
    for arm in arms:
        if arm in narrow:
            columns[arm, False] = (x, NARROW)
            x += NARROW + gap
        else:
            columns[arm, False] = (x, main)
            columns[arm, True] = (x + main + side_gap, arm_width - main - side_gap)
            x += arm_width + gap
    return columns


def place_panels(
    panels: list[Panel], columns: Columns, top: float, labels: Mapping[str, Any]
) -> tuple[dict[str, Box], list[Box]]:
    """The boxes of the panels by name, and the stage labels beside their rows."""
    placed: dict[str, Box] = {}
    spans: dict[str, tuple[float, float]] = {}  # of the stages along y
    last_rows = {panel.stage: panel.row for panel in sorted(panels, key=lambda panel: panel.row)}
    for row, stage in sorted({(panel.row, panel.stage) for panel in panels}):
        here = [panel for panel in panels if panel.row == row]
        texts = {panel.name: _panel_lines(panel, columns[panel.arm, panel.side][1], labels) for panel in here}
        heights = _heights(here, {name: _height(lines) for name, lines in texts.items()})
        ends: dict[tuple[str, bool], float] = {}  # where the stack of a column ends
        for panel in here:
            column = panel.arm, panel.side
            x, width = columns[column]
            y = ends[column] + STACK_GAP if column in ends else top
            ends[column] = y + heights[panel.name]
            kind = "pending" if panel.pending else "box"
            lines = _set_lines(texts[panel.name], x, y, width, heights[panel.name])
            placed[panel.name] = Box(panel.name, kind, x, y, width, heights[panel.name], lines)
        first, bottom = spans.get(stage, (top, top))[0], max(ends.values())
        if row == last_rows[stage]:  # the label of the stage needs its length
            bottom = max(bottom, first + text_width(labels["stages"][stage], SIZE, True) + 2 * PAD_Y)
        spans[stage] = (first, bottom)
        top = bottom + ROW_GAP
    return placed, [_stage_label(stage, first, bottom, labels) for stage, (first, bottom) in spans.items()]


def _heights(panels: list[Panel], natural: Mapping[str, float]) -> dict[str, float]:
    """The heights of a row's boxes. A first side box that is only a little lower than its main box is made as high;
    main boxes are made as high as their side boxes only where that works in every arm, so that a row looks even."""
    heights = dict(natural)
    firsts: dict[tuple[str, bool], str] = {}
    for panel in panels:
        firsts.setdefault((panel.arm, panel.side), panel.name)
    pairs = [(name, firsts[arm, True]) for (arm, side), name in firsts.items() if not side and (arm, True) in firsts]
    near = [(main, side) for main, side in pairs if NEAR <= natural[main] / natural[side] <= 1 / NEAR]
    for main, side in near:
        highest = max(natural[main], natural[side])
        heights[side] = highest
        heights[main] = highest if near == pairs else natural[main]
    return heights


def _stage_label(stage: str, top: float, bottom: float, labels: Mapping[str, Any]) -> Box:
    text = labels["stages"][stage]
    line = Line(text, MARGIN + STAGE / 2, (top + bottom) / 2, text_width(text, SIZE, True), bold=True)
    return Box(f"stage_{stage}", "stage", MARGIN, top, STAGE, bottom - top, (line,))


class Unset(NamedTuple):
    """A line of text before it has a place; `indent` is its distance from where the lines of its box begin."""

    text: str
    indent: float = 0.0
    key: str = ""
    bold: bool = False
    rtl: bool = False


def _wrapped(
    text: str, width: float, *, indent: float = 0.0, hang: float = 0.0, key: str = "", bold: bool = False
) -> Iterator[Unset]:
    """One paragraph as lines of at most `width`, indent included, continued ones indented by `hang` more."""
    rtl = reads_from_right(text)
    for number, part in enumerate(wrap(text, width - indent, SIZE, bold=bold, hang=hang)):
        yield Unset(part, indent + (hang if number else 0.0), key, bold, rtl)


def _panel_lines(panel: Panel, width: float, labels: Mapping[str, Any]) -> list[Unset]:
    """The wrapped lines of a panel, continued lines indented."""
    inner = width - 2 * PAD_X
    lines = list(_wrapped(panel.title, inner)) if panel.title else []
    for entry in panel.entries:
        indent = INDENT * (bool(panel.title) + entry.level)
        hang = HANG if indent or len(panel.entries) > 1 else 0.0
        lines += _wrapped(entry.text(labels), inner, indent=indent, hang=hang, key=entry.key)
    return lines


def _height(lines: list[Unset]) -> float:
    return len(lines) * LINE + 2 * PAD_Y


def _set_lines(
    lines: list[Unset], x: float, y: float, width: float, height: float, centred: bool = False
) -> tuple[Line, ...]:
    """The lines with their places in a box, in its middle by height."""
    first = y + (height - len(lines) * LINE) / 2 + SIZE
    placed = []
    for position, line in enumerate(lines):
        length = text_width(line.text, SIZE, line.bold)
        start = x + PAD_X + line.indent
        if line.rtl:
            start = x + width - PAD_X - line.indent - length
        if centred:
            start = x + (width - length) / 2
        placed.append(Line(line.text, start, first + position * LINE, length, line.key, line.bold, line.rtl))
    return tuple(placed)


def arm_headings(columns: Columns, top: float, words: Mapping[str, str]) -> list[Box]:
    """The heading over each arm, all equally high."""
    spans = {}
    for arm in words:
        x, last = columns[arm, False][0], columns.get((arm, True), columns[arm, False])
        spans[arm] = (x, sum(last) - x)
    texts = {arm: _balanced(words[arm], width - 2 * PAD_X) for arm, (_, width) in spans.items()}
    height = max((_height(lines) for lines in texts.values()), default=0.0)
    return [
        Box(f"heading_{arm}", "heading", x, top, width, height, _set_lines(texts[arm], x, top, width, height, True))
        for arm, (x, width) in spans.items()
    ]


def _balanced(text: str, width: float) -> list[Unset]:
    """A heading on as few lines as it needs, which are about equally long."""
    lines = list(_wrapped(text, width, bold=True))
    narrower = max(width * 0.5, text_width(text, SIZE, True) / len(lines))
    while len(lines) > 1 and narrower < width:
        if len(shorter := list(_wrapped(text, narrower, bold=True))) == len(lines):
            return shorter
        narrower += SIZE
    return lines


def draft_banner(reasons: list[str], width: float, labels: Mapping[str, Any]) -> list[Box]:
    """The box over everything that says why the picture is not final."""
    inner = width - 2 * MARGIN - 2 * PAD_X
    texts = reasons[:DRAFT_REASONS]
    if len(reasons) > DRAFT_REASONS:
        texts.append(labels["draft"]["more"].format(n=len(reasons) - DRAFT_REASONS))
    lines = list(_wrapped(labels["draft"]["banner"], inner, bold=True))
    for text in texts:
        lines += _wrapped(f"• {text}", inner, hang=HANG)
    height, box_width = _height(lines), width - 2 * MARGIN
    return [
        Box("draft", "draft", MARGIN, MARGIN, box_width, height, _set_lines(lines, MARGIN, MARGIN, box_width, height))
    ]
