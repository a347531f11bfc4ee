"""Collecting what people decided: forms in, tables out."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from prismake.errors import FAULT_COLUMNS, Fault, fault_rows
from prismake.forms import digest
from prismake.other_tools import TEAMS, tool_of
from prismake.publish import read_csv, write_csv
from prismake.rounds import active
from prismake.screening.agreement import COLUMNS as AGREEMENT_COLUMNS
from prismake.screening.agreement import agreement
from prismake.screening.decide import DECISION_COLUMNS, contradictory, decide
from prismake.screening.exchange.match import Finder
from prismake.screening.exchange.read import UNMATCHED_COLUMNS, read_exports
from prismake.screening.late_duplicates import settle_duplicates
from prismake.screening.pilot import awaited, issued_pilots, pilot_of
from prismake.screening.reading import chosen, one_answer_each, read_forms
from prismake.screening.reports import ever_issued, read_aliases, read_filtered, read_reports
from prismake.screening.sheets import OUTCOMES, offered_reasons
from prismake.screening.suggest import ONE_STUDY, suggest_studies
from prismake.screening.votes import LOG_COLUMNS, VOTE_COLUMNS, Vote, log_rows, one_person_twice, votes

RETRIEVAL_COLUMNS = ["report_id", "outcome", "awaiting", "tried", "date", "file", "note", "person"]
STUDY_COLUMNS = ["report_id", "study_id", "checked", "why", "person"]
# Which outcome stands when two records were merged after both were sought: once retrieved, it is retrieved.
_FIRST_OUTCOME = ("retrieved", "awaiting classification", "not retrieved")


def collect_decisions(
    stage: str,
    config: dict[str, Any],
    reports: list[str],
    unique: Path,
    clusters: Path,
    forms: list[str],
    vanished: list[str],
    out: Path,
) -> None:
    """Title/abstract or full text: votes, log, unmatched, decisions, agreement, faults and unchecked (.csv) in `out`.

    votes.csv holds the votes that count; log.csv every one, and why it does not count where it does not; unmatched.csv
    the references in other tools' files whose record was not found; unchecked.csv the forms that lost their check.
    """
    screening = config["screening"]
    aliases = read_aliases(clusters)
    known = aliases.keys() | ever_issued()
    conflicts = f"{stage}_conflicts"
    digests = {path: digest(Path(path)) for path in forms}
    exports = [path for path in forms if tool_of(Path(path))]
    forms = [path for path in forms if path not in exports]
    finder = Finder(known, aliases, read_reports(unique) if exports else {})
    from_tools, unmatched = read_exports(stage, exports, finder, screening["people"], screening["reasons"])
    cast: dict[str, list[Vote]] = {}
    every: list[list[object]] = []
    logged: list[list[object]] = []
    faults: list[Fault] = []
    unchecked: list[str] = []
    for kind in (stage, conflicts):
        reading = read_forms(kind, _of(kind, forms), _of(kind, vanished), known, screening["people"])
        if kind == stage:
            reading.answers += from_tools.answers
            reading.faults += from_tools.faults
        found = votes(reading, aliases, screening["reasons"])
        twice, copied = one_person_twice(kind, found, digests)
        found = [replace(vote, why=vote.why or "contradicted") if vote.file in copied else vote for vote in found]
        cast[kind] = [vote for vote in found if vote.counts]
        every += [[kind, *(getattr(v, name) for name in VOTE_COLUMNS), digests[v.file]] for v in cast[kind]]
        logged += log_rows(kind, found, digests)
        faults += [*reading.faults, *twice]
        unchecked += reading.unchecked
    faults += contradictory(conflicts, cast[conflicts])
    pilots = issued_pilots(stage, aliases)
    agreed = [vote for vote in cast[stage] if vote.person in TEAMS]  # nobody's vote
    cast[stage] = [vote for vote in cast[stage] if vote.person not in TEAMS]
    decisions = decide(
        reports,
        cast[stage],
        cast[conflicts],
        policy=screening["policy"],
        reviewers=screening["reviewers_per_record"],
        reasons=offered_reasons(stage, screening),
        agreed=agreed,
        awaited=awaited(pilots, active(screening["people"])),
    )
    said = [vote for kind in (stage, conflicts) for vote in cast[kind]]
    decisions, wrong = settle_duplicates(stage, decisions, said, set(reports))
    faults += wrong
    write_csv(out / "votes.csv", ["stage", *VOTE_COLUMNS, "sha256"], every)
    write_csv(out / "log.csv", LOG_COLUMNS, logged)
    write_csv(out / "unmatched.csv", UNMATCHED_COLUMNS, unmatched)
    columns = DECISION_COLUMNS[stage]
    rows = [
        [("human" if d.state != "pending" else "") if c == "by" else getattr(d, c) for c in columns] for d in decisions
    ]
    write_csv(out / "decisions.csv", columns, rows)
    write_csv(out / "agreement.csv", AGREEMENT_COLUMNS, agreement(stage, cast[stage], pilot_of(pilots)))
    write_csv(out / "faults.csv", FAULT_COLUMNS, fault_rows(faults))
    write_csv(out / "unchecked.csv", ["file"], [[file] for file in sorted(unchecked)])


def screenable(unique: Path, filters: Path) -> list[str]:
    """Reports that people screen on title and abstract: all that no filter removed."""
    removed = read_filtered(filters)
    return sorted(report for report in read_reports(unique) if report not in removed)


def kept(decisions: Path) -> list[str]:
    """Reports that go on, of a decisions.csv."""
    return [row["report_id"] for row in read_csv(decisions) if row["state"] == "included"]


def retrieved(retrieval: Path) -> list[str]:
    return [row["report_id"] for row in read_csv(retrieval) if row["outcome"] == "retrieved"]


def collect_retrieval(
    config: dict[str, Any], reports: list[str], clusters: Path, forms: list[str], vanished: list[str], out: Path
) -> None:
    """retrieval.csv in `out`, one row per report kept, with who said so; faults.csv in out/retrieval."""
    aliases = read_aliases(clusters)
    reading = read_forms("retrieval", forms, vanished, aliases.keys() | ever_issued(), config["screening"]["people"])
    said: dict[int, tuple[str, ...]] = {}
    dates: dict[int, str] = {}
    for index, answer in enumerate(reading.answers):
        outcome = chosen(answer, "outcome", OUTCOMES, reading.faults)
        date = answer.cells.get("date")
        if date and date.kind != "blank" and not _is_day(date.value):
            problem = f"'{date.value[:40]}' is not a date"
            reading.faults.append(answer.fault("date", problem, "Write it as 2026-11-24"))
        elif date:
            dates[index] = date.value
        if outcome:
            said[index] = (outcome,)
    rows: dict[str, list[object]] = {}
    counting = one_answer_each(reading.answers, reading.faults, said)
    for index in sorted(counting, key=lambda index: (_FIRST_OUTCOME.index(said[index][0]), index)):
        answer, (outcome,) = reading.answers[index], said[index]
        report = aliases.get(answer.record_id, "")
        shown = "retrieved" if outcome == "retrieved" else "not_retrieved"
        texts = [answer.value("tried"), dates.get(index, ""), answer.value("file"), answer.value("note"), answer.person]
        rows.setdefault(report, [report, shown, outcome == "awaiting classification", *texts])
    pending = ["pending", False, "", "", "", "", ""]
    write_csv(out / "retrieval.csv", RETRIEVAL_COLUMNS, [rows.get(r, [r, *pending]) for r in reports])
    write_csv(out / "retrieval" / "faults.csv", FAULT_COLUMNS, fault_rows(reading.faults))


def _is_day(text: str) -> bool:
    """Whether a text, or a date cell's value, is a day: a CSV or a text cell holds a date as good as a date cell."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def collect_studies(
    config: dict[str, Any],
    included: list[str],
    unique: Path,
    relations: Path | None,
    clusters: Path,
    forms: list[str],
    vanished: list[str],
    out: Path,
) -> None:
    """studies.csv in `out`: the studies each included report describes, checked by a person or only suggested.

    A study is spelled as it was first: the owner of today comes after those who had the sheet before.
    """
    aliases = read_aliases(clusters)
    forms = sorted(forms, key=lambda path: (Path(path).parent.name == config["studies"]["owner"], path))
    reading = read_forms("studies", forms, vanished, aliases.keys() | ever_issued(), config["screening"]["people"])
    said: dict[int, tuple[str, ...]] = {}
    spelling: dict[str, str] = {}  # one study, however its name is written: "Shin 2023", "shin  2023"
    for index, answer in enumerate(reading.answers):
        checked = chosen(answer, "checked", ("yes",), reading.faults)
        cell = answer.cells.get("study")
        given = [" ".join(name.split()) for name in answer.value("study").split(";") if name.strip()]
        names = tuple(dict.fromkeys(spelling.setdefault(name.casefold(), name) for name in given))
        if cell and cell.kind in ("formula", "error"):
            reading.faults.append(answer.fault("study", f"not a name ({cell.value[:40]})", "Type the study's name"))
        elif checked and not names:
            reading.faults.append(answer.fault("study", "checked, but no study is named", "Name the study"))
        elif checked:
            said[index] = names
    linked: dict[str, set[str]] = {}
    people: dict[str, set[str]] = {}
    for index in one_answer_each(reading.answers, reading.faults, said):
        answer = reading.answers[index]
        report = aliases.get(answer.record_id, "")
        linked.setdefault(report, set()).update(said[index])
        people.setdefault(report, set()).add(answer.person)
    suggested = suggest_studies(included, read_reports(unique), linked, _related(relations, aliases))
    rows = [
        [report, study, True, "", "; ".join(sorted(people[report]))]
        if report in linked
        else [report, study, False, suggested[report].why, ""]
        for report in included
        for study in sorted(linked.get(report) or {suggested[report].study})
    ]
    write_csv(out / "studies.csv", STUDY_COLUMNS, rows)
    write_csv(out / "studies" / "faults.csv", FAULT_COLUMNS, fault_rows(reading.faults))


def _related(relations: Path | None, aliases: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Per report the others that are reports of the same study, each with the relation of the two."""
    related: dict[str, dict[str, str]] = {}
    for row in read_csv(relations) if relations else ():
        if row["relation"] in ONE_STUDY:
            one, other = aliases[row["record_id_1"]], aliases[row["record_id_2"]]
            related.setdefault(one, {})[other] = row["relation"]
            related.setdefault(other, {})[one] = row["relation"]
    return related


def _of(kind: str, paths: Iterable[str]) -> list[str]:
    """The paths of this kind; a file named like no form goes with the stage's own forms, to be reported there."""
    conflicts = kind.endswith("_conflicts")
    return [path for path in paths if Path(path).name.split(".")[0].split(" ")[0].endswith("_conflicts") == conflicts]
