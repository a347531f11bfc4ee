"""Reading filled forms: every value as a text, every fault with its cell and a remedy, never a stop."""

import datetime
from pathlib import Path

import pytest
from extraction_forms import FORM, IDS, INCLUDED, REPORTED, STUDIES, blank, faults, fill, filled, levels, read
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.extraction.collect import collect
from prismake.extraction.definition import Field, load_definition
from prismake.extraction.issue import issue_workbook
from prismake.extraction.values import Wrong, read_value
from prismake.spreadsheet import Cell

DATA = Path(__file__).parents[1] / "data" / "extraction"
A, B, C = IDS
WHOLE = {
    "Study": [
        {"study_id": A, "Species": "mouse ", "Started": 2019, "Accepted": datetime.date(2020, 2, 1)}
        | {"Funding": "none;public", "Size (nm)": 120.5, "Animals": "24", "Remark": "=plain"},
        {"study_id": B, "Species": "NR", "Size (nm)": "na"},
    ],
    "Arm": [
        {"study_id": A, "arm_id": "exo", "Role": "intervention"},
        {"study_id": A, "arm_id": "vehicle", "Role": "control"},
    ],
    "Results": [{"study_id": A, "arm_id": "Exo", "Outcome": "perfusion", "Day": 7, "Mean": 1e-7}],
}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def complete(extraction):
    """The number of studies in people's forms, and of those that are complete."""
    return len(extraction.progress), sum(row.is_complete for row in extraction.progress)


def how_far(extraction):
    return [(row.study, row.person, row.is_complete) for row in extraction.progress]


def without_formulas(book):
    book["Study"]["J2"].data_type = "s"
    return book


def test_a_whole_form():
    extraction = read(without_formulas(fill(blank(), WHOLE)))
    assert faults(extraction) == []
    end = {"file": "extraction.ana.01.xlsx"}
    first, second = levels(extraction)["study"]
    assert first == {
        **{"person": "ana", "study_id": A, "species": "mouse", "started": "2019", "accepted": "2020-02-01"},
        **{"funding": "public; none", "size": "120.5", "animals": "24", "remark": "=plain", "row": "2"},
        **end,
    }
    assert (second["species"], second["size"], second["animals"], second["row"]) == ("NR", "NA", "", "3")
    assert [(row["arm_id"], row["role"]) for row in levels(extraction)["arm"]] == [
        ("exo", "intervention"),
        ("vehicle", "control"),
    ]
    (result,) = levels(extraction)["result"]
    assert result == {
        **{"person": "ana", "study_id": A, "arm_id": "exo", "outcome": "perfusion", "day": "7", "mean": "0.0000001"},
        **{"row": "2"},
        **end,
    }
    assert complete(extraction) == (3, 2)


def test_a_blank_form_has_no_rows_and_no_faults():
    extraction = read(blank())
    assert levels(extraction) == {"study": [], "arm": [], "result": []}
    assert extraction.faults == []
    assert complete(extraction) == (3, 0)


def test_a_study_is_complete_when_all_that_is_required_is_there():
    done = [{"study_id": A, "Species": "rat"}]
    assert complete(filled(Study=done))[1] == 1
    assert complete(filled(Study=[{"study_id": A, "Remark": "later"}]))[1] == 0
    assert complete(filled(Study=done, Arm=[{"study_id": A, "arm_id": "exo"}]))[1] == 0, "the role is missing"
    assert complete(filled(Study=[{"study_id": A, "Species": "rat", "Animals": "x"}]))[1] == 0, "a fault"


@pytest.mark.parametrize(
    ("label", "value", "problem", "remedy"),
    [
        ("Species", "guinea-pig", "'guinea-pig' is not in the list of 'Species'", "Did you mean 'guinea pig'?"),
        ("Species", "guinea", "'guinea' is not in the list of 'Species'", "Did you mean 'guinea pig'?"),
        ("Species", "axolotl", "'axolotl' is not in the list", "Choose one of: mouse; rat; guinea pig"),
        ("Species", "NA", "'NA' (not applicable) is not allowed in 'Species'", "Allowed here: NR"),
        ("Remark", "NA", "'NA' (not applicable) is not allowed in 'Remark'", "This column takes no such code"),
        ("Size (nm)", "=100+20", "a formula (=100+20)", "Type the value"),
        ("Size (nm)", "#N/A", "a spreadsheet error (#N/A)", "Type the value"),
        ("Size (nm)", datetime.date(2026, 5, 1), "turned this into a date (2026-05-01)", "Type the value again"),
        ("Remark", datetime.date(2026, 5, 1), "turned this into a date (2026-05-01)", "Type the value again"),
        ("Size (nm)", "120,5", "'120,5' is not a number", "Write 120.5: a decimal point, no separators"),
        ("Size (nm)", "1,500", "'1,500' is not a number", "Write 1.500 or 1500"),
        ("Size (nm)", "1 500", "'1 500' is not a number", "Write 1500, without separators"),
        ("Size (nm)", "120 nm", "'120 nm' is not a number", "Write one number only; the unit is nm"),
        ("Size (nm)", "100-120", "'100-120' is not a number", "Write one number only"),
        ("Size (nm)", "small", "'small' is not a number", "Write a number, or NR or NA"),
        ("Size (nm)", 5, "5 is out of range (from 10 up to 2000)", "Check the value and its unit; the unit is nm"),
        ("Animals", 8.5, "8.5 is not a whole number", "Write a whole number"),
        ("Animals", -1, "-1 is out of range (from 0)", "Check the value"),
        ("Started", 19, "19 is out of range (from 1000 up to 2999)", "Check the value"),
        ("Accepted", "1 Feb 2020", "'1 Feb 2020' is not a date", "Write it as 2026-11-24"),
        ("Accepted", "2020-02-30", "'2020-02-30' is not a date", "Write it as 2026-11-24"),
        ("Funding", "public; charity", "'charity' is not in the list of 'Funding'", "Choose one of"),
        ("Funding", "public, none", "several values need ; between them", "Write public; none"),
    ],
)
def test_a_faulty_cell_is_pending_and_named(label, value, problem, remedy):
    book = blank()
    column = next(cell.column_letter for cell in book["Study"][1] if cell.value == label)
    extraction = read(fill(book, {"Study": [{"study_id": A, label: value}, {"study_id": B, "Species": "rat"}]}))
    ((sheet, cell, found, mend),) = faults(extraction)
    assert (sheet, cell) == ("Study", f"{column}2")
    assert problem in found
    assert remedy in mend
    field = next(f.id for f in FORM.study.fields if f.title == label)
    assert [row[field] for row in levels(extraction)["study"]] == ["", "rat" if field == "species" else ""]
    assert extraction.faults[0].record_id == A


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("number", "8.0", "8"),
        ("number", "1.50", "1.5"),
        ("number", "1e3", "1000"),
        ("number", "−5", "-5"),
        ("number", ".5", "0.5"),
        ("integer", "24.0", "24"),
        ("year", "2019", "2019"),
        ("text", " a\nb ", "a\nb"),
        ("date", "2020-02-29", "2020-02-29"),
        ("number", "nr", "NR"),
    ],
)
def test_values(type, value, text):
    field = Field("x", "X", type, missing=("NR",))
    assert read_value(Cell(value, "text", "A1"), field, FORM) == text


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=30),
    st.sampled_from(["text", "number", "formula", "error", "date", "boolean"]),
    st.sampled_from(FORM.study.fields),
)
def test_any_cell_is_a_value_or_a_fault(value, kind, field):
    try:
        text = read_value(Cell(value, kind, "A1"), field, FORM)
    except Wrong as wrong:
        assert wrong.problem
        assert wrong.remedy
        return
    assert read_value(Cell(text, "text" if field.type != "date" else "date", "A1"), field, FORM) == text


# --- Rows that do not belong ------------------------------------------------------------------------------------------


def test_a_key_given_twice_counts_once():
    arm = {"study_id": A, "arm_id": "exo", "Role": "intervention"}
    extraction = filled(Arm=[arm, {**arm, "arm_id": "EXO", "Role": "control"}])
    assert faults(extraction) == [
        ("Arm", "B3", f"same key as row 2 ({A}, EXO), not read", "Give it another 'arm_id', or delete one of the two")
    ]
    assert [row["role"] for row in levels(extraction)["arm"]] == ["intervention"]


def test_a_key_that_is_not_whole():
    extraction = filled(Arm=[{"study_id": A, "Role": "control"}, {"arm_id": "exo"}, {"study_id": B}])
    assert [(cell, problem) for _, cell, problem, _ in faults(extraction)] == [
        ("B2", "'arm_id' is blank, so nothing in this row was read"),
        ("A3", "a row without a study"),
    ]
    assert levels(extraction)["arm"] == []


def test_a_parent_that_is_missing():
    extraction = filled(
        Arm=[{"study_id": A, "arm_id": "exosomes", "Role": "intervention"}],
        Results=[
            {"study_id": A, "arm_id": "exosome", "Outcome": "o", "Day": 1, "Mean": 1},
            {"study_id": B, "arm_id": "exosomes", "Outcome": "o", "Day": 1, "Mean": 1},
        ],
    )
    assert faults(extraction) == [
        (
            "Results",
            "B2",
            f"no row 'exosome' of {A} on the sheet 'Arm', so this row was not read",
            "Did you mean 'exosomes'?",
        ),
        (
            "Results",
            "B3",
            f"no row 'exosomes' of {B} on the sheet 'Arm', so this row was not read",
            "Add it there first",
        ),
    ]
    assert levels(extraction)["result"] == []


def test_a_study_that_was_not_issued():
    extraction = filled(Arm=[{"study_id": "Adeyemi 2002", "arm_id": "exo", "Role": "control"}])
    assert faults(extraction) == [("Arm", "A2", "no study 'Adeyemi 2002' was issued to ana", f"Did you mean '{A}'?")]


def collect_as(included, *books, issued=IDS):
    """Collect these workbooks of ana's in a review with these studies (study -> reports)."""
    files = []
    for number, book in enumerate(books, 1):
        book.save(f"{number}.xlsx")
        files.append(("ana", Path(f"{number}.xlsx")))
    return collect(FORM, files, issued={"ana": issued}, studies=included)


RAT = {
    "Study": [{"study_id": A, "Species": "rat"}],
    "Arm": [{"study_id": A, "arm_id": "x", "Role": "control"}, {"study_id": A, "arm_id": "y"}],
}


def test_a_study_that_is_not_included_any_more_is_dormant():
    broken = {**RAT, "Study": [{"study_id": A, "Species": "axolotl"}, {"study_id": B, "Species": "mouse"}]}
    extraction = collect_as({B: INCLUDED[B], C: INCLUDED[C]}, fill(blank(studies=REPORTED), broken))
    assert extraction.faults == []
    assert [row["study_id"] for row in levels(extraction)["study"]] == [B]
    assert levels(extraction)["arm"] == []
    assert complete(extraction) == (2, 1)
    assert how_far(extraction) == [(B, "ana", True), (C, "ana", False)]


def test_a_study_that_was_renamed_keeps_its_data_on_every_sheet():
    included = {"Adeyemi 2020a": INCLUDED[A], B: INCLUDED[B], C: INCLUDED[C]}
    extraction = collect_as(included, fill(blank(studies=REPORTED), RAT))
    assert [f.problem for f in extraction.faults] == []
    assert [(row["study_id"], row["species"]) for row in levels(extraction)["study"]] == [("Adeyemi 2020a", "rat")]
    assert [(row["study_id"], row["arm_id"]) for row in levels(extraction)["arm"]] == [
        ("Adeyemi 2020a", "x"),
        ("Adeyemi 2020a", "y"),
    ]
    assert ("Adeyemi 2020a", "ana", False) in how_far(extraction), "the role of y is missing"
    assert complete(extraction)[0] == 3


@pytest.mark.parametrize(
    "included",
    [
        pytest.param({"A1": INCLUDED[A], "A2": INCLUDED[A]}, id="its report is of two studies now"),
        pytest.param({"A1": ["pubmed:99"]}, id="another report"),
        pytest.param({B: [*INCLUDED[A], *INCLUDED[B]]}, id="brought together with a study that has its own row"),
    ],
)
def test_a_name_that_stands_for_no_one_study_is_dormant(included):
    extraction = collect_as(included, fill(blank(studies=REPORTED), RAT))
    assert extraction.faults == []
    assert levels(extraction)["study"] == levels(extraction)["arm"] == []


def test_a_study_of_several_reports_was_renamed_only_when_all_are_in_the_new_one():
    book = blank(studies=REPORTED)
    book["Study"]["C2"] = "pubmed:0; pubmed:9"
    fill(book, RAT)
    assert levels(collect_as({"New": ["pubmed:0", "pubmed:9"]}, book))["study"][0]["study_id"] == "New"
    assert levels(collect_as({"New": ["pubmed:0"]}, book))["study"] == []


def test_names_that_differ_in_capitals_only_are_matched_as_spelt_first():
    names = ["Shin 2023", "shin 2023"]
    book = blank(studies=[{"study_id": name, "citation": "c", "reports": "pubmed:5"} for name in names])
    fill(book, {"Study": [{"study_id": name, "Species": "rat"} for name in names]})
    book["Study"]["E3"] = "mouse"
    extraction = collect_as({name: ["pubmed:5"] for name in names}, book, issued=names)
    assert extraction.faults == []
    assert [(row["study_id"], row["species"]) for row in levels(extraction)["study"]] == [
        ("Shin 2023", "rat"),
        ("shin 2023", "mouse"),
    ]
    (one,) = levels(collect_as({"SHIN 2023": ["pubmed:5"]}, book, issued=names))["study"]
    assert (one["study_id"], one["species"]) == ("SHIN 2023", "rat")


def test_a_row_that_a_partial_sort_tore_apart():
    book = fill(blank(), {"Study": [{"study_id": A, "Species": "rat"}, {"study_id": B, "Species": "mouse"}]})
    book["Study"]["A2"], book["Study"]["A3"] = B, A
    extraction = read(book)
    assert [(cell, problem.split(":")[0]) for _, cell, problem, _ in faults(extraction)] == [
        ("A2", "this row was torn apart"),
        ("A3", "this row was torn apart"),
    ]
    assert levels(extraction)["study"] == []


# --- Sheets, columns, workbooks ---------------------------------------------------------------------------------------


def test_a_column_that_was_deleted():
    book = fill(blank(), {"Study": [{"study_id": A, "Species": "rat", "Remark": "kept"}]})
    book["Study"].delete_cols(5)
    extraction = read(book)
    assert faults(extraction) == [
        ("Study", "", "the column 'Started' is missing", "Restore it from a copy of the form")
    ]
    assert [(row["species"], row["started"], row["remark"]) for row in levels(extraction)["study"]] == [
        ("rat", "", "kept")
    ]


def test_a_key_column_that_was_deleted():
    book = fill(blank(), {"Arm": [{"study_id": A, "arm_id": "x", "Role": "control"}]})
    book["Arm"].delete_cols(2)
    extraction = read(book)
    assert [problem for _, _, problem, _ in faults(extraction)] == ["the column 'arm_id' is missing"]
    assert levels(extraction)["arm"] == []


def test_a_column_that_the_form_does_not_have():
    book = fill(blank(), {"Study": [{"study_id": A, "Species": "rat"}]})
    book["Study"]["K1"], book["Study"]["L1"], book["Study"]["K2"] = "Weight", "Empty", "30 g"
    extraction = read(book)
    assert [(cell, problem) for _, cell, problem, _ in faults(extraction)] == [
        ("K1", "unknown column 'Weight', not read")
    ]
    book["Study"]["D1"] = "Specis"
    assert ("Study", "D1", "unknown column 'Specis', not read", "Did you mean 'Species'?") in faults(read(book))


def test_columns_may_be_moved_and_written_otherwise():
    book = blank()
    page = book["Arm"]
    page["A1"], page["B1"], page["C1"] = "ROLE", "study_id", " Arm_ID"
    page["A2"], page["B2"], page["C2"] = "control", A, "x"
    extraction = read(book)
    assert extraction.faults == []
    assert [(row["arm_id"], row["role"]) for row in levels(extraction)["arm"]] == [("x", "control")]


def test_sheets_that_were_renamed_deleted_or_added():
    book = fill(blank(), {"Arm": [{"study_id": A, "arm_id": "x", "Role": "control"}]})
    book["Arm"].title = "Arms, done"
    del book["Results"]
    book.create_sheet("My notes").append(["a", "b"])
    book["My notes"].append(["c", "d"])
    extraction = read(book)
    assert [(sheet, problem) for sheet, _, problem, _ in faults(extraction)] == [
        ("My notes", "'My notes' is no sheet of this form and was not read"),
        ("", "the sheet 'Results' is missing"),
    ]
    assert len(levels(extraction)["arm"]) == 1


def test_a_level_as_csv():
    Path("arms.csv").write_text(f"study_id;arm_id;Role\n{A};x;control\n{B};y;\n", encoding="utf-8")
    extraction = collect(FORM, [("ana", Path("arms.csv"))], issued={"ana": IDS}, studies=INCLUDED)
    assert extraction.faults == []
    assert [(row["study_id"], row["role"], row["row"]) for row in levels(extraction)["arm"]] == [
        (A, "control", "2"),
        (B, "", "3"),
    ]


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ({"person": "ben"}, "this is the extraction form of ben, lying in the folder of ana"),
        ({"kind": "full_text"}, "this is the full_text form of ana"),
    ],
)
def test_a_form_in_the_wrong_folder(meta, problem):
    extraction = read(fill(blank(**meta), {"Study": [{"study_id": A, "Species": "rat"}]}))
    assert faults(extraction)[0][2].startswith(problem)
    assert levels(extraction)["study"] == []


def test_a_workbook_that_will_not_open():
    extraction = read(b"PK\x03\x04 not a zip")
    ((sheet, cell, problem, remedy),) = faults(extraction)
    assert (sheet, cell, problem) == ("", "", "this workbook is damaged")
    assert remedy
    assert complete(extraction) == (0, 0)


def test_the_form_of_another_definition_is_not_read(tmp_path):
    text = (DATA / "form.yaml").read_text(encoding="utf-8").replace("id: small", "id: large")
    (tmp_path / "other.yaml").write_text(text, encoding="utf-8")
    extraction = read(
        fill(blank(), {"Study": [{"study_id": A, "Species": "rat"}]}), definition=load_definition("other.yaml")
    )
    assert [problem for _, _, problem, _ in faults(extraction)] == ["this is the form 'small', the review has 'large'"]
    assert levels(extraction)["study"] == []


# --- Several forms ----------------------------------------------------------------------------------------------------


def two(first: dict, second: dict, people: tuple[str, str] = ("ana", "ana")):
    files = []
    for person, name, rows in zip(
        people, ("extraction.01.xlsx", "extraction.01 (1).xlsx"), (first, second), strict=True
    ):
        Path(person).mkdir(exist_ok=True)
        fill(blank(person=person), rows).save(f"{person}/{name}")
        files.append((person, Path(person, name)))
    return collect(FORM, files, issued={"ana": IDS, "ben": IDS}, studies=INCLUDED)


def test_copies_that_agree_are_put_together():
    extraction = two(
        {"Study": [{"study_id": A, "Species": "rat"}]},
        {"Study": [{"study_id": A, "Species": "rat", "Animals": 8}, {"study_id": B, "Species": "mouse"}]},
    )
    assert extraction.faults == []
    assert [(row["study_id"], row["species"], row["animals"]) for row in levels(extraction)["study"]] == [
        (A, "rat", "8"),
        (B, "mouse", ""),
    ]


def test_where_copies_differ_the_cell_is_pending():
    extraction = two(
        {"Study": [{"study_id": A, "Species": "rat", "Animals": 8}]},
        {"Study": [{"study_id": A, "Species": "mouse", "Animals": 8}]},
    )
    assert [(f.file, f.cell, f.problem) for f in extraction.faults] == [
        ("ana/extraction.01.xlsx", "D2", "'rat' here, but not in ana/extraction.01 (1).xlsx, cell D2"),
        ("ana/extraction.01 (1).xlsx", "D2", "'mouse' here, but not in ana/extraction.01.xlsx, cell D2"),
    ]
    assert [(row["species"], row["animals"]) for row in levels(extraction)["study"]] == [("", "8")]


def test_two_people_are_two_rows():
    extraction = two(
        {"Study": [{"study_id": A, "Species": "rat"}]},
        {"Study": [{"study_id": A, "Species": "mouse"}]},
        ("ana", "ben"),
    )
    assert extraction.faults == []
    assert [(row["person"], row["species"]) for row in levels(extraction)["study"]] == [
        ("ana", "rat"),
        ("ben", "mouse"),
    ]


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "libreoffice.ods"])
def test_a_form_that_libreoffice_saved_says_the_same(name):
    extraction = collect(FORM, [("ana", DATA / name)], issued={"ana": IDS}, studies=INCLUDED)
    same = read(without_formulas(fill(blank(), WHOLE)))
    keep = [
        [{k: v for k, v in row.items() if k != "file"} for row in levels(e)[level]]
        for e in (extraction, same)
        for level in FORM.levels
    ]
    assert keep[:3] == keep[3:]
    assert extraction.faults == []


def test_what_was_issued_is_read_as_blank_for_every_shipped_form():
    for path in ("", *sorted((DATA.parents[2] / "config" / "forms").glob("*.yaml"))):
        definition = load_definition(path)
        data = issue_workbook(definition, STUDIES, meta={"kind": "extraction", "person": "ana"})
        extraction = read(data, definition=definition)
        assert extraction.faults == []
        assert not any(levels(extraction, definition).values())
