"""All that is known of each included study on a page of its own, from the tables that extraction wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prismake.extraction.definition import STUDY, Definition
from prismake.extraction.instrument import extraction_form
from prismake.extraction.one_study import study_workbook
from prismake.extraction.rounds import studies_to_show
from prismake.publish import read_csv, write_bytes


def write_by_study(config: Mapping[str, Any], unique: Path, studies: Path, results: Path, out: Path) -> None:
    """The workbook with a sheet for each included study whose reports a person has checked."""
    definition = extraction_form(config).definition
    shown = studies_to_show(unique, studies)
    pages = {study: {**about, "levels": {}, "states": {}} for study, about in sorted(shown.items())}
    for level in definition.levels:
        _add_level(definition, level, results / f"{level}_values.csv", pages)
    write_bytes(out, study_workbook(definition, list(pages.values())))


def _add_level(definition: Definition, level: str, table: Path, pages: Mapping[str, dict[str, Any]]) -> None:
    """Put the rows of this level, and the state of each value, on the pages of their studies."""
    key = definition.levels[level].key
    places: dict[tuple[str, ...], int] = {}
    for row in read_csv(table):
        page = pages.get(row[STUDY])
        if page is None:
            continue
        rows = page["levels"].setdefault(level, [])
        name = tuple(row[column] for column in key)
        if name not in places:
            places[name] = len(rows)
            rows.append(dict(zip(key, name, strict=True)))
        rows[places[name]][row["field"]] = row["value"]
        page["states"][level, places[name], row["field"]] = row["state"]
