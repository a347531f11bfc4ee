"""flow.pdf, flow.pptx, flow.docx, flow.txt, counts_long.csv and the zip, each opened and read back."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pptx
import pytest
import typst
from pptx.util import Pt

from prismake.errors import PrismakeError
from prismake.prisma.box_table import STOPPED
from prismake.prisma.draw import FILES, draw
from prismake.prisma.flow_file import check_flow, read_flow
from prismake.prisma.layout import lay_out
from prismake.prisma.settings import Settings

COUNTS = Path(__file__).parents[1] / "data/prisma_flow/worked_example.json"
PENDING = {"draft": ["Records not yet screened: 12"]}


@pytest.fixture(scope="module")
def flow():
    return read_flow(COUNTS)


@pytest.fixture(scope="module")
def drawn(flow, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw(flow, folder)
    return folder


def test_every_format_is_there_and_equal_on_a_second_run(flow, drawn, tmp_path) -> None:
    draw(flow, tmp_path)
    assert {path.name for path in drawn.iterdir()} == set(FILES.values())
    for path in drawn.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_zip_holds_everything_uncompressed_with_its_hashes(drawn) -> None:
    with zipfile.ZipFile(drawn / "prisma_flow.zip") as bundle:
        files = {info.filename: info for info in bundle.infolist()}
        assert set(files) == {"README.txt", "SHA256SUMS", *FILES.values()} - {"prisma_flow.zip"}
        assert {info.compress_type for info in files.values()} == {zipfile.ZIP_STORED}
        assert {info.date_time[0] for info in files.values()} == {1980}
        for line in bundle.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(bundle.read(name)).hexdigest() == digest
            assert bundle.read(name) == (drawn / name).read_bytes()
        readme = bundle.read("README.txt").decode()
    assert all(name in readme for name in files if name != "README.txt")


@pytest.mark.parametrize("name", ["flow.pptx", "flow.docx"])
def test_office_files_carry_no_time(drawn, name) -> None:
    with zipfile.ZipFile(drawn / name) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        years = re.findall(rb"<dcterms:\w+[^>]*>(\d{4})", archive.read("docProps/core.xml"))
    assert set(years) == {b"1980"}


def test_the_slide_holds_the_boxes_where_they_were_laid_out(flow, drawn) -> None:
    layout = lay_out(flow)
    slide = pptx.Presentation(str(drawn / "flow.pptx")).slides[0]
    shapes = {shape.name: shape for shape in slide.shapes}
    for box in layout.boxes:
        shape = shapes[box.name]
        assert (shape.left, shape.top) == (Pt(box.x), Pt(box.y))
        assert (shape.width, shape.height) == (Pt(box.width), Pt(box.height))
        assert shape.text_frame.text.split() == " ".join(line.text for line in box.lines).split()
        assert shape._element.nvSpPr.cNvPr.get("descr")
    assert slide.notes_slide.notes_text_frame.text == layout.description


def test_the_arrows_of_the_slide_are_connectors_between_their_boxes(flow, drawn) -> None:
    layout = lay_out(flow)
    slide = pptx.Presentation(str(drawn / "flow.pptx")).slides[0]
    shapes = {shape.name: shape for shape in slide.shapes}
    for arrow in layout.arrows:
        connector = shapes[f"{arrow.start} to {arrow.end}"]
        ends = sorted([(connector.begin_x, connector.begin_y), (connector.end_x, connector.end_y)])
        points = sorted((Pt(x), Pt(y)) for x, y in (arrow.points[0], arrow.points[-1]))
        assert ends == [pytest.approx(point, abs=2) for point in points]  # a point is 12,700 of these units
    glued = [shape for shape in slide.shapes if b"stCxn" in shape._element.xml.encode()]
    assert len(glued) > len(layout.arrows) / 2


def test_a_draft_is_marked(flow, tmp_path) -> None:
    draw({**flow, **PENDING}, tmp_path, {"pptx", "docx", "txt"})
    slide = pptx.Presentation(str(tmp_path / "flow.pptx")).slides[0]
    assert any(shape.name == "watermark" and shape.text_frame.text == "DRAFT" for shape in slide.shapes)
    document = docx.Document(str(tmp_path / "flow.docx"))
    assert any("DRAFT" in paragraph.text and "12" in paragraph.text for paragraph in document.paragraphs)
    assert (tmp_path / "flow.txt").read_text().startswith("NOT FINAL\nDRAFT")


def test_the_document_has_the_picture_with_its_alternative_and_all_numbers(flow, drawn) -> None:
    layout = lay_out(flow)
    document = docx.Document(str(drawn / "flow.docx"))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == layout.description
    assert b"svgBlip" in picture._inline.xml.encode()
    with zipfile.ZipFile(drawn / "flow.docx") as archive:
        assert archive.read("word/media/flow.svg") == (drawn / "flow.svg").read_bytes()
    (table,) = document.tables
    numbers = [row.cells[2].text for row in table.rows[1:] if row.cells[0]._tc is not row.cells[2]._tc]
    assert numbers == [f"{entry.n:,}" for panel in layout.panels for entry in panel.entries]


def test_counts_long_has_every_number_of_the_picture(flow, drawn) -> None:
    rows = list(csv.DictReader(io.StringIO((drawn / "counts_long.csv").read_text())))
    boxes = json.loads((drawn / "flow.json").read_text())["boxes"]
    assert rows
    for row in rows:
        box = boxes[row["box"]]
        assert int(row["n"]) == (box["items"][int(row["line"]) - 1]["n"] if row["line"] else box["n"])


def test_the_words_give_the_numbers_of_the_flow(drawn) -> None:
    text = (drawn / "flow.txt").read_text()
    assert "Of 1,630 records screened on title and abstract, 1,402 were excluded." in text
    assert "Studies included: 41; reports of included studies: 49." in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "people screened 62 and excluded 41; nobody looked at 7, which a stopping rule excluded."),
        ("zh", "人工筛选 62 条，排除 41 条；7 条无人查看，按停止规则排除。"),
    ],
)
def test_what_a_stopping_rule_left_out_is_not_said_to_be_screened(tmp_path: Path, language: str, said: str) -> None:
    lines = [{"label": "Excluded by people", "n": 41}, {"label": STOPPED, "n": 7}]
    boxes = {"records_screened": {"n": 69}, "records_excluded": {"n": 48, "items": lines}}
    draw(check_flow({"boxes": boxes}), tmp_path, {"txt"}, settings=Settings(language=language))
    sentences = (tmp_path / "flow.txt").read_text(encoding="utf-8")
    assert said in sentences and "48" not in sentences.split(said)[0]


def test_registers_are_named_in_the_sentences_where_some_were_searched(tmp_path: Path) -> None:
    named = {"databases: 9": False, "databases: 9\nregisters: 0": False, "databases: 9\nregisters: {ICTRP: 0}": True}
    for text, said in named.items():
        (tmp_path / "counts.yaml").write_text(text, encoding="utf-8")
        draw(read_flow(tmp_path / "counts.yaml"), tmp_path, {"txt"})
        sentences = (tmp_path / "flow.txt").read_text(encoding="utf-8").partition("TEXT ALTERNATIVE")[0]
        assert "Searches of databases identified 9 records." in sentences
        assert ("Searches of registers identified 0 records." in sentences) is said


def test_the_pdf_is_tagged_with_fonts_embedded_and_text_that_can_be_selected(flow, drawn, need) -> None:
    need("pdffonts", "poppler-utils")

    def tell(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    path = str(drawn / "flow.pdf")
    fonts = tell("pdffonts", path).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)  # embedded
    about = tell("pdfinfo", path)
    assert re.search(r"Tagged:\s+yes", about)
    assert re.search(r"Pages:\s+1\n", about)
    assert "CreationDate" not in about
    words = set(tell("pdftotext", path, "-").split())
    assert {word for box in lay_out(flow).boxes for line in box.lines for word in line.text.split()} <= words


def test_a_figure_of_one_box_is_drawn_in_every_format(tmp_path) -> None:
    draw(check_flow({"boxes": {"new_studies": 3}}), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES.values())


def test_a_figure_higher_than_slides_can_be_has_none_and_says_so(tmp_path) -> None:
    reasons = [{"label": f"Reason {number}", "n": 1} for number in range(700)]
    flow = check_flow({"boxes": {"dbr_excluded": {"items": reasons}}})
    assert any("flow.pptx is not drawn" in note for note in draw(flow, tmp_path, ["pptx", "txt"]))
    assert [path.name for path in tmp_path.iterdir()] == ["flow.txt"]


def test_a_pdf_that_cannot_be_accessible_is_a_plain_one_and_says_so(flow, monkeypatch, tmp_path) -> None:
    compile_page = typst.compile

    def fails_for_ua(*arguments, pdf_standards, **options):
        if pdf_standards:
            raise typst.TypstError("PDF/UA-1 error: the text could not be displayed", [], [])
        return compile_page(*arguments, pdf_standards=[], **options)

    monkeypatch.setattr("typst.compile", fails_for_ua)
    assert any("flow.pdf is not PDF/UA" in note for note in draw(flow, tmp_path, ["pdf"]))
    assert (tmp_path / "flow.pdf").read_bytes().startswith(b"%PDF")


def test_a_missing_package_is_one_message(flow, monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "prismake.prisma.slide", None)
    with pytest.raises(PrismakeError, match="needs the Python package"):
        draw(flow, tmp_path, ["svg", "pptx"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("preset", "lines", "wide"), [("auto", 1, False), ("plos", 1, True), ("plos", 60, False)])
def test_the_document_turns_its_page_where_that_makes_the_figure_larger(tmp_path, preset, lines, wide) -> None:
    reasons = [{"label": f"Reason {number}", "n": 1} for number in range(lines)]
    flow = check_flow({"boxes": {"dbr_excluded": {"items": reasons}, "other_excluded": 1}})
    draw(flow, tmp_path, ["docx"], settings=Settings(preset=preset))
    document = docx.Document(str(tmp_path / "flow.docx"))
    (page,), (picture,) = document.sections, document.inline_shapes
    assert (page.page_width > page.page_height) == wide
    assert picture.width <= page.page_width - page.left_margin - page.right_margin
    assert picture.height <= page.page_height - page.top_margin - page.bottom_margin


def test_chinese_headings_have_one_colon_in_the_document(flow, tmp_path) -> None:
    draw(flow, tmp_path, ["docx"], settings=Settings(language="zh"))
    (table,) = docx.Document(str(tmp_path / "flow.docx")).tables
    assert not any("：:" in cell.text for row in table.rows for cell in row.cells)
