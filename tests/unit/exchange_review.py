"""A review of five reports, pending at title and abstract, and what it makes of the files of other tools."""

import csv
from pathlib import Path

import polars as pl

from prismake.publish import write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_decisions

TITLES = {
    "pm:1": 'Vesicles heal the cornea, said "quickly"',
    "pm:2": "Über Exosomen | und Knochen",
    "src:007": "Ünicode: 東京 – 100 µg, 50% of rats",
    "h:1E5": "A title; with, everything {in} [it]",
    "h:ab~2": "The same words in another order",
}
IDS = list(TITLES)
REASONS = ["Wrong population", "Wrong outcome", "No data, at all"]
SCREENING = {
    "people": {"ana": {"share": 1}, "ben": {"share": 1, "name": "Ben O. Marsh"}, "cleo": {"share": 0}},
    "adjudicator": "cleo",
    "reviewers_per_record": 2,
    "policy": "strict",
    "reasons": REASONS,
    "title_abstract_reasons": False,
    "pilot": 0,
}


def make_review() -> None:
    """In the current folder."""
    blank = dict.fromkeys(REPORT_SCHEMA)
    reports = [
        {
            **blank,
            "report_id": one,
            "record_id": one,
            "title": title,
            "abstract": "We did\nthis.",
            "year": 2015 + number,
        }
        | {"authors": [f"Okafor{'ab'[number % 2]}, A", "Lindqvist, B"], "doi": f"10.5555/x.{number}", "members": [one]}
        for number, (one, title) in enumerate(TITLES.items())
    ]
    write_parquet("results/records/unique.parquet", pl.DataFrame(reports, schema=REPORT_SCHEMA))
    write_csv("results/records/clusters.csv", ["record_id", "cluster_id"], [[one, one] for one in IDS])
    pending = [[one, "pending", "", 0, ""] for one in IDS]
    write_csv(
        "results/screening/title_abstract/decisions.csv", ["report_id", "state", "by", "adjudicated", "votes"], pending
    )


def collect(*files: Path, stage: str = "title_abstract", **screening) -> dict[str, list[dict[str, str]]]:
    """The tables that the stage makes of these files."""
    out, config = Path("out", stage), {"screening": {**SCREENING, **screening}}
    places = (Path("results/records/unique.parquet"), Path("results/records/clusters.csv"))
    collect_decisions(stage, config, IDS, *places, [path.as_posix() for path in files], [], out)
    for path in out.glob("*.csv"):
        assert "@" not in path.read_text(encoding="utf-8"), path
    return {path.stem: list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in out.glob("*.csv")}


def cast(made: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], str]:
    return {(vote["person"], vote["record_id"]): vote["decision"] for vote in made["votes"]}


def problems(made: dict[str, list[dict[str, str]]]) -> list[str]:
    return [f"{fault['problem']}. {fault['remedy']}" for fault in made["faults"]]
