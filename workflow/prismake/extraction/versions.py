"""A form that changes midway: what was filled in on an earlier version is read by that version, then carried over.

Fields keep their ids; a renamed one names its former ids. An option that the list no longer has stays a value. What the
review's form no longer asks for is set aside, not lost. New fields reach studies extracted before by a supplementary
form, whose own definition holds nothing else.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from prismake.errors import PrismakeError
from prismake.extraction.definition import STUDY, Definition, Field, Level, definition_from
from prismake.extraction.values import read_value
from prismake.spreadsheet import Cell

CHOICES = ("choice", "multichoice")


def embedded(text: str) -> Definition | None:
    """The definition that a workbook carries; None when there is none, or a damaged one."""
    try:
        return definition_from(json.loads(text)) if text else None
    except (ValueError, PrismakeError):
        return None


def carried(level: Level, own: Level) -> dict[str, str]:
    """Id of a field of `level` -> id of the field of an earlier version that it was, for all that were there."""
    found = {}
    for field in level.fields:
        names = [name for name in (field.id, *field.former_ids) if name in own.by_id]
        if names:
            found[field.id] = names[0]
    return found


def carry(value: str, own: Field, field: Field, definition: Definition) -> str:
    """A value that was right in `own` as a value of `field` now. Raises Wrong when the form no longer takes it."""
    retired = own.type in CHOICES and field.type in CHOICES  # an option that was taken out stays a value
    if not value or retired or value in own.missing:
        return value
    return read_value(Cell(value, "text", ""), field, definition)


def lacking(definition: Definition, asked: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """The (level, field) of the form that are not among those asked so far, keys aside, in the form's order."""
    return [
        (level.id, field.id)
        for level in definition.levels.values()
        for field in level.fields
        if field.id not in level.key and (level.id, field.id) not in asked
    ]


def supplement(definition: Definition, fields: Iterable[tuple[str, str]]) -> Definition:
    """A form of these (level, field) alone, with the keys of their levels."""
    content = json.loads(definition.source)
    wanted = set(fields)
    levels: dict[str, Any] = {}
    for level in definition.levels.values():
        keep = [field for field in level.fields if field.id in level.key or (level.id, field.id) in wanted]
        if level is not definition.study and all(field.id in level.key for field in keep):
            continue
        parent = {} if level is definition.study else {"parent": definition.study.id}
        head = {"label": level.label, "key": list(level.key), "rows": level.rows, **parent}
        levels[level.id] = {**head, "fields": [_plain(field, level) for field in keep if field.id != STUDY]}
    missing = {"missing": definition.missing} if definition.missing else {}
    return definition_from({"form": content["form"], **missing, "levels": levels})


def _plain(field: Field, level: Level) -> dict[str, Any]:
    """The field as a form's YAML would say it, without what concerns other fields."""
    found: dict[str, Any] = {"id": field.id, "label": field.label, "type": field.type}
    more = {
        "unit": field.unit,
        "min": field.minimum,
        "max": field.maximum,
        "options": list(field.options),
        "missing": list(field.missing),
        "max_length": field.max_length,
        "help": field.help,
        "required": field.required and field.id not in level.key,
    }
    return found | {key: value for key, value in more.items() if value not in (None, "", [], False)}
