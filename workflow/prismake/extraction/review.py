"""Extraction in a review: forms for the included studies go out to people, and come back as tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.extraction.collect import collect
from prismake.extraction.definition import STUDY, load_definition
from prismake.extraction.issue import KIND, issue_workbook
from prismake.extraction.tables import write_tables
from prismake.forms import check_value, held, issue, log, misnamed, missing, well_named
from prismake.publish import read_csv
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.rounds import plan, write_plans
from prismake.spreadsheet import read_workbook


def collect_extraction(
    config: Mapping[str, Any], studies: Path, forms: list[str], vanished: list[str], out: Path
) -> None:
    """One table per level in `out`, forms.csv and faults.csv in out/forms."""
    definition = load_definition(config["extraction"]["form"])
    named = [(Path(form).parent.name, Path(form)) for form in forms if well_named(Path(form), KIND)]
    issued: dict[str, set[str]] = {}
    for entry in log():
        if entry.kind == KIND:
            issued.setdefault(entry.person, set()).update(entry.ids)
    included = {row["study_id"] for row in read_csv(studies)}
    found = collect(definition, named, issued=issued, studies=included)
    strays = [misnamed(Path(form), KIND) for form in forms if not well_named(Path(form), KIND)]
    write_tables(definition, found, out, [*strays, *(missing(path, KIND) for path in vanished)])


def issue_extraction(
    config: Mapping[str, Any], unique: Path, studies: Path, extracted: Path, settled: bool, out: Path
) -> None:
    """The next extraction forms: each study whose reports a person has checked goes to one extractor.

    `extracted` is the table of the study level. A form follows when the one before is begun for every study or, once
    all that comes before is `settled`, with all that remain.
    """
    definition = load_definition(config["extraction"]["form"])
    people = {p: 1.0 for p in config["extraction"]["people"] if "until" not in config["screening"]["people"][p]}
    reports = {row["report_id"]: row for row in read_parquet(unique, REPORT_SCHEMA).iter_rows(named=True)}
    by_study: dict[str, list[Mapping[str, Any]]] = {}
    for row in read_csv(studies):
        if row["checked"] == "1":
            by_study.setdefault(row["study_id"], []).append(reports[row["report_id"]])
    begun: dict[str, set[str]] = {}
    for row in read_csv(extracted):
        begun.setdefault(row["person"], set()).add(row[STUDY])
    planned = plan(
        sorted(by_study),
        people=people,
        held=held(KIND, _ids_in),
        voted=begun,
        needed=1,
        round_size=config["screening"]["round_size"],
        at_once=settled,
    )
    for person, ids in sorted(planned.now.items()):
        rows = [_study(study, by_study[study]) for study in sorted(ids)]

        def make(meta: dict[str, str], rows: list[dict[str, Any]] = rows) -> bytes:
            return issue_workbook(definition, rows, meta={"review": config["review"]["title"], **meta})

        issue(KIND, person, [row[STUDY] for row in rows], make)
    write_plans({KIND: planned}, _ids_in, "extractor", out)


def _study(study: str, reports: list[Mapping[str, Any]]) -> dict[str, Any]:
    first = min(reports, key=lambda report: (report["year"] or 9999, report["report_id"]))
    authors = first["authors"] or []
    names = "; ".join(authors[:3]) + ("; et al." if len(authors) > 3 else "")
    parts = [names, first["title"], first["journal"], str(first["year"] or "")]
    citation = ". ".join(part.rstrip(".") for part in parts if part)
    return {
        STUDY: study,
        "citation": citation,
        "reports": "; ".join(sorted(report["report_id"] for report in reports)),
        "check": check_value(study, citation),
    }


def _ids_in(path: Path) -> list[str]:
    """The studies in a form without a log entry; none when it cannot be opened (its reader reports that)."""
    try:
        return read_workbook(path).meta.get("studies", "").split("\n")
    except PrismakeError:
        return []
