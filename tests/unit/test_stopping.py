"""The stopping rule: its p against cases computed by hand and against the definition, and what follows from it."""

import csv
import json
from fractions import Fraction
from math import comb
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.stopping import chances_below, in_order, write_stopping

SETTINGS = {"recall": 0.95, "confidence": 0.95, "consecutive": 0, "stop": False}


def p(order: str, total: int, recall: Fraction) -> float:
    return chances_below([mark == "1" for mark in order], total, [recall])[0]


def by_definition(relevant: list[bool], total: int, recall: Fraction) -> Fraction:
    """The smallest p over every suffix, by counting draws."""
    seen, smallest = sum(relevant), Fraction(1)
    for i in range(1, len(relevant) + 1):
        among = sum(relevant[-i:])
        population = total - (len(relevant) - i)
        held = int(seen / recall + 1 - (seen - among))
        if held > population:
            return Fraction(0)  # the target cannot be missed
        draws = sum(comb(held, x) * comb(population - held, i - x) for x in range(among + 1))
        smallest = min(smallest, Fraction(draws, comb(population, i)))
    return smallest


def test_no_relevant_record_yet():
    # N = 10, 6 screened, none relevant, t = 0.9: K = floor(0 / 0.9 + 1 - 0) = 1 for every suffix. That one relevant
    # record of M = 4 + i is not among i: 4 / (4 + i), smallest for i = 6.
    assert p("000000", 10, Fraction(9, 10)) == pytest.approx(4 / 10)


def test_two_relevant_records_and_then_none():
    # N = 12, order 1 1 0 0 0 0 0, t = 0.9: r = 2, floor(2 / 0.9) = 2.
    # i = 5: r_i = 0, M = 12 - 2 = 10, K = floor(2.22 + 1 - 2) = 1; P(X = 0) = 5 / 10.
    # i = 6: r_i = 1, M = 11, K = floor(3.22 - 1) = 2; P(X <= 1) = 1 - C(6, 2) / C(11, 2) = 1 - 15 / 55 = 8 / 11.
    # i = 7: r_i = 2, M = 12, K = 3; P(X <= 2) = 1 - C(7, 3) / C(12, 3) = 1 - 35 / 220 = 37 / 44.
    assert p("1100000", 12, Fraction(9, 10)) == pytest.approx(5 / 10)


def test_a_lower_target_can_be_missed_by_more_records_only():
    # N = 12, order 1 1 0 0 0 0 0, t = 0.5: r / t = 4; i = 5: K = floor(4 + 1 - 2) = 3, M = 10;
    # P(X = 0) = C(7, 5) / C(10, 5) = 21 / 252 = 1 / 12.
    assert p("1100000", 12, Fraction(1, 2)) == pytest.approx(1 / 12)


def test_the_target_is_exact():
    # 19 found of 20 are 0.95, so the 20th alone is no miss: K = 20 + 1 - 19 = 2 unseen ones, and only 1 is unseen.
    assert p("1" * 19, 20, Fraction("0.95")) == 0
    # 57 / 0.95 is 60, in floating point as in life: with 3 unseen, 4 would have to be.
    assert p("1" * 57, 60, Fraction("0.95")) == 0


def test_nothing_is_screened_and_everything_is():
    assert p("", 10, Fraction(1, 2)) == 1
    assert p("0101", 4, Fraction(1)) == 0


@given(
    relevant=st.lists(st.booleans(), max_size=30),
    unscreened=st.integers(0, 30),
    recall=st.fractions(Fraction(1, 10), 1, max_denominator=100),
)
def test_p_is_that_of_the_definition(relevant, unscreened, recall):
    total = len(relevant) + unscreened
    expected = by_definition(relevant, total, recall)
    assert chances_below(relevant, total, [recall])[0] == pytest.approx(float(expected), abs=1e-9) or not relevant


def test_the_order_is_that_of_rounds_and_places_and_what_came_from_elsewhere_is_first():
    decisions = {"a": "excluded", "b": "included", "c": "excluded", "d": "included", "e": "pending"}
    votes = [
        {"report_id": report, "record_id": report, "person": person, "decision": "include"}
        for report, person in [("b", "ana"), ("d", "ana"), ("d", "ben")]
    ] + [{"report_id": r, "record_id": r, "person": "ana", "decision": "exclude"} for r in ("a", "c")]
    places = {("ana", "a"): (1, 2), ("ana", "b"): (2, 1), ("ana", "d"): (2, 2), ("ben", "d"): (1, 1)}
    screened = in_order(decisions, votes, places)
    assert screened.relevant == [False, True, False, True]  # c from elsewhere, then d, a, b
    assert (screened.outside, screened.unseen) == (1, ["e"])


def test_what_is_not_settled_counts_on_the_careful_side():
    decisions = dict.fromkeys("abcd", "pending") | {"e": "conflict"}
    said = [("a", "exclude"), ("b", "maybe"), ("c", "include"), ("e", "include"), ("e", "exclude")]
    votes = [{"report_id": r, "record_id": r, "person": "ana", "decision": decision} for r, decision in said]
    screened = in_order(decisions, votes, {})
    assert screened.relevant == [True, True, True]  # b, c, e; a waits for another vote
    assert screened.unseen == ["d"]


def reports(path: Path, days: dict[str, str | None]) -> Path:
    """A table of reports and the days of the searches that found them first."""
    rows = [{"report_id": report, "run_date": day} for report, day in days.items()]
    write_parquet(path, pl.DataFrame(rows, schema=REPORT_SCHEMA))
    return path


def full_text(duplicates: dict[str, str] | None = None) -> Path:
    """The decisions on full text: reports, and of which others they are duplicates."""
    rows = [f"{report},duplicate,{other}" for report, other in (duplicates or {}).items()]
    path = Path("full_text.csv")
    path.write_text("\n".join(["report_id,state,reason", "s:0,included,", *rows]) + "\n")
    return path


def stop(
    tmp_path: Path, screened: int, total: int, new: int = 0, duplicates: dict[str, str] | None = None, **changes
) -> dict:
    states = ["included"] * 3 + ["excluded"] * (screened - 3) + ["pending"] * (total - screened)
    rows = [f"s:{n},{state}" for n, state in enumerate(states)]
    Path("decisions.csv").write_text("\n".join(["report_id,state", *rows]) + "\n")
    votes = [f"s:{n},s:{n},ana,{'include' if n < 3 else 'exclude'}" for n in range(screened)]
    Path("votes.csv").write_text("\n".join(["record_id,report_id,person,decision", *votes]) + "\n")
    days = {f"s:{n}": "2026-05-01" if n >= total - new else "2026-01-10" for n in range(total)}
    unique = reports(tmp_path / "unique.parquet", days)
    write_stopping({**SETTINGS, **changes}, unique, Path(), full_text(duplicates), tmp_path)
    return json.loads((tmp_path / "stopping.json").read_text())


def unscreened(folder: Path) -> list[str]:
    with (folder / "unscreened.csv").open() as file:
        return [row["report_id"] for row in csv.DictReader(file)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_is_left_out_unless_the_review_says_to_stop_and_the_criterion_holds(tmp_path):
    assert stop(tmp_path, 400, 410)["holds"]
    assert unscreened(tmp_path) == []
    assert not stop(tmp_path, 40, 410, stop=True)["holds"]
    assert unscreened(tmp_path) == []
    assert stop(tmp_path, 400, 410, stop=True)["unscreened"] == 10
    assert unscreened(tmp_path) == sorted(f"s:{n}" for n in range(400, 410))


def test_a_report_found_at_full_text_to_be_a_duplicate_counts_with_the_other_one(tmp_path):
    told = stop(tmp_path, 60, 70, duplicates={"s:2": "s:0"})
    assert (told["reports"], told["screened"], told["relevant"]) == (69, 59, 2)


def test_records_in_a_row_are_asked_besides_and_never_alone(tmp_path):
    assert not stop(tmp_path, 40, 410, consecutive=5, stop=True)["holds"]
    assert not stop(tmp_path, 400, 410, consecutive=1000, stop=True)["holds"]


def test_screening_reopens_when_a_search_brings_more(tmp_path):
    assert stop(tmp_path, 400, 410, stop=True)["unscreened"] == 10
    later = stop(tmp_path, 400, 900, stop=True)
    assert (later["holds"], later["unscreened"]) == (False, 0)
    assert unscreened(tmp_path) == []


def test_records_of_a_later_search_are_not_left_out_until_one_of_them_is_screened(tmp_path):
    told = stop(tmp_path, 400, 410, new=5, stop=True)
    assert (told["holds"], told["new"], told["unscreened"]) == (True, 5, 5)
    told = stop(tmp_path, 400, 410, new=11, stop=True)  # the last one screened is of the later search
    assert (told["holds"], told["new"], told["unscreened"]) == (True, 0, 10)


def test_the_frontier_is_a_table_and_a_picture(tmp_path):
    stop(tmp_path, 300, 410, recall=0.93)
    with (tmp_path / "stopping.csv").open() as file:
        rows = list(csv.DictReader(file))
    recalls = [float(row["recall"]) for row in rows]
    assert recalls == sorted(recalls)
    assert {0.5, 0.93, 1.0} <= set(recalls)
    chances = [float(row["p"]) for row in rows]
    assert chances == sorted(chances)
    picture = ElementTree.parse(tmp_path / "frontier.svg").getroot()
    assert picture.tag.endswith("svg")
    assert "recall 93%" in "".join(picture.itertext())


@pytest.mark.parametrize("total", [0, 3])
def test_a_review_with_next_to_nothing(tmp_path, total):
    Path("decisions.csv").write_text("report_id,state\n" + "".join(f"s:{n},pending\n" for n in range(total)))
    Path("votes.csv").write_text("record_id,report_id,person,decision\n")
    unique = reports(tmp_path / "unique.parquet", {f"s:{n}": None for n in range(total)})
    write_stopping({**SETTINGS, "stop": True}, unique, Path(), full_text(), tmp_path)
    assert unscreened(tmp_path) == []
