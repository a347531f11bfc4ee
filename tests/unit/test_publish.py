"""Tables written for everybody: what is read back is what was written."""

from pathlib import Path

from prismake.publish import csv_text, read_csv, write_csv


def test_a_carriage_return_in_a_cell_ends_no_row(tmp_path: Path):
    cells = ["Icon\r", "two\r\nlines", 'a "quote", a comma']
    write_csv(tmp_path / "table.csv", ["a", "b", "c"], [cells])
    (row,) = read_csv(tmp_path / "table.csv")
    assert list(row.values()) == ["Icon\n", "two\nlines", 'a "quote", a comma']


def test_what_is_missing_is_empty_and_truth_is_a_number():
    assert csv_text(["a", "b", "c"], [[None, True, 2]]) == "a,b,c\n,1,2\n"
