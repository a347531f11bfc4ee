"""Reading one filled form: each row as an entry, what is wrong as faults. Nothing here stops a run.

A workbook carries the definition it was made from and is read against it; then its values are carried over to the
form that the review has now.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prismake.errors import Fault
from prismake.extraction.definition import ABOUT, STUDY, Definition, Level
from prismake.extraction.issue import CODEBOOK
from prismake.extraction.names import Names
from prismake.extraction.values import Wrong, read_value, suggest
from prismake.extraction.versions import carried, carry, embedded
from prismake.forms import check_value, displaced
from prismake.spreadsheet import Cell, Row, Table, Workbook

RESTORE = "Restore it from a copy of the form"
BLANK = Cell("", "blank", "")


@dataclass(frozen=True)
class SetAside:
    """A value that the tables do not hold, and why: the form no longer asks for it, or consensus left its row out."""

    level: str
    key: tuple[str, ...]
    field: str
    value: str
    why: str
    person: str
    file: str
    sheet: str
    cell: str
    version: str


@dataclass
class Entry:
    """One filled row of a sheet; `refs` say where its cells are, `faulty` which columns hold something wrong."""

    kind: str
    level: Level  # of the review's form
    person: str
    file: str
    sheet: str
    number: int
    version: str
    values: dict[str, str]
    refs: dict[str, str]
    faulty: set[str] = field(default_factory=set)
    places: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)  # of values from another form's row

    def key(self, columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.values[name] if name == STUDY else self.values[name].casefold() for name in columns)

    def place(self, column: str) -> tuple[str, str, str, str]:
        """File, sheet, cell and form version of a value."""
        return self.places.get(column) or (self.file, self.sheet, self.refs.get(column, ""), self.version)

    def fault(self, column: str, problem: str, remedy: str) -> Fault:
        self.faulty.add(column)
        study, cell = self.values.get(STUDY, ""), self.refs.get(column, "")
        return Fault(self.kind, self.person, self.file, self.sheet, cell, study, problem, remedy)


@dataclass
class Form:
    """A form being read: whose it is, what the names in it stand for, what was found."""

    definition: Definition
    kind: str
    person: str
    file: str
    issued: Collection[str]
    names: Names
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)  # included ones, of the rows of its first sheet
    asked: set[tuple[str, str]] = field(default_factory=set)  # (level, field) of the review's form that it asks for
    outdated: bool = False  # made from another form under the same version

    def fault(self, problem: str, remedy: str, sheet: str = "", cell: str = "", study: str = "") -> None:
        self.faults.append(Fault(self.kind, self.person, self.file, sheet, cell, study, problem, remedy))


@dataclass(frozen=True)
class _Sheet:
    """A sheet being read: its level by the form's own definition and by the review's (None: it asks no more)."""

    own: Level
    level: Level | None
    carried: Mapping[str, str]
    definition: Definition
    is_supplement: bool
    name: str
    labels: Mapping[str, str]


def read_form(form: Form, book: Workbook, *, supplement: bool = False) -> None:
    """Add what this workbook holds to the form."""
    current, meta = form.definition, book.meta
    if told := displaced(meta, form.kind, form.person, Path(form.file)):
        form.fault(*told)
        return
    if meta.get("form", current.id) != current.id:
        form.fault(f"this is the form '{meta['form']}', the review has '{current.id}'", "Nothing in it was read")
        return
    own = embedded(meta.get("definition", ""))
    if own is None:
        if meta.get("definition"):
            form.fault("its hidden sheet is damaged, so it was read by the form the review has now", RESTORE)
        own = current
    form.outdated = own.version == current.version and meta.get("form_hash", current.hash) != current.hash
    tables = dict(_match_sheets(form, own, book))
    for name, level in own.levels.items():
        now = current.levels.get(name)
        mapping = carried(now, level) if now else {}
        form.asked |= {(name, field) for field in mapping}
        if name in tables:
            labels = _match_columns(level, tables[name])
            sheet = _Sheet(level, now, mapping, own, supplement, tables[name].name, labels)
            _read_table(form, sheet, tables[name])
        elif "" not in book.sheets:
            form.fault(f"the sheet '{level.label}' is missing", RESTORE)


def _match_sheets(form: Form, own: Definition, book: Workbook) -> Iterator[tuple[str, Table]]:
    """The sheet of each level: by its name, else (a renamed sheet, a CSV) by having most of its columns."""
    left = {level.label.casefold(): name for name, level in own.levels.items()}
    others = []
    for name, table in book.sheets.items():
        if name.casefold() in left:
            yield left.pop(name.casefold()), table
        elif name not in (CODEBOOK, "Instructions") and table.rows:
            others.append(table)
    for table in others:
        shared = {
            name: len(_match_columns(own.levels[name], table)) / len(own.levels[name].columns) for name in left.values()
        }
        best = max(shared, key=lambda name: shared[name], default="")
        if best and shared[best] > 0.5:
            left = {label: name for label, name in left.items() if name != best}
            yield best, table
        else:
            form.fault(f"'{table.name}' is no sheet of this form and was not read", "Move its data", table.name)


def _match_columns(level: Level, table: Table) -> dict[str, str]:
    """Column of the results -> label in this sheet."""
    labels = {" ".join(label.casefold().split()): label for label in reversed(table.columns)}
    names = {STUDY: STUDY, **{f.id: " ".join(f.title.casefold().split()) for f in level.fields}}
    found = {id: labels.get(name) or labels.get(id) for id, name in names.items()}
    return {id: label for id, label in found.items() if label}


def _read_table(form: Form, sheet: _Sheet, table: Table) -> None:
    level, labels = sheet.own, sheet.labels
    taken = set(labels.values())
    for label in table.columns:
        if label in taken or label in ABOUT or not any(r.cells[label].value for r in table.rows):
            continue
        titles = [f.title for f in level.fields if f.id not in labels]
        remedy = suggest(label, titles) if titles else "Move what should be read into a column of the form"
        form.fault(f"unknown column '{label}', not read", remedy, table.name, f"{table.letters[label]}1")
    titles = {STUDY: STUDY, **{f.id: f.title for f in level.fields}}
    for name in level.columns:
        if name not in labels:
            form.fault(f"the column '{titles[name]}' is missing", RESTORE, table.name)
    if not set(level.key) <= labels.keys():
        return
    entries = (_read_row(form, sheet, row) for row in table.rows)
    form.entries += [entry for entry in entries if entry]


def _read_row(form: Form, sheet: _Sheet, row: Row) -> Entry | None:
    """The row as an entry; None when nothing is filled in, its study is not included (both are no fault), or its key
    is not whole (a fault says so).
    """
    own, is_study = sheet.own, sheet.own.key == (STUDY,)
    cells = {name: row.cells[label] for name, label in sheet.labels.items()}
    given = cells[STUDY].value
    study = form.names.study(given)
    if is_study and study:
        form.studies.append(study)
    shown = own.key if sheet.is_supplement else (STUDY,)  # a supplementary form names the rows itself
    is_filled = any(cell.value for name, cell in cells.items() if name not in shown)
    if not is_filled or (form.names.find(given) and not study):
        return None
    level = sheet.level or own
    entry = Entry(form.kind, level, form.person, form.file, sheet.name, row.number, sheet.definition.version, {}, {})
    entry.values[STUDY] = study
    entry.refs = {name: cell.ref for name, cell in cells.items()}
    if not study:
        problem = f"no study '{given}' was issued to {form.person}" if given else "a row without a study"
        remedy = suggest(given, sorted(form.issued)) if given and form.issued else RESTORE
        form.faults.append(entry.fault(STUDY, problem, remedy))
        return None
    if is_study and _is_torn(given, row):
        problem = "this row was torn apart: its study and its citation do not belong together"
        form.faults.append(entry.fault(STUDY, problem, "Undo the sort (sort whole rows only), or restore a copy"))
        return None
    for f in own.fields:
        try:
            entry.values[f.id] = read_value(cells.get(f.id, BLANK), f, sheet.definition)
        except Wrong as wrong:
            entry.values[f.id] = ""
            form.faults.append(entry.fault(f.id, wrong.problem, wrong.remedy))
        if f.id in own.key and not entry.values[f.id]:
            if f.id not in entry.faulty:
                problem = f"'{f.title}' is blank, so nothing in this row was read"
                form.faults.append(entry.fault(f.id, problem, f"Fill in '{f.title}', which tells rows apart"))
            return None
    return _as_now(form, sheet, entry)


def _as_now(form: Form, sheet: _Sheet, entry: Entry) -> Entry | None:
    """The entry with the fields that the review's form has; what it no longer asks for is set aside."""
    if sheet.definition.hash == form.definition.hash:
        return entry
    level, own = sheet.level, sheet.own
    is_lost = level is None or not set(level.key) - {STUDY} <= sheet.carried.keys()  # its key is another one now
    kept = set() if is_lost else set(sheet.carried.values())
    key = tuple(entry.values[name] for name in own.key)
    why = f"version {form.definition.version} of the form no longer asks for it"
    if level and is_lost:
        why = f"version {form.definition.version} of the form tells rows of '{level.label}' apart by other columns"
        remedy = "Name the former id under renamed_from, or enter the row again in a form of this version"
        form.faults.append(entry.fault(own.key[-1], f"{why}, so this row was not read", remedy))
    for f in own.fields:
        if entry.values[f.id] and f.id not in kept and f.id not in own.key:
            file, on, cell, version = entry.place(f.id)
            form.set_aside.append(
                SetAside(own.id, key, f.id, entry.values[f.id], why, entry.person, file, on, cell, version)
            )
    if is_lost:
        return None
    values, refs, faulty = {STUDY: entry.values[STUDY]}, {STUDY: entry.refs[STUDY]}, set()
    for f in level.fields:
        was = sheet.carried.get(f.id, "")
        values[f.id], refs[f.id] = entry.values.get(was, ""), entry.refs.get(was, "")
        if was in entry.faulty:
            faulty.add(f.id)
        elif was:
            try:
                values[f.id] = carry(values[f.id], own.by_id[was], f, form.definition)
            except Wrong as wrong:
                values[f.id] = ""
                problem = f"{wrong.problem}, says version {form.definition.version} of the form"
                form.faults.append(entry.fault(was, problem, wrong.remedy))
                faulty.add(f.id)
    entry.values, entry.refs, entry.faulty = values, refs, faulty
    return entry


def _is_torn(study: str, row: Row) -> bool:
    check, citation = row.cells.get("check"), row.cells.get("citation")
    return bool(check and citation and check.value and check.value != check_value(study, citation.value))
