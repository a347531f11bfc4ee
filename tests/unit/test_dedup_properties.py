"""What holds for any records and any verdicts."""

import csv
import tempfile
from pathlib import Path

import polars as pl
from dedup_fixture import ARTICLE, source
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.dedup.compare import compare
from prismake.dedup.decide import decide, explain
from prismake.dedup.engine import deduplicate
from prismake.dedup.normalise import normalise

TITLE = ARTICLE["title"]
RECORD = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(
            [TITLE, TITLE.upper(), f"{TITLE}: part I", f"{TITLE}: part II", "Editorial", "[ÉX] 中", ""]
        ),
        "authors": st.sampled_from([ARTICLE["authors"], ARTICLE["authors"][:1], ["Brandvold, Nils"], []]),
        "year": st.sampled_from([2019, 2021]),
        "journal": st.sampled_from(["Journal of Vesicle Biology", "J Vesicle Biol", "Annals of Regeneration"]),
        "volume": st.sampled_from(["12", "13"]),
        "pages": st.sampled_from(["244-258", "244-58", "e12", "1-9", "01-Sep", "--"]),
        "doi": st.sampled_from(["10.5555/a", "10.5555/b"]),
        "pmid": st.sampled_from(["90000001", "90000002"]),
        "abstract": st.sampled_from(["Background: exosomes of the heart.", "Something else was done here."]),
        "keywords": st.lists(st.sampled_from(["rat", "Rat", "heart"])),
    },
)
FRAMES = st.lists(st.lists(RECORD, max_size=5), min_size=1, max_size=3)
few = settings(max_examples=15, deadline=None)


def tables(rows):
    return [source(f"s{number}", *records) for number, records in enumerate(rows)]


@few
@given(FRAMES)
def test_clusters_are_a_partition_and_merging_loses_nothing(rows):
    frames = tables(rows)
    everything = pl.concat(frames)
    result = deduplicate(frames)
    assert sorted(result.clusters["record_id"]) == sorted(everything["record_id"])
    assert sorted(result.unique["members"].explode().drop_nulls()) == sorted(everything["record_id"])
    assert set(result.unique["report_id"]) == set(result.clusters["cluster_id"])
    assert set(result.clusters["cluster_id"]) <= set(everything["record_id"])
    for name in ("pmid", "doi", "title"):
        had = set(everything.filter(pl.col(name).is_not_null())["record_id"])
        reports = result.clusters.filter(pl.col("record_id").is_in(had))["cluster_id"]
        assert result.unique.filter(pl.col("report_id").is_in(reports.implode()))[name].null_count() == 0
    joined = everything.join(result.clusters.select("record_id", "cluster_id"), on="record_id")
    for report, listed in result.unique.select("report_id", "identifiers").iter_rows():
        members = joined.filter(pl.col("cluster_id") == report)
        given = {f"{name}:{value}" for name in ("doi", "pmid", "pmcid") for value in members[name] if value}
        assert set(listed or ()) == given, "every identifier of every record"


@few
@given(FRAMES)
def test_decisions_are_symmetric_and_clusters_hold_no_pair_that_is_apart(rows):
    frames = tables(rows)
    normalised = normalise(pl.concat(frames))
    size = normalised.height
    ends = [(a, b) for a in range(size) for b in range(size) if a != b]
    pairs = pl.DataFrame(ends, schema={"a": pl.UInt32, "b": pl.UInt32}, orient="row")
    features = compare(normalised, pairs)
    decided = decide(features).with_columns(reasons=explain(features))
    turned = decided.select(pl.col("b").alias("a"), pl.col("a").alias("b"), pl.exclude("a", "b")).sort("a", "b")
    assert decided.sort("a", "b").equals(turned.select(decided.columns))
    cluster = dict(deduplicate(frames).clusters.select("record_id", "cluster_id").iter_rows())
    ids = normalised["record_id"]
    for a, b in decided.filter("apart").select("a", "b").iter_rows():
        assert cluster[ids[a]] != cluster[ids[b]]


@few
@given(
    FRAMES,
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.sampled_from(["same", "different"])), max_size=6),
)
def test_a_verdict_is_obeyed_unless_another_contradicts_it(rows, said):
    frames = tables(rows)
    ids = sorted(pl.concat(frames)["record_id"])
    told = [(ids[a], ids[b], verdict) for a, b, verdict in said if a != b and max(a, b) < len(ids)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("record_id_1", "record_id_2", "verdict"), *told])
        result = deduplicate(frames, [path])
    cluster = dict(result.clusters.select("record_id", "cluster_id").iter_rows())
    contradicted = {(v.record_id_1, v.record_id_2) for v in result.conflicts}
    for one, other, verdict in told:
        together = cluster[one] == cluster[other]
        assert together == (verdict == "same" and (one, other) not in contradicted)
