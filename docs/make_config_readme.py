"""Write config/README.md from the schema: `python docs/make_config_readme.py`. A test checks that it is up to date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "workflow/prismake/data/config.schema.yaml"
TARGET = ROOT / "config/README.md"

HEAD = """# Configuration

Everything the workflow needs to know about a review stands in `config/config.yaml`; the extraction form is a file of
its own in `config/forms/` (see docs/extraction.md). This page lists every option. An option with no default may be
left out; **required** ones may not. `<name>` stands for a name that you choose.

A mistake in the file stops the run before anything is done, with one line that says where it is and what would be
right. `snakemake` reads the file anew on every run and redoes what depends on what you changed, and nothing else.

The file here belongs to the example review, whose records are invented. A review of your own starts with
`prismake init DIR`.
"""


def rows(schema: dict[str, Any], defs: dict[str, Any], key: str = "") -> Iterator[tuple[str, str, str, str]]:
    """(option, kind of value, default, meaning) for every option below this schema, in its order."""
    for name, child in schema.get("properties", {}).items():
        child = resolve(child, defs)
        path = f"{key}.{name}" if key else name
        needed = name in schema.get("required", [])
        default = "**required**" if needed else shown(child.get("default"))
        if child.get("type") == "object":
            yield path, "block", default if child.get("default") or needed else "", child.get("description", "")
            yield from rows(child, defs, path)
            continue
        items = resolve(child.get("items", {}), defs)
        yield path, kind(child, items), default, child.get("description", "")
        if items.get("type") == "object":
            yield from rows(items, defs, f"{path}[]")
    if isinstance(other := schema.get("additionalProperties"), dict):
        yield from rows(resolve(other, defs), defs, f"{key}.<name>" if key else "<name>")


def resolve(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    return {**defs[schema["$ref"].rsplit("/", 1)[1]], **schema} if "$ref" in schema else schema


def kind(schema: dict[str, Any], items: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("format") == "date":
        return "date, as 2026-11-24"
    names = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "array": "list",
        "boolean": "true or false",
    }
    name = names[schema["type"]]
    if name == "list":
        return "list of blocks" if items.get("type") == "object" else "list of texts"
    limits = [
        f"from {schema['minimum']}" if "minimum" in schema else "",
        f"to {schema['maximum']}" if "maximum" in schema else "",
    ]
    return " ".join([name, *filter(None, limits)])


def shown(default: Any) -> str:
    if default in (None, "", [], {}):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return "; ".join(str(item) for item in default)
    if isinstance(default, dict):
        return ", ".join(default)
    return f"`{default}`"


def page() -> str:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    parts = [HEAD]
    for name, child in schema["properties"].items():
        child = resolve(child, schema["$defs"])
        parts.append(f"\n## {name}\n\n{child['description']}\n")
        parts.append("| option | value | default | meaning |\n| --- | --- | --- | --- |")
        parts += [
            f"| `{name}.{key}` | {value} | {default} | {text} |"
            for key, value, default, text in rows(child, schema["$defs"])
        ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
