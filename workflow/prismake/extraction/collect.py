"""Reading filled extraction forms. Whatever is wrong becomes a fault and its cell pending; nothing stops the run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prismake.errors import Fault, PrismakeError
from prismake.extraction.definition import ABOUT, STUDY, Definition, Level
from prismake.extraction.issue import CODEBOOK, KIND
from prismake.extraction.names import Names, reports_shown
from prismake.extraction.values import Wrong, read_value, suggest
from prismake.forms import check_value
from prismake.spreadsheet import Cell, Row, Table, Workbook, read_workbook

RESTORE = "Restore it from a copy of the form"


@dataclass(frozen=True)
class Extraction:
    """All that the forms say: per level the rows of its table, the faults, and how far each study is.

    A row is a dict with person, the level's columns (blank and faulty cells are ""), file and row.
    """

    levels: dict[str, list[dict[str, str]]]
    faults: list[Fault]
    studies: list[tuple[str, str, int]]  # included study, person whose forms hold it, 1 when it is complete else 0


@dataclass
class _Entry:
    """One filled row of a sheet; `refs` say where its cells are, `faulty` which columns hold something wrong."""

    level: Level
    person: str
    file: str
    sheet: str
    number: int
    values: dict[str, str]
    refs: dict[str, str]
    faulty: set[str] = field(default_factory=set)

    def key(self, columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.values[name] if name == STUDY else self.values[name].casefold() for name in columns)

    def fault(self, column: str, problem: str, remedy: str) -> Fault:
        self.faulty.add(column)
        study, cell = self.values.get(STUDY, ""), self.refs.get(column, "")
        return Fault(KIND, self.person, self.file, self.sheet, cell, study, problem, remedy)

    @property
    def is_complete(self) -> bool:
        return not self.faulty and all(self.values[f.id] for f in self.level.fields if f.required)


@dataclass
class _Form:
    """A form being read: whose it is, what the names in it stand for, what was found."""

    definition: Definition
    person: str
    file: str
    issued: Collection[str]
    names: Names
    entries: list[_Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)  # included ones, of the rows of its first sheet

    def fault(self, problem: str, remedy: str, sheet: str = "", cell: str = "", study: str = "") -> None:
        self.faults.append(Fault(KIND, self.person, self.file, sheet, cell, study, problem, remedy))


def collect(
    definition: Definition,
    files: Sequence[tuple[str, Path]],
    *,
    issued: Mapping[str, Collection[str]],
    studies: Mapping[str, Collection[str]],
) -> Extraction:
    """Read these forms, given as (person, path).

    `issued` are the studies that each person's forms hold, by the names they were issued with; `studies` are the
    reports of each study included now. Rows of a study that is not included (any more) are left out.
    """
    books: dict[Path, Workbook | PrismakeError] = {path: _open(path) for _, path in files}
    names = {}
    for person in dict.fromkeys(person for person, _ in files):
        shown = reports_shown(b for p, path in files if p == person and isinstance(b := books[path], Workbook))
        names[person] = Names(studies, issued.get(person, ()), shown)
    forms = []
    for person, path in files:
        form = _Form(definition, person, path.as_posix(), issued.get(person, ()), names[person])
        book = books[path]
        if isinstance(book, Workbook):
            _read_form(form, book)
        else:
            form.fault(book.message.rstrip("."), book.hint or "Open it, save it again as .xlsx, or restore a copy")
        forms.append(form)
    faults = [fault for form in forms for fault in form.faults]
    kept: list[_Entry] = []
    for person in dict.fromkeys(form.person for form in forms):
        entries = [entry for form in forms if form.person == person for entry in form.entries]
        kept += _with_parents(definition, _one_per_key(entries, faults), faults)
    unfinished = {(f.person, f.record_id) for f in faults}
    unfinished |= {(e.person, e.values[STUDY]) for e in kept if not e.is_complete}
    done = {(e.person, e.values[STUDY]) for e in kept if e.level is definition.study} - unfinished
    held = {(study, form.person) for form in forms for study in form.studies}
    return Extraction(
        {name: _table(level, kept) for name, level in definition.levels.items()},
        faults,
        [(study, person, int((person, study) in done)) for study, person in sorted(held)],
    )


def _open(path: Path) -> Workbook | PrismakeError:
    try:
        return read_workbook(path)
    except PrismakeError as error:
        return error


def _table(level: Level, entries: list[_Entry]) -> list[dict[str, str]]:
    rows = [entry for entry in entries if entry.level is level]
    rows.sort(key=lambda entry: (entry.values[STUDY], entry.person, entry.file, entry.number))
    return [{"person": e.person, **e.values, "file": e.file, "row": str(e.number)} for e in rows]


# --- one workbook -----------------------------------------------------------------------------------------------------


def _read_form(form: _Form, book: Workbook) -> None:
    definition, meta = form.definition, book.meta
    owner, kind = meta.get("person", form.person), meta.get("kind", KIND)
    if owner != form.person or kind != KIND:
        form.fault(
            f"this is the {kind} form of {owner}, lying in the folder of {form.person}",
            "Move it to the folder it belongs to",
        )
        return
    if meta.get("form", definition.id) != definition.id:
        form.fault(f"this is the form '{meta['form']}', the review has '{definition.id}'", "Nothing in it was read")
        return
    version = meta.get("form_version", definition.version)
    if version != definition.version:
        form.fault(
            f"issued with version {version} of the form, the review is at {definition.version}",
            "What the form no longer asks for is not read; what is new counts as not extracted",
        )
    tables = dict(_match_sheets(form, book))
    for name, level in definition.levels.items():
        if name in tables:
            _read_table(form, level, tables[name], is_current=version == definition.version)
        elif version == definition.version and "" not in book.sheets:
            form.fault(f"the sheet '{level.label}' is missing", RESTORE)


def _match_sheets(form: _Form, book: Workbook) -> Iterator[tuple[str, Table]]:
    """The sheet of each level: by its name, else (a renamed sheet, a CSV) by having most of its columns."""
    levels = form.definition.levels
    left = {level.label.casefold(): name for name, level in levels.items()}
    others = []
    for name, table in book.sheets.items():
        if name.casefold() in left:
            yield left.pop(name.casefold()), table
        elif name not in (CODEBOOK, "Instructions") and table.rows:
            others.append(table)
    for table in others:
        shared = {name: len(_match_columns(levels[name], table)) / len(levels[name].columns) for name in left.values()}
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


def _read_table(form: _Form, level: Level, table: Table, *, is_current: bool) -> None:
    labels = _match_columns(level, table)
    for label in table.columns:
        if label in labels.values() or label in ABOUT or not any(r.cells[label].value for r in table.rows):
            continue
        titles = [f.title for f in level.fields if f.id not in labels]
        remedy = suggest(label, titles) if titles else "Move what should be read into a column of the form"
        form.fault(f"unknown column '{label}', not read", remedy, table.name, f"{table.letters[label]}1")
    titles = {STUDY: STUDY, **{f.id: f.title for f in level.fields}}
    for name in level.columns:
        if name not in labels and (is_current or name in level.key):
            form.fault(f"the column '{titles[name]}' is missing", RESTORE, table.name)
    if not set(level.key) <= labels.keys():
        return
    entries = (_read_row(form, level, table.name, row, labels) for row in table.rows)
    form.entries += [entry for entry in entries if entry]


def _read_row(form: _Form, level: Level, sheet: str, row: Row, labels: Mapping[str, str]) -> _Entry | None:
    """The row as an entry; None when nothing is filled in, its study is not included (both are no fault), or its key
    is not whole (a fault says so).
    """
    cells = {name: row.cells[label] for name, label in labels.items()}
    is_filled = any(cell.value for name, cell in cells.items() if name != STUDY)
    given = cells[STUDY].value
    study = form.names.study(given)
    if level is form.definition.study and study:
        form.studies.append(study)
    if not is_filled or (form.names.find(given) and not study):
        return None
    entry = _Entry(level, form.person, form.file, sheet, row.number, {STUDY: study}, {})
    entry.refs = {name: cell.ref for name, cell in cells.items()}
    if not study:
        problem = f"no study '{given}' was issued to {form.person}" if given else "a row without a study"
        remedy = suggest(given, sorted(form.issued)) if given and form.issued else RESTORE
        form.faults.append(entry.fault(STUDY, problem, remedy))
        return None
    if level is form.definition.study and _is_torn(given, row):
        problem = "this row was torn apart: its study and its citation do not belong together"
        form.faults.append(entry.fault(STUDY, problem, "Undo the sort (sort whole rows only), or restore a copy"))
        return None
    for f in level.fields:
        cell = cells.get(f.id, Cell("", "blank", ""))
        try:
            entry.values[f.id] = read_value(cell, f, form.definition)
        except Wrong as wrong:
            entry.values[f.id] = ""
            form.faults.append(entry.fault(f.id, wrong.problem, wrong.remedy))
        if f.id in level.key and not entry.values[f.id]:
            if f.id not in entry.faulty:
                problem = f"'{f.title}' is blank, so nothing in this row was read"
                form.faults.append(entry.fault(f.id, problem, f"Fill in '{f.title}', which tells rows apart"))
            return None
    return entry


def _is_torn(study: str, row: Row) -> bool:
    check, citation = row.cells.get("check"), row.cells.get("citation")
    return bool(check and citation and check.value and check.value != check_value(study, citation.value))


# --- one person's rows ------------------------------------------------------------------------------------------------


def _one_per_key(entries: list[_Entry], faults: list[Fault]) -> list[_Entry]:
    """One entry per key. In one sheet the first counts; those of several files (copies) are put together."""
    first: dict[tuple[str, ...], _Entry] = {}
    for entry in entries:
        key = (entry.level.id, *entry.key(entry.level.key))
        kept = first.setdefault(key, entry)
        if kept is entry:
            continue
        if (kept.file, kept.sheet) == (entry.file, entry.sheet):
            column = entry.level.key[-1]
            named = ", ".join(entry.values[name] for name in entry.level.key)
            remedy = (
                f"Give it another '{column}', or delete one of the two" if column != STUDY else "Delete one of them"
            )
            faults.append(entry.fault(column, f"same key as row {kept.number} ({named}), not read", remedy))
        else:
            _put_together(kept, entry, faults)
    return list(first.values())


def _put_together(kept: _Entry, other: _Entry, faults: list[Fault]) -> None:
    """Fill what is blank in one from the other; a cell in which they differ is pending."""
    for column, value in other.values.items():
        mine = kept.values[column]
        if column in kept.faulty | other.faulty:
            kept.values[column] = ""
        elif value and mine and value != mine and column not in kept.level.key:
            for one, another, said in ((kept, other, mine), (other, kept, value)):
                problem = f"'{said}' here, but not in {another.file}, cell {another.refs[column]}"
                faults.append(one.fault(column, problem, "Make them equal, or delete one of the files"))
            kept.values[column] = ""
        else:
            kept.values[column] = mine or value
    kept.faulty |= other.faulty


def _with_parents(definition: Definition, entries: list[_Entry], faults: list[Fault]) -> list[_Entry]:
    """The entries whose parent row is there; the parent's part of their key takes the parent's spelling."""
    kept: list[_Entry] = []
    for level in definition.levels.values():
        parent = definition.levels.get(level.parent, definition.study)
        rows = {entry.key(parent.key): entry for entry in kept if entry.level is parent}
        for entry in (entry for entry in entries if entry.level is level):
            if parent is not definition.study:
                row = rows.get(entry.key(parent.key))
                if row is None:
                    column = parent.key[-1]
                    study = entry.values[STUDY]
                    problem = f"no row '{entry.values[column]}' of {study} on the sheet '{parent.label}'"
                    siblings = [r.values[column] for r in rows.values() if r.values[STUDY] == study]
                    remedy = suggest(entry.values[column], siblings) if siblings else "Add it there first"
                    faults.append(entry.fault(column, f"{problem}, so this row was not read", remedy))
                    continue
                entry.values |= {name: row.values[name] for name in parent.key}
            kept.append(entry)
    return kept
