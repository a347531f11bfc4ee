"""What a schema cannot say of a configuration: keys that contradict each other, names that nothing has, missing files.

Light imports only: this runs each time Snakemake parses the workflow.
"""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError, near
from prismake.other_tools import TOOLS, folded
from prismake.previous import RELEASES, release_tags
from prismake.prisma.presets import chain
from prismake.prisma.settings import settings_of
from prismake.prisma.wording import read_labels
from prismake.tool_ids import tool_ids

RUN_KEYS = ("date", "files", "strategy", "limits", "declared", "by", "peer_review")


def contradictions(config: dict[str, Any], root: Path) -> list[str]:
    """One line per mistake in a configuration that the schema accepts and whose defaults are filled in.

    `root` is the review's folder, from which paths are read.
    """
    mistakes = [
        *_wrong_dates(config, ""),
        *_wrong_sources(config, root),
        *_wrong_people(config),
        *_wrong_filters(config),
        *_wrong_policy(config["screening"]),
        *_wrong_order(config),
        *_wrong_tools(config),
        *_wrong_previous(config, root),
        *_wrong_drawing(config),
    ]
    form = config["extraction"]["form"]
    if form and not (root / form).is_file():
        mistakes.append(f"extraction.form: no such file: {form}")
    return mistakes


def _wrong_dates(value: Any, key: str) -> list[str]:
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in _wrong_dates(item, f"{key}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [text for index, item in enumerate(value) for text in _wrong_dates(item, f"{key}.{index}")]
    if (
        isinstance(value, str)
        and key.rsplit(".", 1)[-1] in ("date", "until", "from", "to")
        and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    ):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return [f"{key}: there is no day {value}"]
    return []


def _wrong_sources(config: dict[str, Any], root: Path) -> list[str]:
    mistakes = []
    for name, source in config["search"]["sources"].items():
        key = f"search.sources.{name}"
        live = ("limits", "by", "peer_review") if "live" in source else ()
        spare = [k for k in RUN_KEYS if k in source and k not in ("files", "strategy", *live)]
        if spare:
            where = "the runs" if "runs" in source else "the snapshots of a live source"
            mistakes.append(f"{key}: {', '.join(spare)} would not be read here; it belongs into {where}")
        mistakes += _wrong_windows(key, source)
        if "live" in source and ("runs" in source or "files" in source):
            mistakes.append(f"{key}: a live source has no files or runs of its own; make a second source for exports")
        elif "live" not in source and "runs" not in source:
            mistakes.append(f"{key}: give `files` (exports), `runs` or `live`")
        elif "files" in source:
            mistakes.append(f"{key}: `files` and `runs` at once; move the files into a run")
        dates = [run.get("date") for run in source.get("runs", [])]
        if len(set(dates)) < len(dates):
            mistakes.append(
                f"{key}.runs: two runs have the same date; put their files into one run, or give each its date"
            )
        elif None not in dates and dates != sorted(dates):
            mistakes.append(f"{key}.runs: not in order of date, oldest first")
        for run in source.get("runs", []):
            for file in run["files"]:
                if not (root / file).is_file():
                    problem = "this is a folder" if (root / file).is_dir() else "no such file"
                    mistakes.append(f"{key}: {problem}: {file}")
                elif "{" in file or "}" in file:
                    mistakes.append(f"{key}: a file's name cannot hold braces: {file}")
    return mistakes


def _wrong_policy(screening: dict[str, Any]) -> list[str]:
    mistakes = []
    if screening["policy"] == "liberal_accelerated" and screening["reviewers_per_record"] < 2:
        mistakes.append("screening.reviewers_per_record: liberal_accelerated takes 2 or more people for an exclusion")
    if "pilot_kappa" in screening:
        if not screening["pilot"]:
            mistakes.append("screening.pilot_kappa: there is no pilot; give screening.pilot a number of records")
        if sum(person["share"] > 0 for person in screening["people"].values()) < 2:
            mistakes.append("screening.pilot_kappa: agreement needs two people or more who screen")
    return mistakes


def _wrong_order(config: dict[str, Any]) -> list[str]:
    order, known = config["deduplication"]["source_order"], list(config["search"]["sources"])
    unknown = [source for source in order if source not in known]
    mistakes = [f"deduplication.source_order: there is no source '{s}'; known: {', '.join(known)}" for s in unknown]
    return mistakes + (["deduplication.source_order: a source is there twice"] if len(set(order)) < len(order) else [])


def _wrong_windows(key: str, source: dict[str, Any]) -> list[str]:
    mistakes = [
        f"{key}: `{name}` is for a source that is searched `live`"
        for name in ("windows", "address")
        if name in source and "live" not in source
    ]
    windows = source.get("windows", [])
    for number, window in enumerate(windows):
        if not window.keys() & {"from", "to"}:
            mistakes.append(f"{key}.windows.{number}: give `from`, `to` or both")
        elif window.get("from", "") > window.get("to", "9999"):
            mistakes.append(f"{key}.windows.{number}: from {window['from']} is after to {window['to']}")
    labels = [re.sub(r"[^a-z0-9]+", "-", window["label"].lower()).strip("-") for window in windows if "label" in window]
    if len(set(labels)) < len(labels):
        mistakes.append(f"{key}.windows: two windows have the same label")
    return mistakes


def _wrong_filters(config: dict[str, Any]) -> list[str]:
    years = config["screening"]["filters"].get("years", {})
    if years.get("from", -9999) > years.get("to", 9999):
        return [f"screening.filters.years: from {years['from']} is after to {years['to']}"]
    return []


def _wrong_drawing(config: dict[str, Any]) -> Iterator[str]:
    """What the flow diagram would stumble over: unknown words, and reasons that are in no group or in two."""
    try:
        read_labels(settings_of(config))
        chain(config["prisma"]["preset"])
    except PrismakeError as error:
        yield f"{error.place or 'prisma'}: {error.message}. {error.hint}"
    grouped = [reason for reasons in config["prisma"]["reason_groups"].values() for reason in reasons]
    for reason in dict.fromkeys(grouped):
        if reason not in config["screening"]["reasons"]:
            yield f"prisma.reason_groups: '{reason}' is not one of screening.reasons"
        elif grouped.count(reason) > 1:
            yield f"prisma.reason_groups: '{reason}' is there twice"


def _wrong_previous(config: dict[str, Any], root: Path) -> list[str]:
    tag = config["review"]["previous"]
    there = release_tags(root)
    if not tag or tag in there:
        return []
    known = f"there are: {', '.join(there)}" if there else f"there is none in {RELEASES}"
    return [f"review.previous: no release '{tag}'; {known}"]


def _tools(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool, entry in config["risk_of_bias"].items():
        yield f"risk_of_bias.{tool}", entry


def _wrong_tools(config: dict[str, Any]) -> list[str]:
    known = tool_ids()
    return [
        f"risk_of_bias: there is no tool '{tool}'{near(tool, known)}"
        for tool in config["risk_of_bias"]
        if tool not in known
    ]


def _wrong_names(known: dict[str, dict[str, Any]]) -> list[str]:
    """People called like a tool, or like each other, and e-mail addresses, which go into no file of ours."""
    mistakes = [
        f"screening.people: '{person}' is the folder of that tool's exports; give the person another id"
        for person in known
        if person in TOOLS
    ]
    called: dict[str, str] = {}
    for person, entry in known.items():
        for name in entry.get("also", ()):
            if "@" in name:
                mistakes.append(f"screening.people.{person}.also: no e-mail address; write the name shown in the tool")
        for name in dict.fromkeys(folded(n) for n in (person, entry.get("name", ""), *entry.get("also", ()))):
            if name and called.setdefault(name, person) != person:
                mistakes.append(f"screening.people: '{name}' is said of two people, {called[name]} and {person}")
    return mistakes


def _wrong_people(config: dict[str, Any]) -> list[str]:
    named = {
        "screening.adjudicator": [config["screening"]["adjudicator"]],
        "deduplication.owner": [config["deduplication"]["owner"]],
        "retrieval.owner": [config["retrieval"]["owner"]],
        "studies.owner": [config["studies"]["owner"]],
        "extraction.people": config["extraction"]["people"],
        "extraction.adjudicator": {config["extraction"]["adjudicator"]} - {config["screening"]["adjudicator"]},
        **{f"risk_of_bias.{tool}.people": entry["people"] for tool, entry in config["risk_of_bias"].items()},
    }
    known = config["screening"]["people"]
    mistakes = _wrong_names(known)
    screeners = sum(person["share"] > 0 for person in known.values())
    if config["screening"]["policy"] != "single" and screeners < config["screening"]["reviewers_per_record"]:
        mistakes.append(
            f"screening.reviewers_per_record is {config['screening']['reviewers_per_record']}, but only {screeners} of"
            f" screening.people screens; add somebody, or write {max(screeners, 1)}; who has left stays there, with"
            " `until`"
        )
    for key, entry in (("extraction", config["extraction"]), *_tools(config)):
        if entry["double"] and len(entry["people"]) < 2:
            mistakes.append(f"{key}.double: two people do these studies, but {key}.people names one")
    for key, ids in named.items():
        for person in ids:
            if person not in known:
                mistakes.append(f"{key}: '{person}' is not in screening.people{near(person, known)}")
    return mistakes
