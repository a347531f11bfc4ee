"""Coefficients of agreement against numbers that others published, and the table of agreement."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.kappa import cohens_kappa
from prismake.screening.agreement import COLUMNS, agreement
from prismake.screening.coefficients import fleiss_kappa, gwet_ac1, observed_agreement, pabak
from prismake.screening.votes import Vote


def pairs(both, first, second, neither):
    return [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither


# --- published examples -----------------------------------------------------------------------------------------------

# 100 pregnant women, two abstractors (Gwet 2014; data set cont3x3abstractors of irrCAC, vignette "overview").
ABSTRACTORS = [("ectopic",) * 2] * 13 + [("aiu",) * 2] * 20 + [("aiu", "niu")] * 7 + [("niu", "aiu")] * 4
ABSTRACTORS += [("niu",) * 2] * 56
# 15 patients, each by 6 psychiatrists into 5 categories (Fleiss 1971 in part; data set distrib.6raters of irrCAC).
PSYCHIATRISTS = [
    *("00060", "03003", "01401", "00006", "03030", "20400", "00402", "20310"),
    *("20040", "00006", "10050", "11040", "03300", "10050", "02031"),
]
PATIENTS = [[category for category, n in enumerate(map(int, row)) for _ in range(n)] for row in PSYCHIATRISTS]


def test_kappa_and_its_standard_error_as_irrcac_gives_them():
    kappa, low, high = cohens_kappa(ABSTRACTORS)
    assert kappa == pytest.approx(0.7964094, abs=1e-7)
    assert (high - low) / 2 / 1.959964 == pytest.approx(0.05891072, abs=1e-8)


def test_kappa_and_its_interval_as_in_fleiss_and_paik():
    # Statistical Methods for Rates and Proportions; numbers of ci.kappa(.05, 31, 12, 4, 58) in the R package statpsych.
    assert cohens_kappa(pairs(31, 12, 4, 58)) == pytest.approx((0.6756757, 0.5317210, 0.8196303), abs=1e-7)


def test_ac1_of_two_people_as_irrcac_gives_it():
    # irrCAC divides by n instead of n - 1 for two people: .0432 and .764 to .935.
    ac1, low, high = gwet_ac1(ABSTRACTORS, categories=3)
    assert ac1 == pytest.approx(0.8493305, abs=1e-7)
    half = (high - low) / 2 / math.sqrt(100 / 99)
    assert (ac1 - half, ac1 + half) == pytest.approx((0.764, 0.935), abs=5e-4)


def test_ac1_and_fleiss_kappa_of_six_people_as_irrcac_gives_them():
    assert observed_agreement(PATIENTS) == pytest.approx(0.5511111, abs=1e-7)
    assert gwet_ac1(PATIENTS, categories=5) == pytest.approx((0.4448007, 0.264, 0.625), abs=5e-4)
    assert fleiss_kappa(PATIENTS) == pytest.approx((0.4139265, 0.240, 0.588), abs=5e-4)
    t14 = 2.144787  # the 97.5 % point of Student's t with 14 degrees of freedom
    ac1, kappa = gwet_ac1(PATIENTS, categories=5), fleiss_kappa(PATIENTS)
    assert (ac1[2] - ac1[0]) / t14 == pytest.approx(0.08418757, abs=1e-7)
    assert (kappa[2] - kappa[0]) / t14 == pytest.approx(0.08119291, abs=1e-7)


@pytest.mark.parametrize(("table", "kappa"), [((40, 9, 6, 45), 0.70), ((80, 10, 5, 5), 0.32)])
def test_the_paradox_of_kappa(table, kappa):
    # Feinstein and Cicchetti 1990: the same agreement, .85, and so the same PABAK (Byrt et al. 1993: 2 po - 1).
    assert observed_agreement(pairs(*table)) == pytest.approx(0.85)
    assert round(cohens_kappa(pairs(*table))[0], 2) == kappa
    assert pabak(0.85) == pytest.approx(0.70)


def test_where_nearly_everything_is_excluded_only_kappa_is_low():
    table = pairs(2, 8, 8, 982)
    assert round(cohens_kappa(table)[0], 3) == 0.192
    assert round(gwet_ac1(table, categories=2)[0], 3) == 0.984
    assert round(pabak(observed_agreement(table)), 3) == 0.968


def test_kappa_of_several_categories():
    # Worked by hand: 10 pairs, 7 equal; marginals 4, 3, 3 and 3, 4, 3: expected .33, kappa (.7 - .33) / .67.
    said = ["aa"] * 3 + ["bb"] * 2 + ["cc"] * 2 + ["ab", "bc", "cb"]
    assert cohens_kappa(tuple(two) for two in said)[0] == pytest.approx(0.37 / 0.67)


# --- what holds for all of them ---------------------------------------------------------------------------------------


def test_kappa_is_undefined_when_both_used_one_value_and_ac1_is_not():
    assert cohens_kappa(pairs(0, 0, 0, 30)) is None
    assert fleiss_kappa(pairs(0, 0, 0, 30)) is None
    assert gwet_ac1(pairs(0, 0, 0, 30), categories=2) == (1.0, 1.0, 1.0)
    assert cohens_kappa([]) is fleiss_kappa([]) is gwet_ac1([], categories=2) is None


def test_one_record_tells_nothing():
    assert gwet_ac1([(True, False)], categories=2)[1:] == (-1.0, 1.0)


@given(st.tuples(*[st.integers(0, 500)] * 4).filter(any))
def test_coefficients_are_symmetric_and_inside_their_interval(table):
    both, first, second, neither = table
    for measure in (cohens_kappa, fleiss_kappa, lambda said: gwet_ac1(said, categories=2)):
        one, two = measure(pairs(both, first, second, neither)), measure(pairs(both, second, first, neither))
        assert (one is None) == (two is None)
        if one:
            assert math.isclose(one[0], two[0], abs_tol=1e-9)
            assert -1 - 1e-9 <= one[1] <= one[0] + 1e-9 <= one[2] + 2e-9 <= 1 + 3e-9


# --- the table --------------------------------------------------------------------------------------------------------


def vote(person: str, record: str, decision: str, report: str | None = None) -> Vote:
    return Vote(record, record if report is None else report, person, decision, "", "", "form.xlsx", 2)


def table(votes, pilots=None):
    return [dict(zip(COLUMNS, row, strict=True)) for row in agreement("title_abstract", votes, pilots or {})]


def test_agreement_counts_only_what_both_decided_and_maybe_as_kept():
    (row,) = table([vote("ana", "s:1", "include"), vote("ben", "s:1", "maybe"), vote("ana", "s:2", "exclude")])
    assert (row["round"], row["person_1"], row["person_2"], row["both"]) == ("all", "ana", "ben", 1)
    assert [row[name] for name in COLUMNS[5:9]] == [1, 0, 0, 0]
    assert (row["agreement"], row["kappa"], row["pabak"], row["prevalence"]) == ("1.000", "", "1.000", "1.000")


def test_people_who_share_no_record_have_no_row():
    assert table([vote("ana", "s:1", "include"), vote("ben", "s:2", "include")]) == []


def test_records_that_were_merged_count_once_and_dormant_votes_not():
    votes = [vote("ana", "s:1", "include"), vote("ben", "s:2", "exclude", "s:1")]
    assert table(votes)[0]["include_exclude"] == 1
    assert table([*votes, vote("ben", "s:1", "exclude")])[0]["both"] == 1
    assert table([*votes, vote("ben", "s:1", "include")]) == []  # Ben said both
    assert table([vote(person, "s:9", "include", "") for person in ("ana", "ben")]) == []


def test_duplicate_is_no_judgement_of_eligibility():
    votes = [vote("ana", "s:1", "duplicate"), vote("ben", "s:1", "include"), vote("cleo", "s:1", "include")]
    assert [(row["person_1"], row["person_2"]) for row in table(votes)] == [("ben", "cleo")]


def test_several_people_have_a_row_together():
    said = {"s:1": "iii", "s:2": "iie", "s:3": "eee", "s:4": "ee"}
    words = {"i": "include", "e": "exclude"}
    votes = [vote(person, id, words[d]) for id, ds in said.items() for person, d in zip("abc", ds, strict=False)]
    *some, together = table(votes)
    assert [(row["person_1"], row["person_2"], row["both"]) for row in some] == [
        ("a", "b", 4),
        ("a", "c", 3),
        ("b", "c", 3),
    ]
    assert (together["person_1"], together["both"]) == ("", 4)
    assert [together[name] for name in COLUMNS[5:9]] == [1, "", "", 2]
    assert together["agreement"] == "0.833"  # (1 + 1/3 + 1 + 1) / 4


def test_pilots_have_rows_of_their_own_in_the_order_they_came():
    ids = [f"s:{number}" for number in range(4)]
    votes = [vote(person, id, "include") for person in ("ana", "ben") for id in ids]
    rows = table(votes, {"s:3": 1, "s:1": 10, "s:2": 2})
    assert [row["round"] for row in rows] == ["pilot 1", "pilot 2", "pilot 10", "after the pilot", "all"]
    assert [row["both"] for row in rows] == [1, 1, 1, 1, 4]
