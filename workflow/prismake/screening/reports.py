"""The reports that screening works on, and the aliases by which a vote finds its report."""

from pathlib import Path
from typing import Any

import polars as pl

from prismake.forms import log
from prismake.publish import read_csv
from prismake.records import REPORT_SCHEMA, read_parquet


def read_reports(path: str | Path) -> dict[str, dict[str, Any]]:
    """The rows of unique.parquet by report id."""
    return {row["report_id"]: row for row in read_parquet(path, REPORT_SCHEMA).iter_rows(named=True)}


def read_aliases(path: str | Path) -> dict[str, str]:
    """clusters.csv as record id -> report id: every member's id is an alias of its report everywhere."""
    frame = pl.read_csv(path, columns=["record_id", "cluster_id"], schema_overrides={"record_id": pl.String})
    return dict(zip(frame["record_id"], frame["cluster_id"], strict=True))


def ever_issued() -> set[str]:
    """Ids in any form that was ever issued: an answer about one that no search holds any more stays, dormant."""
    return {record_id for entry in log() for record_id in entry.ids}


def read_filtered(path: str | Path) -> set[str]:
    return {row["report_id"] for row in read_csv(path)}


def read_about(folder: Path) -> dict[str, dict[str, str]]:
    """Per report the cells `full_text` (paths of files) and `notice`, from fulltext.csv and notices.csv in `folder`."""
    told: dict[str, dict[str, list[str]]] = {}
    for name, column in (("fulltext", "full_text"), ("notices", "notice")):
        path = folder / f"{name}.csv"
        for row in read_csv(path) if path.is_file() else ():
            said = row["file"] if name == "fulltext" else f"{row['notice']} ({row['detail']})"
            told.setdefault(row["report_id"], {}).setdefault(column, []).append(said)
    return {report: {name: "\n".join(lines) for name, lines in cells.items()} for report, cells in told.items()}
