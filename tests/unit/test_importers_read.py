"""Counts, cut exports, declared numbers, the table and the report of an import."""

import os
from pathlib import Path

import polars as pl
import pytest

from prismake.errors import PrismakeError
from prismake.importers import REPORT_COLUMNS, count, import_files, read, read_file, write_report
from prismake.records import SCHEMA, read_parquet, table

DATA = Path(__file__).parents[1] / "data" / "importers"
RECORD = "TY  - JOUR\nTI  - Title {0}\nAN  - ACC-{0:05d}\nER  - \n\n"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_table_has_the_schema_and_stable_ids(tmp_path: Path):
    path = written(tmp_path / "a.ris", RECORD.format(1) + "TY  - JOUR\nTI  - No accession\nER  - \n")
    frame, files = import_files([path], source_id="embase", run_date="2026-02-11")
    assert dict(frame.schema) == SCHEMA
    assert frame["record_id"][0] == "embase:ACC-00001"
    assert frame["record_id"][1].startswith("embase:h")
    assert frame["run_date"].to_list() == ["2026-02-11"] * 2
    assert frame["raw_file"].to_list() == ["a.ris", "a.ris"]  # the name only: the path is absolute
    assert frame["raw_position"].to_list() == [1, 2]
    assert [(file.counted, file.parsed, file.rejected) for file in files] == [(2, 2, 0)]
    assert (files[0].no_title, files[0].no_abstract, files[0].no_doi) == (0, 2, 2)


def test_relative_paths_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "resources").mkdir()
    written(tmp_path / "resources" / "a.ris", RECORD.format(1))
    monkeypatch.chdir(tmp_path)
    assert read_file(Path("resources", "a.ris")).path == "resources/a.ris"


def test_no_files_are_no_records():
    frame, files = import_files([], source_id="pubmed", declared=0)
    assert (frame.height, dict(frame.schema), files) == (0, SCHEMA, [])


def test_declared_is_compared_over_all_files(tmp_path: Path):
    paths = [written(tmp_path / f"{number}.ris", RECORD.format(number) * 1) for number in (1, 2)]
    assert import_files(paths, source_id="s", declared=2)[0].height == 2
    with pytest.raises(
        PrismakeError, match=r"the database said 310, the files hold 2.*Export again or correct `declared`"
    ):
        import_files(paths, source_id="s", declared=310)


def test_rejected_records_count_as_delivered():
    frame, files = import_files([DATA / "quirks.bib"], source_id="s", declared=5)
    assert (frame.height, files[0].rejected) == (4, 1)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("cut.ris", None),
        ("wos.ciw", b"\nEF\n"),
        ("pubmed.nbib", b"SO  - J Inv. 2024 Jan 2."),
        ("embase_com.csv", b',"L9029880245"'),
        ("native.csv", b",,,,\n"),
        ("quirks.bib", b"},\n  year = {2012}\n}\n"),
    ],
)
def test_a_cut_export_stops_unless_declared_says_it_is_whole(tmp_path: Path, name: str, end: bytes | None):
    data = (DATA / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data if end is None else data[: data.rindex(end)])
    with pytest.raises(PrismakeError, match="looks cut off"):
        import_files([path], source_id="s")
    whole = read_file(path)
    _, files = import_files([path], source_id="s", declared=whole.counted)
    assert any("looks cut off" in warning for warning in files[0].warnings)


FULL = "TY  - JOUR\nTI  - Title {0}\nAU  - Okafor, A\nKW  - one\nKW  - two\nPY  - 2020\nN1  - note\nER  - \n\n"
ENTRY = "@article{{a{0},\n title = {{Title {0}}},\n note = {{{{Two}}}},\n year = {{2020}}\n}}\n\n"


@pytest.mark.parametrize("form", [FULL, ENTRY])
def test_an_export_cut_between_two_lines_of_a_record_stops(tmp_path: Path, form: str):
    whole, last = form.format(1), form.format(2).rstrip().splitlines(keepends=True)
    for kept in range(1, len(last) - (form == FULL)):
        path = written(tmp_path / "cut", whole + "".join(last[:kept]))
        with pytest.raises(PrismakeError, match="looks cut off"):
            import_files([path], source_id="s")
        assert import_files([path], source_id="s", declared=2)[1][0].counted == 2


def test_a_last_record_that_lacks_nothing_but_its_er_is_read_and_told_of(tmp_path: Path):
    path = written(tmp_path / "a.ris", FULL.format(1) + FULL.format(2).removesuffix("ER  - \n\n"))
    frame, (file,) = import_files([path], source_id="s")
    assert (frame.height, file.warnings) == (
        2,
        ["1 record without an ER line (end of record), the first is record 2"],
    )


def test_a_ris_cut_in_its_first_record_stops(tmp_path: Path):
    with pytest.raises(PrismakeError, match="looks cut off"):
        import_files([written(tmp_path / "a.ris", "TY  - JOUR\nTI  - A\nAU  - B, C\n")], source_id="s")


def test_a_ris_of_a_program_that_never_writes_er_is_read(tmp_path: Path):
    path = written(tmp_path / "a.ris", "TY  - JOUR\nTI  - A\nAU  - B, C\n" * 2)
    assert import_files([path], source_id="s")[0].height == 2


@pytest.mark.parametrize("source_id", ["", "a b", "a/b", "a:b", "ä", "a\n"])
def test_what_cannot_name_a_source_is_refused(source_id: str):
    with pytest.raises(PrismakeError, match="cannot name a source"):
        import_files([], source_id=source_id)


@pytest.mark.parametrize("source_id", ["s", "Set1", "em-1", "a_b", "1.2"])
def test_what_can_name_a_source(source_id: str):
    assert import_files([], source_id=source_id)[0].is_empty()


@pytest.mark.parametrize("day", ["", "2026", "20260210", "2026-02-30", "2026-W07-2", "10.2.2026"])
def test_what_is_no_day_is_refused(day: str):
    with pytest.raises(PrismakeError, match="is not a date"):
        import_files([], source_id="s", run_date=day)


def test_a_negative_number_of_records_is_refused():
    with pytest.raises(PrismakeError, match="-1 records cannot have been declared"):
        import_files([], source_id="s", declared=-1)


def test_a_folder_is_no_export(tmp_path: Path):
    with pytest.raises(PrismakeError, match="this is a folder"):
        read_file(tmp_path)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_row_of_white_space_only_is_no_record(tmp_path: Path, delimiter: str):
    rows = [["record_id", "title"], ["1", "One"], ["\u00a0", ""], ['" \u2003"', "\t"]]
    path = written(tmp_path / "a.csv", "".join(delimiter.join(row) + "\n" for row in rows))
    assert read_file(path).counted == 1


@pytest.mark.parametrize(
    ("cell", "authors"),
    [
        ("['Okafor, A', \"O'Neill, B\"]", ["Okafor, A", "O'Neill, B"]),
        (f"['a',{'-' * 100_000}1]", None),
        (f"['a',{'[' * 100_000}", None),
        ("['a\\x']", None),
    ],
)
def test_a_list_as_python_prints_it(tmp_path: Path, cell: str, authors: list[str] | None):
    quoted = cell.replace('"', '""')
    path = written(tmp_path / "a.csv", f'record_id,title,authors\n1,One,"{quoted}"\n')
    (record,) = read_file(path).records
    assert (record["authors"] == authors) is (authors is not None)


def test_a_suffix_that_is_an_accession_is_passed_over():
    given = [{"source_record_id": accession} for accession in ("a", "a", "a", "a~2", "a~2", "a~4")]
    assert table(given, "s")["record_id"].to_list() == ["s:a", "s:a~3", "s:a~5", "s:a~2", "s:a~2~2", "s:a~4"]


def test_parquet_columns_of_other_types_are_taken_when_nothing_is_lost(tmp_path: Path):
    frame = table([{"title": "A", "year": 2020, "authors": ["B, C"]}], "s")
    other = frame.with_columns(
        pl.col("year").cast(pl.Int64), pl.col("title").cast(pl.Categorical), mesh=None, pages=pl.lit(None)
    )
    other.write_parquet(tmp_path / "a.parquet")
    assert read_parquet(tmp_path / "a.parquet").equals(frame)
    assert dict(read_parquet(tmp_path / "a.parquet").schema) == SCHEMA


@pytest.mark.parametrize(
    "column",
    [{"year": 2020.5}, {"year": 2**40}, {"year": "2020"}, {"title": 3}, {"authors": "A"}, {"authors": [1]}],
    ids=str,
)
def test_a_parquet_column_of_a_wrong_type_is_named(tmp_path: Path, column: dict):
    (name, value), path = *column.items(), tmp_path / "a.parquet"
    table([{"title": "A"}], "s").with_columns(pl.Series(name, [value])).write_parquet(path)
    with pytest.raises(PrismakeError, match=f"the column {name} holds"):
        read_parquet(path)


def test_a_folder_is_no_parquet_table(tmp_path: Path):
    with pytest.raises(PrismakeError, match="this is a folder"):
        read_parquet(tmp_path)


def test_a_record_that_only_the_count_sees_stops(tmp_path: Path):
    path = written(tmp_path / "a.ris", RECORD.format(1) + "   TY  - JOUR\n   TI  - An indented record\n   ER  - \n")
    with pytest.raises(PrismakeError, match="holds 2 records by an independent count, but 1 were read"):
        read_file(path)


def test_every_format_is_checked_against_its_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, (reader, _) in read._READERS.items():
        monkeypatch.setitem(read._READERS, name, (reader, lambda text: 99))
    monkeypatch.setattr(count, "count_csv", lambda *args, **kwargs: 99)
    for name in ("scopus.ris", "pubmed.nbib", "wos.ciw", "quirks.bib", "native.csv"):
        with pytest.raises(PrismakeError, match="99 records"):
            read_file(DATA / name)


def test_accessions_that_stand_twice_are_told_and_both_kept(tmp_path: Path):
    path = written(tmp_path / "a.ris", RECORD.format(1) * 2)
    frame, files = import_files([path], source_id="s")
    assert sorted(frame["record_id"]) == ["s:ACC-00001", "s:ACC-00001~2"]
    assert files[0].warnings == ["1 accession numbers stand more than once, for example ACC-00001"]


def test_header_alone_is_a_search_without_hits(tmp_path: Path):
    frame, _ = import_files([written(tmp_path / "none.csv", "record_id,title\n")], source_id="s", declared=0)
    assert frame.height == 0


def test_ids_alone_are_records(tmp_path: Path):
    number = 100_000 if os.environ.get("PRISMAKE_LARGE") else 2_000
    path = written(tmp_path / "ids.csv", "record_id\n" + "".join(f"r{index}\n" for index in range(number)))
    frame, files = import_files([path], source_id="big")
    assert frame.height == files[0].counted == number
    assert frame["record_id"][-1] == f"big:r{number - 1}"


def test_report_has_one_row_per_file(tmp_path: Path):
    _, files = import_files([DATA / "quirks.bib", DATA / "scopus.ris"], source_id="s")
    write_report(tmp_path / "import.tsv", files)
    rows = [line.split("\t") for line in (tmp_path / "import.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == REPORT_COLUMNS
    told = [dict(zip(REPORT_COLUMNS, row, strict=True)) for row in rows[1:]]
    assert [row["rejected"] for row in told] == ["1", "0", "0"]  # the second row is the record that was left out
    assert told[1]["warnings"].startswith("record 5 (lines 34-")
    assert sum(int(row["counted"]) for row in told) == 7
    assert rows[1][-1].count(" | ") == 1
    assert len(rows[3][1]) == 64


def test_same_file_same_records(tmp_path: Path):
    first, second = (import_files([DATA / "pubmed.nbib"], source_id="s")[0] for _ in range(2))
    assert first.equals(second)
