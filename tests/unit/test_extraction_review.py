"""Extraction in a review: what is issued, and what a renamed study does to it."""

from pathlib import Path

import openpyxl
import polars as pl
import pytest

from prismake.extraction.review import collect_extraction
from prismake.extraction.rounds import issue_extraction
from prismake.publish import read_csv, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet

FORM = Path(__file__).parents[1] / "data" / "extraction" / "form.yaml"
CONFIG = {
    "review": {"title": "An invented review"},
    "screening": {"people": {"ana": {"share": 1}}, "round_size": 500},
    "extraction": {"form": str(FORM), "people": ["ana"], "double": 0, "adjudicator": "ana"},
}
FIRST = Path("resources/extraction/ana/extraction.ana.01.xlsx")
OUT = Path("results/extraction")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reports = [{**dict.fromkeys(REPORT_SCHEMA), "report_id": i, "record_id": i, "title": i} for i in ("a:1", "a:2")]
    write_parquet(Path("unique.parquet"), pl.DataFrame(reports, schema=REPORT_SCHEMA))


def run(*studies: str) -> list[dict[str, str]]:
    """Collect and issue with the two reports in these studies, both checked; returns issued.csv."""
    links = [[report, study, "1"] for report, study in zip(("a:1", "a:2"), studies, strict=True)]
    write_csv("studies.csv", ["report_id", "study_id", "checked"], links)
    forms = sorted(path.as_posix() for path in Path("resources").glob("extraction/*/*.xlsx"))
    collect_extraction(CONFIG, Path("studies.csv"), forms, [], OUT)
    issue_extraction(CONFIG, Path("unique.parquet"), Path("studies.csv"), True, OUT / "forms")
    return read_csv(OUT / "forms" / "issued.csv")


def fill_in(species: str, rows: tuple[int, ...] = (2, 3), label: str = "Species") -> None:
    book = openpyxl.load_workbook(FIRST)
    column = next(cell.column for cell in book["Study"][1] if cell.value == label)
    for row in rows:
        book["Study"].cell(row, column).value = species
    book.save(FIRST)


@pytest.mark.parametrize("species", ["rat", ""])
def test_a_renamed_study_is_not_issued_again(species):
    (issued,) = run("Adeyemi 2020", "Brandt 2021")
    assert (issued["rows"], issued["pending"]) == ("2", "2")
    if species:
        fill_in(species)
    (issued,) = run("Adeyemi 2020a", "Brandt 2021")
    assert issued["file"] == FIRST.as_posix()
    assert issued["pending"] == ("0" if species else "2")
    names = [row["study_id"] for row in read_csv(OUT / "study.csv")]
    assert names == (["Adeyemi 2020a", "Brandt 2021"] if species else [])
    assert read_csv(OUT / "forms" / "faults.csv") == []


def test_a_study_that_is_not_included_any_more_is_not_pending():
    run("Adeyemi 2020", "Brandt 2021")
    write_csv("studies.csv", ["report_id", "study_id", "checked"], [["a:2", "Brandt 2021", "1"]])
    issue_extraction(CONFIG, Path("unique.parquet"), Path("studies.csv"), True, OUT / "forms")
    assert [row["pending"] for row in read_csv(OUT / "forms" / "issued.csv")] == ["1"]


def test_a_form_under_another_name_is_told_the_one_it_was_issued_with():
    run("Adeyemi 2020", "Brandt 2021")
    FIRST.rename(FIRST.with_name("done.xlsx"))
    run("Adeyemi 2020", "Brandt 2021")
    remedies = [row["remedy"] for row in read_csv(OUT / "forms" / "faults.csv")]
    assert remedies == [f"It was issued as {FIRST.name}: give it the name {FIRST.name}, or move it out of this folder"]


def test_what_a_person_who_left_did_not_complete_goes_to_others(monkeypatch):
    run("Adeyemi 2020", "Brandt 2021")
    fill_in("rat", (2,))
    fill_in("begun", (3,), "Remark")
    people = {"ana": {"share": 1, "until": "2026-01-01"}, "ben": {"share": 1}}
    monkeypatch.setitem(CONFIG, "screening", {"people": people, "round_size": 500})
    monkeypatch.setitem(CONFIG, "extraction", {**CONFIG["extraction"], "people": ["ana", "ben"]})
    issued = run("Adeyemi 2020", "Brandt 2021")
    assert [(row["person"], row["rows"]) for row in issued] == [("ana", "2"), ("ben", "1")]


def test_another_study_of_the_report_is_issued():
    run("Adeyemi 2020", "Brandt 2021")
    assert len(run("Adeyemi 2020", "Adeyemi 2020")) == 1, "brought together, nothing new"
    assert [row["rows"] for row in run("Okafor 2019", "Okafor 2020")] == ["2"], "renamed, both"
    write_csv("studies.csv", ["report_id", "study_id", "checked"], [["a:1", s, "1"] for s in ("One", "Two")])
    issue_extraction(CONFIG, Path("unique.parquet"), Path("studies.csv"), True, OUT / "forms")
    assert [row["rows"] for row in read_csv(OUT / "forms" / "issued.csv")] == ["2", "2"], (
        "a report split in two studies"
    )
