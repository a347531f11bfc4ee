"""Reading config/config.yaml: every mistake in one line that says where it is, and every default filled in.

Light imports only: this runs each time Snakemake parses the workflow.
"""

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from prismake.config_checks import RUN_KEYS, contradictions
from prismake.data_files import read_data
from prismake.errors import PrismakeError, near, nearest
from prismake.publish import write_text
from prismake.search.strategies.compile import compile_strategy, problems

if TYPE_CHECKING:
    import jsonschema

SCHEMA = "config.schema.yaml"
GUIDE = "See config/README.md."
CHECKED = ".snakemake/prismake/config.json"  # in the review's folder


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML with dates left as text, and with a key given twice refused instead of dropped."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is a word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key.value}' is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file that a person wrote. Raises PrismakeError naming the line."""
    path = Path(path)
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except FileNotFoundError as error:
        raise PrismakeError("no such file", place=path.as_posix(), hint="`prismake init` writes one.") from error
    except OSError as error:
        raise PrismakeError(f"this cannot be read ({error.strerror})", place=path.as_posix()) from error
    except UnicodeDecodeError as error:
        raise PrismakeError("this is not UTF-8 text", place=path.as_posix(), hint="Save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = (
            f"{error.problem}. In this line or before: the names of a block begin in one column, behind blanks and "
        )
        problem += (
            "not tabs, and end in a colon; quotation marks come in pairs; a text that begins with a sign is in quotes"
        )
        if "mapping values" in str(error.problem):
            problem = "there is a second colon in this line; put the text behind the first one in quotes"
        raise PrismakeError(problem, place=f"{path.as_posix()}{line}", hint=GUIDE) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PrismakeError("this is not YAML", place=path.as_posix(), hint=GUIDE) from error


def read_config(review: Path = Path()) -> dict[str, Any]:
    """The checked configuration of the review in this folder. Raises PrismakeError."""
    path = review / "config" / "config.yaml"
    if not path.exists():
        hint = "Go to the review's folder or name it; `prismake init DIR` starts a new one."
        raise PrismakeError("there is no review here", place=path.as_posix(), hint=hint)
    return check(read_yaml(path), review, path.as_posix())


def check(config: Any, root: Path = Path(), place: str = "config/config.yaml") -> dict[str, Any]:
    """The configuration with every default filled in.

    `root` is the review's folder, from which paths are read. Raises PrismakeError, one line per mistake.
    """
    if not isinstance(config, dict):
        raise PrismakeError("there is nothing in it", place=place, hint="`prismake init DIR` writes one to begin with.")
    config = _plain(config)
    schema = read_data(SCHEMA)
    mistakes = _mistakes(config, schema)
    if not mistakes:
        config = _with_defaults(config, schema, schema["$defs"])
        compiled = _compile_strategies(config["search"])
        _complete(config)
        mistakes = [*compiled, *contradictions(config, root)]
    if mistakes:
        raise PrismakeError("; ".join(mistakes) if len(mistakes) == 1 else _listed(mistakes), place=place, hint=GUIDE)
    return config


def read_section(path: Path, name: str) -> dict[str, Any]:
    """One section of a configuration, of which nothing else need be there, with its defaults. Raises PrismakeError."""
    content, schema = _plain(read_yaml(path)), read_data(SCHEMA)
    if not isinstance(content, dict):
        raise PrismakeError("there is nothing in it", place=path.as_posix(), hint=GUIDE)
    own = {"type": "object", "$defs": schema["$defs"], "properties": {name: schema["properties"][name]}}
    section = {name: content.get(name, {})}
    mistakes = _mistakes(section, own)
    if mistakes:
        problem = mistakes[0] if len(mistakes) == 1 else _listed(mistakes)
        raise PrismakeError(problem, place=path.as_posix(), hint=GUIDE)
    return _with_defaults(section, own, schema["$defs"])[name]


def _plain(value: Any) -> Any:
    """With dates as text: Snakemake's own reader, which merges --config in, makes objects of them."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _listed(mistakes: list[str]) -> str:
    return f"{len(mistakes)} mistakes" + "".join(f"\n  - {mistake}" for mistake in mistakes) + "\n "


def write_checked(config: dict[str, Any], path: str | Path = CHECKED) -> str:
    """Write what the commands read, only when it differs; returns the path."""
    path, text = Path(path), checked_text(config)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path.as_posix()


def checked_text(config: dict[str, Any]) -> str:
    """The checked configuration as `write_checked` writes it; the report shows the hash of this text."""
    return json.dumps(config, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def read_checked(path: str | Path) -> dict[str, Any]:
    """The checked configuration that `write_checked` wrote."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrismakeError(
            "this is not a checked configuration", place=str(path), hint="Run `snakemake` once; it writes this file."
        ) from error


def _mistakes(value: Any, schema: dict[str, Any]) -> list[str]:
    """What the schema has against it, in the order of the keys."""
    import jsonschema  # takes as long to load as a short step to run, and most steps only read what was checked

    errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
    return [_explain(error) for error in sorted(errors, key=lambda error: list(map(str, error.path)))]


def _explain(error: "jsonschema.ValidationError") -> str:
    key = ".".join(map(str, error.absolute_path))
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {}))
            unknown = [name for name in error.instance if name not in known]
            problem = "; ".join(f"unknown key '{name}'{near(name, known)}" for name in unknown)
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            problem = f"'{missing[0]}' is missing"
        case "type":
            wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            problem = f"{_shown(error.instance)} is not {' or '.join(_ARTICLES.get(name, name) for name in wanted)}"
        case "enum":
            meant = nearest(error.instance, error.validator_value)
            problem = f"{_shown(error.instance)} is not one of {', '.join(map(str, error.validator_value))}"
            problem += f"; did you mean '{meant}'?" if meant else ""
        case "anyOf" if isinstance(error.instance, dict):
            problem = f"{_shown(error.instance)} needs {' or '.join(_alternatives(error.validator_value))}"
        case "pattern" if error.schema.get("format") == "date":
            problem = f"{_shown(error.instance)} is not a date (write 2026-11-24)"
        case "pattern" if "title" in error.schema:
            problem = f"{_shown(error.instance)} is not {error.schema['title']}"
        case "pattern":
            problem = (
                f"{_shown(error.instance)} must start with a small letter and hold small letters, digits and _ only"
            )
        case _:
            problem = error.message
    return f"{key}: {problem}" if key else problem


def _alternatives(schemas: list[dict[str, Any]]) -> list[str]:
    """The keys of which one must be there."""
    return [f"`{name}`" for schema in schemas for name in schema.get("required", [])]


_ARTICLES = {
    "object": "a block of keys",
    "array": "a list",
    "string": "a text (put it in quotes)",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if value is not None else "nothing"
    return text if len(text) < 60 else text[:57] + "..."


def _with_defaults(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    schema = {**defs[schema["$ref"].rsplit("/", 1)[1]], **schema} if "$ref" in schema else schema
    if isinstance(value, dict):
        named = schema.get("properties", {})
        other = schema.get("additionalProperties")
        filled = {key: child["default"] for key, child in named.items() if "default" in child and key not in value}
        return {
            key: _with_defaults(item, named.get(key) or (other if isinstance(other, dict) else {}), defs)
            for key, item in {**value, **filled}.items()
        }
    if isinstance(value, list):
        return [_with_defaults(item, schema.get("items", {}), defs) for item in value]
    return value


def _compile_strategies(search: dict[str, Any]) -> list[str]:
    """Write the strategies of the sources that have them compiled; what cannot be said goes into `strategy_notes`."""
    mistakes = problems(search) if search.get("concepts") else []
    for name, source in search["sources"].items():
        key, published = f"search.sources.{name}", source.get("published", {})
        if published.get("from", "") > published.get("to", "9999"):
            mistakes.append(f"{key}.published: from {published['from']} is after to {published['to']}")
        if "compile" not in source:
            if published:
                mistakes.append(f"{key}.published: this is for a strategy that is compiled; give `compile`, too")
        elif source["strategy"]:
            mistakes.append(f"{key}: `compile` and `strategy` at once; take one out")
        elif not search.get("concepts"):
            mistakes.append(f"{key}.compile: there are no search.concepts to write a strategy from")
        elif source.get("live", source["compile"]) != source["compile"]:
            mistakes.append(f"{key}.compile: it is searched live in {source['live']}; write {source['live']} here")
        elif not mistakes:
            written = compile_strategy(search, source["compile"], published)
            source["strategy"], source["strategy_notes"] = written.text, written.notes
    return mistakes


def _complete(config: dict[str, Any]) -> None:
    """Fill in what depends on other keys: the only run of a source without runs, who does what."""
    for source in config["search"]["sources"].values():
        if "live" not in source and "runs" not in source and "files" in source:
            source["runs"] = [{key: source.pop(key) for key in RUN_KEYS if key in source and key != "strategy"}]
        for run in source.get("runs", []):
            run.setdefault("strategy", source["strategy"])
    everybody = config["screening"]["people"]
    first = next(iter(everybody))
    config["screening"].setdefault("adjudicator", next((p for p, v in everybody.items() if v["share"] == 0), first))
    for stage in ("deduplication", "retrieval", "studies"):
        config[stage].setdefault("owner", first)
    config["extraction"].setdefault("people", [first])
    config["extraction"].setdefault("adjudicator", config["screening"]["adjudicator"])
    for tool in config["risk_of_bias"].values():
        tool.setdefault("people", config["extraction"]["people"])
        tool.setdefault("double", 1 if len(tool["people"]) > 1 else 0)
