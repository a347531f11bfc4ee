"""Reporting checklists: complete, prefilled only where the workflow knows, the same bytes each time."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import polars as pl
import pytest
from report_fixture import loaded, with_config, write_review

from prismake.cli import main
from prismake.report.build import TEMPLATES, render
from prismake.report.checklists import COLUMNS, IDS, SECTIONS, answer, read_checklist
from prismake.report.known import KNOWN
from prismake.report.load import Review

# Rows and numbered items, as published.
SIZES = {"prisma_2020": (42, 27), "prisma_2020_abstracts": (12, 12), "prisma_s": (16, 16), "prisma_scr": (22, 22)}
SPLIT = {"10": "ab", "13": "abcdef", "16": "ab", "20": "abcd", "23": "abcd", "24": "abc"}  # in PRISMA 2020


def prefilled(checklist: str, review: Review) -> dict[str, str]:
    return {row.item: row.anchor for row in answer(read_checklist(checklist), review) if row.anchor}


@pytest.mark.parametrize("id", IDS)
def test_every_item_of_a_checklist_is_there_in_order(id: str) -> None:
    checklist = read_checklist(id)
    items = [item["item"] for item in checklist.items]
    rows, numbers = SIZES[id]
    split = SPLIT if id == "prisma_2020" else {}
    assert items == [f"{n}{letter}" for n in range(1, numbers + 1) for letter in split.get(str(n), [""])]
    assert len(items) == rows
    for item in checklist.items:
        assert item["section"] and item["topic"] and item["asks"].endswith(".")
        assert item.get("known", "title") in KNOWN
    assert [item["item"] for item in checklist.items if item.get("optional")] == (
        ["12", "16"] if id == "prisma_scr" else []
    )


def test_every_answer_is_used_and_every_place_is_in_the_report() -> None:
    used = {item.get("known") for id in IDS for item in read_checklist(id).items} - {None}
    assert used == KNOWN.keys()
    page = render(loaded("finished"), "0", "<svg></svg>")
    headings = dict(re.findall(r'<h2 id="([a-z]+)-heading">(.*?)</h2>', page))
    for anchor, name in SECTIONS.items():
        assert f'id="{anchor}"' in page
        assert anchor in ("report", "facts") or headings[anchor] == name
    assert "For a person" in page and (TEMPLATES / "checklists.html.j2").is_file()


def test_a_finished_review_knows_its_search_selection_and_results() -> None:
    review = loaded("finished")
    assert prefilled("prisma_2020", review) == {
        **{"4": "question", "5": "question", "6": "strategies", "7": "strategies", "8": "methods", "9": "methods"},
        **{"16a": "flow", "16b": "excluded", "17": "included", "24a": "facts", "24b": "facts", "24c": "amendments"},
        **{"25": "statements", "26": "statements", "27": "software"},
    }
    assert prefilled("prisma_2020_abstracts", review).keys() == {"2", "4", "7", "10"}
    assert prefilled("prisma_s", review).keys() == {"1", "3", "5", "6", "8", "12", "13", "15", "16"}
    assert {"12", "16", "11", "13"}.isdisjoint(prefilled("prisma_scr", review))
    rows = {row.item: row for row in answer(read_checklist("prisma_2020"), review)}
    assert rows["16b"].evidence == "8 reports excluded at full text, each with its reason and its reference."
    assert rows["5"].remains == "How studies were grouped for synthesis."
    assert rows["13a"].status == "for a person" and rows["13a"].location == ""


def test_what_is_not_done_is_not_answered() -> None:
    half, zero = loaded("half"), loaded("zero")
    assert {"16b", "17"}.isdisjoint(prefilled("prisma_2020", half))
    flow = next(row for row in answer(read_checklist("prisma_2020"), half) if row.item == "16a")
    assert flow.evidence.startswith("So far: ")
    assert {"8", "9", "16a", "16b", "17", "18"}.isdisjoint(prefilled("prisma_2020", zero))
    assert {"15", "16"}.isdisjoint(prefilled("prisma_s", zero))


def test_what_the_configuration_does_not_say_is_not_answered() -> None:
    review = loaded("finished")
    for key, blank, items in (
        ("question", "", {"4"}),
        ("eligibility", {"include": [], "exclude": []}, {"5"}),
        ("registration", {"registry": "", "id": ""}, {"24a"}),
        ("protocol", "", {"24b"}),
        ("amendments", [], {"24c"}),
        ("funding", "", {"25"}),
        ("interests", "", {"26"}),
    ):
        changed = with_config(review, "review", key, value=blank)
        lost = prefilled("prisma_2020", review).keys() - prefilled("prisma_2020", changed).keys()
        assert lost == items, key
    named = with_config(review, "review", "title", value="Exosomes: A Systematic Review")
    assert prefilled("prisma_2020", named)["1"] == "report"
    scoping = with_config(review, "review", "title", value="A scoping review of exosomes")
    assert "1" in prefilled("prisma_scr", scoping) and "1" not in prefilled("prisma_2020", scoping)


def test_how_records_were_selected_is_told_by_policy_and_votes() -> None:
    finished = loaded("finished")

    def told(policy: str, each: int = 2, review: Review = finished) -> str:
        review = with_config(review, "screening", "policy", value=policy)
        review = with_config(review, "screening", "reviewers_per_record", value=each)
        (found,) = (row.evidence for row in answer(read_checklist("prisma_2020"), review) if row.item == "8")
        assert found in {row.evidence for row in answer(read_checklist("prisma_scr"), review)}
        return found

    by = "62 records were decided by two people. Automation filters are described."
    for policy in ("strict", "rayyan", "any_include"):
        assert told(policy) == f"Each record was for two people, independently. {by}"
        assert told(policy, 3) == f"Each record was for three people, independently. {by}"
        assert told(policy, 1) == f"Each record was for one person. {by}"
    assert told("single", 3) == told("liberal_accelerated", 1) == f"Each record was for one person. {by}"
    assert told("strict", 2, replace(finished, stopping={"unscreened": 7})).endswith(
        "Automation filters are described. The rule that stopped screening is described."
    )
    votes = finished.votes
    included = [row["report_id"] for row in finished.cited]
    one = votes["title_abstract"].filter(~((pl.col("person") == "ben") & pl.col("report_id").is_in(included)))
    accelerated = replace(finished, votes={**votes, "title_abstract": one})
    said = told("liberal_accelerated", 2, accelerated)
    assert said.startswith(
        "One person’s include or “maybe” was enough for a record to go on; an exclusion took two people, independently."
    )
    assert "Each record" not in said
    assert f"Of 62 records decided, {len(included)} by one person and {62 - len(included)} by two people." in said


def test_how_data_were_extracted_is_told_by_who_did_it() -> None:
    def told(review: Review) -> str:
        review = with_config(review, "extraction", "double", value=0.5)
        review = with_config(review, "extraction", "people", value=["ana", "ben"])
        return next(row.evidence for row in answer(read_checklist("prisma_2020"), review) if row.item == "9")

    review = loaded("finished")
    assert told(review) == "Data were extracted by one person, each study by one, with a form."
    first, *others = review.levels["study"]
    both = {**review.levels, "study": [{**first, "people": "ana; ben"}, *others]}
    said = told(replace(review, levels=both))
    assert said == "Data were extracted by two people, 1 of 14 studies by two or more independently, with a form."


def with_runs(review: Review, **changes: Any) -> Review:
    """The review with these values in every run of its first source."""
    first, *others = review.searches
    runs = [run | changes for run in first["runs"]]
    return replace(review, searches=[{**first, "runs": runs}, *others])


def test_a_search_without_its_date_or_strategy_is_not_reported_as_whole() -> None:
    review = loaded("finished")
    assert {"6"} == prefilled("prisma_2020", review).keys() - prefilled(
        "prisma_2020", with_runs(review, run_date="")
    ).keys()
    searches = [{"strategy": "", "label": ""}]
    assert "7" not in prefilled("prisma_2020", with_runs(review, searches=searches))
    unsearched = replace(review, searches=review.searches[1:])
    assert {"6", "7"}.isdisjoint(prefilled("prisma_2020", unsearched))


def test_limits_and_peer_review_count_when_every_search_has_them() -> None:
    review = loaded("finished")
    assert {"9", "14"}.isdisjoint(prefilled("prisma_s", review))
    kept = [source for source in review.searches if source["source"] == "pubmed"]
    whole = with_runs(replace(review, searches=kept), limits="English", peer_review="PRESS")
    assert {"9", "14"} <= prefilled("prisma_s", whole).keys()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checklists")
    config, results = write_review(folder, title="<b>, \x07 & “quoted”")
    for out in ("one", "two"):
        arguments = ["--config", str(config), "--results", str(results), "--out", str(folder / out)]
        assert main(["checklists", *arguments]) == 0
    return folder


def test_the_files_hold_every_row_and_are_equal_each_time(written: Path) -> None:
    names = sorted(path.name for path in (written / "one").iterdir())
    assert names == sorted(f"{id}.{kind}" for id in IDS for kind in ("csv", "docx"))
    for name in names:
        assert (written / "one" / name).read_bytes() == (written / "two" / name).read_bytes(), name
    rows = list(csv.DictReader(io.StringIO((written / "one/prisma_2020.csv").read_text(encoding="utf-8"))))
    assert list(rows[0]) == COLUMNS and len(rows) == 42
    assert {row["status"] for row in rows} == {"prefilled", "for a person"}
    assert all(bool(row["location"]) == (row["status"] == "prefilled") for row in rows)
    document = docx.Document(str(written / "one/prisma_2020.docx"))
    (table,) = document.tables
    assert len(table.rows) == 43
    assert [cell.text for cell in table.rows[1].cells][:2] == ["1", "Title: Title"]
    assert "For a person to fill in" in {row.cells[3].text for row in table.rows}
    with zipfile.ZipFile(written / "one/prisma_2020.docx") as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"w:tblHeader" in archive.read("word/document.xml")
        assert re.findall(rb">(\d{4})-", archive.read("docProps/core.xml")) == [b"1980", b"1980"]


def test_before_the_first_run_there_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, _ = write_review(tmp_path)
    arguments = ["--config", str(config), "--results", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    assert main(["checklists", *arguments]) == 1
    assert "there is no flow diagram yet" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_workflow_makes_every_checklist() -> None:
    rules = (TEMPLATES.parents[2] / "rules/report.smk").read_text(encoding="utf-8")
    assert all(f'"{id}"' in rules for id in IDS)
    assert set(IDS) == SIZES.keys()
