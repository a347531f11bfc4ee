"""How forms look. Calibri is named in every style: LibreOffice falls back to a serif face otherwise."""

from functools import lru_cache

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

from prismake.spreadsheet import text as texts
from prismake.spreadsheet.model import Column

MAX_HEIGHT = 409.0  # points; no spreadsheet shows a higher row
_LINE = {16: 21.5, 12: 16.2, 11: 15.0, 10: 13.6, 9: 12.4, 8: 11.2}  # font size -> height of a line
_SIZES = (11, 10, 9, 8)  # of texts in sheets: the longer, the smaller
RED, YELLOW = "FFF8C9C4", "FFFFE28A"
_TINT, _DARK, _AMBER, _GREY = "FFFFF8E1", "FF33475B", "FF8A5A00", "FFD0D7DE"
_WHITE, _BLUE = "FFFFFFFF", "FF0B57D0"
_WITHOUT_LINES = ("title", "prose", "page title", "page prose", "page jump")
_FORMATS = {"text": "@", "choice": "@", "date": "yyyy-mm-dd"}  # "@": what is typed stays text, 1/2 is no date


def font(size: int = 11, **more: object) -> Font:
    return Font(name="Calibri", size=size, **more)


def style_name(column: Column, size: int) -> str:
    if column.editable:
        return f"prismake fill {'number' if column.kind in ('integer', 'number', 'year', 'link') else column.kind}"
    return f"prismake {'link' if column.kind == 'link' else 'date' if column.kind == 'date' else f'read {size}'}"


def _style(name: str, face: Font, fill: str = "", number_format: str = "General", **more: object) -> NamedStyle:
    top = Alignment(vertical="top", horizontal="left", wrap_text=True)
    made = NamedStyle(f"prismake {name}", font=face, number_format=number_format, alignment=top)
    made.protection = Protection(locked=True)
    if fill:
        made.fill = PatternFill("solid", fgColor=fill)
    if name not in _WITHOUT_LINES:
        side = Side(style="thin", color=_GREY)
        made.border = Border(left=side, right=side, top=side, bottom=side)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def styles() -> list[NamedStyle]:
    """Of sheets that are filled in, and of the instructions."""
    style, unlocked = _style, Protection(locked=False)
    middle = Alignment(vertical="center", wrap_text=True)
    white = font(bold=True, color=_WHITE)
    return [
        style("head", white, _DARK, alignment=middle),
        style("head to fill", white, _AMBER, alignment=middle),
        *(style(f"read {size}", font(size)) for size in _SIZES),
        style("date", font(), number_format=_FORMATS["date"]),
        style("link", font(color=_BLUE, underline="single")),
        *(
            style(f"fill {kind}", font(), _TINT, _FORMATS.get(kind, "General"), protection=unlocked)
            for kind in ("text", "choice", "number", "date")
        ),
        style("title", font(16, bold=True)),
        style("prose", font()),
    ]


# What the boxes of a page look like: size of the font, the rest of the font, fill.
LOOKS: dict[str, tuple[int, dict[str, object], str]] = {
    "title": (16, {"bold": True}, ""),
    "prose": (10, {}, ""),
    "jump": (10, {"color": _BLUE, "underline": "single"}, ""),
    "section": (12, {"bold": True, "color": _WHITE}, _DARK),
    "heading": (10, {"bold": True}, "FFE8ECF0"),
    "label": (10, {"bold": True}, "FFF5F7F9"),
    "value": (10, {}, ""),
    "agreed": (10, {}, ""),
    "consensus": (10, {"bold": True}, "FFDCEBFA"),
    "single": (10, {"italic": True}, "FFEFEFEF"),
    "unresolved": (10, {"bold": True}, RED),
    "due": (10, {"italic": True, "color": "FF6B5B00"}, YELLOW),
    "hint": (8, {"color": "FF555555"}, ""),
    "link": (10, {"color": _BLUE, "underline": "single"}, ""),
}


def page_styles() -> list[NamedStyle]:
    """Of pages, named by their looks."""
    return [_style(f"page {look}", font(size, **more), fill, "@") for look, (size, more, fill) in LOOKS.items()]


@lru_cache(10_000)  # labels and options come again on every page
def text_height(text: str, width: float, look: str) -> float:
    """How high a row is with this text, in a box of this look and width on a page."""
    size = LOOKS[look][0]
    return _LINE[size] * texts.lines(text, width * 11 / size) + 3


def row_height(cells: list[tuple[str, float]]) -> tuple[float, int]:
    """The height of a row for these (text, width of column), and the largest font size with which it all fits.

    Without it LibreOffice clips texts. A long text gets a smaller font rather than a hidden end.
    """
    for size in _SIZES:
        height = _LINE[size] * max((texts.lines(text, width * 11 / size) for text, width in cells), default=1) + 3
        if height <= MAX_HEIGHT:
            break
    return min(height, MAX_HEIGHT), size
