"""A form that a real LibreOffice opened and saved: its decisions and notes, and the ids it could have changed."""

import subprocess
from pathlib import Path

import openpyxl
import pytest

from prismake.records import REPORT_SCHEMA
from prismake.screening.reading import read_forms
from prismake.screening.sheets import report_row, workbook
from prismake.screening.votes import votes

IDS = ["src:007", "h:1E5", "pm:3-1"]
# Of an export as CSV: separator, quote, character set (76 UTF-8, 65535 UTF-16, 1 Windows-1252), and the first sheet.
CSV = "csv:Text - txt - csv (StarCalc):{},34,{},1,,0,false,true,false,false,false,1"


@pytest.mark.parametrize(
    "kind", ["xlsx", "ods", *(CSV.format(*how) for how in ((44, 76), (59, 1), (9, 65535)))], ids=lambda kind: kind[:43]
)
def test_a_form_saved_by_libreoffice(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, need):
    need("soffice", "libreoffice-calc")
    monkeypatch.chdir(tmp_path)
    blank = dict.fromkeys(REPORT_SCHEMA)
    rows = [report_row({**blank, "report_id": one, "title": f"{number}E5 = rats"}) for number, one in enumerate(IDS)]
    folder = Path("resources/screening/ana")
    folder.mkdir(parents=True)
    form = folder / "title_abstract.ana.01.xlsx"
    form.write_bytes(workbook("title_abstract", rows, reasons=[], meta={"kind": "title_abstract", "person": "ana"}))
    book = openpyxl.load_workbook(form)
    at = {cell.value: cell.column for cell in book["Screening"][1]}
    notes = ('größer; "so"', "two\nlines", "")
    for row, answer in ((2, "include"), (3, 0), (4, "Maybe")):
        book["Screening"].cell(row, at["decision"]).value = answer
        book["Screening"].cell(row, at["note"]).value = notes[row - 2]
    book.save(form)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", tmp_path / "saved", form]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (made,) = (tmp_path / "saved").iterdir()
    saved = made.replace(form.with_name(f"title_abstract.ana.01 (1){made.suffix}")).as_posix()
    reading = read_forms("title_abstract", [saved, form.as_posix()], [], set(IDS), ["ana"])
    cast = votes(reading, {}, [])
    decisions = dict(zip(IDS, ["include", "exclude", "maybe"], strict=True))
    for file in (saved, form.as_posix()):
        assert {v.record_id: v.decision for v in cast if v.file == file} == decisions
        assert {v.record_id: v.note for v in cast if v.file == file} == dict(zip(IDS, notes, strict=True))
    assert sum(v.why == "copy" for v in cast) == 3
    assert reading.faults == []
