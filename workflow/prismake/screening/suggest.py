"""Suggesting which included reports describe one study, for a person to check."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from prismake.spreadsheet.text import clean


def suggest_studies(
    included: list[str], reports: Mapping[str, Mapping[str, Any]], linked: Mapping[str, set[str]]
) -> dict[str, str]:
    """A study's name for each included report, in the manner "Okafor 2021".

    A report that shares a registration number with one that people have linked, or with an earlier one here, gets
    that report's study. A name that is taken gets a letter behind it.
    """
    by_number: dict[str, str] = {}
    for report, studies in sorted(linked.items()):
        if report in reports and len(studies) == 1:
            for number in reports[report]["registry_ids"] or []:
                by_number.setdefault(number, next(iter(studies)))
    taken = {study for studies in linked.values() for study in studies}
    suggested = {}
    for report in sorted(included, key=lambda r: (reports[r]["year"] or 0, r)):
        if report in linked:
            continue
        numbers = reports[report]["registry_ids"] or []
        study = next((by_number[number] for number in numbers if number in by_number), "")
        if not study:
            study = _free(_name(reports[report]), taken)
            taken.add(study)
        for number in numbers:
            by_number.setdefault(number, study)
        suggested[report] = study
    return suggested


def _name(report: Mapping[str, Any]) -> str:
    author = clean((report["authors"] or ["Anonymous"])[0].split(",")[0]).strip()[:60] or "Anonymous"
    return unicodedata.normalize("NFC", f"{author} {report['year'] or 'undated'}")


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    letters = "bcdefghijklmnopqrstuvwxyz"
    return next((name + letter for letter in letters if name + letter not in taken), f"{name} ({len(taken)})")
