"""Two extractors and consensus: what agrees, what is asked, and what an answer does."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from extraction_forms import FORM, IDS, INCLUDED, blank, fill
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.extraction.agreement import agreement
from prismake.extraction.collect import collect
from prismake.extraction.consensus import agrees
from prismake.extraction.consensus_form import ConsensusForms, consensus_workbook
from prismake.extraction.definition import Field
from prismake.extraction.instrument import Instrument
from prismake.extraction.review import settle
from prismake.extraction.tables import read_questions, write_levels, write_progress
from prismake.publish import read_csv

A, B, C = IDS
TOOL = Instrument("extraction", FORM, ("ana", "ben"), "cleo", 1.0, "")
ONE = {
    "Study": [{"study_id": A, "Species": "rat", "Animals": 24, "Remark": "Pilot."}],
    "Arm": [{"study_id": A, "arm_id": "exo", "Role": "intervention"}],
    "Results": [{"study_id": A, "arm_id": "exo", "Outcome": "Flow", "Day": 7, "Mean": 2.5}],
}


SECOND = {"study_id": A, "arm_id": "vehicle", "Role": "control"}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def both(ana, ben, answers=(), left=()):
    """Collect these two people's forms, and the consensus forms in which these answers are filled in."""
    for person, rows in (("ana", ana), ("ben", ben)):
        Path(person).mkdir(exist_ok=True)
        fill(blank(person=person), rows).save(f"{person}/extraction.{person}.01.xlsx")
    files = [(person, Path(f"{person}/extraction.{person}.01.xlsx")) for person in ("ana", "ben")]
    held = {"ana": IDS, "ben": IDS}
    extraction = collect(FORM, files, issued=held, studies=INCLUDED)
    assert extraction.faults == []
    forms: list[tuple[str, Path]] = []
    found, faults = settle(TOOL, extraction, ConsensusForms(FORM, forms, "extraction_consensus"), left)
    for number, answer in enumerate(answers, 1):
        path = Path(f"extraction_consensus.cleo.{number:02d}.xlsx")
        path.write_bytes(form_for(found.questions, answer))
        forms.append(("cleo", path))
        found, faults = settle(TOOL, extraction, ConsensusForms(FORM, forms, "extraction_consensus"), left)
    return extraction, found, faults


def form_for(questions, answers):
    """The form for these questions; answers: (column, value) by what is asked about."""
    meta = {"kind": "extraction_consensus", "person": "cleo"}
    names = {"ana": "Ana Invented"}
    book = openpyxl.load_workbook(io.BytesIO(consensus_workbook(FORM, questions, names=names, meta=meta)))
    page = book["Consensus"]
    at = {cell.value: cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        what = page.cell(row, at["What"]).value
        key = what if what in answers else page.cell(row, at["Row"]).value
        if key in answers:
            column, value = answers[key]
            page.cell(row, at[column]).value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def row_of(found, level, **values):
    (row,) = [r for r in found.rows if r.level.id == level and values.items() <= r.values.items()]
    return row


def asked(found):
    return [(q.level, q.key[1:], q.field, tuple(said for _, said in q.says)) for q in found.questions]


def test_what_is_equal_is_agreed():
    _, found, _ = both(ONE, ONE)
    assert found.questions == []
    assert {state for row in found.rows for state in row.states.values()} == {"agreed"}
    study = row_of(found, "study")
    assert study.values["animals"] == "24"
    assert [source[:2] for source in study.sources["animals"]] == [("ana", "24"), ("ben", "24")]
    assert study.sources["animals"][1][2] == ("ben/extraction.ben.01.xlsx", "Study", "I2", "1.1.0")


def test_texts_agree_but_for_capitals_and_a_full_stop():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Remark": " pilot "}]}
    _, found, _ = both(ONE, other)
    assert found.questions == []
    assert row_of(found, "study").values["remark"] == "Pilot.", "the value of the person named first"


def test_only_what_differs_is_asked_and_the_answer_stands():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30, "Species": "mouse"}]}
    _, found, _ = both(ONE, other)
    assert asked(found) == [("study", (), "species", ("rat", "mouse")), ("study", (), "animals", ("24", "30"))]
    study = row_of(found, "study")
    assert (study.values["animals"], study.states["animals"], study.states["remark"]) == ("", "unresolved", "agreed")
    _, found, faults = both(ONE, other, [{"Species": ("Take", "ben"), "Animals": ("Or enter", 25)}])
    assert faults == [] and found.questions == []
    study = row_of(found, "study")
    assert (study.values["species"], study.values["animals"]) == ("mouse", "25")
    assert {study.states["species"], study.states["animals"]} == {"consensus"}
    who, said, place = study.sources["animals"][-1]
    assert (who, said, place[0], place[1]) == ("cleo", "25", "extraction_consensus.cleo.01.xlsx", "Consensus")


def test_what_stays_unresolved_is_not_asked_again():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30}]}
    _, found, faults = both(ONE, other, [{"Animals": ("Take", "stays unresolved")}])
    assert faults == [] and found.questions == []
    study = row_of(found, "study")
    assert (study.values["animals"], study.states["animals"]) == ("", "unresolved")


def test_a_changed_answer_is_asked_anew():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30}]}
    _, first, _ = both(ONE, other)
    path = Path("extraction_consensus.cleo.01.xlsx")
    path.write_bytes(form_for(first.questions, {"Animals": ("Take", "ana")}))
    corrected = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 31}]}
    extraction, _, _ = both(ONE, corrected)
    forms = ConsensusForms(FORM, [("cleo", path)], "extraction_consensus")
    found, faults = settle(TOOL, extraction, forms, ())
    assert faults == []
    assert [q.says for q in found.questions] == [(("ana", "24"), ("ben", "31"))]
    assert found.questions[0].id != first.questions[0].id


def test_an_answer_counts_while_somebody_mends_their_form():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30}], "Arm": [*ONE["Arm"], SECOND]}
    _, first, _ = both(ONE, other)
    path = Path("extraction_consensus.cleo.01.xlsx")
    path.write_bytes(form_for(first.questions, {"Animals": ("Take", "ben"), "vehicle": ("Take", "add this row")}))
    fill(blank(person="ana"), {**ONE, "Study": [{**ONE["Study"][0], "Started": "x"}]}).save(
        "ana/extraction.ana.01.xlsx"
    )
    files = [(person, Path(f"{person}/extraction.{person}.01.xlsx")) for person in ("ana", "ben")]
    extraction = collect(FORM, files, issued={"ana": IDS, "ben": IDS}, studies=INCLUDED)
    assert len(extraction.faults) == 1
    found, _ = settle(TOOL, extraction, ConsensusForms(FORM, [("cleo", path)], "extraction_consensus"), ())
    assert found.questions == [] and found.waiting == {A}
    assert row_of(found, "study").values["animals"] == "30"
    assert row_of(found, "arm", arm_id="vehicle").states == {"role": "consensus"}


def test_one_of_two_has_no_value():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": None}]}
    _, found, _ = both(ONE, other)
    assert asked(found) == [("study", (), "animals", ("24", ""))]


def test_nothing_is_asked_before_both_are_done():
    begun = {"Study": [{"study_id": A, "Animals": 30}]}
    _, found, _ = both(ONE, begun)
    assert found.questions == [] and found.waiting == {A}
    study = row_of(found, "study")
    assert (study.states["animals"], study.states["species"]) == ("unresolved", "single")
    _, found, _ = both(ONE, begun, left={"ben"})
    assert [q[2] for q in asked(found)] == ["animals"], "nobody waits for a person who has left"


def test_a_row_that_one_does_not_have():
    more = {**ONE, "Arm": [*ONE["Arm"], SECOND]}
    more["Results"] = [*ONE["Results"], {"study_id": A, "arm_id": "vehicle", "Outcome": "Flow", "Day": 7, "Mean": 1}]
    _, found, _ = both(ONE, more)
    assert asked(found) == [("arm", ("vehicle",), "", ("(no such row)", "Role: control"))], "its result waits"
    assert not row_of(found, "arm", arm_id="vehicle").stands
    _, found, faults = both(ONE, more, [{"vehicle": ("Take", "add this row")}])
    assert faults == [] and found.questions == []
    result = row_of(found, "result", arm_id="vehicle")
    assert (result.values["mean"], result.states["mean"]) == ("1", "consensus")
    _, found, faults = both(ONE, more, [{"vehicle": ("Take", "leave it out")}])
    assert faults == [] and found.questions == []
    assert [row.values["arm_id"] for row in found.rows if row.level.id == "arm"] == ["exo"]
    assert [(v.level, v.field, v.value) for v in found.set_aside] == [
        ("arm", "role", "control"),
        ("result", "mean", "1"),
    ]
    assert "extraction_consensus.cleo.01.xlsx" in found.set_aside[0].why


def test_a_row_under_another_name_is_the_same_row():
    ana = {**ONE, "Arm": [{"study_id": A, "arm_id": "exo 100", "Role": "intervention"}]}
    ana["Results"] = [{**ONE["Results"][0], "arm_id": "exo 100", "Mean": 3}]
    _, found, _ = both(ana, ONE)
    assert [q.others for q in found.questions] == [("exo",), ("exo 100",)]
    _, found, faults = both(ana, ONE, [{"exo 100": ("Take", "same row as exo")}])
    assert faults == []
    arm = row_of(found, "arm")
    assert arm.states["role"] == "agreed" and sorted(arm.people) == ["ana", "ben"]
    assert asked(found) == [("result", ("exo", "Flow", "7"), "mean", ("3", "2.5"))], "now the results are compared"


def test_mistakes_in_a_consensus_form_are_named():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30, "Species": "mouse"}]}
    _, found, faults = both(ONE, other, [{"Animals": ("Or enter", "many"), "Species": ("Take", "dan")}])
    assert len(found.questions) == 2
    assert [(f.cell[:1], f.problem) for f in faults] == [
        ("H", "'dan' cannot be taken"),
        ("I", "'many' is not a number"),
    ]


def test_two_forms_that_answer_differently_count_as_none():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30}]}
    _, asked_first, _ = both(ONE, other)
    forms = []
    for number, who in enumerate(("ana", "ben"), 1):
        path = Path(f"extraction_consensus.cleo.{number:02d}.xlsx")
        path.write_bytes(form_for(asked_first.questions, {"Animals": ("Take", who)}))
        forms.append(("cleo", path))
    extraction, _, _ = both(ONE, other)
    found, faults = settle(TOOL, extraction, ConsensusForms(FORM, forms, "extraction_consensus"), ())
    assert len(found.questions) == 1
    assert [f.problem for f in faults] == ["answered differently in another form"] * 2


def test_a_damaged_consensus_form_is_a_fault():
    Path("extraction_consensus.cleo.01.xlsx").write_bytes(b"PK\x03\x04")
    forms = ConsensusForms(FORM, [("cleo", Path("extraction_consensus.cleo.01.xlsx"))], "extraction_consensus")
    assert [f.problem for f in forms.faults] == ["this workbook is damaged"]


def test_the_drop_down_of_each_row_is_its_own():
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30, "Species": "mouse"}], "Arm": [*ONE["Arm"], SECOND]}
    _, found, _ = both(ONE, other)
    book = openpyxl.load_workbook(io.BytesIO(form_for(found.questions, {})))
    rules = {str(v.sqref): v for v in book["Consensus"].data_validations.dataValidation}
    lists = {column[0].column_letter: [c.value for c in column if c.value] for column in book["_lists"].columns}
    offered = {}
    for cells, rule in rules.items():
        if rule.type == "list":
            name = book.defined_names[rule.formula1].attr_text
            offered[cells] = lists[name.split("$")[1]]
    assert offered["H2:H3"] == ["ana", "ben", "stays unresolved"]
    assert offered["H4"] == ["add this row", "leave it out", "stays unresolved"]
    assert offered["I2"] == ["mouse", "rat", "guinea pig", "NR"]
    assert rules["I3"].type == "custom"
    assert [cell.value for cell in book["Consensus"][1]][5:7] == ["Ana Invented says", "ben says"]


def test_agreement_by_field():
    studies = [(A, "rat", "rat"), (B, "rat", "mouse"), (C, "mouse", "mouse")]
    ana = {"Study": [{"study_id": s, "Species": one, "Animals": 8} for s, one, _ in studies]}
    ben = {"Study": [{"study_id": s, "Species": other, "Animals": 8} for s, _, other in studies]}
    _, found, _ = both(ana, ben)
    rows = agreement(FORM, found)
    assert rows == [
        ["study", "species", "Species", "ana", "ben", 3, 2, "0.667", "0.400"],
        ["study", "animals", "Animals", "ana", "ben", 3, 3, "1.000", ""],
    ]


@pytest.mark.parametrize(
    ("tolerance", "is_share", "one", "other", "same"),
    [
        (0.1, False, "0.2", "0.3", True),
        (0.1, False, "0.2", "0.31", False),
        (0.005, True, "200", "201", True),
        (0.005, True, "200", "202", False),
        (0.005, True, "-200", "-201", True),
        (0.1, False, "NR", "0.3", False),
        (0.0, False, "1", "1.0001", False),
        (0.1, False, "", "0.05", False),
    ],
)
def test_tolerance(tolerance, is_share, one, other, same):
    field = Field("x", "X", "number", tolerance=tolerance, is_share=is_share)
    assert agrees(field, one, other, {"NR"}) is same
    assert agrees(field, other, one, {"NR"}) is same


VALUES = st.sampled_from([None, 8, 9, 30])
SPECIES = st.sampled_from(["rat", "mouse"])


@settings(deadline=None, max_examples=12)  # of three studies each
@given(st.lists(st.tuples(SPECIES, SPECIES, VALUES, VALUES), min_size=3, max_size=3))
def test_every_value_is_agreed_or_asked(drawn):
    """Of two people who completed everything nothing is left without a state, and no difference without a question."""
    ana = {"Study": [{"study_id": s, "Species": d[0], "Animals": d[2]} for s, d in zip(IDS, drawn, strict=True)]}
    ben = {"Study": [{"study_id": s, "Species": d[1], "Animals": d[3]} for s, d in zip(IDS, drawn, strict=True)]}
    _, found, _ = both(ana, ben)
    differs = sum((d[0] != d[1]) + (d[2] != d[3]) for d in drawn)
    assert len(found.questions) == differs
    states = [state for row in found.rows for state in row.states.values()]
    assert states.count("unresolved") == differs
    assert states.count("agreed") == len(states) - differs


def test_tables(tmp_path):
    other = {**ONE, "Study": [{**ONE["Study"][0], "Animals": 30}]}
    extraction, found, _ = both(ONE, other)
    write_levels(FORM, found, tmp_path / "out")
    assert (tmp_path / "out/study.csv").read_text(encoding="utf-8") == (
        "study_id,species,started,accepted,funding,size,animals,remark,state,people\n"
        f"{A},rat,,,,,,Pilot.,unresolved,ana; ben\n"
    )
    rows = read_csv(tmp_path / "out/study_values.csv")
    assert [(r["field"], r["value"], r["state"], r["person"], r["given"], r["cell"]) for r in rows] == [
        ("species", "rat", "agreed", "ana", "rat", "D2"),
        ("species", "rat", "agreed", "ben", "rat", "D2"),
        ("animals", "", "unresolved", "ana", "24", "I2"),
        ("animals", "", "unresolved", "ben", "30", "I2"),
        ("remark", "Pilot.", "agreed", "ana", "Pilot.", "J2"),
        ("remark", "Pilot.", "agreed", "ben", "Pilot.", "J2"),
    ]
    write_progress(extraction, found, studies=IDS, wanted=TOOL.wanted(IDS), faults=[], out=tmp_path / "forms")
    assert [tuple(r.values()) for r in read_csv(tmp_path / "forms/outcomes.csv")] == [
        (A, "2", "2", "ana; ben", "1", "0"),
        (B, "2", "0", "", "0", "0"),
        (C, "2", "0", "", "0", "0"),
    ]
    again = read_questions(json.loads((tmp_path / "forms/questions.json").read_text(encoding="utf-8")))
    assert again == found.questions


def test_a_share_of_studies_is_extracted_twice():
    names = [f"Study {number}" for number in range(1000)]
    half = Instrument("extraction", FORM, ("ana", "ben"), "cleo", 0.4, "").wanted(names)
    assert 350 < sum(number == 2 for number in half.values()) < 450
    assert set(Instrument("extraction", FORM, ("ana",), "cleo", 0.0, "").wanted(names).values()) == {1}
    assert set(TOOL.wanted(names).values()) == {2}
