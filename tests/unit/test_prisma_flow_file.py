"""Reading counts from files: typed by hand or made by the workflow; what is wrong is named with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from prisma_fixture import SOURCES, Review

from prismake.errors import PrismakeError
from prismake.prisma.boxes import build_flow
from prismake.prisma.flow_file import check_flow, read_flow
from prismake.publish import write_json

DATA = Path(__file__).parents[1] / "data" / "prisma"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "counts.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_counts_typed_by_hand() -> None:
    flow = read_flow(DATA / "typed.json")
    assert flow["title"] == "Exosomes for wound healing"
    boxes = flow["boxes"]
    assert list(boxes)[:3] == ["database_results", "register_results", "duplicates"]
    assert boxes["database_results"]["n"] == 730
    assert boxes["register_results"] == {"unit": "record", "n": 40}
    assert boxes["dbr_sought_reports"] == {"label": "Reports looked for", "unit": "report", "n": 60}
    assert boxes["dbr_notretrieved_reports"]["n"] == 2
    assert boxes["dbr_excluded"]["items"][0] == {"label": "Wrong population, or none", "n": 30}
    assert boxes["new_studies"]["unit"] == "study"
    assert [e["id"] for e in flow["equations"]] == ["H1", "H2", "H3", "H5", "H6", "H8", "H9", "H10", "H16", "H17"]
    assert all(e["holds"] for e in flow["equations"])


def test_a_flow_of_the_workflow_is_read_as_it_was_written(tmp_path: Path) -> None:
    review = Review(
        [("pubmed:1", "2026-01-01"), ("embase:1", None), ("experts:1", None)], clusters={"embase:1": "pubmed:1"}
    )
    review.decide("experts:1", "included", "retrieved", "included")
    flow = build_flow(review.ledger(), SOURCES, title="T", reasons=[], draft=["Edited"])
    write_json(tmp_path / "flow.json", flow)
    back = read_flow(tmp_path / "flow.json")
    without_ledger = {e["id"]: e["holds"] for e in flow["equations"] if e["id"] != "H4"}
    assert {e["id"]: e["holds"] for e in back["equations"]} == without_ledger
    assert {**back, "equations": []} == {**flow, "equations": []}


def test_pending_counts_make_typed_counts_a_draft() -> None:
    flow = check_flow({"boxes": {"pending_screening": 1200, "records_screened": 1500}, "draft": ["Not final"]})
    assert flow["draft"] == ["Records not yet screened: 1,200", "Not final"]


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ({"record_screened": 5}, "there is no box 'record_screened'. Did you mean 'records_screened'"),
        ({"xyz": 5}, "there is no box 'xyz'. Known: previous_studies"),
        ({"duplicates": -1}, "duplicates: -1 is not a whole number"),
        ({"duplicates": 1.5}, "duplicates: 1.5 is not a whole number"),
        ({"duplicates": "12"}, 'duplicates: "12" is not a whole number.*without quotes'),
        ({"duplicates": True}, "duplicates: true is not a whole number"),
        ({"duplicates": [1]}, r"duplicates: \[1\] is not a whole number"),
        ({"duplicates": {"label": "x"}}, "duplicates: has no number"),
        ({"duplicates": {"n": None}}, "duplicates: has no number"),
        ({"duplicates": {"N": 4}}, "duplicates: unknown key 'N'. Known keys: ids, items"),
        ({"duplicates": {"n": 1, "label": 3}}, "duplicates: the label is not a text"),
        ({"duplicates": {"n": 1, "ids": [1]}}, "duplicates: ids is not a list of texts"),
        ({"duplicates": {"n": 1, "ids": "a"}}, "duplicates: ids is not a list of texts"),
        ({"dbr_excluded": {"items": {"A": 3}}}, "dbr_excluded: items is not a list of lines"),
        ({"dbr_excluded": {"items": [{"n": 3}]}}, "dbr_excluded: items is not a list of lines"),
        ({"dbr_excluded": {"items": [{"label": 5, "n": 3}]}}, "dbr_excluded, 5: the label is not a text"),
        ({"dbr_excluded": {"items": [{"label": "A"}]}}, "dbr_excluded, A: has no number"),
        ({"dbr_excluded": {"items": [{"label": "A", "n": 1, "items": []}]}}, "dbr_excluded, A: unknown key 'items'"),
        ({}, "there are no boxes"),
        ([], "there are no boxes"),
        ({"duplicates": {"n": 2, "ids": ["a"]}}, "H17 .*duplicates is 2, but holds 1 ids"),
        ({"dbr_excluded": {"n": 4, "items": [{"label": "A", "n": 3}]}}, "H2 .*its lines 3 = 3: 1 too many"),
        ({"database_results": 10, "records_screened": 9}, "H3 .*1 too few"),
    ],
)
def test_wrong_boxes_are_refused(tmp_path: Path, boxes: Any, words: str) -> None:
    path = write(tmp_path, json.dumps({"boxes": boxes}))
    with pytest.raises(PrismakeError, match=words) as caught:
        read_flow(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"boxes": {"duplicates": 5,}}', r"line 1, column \d+: this is not JSON"),
        ('{"boxes": {"duplicates": 5, "duplicates": 6}}', "'duplicates' stands there twice"),
        ('{"boxes": {"duplicates": 5}, "title": 7}', "the title is not a text"),
        (r'{"boxes": {"duplicates": 5}, "title": "\ud800"}', "the title is not a text"),
        ('{"boxes": {"duplicates": 5}, "draft": true}', "draft is not a list of reasons"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"boxes": {"duplicates": %s}}' % ("9" * 5000), "too many digits"),
        ("{}", "there are no boxes"),
        ("", "these are no counts of a flow diagram"),
        ("[1, 2]", "line 1: there is no box"),
        ("name,value\na,1\n", "line 2: there is no box 'a'"),
        (b"\xff\xfe\x00PK", "this is not text in UTF-8"),
        ("data,box,n\nrecords_screened,box4\r,12\r\n", "this CSV cannot be read"),
    ],
)
def test_a_file_that_holds_no_counts_is_refused(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(PrismakeError, match=words):
        read_flow(write(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PrismakeError, match="No such file"):
        read_flow(tmp_path / "none.json")


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    assert read_flow(write(tmp_path, "data,box,n\nrecords_screened,box4,5\n"))["boxes"]["records_screened"]["n"] == 5
