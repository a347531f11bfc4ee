"""Issuing an instrument's forms: for studies, for fields added since, and for what extractors see differently."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prismake.extraction.collect import CONSENSUS, SUPPLEMENT
from prismake.extraction.consensus_form import consensus_workbook
from prismake.extraction.definition import STUDY
from prismake.extraction.instrument import Instrument, extraction_form
from prismake.extraction.issue import issue_workbook
from prismake.extraction.review import current_names, ids_in, included
from prismake.extraction.tables import read_questions
from prismake.extraction.versions import supplement
from prismake.forms import check_value, held, issue
from prismake.publish import read_csv
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.rounds import Plan, plan, write_plans
from prismake.spreadsheet.text import clean

Study = Mapping[str, Any]  # study_id, citation, reports, check: what a form shows of it


def issue_extraction(config: Mapping[str, Any], unique: Path, studies: Path, settled: bool, out: Path) -> None:
    """The next extraction forms; `out` holds what write_progress wrote, and gets issued.csv and waiting.csv."""
    shown = studies_to_show(unique, studies)
    issue_forms(config, extraction_form(config), shown, included(studies), settled, out)


def issue_forms(
    config: Mapping[str, Any],
    instrument: Instrument,
    shown: Mapping[str, Study],
    studies: Mapping[str, Collection[str]],
    settled: bool,
    out: Path,
) -> None:
    """The next forms of this instrument. `shown` are the studies whose reports a person has checked.

    A person's next form follows when the one before is begun for every study or, once all that comes before is
    `settled`, with all that remain. What a person who extracts no longer left incomplete goes to others.
    """
    kind = instrument.kind
    people = {p: 1.0 for p in instrument.people if "until" not in config["screening"]["people"][p]}
    progress = read_csv(out / "studies.csv")
    complete = {(row["person"], row[STUDY]) for row in progress if row["complete"] == "1"}
    begun: dict[str, set[str]] = {}
    for row in progress:
        if row["begun"] == "1" and (row["person"] in people or (row["person"], row[STUDY]) in complete):
            begun.setdefault(row["person"], set()).add(row[STUDY])
    names = current_names(kind, studies)
    wanted = instrument.wanted(shown)
    planned = plan(
        sorted(shown),
        people=people,
        held={person: set(known.values()) for person, known in names.items()},
        voted=begun,
        needed=wanted,
        round_size=config["screening"]["round_size"],
        at_once=settled,
    )
    marks = {"review": config["review"]["title"]}
    for person, ids in sorted(planned.now.items()):
        rows = [shown[study] for study in sorted(ids)]

        def make(meta: dict[str, str], rows: list[Study] = rows) -> bytes:
            return issue_workbook(instrument.definition, rows, meta=marks | meta)

        issue(kind, person, [row[STUDY] for row in rows], make)
        names.setdefault(person, {}).update((study, study) for study in ids)
    supplements = _issue_supplements(instrument, shown, people, marks, out)
    questions = _issue_consensus(config, instrument, marks, out)
    aliases = {old: study for known in names.values() for old, study in known.items()}
    by_study = Counter(study for _, study in complete)
    short = {study for study in shown if by_study[study] < wanted[study]}
    open_for = {
        kind: lambda person: short - {study for one, study in complete if one == person},
        kind + SUPPLEMENT: lambda person: supplements.get(person, ()),
        kind + CONSENSUS: lambda person: questions,
    }
    plans = {kind: planned, kind + SUPPLEMENT: Plan(), kind + CONSENSUS: Plan()}
    write_plans(plans, open_for, ids_in, aliases, "extractor", out)


def _issue_supplements(
    instrument: Instrument, shown: Mapping[str, Study], people: Collection[str], marks: dict[str, str], out: Path
) -> dict[str, set[str]]:
    """Forms of new fields for studies that a person has extracted before. Returns, per person, what is open in them."""
    definition, kind = instrument.definition, instrument.kind + SUPPLEMENT
    issued = held(kind, ids_in)
    due: dict[tuple[str, tuple[tuple[str, str], ...]], list[Mapping[str, Any]]] = {}
    open_: dict[str, set[str]] = {}
    for row in json.loads((out / "supplements.json").read_text(encoding="utf-8")):
        name = f"{row['study']}@{definition.version}"
        if row["study"] not in shown or row["person"] not in people:
            continue
        open_.setdefault(row["person"], set()).add(name)
        if name not in issued.get(row["person"], ()):
            lacks = tuple((level, field) for level, field in row["lacks"])
            due.setdefault((row["person"], lacks), []).append(row)
    for (person, lacks), rows in sorted(due.items()):
        part = supplement(definition, lacks)
        ids = [f"{row['study']}@{definition.version}" for row in rows]
        known = {level: [key for row in rows for key in row["rows"].get(level, ())] for level in part.levels}
        known[definition.study.id] = []  # its rows are the studies

        def make(meta: dict[str, str], part=part, rows=rows, ids=ids, known=known) -> bytes:
            meta = marks | meta | {"ids": "\n".join(ids)}
            return issue_workbook(part, [shown[row["study"]] for row in rows], meta=meta, of=definition, rows=known)

        issue(kind, person, ids, make)
    return open_


def _issue_consensus(config: Mapping[str, Any], instrument: Instrument, marks: dict[str, str], out: Path) -> set[str]:
    """The form of differences that no earlier one asks about, once the earlier ones are settled. Returns all open."""
    kind, person = instrument.kind + CONSENSUS, instrument.adjudicator
    questions = read_questions(json.loads((out / "questions.json").read_text(encoding="utf-8")))
    open_ = {question.id for question in questions}
    asked = held(kind, ids_in).get(person, set())
    if "until" in config["screening"]["people"][person] or open_ & asked:
        return open_
    new = [question for question in questions if question.id not in asked]
    if new:
        names = {name: entry.get("name") or name for name, entry in config["screening"]["people"].items()}

        def make(meta: dict[str, str]) -> bytes:
            return consensus_workbook(instrument.definition, new, names=names, meta=marks | meta)

        issue(kind, person, [question.id for question in new], make)
    return open_


def studies_to_show(unique: Path, studies: Path) -> dict[str, Study]:
    """What a form shows of every included study whose reports a person has checked, by its name."""
    reports = {row["report_id"]: row for row in read_parquet(unique, REPORT_SCHEMA).iter_rows(named=True)}
    by_study: dict[str, list[Mapping[str, Any]]] = {}
    for row in read_csv(studies):
        if row["checked"] == "1":
            by_study.setdefault(row[STUDY], []).append(reports[row["report_id"]])
    return {study: _show(study, found) for study, found in by_study.items()}


def _show(study: str, reports: Sequence[Mapping[str, Any]]) -> Study:
    first = min(reports, key=lambda report: (report["year"] or 9999, report["report_id"]))
    citation = clean(". ".join(part.rstrip(".") for part in _parts(first) if part))[:2000]
    return {
        STUDY: study,
        "citation": citation,
        "reports": "; ".join(sorted(report["report_id"] for report in reports)),
        "check": check_value(study, citation),
    }


def _parts(report: Mapping[str, Any]) -> Iterable[str]:
    authors = report["authors"] or []
    yield "; ".join(authors[:3]) + ("; et al." if len(authors) > 3 else "")
    yield report["title"] or ""
    yield report["journal"] or ""
    yield str(report["year"] or "")
