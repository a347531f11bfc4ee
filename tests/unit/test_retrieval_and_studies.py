"""Retrieval and studies sheets: what they show, and what is made of their answers."""

from pathlib import Path

import polars as pl
import pytest

from prismake.publish import read_csv, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_retrieval, collect_studies
from prismake.screening.reports import read_about
from prismake.screening.sheets import report_row, workbook
from prismake.spreadsheet import read_workbook

CONFIG = {"screening": {"people": {"ana": {}}}}
REPORT = {**dict.fromkeys(REPORT_SCHEMA), "report_id": "s:1", "title": "Exosomes heal"}


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [("s:1", "s:1"), ("s:2", "s:2"), ("t:2", "s:2"), ("s:3", "s:3"), ("t:3", "s:3"), ("s:4", "s:4")]
    write_csv("clusters.csv", ["record_id", "cluster_id"], rows)
    return tmp_path


def outcomes(*rows: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """Report -> outcome and awaiting, of a sheet with these rows of record id and outcome."""
    form = Path("resources/retrieval/ana/retrieval.ana.01.csv")
    write_csv(
        form,
        ["record_id", "title", "outcome", "tried", "date", "file", "note", "check"],
        [(*row[:1], "", row[1], *[""] * 5) for row in rows],
    )
    collect_retrieval(CONFIG, ["s:1", "s:2", "s:3", "s:4"], Path("clusters.csv"), [form.as_posix()], [], Path("out"))
    return {row["report_id"]: (row["outcome"], row["awaiting"]) for row in read_csv("out/retrieval.csv")}


def test_a_report_awaiting_classification_is_not_retrieved(review: Path) -> None:
    said = outcomes(("s:1", "Awaiting classification"), ("s:2", "retrieved"), ("s:3", "not retrieved"))
    assert said == {
        "s:1": ("not_retrieved", "1"),
        "s:2": ("retrieved", "0"),
        "s:3": ("not_retrieved", "0"),
        "s:4": ("pending", "0"),
    }


def test_of_two_records_merged_since_the_better_outcome_stands(review: Path) -> None:
    said = outcomes(
        ("s:2", "not retrieved"), ("t:2", "retrieved"), ("s:3", "not retrieved"), ("t:3", "awaiting classification")
    )
    assert said["s:2"] == ("retrieved", "0")
    assert said["s:3"] == ("not_retrieved", "1")


def test_the_outcome_says_who_sought(review: Path) -> None:
    outcomes(("s:1", "retrieved"))
    assert [row["person"] for row in read_csv("out/retrieval.csv")] == ["ana", "", "", ""]


def links(owner: str, **sheets: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Report, study and person of studies.csv, by each person's sheet with its record ids and names of studies."""
    reports = [{**REPORT, "report_id": f"s:{n}"} for n in (1, 2, 3)]
    write_parquet(Path("unique.parquet"), pl.DataFrame(reports, schema=REPORT_SCHEMA))
    forms = []
    for person, rows in sheets.items():
        forms.append(f"resources/studies/{person}/studies.{person}.01.csv")
        write_csv(
            Path(forms[-1]),
            ["record_id", "title", "study", "checked", "note", "check"],
            [(record, "", study, "yes", "", "") for record, study in rows],
        )
    config = {"screening": {"people": {"ana": {}, "ben": {}}}, "studies": {"owner": owner}}
    included = ["s:1", "s:2", "s:3"]
    collect_studies(
        config, included, Path("unique.parquet"), None, Path("clusters.csv"), sorted(forms), [], Path("out")
    )
    return [(row["report_id"], row["study_id"], row["person"]) for row in read_csv("out/studies.csv")]


def test_a_study_keeps_its_first_spelling_when_the_sheet_goes_to_another_person(review: Path) -> None:
    found = links("ana", ben=[("s:1", "Abel 2012")], ana=[("s:2", "abel  2012")])
    assert found == [("s:1", "Abel 2012", "ben"), ("s:2", "Abel 2012", "ana"), ("s:3", "Anonymous undated", "")]
    assert links("ben", ana=[("s:1", "Abel 2012")], ben=[("s:2", "abel  2012")])[1] == ("s:2", "Abel 2012", "ben")


def columns(kind: str, **more: str) -> dict[str, str]:
    """What a form of this kind shows of one report, by column."""
    row = {**report_row({**REPORT, **more}), **more}
    table = read_workbook_bytes(workbook(kind, [row], reasons=["Wrong outcome"], meta={}))
    return {name: table.rows[0].cells[name].value for name in table.columns}


def read_workbook_bytes(data: bytes):
    Path("form.xlsx").write_bytes(data)
    return next(iter(read_workbook(Path("form.xlsx")).sheets.values()))


@pytest.mark.parametrize("kind", ["retrieval", "full_text", "full_text_conflicts"])
def test_free_full_texts_files_and_notices_are_shown_where_there_are_any(review: Path, kind: str) -> None:
    assert not {"free_full_text", "full_text", "notice"} & columns(kind).keys()
    shown = columns(kind, pmcid="PMC77", full_text="resources/fulltext/s-1.pdf", notice="retracted (s:1: ...)")
    assert shown["free_full_text"] == "https://pmc.ncbi.nlm.nih.gov/articles/PMC77/"
    assert shown["full_text"] == "resources/fulltext/s-1.pdf"
    assert shown["notice"] == "retracted (s:1: ...)"


def test_the_studies_sheet_says_why(review: Path) -> None:
    shown = columns("studies", study="Okafor 2021", why="NCT09000001, as in s:2")
    assert (shown["study"], shown["why"]) == ("Okafor 2021", "NCT09000001, as in s:2")


def test_what_is_known_of_a_report(tmp_path: Path) -> None:
    assert read_about(tmp_path) == {}
    files = [
        ("s:1", "resources/fulltext/a.pdf", ""),
        ("s:1", "resources/fulltext/b.pdf", ""),
        ("", "x.pdf", "No report"),
    ]
    write_csv(tmp_path / "fulltext.csv", ["report_id", "file", "problem"], files)
    write_csv(tmp_path / "notices.csv", ["report_id", "notice", "detail"], [("s:1", "retracted", "s:9: Retraction")])
    assert read_about(tmp_path)["s:1"] == {
        "full_text": "resources/fulltext/a.pdf\nresources/fulltext/b.pdf",
        "notice": "retracted (s:9: Retraction)",
    }
