"""The SVG and PNG of the flow diagram, and which files `draw` writes."""

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from prismake.errors import PrismakeError
from prismake.fonts import find_fallbacks
from prismake.prisma.draw import FILES, draw
from prismake.prisma.flow_file import read_flow
from prismake.prisma.layout import lay_out
from prismake.prisma.outlines import Glyphs
from prismake.prisma.png import draw_png
from prismake.prisma.svg import draw_svg
from prismake.text_metrics import text_width

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "prisma_flow"
SVG = "{http://www.w3.org/2000/svg}"


def worked_example() -> dict:
    return json.loads((DATA / "worked_example.json").read_text(encoding="utf-8"))


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_the_picture_names_and_describes_itself():
    root = parse(draw_svg(lay_out(worked_example())))
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert root.get("role") == "img"
    assert ids[root.get("aria-labelledby")].tag == f"{SVG}title"
    assert "after stroke" in ids[root.get("aria-labelledby")].text
    assert ids[root.get("aria-describedby")].tag == f"{SVG}desc"
    assert "Records screened: 1,630." in ids[root.get("aria-describedby")].text


def test_text_is_text_in_the_font_that_was_measured():
    root = parse(draw_svg(lay_out(worked_example())))
    assert root.get("font-family") == "'Liberation Sans', Arial, Helvetica, sans-serif"
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert "Reports assessed for eligibility (n = 219)" in texts
    assert "Identification" in texts


def test_the_printed_size_is_that_of_the_layout():
    layout = lay_out(worked_example())
    root = parse(draw_svg(layout))
    assert root.get("width") == "174mm"
    assert [float(part) for part in root.get("viewBox").split()][2:] == pytest.approx(
        [layout.width, layout.height], abs=0.01
    )


def test_arrow_heads_are_plain_polygons_that_end_on_the_tip():
    svg = draw_svg(lay_out(worked_example()))
    root = parse(svg)
    assert "marker" not in svg
    arrows = [group for group in root.iter(f"{SVG}g") if group.get("class") == "arrow"]
    assert len(arrows) == len(lay_out(worked_example()).arrows)
    for group, arrow in zip(arrows, lay_out(worked_example()).arrows, strict=True):
        tip = group.find(f"{SVG}polygon").get("points").split()[0]
        assert [float(part) for part in tip.split(",")] == pytest.approx(arrow.points[-1], abs=0.01)


def test_markup_in_labels_stays_text():
    flow = {
        "title": "<b>&",
        "boxes": {"dbr_excluded": {"n": 1, "items": [{"label": "<script>'\"&", "n": 1}]}},
    }
    root = parse(draw_svg(lay_out(flow), {"dbr_excluded-1": "#dbr_excluded-1"}))
    assert not list(root.iter(f"{SVG}script"))
    assert root.find(f"{SVG}title").text == "PRISMA 2020 flow diagram: <b>&"
    (link,) = root.iter(f"{SVG}a")
    assert link.get("aria-label") == "<script>'\"& (n = 1)"


def test_links_are_a_group_and_cover_their_box_or_lines():
    layout = lay_out(worked_example())
    root = parse(draw_svg(layout, {"records_screened": "#screened", "new_studies": "#studies"}))
    assert root.get("role") == "group"
    links = {link.get("href"): link for link in root.iter(f"{SVG}a")}
    assert set(links) == {"#screened", "#studies"}
    boxes = {box.name: box for box in layout.boxes}
    assert float(links["#screened"].find(f"{SVG}rect").get("height")) == pytest.approx(
        boxes["screened"].height, abs=0.01
    )
    assert float(links["#studies"].find(f"{SVG}rect").get("height")) < boxes["included"].height


def chunks(png: bytes) -> dict[bytes, bytes]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = {}, 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kind, body = png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", png[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + body), kind
        found[kind] = body
        position += 12 + length
    return found


@pytest.mark.parametrize(("dpi", "per_metre"), [(300, 11811), (600, 23622)])
def test_png_prints_at_its_resolution_and_is_opaque(dpi, per_metre):
    layout = lay_out({"boxes": {"records_screened": {"n": 12}}})
    png = draw_png(draw_svg(layout), dpi)
    parts = chunks(png)
    assert list(parts)[:2] == [b"IHDR", b"pHYs"]
    assert struct.unpack(">IIB", parts[b"pHYs"]) == (per_metre, per_metre, 1)
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert width == pytest.approx(layout.width / 72 * dpi, abs=1.5)
    assert height == pytest.approx(layout.height / 72 * dpi, abs=1.5)
    assert (depth, colour) == (8, 6)
    # Corner pixel: filter byte, then red, green, blue, opacity (left and upper neighbours are 0 there).
    assert zlib.decompress(parts[b"IDAT"])[1:5] == b"\xff\xff\xff\xff"


def test_draw_writes_what_is_asked_for(tmp_path):
    notes = draw(worked_example(), tmp_path / "new", {"svg", "json"})
    assert notes == []
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["flow.json", "flow.svg"]
    assert json.loads((tmp_path / "new" / "flow.json").read_text(encoding="utf-8")) == worked_example()


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(PrismakeError, match=r"unknown format 'gif'\. Known formats: svg, outlines, png, png600, pdf,"):
        draw(worked_example(), tmp_path / "new", {"svg", "gif"})
    assert not (tmp_path / "new").exists()


def a_font(path: Path, characters: str, family: str) -> None:
    """A font in which each of these characters is a full square."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for point, move in (
        ((0, 0), pen.moveTo),
        ((0, 900), pen.lineTo),
        ((1000, 900), pen.lineTo),
        ((1000, 0), pen.lineTo),
    ):
        move(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    names = {character: f"u{ord(character):04X}" for character in characters}
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(character): name for character, name in names.items()})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **dict.fromkeys(names.values(), square)})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (1000, 0)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path.parent.mkdir(exist_ok=True)
    builder.save(path)


def test_fonts_of_the_machine_step_in_for_what_the_shipped_one_lacks(tmp_path):
    a_font(tmp_path / "fonts" / "a.ttf", "系", "First")
    a_font(tmp_path / "fonts" / "b.ttf", "系统", "Second")
    a_font(tmp_path / "fonts" / "a-Bold.ttf", "人", "Bold comes last")
    (tmp_path / "fonts" / "0.ttf").write_bytes(b"no font")
    found = find_fallbacks("Abc 系统人☃", [tmp_path / "fonts", tmp_path / "nowhere"])
    assert [font.family for font in found.fonts] == ["First", "Second", "Bold comes last"]
    assert found.lacking == "☃"
    assert find_fallbacks("Reports ≥ é", [tmp_path / "fonts"]).fonts == ()


def test_outlines_are_drawn_with_the_fonts_that_were_found(tmp_path):
    a_font(tmp_path / "fonts" / "a.ttf", "系统", "Found")
    fonts = find_fallbacks("系统", [tmp_path / "fonts"]).fonts
    layout = lay_out({"boxes": {"records_screened": {"n": 12, "label": "A 系统"}}})
    svg = draw_svg(layout)
    (line,) = [line for box in layout.boxes for line in box.lines if "系" in line.text]
    assert f'y="{line.y:g}">系统</tspan>' in svg  # alone in its measured place
    place = line.x + text_width("A ", layout.size)
    squares = Glyphs(fonts).path("系统", place, line.y, layout.size, False)
    assert squares in draw_svg(layout, glyphs=Glyphs(fonts)) and squares.count("Z") == 2


def test_outlines_hold_no_text_and_keep_what_the_picture_says_of_itself():
    layout = lay_out({**worked_example(), "draft": ["not done"]})
    root = parse(draw_svg(layout, glyphs=Glyphs()))
    assert not list(root.iter(f"{SVG}text")) and root.find(f"{SVG}desc").text == layout.description
    lines = sum(len(box.lines) for box in layout.boxes)
    assert len(list(root.iter(f"{SVG}path"))) == lines + 1  # the watermark


def test_a_glyph_as_outline_stands_where_its_text_does():
    (x0, y0, *_), advance = numbers(Glyphs().path("II", 10, 20, 2048, False)), 569  # of I in Arial, in 1/2048 em
    second = numbers(Glyphs().path("I", 10 + advance, 20, 2048, False))
    assert numbers(Glyphs().path("II", 10, 20, 2048, False))[-len(second) :] == second
    assert 10 < x0 < 10 + advance and y0 <= 20


def numbers(path: str) -> list[float]:
    return [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_text_from_right_to_left_ends_at_the_right_and_is_no_outline(tmp_path):
    flow = {"boxes": {"dbr_excluded": {"n": 3, "items": [{"label": "אוכלוסייה לא מתאימה", "n": 3}]}}}
    layout = lay_out(flow)
    (box,) = [box for box in layout.boxes if box.name == "reports_excluded"]
    line = box.lines[1]
    assert line.rtl and box.right - 13 < line.x + line.width < box.right
    (text,) = [text for text in parse(draw_svg(layout)).iter(f"{SVG}text") if "אוכלוסייה" in "".join(text.itertext())]
    assert text.get("text-anchor") == "end" and "\u202b" in "".join(text.itertext())
    (note,) = draw(flow, tmp_path, {"outlines", "svg"})
    assert "flow_outlines.svg is not drawn" in note and not (tmp_path / "flow_outlines.svg").exists()


def test_draw_tells_what_is_not_in_the_picture(tmp_path, monkeypatch):
    no_fonts = partial(find_fallbacks, folders=[tmp_path])  # whatever this machine has
    monkeypatch.setattr("prismake.prisma.draw.find_fallbacks", no_fonts)
    flow = worked_example()
    flow["boxes"]["previous_studies"] = {"n": 12}
    flow["boxes"]["records_screened"]["label"] = "Private \ue000\U000f1234"  # no font has these
    notes = draw(flow, tmp_path, {"png"})
    assert notes == ["The new template has no box for previous_studies."]
    flow["boxes"]["records_screened"]["label"] = "Old \U00012000"  # cuneiform
    notes = draw(flow, tmp_path, {"png", "svg"})
    assert "No font on this machine has these characters, and flow.png show" in notes[1] and "\U00012000" in notes[1]


def test_the_example_of_the_manual_is_drawn(tmp_path):
    example = re.findall(
        r"```yaml\n(title:.*?)```", (ROOT / "docs" / "prisma.md").read_text(encoding="utf-8"), re.DOTALL
    )[0]
    (tmp_path / "counts.yaml").write_text(example, encoding="utf-8")
    assert draw(read_flow(tmp_path / "counts.yaml"), tmp_path, {"svg"}) == []
    assert "Embase (n = 847)" in (tmp_path / "flow.svg").read_text(encoding="utf-8")


SCRIPT = """
import hashlib, json, sys, tempfile
from pathlib import Path
from prismake.prisma.draw import draw
small = Path(sys.argv[1])
folder = Path(tempfile.mkdtemp())
flow = json.loads((small / "flow.json").read_text(encoding="utf-8"))
draw(flow, folder, records=small / "records.csv", reports=small / "reports.csv")
for path in sorted(folder.iterdir()):
    print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_equal_bytes_whatever_the_hash_seed():
    outputs = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "workflow"), "LC_ALL": "C"}
        command = [sys.executable, "-c", SCRIPT, str(DATA / "small")]
        outputs.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    (output,) = outputs
    assert len(output.splitlines()) == len(FILES)
