"""Concept blocks written as a search strategy for every database."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.search.strategies.compile import compile_strategy, problems
from prismake.search.strategies.lint import lint
from prismake.search.strategies.query import parse
from prismake.search.strategies.targets import target_of, targets

BLOCKS = {
    "concepts": {
        "cells": {
            "mesh": ["Mesenchymal Stem Cells", {"term": "Stromal Cells", "explode": False}],
            "emtree": ["mesenchymal stem cell"],
            "text": ["mesenchymal stem cell*", {"term": "MSC", "field": "title"}],
        },
        "vesicles": {
            "mesh": [{"term": "Exosomes", "major": True}],
            "text": [
                {"term": "exosom*", "spelled": ["exosome", "exosomes"]},
                {"near": ["small", "vesicles"], "within": 2},
            ],
        },
    }
}
WINDOW = {"from": "2016-11-23", "to": "2026-11-23"}


def text(target: str, search: dict = BLOCKS, published: dict | None = None) -> str:
    return compile_strategy(search, target, published).text


def test_pubmed():
    assert text("pubmed", published=WINDOW) == (
        '(("Mesenchymal Stem Cells"[mh] OR "Stromal Cells"[mh:noexp] OR "mesenchymal stem cell*"[tiab] OR MSC[ti])'
        ' AND ("Exosomes"[majr] OR "small vesicles"[tiab:~2] OR exosom*[tiab]))'
        ' AND ("2016/11/23"[dp] : "2026/11/23"[dp])'
    )


def test_europe_pmc_spells_out_a_truncated_phrase():
    assert text("europepmc") == (
        '(KW:"Mesenchymal Stem Cells" OR KW:"Stromal Cells" OR TITLE_ABS:"mesenchymal stem cell"'
        ' OR TITLE_ABS:"mesenchymal stem cells" OR TITLE:MSC)'
        ' AND (KW:"Exosomes" OR (TITLE_ABS:small AND TITLE_ABS:vesicles) OR TITLE_ABS:exosom*)'
    )


def test_clinicaltrials_takes_the_words_as_they_are_spelled():
    assert text("clinicaltrials", published={"from": "2016-11-23"}) == (
        '(("mesenchymal stem cell" OR "mesenchymal stem cells" OR (AREA[BriefTitle]MSC OR AREA[OfficialTitle]MSC))'
        " AND ((small AND vesicles) OR exosome OR exosomes)) AND AREA[StudyFirstPostDate]RANGE[2016-11-23, MAX]"
    )


def test_openalex():
    assert text("openalex") == (
        '("mesenchymal stem cell" OR "mesenchymal stem cells" OR MSC) AND ((small AND vesicles) OR exosome OR exosomes)'
    )


def test_ovid_has_numbered_lines_that_name_each_other():
    assert text("ovid_medline", published=WINDOW).split("\n") == [
        "1. exp Mesenchymal Stem Cells/",
        "2. Stromal Cells/",
        "3. mesenchymal stem cell*.ti,ab.",
        "4. MSC.ti.",
        "5. 1 or 2 or 3 or 4",
        "6. *Exosomes/",
        "7. (exosom* or (small adj3 vesicles)).ti,ab.",
        "8. 6 or 7",
        "9. 5 and 8",
        '10. limit 9 to yr="2016 -2026"',
    ]
    assert text("ovid_embase").startswith("1. exp mesenchymal stem cell/\n2. mesenchymal stem cell*.ti,ab.")


def test_embase_com():
    assert text("embase").split("\n")[:3] == [
        "#1 'mesenchymal stem cell'/exp",
        "#2 'mesenchymal stem cell*':ti,ab",
        "#3 MSC:ti",
    ]
    assert "(exosom* OR (small NEAR/3 vesicles)):ti,ab" in text("embase")  # neighbours count as 1 there


def test_scopus_and_web_of_science():
    assert "TITLE-ABS(exosom* OR (small W/2 vesicles))" in text("scopus")
    assert "(TI=(exosom* OR (small NEAR/2 vesicles)) OR AB=(exosom* OR (small NEAR/2 vesicles)))" in text("wos")
    assert text("scopus", published=WINDOW).endswith(" AND PUBYEAR > 2015 AND PUBYEAR < 2027")


def test_cochrane_joins_truncated_phrases_by_next():
    assert "(mesenchymal NEXT stem NEXT cell*):ti,ab" in text("cochrane")
    assert '[mh ^"Stromal Cells"]' in text("cochrane")


def test_ebsco():
    assert '(MH "Mesenchymal Stem Cells+") OR (MH "Stromal Cells")' in text("ebsco")
    assert text("ebsco", published=WINDOW).endswith(" AND DT 20161123-20261123")


@pytest.mark.parametrize(
    ("target", "note"),
    [
        ("pubmed", "truncates words of 4 letters or more: EV* is searched as EV"),
        ("europepmc", "cannot search the narrower headings, too: MeSH Exosomes"),
        ("clinicaltrials", "has no MeSH headings: left out of x: Exosomes"),
        ("openalex", "cannot truncate: EV* is searched as EV; say its words in `spelled`"),
        ("openalex", "the window of publication dates (from 2016-11-23 to 2026-11-23) is set in the search form"),
        ("ovid_embase", "no Emtree heading is given for x"),
        ("ovid_embase", "limits to whole years"),
        ("scopus", "has no MeSH headings: left out of x: Exosomes"),
        ("cochrane", "is set in the search form of Cochrane Library, not in the text"),
        ("ebsco", "CINAHL and other databases of EBSCO have their own"),
        ("pubmed", "cannot search for truncated words near each other: stem* and cell are joined by AND"),
        ("pubmed", "truncates only the last word of a phrase: stem* cell* is searched without the others' *"),
    ],
)
def test_what_a_database_cannot_express_is_said(target: str, note: str):
    terms = ["EV*", "stem* cell*", {"near": ["stem*", "cell"]}]
    notes = compile_strategy({"concepts": {"x": {"mesh": ["Exosomes"], "text": terms}}}, target, WINDOW).notes
    assert any(note in told for told in notes), notes


def test_combine_says_how_the_blocks_are_joined():
    concepts = {name: {"text": [name * 3]} for name in "abc"}
    search = {"concepts": concepts, "combine": "a and (b OR c)"}
    assert text("pubmed", search) == "(aaa[tiab]) AND ((bbb[tiab]) OR (ccc[tiab]))"
    assert text("ovid_medline", search).split("\n")[-1] == "4. 1 and (2 or 3)"
    assert text("scopus", {"concepts": concepts, "combine": "a NOT b"}) == "(TITLE-ABS(aaa)) AND NOT (TITLE-ABS(bbb))"


def test_words_that_are_operators_are_quoted():
    search = {"concepts": {"x": {"text": ["search and rescue", "NOT", "Crohn's disease"]}}}
    assert text("ovid_medline", search) == '1. ("search and rescue" or "NOT" or Crohn\'s disease).ti,ab.'
    assert '"Crohn\'s disease"' in text("embase", search)


@pytest.mark.parametrize(
    ("search", "problem"),
    [
        ({"concepts": {"x": {}}}, "give `text`, `mesh` or `emtree`"),
        ({"concepts": {"x": {"text": ['"stem cell"']}}}, "write the words alone"),
        ({"concepts": {"x": {"text": ["stem[tiab]"]}}}, "write the words alone"),
        ({"concepts": {"x": {"text": ["st*m"]}}}, "* stands at the end of a word"),
        ({"concepts": {"x": {"text": ["*"]}}}, "a term has letters"),
        ({"concepts": {"x": {"text": [{"near": ["", "a"]}]}}}, "a term has letters"),
        ({"concepts": {"x": {"mesh": ["Exosom*"]}}}, "write the heading alone"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x AND y"}, "'y' is not in search.concepts; known: x"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x AND (x"}, "a ( without its )"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x )"}, "a ) without its ("),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x AND x OR x"}, "set brackets"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x AND"}, "a name is missing at the end"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "x x"}, "an operator is missing before x"),
        ({"concepts": {"x": {"text": ["a"]}}, "combine": "AND x"}, "a name is missing before AND"),
    ],
)
def test_blocks_that_are_not_sound_are_named(search: dict, problem: str):
    (found,) = problems(search)
    assert problem in found


def test_sound_blocks_have_no_problems():
    assert problems(BLOCKS) == []


word = st.text("abcdefghäöé", min_size=4, max_size=8).filter(lambda w: w not in ("near", "next"))
phrase = st.lists(word, min_size=1, max_size=3).map(" ".join)
truncated = st.builds("{}{}".format, phrase, st.sampled_from(["", "*"]))
place = st.sampled_from(["title_abstract", "title", "abstract", "keywords", "all"])
term = st.one_of(
    truncated,
    st.fixed_dictionaries({"term": truncated, "field": place}),
    st.fixed_dictionaries({"near": st.lists(truncated, min_size=2, max_size=3), "within": st.integers(0, 9)}),
)
heading = st.one_of(phrase, st.fixed_dictionaries({"term": phrase, "explode": st.booleans(), "major": st.booleans()}))
concept = st.fixed_dictionaries(
    {"text": st.lists(term, min_size=1, max_size=4)},
    optional={"mesh": st.lists(heading, max_size=2), "emtree": st.lists(heading, max_size=2), "field": place},
)
blocks = st.dictionaries(st.sampled_from(["one", "two", "three"]), concept, min_size=1, max_size=3)
dates = st.sampled_from([None, WINDOW, {"from": "2016-11-23"}, {"to": "2020-01-01"}])


@pytest.mark.parametrize("target", targets())
@settings(max_examples=60, deadline=None)
@given(concepts=blocks, published=dates)
def test_every_term_is_there_and_the_text_is_sound(target: str, concepts: dict, published: dict | None):
    search = {"concepts": concepts}
    assert problems(search) == []
    written = text(target, search, published)
    words = re.findall(r"\w+", written)
    for terms in (concept["text"] for concept in concepts.values()):
        for given_term in terms:
            parts = [given_term] if isinstance(given_term, str) else given_term.get("near") or [given_term["term"]]
            for wanted in re.findall(r"\w+", " ".join(parts)):
                assert wanted in words
    assert not {finding.code for finding in lint(written, target)} & {"S101", "S102", "S105", "S107", "S110", "B201"}
    assert all(line.tokens for line in parse(written, target))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ({"database": "MEDLINE and PubMed", "platform": "PubMed"}, "pubmed"),
        ({"database": "Embase", "platform": "Ovid"}, "ovid_embase"),
        ({"database": "MEDLINE", "platform": "Ovid"}, "ovid_medline"),
        ({"database": "Embase", "platform": "Embase.com"}, "embase"),
        ({"database": "CENTRAL", "platform": "Cochrane Library"}, "cochrane"),
        ({"database": "CINAHL", "platform": "EBSCOhost"}, "ebsco"),
        ({"database": "Web of Science Core Collection"}, "wos"),
        ({"database": "Europe PMC"}, "europepmc"),
        ({"database": "Something else", "compile": "wos"}, "wos"),
        ({"database": "Colleagues"}, None),
    ],
)
def test_the_syntax_of_a_source(source: dict, target: str | None):
    assert target_of(source) == target


def test_an_unknown_database_is_named(tmp_path):
    from prismake.search.strategies.texts import print_strategies

    with pytest.raises(PrismakeError, match=r"'medline' is no database.*ovid_medline"):
        list(print_strategies({**BLOCKS, "sources": {}}, "medline", None))
    written = list(print_strategies({**BLOCKS, "sources": {}}, "wos", tmp_path))
    assert (tmp_path / "strategy.wos.txt").read_text(encoding="utf-8") == text("wos") + "\n"
    assert written[0].endswith("strategy.wos.txt")
