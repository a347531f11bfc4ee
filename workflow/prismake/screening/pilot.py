"""The pilot: a first round that is the same for everybody, so that they can see how well they agree before going on.

With a gate (screening.pilot_kappa), nobody gets a further round until people agree well enough in one pilot round.
When a pilot that everybody has decided stays below the gate, another pilot of the same size follows, with new records.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from prismake.forms import log
from prismake.rounds import Plan, shuffled

Pilots = dict[int, dict[str, set[str]]]  # number of the pilot -> person -> reports in their form


def issued_pilots(kind: str, aliases: Mapping[str, str]) -> Pilots:
    """The pilot rounds that were issued, by their number, in its order; `aliases` give the report of an id."""
    pilots: Pilots = {}
    for entry in sorted(log(), key=lambda entry: entry.pilot):
        if entry.kind == kind and entry.pilot:
            reports = {aliases[record_id] for record_id in entry.ids if record_id in aliases}
            pilots.setdefault(entry.pilot, {}).setdefault(entry.person, set()).update(reports)
    return pilots


def pilot_of(pilots: Pilots) -> dict[str, int]:
    """The number of the pilot that a report was in."""
    return {report: number for number, held in pilots.items() for reports in held.values() for report in reports}


def awaited(pilots: Pilots, people: Iterable[str]) -> dict[str, set[str]]:
    """By report, those of these people who have it in a pilot: all of them decide it."""
    waiting: dict[str, set[str]] = {}
    for held in pilots.values():
        for person in people:
            for report in held.get(person, ()):
                waiting.setdefault(report, set()).add(person)
    return waiting


def pilot_agreement(rows: Iterable[Mapping[str, str]]) -> dict[int, Mapping[str, str]]:
    """By pilot the row of an agreement.csv that tells of all people: the last one of its round."""
    return {int(row["round"].split()[1]): row for row in rows if row["round"].startswith("pilot ")}


def plan_pilot(
    pending: list[str],
    pilots: Pilots,
    *,
    people: Iterable[str],
    held: Mapping[str, set[str]],
    voted: Mapping[str, set[str]],
    size: int,
    gate: float | None,
    measured: Mapping[int, Mapping[str, Any]],
    asking: Collection[str] = (),
) -> Plan | None:
    """The next forms while the pilot phase lasts; None once it is over, or when there is none.

    measured: by pilot, its row of the table of agreement (agreement.COLUMNS). An undefined kappa passes the gate: it
    means that everybody said the same of everything. With fewer than two people there is nothing to measure.
    asking: people who lost a form and want a blank one: of the last pilot they get the same reports again.
    """
    people, left = list(people), set(pending)
    if not size or (not pilots and any(voted.values())):
        return None
    done = {number for number, held_then in pilots.items() if not _open(held_then, people, left, voted)}
    number = max(pilots, default=0)
    again = [person for person in people if person in asking and number and person not in pilots[number]]
    if again:
        done.discard(number)
    gated = gate is not None and len(people) > 1
    gated = gated and not any(n in done and _passes(row, gate) for n, row in measured.items())
    if not pilots or (gated and number in done):
        taken = set().union(*held.values()) if pilots else set()
        number, current = number + 1, set(shuffled(left - taken)[:size])
    else:
        current = set().union(*pilots[number].values())
    begun = any(current & reports for reports in voted.values())
    if not current or (begun and not gated and not again):
        return None
    plan = Plan(pilot=number)
    # A pilot that somebody has begun is not given to people who join.
    missing = {person: shuffled(current - held.get(person, set())) for person in (again if begun else people)}
    plan.now = {person: reports for person, reports in missing.items() if reports}
    if later := len(left - current):
        plan.later = dict.fromkeys(people, later)
    if gated:
        plan.once = _remedy({number: row for number, row in measured.items() if number in done}, gate)
    return plan


def _open(
    held: Mapping[str, set[str]], people: Iterable[str], pending: set[str], voted: Mapping[str, set[str]]
) -> bool:
    """Whether one of these people has yet to decide on something in this pilot."""
    return any((held.get(person, set()) & pending) - voted.get(person, set()) for person in people)


def _passes(row: Mapping[str, Any], gate: float) -> bool:
    return not row["kappa"] or float(row["kappa"]) >= gate


def _remedy(measured: Mapping[int, Mapping[str, Any]], gate: float) -> str:
    """What the next round waits for, and what to do."""
    wanted = f"issued once kappa in a pilot reaches {gate:g} (screening.pilot_kappa)"
    if not measured:
        return wanted
    number, row = max(measured.items())
    return (
        f"{wanted}; in pilot {number} it is {row['kappa']} on {row['both']} records. Talk over where you differ, then "
        "decide the new pilot; or correct decisions that were mistakes, or lower the gate"
    )
