"""What a drawn flow diagram is made of: every writer (SVG, PNG, PDF, PPTX, DOCX) draws a Layout and decides nothing.

Lengths are points (1/72 inch) at the printed size, y grows downwards. Colours are "#rrggbb".
"""

from dataclasses import dataclass

from prismake.prisma.panels import Panel
from prismake.prisma.presets import Preset

Point = tuple[float, float]
INK = "#1f2328"
ARROW_WIDTH = 0.8  # of the line
TIP, TIP_WIDTH = 5.0, 4.6  # length and width of an arrow head


@dataclass(frozen=True)
class Style:
    """How a kind of box looks."""

    fill: str
    stroke: str
    ink: str = INK
    stroke_width: float = 0.7
    dashes: tuple[float, ...] = ()  # lengths of dash and gap
    radius: float = 1.5  # of the corners
    bold: bool = False
    align: str = "start"  # of the lines: start or middle
    upwards: bool = False  # the text runs from below to above


COLOUR = {
    "box": Style("#ffffff", "#3d444d"),
    "pending": Style("#fff8e5", "#8a6100", dashes=(3, 2)),
    "heading": Style("#ffd75e", "#a67c00", radius=5, bold=True, align="middle"),
    "stage": Style("#b9d7f0", "#4a7ba6", radius=4, bold=True, align="middle", upwards=True),
    "draft": Style("#fdecea", "#b3261e", ink="#7a1410"),
}
GREY = {
    "box": Style("#ffffff", "#3d3d3d", "#1f1f1f"),
    "pending": Style("#f4f4f4", "#5c5c5c", "#1f1f1f", dashes=(3, 2)),
    "heading": Style("#dedede", "#5c5c5c", "#1f1f1f", radius=5, bold=True, align="middle"),
    "stage": Style("#cfcfcf", "#5c5c5c", "#1f1f1f", radius=4, bold=True, align="middle", upwards=True),
    "draft": Style("#f0f0f0", "#3d3d3d", "#1f1f1f"),
}


@dataclass(frozen=True)
class Line:
    """One line of text, `width` wide by the font that was measured. `key` is the entry's, "" for titles.

    `x` is its left end and `y` its baseline. In a box whose text runs upwards the single line has its middle at (x, y)
    and `width` runs along y. A line that is `rtl` reads from right to left and keeps its right end, x + width.
    """

    text: str
    x: float
    y: float
    width: float
    key: str = ""
    bold: bool = False
    rtl: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle with text. `kind`: box, pending, heading, stage or draft, the key of its style."""

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
class Watermark:
    """Bold text across the picture, turned by `angle` degrees (clockwise) about its middle (x, y)."""

    text: str
    x: float
    y: float
    size: float
    angle: float = -35.0
    ink: str = "#b3261e"
    opacity: float = 0.09


@dataclass(frozen=True)
class Layout:
    """A drawn flow diagram, without a drawing. All text is of one `size`, `leading` from baseline to baseline.

    `language` is the tag of the wording (BCP 47). `notes` tell people what had to be done to make it fit.
    """

    width: float
    height: float
    size: float
    leading: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    styles: dict[str, Style]
    arrow_ink: str
    watermark: Watermark | None
    preset: Preset
    language: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that is written in it, to find out which characters a font needs."""
        written = [line.text for box in self.boxes for line in box.lines]
        return " ".join([*written, self.watermark.text if self.watermark else ""])
