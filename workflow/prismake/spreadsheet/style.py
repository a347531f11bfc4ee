"""How forms look. Calibri is named in every style: LibreOffice falls back to a serif face otherwise."""

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

from prismake.spreadsheet import text as texts
from prismake.spreadsheet.model import Column

MAX_HEIGHT = 409.0  # points; no spreadsheet shows a higher row
_LINE = {11: 15.0, 10: 13.6, 9: 12.4, 8: 11.2}  # font size -> height of a line
RED, YELLOW = "FFF8C9C4", "FFFFE28A"
_TINT, _DARK, _AMBER, _GREY = "FFFFF8E1", "FF33475B", "FF8A5A00", "FFD0D7DE"
_FORMATS = {"text": "@", "choice": "@", "date": "yyyy-mm-dd"}  # "@": what is typed stays text, 1/2 is no date


def font(size: int = 11, **more: object) -> Font:
    return Font(name="Calibri", size=size, **more)


def style_name(column: Column, size: int) -> str:
    if column.editable:
        return f"prismake fill {'number' if column.kind in ('integer', 'number', 'year', 'link') else column.kind}"
    return f"prismake {'link' if column.kind == 'link' else 'date' if column.kind == 'date' else f'read {size}'}"


def styles() -> list[NamedStyle]:
    side = Side(style="thin", color=_GREY)
    border = Border(left=side, right=side, top=side, bottom=side)
    top = Alignment(vertical="top", horizontal="left", wrap_text=True)
    locked, unlocked = Protection(locked=True), Protection(locked=False)

    def style(name: str, face: Font, fill: str = "", number_format: str = "General", **more: object) -> NamedStyle:
        made = NamedStyle(f"prismake {name}", font=face, number_format=number_format, alignment=top, protection=locked)
        if fill:
            made.fill = PatternFill("solid", fgColor=fill)
        if name not in ("title", "prose"):
            made.border = border
        for key, value in more.items():
            setattr(made, key, value)
        return made

    middle = Alignment(vertical="center", wrap_text=True)
    white = font(bold=True, color="FFFFFFFF")
    return [
        style("head", white, _DARK, alignment=middle),
        style("head to fill", white, _AMBER, alignment=middle),
        *(style(f"read {size}", font(size)) for size in _LINE),
        style("date", font(), number_format=_FORMATS["date"]),
        style("link", font(color="FF0B57D0", underline="single")),
        *(
            style(f"fill {kind}", font(), _TINT, _FORMATS.get(kind, "General"), protection=unlocked)
            for kind in ("text", "choice", "number", "date")
        ),
        style("title", font(16, bold=True)),
        style("prose", font()),
    ]


def row_height(cells: list[tuple[str, float]]) -> tuple[float, int]:
    """The height of a row for these (text, width of column), and the largest font size with which it all fits.

    Without it LibreOffice clips texts. A long text gets a smaller font rather than a hidden end.
    """
    for size, line in _LINE.items():
        height = line * max((texts.lines(text, width * 11 / size) for text, width in cells), default=1) + 3
        if height <= MAX_HEIGHT:
            break
    return min(height, MAX_HEIGHT), size
