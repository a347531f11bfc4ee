"""Counts typed by hand, as YAML or as a CSV, in the form that flow_file.check_flow takes.

The names are those of data/prisma/typed.csv ("removed.duplicates"), of the boxes ("duplicates") or of a box's English
label where no other box has it. In YAML, names with a dot are nested, and a box with lines is a mapping of their labels
to numbers, in which `total` is the number of the box. In a CSV a row is `box,n` or, for a line of a box, `box,label,n`.
Rows and texts `title`, `template`, `draft` and `explanations` (of an equation, by its id) may stand beside the counts.
A blank number is a box that the review has not. Numbers may have thousands separators.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from prismake.errors import PrismakeError, did_you_mean
from prismake.prisma.box_table import BOXES, DATA
from prismake.prisma.equations import SPECIFIC
from prismake.publish import create

_TEXTS = ("title", "template", "draft", "explanations")
_BLANK = ("", "~", "-", "NA", "n/a", "null")
_SEPARATORS = ", '’\u00a0\u2009\u202f"  # between thousands
_COLUMNS = {  # what people write over a column
    "box": ("box", "name", "key", "data", "step", "field"),
    "label": ("label", "reason", "line", "detail", "source", "text"),
    "n": ("n", "number", "count", "counts", "value"),
}
_TEMPLATES = {".yaml": "counts.yaml", ".yml": "counts.yaml", ".csv": "counts.csv"}


class Entry(NamedTuple):
    """One typed value: of a box, or of a line of it when there is a label."""

    name: str
    label: str
    value: str
    where: str  # file and line


@dataclass(frozen=True)
class Typed:
    """What was typed: `data` as in flow.json, `lines` says by box where its number stands in the file."""

    data: dict[str, Any]
    lines: dict[str, str]


def read_typed(text: str, place: str) -> Typed:
    """The counts in the text of a file. Raises PrismakeError, with the line, for what is no count of a known box."""
    return _assemble(_yaml_entries(text, place) if _is_yaml(text) else _csv_entries(text, place))


def write_template(path: Path) -> None:
    """Write an annotated file to fill in. Raises PrismakeError when the file is there, or is to be no YAML or CSV."""
    if path.suffix.lower() not in _TEMPLATES:
        hint = "End its name in .yaml or .csv."
        raise PrismakeError("this is neither a YAML nor a CSV file", place=path.as_posix(), hint=hint)
    try:
        create(path, (DATA / _TEMPLATES[path.suffix.lower()]).read_bytes())
    except FileExistsError as error:
        hint = "It is left as it is; choose another name."
        raise PrismakeError("this file is there already", place=path.as_posix(), hint=hint) from error


def whole(text: str, separators: str = _SEPARATORS) -> int | None:
    """The whole number that a person wrote, perhaps with separators between thousands; None when it is none.

    Nobody counts further than 18 digits.
    """
    if not re.fullmatch(rf"\d{{1,18}}|\d{{1,3}}([{re.escape(separators)}]\d{{3}}){{1,5}}", text):
        return None
    return int(re.sub(r"\D", "", text))


def _is_yaml(text: str) -> bool:
    """Whether the first line that says something is `key:`, before any separator of a CSV."""
    said = (line for line in text.splitlines() if line.strip() and not line.lstrip('" ').startswith("#"))
    return bool(re.match(r"---|[^,;\t:]+:(\s|$)", next(said, "")))


def _assemble(entries: Iterable[Entry]) -> Typed:
    data: dict[str, Any] = {"draft": [], "explanations": {}, "boxes": {}}
    boxes: dict[str, Any] = data["boxes"]
    lines: dict[str, str] = {}
    for entry in entries:
        if entry.name in _TEXTS:
            _add_text(data, entry)
            continue
        name = _box_of(entry)
        n = _number(entry)
        if n is None:
            continue
        box = boxes.setdefault(name, {})
        items = box.get("items", [])
        if any(item["label"] == entry.label for item in items) or (not entry.label and "n" in box):
            what = f"{entry.name}, {entry.label}" if entry.label else entry.name
            raise PrismakeError(f"a second line for '{what}'", place=entry.where, hint="Delete one of them.")
        if entry.label:
            box["items"] = [*items, {"label": entry.label, "n": n}]
        else:
            box["n"] = n
        typed = f" as '{entry.name}'" if _plain(entry.name) != name else ""
        lines.setdefault(name, f"{name}{typed} in {entry.where.rpartition(', ')[2]}")
    for name, detail in SPECIFIC.items():
        if "items" in boxes.get(name, {}):
            boxes[detail] = {"items": boxes[name].pop("items")}
        if detail in boxes:
            boxes.setdefault(name, {}).setdefault("n", sum(item["n"] for item in boxes[detail].get("items", [])))
    return Typed(data, lines)


def _add_text(data: dict[str, Any], entry: Entry) -> None:
    if entry.name == "explanations":
        if entry.value not in _BLANK:
            data["explanations"][entry.label] = entry.value
        return
    texts = [text for text in (entry.label, entry.value) if text not in _BLANK]  # it may stand in either column
    if len(texts) > 1:
        raise PrismakeError(f"{entry.name}: a text with a comma needs quotes", place=entry.where)
    if entry.name == "draft":
        data["draft"] += texts
    elif texts:
        data[entry.name] = texts[0]


def _number(entry: Entry) -> int | None:
    """The entry's number, None for a blank one."""
    what = f"{entry.name}, {entry.label}" if entry.label else entry.name
    n = whole(entry.value)
    if n is None and (entry.value not in _BLANK or whole(entry.label) is not None):
        hint = "Write a number, 0 or more, without decimals; nothing where the review has no such box."
        if not entry.value and whole(entry.label) is not None:
            hint = f"If {entry.label} is the end of a number, write that without a comma; or it lacks its name."
        elif whole(entry.value, ".") is not None:
            hint = f"Write {entry.value.replace('.', '')}, without a point."
        raise PrismakeError(f"{what}: '{entry.value[:40]}' is not a whole number (H1)", place=entry.where, hint=hint)
    return n


def _box_of(entry: Entry) -> str:
    names = _names()
    found = names.get(_plain(entry.name))
    if found is None:
        template = "`prismake flow --template counts.yaml` writes a list of them."
        hint = did_you_mean(entry.name, [*_paths(), *BOXES], template)
        raise PrismakeError(f"there is no box '{entry.name}'", place=entry.where, hint=hint)
    return found


@cache
def _paths() -> dict[str, str]:
    """Names as people type them -> boxes."""
    with (DATA / "typed.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["box"] for row in csv.DictReader(file)}


@cache
def _names() -> dict[str, str]:
    """Every name, in small letters and digits -> its box."""
    labels = [_plain(kind.label) for kind in BOXES.values()]
    named = {_plain(kind.label): name for name, kind in BOXES.items() if labels.count(_plain(kind.label)) == 1}
    return named | {_plain(path): box for path, box in _paths().items()} | {_plain(name): name for name in BOXES}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.strip().casefold())


# --- YAML


def _yaml_entries(text: str, place: str) -> Iterator[Entry]:
    try:
        root = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        hint = (
            "A line is `name: 12`, with a blank behind the colon, and is indented with blanks, not tabs; look at the"
            " line before, too. Put a text with a colon, or one that begins with a sign, in quotes."
        )
        raise PrismakeError(f"this is not YAML ({error.problem})", place=f"{place}{line}", hint=hint) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PrismakeError("this is not YAML", place=place) from error
    if not isinstance(root, yaml.MappingNode):
        raise PrismakeError("these are no counts of a flow diagram", place=place, hint="Write them as `screened: 12`.")
    yield from _of_mapping(root, "", place)


def _of_mapping(node: yaml.MappingNode, path: str, place: str) -> Iterator[Entry]:
    for key, value in _pairs(node, place):
        name, where = f"{path}{key}", _at(value, place)
        if name in _TEXTS:
            yield from _of_text(name, value, place)
        elif any(known.startswith(f"{name}.") for known in _paths()):
            if isinstance(value, yaml.MappingNode):
                yield from _of_mapping(value, f"{name}.", place)
            elif _scalar(value, name, place) not in _BLANK:
                parts = [known.removeprefix(f"{name}.") for known in _paths() if known.startswith(f"{name}.")]
                hint = f"Write {name}: {{{parts[0]}: {value.value.strip()[:40]}}}, for example."
                raise PrismakeError(f"{name} has parts of its own: {', '.join(parts)}", place=where, hint=hint)
        elif isinstance(value, yaml.MappingNode):
            for label, n in _pairs(value, place):
                what = f"{name}, {label}"
                yield Entry(name, "" if label == "total" else label, _scalar(n, what, place), _at(n, place))
        else:
            yield Entry(name, "", _scalar(value, name, place), where)


def _of_text(name: str, node: yaml.Node, place: str) -> Iterator[Entry]:
    if name == "explanations" and isinstance(node, yaml.MappingNode):
        for id, text in _pairs(node, place):
            yield Entry(name, id, _scalar(text, f"{name}, {id}", place), _at(text, place))
    elif name == "draft" and isinstance(node, yaml.SequenceNode):
        for reason in node.value:
            yield Entry(name, "", _scalar(reason, name, place), _at(reason, place))
    else:
        yield Entry(name, "", _scalar(node, name, place), _at(node, place))


def _pairs(node: yaml.MappingNode, place: str) -> Iterator[tuple[str, yaml.Node]]:
    seen = set()
    for key, value in node.value:
        name = _scalar(key, "the name", place).strip()
        if name in seen:
            raise PrismakeError(f"'{name}' stands there twice", place=_at(key, place), hint="Keep one of them.")
        seen.add(name)
        yield name, value


def _scalar(node: yaml.Node, what: str, place: str) -> str:
    """The text as it was written: whatever YAML would make of it, 010 stays 010 and No stays No."""
    if not isinstance(node, yaml.ScalarNode):
        raise PrismakeError(f"{what}: a single value is expected here", place=_at(node, place))
    return node.value.strip()


def _at(node: yaml.Node, place: str) -> str:
    return f"{place}, line {node.start_mark.line + 1}"


# --- CSV


def _csv_entries(text: str, place: str) -> Iterator[Entry]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    columns: dict[str, int] | None = None
    for number, row in enumerate(_rows(reader, place)):
        where = f"{place}, line {reader.line_num}"
        if number == 0 and (found := _header(row)):
            columns = found
            continue
        name, label, value = _cells(row, columns or {}, where)
        if delimiter == ";" and whole(value, ".") is not None:  # where , is the decimal sign, . is between thousands
            value = value.replace(".", "")
        yield Entry(name, label, value, where)


def _delimiter(text: str) -> str:
    said = next((line for line in text.splitlines() if line.strip() and not line.lstrip('" ').startswith("#")), "")
    return max(",;\t", key=said.count)


def _rows(reader: Iterator[list[str]], place: str) -> Iterator[list[str]]:
    """The rows that say something."""
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells) and not cells[0].startswith("#"):
                yield cells
    except csv.Error as error:
        raise PrismakeError(f"this CSV cannot be read ({error})", place=place) from error


def _header(row: list[str]) -> dict[str, int]:
    """The columns by their headings; nothing when the row is no header."""
    found = {}
    for column, words in _COLUMNS.items():
        at = [place for place, cell in enumerate(row) if cell.casefold() in words]
        if at:
            found[column] = at[0]
    return found if {"box", "n"} <= found.keys() else {}


def _cells(row: list[str], columns: dict[str, int], where: str) -> tuple[str, str, str]:
    """Box, label and number of a row: by its headings, or as `box,n` and `box,label,n` where those do not tell."""
    if ("label" in columns and len(row) > columns["n"]) or columns.get("n", 1) < columns.get("box", 0):
        name, label, value = (row[columns[c]] if c in columns and columns[c] < len(row) else "" for c in _COLUMNS)
    else:
        while not row[-1]:
            row = row[:-1]
        if len(row) > 3:
            hint = "A row is box,n or box,label,n; put a label with a comma in quotes."
            raise PrismakeError(f"{row[0]}: {len(row)} cells in one row", place=where, hint=hint)
        name, label, value = row[0], row[1] if len(row) == 3 else "", row[-1] if len(row) > 1 else ""
        if whole(label) is not None and re.fullmatch(r"\d{3}", value):
            hint = f'Write "{label},{value}" in quotes, or without the comma.'
            raise PrismakeError(f"{name}: are {label} and {value} one number?", place=where, hint=hint)
    if not name:
        raise PrismakeError("the row does not say which box it is of", place=where, hint="Name it in every row.")
    return name, label, value
