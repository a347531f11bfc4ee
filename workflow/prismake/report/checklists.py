"""Reporting checklists (data/checklists): every item with where the report answers it, or that it is for a person."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prismake.data_files import read_data
from prismake.errors import PrismakeError
from prismake.office import saved, stamp
from prismake.publish import csv_text, write_bytes
from prismake.report.known import KNOWN
from prismake.report.load import Review, load, read_config

IDS = ("prisma_2020", "prisma_2020_abstracts", "prisma_s", "prisma_scr")
PREFILLED, FOR_A_PERSON = "prefilled", "for a person"
COLUMNS = ["item", "section", "topic", "asks", "status", "location", "evidence", "remains"]
# What an answer's anchor is called in the report.
SECTIONS = {
    "report": "Title",
    "facts": "Head of the report",
    "abstract": "Abstract",
    "question": "Question and eligibility",
    "methods": "Methods",
    "flow": "Flow of records",
    "sources": "Sources",
    "included": "Included studies",
    "bias": "Risk of bias",
    "excluded": "Excluded at full text",
    "strategies": "Search strategies",
    "amendments": "Amendments",
    "statements": "Statements",
    "software": "Software and data",
}


@dataclass(frozen=True)
class Checklist:
    id: str
    title: str
    of: str  # what is reported: a systematic review, the search, ...
    source: str
    items: list[dict[str, Any]]  # item, section, topic, asks; optional, known, remains where they apply


@dataclass(frozen=True)
class Row:
    """One item with its answer. `anchor` is that of report.html; all texts but the first four can be empty."""

    item: str
    section: str
    topic: str
    asks: str
    status: str  # PREFILLED or FOR_A_PERSON
    anchor: str
    evidence: str
    remains: str  # what a person still has to add to a prefilled answer

    @property
    def location(self) -> str:
        return SECTIONS.get(self.anchor, "")


@cache
def read_checklist(id: str) -> Checklist:
    return Checklist(**read_data(f"checklists/{id}.yaml"))


def answer(checklist: Checklist, review: Review) -> list[Row]:
    """The items in order, prefilled where the workflow knows."""
    rows = []
    for item in checklist.items:
        found = KNOWN[item["known"]](review) if "known" in item else None
        anchor, evidence = found or ("", "")
        asks = f"{item['asks']} (optional)" if item.get("optional") else item["asks"]
        remains = item.get("remains", "") if found else ""
        status = PREFILLED if found else FOR_A_PERSON
        rows.append(Row(item["item"], item["section"], item["topic"], asks, status, anchor, evidence, remains))
    return rows


def write_checklists(config: Path, results: Path, out: Path) -> None:
    """Write <checklist>.csv and .docx of every checklist into a folder. Raises PrismakeError before the first run."""
    review = load(read_config(config)[0], results)
    if not review.flow:
        hint = "Run `snakemake`; it makes it first."
        raise PrismakeError("there is no flow diagram yet", place=(results / "prisma/flow.json").as_posix(), hint=hint)
    made: dict[str, bytes] = {}
    for id in IDS:
        checklist = read_checklist(id)
        rows = answer(checklist, review)
        cells = [[getattr(row, column) for column in COLUMNS] for row in rows]
        made[f"{id}.csv"] = csv_text(COLUMNS, cells).encode()
        made[f"{id}.docx"] = _document(checklist, rows, review.config["review"]["title"], bool(review.flow["draft"]))
    for name, data in made.items():
        write_bytes(out / name, data)


def _document(checklist: Checklist, rows: list[Row], title: str, draft: bool) -> bytes:
    """The checklist as a Word file: a table on landscape pages, its header row repeated on each."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(15)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Arial", Pt(9)
    document.add_heading(f"{checklist.title} checklist", level=1)
    document.add_paragraph(f"{'DRAFT. ' if draft else ''}{_plain(title)}")
    document.add_paragraph(f"Items after: {checklist.source} What each asks is said in other words here.")
    widths = [Mm(12), Mm(45), Mm(85), Mm(45), Mm(80)]
    table = document.add_table(rows=1, cols=len(widths))
    table.style, table.autofit = "Table Grid", False
    for cell, text in zip(table.rows[0].cells, ("Item", "Topic", "Asks", "Where", "What is there"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        what = " ".join(filter(None, (row.evidence, row.remains and f"Still to add: {row.remains}")))
        texts = (row.item, f"{row.section}: {row.topic}", row.asks, row.location or "For a person to fill in", what)
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = _plain(text)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width  # for LibreOffice; Word goes by the cells
        for cell in column.cells:
            cell.width = width
    stamp(document.core_properties, f"{checklist.title} checklist")
    return saved(document)


def _plain(text: str) -> str:
    """Without the control characters that no Word file can hold."""
    return "".join(character for character in text if character.isprintable() or character == " ")
