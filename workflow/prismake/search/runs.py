"""Reading the runs of one source: the exports its configuration names, or the snapshots of its live searches."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from prismake.data_files import read_data
from prismake.errors import PrismakeError
from prismake.importers import Import, import_files
from prismake.publish import csv_text, write_json, write_text
from prismake.records import SCHEMA, read_parquet, write_parquet
from prismake.search.snapshots import snapshot_files

RESTORE = "Restore the snapshot from a copy; it is never edited."
IMPORT_COLUMNS = ["source_id", "run_date", "file", "format", "encoding", "counted", "parsed", "rejected", "declared"]
FILE_KEYS = ["path", "sha256", "bytes", "format", "dialect", "encoding", "counted", "parsed", "rejected", "warnings"]
TOLD = ("label", "strategy", "translation", "warnings", "reported", "retrieved", "in_earlier_window", "missing")
LACKING = ["no_title", "no_abstract", "no_year", "no_doi"]


def import_source(source_id: str, source: dict[str, Any], records: Path, report: Path) -> None:
    """Import every run of a source. Writes the records (SCHEMA) and what was searched and read, run by run."""
    if "live" in source:
        runs = [_snapshot(Path(name)) for name in snapshot_files(source_id) if name.endswith("/search.json")]
        if not runs:
            print(f"no search of '{source_id}' has been recorded in resources/search/{source_id}", file=sys.stderr)
    else:
        runs = [_export(run) for run in source["runs"]]
    frames = [pl.DataFrame(schema=SCHEMA)]
    found = []
    for run in runs:
        paths = run.pop("paths")
        if source.get("live", "pubmed") == "pubmed":
            frame, files = import_files(
                paths,
                source_id=source_id,
                run_date=run["run_date"],
                declared=run["declared"],
                columns=source.get("columns"),
            )
        else:
            from prismake.search.page_records import import_pages

            frame, files = import_pages(paths, service=source["live"], source_id=source_id, run_date=run["run_date"])
        _compare(files, run.pop("records"))
        run |= {"imported": frame.height, "files": [_described(file) for file in files]}
        frames.append(frame)
        found.append(run)
    write_parquet(records, pl.concat(frames))
    write_json(report, {"source": source_id, "runs": found})


def _export(run: dict[str, Any]) -> dict[str, Any]:
    """What an import needs of a run; how it was searched is put beside it when all sources are gathered."""
    return {
        "run_date": run.get("date"),
        "declared": run.get("declared"),
        "paths": run["files"],
        "records": [None] * len(run["files"]),
    }


def _snapshot(path: Path) -> dict[str, Any]:
    """The run that a search.json describes. Raises PrismakeError when it does not, or not the files beside it."""
    import jsonschema  # takes its time to load, and exports have no snapshot

    try:
        search = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(search, read_data("search/snapshot.schema.yaml"))
    except (OSError, ValueError) as error:
        raise _broken(path, "this does not describe a search") from error
    except jsonschema.ValidationError as error:
        key = ".".join(map(str, error.absolute_path))
        what = f"{key}: {error.message}" if key else error.message
        raise _broken(path, f"this does not describe a search ({what[:200]})") from error
    if search["run_date"] != path.parent.name:
        raise _broken(path, f"run_date is {search['run_date']}, the folder's is {path.parent.name}")
    files = [file for part in search["searches"] for file in part["files"]]
    return {
        **{name: search[name] for name in ("run_date", "limits", "by", "peer_review")},
        "lines": search.get("lines", []),
        "searches": [{name: part[name] for name in TOLD if name in part} for part in search["searches"]],
        "declared": sum(part["retrieved"] for part in search["searches"]),
        "paths": [_snapshot_file(path, file) for file in files],
        "records": [file.get("records") for file in files],
    }


def _snapshot_file(search: Path, file: dict[str, Any]) -> str:
    """The path of a file of a snapshot, which lies in its folder and is as it was retrieved."""
    path = search.parent / file["path"]
    if not path.resolve().is_relative_to(search.parent.resolve()):
        raise _broken(search, f"{file['path']} lies outside this folder")
    data = path.read_bytes() if path.is_file() else None
    sound = data is not None and hashlib.sha256(data).hexdigest() == file["sha256"]
    if not sound or len(data) != file.get("bytes", len(data)):
        raise _broken(path, "this file of the snapshot is missing or not as it was retrieved")
    return path.as_posix()


def _compare(files: list[Import], records: list[int | None]) -> None:
    for file, number in zip(files, records, strict=True):
        if number is not None and file.counted != number:
            raise _broken(Path(file.path), f"the snapshot says {number} records, the file holds {file.counted}")


def _broken(path: Path, problem: str) -> PrismakeError:
    return PrismakeError(problem, place=path.as_posix(), hint=RESTORE)


def _described(file: Import) -> dict[str, Any]:
    return {key: getattr(file, key) for key in [*FILE_KEYS, *LACKING]}


def gather(records: list[Path], out: Path) -> None:
    """Put the records of all sources into one table."""
    frame = pl.concat(read_parquet(path) for path in records)
    twice = frame.group_by("record_id", "run_date").len().filter(pl.col("len") > 1)
    if twice.height:
        raise PrismakeError(f"{twice.height} records stand twice in one run, {twice['record_id'].min()} among them")
    write_parquet(out, frame)


def describe_searches(
    configured: dict[str, dict[str, Any]], reports: list[Path], imports: Path, searches: Path
) -> None:
    """What was searched, source by source and run by run, and what was read, file by file."""
    described, rows = [], []
    for report in reports:
        told = json.loads(report.read_text(encoding="utf-8"))
        runs = configured[told["source"]].get("runs")
        if runs:
            told["runs"] = [_as_searched(run, settings) for run, settings in zip(told["runs"], runs, strict=True)]
        described.append(told)
        for run in told["runs"]:
            for file in run["files"]:
                read = [file[key] for key in ("path", "format", "encoding", "counted", "parsed", "rejected")]
                lacking = [file[key] for key in LACKING]
                warnings = " | ".join(file["warnings"])
                rows.append([told["source"], run["run_date"], *read, run["declared"], *lacking, warnings])
    write_text(imports, csv_text([*IMPORT_COLUMNS, *LACKING, "warnings"], rows))
    write_json(searches, described)


def _as_searched(run: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """An imported run of exports with what the configuration says of its search."""
    search = {"label": "", "strategy": settings["strategy"], "translation": None}
    search |= {"reported": run["declared"], "retrieved": run["imported"]}
    return {**run, "searches": [search], **{key: settings.get(key) for key in ("limits", "by", "peer_review")}}
