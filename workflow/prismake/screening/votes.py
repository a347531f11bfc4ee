"""What people decided, one row each: from forms, the screening page and the exports of other tools alike.

Every answer becomes a row of the log. One vote of a person on a record counts; the others stay visible and say why not.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prismake.errors import Fault
from prismake.other_tools import TOOLS
from prismake.screening.reading import Answer, Reading, chosen, judge, synonyms
from prismake.screening.sheets import DECISIONS

VOTE_COLUMNS = ["record_id", "report_id", "person", "decision", "reason", "note", "file", "row", "time", "tool"]
LOG_COLUMNS = ["record_id", "report_id", "stage", "reviewer", "decision", "reason", "note", "time", "tool", "file"]
LOG_COLUMNS += ["sha256", "row", "counts", "why"]
ALIKE = 20  # votes; two people seldom agree on as many without a note


@dataclass(frozen=True)
class Vote:
    record_id: str
    report_id: str  # "" when no search holds the record any more: the vote is dormant
    person: str
    decision: str
    reason: str  # of an exclusion; of a duplicate, the report that it is a duplicate of
    note: str
    file: str
    row: int
    time: str = ""  # UTC, as 2026-11-24T10:30:00Z; "" when the file does not say
    tool: str = "form"  # form, page, rayyan, covidence, asreview
    why: str = ""  # why it does not count: superseded, contradicted, copy, merged; "" when it counts

    @property
    def counts(self) -> bool:
        return not self.why


def votes(reading: Reading, aliases: Mapping[str, str], reasons: Iterable[str]) -> list[Vote]:
    """All votes in these files, those that do not count among them.

    A vote with a time that was taken back later, on the screening page, is superseded like one that was changed.
    What cannot be read as a vote is added to the reading's faults.
    """
    reasons = list(reasons)
    said: dict[int, tuple[str, ...]] = {}
    times: dict[int, str] = {}
    taken_back: dict[tuple[str, str], str] = {}  # (person, record) -> when the screening page left it blank again
    for index, answer in enumerate(reading.answers):
        decision, reason = _vote(answer, reasons, aliases, reading.faults)
        if decision:
            said[index] = (decision, reason)
            times[index] = _time(answer, reading.faults)
        elif answer.tool == "page" and not answer.value("decision") and answer.value("time"):
            whose = (answer.person, answer.record_id)
            taken_back[whose] = max(taken_back.get(whose, ""), _time(answer, reading.faults))
    whys = dict.fromkeys(said, "superseded")
    standing = {
        index: what
        for index, what in said.items()
        if not times[index]
        or times[index] >= taken_back.get((reading.answers[index].person, reading.answers[index].record_id), "")
    }
    whys |= judge(reading.answers, reading.faults, standing, times)
    found = []
    for index, why in whys.items():
        answer, (decision, reason) = reading.answers[index], said[index]
        about = (answer.record_id, aliases.get(answer.record_id, ""), answer.person, decision, reason)
        if decision == "duplicate" and reason == about[1]:
            why = why or "merged"  # deduplication found the two by itself: the votes on the report hold
        place = (answer.value("note"), answer.file, answer.row)
        found.append(Vote(*about, *place, times[index], answer.tool, why))
    return sorted(found, key=lambda vote: (vote.record_id, vote.person, bool(vote.why), vote.time, vote.file, vote.row))


def _vote(answer: Answer, reasons: list[str], aliases: Mapping[str, str], faults: list[Fault]) -> tuple[str, str]:
    before = len(faults)
    decision = chosen(answer, "decision", DECISIONS[answer.kind], faults, synonyms())
    if answer.kind.startswith("title_abstract"):  # where no reason is required, any that is said is kept
        given = " ".join(answer.value("reason").split())
        reason = next((one for one in reasons if one.casefold() == given.casefold()), given)
    else:
        reason = chosen(answer, "reason", reasons, faults)
    if len(faults) > before:
        return "", ""
    if reason and not decision and answer.tool not in TOOLS:
        faults.append(answer.fault("reason", "a reason for exclusion, but no decision", "Decide, or clear the reason"))
        return "", ""
    if answer.kind.startswith("full_text"):
        if decision == "exclude" and not reason:
            faults.append(answer.fault("reason", "an exclusion without a reason", "Choose the primary reason"))
            return "", ""
        if reason and decision != "exclude":
            problem = f"a reason for exclusion, but the decision is '{decision or 'blank'}'"
            faults.append(answer.fault("reason", problem, "Clear the reason, or decide 'exclude'"))
            return "", ""
        other = answer.value("duplicate_of")
        if decision == "duplicate" and (other not in aliases or other == answer.record_id):
            problem = f"'{other[:60]}' is no other record of this review" if other else "a duplicate of no report"
            remedy = "Write the record_id of the other report into 'duplicate_of'"
            faults.append(answer.fault("duplicate_of" if other else "decision", problem, remedy))
            return "", ""
        if other and decision != "duplicate":
            problem = f"a report is named, but the decision is '{decision or 'blank'}'"
            faults.append(answer.fault("duplicate_of", problem, "Clear the cell, or decide 'duplicate'"))
            return "", ""
        return decision, aliases[other] if other else reason
    return decision, reason


def _time(answer: Answer, faults: list[Fault]) -> str:
    given = answer.value("time")
    if not given:
        return ""
    try:
        return utc(given)
    except (ValueError, OverflowError):
        problem = f"'{given[:40]}' is not a time, so the vote counts as one without"
        faults.append(answer.fault("time", problem, "Write it as 2026-11-24 10:30:00, or clear it"))
        return ""


def utc(text: str) -> str:
    """A time as 2026-11-24T10:30:00Z. One without a zone is taken as UTC. Raises ValueError or OverflowError."""
    text = text.strip().removesuffix("UTC").strip()
    time = datetime.datetime.fromisoformat(text)
    time = time.replace(tzinfo=time.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    return time.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def log_rows(stage: str, cast: Iterable[Vote], digests: Mapping[str, str]) -> list[list[object]]:
    """The rows of LOG_COLUMNS for these votes; "dormant": no search holds the record. `digests`: file -> sha256."""
    rows = []
    for vote in cast:
        about = [vote.record_id, vote.report_id, stage, vote.person, vote.decision, vote.reason, vote.note]
        why = vote.why or ("" if vote.report_id else "dormant")
        rows.append([*about, vote.time, vote.tool, vote.file, digests[vote.file], vote.row, not why, why])
    return rows


def one_person_twice(kind: str, cast: Iterable[Vote], digests: Mapping[str, str]) -> tuple[list[Fault], set[str]]:
    """Faults for files of different people that are the same byte for byte, and the paths of those that do not count.

    Two people who decide alike on a few records may well save the same CSV: without times this is told of ALIKE votes
    or more, and both count. A CSV of the screening page holds the second of each decision, a workbook when it was
    saved: then one of them is a copy, and neither counts.
    """
    of_file: dict[str, set[str]] = {}
    length: Counter[str] = Counter()
    timed: set[str] = set()
    for vote in cast:
        of_file.setdefault(vote.file, set()).add(vote.person)
        length[vote.file] += 1
        if vote.time or not vote.file.lower().endswith(".csv"):
            timed.add(vote.file)
    same: dict[str, list[str]] = {}
    for file, people in sorted(of_file.items()):
        if len(people) == 1:
            same.setdefault(digests[file], []).append(file)
    faults, copied = [], set()
    for files in same.values():
        people = sorted({person for file in files for person in of_file[file]})
        if len(people) < 2 or (timed.isdisjoint(files) and length[files[0]] < ALIKE):
            continue
        for file in files:
            (person,) = of_file[file]
            others = ", ".join(other for other in files if other != file)
            problem = f"this file is the same, byte for byte, as {others}"
            remedy = "If one is a copy, delete it"
            if file in timed:
                problem += ": one person's answers under two names, so neither counts"
                copied.add(file)
            else:
                problem += "; both count"
                remedy += "; if both really decided alike, write a note into one of them"
            faults.append(Fault(kind, person, file, "", "", "", problem, remedy))
    return faults, copied
