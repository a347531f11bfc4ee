"""Extraction and risk of bias in whole reviews: two extractors, consensus, and a form that changes midway."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
import yaml

from conftest import ROOT, Review


def column(page, label):
    return next(cell.column for cell in page[1] if cell.value == label)


def enter(path: Path, sheet: str, label: str, value, rows=None) -> None:
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    for row in rows or range(2, page.max_row + 1):
        if page.cell(row, 1).value:
            page.cell(row, column(page, label)).value = value
    book.save(path)


def two_extractors(config):
    config["extraction"] = {"people": ["ana", "ben"], "double": 1}
    config["risk_of_bias"] = {"quips": {"people": ["ana"]}}


def test_two_extractors_consensus_and_risk_of_bias(finished):
    finished.configure(two_extractors)
    finished.run_well("extract", "risk_of_bias")
    (ben,) = [form for form in finished.forms("extraction") if form.parent.name == "ben"]
    finished.fill(ben)
    enter(ben, "Study", "Number of participants", 9, rows=[2])
    before = finished.hashes("resources")
    finished.run_well()
    (consensus,) = finished.forms("extraction_consensus")
    assert consensus.parent.name == "cleo", "the adjudicator settles"
    page = openpyxl.load_workbook(consensus)["Consensus"]
    assert page.max_row == 2, "only what differs"
    assert [page.cell(2, column(page, name)).value for name in ("What", "ana says", "ben says")] == [
        "Number of participants",
        "8",
        "9",
    ]
    status = finished.prismake("status")
    assert "Data extraction, consensus: 1 of 1 row open" in status
    assert "Studies whose risk of bias is not settled with QUIPS" in status
    enter(consensus, "Consensus", "Take", "ben")
    (judged,) = finished.forms("quips")
    book = openpyxl.load_workbook(judged)
    page = book["Study"]
    for cell in page[1]:
        if cell.value and cell.value.startswith("D") and "support" not in cell.value:
            for row in range(2, page.max_row + 1):
                page.cell(row, cell.column).value = "Low"
    book.save(judged)
    finished.run_well()
    values = {row["state"] for row in finished.table("extraction/study_values.csv") if row["field"] == "n"}
    assert values == {"agreed", "consensus"}
    assert {row["n"] for row in finished.table("extraction/study.csv")} == {"8", "9"}
    assert {row["judgement"] for row in finished.table("risk_of_bias/quips/judgements.csv")} == {"Low"}
    assert "THE REPORT IS COMPLETE" in finished.prismake("status")
    touched = (consensus.relative_to(finished.folder).as_posix(), judged.relative_to(finished.folder).as_posix())
    after = finished.hashes("resources")
    assert all(after[name] == sha for name, sha in before.items() if name not in touched), "no filled form was touched"


@pytest.fixture
def example_once(made_once) -> Review:
    def make(folder: Path) -> None:
        for name in ("config", "resources"):
            shutil.copytree(ROOT / name, folder / name)
        Review(folder).run_well()

    return made_once("example", make)


def said(review: Review, level: str) -> Counter:
    """What stands in people's cells: field, file, sheet, cell and value of each."""
    rows = review.table(f"extraction/{level}_values.csv")
    return Counter((row["field"], row["file"], row["sheet"], row["cell"], row["given"]) for row in rows)


LEVELS = ("study", "ev", "arm", "result", "claim")


def test_the_example_holds_values_of_every_state(example_once):
    example = example_once
    states = {row["state"] for level in LEVELS for row in example.table(f"extraction/{level}_values.csv")}
    assert states == {"agreed", "consensus", "single", "unresolved"}
    assert example.table("extraction/faults.csv") == []
    assert {row["done"] for row in example.table("extraction/forms/outcomes.csv")} == {"1"}
    book = None
    for row in example.table("extraction/result_values.csv")[:60]:  # every value is where the table says
        if book is None or book[0] != row["file"]:
            book = row["file"], openpyxl.load_workbook(example.folder / row["file"])
        value = book[1][row["sheet"]][row["cell"]].value
        if "consensus" in row["file"]:  # which says whose value stands
            assert value in ("ana", "ben", "stays unresolved") or row["given"] == str(value)
        else:
            assert row["given"] == str(value)


def test_the_map_of_the_evidence_equals_a_count_by_hand(example_once):
    """tests/data/example/evidence.csv was counted by hand from the claims that the committed forms hold."""
    from prismake.report.evidence import map_evidence
    from prismake.report.load import load, read_config

    config, _ = read_config(example_once.folder / ".snakemake/prismake/config.json")
    found = map_evidence(load(config, example_once.folder / "results"))
    counted = {(cell.theme, cell.kind, cell.direction): cell.claims for cell in found.cells.values()}
    with (ROOT / "tests/data/example/evidence.csv").open(encoding="utf-8", newline="") as file:
        expected = {(r["theme"], r["kind"], r["direction"]): int(r["claims"]) for r in csv.DictReader(file)}
    assert counted == expected


def test_changing_the_form_midway_loses_nothing_and_asks_only_what_is_new(example_once, tmp_path):
    example = example_once.copy(tmp_path / "review")
    before = {level: said(example, level) for level in LEVELS}
    path = example.folder / "config/forms/msc_exosome.yaml"
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    form["form"]["version"] = "0.2.0"
    study, ev = (form["levels"][name]["fields"] for name in ("study", "ev"))
    next(field for field in study if field["id"] == "notes").update(id="remarks", label="Remarks", renamed_from="notes")
    study.remove(next(field for field in study if field["id"] == "interests"))
    next(field for field in study if field["id"] == "species")["options"].remove("rat")
    ev.append({"id": "thawed", "label": "Thawed once", "type": "choice", "options": ["yes", "no"], "required": True})
    path.write_text(yaml.safe_dump(form, sort_keys=False, allow_unicode=True), encoding="utf-8")
    resources = example.hashes("resources")
    example.run_well("extract")
    after = {level: said(example, level) for level in LEVELS}
    expected = Counter()
    for (field, *place), n in before["study"].items():
        if field != "interests":
            expected[("remarks" if field == "notes" else field, *place)] += n
    assert after["study"] == expected, "renamed fields carry over, retired options stay values"
    assert {level: after[level] for level in LEVELS[1:]} == {level: before[level] for level in LEVELS[1:]}
    aside = [row for row in example.table("extraction/set_aside.csv") if row["field"] == "interests"]
    retired = [cell for cell in before["study"].elements() if cell[0] == "interests"]
    of_people = [cell for cell in retired if "consensus" not in cell[1]]
    assert {(r["file"], r["cell"], r["value"]) for r in aside} == {
        (file, cell, value) for _, file, _, cell, value in of_people
    }
    assert example.hashes("resources").items() >= resources.items(), "no form was touched"
    forms = example.forms("extraction_supplement")
    assert [form.name for form in forms] == [f"extraction_supplement.{person}.01.xlsx" for person in ("ana", "ben")]
    for form in forms:
        book = openpyxl.load_workbook(form)
        asked = [cell.value for cell in book["Vesicle preparation"][1]]
        assert asked == ["study_id", "Preparation", "Thawed once"]
        assert not {"Arm", "Result", "Claim"} & set(book.sheetnames), "only the new field is asked"
        assert [cell.value for cell in book["Study"][1]][-1] in ("check", "reports"), "no field of the study"
    assert "Data extraction, new fields" in example.prismake("status")
    for form in forms:
        enter(form, "Vesicle preparation", "Thawed once", "yes")
    example.run_well("extract")
    assert {row["thawed"] for row in example.table("extraction/ev.csv")} == {"yes"}
    assert {row["done"] for row in example.table("extraction/forms/outcomes.csv")} == {"1"}
    assert example.forms("extraction_supplement") == forms, "asked once"
