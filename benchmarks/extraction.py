"""Time the forms of a large review: 1,000 studies, 60 columns on three sheets.

usage: PYTHONPATH=workflow python benchmarks/extraction.py [--studies N] [--profile]

The study's sheet has 30 fields, two arms per study have 14 and six results per study 16; every cell is filled in.
Seconds of processor time of one process, the best of three. --profile lists where the time goes.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prismake.extraction.collect import collect
from prismake.extraction.definition import Definition, Level, definition_from
from prismake.extraction.issue import entry_column, issue_workbook
from prismake.extraction.one_study import study_workbook
from prismake.spreadsheet import Column, Sheet, write_workbook

KINDS: list[dict[str, Any]] = [
    {"type": "choice", "options": [f"option {n}, with some words" for n in range(9)], "missing": ["NR"]},
    {"type": "number", "min": 0, "max": 1000, "missing": ["NR", "NA"]},
    {"type": "text", "help": "As the report has it."},
    {"type": "integer", "min": 1, "missing": ["NR"]},
    {"type": "multichoice", "options": ["public", "charity", "industry", "none"]},
    {"type": "date"},
]
VALUES = {"choice": "option 3, with some words", "number": "12.5", "text": "Words of a report", "integer": "7"}
VALUES |= {"multichoice": "public; charity", "date": "2026-11-24"}
ROWS = {"study": 1, "arm": 2, "result": 6}


def form() -> Definition:
    def fields(level: str, count: int) -> list[dict[str, Any]]:
        made = [{"id": f"{level}_{n}", "label": f"Field {n} of {level}", **KINDS[n % 6]} for n in range(count)]
        return [{**field, "required": number < 5} for number, field in enumerate(made)]

    levels = {
        "study": {"key": ["study_id"], "fields": fields("study", 30)},
        "arm": {"key": ["study_id", "arm_id"], "parent": "study", "rows": 2, "fields": fields("arm", 14)},
        "result": {
            "key": ["study_id", "arm_id", "outcome"],
            "parent": "arm",
            "rows": 6,
            "fields": fields("result", 16),
        },
    }
    content = {"form": {"id": "large", "version": "1", "title": "Large"}, "missing": {"NR": "not reported", "NA": "no"}}
    return definition_from({**content, "levels": levels})


def filled(definition: Definition, studies: list[dict[str, str]]) -> bytes:
    """The form as a person would hand it in, every cell filled in."""
    sheets = []
    for level in definition.levels.values():
        columns = [Column("study_id"), *([Column("citation")] if level is definition.study else [])]
        columns += [entry_column(field) for field in level.fields]
        rows = [row | study for study in studies for row in _rows(level)]
        sheets.append(Sheet(level.label, columns, rows))
    head = {"kind": "extraction", "person": "ana", "form_version": definition.version, "form_hash": definition.hash}
    meta = {**head, "studies": "\n".join(study["study_id"] for study in studies), "definition": definition.source}
    return write_workbook(sheets, meta=meta)


def _rows(level: Level) -> list[dict[str, Any]]:
    rows = []
    for number in range(ROWS[level.id]):
        row: dict[str, Any] = {field.id: _typed(VALUES[field.type], field.type) for field in level.fields}
        rows.append(row | {"arm_id": f"arm {number % 2}", "outcome": f"outcome {number}"})
    return rows


def _typed(value: str, kind: str) -> str | float:
    return float(value) if kind in ("number", "integer") else value


def shown(definition: Definition, studies: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The same as `study_workbook` takes it."""
    levels = {
        level.id: [{key: str(value) for key, value in row.items()} for row in _rows(level)]
        for level in definition.levels.values()
    }
    return [{**study, "levels": levels} for study in studies]


def timed(what: str, work: Callable[[], Any], profile: bool) -> Any:
    best, result = float("inf"), None
    for _ in range(3):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    print(f"{what:44} {best:6.2f} s", flush=True)
    if profile:
        found = cProfile.Profile()
        found.runcall(work)
        pstats.Stats(found).sort_stats("cumulative").print_stats(40)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    definition = form()
    studies = [
        {"study_id": f"Author {n} 2020", "citation": f"Author {n} 2020. An invented study of {n} rats. J Invent"}
        for n in range(options.studies)
    ]
    meta = {"kind": "extraction", "person": "ana", "round": "1"}
    issued = timed("issue_workbook", lambda: issue_workbook(definition, studies, meta=meta), options.profile)
    print(f"{'':44} {len(issued) / 1e6:6.2f} MB")
    ids = [study["study_id"] for study in studies]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extraction.ana.01.xlsx"
        path.write_bytes(filled(definition, studies))
        included = {study: [f"pubmed:{number}"] for number, study in enumerate(ids)}
        read = timed(
            "collect, of a form with every cell filled in",
            lambda: collect(definition, [("ana", path)], issued={"ana": ids}, studies=included),
            options.profile,
        )
    print(f"{'':44} {len(read.entries):6,} rows, {len(read.faults)} faults")
    timed("study_workbook", lambda: study_workbook(definition, shown(definition, studies)), options.profile)


if __name__ == "__main__":
    main()
