"""Notices on included reports and full texts without outcome, in the status and in the report."""

from dataclasses import replace

import polars as pl
from report_fixture import loaded, write_review

from prismake.prisma.box_table import OF_EARLIER_STUDIES
from prismake.publish import write_csv
from prismake.report.build import render
from prismake.report.load import Review, load, read_config
from prismake.report.look_again import look_again
from prismake.report.status import assess, render_text

HALF = loaded("half")


def with_notices(*notices: tuple[str, str], review: Review = HALF) -> Review:
    rows = [{"report_id": report, "notice": notice, "detail": "pubmed:9: Notice <b>"} for report, notice in notices]
    return replace(review, notices=rows)


def test_nothing_to_look_at_again_is_not_mentioned():
    assert look_again(HALF) == []
    assert "LOOK AGAIN" not in render_text(assess(HALF))


def test_an_included_report_that_was_retracted_is_a_warning():
    included = next(row["report_id"] for row in HALF.cited if row["state"] == "included")
    review = with_notices((included, "corrected"), (included, "retracted"), ("pubmed:0008", "retracted"))
    text = render_text(assess(review))
    assert f"  {included}: retracted (pubmed:9: Notice <b>)" in text
    assert "corrected" not in text and "pubmed:0008: retracted" not in text
    page = render(review, "0" * 12, "<svg/>")
    assert page.index("<td>Retracted</td><td>pubmed:9: Notice &lt;b&gt;</td>") < page.index("<td>Corrected</td>")
    assert "put in doubt, as far as the records say so" not in render(HALF, "0" * 12, "<svg/>")


def test_full_texts_are_held_against_the_retrieval_sheet():
    files = [
        ("pubmed:0004", "a.pdf", ""),
        ("pubmed:0007", "b.pdf", ""),
        ("pubmed:0000", "c.pdf", ""),
        ("", "d.pdf", "No"),
    ]
    review = replace(HALF, full_texts=[dict(zip(("report_id", "file", "problem"), row, strict=True)) for row in files])
    assert [lines for _, lines in look_again(review)] == [["pubmed:0004: a.pdf"], ["pubmed:0007: b.pdf"], ["d.pdf: No"]]


def test_a_form_that_lost_its_check_is_told_and_makes_no_draft():
    review = replace(HALF, unchecked=["ana/title_abstract.ana.01.csv"])
    assert "rows torn apart by a sort cannot be told\n  ana/title_abstract.ana.01.csv" in render_text(assess(review))
    assert assess(review).draft == assess(HALF).draft


def test_filters_that_fit_nothing_are_told():
    review = replace(HALF, unused_filters=[{"setting": "languages", "value": "Englisch"}])
    assert look_again(review) == [
        (
            "Filters that fit no record (perhaps misspelt): correct them in screening.filters",
            ["languages: Englisch"],
        )
    ]


def test_decisions_on_full_texts_that_did_not_come_so_far_are_told():
    said = pl.DataFrame({"report_id": ["pubmed:0007", "pubmed:0000", "pubmed:9999", "pubmed:0007"], "person": "ana"})
    review = replace(HALF, votes={**HALF.votes, "full_text": said})
    assert [lines for _, lines in look_again(review)] == [["pubmed:0007"], ["pubmed:9999"]]


def test_decisions_of_an_earlier_version_of_the_review_are_not_looked_at_again():
    said = pl.DataFrame({"report_id": ["pubmed:9999", "pubmed:9998"], "person": "ana"})
    row = {"report_id": "pubmed:9999", "state": "previously_screened"}
    reports = pl.concat([HALF.reports, pl.DataFrame([row])], how="diagonal")
    review = replace(HALF, votes={**HALF.votes, "full_text": said}, reports=reports)
    assert [lines for _, lines in look_again(review)] == [["pubmed:9998"]]


def test_an_adjudication_of_one_record_does_not_hide_what_people_said_of_one_merged_with_it(tmp_path):
    config, results = write_review(tmp_path)
    votes = [
        ("title_abstract", "s:1", "s:1", "ana", "include"),
        ("title_abstract", "s:1", "s:1", "ben", "include"),
        ("title_abstract", "s:2", "s:1", "ben", "include"),
        ("title_abstract_conflicts", "s:2", "s:1", "cleo", "exclude"),
        ("title_abstract", "s:3", "s:3", "ana", "include"),
        ("title_abstract", "s:3", "s:3", "ben", "exclude"),
        ("title_abstract_conflicts", "s:4", "s:3", "cleo", "exclude"),
        ("title_abstract", "s:5", "s:5", "ana", "include"),
        ("title_abstract_conflicts", "s:6", "s:5", "cleo", "exclude"),
        ("title_abstract_conflicts", "s:7", "s:5", "cleo", "exclude"),
        ("title_abstract", "s:8", "", "ana", "include"),  # these two rest, and are of different reports
        ("title_abstract_conflicts", "s:9", "", "cleo", "exclude"),
    ]
    columns = ["stage", "record_id", "report_id", "person", "decision"]
    write_csv(results / "screening/title_abstract/votes.csv", columns, votes)
    ((what, lines),) = look_again(load(read_config(config)[0], results))
    assert "decide again" in what
    assert lines == [
        "s:1: s:1: ana: include; ben: include; adjudicated on s:2",
        "s:5: s:5: ana: include; adjudicated on s:6",
    ]


def test_a_report_that_awaits_classification_is_marked_among_those_not_retrieved():
    row = {"report_id": "pubmed:0007", "awaiting": "1", "tried": "", "date": "", "note": "", "person": "ana"}
    page = render(replace(HALF, retrieval={"pubmed:0007": row}), "0" * 12, "<svg/>")
    assert "<td>Awaiting classification. </td>" in page


def test_a_new_report_of_a_study_extracted_before_is_told():
    ids = ["pubmed:0030", "pubmed:0031"]
    lines = [{"label": name, "n": 1, "ids": [i]} for name, i in zip(("New", OF_EARLIER_STUDIES), ids, strict=True)]
    new = {"label": "Reports", "unit": "report", "n": 2, "ids": ids, "items": lines}
    review = replace(HALF, flow={**HALF.flow, "boxes": {**HALF.flow["boxes"], "new_reports": new}})
    assert [shown for _, shown in look_again(review)] == [["pubmed:0031"]]
