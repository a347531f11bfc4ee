"""What can be wrong with people's input: an error stops the command, a fault is noted and the review goes on."""

import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields


class PrismakeError(Exception):
    """Bad input that stops a command: what is wrong, where (file, line, cell, key) and what to do about it."""

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.place, self.hint = message, place, hint

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        if not self.hint:
            return text
        if "\n" in text:  # a list of mistakes
            return f"{text.rstrip()}\n  {self.hint}"
        return f"{text}{'' if text.endswith(('.', '?', '!')) else '.'} {self.hint}"


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a form that people filled in: its cell counts as pending, the run goes on."""

    stage: str  # title_abstract, title_abstract_conflicts, retrieval, full_text, ..., extraction
    person: str
    file: str  # path from the review's folder, with /
    sheet: str
    cell: str  # A1 style, or "row 7"; "" when the fault is the file's
    record_id: str
    problem: str
    remedy: str

    @property
    def place(self) -> str:
        """The file, the sheet and the cell or row in one text."""
        cell = self.cell if not self.cell or self.cell.startswith("row ") else f"cell {self.cell}"
        return ", ".join(filter(None, (self.file, self.sheet and f"sheet '{self.sheet}'", cell)))

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}. {self.remedy}"


def nearest(text: object, known: Iterable[object]) -> str:
    """Of the known names the one that is most like this text, capitals aside; "" when none is."""
    from difflib import get_close_matches  # takes its time to load

    folded = {str(name).casefold(): str(name) for name in known}
    found = get_close_matches(str(text).casefold(), folded, 1)
    return folded[found[0]] if found else ""


def did_you_mean(text: object, known: Iterable[object], otherwise: str = "") -> str:
    """What to do about a name that is not known, as a sentence: the nearest one; else what is said, or all of them."""
    known = list(known)
    name = nearest(text, known)
    return f"Did you mean '{name}'?" if name else otherwise or f"Known: {', '.join(map(str, known))}."


def near(text: object, known: Iterable[object]) -> str:
    """The same behind a problem: "; did you mean 'a'?", else "; known: a, b"."""
    sentence = did_you_mean(text, known).removesuffix(".")
    return f"; {sentence[0].lower()}{sentence[1:]}"


FAULT_COLUMNS = [field.name for field in fields(Fault)]


def fault_rows(faults: list[Fault]) -> list[tuple[str, ...]]:
    """The faults as sorted rows of a table with the columns FAULT_COLUMNS."""
    return [astuple(fault) for fault in sorted(set(faults), key=_in_order)]


def _in_order(fault: Fault) -> tuple[object, ...]:
    """As a person reads: G6 before G12."""
    letters, digits = re.match(r"(\D*)(\d*)", fault.cell).groups()  # type: ignore[union-attr]
    place = (fault.stage, fault.person, fault.file, fault.sheet, int(digits or 0), len(letters), letters)
    return (*place, fault.record_id, fault.problem, fault.remedy)
