"""`prismake rank`, and the order in which later rounds of a review are issued."""

import csv
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.cli import main
from prismake.records import table, write_parquet
from prismake.screening.ranking import mixed, rank, rank_reports
from prismake.screening.tfidf import Matrix, corpus, kept_corpus, tfidf

WORDS = {True: "vesicles repair injured cartilage in rats", False: "tax policy of medieval towns near rivers"}


def text(number: int, relevant: bool) -> str:
    extra = random.Random(number).sample(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"], 3)
    return f"{WORDS[relevant]} {' '.join(extra)} study {number}"


TEXTS = {f"s:{number}": text(number, number % 4 == 0) for number in range(40)}
LABELS = {f"s:{number}": number % 4 == 0 for number in range(12)}


def write(records: list[dict], decisions: str) -> list[str]:
    write_parquet("r.parquet", table([{"source_record_id": str(n), **row} for n, row in enumerate(records)], "s"))
    Path("d.csv").write_text(f"record_id,decision\n{decisions}")
    return ["rank", "--records", "r.parquet", "--decisions", "d.csv", "--out", "ranking.csv"]


def ranking() -> list[dict[str, str]]:
    with Path("ranking.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_ranks_every_undecided_record_also_those_without_text():
    records = [{"title": text(n, n % 2 == 0), "abstract": "In brief."} for n in range(10)] + [{}]
    command = write(records, "s:0,include\ns:2,include\ns:1,exclude\n")
    assert main(command) == 0
    rows = ranking()
    assert list(rows[0]) == ["record_id", "rank", "score"]
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, 9)]
    assert {row["record_id"] for row in rows} == {f"s:{n}" for n in (3, 4, 5, 6, 7, 8, 9, 10)}
    assert {row["record_id"] for row in rows[:3]} == {"s:4", "s:6", "s:8"}
    first = Path("ranking.csv").read_bytes()
    assert main(command) == 0
    assert Path("ranking.csv").read_bytes() == first


@pytest.mark.parametrize("decisions", ["", "s:0,include\n", "s:1,exclude\n", "s:0,include\ns:1,exclude\n"])
def test_there_is_an_order_with_no_inclusion_or_exclusion_yet(decisions):
    assert main([*write([{"title": text(n, n % 2 == 0)} for n in range(6)], decisions), "--seed", "-3"]) == 0
    assert len(ranking()) == 6 - decisions.count("\n")


def test_all_decided_leaves_an_empty_ranking():
    assert main(write([{"title": "One"}, {}], "s:0,include\ns:1,exclude\n")) == 0
    assert ranking() == []
    assert main(write([], "")) == 0
    assert ranking() == []


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ("s:9,include\n", "row 2: the records hold no 's:9'"),
        ("s:0,maybe\n", "row 2: the decision is 'maybe'"),
        ("s:0,\n", "row 2: the decision is ''"),
        ("s:0,include\ns:0,exclude\n", "row 3: 's:0' is included in one row and excluded in another"),
    ],
)
def test_wrong_decisions_are_refused_with_their_row(decisions, said, capsys):
    assert main(write([{"title": "One"}], decisions)) == 1
    assert said in capsys.readouterr().err
    assert not Path("ranking.csv").exists()


def test_a_table_without_the_columns_is_refused(capsys):
    command = write([{"title": "One"}], "")
    Path("d.csv").write_text("id;decision\n")
    assert main(command) == 1
    assert "d.csv: the column record_id is missing" in capsys.readouterr().err
    Path("d.csv").write_bytes(b"record_id,decision\n\xff,include\n")
    assert main(command) == 1
    assert "UTF-8" in capsys.readouterr().err


def test_what_looks_like_the_inclusions_comes_first_in_whatever_order_the_records_are_given():
    ranked = rank(corpus(TEXTS), LABELS)
    assert {name for name, _ in ranked[:7]} == {f"s:{n}" for n in range(12, 40, 4)}
    turned = dict(reversed(TEXTS.items()))
    assert rank(corpus(turned), dict(reversed(LABELS.items()))) == ranked


def test_with_inclusions_alone_the_most_similar_come_first():
    ranked = rank(corpus(TEXTS), {"s:0": True})
    assert {name for name, _ in ranked[:9]} == {f"s:{n}" for n in range(4, 40, 4)}


def test_without_inclusions_the_order_is_random_and_seeded():
    one, two = (rank(corpus(TEXTS), {"s:1": False}, seed) for seed in (1, 2))
    assert one != two
    assert sorted(one) == sorted(two)
    assert {score for _, score in one} == {0.0}


def test_tfidf_is_that_of_scikit_learn():
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to load in each process of a test run

    texts = [*TEXTS.values(), "", "One a I", "vesicles vesicles vesicles", "Zeitlupe über Ωmega-3", "study of it"]
    texts += ["regenerating of corneas", "Regeneration-of corneal"]
    terms = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w{2,8}"}
    theirs = TfidfVectorizer(**terms, sublinear_tf=True, max_df=0.95).fit_transform(texts)
    rows = np.arange(len(texts))
    some = rows[::-3]
    assert np.allclose(grams(tfidf(texts)), (theirs @ theirs.T).toarray())
    assert np.allclose(grams(tfidf(texts).take(some)), (theirs[some] @ theirs[some].T).toarray())
    assert np.array_equal(grams(tfidf(["", "?"])), np.zeros((2, 2)))


def test_words_that_begin_alike_are_one_word():
    texts = ["regenerating", "regeneration", "regenera", "regener", "x", "y"]
    assert (grams(tfidf(texts))[0] > 0.99).tolist() == [True, True, True, False, False, False]


@pytest.mark.parametrize("number", [19, 20])
def test_a_term_in_95_of_100_texts_counts_and_one_in_more_does_not(number):
    texts = [f"common own{n}" if n < number else f"own{n}" for n in range(20)]
    assert (grams(tfidf(texts))[0, 1] > 0) == (number == 19)


def test_a_title_counts_twice_and_the_first_of_the_same_record_counts():
    other = {"source_record_id": "0", "title": "exosomes", "abstract": "one two three"}
    again = {"source_record_id": "0", "title": "towns", "abstract": "four five six"}
    records = [other, again, {"title": "villages", "abstract": "exosomes rivers"}]
    records += [{"title": "exosomes", "abstract": "rivers villages"}, {"title": "towns rivers"}]
    tables = [
        table([row], "s").with_columns(record_id=pl.lit(f"s:{n}")) for n, row in zip("00123", records, strict=True)
    ]
    write_parquet("r.parquet", pl.concat(tables))
    Path("d.csv").write_text("record_id,decision\ns:0,include\ns:3,exclude\n")
    assert main(["rank", "--records", "r.parquet", "--decisions", "d.csv", "--out", "ranking.csv"]) == 0
    first, second = ranking()
    assert (first["record_id"], second["record_id"]) == ("s:2", "s:1")


def test_pairs_too_many_to_number_by_arithmetic_change_nothing(monkeypatch):
    texts = ["one two three two", "two three four", "", "four one two three"]
    usual = tfidf(texts)
    monkeypatch.setattr("prismake.screening.tfidf._BITS", 5)
    for name, values in vars(tfidf(texts)).items():
        assert np.array_equal(values, getattr(usual, name))


def grams(matrix: Matrix) -> np.ndarray:
    """The product of each row with each."""
    return np.array([matrix.products(one) for one in np.eye(len(matrix.own))])


def test_the_kept_corpus_counts_only_for_its_key_and_only_when_whole(tmp_path):
    path = tmp_path / "kept" / "tfidf.npz"
    made = kept_corpus(path, lambda: "key", lambda: TEXTS)
    whole = path.read_bytes()
    assert made.ids == sorted(TEXTS)
    assert kept_corpus(path, lambda: "another", lambda: {"s:1": "one"}).ids == ["s:1"]
    start = whole.rindex(b"PK\x01\x02")  # of the last part in the list at the end
    encrypted, packed = (whole[: start + n] + bytes([c]) + whole[start + n + 1 :] for n, c in ((8, 1), (10, 99)))
    for damaged in (b"", whole[: len(whole) // 2], whole[:-200], b"PK\x03\x04nothing", encrypted, packed):
        path.write_bytes(damaged)
        assert kept_corpus(path, lambda: "key", lambda: TEXTS).ids == made.ids
        assert path.read_bytes() == whole
    kept = kept_corpus(path, lambda: "key", dict)
    assert kept.ids == made.ids
    assert np.array_equal(grams(kept.matrix), grams(made.matrix))


def test_where_nothing_can_be_kept_the_corpus_is_made_all_the_same(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert kept_corpus(tmp_path / "file" / "tfidf.npz", lambda: "key", lambda: TEXTS).ids == sorted(TEXTS)


def test_a_corpus_of_a_table_that_is_replaced_while_it_is_read_is_not_taken_for_that_of_the_new_one(tmp_path):
    path, table = tmp_path / "tfidf.npz", ["old"]

    def read_while_another_program_writes() -> dict[str, str]:
        texts = {f"{table[0]}:1": "one"}
        table[0] = "new"
        return texts

    assert kept_corpus(path, lambda: table[0], read_while_another_program_writes).ids == ["old:1"]
    assert kept_corpus(path, lambda: table[0], lambda: {"new:1": "one"}).ids == ["new:1"]


def test_a_table_read_before_is_not_read_again_until_it_changes(monkeypatch):
    texts = [{"title": text(n, n % 2 == 0), "abstract": "In brief."} for n in range(10)]
    command = write(texts, "s:0,include\ns:1,exclude\n")
    assert main(command) == 0
    first = Path("ranking.csv").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("prismake.records.read_parquet", None)
        assert main(command) == 0
    assert Path("ranking.csv").read_bytes() == first
    assert main(write([*texts, {"title": "New"}], "s:0,include\ns:1,exclude\n")) == 0
    assert len(ranking()) == 9
    monkeypatch.setattr("prismake.records.read_parquet", None)
    monkeypatch.setattr("prismake.screening.ranking.source", lambda module: "edited code")
    with pytest.raises(TypeError):
        main(command)


@pytest.mark.parametrize("left", ["nothing", "a folder", "another file"])
def test_a_table_that_is_none_any_more_is_refused_whatever_is_kept(left, capsys):
    command = write([{"title": "One"}, {"title": "Two"}], "s:0,include\n")
    assert main(command) == 0
    Path("r.parquet").unlink()
    if left == "a folder":
        Path("r.parquet").mkdir()
    elif left == "another file":
        Path("r.parquet").write_text("no table")
    assert main(command) == 1
    said = {"nothing": "no such file", "a folder": "this is a folder", "another file": "this is not a Parquet table"}
    assert f"r.parquet: {said[left]}" in capsys.readouterr().err


@given(st.integers(0, 60), st.floats(0, 1))
def test_a_share_of_random_records_is_mixed_in_and_none_is_lost(number, share):
    ranked = [f"s:{n}" for n in range(number)]
    order = mixed(ranked, share)
    assert sorted(order) == sorted(ranked)
    if share == 0:
        assert order == ranked


def test_of_every_ten_one_is_random():
    ranked = [f"s:{n}" for n in range(300)]
    order = mixed(ranked, 0.1)
    by_rank = [name for place, name in enumerate(order, start=1) if place % 10]
    assert by_rank[:200] == sorted(by_rank[:200], key=lambda name: int(name[2:]))
    assert any(int(name[2:]) > 50 for place, name in enumerate(order[:50], start=1) if place % 10 == 0)


def test_a_review_learns_from_votes_before_they_are_decisions():
    reports = [{"report_id": f"s:{n}", "title": text(n, n % 2 == 0), "abstract": None} for n in range(12)]
    unique = table([{"source_record_id": str(n), **row} for n, row in enumerate(reports)], "s").with_columns(
        report_id=pl.col("record_id"), identifiers=None, members=None, sources=None
    )
    write_parquet("unique.parquet", unique)
    decided = {0: "included", 1: "excluded", 2: "conflict"}
    rows = [f"s:{n},{decided.get(n, 'pending')}" for n in range(11)]  # a filter took the last one out
    Path("decisions.csv").write_text("\n".join(["report_id,state", *rows]) + "\n")
    votes = ["s:2,include", "s:2,exclude", "s:3,exclude", "s:4,maybe", ",include"]
    Path("votes.csv").write_text("\n".join(["report_id,decision", *votes]) + "\n")
    rank_reports(Path("unique.parquet"), Path(), Path("ranking.csv"), Path("m.npz"))
    listed = [row["record_id"] for row in ranking()]
    assert sorted(listed) == sorted(f"s:{n}" for n in range(3, 11))
    assert set(listed[:4]) == {"s:4", "s:6", "s:8", "s:10"}
    Path("decisions.csv").write_text("\n".join(["report_id,state", *rows, "s:11,pending"]) + "\n")  # without the filter
    rank_reports(Path("unique.parquet"), Path(), Path("ranking.csv"), Path("m.npz"))
    assert len(ranking()) == len(listed) + 1
    Path("votes.csv").write_text("report_id,decision\ns:2,include\ns:2,exclude\n")
    Path("decisions.csv").write_text("report_id,state\ns:1,pending\ns:2,conflict\ns:4,pending\n")
    rank_reports(Path("unique.parquet"), Path(), Path("ranking.csv"), Path("m.npz"))
    assert float(ranking()[0]["score"]) > 0  # one person said include
