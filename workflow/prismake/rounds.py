"""Who gets which report, and when the next round is due.

Every report goes to as many people as the protocol asks. Who: the people with the highest weighted hash of person
and report (rendezvous hashing), so that a choice once made stays when others join or leave. A report that a person
holds, or has voted on, is never given to them again; what a person who left did not decide goes to others.
"""

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prismake.forms import complete, files, holder, log, well_named
from prismake.publish import read_csv, write_csv

ISSUED_COLUMNS = ["stage", "person", "file", "rows", "pending"]
WAITING_COLUMNS = ["stage", "person", "what", "count", "file"]


@dataclass
class Plan:
    """What to issue now, what waits for a person's next round and until when, and what nobody can take."""

    now: dict[str, list[str]] = field(default_factory=dict)  # person -> report ids
    later: dict[str, int] = field(default_factory=dict)  # person -> number of reports
    once: str = "issued once this one is done"
    short: list[str] = field(default_factory=list)  # reports that too few people can screen
    pilot: int = 0  # number of the pilot that `now` is, 0 for any other round


def active(people: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """The people who screen and have not left, with their shares."""
    return {person: entry["share"] for person, entry in people.items() if entry["share"] > 0 and "until" not in entry}


def plan(
    reports: list[str],
    *,
    people: Mapping[str, float],
    held: Mapping[str, set[str]],
    voted: Mapping[str, set[str]],
    needed: int | Mapping[str, int],
    round_size: int,
    at_once: bool = False,
    order: Sequence[str] = (),
) -> Plan:
    """Plan the next round. `held` and `voted` give report ids per person, people who left among them.

    `needed` people for every report, or for each its own number. A person gets a round once everything in their earlier
    ones is decided, or, `at_once`, whenever something waits.
    Rounds are shuffled, or follow `order` (reports it lacks come last): then what another person holds already goes
    before the rest, so that people decide on the same reports soon. Who gets a report never depends on it.
    """
    result = Plan()
    queue = shuffled(reports)
    if order:
        place = {report: number for number, report in enumerate(order)}
        begun = set().union(*held.values())
        queue.sort(key=lambda report: (report not in begun, place.get(report, len(place))))
    queues: dict[str, list[str]] = {person: [] for person in people}
    for report in queue:
        covered = {p for p, ids in voted.items() if report in ids}
        covered |= {p for p in people if report in held.get(p, ())}
        missing = (needed if isinstance(needed, int) else needed[report]) - len(covered)
        if missing <= 0:
            continue
        ranked = sorted((p for p in people if p not in covered), key=lambda p: (-_weight(p, report, people[p]), p))
        for person in ranked[:missing]:
            queues[person].append(report)
        if len(ranked) < missing:
            result.short.append(report)
    wanted = set(reports)
    for person, queue in queues.items():
        is_open = (held.get(person, set()) & wanted) - voted.get(person, set())
        if not queue:
            continue
        if is_open and not at_once:
            result.later[person] = len(queue)
            continue
        result.now[person] = queue[:round_size]
        if len(queue) > round_size:
            result.later[person] = len(queue) - round_size
    return result


def _weight(person: str, report: str, share: float) -> float:
    digest = hashlib.sha256(f"{person}\0{report}".encode()).digest()
    uniform = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)
    return -share / math.log(uniform)


def shuffled(ids: Iterable[str]) -> list[str]:
    """Ids in an order that is random but always the same, so that a pilot is a fair sample of all sources."""
    return sorted(ids, key=lambda item: (hashlib.sha256(item.encode()).digest(), item))


def write_plans(
    plans: Mapping[str, Plan],
    open_for: Mapping[str, Callable[[str], Collection[str]]],
    ids_in: Callable[[Path], list[str]],
    aliases: Mapping[str, str],
    whom: str,
    out: Path,
) -> None:
    """issued.csv and waiting.csv in `out`: the forms of these kinds that were ever issued, and what waits.

    open_for: per kind, what a person still has to decide (report or study ids). ids_in: the ids in a form without a
    log entry. aliases: id in a form -> report id. whom: who is missing when too few people are there,
    other than an adjudicator.
    """
    waiting = []
    for kind, planned in plans.items():
        complete(kind)
        later = f"more in later rounds, the next {planned.once}"
        waiting += [[kind, person, later, count, ""] for person, count in planned.later.items()]
        if planned.short:
            who = "adjudicator" if kind.endswith(("_conflicts", "_consensus")) else whom
            what = f"need another {who}: add or name somebody in config/config.yaml"
            waiting.append([kind, "", what, len(planned.short), ""])
    forms = [(entry.kind, entry.person, entry.path, entry.ids) for entry in log() if entry.kind in plans]
    named = {(person, path.stem) for _, person, path, _ in forms}
    for kind in plans:
        for path in files(kind):
            person = holder(path, kind)
            if well_named(path, kind) and (person, path.stem) not in named and _is_original(path):
                forms.append((kind, person, path, tuple(ids_in(path))))
    issued = []
    for kind, person, path, ids in forms:
        still_open = {aliases.get(i, i) for i in ids} & set(open_for[kind](person))
        issued.append([kind, person, path.as_posix(), len(ids), len(still_open)])
    write_csv(out / "waiting.csv", WAITING_COLUMNS, waiting)
    write_csv(out / "issued.csv", ISSUED_COLUMNS, sorted(issued))


def _is_original(path: Path) -> bool:
    """Whether a form is not a copy that a sync service or a person made ("... (1).xlsx")."""
    return path.stem.rsplit(".", 1)[-1].isdigit()


def is_settled(tables: list[Path]) -> bool:
    """Whether nothing is pending or in conflict in these tables of decisions.

    A table that holds report ids and nothing else (unscreened.csv) names reports that are left out for good.
    """
    rows = [row for table in tables for row in read_csv(table)]
    left_out = {row["report_id"] for row in rows if row.keys() == {"report_id"}}
    states = (row.get("state") or row.get("outcome") or row.get("checked") for row in rows)
    waits = (state in ("pending", "conflict", "0") for state in states)
    return not any(row["report_id"] not in left_out for row, wait in zip(rows, waits, strict=True) if wait)
