"""What is a copy and what is not, one small file per case: tests/data/dedup_cases/."""

import re
from pathlib import Path

import pytest
from dedup_fixture import ARTICLE, DATA, clusters, read_case, source

from prismake.dedup.decide import OBSERVATIONS, VETOES
from prismake.dedup.engine import deduplicate

DOCS = Path(__file__).parents[2] / "docs" / "deduplication.md"
CASES = sorted(path.stem for path in DATA.glob("*.csv"))
# Pairs that are no copies and yet are to be shown to people, with what names the reason. The others need no question.
SHOWN = {
    "apart_erratum_without_a_place": "VETO notice or reply and article",
    "apart_letters": "VETO other authors",
    "apart_no_title": "VETO no title",
    "apart_numbers": "VETO numbers in the titles differ",
    "apart_one_word": "VETO one word of the title is another",
    "apart_other_place": "VETO other DOI, other place",
    "apart_parts_at_one_place": "VETO another part",
    "apart_shared_doi": "VETO other titles",
    "apart_two_journals": "VETO other volume",
    "apart_two_trials": "VETO other DOI, other place",
    "apart_two_languages": "VETO other DOI, other place",
    "apart_two_registers": "VETO other registration",
    "apart_two_pmids": "VETO other PMID",
    "apart_very_short_title": "VETO very short title",
    "apart_weekly_reports": "other abstract",
    "apart_yearly_reports": "other year",
}
# Pairs of reports that belong together, and how. They are linked without a question.
LINKED = {
    "apart_abstract_book": {"conference abstract and article"},
    "apart_conference_abstract": {"conference abstract and article"},
    "apart_erratum": {"correction and article", "reply or comment and article"},
    "apart_erratum_without_a_place": {"correction and article"},
    "apart_parts": {"parts of one work"},
    "apart_parts_at_one_place": {"parts of one work"},
    "apart_preprint": {"preprint and article"},
    "apart_protocol": {"protocol and report"},
    "apart_registration_and_article": {"registration and publication"},
    "apart_reply": {"reply or comment and article"},
    "apart_retraction": {"retraction notice and article"},
    "apart_translation": {"translation"},
    "apart_two_languages": {"translation"},
    "apart_update_in_the_title": {"update of a review"},
    "apart_updates_of_a_review": {"update of a review"},
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
        assert any(SHOWN[case] in reasons for reasons in review)
    else:
        assert review == []
    assert set(result.relations["relation"]) == LINKED.get(case, set())


def test_the_documentation_says_what_each_rule_is_worth():
    """A row of the table of docs/deduplication.md for each rule: other figures than with all rules, or a made case."""
    table = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| (nothing)", "| observation: ", "| veto: "))
    ]
    (_, *nothing, _), rows = table[0], table[1:]
    rules = [*OBSERVATIONS, *VETOES]
    assert [row[0] for row in rows] == [f"{type(rule).__name__.lower()}: {rule.name}" for rule in rules]
    for name, *figures, cases in rows:
        assert figures != nothing or cases, f"{name} is worth nothing"
        assert set(re.findall(r"`(\w+)`", cases)) <= set(CASES)


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
