"""Time the screening stage of a large review: 20,000 records, each decided by 3 people in spreadsheet forms.

usage: PYTHONPATH=workflow python benchmarks/screening_stage.py [--records N] [--people N] [--folder DIR]

Records, votes and people are invented and seeded; every form holds 500 records and is filled in. The run that is timed
reads all forms, settles what people decided and issues what comes next: conflicts and retrieval. Seconds per rule are
those Snakemake measured (wall clock, two rules at a time, each rule's start of Python included); the last line is the
whole command, with its processor time.
"""

import argparse
import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from prismake.forms import issue
from prismake.screening.reports import read_reports
from prismake.screening.sheets import report_row, workbook

ROOT = Path(__file__).parents[1]
ROUND, KEPT, WRONG = 500, 0.06, 0.03  # records per form, share worth keeping, share of votes that miss it
REASONS = ["Wrong population", "Wrong outcome"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the review here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        people = [f"person{number}" for number in range(options.people)]
        write_review(folder, options.records, people)
        snakemake(folder, "deduplicate")
        fill(folder, people)
        start, before = time.perf_counter(), processor_time()
        snakemake(folder, "screen")
        show(folder)
        print(
            f"{'whole command':22} {time.perf_counter() - start:6.1f} s  (processor: {processor_time() - before:.1f} s)"
        )


def write_review(folder: Path, size: int, people: list[str]) -> None:
    rng = random.Random(1)
    words = [
        "".join(rng.choice("bdfklmnprst") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))) for _ in range(5000)
    ]
    (folder / "resources/search").mkdir(parents=True)
    with (folder / "resources/search/large.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "title", "abstract", "authors", "year", "journal", "doi"])
        for number in range(size):
            title, abstract = (" ".join(rng.choices(words, k=k)).capitalize() for k in (12, 200))
            about = [f"{rng.choice(words).title()}, A", rng.randint(1990, 2025), "Journal of Large Reviews"]
            writer.writerow([f"r{number:05}", title, abstract, *about, f"10.5555/large.{number}"])
    source = {"database": "Large", "kind": "database", "files": ["resources/search/large.csv"], "date": "2026-01-10"}
    screening = {"people": {**{person: {} for person in people}, "judge": {"share": 0}}, "reasons": REASONS, "pilot": 0}
    screening |= {"reviewers_per_record": len(people), "round_size": ROUND}
    config = {"review": {"title": "A large review"}, "screening": screening}
    config["search"] = {"sources": {"large": source | {"strategy": "large"}}}
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))


def fill(folder: Path, people: list[str]) -> None:
    """Issue every form and save it as filled in, as people would over months."""
    os.chdir(folder)
    reports = read_reports("results/records/unique.parquet")
    ids = sorted(reports)
    rng = random.Random(2)
    worth = {report for report in ids if rng.random() < KEPT}
    for person in people:
        for start in range(0, len(ids), ROUND):
            part = ids[start : start + ROUND]
            rows = [report_row(reports[report]) for report in part]
            for row in rows:
                keep = (row["record_id"] in worth) != (rng.random() < WRONG)
                row["decision"] = ("include" if rng.random() < 0.8 else "maybe") if keep else "exclude"
            data = workbook("title_abstract", rows, reasons=REASONS, meta={"kind": "title_abstract", "person": person})
            issue("title_abstract", person, part, lambda meta: b"blank").write_bytes(data)


def snakemake(folder: Path, target: str) -> None:
    command = ["snakemake", "--directory", str(folder), "--snakefile", str(ROOT / "Snakefile"), "--quiet", "all"]
    subprocess.run([sys.executable, "-m", *command, "--cores", "2", target], check=True)


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(folder: Path) -> None:
    rules = []
    for path in sorted((folder / "results/benchmarks/screen").glob("*.tsv")):
        row = next(csv.DictReader(path.open(), delimiter="\t"))
        rules.append((float(row["s"]), path.stem, row["max_rss"]))
    for seconds, rule, memory in sorted(rules, reverse=True):
        print(f"{rule:22} {seconds:6.1f} s  {memory:>8} MB")


if __name__ == "__main__":
    main()
