"""Measure the ranking: how early it finds what is relevant, and how fast it is, beside ASReview on the same start.

usage: PYTHONPATH=workflow python benchmarks/ranking.py loss FOLDER [--asreview PYTHON] [--label included] [--seeds 3]
       PYTHONPATH=workflow python benchmarks/ranking.py speed [--records N]

`loss` screens every set of the folder (CSV: title, abstract and a column of labels, 1 or 0) as a review would. It
starts with one relevant and one irrelevant record, drawn by seed; then come batches of a tenth of what is labelled,
five at least, in ranked order. The loss is that of ASReview: 0 when all relevant records come first, about 0.5 at
random; the start is left out. `--asreview` names a Python that has asreview 2 or 3: it runs its ELAS u4, one record at
a time as ASReview does, from the same start, in this run. CPU times are those of one process for the whole set, without
the start of Python; then ours with a call of `prismake rank` for every batch, and ASReview's with one start.

`speed` ranks N (10,000) invented records of 220 words by the command, start of Python and all: anew, and once more.
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
from collections.abc import Callable
from pathlib import Path
from statistics import mean

RANK = [sys.executable, "-m", "prismake.cli", "rank"]
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


Ranker = Callable[[list[int]], list[int]]  # what is labelled -> the rest, the most promising first


def in_process(titles: list[str], abstracts: list[str], labels: list[bool], _: Path) -> Ranker:
    """The matrix is made once."""
    import numpy as np

    from prismake.screening.ranking import scores_of
    from prismake.screening.tfidf import tfidf

    matrix = tfidf([f"{title} {title} {abstract}" for title, abstract in zip(titles, abstracts, strict=True)])
    said = np.array(labels)

    def ranked(done: list[int]) -> list[int]:
        rest = np.setdiff1d(np.arange(len(said)), done)
        return rest[np.argsort(-scores_of(matrix, np.array(done), said[done])[rest], kind="stable")].tolist()

    return ranked


def by_command(titles: list[str], abstracts: list[str], labels: list[bool], folder: Path) -> Ranker:
    """A call of `prismake rank` each time, files in this folder."""
    from prismake.records import table, write_parquet

    records, decisions, out = (folder / name for name in ("r.parquet", "d.csv", "ranking.csv"))
    texts = zip(titles, abstracts, strict=True)
    rows = [{"source_record_id": str(n), "title": t or None, "abstract": a or None} for n, (t, a) in enumerate(texts)]
    write_parquet(records, table(rows, "s"))

    def ranked(done: list[int]) -> list[int]:
        said = (f"s:{n},{'include' if labels[n] else 'exclude'}\n" for n in done)
        decisions.write_text("record_id,decision\n" + "".join(said))
        subprocess.run([*RANK, "--records", records, "--decisions", decisions, "--out", out], check=True)
        with out.open(newline="") as file:
            return [int(row["record_id"][2:]) for row in csv.DictReader(file)]

    return ranked


def screen(
    titles: list[str],
    abstracts: list[str],
    labels: list[bool],
    start: list[int],
    *,
    by: Callable[..., Ranker] = in_process,
    share: float = 0,
    all: bool = False,
) -> tuple[list[int], float]:
    """The order after the start until all is found, and the CPU seconds that ranking took.

    share: of random records in each batch. all: go on until every record is screened.
    """
    from prismake.screening.ranking import mixed

    done, order = list(start), []
    wanted = sum(labels)
    with tempfile.TemporaryDirectory() as folder:
        before = _cpu()
        ranker = by(titles, abstracts, labels, Path(folder))
        while len(done) < len(labels) and (all or sum(labels[n] for n in done) < wanted):
            ranked = ranker(done)
            if share:
                ranked = [int(name) for name in mixed([str(n) for n in ranked], share)]
            batch = ranked[: max(5, len(done) // 10)]
            order += batch
            done += batch
        return order, _cpu() - before


def _cpu() -> float:
    """Of this process and those that it started, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def loss_of(order: list[int], labels: list[bool], start: list[int]) -> float:
    """(mean rank of the relevant - best) / (worst - best): ASReview's loss, by its identity with the mean rank."""
    ranks = [place for place, record in enumerate(order, start=1) if labels[record]]
    best, worst = (len(ranks) + 1) / 2, len(labels) - len(start) - (len(ranks) - 1) / 2
    return (mean(ranks) - best) / (worst - best)


def measure_loss(folder: Path, label: str, seeds: int, asreview: str | None) -> None:
    theirs = " ELAS u4 loss | CPU s | with its start |" if asreview else ""
    print("| set | records | relevant | loss | CPU s | by command |" + theirs)
    print("| --- " * (9 if asreview else 6) + "|")
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
            row = [loss_of(order, labels, start), cpu, screen(titles, abstracts, labels, start, by=by_command)[1]]
            if asreview:
                task = {"titles": titles, "abstracts": abstracts, "labels": list(map(int, labels)), "start": start}
                before = _cpu()
                told = subprocess.run(
                    [asreview, "-c", ELAS],
                    input=json.dumps({**task, "seed": seed}),
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                    cwd=tempfile.gettempdir(),  # asreview leaves a file where it runs
                )
                found_by_them = json.loads(told.stdout.splitlines()[-1])
                row += [loss_of(found_by_them["order"], labels, start), found_by_them["cpu"], _cpu() - before]
            found.append(row)
        table.append([mean(column) for column in zip(*found, strict=True)])
        print(f"| {path.stem} | {len(labels):,} | {sum(labels)} |{_cells(table[-1])}", flush=True)
    print(f"| mean | | |{_cells([mean(column) for column in zip(*table, strict=True)])}")


def _cells(row: list[float]) -> str:
    return "".join(f" {value:.4f} |" if n % 3 == 0 else f" {value:.1f} |" for n, value in enumerate(row))


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
        for what in ("anew", "again"):
            before, started = _cpu(), time.perf_counter()
            subprocess.run([*RANK, "--records", records, "--decisions", decisions, "--out", out], check=True)
            wall, cpu = time.perf_counter() - started, _cpu() - before
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
            print(f"{number:,} records, {what}: {wall:.1f} s, {cpu:.1f} s CPU, at most {most:.2f} GB")


if __name__ == "__main__":
    main()
