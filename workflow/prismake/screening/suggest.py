"""Suggesting which included reports describe one study, for a person to check."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from prismake.spreadsheet.text import clean

# Relations of relations.csv between reports of one study; a reply, or an update of a review, is another work.
ONE_STUDY = (
    "preprint and article",
    "conference abstract and article",
    "registration and publication",
    "correction and article",
    "retraction notice and article",
    "protocol and report",
    "translation",
)


def suggest_studies(
    included: list[str],
    reports: Mapping[str, Mapping[str, Any]],
    linked: Mapping[str, set[str]],
    related: Mapping[str, set[str]],
) -> dict[str, str]:
    """A study's name for each included report, in the manner "Okafor 2021".

    A report that shares a registration number with one that people have linked, or with an earlier one here, or that is
    `related` to one (as a preprint is to its article), gets that report's study. A name that is taken gets a letter
    behind it.
    """
    by_number: dict[str, str] = {}
    for report, studies in sorted(linked.items()):
        if report in reports and len(studies) == 1:
            for number in reports[report]["registry_ids"] or []:
                by_number.setdefault(number, next(iter(studies)))
    taken = {study for studies in linked.values() for study in studies}
    study_of = {report: next(iter(studies)) for report, studies in linked.items() if len(studies) == 1}
    suggested: dict[str, str] = {}
    for report in sorted(included, key=lambda r: (reports[r]["year"] or 0, r)):
        if report in linked:
            continue
        numbers = reports[report]["registry_ids"] or []
        study = next((by_number[number] for number in numbers if number in by_number), "")
        if not study:
            study = next((study_of[kin] for kin in sorted(related.get(report, ())) if kin in study_of), "")
        if not study:
            study = _free(_name(reports[report]), taken)
            taken.add(study)
        for number in numbers:
            by_number.setdefault(number, study)
        suggested[report] = study_of[report] = study
    return suggested


def _name(report: Mapping[str, Any]) -> str:
    author = clean((report["authors"] or ["Anonymous"])[0].split(",")[0]).strip()[:60] or "Anonymous"
    return unicodedata.normalize("NFC", f"{author} {report['year'] or 'undated'}")


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    letters = "bcdefghijklmnopqrstuvwxyz"
    return next((name + letter for letter in letters if name + letter not in taken), f"{name} ({len(taken)})")
