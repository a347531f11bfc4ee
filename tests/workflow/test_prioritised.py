"""A review whose later rounds come in ranked order and that stops by the stopping rule."""

import json

from conftest import Review, record


def test_ranked_rounds_and_a_stop_that_is_told_and_undone(small: Review):
    stopping = {"recall": 0.5, "confidence": 0.6, "stop": False}
    small.configure(lambda c: c["screening"].update(ranking={"random": 0}, round_size=6, stopping=stopping))
    small.run_well("screen")
    for form in small.forms("title_abstract"):
        small.fill(form)
    small.run_well("screen")
    ranked = [row["record_id"] for row in small.table("screening/ranking.csv")]
    second = [form for form in small.forms("title_abstract") if ".02." in form.name]
    log = json.loads((small.folder / "resources/log" / f"{second[0].name}.json").read_text())
    assert log["ids"] == ranked[:6]

    for form in second:
        small.fill(form)
    small.configure(lambda c: c["screening"]["stopping"].update(stop=True))
    small.run_well()
    left_out = {row["report_id"] for row in small.table("screening/unscreened.csv")}
    assert left_out == set(ranked[6:]) - {"cited:c17"}  # of a later search, of which nothing is screened
    reports = {row["report_id"]: row for row in small.table("prisma/reports.csv")}
    told = {(row["state"], row["by"], row["reason"]) for name, row in reports.items() if name in left_out}
    assert told == {("excluded_screening", "automation", "not screened: stopped by rule")}
    boxes = json.loads((small.folder / "results/prisma/flow.json").read_text())["boxes"]
    lines = {line["label"]: line["n"] for line in boxes["records_excluded"]["items"]}
    assert lines["Not screened: stopped by rule (automation)"] == 7
    assert reports["cited:c17"]["state"] == "pending_screening"
    assert "not screened: stopped by rule" in small.prismake("status")
    report = (small.folder / "results/report/report.html").read_text()
    assert "Screening has stopped; 7 records will not be looked at." in report
    assert 'id="frontier-title"' in report
    third = [json.loads(path.read_text()) for path in small.folder.glob("resources/log/title_abstract.*.03.xlsx.json")]
    assert [entry["ids"] for entry in third] == [["cited:c17"], ["cited:c17"]]
    for form in small.forms("title_abstract"):
        if ".03." in form.name:
            small.fill(form)
    for form in small.forms("retrieval"):
        small.fill(form)
    small.run_well("screen")
    for form in small.forms("full_text"):
        small.fill(form)

    late = small.export("late", [record(number, "l") for number in range(20, 60)])
    source = {"database": "Late", "kind": "database", "files": [late], "date": "2026-03-01", "strategy": "vesicles"}
    small.configure(lambda c: c["search"]["sources"].update(late=source))
    small.run_well("screen")
    later = [entry for path in small.folder.glob("resources/log/*.json") if (entry := json.loads(path.read_text()))]
    asked = {entry["kind"]: set(entry["ids"]) for entry in later if entry["kind"] != "title_abstract"}
    assert {"retrieval", "full_text", "studies"} <= asked.keys()
    assert not left_out & set().union(*asked.values())
    assert small.table("screening/unscreened.csv") == []
    assert [form for form in small.forms("title_abstract") if ".04." in form.name]

    made = ("ranking.csv", "stopping.csv", "stopping.json", "frontier.svg", "unscreened.csv")
    small.configure(lambda c: [c["screening"].pop(option) for option in ("ranking", "stopping")])
    small.run_well("-n")
    assert all((small.folder / "results/screening" / name).exists() for name in made)
    small.run_well("screen")
    assert not any((small.folder / "results/screening" / name).exists() for name in made)
