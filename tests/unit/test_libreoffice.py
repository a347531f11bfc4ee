"""Forms that a real LibreOffice opened and saved: what was entered is read the same, and what guides people is kept."""

import datetime
import subprocess
from pathlib import Path

import openpyxl
import pytest
from extraction_forms import FORM, IDS, INCLUDED, blank, fill

from prismake.extraction.collect import collect
from prismake.spreadsheet import read_workbook

A, B, C = IDS
NAME = "extraction.ana.01.xlsx"
ENTERED = {
    "Study": [
        {"study_id": A, "Species": "guinea pig", "Started": 2019, "Accepted": datetime.date(2020, 2, 1)}
        | {"Funding": "industry, any; public", "Size (nm)": 120.5, "Animals": 24, "Remark": "=SUM(1) is no formula"},
        {
            "study_id": B,
            "Species": "NR",
            "Started": "NR",
            "Size (nm)": "NA",
            "Remark": "größer 東京 \U0001f9ec\n#N/A  _x005F_x000D_",
        },
        {"study_id": C, "Species": "mouse", "Size (nm)": 0.1 + 0.2 + 10, "Remark": "+1-1"},
    ],
    "Arm": [
        {"study_id": A, "arm_id": "exo, 100 µg", "Role": "intervention"},
        {"study_id": A, "arm_id": "0012", "Role": "control"},
    ],
    "Results": [{"study_id": A, "arm_id": "0012", "Outcome": "1/2", "Day": 7, "Mean": -1e-7}],
}


@pytest.fixture(scope="session")
def saved(tmp_path_factory, need) -> Path:
    """A folder with the form as filled in, and in xlsx/ and ods/ as LibreOffice saved it."""
    need("soffice", "libreoffice-calc")
    folder = tmp_path_factory.mktemp("libreoffice")
    book = fill(blank(), ENTERED)
    for row in book["Study"].iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f":  # openpyxl's idea; whoever types '=SUM(1) enters a text
                cell.data_type, cell.quotePrefix = "s", True
    book.save(folder / NAME)
    for kind in ("xlsx", "ods"):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder / kind, folder / NAME]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def entries(path: Path) -> list[tuple[str, dict[str, str]]]:
    found = collect(FORM, [("ana", path)], issued={"ana": IDS}, studies=INCLUDED)
    assert found.faults == []
    return [(entry.level.id, entry.values) for entry in found.entries]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_what_was_entered_is_read_the_same(saved, kind):
    before = entries(saved / NAME)
    assert len(before) == 6
    first, second = before[0][1], before[1][1]
    assert (first["accepted"], first["size"], first["started"]) == ("2020-02-01", "120.5", "2019")
    assert first["remark"] == "=SUM(1) is no formula"
    assert second["remark"] == "größer 東京 \U0001f9ec\n#N/A  _x000D_"
    path = saved / kind / Path(NAME).with_suffix(f".{kind}").name
    assert entries(path) == before
    assert read_workbook(path).meta == read_workbook(saved / NAME).meta


@pytest.fixture(scope="session")
def books(saved) -> tuple[openpyxl.Workbook, openpyxl.Workbook]:
    return openpyxl.load_workbook(saved / NAME), openpyxl.load_workbook(saved / "xlsx" / NAME)


def test_the_same_cells_can_be_written_into(books):
    before, after = books
    assert after.sheetnames == before.sheetnames
    for name in ("Study", "Arm", "Results", "Codebook"):
        assert after[name].protection.sheet
        for row in before[name].iter_rows():
            for cell in row:
                assert after[name][cell.coordinate].protection.locked == cell.protection.locked, (name, cell.coordinate)


def test_lists_rules_and_colours_stay(books):
    before, after = books
    assert {
        name: d.attr_text.replace("'", "") for name, d in after.defined_names.items() if name.startswith("list_")
    } == {name: d.attr_text.replace("'", "") for name, d in before.defined_names.items()}
    for name in ("Study", "Arm", "Results"):
        rules = [
            {
                str(r.sqref): (r.type, r.prompt, r.errorStyle or "stop")
                for r in book[name].data_validations.dataValidation
            }
            for book in books
        ]
        lists = [
            {str(r.sqref): r.formula1 for r in book[name].data_validations.dataValidation if r.type == "list"}
            for book in books
        ]
        assert rules[0]
        assert rules[1] == rules[0]
        assert lists[1] == lists[0]
        colours = [
            sorted(
                (str(found.sqref), rule.dxf.fill.bgColor.rgb)
                for found in book[name].conditional_formatting
                for rule in found.rules
            )
            for book in books
        ]
        assert colours[0]
        assert colours[1] == colours[0]


def test_hidden_sheets_and_columns_stay(books):
    before, after = books
    assert {page.title: page.sheet_state for page in after} == {page.title: page.sheet_state for page in before}
    hidden = [[letter for letter, d in book["Study"].column_dimensions.items() if d.hidden] for book in books]
    assert hidden[0]
    assert hidden[1] == hidden[0]
    assert before["Study"].freeze_panes == "B2"
    assert after["Study"].freeze_panes in (None, "B2"), "LibreOffice loses it when it converts without a window"
