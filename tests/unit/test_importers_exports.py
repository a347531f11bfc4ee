"""Real exports (not part of the project): every file gives exactly the records it holds."""

import csv
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.importers import read_file

REFUSED = {"eutils-xml", "scopus-api-xml", "json"}  # answers of interfaces, not exports
REJECTED: dict[str, int] = {}  # files with records that cannot be used -> how many


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_real_exports_are_read_whole(shared: Path):
    folder = shared / "data" / "exports"
    wrong = []
    files = [row for row in manifest(folder) if row["format"] not in REFUSED]
    for row in files:
        read = read_file(folder / row["file"])
        found = (read.parsed + read.rejected, read.rejected, read.cut)
        if found != (int(row["true_records"]), REJECTED.get(row["file"], 0), ""):
            wrong.append((row["file"], row["true_records"], *found))
    assert len(files) > 200
    assert wrong == []


def test_real_exports_in_other_encodings(shared: Path):
    folder = shared / "data" / "exports" / "derived"
    for row in manifest(folder):
        read = read_file(folder / row["file"])
        if row["true_records"]:
            assert (row["file"], read.parsed, read.cut) == (row["file"], int(row["true_records"]), "")
        else:
            assert read.cut, row["file"]


def test_what_is_no_export_is_refused(shared: Path):
    folder = shared / "data" / "exports"
    for row in manifest(folder):
        if row["format"] in REFUSED:
            try:
                read_file(folder / row["file"])
            except PrismakeError as error:
                assert error.hint, row["file"]
            else:
                raise AssertionError(f"{row['file']} was read")
