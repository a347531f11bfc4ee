"""Reading the forms people filled in. Whatever is wrong in one becomes a fault; nothing in a form stops the run."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from prismake.errors import Fault, PrismakeError
from prismake.forms import check_value, log, misnamed, missing, stranger, well_named
from prismake.screening.sheets import ANSWERS, SHEETS
from prismake.spreadsheet import Cell, Table, read_workbook


@dataclass(frozen=True)
class Answer:
    """One row of a form as a person left it; `cells` holds the columns people fill in."""

    kind: str
    person: str
    file: str
    sheet: str
    row: int
    record_id: str
    cells: dict[str, Cell]

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
    for name in files:
        if Path(name).parent.name in everybody:
            _read_form(kind, Path(name), known, set(issued.get(Path(name), ())), reading)
        else:
            reading.faults.append(stranger(Path(name), kind))
    return reading


def _read_form(kind: str, path: Path, known: set[str], issued: set[str], reading: Reading) -> None:
    person, file = path.parent.name, path.as_posix()

    def fault(problem: str, remedy: str, sheet: str = "", cell: str = "", record_id: str = "") -> None:
        reading.faults.append(Fault(kind, person, file, sheet, cell, record_id, problem, remedy))

    if not well_named(path, kind):
        reading.faults.append(misnamed(path, kind))
        return
    try:
        workbook = read_workbook(path)
    except PrismakeError as error:
        fault(error.message.rstrip("."), error.hint or "Open it, save it again as .xlsx, or restore a copy")
        return
    owner = workbook.meta.get("person", person)
    if owner != person or workbook.meta.get("kind", kind) != kind:
        fault(
            f"this is the {workbook.meta.get('kind', kind)} form of {owner}, lying in the folder of {person}",
            "Move it to the folder it belongs to",
        )
        return
    table = _data_sheet(kind, workbook.sheets)
    if table is None:
        fault("no sheet has a column 'record_id', so nothing was read", "Restore the column, or the form from a copy")
        return
    for column in (*ANSWERS[kind], "title", "check"):
        if column not in table.columns:
            fault(
                f"the column '{column}' is missing",
                "Restore it; until then "
                + ("every row counts as not decided" if column == ANSWERS[kind][0] else "what stood in it is not read"),
                table.name,
            )
    gone = issued - {row.cells["record_id"].value.strip() for row in table.rows if "record_id" in row.cells}
    if gone:
        example = f"{len(gone)} of its rows are gone, {min(gone)} among them"
        fault(example, "Restore them from a copy; until then they count as not decided", table.name)
    for row in table.rows:
        values = {name: row.cells.get(name, Cell("", "blank", "")) for name in table.columns}
        record_id = values["record_id"].value.strip()
        answered = any(values[name].value.strip() for name in ANSWERS[kind] if name in values)
        cell = values["record_id"].ref
        if not record_id:
            if answered:
                fault("an answer without a record id", "Restore the row from a copy", table.name, cell)
            continue
        if record_id not in known:
            near = difflib.get_close_matches(record_id, known, 1) if len(reading.faults) < 20 else []
            fault(
                f"no search found a record '{record_id}'",
                f"Did you mean {near[0]}?" if near else "Restore the id from a copy of the form",
                table.name,
                cell,
                record_id,
            )
            continue
        check = values.get("check", Cell("", "blank", "")).value.strip()
        title = values["title"].value if "title" in values else None
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
        cells = {name: values[name] for name in ANSWERS[kind] if name in values}
        reading.answers.append(Answer(kind, person, file, table.name, row.number, record_id, cells))


def _data_sheet(kind: str, sheets: dict[str, Table]) -> Table | None:
    """The sheet with the rows: by its name, else the first one with the column record_id (a CSV has only one)."""
    named = sheets.get(SHEETS[kind])
    candidates = [*([named] if named else []), *sheets.values()]
    return next((table for table in candidates if "record_id" in table.columns), None)


def chosen(answer: Answer, column: str, options: Iterable[str], faults: list[Fault]) -> str:
    """The option that this cell holds, in the list's own spelling; "" when it is blank or faulty."""
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
    if not text:
        return ""
    near = difflib.get_close_matches(text, [option.casefold() for option in options], 1)
    hint = next((option for option in options if near and option.casefold() == near[0]), "")
    remedy = f"Did you mean '{hint}'?" if hint else f"Choose one of: {', '.join(options)}"
    faults.append(answer.fault(column, f"'{cell.value[:60]}' is not in the list of '{column}'", remedy))
    return ""


def one_answer_each(answers: list[Answer], faults: list[Fault], said: dict[int, tuple[str, ...]]) -> list[int]:
    """The indexes of the answers that count, one per person and record.

    `said` maps an answer's index to what it says. Copies that agree are one answer; a person who says two things
    about one record, in one file or in two, is in conflict with themselves: none of them counts, all are reported.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for index in said:
        groups.setdefault((answers[index].person, answers[index].record_id), []).append(index)
    kept = []
    for indexes in groups.values():
        if len({said[index] for index in indexes}) == 1:
            kept.append(indexes[0])
            continue
        for index in indexes:
            others = ", ".join(f"{answers[i].file} row {answers[i].row}: {said[i][0]}" for i in indexes if i != index)
            problem = f"'{said[index][0]}' here, but another answer of yours differs ({others})"
            column = ANSWERS[answers[index].kind][0]
            faults.append(answers[index].fault(column, problem, "Make them equal"))
    return sorted(kept)
