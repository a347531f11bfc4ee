"""Tables written for everybody: what is read back is what was written."""

import errno
from pathlib import Path

import pytest

from prismake.publish import create, csv_text, read_csv, withdraw, write_csv


def test_a_carriage_return_in_a_cell_ends_no_row(tmp_path: Path):
    cells = ["Icon\r", "two\r\nlines", 'a "quote", a comma']
    write_csv(tmp_path / "table.csv", ["a", "b", "c"], [cells])
    (row,) = read_csv(tmp_path / "table.csv")
    assert list(row.values()) == ["Icon\n", "two\nlines", 'a "quote", a comma']


def test_what_is_missing_is_empty_and_truth_is_a_number():
    assert csv_text(["a", "b", "c"], [[None, True, 2]]) == "a,b,c\n,1,2\n"


def test_a_full_disk_is_told_with_the_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left on device") as told:
        create(tmp_path / "form.xlsx", b"x")
    assert told.value.filename == (tmp_path / "form.xlsx").as_posix()
    assert list(tmp_path.iterdir()) == []


def test_without_hard_links_a_name_that_is_taken_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", refuse)
    path = tmp_path / "form.xlsx"
    create(path, b"work")
    with pytest.raises(FileExistsError):
        create(path, b"new")
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"work", [path])
    path.unlink()
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        create(path, b"new")
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_no_more_goes_and_nothing_else(tmp_path: Path):
    for name in ("a.csv", "b.csv"):
        write_csv(tmp_path / name, ["x"], [])
    withdraw([tmp_path / "a.csv", tmp_path / "never.csv"])
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]
