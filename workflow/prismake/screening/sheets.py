"""The layout of every screening form: its sheet, its columns and what it tells the person."""

from collections.abc import Iterable, Mapping
from typing import Any

from prismake.forms import check_value
from prismake.spreadsheet import Column, Sheet, write_workbook
from prismake.spreadsheet.text import clean

VERSION = "1"  # of these layouts; each form carries it
DECISIONS = {
    "title_abstract": ("include", "exclude", "maybe"),
    "title_abstract_conflicts": ("include", "exclude"),
    "full_text": ("include", "exclude", "ongoing", "awaiting classification", "duplicate"),
    "full_text_conflicts": ("include", "exclude", "ongoing", "awaiting classification", "duplicate"),
}
# "awaiting classification" is not retrieved as well, and may be eligible: it is listed as such.
OUTCOMES = ("retrieved", "not retrieved", "awaiting classification")
SHEETS = {
    "title_abstract": "Screening",
    "title_abstract_conflicts": "Conflicts",
    "full_text": "Screening",
    "full_text_conflicts": "Conflicts",
    "retrieval": "Retrieval",
    "studies": "Studies",
}
# The columns people fill in, by kind of form; the first one is what the row is issued for. ADDED: those that forms
# issued by an earlier version lack.
ANSWERS = {
    "title_abstract": ("decision", "note"),
    "title_abstract_conflicts": ("decision", "note"),
    "full_text": ("decision", "reason", "duplicate_of", "note"),
    "full_text_conflicts": ("decision", "reason", "duplicate_of", "note"),
    "retrieval": ("outcome", "tried", "date", "file", "note"),
    "studies": ("checked", "study", "note"),
}

ADDED = ("duplicate_of",)
_IF_ANY = ("free_full_text", "full_text", "notice")  # columns that are there when a row has something to show

_ABOUT = [
    "Fill in the tinted cells only, and save the file where it lies. The next run of the review reads it.",
    "A blank cell means: not decided yet. You can stop and go on at any time.",
    "Sort and filter as you like, but always whole rows: a row that is torn apart counts as not decided.",
]
TASKS = {
    "title_abstract": "Decide on title and abstract alone: include, exclude or maybe (maybe goes on to full text).",
    "title_abstract_conflicts": "These records were decided differently by the reviewers. Your decision is final.",
    "full_text": (
        "Decide on the full text. An exclusion needs one primary reason from the list. For a duplicate of another"
        " report, choose 'duplicate' and name the other one (in the spreadsheet, by its record_id in 'duplicate_of'):"
        " what is decided on that one holds for both."
    ),
    "full_text_conflicts": "These reports were decided differently by the reviewers. Your decision is final.",
    "retrieval": (
        "Write down what you tried to get each full text, when, and whether you got it. 'awaiting classification' is"
        " for one that you did not get and that may be eligible: it counts as not retrieved and is listed by that name."
    ),
    "studies": (
        "Say which study each report describes. The suggestion is filled in; correct it where it is wrong, write"
        " several studies with ; between them, and set 'checked' to yes."
    ),
}


def offered_reasons(kind: str, screening: Mapping[str, Any]) -> list[str]:
    """The reasons for exclusion that forms of this kind, or of this stage, offer; `screening` of the configuration."""
    return screening["reasons"] if kind.startswith("full_text") or screening["title_abstract_reasons"] else []


def _columns(kind: str, reasons: Iterable[str]) -> list[Column]:
    head = [Column("record_id", width=20), Column("title", width=52)]
    about = [
        Column("authors", width=24),
        Column("year", width=7, kind="integer"),
        Column("journal", width=20),
    ]
    link = Column("link", width=24, kind="link")
    free = Column("free_full_text", width=24, kind="link", help="Open to everybody, by the record's PMCID.")
    full_text = Column("full_text", width=28, help="Files of this report in resources/fulltext.")
    notice = Column("notice", width=28, help="What the records say of a retraction or correction.")
    note = Column("note", width=28, editable=True)
    check = Column("check", width=10, hidden=True)
    if kind in DECISIONS:
        decision = Column("decision", width=14, kind="choice", options=DECISIONS[kind], editable=True)
        needed = kind.startswith("full_text")
        reason = Column(
            "reason",
            width=26,
            kind="choice",
            options=tuple(reasons),
            editable=True,
            help=None if needed else "Of an exclusion; it may stay blank.",
        )
        duplicate_of = Column(
            "duplicate_of",
            width=20,
            editable=True,
            required_if=("decision", ("duplicate",)),
            help="The record_id of the report that this one is a duplicate of.",
        )
        votes = Column("votes", width=26)
        abstract = [Column("abstract", width=90)] if kind.startswith("title_abstract") else []
        return [
            *head,
            *abstract,
            *about,
            link,
            *([] if kind.startswith("title_abstract") else [free, full_text, notice]),
            *([votes] if kind.endswith("_conflicts") else []),
            decision,
            *([reason] if reasons else []),
            *([duplicate_of] if needed else []),
            note,
            check,
        ]
    if kind == "retrieval":
        return [
            *head,
            *about,
            link,
            free,
            full_text,
            notice,
            Column("tried", width=28, editable=True, help="Where you looked: publisher, repository, library, authors."),
            Column("date", width=12, kind="date", editable=True, help="Day of the last attempt, as 2026-11-24."),
            Column("outcome", width=14, kind="choice", options=OUTCOMES, editable=True),
            Column("file", width=24, editable=True, help="Name of the file, when it is kept in resources/fulltext."),
            note,
            check,
        ]
    return [
        *head,
        *about,
        notice,
        Column("registry_ids", width=18),
        Column("why", width=28, help="What the suggested study goes by."),
        Column("study", width=24, editable=True, help="A name per study, for example Okafor 2021; several with ;"),
        Column("checked", width=10, kind="choice", options=("yes",), editable=True),
        note,
        check,
    ]


def report_row(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows of a report (a row of unique.parquet)."""
    authors = report["authors"] or []
    link = f"https://doi.org/{report['doi']}" if report["doi"] else report["url"]
    if not link and report["pmid"]:
        link = f"https://pubmed.ncbi.nlm.nih.gov/{report['pmid']}/"
    title = clean(report["title"] or "(no title)")[:2000]
    return {
        "record_id": report["report_id"],
        "title": title,
        "abstract": report["abstract"],
        "authors": "; ".join(authors[:6]) + ("; et al." if len(authors) > 6 else ""),
        "year": report["year"],
        "journal": report["journal"],
        "link": link,
        "free_full_text": f"https://pmc.ncbi.nlm.nih.gov/articles/{report['pmcid']}/" if report["pmcid"] else None,
        "registry_ids": "; ".join(report["registry_ids"] or []),
        "check": check_value(report["report_id"], title),
    }


def workbook(kind: str, rows: list[dict[str, Any]], *, reasons: Iterable[str], meta: dict[str, str]) -> bytes:
    """The bytes of a form of this kind with these rows."""
    columns = [c for c in _columns(kind, reasons) if c.key not in _IF_ANY or any(row.get(c.key) for row in rows)]
    keys = {column.key for column in columns}
    shown = [{key: value for key, value in row.items() if key in keys} for row in rows]
    ids = [row["record_id"] for row in rows]
    # 500 ids to a cell: a cell holds 32,767 characters.
    issued = {f"ids {start + 1}": " ".join(ids[start : start + 500]) for start in range(0, len(ids), 500)}
    meta = {"form": f"{kind} {VERSION}", **meta, **issued}
    sheet = Sheet(SHEETS[kind], columns, shown)
    return write_workbook([sheet], instructions=[TASKS[kind], *_ABOUT], meta=meta)
