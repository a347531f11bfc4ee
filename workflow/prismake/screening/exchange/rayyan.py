"""Rayyan: articles.csv or articles.ris with what everybody decided in its notes, and the log of who did what when.

The notes say who decided how, and all reasons of a record together; customizations_log.csv says which reason is whose,
and when. It names people by number and e-mail address: what they decided tells them apart, and no address is kept.
Where a review has stages in Rayyan, what was decided in them stands in the log beside what was decided before.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from prismake.errors import PrismakeError
from prismake.other_tools import folded, tables
from prismake.screening.exchange.items import AGAIN, Entry, Export, Item, columns_of, read_items, read_parts

_TEXT = r'"(?:[^"\\]|\\.)*+"'
_PAIR = rf"({_TEXT})\s*=>\s*({_TEXT})"
_PAIRS = rf"\{{\s*(?:{_TEXT}\s*=>\s*{_TEXT}\s*,?\s*)*\}}"
_LIST = rf"\[\s*(?:{_TEXT}\s*,?\s*)*\]"
_BEGIN = "RAYYAN-INCLUSION:"
_INCLUSION = re.compile(rf"{_BEGIN}\s*({_PAIRS})")
_NOTES = re.compile(rf"(?:^|\|)\s*USER-NOTES:\s*(\{{\s*(?:{_TEXT}\s*=>\s*{_LIST}\s*,?\s*)*\}})\s*$")
_NOTE = re.compile(rf"({_TEXT})\s*=>\s*({_LIST})")
_LABELS = re.compile(r"RAYYAN-LABELS:\s*([^|]*)")
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|]*)")
_OLD = {"true": "include", "false": "exclude"}
_ESCAPES = {"n": "\n", "t": "\t"}
_NOTES_IN = ("notes", "n1", "note")
_FORMS = (".csv", ".ris", ".txt", ".xlsx", ".ods")
_STAGED = re.compile(r"included__SYSTEM__STAGE__\d+")
_SECOND = len("2026-05-02T09:00:00")


@dataclass(frozen=True)
class Blob:
    """What Rayyan appends to a reference's notes."""

    decisions: dict[str, str] = field(default_factory=dict)  # person -> Included, Excluded, Maybe
    labels: str = ""
    reasons: tuple[str, ...] = ()  # of everybody together
    notes: dict[str, list[str]] = field(default_factory=dict)  # person -> texts
    broken: bool = False  # it holds decisions that cannot be read


def parse_notes(text: str) -> Blob:
    """Of a notes field. An older blob, which was imported with the reference, is passed over: the last one counts."""
    if "RAYYAN-" not in text and "USER-NOTES:" not in text:
        return Blob()
    notes = _NOTES.search(text) if "USER-NOTES:" in text else None
    head = text[: notes.start()] if notes else text
    inclusion = next(reversed(list(_INCLUSION.finditer(head))), None)
    if head.rfind(_BEGIN) > (inclusion.start() if inclusion else -1):
        return Blob(broken=True)
    tail = head[inclusion.end() :] if inclusion else head
    labels, reasons = _LABELS.search(tail), _REASONS.search(tail)
    said = re.findall(_PAIR, inclusion[1]) if inclusion else []
    return Blob(
        {_plain(name): _OLD.get(_plain(value), _plain(value)) for name, value in said},
        html.unescape(labels[1].strip()) if labels else "",
        tuple(filter(None, map(str.strip, html.unescape(reasons[1]).split(",")))) if reasons else (),
        {_plain(n): [_plain(t) for t in re.findall(_TEXT, texts)] for n, texts in _NOTE.findall(notes[1])}
        if notes
        else {},
    )


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), quoted[1:-1], flags=re.DOTALL)


def read_rayyan(path: Path, stage: str, people: Mapping[str, str]) -> Export:
    """What everybody decided. `people`: a name or number of somebody, folded, -> their id in the configuration."""
    parts = read_parts(path)
    articles = [name for name in parts if not is_log(name) and name.lower().endswith(_FORMS)]
    if not articles:
        hint = "Export it from Rayyan as CSV or RIS, with the decisions of all collaborators."
        raise PrismakeError("there is neither articles.csv nor articles.ris in it", place=path.as_posix(), hint=hint)
    items = [item for name in articles for item in read_items(name, parts[name])]
    if items and not columns_of(items) & {"title", "ti", "t1"}:
        raise PrismakeError("no reference in it has a title", place=path.as_posix(), hint=AGAIN)
    logs = [_Log(name, parts[name], stage) for name in parts if is_log(name)]
    blobs = [(item, _article(item), parse_notes("\n".join(item.all(_NOTES_IN)))) for item in items]
    export = Export()
    lost = [item for item, _, blob in blobs if blob.broken or (not blob.decisions and _elsewhere(item))]
    if lost:
        problem = f"{len(lost)} of its references hold decisions that cannot be read (the first in row {lost[0].row})"
        export.notes.append((problem, AGAIN.rstrip(".")))
    events = {article: dict(blob.decisions) for _, article, blob in blobs if article}
    named = _who(logs, events, people, export)
    for item, article, blob in blobs:
        for name, decision in blob.decisions.items():
            history = [event for log in logs for event in log.decisions.get((named.get(name, ""), article), ())]
            own = {reason for log in logs for reason in log.reasons.get((named.get(name, ""), article), ())}
            all_told = name in named and any(article in log.explained for log in logs)
            reasons = (tuple(sorted(own)) if all_told else blob.reasons) if _same(decision, "exclude") else ()
            texts = [*blob.notes.get(name, ()), *([f"labels: {blob.labels}"] if blob.labels else [])]
            last = history[-1] if history and _same(decision, history[-1].decision) else None
            time = last.time if last else ""
            export.entries.append(Entry(item, name, decision, reasons, "; ".join(texts), time))
            for event in history[:-1] if last else ():
                if event.decision and event.time < last.time:
                    before = tuple(sorted(own)) if event.decision == "exclude" else ()
                    export.entries.append(
                        Entry(item, name, event.decision, before, "", event.time, event.row, event.part, earlier=True)
                    )
    return export


def is_log(name: str) -> bool:
    return PurePath(name).name.lower().startswith("customizations_log")


def _elsewhere(item: Item) -> bool:
    """Whether decisions stand in a column that is not theirs, as where the row was torn."""
    return any(_BEGIN in value for value in item.all(name for name in item.fields if name not in _NOTES_IN))


def _article(item: Item) -> str:
    """Rayyan's number of the reference, by which its log names it."""
    found = (re.search(r"rayyan-(\d+)", text) for text in item.all(("key", "id", "an")))
    return next((match[1] for match in found if match), "")


def _same(one: str, other: str) -> bool:
    return bool(one and other) and one[:5].lower() == other[:5].lower()  # Included, include


@dataclass(frozen=True)
class _Event:
    decision: str  # "" when it was taken back
    time: str
    row: int
    part: str


class _Log:
    """customizations_log.csv: per user and article every decision in order, and the reasons that are set at last.

    Of a review with stages in Rayyan, the decisions at full text are those made in one.
    """

    def __init__(self, name: str, data: bytes, stage: str) -> None:
        self.decisions: dict[tuple[str, str], list[_Event]] = {}
        self.reasons: dict[tuple[str, str], set[str]] = {}
        staged: dict[tuple[str, str], list[_Event]] = {}
        set_now: dict[tuple[str, str], set[str]] = {}
        values = tables()["rayyan"]["log"]
        rows = read_items(name, data) if data.strip() else []
        for item in sorted(rows, key=lambda item: (item.first(("created_at",)), item.row)):
            user = item.first(("user_id", "user_email"))  # told apart by it, never shown
            key, value = item.first(("key",)), item.first(("value",)).strip('"')  # '"included"' is a label
            place = (user, item.first(("article_id",)))
            if key == "included" or _STAGED.fullmatch(key):
                event = _Event(values.get(value, ""), item.first(("created_at",)), item.row, name)
                history = (self.decisions if key == "included" else staged).setdefault(place, [])
                if history and history[-1].time[:_SECOND] == event.time[:_SECOND]:
                    history.pop()  # a slip of the finger, or the same click twice: our times tell seconds
                history.append(event)
            elif key.strip('"').startswith("__EXR__"):
                reason, kept = key.strip('"').removeprefix("__EXR__"), set_now.setdefault(place, set())
                (kept.add if value == "1" else kept.discard)(reason)
        if staged and (stage == "full_text" or not self.decisions):
            self.decisions = staged
        for place, kept in set_now.items():
            self.reasons[place] = {html.unescape(reason).strip() for reason in kept}
        self.explained = {article for (_, article), kept in self.reasons.items() if kept}


def _who(
    logs: list[_Log], said: dict[str, dict[str, str]], people: Mapping[str, str], export: Export
) -> dict[str, str]:
    """Name in the notes -> user in the log: the one who decided the same throughout, or whose number is configured."""
    of_user: dict[str, dict[str, str]] = {}
    for log in logs:
        for (user, article), events in log.decisions.items():
            if article in said and events[-1].decision:
                of_user.setdefault(user, {})[article] = events[-1].decision
    of_name: dict[str, dict[str, str]] = {}
    for article, decisions in said.items():
        for name, decision in decisions.items():
            of_name.setdefault(name, {})[article] = decision
    found: dict[str, str] = {}
    for name, theirs in of_name.items():
        configured = [
            user for user in of_user if user.isdigit() and people.get(user, "") == people.get(folded(name), "?")
        ]
        alike = [
            user
            for user, own in of_user.items()
            if own.keys() == theirs.keys() and all(_same(theirs[article], own[article]) for article in own)
        ]
        if len(configured or alike) == 1:
            found[name] = (configured or alike)[0]
    shared = {user for user in found.values() if list(found.values()).count(user) > 1}
    lost = [name for name in of_name if found.get(name, "") in shared or name not in found]
    if lost and of_user:
        problem = "the log does not tell clearly who is who, so some votes have no time and share the record's reasons"
        remedy = "Add the person's number in Rayyan (user_id in customizations_log.csv) to `also` in screening.people"
        export.notes.append((problem, remedy))
    return {name: user for name, user in found.items() if user not in shared}
