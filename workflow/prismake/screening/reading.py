"""Reading the forms people filled in. Whatever is wrong in one becomes a fault; nothing in a form stops the run."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from prismake.data_files import read_data
from prismake.errors import Fault, PrismakeError, did_you_mean, nearest
from prismake.forms import AREAS, check_value, displaced, log, marks, misnamed, missing, page_of, stranger, well_named
from prismake.other_tools import TOOLS
from prismake.screening.sheets import ADDED, ANSWERS, SHEETS
from prismake.spreadsheet import Cell, Table, read_workbook

_NUMBER = re.compile(r"[\d.,+-]+(?:E[+-]?\d+)?", re.IGNORECASE)  # or a date
_SHOWN = 5  # ids of rows that are gone
_CHECKED = ("check", "title")  # the columns by which a row torn apart or a changed id is known
MORE = ("reason", "time")  # what the screening page and other tools say besides


@dataclass(frozen=True)
class Answer:
    """One row of a form, or of another tool's export, as a person left it; `cells` holds what people fill in."""

    kind: str
    person: str
    file: str
    sheet: str
    row: int
    record_id: str
    cells: dict[str, Cell]
    tool: str = "form"

    def fault(self, column: str, problem: str, remedy: str) -> Fault:
        cell = self.cells.get(column)
        return Fault(
            self.kind, self.person, self.file, self.sheet, cell.ref if cell else "", self.record_id, problem, remedy
        )

    def value(self, column: str) -> str:
        cell = self.cells.get(column)
        return cell.value.strip() if cell else ""


@dataclass
class Reading:
    """All that the forms of one kind say: their rows, and what is wrong in them."""

    answers: list[Answer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # files without the columns that tell rows torn apart


def read_forms(
    kind: str, files: Iterable[str], vanished: Iterable[str], known: set[str], people: Collection[str]
) -> Reading:
    """Read the forms of this kind.

    `known` are the record ids that some search holds or that were ever issued, `people` those of the configuration.
    """
    reading = Reading()
    reading.faults += [missing(path, kind) for path in vanished]
    issued = {entry.path: entry.ids for entry in log() if entry.kind == kind}
    everybody = {*people, *(entry.person for entry in log())}
    reading.faults += [
        _renamed(kind, one)
        for one in sorted({Path(name).parent.name for name in files} - {*people})
        if one in everybody
    ]
    for name in files:
        if Path(name).parent.name in everybody:
            _read_form(kind, Path(name), known, set(issued.get(Path(name), ())), reading)
        else:
            reading.faults.append(stranger(Path(name), kind))
    return reading


def _renamed(kind: str, person: str) -> Fault:
    """What to say of the forms of somebody who was issued some and is in the configuration no more."""
    problem = f"forms were issued to '{person}', who is not in screening.people; what they decided counts"
    remedy = (
        f"If they left, write `{person}: {{until: <day>}}` there. If they only have another id now, give them the id"
        f" '{person}' again and set `name`: a new id is a new person, who may be given the same records"
    )
    return Fault(kind, person, f"resources/{AREAS[kind]}/{person}", "", "", "", problem, remedy)


def _read_form(kind: str, path: Path, known: set[str], issued: set[str], reading: Reading) -> None:
    person, file = path.parent.name, path.as_posix()

    def fault(problem: str, remedy: str, sheet: str = "", cell: str = "", record_id: str = "") -> None:
        reading.faults.append(Fault(kind, person, file, sheet, cell, record_id, problem, remedy))

    try:
        workbook = read_workbook(path)
    except PrismakeError as error:
        if not well_named(path, kind):
            reading.faults.append(misnamed(path, kind, {}))
            return
        fault(error.message.rstrip("."), error.hint or "Open it, save it again as .xlsx, or restore a copy")
        return
    table = _data_sheet(kind, workbook.sheets)
    every = [workbook.meta, *_saved_from(table)]
    if not well_named(path, kind):
        reading.faults.append(misnamed(path, kind, next(filter(None, every), {})))
        return
    for its in every:
        if told := displaced(its, kind, person, path):
            fault(*told)
            return
    if table is None:
        remedy = "Restore the column, or the form from a copy"
        if path.suffix.lower() == ".csv":
            remedy = f"A CSV holds one sheet: save the sheet '{SHEETS[kind]}' as CSV"
        fault("no sheet has a column 'record_id', so nothing was read", remedy)
        return
    named = {**{name: name for name in table.columns}, **stand_ins(table.columns)}
    for column in ANSWERS[kind]:
        if column not in named and column not in ADDED:
            fault(
                f"the column '{column}' is missing",
                "Restore it; until then "
                + ("every row counts as not decided" if column == ANSWERS[kind][0] else "what stood in it is not read"),
                table.name,
            )
    restore = "Restore the id from a copy of the form"
    if absent := [column for column in _CHECKED if column not in named]:
        reading.unchecked.append(file)
        restore = f"Restore the id, or the column '{absent[0]}', by which it is known, from a copy of the form"
    tool = "page" if "time" in named else "form"
    present = {row.cells[named["record_id"]].value.strip() for row in table.rows}
    lost = (
        issued or {i for entry in log() if (entry.kind, entry.person) == (kind, person) for i in entry.ids}
    ) - present
    for row in table.rows:
        values = {name: row.cells.get(column, Cell("", "blank", "")) for name, column in named.items()}
        record_id = values["record_id"].value.strip()
        answered = any(values[name].value.strip() for name in ANSWERS[kind] if name in values)
        cell = values["record_id"].ref
        check = values.get("check", Cell("", "blank", "")).value.strip()
        title = values["title"].value if "title" in values else None
        if record_id not in known and check and title is not None:
            found = [one for one in lost if check == check_value(one, title)]
            if len(found) == 1:  # of two that fit, people have to say which
                (record_id,) = found
                present.add(record_id)
        if not record_id:
            if answered:
                fault("an answer without a record id", "Restore the row from a copy", table.name, cell)
            continue
        if record_id not in known:
            near = nearest(record_id, known) if len(reading.faults) < 20 else ""  # which takes long among many
            problem = f"no search found a record '{record_id}'"
            remedy = f"Did you mean {near}?" if near else restore
            if _NUMBER.fullmatch(record_id):
                problem = f"'{record_id}' is a number: a spreadsheet program has turned the record id into it"
                remedy = f"{restore}, in a column formatted as text"
            fault(problem, remedy, table.name, cell, record_id)
            continue
        if check and title is not None and check != check_value(record_id, title):
            if answered:
                fault(
                    "this row was torn apart: its id and its title do not belong together",
                    "Undo the sort (sort whole rows only), or restore the row from a copy",
                    table.name,
                    cell,
                    record_id,
                )
            continue
        cells = {name: values[name] for name in (*ANSWERS[kind], *MORE) if name in values}
        reading.answers.append(Answer(kind, person, file, table.name, row.number, record_id, cells, tool))
    if gone := sorted(issued - present):
        more = f" and {len(gone) - _SHOWN} more" if len(gone) > _SHOWN else ""
        problem = f"{len(gone)} of its rows are gone: {', '.join(gone[:_SHOWN])}{more}"
        remedy = "Restore them from a copy; until then they count as not decided"
        if (page := page_of(path)).exists():
            remedy += f". The page {page.name} beside it still holds all rows"
        fault(problem, remedy, table.name)


def _data_sheet(kind: str, sheets: dict[str, Table]) -> Table | None:
    """The sheet with the rows: by its name, else the first one with the column record_id (a CSV has only one)."""
    named = sheets.get(SHEETS[kind])
    candidates = [*([named] if named else []), *sheets.values()]
    return next((table for table in candidates if "record_id" in {*table.columns, *stand_ins(table.columns)}), None)


def _saved_from(table: Table | None) -> list[dict[str, str]]:
    """The marks of the forms that the column `form` names; the screening page writes it, a CSV has no hidden sheet."""
    if table is None or "form" not in table.columns:
        return []
    return [marks(form) for form in dict.fromkeys(row.cells["form"].value.strip() for row in table.rows)]


@cache
def words() -> dict[str, Any]:
    """The tables of data/screening/answers.yaml."""
    return read_data("screening/answers.yaml")


@cache
def synonyms() -> dict[str, str]:
    """Word -> the decision that it stands for; "" for one that says that nothing is decided."""
    blank = {"undecided": ""}
    return {word: blank.get(said, said) for said, others in words()["decisions"].items() for word in others}


def stand_ins(names: Collection[str]) -> dict[str, str]:
    """Column of our forms -> the column of another name that stands for it, where it is not there itself."""
    spelled = {" ".join(name.casefold().split()): name for name in names}
    return {
        column: spelled[word]
        for column, others in words()["columns"].items()
        if column not in names
        for word in reversed((column, *others))
        if word in spelled
    }


def chosen(
    answer: Answer,
    column: str,
    options: Iterable[str],
    faults: list[Fault],
    also: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The option that this cell holds, in the list's own spelling; "" when it is blank or faulty.

    `also`: other words, in small letters, and the options they stand for where these are offered.
    """
    cell = answer.cells.get(column)
    if cell is None or cell.kind == "blank":
        return ""
    if cell.kind in ("formula", "error"):
        what = "a formula" if cell.kind == "formula" else "a spreadsheet error"
        faults.append(answer.fault(column, f"{what} ({cell.value[:40]})", "Type the value"))
        return ""
    options = list(options)
    text = " ".join(cell.value.split()).casefold()
    for option in options:
        if text == option.casefold():
            return option
    if not text or also.get(text) == "":
        return ""
    if also.get(text) in options:
        return also[text]
    remedy = did_you_mean(text, options, f"Choose one of: {', '.join(options)}")
    faults.append(answer.fault(column, f"'{cell.value[:60]}' is not in the list of '{column}'", remedy))
    return ""


def one_answer_each(answers: list[Answer], faults: list[Fault], said: dict[int, tuple[str, ...]]) -> list[int]:
    """The indexes of the answers that count, one per person and record; see `judge`."""
    return sorted(index for index, why in judge(answers, faults, said).items() if not why)


def judge(
    answers: list[Answer],
    faults: list[Fault],
    said: dict[int, tuple[str, ...]],
    times: Mapping[int, str] = MappingProxyType({}),
) -> dict[int, str]:
    """Index of each answer in `said` -> why it does not count; "" when it does: one per person and record.

    `said` maps an answer's index to what it says, `times` to when. Of answers that carry times the last one counts,
    the others are "superseded". Where one says all that the others say, as where they agree or only one names a reason,
    it counts and they are its "copy". A person who says two things about one record otherwise, in one file or in two,
    is "contradicted" by themselves: none counts, all are reported.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for index in said:
        groups.setdefault((answers[index].person, answers[index].record_id), []).append(index)
    whys = {}
    for indexes in groups.values():
        last = max(times.get(index, "") for index in indexes)
        standing = [index for index in indexes if times.get(index, "") in ("", last)]
        whys |= dict.fromkeys(indexes, "superseded")
        whole = [index for index in standing if all(_says(said[index], said[other]) for other in standing)]
        if whole:
            kept = max(whole, key=lambda index: (times.get(index, ""), -index))
            whys |= {index: "" if index == kept else "copy" for index in standing}
            continue
        words = {index: ", ".join(filter(None, said[index])) for index in standing}
        for index in standing:
            others = "; ".join(f"{answers[i].file} row {answers[i].row}: {words[i]}" for i in standing if i != index)
            problem = f"'{words[index]}' here, but another answer of yours differs ({others})"
            column = ANSWERS[answers[index].kind][0]
            outdated = answers[index].tool in TOOLS
            remedy = "Move the export that is out of date away, or make them equal" if outdated else "Make them equal"
            faults.append(answers[index].fault(column, problem, remedy))
            whys[index] = "contradicted"
    return whys


def _says(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one answer says all that the other says, which may leave something blank."""
    return len(one) == len(other) and all(b in ("", a) for a, b in zip(one, other, strict=True))
