"""Issuing forms: the next round of each kind, for each person, when it is due."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.forms import forgotten, held, issue
from prismake.publish import read_csv
from prismake.rounds import Plan, active, plan, write_plans
from prismake.screening.page import draw_page
from prismake.screening.pilot import issued_pilots, pilot_agreement, plan_pilot
from prismake.screening.policy import people_needed
from prismake.screening.ranking import mixed
from prismake.screening.reports import read_about, read_aliases, read_reports
from prismake.screening.sheets import DECISIONS, offered_reasons, report_row, workbook
from prismake.spreadsheet import read_workbook

Extra = Mapping[str, Mapping[str, Any]]  # report id -> more cells of its row


def issue_screening(
    stage: str,
    config: dict[str, Any],
    unique: Path,
    clusters: Path,
    folder: Path,
    *,
    ranking: Path | None = None,
    unscreened: Path | None = None,
) -> None:
    """The next rounds of title/abstract or full text, and of their conflicts for the adjudicator.

    `folder` holds the stage's votes.csv, decisions.csv and agreement.csv; issued.csv and waiting.csv are written there.
    With a ranking (ranking.csv), rounds after the pilot follow it, random reports mixed in. The reports in `unscreened`
    (unscreened.csv) are not asked for any more, in forms that were issued either.
    """
    screening = config["screening"]
    aliases = read_aliases(clusters)
    votes: dict[str, list[dict[str, str]]] = {}
    voted: dict[str, set[str]] = {}
    for vote in read_csv(folder / "votes.csv"):
        if vote["stage"] == stage:
            votes.setdefault(vote["report_id"], []).append(vote)
            voted.setdefault(vote["person"], set()).add(vote["report_id"])
    decisions = {row["report_id"]: row for row in read_csv(folder / "decisions.csv")}
    left_out = {row["report_id"] for row in read_csv(unscreened)} if unscreened else set()
    pending = [report for report, row in decisions.items() if row["state"] == "pending" and report not in left_out]
    lost = map(Path, forgotten(folder / "issued.csv"))
    known = {"people": active(screening["people"]), "held": _held(stage, aliases), "voted": voted}
    rounds = plan_pilot(
        pending,
        issued_pilots(stage, aliases),
        **known,
        size=screening["pilot"] if stage == "title_abstract" else 0,
        gate=screening.get("pilot_kappa"),
        measured=pilot_agreement(read_csv(folder / "agreement.csv")),
        asking={form.parent.name for form in lost if form.name.startswith(f"{stage}.")},
    ) or plan(
        pending,
        **known,
        needed={
            report: people_needed(
                screening["policy"],
                screening["reviewers_per_record"],
                {vote["decision"] for vote in votes.get(report, ())},
            )
            for report in pending
        },
        round_size=screening["round_size"],
        order=mixed([row["record_id"] for row in read_csv(ranking)], screening["ranking"]["random"]) if ranking else (),
    )
    conflicts = [report for report, row in decisions.items() if row["state"] == "conflict"]
    kind = f"{stage}_conflicts"
    plans = {stage: rounds, kind: _for_owner(kind, config, screening["adjudicator"], conflicts, aliases)}
    open_for = {stage: lambda person: set(pending) - voted.get(person, set()), kind: lambda person: conflicts}
    shown = {report: {"votes": "\n".join(map(_tell, votes.get(report, ())))} for report in conflicts}
    _issue(plans, open_for, config, unique, aliases, shown, folder)


def _tell(vote: Mapping[str, str]) -> str:
    """A vote as the adjudicator sees it: who said what, the reason, the note."""
    said = f"{vote['person']}: {vote['decision']}" + (f" ({vote['reason']})" if vote["reason"] else "")
    return f"{said}, “{vote['note']}”" if vote["note"] else said


def issue_sheet(
    kind: str, config: dict[str, Any], unique: Path, clusters: Path, table: Path, settled: bool, folder: Path
) -> None:
    """The next retrieval or studies sheet for its owner: what is pending in `table` (retrieval.csv or studies.csv).

    A sheet follows when the one before is done or, once all that comes before is `settled`, with all that
    remains: so it is not issued anew for every single report.
    """
    pending, extra = [], {}
    for row in read_csv(table):
        if row.get("outcome") == "pending" or row.get("checked") == "0":
            pending.append(row["report_id"])
            extra[row["report_id"]] = {"study": row.get("study_id", ""), "why": row.get("why", "")}
    aliases = read_aliases(clusters)
    sheet = _for_owner(kind, config, config[kind]["owner"], pending, aliases, at_once=settled)
    _issue({kind: sheet}, {kind: lambda person: pending}, config, unique, aliases, extra, folder)


def _for_owner(
    kind: str,
    config: dict[str, Any],
    owner: str,
    pending: list[str],
    aliases: Mapping[str, str],
    *,
    at_once: bool = False,
) -> Plan:
    """The next sheet of a kind that has one owner: what is pending and not in a sheet of theirs."""
    left = "until" in config["screening"]["people"][owner]
    return plan(
        pending,
        people={} if left else {owner: 1.0},
        held={owner: _held(kind, aliases).get(owner, set())},
        voted={},
        needed=1,
        round_size=config["screening"]["round_size"],
        at_once=at_once,
    )


def _held(kind: str, aliases: Mapping[str, str]) -> dict[str, set[str]]:
    """Per person the reports in their forms of this kind, found through the ids that were issued."""
    return {person: {aliases[i] for i in ids if i in aliases} for person, ids in held(kind, _ids_in).items()}


def _ids_in(path: Path) -> list[str]:
    """The record ids in a form without a log entry; none when it cannot be opened (its reader reports that)."""
    try:
        sheets = read_workbook(path).sheets.values()
    except PrismakeError:
        return []
    rows = [row.cells for sheet in sheets if "record_id" in sheet.columns for row in sheet.rows]
    return [cells["record_id"].value for cells in rows if "record_id" in cells]


def _issue(
    plans: Mapping[str, Plan],
    open_for: Mapping[str, Callable[[str], Collection[str]]],
    config: dict[str, Any],
    unique: Path,
    aliases: Mapping[str, str],
    extra: Extra,
    out: Path,
) -> None:
    reports = read_reports(unique) if any(planned.now for planned in plans.values()) else {}
    about = read_about(out.parent)
    title = config["review"]["title"]
    for kind, planned in plans.items():
        reasons = offered_reasons(kind, config["screening"])
        for person, ids in sorted(planned.now.items()):
            rows = [{**report_row(reports[report]), **about.get(report, {}), **extra.get(report, {})} for report in ids]
            make = partial(_workbook, kind, rows, reasons, title)
            page = partial(_page, kind, rows, reports, config) if kind in DECISIONS else None
            issue(kind, person, ids, make, planned.pilot, page)
    whom = "reviewer" if len(plans) > 1 else "owner of the sheet"
    write_plans(plans, open_for, _ids_in, aliases, whom, out)


def _workbook(kind: str, rows: list[dict[str, Any]], reasons: list[str], title: str, meta: dict[str, str]) -> bytes:
    return workbook(kind, rows, reasons=reasons, meta={"review": title, **meta})


def _page(
    kind: str, rows: list[dict[str, Any]], reports: Mapping[str, Mapping[str, Any]], config: dict[str, Any], form: Path
) -> bytes:
    return draw_page(form, kind, rows, reports, config).encode()
