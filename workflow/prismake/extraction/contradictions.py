"""Mistakes between the parts of an extraction form, each with its place in the YAML."""

from collections.abc import Iterator, Mapping
from typing import Any

from prismake.errors import near
from prismake.extraction.definition import ABOUT, STUDY, Definition, Field, Level
from prismake.extraction.form_file import Where

TAKEN_IDS = {"state", "people", "person", "file", "row", *ABOUT}  # columns that results have anyway
TAKEN_LEVELS = {
    "forms",
    "progress",
    "faults",
    "waiting",
    "agreement",
    "set_aside",
}  # other tables of results/extraction/
TAKEN_SHEETS = {"codebook", "instructions", "history"}
_CONDITIONS = "a condition is like: dose is number; dose is given; role is 'control'; role is one of 'a', 'b'"

Mistakes = Iterator[tuple[Where, str]]


def contradictions(content: Mapping[str, Any], definition: Definition) -> Mistakes:
    """Each with its place."""
    for code in definition.missing:
        if code.replace(".", "").lstrip("+-").isdigit() or ";" in code:
            yield ("missing", code), f"the code '{code}' could be a value; use letters"
    lists = content.get("lists") or {}
    for name, options in lists.items():
        yield from _wrong_options(options, ("lists", name), definition)
    labels: dict[str, str] = {}
    for name, level in definition.levels.items():
        where = ("levels", name)
        wrong = not name.replace("_", "a").isalnum() or name != name.lower() or name.endswith("_values")
        if wrong or name in TAKEN_LEVELS:
            yield (
                where,
                f"'{name}' cannot be the name of a level (small letters, digits, _; not {_or(TAKEN_LEVELS)},"
                " nor ending in _values)",
            )
        if len(level.label) > 31 or set(level.label) & set("[]:*?/\\'_") or level.label.casefold() in TAKEN_SHEETS:
            yield (
                (*where, "label"),
                f"'{level.label}' cannot be the name of a sheet (31 characters, without [ ] : * ? / \\ ' _;"
                f" not {_or(TAKEN_SHEETS)})",
            )
        if (other := labels.setdefault(level.label.casefold(), name)) != name:
            yield where, f"the sheet of '{name}' has the same name as that of '{other}'"
        yield from _wrong_key(level, definition, where)
        yield from _wrong_fields(content["levels"][name]["fields"], level, definition, lists, (*where, "fields"))


def _or(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _wrong_key(level: Level, definition: Definition, where: Where) -> Mistakes:
    if level is definition.study:
        if level.parent:
            yield (*where, "parent"), "the first level is the study and has no parent"
        if level.key != (STUDY,):
            yield (*where, "key"), f"the first level is the study: its key is [{STUDY}]"
        return
    if level.parent not in definition.levels or level.parent == level.id:
        known = near(level.parent, [name for name in definition.levels if name != level.id])
        yield (*where, "parent"), f"no level '{level.parent}'{known}" if level.parent else f"parent is missing{known}"
        return
    names = list(definition.levels)
    if names.index(level.parent) > names.index(level.id):
        yield (*where, "parent"), f"'{level.parent}' must stand before its child '{level.id}'"
        return
    key = definition.levels[level.parent].key
    if level.key[: len(key)] != key or level.key == key or len(set(level.key)) < len(level.key):
        yield (*where, "key"), f"a key begins with its parent's [{', '.join(key)}] and has at least one column more"


def _wrong_fields(
    given: list[Mapping[str, Any]], level: Level, definition: Definition, lists: Mapping[str, Any], where: Where
) -> Mistakes:
    ids: set[str] = {STUDY}
    titles: set[str] = {STUDY, *ABOUT}
    for index, raw in enumerate(given):
        here = (*where, index)
        names = (raw["id"], *(f"{raw['id']}_{part}" for part in ("page", "quote") if raw.get("provenance")))
        made = [level.by_id[name] for name in names]
        for field in made if raw["id"] not in ids else made[:1]:
            if field.id in ids | TAKEN_IDS:
                yield (*here, "id"), f"the id '{field.id}' is taken"
            if " ".join(field.title.casefold().split()) in titles or field.title != " ".join(field.title.split()):
                yield (*here, "label"), f"the label '{field.title}' is taken, or has line breaks or double spaces"
            ids.add(field.id)
            titles.add(field.title.casefold())
        field = made[0]
        yield from _wrong_type(raw, field, definition, lists, here)
        yield from _wrong_condition(raw, field, level, definition, here)
        if field.about and (field.about not in level.by_id or field.type != "text" or level.by_id[field.about].about):
            known = near(field.about, [name for name in level.by_id if name != field.id])
            yield (*here, "goes_with"), f"'{field.id}' must be a text that goes with another field of its level{known}"
        for former in field.former_ids:
            if former in level.by_id:
                yield (*here, "renamed_from"), f"'{former}' is still a field, so '{field.id}' cannot have been it"
        for code in field.missing:
            if code not in definition.missing:
                yield (*here, "missing"), f"the code '{code}' is not explained{near(code, list(definition.missing))}"
        if field.id in level.key and (field.missing or field.type == "multichoice" or raw.get("provenance")):
            yield here, f"'{field.id}' is part of the key: one value, no missing codes, no provenance"


def _wrong_type(
    raw: Mapping[str, Any], field: Field, definition: Definition, lists: Mapping[str, Any], here: Where
) -> Mistakes:
    """Keys that do not go with the field's type."""
    choice, ranged = field.type in ("choice", "multichoice"), field.type in ("integer", "number", "year")
    is_a = f"'{field.id}' is of type {field.type} and has no"
    if choice and ("options" in raw) == ("list" in raw):
        yield here, f"'{field.id}' needs options or a list"
    elif not choice and ("options" in raw or "list" in raw):
        yield here, f"{is_a} options"
    if "list" in raw and raw["list"] not in lists:
        yield (*here, "list"), f"no list '{raw['list']}'{near(raw['list'], list(lists))}"
    if "options" in raw:
        yield from _wrong_options(raw["options"], (*here, "options"), definition)
    if not ranged and ("min" in raw or "max" in raw):
        yield here, f"{is_a} min or max"
    elif field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield (*here, "min"), f"'{field.id}': min is larger than max"
    if "max_length" in raw and field.type != "text":
        yield (*here, "max_length"), f"{is_a} max_length"
    if "tolerance" in raw and field.type not in ("integer", "number"):
        yield (*here, "tolerance"), f"{is_a} tolerance"


def _wrong_condition(
    raw: Mapping[str, Any], field: Field, level: Level, definition: Definition, here: Where
) -> Mistakes:
    condition = field.required_if
    if condition is None:
        return
    here = (*here, "required_if")
    other = level.by_id.get(condition.field)
    if not condition.field:
        yield here, f"'{raw['required_if']}' is not understood; {_CONDITIONS}"
    elif other is None or other is field:
        known = near(condition.field, [name for name in level.by_id if name != field.id])
        yield here, f"'{condition.field}' is no other field of this level{known}"
    else:
        for value in condition.values:
            if other.options and value not in other.options:
                yield here, f"'{value}' is no option of '{other.id}'{near(value, list(other.options))}"


def _wrong_options(options: list[str], where: Where, definition: Definition) -> Mistakes:
    seen: set[str] = {code.casefold() for code in definition.missing}
    for index, option in enumerate(options):
        if option.casefold() in seen:
            yield (*where, index), f"the option '{option}' is there twice, or is a missing code"
        if ";" in option or option != " ".join(option.split()):
            yield (*where, index), f"the option '{option}' has a semicolon, line breaks or double spaces"
        seen.add(option.casefold())
