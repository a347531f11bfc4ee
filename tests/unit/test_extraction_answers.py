"""Answers of a consensus form through sorted forms, renamed studies, new labels, moved rows, and three extractors."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from extraction_forms import FORM, IDS, INCLUDED, blank, fill

from prismake.extraction.collect import collect
from prismake.extraction.consensus_form import ConsensusForms, consensus_workbook
from prismake.extraction.definition import definition_from
from prismake.extraction.instrument import Instrument
from prismake.extraction.review import settle

A, B, C = IDS
ONE = {
    "Study": [{"study_id": A, "Species": "rat", "Animals": 24, "Remark": "Pilot."}],
    "Arm": [{"study_id": A, "arm_id": "exo", "Role": "intervention"}],
    "Results": [{"study_id": A, "arm_id": "exo", "Outcome": "Flow", "Day": 7, "Mean": 2.5}],
}
META = {"kind": "extraction_consensus", "person": "cleo"}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def changed(change, version="2.0.0", base=FORM):
    content = json.loads(base.source)
    content["form"]["version"] = version
    change(content)
    return definition_from(content)


def go(rows_by, answers=(), *, form=FORM, now=None, order=None, left=(), included=INCLUDED):
    """answers: dicts (what or row) -> (column, value), or a function of the page."""
    now = now or form
    files = []
    for person, rows in rows_by.items():
        Path(person).mkdir(exist_ok=True)
        p = Path(f"{person}/extraction.{person}.01.xlsx")
        fill(blank(form, person=person), rows).save(p)
        files.append((person, p))

    def run(definition, order, included):
        ex = collect(definition, files, issued=dict.fromkeys(rows_by, IDS), studies=included)
        tool = Instrument("extraction", definition, tuple(order), "cleo", 1.0, "")
        found, faults = settle(tool, ex, ConsensusForms(definition, forms, "extraction_consensus"), left)
        return ex, found, faults

    forms = []
    _, found, _ = run(form, list(rows_by), INCLUDED)
    for n, answer in enumerate(answers, 1):
        book = openpyxl.load_workbook(io.BytesIO(consensus_workbook(form, found.questions, names={}, meta=META)))
        page = book["Consensus"]
        if callable(answer):
            answer(page)
        else:
            at = {c.value: c.column for c in page[1]}
            for row in range(2, page.max_row + 1):
                for key in (page.cell(row, at["What"]).value, page.cell(row, at["Row"]).value):
                    if key in answer:
                        page.cell(row, at[answer[key][0]]).value = answer[key][1]
        p = Path(f"extraction_consensus.cleo.{n:02d}.xlsx")
        book.save(p)
        forms.append(("cleo", p))
        _ex, found, _faults = run(form, list(rows_by), INCLUDED)
    return run(now, order or list(rows_by), included)


def study(**more):
    return {**ONE, "Study": [{**ONE["Study"][0], **more}]}


def row(found, level, **values):
    (r,) = [r for r in found.rows if r.level.id == level and values.items() <= r.values.items()]
    return r


def test_sort_of_the_visible_columns_is_noticed():
    def sort(page):
        at = {c.value: c.column for c in page[1]}
        page.cell(2, at["Take"]).value = "ben"  # species
        page.cell(3, at["Take"]).value = "ana"  # animals
        for col in range(at["Study"], at["Check"]):  # visible ones: not the hidden first and last
            a, b = page.cell(2, col).value, page.cell(3, col).value
            page.cell(2, col).value, page.cell(3, col).value = b, a

    _, found, _faults = go({"ana": ONE, "ben": study(Species="mouse", Animals=30)}, [sort])
    s = row(found, "study").values
    assert (s["species"], s["animals"]) in (("", ""), ("mouse", "24"))


def test_a_new_label_leaves_answers():
    def relabel(c):
        next(f for f in c["levels"]["study"]["fields"] if f["id"] == "animals")["label"] = "Number of animals"

    _, found, faults = go({"ana": ONE, "ben": study(Animals=30)}, [{"Animals": ("Take", "ben")}], now=changed(relabel))
    assert [f.problem for f in faults] == [] and row(found, "study").values["animals"] == "30"


def deep(c):
    c["levels"]["effect"] = {
        "label": "Effects",
        "key": ["study_id", "arm_id", "outcome", "day", "effect_id"],
        "parent": "result",
        "fields": [{"id": "size2", "label": "Size2", "type": "number"}],
    }


def test_grandchildren_follow_a_moved_row():
    form = changed(deep, "1.2.0")
    eff = {"study_id": A, "Outcome": "Flow", "outcome": "Flow", "day": 7, "effect_id": "e", "Size2": 1}
    eff = {k: v for k, v in eff.items() if k not in ("Outcome",)}
    ben = {**ONE, "Effects": [{**eff, "arm_id": "exo"}]}
    ana = {
        "Study": ONE["Study"],
        "Arm": [{**ONE["Arm"][0], "arm_id": "exo 100"}],
        "Results": [{**ONE["Results"][0], "arm_id": "exo 100"}],
        "Effects": [{**eff, "arm_id": "exo 100"}],
    }
    ex, found, _faults = go({"ana": ana, "ben": ben}, [{"exo 100": ("Take", "same row as exo")}], form=form)
    assert ex.faults == []
    got = [(r.values["arm_id"], r.people) for r in found.rows if r.level.id == "effect"]
    assert got == [("exo", ["ana", "ben"])]


def test_a_chain_of_same_rows():
    def p(name):
        return {
            "Study": ONE["Study"],
            "Arm": [{**ONE["Arm"][0], "arm_id": name}],
            "Results": [{**ONE["Results"][0], "arm_id": name}],
        }

    _ex, found, _faults = go(
        {"ana": p("a"), "ben": p("b"), "dan": p("c")},
        [{"a": ("Take", "same row as b")}, {"b": ("Take", "same row as c")}],
    )
    arms = [(r.values["arm_id"], r.people) for r in found.rows if r.level.id == "arm"]
    res = [(r.values["arm_id"], r.people) for r in found.rows if r.level.id == "result"]
    assert arms == [("c", ["ana", "ben", "dan"])]
    assert res == [("c", ["ana", "ben", "dan"])]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: (
            c["levels"]["arm"].update(key=["study_id", "arm_id", "site"], fields=c["levels"]["arm"]["fields"])
            or c["levels"].pop("result")
        ),
        lambda c: c["levels"]["result"].update(key=["study_id", "arm_id", "outcome", "day", "measure"]),
    ],
)
def test_a_new_column_of_a_key_loses_nothing(change):
    now = changed(change)
    ex, _found, _ = go({"ana": ONE}, now=now)
    kept = {v for e in ex.entries for v in e.values.values()} | {v.value for v in ex.set_aside}
    assert {"intervention", "2.5"} <= kept


def test_a_code_that_is_gone_does_not_stop_a_run():
    def v1(c):
        f = next(f for f in c["levels"]["study"]["fields"] if f["id"] == "size")
        f["tolerance"] = "1%"

    def v2(c):
        del c["missing"]["NA"]
        next(f for f in c["levels"]["study"]["fields"] if f["id"] == "size")["missing"] = ["NR"]

    one = changed(v1, "1.2.0")
    go({"ana": study(**{"Size (nm)": "NA"}), "ben": study(**{"Size (nm)": 100})}, form=one, now=changed(v2, base=one))


def test_values_of_an_added_row_are_compared_too():
    def veh(role):
        return {**ONE, "Arm": [*ONE["Arm"], {"study_id": A, "arm_id": "veh", "Role": role}]}

    _, found, _faults = go(
        {"ana": veh("control"), "ben": veh("intervention"), "dan": ONE}, [{"veh": ("Take", "add this row")}]
    )
    row(found, "arm", arm_id="veh")
    assert [q.field for q in found.questions] == ["role"]


def test_order_of_people_leaves_answers():
    _, found, _faults = go({"ana": ONE, "ben": study(Animals=30)}, [{"Animals": ("Take", "ben")}], order=["ben", "ana"])
    assert found.questions == []


def test_a_renamed_study_keeps_its_answers():
    inc = {("Adeyemi 2020a" if k == A else k): v for k, v in INCLUDED.items()}
    import extraction_forms

    rows = {"ana": ONE, "ben": study(Animals=30)}
    files = []
    for person, r in rows.items():
        Path(person).mkdir()
        p = Path(f"{person}/extraction.{person}.01.xlsx")
        fill(blank(FORM, extraction_forms.REPORTED, person=person), r).save(p)
        files.append((person, p))
    tool = Instrument("extraction", FORM, ("ana", "ben"), "cleo", 1.0, "")
    ex = collect(FORM, files, issued=dict.fromkeys(rows, IDS), studies=INCLUDED)
    found, _ = settle(tool, ex, ConsensusForms(FORM, [], "extraction_consensus"), ())
    book = openpyxl.load_workbook(io.BytesIO(consensus_workbook(FORM, found.questions, names={}, meta=META)))
    page = book["Consensus"]
    at = {c.value: c.column for c in page[1]}
    page.cell(2, at["Take"]).value = "ben"
    book.save("extraction_consensus.cleo.01.xlsx")
    forms = [("cleo", Path("extraction_consensus.cleo.01.xlsx"))]
    ex = collect(FORM, files, issued=dict.fromkeys(rows, IDS), studies=inc)
    found, faults = settle(tool, ex, ConsensusForms(FORM, forms, "extraction_consensus"), (), {"Adeyemi 2020a": [A]})
    assert found.rows[0].values["study_id"] == "Adeyemi 2020a" and faults == []
    assert found.questions == [] and found.rows[0].values["animals"] == "30"


@pytest.mark.parametrize("names", [{"ana": "Kim", "ben": "Kim"}, {"ana": "Ana  Kim"}])
def test_names_do_not_stop_a_run(names):
    _, found, _ = go({"ana": ONE, "ben": study(Animals=30)})
    consensus_workbook(FORM, found.questions, names=names, meta=META)


def test_long_rows_do_not_stop_a_run():
    form = changed(
        lambda c: c["levels"]["arm"]["fields"].extend(
            {"id": f"t{i}", "label": f"T{i}", "type": "text"} for i in range(2)
        ),
        "1.2.0",
    )
    more = {
        **ONE,
        "Arm": [*ONE["Arm"], {"study_id": A, "arm_id": "veh", "Role": "control", "T0": "x" * 30000, "T1": "y" * 30000}],
    }
    ex, found, _ = go({"ana": ONE, "ben": more}, form=form)
    assert ex.faults == []
    consensus_workbook(form, found.questions, names={}, meta=META)


def test_tolerance_of_three():
    def v1(c):
        next(f for f in c["levels"]["study"]["fields"] if f["id"] == "size")["tolerance"] = 1

    form = changed(v1, "1.2.0")

    def s(n):
        return study(**{"Size (nm)": n})

    _, found, _ = go({"ana": s(100), "ben": s(101), "dan": s(99)}, form=form)
    assert [q.field for q in found.questions] == ["size"]


def test_stays_and_a_value():
    def both(page):
        at = {c.value: c.column for c in page[1]}
        page.cell(2, at["Take"]).value = "stays unresolved"
        page.cell(2, at["Or enter"]).value = 27

    _, _found, faults = go({"ana": ONE, "ben": study(Animals=30)}, [both])
    assert faults


def test_heading_capitals():
    def both(page):
        at = {c.value: c.column for c in page[1]}
        page.cell(2, at["Take"]).value = "ben"
        page.cell(1, at["Take"]).value = "take"

    _, found, _faults = go({"ana": ONE, "ben": study(Animals=30)}, [both])
    assert found.questions == []


def test_odd_keys():
    more = {**ONE, "Arm": [*ONE["Arm"], {"study_id": A, "arm_id": "=1+1\nx", "Role": "control"}]}
    more["Arm"][1]["arm_id"] = "exo\n  100, µg"
    _, found, faults = go({"ana": ONE, "ben": more}, [{"exo\n  100, µg": ("Take", "leave it out")}])
    assert found.questions == [] and faults == []
