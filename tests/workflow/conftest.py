"""Small reviews in a temporary folder, run by Snakemake as a user runs it."""

import csv
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
ANSWER_COLUMN = {"retrieval": "outcome", "studies": "checked"}


@dataclass
class Run:
    code: int
    text: str

    @property
    def jobs(self) -> set[str]:
        """The rules that ran, or would run with -n."""
        return set(re.findall(r"^(?:local)?rule (\w+):", self.text, re.M)) - {"all"}


class Review:
    """A review in a folder: its configuration, its exports, its people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def copy(self, folder: Path) -> "Review":
        shutil.copytree(self.folder, folder, symlinks=True)
        return Review(folder)

    def run(self, *arguments: str, snakefile: Path = ROOT / "Snakefile") -> Run:
        command = [SNAKEMAKE, "--directory", self.folder, "--snakefile", snakefile, "--cores", "2", *arguments]
        environment = {**os.environ, "PYTHONHASHSEED": "random"}
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=180, check=False
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def run_well(self, *arguments: str, snakefile: Path = ROOT / "Snakefile") -> Run:
        done = self.run(*arguments, snakefile=snakefile)
        assert done.code == 0, done.text[-6000:]
        return done

    def prismake(self, command: str, *arguments: str) -> str:
        """What this command of ours prints about the review."""
        words = [sys.executable, "-m", "prismake.cli", command, "--review", self.folder, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
        done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=True)
        return done.stdout

    @property
    def config(self) -> dict:
        return yaml.safe_load((self.folder / "config/config.yaml").read_text())

    def configure(self, change: Callable[[dict], None]) -> None:
        config = self.config
        change(config)
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def export(self, source: str, rows: list[dict], date: str = "2026-01-10") -> str:
        """Write a native CSV export and return its path from the review's folder."""
        path = self.folder / "resources/search" / source / date / "export.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = ["record_id", "title", "abstract", "authors", "year", "journal", "volume", "pages", "doi"]
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path.relative_to(self.folder).as_posix()

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "results" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def forms(self, kind: str = "*") -> list[Path]:
        return sorted(self.folder.glob(f"resources/*/*/{kind}.*.xlsx"))

    def hashes(self, folder: str) -> dict[str, str]:
        """Path -> sha256 of every file below this folder; logs and benchmarks aside."""
        found = {}
        for path in sorted((self.folder / folder).rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not name.startswith(("results/logs/", "results/benchmarks/")):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def fill(self, path: Path, only: Callable[[int], bool] = lambda row: True) -> None:
        """Answer a form as a person would: what a title says is eligible is included."""
        kind, person = path.name.split(".")[:2]
        book = openpyxl.load_workbook(path)
        if kind == "extraction":
            _extract(book)
        else:
            _screen(book, kind, person, only)
        book.save(path)

    def finish(self, rounds: int = 12) -> None:
        """Run and fill in forms until none is issued any more."""
        done: set[Path] = set()
        targets = ["screen"]  # nothing behind it issues a form before it is done
        for _ in range(rounds):
            self.run_well(*targets)
            new = [path for path in self.forms() if path not in done]
            if not new and not targets:
                return
            if not new:
                targets = []
            for path in new:
                self.fill(path)
            done |= set(new)
        raise AssertionError("forms are issued without end")


def _screen(book: openpyxl.Workbook, kind: str, person: str, only: Callable[[int], bool]) -> None:
    sheet = next(book[name] for name in ("Screening", "Conflicts", "Retrieval", "Studies") if name in book.sheetnames)
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        title = sheet.cell(row, at["title"]).value
        if title is None or not only(row):
            continue
        if kind in ANSWER_COLUMN:
            sheet.cell(row, at[ANSWER_COLUMN[kind]]).value = "retrieved" if kind == "retrieval" else "yes"
            continue
        eligible = "eligible" in title or ("debated" in title and person != "ben")
        if kind.startswith("full_text"):
            eligible = eligible and "wrong outcome" not in title
            if not eligible:
                sheet.cell(row, at["reason"]).value = "Wrong outcome"
        sheet.cell(row, at["decision"]).value = "include" if eligible else "exclude"


def _extract(book: openpyxl.Workbook) -> None:
    sheet = book["Study"]
    at = {cell.value: cell.column for cell in sheet[1]}
    values = {"Study design": "cohort study", "Who or what was studied": "rats", "Number of participants": 8}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["study_id"]).value:
            for label, value in values.items():
                sheet.cell(row, at[label]).value = value


def record(number: int, source: str, **changes) -> dict:
    fates = ["eligible", "off topic", "off topic", "debated", "off topic", "eligible but wrong outcome"]
    fate = fates[number % len(fates)]
    names = ["Okafor", "Lindqvist", "Marchetti", "Tanaka", "Petrov", "Silva", "Nguyen", "Haddad"]
    words = ["liver", "kidney", "cornea", "cartilage", "spinal cord", "skin", "lung", "bowel", "tendon", "retina"]
    title = (
        f"Vesicles from stem cells in injury of the {words[number % 10]} number {number * 37}:"
        f" an {fate} experiment with {words[(number * 3 + 1) % 10]} controls"
    )
    return {
        "record_id": f"{source}{number}",
        "title": title,
        "abstract": f"We studied {words[number % 10]} repair after injection of vesicles in {number + 5} rats.",
        "authors": f"{names[number % 8]}, A; {names[(number + 3) % 8]}, B",
        "year": 2015 + number % 10,
        "journal": "Journal of Invented Results",
        "volume": str(number + 1),
        "pages": f"{number * 10 + 1}-{number * 10 + 9}",
        "doi": f"10.5555/small.{number}",
        **changes,
    }


def small_review(folder: Path) -> Review:
    """24 records from three sources, 18 distinct reports, two reviewers and an adjudicator."""
    review = Review(folder)
    exports = {
        "pm": review.export("pm", [record(number, "p") for number in range(12)]),
        "em": review.export("em", [record(number, "e") for number in range(7, 17)]),
        "cited": review.export("cited", [record(number, "c") for number in (3, 17)], "2026-02-01"),
    }
    (folder / "config").mkdir(parents=True, exist_ok=True)
    config = {
        "review": {"title": "A small review", "objective": "To test.", "conclusion": "It works."},
        "search": {
            "sources": {
                "pm": {"database": "PubMed", "kind": "database", "files": [exports["pm"]], "date": "2026-01-10"},
                "em": {"database": "Embase", "kind": "database", "files": [exports["em"]], "date": "2026-01-10"},
                "cited": {
                    "database": "Citation searching",
                    "kind": "citation",
                    "files": [exports["cited"]],
                    "date": "2026-02-01",
                },
            }
        },
        "screening": {
            "people": {"ana": {}, "ben": {}, "cleo": {"share": 0}},
            "pilot": 4,
            "reasons": ["Wrong population", "Wrong outcome"],
        },
    }
    for source in config["search"]["sources"].values():
        source["strategy"] = "vesicles"
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return review


@pytest.fixture
def small(tmp_path: Path) -> Review:
    return small_review(tmp_path / "review")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Review]:
    """(name, how to make it in a folder) -> a review that the first process of a test run to want it makes for all.

    Copy it before you change it.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def once(name: str, make: Callable[[Path], None]) -> Review:
        folder, making = base / name, base / f"{name}.making"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(making, ignore_errors=True)  # of a process that failed
                make(making)
                making.rename(folder)
        return Review(folder)

    return once


@pytest.fixture(scope="session")
def begun_once(made_once) -> Review:
    """The small review after its first run: the pilot is issued, nothing is filled in."""
    return made_once("begun", lambda folder: small_review(folder).run_well())


@pytest.fixture
def begun(begun_once: Review, tmp_path: Path) -> Review:
    return begun_once.copy(tmp_path / "review")


@pytest.fixture(scope="session")
def finished_once(begun_once: Review, made_once) -> Review:
    return made_once("finished", lambda folder: begun_once.copy(folder).finish())


@pytest.fixture
def finished(finished_once: Review, tmp_path: Path) -> Review:
    return finished_once.copy(tmp_path / "review")
