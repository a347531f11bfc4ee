"""The flow diagram as PDF, one page of its own size, from its SVG: selectable text, embedded fonts, tagged."""

from pathlib import Path

import typst

from prismake.prisma.shapes import Layout
from prismake.text_metrics import FONT_FILES

# The picture is one tagged figure with its text alternative. `date: none`: no clock.
_PAGE = """
#set document(title: sys.inputs.title, date: none)
#set page(width: {width}pt, height: {height}pt, margin: 0pt)
#set text(lang: sys.inputs.language, font: "Liberation Sans")
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, alt: sys.inputs.description)
"""


def draw_pdf(svg: str, layout: Layout) -> bytes:
    """The SVG of this layout as PDF/UA-1 (ISO 14289-1, accessible PDF)."""
    return typst.compile(
        _PAGE.format(width=layout.width, height=layout.height).encode(),
        font_paths=sorted({str(Path(path).parent) for path in FONT_FILES.values()}),
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={
            "svg": svg,
            "title": layout.title,
            "language": layout.language.split("-")[0],
            "description": layout.description,
        },
    )
