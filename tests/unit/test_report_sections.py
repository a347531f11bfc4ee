"""The tables of the report: their numbers agree with the ledger."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_fixture import REASONS, loaded, with_config

from prismake.report import sections
from prismake.report.build import render
from prismake.report.evidence import NONE, characteristics, map_evidence
from prismake.report.methods import abstract_results
from prismake.report.status import assess


def test_what_each_source_gave():
    rows, total = sections.source_table(loaded())
    pubmed, embase = rows[0], rows[1]
    assert pubmed == {
        "name": "PubMed (E-utilities)",
        "kind": "database",
        "found": 60,
        "duplicates": 5,  # found again
        "filtered": 2,
        "unique": 35,
        "included": 11,
        "alone": 7,
    }
    assert (embase["found"], embase["duplicates"], embase["unique"]) == (20, 20, 0)
    assert total["found"] == loaded().records.height == 89
    assert total["included"] == 14


def test_a_source_that_found_nothing_has_a_row():
    rows, total = sections.source_table(loaded("zero"))
    assert [row["found"] for row in rows] == [0] * 5 and total["found"] == 0


_RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["pubmed", "embase", "ctgov"]),
        st.integers(0, 9),
        st.sampled_from(["", "duplicate", "re-found", "other"]),
    ),
    max_size=40,
)


@given(_RECORDS, st.sets(st.integers(0, 9)))
def test_the_sources_add_up_for_any_ledger(records, included):
    schema = ["record_id", "run_date", "source_id", "kind", "report_id", "removed"]
    rows = [(str(i), "", source, "database", f"r{report}", why) for i, (source, report, why) in enumerate(records)]
    kept = [(f"r{i}", "included") for i in sorted(included & {report for _, report, _ in records})]
    review = replace(
        loaded(),
        records=pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String), orient="row"),
        reports=pl.DataFrame(kept, schema=dict.fromkeys(["report_id", "state"], pl.String), orient="row"),
    )
    table, total = sections.source_table(review)
    assert total["found"] == len(records)
    assert total["duplicates"] + total["filtered"] == sum(1 for _, _, why in records if why)
    assert total["included"] == len(kept) <= sum(row["included"] for row in table)
    assert all(row["alone"] <= row["included"] and row["alone"] <= row["unique"] for row in table)


def test_references_are_numbered_through_in_their_states():
    references = sections.list_references(loaded())
    numbers = [reference.number for listed in references.values() for reference in listed]
    assert numbers == list(range(1, 27))
    assert [len(listed) for listed in references.values()] == [14, 8, 2, 1, 1]


def test_excluded_reports_stand_under_their_reason_in_the_order_of_the_config():
    review = loaded()
    table = sections.excluded_table(review, sections.list_references(review)["excluded_eligibility"])
    assert [(reason, len(found)) for reason, found in table] == list(zip(REASONS, [2, 3, 3], strict=True))


def test_a_reason_that_the_config_no_longer_has_is_kept():
    review = with_config(loaded(), "screening", "reasons", value=["Wrong population"])
    table = sections.excluded_table(review, sections.list_references(review)["excluded_eligibility"])
    assert [reason for reason, _ in table] == ["Wrong population", "No original data", "Wrong intervention"]


def test_every_number_of_the_flow_is_in_its_table():
    for kind in ("finished", "half", "zero"):
        review = loaded(kind)
        rows = [row for _, part in sections.flow_table(review) for row in part if not row["item"]]
        hidden = {"database_specific_results", "register_specific_results"}
        assert {row["key"]: row["n"] for row in rows} == {
            name: box["n"] for name, box in review.flow["boxes"].items() if name not in hidden
        }
        assert not any(heading == "Further numbers" for heading, _ in sections.flow_table(review))


def test_a_box_of_an_unknown_name_is_shown_at_the_end():
    review = loaded()
    boxes = review.flow["boxes"] | {"quality": {"label": "Appraised", "unit": "study", "n": 3}}
    heading, rows = sections.flow_table(replace(review, flow=review.flow | {"boxes": boxes}))[-1]
    assert (heading, rows[0]["label"], rows[0]["n"]) == ("Further numbers", "Appraised", 3)


def test_studies_and_reports_are_many_to_many():
    review = loaded()
    studies = sections.studies_table(review, sections.by_report(sections.list_references(review)))
    assert [reference.row["report_id"] for reference in studies["Adler 2012"]["references"]] == [
        "pubmed:0000",
        "pubmed:0001",
    ]
    assert studies["Costa 2014a"]["references"] == studies["Costa 2014b"]["references"]
    assert len({study["anchor"] for study in studies.values()}) == 14


def test_a_report_without_a_study_goes_by_its_own_name():
    review = replace(loaded(), report_study=[{"report_id": "pubmed:0003", "study_id": "report:pubmed:0003"}])
    studies = sections.studies_table(review, sections.by_report(sections.list_references(review)))
    assert studies["report:pubmed:0003"]["name"] == "Dietz 2015"


def test_characteristics_are_the_columns_that_the_config_names():
    headings, table = characteristics(loaded("half"))
    assert headings == ["Design", "Disease model", "Animals or participants", "Theme"]
    assert dict(table)["Costa 2014a"] == ["early trial", "acute kidney injury", "13", "clinical translation; targeting"]
    assert dict(table)["Dietz 2015"] == []  # not extracted yet


def test_characteristics_are_the_first_fields_of_the_study_level_otherwise():
    review = with_config(loaded(), "report", "characteristics", value=[])
    assert characteristics(review)[0] == ["Design", "Disease model", "Animals or participants"]


def test_the_first_level_of_the_form_need_not_be_called_study():
    review = with_config(loaded(), "report", "characteristics", value=[])
    form = replace(review.form, levels=["trial"], labels={("trial", "design"): "Design"})
    levels = {"trial": [{"study_id": "Adler 2012", "design": "early trial"}]}
    headings, table = characteristics(replace(review, form=form, levels=levels))
    assert headings == ["Design"] and dict(table)["Adler 2012"] == ["early trial"]


def test_names_with_a_particle_stand_at_their_letter():
    names = ["Zeta 2020", "de Groot-Visser 2021", "Ekman 2019"]
    links = [{"report_id": f"pubmed:000{i}", "study_id": name} for i, name in enumerate(names)]
    review = replace(loaded(), report_study=links, studies=links)
    wanted = ["de Groot-Visser 2021", "Ekman 2019", "Zeta 2020"]
    assert [study for study, _ in characteristics(review)[1]] == wanted
    table = sections.studies_table(review, sections.by_report(sections.list_references(review)))
    assert list(table) == wanted


def test_a_missing_code_is_shown_in_words():
    review = loaded()
    studies = [{**row, "model": "NR"} for row in review.levels["study"]]
    _, table = characteristics(replace(review, levels=review.levels | {"study": studies}))
    assert {cells[1] for _, cells in table} == {"not reported"}


def test_every_claim_is_in_the_map_once():
    found = map_evidence(loaded())
    assert sum(cell.claims for cell in found.cells.values()) == found.claims == 27
    assert found.themes == ["components", "functional mechanism", "targeting", "clinical translation"]  # form's order
    assert found.directions == ["benefit", "no difference", "mixed"]
    assert found.kinds["components"] == ["in vitro only", "animal experiment", "early trial"]


def test_a_claim_on_two_themes_is_in_both_cells_and_a_blank_is_not_lost():
    claims = [
        {"study_id": "Adler 2012", "theme": "targeting; components", "direction": "benefit", "claim": "It works."},
        {"study_id": "Nobody 1999", "theme": "", "direction": "NR", "claim": ""},
    ]
    review = loaded()
    found = map_evidence(replace(review, levels=review.levels | {"claim": claims}))
    assert found.cells["targeting", "animal experiment", "benefit"].studies == {"Adler 2012": ["It works."]}
    assert found.cells["components", "animal experiment", "benefit"].claims == 1
    assert found.cells[NONE, NONE, "not reported"].studies == {"Nobody 1999": [""]}
    assert (found.claims, found.themes) == (2, ["components", "targeting", NONE])


@pytest.mark.parametrize("kind", ["finished", "half", "zero"])
def test_headline_numbers_are_those_of_the_flow_the_status_and_the_abstract(kind):
    review = loaded(kind)
    numbers = [n for n, _ in sections.headline(review)]
    steps = {step.name: step.total for step in assess(review).steps}
    assert numbers == [
        review.records.height,
        steps["Title and abstract"],
        steps["Full text"],
        review.n("new_reports"),
        review.n("new_studies"),
    ]
    elsewhere = 4 if kind != "zero" else 0  # records of the other methods, which have no box for screening
    assert numbers[1:3] == [review.n("records_screened") + elsewhere, review.n("dbr_assessed", "other_assessed")]
    for number in numbers[1:]:
        assert f"{number} " in abstract_results(review)


def test_a_later_search_tells_what_it_added():
    pubmed = sections.strategies(loaded())[0]
    assert [run["again"] for run in pubmed["runs"]] == [None, 5]


def test_what_a_live_search_met_is_told():
    review = loaded()
    source = review.searches[0]
    met = {"warnings": ["PhraseIgnored: of"], "missing": ["90000007"], "in_earlier_window": 2}
    runs = [{**run, "searches": [{**search, **met} for search in run["searches"]]} for run in source["runs"]]
    page = render(replace(review, searches=[{**source, "runs": runs}, *review.searches[1:]]), "0", "<svg></svg>")
    assert "1 was not returned when asked for again (90000007)" in page
    assert "What the source said of the strategy: PhraseIgnored: of." in page
    assert "2 were in a window before this one" in page
