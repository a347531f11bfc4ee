"""What is a copy and what is not, one small file per case: tests/data/dedup_cases/."""

import pytest
from dedup_fixture import ARTICLE, DATA, clusters, read_case, source

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


TITLE = ARTICLE["title"]
NO_PLACE = {"volume": None, "issue": None, "pages": None}
# What a second database makes of a record: the change, and what both have besides.
VARIANTS = {
    "a title in capitals": {"title": TITLE.upper()},
    "no authors": {"authors": []},
    "neither authors nor place": {"authors": [], **NO_PLACE},
    "a title cut off": {"title": f"{TITLE[:60]}..."},
    "the journal behind the title": {"title": f"{TITLE}. Journal of Vesicle Biology"},
    "authors in another order": {"authors": ARTICLE["authors"][::-1]},
    "given names first": {"authors": ["Amara T Okonjo-Reyes", "Sven Lindqvist-Baer", "Hana Takamura"]},
    "ahead of print, a year earlier": {"year": 2020, **NO_PLACE},
    "paged from 1 in press": {"pages": "1-15", "volume": None, "issue": None},
    "volume and issue in one": {"volume": "12(3)", "issue": None},
    "blanks lost": {"title": TITLE.replace(" ", "")},
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS)
def test_a_record_as_another_database_has_it(change):
    assert len(clusters(deduplicate([source("pubmed", ARTICLE), source("embase", {**ARTICLE, **change})]))) == 1


def test_titles_in_chinese_and_spelt_with_entities():
    chinese = {
        "title": "间充质干细胞外泌体对心肌梗死大鼠心脏纤维化的影响",
        "authors": ["Wang, Li"],
        "year": 2020,
        "journal": "外泌体杂志",
        "volume": "36",
        "pages": "101-108",
    }
    greek = {**ARTICLE, "title": "TGF-β and in vivo exosomes and fibrosis of the ischaemic rat heart"}
    coded = {**greek, "title": "TGF-&beta; and <i>in vivo</i> exosomes &amp; fibrosis of the ischaemic rat heart"}
    frames = [
        source("pubmed", chinese, greek),
        source("wos", {**chinese, "authors": ["王丽"], "pages": "101-8"}, coded),
    ]
    assert clusters(deduplicate(frames)) == {frozenset({"pubmed:1", "wos:1"}), frozenset({"pubmed:2", "wos:2"})}
