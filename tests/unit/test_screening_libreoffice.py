"""A form that a real LibreOffice opened and saved as .ods: its decisions, and the ids it could have changed."""

import subprocess
from pathlib import Path

import openpyxl
import pytest

from prismake.records import REPORT_SCHEMA
from prismake.screening.reading import read_forms
from prismake.screening.sheets import report_row, workbook
from prismake.screening.votes import votes

IDS = ["src:007", "h:1E5", "pm:3-1"]


def test_a_form_saved_as_ods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, need):
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
    for row, answer in ((2, "include"), (3, 0), (4, "Maybe")):
        book["Screening"].cell(row, at["decision"]).value = answer
    book.save(form)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", folder, form]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    saved = form.with_suffix(".ods").as_posix()
    reading = read_forms("title_abstract", [saved, form.as_posix()], [], set(IDS), ["ana"])
    cast = votes(reading, {}, [])
    assert {v.record_id: v.decision for v in cast if v.counts} == dict(
        zip(IDS, ["include", "exclude", "maybe"], strict=True)
    )
    assert sum(v.why == "copy" for v in cast) == 3
    assert reading.faults == []
