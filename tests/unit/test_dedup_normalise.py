"""Titles, names, pages and identifiers in their comparable form, and names of journals."""

import pytest
from dedup_fixture import source

from prismake.dedup.health import doubtful_issues
from prismake.dedup.journals import compare_names
from prismake.dedup.normalise import normalise


def one(**record):
    return normalise(source("s", record)).row(0, named=True)


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        ("Éxosomes &amp; <i>β</i>-cells", "exosomes beta cells"),
        ("Alzheimer’s disease — a re-view.", "alzheimers disease a re view"),
        ("Exosomes [Review] [33 refs]", "exosomes"),
        ("Exosomes.[Erratum appears in J Vesicle Biol. 2022 Jan;13(1):18]", "exosomes"),
        ("Carboplatin [corrected] or cisplatin", "carboplatin or cisplatin"),
        ("RETRACTED ARTICLE: Exosomes", "exosomes"),
        ("Wound healing. Part I", "wound healing part 1"),
        ("Vitamin C and factor X", "vitamin c and factor x"),
        ("Экзосомы и сердце", "экзосомы и сердце"),
        ("...", None),
        ("", None),
    ],
)
def test_title(title, folded):
    assert one(title=title)["title"] == folded


@pytest.mark.parametrize(
    "name", ["Quispe-Mamani, Rosa E", "Quispe Mamani RE", "Quispe-Mamani R.E.", "Quispe-Mamani, R., Jr"]
)
def test_last_name(name):
    assert one(title="x", authors=[name])["names"] == ["quispemamani"]


def test_names_of_groups_and_blanks():
    assert one(title="x", authors=["VESICLE-MI Study Group"])["names"] == ["group"]
    assert one(title="x", authors=["."])["names"] is None


@pytest.mark.parametrize(
    ("pages", "first", "last", "article"),
    [
        ("244-58", "244", "258", False),
        ("376 -- 383", "376", "383", False),
        ("pp. 12–15", "12", "15", False),
        ("S112", "112", None, False),
        ("e12724", "12724", None, True),
        ("CD005551", "5551", None, True),
        ("104567", "104567", None, True),
        ("1-6", "1", "6", False),
        ("01-Sep", None, None, None),
        ("n.pag", None, None, None),
    ],
)
def test_pages(pages, first, last, article):
    row = one(title="x", pages=pages)
    assert (row["first_page"], row["last_page"], row["article_number"]) == (first, last, article)


@pytest.mark.parametrize(
    ("doi", "url", "clean"),
    [
        ("10.5555/ABC.1", None, "10.5555/abc.1"),
        ("https://doi.org/10.5555/s0140(20)1", None, "10.5555/s0140(20)1"),
        (None, "https://doi.org/10.5555/s0140%2820%291", "10.5555/s0140(20)1"),
        ("10.1101/2020.05.05.555001v2", None, "10.1101/2020.05.05.555001"),
        ("10.5555/abc.1/full", None, "10.5555/abc.1"),
        ("doi withheld", None, None),
    ],
)
def test_doi(doi, url, clean):
    assert one(title="x", doi=doi, url=url)["doi"] == clean


@pytest.mark.parametrize(
    ("record", "notice", "kind"),
    [
        ({"title": "Exosomes in wound healing"}, "", ""),
        ({"title": "Corrigendum to: Exosomes in wound healing"}, "correction", ""),
        ({"title": "Re: Exosomes in wound healing"}, "comment", ""),
        ({"title": "Re-evaluation of exosomes"}, "", ""),
        ({"title": "Exosomes in wound healing: authors' reply"}, "comment", ""),
        ({"title": "Exosomes and their dose-response"}, "", ""),
        ({"title": "Exosomes", "publication_types": ["Published Erratum"]}, "correction", ""),
        ({"title": "Exosomes [abstract]"}, "", "conference"),
        ({"title": "Exosomes", "publication_types": ["Conference Abstract"]}, "", "conference"),
        ({"title": "Exosomes", "journal": "medRxiv"}, "", "preprint"),
        ({"title": "Exosomes", "source_record_id": "NCT09000001"}, "", "registration"),
    ],
)
def test_notice_and_kind(record, notice, kind):
    row = one(**record)
    assert (row["notice"], row["kind"]) == (notice, kind)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("j vesicle biol", "journal of vesicle biology", "same"),
        ("jvb", "journal of vesicle biology", "same"),
        ("dtsch med wochenschr", "deutsche medizinische wochenschrift", "same"),
        ("vesicle", "vesicle london england", "part"),
        ("annals of regeneration", "journal of vesicle biology", "other"),
    ],
)
def test_names_of_journals(first, second, expected):
    assert compare_names(first, second) == compare_names(second, first) == expected


def test_an_issue_that_counts_the_records_is_not_believed():
    copies = [
        {"title": f"Exosomes of tissue number {n}", "volume": "3", "pages": f"{n + 5}-{n + 9}"} for n in range(15)
    ]
    numbered = [record | {"issue": str(n + 100)} for n, record in enumerate(copies + copies)]
    assert doubtful_issues(normalise(source("reference_manager", *numbered))) == ["reference_manager"]
    proper = [record | {"issue": str(n % 4 + 1)} for n, record in enumerate(copies)]
    assert doubtful_issues(normalise(source("pubmed", *proper, *proper))) == []
