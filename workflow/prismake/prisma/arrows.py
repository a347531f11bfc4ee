"""The ways between the boxes of a flow diagram."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from prismake.prisma.panels import Panel
from prismake.prisma.shapes import Arrow, Box, Point


def draw_arrows(panels: list[Panel], placed: Mapping[str, Box], joins: Mapping[str, str]) -> Iterator[Arrow]:
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
