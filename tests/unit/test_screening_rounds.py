"""Rounds of screening as the policy and the gate have them: forms out, votes in, the next forms out."""

import csv
from pathlib import Path

import polars as pl
import pytest

from prismake.config import check
from prismake.publish import read_csv, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_decisions
from prismake.screening.issue import issue_screening
from prismake.spreadsheet import read_workbook

IDS = [f"s:{number:02}" for number in range(12)]
UNIQUE, CLUSTERS, OUT = Path("unique.parquet"), Path("clusters.csv"), Path("out")


@pytest.fixture(autouse=True)
def review(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [dict.fromkeys(REPORT_SCHEMA) | {"report_id": i, "title": f"Report {i}", "members": [i]} for i in IDS]
    write_parquet(UNIQUE, pl.DataFrame(rows, schema=REPORT_SCHEMA))
    write_csv(CLUSTERS, ["record_id", "cluster_id"], [[i, i] for i in IDS])


def run(**screening):
    """One run of the stage: reports by their state, and per form what it holds."""
    people = {"ana": {}, "ben": {}, "cleo": {"share": 0}}
    source = {"database": "S", "kind": "other", "strategy": "", "live": "pubmed"}
    config = check(
        {"review": {"title": "R"}, "search": {"sources": {"s": source}}, "screening": {"people": people} | screening}
    )
    forms = sorted(path.as_posix() for path in Path("resources").rglob("*.csv"))
    collect_decisions("title_abstract", config, IDS, UNIQUE, CLUSTERS, forms, [], OUT)
    issue_screening("title_abstract", config, UNIQUE, CLUSTERS, OUT)
    states: dict[str, set[str]] = {}
    for row in read_csv(OUT / "decisions.csv"):
        states.setdefault(row["state"], set()).add(row["report_id"])
    return states


def rows(path):
    table = next(table for table in read_workbook(path).sheets.values() if "record_id" in table.columns)
    return [{name: cell.value for name, cell in row.cells.items()} for row in table.rows]


def forms(person, kind="title_abstract"):
    return sorted(Path("resources/screening").glob(f"{person}/{kind}.{person}.*.xlsx"))


def vote(form, decide, note=""):
    """The form filled in, saved as a CSV beside it (with a note: two people's files that are equal count for none)."""
    note = note or f"by {form.parent.name}"
    with form.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "title", "decision", "note"])
        writer.writerows([row["record_id"], row["title"], decide(row["record_id"]), note] for row in rows(form))


def keep(number):
    return lambda record: "include" if int(record[2:]) < number else "exclude"


def waiting():
    return {row["what"] for row in read_csv(OUT / "waiting.csv")}


def test_a_file_without_check_is_listed_and_is_no_fault():
    run()
    for form in forms("ana"):
        vote(form, lambda _: "include")
    run()
    assert [row["file"] for row in read_csv(OUT / "unchecked.csv")] == [
        form.with_suffix(".csv").as_posix() for form in forms("ana")[:1]
    ]
    assert read_csv(OUT / "faults.csv") == []


def test_with_liberal_accelerated_only_exclusions_get_a_second_person():
    liberal = {"policy": "liberal_accelerated", "pilot": 0}
    run(**liberal)
    first = {person: {row["record_id"] for row in rows(forms(person)[0])} for person in ("ana", "ben")}
    assert first["ana"] | first["ben"] == set(IDS)
    assert not first["ana"] & first["ben"]
    for person in first:
        vote(forms(person)[0], keep(4))
    assert run(**liberal) == {"included": set(IDS[:4]), "pending": set(IDS[4:])}
    second = {person: {row["record_id"] for row in rows(forms(person)[1])} for person in first}
    assert second == {"ana": first["ben"] - set(IDS[:4]), "ben": first["ana"] - set(IDS[:4])}
    for person in first:
        vote(forms(person)[1], keep(5))
    assert run(**liberal) == {"included": set(IDS[:5]), "excluded": set(IDS[5:])}
    assert forms("cleo", "title_abstract_conflicts") == []


def test_with_single_everybody_shares_the_pilot_and_nothing_else():
    single = {"policy": "single", "pilot": 4}
    run(**single)
    pilot = {row["record_id"] for row in rows(forms("ana")[0])}
    vote(forms("ana")[0], keep(6))
    assert run(**single) == {"pending": set(IDS)}  # the pilot waits for both
    vote(forms("ben")[0], keep(6))
    run(**single)
    rest = [{row["record_id"] for row in rows(forms(person)[1])} for person in ("ana", "ben")]
    assert rest[0] | rest[1] == set(IDS) - pilot
    assert not rest[0] & rest[1]


def test_the_gate_holds_the_next_round_back_until_people_agree():
    gate = {"pilot": 4, "pilot_kappa": 0.6}
    run(**gate)
    vote(forms("ana")[0], keep(0))
    vote(forms("ben")[0], keep(12))
    run(**gate)
    assert [len(rows(form)) for form in forms("ana")] == [4, 4]
    assert len({row["record_id"] for form in forms("ana") for row in rows(form)}) == 8
    assert [row["record_id"] for row in rows(forms("ana")[1])] == [row["record_id"] for row in rows(forms("ben")[1])]
    (said,) = waiting()
    assert "issued once kappa in a pilot reaches 0.6" in said
    assert "in pilot 1 it is 0.000 on 4 records" in said
    for person in ("ana", "ben"):
        vote(forms(person)[1], keep(6))
    run(**gate)
    assert [len(rows(form)) for form in forms("ana")] == [4, 4, 4]
    assert waiting() == set()
    rounds = {row["round"]: row["agreement"] for row in read_csv(OUT / "agreement.csv")}
    assert rounds == {"pilot 1": "0.000", "pilot 2": "1.000", "all": "0.500"} or set(rounds) == {
        "pilot 1",
        "pilot 2",
        "all",
    }


def test_a_lower_gate_opens_at_once():
    run(pilot=4, pilot_kappa=0.6)
    vote(forms("ana")[0], keep(6))
    vote(forms("ben")[0], keep(6))
    run(pilot=4, pilot_kappa=0.6)
    assert len(forms("ana")) == 2
    assert len(rows(forms("ana")[1])) == 8


def test_the_adjudicator_sees_both_votes_with_their_notes():
    run(pilot=0)
    vote(forms("ana")[0], keep(1), "animals only?")
    vote(forms("ben")[0], keep(0))
    run(pilot=0)
    (row,) = rows(forms("cleo", "title_abstract_conflicts")[0])
    assert row["votes"] == "ana: include, “animals only?”\nben: exclude, “by ben”"


REASONS = ["Wrong population", "Wrong outcome"]


def reasoned(form, said):
    """The form saved as a CSV with what `said` holds: record id -> (decision, reason)."""
    with form.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "title", "decision", "reason", "note"])
        for row in rows(form):
            writer.writerow([row["record_id"], row["title"], *said.get(row["record_id"], ("", "")), ""])


@pytest.mark.parametrize("asked", [True, False])
def test_reasons_on_title_and_abstract(asked):
    options = {"pilot": 0, "reasons": REASONS, "title_abstract_reasons": asked, "policy": "any_include"}
    run(**options)
    for person, said in {
        "ana": [("exclude", "wrong outcome"), ("exclude", ""), ("exclude", ""), ("include", ""), ("", "Odd")],
        "ben": [("exclude", REASONS[0]), ("exclude", "In Latin"), ("exclude", ""), ("exclude", REASONS[0])],
    }.items():
        (form,) = forms(person)
        assert ("reason" in rows(form)[0]) is asked
        assert "duplicate_of" not in rows(form)[0]
        reasoned(form, dict(zip(IDS, said, strict=False)))
    run(**options)
    found = {row["report_id"]: (row["state"], row["reason"]) for row in read_csv(OUT / "decisions.csv")}
    given = [REASONS[0], "In Latin"] if asked else ["", ""]
    assert [found[i] for i in IDS[:4]] == [*(("excluded", why) for why in [*given, ""]), ("included", "")]
    (fault,) = (row for row in read_csv(OUT / "faults.csv") if row["record_id"])
    assert (fault["record_id"], fault["problem"]) == (IDS[4], "a reason for exclusion, but no decision")


@pytest.mark.parametrize("gate", [{}, {"pilot_kappa": 0.6}])
def test_who_lost_their_pilot_gets_the_same_one_again(gate):
    piloted = {"pilot": 6, "round_size": 3} | gate
    run(**piloted)
    lost, bens = forms("ana")[0], forms("ben")[0]
    first = [row["record_id"] for row in rows(lost)]
    vote(bens, keep(5))
    run(**piloted)
    assert forms("ana") == [lost]
    for path in (lost, lost.with_suffix(".html"), Path("resources/log", f"{lost.name}.json")):
        path.unlink()
    run(**piloted)
    assert [row["record_id"] for row in rows(lost)] == first
    vote(lost, keep(5))
    run(**piloted)
    agreed = [row for row in read_csv(OUT / "agreement.csv") if row["round"] == "pilot 1"]
    assert {row["both"] for row in agreed} == {"6"}
    run(**piloted)
    assert [len(forms(person)) for person in ("ana", "ben")] == [2, 2]
