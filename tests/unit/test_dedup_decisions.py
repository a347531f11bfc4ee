"""Verdicts of people: obeyed, transitive, shown where they contradict each other, forgiving where they are mistyped."""

from pathlib import Path

import pytest
from dedup_fixture import ARTICLE, clusters, source

from prismake.dedup.decisions import read_verdicts
from prismake.dedup.engine import deduplicate
from prismake.errors import PrismakeError

HEAD = "record_id_1,record_id_2,verdict,person,note\n"
# Four reports that nothing connects but a verdict.
TITLES = [
    "Cryopreservation of platelets in small blood banks of island states",
    "Night shifts and the melatonin of hospital pharmacists: a diary study",
    "Grip strength after distal radius fracture in retired rowers",
    "Lead in drinking water of rural schools, and who replaces the pipes",
]
FOUR = source("s", *({"title": title, "year": 2001 + n} for n, title in enumerate(TITLES)))


def decide(tmp_path, text, frames=(FOUR,)):
    path = tmp_path / "pairs.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return deduplicate(list(frames), [path])


def groups(result):
    return {tuple(sorted(record_id[2:] for record_id in cluster)) for cluster in clusters(result)}


def test_same_is_obeyed_and_transitive(tmp_path):
    result = decide(tmp_path, "s:1,s:2,same,ana,\ns:3,s:2,same,ben,\n")
    assert groups(result) == {("1", "2", "3"), ("4",)}
    assert {row[2] for row in result.pairs.rows()} == {"merge"}
    assert any("VERDICT same (ana)" in reasons for reasons in result.pairs["reasons"])


def test_different_is_obeyed_and_no_longer_asked(tmp_path):
    copies = [source("a", ARTICLE), source("b", ARTICLE), source("c", {**ARTICLE, "pages": "1-9", "volume": None})]
    assert len(clusters(deduplicate(copies))) == 1 or deduplicate(copies).pairs.filter(band="review").height
    result = decide(tmp_path, "a:1,b:1,different,ana,\n", copies[:2])
    assert len(clusters(result)) == 2
    assert result.pairs.height == 0


def test_different_holds_for_the_copies_of_the_two(tmp_path):
    copies = [source(name, ARTICLE) for name in "abc"]
    result = decide(tmp_path, "a:1,b:1,same,ana,\nb:1,c:1,different,ana,\n", copies)
    assert clusters(result) == {frozenset({"a:1", "b:1"}), frozenset({"c:1"})}
    assert result.pairs.filter(band="review").height == 0


def test_same_wins_over_a_veto(tmp_path):
    frames = [source("a", ARTICLE), source("b", {**ARTICLE, "title": f"Erratum: {ARTICLE['title']}"})]
    assert len(clusters(deduplicate(frames))) == 2
    assert len(clusters(decide(tmp_path, "a:1,b:1,same,,\n", frames))) == 1


def test_contradictory_verdicts_keep_their_pairs_apart_and_only_theirs(tmp_path):
    text = "s:1,s:2,same,ana,\ns:2,s:3,same,ben,\ns:3,s:1,different,ana,\ns:4,s:1,same,ben,\n"
    result = decide(tmp_path, text)
    assert groups(result) == {("1", "4"), ("2",), ("3",)}
    conflicts = {(v.record_id_1, v.record_id_2, v.verdict, v.cell) for v in result.conflicts}
    assert conflicts == {("s:1", "s:2", "same", "C2"), ("s:2", "s:3", "same", "C3"), ("s:3", "s:1", "different", "C4")}
    assert result.pairs.filter(band="review").height == 3


def test_two_people_who_disagree_are_a_conflict_even_over_plain_copies(tmp_path):
    copies = [source("a", ARTICLE), source("b", ARTICLE)]
    result = decide(tmp_path, "a:1,b:1,same,ana,\nb:1,a:1,different,ben,\n", copies)
    assert len(clusters(result)) == 2
    assert [v.person for v in result.conflicts] == ["ana", "ben"]


def test_rows_that_cannot_be_used_are_faults_and_the_others_count(tmp_path):
    text = "s:1,s:99,same,ana,\ns:1,s:1,same,ana,\ns:1,s:2,maybe,ana,\ns:1,s:2,,ana,\n,,,,\ns:3,s:4,SAME ,ana,\n"
    result = decide(tmp_path, text)
    assert groups(result) == {("1",), ("2",), ("3", "4")}
    assert [(fault.cell, fault.person, fault.record_id) for fault in result.faults] == [
        ("B2", "ana", "s:99"),
        ("B3", "ana", "s:1"),
        ("C4", "ana", "s:1"),
    ]


def test_a_table_saved_by_excel_in_europe(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("\ufeffRecord_ID_1;Record_ID_2;Verdict\r\ns:1;s:2;same\r\n", encoding="utf-8")
    assert ("1", "2") in groups(deduplicate([FOUR], [path]))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"left,right\n1,2\n", "no table with the columns record_id_1, record_id_2, verdict"),
        (b"", "this file is empty"),
        (b"\xff\xfe\x00", "no table with the columns"),
    ],
)
def test_a_file_that_is_no_table_of_verdicts(tmp_path, data, problem):
    path = tmp_path / "pairs.csv"
    path.write_bytes(data)
    with pytest.raises(PrismakeError, match=problem) as caught:
        deduplicate([FOUR], [path])
    assert caught.value.place == str(path)
    with pytest.raises(PrismakeError, match="No such file"):
        deduplicate([FOUR], [tmp_path / "absent.csv"])


def test_in_a_review_such_a_file_is_a_fault_and_the_others_count(tmp_path):
    (tmp_path / "notes.csv").write_text("left,right\n1,2\n")
    (tmp_path / "verdicts.csv").write_bytes(
        "record_id_1;record_id_2;verdict;note\na;b;Same;gepr\xfcft\n".encode("cp1252")
    )
    verdicts, faults = read_verdicts(sorted(tmp_path.glob("*")), {"a": 0, "b": 1}, people=())
    assert [(v.record_id_1, v.record_id_2, v.verdict) for v in verdicts] == [("a", "b", "same")]
    assert [Path(fault.file).name for fault in faults] == ["notes.csv"]
