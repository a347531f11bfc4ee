"""From the files of other tools to answers, which become votes like those in our forms."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prismake.errors import Fault, PrismakeError
from prismake.other_tools import TEAMS, folded, stages, tool_of
from prismake.screening.exchange.asreview import read_asreview
from prismake.screening.exchange.covidence import read_covidence
from prismake.screening.exchange.items import Entry, Export, about
from prismake.screening.exchange.match import Finder
from prismake.screening.exchange.rayyan import is_log, read_rayyan
from prismake.screening.reading import Answer, Reading, synonyms
from prismake.spreadsheet import Cell

UNMATCHED_COLUMNS = ["stage", "tool", "file", "row", "title", "year", "authors", "doi"]
_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_NAMED = "Let its name begin with title_abstract or full_text"


def read_exports(
    stage: str, files: Iterable[str], finder: Finder, people: Mapping[str, Mapping[str, Any]], reasons: list[str]
) -> tuple[Reading, list[list[object]]]:
    """The decisions in these files at this stage, and the rows (UNMATCHED_COLUMNS) whose record was not found."""
    reading, unmatched = Reading(), []
    known = names(people)
    for name in files:
        path = Path(name)
        tool = tool_of(path)
        file = _File(stage, tool, path, reading)
        try:
            if tool == "rayyan" and is_log(name):
                hint = "Put it into one zip with the articles.csv that it came with"
                raise PrismakeError("this is the log of an export, without its references", hint=hint)
            if not stages(path) and tool != "covidence":
                raise PrismakeError("its name does not say which stage it is of", hint=_NAMED)
            export = _read(tool, path, stage, known, reasons)
        except PrismakeError as error:
            file.fault(f"{error.message.rstrip('.')}, so nothing in it was read", error.hint.rstrip("."))
            continue
        for problem, remedy in export.notes:
            file.fault(problem, remedy)
        entries = file.of_people(export.entries, known)
        items = {id(entry.item): entry.item for entry in entries}
        found = {key: finder.find(item) for key, item in items.items()}
        unmatched += file.unmatched(entries, found)
        for entry in entries:
            if record_id := found[id(entry.item)]:
                file.answer(entry, record_id, known, reasons)
        file.tell()
    return reading, unmatched


def _read(tool: str, path: Path, stage: str, known: Mapping[str, str], reasons: list[str]) -> Export:
    match tool:
        case "rayyan":
            return read_rayyan(path, stage, known)
        case "covidence":
            return read_covidence(path, stage)
        case _:
            return read_asreview(path, reasons)


def names(people: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Folded name -> person: their id, their `name`, and what they are `also` called."""
    known = {}
    for person, entry in people.items():
        for name in (person, entry.get("name", ""), *entry.get("also", ())):
            if name:
                known[folded(name)] = person
    return known


def _clean(text: str) -> str:
    """Without e-mail addresses, which go into no file of ours."""
    return _ADDRESS.sub("[e-mail]", text)


class _File:
    """One file while it is read: its answers, and what many of its rows have in common, told once."""

    def __init__(self, stage: str, tool: str, path: Path, reading: Reading) -> None:
        self.stage, self.tool, self.path, self.reading = stage, tool, path, reading
        self.common: dict[tuple[str, str], list[str]] = {}  # problem, remedy -> the records it is about

    def fault(self, problem: str, remedy: str) -> None:
        self.reading.faults.append(Fault(self.stage, self.tool, self.path.as_posix(), "", "", "", problem, remedy))

    def of_people(self, entries: list[Entry], known: Mapping[str, str]) -> list[Entry]:
        """The entries of people of this review; of each stranger one fault."""
        strangers: dict[str, int] = {}
        kept = []
        for entry in entries:
            if self.tool in TEAMS or folded(entry.person) in known:
                kept.append(entry)
            else:
                strangers[entry.person] = strangers.get(entry.person, 0) + 1
        for name, count in strangers.items():
            problem = (
                f"nobody in screening.people is called '{_clean(name)}', so {count} of its decisions were not read"
            )
            self.fault(problem, "Add this name to `also` of the person in config/config.yaml")
        return kept

    def unmatched(self, entries: list[Entry], found: Mapping[int, str]) -> list[list[object]]:
        lost = {id(entry.item): entry.item for entry in entries if not found[id(entry.item)]}
        rows: list[list[object]] = []
        for item in lost.values():
            said = about(item)
            texts = [_clean(" ".join(said[name].split())) for name in ("title", "year", "authors", "doi")]
            rows.append([self.stage, self.tool, self.path.as_posix(), item.row, *texts])
        if rows:
            shown = "; ".join(f"row {row[3]}: {str(row[4])[:60] or 'no title'}" for row in rows[:3])
            problem = f"{len(rows)} of its references are no record of this review, or it is not clear which ({shown})"
            self.fault(problem, "All are in results/screening/unmatched.csv; write record_id: <id> into their notes")
        return rows

    def answer(self, entry: Entry, record_id: str, known: Mapping[str, str], reasons: list[str]) -> None:
        reason, others = _primary(entry.reasons, reasons)
        said = entry.decision.strip().casefold()
        excludes = self.stage == "full_text" and synonyms().get(said, said) == "exclude"
        if excludes and reason not in reasons:
            if entry.earlier:  # which does not count: what it lacks need not be mended
                return
            if reason:
                problem = f"'{_clean(reason)}' is not in screening.reasons"
                remedy = "Add it there, or give the reason in the tool one of their names"
            else:
                problem, remedy = (
                    "an exclusion without a reason",
                    "Choose the primary reason in the tool, and export again",
                )
            self.common.setdefault((problem, remedy), []).append(record_id)
            return
        notes = [entry.note, *([f"also: {', '.join(others)}"] if others else [])]
        texts = {"decision": entry.decision, "note": "; ".join(text for text in notes if text), "time": entry.time}
        # An inclusion has no reason: what a tool has kept from before goes with the note at most.
        texts["reason"] = reason if self.stage == "title_abstract" or excludes else ""
        row, part = entry.row or entry.item.row, entry.part or entry.item.part
        cells = {name: Cell(_clean(text), "text", f"row {row}") for name, text in texts.items() if text}
        person = self.tool if self.tool in TEAMS else known[folded(entry.person)]
        place = (self.path.as_posix(), part if part != self.path.name else "", row)
        self.reading.answers.append(Answer(self.stage, person, *place, record_id, cells, self.tool))

    def tell(self) -> None:
        """One fault for what many rows have in common."""
        for (problem, remedy), records in self.common.items():
            told = f"{problem}: {len(records)} pending, {', '.join(sorted(records)[:3])} among them"
            self.fault(told, remedy)


def _primary(given: Iterable[str], reasons: list[str]) -> tuple[str, list[str]]:
    """The reason that counts, in our spelling: of those in our list its first one; and the others."""
    ours = {folded(reason): reason for reason in reasons}
    rest, found = list(given), []
    while rest:  # a reason with commas in it comes in parts
        lengths = (n for n in range(len(rest), 1, -1) if folded(", ".join(rest[:n])) in ours)
        length = next(lengths, 1)
        text = ", ".join(rest[:length])
        found.append(ours.get(folded(text), text))
        del rest[:length]
    found = list(dict.fromkeys(found))
    first = next((reason for reason in reasons if reason in found), next(iter(found), ""))
    return first, [reason for reason in found if reason != first]
