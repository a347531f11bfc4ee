"""Collecting what people decided: forms in, tables out."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prismake.errors import FAULT_COLUMNS, fault_rows
from prismake.publish import read_csv, write_csv
from prismake.screening.agreement import COLUMNS as AGREEMENT_COLUMNS
from prismake.screening.agreement import agreement
from prismake.screening.decide import DECISION_COLUMNS, VOTE_COLUMNS, Vote, decide, votes
from prismake.screening.reading import Reading, chosen, one_answer_each, read_forms
from prismake.screening.reports import ever_issued, read_aliases, read_filtered, read_reports
from prismake.screening.sheets import OUTCOMES
from prismake.screening.suggest import suggest_studies

FORM_COLUMNS = ["stage", "person", "file", "rows", "decided", "faults"]
RETRIEVAL_COLUMNS = ["report_id", "outcome", "tried", "date", "file", "note"]
STUDY_COLUMNS = ["report_id", "study_id", "checked"]


def collect_decisions(
    stage: str,
    config: dict[str, Any],
    reports: list[str],
    clusters: Path,
    forms: list[str],
    vanished: list[str],
    out: Path,
) -> None:
    """Title/abstract or full text: votes.csv, decisions.csv, agreement.csv, forms.csv and faults.csv in `out`."""
    screening = config["screening"]
    aliases = read_aliases(clusters)
    known = aliases.keys() | ever_issued()
    cast: dict[str, list[Vote]] = {}
    readings = []
    for kind in (stage, f"{stage}_conflicts"):
        reading = read_forms(kind, _of(kind, forms), _of(kind, vanished), known)
        cast[kind], decided = votes(reading, aliases, screening["reasons"])
        readings.append((kind, reading, decided))
    decisions = decide(
        reports,
        cast[stage],
        cast[f"{stage}_conflicts"],
        needed=screening["reviewers_per_record"],
        reasons=screening["reasons"],
    )
    every = [[kind, *(getattr(vote, name) for name in VOTE_COLUMNS)] for kind in cast for vote in cast[kind]]
    write_csv(out / "votes.csv", ["stage", *VOTE_COLUMNS], every)
    columns = DECISION_COLUMNS[stage]
    rows = [
        [("human" if d.state != "pending" else "") if c == "by" else getattr(d, c) for c in columns] for d in decisions
    ]
    write_csv(out / "decisions.csv", columns, rows)
    write_csv(out / "agreement.csv", AGREEMENT_COLUMNS, agreement(stage, cast[stage]))
    _write_forms(readings, out)


def screenable(unique: Path, filters: Path) -> list[str]:
    """Reports that people screen on title and abstract: all that no filter removed."""
    removed = read_filtered(filters)
    return sorted(report for report in read_reports(unique) if report not in removed)


def kept(decisions: Path, state: str = "included") -> list[str]:
    """Reports in this state, of a decisions.csv."""
    return [row["report_id"] for row in read_csv(decisions) if row["state"] == state]


def retrieved(retrieval: Path) -> list[str]:
    return [row["report_id"] for row in read_csv(retrieval) if row["outcome"] == "retrieved"]


def collect_retrieval(reports: list[str], clusters: Path, forms: list[str], vanished: list[str], out: Path) -> None:
    """retrieval.csv in `out`, one row per report kept; forms.csv and faults.csv in out/retrieval."""
    aliases = read_aliases(clusters)
    reading = read_forms("retrieval", forms, vanished, aliases.keys() | ever_issued())
    said: dict[int, tuple[str, ...]] = {}
    dates: dict[int, str] = {}
    for index, answer in enumerate(reading.answers):
        outcome = chosen(answer, "outcome", OUTCOMES, reading.faults)
        date = answer.cells.get("date")
        if date and date.kind not in ("date", "blank"):
            problem = f"'{date.value[:40]}' is not a date"
            reading.faults.append(answer.fault("date", problem, "Write it as 2026-11-24"))
        elif date:
            dates[index] = date.value
        if outcome:
            said[index] = (outcome,)
    rows: dict[str, list[str]] = {}
    kept_answers, decided = one_answer_each(reading.answers, reading.faults, said)
    for index in kept_answers:
        answer = reading.answers[index]
        report = aliases.get(answer.record_id, "")
        outcome = said[index][0].replace(" ", "_")
        # Two records merged after both were sought: once retrieved, it is retrieved.
        if rows.get(report, ["", "not_retrieved"])[1] == "not_retrieved":
            texts = [answer.value("tried"), dates.get(index, ""), answer.value("file"), answer.value("note")]
            rows[report] = [report, outcome, *texts]
    write_csv(out / "retrieval.csv", RETRIEVAL_COLUMNS, [rows.get(r, [r, "pending", "", "", "", ""]) for r in reports])
    _write_forms([("retrieval", reading, decided)], out / "retrieval")


def collect_studies(
    included: list[str], unique: Path, clusters: Path, forms: list[str], vanished: list[str], out: Path
) -> None:
    """studies.csv in `out`: the studies each included report describes, checked by a person or only suggested."""
    aliases = read_aliases(clusters)
    reading = read_forms("studies", forms, vanished, aliases.keys() | ever_issued())
    said: dict[int, tuple[str, ...]] = {}
    for index, answer in enumerate(reading.answers):
        checked = chosen(answer, "checked", ("yes",), reading.faults)
        cell = answer.cells.get("study")
        names = tuple(dict.fromkeys(name.strip() for name in answer.value("study").split(";") if name.strip()))
        if cell and cell.kind in ("formula", "error"):
            reading.faults.append(answer.fault("study", f"not a name ({cell.value[:40]})", "Type the study's name"))
        elif checked and not names:
            reading.faults.append(answer.fault("study", "checked, but no study is named", "Name the study"))
        elif checked:
            said[index] = names
    linked: dict[str, set[str]] = {}
    kept_answers, decided = one_answer_each(reading.answers, reading.faults, said)
    for index in kept_answers:
        answer = reading.answers[index]
        linked.setdefault(aliases.get(answer.record_id, ""), set()).update(said[index])
    suggested = suggest_studies(included, read_reports(unique), linked)
    rows = [
        [report, study, report in linked]
        for report in included
        for study in sorted(linked.get(report) or {suggested[report]})
    ]
    write_csv(out / "studies.csv", STUDY_COLUMNS, rows)
    _write_forms([("studies", reading, decided)], out / "studies")


def _of(kind: str, paths: Iterable[str]) -> list[str]:
    """The paths of this kind; a file named like no form goes with the stage's own forms, to be reported there."""
    conflicts = kind.endswith("_conflicts")
    return [path for path in paths if Path(path).name.split(".")[0].split(" ")[0].endswith("_conflicts") == conflicts]


def _write_forms(readings: list[tuple[str, Reading, Counter[str]]], out: Path) -> None:
    rows, faults = [], []
    for kind, reading, decided in readings:
        faulty = Counter(fault.file for fault in set(reading.faults))
        rows += [
            [kind, reading.people[file], file, count, decided[file], faulty[file]]
            for file, count in sorted(reading.rows.items())
        ]
        faults += reading.faults
    write_csv(out / "forms.csv", FORM_COLUMNS, rows)
    write_csv(out / "faults.csv", FAULT_COLUMNS, fault_rows(faults))
