"""Tables in the layout of robvis: a row per study, a column per domain, Overall, and perhaps Weight.

robvis (McGuinness and Higgins, Res Synth Methods 2021;12:55-61) takes columns by their place and judgements by the
first letter of a word, so its own words are written.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.publish import csv_text
from prismake.risk_of_bias.assessments import Assessment, assess, find_weight, find_word, read_lines
from prismake.risk_of_bias.tools import OVERALL, Tool

_FIXED = {"study": "study_id", "overall": OVERALL, "weight": "weight", "weights": "weight"}


def read_robvis(path: str | Path, tool: Tool) -> list[Assessment]:
    """The assessments in a CSV; Overall, Weight and the concerns about applicability (A1, ...) may be missing.

    Raises PrismakeError with line and column for what is not in the tool's words.
    """
    place = Path(path).as_posix()
    headings, lines = read_lines(path)
    columns = _columns(headings, tool, place)
    rows: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for line in lines:
        row: dict[str, Any] = {}
        for heading, column, text in zip(headings, columns, line.cells, strict=True):
            try:
                if column == "weight":
                    row[column] = find_weight(text)
                elif column == "study_id":
                    row[column] = " ".join(text.split())
                else:
                    row[column] = find_word(tool.judgements(column), text)
            except ValueError as error:
                raise PrismakeError(str(error), place=f"{place}, line {line.number}, column {heading}") from None
        name = row["study_id"]
        if not name or name in seen:
            problem = f"'{name}' is in line {seen[name]} already" if name else "the study has no name"
            raise PrismakeError(problem, place=f"{place}, line {line.number}, column {headings[0]}")
        seen[name] = line.number
        rows.append(row)
    return assess(tool, rows, place)


def _columns(headings: Sequence[str], tool: Tool, place: str) -> list[str]:
    """What each heading stands for: study_id, the id of a domain, overall or weight."""
    place = f"{place}, line 1"
    if _plain(headings[0]) != "study":
        raise PrismakeError(f"the first column is '{headings[0]}', not Study", place=place)
    known = dict(_FIXED)
    for domain in (*tool.applicability, *tool.domains):  # a label that both have is that of the domain
        known |= {_plain(name): domain.id for name in (domain.code, domain.label, domain.full_label)}
    columns = []
    for heading in headings:
        column = known.get(_plain(heading), "")
        if not column:
            expected = ", ".join(["Study", *(domain.code for domain in tool.domains), "Overall, Weight"])
            hint = f"The columns for {tool.title} are {expected}."
            raise PrismakeError(f"the column '{heading}' is none of {tool.title}", place=place, hint=hint)
        if column in columns:
            raise PrismakeError(f"the column '{heading}' is there twice", place=place)
        columns.append(column)
    missing = [domain for domain in tool.domains if domain.id not in columns]
    if missing:
        problem = f"the column {missing[0].code} ({missing[0].label}) is missing"
        raise PrismakeError(problem, place=place, hint="Is this another tool's table?")
    return columns


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", heading.casefold()).strip()


def robvis_csv(tool: Tool, assessments: Sequence[Assessment]) -> str:
    """The table for robvis. It has no place for applicability and support; results are named behind their study."""
    named = tool.robvis == "Generic"  # this template takes the names of the domains from the columns
    columns = ["Study", *(domain.label if named else domain.code for domain in tool.domains), "Overall"]
    weighted = any(assessment.weight is not None for assessment in assessments)
    rows = []
    for one in assessments:
        words = [_word(tool, domain.id, one.judgements[domain.id]) for domain in tool.domains]
        row = [one.name, *words, _word(tool, OVERALL, one.overall)]
        rows.append([*row, format_weight(one.weight)] if weighted else row)
    return csv_text([*columns, "Weight"] if weighted else columns, rows)


def _word(tool: Tool, domain: str, label: str) -> str:
    return next((one.robvis for one in tool.judgements(domain) if one.label == label), "")


def format_weight(weight: float | None) -> str:
    return "" if weight is None else repr(weight).removesuffix(".0")
