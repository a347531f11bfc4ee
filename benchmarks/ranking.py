"""Measure the ranking: how early it finds what is relevant, and how fast it is, beside ASReview on the same start.

usage: PYTHONPATH=workflow python benchmarks/ranking.py loss FOLDER [--asreview PYTHON] [--label included] [--seeds 3]
       PYTHONPATH=workflow python benchmarks/ranking.py speed [--records N]

`loss` screens every set of the folder (CSV: title, abstract and a column of labels, 1 or 0) as a review would. It
starts with one relevant and one irrelevant record, drawn by seed; then come batches of a tenth of what is labelled,
five at least, in ranked order. The loss is that of ASReview: 0 when all relevant records come first, about 0.5 at
random; the start is left out. `--asreview` names a Python that has asreview 2 or 3: it runs its ELAS u4, one record at
a time as ASReview does, from the same start, in this run. CPU times leave the start of Python out on both sides.

`speed` ranks N (10,000) invented records of 220 words by the command, start of Python and all.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

ELAS = """
import json, sys, time
import numpy, pandas
try:
    from asreview.learner import ActiveLearningCycle
except ImportError:
    from asreview import ActiveLearningCycle
from asreview.models.models import get_ai_config
from asreview.simulation.simulate import Simulate
task = json.load(sys.stdin)
frame = pandas.DataFrame({"title": task["titles"], "abstract": task["abstracts"]})
numpy.random.seed(task["seed"])
started = time.process_time()
cycle = ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])
run = Simulate(frame, numpy.array(task["labels"]), cycle, print_progress=False)
run.label(task["start"])
run.review()
order = [int(record) for record in run._results["record_id"]][len(task["start"]):]
print(json.dumps({"order": order, "cpu": time.process_time() - started}))
"""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    loss = commands.add_parser("loss")
    loss.add_argument("folder", type=Path)
    loss.add_argument("--asreview", metavar="PYTHON")
    loss.add_argument("--label", default="included", help="the column of labels; sets without it are left out")
    loss.add_argument("--seeds", type=int, default=3)
    speed = commands.add_parser("speed")
    speed.add_argument("--records", type=int, default=10_000)
    options = parser.parse_args(arguments)
    if options.command == "speed":
        measure_speed(options.records)
    else:
        measure_loss(options.folder, options.label, options.seeds, options.asreview)


def read_set(path: Path, label: str) -> tuple[list[str], list[str], list[bool]] | None:
    """Titles, abstracts and labels; None when the set has no such labels."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if label not in rows[0]:
        return None
    return [row["title"] for row in rows], [row["abstract"] for row in rows], [row[label] == "1" for row in rows]


def start_with(labels: list[bool], seed: int) -> list[int]:
    """One relevant and one irrelevant record."""
    draw = random.Random(seed)
    return [draw.sample([n for n, said in enumerate(labels) if said is wanted], 1)[0] for wanted in (True, False)]


def screen(
    titles: list[str],
    abstracts: list[str],
    labels: list[bool],
    start: list[int],
    *,
    share: float = 0,
    all: bool = False,
) -> tuple[list[int], float]:
    """The order after the start until all is found, and the CPU seconds that ranking took (the matrix made once).

    share: of random records in each batch. all: go on until every record is screened.
    """
    import numpy as np

    from prismake.screening.ranking import mixed, scores_of
    from prismake.screening.tfidf import tfidf

    before = time.process_time()
    matrix = tfidf([f"{title} {title} {abstract}" for title, abstract in zip(titles, abstracts, strict=True)])
    said, done, order = np.array(labels), list(start), []
    remaining = np.setdiff1d(np.arange(len(labels)), done)
    wanted = sum(labels)
    while len(remaining) and (all or sum(labels[n] for n in done) < wanted):
        scores = scores_of(matrix, np.array(done), said[done])[remaining]
        ranked = remaining[np.argsort(-scores, kind="stable")].tolist()
        if share:
            ranked = [int(name) for name in mixed([str(n) for n in ranked], share)]
        batch = ranked[: max(5, len(done) // 10)]
        order += batch
        done += batch
        remaining = np.setdiff1d(remaining, batch)
    return order, time.process_time() - before


def loss_of(order: list[int], labels: list[bool], start: list[int]) -> float:
    """(mean rank of the relevant - best) / (worst - best): ASReview's loss, by its identity with the mean rank."""
    ranks = [place for place, record in enumerate(order, start=1) if labels[record]]
    best, worst = (len(ranks) + 1) / 2, len(labels) - len(start) - (len(ranks) - 1) / 2
    return (mean(ranks) - best) / (worst - best)


def measure_loss(folder: Path, label: str, seeds: int, asreview: str | None) -> None:
    print("| set | records | relevant | loss | CPU s |" + (" ELAS u4 loss | CPU s |" if asreview else ""))
    print("| --- " * (7 if asreview else 5) + "|")
    table = []
    for path in sorted(folder.glob("*.csv")):
        read = read_set(path, label)
        if read is None:
            continue
        titles, abstracts, labels = read
        found: list[list[float]] = []
        for seed in range(seeds):
            start = start_with(labels, seed)
            order, cpu = screen(titles, abstracts, labels, start)
            row = [loss_of(order, labels, start), cpu]
            if asreview:
                task = {"titles": titles, "abstracts": abstracts, "labels": list(map(int, labels)), "start": start}
                told = subprocess.run(
                    [asreview, "-c", ELAS],
                    input=json.dumps({**task, "seed": seed}),
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                    cwd=tempfile.gettempdir(),  # asreview leaves a file where it runs
                )
                theirs = json.loads(told.stdout.splitlines()[-1])
                row += [loss_of(theirs["order"], labels, start), theirs["cpu"]]
            found.append(row)
        table.append([mean(column) for column in zip(*found, strict=True)])
        print(f"| {path.stem} | {len(labels):,} | {sum(labels)} |{_cells(table[-1])}", flush=True)
    print(f"| mean | | |{_cells([mean(column) for column in zip(*table, strict=True)])}")


def _cells(row: list[float]) -> str:
    return "".join(f" {value:.4f} |" if n % 2 == 0 else f" {value:.2f} |" for n, value in enumerate(row))


def measure_speed(number: int) -> None:
    from prismake.records import table, write_parquet

    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnop", k=draw.randint(3, 11))) for _ in range(20_000)]
    frequent = [1 / (place + 10) for place in range(len(words))]  # as words are in any language
    with tempfile.TemporaryDirectory() as folder:
        records, decisions, out = (Path(folder, name) for name in ("r.parquet", "d.csv", "ranking.csv"))
        rows = (draw.choices(words, frequent, k=235) for _ in range(number))
        texts = [{"title": " ".join(row[:15]), "abstract": " ".join(row[15:])} for row in rows]
        write_parquet(records, table(texts, "s"))
        ids = table(texts, "s")["record_id"].to_list()[: number // 10]
        said = "".join(f"{record},{'include' if n % 20 == 0 else 'exclude'}\n" for n, record in enumerate(ids))
        decisions.write_text(f"record_id,decision\n{said}")
        command = [sys.executable, "-m", "prismake.cli", "rank", "--records", records, "--decisions", decisions]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*command, "--out", out], check=True)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{number:,} records: {wall:.1f} s, {cpu:.1f} s CPU, at most {after.ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
