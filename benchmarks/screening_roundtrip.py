"""Take reports to other tools and back, and time the stage on large files.

usage: PYTHONPATH=workflow python benchmarks/screening_roundtrip.py [--reports N] [--asreview PYTHON]

--asreview names a Python in which ASReview LAB is installed (pip install asreview==3.0.8 in an environment of its own):
our CSV and RIS files are made projects there, two of three records are labelled through LAB's own interface, once
before and once after a model has ranked the rest, and what it exports as CSV, Excel and RIS is read here. Without it,
the time for a Rayyan export with three people's votes is taken, matched by id, by DOI and by title, in seconds of
processor time.
"""

import argparse
import csv
import io
import os
import subprocess
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from prismake.publish import csv_text, read_csv, write_bytes, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_decisions
from prismake.screening.exchange.write import make_files

PEOPLE = ("ana", "ben", "dora")
SCREENING = {"reviewers_per_record": 2, "policy": "strict", "reasons": ["Wrong population"], "pilot": 0}
SCREENING |= {"people": {person: {"share": 1} for person in PEOPLE}, "adjudicator": "ana"}
SCREENING |= {"title_abstract_reasons": False}

# What runs in the other Python. It speaks to LAB as its page in the browser does.
LAB = """
import pathlib, sys
from asreview.webapp.app import create_app

source, out, ranked = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] == "ranked"
client = create_app(AUTHENTICATION=False, SECRET_KEY="x", SECURITY_PASSWORD_SALT="x", TESTING=True).test_client()
with source.open("rb") as file:
    made = client.post("/api/projects/create", data={"mode": "oracle", "file": (file, source.name)})
assert made.status_code == 201, made.text
project = made.json["id"]
records = int(sys.argv[4])
for number in range(records):
    if number % 3 < 2:
        data = {"record_id": number, "label": int(number % 3 == 0)}
        done = client.post(f"/api/projects/{project}/record/{number}", data=data)
        assert done.status_code == 200, done.text
client.put(f"/api/projects/{project}/record/0/note", data={"note": "a note, with a comma"})
if ranked:
    import asreview
    from asreview.models.models import get_ai_config
    from asreview.webapp._tasks import run_model
    from asreview.webapp.utils import get_project_path

    run_model(asreview.Project(get_project_path(project)))
for form in ("csv", "xlsx", "ris"):
    query = f"format={form}&collections=relevant&collections=not_seen&collections=irrelevant"
    got = client.get(f"/api/projects/{project}/export_dataset?{query}")
    if got.status_code == 200:
        (out / f"title_abstract.ana.{source.suffix[1:]}.{form}").write_bytes(got.data)
    else:
        print("LAB does not export", source.suffix, "as", form, got.status_code)
"""


def reports(count: int) -> list[dict[str, Any]]:
    words = ["liver", "kidney", "cornea", "cartilage", "skin", "lung", "bowel", "tendon", "retina", "bone"]
    made = []
    for number in range(count):
        title = f"Vesicles in injury of the {words[number % 10]} and {words[number // 10 % 10]}, experiment {number}"
        one = {"report_id": f"pm:{number:06d}", "title": title, "year": 2000 + number % 25}
        one |= {
            "abstract": f"We studied {words[number % 7]} in rats. " * 25,
            "authors": [f"Okafor{number % 99}, A", "Silva, B"],
        }
        made.append(
            {**dict.fromkeys(REPORT_SCHEMA), **one, "record_id": one["report_id"], "doi": f"10.5555/b.{number}"}
        )
    return made


def rayyan(made: list[dict[str, Any]], path: Path) -> None:
    """Our CSV as Rayyan would give it back: a third with our id, a third with the DOI, the rest with the title only."""
    rows = list(csv.DictReader(io.StringIO(make_files("rayyan", made)["01.csv"].decode())))
    log = []
    for number, row in enumerate(rows):
        votes = [(person, ("Included", "Excluded", "Maybe")[(number + n) % 3]) for n, person in enumerate(PEOPLE)]
        said = ", ".join(f'"{person}"=>"{vote}"' for person, vote in votes)
        row["notes"] = (row["notes"] + " | " if number % 3 == 0 else "") + f"RAYYAN-INCLUSION: {{{said}}}"
        row["key"], row["doi"] = f"rayyan-{number}", row["doi"] if number % 3 == 1 else ""
        for person, vote in votes:
            value = {"Included": "1", "Excluded": "-1", "Maybe": "0"}[vote]
            log.append([number, PEOPLE.index(person), "included", value, "2026-05-01 10:00:00 UTC"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("articles.csv", csv_text(list(rows[0]), [list(row.values()) for row in rows]))
        archive.writestr(
            "customizations_log.csv", csv_text(["article_id", "user_id", "key", "value", "created_at"], log)
        )


def collected(made: list[dict[str, Any]], *files: Path) -> tuple[list[dict[str, str]], float]:
    """The votes that count, and the seconds that the stage took; complains of faults."""
    ids = [report["report_id"] for report in made]
    write_parquet("unique.parquet", pl.DataFrame(made, schema=REPORT_SCHEMA))
    write_csv("clusters.csv", ["record_id", "cluster_id"], [[one, one] for one in ids])
    start = time.process_time()
    places = (Path("unique.parquet"), Path("clusters.csv"), [path.as_posix() for path in files], [], Path("out"))
    collect_decisions("title_abstract", {"screening": SCREENING}, ids, *places)
    seconds = time.process_time() - start
    for fault in read_csv("out/faults.csv"):
        print(f"  {fault['file']}: {fault['problem']}")
    return read_csv("out/votes.csv"), seconds


def asreview(python: str, made: list[dict[str, Any]]) -> None:
    wanted = {r["report_id"]: ("include", "exclude")[n % 3] for n, r in enumerate(made) if n % 3 < 2}
    for name, data in make_files("asreview", made).items():
        write_bytes(name, data)
        for when in ("unranked", "ranked"):
            out = Path("resources", "screening", "asreview")
            out.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, "ASREVIEW_PATH": str(Path("lab").absolute()), "PYTHONPATH": ""}
            subprocess.run([python, "-c", LAB, name, str(out), when, str(len(made))], check=True, env=environment)
            for path in sorted(out.iterdir()):
                votes, seconds = collected(made, path)
                right = sum(wanted.get(vote["record_id"]) == vote["decision"] for vote in votes)
                notes = Counter(bool(vote["note"]) for vote in votes)[True]
                timed = sum(bool(vote["time"]) for vote in votes)
                print(
                    f"{path.name} ({when}): {right} of {len(wanted)} decisions on their records,"
                    f" {len(votes) - right} wrong, {timed} with time, {notes} notes, {seconds:.1f} s"
                )
                path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--asreview", metavar="PYTHON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = reports(options.reports)
        if options.asreview:
            asreview(options.asreview, made)
            return
        path = Path("resources/screening/rayyan/title_abstract.zip")
        path.parent.mkdir(parents=True)
        rayyan(made, path)
        votes, seconds = collected(made, path)
        print(
            f"{options.reports} reports, {len(PEOPLE)} people in one Rayyan export: {len(votes)} votes, {seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
