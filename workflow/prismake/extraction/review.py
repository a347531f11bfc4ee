"""Extraction in a review: forms for the included studies go out to people, and come back as tables."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.extraction.collect import collect
from prismake.extraction.definition import STUDY, load_definition
from prismake.extraction.issue import KIND, issue_workbook
from prismake.extraction.names import Names, reports_shown
from prismake.extraction.tables import write_tables
from prismake.forms import check_value, files, held, issue, log, misnamed, missing, stranger, well_named
from prismake.publish import read_csv
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.rounds import plan, write_plans
from prismake.spreadsheet import Workbook, read_workbook
from prismake.spreadsheet.text import clean


def collect_extraction(
    config: Mapping[str, Any], studies: Path, forms: list[str], vanished: list[str], out: Path
) -> None:
    """One table per level in `out`; studies.csv and faults.csv in out/forms."""
    definition = load_definition(config["extraction"]["form"])
    everybody = {*config["screening"]["people"], *(entry.person for entry in log())}
    strays = [stranger(Path(form), KIND) for form in forms if Path(form).parent.name not in everybody]
    forms = [form for form in forms if Path(form).parent.name in everybody]
    named = [(Path(form).parent.name, Path(form)) for form in forms if well_named(Path(form), KIND)]
    found = collect(definition, named, issued=held(KIND, _ids_in), studies=_included(studies))
    strays += [misnamed(Path(form), KIND) for form in forms if not well_named(Path(form), KIND)]
    write_tables(definition, found, out, [*strays, *(missing(path, KIND) for path in vanished)])


def issue_extraction(
    config: Mapping[str, Any], unique: Path, studies: Path, extracted: Path, settled: bool, out: Path
) -> None:
    """The next extraction forms: each study whose reports a person has checked goes to one extractor.

    `extracted` is the table of the study level; forms/studies.csv beside it says which studies are complete. A form
    follows when the one before is begun for every study or, once all that comes before is `settled`, with all that
    remain. What a person who extracts no longer left incomplete goes to others.
    """
    definition = load_definition(config["extraction"]["form"])
    people = {p: 1.0 for p in config["extraction"]["people"] if "until" not in config["screening"]["people"][p]}
    reports = {row["report_id"]: row for row in read_parquet(unique, REPORT_SCHEMA).iter_rows(named=True)}
    by_study: dict[str, list[Mapping[str, Any]]] = {}
    for row in read_csv(studies):
        if row["checked"] == "1":
            by_study.setdefault(row["study_id"], []).append(reports[row["report_id"]])
    progress = read_csv(extracted.parent / "forms" / "studies.csv")
    complete = {(row["person"], row[STUDY]) for row in progress if row["complete"] == "1"}
    begun: dict[str, set[str]] = {}
    for row in read_csv(extracted):
        if row["person"] in people or (row["person"], row[STUDY]) in complete:
            begun.setdefault(row["person"], set()).add(row[STUDY])
    renamed = _current_names(_included(studies))
    planned = plan(
        sorted(by_study),
        people=people,
        held={person: set(names.values()) for person, names in renamed.items()},
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
        renamed.setdefault(person, {}).update((study, study) for study in ids)
    aliases = {old: study for names in renamed.values() for old, study in names.items()}
    still_open = by_study.keys() - {study for _, study in complete}
    write_plans({KIND: planned}, {KIND: lambda person: still_open}, _ids_in, aliases, "extractor", out)


def _included(studies: Path) -> dict[str, list[str]]:
    """The reports of every included study."""
    reports: dict[str, list[str]] = {}
    for row in read_csv(studies):
        if row["study_id"]:
            reports.setdefault(row["study_id"], []).append(row["report_id"])
    return reports


def _current_names(included: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
    """Per person the names that their forms hold or held, each with the included study that it stands for now."""
    current = {}
    for person, issued in held(KIND, _ids_in).items():
        books = []
        if not issued <= included.keys():
            paths = [path for path in files(KIND) if path.parent.name == person and well_named(path, KIND)]
            books = [book for path in paths if (book := _open(path))]
        names = Names(included, issued, reports_shown(books))
        current[person] = {name: study for name in sorted(issued) if (study := names.study(name))}
    return current


def _study(study: str, reports: list[Mapping[str, Any]]) -> dict[str, Any]:
    first = min(reports, key=lambda report: (report["year"] or 9999, report["report_id"]))
    authors = first["authors"] or []
    names = "; ".join(authors[:3]) + ("; et al." if len(authors) > 3 else "")
    parts = [names, first["title"], first["journal"], str(first["year"] or "")]
    citation = clean(". ".join(part.rstrip(".") for part in parts if part))[:2000]
    return {
        STUDY: study,
        "citation": citation,
        "reports": "; ".join(sorted(report["report_id"] for report in reports)),
        "check": check_value(study, citation),
    }


def _ids_in(path: Path) -> list[str]:
    """The studies in a form without a log entry; none when it cannot be opened (its reader reports that)."""
    book = _open(path)
    return book.meta.get("studies", "").splitlines() if book else []


def _open(path: Path) -> Workbook | None:
    try:
        return read_workbook(path)
    except PrismakeError:
        return None
