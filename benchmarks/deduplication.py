"""Score deduplication on labelled sets, and time it.

usage: PYTHONPATH=workflow python benchmarks/deduplication.py FOLDER... [--errors FILE] [--ablate]

A FOLDER holds records.csv (any table that `prismake import` reads, with a column record_id) and truth.csv (record_id,
cluster_id: the same cluster_id means the same report). Figures, at the level of records (as in Hair et al. 2023,
doi:10.1186/s12915-023-01686-z): one record of each cluster is kept, the one that comes first in truth.csv.

  TP  records removed rightly        FN  kept copies of a report beyond its first
  FP  reports of which every record was removed       F1 = 2 TP / (2 TP + FP + FN)

`queue` is the number of pairs in the review band, `in queue` how many of those are copies by the labels.
--errors writes every wrongly joined and every missed pair; --ablate tells what each observation and veto is worth.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import polars as pl

from prismake.dedup import decide
from prismake.dedup.engine import Result, deduplicate
from prismake.importers import import_files
from prismake.publish import read_csv, write_csv


@dataclass(frozen=True)
class Labelled:
    """A labelled set: its records and, in the order of truth.csv, the report each belongs to."""

    name: str
    records: pl.DataFrame
    report: dict[str, str]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--errors", type=Path, help="CSV to write: set, kind (FP or FN), the two records, why")
    parser.add_argument("--ablate", action="store_true", help="score again without each observation and each veto")
    options = parser.parse_args(arguments)
    sets = [load(folder) for folder in options.folders]
    results = [run(labelled) for labelled in sets]
    rows = [
        {"set": s.name, **count(s, result), "wall s": round(wall, 2), "CPU s": round(cpu, 2)}
        for s, (result, wall, cpu) in zip(sets, results, strict=True)
    ]
    show([*rows, pooled(rows)])
    if options.errors:
        errors = [row for s, (result, _, _) in zip(sets, results, strict=True) for row in wrong_pairs(s, result)]
        write_csv(options.errors, ["set", "kind", "record_id_1", "record_id_2", "reasons"], errors)
    if options.ablate:
        print()
        show(list(ablate(sets)))


def load(folder: Path) -> Labelled:
    frame, _ = import_files([folder / "records.csv"], source_id="s")
    return Labelled(folder.name, frame, {row["record_id"]: row["cluster_id"] for row in read_csv(folder / "truth.csv")})


def run(labelled: Labelled) -> tuple[Result, float, float]:
    """The result, wall seconds, CPU seconds (deduplication alone, without import)."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = deduplicate([labelled.records])
    return result, time.perf_counter() - wall, time.process_time() - cpu


def count(labelled: Labelled, result: Result) -> dict[str, float]:
    found = found_clusters(result)
    members = defaultdict(list)
    for record_id in labelled.report:
        members[found[record_id]].append(record_id)
    kept = [labelled.report[ids[0]] for ids in members.values()]
    reports = len(set(labelled.report.values()))
    fp, fn = reports - len(set(kept)), len(kept) - len(set(kept))
    tp = len(labelled.report) - reports - fn
    queue = result.pairs.filter(band="review").select("record_id_1", "record_id_2").iter_rows()
    right = [labelled.report[own_id(one)] == labelled.report[own_id(other)] for one, other in queue]
    return {"records": len(labelled.report), **figures(tp, fp, fn), "queue": len(right), "in queue": sum(right)}


def figures(tp: int, fp: int, fn: int) -> dict[str, float]:
    return {"TP": tp, "FP": fp, "FN": fn, "F1": round(2 * tp / max(2 * tp + fp + fn, 1), 4)}


def pooled(rows: list[dict]) -> dict:
    total = {key: round(sum(row[key] for row in rows), 2) for key in rows[0] if key not in ("set", "F1")}
    return {"set": "pooled", **total, **figures(total["TP"], total["FP"], total["FN"])}


def own_id(record_id: str) -> str:
    return record_id.removeprefix("s:")


def found_clusters(result: Result) -> dict[str, str]:
    return {
        own_id(record): cluster for record, cluster in result.clusters.select("record_id", "cluster_id").iter_rows()
    }


def wrong_pairs(labelled: Labelled, result: Result) -> Iterator[tuple[str, ...]]:
    found = found_clusters(result)
    reasons = {(own_id(one), own_id(other)): why for one, other, _, _, why in result.pairs.iter_rows()}
    for kind, together, apart in (("FP", found, labelled.report), ("FN", labelled.report, found)):
        members = defaultdict(list)
        for record_id in labelled.report:
            members[together[record_id]].append(record_id)
        for ids in members.values():
            for one, other in combinations(ids, 2):
                if apart[one] != apart[other]:
                    why = reasons.get((one, other)) or reasons.get((other, one), "")
                    yield labelled.name, kind, one, other, why


def ablate(sets: list[Labelled]) -> Iterator[dict]:
    """The pooled figures without each rule in turn."""
    for rules in (decide.OBSERVATIONS, decide.VETOES):
        for number, rule in enumerate(rules):
            rules[number] = replace(rule, holds=pl.col("a").is_null())
            counts = pooled([{"set": s.name, **count(s, run(s)[0])} for s in sets])
            rules[number] = rule
            yield {"without": f"{type(rule).__name__.lower()}: {rule.name}"} | {
                key: counts[key] for key in ("FP", "FN", "F1", "queue", "in queue")
            }


def show(rows: list[dict]) -> None:
    """A table for people; the pooled row repeats the columns of the others."""
    columns = list(rows[0])
    widths = [max(len(column), *(len(str(row[column])) for row in rows)) for column in columns]
    for cells in (columns, *([row[column] for column in columns] for row in rows)):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    sys.stdout.flush()


if __name__ == "__main__":
    main()
