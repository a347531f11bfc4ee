"""The PRISMA ledger and its boxes: every record and report in one place, every number the length of a list."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from prisma_fixture import REASONS, SOURCES, Review, expected_removals, expected_states, reviews

from prismake.errors import PrismakeError
from prismake.prisma.box_table import STOPPED
from prismake.prisma.boxes import build_flow
from prismake.prisma.ledger import ALREADY_FOUND, DATABASE_KINDS, NOT_SCREENED, STATES, Ledger, write_ledger
from prismake.publish import read_csv


def removals(ledger: Ledger) -> dict[str, tuple[str, str]]:
    rows = ledger.records.iter_rows(named=True)
    return {f"{row['record_id']}@{row['run_date']}": (row["removed"], row["detail"]) for row in rows}


def states(ledger: Ledger) -> dict[str, str]:
    return dict(ledger.reports.select("report_id", "state").iter_rows())


def flow_of(review: Review, draft: list[str] | None = None) -> dict[str, Any]:
    return build_flow(review.ledger(), review.sources, title="A review", reasons=REASONS, draft=draft or [])


def counts(review: Review) -> dict[str, int]:
    return {name: box["n"] for name, box in flow_of(review)["boxes"].items()}


def lines(box: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item["label"], item["n"]) for item in box["items"]]


def test_a_record_found_again_by_a_later_run_is_re_found() -> None:
    review = Review(
        [("pubmed:1", "2026-09-01"), ("pubmed:1", "2026-01-01"), ("embase:2", None), ("embase:2", "2026-01-01")]
    )
    assert removals(review.ledger()) == {
        "pubmed:1@2026-09-01": ("re-found", "first found by the run of 2026-01-01"),
        "pubmed:1@2026-01-01": ("", ""),
        "embase:2@": ("", ""),
        "embase:2@2026-01-01": ("re-found", "first found by an undated run"),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("embase:1", "2025-01-01"), ("pubmed:1", "2026-01-01")),  # the earlier run
        (("pubmed:9", "2026-01-01"), ("embase:1", "2026-01-01")),  # of the same day: the order of the sources
        (("pubmed:1", "2026-01-01"), ("pubmed:2", "2026-01-01")),  # of the same source: the id
    ],
)
def test_the_earliest_record_of_a_report_is_kept(one: tuple[str, str], other: tuple[str, str]) -> None:
    for records in ([one, other], [other, one]):
        ledger = Review(records, clusters={other[0]: one[0]}).ledger()
        assert removals(ledger)["@".join(one)] == ("", "")
        assert removals(ledger)["@".join(other)] == ("duplicate", f"kept: {one[0]}")


def test_a_record_of_the_other_column_never_counts_as_a_duplicate_of_box_3() -> None:
    review = Review(
        [("citations:7", "2020-01-01"), ("pubmed:1", "2026-01-01"), ("citations:8", None), ("experts:8", None)],
        clusters={"pubmed:1": "citations:7", "experts:8": "citations:8"},
    )
    ledger = review.ledger()
    assert removals(ledger)["citations:7@2020-01-01"] == ("duplicate", ALREADY_FOUND)
    assert removals(ledger)["pubmed:1@2026-01-01"] == ("", "")
    assert ledger.reports["column"].to_list() == ["databases", "other"]
    boxes = flow_of(review)["boxes"]
    assert boxes["duplicates"]["n"] == 0
    assert boxes["records_screened"]["ids"] == ["citations:7"]
    assert lines(boxes["other_removed"]) == [("Already found in databases or registers", 1), ("Duplicate records", 1)]
    assert boxes["other_removed"]["ids"] == ["citations:7@2020-01-01", "experts:8"]
    assert boxes["other_pending_screening"]["ids"] == ["citations:8"]


def test_filters_remove_the_kept_record_before_screening() -> None:
    review = Review(
        [("pubmed:1", None), ("embase:1", None), ("pubmed:2", None), ("pubmed:3", None), ("citations:4", None)],
        clusters={"embase:1": "pubmed:1"},
        filters=[
            ("pubmed:1", "publication_types"),
            ("pubmed:1", "years"),
            ("pubmed:2", "Own"),
            ("citations:4", "years"),
        ],
    )
    review.filters.append(("pubmed:3", "years"))
    review.decide("pubmed:1", "included", "retrieved", "included")
    ledger = review.ledger()
    assert removals(ledger)["pubmed:1@"] == ("ineligible_by_automation", "publication_types")
    assert removals(ledger)["embase:1@"] == ("duplicate", "kept: pubmed:1")
    row = ledger.reports.row(0, named=True)
    assert (row["state"], row["reason"], row["by"]) == ("removed_before_screening", "publication_types", "automation")
    boxes = flow_of(review)["boxes"]
    assert lines(boxes["excluded_automatic"]) == [("Year of publication", 1), ("Type of publication", 1), ("Own", 1)]
    assert boxes["records_screened"]["n"] == 0
    assert lines(boxes["other_removed"]) == [("Marked as ineligible by automation tools", 1)]


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ((), "pending_screening"),
        (("pending", "retrieved", "included"), "pending_screening"),
        (("conflict", "retrieved", "included"), "in_conflict"),
        (("excluded", "retrieved", "included"), "excluded_screening"),
        (("included",), "pending_retrieval"),
        (("included", "pending", "excluded"), "pending_retrieval"),
        (("included", "not_retrieved", "awaiting_classification"), "not_retrieved"),
        (("included", "retrieved"), "pending_eligibility"),
        (("included", "retrieved", "pending"), "pending_eligibility"),
        (("included", "retrieved", "conflict"), "pending_eligibility"),
        (("included", "retrieved", "excluded"), "excluded_eligibility"),
        (("included", "retrieved", "included"), "included"),
        (("included", "retrieved", "ongoing"), "ongoing"),
        (("included", "retrieved", "awaiting_classification"), "awaiting_classification"),
    ],
)
def test_a_report_is_at_the_first_step_it_has_not_passed(decisions: tuple[str, ...], state: str) -> None:
    for record_id in ("pubmed:1", "experts:1"):
        review = Review([(record_id, None)])
        if decisions:
            review.decide(record_id, *decisions)
        assert states(review.ledger()) == {record_id: state}


def test_who_excluded_a_report_and_why() -> None:
    review = Review([("pubmed:1", None), ("pubmed:2", None), ("pubmed:3", None)])
    review.decide("pubmed:1", "excluded")
    review.decide("pubmed:2", "included", "retrieved", "excluded", "Wrong population")
    review.decide("pubmed:3", "included", "retrieved", "included", "no reason here")
    tables = review.tables()
    tables["title_abstract"][0]["by"] = "automation"
    reports = review.ledger(title_abstract=tables["title_abstract"]).reports
    assert reports.select("reason", "by").rows() == [("", "automation"), ("Wrong population", "human"), ("", "")]
    flow = build_flow(review.ledger(title_abstract=tables["title_abstract"]), SOURCES, title="", reasons=[])
    assert lines(flow["boxes"]["records_excluded"]) == [("Excluded by automation", 1)]


def test_reasons_on_title_and_abstract_are_lines_of_the_records_excluded() -> None:
    review = Review([(f"pubmed:{i}", None) for i in range(1, 6)])
    for i in range(1, 6):
        review.decide(f"pubmed:{i}", "excluded")
    decided = review.tables()["title_abstract"]
    reasons = ["Absent", "Wrong population", "", "Wrong population", "Wrong population"]
    rows = [{**row, "reason": reason} for row, reason in zip(decided, reasons, strict=True)]
    rows[4]["by"] = "automation"
    ledger = review.ledger(title_abstract=rows)
    flow = build_flow(ledger, SOURCES, title="", reasons=["Wrong outcome", "Wrong population"])
    assert lines(flow["boxes"]["records_excluded"]) == [
        *[("Wrong population", 2), ("No reason given", 1), ("Absent", 1), ("Excluded by automation", 1)]
    ]
    assert all(equation["holds"] for equation in flow["equations"])


@pytest.mark.parametrize("written", ["No reason given", "Excluded by automation", STOPPED, NOT_SCREENED])
def test_a_reason_in_peoples_words_is_never_one_of_our_lines(written) -> None:
    review = Review([(f"pubmed:{i}", None) for i in range(1, 5)] + [("experts:5", None)])
    for name in ("pubmed:1", "pubmed:2", "pubmed:3", "pubmed:4", "experts:5"):
        review.decide(name, "excluded")
    decided = {row["report_id"]: row for row in review.tables()["title_abstract"]}
    reasons = {"pubmed:1": written, "pubmed:2": "", "pubmed:3": "Unlisted", "experts:5": written}
    rows = [{**row, "reason": reasons.get(name, "")} for name, row in decided.items()]
    rows[3]["by"] = "automation"
    flow = build_flow(review.ledger(title_abstract=rows), SOURCES, title="", reasons=[])
    told = [("No reason given", 2), ("Unlisted", 1), ("Excluded by automation", 1)]
    assert lines(flow["boxes"]["records_excluded"]) == told
    assert lines(flow["boxes"]["other_removed"]) == [("Excluded on title and abstract", 1)]


def test_what_a_stopping_rule_left_out_is_excluded_by_automation_on_a_line_of_its_own() -> None:
    names = ["pubmed:1", "pubmed:2", "pubmed:3", "experts:4"]
    review = Review([(name, None) for name in names])
    review.decide("pubmed:1", "excluded")
    review.decide("pubmed:2", "pending")
    ledger = review.ledger(unscreened=["pubmed:1", "pubmed:2", "experts:4"])  # pubmed:1 was decided all the same
    assert states(ledger) == dict.fromkeys(names, "excluded_screening") | {"pubmed:3": "pending_screening"}
    assert ledger.reports["by"].to_list() == ["human", "automation", "", "automation"]
    flow = build_flow(ledger, SOURCES, title="", reasons=[])
    stopped = ("Not screened: stopped by rule (automation)", 1)
    assert lines(flow["boxes"]["records_excluded"]) == [("Excluded by people", 1), stopped]
    assert lines(flow["boxes"]["other_removed"]) == [stopped]


def test_reports_and_studies_are_many_to_many() -> None:
    review = Review([(f"pubmed:{i}", None) for i in range(1, 6)])
    for i in range(1, 5):
        review.decide(f"pubmed:{i}", "included", "retrieved", "included")
    review.studies = [
        *[("pubmed:1", "B", "1"), ("pubmed:2", "B", "0"), ("pubmed:2", "A", "1"), ("pubmed:2", "A", "1")],
        *[("pubmed:3", "", "1"), ("pubmed:5", "Z", "1")],
    ]
    ledger = review.ledger()
    assert ledger.report_study.rows() == [
        *[("pubmed:1", "B"), ("pubmed:2", "B"), ("pubmed:2", "A")],
        *[("pubmed:3", "report:pubmed:3"), ("pubmed:4", "report:pubmed:4")],
    ]
    assert (ledger.provisional, ledger.unchecked) == (["pubmed:3", "pubmed:4"], ["pubmed:2"])
    flow = flow_of(review, draft=["The strategy was edited"])
    assert flow["boxes"]["new_studies"]["ids"] == ["B", "A", "report:pubmed:3", "report:pubmed:4"]
    assert flow["draft"] == [
        "Records not yet screened: 1",
        "Included reports without a study, each counted as its own: 2",
        "Included reports whose study nobody has checked: 1",
        "The strategy was edited",
    ]


def test_more_studies_than_reports_is_a_warning() -> None:
    review = Review([("pubmed:1", None)], studies=[("pubmed:1", "A", "1"), ("pubmed:1", "B", "1")])
    review.decide("pubmed:1", "included", "retrieved", "included")
    flow = flow_of(review)
    assert [(e["id"], e["kind"]) for e in flow["equations"] if not e["holds"]] == [("H10", "soft")]
    assert flow["draft"] == []


def test_lines_of_sources_and_reasons_are_in_the_order_of_the_config() -> None:
    review = Review(
        [("embase:1", "2026-01-01"), ("embase:1", "2026-02-01"), *[(f"embase:{i}", None) for i in range(2, 7)]]
    )
    reasons = ["Unlisted", "", "Wrong outcome, or none; unclear", "Wrong population", "Wrong population", "Absent"]
    for i, reason in enumerate(reasons, start=1):
        review.decide(f"embase:{i}", "included", "retrieved", "excluded", reason)
    boxes = flow_of(review)["boxes"]
    assert lines(boxes["database_specific_results"]) == [("PubMed", 0), ("Embase", 7)]
    assert lines(boxes["dbr_excluded"]) == [
        *[("Wrong population", 2), ("Wrong outcome, or none; unclear", 1)],
        *[("No reason given", 1), ("Absent", 1), ("Unlisted", 1)],
    ]
    assert lines(boxes["duplicates"]) == [("Found again by a later search of the same source", 1)]
    assert boxes["duplicates"]["ids"] == ["embase:1@2026-02-01"]


def test_a_review_without_records() -> None:
    assert counts(Review()) == {
        **dict.fromkeys(["database_results", "database_specific_results", "register_results"], 0),
        **dict.fromkeys(["register_specific_results", "citations_results", "contact_results", "duplicates"], 0),
        **dict.fromkeys(["excluded_automatic", "excluded_other", "records_screened", "records_excluded"], 0),
        **dict.fromkeys(["dbr_sought_reports", "dbr_notretrieved_reports", "dbr_assessed", "dbr_excluded"], 0),
        **dict.fromkeys(["other_removed", "other_sought_reports", "other_notretrieved_reports"], 0),
        **dict.fromkeys(["other_assessed", "other_excluded", "new_studies", "new_reports"], 0),
    }


@pytest.mark.parametrize(("source", "own"), [(SOURCES[0], "database_results"), (SOURCES[3], "citations_results")])
def test_a_review_with_a_single_source(source: dict[str, str], own: str) -> None:
    review = Review([(f"{source['id']}:1", "2026-01-01")], sources=[source])
    review.decide(f"{source['id']}:1", "included", "retrieved", "included")
    found = counts(review)
    assert found[own] == found["new_reports"] == found["new_studies"] == 1
    assert ("other_sought_reports" in found) == (source["kind"] not in DATABASE_KINDS)
    assert "register_specific_results" not in found


def test_each_record_names_its_source_as_the_diagram_does() -> None:
    ledger = Review([("trials:1", None), ("pubmed:1", None)]).ledger()
    assert ledger.records["source"].to_list() == ["A trials register", "PubMed"]


def test_records_screened_in_an_earlier_version_are_removed_for_other_reasons() -> None:
    ledger = Review([("pubmed:1", None), ("pubmed:2", None)]).ledger()
    removed = pl.Series("removed", ["previously screened", "other"])
    ledger = Ledger(
        ledger.records.with_columns(removed, pl.Series("detail", ["", "Retracted"])),
        ledger.reports.with_columns(pl.Series("state", ["previously_screened", "removed_before_screening"])),
        ledger.report_study,
    )
    boxes = build_flow(ledger, SOURCES, title="", reasons=[])["boxes"]
    assert lines(boxes["excluded_other"]) == [("Retracted", 1), ("Screened in an earlier version of this review", 1)]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title_abstract": [{"report_id": "pubmed:9", "state": "included", "by": ""}]}, "unknown reports.*pubmed:9"),
        ({"title_abstract": [{"report_id": "pubmed:1", "state": "maybe", "by": ""}]}, "unknown state.*pubmed:1"),
        ({"title_abstract": [{"report_id": "pubmed:1", "state": "included", "by": ""}] * 2}, "hold twice: pubmed:1"),
        ({"retrieval": [{"report_id": "pubmed:1"}]}, "lack the column outcome"),
        ({"clusters": [{"record_id": "pubmed:1", "cluster_id": "pubmed:1"}]}, "without a cluster: pubmed:2"),
        ({"clusters": [{"record_id": f"pubmed:{i}", "cluster_id": "x"} for i in (1, 2)]}, "without a merged record: x"),
        ({"clusters": [{"record_id": f"pubmed:{i}", "cluster_id": "pubmed:1"} for i in (1, 2)]}, "record: pubmed:2"),
        ({"clusters": [{"record_id": "pubmed:1", "cluster_id": "pubmed:1"}] * 2}, "in two clusters: pubmed:1"),
        ({"sources": SOURCES[1:]}, "sources that the config lacks: pubmed"),
    ],
)
def test_tables_that_do_not_belong_together_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(PrismakeError, match=words):
        Review([("pubmed:1", None), ("pubmed:2", None)]).ledger(**changed)


def test_one_run_cannot_deliver_the_same_id_twice() -> None:
    with pytest.raises(PrismakeError, match="twice under the same id: pubmed:1"):
        Review([("pubmed:1", None), ("pubmed:1", None)]).ledger()


def test_the_written_tables_hold_what_the_ledger_holds(tmp_path) -> None:
    review = Review([("pubmed:1", "2026-01-01"), ("experts:1", None)])
    review.decide("pubmed:1", "included", "retrieved", "included")
    ledger = review.ledger()
    write_ledger(ledger, tmp_path)
    for name in ("records", "reports", "report_study"):
        assert read_csv(tmp_path / f"{name}.csv") == getattr(ledger, name).to_dicts()
    assert read_csv(tmp_path / "reports.csv")[0]["authors"] == "Doe, Ann; Roe, Ben"
    assert b"\r" not in (tmp_path / "records.csv").read_bytes()


@settings(deadline=None, max_examples=40)
@given(reviews())
def test_random_ledgers_agree_with_a_count_one_by_one(review: Review) -> None:
    ledger = review.ledger()
    assert states(ledger) == expected_states(review)
    assert removals(ledger) == {
        f"{id}@{date or ''}": (why, removals(ledger)[f"{id}@{date or ''}"][1])
        for (id, date), why in expected_removals(review).items()
    }
    assert [tuple(row) for row in ledger.records.select("record_id", "run_date").rows()] == [
        (id, date or "") for id, date in review.records
    ]
    assert set(ledger.reports["state"]) <= set(STATES)


@settings(deadline=None, max_examples=40)
@given(reviews())
def test_in_random_ledgers_every_box_is_the_number_of_its_ids_and_the_equations_hold(review: Review) -> None:
    flow = flow_of(review)
    assert [e["id"] for e in flow["equations"] if e["kind"] == "hard" and not e["holds"]] == []
    assert {e["id"] for e in flow["equations"] if not e["holds"]} <= {"H10", "H16"}
    boxes = flow["boxes"]
    for box in boxes.values():
        assert box["n"] == len(box["ids"]) == len(set(box["ids"]))
        if items := box.get("items"):
            assert [item["n"] for item in items] == [len(item["ids"]) for item in items]
            assert sorted(id for item in items for id in item["ids"]) == sorted(box["ids"])

    n = {name: box["n"] for name, box in boxes.items()}
    database = {source["id"] for source in review.sources if source["kind"] in DATABASE_KINDS}
    of_databases = [record for record in review.records if record[0].split(":")[0] in database]
    assert n["database_results"] + n["register_results"] == len(of_databases)
    columns = {review.report_of(id): "databases" for id, _ in of_databases}
    by_state: dict[tuple[str, str], set[str]] = {}
    for report_id, state in expected_states(review).items():
        by_state.setdefault((columns.get(report_id, "other"), state), set()).add(report_id)
    for column, prefix, pending in (("databases", "dbr_", ""), ("other", "other_", "other_")):
        named = {
            "not_retrieved": f"{prefix}notretrieved_reports",
            "excluded_eligibility": f"{prefix}excluded",
            "ongoing": f"{prefix}ongoing",
            "awaiting_classification": f"{prefix}awaiting",
            "pending_retrieval": f"{pending}pending_retrieval",
            "pending_eligibility": f"{pending}pending_eligibility",
        }
        for state, name in named.items():
            assert set(boxes.get(name, {"ids": []})["ids"]) == by_state.get((column, state), set())
    included = by_state.get(("databases", "included"), set()) | by_state.get(("other", "included"), set())
    assert set(boxes["new_reports"]["ids"]) == included
    linked = {(id, study) for id, study, _ in review.studies if study and id in included}
    assert n["new_studies"] == len({study for _, study in linked}) + len(included - {id for id, _ in linked})
    waiting = [
        state for state in expected_states(review).values() if state.startswith("pending") or state == "in_conflict"
    ]
    assert sum(n[name] for name in n if "pending" in name or name == "in_conflict") == len(waiting)
    assert bool(waiting) == any("not yet" in reason or "disagree" in reason for reason in flow["draft"])


def test_the_meta_analysis_of_the_configuration_is_a_box_when_it_can_be_right() -> None:
    review = Review([("pubmed:1", None), ("pubmed:2", None)])
    for report in review.report_ids:
        review.decide(report, "included", "retrieved", "included")
    ledger = review.ledger()
    flow = build_flow(ledger, SOURCES, title="", reasons=[], meta_analysis={"studies": 1, "reports": 2})
    assert [flow["boxes"][f"total_{unit}_ma"]["n"] for unit in ("studies", "reports")] == [1, 2]
    assert next(e for e in flow["equations"] if e["id"] == "H14")["holds"]
    flow = build_flow(ledger, SOURCES, title="", reasons=[], meta_analysis={"studies": 3})
    assert "total_studies_ma" not in flow["boxes"]
    assert "(H14): total_studies_ma is 3, but new_studies is 2: 1 too many" in flow["draft"][0]


def test_an_explanation_of_the_configuration_goes_with_its_equation() -> None:
    review = Review([("pubmed:1", None)], studies=[("pubmed:1", "A", "1"), ("pubmed:1", "B", "1")])
    review.decide("pubmed:1", "included", "retrieved", "included")
    told = {"H10": "One report of two studies", "H5": "Not needed"}
    flow = build_flow(review.ledger(), SOURCES, title="", reasons=[], explanations=told)
    status = {e["id"]: (e["status"], e["explanation"]) for e in flow["equations"]}
    assert status["H10"] == ("explained", "One report of two studies")
    assert status["H5"] == ("passed", "")
    assert flow["explanations"] == told
