"""One sheet per study: all that is known, in which state, and a blank form where nothing is."""

import io
from typing import Any

import openpyxl
import pytest
from extraction_forms import FORM

from prismake.extraction.one_study import AS_TABLE, sheet_names, study_workbook
from prismake.spreadsheet import sheet_name_problem

A, B = (
    {"study_id": "Adeyemi 2020", "citation": "Adeyemi. Invented.", "reports": "pubmed:1"},
    {"study_id": "Brandt 2021"},
)


def pages(*studies: dict[str, Any]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(study_workbook(FORM, studies)))


def texts(page: Any) -> list[list[str]]:
    """Each row's texts, blank cells left out."""
    rows = ([str(cell) for cell in row if cell is not None] for row in page.iter_rows(values_only=True))
    return [row for row in rows if row]


def row_of(page: Any, label: str) -> tuple:
    return next(row for row in page.iter_rows() if row[0].value == label)


def colour(cell: Any) -> str:
    return cell.fill.fgColor.rgb


def test_the_fields_of_the_study_with_value_state_and_what_can_be_entered():
    states = {
        ("study", 0, "species"): "consensus",
        ("study", 0, "funding"): "unresolved",
        ("study", 0, "size"): "single",
    }
    values = {"study_id": "Adeyemi 2020", "species": "mouse", "size": "120.5", "remark": "=1+1", "started": "NR"}
    page = pages({**A, "levels": {"study": [values]}, "states": states})["Adeyemi 2020"]
    assert texts(page)[:3] == [["Adeyemi 2020"], ["Adeyemi. Invented."], ["pubmed:1"]]
    assert ["Species", "mouse", "settled", "required; one of a list: mouse; rat; guinea pig; or NR"] in texts(page)
    assert ["Size (nm)", "120.5", "one person", "number: from 10 up to 2000 nm; or NR, NA"] in texts(page)
    assert ["Started", "NR", "year; or NR"] in texts(page)
    assert ["Funding", "not settled", "not settled", "some of a list: public; industry, any; none; or NR"] in texts(
        page
    )
    assert ["Animals", "whole number: from 0"] in texts(page), "it is not required"
    assert row_of(page, "Remark")[1].data_type == "s"
    looks = {colour(row_of(page, label)[1]) for label in ("Species", "Size (nm)", "Funding", "Started")}
    assert len(looks) == 4
    assert any("Arm" in row for row in texts(page))
    assert ["none extracted yet"] in texts(page)


def test_what_is_required_and_blank_stands_out():
    page = pages({**A, "levels": {"study": [{"remark": "x"}], "arm": [{"arm_id": "exo"}]}})["Adeyemi 2020"]
    for label in ("Species", "Role"):
        cell = row_of(page, label)[1]
        assert cell.value == "not extracted yet"
        assert colour(cell) == "FFFFE28A"


def test_a_study_without_anything_is_a_blank_form():
    page = pages(B)["Brandt 2021"]
    found = texts(page)
    assert ["When there is no value: NR = not reported; NA = not applicable"] in found
    assert ["Species", "required; one of a list: mouse; rat; guinea pig; or NR"] in found
    assert ["Field", "1", "2", "What can be entered"] in found, "two blank arms"
    assert not any("not extracted" in text for row in found for text in row)


def test_few_rows_stand_side_by_side_and_many_are_a_table():
    def results(count: int) -> dict[str, Any]:
        rows = [{"arm_id": "exo", "outcome": f"o{n}", "day": str(n), "mean": str(n * 10)} for n in range(count)]
        return {**A, "levels": {"study": [{}], "result": rows}}

    few = texts(pages(results(AS_TABLE - 1))["Adeyemi 2020"])
    means = [row[1:-1] for row in few if row[0] == "Mean"]
    assert means == [["0", "10", "20", "30"], ["40", "50"]]
    many = texts(pages(results(AS_TABLE))["Adeyemi 2020"])
    head = many.index(["arm_id / Outcome / Day", "Mean"])
    assert many[head + 1 : head + 1 + AS_TABLE] == [[f"exo / o{n} / {n}", str(n * 10)] for n in range(AS_TABLE)]


def test_nothing_can_be_entered_and_the_first_sheet_leads_to_all_others():
    states = {("study", 0, "species"): "unresolved"}
    book = pages({**A, "levels": {"study": [{"species": "rat"}]}, "states": states}, B)
    visible = [page for page in book if page.sheet_state == "visible"]
    assert [page.title for page in visible] == ["Studies", "Adeyemi 2020", "Brandt 2021"]
    for page in visible:
        assert page.protection.sheet
        assert all(cell.protection.locked for row in page.iter_rows() for cell in row)
        assert page.data_validations.count == 0
        assert page.page_setup.orientation == "portrait"
        assert page.page_setup.fitToWidth == 1
    assert ["Adeyemi 2020", "Adeyemi. Invented.", "1", "1"] in texts(book["Studies"])
    assert row_of(book["Studies"], "Brandt 2021")[0].hyperlink.location == "'Brandt 2021'!A1"
    back = [cell.hyperlink.location for row in book["Brandt 2021"].iter_rows() for cell in row if cell.hyperlink]
    assert back == ["'Studies'!A1"]
    assert book["Brandt 2021"].oddHeader.left.text == "Brandt 2021"


def test_same_studies_same_bytes():
    assert study_workbook(FORM, [A, B]) == study_workbook(FORM, [A, B])


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["Adeyemi 2020", "adeyemi 2020", "Studies"], ["Adeyemi 2020", "adeyemi 2020 (2)", "Studies (2)"]),
        (["a/b: [c]?*\\", "'quoted'", "_meta", "History"], ["a-b- -c----", "quoted", "meta", "History (2)"]),
        (["x" * 40, "x" * 41], ["x" * 31, "x" * 27 + " (2)"]),
        (["", "'", "\U0001f9ec" * 20], ["Study", "Study (2)", "\U0001f9ec" * 15]),
    ],
)
def test_names_of_sheets(ids, names):
    assert sheet_names(ids) == names
    assert not any(map(sheet_name_problem, names))
