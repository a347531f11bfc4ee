"""Writing and reading cells: whatever programs do to a value, nothing is lost and nothing comes alive."""

import csv
import datetime
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.spreadsheet import Box, Column, Page, Sheet, read_workbook, sheet_name_problem, write_workbook
from prismake.spreadsheet.text import MAX_TEXT, clean

DATA = Path(__file__).parents[1] / "data" / "spreadsheet"
TEXT = Column("text", width=30)
NOTE = Column("note", width=30, editable=True)


def form(tmp_path: Path, columns: list[Column], *rows: dict, **more) -> Path:
    path = tmp_path / "form.xlsx"
    path.write_bytes(write_workbook([Sheet("Data", columns, rows, **more)]))
    return path


def back(path: Path) -> list[dict[str, tuple[str, str]]]:
    """Value and kind of every cell, by label."""
    (table,) = [t for name, t in read_workbook(path).sheets.items() if name != "Instructions"]
    return [{label: (cell.value, cell.kind) for label, cell in row.cells.items()} for row in table.rows]


def raw(path: Path, cell: str = "A2", sheet: str = "Data"):
    return openpyxl.load_workbook(path)[sheet][cell]


# --- A text stays that text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [TEXT, NOTE])
@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "==a", '=HYPERLINK("http://x.example","y")', "=", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0"),
        *("#N/A", "#REF!", "1/2", "TRUE", "0012", "12345678901234567890", "'quoted", "a; b, c", "1,5", "nan"),
        *("_x000D_", "_x0041_x0042_", "_x005F_x0041_", "two\nlines", "\U0001f9ec exosome", "a\x7fb\x85c"),
        "</t></is>&amp;<script>alert(1)</script>",
    ],
)
def test_a_text_comes_back_as_it_was(tmp_path, column, text):
    path = form(tmp_path, [column, Column("id")], {column.key: text, "id": "x"})
    assert back(path)[0][column.key] == (text, "text")
    assert raw(path).data_type == "s"


def test_text_that_looks_like_a_formula_is_marked_as_text(tmp_path):
    assert raw(form(tmp_path, [TEXT], {"text": "=1+1"})).quotePrefix
    path = form(tmp_path, [TEXT], {"text": "a"}, {"text": "=1+1"}, {"text": "b"})
    assert [raw(path, cell).quotePrefix for cell in ("A2", "A3", "A4")] == [False, True, False]


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\x00b\x08\x0b\x0c\x0e\x1f", "a\ufffdb" + "\ufffd" * 5),
        ("a\ufffeb\uffff", "a\ufffdb\ufffd"),
        ("a\ud800b", "a\ufffdb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("  a b\u00a0", "a b"),
    ],
)
def test_what_no_file_can_hold_is_replaced(tmp_path, given_text, expected):
    assert back(form(tmp_path, [TEXT], {"text": given_text})) == [{"text": (expected, "text")}]


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=60), min_size=1, max_size=5))
def test_any_text_survives_and_never_becomes_a_formula(texts, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "form.xlsx"
    rows = [{"id": f"r{i}", "text": text, "note": text} for i, text in enumerate(texts)]
    path.write_bytes(write_workbook([Sheet("Data", [Column("id"), TEXT, NOTE], rows)], meta={"m": texts[0]}))
    expected = [clean(text).strip() for text in texts]
    rows = back(path)
    assert [row["text"][0] for row in rows] == [row["note"][0] for row in rows] == expected
    assert all(cell[1] in ("text", "blank") for row in rows for cell in row.values())
    assert read_workbook(path).meta == {"m": clean(texts[0])}


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark_where_it_is_only_shown(tmp_path):
    ((value, _),) = back(form(tmp_path, [TEXT], {"text": "long " * 8000}))[0].values()
    assert len(value) <= MAX_TEXT
    assert value.endswith(f"[cut: {40000 - value.index(' [cut')} more characters]")


def test_astral_characters_count_twice(tmp_path):
    ((value, _),) = back(form(tmp_path, [TEXT], {"text": "\U0001f9ec" * 20000}))[0].values()
    assert len(value.encode("utf-16-le")) // 2 <= MAX_TEXT
    assert "[cut: " in value


def test_escapes_do_not_make_a_text_too_long(tmp_path):
    ((value, _),) = back(form(tmp_path, [TEXT], {"text": "_x0041_" * 4600}))[0].values()
    assert value.startswith("_x0041_" * 1000)
    assert "[cut: " in value


@pytest.mark.parametrize("column", [NOTE, Column("check", hidden=True)])
def test_a_text_too_long_for_a_cell_that_is_read_back_is_an_error(tmp_path, column):
    with pytest.raises(PrismakeError, match=r"sheet 'Data', A2: 32,768 characters"):
        form(tmp_path, [column], {column.key: "x" * 32768})


def test_the_longest_text_is_whole(tmp_path):
    assert back(form(tmp_path, [NOTE], {"note": "x" * 32767}))[0]["note"][0] == "x" * 32767


# --- Numbers, dates, others -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (8, ("8", "number")),
        (1.5, ("1.5", "number")),
        (0.3, ("0.3", "number")),
        (1e-7, ("0.0000001", "number")),
        (-3.0, ("-3", "number")),
        (0, ("0", "number")),
        (12345678901234567890, ("12345678901234567890", "text")),
        (True, ("yes", "text")),
        (False, ("no", "text")),
    ],
)
def test_numbers(tmp_path, value, expected):
    assert back(form(tmp_path, [Column("id"), TEXT], {"id": "x", "text": value}))[0]["text"] == expected


@pytest.mark.parametrize("value", [None, "", "   "])
def test_blank(tmp_path, value):
    assert back(form(tmp_path, [Column("id"), TEXT], {"id": "x", "text": value}))[0]["text"] == ("", "blank")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_an_error(tmp_path, value):
    with pytest.raises(PrismakeError, match="sheet 'Data', A2"):
        form(tmp_path, [TEXT], {"text": value})


@pytest.mark.parametrize("value", [[1], {"a": 1}, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)])
def test_other_types_are_a_mistake_of_the_caller(tmp_path, value):
    with pytest.raises(TypeError, match="A2"):
        form(tmp_path, [TEXT], {"text": value})


def test_dates_are_dates_in_date_columns_only(tmp_path):
    path = form(tmp_path, [Column("date", kind="date"), TEXT], {"date": "2026-02-10", "text": "2026-02-10"})
    assert back(path) == [{"date": ("2026-02-10", "date"), "text": ("2026-02-10", "text")}]
    assert back(form(tmp_path, [Column("date", kind="date")], {"date": "Feb 2026"})) == [{"date": ("Feb 2026", "text")}]


def test_only_web_addresses_are_links(tmp_path):
    link = Column("link", kind="link")
    assert raw(form(tmp_path, [link], {"link": "https://doi.org/10.5555/a<b>"})).hyperlink.target == (
        "https://doi.org/10.5555/a%3Cb%3E"
    )
    for text in ("javascript:alert(1)", "file:///etc/passwd", "10.5555/a", "https://x.example/" + "a" * 3000):
        path = form(tmp_path, [link], {"link": text})
        assert raw(path).hyperlink is None
        assert back(path) == [{"link": (text, "text")}]


# --- Sheets -----------------------------------------------------------------------------------------------------------


def test_same_sheets_same_bytes(tmp_path, monkeypatch):
    columns = [Column("id"), Column("d", kind="choice", options=("a", "b"), editable=True, help="Choose.")]
    sheets = [Sheet("Data", columns, [{"id": "x"}])]
    first = write_workbook(sheets, instructions=["Title", "Text"], meta={"kind": "k"})
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert write_workbook(sheets, instructions=["Title", "Text"], meta={"kind": "k"}) == first


def test_nothing_in_a_workbook_tells_when_it_was_made():
    with zipfile.ZipFile(io.BytesIO(write_workbook([Sheet("Data", [TEXT], [])]))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = archive.read("docProps/core.xml").decode()
    assert about.count("1980-01-01T00:00:00Z") == 2
    assert str(datetime.date.today().year) not in about


def test_option_lists_are_named_ranges(tmp_path):
    options = ("a, with a comma", *(f"option {i} " + "x" * 20 for i in range(40)), "=1+1")
    columns = [Column(key, kind="choice", options=options, editable=True) for key in ("one", "two")]
    path = form(tmp_path, columns, {})
    book = openpyxl.load_workbook(path)
    rules = book["Data"].data_validations.dataValidation
    assert [rule.formula1 for rule in rules] == ["list_1", "list_1"]
    assert book.defined_names["list_1"].attr_text == "'_lists'!$A$1:$A$42"
    assert [cell.value for cell in book["_lists"]["A"]] == list(options)
    assert book["_lists"].sheet_state == "hidden"


def test_prompts_and_errors_fit_their_limits(tmp_path):
    column = Column("x", "A label " * 9 + "end", kind="choice", options=("o" * 300,), editable=True, help="word " * 99)
    (rule,) = openpyxl.load_workbook(form(tmp_path, [column], {})).worksheets[0].data_validations.dataValidation
    assert len(rule.promptTitle) <= 32
    assert len(rule.errorTitle) <= 32
    assert 200 < len(rule.prompt) <= 255
    assert len(rule.error) <= 225


def test_rules_of_numbers_allow_their_codes(tmp_path):
    column = Column("n", kind="integer", editable=True, minimum=1, maximum=9, codes=("NR",), help="How many.")
    (rule,) = openpyxl.load_workbook(form(tmp_path, [column], {})).worksheets[0].data_validations.dataValidation
    assert rule.formula1 == "IF(ISNUMBER(A2),AND(A2=INT(A2),A2>=1,A2<=9),ISNUMBER(MATCH(A2,list_1,0)))"
    assert rule.error == "Type a whole number, at least 1, at most 9; or NR."


def test_people_can_write_where_they_should_and_nowhere_else(tmp_path):
    path = form(tmp_path, [TEXT, NOTE, Column("check", hidden=True)], {"text": "a", "check": "c"}, blank_rows=1)
    page = openpyxl.load_workbook(path)["Data"]
    assert page.protection.sheet
    assert page.protection.password is None
    assert not (page.protection.autoFilter or page.protection.sort or page.protection.formatColumns)
    assert [page[cell].protection.locked for cell in ("A2", "B2", "C2", "B3", "A1")] == [True, False, True, False, True]
    assert page.column_dimensions["C"].hidden
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == "A1:C3"
    assert page.print_title_rows == "$1:$1"
    assert page["B2"].number_format == "@"


def test_every_font_is_named(tmp_path):
    path = form(tmp_path, [TEXT, NOTE, Column("l", kind="link")], {"text": "a", "l": "https://x.example"})
    book = openpyxl.load_workbook(path)
    assert {cell.font.name for page in book for row in page.iter_rows() for cell in row} == {"Calibri"}


def test_rows_are_high_enough_for_their_text(tmp_path):
    wide = Column("abstract", width=90)
    path = form(tmp_path, [wide], {"abstract": "short"}, {"abstract": "words " * 300}, {"abstract": "words " * 900})
    page = openpyxl.load_workbook(path)["Data"]
    heights = [page.row_dimensions[row].height for row in (2, 3, 4)]
    assert heights[0] < 20
    assert heights[1] > 15 * 1800 / 120
    assert heights[2] <= 409
    assert page["A4"].font.size < page["A3"].font.size == 11


@pytest.mark.parametrize(
    "name",
    ["", "x" * 32, "a/b", "a:b", "[a]", "a?", "a*", "a\\b", "'a", "a'", "History", "_lists", "Instructions", " a"],
)
def test_sheet_names(name):
    assert sheet_name_problem(name)
    with pytest.raises(PrismakeError):
        write_workbook([Sheet(name, [TEXT], [])])


def test_good_sheet_names():
    assert not any(map(sheet_name_problem, ["Screening", "x" * 31, "Dr. Müller's", "a b"]))


@pytest.mark.parametrize(
    ("sheets", "problem"),
    [
        ([Sheet("A", [TEXT], []), Sheet("a", [TEXT], [])], "two sheets"),
        ([Sheet("A", [TEXT, Column("other", "text")], [])], "same label"),
        ([Sheet("A", [Column("x", "two\nlines")], [])], "one line"),
        ([Sheet("A", [TEXT], [], blank_rows=1_048_576)], "1,048,577 rows"),
        ([Sheet("A", [Column(str(i)) for i in range(16_385)], [])], "16,385 columns"),
        ([Sheet("A", [], [])], "0 columns"),
    ],
)
def test_impossible_sheets(sheets, problem):
    with pytest.raises(PrismakeError, match=problem):
        write_workbook(sheets)


# --- Reading what people and programs did -----------------------------------------------------------------------------


def edited(tmp_path: Path, **cells) -> list[dict[str, tuple[str, str]]]:
    """A form with one row after a person set these cells."""
    path = form(tmp_path, [Column("id"), Column("n", editable=True), NOTE], {"id": "x"})
    book = openpyxl.load_workbook(path)
    for ref, value in cells.items():
        book["Data"][ref] = value
        if isinstance(value, float):
            book["Data"][ref].number_format = "0%"
    book.save(path)
    return back(path)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<t>a_x005F_x000D_b</t>", "a_x000D_b"),
        ("<t>a_x000D_\nb</t>", "a\nb"),
        ("<t>x005F_ y</t>", "x005F_ y"),
        ("<r><rPr><b/></rPr><t>bold </t></r><r><t>plain</t></r>", "bold plain"),
        ("<t>東京</t><rPh sb='0' eb='2'><t>とうきょう</t></rPh><phoneticPr fontId='1'/>", "東京"),
        ("<t/>", ""),
    ],
)
def test_texts_that_a_program_keeps_apart_from_the_cells(tmp_path, item, expected):
    path = form(tmp_path, [Column("id"), TEXT], {"id": "x", "text": "y"})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace('t="inlineStr"><is><t>y</t></is>', 't="s"><v>0</v>')
    assert parts["xl/worksheets/sheet1.xml"] != sheet
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{space}"><si>{item}</si></sst>'
    path.write_bytes(zipped(**{name: part.encode() for name, part in parts.items()}))
    assert back(path)[0]["text"][0] == expected


def test_formulas_are_not_their_results(tmp_path):
    assert edited(tmp_path, B2="=1+1")[0]["n"] == ("=1+1", "formula")


def test_errors_dates_booleans_and_percentages(tmp_path):
    row = edited(tmp_path, B2="#DIV/0!", C2=datetime.datetime(2026, 5, 1))[0]
    assert row["n"] == ("#DIV/0!", "error")
    assert row["note"] == ("2026-05-01", "date")
    assert edited(tmp_path, B2=True)[0]["n"] == ("TRUE", "boolean")
    assert edited(tmp_path, B2=0.45)[0]["n"] == ("45%", "text")
    assert edited(tmp_path, B2=datetime.datetime(2026, 5, 1, 10, 30))[0]["n"] == ("2026-05-01T10:30:00", "date")
    assert edited(tmp_path, B2=datetime.time(10, 30))[0]["n"] == ("10:30:00", "date")


def test_cells_know_their_place(tmp_path):
    path = form(tmp_path, [Column("id"), NOTE], {"id": "x"}, {}, {"id": "y", "note": "n"})
    table = read_workbook(path).sheets["Data"]
    assert [(row.number, row.cells["note"].ref) for row in table.rows] == [(2, "B2"), (4, "B4")]
    assert table.letters == {"id": "A", "note": "B"}


def workbook(tmp_path: Path, rows: list[list], merge: str = "") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    book.save(tmp_path / "own.xlsx")
    return tmp_path / "own.xlsx"


def test_columns_that_people_changed(tmp_path):
    path = workbook(tmp_path, [[], ["id", None, "note", "note", None], ["x", None, "a", "b", "loose"], [" ", None]])
    (table,) = read_workbook(path).sheets.values()
    assert table.columns == ["id", "note", "note (D)", "(E)"]
    assert [[cell.value for cell in row.cells.values()] for row in table.rows] == [["x", "a", "b", "loose"]]


def test_merged_cells_hold_one_value(tmp_path):
    (table,) = read_workbook(workbook(tmp_path, [["id", "note"], ["x", "a"], ["y", "b"]], "B2:B3")).sheets.values()
    assert [row.cells["note"].value for row in table.rows] == ["a", ""]


def test_an_empty_workbook_has_an_empty_table(tmp_path):
    (table,) = read_workbook(workbook(tmp_path, [])).sheets.values()
    assert (table.columns, table.rows) == ([], [])


def test_long_meta(tmp_path):
    path = tmp_path / "form.xlsx"
    meta = {"definition": "a b " * 30_000, "empty": "", "kind": "=x"}
    path.write_bytes(write_workbook([Sheet("Data", [TEXT], [])], instructions=["Do"], meta=meta))
    book = read_workbook(path)
    assert book.meta == meta
    assert list(book.sheets) == ["Data", "Instructions"]


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "libreoffice.ods"])
def test_files_that_libreoffice_saved(name):
    book = read_workbook(DATA / name)
    assert book.meta == {"kind": "test", "person": "ana"}
    assert list(book.sheets) == ["Screening", "Instructions"]
    rows = back(DATA / name)
    assert [row["decision"] for row in rows] == [
        ("include", "text"),
        ("exclude", "text"),
        ("", "blank"),
        ("=1+1", "formula"),
        ("2026-05-01", "date"),
        ("TRUE", "boolean"),
        ("45%", "text"),
        ("1.5", "number"),
    ]
    assert [row["title"][0] for row in rows[:4]] == [
        '=HYPERLINK("http://x.example","y")',
        "#N/A",
        "Exosomes,  two spaces\nand two lines",
        "+1+1 <b>&amp; ü \U0001f9ec",
    ]
    assert rows[6]["note"] == ("", "blank"), "covered by a merged cell"
    assert rows[7]["note"][1] in ("formula", "error")
    page = read_workbook(DATA / name).sheets["Screening"]
    assert page.rows[7].cells["decision"].ref == "C9"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("id,note\nx,größer\n".encode(), "größer"),
        ("\ufeffid;note\nx;größer, schön\n".encode(), "größer, schön"),
        ("id\tnote\r\nx\tgrößer\r\n".encode("cp1252"), "größer"),
        ("id,note\nx,größer\n".encode("utf-16"), "größer"),
        (b'id,note\nx,"a\r\n""b"", c"\n\n', 'a\n"b", c'),
        (b'"a, b, id";note\nx;=1+1\n', "=1+1"),
    ],
)
def test_csv(tmp_path, data, expected):
    path = tmp_path / "form.csv"
    path.write_bytes(data)
    book = read_workbook(path)
    ((row,),) = [table.rows for table in book.sheets.values()]
    assert row.cells["note"].value == expected
    assert row.cells["note"].ref == "B2"
    assert (list(book.sheets), book.meta) == ([""], {})


def test_a_csv_that_tells_excel_its_separator(tmp_path):
    path = tmp_path / "form.csv"
    path.write_bytes(b"sep=;\r\nid;a, b, note\r\nx;c, d\r\n")
    (row,) = read_workbook(path).sheets[""].rows
    assert (row.cells["a, b, note"].value, row.cells["a, b, note"].ref) == ("c, d", "B3")


def test_csv_written_by_python(tmp_path):
    rows = [["id", "note"], ["x", 'a "b"\nc, d; e\tf'], ["y", ""]]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    (tmp_path / "form.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")
    table = read_workbook(tmp_path / "form.csv").sheets[""]
    assert [[cell.value for cell in row.cells.values()] for row in table.rows] == rows[1:]


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


GOOD = write_workbook([Sheet("Data", [TEXT], [{"text": "a"}])])
SPREADSHEET = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><table:table table:name="A">'
    b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
    b'office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>'
    b"</office:document-content>"
)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("f.xlsx", b"", "empty"),
        ("f.xlsx", b"hello", "not a workbook"),
        ("f.xlsx", GOOD[:3000], "damaged"),
        ("f.xlsx", GOOD.replace(b"PK\x03\x04", b"PK\x03\x05")[:-1], "damaged"),
        ("f.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        ("f.xlsx", zipped(a=b"b"), "not a workbook"),
        ("f.xlsx", zipped(**{"[Content_Types].xml": b"\0" * 260_000_000}), "250 MB"),
        ("f.ods", zipped(**{"content.xml": SPREADSHEET}), "cells"),
        ("f.ods", zipped(**{"content.xml": b"x", "META-INF/manifest.xml": b"<manifest:encryption-data>"}), "password"),
        ("f.csv", b"a\0b", "not text"),
        ("f.csv", b'id,note\nx,"never closed\n', "line 2 is not CSV"),
    ],
)
def test_files_that_cannot_be_opened(tmp_path, name, data, problem):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PrismakeError, match=problem) as caught:
        read_workbook(tmp_path / name)
    assert caught.value.place == (tmp_path / name).as_posix()


def test_missing_file_and_folder(tmp_path):
    for path, problem in ((tmp_path / "none.xlsx", "cannot be read"), (tmp_path, "this is a folder")):
        with pytest.raises(PrismakeError, match=problem):
            read_workbook(path)


REPEATED = '<t:table-row t:number-rows-repeated="{rows}">{cells}</t:table-row>'
CELL = '<t:table-cell t:number-columns-repeated="{}" o:value-type="string"><x:p>a{}</x:p></t:table-cell>'
BLANKS = '<x:s x:c="{}"/>'


def ods(rows: str) -> bytes:
    names = {"o": "office", "t": "table", "x": "text"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    return zipped(**{"content.xml": f'<o:body {spaces}><t:table t:name="A">{rows}</t:table></o:body>'.encode()})


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (REPEATED.format(rows=1, cells=CELL.format(1, BLANKS.format(2_000_000_000))), "blanks"),
        (REPEATED.format(rows=1, cells=CELL.format(1, BLANKS.format(32_767) * 400)), "blanks"),
        (REPEATED.format(rows=1, cells=CELL.format(2_000_000_000, "")), "columns"),
        (REPEATED.format(rows=2_000_000_000, cells=CELL.format(1, "")), "rows"),
        (REPEATED.format(rows=1_000_000, cells=CELL.format(2, "")), "1,000,000 cells"),
        (REPEATED.format(rows=-5, cells=CELL.format(1, "")), "repeated -5 times"),
    ],
)
def test_an_ods_that_repeats_without_end_is_refused(tmp_path, body, problem):
    (tmp_path / "a.ods").write_bytes(ods(body))
    with pytest.raises(PrismakeError, match=problem):
        read_workbook(tmp_path / "a.ods")


def test_blank_rows_and_columns_to_the_end_of_an_ods_are_nothing(tmp_path):
    blank = '<t:table-cell t:number-columns-repeated="16383"/>'
    body = REPEATED.format(rows=1, cells=CELL.format(1, BLANKS.format(3)) + blank)
    body += REPEATED.format(rows=1_048_575, cells=blank)
    (tmp_path / "a.ods").write_bytes(ods(body))
    (table,) = read_workbook(tmp_path / "a.ods").sheets.values()
    assert (table.columns, table.rows) == (["a"], [])


def test_a_workbook_of_millions_of_rows_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("prismake.spreadsheet.read.MAX_CELLS", 20)
    path = tmp_path / "big.xlsx"
    book = openpyxl.Workbook()
    for row in range(30):
        book.active.append([row])
    book.save(path)
    with pytest.raises(PrismakeError, match="more than 20 cells"):
        read_workbook(path)


# --- A rule for each cell of a column ---------------------------------------------------------------------------------


def ruled(tmp_path: Path, *rules: Column | None) -> Path:
    take = Column("take", kind="choice", options=("ana", "ben"), editable=True)
    columns = [Column("id"), take, Column("enter", "Or enter", editable=True)]
    rows = [{"id": f"q{number}"} for number in range(len(rules))]
    path = tmp_path / "form.xlsx"
    path.write_bytes(write_workbook([Sheet("Data", columns, rows, rules={"enter": rules})]))
    return path


SPECIES = Column("enter", kind="choice", options=("mouse", "rat, brown"), editable=True)
SIZE = Column("enter", kind="number", minimum=1, codes=("NR",), editable=True)


def test_each_cell_of_a_column_has_the_rule_of_its_row(tmp_path):
    path = ruled(tmp_path, SPECIES, SIZE, None, SPECIES, SPECIES, Column("enter", kind="date", editable=True))
    page = openpyxl.load_workbook(path)["Data"]
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    assert list(rules) == ["B2:B7", "C2 C5:C6", "C3", "C7"], "free text has none"
    assert rules["C2 C5:C6"].type == "list"
    assert [cell.value for cell in openpyxl.load_workbook(path)["_lists"]["B"]] == ["mouse", "rat, brown"]
    assert rules["C3"].formula1 == "IF(ISNUMBER(C3),AND(C3=C3,C3>=1),ISNUMBER(MATCH(C3,list_3,0)))"
    assert "2026-11-24" in rules["C7"].error
    colours = {str(found.sqref): found.rules[0].formula for found in page.conditional_formatting}
    assert colours["C2 C5:C6"] == ['AND(C2<>"",NOT(SUMPRODUCT(--EXACT(C2,list_2))>0))']
    assert set(colours) == set(rules)


def test_thousands_of_rules_are_few_and_quick(tmp_path):
    start = time.process_time()
    path = ruled(tmp_path, *[SPECIES, SIZE] * 2500)
    assert time.process_time() - start < 3
    assert path.stat().st_size < 200_000
    page = openpyxl.load_workbook(path)["Data"]
    assert page.data_validations.count == 3
    assert path.read_bytes() == ruled(tmp_path, *[SPECIES, SIZE] * 2500).read_bytes()


# --- Pages ------------------------------------------------------------------------------------------------------------


def paged(tmp_path: Path, *rows: list[Box], head: str = "") -> openpyxl.worksheet.worksheet.Worksheet:
    path = tmp_path / "page.xlsx"
    path.write_bytes(write_workbook([Page("A", (20, 30), rows, head), Page("O'Neil", (20,), [])]))
    return openpyxl.load_workbook(path)["A"]


def test_a_page_is_for_reading_and_prints_on_upright_a4(tmp_path):
    page = paged(tmp_path, [Box("=1+1", "title", 2)], [], [Box("label", "label"), Box(5)], head="Smith & Co\n2020")
    assert (page["A1"].value, page["A1"].data_type, page["B3"].value) == ("=1+1", "s", 5)
    assert [str(merged) for merged in page.merged_cells.ranges] == ["A1:B1"]
    assert page.protection.sheet
    assert all(cell.protection.locked for row in page.iter_rows() for cell in row)
    assert page.data_validations.count == 0
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("portrait", 9)
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.oddHeader.left.text == "Smith && Co 2020"
    assert page.oddFooter.right.text == "&P / &N"


def test_a_box_opens_another_sheet(tmp_path):
    page = paged(tmp_path, [Box("to it", "link", to="O'Neil")])
    assert page["A1"].hyperlink.location == "'O''Neil'!A1"


def test_a_text_too_long_for_a_row_goes_on_in_the_next(tmp_path):
    text = " ".join(f"word{number}" for number in range(2000))
    page = paged(tmp_path, [Box("label", "label"), Box(text)], [Box("next")], [Box("x" * 40_000)])
    labels = [page.cell(row, 1).value for row in range(1, page.max_row + 1)]
    size = labels.index("next")
    assert size > 5
    assert labels[:size] == ["label", *[None] * (size - 1)]
    assert " ".join(page.cell(row, 2).value for row in range(1, size + 1)) == text
    assert "".join(labels[size + 1 :]) == "x" * 40_000
    heights = [page.row_dimensions[row].height for row in range(1, page.max_row + 1)]
    assert max(heights) <= 409
    assert all(height > 12 for height in heights)


def test_cells_are_named_as_spreadsheet_programs_do_in_every_column(tmp_path):
    names = [f"c{number}" for number in range(1, 1001)]
    path = tmp_path / "wide.csv"
    path.write_text(",".join(names) + "\n" + ",".join(names) + "\n")
    (table,) = read_workbook(path).sheets.values()
    expected = [f"{openpyxl.utils.get_column_letter(number)}2" for number in range(1, 1001)]
    assert [table.rows[0].cells[name].ref for name in names] == expected
