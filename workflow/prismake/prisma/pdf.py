"""The flow diagram as PDF, one page of its own size, from its SVG: selectable text, embedded fonts, tagged."""

from pathlib import Path

import typst

from prismake.errors import PrismakeError
from prismake.fonts import Fallbacks
from prismake.prisma.shapes import Layout
from prismake.text_metrics import FONT_FILES

# The picture is one tagged figure with its text alternative. `date: none`: no clock.
_PAGE = """
#set document(title: sys.inputs.title, date: none)
#set page(width: {width}pt, height: {height}pt, margin: 0pt)
#set text(lang: sys.inputs.language, font: "Liberation Sans")
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, alt: sys.inputs.description)
"""


def draw_pdf(svg: str, layout: Layout, fallbacks: Fallbacks) -> tuple[bytes, list[str]]:
    """The SVG of this layout as PDF/UA-1 (ISO 14289-1, accessible PDF), and what people should know of it.

    Without a font for a character there is no such PDF: it is a plain one then, with an empty box for it. So it is when
    the fonts are there and do not join (some scripts of South Asia). Raises PrismakeError when there is no PDF at all.
    """
    if fallbacks.lacking:
        return _compile(svg, layout, fallbacks, []), []
    try:
        return _compile(svg, layout, fallbacks, ["ua-1"]), []
    except PrismakeError as error:
        note = f"flow.pdf is not PDF/UA, and some of its characters may look wrong: {error.message}"
        return _compile(svg, layout, fallbacks, []), [note]


def _compile(svg: str, layout: Layout, fallbacks: Fallbacks, standards: list[str]) -> bytes:
    files = [*FONT_FILES.values(), *(font.path for font in fallbacks.fonts)]
    try:
        return typst.compile(
            _PAGE.format(width=layout.width, height=layout.height).encode(),
            font_paths=sorted({str(Path(path).parent) for path in files}),
            ignore_system_fonts=True,
            pdf_standards=standards,
            sys_inputs={
                "svg": svg,
                "title": layout.title,
                "language": layout.language.split("-")[0],
                "description": layout.description,
            },
        )
    except typst.TypstError as error:
        hint = "Leave it out with --formats; the other formats do not need it."
        raise PrismakeError(str(error), place="flow.pdf", hint=hint) from error
