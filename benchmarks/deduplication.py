"""Score deduplication on labelled sets, and time it.

usage: PYTHONPATH=workflow python benchmarks/deduplication.py FOLDER... [--errors FILE] [--damage SEEDS] [--ablate]
           [--beside PYTHON]
       PYTHONPATH=workflow python benchmarks/deduplication.py --grow SIZE... --corpus FOLDER

A FOLDER holds records.csv (any table that `prismake import` reads, with a column record_id) and truth.csv (record_id,
cluster_id: the same cluster_id means the same report). Figures, at the level of records (as in Hair et al. 2023,
doi:10.1186/s12915-023-01686-z): one record of each cluster is kept, the one that comes first in truth.csv.

  TP  records removed rightly        FN  kept copies of a report beyond its first
  FP  reports of which every record was removed       F1 = 2 TP / (2 TP + FP + FN)

`queue` is the number of pairs of reports with a pair of records in the review band, `in queue` how many are copies by
the labels. --errors writes every wrongly joined and every missed pair. --damage scores the sets again, each record
damaged by chance with this many seeds (damaged_records.py). --ablate tells what each observation and veto is worth, on
the sets, on the damaged ones, and by the made cases (tests/data/dedup_cases) that are decided otherwise without it.
--beside times `prismake import` and `prismake deduplicate` against bib-dedupe, run by the Python it is installed for
(commands as a whole; `beyond one` is without what the same commands cost on one record). --grow times the command
`prismake deduplicate` on an invented corpus (copied_records.py), start of the program and reading included.
"""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import polars as pl

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("benchmarks", "tests/unit"))
from copied_records import write_corpus
from damaged_records import damage
from dedup_fixture import DATA, clusters, read_case

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
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--errors", type=Path, help="CSV to write: set, kind (FP or FN), the two records, why")
    parser.add_argument("--damage", type=int, default=0, metavar="SEEDS", help="score damaged records, seeds 1 to this")
    parser.add_argument("--ablate", action="store_true", help="score again without each observation and each veto")
    parser.add_argument("--beside", metavar="PYTHON", help="a Python that has bib-dedupe")
    parser.add_argument("--grow", nargs="+", type=int, default=[], metavar="SIZE", help="records, as 10000 100000")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="folder for the invented records")
    options = parser.parse_args(arguments)
    if options.grow:
        show(list(grow(options.grow, options.corpus)))
    if not options.folders:
        return
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
    if options.beside:
        print()
        show(list(beside(options.folders, options.beside)))
    damaged = [replace(s, records=damage(s.records, seed)) for seed in range(1, options.damage + 1) for s in sets]
    if damaged:
        rows = [score([d for d in damaged if d.name == s.name], s.name) for s in sets]
        print()
        show([*rows, pooled(rows)])
    if options.ablate:
        print()
        show(list(ablate(sets, damaged)))


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
    queue: dict[frozenset[str], bool] = defaultdict(bool)
    for pair in result.pairs.filter(band="review").select("record_id_1", "record_id_2").iter_rows():
        one, other = map(own_id, pair)
        queue[frozenset((found[one], found[other]))] |= labelled.report[one] == labelled.report[other]
    shown = {"queue": len(queue), "in queue": sum(queue.values())}
    return {"records": len(labelled.report), **figures(tp, fp, fn), **shown}


def score(sets: list[Labelled], name: str = "pooled") -> dict:
    """The figures of these sets together."""
    return pooled([{"set": s.name, **count(s, run(s)[0])} for s in sets]) | {"set": name}


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
    told = result.pairs.select("record_id_1", "record_id_2", "reasons").iter_rows()
    reasons = {(own_id(one), own_id(other)): why for one, other, why in told}
    for kind, together, apart in (("FP", found, labelled.report), ("FN", labelled.report, found)):
        members = defaultdict(list)
        for record_id in labelled.report:
            members[together[record_id]].append(record_id)
        for ids in members.values():
            for one, other in combinations(ids, 2):
                if apart[one] != apart[other]:
                    why = reasons.get((one, other)) or reasons.get((other, one), "")
                    yield labelled.name, kind, one, other, why


def ablate(sets: list[Labelled], damaged: list[Labelled]) -> Iterator[dict]:
    """The pooled figures of both, with all rules and without each in turn, and the made cases that then differ."""
    decided = decide_cases()
    yield {"without": "(nothing)", **worth(sets, damaged), "cases": ""}
    for rules in (decide.OBSERVATIONS, decide.VETOES):
        for number, rule in enumerate(rules):
            rules[number] = replace(rule, holds=pl.col("a").is_null())
            otherwise = [name for name, outcome in decide_cases().items() if outcome != decided[name]]
            counts = worth(sets, damaged)
            rules[number] = rule
            yield {"without": f"{type(rule).__name__.lower()}: {rule.name}", **counts, "cases": " ".join(otherwise)}


def worth(sets: list[Labelled], damaged: list[Labelled]) -> dict:
    keys = ("FP", "FN", "queue", "in queue")
    plain = score(sets)
    worse = score(damaged) if damaged else {}
    return {key: plain[key] for key in keys} | {f"damaged {key}": worse[key] for key in keys if key in worse}


def decide_cases() -> dict[str, tuple[set[frozenset[str]], bool]]:
    """Per made case its clusters and whether people are asked."""
    results = {path.stem: deduplicate(read_case(path.stem)[0]) for path in sorted(DATA.glob("*.csv"))}
    return {name: (clusters(r), not r.pairs.filter(band="review").is_empty()) for name, r in results.items()}


BIB_DEDUPE = """
import sys, pandas as pd
from bib_dedupe.bib_dedupe import prep, block, match, cluster
names = {"record_id": "ID", "authors": "author", "issue": "number", "isbn_issn": "isbn"}
table = pd.read_csv(sys.argv[1], dtype=str).rename(columns=names).fillna("")
table["ENTRYTYPE"] = "article"
cluster(match(block(prep(table))))
"""


def beside(folders: list[Path], python: str) -> Iterator[dict]:
    """CPU seconds of the commands on each set, beyond what they cost on one record, and of bib-dedupe."""
    rows = []
    for folder in folders:
        file = folder / "records.csv"
        with tempfile.TemporaryDirectory() as temporary:
            one = Path(temporary) / "one.csv"
            with file.open(encoding="utf-8") as lines, one.open("w", encoding="utf-8", newline="") as first:
                reader = csv.reader(lines)
                csv.writer(first).writerows([next(reader), next(reader)])
            ours, least = _commands(file, Path(temporary)), _commands(one, Path(temporary))
        theirs = usage([python, "-c", BIB_DEDUPE, str(file)])["CPU s"]
        rows.append({"set": folder.name, "CPU s": ours, "beyond one": round(ours - least, 2), "bib-dedupe": theirs})
    total = {name: round(sum(row[name] for row in rows), 2) for name in ("CPU s", "beyond one", "bib-dedupe")}
    for row in [*rows, {"set": "all", **total}]:
        yield row | {"ratio": round(row["bib-dedupe"] / max(row["beyond one"], 0.01), 1)}


def _commands(file: Path, folder: Path) -> float:
    prismake, table = [sys.executable, "-m", "prismake.cli"], str(folder / "records.parquet")
    read = usage([*prismake, "import", str(file), "--source", "s", "--out", table])
    return round(read["CPU s"] + usage([*prismake, "deduplicate", table, *_outputs(folder)])["CPU s"], 2)


def _outputs(folder: Path) -> list[str]:
    names = {"--clusters": "clusters.csv", "--unique": "unique.parquet", "--pairs": "pairs.csv"}
    return [text for option, name in names.items() for text in (option, str(folder / name))]


def grow(sizes: list[int], folder: Path) -> Iterator[dict]:
    """Wall and CPU seconds and memory of `prismake deduplicate`; `exponent`: of the growth of CPU since the last."""
    before = None
    for size in sizes:
        tables = [str(path) for path in write_corpus(folder, size)]
        with tempfile.TemporaryDirectory() as temporary:
            used = usage([sys.executable, "-m", "prismake.cli", "deduplicate", *tables, *_outputs(Path(temporary))])
        steeper = math.log(used["CPU s"] / before[1]) / math.log(size / before[0]) if before else float("nan")
        before = (size, used["CPU s"])
        yield {"records": size, **used, "exponent": round(steeper, 2)}


def usage(command: list[str]) -> dict[str, float]:
    """Wall and CPU seconds and the largest memory (GB, Linux) of a command and its children. Raises if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"this failed: {' '.join(command)[:200]}")
    return {
        "wall s": round(time.perf_counter() - start, 2),
        "CPU s": round(used.ru_utime + used.ru_stime, 2),
        "GB": round(used.ru_maxrss / 1e6, 2),
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
