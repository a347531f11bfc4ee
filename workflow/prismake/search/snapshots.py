"""Where the snapshots of live searches lie. Light imports only: Snakemake uses this while it parses the workflow."""

from pathlib import Path


def snapshot_files(source_id: str) -> list[str]:
    """Every file of this source's snapshots, resources/search/<source>/<YYYY-MM-DD>/, oldest first."""
    folders = Path("resources/search", source_id).glob("????-??-??")
    return [path.as_posix() for folder in sorted(folders) for path in sorted(folder.rglob("*")) if path.is_file()]
