"""Time the flow diagram: all formats of one flow from counts, and the two steps of a large review.

usage: PYTHONPATH=workflow python benchmarks/prisma_flow.py [--records N]

The review has N invented records (100,000) of three databases, of which one in four is a copy; two in three reports are
excluded on title and abstract, the rest is retrieved, assessed and half of it included. Each command is started anew,
the best of three: seconds of wall clock and of processor time, and the sizes of what it wrote.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from prismake.config import check, write_checked
from prismake.publish import write_csv
from prismake.records import REPORT_SCHEMA, SCHEMA, write_parquet

COUNTS = Path(__file__).parents[1] / "tests/data/prisma_flow/worked_example.json"
SOURCES = ("pubmed", "embase", "scopus")


def timed(arguments: list[str | Path], folder: Path) -> tuple[float, float]:
    """Wall clock and processor seconds of one command, the best of three."""
    runs = []
    for _ in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-m", "prismake.cli", *arguments], cwd=folder, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append((time.perf_counter() - start, busy))
    return min(runs)


def write_review(folder: Path, count: int) -> list[str | Path]:
    """The files a review of this size has before the ledger; returns the arguments of `prismake ledger`."""
    numbers = range(count)
    ids = [f"{SOURCES[n % 3]}:{n}" for n in numbers]
    report_of = [ids[n - 1] if n % 4 == 3 else ids[n] for n in numbers]
    reports = [ids[n] for n in numbers if n % 4 != 3]
    titles = [f"Invented study {n} of vesicles of stem cells after an injury of organ {n % 97}" for n in numbers]
    shown = {
        "title": titles,
        "authors": [["Okafor, A", "Lindqvist, B"]] * count,
        "year": [2000 + n % 26 for n in numbers],
        "journal": ["Journal of Invented Results"] * count,
        "doi": [f"10.5555/bench.{n}" for n in numbers],
    }
    base = {"record_id": ids, "source_id": [i.split(":")[0] for i in ids], "run_date": ["2026-01-10"] * count, **shown}
    records = pl.DataFrame(base, schema_overrides={name: SCHEMA[name] for name in base})
    lacking = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in SCHEMA.items() if name not in base]
    records = records.with_columns(lacking).select(list(SCHEMA))
    write_parquet(folder / "records.parquet", records)
    clusters = zip(ids, report_of, strict=True)
    write_csv(folder / "clusters.csv", ["record_id", "cluster_id"], [list(row) for row in clusters])
    unique = records.filter(pl.col("record_id").is_in(reports)).with_columns(
        pl.col("record_id").alias("report_id"),
        *(pl.lit([], dtype=pl.List(pl.String)).alias(name) for name in ("identifiers", "members", "sources")),
    )
    write_parquet(folder / "unique.parquet", unique.select(list(REPORT_SCHEMA)))
    kept = [report for n, report in enumerate(reports) if n % 3 == 0]
    included = kept[::2]
    write_csv(folder / "filters.csv", ["report_id", "filter"], [])
    decisions = [[report, "included" if n % 3 == 0 else "excluded", "human", 0, ""] for n, report in enumerate(reports)]
    write_csv(folder / "title_abstract.csv", ["report_id", "state", "by", "adjudicated", "votes"], decisions)
    write_csv(folder / "retrieval.csv", ["report_id", "outcome"], [[report, "retrieved"] for report in kept])
    full_text = [
        [report, "included" if n % 2 == 0 else "excluded", "" if n % 2 == 0 else "Wrong outcome", 0, ""]
        for n, report in enumerate(kept)
    ]
    write_csv(folder / "full_text.csv", ["report_id", "state", "reason", "adjudicated", "votes"], full_text)
    studies = [[report, f"Okafor {n}", 1] for n, report in enumerate(included)]
    write_csv(folder / "studies.csv", ["report_id", "study_id", "checked"], studies)
    sources = {
        name: {"database": name.title(), "kind": "database", "files": ["x.ris"], "date": "2026-01-10", "strategy": "x"}
        for name in SOURCES
    }
    os.chdir(folder)
    Path("x.ris").touch()
    review = check({"review": {"title": "A large review"}, "search": {"sources": sources}})
    files = ("unique.parquet", "filters.csv", "title_abstract.csv", "retrieval.csv", "full_text.csv", "studies.csv")
    tables = [word for file in files for word in (f"--{Path(file).stem.replace('_', '-')}", file)]
    given = ["--config", write_checked(review), "--records", "records.parquet", "--clusters", "clusters.csv"]
    return ["ledger", *given, *tables, "--out", "out"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, formats in (("svg", ["--formats", "svg"]), ("every format", [])):
            wall, busy = timed(["flow", COUNTS, "--out-dir", folder / "counts", *formats], folder)
            print(f"flow from counts, {what}: {wall:.2f} s wall, {busy:.2f} s CPU")
        wall, busy = timed(write_review(folder, options.records), folder)
        print(f"ledger of {options.records:,} records: {wall:.2f} s wall, {busy:.2f} s CPU")
        tables = ["--records", "out/records.csv", "--reports", "out/reports.csv"]
        wall, busy = timed(["flow", "out/flow.json", "--out-dir", "out", *tables], folder)
        print(f"every format of its flow: {wall:.2f} s wall, {busy:.2f} s CPU")
        for path in sorted((folder / "out").iterdir()):
            print(f"  {path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
