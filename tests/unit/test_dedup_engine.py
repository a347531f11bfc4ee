"""Deduplication as a whole: ids, order, runs, verdicts, files, and what it scores on real sets."""

import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from dedup_fixture import ARTICLE, DATA, clusters, read_case, source

from prismake.dedup.engine import deduplicate, write
from prismake.errors import PrismakeError
from prismake.records import REPORT_SCHEMA, SCHEMA, read_parquet

ROOT = Path(__file__).parents[2]
OTHER = {"title": "Cryopreservation of platelets: a survey of practice in blood banks", "year": 2011}


def test_nothing_comes_of_nothing():
    for frames in ([], [pl.DataFrame(schema=SCHEMA)]):
        result = deduplicate(frames)
        assert (result.clusters.height, result.unique.height, result.pairs.height) == (0, 0, 0)
        assert result.unique.schema == pl.Schema(REPORT_SCHEMA)


def test_a_report_has_the_id_of_the_record_first_seen():
    second_source = source("aaa", ARTICLE, run_date="2026-01-05")
    first_source = source("zzz", ARTICLE, run_date="2026-01-05")
    later = source("first_given", ARTICLE, run_date="2026-09-05")
    undated = source("mmm", ARTICLE)
    ids = [
        set(deduplicate(frames).clusters["cluster_id"])
        for frames in (
            [later, first_source, second_source],  # the earlier run, then the source given first
            [second_source, first_source],
            [pl.concat([first_source, second_source])],  # several sources in one table: by name
            [later, first_source, undated],  # a run without a date comes first
        )
    ]
    assert ids == [{"zzz:1"}, {"aaa:1"}, {"aaa:1"}, {"mmm:1"}]


def test_a_record_found_again_is_compared_once_and_fills_gaps():
    ahead_of_print = {**ARTICLE, "pages": None, "issue": None}
    frames = [source("pubmed", ahead_of_print, run_date="2026-02-01"), source("pubmed", ARTICLE, run_date="2026-10-01")]
    result = deduplicate(frames)
    assert result.clusters.rows() == [("pubmed:1", "pubmed", "1", "pubmed:1")]
    report = result.unique.row(0, named=True)
    assert (report["run_date"], report["pages"], report["members"]) == ("2026-02-01", "244-258", ["pubmed:1"])


def test_one_run_cannot_hold_a_record_with_two_contents():
    frame = source("pubmed", ARTICLE)
    assert deduplicate([frame, frame]).clusters.height == 1
    with pytest.raises(PrismakeError, match="pubmed:1 occurs twice"):
        deduplicate([frame, frame.with_columns(title=pl.lit("Something else"))])


def test_an_accession_delivered_twice_is_a_copy_unless_the_titles_say_otherwise():
    bare = {"source_record_id": "77", "title": ARTICLE["title"]}
    again = source("embase", {**ARTICLE, "source_record_id": "77", "abstract": "Long."}, bare)
    assert [len(members) for members in clusters(deduplicate([again]))] == [2]
    renumbered = source("handsearch", {**ARTICLE, "source_record_id": "1"}, {**OTHER, "source_record_id": "1"})
    result = deduplicate([renumbered])
    assert len(clusters(result)) == 2
    assert "other titles" in result.pairs.filter(band="review")["reasons"][0]


def test_a_hundred_copies_are_one_report():
    rows = [{**ARTICLE, "doi": "10.5555/vesicle.2021.0244"} for _ in range(100)]
    result = deduplicate([source("pubmed", *rows)])
    assert len(clusters(result)) == 1
    assert len(result.unique["members"][0]) == 100


def test_a_record_between_two_reports_joins_one_of_them_only():
    part_1 = {**ARTICLE, "title": f"{ARTICLE['title']}: part I"}
    part_2 = {**ARTICLE, "title": f"{ARTICLE['title']}: part II"}
    result = deduplicate([source("pubmed", part_1, part_2), source("embase", ARTICLE)])
    assert not any({"pubmed:1", "pubmed:2"} <= cluster for cluster in clusters(result))
    assert result.pairs.filter(band="review").height >= 1


def everything():
    frames = [frame for path in sorted(DATA.glob("*.csv")) for frame in read_case(path.stem)[0]]
    return pl.concat(
        frame.with_columns(pl.col("record_id") + f"/{n}", pl.col("source_record_id") + f"/{n}")
        for n, frame in enumerate(frames)
    )


def test_the_order_of_rows_and_other_records_change_nothing():
    frame = everything()
    result = deduplicate([frame])
    shuffled = deduplicate([frame.sample(fraction=1, shuffle=True, seed=8)])
    for name in ("clusters", "unique", "pairs"):
        assert getattr(result, name).equals(getattr(shuffled, name))
    words = [f"{start}{end}" for start in ("alba", "nori", "tepu", "sola") for end in ("rin", "mek", "dov", "zet")]
    rng = random.Random(4)
    unrelated = [{"title": " ".join(rng.choices(words, k=8)), "year": 1990 + n % 30} for n in range(1000)]
    more = deduplicate([frame, source("noise", *unrelated)]).clusters
    assert more.filter(pl.col("source_id") != "noise").equals(result.clusters)


def test_hash_seed_and_threads_change_nothing(tmp_path):
    everything().write_parquet(tmp_path / "records.parquet")
    script = (
        "import sys, polars as pl\nfrom pathlib import Path\nfrom prismake.dedup.engine import deduplicate, write\n"
        "out = Path(sys.argv[1]); out.mkdir()\n"
        f"write(deduplicate([pl.read_parquet({str(tmp_path / 'records.parquet')!r})]), "
        "out / 'clusters.csv', out / 'unique.parquet', out / 'pairs.csv')\n"
    )
    for name, threads in (("one", "1"), ("two", "2")):
        settings = {"PYTHONHASHSEED": threads, "POLARS_MAX_THREADS": threads, "PYTHONPATH": str(ROOT / "workflow")}
        subprocess.run([sys.executable, "-c", script, tmp_path / name], env=os.environ | settings, check=True)
    for file in ("clusters.csv", "unique.parquet", "pairs.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_files_that_are_published(tmp_path):
    result = deduplicate(read_case("same_author_formats")[0])
    write(result, tmp_path / "clusters.csv", tmp_path / "unique.parquet", tmp_path / "pairs.csv")
    assert (tmp_path / "clusters.csv").read_text().splitlines()[:2] == [
        "record_id,source_id,source_record_id,cluster_id",
        "embase:2,embase,2,pubmed:1",
    ]
    assert (tmp_path / "pairs.csv").read_text().splitlines()[1].startswith("pubmed:1,wos:3,merge,")
    assert read_parquet(tmp_path / "unique.parquet", REPORT_SCHEMA).equals(result.unique)


def test_labelled_sets(shared):
    path = ROOT / "benchmarks" / "deduplication.py"
    spec = importlib.util.spec_from_file_location("deduplication_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = benchmark  # dataclasses look their module up
    spec.loader.exec_module(benchmark)
    sets = [benchmark.load(folder) for folder in sorted((shared / "data" / "dedup").iterdir())]
    counts = benchmark.pooled([{"set": s.name, **benchmark.count(s, benchmark.run(s)[0])} for s in sets])
    assert counts["F1"] >= 0.99
    assert counts["FP"] <= 3
    assert counts["queue"] * 50 < counts["records"]
