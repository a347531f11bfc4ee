"""The pilot, and the gate behind it."""

import json

import pytest

from prismake.forms import LOG
from prismake.screening.pilot import awaited, issued_pilots, pilot_agreement, pilot_of, plan_pilot

REPORTS = [f"s:{number}" for number in range(200)]
TWO = ("ana", "ben")


def planned(pilots=None, voted=None, kappa=None, *, reports=REPORTS, people=TWO, held=None, gate=None):
    """The next pilot; `kappa` is that of each pilot, "" where undefined."""
    pilots = pilots or {}
    held = held or {p: set().union(*(forms.get(p, set()) for forms in pilots.values())) for p in people}
    measured = {number: {"kappa": value, "both": "50"} for number, value in (kappa or {}).items()}
    settings = {"people": people, "held": held, "voted": voted or {}, "size": 50, "gate": gate}
    return plan_pilot(reports, pilots, **settings, measured=measured)


def round_of(plan, people=TWO):
    return {person: set(plan.now[person]) for person in people}


FIRST = {1: round_of(planned())}
ALL_VOTED = FIRST[1]
REST = [report for report in REPORTS if report not in FIRST[1]["ana"]]


def test_it_is_the_same_for_everybody_and_comes_first():
    first = planned(people=("ana", "ben", "dora"))
    assert len(first.now["ana"]) == 50
    assert first.now["ana"] == first.now["ben"] == first.now["dora"]
    assert (first.later, first.pilot) == ({"ana": 150, "ben": 150, "dora": 150}, 1)


def test_who_joins_before_anybody_has_begun_gets_it_too_and_nobody_gets_it_twice():
    late = planned(FIRST, people=("ana", "dora"))
    assert {person: set(reports) for person, reports in late.now.items()} == {"dora": FIRST[1]["ana"]}
    assert late.pilot == 1
    assert planned(FIRST, {"ben": {REST[0], *list(FIRST[1]["ben"])[:1]}}, people=("ana", "dora")) is None


def test_without_a_gate_it_is_over_once_somebody_has_begun():
    assert planned(FIRST, {"ana": set(list(ALL_VOTED["ana"])[:1])}) is None


def test_there_is_none_when_votes_came_before_it_or_size_is_none():
    assert planned(voted={"ana": {"s:1"}}) is None
    assert plan_pilot(REPORTS, {}, people=TWO, held={}, voted={}, size=0, gate=None, measured={}) is None


def test_the_gate_holds_everybody_while_the_pilot_is_open():
    half = {"ana": ALL_VOTED["ana"], "ben": set(sorted(ALL_VOTED["ben"])[:49])}
    plan = planned(FIRST, half, {1: "1.000"}, gate=0.6)
    assert (plan.now, plan.later) == ({}, {"ana": 150, "ben": 150})
    assert plan.once == "issued once kappa in a pilot reaches 0.6 (screening.pilot_kappa)"


def test_below_the_gate_another_pilot_follows_with_new_records():
    plan = planned(FIRST, ALL_VOTED, {1: "0.412"}, reports=REST, gate=0.6)
    assert plan.pilot == 2
    assert plan.now["ana"] == plan.now["ben"]
    assert len(plan.now["ana"]) == 50
    assert not set(plan.now["ana"]) & FIRST[1]["ana"]
    assert plan.later == {"ana": 100, "ben": 100}
    assert "in pilot 1 it is 0.412 on 50 records" in plan.once


@pytest.mark.parametrize("kappa", [{1: "0.600"}, {1: ""}, {1: "0.7", 2: "0.1"}, {1: "0.1", 2: "0.9"}])
def test_one_pilot_that_reaches_it_or_differs_in_nothing_opens_the_gate(kappa):
    second = {person: set(REST[:50]) for person in TWO}
    pilots = FIRST | ({2: second} if 2 in kappa else {})
    voted = {person: ALL_VOTED[person] | second[person] for person in TWO}
    assert planned(pilots, voted, kappa, reports=REST, gate=0.6) is None


def test_a_corrected_first_pilot_opens_the_gate_while_the_second_is_open():
    pilots = FIRST | {2: {person: set(REST[:50]) for person in TWO}}
    closed = planned(pilots, ALL_VOTED, {1: "0.4"}, reports=REST, gate=0.6)
    assert (closed.now, closed.pilot) == ({}, 2)
    passed = planned(pilots, {p: {*ALL_VOTED[p], REST[0]} for p in TWO}, {1: "0.7"}, reports=REST, gate=0.6)
    assert passed is None


def test_the_gate_is_open_when_nobody_is_left_to_agree_with_or_nothing_is_left_to_screen():
    assert planned(FIRST, ALL_VOTED, {1: "0.1"}, reports=REST, people=("ana",), gate=0.6) is None
    assert planned(FIRST, ALL_VOTED, {1: "0.1"}, reports=[], gate=0.6) is None


def test_pilots_are_read_from_the_log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LOG.mkdir(parents=True)
    for person, number, pilot, ids in [("ana", 1, 1, ["s:1", "s:2"]), ("ana", 2, 0, ["s:3"]), ("ben", 1, 1, ["s:9"])]:
        entry = {"sha256": "", "kind": "title_abstract", "person": person, "round": number, "ids": ids}
        entry |= {"pilot": pilot} if pilot else {}
        (LOG / f"title_abstract.{person}.{number:02d}.xlsx.json").write_text(json.dumps(entry))
    pilots = issued_pilots("title_abstract", {"s:1": "s:1", "s:2": "s:1", "s:9": "s:9", "s:3": "s:3"})
    assert pilots == {1: {"ana": {"s:1"}, "ben": {"s:9"}}}
    assert pilot_of(pilots) == {"s:1": 1, "s:9": 1}
    assert awaited(pilots, ["ana"]) == {"s:1": {"ana"}}


def test_the_row_of_all_people_tells_of_a_pilot():
    rows = [{"round": "pilot 1", "person_1": "ana"}, {"round": "pilot 1", "person_1": ""}, {"round": "all"}]
    assert pilot_agreement(rows) == {1: rows[1]}
