"""The workbook that a person fills in for a list of studies: one sheet per level, a codebook and instructions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prismake.extraction.definition import ABOUT, STUDY, Definition, Field, Level
from prismake.forms import check_value
from prismake.spreadsheet import Column, Sheet, write_workbook

KIND = "extraction"
CODEBOOK = "Codebook"
_ABOUT_WIDTHS = {"citation": 44, "title": 44, "year": 8, "reports": 24, "check": 10}
_WIDTHS = {"integer": 14, "number": 14, "year": 12, "date": 14}


def issue_workbook(
    definition: Definition,
    studies: Sequence[Mapping[str, Any]],
    *,
    meta: Mapping[str, str],
    of: Definition | None = None,
    rows: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> bytes:
    """The form for these studies as .xlsx bytes.

    Each study is a dict with study_id, citation and, if they are to be shown, title, year and reports. The study's
    sheet has a row per study; the other sheets have blank rows whose study is chosen from a list of these. A
    supplementary form (versions.supplement) is a part `of` the review's form; its sheets have the `rows` that the
    person has filled in already, by level, if there are any.
    """
    ids = tuple(str(study[STUDY]) for study in studies)
    known = rows or {}
    sheets = [_sheet(definition, level, studies, ids, known.get(name, ())) for name, level in definition.levels.items()]
    whole = of or definition
    head = {"form": whole.id, "form_version": whole.version, "form_hash": whole.hash}
    marks = {"studies": "\n".join(ids), **meta, **head, "definition": definition.source}
    lines = _instructions(definition, is_supplement=of is not None)
    return write_workbook([*sheets, _codebook(definition)], instructions=lines, meta=marks)


def _sheet(
    definition: Definition,
    level: Level,
    studies: Sequence[Mapping[str, Any]],
    ids: tuple[str, ...],
    known: Sequence[Mapping[str, str]],
) -> Sheet:
    fields = [entry_column(field) for field in level.fields]
    if known:
        named = [Column(STUDY, width=20)]
        named += [replace(field, editable=False, help="") for field in fields if field.key in level.key]
        return Sheet(
            level.label, [*named, *(f for f in fields if f.key not in level.key)], known, frozen=len(level.key)
        )
    if level is not definition.study:
        study = Column(
            STUDY, width=20, kind="choice", options=ids, editable=True, help="The study this row belongs to."
        )
        return Sheet(level.label, [study, *fields], [], blank_rows=level.rows * len(ids), frozen=len(level.key))
    shown = [name for name in ABOUT if name in ("citation", "check") or any(study.get(name) for study in studies)]
    about = [Column(name, width=_ABOUT_WIDTHS[name], hidden=name == "check") for name in shown]
    rows = []
    for study in studies:
        citation = str(study.get("citation") or "")
        rows.append({STUDY: str(study[STUDY]), **study, "check": check_value(str(study[STUDY]), citation)})
    return Sheet(level.label, [Column(STUDY, width=20), *about, *fields], rows, frozen=1)


def entry_column(field: Field, key: str = "", label: str = "") -> Column:
    """The column in which this field is filled in, under another name if one is given."""
    options = (*field.options, *field.missing) if field.type == "choice" else ()
    kind = "text" if field.type == "multichoice" else field.type
    width = _WIDTHS.get(field.type) or (max(map(len, options)) + 4 if options else 30)
    return Column(
        key or field.id,
        label or field.title,
        width=max(min(width, 34), min(len(field.title) + 4, 20), max(map(len, field.title.split())) + 4),
        kind=kind,
        options=options,
        editable=True,
        help=_help(field),
        required=field.required and not key,
        required_if=(field.required_if.field, field.required_if.values) if field.required_if and not key else None,
        minimum=field.minimum,
        maximum=field.maximum,
        codes=field.missing,
    )


def _help(field: Field) -> str:
    parts = [field.help]
    if field.type == "multichoice":
        parts.append(f"One or several, with ; between them: {'; '.join(field.options)}.")
    if field.missing:
        parts.append(f"Or {', '.join(field.missing)}.")
    return " ".join(part for part in parts if part)


def _codebook(definition: Definition) -> Sheet:
    """What every column of the form means and takes."""
    columns = [
        Column("sheet", "Sheet", 20),
        Column("label", "Column", 30),
        Column("id", "Name in the results", 20),
        Column("type", "Type", 13),
        Column("allowed", "What can be entered", 60),
        Column("missing", "Or, when there is no value", 34),
        Column("required", "Required", 10),
        Column("help", "Explanation", 60),
    ]
    rows = [
        {
            "sheet": level.label,
            "label": field.title,
            "id": field.id,
            "type": TYPES[field.type],
            "allowed": allowed(field),
            "missing": "; ".join(f"{code} = {definition.missing[code]}" for code in field.missing),
            "required": "yes" if field.required else "",
            "help": field.help,
        }
        for level in definition.levels.values()
        for field in level.fields
    ]
    return Sheet(CODEBOOK, columns, rows, frozen=2)


TYPES = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "date": "date",
    "year": "year",
    "choice": "one of a list",
    "multichoice": "some of a list",
}


def allowed(field: Field) -> str:
    """What can be entered into this field, codes aside."""
    if field.options:
        return "; ".join(field.options)
    low = f"from {field.minimum:.15g}" if field.minimum is not None else ""
    high = f"up to {field.maximum:.15g}" if field.maximum is not None else ""
    return " ".join(part for part in (low, high, field.unit) if part)


def _instructions(definition: Definition, *, is_supplement: bool) -> list[str]:
    study, *others = definition.levels.values()
    about = [
        "This form asks only for what was added to the extraction form since you extracted these studies."
        " Your earlier forms stay as they are."
    ]
    lines = [
        definition.title,
        f"Form {definition.id}, version {definition.version}.",
        "",
        *(about if is_supplement else []),
        "Fill in the tinted cells, save, and leave the file where it lies: the next run of the review reads it."
        " You can stop and go on at any time; a blank cell means: not extracted yet.",
        f"Sheet '{study.label}': one row per study, already there.",
    ]
    for level in others:
        titles = {f.id: f.title for f in level.fields}
        key = " and ".join(f"'{titles[name]}'" for name in level.key if name in titles)
        parent = definition.levels[level.parent]
        belongs = "" if parent is study else f" Each belongs to a row of the sheet '{parent.label}'."
        lines.append(f"Sheet '{level.label}': as many rows per study as it takes, told apart by {key}.{belongs}")
    lines += [
        "A column with a list offers what can be entered. Where several can be entered, write ; between them.",
        "Write numbers with a decimal point, without unit, and dates as 2026-11-24. Type values, not formulas.",
    ]
    if definition.missing:
        codes = "; ".join(f"{code} = {meaning}" for code, meaning in definition.missing.items())
        lines.append(f"When there is no value, enter a code where the column allows it: {codes}.")
    return [
        *lines,
        f"Yellow: still needed. Red: not as the form asks. The sheet '{CODEBOOK}' explains every column.",
        "Do not rename sheets or columns. Rows you do not need stay blank.",
    ]
