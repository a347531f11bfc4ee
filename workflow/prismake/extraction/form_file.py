"""Reading the YAML of an extraction form: the line of everything in it, and what the schema has against it."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from prismake import data_files
from prismake.errors import PrismakeError, near

if TYPE_CHECKING:
    import jsonschema

DATA = data_files.DATA / "extraction"
GUIDE = "See docs/extraction.md."

Where = tuple[str | int, ...]  # a path in the YAML, as in ("levels", "arm", "fields", 3)


def read_form_file(path: Path) -> tuple[Any, dict[Where, int]]:
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


def line_of(lines: dict[Where, int], where: Where) -> int:
    while where not in lines:
        where = where[:-1]
    return lines[where]


def mistakes(content: Any) -> list[tuple[Where, str]]:
    """What is not as data/extraction/form.schema.yaml asks, each with its place."""
    return [_explain(error) for error in _validator().iter_errors(content)]


@cache
def _validator() -> "jsonschema.Draft202012Validator":
    import jsonschema  # takes its time to load, and judgements of risk of bias need no form of extraction

    return jsonschema.Draft202012Validator(data_files.read_data("extraction/form.schema.yaml"))


def _explain(error: "jsonschema.ValidationError") -> tuple[Where, str]:
    """Where a rule of the schema is broken, and in which way."""
    where = tuple(error.absolute_path)
    name = f"{where[-1]}: " if where and isinstance(where[-1], str) else ""
    value = json.dumps(error.instance, ensure_ascii=False)
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            unknown = next(key for key in error.instance if key not in known)
            return (*where, unknown), f"unknown key '{unknown}'{near(str(unknown), known)}"
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
        case "anyOf" if where[-1] == "tolerance":
            return where, f'tolerance: {value} is neither a number above 0 nor a share such as "0.5%"'
        case "anyOf":
            return where, f"{name}{value} is neither an id nor a list of ids"
    return where, f"{name}{error.message}"


_TYPES = {
    "object": "a block of keys",
    "array": "a list",
    "string": "a text; put it in quotes",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
