"""Values of single fields: identifiers, names, pages."""

import pytest

from prismake.importers import fields
from prismake.importers.csv_table import split_names


@pytest.mark.parametrize(
    ("value", "doi"),
    [
        ("10.5555/ABC.1", "10.5555/abc.1"),
        ("https://doi.org/10.5555/abc", "10.5555/abc"),
        ("http://dx.doi.org/10.5555/abc.", "10.5555/abc"),
        ("https://doi-org.proxy.example.edu/10.5555/abc", "10.5555/abc"),
        ("doi: 10.5555/abc [doi]", "10.5555/abc"),
        ("10.5555/0092-8674(93)90676-H", "10.5555/0092-8674(93)90676-h"),
        ("10.5555/abc)", "10.5555/abc"),
        (
            "10.5555/(SICI)1097(19960115)77:2&lt;1::AID&gt;3.0.CO;2-#",
            "10.5555/(sici)1097(19960115)77:2<1::aid>3.0.co;2-#",
        ),
        ("10.5555%2Fabc", None),
        ("10.5555/a%2Fb", "10.5555/a/b"),
        ("10.5555/a; 10.5555/b", "10.5555/a"),
        ("https://www.example.com/record?doi=10.5555/abc", None),
        ("https://publisher.example/doi/10.5555/abc/full", None),
        ("no doi", None),
    ],
)
def test_doi(value: str, doi: str | None):
    assert fields.doi(value) == doi


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Doe,Jane", "Doe, Jane"),
        ("Doe JA", "Doe, JA"),
        ("Doe J.A.", "Doe, J.A."),
        ("van Raaij MJ", "van Raaij, MJ"),
        ("Doe JA Jr", "Doe, JA, Jr"),
        ("J. A. Doe", "Doe, J. A."),
        ("M. Rejwan Uddin", "Uddin, M. Rejwan"),
        ("Ludwig van Doehoven", "van Doehoven, Ludwig"),
        ("Jane Doe", "Doe, Jane"),
        ("Doe, Jane, III", "Doe, Jane, III"),
        ("World Invention Organization", "World Invention Organization"),
        ("IEEE", "IEEE"),
        ("余敏", "余敏"),
        ("et al.", None),
        ("[Anonymous]", None),
        (" ", None),
    ],
)
def test_author(value: str, name: str | None):
    assert fields.author(value) == name


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Doe, J;Roe, K", ["Doe, J", "Roe, K"]),
        ("Doe, Jane and Roe, Kim", ["Doe, Jane ", " Roe, Kim"]),
        ("Doe J, Roe KL.", ["Doe J", "Roe KL"]),
        ("Doe, Jane", ["Doe, Jane"]),
        ("Doe, Jane Mary", ["Doe, Jane Mary"]),
        ("van Doe, Jane Mary", ["van Doe, Jane Mary"]),
        ("Jane Doe, Kim Roe, Lee Poe", ["Jane Doe", "Kim Roe", "Lee Poe"]),
    ],
)
def test_names_in_one_cell(value: str, names: list[str]):
    assert [name.strip() for name in split_names(value)] == [name.strip() for name in names]


@pytest.mark.parametrize(
    ("value", "year"), [("2014//", 2014), ("4-8 Aug. 2020", 2020), ("10 15", None), ("19481", None), ("in press", None)]
)
def test_year(value: str, year: int | None):
    assert fields.year(value) == year


@pytest.mark.parametrize(
    ("value", "pages"),
    [("376 -- 383", "376-383"), ("p. 12–19", "12-19"), ("e0815", "e0815"), ("S1 - S9", "S1-S9"), ("NA", None)],
)
def test_pages(value: str, pages: str | None):
    assert fields.pages(value) == pages


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("ClinicalTrials.gov/NCT09000001", ["NCT09000001"]),
        ("EudraCT/2010-000123-42", ["2010-000123-42"]),
        ("EUCTR2010-000123-42-DE", ["EUCTR2010-000123-42-DE"]),
        ("ISRCTN/ISRCTN90000001; DRKS90000001", ["ISRCTN90000001", "DRKS90000001"]),
        ("ChiCTR/ChiCTR-TRC-90002340", ["ChiCTR-TRC-90002340"]),
        ("ANZCTR/ACTRN12690000000639", ["ACTRN12690000000639"]),
        ("JPRN-UMIN900000123", ["JPRN-UMIN900000123"]),
        ("XNCT09000001 and NCT090000012", []),
    ],
)
def test_registry_ids(value: str, ids: list[str]):
    assert fields.registry_ids(value) == ids


def test_other_identifiers():
    assert fields.pmid("PUBMED 90314913") == "90314913"
    assert fields.pmid("21329279.0") == "21329279"
    assert fields.pmid("0") is None
    assert fields.pmcid("9000001") == fields.pmcid("PMC9000001") == "PMC9000001"
    assert fields.issns("1660-4601 16617827") == ["1660-4601", "1661-7827"]
    assert fields.isbn("1234-5678") is None
    assert fields.isbn("979-8-3736-2739-4 (paper)") == "9798373627394"
    assert fields.url("javascript:alert(1)") is None
    assert fields.url("see https://example.org/a?b=1 there") == "https://example.org/a?b=1"
    assert fields.url("www.example.org/x") == "http://www.example.org/x"
