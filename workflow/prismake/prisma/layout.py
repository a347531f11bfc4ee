"""Where everything of the flow diagram stands: boxes with their lines of text, arrows, the mark of a draft.

Lengths are points (1/72 inch) at the printed size, y grows downwards. Widths are measured with the shipped font, so a
box is as high as its wrapped text needs; nothing is left to whoever draws it (svg.py; later PDF, PPTX).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from prismake.prisma.alt_text import describe
from prismake.prisma.panels import Panel, fill_panels, read_labels, read_template, title_of
from prismake.text_metrics import clean, text_width, wrap

Point = tuple[float, float]

# 174 mm is the narrowest of the usual full text widths of journals; the databases column alone needs less.
WIDTH_MM = {1: 128.0, 2: 174.0}
NARROW = 74.0  # width of an arm that has no boxes at its side
SIZE = 7.2  # of the text
LINE = 9.2  # from baseline to baseline
PAD_X, PAD_Y = 5.0, 4.5  # between a box and its text
INDENT, HANG = 7.0, 3.5  # of lines under a title and of items; of continued lines
NEAR = 0.6  # a main box and the first box beside it are made equally high when the lower one has at least this share
MARGIN = 3.0
STAGE = 15.0  # width of the labels at the left
STAGE_GAP, SIDE_GAP, ARM_GAP, ROW_GAP, STACK_GAP, HEAD_GAP = 7.0, 18.0, 20.0, 17.0, 6.0, 9.0
MAIN_SHARE = 0.46  # of an arm's width; side boxes hold the long lists
CLOSE = (12.0, 13.0, 0.48)  # ARM_GAP, SIDE_GAP and MAIN_SHARE with three arms
TIP, TIP_WIDTH = 5.0, 4.6  # of an arrow head
DRAFT_REASONS = 3


@dataclass(frozen=True)
class Line:
    """One line of text. `x` is where it begins, `y` its baseline; `key` is the entry's, "" for titles."""

    text: str
    x: float
    y: float
    width: float
    key: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle with text. `kind`: box, pending, heading, stage or draft. In a `stage` the text runs upwards: its
    single line has its middle at (x, y), `width` runs along y. Headings are centred."""

    name: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Arrow:
    """An orthogonal way from the edge of one box to the edge of another; its head is a triangle, tip first."""

    start: str
    end: str
    points: tuple[Point, ...]

    @property
    def head(self) -> tuple[Point, Point, Point]:
        (x0, y0), (x, y) = self.points[-2:]
        dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back_x, back_y, half = x - TIP * dx, y - TIP * dy, TIP_WIDTH / 2
        return (x, y), (back_x - half * dy, back_y - half * dx), (back_x + half * dy, back_y + half * dx)

    @property
    def shaft(self) -> tuple[Point, ...]:
        """The way without the head, so that a thick line does not blunt the tip."""
        _, (x1, y1), (x2, y2) = self.head
        return (*self.points[:-1], ((x1 + x2) / 2, (y1 + y2) / 2))


@dataclass(frozen=True)
class Layout:
    """A drawn flow diagram, without a drawing."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    watermark: str
    title: str
    description: str
    panels: tuple[Panel, ...]


def lay_out(flow: Mapping[str, Any], *, banner: bool = True) -> Layout:
    """The layout of a flow (see flow.json in docs/prisma.md); `banner` says at the top why a draft is one.

    Raises PrismakeError for an unknown template.
    """
    labels = read_labels()
    template = read_template(flow.get("template") or "new")
    panels = fill_panels(flow, labels)
    arms = [arm for arm in template["arms"] if any(panel.arm == arm for panel in panels)]
    width = WIDTH_MM[min(len(arms), 2) or 1] / 25.4 * 72
    columns = _columns(arms, width, {panel.arm for panel in panels if panel.side})

    boxes = []
    top = MARGIN
    if flow.get("draft") and banner:
        boxes.append(_draft_banner(flow["draft"], width, top, labels))
        top = boxes[-1].bottom + HEAD_GAP
    texts = {arm: labels["headings"][template.get("headings", {}).get(arm, arm)] for arm in arms}
    headings = _headings(columns, top, texts)
    boxes += headings
    top = max((heading.bottom + HEAD_GAP for heading in headings), default=top)

    placed, stages = _place(panels, columns, top, labels)
    boxes += [*stages, *placed.values()]
    return Layout(
        width=width,
        height=max((box.bottom for box in boxes), default=0.0) + MARGIN,
        boxes=tuple(boxes),
        arrows=tuple(_arrows(panels, placed, template["joins"])),
        watermark=labels["draft"]["watermark"] if flow.get("draft") else "",
        title=title_of(flow, labels),
        description=describe(flow, panels, labels),
        panels=tuple(panels),
    )


def _columns(arms: list[str], width: float, wide: set[str]) -> dict[tuple[str, bool], tuple[float, float]]:
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


def _place(
    panels: list[Panel], columns: Mapping[tuple[str, bool], tuple[float, float]], top: float, labels: Mapping[str, Any]
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


# A line of text before it has a place: text, distance from the left, key, bold.
Unset = tuple[str, float, str, bool]


def _panel_lines(panel: Panel, width: float, labels: Mapping[str, Any]) -> list[Unset]:
    """The wrapped lines of a panel, continued lines indented."""
    lines: list[Unset] = [(text, 0.0, "", False) for text in wrap(panel.title, width - 2 * PAD_X, SIZE) if text]
    for entry in panel.entries:
        indent = INDENT * (bool(panel.title) + entry.item)
        hang = HANG if indent or len(panel.entries) > 1 else 0.0
        wrapped = wrap(entry.text(labels), width - 2 * PAD_X - indent, SIZE, hang=hang)
        lines += [(text, indent + (hang if n else 0.0), entry.key, False) for n, text in enumerate(wrapped)]
    return lines


def _height(lines: list[Unset]) -> float:
    return len(lines) * LINE + 2 * PAD_Y


def _set_lines(
    lines: list[Unset], x: float, y: float, width: float, height: float, centred: bool = False
) -> tuple[Line, ...]:
    """The lines with their places in a box, in its middle by height."""
    first = y + (height - len(lines) * LINE) / 2 + SIZE
    placed = []
    for position, (text, indent, key, bold) in enumerate(lines):
        length = text_width(text, SIZE, bold)
        start = x + (width - length) / 2 if centred else x + PAD_X + indent
        placed.append(Line(text, start, first + position * LINE, length, key, bold))
    return tuple(placed)


def _headings(
    columns: Mapping[tuple[str, bool], tuple[float, float]], top: float, words: Mapping[str, str]
) -> list[Box]:
    """The heading over each arm, all equally high."""
    spans = {}
    for arm in words:
        x, last = columns[arm, False][0], columns.get((arm, True), columns[arm, False])
        spans[arm] = (x, sum(last) - x)
    texts: dict[str, list[Unset]] = {
        arm: [(text, 0.0, "", True) for text in wrap(words[arm], width - 2 * PAD_X, SIZE, bold=True)]
        for arm, (_, width) in spans.items()
    }
    height = max((_height(lines) for lines in texts.values()), default=0.0)
    return [
        Box(f"heading_{arm}", "heading", x, top, width, height, _set_lines(texts[arm], x, top, width, height, True))
        for arm, (x, width) in spans.items()
    ]


def _draft_banner(reasons: list[str], width: float, top: float, labels: Mapping[str, Any]) -> Box:
    """The box over everything that says why the picture is not final."""
    inner = width - 2 * MARGIN - 2 * PAD_X
    texts = [clean(reason) for reason in reasons[:DRAFT_REASONS]]
    if len(reasons) > DRAFT_REASONS:
        texts.append(labels["draft"]["more"].format(n=len(reasons) - DRAFT_REASONS))
    lines: list[Unset] = [(text, 0.0, "", True) for text in wrap(labels["draft"]["banner"], inner, SIZE, bold=True)]
    for text in texts:
        wrapped = wrap(f"• {text}", inner, SIZE, hang=HANG)
        lines += [(part, HANG if n else 0.0, "", False) for n, part in enumerate(wrapped)]
    height = _height(lines)
    box_width = width - 2 * MARGIN
    return Box("draft", "draft", MARGIN, top, box_width, height, _set_lines(lines, MARGIN, top, box_width, height))


def _arrows(panels: list[Panel], placed: Mapping[str, Box], joins: Mapping[str, str]) -> Iterator[Arrow]:
    """Down each arm, from each main box to the boxes at its side, and from arms into the boxes they join."""
    mains: dict[str, dict[int, Box]] = defaultdict(dict)
    sides: dict[tuple[str, int], list[Box]] = defaultdict(list)
    for panel in panels:
        if panel.side:
            sides[panel.arm, panel.row].append(placed[panel.name])
        else:
            mains[panel.arm][panel.row] = placed[panel.name]
    for arm, column in mains.items():
        for row, main in column.items():
            yield from _sideways(main, sides[arm, row])
        for upper, lower in pairwise(column.values()):
            x = upper.x + upper.width / 2
            yield Arrow(upper.name, lower.name, ((x, upper.bottom), (x, lower.y)))
        last, goal = list(column.values())[-1], placed.get(joins.get(arm, ""))
        if goal:
            x, y = last.x + last.width / 2, goal.y + goal.height / 2
            edge = goal.x if x < goal.x else goal.right
            yield Arrow(last.name, goal.name, ((x, last.bottom), (x, y), (edge, y)))


def _sideways(main: Box, sides: list[Box]) -> Iterator[Arrow]:
    """From a main box to the boxes stacked at its side: straight to the first, down between the columns to the rest."""
    for position, side in enumerate(sides):
        if position == 0:
            y = main.y + min(main.height, side.height) / 2
            points: tuple[Point, ...] = ((main.right, y), (side.x, y))
        else:
            middle, goal = (main.right + side.x) / 2, side.y + side.height / 2
            points = ((main.right, y), (middle, y), (middle, goal), (side.x, goal))
        yield Arrow(main.name, side.name, points)
