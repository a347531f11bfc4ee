"""The flow diagram as a slide of native shapes and connectors, to be edited in PowerPoint, Impress or Keynote.

The slide is as large as the figure. Lines break where they were measured to break; a shape that is edited wraps on its
own. Office Open XML: ECMA-376, part 1, 20.1 (DrawingML).
"""

from itertools import groupby

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.text.text import TextFrame, _Paragraph
from pptx.util import Inches, Pt

from prismake.office import saved, stamp
from prismake.prisma.shapes import ARROW_WIDTH, Arrow, Box, Layout, Line, Style

FONT = "Arial"  # has the widths of Liberation Sans, with which the text was measured
_BLANK = 6  # the position of the blank layout in the default template
_SHORTEST = Inches(1)  # side of a slide
_SLACK = 2.0  # points beside a line, in case a program's text is a little wider


def draw_slide(layout: Layout) -> bytes:
    """The layout as a .pptx with one slide; equal layouts give equal bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(layout.width), max(Pt(layout.height), _SHORTEST)
    stamp(deck.core_properties, layout.title, layout.language)
    slide = deck.slides.add_slide(deck.slide_layouts[_BLANK])
    slide.notes_slide.notes_text_frame.text = layout.description
    shapes = {box.name: _add_box(slide, box, layout) for box in layout.boxes}
    boxes = {box.name: box for box in layout.boxes}
    for arrow in layout.arrows:
        _add_arrow(slide, arrow, boxes, shapes, layout.arrow_ink)
    if layout.watermark:
        _add_watermark(slide, layout)
    return saved(deck)


def _add_box(slide: Slide, box: Box, layout: Layout) -> BaseShape:
    style = layout.styles[box.kind]
    shape = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height))
    shape.adjustments[0] = min(style.radius / min(box.width, box.height), 0.5)
    _plain(shape)
    shape.name = box.name
    shape._element.nvSpPr.cNvPr.set("descr", " ".join(line.text for line in box.lines))
    shape.fill.solid()
    shape.fill.fore_color.rgb = _colour(style.fill)
    shape.line.color.rgb, shape.line.width = _colour(style.stroke), Pt(style.stroke_width)
    if style.dashes:
        shape.line.dash_style = MSO_LINE.DASH
    frame = shape.text_frame
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.MIDDLE, True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    if style.upwards:
        frame._txBody.bodyPr.set("vert", "vert270")
    entries = [list(lines) for _, lines in groupby(box.lines, key=lambda line: (line.key, line.bold))]
    for position, lines in enumerate(entries):
        paragraph = frame.paragraphs[0] if position == 0 else frame.add_paragraph()
        _write(paragraph, lines, box, style, layout)
    return shape


def _write(paragraph: _Paragraph, lines: list[Line], box: Box, style: Style, layout: Layout) -> None:
    """The lines of one entry as one paragraph, with line breaks between them."""
    paragraph.line_spacing = Pt(layout.leading)
    if style.align == "middle":
        paragraph.alignment = PP_ALIGN.CENTER
    else:
        rtl = lines[0].rtl
        first, rest = ((box.right - line.x - line.width if rtl else line.x - box.x) for line in (lines[0], lines[-1]))
        properties = paragraph._p.get_or_add_pPr()
        properties.set("marR" if rtl else "marL", str(Pt(rest)))
        properties.set("indent", str(Pt(first) - Pt(rest)))
        properties.set("algn", "r" if rtl else "l")
        properties.set("rtl", str(int(rtl)))
        widest = max(line.width for line in lines)
        properties.set("marL" if rtl else "marR", str(Pt(max(box.width - rest - widest - _SLACK, 0) / 2)))
    for position, line in enumerate(lines):
        if position:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = line.text
        run.font.size, run.font.name, run.font.bold = Pt(layout.size), FONT, line.bold
        run.font.color.rgb = _colour(style.ink)
    for line_break in paragraph._p.iter(qn("a:br")):
        etree.SubElement(line_break, qn("a:rPr"), sz=str(round(layout.size * 100)))


def _add_arrow(slide: Slide, arrow: Arrow, boxes: dict[str, Box], shapes: dict[str, BaseShape], ink: str) -> None:
    """A straight connector, or one that bends once or twice, glued to its boxes where it ends on a connection site."""
    points, start, end, head = arrow.points, arrow.start, arrow.end, "a:tailEnd"
    bends = len(points) - 2
    if bends == 1 and points[0][0] == points[1][0]:  # the preset shape begins sideways: draw it from its end
        points, start, end, head = points[::-1], end, start, "a:headEnd"
    (x0, y0), (x1, y1) = points[0], points[-1]
    kind = MSO_CONNECTOR.ELBOW if bends else MSO_CONNECTOR.STRAIGHT
    connector = slide.shapes.add_connector(kind, Pt(x0), Pt(y0), Pt(x1), Pt(y1))
    connector.name = f"{arrow.start} to {arrow.end}"
    _plain(connector)
    geometry = connector._element.spPr.find(qn("a:prstGeom"))
    if bends == 1:
        geometry.set("prst", "bentConnector2")
    elif bends == 2:
        share = (points[1][0] - x0) / (x1 - x0)
        values = geometry.find(qn("a:avLst"))
        etree.SubElement(values, qn("a:gd"), name="adj1", fmla=f"val {round(share * 100_000)}")
    connector.line.color.rgb, connector.line.width = _colour(ink), Pt(ARROW_WIDTH)
    line = connector._element.spPr.find(qn("a:ln"))
    tip = OxmlElement(head)
    for name, value in (("type", "triangle"), ("w", "med"), ("len", "med")):
        tip.set(name, value)
    line.append(tip)
    for name, point, connect in (
        (start, points[0], connector.begin_connect),
        (end, points[-1], connector.end_connect),
    ):
        site = _site(boxes[name], point)
        if site is not None:
            connect(shapes[name], site)


def _site(box: Box, point: tuple[float, float]) -> int | None:
    """The connection site of the box at this point, if there is one: a program moves a glued end to its site."""
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    sites = ((middle_x, box.y), (box.x, middle_y), (middle_x, box.bottom), (box.right, middle_y))
    near = [abs(point[0] - x) < 0.5 and abs(point[1] - y) < 0.5 for x, y in sites]
    return near.index(True) if any(near) else None


def _add_watermark(slide: Slide, layout: Layout) -> None:
    mark = layout.watermark
    width, height = layout.width * 1.2, mark.size * 1.2
    shape = slide.shapes.add_textbox(Pt(mark.x - width / 2), Pt(mark.y - height / 2), Pt(width), Pt(height))
    shape.name, shape.rotation = "watermark", mark.angle
    frame: TextFrame = shape.text_frame
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.MIDDLE, False
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.CENTER
    run = paragraph.add_run()
    run.text = mark.text
    run.font.size, run.font.name, run.font.bold = Pt(mark.size), FONT, True
    run.font.color.rgb = _colour(mark.ink)
    colour = run._r.find(f".//{qn('a:srgbClr')}")
    etree.SubElement(colour, qn("a:alpha"), val=str(round(mark.opacity * 100_000)))


def _plain(shape: BaseShape) -> None:
    """Without the theme's style, which adds a shadow."""
    style = shape._element.find(qn("p:style"))
    if style is not None:
        shape._element.remove(style)


def _colour(code: str) -> RGBColor:
    return RGBColor.from_string(code.removeprefix("#").upper())
