"""A review at any moment ends in a report: stamped DRAFT, with pending counts, and with sums that hold."""

import json

from conftest import Review, record


def flow(review: Review) -> dict:
    return json.loads((review.folder / "results/prisma/flow.json").read_text(encoding="utf-8"))


def n(review: Review, box: str) -> int:
    return flow(review)["boxes"].get(box, {"n": 0})["n"]


def assert_draft(review: Review) -> None:
    report = (review.folder / "results/report/report.html").read_text(encoding="utf-8")
    assert "DRAFT" in report
    assert flow(review)["draft"]
    for equation in flow(review)["equations"]:
        assert equation["holds"] or equation["kind"] == "soft", equation
    for name, box in flow(review)["boxes"].items():
        assert box["n"] == len(box["ids"]), name


def votes(review: Review) -> dict[str, set[str]]:
    cast: dict[str, set[str]] = {}
    for row in review.table("screening/title_abstract/votes.csv"):
        cast.setdefault(row["report_id"], set()).add(row["person"])
    return cast


def test_exports_but_no_decision_yet(begun_once: Review):
    assert_draft(begun_once)
    assert n(begun_once, "pending_screening") == n(begun_once, "records_screened") == 17
    assert n(begun_once, "database_results") == 22
    assert n(begun_once, "duplicates") == 5
    assert n(begun_once, "citations_results") == 2
    pilot = begun_once.forms("title_abstract")
    assert [form.name for form in pilot] == ["title_abstract.ana.01.xlsx", "title_abstract.ben.01.xlsx"]


def test_zero_records(small: Review):
    def empty(config):
        config["search"]["sources"] = {
            "pm": {
                "database": "PubMed",
                "kind": "database",
                "date": "2026-01-10",
                "strategy": "x",
                "files": [small.export("pm", [])],
            }
        }

    small.configure(empty)
    small.run_well()
    report = (small.folder / "results/report/report.html").read_text(encoding="utf-8")
    assert "DRAFT" in report
    assert n(small, "database_results") == n(small, "records_screened") == 0
    assert small.forms() == []


def test_a_single_source(small: Review):
    small.configure(lambda config: [config["search"]["sources"].pop(name) for name in ("em", "cited")])
    small.run_well()
    assert_draft(small)
    assert n(small, "records_screened") == n(small, "pending_screening") == 12


def test_a_reviewer_has_half_filled_a_form(begun: Review):
    ana, ben = begun.forms("title_abstract")
    begun.fill(ana)
    begun.fill(ben, only=lambda row: row <= 3)
    begun.run_well()
    assert_draft(begun)
    decided = {row["file"].rsplit("/", 1)[1]: row["decided"] for row in begun.table("screening/progress.csv")}
    assert decided["title_abstract.ana.01.xlsx"] == "4"
    assert decided["title_abstract.ben.01.xlsx"] == "2"
    # Ana is done and gets her next round; Ben goes on with the pilot.
    assert [form.name for form in begun.forms("title_abstract")] == [
        "title_abstract.ana.01.xlsx",
        "title_abstract.ana.02.xlsx",
        "title_abstract.ben.01.xlsx",
    ]


def test_a_reviewer_left_after_two_fifths(small: Review):
    small.configure(lambda config: config["screening"].update(pilot=0))
    small.run_well("screen")
    ana, ben = small.forms("title_abstract")
    small.fill(ana)
    small.fill(ben, only=lambda row: row <= 8)
    small.run_well("screen")
    before = votes(small)
    assert sum("ben" in people for people in before.values()) == 7

    def leave(config):
        config["screening"]["people"]["ben"] = {"until": "2026-02-01"}
        config["screening"]["people"]["dora"] = {}

    small.configure(leave)
    small.run_well()
    assert_draft(small)
    (dora,) = [form for form in small.forms("title_abstract") if form.parent.name == "dora"]
    small.fill(dora)
    small.run_well("ledger")
    after = votes(small)
    assert all(before[report] <= after[report] for report in before)
    assert all(len(people) == 2 for people in after.values())
    assert n(small, "pending_screening") == 0


def test_a_second_search_run(finished: Review):
    before = n(finished, "records_screened")
    rows = [record(number, "p") for number in (2, 3, 40, 41)]
    path = finished.export("pm", rows, "2026-09-10")

    def again(config):
        source = config["search"]["sources"]["pm"]
        runs = [{"date": source.pop("date"), "files": source.pop("files")}, {"date": "2026-09-10", "files": [path]}]
        source["runs"] = runs

    finished.configure(again)
    held = finished.hashes("resources")
    finished.run_well()
    assert_draft(finished)
    assert n(finished, "records_screened") == before + 2
    removed = [row["removed"] for row in finished.table("prisma/records.csv")]
    assert removed.count("re-found") == 2
    assert {name: digest for name, digest in finished.hashes("resources").items() if name in held} == held
    assert n(finished, "pending_screening") == 2
