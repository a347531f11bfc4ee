"""What is a copy and what is not, one small file per case: tests/data/dedup_cases/."""

import pytest
from dedup_fixture import DATA, clusters, read_case

from prismake.dedup.engine import deduplicate

CASES = sorted(path.stem for path in DATA.glob("*.csv"))
# Pairs that are no copies and yet are to be shown to people, with the veto that names the reason.
SHOWN = {
    "apart_conference_abstract": "not the same kind",
    "apart_erratum": "notice or reply and article",
    "apart_letters": "other authors",
    "apart_no_title": "no title",
    "apart_one_word": "one word of the title is another",
    "apart_other_place": "other DOI, other place",
    "apart_parts": "numbers in the titles differ",
    "apart_preprint": "not the same kind",
    "apart_protocol": "another stage of a study",
    "apart_registration_and_article": "not the same kind",
    "apart_shared_doi": "other titles",
    "apart_updates_of_a_review": "update of a review",
}


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    frames, report = read_case(case)
    result = deduplicate(frames)
    expected: dict[str, set[str]] = {}
    for record_id, label in report.items():
        expected.setdefault(label, set()).add(record_id)
    assert clusters(result) == {frozenset(ids) for ids in expected.values()}
    review = result.pairs.filter(band="review")["reasons"].to_list()
    if case in SHOWN:
        assert any(f"VETO {SHOWN[case]}" in reasons for reasons in review)
    elif case.startswith("same"):
        assert review == []
