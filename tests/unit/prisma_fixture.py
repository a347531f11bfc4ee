"""Small reviews for the tests of the ledger: made by hand or at random, as the tables that build_ledger takes."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from hypothesis import strategies as st

from prismake.prisma.ledger import DATABASE_KINDS, OTHER_KINDS, Ledger, build_ledger
from prismake.records import REPORT_SCHEMA, SCHEMA

SOURCES = [
    {"id": "pubmed", "label": "PubMed", "kind": "database"},
    {"id": "embase", "label": "Embase", "kind": "database"},
    {"id": "trials", "label": "A trials register", "kind": "register"},
    {"id": "citations", "label": "Citation searching", "kind": "citation"},
    {"id": "experts", "label": "Experts", "kind": "contact"},
]
REASONS = ["Wrong population", "Wrong outcome, or none; unclear", "Zero times"]


@dataclass
class Review:
    """records: (record_id, run_date); the part of a record_id before ":" is its source. clusters: record_id ->
    report_id, for those whose report is not their own."""

    records: list[tuple[str, str | None]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=lambda: SOURCES)
    clusters: dict[str, str] = field(default_factory=dict)
    filters: list[tuple[str, str]] = field(default_factory=list)
    title_abstract: dict[str, str] = field(default_factory=dict)
    retrieval: dict[str, str] = field(default_factory=dict)
    full_text: dict[str, tuple[str, str]] = field(default_factory=dict)
    studies: list[tuple[str, str, str]] = field(default_factory=list)

    def report_of(self, record_id: str) -> str:
        return self.clusters.get(record_id, record_id)

    @property
    def report_ids(self) -> list[str]:
        return list(dict.fromkeys(self.report_of(record_id) for record_id, _ in self.records))

    def decide(self, report_id: str, title_abstract: str, retrieval: str = "", full_text: str = "", reason: str = ""):
        self.title_abstract[report_id] = title_abstract
        if retrieval:
            self.retrieval[report_id] = retrieval
        if full_text:
            self.full_text[report_id] = (full_text, reason)

    def tables(self) -> dict[str, Any]:
        record_ids = list(dict.fromkeys(record_id for record_id, _ in self.records))
        rows = [(record_id, record_id.split(":")[0], run_date) for record_id, run_date in self.records]
        records = pl.DataFrame(rows, schema=["record_id", "source_id", "run_date"], orient="row", strict=False)
        unique = pl.DataFrame(
            [
                {"report_id": id, "title": f"Title of {id}", "authors": ["Doe, Ann", "Roe, Ben"]}
                for id in self.report_ids
            ],
            schema={name: REPORT_SCHEMA[name] for name in ("report_id", "title", "authors")},
        )
        return {
            "records": _complete(records, SCHEMA),
            "clusters": pl.DataFrame(
                [(id, id.split(":")[0], id.split(":")[1], self.report_of(id)) for id in record_ids],
                schema=dict.fromkeys(["record_id", "source_id", "source_record_id", "cluster_id"], pl.String),
                orient="row",
            ),
            "unique": _complete(unique, REPORT_SCHEMA),
            "filters": [{"report_id": id, "filter": name, "value": "x"} for id, name in self.filters],
            "title_abstract": [
                {"report_id": id, "state": state, "by": "human", "adjudicated": "0", "votes": ""}
                for id, state in self.title_abstract.items()
            ],
            "retrieval": [{"report_id": id, "outcome": outcome} for id, outcome in self.retrieval.items()],
            "full_text": [
                {"report_id": id, "state": state, "reason": reason} for id, (state, reason) in self.full_text.items()
            ],
            "studies": [
                {"report_id": id, "study_id": study_id, "checked": checked} for id, study_id, checked in self.studies
            ],
            "sources": self.sources,
        }

    def ledger(self, **changed: Any) -> Ledger:
        return build_ledger(**{**self.tables(), **changed})


def _complete(frame: pl.DataFrame, schema: dict[str, Any]) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in schema.items())


LABELS = ["PubMed", "Embase, Ovid; 1974", 'A "quoted" one', "O'Reilly's \\ list", "知网", "=1+1", "100", " Two\nlines "]


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    """A review with sources of any kind, records found again, clusters across columns, and decisions of all states,
    also missing ones and ones on steps that a report has not reached."""
    kinds = draw(st.lists(st.sampled_from([*DATABASE_KINDS, *OTHER_KINDS]), min_size=1, max_size=5))
    sources = [{"id": f"s{i}", "label": draw(st.sampled_from(LABELS)), "kind": kind} for i, kind in enumerate(kinds)]
    dates = st.sampled_from([None, "2025-03-01", "2026-01-05", "2026-09-09"])
    found = st.lists(st.tuples(st.integers(0, 5), dates), unique=True, max_size=7)
    records = [(f"{source['id']}:{accession}", date) for source in sources for accession, date in draw(found)]
    review = Review(records, sources)
    groups: dict[int, str] = {}
    for record_id in dict.fromkeys(record_id for record_id, _ in records):
        review.clusters[record_id] = groups.setdefault(draw(st.integers(0, 12)), record_id)
    for report_id in review.report_ids:
        names = draw(st.lists(st.sampled_from(["languages", "years", "Our own filter"]), max_size=2))
        review.filters += [(report_id, name) for name in names if draw(st.booleans())]
        review.decide(
            report_id,
            draw(st.sampled_from(["included", "included", "included", "excluded", "conflict", "pending"])),
            draw(st.sampled_from(["retrieved", "retrieved", "not_retrieved", "pending", ""])),
            draw(
                st.sampled_from(
                    ["included", "included", "excluded", "excluded", "ongoing", "awaiting_classification", "conflict"]
                )
            ),
            draw(st.sampled_from([*REASONS[:2], "", "Unlisted 'reason'"])),
        )
        if draw(st.integers(0, 4)) == 0:
            del draw(st.sampled_from([review.title_abstract, review.full_text]))[report_id]
        review.studies += [
            (report_id, study_id, draw(st.sampled_from(["0", "1"])))
            for study_id in draw(st.lists(st.sampled_from(["A", "B", "C", "D", ""]), max_size=2))
        ]
    return review


def expected_states(review: Review) -> dict[str, str]:
    """The state of each report, one at a time."""
    states = {}
    for report_id in review.report_ids:
        screening = review.title_abstract.get(report_id, "pending")
        outcome = review.retrieval.get(report_id, "pending")
        eligibility = review.full_text.get(report_id, ("pending", ""))[0]
        if report_id in dict(review.filters):
            states[report_id] = "removed_before_screening"
        elif screening != "included":
            words = {"excluded": "excluded_screening", "conflict": "in_conflict", "pending": "pending_screening"}
            states[report_id] = words[screening]
        elif outcome != "retrieved":
            states[report_id] = {"not_retrieved": "not_retrieved", "pending": "pending_retrieval"}[outcome]
        elif eligibility in ("conflict", "pending"):
            states[report_id] = "pending_eligibility"
        else:
            states[report_id] = "excluded_eligibility" if eligibility == "excluded" else eligibility
    return states


def expected_removals(review: Review) -> dict[tuple[str, str | None], str]:
    """Why each record was removed, one at a time: "" for those that stand for their report."""
    place = {source["id"]: i for i, source in enumerate(review.sources)}
    kind = {source["id"]: source["kind"] for source in review.sources}
    removed = {}
    for report_id in review.report_ids:
        members = [record for record in review.records if review.report_of(record[0]) == report_id]
        first = [r for r in members if not any(o[0] == r[0] and (o[1] or "") < (r[1] or "") for o in members)]
        first.sort(
            key=lambda r: (
                kind[r[0].split(":")[0]] not in DATABASE_KINDS,
                r[1] or "",
                place[r[0].split(":")[0]],
                r[0],
            )
        )
        for record in members:
            removed[record] = "duplicate" if record in first else "re-found"
        removed[first[0]] = "ineligible_by_automation" if report_id in dict(review.filters) else ""
    return removed
