"""What people may type into a column: drop-downs, rules for numbers and dates, colours for what is wrong or missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from prismake.spreadsheet.model import Column
from prismake.spreadsheet.style import RED, YELLOW
from prismake.spreadsheet.text import clean

MAX_TITLE, MAX_PROMPT, MAX_ERROR = 32, 255, 225  # characters; longer ones make Excel repair the file


@dataclass
class Lists:
    """The option lists of a workbook: each distinct one is a column of the hidden sheet and a named range.

    Never a list inside the rule: LibreOffice cuts those at 255 characters, and a comma in an option breaks them.
    """

    names: dict[tuple[str, ...], str] = field(default_factory=dict)

    def name(self, options: tuple[str, ...]) -> str:
        return self.names.setdefault(options, f"list_{len(self.names) + 1}")


def validate(
    page: Worksheet,
    column: Column,
    letter: str,
    rows: Sequence[int],
    lists: Lists,
    columns: Sequence[Column],
    letters: Mapping[str, str],
) -> None:
    """Put the column's rule and help on these rows; red where pasting broke the rule, yellow where a value is due."""
    cells, first = _ranges(letter, rows), f"{letter}{rows[0]}"
    validation = DataValidation(allow_blank=True, sqref=cells)
    if column.help:
        validation.showInputMessage = True
        validation.promptTitle, validation.prompt = _fit(column.title, MAX_TITLE), _fit(column.help, MAX_PROMPT)
    if column.options:
        validation.type, validation.formula1 = "list", lists.name(column.options)
        # To the letter, as options are read; MATCH would take Mouse for mouse.
        allowed = f"SUMPRODUCT(--EXACT({first},{lists.name(column.options)}))>0"
        words = "Choose from the list: " + ", ".join(column.options)
    elif column.kind in _KINDS:
        allowed, words = _rule(column, first, lists)
        validation.type, validation.formula1 = "custom", allowed
    if validation.type or column.help:
        page.add_data_validation(validation)
    if validation.type:
        validation.showErrorMessage, validation.errorStyle = True, "stop" if column.strict else "warning"
        validation.errorTitle, validation.error = _fit(column.title, MAX_TITLE), _fit(words, MAX_ERROR)
        _colour(page, cells, f'AND({first}<>"",NOT({allowed}))', RED)
    if column.required:
        _colour(page, cells, f'AND({first}="",$A{rows[0]}<>"")', YELLOW)
    elif column.required_if and column.required_if[0] in letters:
        other = next(c for c in columns if c.key == column.required_if[0])
        cell = f"${letters[other.key]}{rows[0]}"
        conditions = [f'{cell}<>""', *([f"NOT({_in_list(cell, other.codes, lists)})"] if other.codes else [])]
        named = [f'ISNUMBER(FIND("; {value}; ","; "&{cell}&"; "))' for value in column.required_if[1]]
        conditions += [f"OR({','.join(named)})"] if named else []
        _colour(page, cells, f'AND({first}="",{",".join(conditions)})', YELLOW)


def _ranges(letter: str, rows: Sequence[int]) -> str:
    """These rows of a column, runs of neighbours as one range."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return " ".join(f"{letter}{start}:{letter}{end}" if end > start else f"{letter}{start}" for start, end in runs)


def _colour(page: Worksheet, cells: str, formula: str, colour: str) -> None:
    page.conditional_formatting.add(cells, FormulaRule(formula=[formula], fill=PatternFill("solid", bgColor=colour)))


_KINDS = {"integer": "a whole number", "number": "a number", "year": "a year", "date": "a date such as 2026-11-24"}


def _in_list(cell: str, options: tuple[str, ...], lists: Lists) -> str:
    return f"ISNUMBER(MATCH({cell},{lists.name(options)},0))"


def _rule(column: Column, cell: str, lists: Lists) -> tuple[str, str]:
    """The formula that allows a value of this column, and the same in words.

    IF, because AND works out all its parts: INT of a text would be an error.
    """
    low, high, words = column.minimum, column.maximum, _KINDS[column.kind]
    words += f", at least {low:.15g}" if low is not None else ""
    words += f", at most {high:.15g}" if high is not None else ""
    words += f"; or {', '.join(column.codes)}" if column.codes else ""
    if column.kind == "year":
        low, high = 1000 if low is None else low, 2999 if high is None else high
    parts = [f"{cell}=INT({cell})"] if column.kind in ("integer", "year") else [f"{cell}={cell}"]
    parts += [f"{cell}>={low:.15g}"] if low is not None else []
    parts += [f"{cell}<={high:.15g}"] if high is not None else []
    codes = _in_list(cell, column.codes, lists) if column.codes else "FALSE()"
    return f"IF(ISNUMBER({cell}),AND({','.join(parts)}),{codes})", f"Type {words}."


def _fit(text: str, limit: int) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= limit else f"{text[: limit - 1].rsplit(' ', 1)[0]}…"
