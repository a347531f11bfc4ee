"""The ledger and the flow of a review, from the files its stages left."""

from pathlib import Path
from typing import Any

import polars as pl

from prismake.previous import read_previous
from prismake.prisma.boxes import build_flow
from prismake.prisma.ledger import build_ledger, write_ledger
from prismake.publish import read_csv, write_json
from prismake.records import REPORT_SCHEMA, read_parquet


def write_review(
    config: dict[str, Any],
    *,
    records: Path,
    clusters: Path,
    unique: Path,
    filters: Path,
    title_abstract: Path,
    retrieval: Path,
    full_text: Path,
    studies: Path,
    out: Path,
    unscreened: Path | None = None,
) -> None:
    """Write records.csv, reports.csv, report_study.csv and flow.json in `out`.

    unscreened: reports that a stopping rule left out on title and abstract (unscreened.csv).
    """
    sources = [
        {"id": name, "label": source["database"], "kind": source["kind"]}
        for name, source in config["search"]["sources"].items()
    ]
    previous = read_previous(config["review"]["previous"])
    ledger = build_ledger(
        read_parquet(records),
        pl.read_csv(clusters, infer_schema=False),
        read_parquet(unique, REPORT_SCHEMA),
        read_csv(filters),
        read_csv(title_abstract),
        read_csv(retrieval),
        read_csv(full_text),
        read_csv(studies),
        sources,
        previous,
        unscreened=[row["report_id"] for row in read_csv(unscreened)] if unscreened else [],
    )
    title, reasons = config["review"]["title"], config["screening"]["reasons"]
    flow = build_flow(
        ledger,
        sources,
        title=title,
        reasons=reasons,
        previous=previous,
        explanations=config["prisma"]["explanations"],
        meta_analysis=config["prisma"]["meta_analysis"],
    )
    write_ledger(ledger, out)
    write_json(out / "flow.json", flow)
