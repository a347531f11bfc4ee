"""Reading what the stages left: files may be empty, hold a header only, or be missing."""

import pytest
from report_fixture import loaded, write_review

from prismake.errors import PrismakeError
from prismake.report.load import CITED, load, read_config, read_form
from prismake.report.tables import read_table


@pytest.mark.parametrize("content", [None, "", "report_id,state\n"])
def test_a_table_without_rows_has_its_columns(tmp_path, content):
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_text(content)
    table = read_table(path, ["report_id", "state", "reason"])
    assert table.is_empty()
    assert set(table.columns) == {"report_id", "state", "reason"}


def test_cells_stay_text_and_empty_ones_are_empty_texts(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('report_id,n,note\na,007,\nb,1e5,"two\nlines, and a comma"\n')
    assert read_table(path, []).to_dicts() == [
        {"report_id": "a", "n": "007", "note": ""},
        {"report_id": "b", "n": "1e5", "note": "two\nlines, and a comma"},
    ]


def test_a_damaged_file_is_named_with_a_remedy(tmp_path):
    config, results = write_review(tmp_path)
    (results / "prisma/flow.json").write_text("{")
    with pytest.raises(PrismakeError, match=r"prisma/flow.json: this file is damaged. Delete it"):
        load(read_config(config)[0], results)


def test_only_reports_that_are_named_are_kept_with_their_details():
    review = loaded()
    assert review.reports.height == 64
    assert len(review.cited) == 14 + 8 + 2 + 1 + 1
    assert [row["state"] for row in review.cited] == sorted((r["state"] for r in review.cited), key=CITED.index)
    first = review.cited[0]
    assert (first["volume"], first["pages"], first["authors"][0]) == ("1", "100-109", "Adler, Nora Jane")


def test_nothing_at_all_is_a_review_without_rows(tmp_path):
    config, _ = write_review(tmp_path)
    review = load(read_config(config)[0], tmp_path / "nowhere")
    assert (
        review.flow == {}
        and review.cited == []
        and not any(review.levels.values())
        and review.n("records_screened") == 0
    )


def test_levels_come_in_the_order_of_the_form():
    assert list(loaded().levels) == ["study", "claim"]


def test_other_tables_of_extraction_are_no_levels(tmp_path):
    config, results = write_review(tmp_path)
    waiting = "stage,person,what,count,file\nextraction,ana,more in later rounds,3,\n"
    (results / "extraction/waiting.csv").write_text(waiting)
    review = load(read_config(config)[0], results)
    assert list(review.levels) == ["study", "claim"]
    assert review.waiting[-1]["what"] == "more in later rounds"


def test_without_a_form_of_its_own_the_review_uses_the_packaged_one():
    form = read_form("")
    assert form.levels[0] == "study" and form.statements["claim"] == "statement"
    assert form.labels["study", "design"] == "Study design" and form.missing["NR"] == "not reported"


def test_pairs_and_complete_studies_are_counted(tmp_path):
    config, results = write_review(tmp_path, "half")
    rows = "a,b,merge,1,same doi\na,c,merge,0.5,title; VERDICT same (ana)\nd,e,review,0.5,title; VERDICT same\n"
    (results / "records/pairs.csv").write_text(f"record_id_1,record_id_2,band,score,reasons\n{rows}")
    review = load(read_config(config)[0], results)
    assert review.pairs == {"uncertain": 1, "judged": 1}
    assert len(review.complete) == 2
    (results / "extraction/forms/outcomes.csv").unlink()
    assert load(read_config(config)[0], results).complete == set()


def test_what_a_row_says_is_its_first_text_besides_the_key():
    assert loaded().form.statements == {"study": "model", "claim": "claim"}
