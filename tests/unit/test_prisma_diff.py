"""`prismake diff`: which numbers changed, which records, reports and studies moved, and what cannot be read."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prisma_fixture import REASONS, SOURCES, Review, reviews
from report_fixture import write_review
from test_release import review as make_review

from prismake.cli import main
from prismake.errors import PrismakeError
from prismake.prisma.boxes import build_flow
from prismake.prisma.diff import NOWHERE, WENT_ON, Change, as_csv, compare, describe, find_flow
from prismake.prisma.flow_file import check_flow
from prismake.release import make_release


def flow_of(review: Review) -> dict[str, Any]:
    return build_flow(review.ledger(), review.sources, title="", reasons=REASONS)


def moved(old: Review, new: Review) -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {(move.unit, move.old, move.new): move.ids for move in compare(flow_of(old), flow_of(new)).moves}


def test_a_decision_moves_a_report_from_box_to_box() -> None:
    old, new = (Review([("pubmed:1", None), ("pubmed:2", None), ("experts:3", None)]) for _ in "ab")
    new.decide("pubmed:1", "included", "retrieved", "excluded", REASONS[0])
    new.decide("pubmed:2", "included", "retrieved", "included")
    new.decide("experts:3", "excluded")
    assert moved(old, new) == {
        ("record", WENT_ON, "Records removed before retrieval (other methods): Excluded on title and abstract"): (
            "experts:3",
        ),
        ("report", "Records not yet screened", f"Reports excluded: {REASONS[0]}"): ("pubmed:1",),
        ("report", "Records not yet screened", "Reports of included studies"): ("pubmed:2",),
        (
            "report",
            "Records not yet screened (other methods)",
            "Records removed before retrieval (other methods): Excluded on title and abstract",
        ): ("experts:3",),
        ("study", NOWHERE, "Studies included in review"): ("report:pubmed:2",),
    }


def test_new_records_and_a_report_that_became_a_duplicate() -> None:
    old = Review([("embase:9", "2026-01-01")])
    new = Review([("embase:9", "2026-01-01"), ("pubmed:1", "2025-01-01")], clusters={"embase:9": "pubmed:1"})
    found = moved(old, new)
    duplicate = "Duplicate records removed: Duplicates"
    assert found[("record", WENT_ON, duplicate)] == ("embase:9@2026-01-01",)
    assert found[("record", NOWHERE, WENT_ON)] == ("pubmed:1@2025-01-01",)
    assert found[("report", "Records not yet screened", duplicate)] == ("embase:9",)
    assert found[("report", NOWHERE, "Records not yet screened")] == ("pubmed:1",)


@settings(max_examples=30)
@given(reviews(), st.integers(0, 5))
def test_a_flow_is_equal_to_itself_and_what_left_comes_back(review: Review, left: int) -> None:
    flow = flow_of(review)
    assert compare(flow, flow).counts == compare(flow, flow).moves == []
    other = flow_of(Review(review.records[left:], review.sources))
    there, back = compare(flow, other), compare(other, flow)
    assert [(c.box, c.line, c.old, c.new) for c in there.counts if not c.line] == [
        (c.box, c.line, c.new, c.old) for c in back.counts if not c.line
    ]
    assert {(m.unit, m.old, m.new, frozenset(m.ids)) for m in there.moves} == {
        (m.unit, m.new, m.old, frozenset(m.ids)) for m in back.moves
    }


def test_numbers_alone_are_compared_and_that_is_said() -> None:
    old = check_flow({"boxes": {"records_screened": 1000, "dbr_excluded": {"items": [{"label": "A", "n": 3}]}}})
    new = check_flow({"boxes": {"records_screened": 1250, "duplicates": 0, "dbr_excluded": 3}})
    difference = compare(old, new)
    assert difference.counts == [
        Change("duplicates", "", None, 0),
        Change("records_screened", "", 1000, 1250),
        Change("dbr_excluded", "A", 3, None),
    ]
    text = describe(difference, "old | one", "new")
    assert "# From old \\| one to new" in text
    assert "- Records screened: 250 more, 1,000 before and 1,250 now." in text
    assert "- Duplicate records removed: now 0; there was no such box." in text
    assert "| Reports excluded: A | 3 |  | -3 |" in text
    assert "one of the two has numbers alone" in text
    assert "Nothing changed." in describe(compare(old, old), "a", "b")


def test_lines_can_change_in_a_box_whose_number_does_not() -> None:
    old, new = (
        check_flow({"boxes": {"dbr_excluded": {"items": [{"label": "A", "n": n}, {"label": "B", "n": 4 - n}]}}})
        for n in (3, 1)
    )
    text = describe(compare(old, new), "a", "b")
    assert "The number of no box changed; lines within boxes did." in text
    assert "| Reports excluded: A | 3 | 1 | -2 |" in text


def test_the_table_has_a_row_for_every_number_and_every_id() -> None:
    old, new = (Review([(f"pubmed:{i}", None) for i in range(15)], SOURCES) for _ in "ab")
    for i in range(14):
        new.decide(f"pubmed:{i}", "excluded")
    difference = compare(flow_of(old), flow_of(new))
    rows = list(csv.DictReader(io.StringIO(as_csv(difference))))
    boxes = {row["name"]: row["difference"] for row in rows if row["what"] == "box"}
    assert boxes["Records excluded"] == "14" and boxes["Records not yet screened"] == "-14"
    assert [row["name"] for row in rows if row["what"] == "report"] == [f"pubmed:{i}" for i in range(14)]
    assert "pubmed:9 and 4 more |" in describe(difference, "a", "b")


def test_releases_folders_and_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_review(tmp_path / "review", "half")
    release = make_release(folder, "v1", draft=True)
    _, later = write_review(tmp_path / "later", "finished")
    out = tmp_path / "changes.csv"
    arguments = ["diff", "v1", str(later / "prisma"), "--review", str(folder), "--out", str(out)]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "- Records not yet screened: was 29; there is no such box any more." in text
    assert "| reports | Records not yet screened | Records excluded: Excluded by people |" in text
    assert out.read_text(encoding="utf-8").startswith("what,name,old,new,difference\nbox,")
    assert main(["diff", str(release), str(release / "flow.json")]) == 0
    assert "Nothing changed." in capsys.readouterr().out
    (release / "flow.json").write_text(json.dumps({"boxes": {"duplicates": 1}}), encoding="utf-8")
    with pytest.raises(PrismakeError, match="was changed since the release was made"):
        find_flow("v1", folder)


def test_paths_are_of_the_review_and_not_of_where_the_command_is_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, here = write_review(tmp_path / "here", "zero")
    _, elsewhere = write_review(tmp_path / "elsewhere", "finished")
    monkeypatch.chdir(here.parent)
    arguments = ["diff", "results/prisma", str(elsewhere / "prisma"), "--review"]
    assert main([*arguments, str(elsewhere.parent)]) == 0
    assert "Nothing changed." in capsys.readouterr().out
    (elsewhere / "prisma").rename(elsewhere / "taken away")
    assert main([*arguments, str(elsewhere.parent)]) == 1
    assert "results/prisma: no release, folder or file has this name" in capsys.readouterr().err


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = tmp_path / "counts.yaml"
    counts.write_text("screened: 5\n", encoding="utf-8")
    for name, words in (("v9", "no release, folder or file"), (str(tmp_path), "there is no flow.json in this folder")):
        assert main(["diff", str(counts), name, "--review", str(tmp_path)]) == 1
        assert words in capsys.readouterr().err
    assert main(["diff", str(counts), str(counts), "--out", str(counts)]) == 1
    assert "would be overwritten" in capsys.readouterr().err
    assert counts.read_text(encoding="utf-8") == "screened: 5\n"


def test_the_sum_of_the_databases_is_told_once() -> None:
    old, new = ({"database_specific_results": {"items": [{"label": "PubMed", "n": n}]}} for n in (1, 2))
    flows = [check_flow({"boxes": {**boxes, "database_results": n}}) for n, boxes in ((1, old), (2, new))]
    assert [change.name for change in compare(*flows).counts] == ["Databases", "Databases: PubMed"]
