"""Layouts and quirks of exports that teams published, or that their scripts provide for: decisions are never lost.

Seen in public repositories: Rayyan's in rayyanR, FHIR-Research-Review, LIT_Review and others; ASReview 1.6.2 was run.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from exchange_review import TITLES, cast, collect, make_review, problems
from exchange_tools import ADDRESS, ARTICLES, blob, rayyan_zip, table


@pytest.fixture(autouse=True)
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_review()


RAYYAN, ASREVIEW = Path("resources/screening/rayyan"), Path("resources/screening/asreview")
PEOPLE = {
    "ana": {"share": 1, "also": ["101"]},
    "ben": {"share": 1, "also": ["102", "Ben O. Marsh"]},
    "cleo": {"share": 0},
}
Clicks = Sequence[tuple[str, str, str, str]]  # day, user, key, value


def of_rayyan(name: str, notes: Mapping[str, str], clicks: Clicks = ()) -> Path:
    """An export of these reports (id -> what stands in their notes), and the clicks on the first of them."""
    rows = [
        {"key": f"rayyan-{number}", "title": TITLES[one], "notes": f"record_id: {one} | {text}"}
        for number, (one, text) in enumerate(notes.items(), start=7)
    ]
    log = [
        {
            "created_at": f"{day}T09:00:00.{number:03}Z",
            "user_id": user,
            "user_email": ADDRESS,
            "article_id": "7",
            "key": key,
            "value": value,
        }
        for number, (day, user, key, value) in enumerate(clicks)
    ]
    return rayyan_zip(RAYYAN / name, table(ARTICLES.split(","), rows), log or None)


STAGE = "included__SYSTEM__STAGE__77"
WRONG = '"__EXR__wrong population"'


def test_at_full_text_the_log_s_decisions_are_those_of_a_stage_in_rayyan():
    clicks = [
        ("2026-01-04", "101", "included", "-1"),
        ("2026-01-05", "101", "included", "1"),
        ("2026-01-06", "102", "included", "1"),
        ("2026-03-01", "101", STAGE, "1"),
        ("2026-03-02", "102", STAGE, "-1"),
        ("2026-03-02", "102", WRONG, "1"),
    ]
    notes = {"pm:1": blob("", {"Ana": "Included", "Ben O. Marsh": "Excluded"}, ["wrong population"])}
    made = collect(of_rayyan("full_text.zip", notes, clicks), stage="full_text")
    assert made["faults"] == []
    assert [(row["reviewer"], row["decision"], row["time"]) for row in made["log"]] == [
        ("ana", "include", "2026-03-01T09:00:00Z"),
        ("ben", "exclude", "2026-03-02T09:00:00Z"),
    ]
    before = {"pm:1": blob("", {"Ana": "Included", "Ben O. Marsh": "Included"})}
    made = collect(of_rayyan("title_abstract.zip", before, clicks), people=PEOPLE)
    assert made["faults"] == []
    assert [(row["reviewer"], row["decision"], row["why"]) for row in made["log"]] == [
        ("ana", "include", ""),
        ("ana", "exclude", "superseded"),
        ("ben", "include", ""),
    ]


def test_of_two_exports_of_a_stage_the_later_vote_counts():
    first = [("2026-03-01", "101", STAGE, "-1"), ("2026-03-01", "101", WRONG, "1")]
    changed = [*first, ("2026-03-10", "101", WRONG, "deleted"), ("2026-03-10", "101", STAGE, "1")]
    files = [
        of_rayyan("full_text.zip", {"pm:1": blob("", {"Ana": "Excluded"}, ["wrong population"])}, first),
        of_rayyan("full_text 2.zip", {"pm:1": blob("", {"Ana": "Included"})}, changed),
    ]
    made = collect(*files, stage="full_text")
    assert cast(made) == {("ana", "pm:1"): "include"}
    assert made["faults"] == []  # nor is the exclusion that was taken back asked for a reason


def test_a_reason_goes_to_nobody_who_did_not_give_it():
    clicks = [
        ("2026-03-01", "101", WRONG, "1"),
        ("2026-03-01", "101", "included", "-1"),
        ("2026-03-02", "102", "included", "-1"),
    ]
    notes = {"pm:1": blob("", {"Ana": "Excluded", "Ben O. Marsh": "Excluded"}, ["wrong population"])}
    path = of_rayyan("title_abstract.zip", notes, clicks)
    made = collect(path, people=PEOPLE)
    assert {vote["person"]: vote["reason"] for vote in made["votes"]} == {"ana": "Wrong population", "ben": ""}


def test_a_label_called_included_is_no_vote_and_a_reason_may_have_a_twin():
    clicks = [
        ("2026-03-01", "101", '"included"', "1"),
        ("2026-03-02", "101", WRONG, "1"),
        ("2026-03-02", "101", '"__EXR__wrong population "', "1"),
        ("2026-03-02", "101", '"__EXR__wrong population "', "deleted"),
        ("2026-03-03", "101", "included", "-1"),
        ("2026-03-04", "101", '"included"', "1"),
    ]
    made = collect(of_rayyan("title_abstract.zip", {"pm:1": blob("", {"Ana": "Excluded"})}, clicks))
    assert [(row["decision"], row["reason"], row["time"]) for row in made["log"]] == [
        ("exclude", "Wrong population", "2026-03-03T09:00:00Z")
    ]


def test_reasons_with_commas_and_signs_are_known_again():
    notes = {
        "pm:1": blob("", {"Ana": "Excluded"}, ["no data, at all", "wrong outcome"]),
        "pm:2": blob("", {"Ana": "Excluded"}, ["Age &lt; 18"]),
    }
    path = of_rayyan("full_text.zip", notes)
    made = collect(path, stage="full_text", reasons=["Wrong outcome", "No data, at all", "Age < 18"])
    assert made["faults"] == []
    assert {vote["record_id"]: (vote["reason"], vote["note"]) for vote in made["votes"]} == {
        "pm:1": ("Wrong outcome", "also: No data, at all"),
        "pm:2": ("Age < 18", ""),
    }


@pytest.mark.parametrize(
    "columns",
    [
        {"notes": 'record_id: pm:1 | RAYYAN-INCLUSION: {""Ana""=>""Excluded""}'},
        {"notes": 'record_id: pm:1 | RAYYAN-INCLUSION: {"Ana"=>"Included"} | RAYYAN-INCLUSION: {"Ana"=>"Excl'},
        {"notes": "record_id: pm:1", "abstract": 'RAYYAN-INCLUSION: {"Ana"=>"Excluded"}'},
    ],
    ids=["quotes doubled", "cut", "another column"],
)
def test_decisions_that_cannot_be_read_are_told(columns: Mapping[str, str]):
    path = RAYYAN / "title_abstract.csv"
    path.parent.mkdir(parents=True)
    path.write_text(table(ARTICLES.split(","), [{"title": "x", "notes": "nothing yet"}, {"title": "y", **columns}]))
    made = collect(path)
    assert made["votes"] == []
    assert problems(made) == [
        "1 of its references hold decisions that cannot be read (the first in row 3). "
        "Export it again from the tool, and put it here as it was downloaded"
    ]


def test_the_log_beside_its_articles_is_told_what_to_do_with():
    RAYYAN.mkdir(parents=True)
    log = RAYYAN / "customizations_log.csv"
    log.write_text("created_at,user_id,user_email,article_id,key,value\n2026-03-01,1,x,7,included,1\n")
    made = collect(log)
    assert problems(made) == [
        "this is the log of an export, without its references, so nothing in it was read. "
        "Put it into one zip with the articles.csv that it came with"
    ]


def test_a_list_that_was_put_together_of_two_is_not_read_as_one():
    path = Path("resources/screening/covidence/review_1_irrelevant_excluded_csv_20240303130132.csv")
    path.parent.mkdir(parents=True)
    path.write_text(table(["Title", "Accession Number"], [{"Title": "x", "Accession Number": "pm:1"}]))
    for stage in ("title_abstract", "full_text"):
        made = collect(path, stage=stage)
        assert made["votes"] == []
        assert [said.split(",")[0] for said in problems(made)] == [
            "its name does not say which list of Covidence this is"
        ]


def of_asreview(columns: Sequence[str], *rows: Sequence[str]) -> Path:
    ASREVIEW.mkdir(parents=True, exist_ok=True)
    path = ASREVIEW / "title_abstract.ana.csv"
    path.write_text(table(list(columns), [dict(zip(columns, row, strict=True)) for row in rows]), encoding="utf-8")
    return path


def test_an_export_of_asreview_1():
    """It numbers the records anew, keeps our second id, and has columns of its own for notes."""
    made = collect(
        of_asreview(
            ["record_id", "key", "title", "included", "asreview_ranking", "exported_notes_1"],
            ["0", "pm:1", "x", "1", "1", "read twice"],
            ["1", "pm:2", "x", "0", "3", ""],
            ["2", "src:007", "x", "-1", "2", ""],
            ["3", "h:1E5", "x", "", "4", ""],
        )
    )
    assert made["faults"] == made["unmatched"] == []
    assert {(vote["record_id"], vote["decision"], vote["note"]) for vote in made["votes"]} == {
        ("pm:1", "include", "read twice"),
        ("pm:2", "exclude", ""),
    }


def test_labels_that_came_with_the_references_are_not_decisions():
    made = collect(of_asreview(["key", "title", "included", "asreview_label"], ["pm:1", "x", "1", ""]))
    assert made["votes"] == made["faults"] == []


def test_a_project_of_asreview_is_not_an_export():
    ASREVIEW.mkdir(parents=True)
    path = ASREVIEW / "title_abstract.ana.asreview"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    assert problems(collect(path)) == [
        "this is a project, not what was exported from it, so nothing in it was read. "
        "Export it from ASReview (Collection, Export), all records, as CSV, Excel or RIS"
    ]


def test_a_reference_is_found_by_an_address_that_holds_its_doi():
    RAYYAN.mkdir(parents=True)
    path = RAYYAN / "title_abstract.csv"
    row = {"title": "Another title", "url": "https://doi.org/10.5555/x.1", "notes": blob("", {"Ana": "Included"})}
    path.write_text(table(ARTICLES.split(","), [row]))
    assert cast(collect(path)) == {("ana", "pm:2"): "include"}
