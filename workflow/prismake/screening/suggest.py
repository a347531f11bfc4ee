"""Suggesting which included reports describe one study, for a person to check."""

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

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


class Suggestion(NamedTuple):
    study: str
    why: str  # what it goes by


def suggest_studies(
    included: list[str],
    reports: Mapping[str, Mapping[str, Any]],
    linked: Mapping[str, set[str]],
    related: Mapping[str, Mapping[str, str]],
) -> dict[str, Suggestion]:
    """A study's name, in the manner "Okafor 2021", for each included report that people have not linked.

    A report that shares a registration number with one that people have linked, or with an earlier one here, or that is
    `related` to one (as a preprint is to its article), gets that report's study. Alike authors or titles are no
    reason. A name that is taken gets a letter behind it.
    """
    by_number: dict[str, tuple[str, str]] = {}  # number -> study, and the report that it was first found on
    for report, studies in sorted(linked.items()):
        if report in reports and len(studies) == 1:
            for number in reports[report]["registry_ids"] or []:
                by_number.setdefault(number, (next(iter(studies)), report))
    taken = {study for studies in linked.values() for study in studies}
    study_of = {report: next(iter(studies)) for report, studies in linked.items() if len(studies) == 1}
    suggested: dict[str, Suggestion] = {}
    for report in sorted(included, key=lambda r: (reports[r]["year"] or 0, r)):
        if report in linked:
            continue
        numbers = reports[report]["registry_ids"] or []
        number = next((number for number in numbers if number in by_number), "")
        kin = next((kin for kin in sorted(related.get(report, ())) if kin in study_of), "")
        if number:
            study, other = by_number[number]
            why = f"{number}, as in {other}"
        elif kin:
            study, why = study_of[kin], f"{related[report][kin]}: {kin}"
        else:
            study, why = (
                _free(_name(reports[report]), taken),
                "first author and year; no other report is known to belong to it",
            )
            taken.add(study)
        for number in numbers:
            by_number.setdefault(number, (study, report))
        suggested[report] = Suggestion(study, why)
        study_of[report] = study
    return suggested


def _name(report: Mapping[str, Any]) -> str:
    author = clean((report["authors"] or ["Anonymous"])[0].split(",")[0]).strip()[:60] or "Anonymous"
    return unicodedata.normalize("NFC", f"{author} {report['year'] or 'undated'}")


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    letters = "bcdefghijklmnopqrstuvwxyz"
    return next((name + letter for letter in letters if name + letter not in taken), f"{name} ({len(taken)})")
