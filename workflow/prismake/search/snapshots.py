"""Where the snapshots of live searches lie. Light imports only: Snakemake uses this while it parses the workflow."""

import hashlib
from pathlib import Path


def snapshot_dates(source_id: str) -> list[str]:
    """The days of this source's snapshots, resources/search/<source>/<YYYY-MM-DD>/search.json, oldest first."""
    return sorted(path.parent.name for path in Path("resources/search", source_id).glob("????-??-??/search.json"))


def snapshot_files(source_id: str) -> list[str]:
    """Every file of this source's snapshots, oldest first."""
    folders = [Path("resources/search", source_id, day) for day in snapshot_dates(source_id)]
    return [path.as_posix() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def snapshot_state(source_id: str) -> str:
    """A hash over names, sizes and times of change of these files: another one when one is added, edited or gone."""
    found = ((name, Path(name).stat()) for name in snapshot_files(source_id))
    state = "\n".join(f"{name} {file.st_size} {file.st_mtime_ns}" for name, file in found)
    return hashlib.sha256(state.encode()).hexdigest()[:12]
