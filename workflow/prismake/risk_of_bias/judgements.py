"""judgements.csv: every judgement of every study or result in a row of its own, the overall one last."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.publish import csv_text
from prismake.risk_of_bias.assessments import Assessment, assess, find_weight, find_word, read_lines
from prismake.risk_of_bias.robvis import format_weight
from prismake.risk_of_bias.tools import OVERALL, Tool

COLUMNS = ("study_id", "result", "domain", "label", "judgement", "level", "support", "origin", "weight")
_NEEDED = ("study_id", "domain", "judgement")


def judgements_csv(tool: Tool, assessments: Sequence[Assessment]) -> str:
    """`origin` is `given` for what people judged, `rule` for an overall judgement that the tool's rule gave, or blank.

    A tool without a rule has an overall row only where people gave one.
    """
    return csv_text(COLUMNS, [row for one in assessments for row in _rows(tool, one)])


def _rows(tool: Tool, one: Assessment) -> Iterator[list[str]]:
    cells = [(domain.id, domain.full_label, one.judgements[domain.id]) for domain in tool.by_id.values()]
    if tool.has_rule or one.overall:
        cells.append((OVERALL, "Overall", one.overall))
    for id, label, word in cells:
        level = next((judgement.level for judgement in tool.judgements(id) if judgement.label == word), "")
        origin = "rule" if id == OVERALL and not one.given else "given"
        about = [word, level, one.support.get(id, ""), origin if word else "", format_weight(one.weight)]
        yield [one.study_id, one.result, id, label, *about]


def is_judgements(headings: Sequence[str]) -> bool:
    """Whether a table with these headings is a judgements.csv."""
    return set(_NEEDED) <= set(headings)


def read_judgements(path: str | Path, tool: Tool) -> list[Assessment]:
    """The assessments in a judgements.csv. What a rule gave is worked out anew.

    Raises PrismakeError with line and column for what is not in the tool's words.
    """
    place = Path(path).as_posix()
    headings, lines = read_lines(path)
    if twice := [heading for heading in headings if headings.count(heading) > 1]:
        raise PrismakeError(f"the column '{twice[0]}' is there twice", place=f"{place}, line 1")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        cells = dict(zip(headings, line.cells, strict=True))
        where = f"{place}, line {line.number}"
        name, domain = (cells["study_id"], cells.get("result", "")), cells["domain"]
        row = rows.setdefault(name, {"study_id": name[0], "result": name[1]})
        if domain != OVERALL and domain not in tool.by_id:
            problem = f"{tool.title} has no domain '{domain}'"
            raise PrismakeError(problem, place=f"{where}, column domain", hint="Is this another tool's table?")
        if domain in row:
            raise PrismakeError(f"'{domain}' of {name[0]} is there twice", place=where)
        column = "judgement"
        try:
            word = find_word(tool.judgements(domain), cells[column])
            column = "weight"
            weight = find_weight(cells.get(column, ""))
            if row.setdefault(column, weight) != weight:
                raise ValueError(f"{name[0]} has another weight in a line above")
        except ValueError as error:
            raise PrismakeError(str(error), place=f"{where}, column {column}") from None
        row[domain] = "" if cells.get("origin") == "rule" else word
        row[f"{domain}_support"] = cells.get("support", "")
    return assess(tool, rows.values(), place)
