"""The earlier version of a review that an update builds on: what a release included, and what it had screened.

A release is a folder resources/releases/TAG/ that `prismake release` made (release.py). Light imports only.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.publish import read_csv

RELEASES = "resources/releases"  # in the review's folder
FORMAT = "prismake-release/1"
MANIFEST = "release.json"
# The files of a release that an update reads.
TABLES = ("flow.json", "records.csv", "reports.csv")
EARLIER = "previously_screened"  # the state of a report, and its filter in filters.csv: that version had screened it
# A report in one of these states was screened to its end. All others are taken up again: what was still waiting, not
# retrieved, ongoing or awaiting classification, and what only automation had removed or left out (filters, a stopping
# rule).
SETTLED = ("excluded_screening", "excluded_eligibility", "included", EARLIER)


@dataclass(frozen=True)
class Previous:
    """What an update needs of the earlier version."""

    tag: str
    screened: frozenset[str]  # record ids whose report that version (or one before it) had screened to the end
    studies: tuple[str, ...]  # all studies it included, those of versions before it among them
    reports: tuple[str, ...]  # their reports


def release_tags(review: Path) -> list[str]:
    """The releases of the review in this folder, by name."""
    return sorted(path.parent.name for path in (review / RELEASES).glob(f"*/{MANIFEST}"))


def release_files(tag: str) -> list[str]:
    """The files that an update depends on, from the review's folder; none without a release."""
    return [f"{RELEASES}/{tag}/{name}" for name in (*TABLES, MANIFEST)] if tag else []


def read_previous(tag: str, review: Path = Path()) -> Previous | None:
    """The release that `review.previous` names, None for "".

    Raises PrismakeError when it is not there, is no release, or was changed since it was made.
    """
    return _read(tag, review, ()) if tag else None


def _read(tag: str, review: Path, later: tuple[str, ...]) -> Previous:
    folder = review / RELEASES / tag
    manifest = read_manifest(folder)
    for name in TABLES:
        verify(folder / name, manifest["files"].get(name, ""))
    settled = {row["report_id"] for row in read_csv(folder / "reports.csv") if _is_settled(row)}
    screened = {row["record_id"] for row in read_csv(folder / "records.csv") if row["report_id"] in settled}
    before = manifest.get("previous", "")
    if before and before not in later:
        screened |= _read(before, review, (*later, tag)).screened
    boxes = json.loads((folder / "flow.json").read_text(encoding="utf-8"))["boxes"]
    studies, included = (
        tuple((boxes.get(f"total_{unit}") or boxes[f"new_{unit}"])["ids"]) for unit in ("studies", "reports")
    )
    return Previous(tag, frozenset(screened), studies, included)


def _is_settled(row: dict[str, str]) -> bool:
    unseen = row["state"] == "excluded_screening" and row.get("by") == "automation"
    return row["state"] in SETTLED and not unseen


def read_manifest(folder: Path) -> dict[str, Any]:
    """release.json of a release's folder. Raises PrismakeError when there is none."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        hint = f"`prismake release {folder.name}` makes one."
        raise PrismakeError("there is no such release", place=folder.as_posix(), hint=hint) from error
    except (OSError, ValueError) as error:
        raise PrismakeError("this file is damaged", place=path.as_posix(), hint=_RESTORE) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise PrismakeError("this is not the list of a release", place=path.as_posix(), hint=_RESTORE)
    return manifest


def verify(path: Path, sha256: str) -> None:
    """Raises PrismakeError when a file of a release is gone or has another sha256."""
    if not path.is_file():
        raise PrismakeError("this file of a release is gone", place=path.as_posix(), hint=_RESTORE)
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        problem = "this file of a release was changed since the release was made"
        raise PrismakeError(problem, place=path.as_posix(), hint=_RESTORE)


_RESTORE = "Put it back from a copy or from version control; a release never changes."
