"""Strategies taken apart for a line-by-line table, and known items looked up."""

import polars as pl
import pytest

from prismake.records import table
from prismake.search.known_items import kind_of, look_up
from prismake.search.strategies.query import lines, parse

WHOLE = {
    "exosome": ["exosome"],
    '"stem cell" AND "exosome"': ['"stem cell"', '"exosome"', "#1 AND #2"],
    '(a[tiab] OR "b c"[mh]) AND d[ti]': ["a[tiab]", '"b c"[mh]', "#1 OR #2", "d[ti]", "#3 AND #4"],
    "((a OR b) AND c)": ["a", "b", "#1 OR #2", "c", "#3 AND #4"],
    '(a) AND ("2016"[dp] : "2020"[dp])': ["(a)", '("2016"[dp] : "2020"[dp])', "#1 AND #2"],
    'a NOT ("animals"[mh] NOT "humans"[mh])': ["a", '"animals"[mh]', '"humans"[mh]', "#2 NOT #3", "#1 NOT #4"],
    "(a OR b": ["(a OR b"],
    ")a OR b(": [")a OR b("],
    "a[tiab] b[tiab]": ["a[tiab] b[tiab]"],
    "() AND a": ["() AND a"],
}


@pytest.mark.parametrize("strategy", WHOLE)
def test_a_strategy_in_one_line(strategy: str):
    found = lines(strategy)
    assert [query.shown for query in found] == WHOLE[strategy]
    assert [query.label for query in found] == [str(n) for n in range(1, len(found) + 1)]
    assert found[-1].query == strategy


@pytest.mark.parametrize(
    ("strategy", "label", "text"),
    [
        ("1. a AND b", "1", "a AND b"),
        ("#1 a AND b", "1", "a AND b"),
        ("5 fluorouracil AND b", "", "5 fluorouracil AND b"),
        ("S1 nuclease", "", "S1 nuclease"),
    ],
)
def test_a_single_line_is_numbered_when_it_says_so(strategy: str, label: str, text: str):
    assert [(line.label, line.text) for line in parse(strategy)] == [(label, text)]


def test_the_query_of_each_line_stands_by_itself():
    found = lines("(a[tiab]\n OR b[tiab]) AND c[tiab]")
    assert [query.query for query in found] == [
        "a[tiab]",
        "b[tiab]",
        "(a[tiab] OR b[tiab])",
        "c[tiab]",
        "(a[tiab] OR b[tiab]) AND c[tiab]",
    ]


def test_a_numbered_strategy_has_its_own_lines():
    found = lines("#1 a[tiab] OR b[tiab]\n#2 c[mh]\n#3 #1 AND #2\n#4 #3 NOT #1")
    assert [query.label for query in found] == ["1", "2", "3", "4"]
    assert found[2].shown == "#1 AND #2"
    assert found[2].query == "(a[tiab] OR b[tiab]) AND (c[mh])"
    assert found[3].query == "((a[tiab] OR b[tiab]) AND (c[mh])) NOT (a[tiab] OR b[tiab])"


RECORDS = [
    {"source_record_id": "1", "title": "A", "doi": "10.5555/a", "pmid": "90000001"},
    {"source_record_id": "2", "title": "B", "registry_ids": ["NCT09000001"]},
]


def test_known_items_are_looked_up_by_what_they_are():
    records = pl.concat([table(RECORDS, "pubmed"), table(RECORDS[:1], "embase")])
    items = ["https://doi.org/10.5555/A", 90000001, "NCT09000001", "embase:1", "10.5555/none", 90000009]
    found = look_up(items, records)
    assert [row["kind"] for row in found] == ["doi", "pmid", "registration", "record", "doi", "pmid"]
    assert [row["found"] for row in found] == ["1", "1", "1", "1", "0", "0"]
    assert (found[0]["sources"], found[0]["record_ids"]) == ("embase; pubmed", "embase:1; pubmed:1")
    assert found[5]["sources"] == ""


def test_kinds_of_identifiers():
    assert kind_of("doi:10.5555/X") == ("doi", "10.5555/x")
    assert kind_of("PMID: 90000001") == ("pmid", "90000001")
    assert kind_of("embase:2031234567") == ("record", "embase:2031234567")
