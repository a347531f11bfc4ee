"""Full texts found by the names of their files."""

import os
import unicodedata
from pathlib import Path

import pytest

from prismake.publish import read_csv
from prismake.screening import fulltext

ALIASES = {"pubmed:1": "pubmed:1", "embase:L1": "pubmed:1", "pubmed:12": "pubmed:12", "wos:É 5#%": "wos:É 5#%"}
REPORTS = {
    "pubmed:1": {"identifiers": ["doi:10.5555/a.b(1)", "pmid:90000001", "pmcid:PMC77"]},
    "pubmed:12": {"identifiers": ["doi:10.5555/a.b", "pmid:90000012"]},
    "wos:É 5#%": {"identifiers": None},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "resources/fulltext"
    place.mkdir(parents=True)
    return place


def found(aliases=ALIASES, reports=REPORTS) -> dict[str, str]:
    """File -> its report, or what is wrong with its name."""
    fulltext.write_full_texts(aliases, reports, Path("fulltext.csv"))
    return {
        row["file"].removeprefix("resources/fulltext/"): row["report_id"] or row["problem"]
        for row in read_csv("fulltext.csv")
    }


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("pubmed_1.pdf", "pubmed:1"),
        ("PubMed-1.PDF", "pubmed:1"),
        ("embase-L1.html", "pubmed:1"),  # the id of any record of the report
        ("pubmed-12.pdf", "pubmed:12"),  # the id of pubmed:1 begins in the same way
        ("10.5555_a.b.epub", "pubmed:12"),
        ("10.5555%2Fa.b.docx", "pubmed:12"),
        ("10.5555-a.b_1_.pdf", "pubmed:1"),
        ("90000001.pdf", "pubmed:1"),
        ("PMID 90000001.pdf", "pubmed:1"),
        ("pmc77.pdf", "pubmed:1"),
        (unicodedata.normalize("NFD", "wos_É 5#%.pdf"), "wos:É 5#%"),
        ("ana/included/pubmed-1.pdf", "pubmed:1"),
    ],
)
def test_a_file_is_found_by_an_id_of_its_report(folder: Path, name: str, report: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert found() == {name: report}


@pytest.mark.parametrize(
    "name", ["pubmed-1 supplement.pdf", "pubmed.pdf", "x" * 200 + ".pdf", "%.pdf", "#.pdf", "1.pdf"]
)
def test_a_name_that_is_no_id_is_listed_with_the_remedy(folder: Path, name: str) -> None:
    (folder / name).touch()
    assert "Name the file after the record id" in found()[name]


def test_a_name_of_several_reports_is_of_none(folder: Path) -> None:
    (folder / "10.5555_a.pdf").touch()
    reports = {"s:1": {"identifiers": ["doi:10.5555/a"]}, "s:2": {"identifiers": ["doi:10.5555.a"]}}
    assert found({}, reports)["10.5555_a.pdf"].startswith("This name stands for several reports (s:1, s:2).")


def test_other_files_are_passed_over(folder: Path) -> None:
    for name in ("pubmed-1.txt", ".pubmed-1.pdf", "~$pubmed-1.docx", "README.md"):
        (folder / name).touch()
    (folder / "pubmed-12.pdf").mkdir()  # a folder
    (folder / "pubmed_12.pdf").symlink_to("gone.pdf")
    assert found() == {}


def test_links_are_followed_each_folder_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive/pubmed-1.pdf").touch()
    (folder / "drive").symlink_to(tmp_path / "drive")
    (tmp_path / "drive/back").symlink_to(folder)
    (folder / "pubmed-12.pdf").symlink_to(tmp_path / "drive/pubmed-1.pdf")
    assert found() == {"drive/pubmed-1.pdf": "pubmed:1", "pubmed-12.pdf": "pubmed:12"}


def test_a_folder_that_cannot_be_opened_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ben").mkdir()
    (folder / "pubmed-1.pdf").touch()
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "ben":
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found()["pubmed-1.pdf"] == "pubmed:1"
    assert "cannot be opened" in found()["ben"]


def test_no_folder_is_no_full_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found() == {}


def test_names_that_are_not_utf_8_are_shown_all_the_same(folder: Path) -> None:
    os.close(os.open(os.fsencode(folder) + b"/caf\xe9.pdf", os.O_CREAT))
    assert "caf�.pdf" in found()


def test_the_digest_follows_names_and_not_contents(folder: Path) -> None:
    before = fulltext.digest()
    (folder / "pubmed-1.pdf").touch()
    with_file = fulltext.digest()
    (folder / "pubmed-1.pdf").write_text("more")
    assert before != with_file == fulltext.digest()
