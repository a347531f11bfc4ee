"""Updated reviews: what a release had screened is not screened again; its studies have a column of their own."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prisma_fixture import REASONS, Review, reviews

from prismake.errors import PrismakeError
from prismake.previous import EARLIER, Previous, read_previous
from prismake.prisma.boxes import build_flow
from prismake.prisma.draw import draw
from prismake.prisma.flow_file import check_flow, read_flow
from prismake.prisma.layout import lay_out
from prismake.prisma.ledger import Ledger
from prismake.publish import csv_text
from prismake.records import REPORT_SCHEMA, SCHEMA, write_parquet
from prismake.screening.collect import screenable
from prismake.screening.filters import filter_reports

COUNTS = {
    "previous_studies": 12,
    "previous_reports": 15,
    "database_results": 100,
    "records_screened": 100,
    "records_excluded": 90,
    "dbr_sought_reports": 10,
    "dbr_assessed": 10,
    "dbr_excluded": 6,
    "new_studies": 3,
    "new_reports": 4,
    "total_studies": 15,
    "total_reports": 19,
}


def updated(review: Review, previous: Previous) -> tuple[Ledger, dict[str, Any]]:
    """The ledger and flow of a review whose filters took out what the earlier version had screened."""
    known = {review.report_of(id) for id, _ in review.records if id in previous.screened}
    review.filters = [row for row in review.filters if row[0] not in known] + [(id, EARLIER) for id in sorted(known)]
    ledger = review.ledger(previous=previous)
    return ledger, build_flow(ledger, review.sources, title="", reasons=REASONS, previous=previous)


def previous(screened: set[str], studies: tuple[str, ...] = ("A",), reports: tuple[str, ...] = ("old:1",)) -> Previous:
    return Previous("v1", frozenset(screened), studies, reports)


@settings(max_examples=40)
@given(st.data())
def test_every_update_adds_up(data: st.DataObject) -> None:
    review = data.draw(reviews())
    ids = sorted({id for id, _ in review.records})
    screened = set(data.draw(st.lists(st.sampled_from(ids), unique=True))) if ids else set()
    ledger, flow = updated(review, previous(screened))
    removed = {
        id for id, why in ledger.records.select("record_id", "removed").iter_rows() if why == "previously screened"
    }
    assert removed == screened
    boxes, broken = flow["boxes"], {e["id"] for e in flow["equations"] if not e["holds"]}
    assert "H12" not in broken
    assert "A" not in boxes["new_studies"]["ids"]
    assert boxes["total_studies"]["ids"] == ["A", *boxes["new_studies"]["ids"]]
    assert boxes["total_reports"]["ids"] == ["old:1", *boxes["new_reports"]["ids"]]
    entered = {id for name in ("records_screened", "other_sought_reports") for id in boxes.get(name, {}).get("ids", [])}
    assert not entered & {review.report_of(id) for id in screened}


def test_a_copy_of_what_was_screened_is_a_duplicate_and_the_record_itself_is_not() -> None:
    review = Review([("pubmed:1", "2025-01-01"), ("pubmed:1", "2026-01-01"), ("embase:9", "2024-01-01")])
    review.clusters = {"embase:9": "pubmed:1"}
    ledger, flow = updated(review, previous({"pubmed:1"}))
    assert ledger.records.select("record_id", "removed", "detail").rows() == [
        ("pubmed:1", "previously screened", "v1"),
        ("pubmed:1", "previously screened", "v1"),
        ("embase:9", "duplicate", "kept: pubmed:1"),
    ]
    boxes = flow["boxes"]
    assert (boxes["duplicates"]["n"], boxes["excluded_other"]["n"], boxes["records_screened"]["n"]) == (1, 2, 0)
    assert boxes["excluded_other"]["items"][0]["label"] == "Screened in an earlier version of this review"
    assert ledger.reports["state"].to_list() == ["previously_screened"]


def test_a_new_report_of_an_old_study_adds_a_report_and_no_study() -> None:
    review = Review([("pubmed:1", None), ("pubmed:2", None), ("pubmed:3", None)])
    for id in ("pubmed:1", "pubmed:2", "pubmed:3"):
        review.decide(id, "included", "retrieved", "included")
    # pubmed:3 reports an old study, spelt otherwise, and a new one
    review.studies = [("pubmed:1", "a", "1"), ("pubmed:2", "B", "1"), ("pubmed:3", "A", "1"), ("pubmed:3", "C", "1")]
    boxes = updated(review, previous(set()))[1]["boxes"]
    assert boxes["new_studies"]["ids"] == ["B", "C"]
    assert [(item["label"], item["ids"]) for item in boxes["new_reports"]["items"]] == [
        ("Reports of new studies", ["pubmed:2", "pubmed:3"]),
        ("New reports of studies included before", ["pubmed:1"]),
    ]
    assert [boxes[name]["n"] for name in ("previous_studies", "total_studies", "total_reports")] == [1, 3, 4]


def test_reports_of_old_studies_alone_are_no_warning() -> None:
    review = Review([("pubmed:1", None)], studies=[("pubmed:1", "A", "1")])
    review.decide("pubmed:1", "included", "retrieved", "included")
    flow = updated(review, previous(set()))[1]
    assert flow["boxes"]["new_studies"]["n"] == 0
    assert all(equation["holds"] for equation in flow["equations"])


def release(
    root: Path, tag: str, states: dict[str, str], studies: list[str], before: str = "", total: list[str] | None = None
) -> Path:
    """A release with a report of one record for each of `states`."""
    folder = root / "resources/releases" / tag
    folder.mkdir(parents=True)
    reports = [id for id, state in states.items() if state == "included"]
    boxes = {"new_studies": {"n": len(studies), "ids": studies}, "new_reports": {"n": len(reports), "ids": reports}}
    if total:
        boxes |= {
            "total_studies": {"n": len(total), "ids": total},
            "total_reports": {"n": 1, "ids": ["x:old", *reports]},
        }
    files = {
        "records.csv": csv_text(["record_id", "report_id"], [[id, id] for id in states]),
        "reports.csv": csv_text(
            ["report_id", "state", "by"],
            [[id, *(state.split(" by ") if " by " in state else (state, ""))] for id, state in states.items()],
        ),
        "flow.json": json.dumps({"boxes": boxes}),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    manifest = {"format": "prismake-release/1", "previous": before, "files": hashes}
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_what_a_release_left_open_is_taken_up_again(tmp_path: Path) -> None:
    settled = {"p:1": "included", "p:2": "excluded_screening", "p:3": "excluded_eligibility"}
    left = ["pending_screening", "in_conflict", "not_retrieved", "ongoing", "awaiting_classification"]
    left += ["removed_before_screening", "pending_retrieval", "pending_eligibility", "excluded_screening by automation"]
    release(tmp_path, "v1", settled | {f"q:{i}": state for i, state in enumerate(left)}, ["A"])
    found = read_previous("v1", tmp_path)
    assert found and found.screened == settled.keys()
    assert (found.studies, found.reports) == (("A",), ("p:1",))
    assert read_previous("", tmp_path) is None


def test_an_update_of_an_update_knows_both_versions(tmp_path: Path) -> None:
    release(tmp_path, "v1", {"p:1": "included", "p:2": "excluded_screening"}, ["A"])
    release(tmp_path, "v2", {"p:1": "previously_screened", "p:3": "included"}, ["B"], "v1", ["A", "B"])
    found = read_previous("v2", tmp_path)
    assert found and found.screened == {"p:1", "p:2", "p:3"}
    assert (found.studies, found.reports) == (("A", "B"), ("x:old", "p:3"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "records.csv").write_text("x"), r"records\.csv: this file .* was changed"),
        (lambda folder: (folder / "reports.csv").unlink(), r"reports\.csv: this file of a release is gone"),
        (lambda folder: (folder / "release.json").write_text("{"), r"release\.json: this file is damaged"),
        (lambda folder: (folder / "release.json").write_text("{}"), "not the list of a release"),
        (lambda folder: (folder / "release.json").unlink(), "there is no such release"),
    ],
)
def test_a_release_that_was_changed_is_refused(tmp_path: Path, spoil, words: str) -> None:
    spoil(release(tmp_path, "v1", {"p:1": "included"}, ["A"]))
    with pytest.raises(PrismakeError, match=words):
        read_previous("v1", tmp_path)


def test_what_was_screened_before_is_not_asked_again_and_cannot_be_reinstated(tmp_path: Path) -> None:
    rows = [("pm:1", 1990), ("em:1", 1990), ("pm:2", 1990), ("pm:3", 2020)]
    frame = pl.DataFrame(rows, schema=["record_id", "year"], orient="row")
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in frame.columns]
    frame = frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    write_parquet(tmp_path / "all.parquet", frame)
    clusters = [["pm:1", "pm:1"], ["em:1", "pm:1"], ["pm:2", "pm:2"], ["pm:3", "pm:3"]]
    (tmp_path / "clusters.csv").write_text(csv_text(["record_id", "cluster_id"], clusters))
    settings = {"years": {"from": 2000}, "reinstate": ["pm:1"]}
    out = tmp_path / "filters.csv"
    filter_reports(
        settings, tmp_path / "all.parquet", tmp_path / "clusters.csv", out, tmp_path / "unused.csv", previous({"em:1"})
    )
    assert out.read_text() == "report_id,filter,value\npm:1,previously_screened,v1\npm:2,years,1990\n"
    unique = pl.DataFrame({"report_id": ["pm:1", "pm:2", "pm:3"]}, schema={"report_id": pl.String})
    missing = [pl.lit(None, dtype=kind).alias(n) for n, kind in REPORT_SCHEMA.items() if n != "report_id"]
    unique.with_columns(missing).select(list(REPORT_SCHEMA)).write_parquet(tmp_path / "unique.parquet")
    assert screenable(tmp_path / "unique.parquet", out) == ["pm:3"]


def test_typed_counts_of_an_update_are_drawn_with_all_columns(tmp_path: Path) -> None:
    flow = check_flow({"boxes": COUNTS})
    assert flow["template"] == "updated"
    layout = lay_out(flow)
    boxes = {box.name: box for box in layout.boxes}
    text = " ".join(line.text for box in layout.boxes for line in box.lines)
    for words in ("Previous studies", "Identification of new studies", "New studies included in review (n = 3)"):
        assert words in text
    assert boxes["previous"].right < boxes["identified"].x and boxes["included"].bottom < boxes["total"].y
    ends = {(arrow.start, arrow.end) for arrow in layout.arrows}
    assert {("previous", "total"), ("included", "total"), ("assessed", "included")} <= ends
    (tip,) = (arrow.points[-1] for arrow in layout.arrows if arrow.start == "previous")
    assert tip[0] == boxes["total"].x
    assert "Identification, previous version of the review. Studies included" in layout.description
    assert draw(flow, tmp_path, {"csv", "html"}) == []
    again = read_flow(tmp_path / "flow.csv")
    assert again["template"] == "updated"
    assert {name: again["boxes"][name]["n"] for name in COUNTS} == COUNTS
    csv = (tmp_path / "flow.csv").read_text(encoding="utf-8")
    assert (
        "Identification of new studies via databases and registers" in csv and "New studies included in review" in csv
    )
    assert 'href="#total_reports"' not in (tmp_path / "flow.html").read_text(encoding="utf-8")  # no ids, no list


def test_no_box_of_an_update_overlaps_another_and_all_stay_on_the_page() -> None:
    other = {"citations_results": 9, "other_removed": 3, "other_sought_reports": 6, "other_assessed": 6}
    flow = check_flow({"boxes": COUNTS | other | {"other_excluded": 6}})
    layout = lay_out(flow)
    boxes = [box for box in layout.boxes if box.kind != "draft"]
    for position, one in enumerate(boxes):
        assert one.x >= 0 and one.right <= layout.width and one.bottom <= layout.height
        assert all(line.x + line.width <= one.right for line in one.lines if one.kind != "stage"), one.name
        for two in boxes[position + 1 :]:
            apart = one.right <= two.x or two.right <= one.x or one.bottom <= two.y or two.bottom <= one.y
            assert apart, (one.name, two.name)


def test_an_update_says_where_its_totals_do_not_add_up() -> None:
    flow = check_flow({"boxes": COUNTS | {"total_studies": 14}})
    (broken,) = (equation for equation in flow["equations"] if not equation["holds"])
    assert broken["id"] == "H12" and "previous_studies 12 + new_studies 3 = 15: 1 too few" in broken["detail"]
