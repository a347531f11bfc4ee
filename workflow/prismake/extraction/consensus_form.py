"""The form in which one person settles what extractors see differently: one row per difference, nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from prismake.errors import Fault, PrismakeError
from prismake.extraction.consensus import ADD, LEAVE, SAME, STAYS, Answer, Question
from prismake.extraction.definition import Definition, Field
from prismake.extraction.issue import entry_column
from prismake.extraction.values import Wrong, read_value, suggest
from prismake.forms import check_value, displaced
from prismake.spreadsheet import Cell, Column, Row, Sheet, read_workbook, write_workbook

SHEET = "Consensus"
ROW = "(the whole row)"
BLANK = "(blank)"
RESTORE = "Restore it from a copy of the form"
_INSTRUCTIONS = [
    "What the extractors see differently",
    "",
    "Each row is one difference. Read the place in the report again, best together with the extractors.",
    "'Take': whose value stands. When neither is right, leave it blank and enter the value under 'Or enter'.",
    f"'{STAYS}': you looked, and it cannot be settled. The results then have no value, and nobody is asked again.",
    "A whole row that only one of them has: add it, leave it out, or say which row of the other one it is.",
    "A blank row means: not settled yet. Save the file where it lies; the next run of the review reads it.",
    "When somebody corrects their own form afterwards, what still differs is asked anew in the next form.",
]


def consensus_workbook(
    definition: Definition,
    questions: Sequence[Question],
    *,
    names: Mapping[str, str],
    meta: Mapping[str, str],
) -> bytes:
    """The form for these questions as .xlsx bytes. `names`: what people are called, by their ids."""
    people = list(dict.fromkeys(person for question in questions for person, _ in question.says))
    called = {person: " ".join(names.get(person, person).split()) or person for person in people}
    shared = {name for name, count in Counter(called.values()).items() if count > 1}
    called = {person: f"{name} ({person})" if name in shared else name for person, name in called.items()}
    columns = [
        Column("question", "Question", 14, hidden=True),
        Column("study", "Study", 20),
        Column("sheet", "Sheet", 16),
        Column("row", "Row", 20),
        Column("field", "What", 24),
        *(Column(f"says {person}", f"{called[person]} says", 34) for person in people),
        Column("take", "Take", 22, "choice", (*people, STAYS), editable=True, help="Whose value stands."),
        Column("enter", "Or enter", 26, editable=True, help="When neither is right."),
        Column("note", "Note", 30, editable=True),
        Column("check", "Check", 10, hidden=True),
    ]
    rows, takes, enters = [], [], []
    for question in questions:
        row = _shown(definition, question)
        rows.append(row | {f"says {person}": said or BLANK for person, said in question.says})
        takes.append(Column("take", "Take", 22, "choice", _choices(question), editable=True, help=_help(question)))
        enters.append(_rule(definition, question))
    sheet = Sheet(SHEET, columns, rows, frozen=4, rules={"take": takes, "enter": enters})
    head = {"form": definition.id, "form_version": definition.version, "form_hash": definition.hash}
    marks = {**meta, **head, "ids": "\n".join(question.id for question in questions)}
    return write_workbook([sheet], instructions=_INSTRUCTIONS, meta=marks)


def _shown(definition: Definition, question: Question) -> dict[str, str]:
    level = definition.levels[question.level]
    row = " / ".join(question.key[1:]) or "the study"
    what = level.by_id[question.field].title if question.field else ROW
    check = check_value(question.id, f"{question.study}\t{row}\t{what}")
    shown = {"question": question.id, "study": question.study, "sheet": level.label, "row": row, "field": what}
    return shown | {"check": check}


def _choices(question: Question) -> tuple[str, ...]:
    if question.field:
        return (*(person for person, _ in question.says), STAYS)
    return (ADD, LEAVE, *(f"{SAME}{other}" for other in question.others), STAYS)


def _help(question: Question) -> str:
    return "Whose value stands." if question.field else "Whether this row belongs to the study."


def _rule(definition: Definition, question: Question) -> Column | None:
    """What can be entered for a value; None for a whole row, for which all that can be said is in the list."""
    if not question.field:
        return None
    field = definition.levels[question.level].by_id[question.field]
    return entry_column(field, "enter", "Or enter")


# --- reading ----------------------------------------------------------------------------------------------------------


class ConsensusForms:
    """The filled consensus forms of a review, given as (person, path), opened once."""

    def __init__(self, definition: Definition, forms: Iterable[tuple[str, Path]], kind: str) -> None:
        self.definition, self.kind = definition, kind
        self.faults: list[Fault] = []  # of whole files
        self._rows: list[_FormRow] = []
        for person, path in forms:
            try:
                self._open(person, path)
            except PrismakeError as error:
                remedy = error.hint or "Open it, save it again, or restore a copy"
                self._fault(person, path, error.message.rstrip("."), remedy)

    def _open(self, person: str, path: Path) -> None:
        book = read_workbook(path)
        if told := displaced(book.meta, self.kind, person, path):
            self._fault(person, path, *told)
            return
        version = book.meta.get("form_version", self.definition.version)
        needed = {"question", "take", "or enter"}
        tables = [t for t in book.sheets.values() if needed <= {label.casefold() for label in t.columns}]
        if not tables:
            self._fault(person, path, f"the sheet '{SHEET}' or one of its columns is missing", RESTORE)
        for table in tables:
            self._rows += [
                _FormRow(self.definition, person, path.as_posix(), table.name, version, row, self.kind)
                for row in table.rows
            ]

    def _fault(self, person: str, path: Path, problem: str, remedy: str) -> None:
        self.faults.append(Fault(self.kind, person, path.as_posix(), "", "", "", problem, remedy))

    def answers(
        self, questions: Mapping[str, Question], former: Mapping[str, Iterable[str]] | None = None
    ) -> tuple[dict[str, Answer], list[Fault]]:
        """The answers to these questions by their ids; where copies of a form differ the question has none.

        `former`: earlier names of a study, under which it was asked about.
        """
        found: dict[str, list[Answer]] = {}
        faults: list[Fault] = []
        asked, now = dict(questions), {id: id for id in questions}  # now: id of a question as asked -> its id now
        for id, question in questions.items():
            for name in (former or {}).get(question.study, ()):
                old = replace(question, study=name, key=(name, *question.key[1:]))
                if old.id not in now:
                    asked[old.id], now[old.id] = old, id
        for row in self._rows:
            if answer := row.answer(asked, faults):
                found.setdefault(now[row.question], []).append(answer)
        agreed = {}
        for question, answers in found.items():
            if len({(answer.person, answer.value) for answer in answers}) == 1:
                agreed[question] = answers[0]
                continue
            for answer in answers:
                problem, remedy = "answered differently in another form", "Make them equal, or delete one of the files"
                place = answer.place[:3]
                faults.append(Fault(self.kind, answer.by, *place, questions[question].study, problem, remedy))
        return agreed, faults


class _FormRow:
    """One row of a consensus form."""

    def __init__(
        self, definition: Definition, person: str, file: str, sheet: str, version: str, row: Row, kind: str
    ) -> None:
        self.definition, self.person, self.kind = definition, person, kind
        self.file, self.sheet, self.version = file, sheet, version
        self.cells = {label.casefold(): cell for label, cell in row.cells.items()}
        self.question = self.cells["question"].value

    def answer(self, questions: Mapping[str, Question], faults: list[Fault]) -> Answer | None:
        take, enter = self.cells["take"], self.cells["or enter"]
        question = questions.get(self.question)
        if not (take.value or enter.value) or question is None:
            return None
        if self._is_torn(question):
            problem = "this row was torn apart: its question and its text do not belong together"
            faults.append(self._fault(question, self.cells["question"], problem, f"Undo the sort, or {RESTORE}"))
            return None
        if take.value and enter.value:
            faults.append(self._fault(question, enter, "both 'Take' and 'Or enter' are filled in", "Clear one of them"))
            return None
        cell = take if take.value else enter
        try:
            person, value = self._read(question, take, enter)
        except Wrong as wrong:
            faults.append(self._fault(question, cell, wrong.problem, wrong.remedy))
            return None
        return Answer(person, value, self.person, (self.file, self.sheet, cell.ref, self.version))

    def _read(self, question: Question, take: Cell, enter: Cell) -> tuple[str, str]:
        """(person whose value stands, "") or ("", what was entered)."""
        if take.value:
            choices = _choices(question)
            chosen = next((choice for choice in choices if choice.casefold() == take.value.casefold()), "")
            if not chosen:
                raise Wrong(f"'{take.value}' cannot be taken", suggest(take.value, choices))
            return (chosen, "") if question.field and chosen != STAYS else ("", chosen)
        if not question.field:
            raise Wrong("a whole row is decided under 'Take'", f"Choose one of: {'; '.join(_choices(question))}")
        return "", read_value(enter, self._field(question), self.definition)

    def _field(self, question: Question) -> Field:
        return self.definition.levels[question.level].by_id[question.field]

    def _is_torn(self, question: Question) -> bool:
        shown = {name: cell.value for name, cell in self.cells.items()}
        own = _shown(self.definition, question)
        own["what"] = own["field"]
        study, row, what = (shown.get(key, own[key]) for key in ("study", "row", "what"))
        check = check_value(question.id, f"{study}\t{row}\t{what}")  # of what it shows: labels may be others now
        return bool(shown.get("check")) and (study != own["study"] or shown["check"] != check)

    def _fault(self, question: Question, cell: Cell, problem: str, remedy: str) -> Fault:
        place = (self.file, self.sheet, cell.ref)
        return Fault(self.kind, self.person, *place, question.study, problem, remedy)
