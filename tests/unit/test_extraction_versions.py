"""A form that changes midway: old workbooks are read by their own definition, and only new fields are asked."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from extraction_forms import FORM, IDS, INCLUDED, META, STUDIES, blank, faults, fill, levels

from prismake.extraction.collect import collect
from prismake.extraction.definition import definition_from
from prismake.extraction.issue import issue_workbook
from prismake.extraction.versions import lacking, supplement

A, B, _ = IDS


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def field(content, level, name):
    return next(field for field in content["levels"][level]["fields"] if field["id"] == name)


def changed(change, version="2.0.0"):
    content = json.loads(FORM.source)
    content["form"]["version"] = version
    change(content)
    return definition_from(content)


def read(book, definition, *more):
    book.save("extraction.ana.01.xlsx")
    files = [("ana", Path("extraction.ana.01.xlsx"))]
    for number, (name, other) in enumerate(more, 1):
        path = Path(f"{name}.ana.{number:02d}.xlsx")
        other.save(path)
        files.append(("ana", path))
    return collect(definition, files, issued={"ana": IDS}, studies=INCLUDED, source="form.yaml")


def test_a_renamed_field_carries_over_and_keeps_its_place():
    def rename(content):
        field(content, "study", "remark").update(id="notes", label="Notes", renamed_from="remark")

    extraction = read(fill(blank(), {"Study": [{"study_id": A, "Species": "rat", "Remark": "x"}]}), changed(rename))
    assert faults(extraction) == []
    (entry,) = extraction.entries
    assert entry.values["notes"] == "x" and "remark" not in entry.values
    assert entry.place("notes") == ("extraction.ana.01.xlsx", "Study", "J2", "1.1.0")
    assert extraction.set_aside == []
    assert extraction.progress[0].lacks == ()


def test_a_field_that_was_renamed_twice():
    def rename(content):
        field(content, "study", "remark").update(id="last", label="Last", renamed_from=["second", "remark"])

    extraction = read(fill(blank(), {"Study": [{"study_id": A, "Species": "rat", "Remark": "x"}]}), changed(rename))
    assert extraction.entries[0].values["last"] == "x"


def test_a_retired_option_stays_a_value():
    extraction = read(
        fill(blank(), {"Study": [{"study_id": A, "Species": "rat"}]}),
        changed(lambda content: content["lists"].update(species=["mouse", "guinea pig"])),
    )
    assert faults(extraction) == []
    assert extraction.entries[0].values["species"] == "rat"


def test_a_retired_field_and_level_are_set_aside_with_their_cells():
    def retire(content):
        del content["levels"]["result"]
        content["levels"]["study"]["fields"].remove(field(content, "study", "remark"))

    rows = {
        "Study": [{"study_id": A, "Species": "rat", "Remark": "x"}],
        "Arm": [{"study_id": A, "arm_id": "exo", "Role": "control"}],
        "Results": [{"study_id": A, "arm_id": "exo", "Outcome": "o", "Day": 1, "Mean": 2}],
    }
    extraction = read(fill(blank(), rows), changed(retire))
    assert faults(extraction) == []
    found = [(v.level, v.key, v.field, v.value, v.cell, v.version) for v in extraction.set_aside]
    assert found == [
        ("study", (A,), "remark", "x", "J2", "1.1.0"),
        ("result", (A, "exo", "o", "1"), "mean", "2", "E2", "1.1.0"),
    ]
    assert "version 2.0.0 of the form no longer asks for it" in extraction.set_aside[0].why
    assert set(levels(extraction)) == {"study", "arm", "result"} and not levels(extraction)["result"]


def test_a_value_that_the_form_no_longer_takes_is_pending():
    extraction = read(
        fill(blank(), {"Study": [{"study_id": A, "Species": "rat", "Size (nm)": 1500}]}),
        changed(lambda content: field(content, "study", "size").update(max=1000)),
    )
    ((sheet, cell, problem, _),) = faults(extraction)
    assert (sheet, cell) == ("Study", "H2")
    assert problem == "1500 is out of range (from 10 up to 1000), says version 2.0.0 of the form"
    assert extraction.entries[0].values["size"] == ""


def with_new_fields(content):
    content["levels"]["study"]["fields"].append(
        {"id": "storage", "label": "Storage", "type": "choice", "options": ["frozen", "fresh"], "required": True}
    )
    content["levels"]["arm"]["fields"].append({"id": "n", "label": "Number", "type": "integer", "required": True})
    content["levels"]["harm"] = {
        "key": ["study_id", "harm_id"],
        "parent": "study",
        "fields": [{"id": "count", "label": "Count", "type": "integer"}],
    }


OLD = {
    "Study": [{"study_id": A, "Species": "rat", "Remark": "x"}],
    "Arm": [
        {"study_id": A, "arm_id": "exo", "Role": "intervention"},
        {"study_id": A, "arm_id": "veh", "Role": "control"},
    ],
}


def test_new_fields_are_lacking_and_the_study_is_complete_but_for_them():
    new = changed(with_new_fields)
    extraction = read(fill(blank(), OLD), new)
    first = next(row for row in extraction.progress if row.study == A)
    assert first.lacks == (("study", "storage"), ("arm", "n"), ("harm", "count"))
    assert (first.is_begun, first.is_ready, first.is_complete) == (True, True, False)
    assert faults(extraction) == []


def test_a_supplementary_form_holds_only_what_is_new():
    new = changed(with_new_fields)
    part = supplement(new, lacking(new, {(level.id, f.id) for level in FORM.levels.values() for f in level.fields}))
    assert {name: [f.id for f in level.fields] for name, level in part.levels.items()} == {
        "study": ["storage"],
        "arm": ["arm_id", "n"],
        "harm": ["harm_id", "count"],
    }
    rows = {"arm": [{"study_id": A, "arm_id": "exo"}, {"study_id": A, "arm_id": "veh"}]}
    meta = META | {"kind": "extraction_supplement"}
    book = openpyxl.load_workbook(io.BytesIO(issue_workbook(part, STUDIES[:1], meta=meta, of=new, rows=rows)))
    assert [cell.value for cell in book["Arm"][1]] == ["study_id", "arm_id", "Number"]
    assert [[c.value for c in row] for row in book["Arm"].iter_rows(min_row=2)] == [[A, "exo", None], [A, "veh", None]]
    assert book["Arm"]["B2"].protection.locked and not book["Arm"]["C2"].protection.locked
    fill(book, {"Study": [{"study_id": A, "Storage": "frozen"}]})
    book["Arm"]["C2"], book["Arm"]["C3"] = 8, 9
    fill(book, {"Harm": [{"study_id": A, "harm_id": "death", "Count": 0}]})
    extraction = read(fill(blank(), OLD), new, ("extraction_supplement", book))
    assert faults(extraction) == []
    found = levels(extraction, new)
    assert [(r["species"], r["remark"], r["storage"]) for r in found["study"]] == [("rat", "x", "frozen")]
    assert [(r["arm_id"], r["role"], r["n"]) for r in found["arm"]] == [
        ("exo", "intervention", "8"),
        ("veh", "control", "9"),
    ]
    assert [(r["harm_id"], r["count"]) for r in found["harm"]] == [("death", "0")]
    study = next(entry for entry in extraction.entries if entry.level.id == "study")
    assert study.place("storage")[0] == "extraction_supplement.ana.01.xlsx"
    assert study.place("species")[0] == "extraction.ana.01.xlsx"
    assert next(row for row in extraction.progress if row.study == A).is_complete


def test_a_supplementary_form_left_blank_makes_no_rows():
    new = changed(with_new_fields)
    part = supplement(new, [("arm", "n")])
    rows = {"arm": [{"study_id": A, "arm_id": "gone"}]}
    meta = META | {"kind": "extraction_supplement"}
    book = openpyxl.load_workbook(io.BytesIO(issue_workbook(part, STUDIES[:1], meta=meta, of=new, rows=rows)))
    extraction = read(fill(blank(), OLD), new, ("extraction_supplement", book))
    assert [row["arm_id"] for row in levels(extraction, new)["arm"]] == ["exo", "veh"]


def test_a_change_without_a_new_version_is_reported_once():
    extraction = read(fill(blank(), OLD), changed(with_new_fields, version="1.1.0"))
    (fault,) = extraction.faults
    assert fault.file == "form.yaml"
    assert fault.problem == "the form was changed after forms of its version 1.1.0 were issued"


def test_a_damaged_description_is_reported_and_the_form_read_all_the_same():
    book = fill(blank(), OLD)
    for row in book["_meta"].iter_rows():
        if row[0].value == "definition":
            row[1].value = "{not json"
            break
    extraction = read(book, FORM)
    assert [problem for _, _, problem, _ in faults(extraction)] == [
        "its hidden sheet is damaged, so it was read by the form the review has now"
    ]
    assert levels(extraction)["study"][0]["species"] == "rat"
