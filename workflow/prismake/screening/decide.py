"""From votes to decisions, for title/abstract and for full text.

How votes become a decision is the protocol's policy (policy.py). Two exclusions with different reasons are one
exclusion, for the reason that stands first in the protocol's list. The adjudicator's decision is final. People who
left keep their votes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from prismake.errors import Fault
from prismake.screening.policy import state
from prismake.screening.votes import Vote

DECISION_COLUMNS = {
    "title_abstract": ["report_id", "state", "reason", "by", "adjudicated", "votes"],
    "full_text": ["report_id", "state", "reason", "adjudicated", "votes"],
}


@dataclass(frozen=True)
class Decision:
    report_id: str
    state: str  # included, excluded, ongoing, awaiting_classification, duplicate, conflict, pending
    reason: str  # of an exclusion; of a duplicate, the report that it is a duplicate of
    adjudicated: bool
    votes: str


def decide(
    report_ids: Iterable[str],
    votes: list[Vote],
    adjudications: list[Vote],
    *,
    policy: str,
    reviewers: int,
    reasons: list[str],
    awaited: Mapping[str, Collection[str]],
    agreed: Iterable[Vote] = (),
) -> list[Decision]:
    """One decision per report, in the order given.

    reviewers: how many people the protocol asks per record. reasons: those of the protocol in their order; a reason
    that is none of them counts after them all, and without any no reason counts. awaited: by report, people who must
    have voted first.
    `agreed` are decisions that a team reached in another tool: each settles its report, unless the adjudicator did.
    """
    by_report, final, together = _by_report(votes), _by_report(adjudications), _by_report(agreed)
    decisions = []
    for report_id in report_ids:
        cast = by_report.get(report_id, [])
        last = final.get(report_id, together.get(report_id, []))
        became = state("strict", last, 1) if last else state(policy, cast, reviewers, awaited.get(report_id, ()))
        # On title and abstract an adjudicator need not name a reason: then what the reviewers named stands.
        reason = (_first_reason(last, reasons) or _first_reason(cast, reasons)) if became == "excluded" else ""
        if became == "duplicate":
            others = {vote.reason for vote in last or cast}
            became, reason = ("duplicate", others.pop()) if len(others) == 1 else ("conflict", "")
        shown = "; ".join(
            f"{vote.person}: {vote.decision}" + (f" ({vote.reason})" if vote.reason else "") for vote in [*cast, *last]
        )
        adjudicated = report_id in final and became != "conflict"
        decisions.append(Decision(report_id, became, reason, adjudicated, shown))
    return decisions


def contradictory(kind: str, adjudications: list[Vote]) -> list[Fault]:
    """Faults for records that an adjudicator decided differently and that were merged since: no form asks again."""
    faults = []
    for report_id, cast in _by_report(adjudications).items():
        if report_id and state("strict", cast, 1) == "conflict":
            rows = ", ".join(f"{vote.file} row {vote.row}: {vote.decision}" for vote in cast)
            problem = f"these decisions are on records of one report and contradict each other ({rows})"
            place = (cast[0].person, cast[0].file, "", f"row {cast[0].row}", cast[0].record_id)
            faults.append(Fault(kind, *place, problem, "Make them equal"))
    return faults


def _by_report(votes: Iterable[Vote]) -> dict[str, list[Vote]]:
    grouped: dict[str, list[Vote]] = {}
    for vote in votes:
        grouped.setdefault(vote.report_id, []).append(vote)
    return grouped


def _first_reason(cast: list[Vote], reasons: list[str]) -> str:
    given = {vote.reason for vote in cast if vote.reason and vote.decision == "exclude"} if reasons else set()
    return next((reason for reason in reasons if reason in given), min(given, default=""))
