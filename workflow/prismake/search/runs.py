"""Reading the runs of one source: the exports its configuration names, or the snapshots of its live searches."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from prismake.errors import PrismakeError
from prismake.importers import Import, import_files
from prismake.publish import csv_text, write_json, write_text
from prismake.records import SCHEMA, read_parquet, write_parquet
from prismake.search.snapshots import snapshot_files

IMPORT_COLUMNS = ["source_id", "run_date", "file", "format", "encoding", "counted", "parsed", "rejected", "declared"]
FILE_KEYS = ["path", "sha256", "bytes", "format", "dialect", "encoding", "counted", "parsed", "rejected", "warnings"]
LACKING = ["no_title", "no_abstract", "no_doi"]


def import_source(source_id: str, source: dict[str, Any], records: Path, report: Path) -> None:
    """Import every run of a source. Writes the records (SCHEMA) and what was searched and read, run by run."""
    runs = _snapshots(source_id) if "live" in source else [_export(run) for run in source["runs"]]
    frames = [pl.DataFrame(schema=SCHEMA)]
    found = []
    for run in runs:
        frame, files = import_files(
            run.pop("paths"), source_id=source_id, run_date=run["run_date"], declared=run["declared"]
        )
        run |= {"imported": frame.height, "files": [_described(file) for file in files]}
        if not run["searches"]:
            run["searches"] = [{"label": "", "strategy": run.pop("strategy"), "translation": None}]
            run["searches"][0] |= {"reported": run["declared"], "retrieved": frame.height}
        frames.append(frame)
        found.append(run)
    write_parquet(records, pl.concat(frames))
    write_json(report, {"source": source_id, "runs": found})


def _export(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_date": run.get("date"),
        "searches": [],
        "strategy": run["strategy"],
        "limits": run.get("limits"),
        "by": run.get("by"),
        "peer_review": run.get("peer_review"),
        "declared": run.get("declared"),
        "paths": run["files"],
    }


def _snapshots(source_id: str) -> list[dict[str, Any]]:
    runs = []
    for name in snapshot_files(source_id):
        if not name.endswith("/search.json"):
            continue
        path = Path(name)
        try:
            search = json.loads(path.read_text(encoding="utf-8"))
            files = [file for part in search["searches"] for file in part["files"]]
            run = {key: search[key] for key in ("run_date", "limits", "by", "peer_review")}
            searches = [
                {key: part[key] for key in ("label", "strategy", "translation", "reported", "retrieved")}
                for part in search["searches"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PrismakeError(
                "this does not describe a search",
                place=name,
                hint="Restore the snapshot from a copy; it is never edited.",
            ) from error
        for file in files:
            part = path.parent / file["path"]
            if not part.is_file() or hashlib.sha256(part.read_bytes()).hexdigest() != file["sha256"]:
                raise PrismakeError(
                    "this file of the snapshot is missing or not as it was retrieved",
                    place=part.as_posix(),
                    hint="Restore it from a copy; a snapshot is never edited.",
                )
        declared = sum(part["retrieved"] for part in searches)
        paths = [(path.parent / file["path"]).as_posix() for file in files]
        runs.append({**run, "searches": searches, "declared": declared, "paths": paths})
    if not runs:
        raise PrismakeError(
            f"no search of '{source_id}' has been recorded in resources/search/{source_id}",
            place="config/config.yaml",
            hint="This version replays recorded searches; for a new one, name exported files under `files`.",
        )
    return runs


def _described(file: Import) -> dict[str, Any]:
    return {key: getattr(file, key) for key in [*FILE_KEYS, *LACKING]}


def gather(sources: list[tuple[Path, Path]], out: Path, imports: Path, searches: Path) -> None:
    """Put the records of all sources into one table, and what was searched and read beside it."""
    frames, reports, rows = [], [], []
    for records, report in sources:
        frames.append(read_parquet(records))
        told = json.loads(report.read_text(encoding="utf-8"))
        reports.append(told)
        for run in told["runs"]:
            for file in run["files"]:
                read = [file[key] for key in ("path", "format", "encoding", "counted", "parsed", "rejected")]
                lacking = [file[key] for key in LACKING]
                warnings = " | ".join(file["warnings"])
                rows.append([told["source"], run["run_date"], *read, run["declared"], *lacking, warnings])
    frame = pl.concat(frames)
    twice = frame.group_by("record_id", "run_date").len().filter(pl.col("len") > 1)
    if twice.height:
        raise PrismakeError(f"{twice.height} records stand twice in one run, {twice['record_id'].min()} among them")
    write_parquet(out, frame)
    write_text(imports, csv_text([*IMPORT_COLUMNS, *LACKING, "warnings"], rows))
    write_json(searches, reports)
