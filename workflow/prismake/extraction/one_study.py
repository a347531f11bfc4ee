"""What is known about each study on a page of its own, for reading and for paper; a blank form where nothing is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from prismake.extraction.definition import STUDY, Definition, Field, Level
from prismake.extraction.issue import TYPES, allowed
from prismake.spreadsheet import Box, Page, sheet_name_problem, write_workbook
from prismake.spreadsheet.text import clean, length

INDEX = "Studies"
WIDTHS = (25, 12.5, 12.5, 12.5, 12.5, 25)  # label, four values, what can be entered: one upright A4 page
SIDE_BY_SIDE = 4
AS_TABLE = 7  # rows of a level from which on they are the rows of a table
_STATES = {"agreed": "agreed", "consensus": "settled", "single": "one person", "unresolved": "not settled"}
_DUE, _CAN = "not extracted yet", "What can be entered"
_LEGEND = [
    Box("How to read it:", "prose"),
    Box("all agree", "agreed"),
    Box("settled in consensus", "consensus"),
    Box("one person's", "single"),
    Box("not settled", "unresolved"),
    Box(f"required, {_DUE}", "due"),
]


class _Study(NamedTuple):
    id: str
    about: Mapping[str, Any]
    sheet: str

    def rows(self, level: Level) -> Sequence[Mapping[str, Any]]:
        return (self.about.get("levels") or {}).get(level.id, ())

    def state(self, level: Level, row: int, field: Field) -> str:
        return (self.about.get("states") or {}).get((level.id, row, field.id), "")

    @property
    def is_blank(self) -> bool:
        return not any((self.about.get("levels") or {}).values())


def study_workbook(definition: Definition, studies: Sequence[Mapping[str, Any]]) -> bytes:
    """A workbook with a sheet for each of these studies, locked, as .xlsx bytes; the first sheet links to them.

    Each study is a dict:
      study_id, citation, reports   texts; the last two may be missing
      levels    {level id: [{field id: value}, ...]}, the rows of each level in the order in which they are shown
      states    {(level id, number of the row in that list, field id): agreed | consensus | single | unresolved}; a
                value without a state is only shown
    A study without any row is a blank form. Raises PrismakeError when a sheet would be more than a spreadsheet holds.
    """
    ids = [str(study[STUDY]) for study in studies]
    named = [_Study(id, study, name) for id, study, name in zip(ids, studies, sheet_names(ids), strict=True)]
    return write_workbook([_index(definition, named), *(_page(definition, study) for study in named)])


def sheet_names(ids: Sequence[str]) -> list[str]:
    """A name of a sheet for each of these studies: its id where it can be, no name twice."""
    taken = {INDEX.casefold()}
    names = []
    for id in ids:
        plain = " ".join(re.sub(r"[\[\]:*?/\\]", "-", clean(id)).split()).strip("'").lstrip("_").strip() or "Study"
        name, number = _shortened(plain, 31), 1
        while name.casefold() in taken or sheet_name_problem(name):
            number += 1
            name = f"{_shortened(plain, 31 - len(f' ({number})'))} ({number})"
        taken.add(name.casefold())
        names.append(name)
    return names


def _shortened(text: str, limit: int) -> str:
    while length(text) > limit:
        text = text[:-1]
    return text.strip(" '")


def _index(definition: Definition, studies: Sequence[_Study]) -> Page:
    rows: list[list[Box]] = [
        [Box(definition.title, "title", 4)],
        [Box(f"Form {definition.id}, version {definition.version}. {len(studies):,} studies.", "prose", 4)],
        [],
        [Box("Study", "heading"), Box("Report", "heading"), Box("Values", "heading"), Box("Not settled", "heading")],
    ]
    for study in studies:
        states = (study.about.get("states") or {}).values()
        open_ = sum(state == "unresolved" for state in states)
        values = sum(
            bool(row.get(field.id))
            for level in definition.levels.values()
            for row in study.rows(level)
            for field in level.fields
        )
        citation = _text(study.about.get("citation"))
        rows.append(
            [
                Box(study.sheet, "link", to=study.sheet),  # not the id: LibreOffice wraps no link
                Box(citation),
                Box(values or "", "value"),
                Box(open_ or "", "unresolved" if open_ else "value"),
            ]
        )
    return Page(INDEX, (34, 46, 10, 10), rows, definition.title)


def _page(definition: Definition, study: _Study) -> Page:
    rows: list[Sequence[Box]] = [[Box(study.id, "title", 6)]]
    rows += [[Box(text, "prose", 6)] for key in ("citation", "reports") if (text := _text(study.about.get(key)))]
    form = f"{definition.title}. Form {definition.id}, version {definition.version}."
    rows += [[Box(form, "prose", 5), Box("All studies", "jump", to=INDEX)], []]
    if study.is_blank:
        codes = "; ".join(f"{code} = {meaning}" for code, meaning in definition.missing.items())
        rows += [[Box(f"When there is no value: {codes}", "hint", 6)]] if codes else []
    elif study.about.get("states"):
        rows.append(_LEGEND)
    for level in definition.levels.values():
        rows += [[], [Box(level.label, "section", 6)]]
        rows += _level(definition, study, level)
    return Page(study.sheet, WIDTHS, rows, study.id)


def _level(definition: Definition, study: _Study, level: Level) -> Iterator[Sequence[Box]]:
    count = len(study.rows(level))
    if level is definition.study:
        yield from _fields(definition, study, level)
    elif count >= AS_TABLE:
        yield from _table(definition, study, level)
    elif count or study.is_blank:
        yield from _columns(definition, study, level, count or min(level.rows, SIDE_BY_SIDE))
    else:
        yield [Box("none extracted yet", "hint", 6)]


def _fields(definition: Definition, study: _Study, level: Level) -> Iterator[Sequence[Box]]:
    """The study's own fields below each other."""
    yield [Box("Field", "heading"), Box("Value", "heading", 3), Box("State", "heading"), Box(_CAN, "heading")]
    for field in level.fields:
        value = _value(definition, study, level, 0, field)
        yield [
            Box(field.title, "label"),
            Box(value.text, value.look, 3),
            Box(_STATES.get(value.look, "")),
            _hint(field),
        ]


def _columns(definition: Definition, study: _Study, level: Level, count: int) -> Iterator[Sequence[Box]]:
    """The fields below each other, the rows of the level side by side."""
    for start in range(0, count, SIDE_BY_SIDE):
        numbers = range(start, min(start + SIDE_BY_SIDE, count))
        yield [Box("Field", "heading"), *_spread([Box(str(n + 1), "heading") for n in numbers]), Box(_CAN, "heading")]
        for field in level.fields:
            values = [_value(definition, study, level, number, field) for number in numbers]
            yield [Box(field.title, "label"), *_spread(values), _hint(field)]
        yield []


def _spread(values: Sequence[Box]) -> list[Box]:
    """One to four values over the four columns between the label and what can be entered."""
    spans = {1: (4,), 2: (2, 2), 3: (1, 1, 1), 4: (1, 1, 1, 1)}[len(values)]
    made = [Box(box.text, box.look, span) for box, span in zip(values, spans, strict=True)]
    return made + [Box("", "hint")] * (SIDE_BY_SIDE - sum(spans))


def _table(definition: Definition, study: _Study, level: Level) -> Iterator[Sequence[Box]]:
    """The rows as rows: what tells them apart in the first column, and the fields in as many tables as it takes."""
    keys = [level.by_id[name] for name in level.key if name != STUDY]
    fields = [field for field in level.fields if field not in keys]
    size = len(WIDTHS) - 1
    for block in (fields[start : start + size] for start in range(0, len(fields), size)):
        yield [Box(" / ".join(field.title for field in keys), "heading"), *(Box(f.title, "heading") for f in block)]
        for number, row in enumerate(study.rows(level)):
            label = " / ".join(_text(row.get(field.id)) or "?" for field in keys)
            values = [_value(definition, study, level, number, field) for field in block]
            yield [Box(label, "label"), *values]
        yield []


def _value(definition: Definition, study: _Study, level: Level, number: int, field: Field) -> Box:
    rows = study.rows(level)
    row = rows[number] if number < len(rows) else {}
    value = _text(row.get(field.id))
    state = study.state(level, number, field)
    if state == "unresolved":
        return Box(value or _STATES[state], state)
    if value:
        return Box(value, state or "value")
    if study.is_blank or not field.is_required(row, definition.missing):
        return Box("", "value")
    return Box(_DUE, "due")


def _hint(field: Field) -> Box:
    text = ": ".join(part for part in (TYPES[field.type], allowed(field)) if part)
    codes = "or " + ", ".join(field.missing) if field.missing else ""
    return Box("; ".join(part for part in ("required" if field.required else "", text, codes) if part), "hint")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
