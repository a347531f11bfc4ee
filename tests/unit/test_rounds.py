"""Who gets which report."""

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from prismake.forms import issue
from prismake.publish import read_csv
from prismake.rounds import Plan, active, is_settled, plan, write_plans

REPORTS = [f"s:{number}" for number in range(200)]
PAIR = {"ana": 1.0, "ben": 1.0}


def planned(**changes):
    settings = {"people": PAIR, "held": {}, "voted": {}, "needed": 2, "round_size": 500}
    return plan(REPORTS, **{**settings, **changes})


def test_the_next_round_waits_until_the_one_before_is_done():
    first = planned(round_size=50).now
    held = {person: set(ids) for person, ids in first.items()}
    voted = {"ana": set(first["ana"]), "ben": set(first["ben"][:49])}
    now = planned(held=held, voted=voted)
    assert len(now.now["ana"]) == 150
    assert "ben" not in now.now
    assert now.later == {"ben": 150}


def test_what_a_person_who_left_did_not_decide_goes_to_others_and_no_vote_is_lost():
    held = {"ana": set(REPORTS), "ben": set(REPORTS)}
    voted = {"ana": set(REPORTS), "ben": set(REPORTS[:80])}
    now = planned(people={"ana": 1.0, "cleo": 1.0}, held=held, voted=voted)
    assert set(now.now["cleo"]) == set(REPORTS[80:])
    assert "ana" not in now.now
    assert now.short == []


def test_reports_that_too_few_people_can_screen_are_named():
    now = planned(people={"ana": 1.0}, held={"ana": set(REPORTS)}, voted={"ana": set(REPORTS)})
    assert sorted(now.short) == sorted(REPORTS)


@given(
    shares=st.dictionaries(st.sampled_from("abcde"), st.floats(0.1, 1), min_size=2),
    needed=st.integers(1, 3),
)
def test_every_report_reaches_as_many_people_as_asked(shares, needed):
    now = planned(people=shares, needed=needed)
    counts = Counter(report for ids in now.now.values() for report in ids)
    assert all(counts[report] == min(needed, len(shares)) for report in REPORTS)


@given(st.integers(1, 199))
def test_a_choice_once_made_stays_when_reports_are_added(number):
    people = {"ana": 1.0, "ben": 1.0, "cleo": 1.0}
    few = plan(REPORTS[:number], people=people, held={}, voted={}, needed=2, round_size=500)
    many = plan(REPORTS, people=people, held={}, voted={}, needed=2, round_size=500)
    for person in few.now:
        assert set(few.now[person]) == set(many.now[person]) & set(REPORTS[:number])


def test_each_report_has_its_own_number_of_people():
    wanted = {report: 1 if number % 2 else 2 for number, report in enumerate(REPORTS)}
    counts = Counter(report for ids in planned(needed=wanted).now.values() for report in ids)
    assert counts == wanted


def test_shares_are_kept_in_proportion():
    people = {"ana": 1.0, "ben": 0.5, "cleo": 0.5}
    counts = {person: len(ids) for person, ids in planned(people=people, needed=1).now.items()}
    assert counts["ana"] > counts["ben"]
    assert abs(counts["ben"] - counts["cleo"]) < 30


def test_people_who_left_or_screen_nothing_get_nothing():
    people = {"ana": {"share": 1}, "ben": {"share": 1, "until": "2026-03-01"}, "cleo": {"share": 0}}
    assert active(people) == {"ana": 1}


def test_later_rounds_follow_an_order_which_changes_who_gets_nothing():
    people = {"ana": 1.0, "ben": 1.0, "cleo": 1.0}
    order = sorted(REPORTS, key=lambda report: -int(report[2:]))[:150]
    plain, ranked = planned(people=people), planned(people=people, order=order)
    for person, ids in ranked.now.items():
        assert set(ids) == set(plain.now[person])
        known = [report for report in ids if report in order]
        assert ids[: len(known)] == sorted(known, key=order.index)


def test_in_an_order_what_another_person_holds_goes_first():
    held = {"ana": set(REPORTS[100:120])}
    now = planned(held=held, voted=held, order=REPORTS, round_size=40).now["ben"]
    assert now == [*REPORTS[100:120], *REPORTS[:20]]


def test_what_a_stopping_rule_left_out_is_not_waited_for(tmp_path):
    decisions, unscreened = tmp_path / "decisions.csv", tmp_path / "unscreened.csv"
    decisions.write_text("report_id,state\na,included\nb,pending\n")
    unscreened.write_text("report_id\nb\n")
    assert not is_settled([decisions])
    assert is_settled([decisions, unscreened])


def test_a_run_with_nothing_to_issue_finishes_what_a_killed_one_had_begun(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    issue("title_abstract", "ana", ["s:1"], lambda meta: b"form")
    entry = Path("resources/log/title_abstract.ana.01.xlsx.json")
    entry.rename(entry.with_name(f".{entry.name}.77.tmp"))
    write_plans({"title_abstract": Plan()}, {"title_abstract": lambda _: []}, lambda path: [], {}, "reviewer", tmp_path)
    assert entry.exists()


def test_who_is_missing_for_conflicts_is_an_adjudicator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plans = {kind: Plan(short=["s:1"]) for kind in ("title_abstract", "title_abstract_conflicts")}
    write_plans(plans, dict.fromkeys(plans, lambda person: []), lambda path: [], {}, "reviewer", tmp_path)
    missing = [row["what"].split(":")[0] for row in read_csv(tmp_path / "waiting.csv")]
    assert missing == ["need another reviewer", "need another adjudicator"]


def test_what_waits_for_several_rounds_is_not_said_to_be_the_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reports = [f"r:{number}" for number in range(12)]
    planned = plan(reports, people={"ana": 1.0}, held={}, voted={}, needed=1, round_size=5)
    write_plans({"full_text": planned}, {"full_text": lambda _: []}, lambda path: [], {}, "reviewer", tmp_path)
    (row,) = read_csv(tmp_path / "waiting.csv")
    assert (row["count"], row["what"]) == ("7", "more in later rounds, the next issued once this one is done")
