"""Writing what was extracted: one tidy CSV per level, and how far each form is."""

from collections.abc import Sequence
from pathlib import Path

from prismake.errors import FAULT_COLUMNS, Fault, fault_rows
from prismake.extraction.collect import Extraction
from prismake.extraction.definition import Definition
from prismake.publish import write_csv

STUDY_COLUMNS = ["study_id", "person", "complete"]


def write_tables(definition: Definition, extraction: Extraction, out: Path, more: Sequence[Fault] = ()) -> None:
    """`<level>.csv` for every level in `out`; studies.csv and faults.csv in out/forms.

    A level's table has person, its key, its fields in the form's order, file and row; all values are texts, an empty
    one is not extracted yet or faulty. studies.csv says of each included study in a person's forms whether it is
    complete: it has a row, all that is required is there, and no fault concerns it. `more` are faults found besides,
    such as of forms that are gone.
    """
    for name, level in definition.levels.items():
        columns = ["person", *level.columns, "file", "row"]
        rows = [[row[column] for column in columns] for row in extraction.levels[name]]
        write_csv(out / f"{name}.csv", columns, rows)
    write_csv(out / "forms" / "studies.csv", STUDY_COLUMNS, extraction.studies)
    write_csv(out / "forms" / "faults.csv", FAULT_COLUMNS, fault_rows([*extraction.faults, *more]))
