"""The workbook that is issued: what stands in it, what people may enter."""

from pathlib import Path

import openpyxl
import pytest
from extraction_forms import FORM, IDS, META, STUDIES, blank

from prismake.extraction.issue import issue_workbook
from prismake.spreadsheet import read_workbook


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return blank()


def test_one_sheet_per_level_then_codebook_and_instructions(book):
    assert [p.title for p in book if p.sheet_state == "visible"] == [
        "Study",
        "Arm",
        "Results",
        "Codebook",
        "Instructions",
    ]
    assert [p.title for p in book if p.sheet_state == "hidden"] == ["_lists", "_meta"]


def test_the_study_sheet_has_a_row_per_study(book):
    page = book["Study"]
    assert [cell.value for cell in page[1]] == [
        *(
            "study_id",
            "citation",
            "check",
            "Species",
            "Started",
            "Accepted",
            "Funding",
            "Size (nm)",
            "Animals",
            "Remark",
        )
    ]
    assert [(row[0].value, row[1].value) for row in page.iter_rows(min_row=2)] == [
        (study["study_id"], study["citation"]) for study in STUDIES
    ]
    assert page["A2"].protection.locked
    assert not page["D2"].protection.locked
    assert page.column_dimensions["C"].hidden


def test_more_about_a_study_is_shown_when_given():
    studies = [{**STUDIES[0], "title": "Exosomes", "year": 2020, "reports": "a:1; b:2"}]
    data = issue_workbook(FORM, studies, meta=META)
    Path("form.xlsx").write_bytes(data)
    (row,) = read_workbook("form.xlsx").sheets["Study"].rows
    assert [row.cells[name].value for name in ("title", "year", "reports")] == ["Exosomes", "2020", "a:1; b:2"]


def test_other_levels_offer_the_studies_of_this_form(book):
    page = book["Results"]
    assert page.max_row == 1 + 3 * len(IDS)
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    area = book.defined_names[rules["A2:A10"].formula1].attr_text.split("!")[1]
    assert [row[0].value for row in book["_lists"][area]] == IDS


def test_lists_offer_the_missing_codes_too(book):
    rule = next(rule for rule in book["Study"].data_validations.dataValidation if str(rule.sqref) == "D2:D4")
    column = book.defined_names[rule.formula1].attr_text.split("$")[1]
    assert [c.value for c in book["_lists"][column]][:4] == ["mouse", "rat", "guinea pig", "NR"]
    assert rule.prompt == "Or NR."


def test_prompts_help(book):
    prompts = {str(rule.sqref): rule.prompt for rule in book["Study"].data_validations.dataValidation}
    assert prompts["I2:I4"] == "How many in all."
    assert prompts["G2:G4"] == "One or several, with ; between them: public; industry, any; none. Or NR."


def test_the_codebook_explains_every_column():
    data = issue_workbook(FORM, STUDIES, meta=META)
    Path("form.xlsx").write_bytes(data)
    rows = read_workbook("form.xlsx").sheets["Codebook"].rows
    assert len(rows) == sum(len(level.fields) for level in FORM.levels.values())
    size = next(row.cells for row in rows if row.cells["Name in the results"].value == "size")
    assert size["What can be entered"].value == "from 10 up to 2000 nm"
    assert size["Or, when there is no value"].value == "NR = not reported; NA = not applicable"


def test_the_workbook_says_what_it_is():
    Path("form.xlsx").write_bytes(issue_workbook(FORM, STUDIES, meta=META))
    meta = read_workbook("form.xlsx").meta
    assert {name: meta[name] for name in ("kind", "person", "round", "form", "form_version", "form_hash")} == {
        **META,
        "form": "small",
        "form_version": "1.1.0",
        "form_hash": FORM.hash,
    }
    assert meta["studies"].split("\n") == IDS
    assert meta["definition"] == FORM.source


def test_same_studies_same_bytes():
    assert issue_workbook(FORM, STUDIES, meta=META) == issue_workbook(FORM, STUDIES, meta=META)


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
