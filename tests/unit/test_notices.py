"""Reports whose records say that they were retracted or corrected."""

from pathlib import Path

import pytest

from prismake.importers.read import read_file
from prismake.publish import read_csv, write_csv
from prismake.records import table
from prismake.screening.notices import write_notices

TITLE = "Exosomes from stem cells in a mouse model of stroke"


def notices(tmp_path: Path, records: list[dict], relations: list[tuple[str, str, str]] = ()) -> list[tuple[str, ...]]:
    frame = table(records, "s")
    columns = ["record_id_1", "record_id_2", "relation", "reasons"]
    write_csv(tmp_path / "relations.csv", columns, [(*row, "") for row in relations])
    write_notices(frame, {i: i for i in frame["record_id"]}, tmp_path / "relations.csv", tmp_path / "notices.csv")
    return [tuple(row.values()) for row in read_csv(tmp_path / "notices.csv")]


def record(number: int, title: str = TITLE, *types: str) -> dict:
    return {"source_record_id": str(number), "title": title, "publication_types": list(types)}


def test_nothing_is_said_of_ordinary_reports(tmp_path: Path) -> None:
    titles = [
        TITLE,
        "Retracted articles in oncology: a survey",
        "Withdrawn treatment and relapse",
        "Correction of myopia",
    ]
    assert notices(tmp_path, [record(n, title, "Journal Article") for n, title in enumerate(titles)]) == []
    assert notices(tmp_path, [record(1, None)]) == []


@pytest.mark.parametrize(
    "title", ["RETRACTED: " + TITLE, "[Retracted] " + TITLE, "RETRACTED ARTICLE: " + TITLE, "WITHDRAWN: " + TITLE]
)
def test_a_title_that_says_retracted(tmp_path: Path, title: str) -> None:
    assert notices(tmp_path, [record(1, title)]) == [("s:1", "retracted", f"s:1: title {title}")]


def test_a_notice_is_not_itself_retracted(tmp_path: Path) -> None:
    assert notices(tmp_path, [record(1, "Retracted: " + TITLE, "Retraction of Publication")]) == []


@pytest.mark.parametrize(
    ("relation", "title", "types", "notice"),
    [
        ("retraction notice and article", "Retraction: " + TITLE, (), "retracted"),
        ("retraction notice and article", TITLE, ("Retraction of Publication",), "retracted"),
        ("retraction notice and article", "Expression of Concern: " + TITLE, (), "expression of concern"),
        ("correction and article", "Erratum to: " + TITLE, ("Published Erratum",), "corrected"),
    ],
)
@pytest.mark.parametrize("ends", [("s:1", "s:2"), ("s:2", "s:1")])
def test_a_notice_that_was_found_marks_its_article(tmp_path, relation, title, types, notice, ends) -> None:
    records = [record(1), record(2, title, *types)]
    assert notices(tmp_path, records, [(*ends, relation)]) == [("s:1", notice, f"s:2: {title}")]


def test_other_relations_say_nothing(tmp_path: Path) -> None:
    assert notices(tmp_path, [record(1), record(2)], [("s:1", "s:2", "preprint and article")]) == []


MEDLINE = """PMID- 90000001
TI  - Exosomes from stem cells in a mouse model of stroke.
PT  - Journal Article
PT  - Retracted Publication
SO  - J Invent Trials. 2021;1(2):3-9.

PMID- 90000002
TI  - Exosomes and sleep.
PT  - Corrected and Republished Article
PT  - Journal Article
SO  - J Invent Trials. 2021;1(2):10-19.
"""


def test_medline_tells_by_publication_types(tmp_path: Path) -> None:
    (tmp_path / "pubmed.nbib").write_text(MEDLINE, encoding="utf-8")
    read = [dict(row) for row in read_file(tmp_path / "pubmed.nbib").records]
    assert [row[:2] for row in notices(tmp_path, read)] == [("s:90000001", "retracted"), ("s:90000002", "corrected")]
