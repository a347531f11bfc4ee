"""The files that the generator makes, and how they compare with those in a folder."""

from pathlib import Path

from corpus import build
from exports import export_files
from medline import snapshot_files
from truth import truth_csv

TRUTH = "tests/data/example/truth.csv"


def example_files() -> dict[str, bytes]:
    """Path -> content of every file that this program makes."""
    reports = build()
    return snapshot_files(reports) | export_files(reports) | {TRUTH: truth_csv(reports).encode()}


def differences(root: Path) -> list[str]:
    """Paths under `root` that are missing, different, or not made by this program."""
    made = example_files()
    there = {p.relative_to(root).as_posix() for p in (root / "resources/search").rglob("*") if p.is_file()}
    wrong = {path for path, data in made.items() if not (root / path).is_file() or (root / path).read_bytes() != data}
    return sorted(wrong | (there - set(made)))
