"""Reading the description of an extraction form (config/forms/*.yaml): every mistake in one line that says where it is.

Light imports only: Snakemake reads the names of the levels each time it parses the workflow.
"""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from prismake.errors import PrismakeError

DATA = Path(__file__).parents[1] / "data" / "extraction"
BASIC = DATA / "basic.yaml"
STUDY = "study_id"
ABOUT = ("citation", "title", "year", "reports", "check")  # what the study sheet shows besides the fields
TAKEN_IDS = {"person", "file", "row", *ABOUT}  # columns that results have anyway
TAKEN_LEVELS = {"forms", "progress", "faults", "waiting"}  # other tables in results/extraction/
TAKEN_SHEETS = {"codebook", "instructions", "history"}
EVIDENCE = {"level": "claim", "theme": "theme", "direction": "direction", "kind": "study.design"}  # config's defaults
GUIDE = "See docs/extraction.md."


@dataclass(frozen=True)
class Field:
    """One column of a form."""

    id: str
    label: str
    type: str = "text"  # text | integer | number | date | year | choice | multichoice
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # codes allowed in place of a value
    required: bool = False
    help: str = ""

    @property
    def title(self) -> str:
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Level:
    """One sheet of a form and one table of the results. `fields` includes the key's columns, except study_id."""

    id: str
    label: str
    key: tuple[str, ...]
    parent: str  # "" for the first level
    rows: int
    fields: tuple[Field, ...]

    @property
    def columns(self) -> list[str]:
        """Columns of its table: the key first."""
        return [*self.key, *(field.id for field in self.fields if field.id not in self.key)]


@dataclass(frozen=True)
class Definition:
    """A checked form. `source` is its content as JSON, which travels in every workbook, and `hash` names it."""

    id: str
    version: str
    title: str
    missing: dict[str, str]  # code -> what it means
    levels: dict[str, Level]  # the first one is the study's
    source: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.source.encode()).hexdigest()[:12]

    @property
    def study(self) -> Level:
        return next(iter(self.levels.values()))


def load_definition(path: str | Path = "") -> Definition:
    """The form in this YAML file; the packaged basic form when no path is given.

    Raises PrismakeError that lists every mistake with its line.
    """
    path = Path(path or BASIC)
    content, lines = _read(path)
    mistakes = [_explain(error) for error in jsonschema.Draft202012Validator(_schema()).iter_errors(content)]
    definition = None
    if not mistakes:
        definition = _build(content)
        mistakes = list(_contradictions(content, definition))
    if mistakes or definition is None:
        listed = sorted({(_line(lines, where), problem) for where, problem in mistakes})
        if len(listed) == 1:
            line, problem = listed[0]
            raise PrismakeError(problem, place=f"{path.as_posix()}, line {line}", hint=GUIDE)
        text = "".join(f"\n  - line {line}: {problem}" for line, problem in listed)
        raise PrismakeError(f"{len(listed)} mistakes{text}", place=path.as_posix(), hint=GUIDE)
    return definition


def check_fields(config: Mapping[str, Any], definition: Definition) -> list[str]:
    """One line for each field that the configuration's `report` names and the form does not have.

    Whoever leaves report.evidence at its defaults need not have its level: then there is no map of the evidence.
    """
    evidence = config["report"]["evidence"]
    named = [("report.characteristics", name) for name in config["report"]["characteristics"]]
    mistakes = []
    if evidence["level"] in definition.levels:
        named += [(f"report.evidence.{key}", f"{evidence['level']}.{evidence[key]}") for key in ("theme", "direction")]
        kind = evidence["kind"]
        named.append(("report.evidence.kind", kind if "." in kind else f"{evidence['level']}.{kind}"))
    elif evidence != EVIDENCE:
        near = _near(evidence["level"], list(definition.levels))
        mistakes.append(f"report.evidence.level: the form has no level '{evidence['level']}'{near}")
    for key, name in named:
        level, _, field = name.rpartition(".")
        found = definition.levels.get(level or definition.study.id)
        if found is None:
            mistakes.append(f"{key}: the form has no level '{level}'{_near(level, list(definition.levels))}")
        elif field not in found.columns:
            mistakes.append(f"{key}: the level '{found.id}' has no field '{field}'{_near(field, found.columns)}")
    return mistakes


# --- YAML -------------------------------------------------------------------------------------------------------------

Where = tuple[str | int, ...]  # a path in the YAML, as in ("levels", "arm", "fields", 3)


def _read(path: Path) -> tuple[Any, dict[Where, int]]:
    """The YAML with dates left as text, and the line of everything in it."""
    place = path.as_posix()
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        lines: dict[Where, int] = {}
        if node is None:
            raise PrismakeError("this form is empty", place=place, hint=GUIDE)
        _find_lines(node, (), lines)
        return loader.construct_document(node), lines
    except FileNotFoundError as error:
        raise PrismakeError("no such file", place=place, hint="Set extraction.form in config/config.yaml.") from error
    except UnicodeDecodeError as error:
        raise PrismakeError("this is not UTF-8 text", place=place, hint="Save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PrismakeError(f"{error.problem}", place=f"{place}{line}", hint=GUIDE) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PrismakeError("this is not YAML", place=place, hint=GUIDE) from error


def _find_lines(node: yaml.Node, where: Where, lines: dict[Where, int]) -> None:
    lines.setdefault(where, node.start_mark.line + 1)
    if node.tag == "tag:yaml.org,2002:timestamp":
        node.tag = "tag:yaml.org,2002:str"
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                raise yaml.MarkedYAMLError(problem="put this key in quotes", problem_mark=key.start_mark)
            if (*where, key.value) in lines:
                raise yaml.MarkedYAMLError(problem=f"the key '{key.value}' is there twice", problem_mark=key.start_mark)
            lines[(*where, key.value)] = key.start_mark.line + 1
            _find_lines(value, (*where, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _find_lines(item, (*where, index), lines)


def _line(lines: dict[Where, int], where: Where) -> int:
    while where not in lines:
        where = where[:-1]
    return lines[where]


# --- Mistakes ---------------------------------------------------------------------------------------------------------


def _schema() -> dict[str, Any]:
    return yaml.load(
        (DATA / "form.schema.yaml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )


def _explain(error: jsonschema.ValidationError) -> tuple[Where, str]:
    """Where a rule of the schema is broken, and in which way."""
    where = tuple(error.absolute_path)
    name = f"{where[-1]}: " if where and isinstance(where[-1], str) else ""
    value = json.dumps(error.instance, ensure_ascii=False)
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            unknown = next(key for key in error.instance if key not in known)
            return (*where, unknown), f"unknown key '{unknown}'{_near(str(unknown), known)}"
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            return where, f"{name}'{missing}' is missing"
        case "enum":
            return where, f"{name}{value} is not one of {', '.join(error.validator_value)}"
        case "pattern":
            return where, f"{name}{value} must start with a small letter and hold small letters, digits and _ only"
        case "type" if error.instance is None:
            return where, f"{name}nothing is given"
        case "type":
            return where, f"{name}{value[:60]} is not {_TYPES[error.validator_value]}"
        case "minItems" | "minProperties" | "minLength":
            return where, f"{name}nothing is given"
    return where, f"{name}{error.message}"


_TYPES = {
    "object": "a block of keys",
    "array": "a list",
    "string": "a text; put it in quotes",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _near(text: str, known: list[str]) -> str:
    near = difflib.get_close_matches(text, known, 1)
    return f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(known)}"


def _build(content: dict[str, Any]) -> Definition:
    lists = content.get("lists") or {}
    levels = {}
    for name, level in content["levels"].items():
        fields = [
            Field(
                id=field["id"],
                label=field["label"],
                type=field["type"],
                unit=field.get("unit", ""),
                minimum=field.get("min"),
                maximum=field.get("max"),
                options=tuple(field.get("options") or lists.get(field.get("list")) or ()),
                missing=tuple(field.get("missing", ())),
                required=field.get("required", False) or field["id"] in level["key"],
                help=field.get("help", ""),
            )
            for field in level["fields"]
        ]
        named = {field.id for field in fields}
        keys = [Field(key, key, required=True) for key in level["key"] if key not in named and key != STUDY]
        label = level.get("label") or name.replace("_", " ").capitalize()
        parent, rows = level.get("parent", ""), level.get("rows", 4)
        levels[name] = Level(name, label, tuple(level["key"]), parent, rows, (*keys, *fields))
    head = content["form"]
    source = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Definition(head["id"], head["version"], head["title"], content.get("missing") or {}, levels, source)


def _contradictions(content: dict[str, Any], definition: Definition) -> Iterator[tuple[Where, str]]:
    """Mistakes between the parts of a form, each with its place."""
    for code in definition.missing:
        if code.replace(".", "").lstrip("+-").isdigit() or ";" in code:
            yield ("missing", code), f"the code '{code}' could be a value; use letters"
    for name, options in (content.get("lists") or {}).items():
        yield from _wrong_options(options, ("lists", name), definition)
    labels: dict[str, str] = {}
    for name, level in definition.levels.items():
        where = ("levels", name)
        if not name.replace("_", "a").isalnum() or name != name.lower() or name in TAKEN_LEVELS:
            yield where, f"'{name}' cannot be the name of a level (small letters, digits, _; not {_or(TAKEN_LEVELS)})"
        if len(level.label) > 31 or set(level.label) & set("[]:*?/\\'_") or level.label.casefold() in TAKEN_SHEETS:
            yield (
                (*where, "label"),
                f"'{level.label}' cannot be the name of a sheet (31 characters, without [ ] : * ? / \\ ' _;"
                f" not {_or(TAKEN_SHEETS)})",
            )
        if (other := labels.setdefault(level.label.casefold(), name)) != name:
            yield where, f"the sheet of '{name}' has the same name as that of '{other}'"
        yield from _wrong_key(level, definition, where)
        yield from _wrong_fields(content["levels"][name]["fields"], level, definition, (*where, "fields"))


def _or(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _wrong_key(level: Level, definition: Definition, where: Where) -> Iterator[tuple[Where, str]]:
    if level is definition.study:
        if level.parent:
            yield (*where, "parent"), "the first level is the study and has no parent"
        if level.key != (STUDY,):
            yield (*where, "key"), f"the first level is the study: its key is [{STUDY}]"
        return
    if level.parent not in definition.levels or level.parent == level.id:
        near = _near(level.parent, [name for name in definition.levels if name != level.id])
        yield (*where, "parent"), f"no level '{level.parent}'{near}" if level.parent else f"parent is missing{near}"
        return
    names = list(definition.levels)
    if names.index(level.parent) > names.index(level.id):
        yield (*where, "parent"), f"'{level.parent}' must stand before its child '{level.id}'"
        return
    key = definition.levels[level.parent].key
    if level.key[: len(key)] != key or level.key == key or len(set(level.key)) < len(level.key):
        yield (*where, "key"), f"a key begins with its parent's [{', '.join(key)}] and has at least one column more"


def _wrong_fields(
    given: list[dict[str, Any]], level: Level, definition: Definition, where: Where
) -> Iterator[tuple[Where, str]]:
    ids: set[str] = {STUDY}
    titles: set[str] = {STUDY, *ABOUT}
    lists = json.loads(definition.source).get("lists") or {}
    for index, (raw, field) in enumerate(zip(given, level.fields[-len(given) :], strict=True)):
        here = (*where, index)
        if field.id in ids | TAKEN_IDS:
            yield (*here, "id"), f"the id '{field.id}' is taken"
        if " ".join(field.title.casefold().split()) in titles or field.title != " ".join(field.title.split()):
            yield (*here, "label"), f"the label '{field.title}' is taken, or has line breaks or double spaces"
        ids.add(field.id)
        titles.add(field.title.casefold())
        choice, ranged = field.type in ("choice", "multichoice"), field.type in ("integer", "number", "year")
        if choice and ("options" in raw) == ("list" in raw):
            yield here, f"'{field.id}' needs options or a list"
        elif not choice and ("options" in raw or "list" in raw):
            yield here, f"'{field.id}' is of type {field.type} and has no options"
        if "list" in raw and raw["list"] not in lists:
            yield (*here, "list"), f"no list '{raw['list']}'{_near(raw['list'], list(lists))}"
        if "options" in raw:
            yield from _wrong_options(raw["options"], (*here, "options"), definition)
        if not ranged and ("min" in raw or "max" in raw):
            yield here, f"'{field.id}' is of type {field.type} and has no min or max"
        elif ranged and None not in (field.minimum, field.maximum) and field.minimum > field.maximum:
            yield (*here, "min"), f"'{field.id}': min is larger than max"
        for code in field.missing:
            if code not in definition.missing:
                yield (*here, "missing"), f"the code '{code}' is not explained{_near(code, list(definition.missing))}"
        if field.id in level.key and (field.missing or field.type == "multichoice"):
            yield here, f"'{field.id}' is part of the key: one value, no missing codes"


def _wrong_options(options: list[str], where: Where, definition: Definition) -> Iterator[tuple[Where, str]]:
    seen: set[str] = {code.casefold() for code in definition.missing}
    for index, option in enumerate(options):
        if option.casefold() in seen:
            yield (*where, index), f"the option '{option}' is there twice, or is a missing code"
        if ";" in option or option != " ".join(option.split()):
            yield (*where, index), f"the option '{option}' has a semicolon, line breaks or double spaces"
        seen.add(option.casefold())
