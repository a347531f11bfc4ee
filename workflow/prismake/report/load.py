"""All that the report and the status need, read once from the checked configuration and from results/.

Every file may be empty, hold only a header, or (before the first run) be missing: then its table has no rows.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from prismake.config import read_checked, read_yaml
from prismake.errors import FAULT_COLUMNS
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.report.bias import Tool, load_tools
from prismake.report.tables import Row, read_json, read_table, rows

# States of reports that the report names one by one. All others are only counted.
CITED = ("included", "excluded_eligibility", "not_retrieved", "ongoing", "awaiting_classification")
_PACKAGED_FORM = Path(__file__).parent.parent / "data" / "extraction" / "templates" / "basic.yaml"
SCREENED = ("title_abstract", "full_text")
NOT_SCREENED = ("previously_screened", "removed_before_screening")  # states of reports that nobody need look at
_STAGES = ("records", "screening", "extraction", "risk_of_bias")
_PROGRESS = ["stage", "person", "file", "rows", "decided", "pending", "faults"]
_WAITING = ["stage", "person", "what", "count", "file"]


@dataclass(frozen=True)
class Form:
    """What the extraction form says about its levels and fields; keys of `labels` and `options` are (level, field)."""

    title: str
    levels: list[str]
    labels: dict[tuple[str, str], str]
    options: dict[tuple[str, str], list[str]]
    statements: dict[str, str]  # level -> its first text field besides the key: what a row says
    missing: dict[str, str]  # code -> meaning


@dataclass(frozen=True)
class Review:
    """The review as plain tables. `records` and `reports` are the ledger (data frames of text, "" = absent)."""

    config: Row
    flow: Row
    searches: list[Row]
    known_items: list[Row]  # reports known beforehand: item, found ("1" or "0"), sources
    records: pl.DataFrame
    reports: pl.DataFrame
    cited: list[Row]  # reports in the states CITED, with the reference's details; by state, then in the ledger's order
    report_study: list[Row]
    studies: list[Row]
    retrieval: dict[str, Row]  # by report
    unchecked: list[str]  # screening forms without the columns that tell rows torn apart
    unused_filters: list[Row]  # settings of filters that fit no record: setting, value
    full_texts: list[Row]  # files in resources/fulltext: report_id, file, problem
    notices: list[Row]  # of retractions and corrections: report_id, notice, detail
    agreement: list[Row]
    votes: dict[str, pl.DataFrame]  # by kind of form: report_id, person of every vote that counts
    overruled: list[Row]  # people's votes that a decision on another record of their report sets aside; see _overruled
    decisions: dict[str, pl.DataFrame]  # by stage of screening: report_id, state, adjudicated
    progress: list[Row]
    waiting: list[Row]
    faults: list[Row]
    pairs: Row  # uncertain (pairs of reports), judged (pairs of records merged because people said so): numbers
    health: list[Row]  # fields of imported files that look wrong
    overlap: str  # the picture of which sources found the same reports, as SVG; "" before deduplication
    relations: dict[str, int]  # kinds of reports that are no copies and belong together, with their number
    complete: set[str]  # included studies whose extraction is done: by all that are wanted, without open differences
    levels: dict[str, list[Row]]  # extracted data by level, in the form's order
    values: dict[str, pl.DataFrame]  # every extracted value with its state and origin, by level
    extraction_agreement: list[Row]
    stopping: Row  # what stopping.json says; {} without screening.stopping
    frontier: str  # the picture of the recall frontier, as SVG; "" likewise
    tools: list[Tool]  # for risk of bias
    form: Form

    def n(self, *boxes: str) -> int:
        """The sum of these boxes of the flow diagram; a box that is not there counts nothing."""
        return sum(int((self.flow.get("boxes", {}).get(box) or {}).get("n") or 0) for box in boxes)

    def person(self, name: str) -> str:
        """The person's name where the configuration gives one, else the id."""
        return self.config["screening"]["people"].get(name, {}).get("name") or name


def load(config: Row, results: Path) -> Review:
    """Read what is there. Raises PrismakeError for a file that another program wrote over."""
    screening, prisma, extraction = results / "screening", results / "prisma", results / "extraction"
    reports = read_table(
        prisma / "reports.csv",
        ["report_id", "column", "state", "reason", "by", "title", "authors", "year", "journal", "url"],
    )
    pairs = read_table(results / "records/pairs.csv", ["record_id_1", "record_id_2", "band", "reasons"])
    overlap = results / "records/overlap.svg"
    relations = read_table(results / "records/relations.csv", ["relation"])
    outcomes = rows(extraction / "forms/outcomes.csv", ["study_id", "done"])
    stops, frontier = "stopping" in config["screening"], screening / "frontier.svg"
    retrieval = rows(
        screening / "retrieval.csv", ["report_id", "outcome", "awaiting", "tried", "date", "note", "person"]
    )
    form = read_form(config["extraction"]["form"], results.parent)
    return Review(
        config=config,
        flow=read_json(prisma / "flow.json", {}),
        searches=read_json(results / "search/searches.json", []),
        known_items=rows(results / "search/known_items.csv", ["item", "found", "sources"]),
        records=read_table(
            prisma / "records.csv", ["record_id", "run_date", "source_id", "kind", "report_id", "removed"]
        ),
        reports=reports,
        cited=_cited(reports, results / "records/unique.parquet"),
        report_study=rows(prisma / "report_study.csv", ["report_id", "study_id"]),
        studies=rows(screening / "studies.csv", ["report_id", "study_id", "checked", "person"]),
        retrieval={row["report_id"]: row for row in retrieval},
        unchecked=[row["file"] for stage in SCREENED for row in rows(screening / stage / "unchecked.csv", ["file"])],
        unused_filters=rows(screening / "unused_filters.csv", ["setting", "value"]),
        full_texts=rows(screening / "fulltext.csv", ["report_id", "file", "problem"]),
        notices=rows(screening / "notices.csv", ["report_id", "notice", "detail"]),
        agreement=rows(screening / "agreement.csv", ["stage", "round", "person_1", "person_2"]),
        votes={
            kind: _votes(screening / stage / "votes.csv", kind)
            for stage in SCREENED
            for kind in (stage, f"{stage}_conflicts")
        },
        overruled=[row for stage in SCREENED for row in _overruled(screening / stage / "votes.csv", stage)],
        decisions={
            stage: read_table(screening / stage / "decisions.csv", ["report_id", "state", "adjudicated"])
            for stage in SCREENED
        },
        progress=[row for stage in _STAGES for row in rows(results / stage / "progress.csv", _PROGRESS)],
        waiting=[row for stage in _STAGES for row in rows(results / stage / "waiting.csv", _WAITING)],
        faults=[fault for stage in _STAGES for fault in rows(results / stage / "faults.csv", FAULT_COLUMNS)],
        pairs={
            "uncertain": _uncertain(pairs, results / "records/clusters.csv"),
            "judged": pairs.filter(pl.col("reasons").str.contains("VERDICT same", literal=True), band="merge").height,
        },
        health=rows(results / "records/health.csv", ["source_id", "file", "records", "example", "problem"]),
        overlap=overlap.read_text(encoding="utf-8") if overlap.is_file() else "",
        relations=dict(relations.group_by("relation").len().sort("relation").iter_rows()),
        complete={row["study_id"] for row in outcomes if row["done"] == "1"},
        levels={level: rows(extraction / f"{level}.csv", ["study_id", "people"]) for level in form.levels},
        values={
            level: read_table(extraction / f"{level}_values.csv", ["study_id", "field", "state", "person", "given"])
            for level in form.levels
        },
        stopping=read_json(screening / "stopping.json", {}) if stops else {},
        frontier=frontier.read_text(encoding="utf-8") if stops and frontier.is_file() else "",
        extraction_agreement=rows(extraction / "agreement.csv", ["level", "field", "label"]),
        tools=load_tools(config, results),
        form=form,
    )


def _votes(path: Path, stage: str) -> pl.DataFrame:
    """Who decided on which report in the forms of this kind, dormant votes aside."""
    votes = read_table(path, ["stage", "report_id", "person"]).filter(pl.col("report_id") != "", stage=stage)
    return votes.select("report_id", "person").unique(maintain_order=True)


def _overruled(path: Path, stage: str) -> list[Row]:
    """Reports of which an adjudicator decided one record and people, all in the other way, another.

    The two were merged since: nobody who decided saw both. report_id, adjudicated (record), record_id, decisions.
    """
    votes = read_table(path, ["stage", "report_id", "record_id", "person", "decision"]).filter(
        pl.col("report_id") != ""
    )
    votes = votes.with_columns(kept=pl.col("decision") != "exclude")
    final = votes.filter(stage=f"{stage}_conflicts").select("report_id", "kept", adjudicated="record_id")
    final = final.unique("report_id", keep="first", maintain_order=True)
    others = votes.filter(stage=stage).join(final, on="report_id", suffix="_final")
    others = others.join(votes.filter(stage=f"{stage}_conflicts"), on="record_id", how="anti")
    said = pl.format("{}: {}", "person", "decision").str.join("; ").alias("decisions")
    same = (pl.col("kept") == pl.col("kept_final")).any().alias("same")
    found = others.group_by("report_id", "adjudicated", "record_id", maintain_order=True).agg(said, same)
    return found.filter(~pl.col("same")).drop("same").to_dicts()


def _uncertain(pairs: pl.DataFrame, clusters: Path) -> int:
    """How many pairs of reports are in doubt; several of their records may be."""
    pairs = pairs.filter(band="review")
    if pairs.is_empty():
        return 0
    report = dict(read_table(clusters, ["record_id", "cluster_id"]).select("record_id", "cluster_id").iter_rows())
    ends = pairs.select("record_id_1", "record_id_2").iter_rows()
    return len({frozenset(report.get(record, record) for record in pair) for pair in ends})


def read_config(path: Path) -> tuple[Row, str]:
    """The checked configuration, and the first 12 digits of its sha256."""
    return read_checked(path), hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _cited(reports: pl.DataFrame, unique: Path) -> list[Row]:
    """The reports in CITED with volume, pages and the like from unique.parquet; what the ledger says comes first."""
    ledger = reports.filter(pl.col("state").is_in(CITED)).to_dicts()
    if not ledger:
        return []
    wanted = [row["report_id"] for row in ledger]
    merged = read_parquet(unique, REPORT_SCHEMA).filter(pl.col("report_id").is_in(wanted))
    details = {row["report_id"]: row for row in merged.to_dicts()}
    found = [
        {**details.get(row["report_id"], {}), **{k: v for k, v in row.items() if v != "" and k != "authors"}}
        for row in ledger
    ]
    for row, source in zip(found, ledger, strict=True):
        row["authors"] = row.get("authors") or [name for name in source["authors"].split("; ") if name]
    return sorted(found, key=lambda row: CITED.index(row["state"]))


def read_form(path: str, folder: Path = Path()) -> Form:
    """What the report needs of the extraction form, a path from the review's folder; "" is the packaged form."""
    content = read_yaml(folder / path if path else _PACKAGED_FORM)
    lists = content.get("lists") or {}
    labels, options, statements = {}, {}, {}
    for level, part in content["levels"].items():
        for field in part["fields"]:
            labels[level, field["id"]] = field.get("label") or ""
            options[level, field["id"]] = list(field.get("options") or lists.get(field.get("list")) or [])
            if field["type"] == "text" and field["id"] not in part["key"]:
                statements.setdefault(level, field["id"])
    missing = content.get("missing") or {}
    return Form(content["form"].get("title") or "", list(content["levels"]), labels, options, statements, missing)
