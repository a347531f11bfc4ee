"""The flow diagram as a Word document: the picture with its text alternative, the caption, and every number in a table.

The picture is a PNG for any program and the SVG for those that draw it (Word 2016 and later), so that it is sharp in
print. Office Open XML: ECMA-376; the SVG extension: [MS-ODRAWXML] 2.3.3.
"""

import io
from itertools import groupby

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell, _Row

from prismake.office import saved, stamp
from prismake.prisma.shapes import Layout
from prismake.prisma.wording import number, place
from prismake.prisma.words import Words

FONT = "Arial"
_MARGIN = 18  # mm: a figure of 174 mm fits A4
_PORTRAIT, _LANDSCAPE = (Mm(210), Mm(297)), (Mm(297), Mm(210))
_WIDTHS = (124, 25, 25)  # mm: box, unit, number
_SVG_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_SVG_EXTENSION = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{relation}"/>'
    "</a:ext></a:extLst>"
)


def draw_document(layout: Layout, svg: str, png: bytes, words: Words) -> bytes:
    """A .docx of A4 pages; equal layouts give equal bytes. `svg` and `png` show the layout."""
    document = Document()
    _set_up(document, layout)
    document.add_heading(layout.title, 1)
    _add_picture(document, layout, svg, png)
    document.add_paragraph(words.caption, style="Caption")
    if words.draft:
        document.add_paragraph(words.draft)
    document.add_heading(words.numbers_heading, 2)
    _add_table(document, layout, words)
    document.add_paragraph(words.citation).paragraph_format.space_before = Pt(9)
    return saved(document)


def _set_up(document: WordDocument, layout: Layout) -> None:
    stamp(document.core_properties, layout.title, layout.language)
    page = document.sections[0]
    wide = _scale(layout, *_LANDSCAPE) > _scale(layout, *_PORTRAIT)
    page.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = _LANDSCAPE if wide else _PORTRAIT
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN)
    for name in ("Normal", "Heading 1", "Heading 2", "Caption"):
        style = document.styles[name]
        style.font.name, style.font.color.rgb = FONT, RGBColor(0, 0, 0)
        style.font.size = Pt({"Heading 1": 14, "Heading 2": 11, "Caption": 9}.get(name, 9))
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), layout.language)
    document.styles["Normal"].element.get_or_add_rPr().append(language)


def _scale(layout: Layout, page_width: int, page_height: int) -> float:
    """How large the figure can be on such a page, below the heading and above the caption; 1 is its own size."""
    wide, high = page_width - 2 * Mm(_MARGIN), page_height - 2 * Mm(_MARGIN) - Pt(80)
    return min(1.0, wide / Pt(layout.width), high / Pt(layout.height))


def _add_picture(document: WordDocument, layout: Layout, svg: str, png: bytes) -> None:
    page = document.sections[0]
    scale = _scale(layout, page.page_width, page.page_height)
    shape = document.add_picture(io.BytesIO(png), Pt(layout.width * scale), Pt(layout.height * scale))
    shape._inline.docPr.set("descr", layout.description)
    shape._inline.docPr.set("title", layout.title)
    package = document.part.package
    vector = Part(PackURI("/word/media/flow.svg"), "image/svg+xml", svg.encode(), package)
    relation = document.part.relate_to(vector, _SVG_RELATION)
    shape._inline.find(f".//{qn('a:blip')}").append(parse_xml(_SVG_EXTENSION.format(relation=relation)))


def _add_table(document: WordDocument, layout: Layout, words: Words) -> None:
    """Every number with its unit, grouped by stage and column; the first row is repeated on each page."""
    table = document.add_table(0, 3, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = Mm(width)
    heading = table.add_row()
    for cell, text in zip(heading.cells, words.columns, strict=True):
        _fill(cell, text, bold=True)
    _mark(heading, "w:tblHeader")
    for (stage, arm), panels in groupby(layout.panels, key=lambda panel: (panel.stage, panel.arm)):
        group = table.add_row()
        _fill(group.cells[0].merge(group.cells[2]), place(stage, arm, words.labels), bold=True)
        _mark(group, "w:cantSplit")
        for panel in panels:
            for entry in panel.entries:
                row = table.add_row()
                title = f"{panel.title.rstrip(':：')}: " if panel.title and not entry.item else ""
                _fill(row.cells[0], f"{title}{entry.label}", indent=Mm(4) if entry.item else 0)
                _fill(row.cells[1], words.labels["units"][entry.unit])
                _fill(row.cells[2], number(entry.n, words.labels), align=WD_ALIGN_PARAGRAPH.RIGHT)
                _mark(row, "w:cantSplit")


def _fill(
    cell: _Cell, text: str, *, bold: bool = False, indent: int = 0, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
    paragraph.paragraph_format.left_indent = indent
    paragraph.add_run(text).bold = bold


def _mark(row: _Row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
