"""The form for pairs in doubt: issued once, likeliest first, read back, forgiving; and what explains a decision."""

from pathlib import Path

import openpyxl
import polars as pl
import pytest
from dedup_fixture import ARTICLE, clusters, source

from prismake.dedup import engine
from prismake.dedup.explain import explain_records
from prismake.dedup.health import check_fields
from prismake.dedup.overlap import count_overlap, draw_overlap
from prismake.dedup.pairs_form import issue_pairs
from prismake.forms import filled, vanished
from prismake.publish import read_csv
from prismake.records import write_parquet

PREPRINT = {**ARTICLE, "journal": "medRxiv", "volume": None, "issue": None, "pages": None}
ERRATUM = {**ARTICLE, "title": f"Erratum: {ARTICLE['title']}", "volume": "13", "pages": "9"}
FRAMES = [source("pubmed", ARTICLE, ERRATUM), source("embase", ARTICLE), source("wos", PREPRINT)]
CONFIG = {
    "review": {"title": "A review"},
    "search": {"sources": {name: {"database": name.upper()} for name in ("pubmed", "embase", "wos")}},
    "screening": {"people": {"ana": {}, "ben": {}}, "round_size": 500},
    "deduplication": {"owner": "ana", "source_order": []},
}
FORM = Path("resources/deduplication/pairs.ana.01.xlsx")


@pytest.fixture(autouse=True)
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def turn(frames=FRAMES, config=CONFIG):
    """One run of the stage: read the forms, deduplicate, issue what is due."""
    out = Path("results")
    result = engine.deduplicate(frames, map(Path, filled("pairs")), people=config["screening"]["people"])
    engine.write(result, out / "clusters.csv", out / "unique.parquet", out / "pairs.csv")
    engine.write_more(result, (), engine.list_faults(result), None, None, None, out / "faults.csv")
    write_parquet(out / "all.parquet", pl.concat(frames))
    issue_pairs(config, out / "all.parquet", out / "clusters.csv", out / "pairs.csv", out)
    return result


def answer(verdicts, path=FORM, to=None):
    book = openpyxl.load_workbook(path)
    sheet = book["Pairs"]
    for row, verdict in enumerate(verdicts, 2):
        sheet.cell(row, 1).value = verdict
    book.save(to or path)


def test_a_form_is_issued_once_with_one_pair_for_each_pair_of_clusters():
    result = turn()
    assert len(clusters(result)) == 3  # the article twice, its preprint, its erratum
    rows = list(openpyxl.load_workbook(FORM)["Pairs"].iter_rows(min_row=2, values_only=True))
    reports = dict(result.clusters.select("record_id", "cluster_id").iter_rows())
    pairs = [frozenset((reports[row[10]], reports[row[11]])) for row in rows]
    assert len(set(pairs)) == len(pairs) == 2  # article and erratum have places of their own: nobody is asked
    assert result.pairs.filter(band="review").height > 2
    assert [row[4] for row in rows] == sorted((row[4] for row in rows), reverse=True)
    assert rows[0][1].startswith(ARTICLE["title"]) and rows[0][2].endswith("from WOS")
    before = FORM.read_bytes()
    turn()
    assert [path.name for path in Path("resources/deduplication").iterdir()] == [FORM.name]
    assert FORM.read_bytes() == before


def test_answers_are_read_back_and_can_be_taken_back():
    turn()
    waiting = int(read_csv("results/progress.csv")[0]["pending"])
    answer(["different"] * waiting)
    assert turn().pairs.filter(band="review").height == 0
    assert read_csv("results/progress.csv")[0]["pending"] == "0"
    answer(["same"] + ["different"] * (waiting - 1))
    assert len(clusters(turn())) == 2
    answer([None] * waiting)
    assert len(clusters(turn())) == 3
    assert not Path("resources/deduplication/pairs.ana.02.xlsx").exists()


def test_pairs_of_a_later_search_wait_until_the_form_is_done():
    turn()
    waiting = int(read_csv("results/progress.csv")[0]["pending"])
    later = [*FRAMES, source("late", {**ERRATUM, "title": f"Retraction: {ARTICLE['title']}", "volume": "15"})]
    turn(later)
    assert [row["person"] for row in read_csv("results/waiting.csv")] == ["ana"]
    answer(["different"] * waiting)
    turn(later)
    assert Path("resources/deduplication/pairs.ana.02.xlsx").exists()


def test_a_copy_that_disagrees_is_a_conflict_that_names_both_cells():
    turn()
    waiting = int(read_csv("results/progress.csv")[0]["pending"])
    answer(["different"] * waiting, to="resources/deduplication/pairs.ana.01 (1).xlsx")
    answer(["same"] + ["different"] * (waiting - 1))
    result = turn()
    faults = [fault for fault in engine.list_faults(result) if "contradicts" in fault.problem]
    assert {fault.file for fault in faults} == {FORM.as_posix(), "resources/deduplication/pairs.ana.01 (1).xlsx"}
    assert all("A2 says that" in fault.problem and fault.cell == "A2" for fault in faults)
    assert len(clusters(result)) == 3


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        (1, "perhaps", "'perhaps' is no verdict"),
        (1, "=1+1", "a formula"),
        (10 + 1, "wos:77", "no search holds"),
        (2, "x", "torn apart"),
    ],
)
def test_what_is_wrong_in_a_form_is_a_fault_with_its_cell(column, value, problem):
    turn()
    book = openpyxl.load_workbook(FORM)
    sheet = book["Pairs"]
    sheet.cell(2, 1).value = "same"
    sheet.cell(2, column).value = value
    book.save(FORM)
    result = turn()
    assert len(clusters(result)) == 3
    fault = next(fault for fault in result.faults if problem in fault.problem)
    assert (fault.file, fault.sheet, fault.person) == (FORM.as_posix(), "Pairs", "ana")
    assert fault.cell.endswith("2")


def test_forms_that_are_gone_or_a_strangers_are_reported():
    turn()
    FORM.rename(FORM.with_name("pairs.zoe.01.xlsx"))
    assert vanished("pairs") == [FORM.as_posix()]
    assert "there is no 'zoe'" in turn().faults[0].problem


def test_explain_names_points_vetoes_and_the_way():
    text = explain_records("pubmed:1", "wos:1", FRAMES)
    assert "TWO REPORTS" in text
    assert "VETO not the same kind" in text
    assert "preprint and article" in text
    assert "ONE REPORT: pubmed:1" in explain_records("pubmed:1", "embase:1", FRAMES)


def test_relations_are_between_reports_that_stay_apart():
    found = {row[2] for row in engine.deduplicate(FRAMES).relations.rows()}
    assert found >= {"preprint and article", "correction and article"}


def test_a_registration_is_related_to_the_publication_that_names_it():
    trial = source("reg", {"source_record_id": "NCT09000001", "title": "Exosomes for the heart", "year": 2018})
    result = engine.deduplicate([trial, source("pubmed", {**ARTICLE, "registry_ids": ["NCT09000001"]})])
    assert [row[2] for row in result.relations.rows()] == ["registration and publication"]


def test_every_value_of_a_merged_record_names_its_record():
    frames = [source("pubmed", {**ARTICLE, "volume": None}), source("embase", {**ARTICLE, "abstract": "Long."})]
    result = engine.deduplicate(frames, order=["embase"])
    engine.write_more(result, ["embase"], [], None, Path("fields.csv"), None, None)
    came = {row["field"]: row["record_id"] for row in read_csv("fields.csv")}
    assert (came["volume"], came["abstract"], came["title"]) == ("embase:1", "embase:1", "embase:1")
    assert (result.unique["report_id"][0], came["run_date" if "run_date" in came else "source_id"]) == ("pubmed:1",) * 2


def test_overlap_counts_each_report_once():
    overlap = count_overlap(engine.deduplicate(FRAMES).unique, {"wos": "WoS", "pubmed": "P", "embase": "E"})
    assert overlap.combinations == [(("wos",), 1), (("pubmed",), 1), (("pubmed", "embase"), 1)]
    assert overlap.totals == {"wos": 1, "pubmed": 2, "embase": 1}
    assert draw_overlap(overlap).count("<circle") == 9


def test_fields_that_look_wrong_are_named():
    frame = source("s", {**ARTICLE, "pages": "01-Sep"}, {**ARTICLE, "journal": "2021"}, ARTICLE)
    assert [(f.field, f.records, f.example) for f in check_fields(frame, [])] == [
        ("columns", 1, "s:2"),
        ("pages", 1, "s:1"),
    ]
