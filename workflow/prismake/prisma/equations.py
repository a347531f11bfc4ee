"""The equations of a PRISMA 2020 flow, H1-H17, as named checks on its boxes.

They need counts only, so that numbers typed by hand are checked too; where boxes hold ids, the ids are compared as
well (H17), and with the ledger at hand every record and report is accounted for (H4, H17). A box that is absent counts
as 0; an equation whose own boxes are absent is not listed. Hard equations must hold; a soft one can break for a good
reason (one record leads to several reports, a report has several studies) and is a warning until someone explains it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from prismake.errors import PrismakeError
from prismake.prisma.box_table import OF_EARLIER_STUDIES, OTHER_IDENTIFIED, PENDING, Boxes, pending_reasons

if TYPE_CHECKING:  # the ledger needs polars, which a check of typed numbers should not wait for
    from prismake.prisma.ledger import Ledger

TYPED_HINT = "Correct the counts and try again; nothing was drawn."
LEDGER_HINT = "This should never happen: delete results/ and run the workflow again; if it stays, report it as a fault."

# What each says, and whether a broken one stops the run.
NAMES = {
    "H1": ("hard", "Every count is a whole number, 0 or more"),
    "H2": ("hard", "A box with lines is the sum of its lines; databases and registers are the sum of their sources"),
    "H3": ("hard", "Records screened = records identified in databases and registers - records removed before"),
    "H4": (
        "hard",
        "Duplicates = records from databases and registers - the reports they are about (new ones in an update)",
    ),
    "H5": ("soft", "Reports sought = records screened - excluded - not yet decided"),
    "H6": ("hard", "Reports assessed = reports sought - not retrieved - not yet retrieved"),
    "H7": ("hard", "By other methods: reports assessed = reports sought - not retrieved - not yet retrieved"),
    "H8": ("hard", "Reports excluded with a reason are not more than the reports assessed"),
    "H9": (
        "hard",
        "Reports included = reports assessed - excluded - ongoing - awaiting classification - not yet decided",
    ),
    "H10": ("soft", "Studies included are not more than their reports, and there are some when there are reports"),
    "H11": ("soft", "Reports sought by other methods are what those methods found and what was not removed before"),
    "H12": ("soft", "Total = previous version of the review + this version"),
    "H13": ("soft", "There are not more studies than reports of them"),
    "H14": ("hard", "The meta-analysis has not more studies and reports than the review"),
    "H15": ("hard", "Records excluded = excluded by people + excluded by automation"),
    "H16": ("soft", "Nothing is waiting for a decision"),
    "H17": ("hard", "Every record and every report is in exactly one place, and every box counts what is in it"),
}
# total = the sum of `plus` - the sum of `minus`
BALANCES: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "H3": (
        "records_screened",
        ("database_results", "register_results"),
        ("duplicates", "excluded_automatic", "excluded_other"),
    ),
    "H5": ("dbr_sought_reports", ("records_screened",), ("records_excluded", "pending_screening", "in_conflict")),
    "H6": ("dbr_assessed", ("dbr_sought_reports",), ("dbr_notretrieved_reports", "pending_retrieval")),
    "H7": ("other_assessed", ("other_sought_reports",), ("other_notretrieved_reports", "other_pending_retrieval")),
    "H9": (
        "new_reports",
        ("dbr_assessed", "other_assessed"),
        (
            *["dbr_excluded", "dbr_ongoing", "dbr_awaiting", "pending_eligibility"],
            *["other_excluded", "other_ongoing", "other_awaiting", "other_pending_eligibility"],
        ),
    ),
    "H11": ("other_sought_reports", OTHER_IDENTIFIED, ("other_removed", "other_pending_screening")),
}
# Soft equations that may be broken for a reason; H16 needs none, what it counts makes the flow a draft.
EXPLAINABLE = ("H5", "H10", "H11", "H12", "H13")
SPECIFIC = {"database_results": "database_specific_results", "register_results": "register_specific_results"}
# Where reports end, each in one of these, and where records do; the ids of boxes are of the one kind or the other.
LAST_OF_REPORTS = (
    *["records_excluded", "dbr_notretrieved_reports", "dbr_excluded", "dbr_ongoing", "dbr_awaiting"],
    *["other_notretrieved_reports", "other_excluded", "other_ongoing", "other_awaiting", "new_reports", *PENDING],
)
LAST_OF_RECORDS = ("duplicates", "excluded_automatic", "excluded_other", "other_removed")


@dataclass(frozen=True)
class Equation:
    id: str
    kind: str  # hard or soft
    text: str  # what it says
    holds: bool
    detail: str  # its numbers
    ids: tuple[str, ...] = ()  # the records or reports that break it, when they are known
    explanation: str = ""  # why it may be broken, in somebody's words

    @property
    def status(self) -> str:
        """passed, failed (a hard one), warned or explained."""
        if self.holds:
            return "passed"
        return "failed" if self.kind == "hard" else "explained" if self.explanation else "warned"

    def as_dict(self) -> dict[str, Any]:
        """As in flow.json; ids that break it are in the detail."""
        told = {"id": self.id, "kind": self.kind, "text": self.text, "holds": self.holds, "status": self.status}
        return told | {"detail": self.detail, "explanation": self.explanation}


class Part(NamedTuple):
    """One of the statements that an equation consists of."""

    holds: bool
    detail: str
    ids: tuple[str, ...] = ()


def check(
    boxes: Boxes, ledger: "Ledger | None" = None, explanations: Mapping[str, str] = MappingProxyType({})
) -> list[Equation]:
    """Those of H1-H17 that the boxes (and the ledger) allow to check, in order. When H1 breaks, H1 alone.

    `explanations`: why equations are broken, by their ids.
    """
    counts = _counts(boxes)
    if not all(part.holds for part in counts):
        return [_equation("H1", counts)]
    parts = {"H1": counts, **{id: _balance(boxes, *BALANCES[id]) for id in ("H3", "H5", "H6", "H7", "H9")}}
    parts["H2"] = _lines(boxes)
    parts["H8"] = [
        _at_most(boxes, f"{column}_excluded", f"{column}_assessed")
        for column in ("dbr", "other")
        if {f"{column}_excluded", f"{column}_assessed"} <= boxes.keys()
    ]
    parts["H10"] = _studies(boxes)
    # Without other_removed, which the official template does not have, what was dropped before retrieval is unknown.
    parts["H11"] = _balance(boxes, *BALANCES["H11"], at_most="other_removed" not in boxes)
    parts["H12"] = [
        part
        for unit in ("studies", "reports")
        for part in _balance(boxes, f"total_{unit}", (f"previous_{unit}", f"new_{unit}"), ())
    ]
    parts["H13"] = _pairs(boxes, [(f"{of[0]}_studies{of[1]}", f"{of[0]}_reports{of[1]}") for of in _GROUPS])
    wholes = {unit: f"{'total' if f'total_{unit}' in boxes else 'new'}_{unit}" for unit in ("studies", "reports")}
    parts["H14"] = _pairs(boxes, [(f"total_{unit}_ma", whole) for unit, whole in wholes.items()])
    parts["H15"] = _sum_of_items(boxes, "records_excluded")
    waiting = pending_reasons(boxes)
    parts["H16"] = [Part(not waiting, "; ".join(waiting) or "nothing is pending")]
    parts["H17"] = _identities(boxes)
    if ledger is not None:
        parts["H4"] = _merged(boxes, ledger)
        parts["H17"] += _places(boxes, ledger)
    return [_equation(id, parts[id], explanations.get(id, "")) for id in NAMES if parts.get(id)]


_GROUPS = (("previous", ""), ("total", ""), ("total", "_ma"))


def assert_hard(
    equations: Iterable[Equation],
    *,
    place: str = "",
    hint: str = TYPED_HINT,
    lines: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Raises PrismakeError naming every hard equation that is broken, with its numbers and the ids that break it.

    `lines` says by box where its number stands in the file.
    """
    broken = [f"{e.id} ({e.text}): {e.detail}" for e in equations if e.status == "failed"]
    if broken:
        where = [line for name, line in lines.items() if any(re.search(rf"\b{name}\b", text) for text in broken)]
        hint = f"{hint} The numbers stand here: {', '.join(where)}." if where else hint
        raise PrismakeError("the numbers of the flow do not agree: " + ". ".join(broken), place=place, hint=hint)


def _equation(id: str, parts: list[Part], explanation: str = "") -> Equation:
    kind, text = NAMES[id]
    broken = [part for part in parts if not part.holds]
    detail = "; ".join(part.detail + _listed(part.ids) for part in broken or parts)
    ids = tuple(id for part in broken for id in part.ids)
    return Equation(id, kind, text, not broken, detail, ids, explanation if broken else "")


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
    return f" [{', '.join(ids[:10])}{more}]" if ids else ""


def _counts(boxes: Boxes) -> list[Part]:
    parts = []
    for name, box in boxes.items():
        named = [(name, box["n"]), *((f"{name}, {item['label']}", item["n"]) for item in box.get("items") or [])]
        parts += [
            Part(False, f"{of} is {n!r}") for of, n in named if not isinstance(n, int) or isinstance(n, bool) or n < 0
        ]
    return parts or [Part(True, f"{len(boxes)} boxes")]


def _n(boxes: Boxes, name: str) -> int:
    return boxes[name]["n"] if name in boxes else 0


def _balance(
    boxes: Boxes, total: str, plus: Sequence[str], minus: Sequence[str], *, at_most: bool = False
) -> list[Part]:
    """Whether total = plus - minus (or at most that). Nothing when the total or all of `plus` are absent."""
    if total not in boxes or not any(name in boxes for name in plus):
        return []
    n, expected = _n(boxes, total), sum(_n(boxes, name) for name in plus) - sum(_n(boxes, name) for name in minus)
    terms = [(" + ", name) for name in plus if name in boxes] + [(" - ", name) for name in minus if name in boxes]
    if n == expected or (at_most and n < expected):
        numbers = "".join(f"{sign}{_n(boxes, name)}" for sign, name in terms)
        return [Part(True, f"{n} {'=' if n == expected else '<='} {numbers.removeprefix(' + ')}")]
    named = "".join(f"{sign}{name} {_n(boxes, name)}" for sign, name in terms).removeprefix(" + ")
    absent = [name for name in (*plus, *minus) if name not in boxes and name not in PENDING]
    counted = f" (not given, so counted as 0: {', '.join(absent)})" if absent else ""
    return [Part(False, f"{total} is {n}, but {named} = {expected}: {_off(n, expected)}{counted}")]


def _off(n: int, expected: int) -> str:
    return f"{abs(n - expected)} too {'many' if n > expected else 'few'}"


def _at_most(boxes: Boxes, part: str, whole: str) -> Part:
    few, many = _n(boxes, part), _n(boxes, whole)
    if few <= many:
        return Part(True, f"{few} <= {many}")
    return Part(False, f"{part} is {few}, but {whole} is {many}: {few - many} too many")


def _pairs(boxes: Boxes, pairs: list[tuple[str, str]]) -> list[Part]:
    return [_at_most(boxes, part, whole) for part, whole in pairs if part in boxes and whole in boxes]


def _lines(boxes: Boxes) -> list[Part]:
    parts = [part for name in boxes if name != "records_excluded" for part in _sum_of_items(boxes, name)]
    for name, detail in SPECIFIC.items():
        n, added = _n(boxes, name), _n(boxes, detail)
        if name in boxes and detail in boxes and n != added:
            parts.append(Part(False, f"{name} is {n}, but {detail} add up to {added}: {_off(n, added)}"))
    return parts


def _sum_of_items(boxes: Boxes, name: str) -> list[Part]:
    items = [item["n"] for item in boxes.get(name, {}).get("items") or []]
    if not items:
        return []
    n, added = _n(boxes, name), " + ".join(map(str, items))
    if n == sum(items):
        return [Part(True, f"{name} {n} = {added}")]
    return [Part(False, f"{name} is {n}, but its lines {added} = {sum(items)}: {_off(n, sum(items))}")]


def _studies(boxes: Boxes) -> list[Part]:
    if not {"new_studies", "new_reports"} <= boxes.keys():
        return []
    if _n(boxes, "new_reports") and not _n(boxes, "new_studies"):
        if [item["label"] for item in boxes["new_reports"].get("items") or []] == [OF_EARLIER_STUDIES]:
            return [Part(True, f"all {_n(boxes, 'new_reports')} are of studies included before")]
        return [Part(False, f"new_reports is {_n(boxes, 'new_reports')}, but new_studies is 0")]
    return [_at_most(boxes, "new_studies", "new_reports")]


def _identities(boxes: Boxes) -> list[Part]:
    """Boxes as sets: n ids each, none twice; lines are disjoint parts of their box; steps are partitions."""
    parts = []
    with_ids = {name: box["ids"] for name, box in boxes.items() if box.get("ids") is not None}
    for name, ids in with_ids.items():
        if len(ids) != _n(boxes, name):
            parts.append(Part(False, f"{name} is {_n(boxes, name)}, but holds {len(ids)} ids"))
        parts += _broken(f"{name} holds ids twice", _repeated(ids))
        items = [item for item in boxes[name].get("items") or [] if item.get("ids") is not None]
        for item in items:
            if len(item["ids"]) != item["n"]:
                parts.append(Part(False, f"{name}, {item['label']} is {item['n']}, but holds {len(item['ids'])} ids"))
        lines = [id for item in items for id in item["ids"]]
        parts += _broken(f"lines of {name} share ids", _repeated(lines))
        parts += _broken(f"lines of {name} hold ids that the box lacks", set(lines) - set(ids))
    # At H3 and H11 the ids change from records to reports, the other steps are partitions.
    for total, plus, minus in (BALANCES[id] for id in ("H5", "H6", "H7", "H9")):
        after = [name for name in (total, *minus) if name in boxes]
        if total in boxes and any(name in boxes for name in plus) and _complete(boxes, [*after, *plus]):
            before = {id for name in plus for id in with_ids.get(name, [])}
            there = [id for name in after for id in with_ids.get(name, [])]
            parts += _broken(f"in more than one of {', '.join(after)}", _repeated(there))
            parts += _broken(f"in {' or '.join(plus)}, and not in one of {', '.join(after)}", before - set(there))
            parts += _broken(f"in one of {', '.join(after)}, and not in {' or '.join(plus)}", set(there) - before)
    found = [id for name in (*SPECIFIC, *OTHER_IDENTIFIED) for id in with_ids.get(name, [])]
    removed = [id for name in LAST_OF_RECORDS for id in with_ids.get(name, [])]
    parts += _broken("identified in two places", _repeated(found))
    parts += _broken("removed twice before screening", _repeated(removed))
    if _complete(boxes, [*SPECIFIC, *OTHER_IDENTIFIED]):
        parts += _broken("removed, but not identified", set(removed) - set(found))
    ids_in_all = sum(map(len, with_ids.values()))
    return parts or ([Part(True, f"{len(with_ids)} boxes hold {ids_in_all} ids")] if with_ids else [])


def _complete(boxes: Boxes, names: Iterable[str]) -> bool:
    """Whether those of these boxes that are not empty have ids."""
    return all(boxes[name].get("ids") is not None for name in names if _n(boxes, name))


def _merged(boxes: Boxes, ledger: "Ledger") -> list[Part]:
    of_databases = ledger.records.filter(ledger.records["kind"].is_in(["database", "register"]))
    databases = of_databases.filter(of_databases["removed"] != "previously screened").height
    current = ledger.reports.filter(ledger.reports["state"] != "previously_screened")
    reports = current.filter(current["column"] == "databases").height
    n = _n(boxes, "duplicates")
    if n == databases - reports:
        return [Part(True, f"{n} = {databases} - {reports}")]
    return [Part(False, f"duplicates is {n}, but {databases} records - {reports} reports = {databases - reports}")]


def _places(boxes: Boxes, ledger: "Ledger") -> list[Part]:
    """Each record of the ledger is either removed once, or stands for a report that ends in one place."""
    removed = Counter(id for name in LAST_OF_RECORDS for id in boxes.get(name, {}).get("ids", []))
    ended = Counter(id for name in LAST_OF_REPORTS for id in boxes.get(name, {}).get("ids", []))
    found = {id for name in (*SPECIFIC, *OTHER_IDENTIFIED) for id in boxes.get(name, {}).get("ids", [])}
    kept: Counter[str] = Counter()
    misplaced, unidentified = [], []
    rows = ledger.records.select("record_id", "run_date", "report_id", "removed").iter_rows()
    for record_id, run_date, report_id, why in rows:
        key = f"{record_id}@{run_date}" if run_date else record_id
        is_kept = why not in ("duplicate", "re-found")
        kept[report_id] += is_kept
        if removed[key] + (ended[report_id] if is_kept else 0) != 1:
            misplaced.append(key)
        if key not in found:
            unidentified.append(key)
    reports = ledger.reports["report_id"].to_list()
    parts = _broken("records that are not in exactly one place", misplaced)
    parts += _broken("records that no box of identification holds", unidentified)
    before = set(ledger.reports.filter(ledger.reports["state"] == "previously_screened")["report_id"])
    not_one = [id for id in reports if kept[id] != 1 and (id not in before or not kept[id])]
    parts += _broken("reports for which not exactly one record is kept", not_one)
    parts += _broken("reports in a box, but not in the ledger", set(ended) - set(reports))
    linked = set(ledger.report_study["report_id"].to_list())
    included = set(boxes.get("new_reports", {}).get("ids", []))
    parts += _broken(
        "included reports without a study, or reports with a study that are not included", linked ^ included
    )
    return parts or [Part(True, f"each of {ledger.records.height} records and {len(reports)} reports in one place")]


def _broken(what: str, ids: Iterable[str]) -> list[Part]:
    ids = tuple(sorted(ids))
    return [Part(False, f"{what}: {len(ids)}", ids)] if ids else []


def _repeated(ids: Iterable[str]) -> list[str]:
    return [id for id, times in Counter(ids).items() if times > 1]
