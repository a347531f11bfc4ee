"""What several extractors found becomes one value each: agreed, settled by consensus, of one person, or unresolved.

- Rows of two people are one row when their keys are equal, but for capitals.
- Values agree when they are equal (texts but for capitals, spacing and a final full stop), or when numbers differ by no
  more than the field's tolerance. The value of the person named first in the configuration stands.
- What differs is a question once everybody has completed the study: about one value, or about a whole row that one
  person does not have. Rows below such a row wait for its answer, and follow it.
- Where a value stands (page, quote) goes with the value.
- A question is named by what it shows: when somebody changes an answer, the question is a new one.
"""

import hashlib
import itertools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from prismake.extraction.definition import STUDY, Definition, Field, Level
from prismake.extraction.reading import Entry, SetAside

AGREED, SETTLED, SINGLE, UNRESOLVED = "agreed", "consensus", "single", "unresolved"
STAYS, ADD, LEAVE, SAME = "stays unresolved", "add this row", "leave it out", "same row as "
NO_ROW = "(no such row)"
Place = tuple[str, str, str, str]  # file, sheet, cell, form version


@dataclass(frozen=True)
class Question:
    """What two or more extractors see differently: a value, or (field "") a row that not everybody has."""

    study: str
    level: str
    key: tuple[str, ...]
    field: str
    says: tuple[tuple[str, str], ...]  # (person, value), in the order of the people
    others: tuple[str, ...] = ()  # of a row: names of rows that only the others have, one of which it may be

    @property
    def id(self) -> str:
        content = [self.study, self.level, self.key, self.field, sorted(self.says)]  # whoever is named first
        return "q" + hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Answer:
    """How a question was settled. `person`: their value stands; else `value` (of a row: ADD, LEAVE or SAME...)."""

    person: str
    value: str
    by: str
    place: Place

    @property
    def stays(self) -> bool:
        return self.value == STAYS and not self.person


@dataclass
class ResultRow:
    """One row of the results. `sources` name who said what in which cell, per field."""

    level: Level
    values: dict[str, str]  # "" when blank or unresolved
    states: dict[str, str]  # of the fields that somebody filled in
    people: list[str]
    sources: dict[str, list[tuple[str, str, Place]]]  # field -> (person, value given, place)
    stands: bool = True  # False: whether there is such a row is unresolved


@dataclass
class Resolution:
    rows: list[ResultRow]
    questions: list[Question]  # open ones
    differences: list[Question]  # all, also those settled, or not asked yet
    compared: list[tuple[str, str, str, str, str, str]]  # level, field, person 1, person 2, value 1, value 2
    waiting: set[str] = field(default_factory=set)  # studies that several people extract and somebody has not completed
    set_aside: list[SetAside] = field(default_factory=list)


def resolve(
    definition: Definition,
    entries: Iterable[Entry],
    *,
    order: Sequence[str],
    done: Collection[tuple[str, str]],
    left: Collection[str],
    answers: Mapping[str, Answer],
    lacks: Mapping[tuple[str, str], Collection[tuple[str, str]]],
) -> Resolution:
    """One row per key. `order` of the people; `done`: (person, study) that a person has completed, as far as their
    forms ask; `left`: people who have left, whose unfinished studies nobody waits for; `answers` by the ids of the
    questions they settle; `lacks`: the (level, field) that a person's forms do not ask for a study.
    """
    by_study: dict[str, list[Entry]] = {}
    for entry in entries:
        by_study.setdefault(entry.values[STUDY], []).append(entry)
    found = Resolution([], [], [], [])
    rank = {person: place for place, person in enumerate(order)}
    for study in sorted(by_study):
        people = sorted({e.person for e in by_study[study]}, key=lambda p: (rank.get(p, len(rank)), p))
        finished = [person for person in people if (person, study) in done]
        staying = [person for person in people if person in finished or person not in left]
        waits = len(people) > 1 and len(finished) < len(staying)
        found.waiting |= {study} if waits else set()
        unasked = {(person, *field) for person in people for field in lacks.get((person, study), ())}
        one = _Study(definition, study, people, finished, staying, waits, unasked, answers, found)
        one.resolve(by_study[study])
    place = {name: number for number, name in enumerate(definition.levels)}
    found.rows.sort(key=lambda row: place[row.level.id])  # stable: studies stay in order within a level
    return found


def agrees(field: Field, one: str, other: str, codes: Collection[str]) -> bool:
    """Whether two extractors' values of this field are the same."""
    if one == other:
        return True
    if field.type == "text":
        return _folded(one) == _folded(other)
    if not field.tolerance or not (one and other) or {one, other} & set(codes):
        return False
    try:
        first, second = float(one), float(other)
    except ValueError:  # a code that the form no longer has
        return False
    allowed = field.tolerance * (max(abs(first), abs(second)) if field.is_share else 1)
    return abs(first - second) <= allowed * (1 + 1e-12)  # 0.3 - 0.2 is a little more than 0.1


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


@dataclass
class _Study:
    """The entries of one study, from the top level down. An answer counts also while somebody mends their form."""

    definition: Definition
    study: str
    people: list[str]
    done: list[str]
    staying: list[str]  # those whose blanks and missing rows mean something: not who left with work undone
    waits: bool
    unasked: set[tuple[str, str, str]]  # person, level, field
    answers: Mapping[str, Answer]
    found: Resolution
    fate: dict[tuple[str, ...], str] = field(default_factory=dict)  # (level, key) of a row not everybody has -> state
    moved: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)  # (person, level, key) -> other key
    named: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)  # (level, key) -> as people spell it

    def resolve(self, entries: Sequence[Entry]) -> None:
        for level in self.definition.levels.values():
            groups = self._groups(level, [entry for entry in entries if entry.level is level])
            keys = list(groups)
            for key in keys:  # rows that are another person's row under another name
                if key in groups and (target := self._same_as(level, key, groups)) is not None:
                    groups[target] |= groups.pop(key)
            for key, group in groups.items():
                self._row(level, key, dict(sorted(group.items(), key=lambda item: self.people.index(item[0]))), groups)

    def _groups(self, level: Level, entries: Sequence[Entry]) -> dict[tuple[str, ...], dict[str, Entry]]:
        """Per key the entry of each person; rows under a moved row carry its name."""
        parent = self.definition.levels.get(level.parent)
        groups: dict[tuple[str, ...], dict[str, Entry]] = {}
        for entry in sorted(entries, key=lambda e: (self.people.index(e.person), e.number)):
            key = entry.key(level.key)
            if parent:
                key = self._moved(entry.person, parent, key[: len(parent.key)]) + key[len(parent.key) :]
            groups.setdefault(key, {})[entry.person] = entry
        return groups

    def _moved(self, person: str, level: Level, key: tuple[str, ...]) -> tuple[str, ...]:
        """The key under which this person's row of that key stands, after all moves of it and of those above it."""
        if parent := self.definition.levels.get(level.parent):
            key = self._moved(person, parent, key[: len(parent.key)]) + key[len(parent.key) :]
        seen = {key}
        while (key := self.moved.get((person, level.id, *key), key)) not in seen:
            seen.add(key)
        return key

    def _name(self, level: Level, key: tuple[str, ...], group: Mapping[str, Entry]) -> tuple[str, ...]:
        """The row's key as people spell it; of rows put together, as those do whose name it keeps."""
        entry = next((e for e in group.values() if e.key(level.key) == key), next(iter(group.values())))
        spelt = tuple(entry.values[name] for name in level.key)
        parent = self.definition.levels.get(level.parent)
        above = self.named.get((parent.id, *key[: len(parent.key)]), ()) if parent else ()
        return above + spelt[len(above) :]

    def _missing(self, group: Mapping[str, Entry]) -> list[str]:
        """Those without such a row."""
        return [person for person in self.staying if person not in group]

    def _question(
        self, level: Level, key: tuple[str, ...], group: Mapping[str, Entry], groups: Mapping[tuple[str, ...], dict]
    ) -> Question:
        """The question whether this row, which not everybody has, belongs to the study."""
        missing = self._missing(group)
        says = [(p, _summary(group[p]) if p in group else NO_ROW) for p in self.people if p in group or p in missing]
        others = [
            next(iter(other.values())).values[level.key[-1]]
            for name, other in groups.items()
            if name[:-1] == key[:-1] and not other.keys() & group.keys() and other.keys() & set(missing)
        ]
        return Question(self.study, level.id, self._name(level, key, group), "", tuple(says), tuple(others))

    def _same_as(
        self, level: Level, key: tuple[str, ...], groups: dict[tuple[str, ...], dict[str, Entry]]
    ) -> tuple[str, ...] | None:
        if not self._missing(groups[key]) or self._above(level, key):
            return None
        answer = self.answers.get(self._question(level, key, groups[key], groups).id)
        if answer is None or not answer.value.startswith(SAME):
            return None
        target = (*key[:-1], answer.value.removeprefix(SAME).casefold())
        if target not in groups or groups[target].keys() & groups[key].keys():
            return None
        for person in groups[key]:
            self.moved[(person, level.id, *key)] = target
        return target

    def _above(self, level: Level, key: tuple[str, ...]) -> str:
        """What became of the row above, when not everybody has it: SETTLED, LEAVE or UNRESOLVED."""
        parent = self.definition.levels.get(level.parent)
        return self.fate.get((parent.id, *key[: len(parent.key)]), "") if parent else ""

    def _row(
        self,
        level: Level,
        key: tuple[str, ...],
        group: dict[str, Entry],
        groups: dict[tuple[str, ...], dict[str, Entry]],
    ) -> None:
        fate, place = self._above(level, key), None
        if not fate and self._missing(group):
            question = self._question(level, key, group, groups)
            self.found.differences.append(question)
            answer = self.answers.get(question.id)
            if answer or not self.waits:
                fate, place = _fate(answer, group), answer.place if answer else None
                self.found.questions += [] if answer else [question]
        if fate in (SETTLED, LEAVE, UNRESOLVED):
            self.fate[(level.id, *key)] = fate
        if fate == LEAVE:
            self._leave_out(level, group, place)
            return
        row = ResultRow(level, {}, {}, list(group), {}, stands=fate != UNRESOLVED)
        name = self.named[(level.id, *key)] = self._name(level, key, group)
        row.values.update(zip(level.key, name, strict=True))
        for f in level.fields:
            if f.id not in level.key and not f.about:
                self._value(row, f, group, fate)
        self.found.rows.append(row)

    def _value(self, row: ResultRow, f: Field, group: dict[str, Entry], fate: str) -> None:
        """The value of one field, with the page and quote that go with it."""
        given = {person: entry.values[f.id] for person, entry in group.items()}
        filled = {person: value for person, value in given.items() if value}
        chosen, state, answer = next(iter(filled), ""), SINGLE, None
        if len(group) > 1 and filled:
            self._compare(row.level, f, given)
            blanks = [
                p for p in given if not given[p] and p in self.staying and (p, row.level.id, f.id) not in self.unasked
            ]
            pairs = itertools.combinations(filled.values(), 2)
            equal = all(agrees(f, one, other, self.definition.missing) for one, other in pairs)
            if not equal or any(person in self.done for person in blanks):
                state = UNRESOLVED
            elif len(filled) > 1:
                state = AGREED
            if (not equal or blanks) and fate in ("", SETTLED):
                shown = tuple(row.values[name] for name in row.level.key)
                question = Question(self.study, row.level.id, shown, f.id, tuple(given.items()))
                self.found.differences.append(question)
                answer = self.answers.get(question.id)
                if answer and not answer.stays:
                    state, chosen = SETTLED, answer.person
                elif not answer and state == UNRESOLVED and not self.waits:
                    self.found.questions.append(question)
        if fate in (UNRESOLVED, SETTLED) and filled:
            state = fate if state in (SINGLE, AGREED) else state
        value = "" if state == UNRESOLVED else answer.value if answer and not answer.person else given.get(chosen, "")
        self._put(row, f, value, state, given, group, answer)
        for part in (part for part in row.level.fields if part.about == f.id):
            parts = {person: entry.values[part.id] for person, entry in group.items()}
            own = parts.get(chosen, "") if state != UNRESOLVED else ""
            self._put(row, part, own, state, parts, group, None)

    def _put(
        self,
        row: ResultRow,
        f: Field,
        value: str,
        state: str,
        given: Mapping[str, str],
        group: Mapping[str, Entry],
        answer: Answer | None,
    ) -> None:
        row.values[f.id] = value
        sources = [(person, said, group[person].place(f.id)) for person, said in given.items() if said]
        if answer:
            sources.append((answer.by, answer.value or given[answer.person], answer.place))
        if sources:
            row.sources[f.id], row.states[f.id] = sources, state

    def _compare(self, level: Level, f: Field, given: Mapping[str, str]) -> None:
        """Note what people who completed the study said, for the agreement between them."""
        said = [(p, value) for p, value in given.items() if p in self.done and (p, level.id, f.id) not in self.unasked]
        for place, (one, value) in enumerate(said):
            for other, another in said[place + 1 :]:
                if value or another:
                    self.found.compared.append((level.id, f.id, one, other, value, another))

    def _leave_out(self, level: Level, group: Mapping[str, Entry], place: Place | None) -> None:
        why = f"left out by consensus ({place[0]}, {place[2]})" if place else "its row above was left out by consensus"
        for person, entry in group.items():
            key = tuple(entry.values[name] for name in level.key)
            for f in level.fields:
                if entry.values[f.id] and f.id not in level.key:
                    self.found.set_aside.append(
                        SetAside(level.id, key, f.id, entry.values[f.id], why, person, *entry.place(f.id))
                    )


def _fate(answer: Answer | None, group: Mapping[str, Entry]) -> str:
    if answer is None or answer.stays or answer.value.startswith(SAME):  # SAME without such a row any more
        return UNRESOLVED
    if answer.person:
        return SETTLED if answer.person in group else LEAVE
    return SETTLED if answer.value == ADD else LEAVE


def _summary(entry: Entry) -> str:
    """A row in one line, for somebody who decides whether it belongs there."""
    level = entry.level
    parts = [f"{f.label}: {entry.values[f.id]}" for f in level.fields if entry.values[f.id] and f.id not in level.key]
    return "; ".join(parts) or "(only its name)"
