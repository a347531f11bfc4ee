"""A flow as a layout: the preset whose figure it fits, its boxes with their lines of text, arrows, the mark of a draft.

Everything is laid out with text of one size (columns.py) on a width that is larger or smaller in proportion, and then
brought to the size that is printed. Nothing is left to whoever draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.alt_text import describe
from prismake.prisma.arrows import draw_arrows
from prismake.prisma.columns import (
    HEAD_GAP,
    LINE,
    MARGIN,
    PAD_X,
    SIZE,
    arm_headings,
    draft_banner,
    lay_columns,
    place_panels,
)
from prismake.prisma.panels import Panel, fill_panels, read_template
from prismake.prisma.presets import Preset, chain
from prismake.prisma.settings import Settings
from prismake.prisma.shapes import COLOUR, GREY, Arrow, Box, Layout, Line, Watermark
from prismake.prisma.wording import draft_reasons, read_labels, title_of

_NARROWEST = 8.8 * SIZE  # a figure does not fit a width that leaves its lines less than this


def lay_out(flow: Mapping[str, Any], settings: Settings | None = None, *, banner: bool = True) -> Layout:
    """The layout of a flow (see flow.json in docs/prisma.md); `banner` says at the top why a draft is one.

    It has the first preset of the chain that settings.preset begins, and the largest text, with which it fits the width
    and the height; its notes say so when that is not the preset asked for. When none fits by height, it has the one
    that it exceeds least. Raises PrismakeError for an unknown template, preset, language, wording or label, and for a
    number too long for all of them.
    """
    settings = settings or Settings()
    labels = read_labels(settings)
    template = read_template(flow.get("template") or "new")
    panels = fill_panels(flow, labels, settings)
    draft = draft_reasons(flow, labels)
    fitted = _fit(settings.preset, panels, template, labels, draft if banner else [])
    preset, height, factor = fitted.preset, fitted.height, fitted.size / SIZE
    styles = GREY if settings.grey else COLOUR
    watermark = None
    if draft:
        middle = preset.width / 2, height / 2
        watermark = Watermark(labels["draft"]["watermark"], *middle, preset.width / 4, ink=styles["draft"].stroke)
    return Layout(
        width=preset.width,
        height=height,
        size=fitted.size,
        leading=LINE * factor,
        boxes=tuple(_scaled(box, factor) for box in fitted.boxes),
        arrows=tuple(
            replace(arrow, points=tuple((x * factor, y * factor) for x, y in arrow.points)) for arrow in fitted.arrows
        ),
        styles=styles,
        arrow_ink=styles["box"].ink,
        watermark=watermark,
        preset=preset,
        language=settings.language,
        title=title_of(flow, labels),
        description=describe(flow, panels, labels),
        panels=tuple(panels),
        notes=_notes(settings.preset, preset, height),
    )


@dataclass(frozen=True)
class _Fitted:
    """The boxes and arrows with text of SIZE; `height` (points) and `size` are those of the preset."""

    preset: Preset
    size: float
    height: float
    boxes: list[Box]
    arrows: list[Arrow]


def _fit(
    preset_name: str, panels: list[Panel], template: Mapping[str, Any], labels: Mapping[str, Any], draft: list[str]
) -> _Fitted:
    arms = [arm for arm in template["arms"] if any(panel.arm == arm for panel in panels)]
    wide = {panel.arm for panel in panels if panel.side}
    headings = {arm: labels["headings"][template.get("headings", {}).get(arm, arm)] for arm in arms}
    tried = []
    for preset in chain(preset_name):
        for size in preset.sizes():
            width = preset.width / size * SIZE
            columns = lay_columns(arms, width, wide)
            if any(column_width - 2 * PAD_X < _NARROWEST for _, column_width in columns.values()):
                continue
            boxes = draft_banner(draft, width, labels) if draft else []
            top = boxes[0].bottom + HEAD_GAP if boxes else MARGIN
            boxes += arm_headings(columns, top, headings)
            top = max((box.bottom + HEAD_GAP for box in boxes), default=top)
            placed, stages = place_panels(panels, columns, top, labels)
            if not all(_holds(box, line) for box in placed.values() for line in box.lines):
                continue  # a number, which cannot be broken, is too long
            boxes += [*stages, *placed.values()]
            height = max((box.bottom for box in boxes), default=0.0) + MARGIN
            arrows = list(draw_arrows(panels, placed, template["joins"]))
            tried.append(_Fitted(preset, size, height * size / SIZE, boxes, arrows))
            if tried[-1].height <= preset.height:
                return tried[-1]
    if not tried:
        raise PrismakeError("there is a number with so many digits that it fits no figure", hint="Check the counts.")
    return min(tried, key=lambda fitted: fitted.height / fitted.preset.height)


def _holds(box: Box, line: Line) -> bool:
    return box.x + PAD_X / 2 <= line.x and line.x + line.width <= box.right - PAD_X / 2


def _scaled(box: Box, factor: float) -> Box:
    lines = tuple(replace(line, x=line.x * factor, y=line.y * factor, width=line.width * factor) for line in box.lines)
    return replace(
        box, x=box.x * factor, y=box.y * factor, width=box.width * factor, height=box.height * factor, lines=lines
    )


def _notes(asked: str, preset: Preset, height: float) -> tuple[str, ...]:
    """What people should know of the size of the figure."""
    notes = []
    first = chain(asked)[0]
    if preset != first and not first.quiet:
        notes.append(
            f"The figure does not fit the preset {first.name} ({first.width_mm:g} mm wide, text of {first.min_pt:g} pt "
            f"or more), so it has the size of {preset.name} ({preset.width_mm:g} mm)."
        )
    if height > preset.height:
        notes.append(
            f"The figure is {height / 72 * 25.4:.0f} mm high, more than the {preset.height_mm:g} mm that "
            f"{preset.name} has for it."
        )
    return tuple(notes)
