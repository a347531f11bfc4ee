"""Assessments: what was judged of each study or result, checked against the tool."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError, nearest
from prismake.risk_of_bias.overall import propose
from prismake.risk_of_bias.tools import OVERALL, Judgement, Tool

_NOT_APPLICABLE = ("not applicable", "na", "n/a", "x")  # robvis has these words; nothing was judged
_HEAVIEST = 1e15  # so that sums stay finite


@dataclass(frozen=True)
class Assessment:
    """One study or review, or one result of a study. Judgements are in the tool's words, "" is not judged."""

    study_id: str
    result: str  # "" when the study or the review is judged as a whole
    judgements: dict[str, str]  # by id, domains first, then concerns about applicability
    support: dict[str, str]  # by id, "overall" among them; only what is there
    given: str  # the overall judgement of people, "" if none
    overall: str  # theirs, or what the rule gives
    weight: float | None = None  # in the summary figure

    @property
    def name(self) -> str:
        return f"{self.study_id}, {self.result}" if self.result else self.study_id


def assess(tool: Tool, rows: Iterable[Mapping[str, Any]], file: str = "") -> list[Assessment]:
    """The rows (study_id, result, domain ids, '<id>_support', overall, overall_support, weight) as assessments.

    Raises PrismakeError that names the study, behind the `file` that the rows come from, for a word that the tool does
    not have, for a row that is there twice, and for weights that only some rows have.
    """
    found = []
    names: set[tuple[str, str]] = set()
    for row in rows:
        study_id, result = _text(row.get("study_id")), _text(row.get("result"))
        place = ", ".join(filter(None, (file, study_id or "a row without study_id", result)))
        if not study_id or (study_id, result) in names:
            raise PrismakeError("this row is there twice" if study_id else "a name is missing", place=place)
        names.add((study_id, result))
        try:
            judgements = {id: find_word(tool.judgements(id), _text(row.get(id))) for id in tool.by_id}
            given = find_word(tool.judgements(OVERALL), _text(row.get(OVERALL)))
            weight = find_weight(_text(row.get("weight")))
        except ValueError as error:
            raise PrismakeError(str(error), place=place) from None
        ids = (*tool.by_id, OVERALL)
        support = {id: text for id in ids if (text := _text(row.get(f"{id}_support")))}
        overall = given or propose(tool, judgements)
        found.append(Assessment(study_id, result, judgements, support, given, overall, weight))
    weights = [one.weight for one in found if one.weight is not None]
    for one in found if weights else ():
        if one.weight is None:
            raise PrismakeError(
                "this row has no weight, though others have", place=f"{file}, {one.name}" if file else one.name
            )
    if weights and not any(weights):
        raise PrismakeError("every weight is 0", place=file, hint="Leave the weights out for a plain count.")
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def find_word(judgements: Iterable[Judgement], text: str) -> str:
    """The judgement that a text means: the word itself, its beginning, its initials ("sc").

    It is "" for "" and for "not applicable". Raises ValueError with what is wrong and the words there are.
    """
    wanted = " ".join(text.split()).casefold().removesuffix(" of bias").removesuffix(" risk")
    words = {word.casefold(): one.label for one in judgements for word in one.words}
    if not wanted or wanted in words:
        return words.get(wanted, "")
    if wanted in _NOT_APPLICABLE:
        return ""
    initials = {"".join(part[0] for part in word.split()): label for word, label in words.items() if " " in word}
    if wanted in initials:
        return initials[wanted]
    begin = {label for word, label in (*words.items(), ("not applicable", "")) if word.startswith(wanted)}
    known = ", ".join(dict.fromkeys(words.values()))
    if len(begin) == 1 and not wanted.isdigit():
        return begin.pop()
    if len(begin) > 1:
        raise ValueError(f"'{text}' can mean {' or '.join(sorted(word or 'Not applicable' for word in begin))}")
    meant = nearest(wanted, words)
    raise ValueError(f"'{text}' is none of {known}{f'. Did you mean {words[meant]}?' if meant else ''}")


def find_weight(text: str) -> float | None:
    """Raises ValueError for what is no weight."""
    if not text:
        return None
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= _HEAVIEST:  # nor is NaN
        raise ValueError(f"the weight '{text}' is not a number of 0 or more, with a decimal point")
    return weight


# --- Tables in files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of a table: the line of the file where it begins, and its cells."""

    number: int
    cells: list[str]


def read_lines(path: str | Path) -> tuple[list[str], list[Line]]:
    """The headings and the rows of a CSV with commas, semicolons or tabs and any line ends; blank lines are skipped.

    Raises PrismakeError for a file that is no such table, naming the line.
    """
    place = Path(path).as_posix()
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "Save it as CSV in UTF-8."
        raise PrismakeError("this is not UTF-8 text", place=place, hint=hint) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # CR alone: what a Mac used to write, as robvis does
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(_lines(text, delimiter))
    except csv.Error as error:
        raise PrismakeError(f"this is not CSV ({error})", place=place) from error
    if not lines:
        raise PrismakeError("this file is empty", place=place)
    head, *rows = lines
    for row in rows:
        if len(row.cells) != len(head.cells):
            problem = f"{len(row.cells)} cells under {len(head.cells)} headings"
            hint = "Put a text that holds the separator in quotes."
            raise PrismakeError(problem, place=f"{place}, line {row.number}", hint=hint)
    return head.cells, rows


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Line(before + 1, [cell.strip() for cell in cells])
        before = reader.line_num
