"""The SVG and PNG of the flow diagram, and which files `draw` writes."""

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from prismake.errors import PrismakeError
from prismake.prisma.draw import draw
from prismake.prisma.flow_file import read_flow
from prismake.prisma.layout import lay_out
from prismake.prisma.png import draw_png
from prismake.prisma.svg import draw_svg

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


def test_png_prints_at_300_dpi_and_is_opaque():
    layout = lay_out({"boxes": {"records_screened": {"n": 12}}})
    png = draw_png(draw_svg(layout))
    parts = chunks(png)
    assert list(parts)[:2] == [b"IHDR", b"pHYs"]
    assert struct.unpack(">IIB", parts[b"pHYs"]) == (11811, 11811, 1)
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert width == pytest.approx(layout.width / 72 * 300, abs=1.5)
    assert height == pytest.approx(layout.height / 72 * 300, abs=1.5)
    assert (depth, colour) == (8, 6)
    # Corner pixel: filter byte, then red, green, blue, opacity (left and upper neighbours are 0 there).
    assert zlib.decompress(parts[b"IDAT"])[1:5] == b"\xff\xff\xff\xff"


def test_draw_writes_what_is_asked_for(tmp_path):
    notes = draw(worked_example(), tmp_path / "new", {"svg", "json"})
    assert notes == []
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["flow.json", "flow.svg"]
    assert json.loads((tmp_path / "new" / "flow.json").read_text(encoding="utf-8")) == worked_example()


def test_draw_writes_all_formats(tmp_path):
    draw(worked_example(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"flow.{ending}" for ending in ("csv", "html", "json", "png", "svg")
    ]


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(PrismakeError, match=r"unknown format 'pdf'\. Known formats: svg, png, html, csv, json\."):
        draw(worked_example(), tmp_path / "new", {"svg", "pdf"})
    assert not (tmp_path / "new").exists()


def test_draw_tells_what_is_not_in_the_picture(tmp_path):
    flow = worked_example()
    flow["boxes"]["previous_studies"] = {"n": 12}
    flow["boxes"]["records_screened"]["label"] = "系统"
    notes = draw(flow, tmp_path, {"png"})
    assert len(notes) == 2
    assert "no box for previous_studies" in notes[0]
    assert "系 统" in notes[1]


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
    assert len(output.splitlines()) == 5
