"""References in the Vancouver manner, and links that are only ever web addresses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.report.references import author, authors, links, short, sort_key, vancouver, web_address

ROW = {
    "report_id": "pubmed:1",
    "title": "Exosomes in tissue repair",
    "authors": ["Holm, Nora Jane", "Costa, T."],
    "year": 2021,
    "journal": "J Invented Results",
    "volume": "12",
    "issue": "3",
    "pages": "45-51",
    "doi": "10.5555/inv.1",
    "pmid": "90000001",
    "url": "https://example.org/1",
}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Holm, Nora Jane", "Holm NJ"),
        ("Holm, N. J.", "Holm NJ"),
        ("Holm, NJ", "Holm NJ"),
        ("de la Fuente, Ana-María", "de la Fuente AM"),
        ("Ångström, Öyvind", "Ångström Ö"),
        ("The Example Trial Group", "The Example Trial Group"),
        ("Holm,", "Holm"),
    ],
)
def test_authors_have_initials(name, shown):
    assert author(name) == shown


def test_more_than_six_authors_end_in_et_al():
    assert authors([f"Name{i}, A" for i in range(7)]).endswith("Name5 A, et al")
    assert "et al" not in authors([f"Name{i}, A" for i in range(6)])


def test_a_whole_reference():
    assert vancouver(ROW) == "Holm NJ, Costa T. Exosomes in tissue repair. J Invented Results. 2021;12(3):45-51."


@pytest.mark.parametrize(
    ("gone", "shown"),
    [
        (["volume", "issue", "pages"], "Holm NJ, Costa T. Exosomes in tissue repair. J Invented Results. 2021."),
        (["issue"], "Holm NJ, Costa T. Exosomes in tissue repair. J Invented Results. 2021;12:45-51."),
        (["volume", "issue"], "Holm NJ, Costa T. Exosomes in tissue repair. J Invented Results. 2021:45-51."),
        (["year", "volume", "issue"], "Holm NJ, Costa T. Exosomes in tissue repair. J Invented Results. 45-51."),
        (["authors", "journal", "year"], "Exosomes in tissue repair. 12(3):45-51."),
        (["title"], "Holm NJ, Costa T. [No title]. J Invented Results. 2021;12(3):45-51."),
    ],
)
def test_what_is_missing_leaves_no_punctuation_behind(gone, shown):
    assert vancouver(ROW | dict.fromkeys(gone)) == shown


def test_a_title_that_ends_in_a_question_mark_gets_no_full_stop():
    assert "repair? J Invented" in vancouver(ROW | {"title": "Do exosomes help repair?"})


def test_short_names():
    assert short(ROW) == "Holm 2021"
    assert short(ROW | {"authors": None, "year": None, "title": "A" * 60}) == f"{'A' * 39}… (no year)"


def test_links_are_doi_and_pubmed_or_else_the_records_own_address():
    assert links(ROW) == [
        ("doi:10.5555/inv.1", "https://doi.org/10.5555/inv.1"),
        ("PMID 90000001", "https://pubmed.ncbi.nlm.nih.gov/90000001/"),
    ]
    assert links(ROW | {"doi": None, "pmid": None}) == [("link", "https://example.org/1")]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil", "ftp://x", "http://a b", ""])
def test_other_addresses_never_become_links(address):
    assert web_address(address) == ""
    assert links(ROW | {"doi": None, "pmid": None, "url": address}) == []


@given(st.text(), st.text(), st.text())
def test_whatever_the_record_holds_a_link_goes_to_the_web(doi, pmid, url):
    for _, address in links({"doi": doi, "pmid": pmid, "url": url}):
        assert re.fullmatch(r"https?://[^\s<>\"']+", address)


def test_the_order_is_by_author_without_regard_to_accents_and_case():
    rows = [
        ROW | {"report_id": str(i), "authors": [name]} for i, name in enumerate(["Zeta, A", "Öst, B", "de Groot, C"])
    ]
    assert [row["authors"][0] for row in sorted(rows, key=sort_key)] == ["de Groot, C", "Öst, B", "Zeta, A"]
