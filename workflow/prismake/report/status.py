"""Where the review stands: what is done, what waits for whom in which file, what is wrong, why the report is a draft.

The one place that decides this; the report shows it and `prismake status` prints it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import polars as pl

from prismake.commands import run_command
from prismake.errors import Fault
from prismake.forms import LOG
from prismake.report.bias import open_assessments
from prismake.report.load import NOT_SCREENED, Review, load
from prismake.report.look_again import Remarks, look_again
from prismake.report.tables import Row
from prismake.report.wording import count, day, listed, number, plural, stage

_SHOWN = 20  # faults, files
_FAULT_FILES = "results/records/faults.csv, results/screening/faults.csv, results/extraction/faults.csv, "
_FAULT_FILES += "results/risk_of_bias/faults.csv"
CONFIG = "config/config.yaml"


@dataclass(frozen=True)
class Step:
    """One stage of the review: `done` of `total` units; `note` adds what the numbers do not say."""

    name: str
    unit: str
    done: int
    total: int
    note: str = ""

    @property
    def open(self) -> int:
        return self.total - self.done


@dataclass(frozen=True)
class Wait:
    """Something that waits for a person; `file` is the form to fill in, "" when there is none."""

    stage: str
    person: str  # the name, "" when nobody is named for it
    what: str  # "28 of 62 rows open"
    file: str


@dataclass(frozen=True)
class Status:
    title: str
    started: bool  # false before the first run
    steps: list[Step]
    waits: list[Wait]
    faults: list[Fault]
    draft: list[str]  # why the report is a draft; empty when the review is complete
    command: str = "snakemake"  # what runs the review
    report: str = ""  # path of the report, when there is one
    remarks: Remarks = field(default_factory=list)  # what to look at again, though no form is wrong
    issued: bool = False  # whether there are forms
    unnamed: tuple[str, ...] = ()  # files in resources/search that no source of the configuration takes


def status(config: Row, results: Path) -> Status:
    """Where the review stands, by its checked configuration and its results folder (which may be missing)."""
    folder, report = results.parent, results / "report/report.html"
    return replace(
        assess(load(config, results)),
        command=run_command(folder),
        report=report.as_posix() if report.is_file() else "",
        issued=any((folder / LOG).glob("*.json")),
        unnamed=tuple(_unnamed(config["search"]["sources"], folder)),
    )


def _unnamed(sources: Row, folder: Path) -> Iterator[str]:
    """Files in resources/search that are of no run and no live snapshot; hidden ones and README aside."""
    place = folder / "resources/search"
    named = {
        (folder / file).resolve()
        for source in sources.values()
        for run in source.get("runs", ())
        for file in run["files"]
    }
    live = [
        description.parent.resolve()
        for name, source in sources.items()
        if "live" in source
        for description in (place / name).glob("????-??-??/search.json")
    ]
    for path in sorted(place.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(place).parts)
        if hidden or path.name.startswith("README") or not path.is_file() or path.resolve() in named:
            continue
        if not any(path.resolve().is_relative_to(snapshot) for snapshot in live):
            yield path.relative_to(folder).as_posix()


def assess(review: Review) -> Status:
    title = review.config["review"]["title"]
    if not review.flow:
        return Status(title, False, [], [], [], ["The review has not been run yet."])
    waits = sorted(_waits(review), key=lambda wait: (wait.person == "", wait.person))
    faults = [Fault(**{name: row.get(name) or "" for name in Fault.__dataclass_fields__}) for row in review.faults]
    draft = list(dict.fromkeys(_draft(review)))
    return Status(title, True, list(_steps(review)), waits, faults, draft, remarks=look_again(review))


def last_search(review: Review) -> str:
    """ISO date of the latest run of any source, "" when no run has a date."""
    return max((run["run_date"] or "" for source in review.searches for run in source["runs"]), default="")


def steps(review: Review) -> dict[str, Step]:
    """The steps by name. Everything that says how many were screened or assessed takes the number from here."""
    return {step.name: step for step in _steps(review)}


def _steps(review: Review) -> Iterator[Step]:
    states = dict(review.reports.group_by("state").len().iter_rows())
    sources = review.config["search"]["sources"]
    runs = [run for source in review.searches for run in source["runs"]]
    last = f", last search {day(last_search(review))}" if last_search(review) else ""
    searched = sum(1 for source in review.searches if source["runs"])
    note = f"{count(len(runs), 'run')}, {count(sum(run['imported'] for run in runs), 'record')}{last}"
    yield Step("Search", "source", searched, len(sources), note)

    excluded = review.reports.filter(pl.col("state") == "excluded_screening")
    unseen = excluded.filter(pl.col("by") == "automation").height
    total = review.reports.height - sum(states.get(state, 0) for state in NOT_SCREENED) - unseen
    open_, conflicts = states.get("pending_screening", 0), states.get("in_conflict", 0)
    notes = [f"reviewers disagree on {number(conflicts)}"] if conflicts else []
    notes += [f"{number(unseen)} more not screened: stopped by rule"] if unseen else []
    filtered = states.get("removed_before_screening", 0)
    notes += [f"{number(filtered)} more removed by filters"] if filtered else []
    yield Step("Title and abstract", "record", total - open_ - conflicts, total, "; ".join(notes))

    total -= open_ + conflicts + excluded.height - unseen
    missing = states.get("not_retrieved", 0)
    open_ = states.get("pending_retrieval", 0)
    yield Step("Retrieval", "report", total - open_, total, f"{number(missing)} not retrieved" if missing else "")

    total -= open_ + missing
    open_ = states.get("pending_eligibility", 0)
    yield Step("Full text", "report", total - open_, total, f"{number(states.get('included', 0))} included")

    included, unchecked = _included(review), _unchecked(review)
    yield Step("Reports to studies", "report", len(included) - len(unchecked), len(included))
    studies = {row["study_id"] for row in review.report_study}
    yield Step("Data extraction", "study", len(studies & review.complete), len(studies))
    if review.tools:
        done, total = (sum(getattr(tool, name) for tool in review.tools) for name in ("done", "total"))
        yield Step("Risk of bias", "assessment", done, total)
    texts = ("objective", "conclusion")
    yield Step("Text of the report", "part", sum(bool(review.config["review"][text]) for text in texts), len(texts))


def _waits(review: Review) -> Iterator[Wait]:
    people = review.config["screening"]["people"]
    for row in review.progress:
        left = "until" in people.get(row["person"], {})  # what they left open has gone to others
        if int(row["pending"] or 0) and not left:
            what = f"{number(int(row['pending']))} of {count(int(row['rows']), 'row')} open"
            yield Wait(stage(row["stage"]), review.person(row["person"]), what, row["file"])
    for row in review.waiting:
        what = f"{row['count']} {row['what']}".strip()
        yield Wait(stage(row["stage"]), review.person(row["person"]), what, row["file"])


def _draft(review: Review) -> Iterator[str]:
    if _outrun(review):
        yield "Screening has gone on since the numbers were counted: run `snakemake` for all of it."
    yield from _unsearched(review)
    if review.records.is_empty():
        yield "No search has found a record yet."
    yield from review.flow.get("draft", [])
    if uncertain := review.pairs["uncertain"]:
        forms = [row["file"] for row in review.progress if row["stage"] == "pairs" and int(row["pending"] or 0)]
        where = f"Say same or different in {listed(forms)}." if forms else _no_pairs_form(review)
        yield f"Pairs of reports that may be duplicates: {number(uncertain)}. {where}"
    if review.faults:
        what = "Faults in forms and verdict files (what cannot be read counts as not filled in)"
        yield f"{what}: {number(len(review.faults))}"
    if unfinished := {row["study_id"] for row in review.report_study} - review.complete:
        yield f"Included studies whose extraction is not complete: {number(len(unfinished))}"
    yield from open_assessments(review)
    for text in ("objective", "conclusion"):
        if not review.config["review"][text]:
            yield f"The {text} is not written yet: review.{text} in {CONFIG}."


def _no_pairs_form(review: Review) -> str:
    """Why no form asks about pairs in doubt."""
    if any(fault["stage"] == "pairs" for fault in review.faults):
        return "What people said of them is among the faults."
    return f"The next run issues a form to {review.person(review.config['deduplication']['owner'])}."


def _unsearched(review: Review) -> Iterator[str]:
    """Sources without a run, and live ones whose strategy in the configuration is not the one last searched."""
    runs = {source["source"]: source["runs"] for source in review.searches}
    for name, source in review.config["search"]["sources"].items():
        if not runs.get(name):
            yield f"{source['database']} ({name}) has not been searched yet."
        elif "live" in source:
            latest = runs[name][-1]
            strategy = _words(source["strategy"])
            if not any(strategy in _words(search["strategy"]) for search in latest["searches"]):
                since = f"its search of {day(latest['run_date'])}" if latest["run_date"] else "its last search"
                yield (
                    f"The strategy for {source['database']} ({name}) was edited since {since}: "
                    f"search it again (snakemake refresh_search), or take the edit back in {CONFIG}."
                )


def _outrun(review: Review) -> bool:
    """Whether the ledger is older than people's decisions: `snakemake screen` stops before it."""
    waiting = {"title_abstract": ("pending_screening", "in_conflict"), "full_text": ("pending_eligibility",)}
    counted = review.reports.filter(pl.col("by") != "automation")
    for level, states in waiting.items():
        both = review.decisions[level].join(counted, on="report_id", suffix="_counted")
        is_open, was_open = pl.col("state").is_in(["pending", "conflict"]), pl.col("state_counted").is_in(states)
        if not both.filter(is_open != was_open).is_empty():
            return True
    return False


def _words(text: str) -> str:
    return " ".join(text.split())


def _included(review: Review) -> list[str]:
    return [row["report_id"] for row in review.cited if row["state"] == "included"]


def _unchecked(review: Review) -> list[str]:
    """Included reports without a study, or with one that nobody has checked."""
    rows = [(row["report_id"], row["checked"] == "1") for row in review.studies if row["study_id"]]
    checked = {report for report, _ in rows} - {report for report, yes in rows if not yes}
    return [report for report in _included(review) if report not in checked]


def render_text(state: Status) -> str:
    """The status for a terminal: what this program says is ASCII, and no control character of a file gets through."""
    lines = [state.title, ""]
    if not state.started:
        why = "There are no results, as before the first run. Forms and what people wrote in them are safe. Type:"
        what = why if state.issued else "Nothing has been run yet. Type:"
        return _plain([*lines, what, f"  {state.command}", *_list_unnamed(state)])
    lines += ["DONE SO FAR"]
    widths = [max(len(column) for column in columns) for columns in zip(*map(_columns, state.steps), strict=True)]
    for step in state.steps:
        name, done, total, unit = _columns(step)
        mark = "x" if step.total and not step.open else " "
        numbers = f"{done:>{widths[1]}} of {total:>{widths[2]}} {unit:<{widths[3]}}"
        lines.append(f"  [{mark}] {name:<{widths[0]}}  {numbers}  {step.note}".rstrip())
    lines += ["", "WAITING FOR"] if state.waits else ["", "WAITING FOR NOBODY"]
    for person, waits in groupby(state.waits, key=lambda wait: wait.person):
        lines.append(f"  {person or 'nobody named yet'}")
        for wait in waits:
            lines.append(f"    {wait.stage}: {wait.what}")
            lines += [f"      in {wait.file}"] if wait.file else []
    if state.faults:
        lines += ["", f"TO MEND: {count(len(state.faults), 'fault')} in forms and verdict files"]
        for fault in state.faults[:_SHOWN]:
            lines += [f"  {fault.place}", f"    {fault.problem.rstrip('.')}. {fault.remedy}"]
        if len(state.faults) > _SHOWN:
            lines.append(f"  and {count(len(state.faults) - _SHOWN, 'other')}: {_FAULT_FILES}")
    for what, found in state.remarks:
        lines += ["", f"LOOK AGAIN: {what}", *(f"  {line}" for line in found[:_SHOWN])]
        lines += [f"  and {count(len(found) - _SHOWN, 'other')}"] if len(found) > _SHOWN else []
    lines += _list_unnamed(state)
    if state.draft:
        lines += ["", "THE REPORT IS A DRAFT", *(f"  - {reason}" for reason in state.draft)]
    else:
        lines += ["", "THE REPORT IS COMPLETE"]
    lines += [f"  It is in {state.report}"] if state.report else []
    lines += ["", "After any change, type:", f"  {state.command}"]
    return _plain(lines)


def _list_unnamed(state: Status) -> list[str]:
    if not state.unnamed:
        return []
    more = len(state.unnamed) - _SHOWN
    lines = ["", f"NOT READ: files in resources/search that {CONFIG} does not name"]
    lines += [f"  {path}" for path in state.unnamed[:_SHOWN]]
    return lines + ([f"  and {count(more, 'other')}"] if more > 0 else [])


def _columns(step: Step) -> tuple[str, str, str, str]:
    return step.name, number(step.done), number(step.total), plural(step.total, step.unit)


def _plain(lines: list[str]) -> str:
    """The lines without what would move a terminal's cursor."""
    return "\n".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+", " ", line).rstrip() for line in lines)
