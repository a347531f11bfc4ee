"""What all forms of one person say together: one entry per key, each with its parent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prismake.errors import Fault, PrismakeError
from prismake.extraction.definition import STUDY, Definition
from prismake.extraction.names import Names, reports_shown
from prismake.extraction.reading import Entry, Form, SetAside, read_form
from prismake.extraction.values import suggest
from prismake.extraction.versions import lacking
from prismake.spreadsheet import Workbook, read_workbook

KIND = "extraction"
SUPPLEMENT, CONSENSUS = "_supplement", "_consensus"  # behind a kind of form: its other forms


@dataclass(frozen=True)
class Progress:
    """How far one person is with one included study that their forms hold."""

    study: str
    person: str
    is_begun: bool  # something is filled in
    is_complete: bool  # something is, all that is required is there, and no fault concerns it
    is_ready: bool  # the same for what their forms ask for so far
    lacks: tuple[tuple[str, str], ...]  # (level, field) of the form that none of their forms asks for


@dataclass(frozen=True)
class Extraction:
    """All that the forms say: everybody's entries, in the order of the form's levels, what is wrong, how far it is."""

    entries: list[Entry]
    faults: list[Fault]
    progress: list[Progress]
    set_aside: list[SetAside] = field(default_factory=list)

    def complete(self) -> set[tuple[str, str]]:
        """(person, study) extracted completely."""
        return {(row.person, row.study) for row in self.progress if row.is_complete}


def collect(
    definition: Definition,
    files: Sequence[tuple[str, Path]],
    *,
    issued: Mapping[str, Collection[str]],
    studies: Mapping[str, Collection[str]],
    kind: str = KIND,
    source: str = "",
) -> Extraction:
    """Read these forms, given as (person, path); those of a person may be of the kind itself or supplementary.

    `issued` are the studies that each person's forms hold, by the names they were issued with; `studies` are the
    reports of each study included now. Rows of a study that is not included (any more) are left out. `source` is where
    the definition stands, for the fault of a change without a new version.
    """
    books: dict[Path, Workbook | PrismakeError] = {path: _open(path) for _, path in files}
    names = {}
    for person in dict.fromkeys(person for person, _ in files):
        shown = reports_shown(b for p, path in files if p == person and isinstance(b := books[path], Workbook))
        names[person] = Names(studies, issued.get(person, ()), shown)
    forms = []
    for person, path in files:
        is_supplement = path.name.startswith(f"{kind}{SUPPLEMENT}.")
        of_kind = kind + SUPPLEMENT if is_supplement else kind
        form = Form(definition, of_kind, person, path.as_posix(), issued.get(person, ()), names[person])
        book = books[path]
        if isinstance(book, Workbook):
            read_form(form, book, supplement=is_supplement)
        else:
            form.fault(book.message.rstrip("."), book.hint or "Open it, save it again as .xlsx, or restore a copy")
        forms.append(form)
    faults = [fault for form in forms for fault in form.faults]
    kept: list[Entry] = []
    for person in dict.fromkeys(form.person for form in forms):
        entries = [entry for form in forms if form.person == person for entry in form.entries]
        kept += _with_parents(definition, _one_per_key(entries, faults), faults)
    progress = _progress(definition, forms, kept, faults)
    if any(form.outdated for form in forms):
        problem = f"the form was changed after forms of its version {definition.version} were issued"
        faults.append(Fault(kind, "", source, "", "", "", problem, "Raise form.version, so that new fields go out"))
    place = {name: number for number, name in enumerate(definition.levels)}
    kept.sort(key=lambda e: (place[e.level.id], e.values[STUDY], e.person, e.file, e.number))
    return Extraction(kept, faults, progress, [value for form in forms for value in form.set_aside])


def _open(path: Path) -> Workbook | PrismakeError:
    try:
        return read_workbook(path)
    except PrismakeError as error:
        return error


def _progress(
    definition: Definition, forms: Sequence[Form], entries: Sequence[Entry], faults: Sequence[Fault]
) -> list[Progress]:
    asked: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for form in forms:
        for study in form.studies:
            asked.setdefault((form.person, study), set()).update(form.asked)
    unfinished = {(fault.person, fault.record_id) for fault in faults}
    blank: dict[tuple[str, str], set[tuple[str, str]]] = {}  # required fields without a value
    for entry in entries:
        here = blank.setdefault((entry.person, entry.values[STUDY]), set())
        for f in entry.level.fields:
            if not entry.values[f.id] and f.is_required(entry.values, definition.missing):
                here.add((entry.level.id, f.id))
        if entry.faulty:
            unfinished.add((entry.person, entry.values[STUDY]))
    for level in definition.levels.values():
        for pair in blank.keys() - {(e.person, e.values[STUDY]) for e in entries if e.level is level}:
            if level is definition.study:  # rows below one that is blank
                blank[pair] |= {(level.id, f.id) for f in level.fields if f.required}
            elif level.required:
                blank[pair] |= {(level.id, level.key[-1])}
    found = []
    for person, study in sorted(asked, key=lambda pair: pair[::-1]):
        lacks = tuple(lacking(definition, asked[person, study]))
        open_ = blank.get((person, study), set())
        is_begun = (person, study) in blank
        sound = is_begun and (person, study) not in unfinished
        is_ready = sound and open_ <= set(lacks)
        found.append(Progress(study, person, is_begun, sound and not open_, is_ready, lacks))
    return found


# --- one person's rows ------------------------------------------------------------------------------------------------


def _one_per_key(entries: list[Entry], faults: list[Fault]) -> list[Entry]:
    """One entry per key. In one sheet the first counts; those of several files are put together."""
    first: dict[tuple[str, ...], Entry] = {}
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


def _put_together(kept: Entry, other: Entry, faults: list[Fault]) -> None:
    """Fill what is blank in one from the other; a cell in which they differ is pending."""
    for column, value in other.values.items():
        mine = kept.values[column]
        if column in kept.faulty | other.faulty:
            kept.values[column] = ""
        elif value and mine and value != mine and column not in kept.level.key:
            for one, another, said in ((kept, other, mine), (other, kept, value)):
                problem = f"'{said}' here, but not in {another.place(column)[0]}, cell {another.place(column)[2]}"
                faults.append(one.fault(column, problem, "Make them equal, or delete one of the files"))
            kept.values[column] = ""
        elif value and not mine:
            kept.values[column], kept.places[column] = value, other.place(column)
    kept.faulty |= other.faulty


def _with_parents(definition: Definition, entries: list[Entry], faults: list[Fault]) -> list[Entry]:
    """The entries whose parent row is there; the parent's part of their key takes the parent's spelling."""
    kept: list[Entry] = []
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
