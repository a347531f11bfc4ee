"""The description of an extraction form (config/forms/*.yaml), checked: every mistake in one line with its place.

Light imports only: Snakemake reads the names of the levels each time it parses the workflow.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError, near
from prismake.extraction.conditions import Condition, parse_condition
from prismake.extraction.form_file import DATA, GUIDE, line_of, mistakes, read_form_file

TEMPLATES = DATA / "templates"
BASIC = TEMPLATES / "basic.yaml"
STUDY = "study_id"
ABOUT = ("citation", "title", "year", "reports", "check")  # what the study sheet shows besides the fields
EVIDENCE = {"level": "claim", "theme": "theme", "direction": "direction", "kind": "study.design"}  # config's defaults


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
    required_if: Condition | None = None
    max_length: int | None = None  # characters of a text
    tolerance: float = 0.0  # how far two extractors' numbers may differ and still agree
    is_share: bool = False  # the tolerance is a share of the larger number
    former_ids: tuple[str, ...] = ()  # in earlier versions of the form
    about: str = ""  # the field to whose value this belongs: its page, its quote, the reason for it
    help: str = ""

    @property
    def title(self) -> str:
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def is_required(self, row: Mapping[str, str], codes: Mapping[str, str]) -> bool:
        """Whether a row with these values needs it; `codes` are the form's missing codes."""
        return self.required or bool(self.required_if and self.required_if.holds(row, codes))


@dataclass(frozen=True)
class Level:
    """One sheet of a form and one table of the results. `fields` includes the key's columns, except study_id."""

    id: str
    label: str
    key: tuple[str, ...]
    parent: str  # "" for the first level
    rows: int
    fields: tuple[Field, ...]
    required: bool = False  # a study without a row of it is not complete

    @property
    def columns(self) -> list[str]:
        """Columns of its table: the key first."""
        return [*self.key, *(field.id for field in self.fields if field.id not in self.key)]

    @cached_property
    def by_id(self) -> dict[str, Field]:
        return {field.id: field for field in self.fields}


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

    @cached_property
    def codes(self) -> dict[str, str]:
        """The missing codes by their spelling in small letters."""
        return {code.casefold(): code for code in self.missing}

    @property
    def study(self) -> Level:
        return next(iter(self.levels.values()))


def load_definition(path: str | Path = "") -> Definition:
    """The form in this YAML file; the packaged basic form when no path is given.

    Raises PrismakeError that lists every mistake with its line.
    """
    path = Path(path or BASIC)
    content, lines = read_form_file(path)
    definition, found = _check(content)
    if definition is None:
        listed = sorted({(line_of(lines, where), problem) for where, problem in found})
        if len(listed) == 1:
            line, problem = listed[0]
            raise PrismakeError(problem, place=f"{path.as_posix()}, line {line}", hint=GUIDE)
        text = "".join(f"\n  - line {line}: {problem}" for line, problem in listed)
        raise PrismakeError(f"{len(listed)} mistakes{text}", place=path.as_posix(), hint=GUIDE)
    return definition


def definition_from(content: Any) -> Definition:
    """The form with this content, as a YAML file would hold it. Raises PrismakeError."""
    definition, found = _check(content)
    if definition is None:
        where, problem = found[0]
        raise PrismakeError(problem, place="/".join(map(str, where)), hint=GUIDE)
    return definition


def _check(content: Any) -> tuple[Definition | None, list[tuple[tuple[str | int, ...], str]]]:
    from prismake.extraction.contradictions import contradictions  # it needs the classes above

    found = mistakes(content)
    if not found:
        definition = _build(content)
        found = list(contradictions(content, definition))
        if not found:
            return definition, []
    return None, found


def check_fields(config: Mapping[str, Any], definition: Definition) -> list[str]:
    """One line for each field that the configuration names and the form does not have.

    Whoever leaves report.evidence at its defaults need not have its level: then there is no map of the evidence.
    """
    evidence = config["report"]["evidence"]
    named = [("report.characteristics", name) for name in config["report"]["characteristics"]]
    found = []
    if evidence["level"] in definition.levels:
        named += [(f"report.evidence.{key}", f"{evidence['level']}.{evidence[key]}") for key in ("theme", "direction")]
        kind = evidence["kind"]
        named.append(("report.evidence.kind", kind if "." in kind else f"{evidence['level']}.{kind}"))
    elif evidence != EVIDENCE:
        known = near(evidence["level"], list(definition.levels))
        found.append(f"report.evidence.level: the form has no level '{evidence['level']}'{known}")
    for key, name in named:
        level, _, field = name.rpartition(".")
        of = definition.levels.get(level or definition.study.id)
        if of is None:
            found.append(f"{key}: the form has no level '{level}'{near(level, list(definition.levels))}")
        elif field not in of.columns:
            found.append(f"{key}: the level '{of.id}' has no field '{field}'{near(field, of.columns)}")
    study, fields = definition.study.id, definition.study.by_id
    for tool, entry in config["risk_of_bias"].items():
        for name, values in entry.get("when", {}).items():
            key, field = f"risk_of_bias.{tool}.when", fields.get(name)
            if field is None:
                found.append(f"{key}: the level '{study}' has no field '{name}'{near(name, list(fields))}")
            for value in values if field and field.options else ():
                if value not in field.options:
                    found.append(f"{key}: '{value}' is no option of '{name}'{near(value, list(field.options))}")
    return found


# --- From the YAML's content to the classes ---------------------------------------------------------------------------


def _build(content: Mapping[str, Any]) -> Definition:
    lists = content.get("lists") or {}
    levels = {}
    for name, level in content["levels"].items():
        fields = [made for field in level["fields"] for made in _fields(field, level["key"], lists)]
        named = {field.id for field in fields}
        keys = [Field(key, key, required=True) for key in level["key"] if key not in named and key != STUDY]
        label = level.get("label") or name.replace("_", " ").capitalize()
        parent, rows = level.get("parent", ""), level.get("rows", 4)
        levels[name] = Level(
            name, label, tuple(level["key"]), parent, rows, (*keys, *fields), level.get("required", False)
        )
    head = content["form"]
    source = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Definition(head["id"], head["version"], head["title"], content.get("missing") or {}, levels, source)


def _fields(field: Mapping[str, Any], key: list[str], lists: Mapping[str, list[str]]) -> Iterator[Field]:
    """The field and, if it asks where its value stands, its page and its quote."""
    tolerance = str(field.get("tolerance", 0))
    former = field.get("renamed_from", ())
    former = (former,) if isinstance(former, str) else tuple(former)
    yield Field(
        id=field["id"],
        label=field["label"],
        type=field["type"],
        unit=field.get("unit", ""),
        minimum=field.get("min"),
        maximum=field.get("max"),
        options=tuple(field.get("options") or lists.get(field.get("list")) or ()),
        missing=tuple(field.get("missing", ())),
        required=field.get("required", False) or field["id"] in key,
        required_if=_condition(field.get("required_if", "")),
        max_length=field.get("max_length"),
        tolerance=float(tolerance.rstrip(" %")) / (100 if "%" in tolerance else 1),
        is_share="%" in tolerance,
        former_ids=former,
        about=field.get("goes_with", ""),
        help=field.get("help", ""),
    )
    if field.get("provenance"):
        of, label = field["id"], field["label"]
        for part, help, condition in (
            ("page", "Page, table or figure where it stands.", Condition(of)),
            ("quote", "The words that it rests on.", None),
        ):
            ids = tuple(f"{one}_{part}" for one in former)
            yield Field(f"{of}_{part}", f"{label}: {part}", required_if=condition, former_ids=ids, about=of, help=help)


def _condition(text: str) -> Condition | None:
    try:
        return parse_condition(text) if text else None
    except ValueError:
        return Condition("")  # contradictions() says what is wrong with it
