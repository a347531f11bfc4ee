"""Reports that people found at full text to be duplicates of others.

Such a report has the state "duplicate" and, as its reason, the report that it is a duplicate of. The PRISMA ledger puts
its records to those of the other report, so that they count among the duplicates; the votes on it stay as they are.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from prismake.errors import Fault
from prismake.screening.decide import Decision
from prismake.screening.votes import Vote

STATE = "duplicate"


def settle_duplicates(
    kind: str, decisions: list[Decision], votes: Iterable[Vote], read: Collection[str]
) -> tuple[list[Decision], list[Fault]]:
    """The decisions with the last report of each chain of duplicates; what leads to none is pending, with its faults.

    `read`: the reports in full text. A duplicate of a report that never came so far would hide that people decided
    on the two in different ways.
    """
    of = {decision.report_id: decision.reason for decision in decisions if decision.state == STATE}
    last: dict[str, str] = {}
    faults = []
    for report, other in of.items():
        seen = {report}
        while other in of and other not in seen:
            seen.add(other)
            other = of[other]
        if other in seen:
            problem = f"its duplicates lead in a circle ({', '.join(sorted(seen))}), so that none of them would be left"
            remedy = "Decide on one of them for itself"
        elif other not in read:
            problem = f"'{other}', of which it is said to be a duplicate, has not come to full text"
            remedy = (
                "Say on the retrieval sheet that it is retrieved; if it was excluded before, write a verdict 'same'"
            )
            remedy += " on the two into resources/deduplication, and the adjudicator decides on both"
        else:
            last[report] = other
            continue
        for vote in votes:
            if vote.report_id == report and vote.decision == STATE:
                place = (vote.person, vote.file, "", f"row {vote.row}", vote.record_id)
                faults.append(Fault(kind, *place, problem, remedy))
    settled = [
        replace(
            decision, state=STATE if decision.report_id in last else "pending", reason=last.get(decision.report_id, "")
        )
        if decision.report_id in of
        else decision
        for decision in decisions
    ]
    return settled, faults
