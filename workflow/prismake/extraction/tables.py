"""Writing what was extracted: per level one table of results and one of every value with its origin; how far it is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from prismake.errors import FAULT_COLUMNS, Fault, fault_rows
from prismake.extraction import agreement
from prismake.extraction.collect import Extraction
from prismake.extraction.consensus import AGREED, SETTLED, SINGLE, UNRESOLVED, Question, Resolution, ResultRow
from prismake.extraction.definition import STUDY, Definition, Level
from prismake.extraction.reading import SetAside
from prismake.publish import write_csv, write_json

STUDY_COLUMNS = ["study_id", "person", "begun", "complete", "lacks"]
OUTCOME_COLUMNS = ["study_id", "wanted", "complete", "people", "open", "done"]
VALUE_COLUMNS = ["field", "value", "state", "person", "given", "file", "sheet", "cell", "form_version"]
ASIDE_COLUMNS = ["level", "key", "field", "value", "why", "person", "file", "sheet", "cell", "form_version"]
_WORST = (UNRESOLVED, SINGLE, SETTLED, AGREED)


def write_levels(definition: Definition, resolution: Resolution, out: Path) -> None:
    """`<level>.csv` and `<level>_values.csv` for every level, agreement.csv and set_aside.csv.

    <level>.csv: one row per row of the level, its key, its fields in the form's order, state (the least certain of its
    values: unresolved, single, consensus, agreed) and people. A value that is not extracted or unresolved is blank; a
    row of which it is unresolved whether it belongs to the study is not there. <level>_values.csv: one row per cell
    that somebody filled in, with the value that stands, its state, and file, sheet, cell and form version of the cell.
    """
    for name, level in definition.levels.items():
        rows = [row for row in resolution.rows if row.level.id == name]
        table = [
            [*(row.values[c] for c in level.columns), _state(row), "; ".join(row.people)] for row in rows if row.stands
        ]
        write_csv(out / f"{name}.csv", [*level.columns, "state", "people"], table)
        write_csv(out / f"{name}_values.csv", [*level.key, *VALUE_COLUMNS], _values(level, rows))
    write_csv(out / "agreement.csv", agreement.COLUMNS, agreement.agreement(definition, resolution))


def _state(row: ResultRow) -> str:
    return min(row.states.values(), key=_WORST.index, default="")


def _values(level: Level, rows: Iterable[ResultRow]) -> Iterator[list[str]]:
    for row in rows:
        key = [row.values[name] for name in level.key]
        for field in level.fields:
            for person, given, place in row.sources.get(field.id, ()):
                yield [*key, field.id, row.values[field.id], row.states[field.id], person, given, *place]


def write_set_aside(values: Iterable[SetAside], out: Path) -> None:
    """set_aside.csv: what people filled in and the tables do not hold."""
    rows = [
        [v.level, " / ".join(v.key), v.field, v.value, v.why, v.person, v.file, v.sheet, v.cell, v.version]
        for v in values
    ]
    write_csv(out / "set_aside.csv", ASIDE_COLUMNS, sorted(rows))


def write_progress(
    extraction: Extraction,
    resolution: Resolution,
    *,
    studies: Iterable[str],
    wanted: Mapping[str, int],
    faults: Sequence[Fault],
    out: Path,
) -> None:
    """In `out`: studies.csv (each included study in a person's forms), outcomes.csv (each included study: how many
    people are wanted and have completed it, how many differences are open, whether it is done), supplements.json (who
    can be asked for new fields), questions.json (the open differences) and faults.csv.
    """
    lacking = [[".".join(field) for field in row.lacks] for row in extraction.progress]
    rows = [
        [row.study, row.person, row.is_begun, row.is_complete, "; ".join(lacks)]
        for row, lacks in zip(extraction.progress, lacking, strict=True)
    ]
    write_csv(out / "studies.csv", STUDY_COLUMNS, rows)
    complete: dict[str, list[str]] = {}
    for person, study in sorted(extraction.complete()):
        complete.setdefault(study, []).append(person)
    open_: dict[str, int] = {}
    for question in resolution.questions:
        open_[question.study] = open_.get(question.study, 0) + 1
    outcomes = []
    for study in sorted(studies):
        people = complete.get(study, [])
        done = len(people) >= wanted[study] and study not in open_ and study not in resolution.waiting
        outcomes.append([study, wanted[study], len(people), "; ".join(people), open_.get(study, 0), done])
    write_csv(out / "outcomes.csv", OUTCOME_COLUMNS, outcomes)
    write_json(out / "supplements.json", list(_supplements(extraction)))
    write_json(out / "questions.json", [_question(question) for question in resolution.questions])
    write_csv(out / "faults.csv", FAULT_COLUMNS, fault_rows(list(faults)))


def _supplements(extraction: Extraction) -> Iterator[dict[str, object]]:
    """Per person and study that is complete as far as it was asked: the new fields, and the rows that have them."""
    for row in extraction.progress:
        if not row.lacks or not row.is_ready:
            continue
        levels = {level for level, _ in row.lacks}
        known: dict[str, list[dict[str, str]]] = {}
        for entry in extraction.entries:
            if (entry.person, entry.values[STUDY]) == (row.person, row.study) and entry.level.id in levels:
                key = {name: entry.values[name] for name in entry.level.key}
                known.setdefault(entry.level.id, []).append(key)
        yield {"person": row.person, "study": row.study, "lacks": [list(field) for field in row.lacks], "rows": known}


def _question(question: Question) -> dict[str, object]:
    return {
        "study": question.study,
        "level": question.level,
        "key": list(question.key),
        "field": question.field,
        "says": [list(said) for said in question.says],
        "others": list(question.others),
    }


def read_questions(rows: Collection[Mapping[str, object]]) -> list[Question]:
    """The inverse of questions.json."""
    return [
        Question(
            row["study"],
            row["level"],
            tuple(row["key"]),
            row["field"],
            tuple((person, said) for person, said in row["says"]),
            tuple(row["others"]),
        )
        for row in rows
    ]
