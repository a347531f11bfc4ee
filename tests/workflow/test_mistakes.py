"""Mistakes of people: in the configuration and in exports they stop the run with one message; in forms, never."""

import subprocess
from pathlib import Path

import openpyxl
import pytest

from conftest import SNAKEMAKE, Review, record


def refused(review: Review) -> str:
    """The message of a run that stops: exit 1, no traceback, nothing in results/ changed."""
    made = review.hashes("results")
    run = review.run()
    assert run.code == 1, run.text
    assert "Traceback" not in run.text
    assert review.hashes("results") == made
    return run.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["screening"].update(pilots=3), "unknown key 'pilots'; did you mean 'pilot'?"),
        (lambda c: c["search"]["sources"]["pm"].update(files=["nope.csv"]), "no such file: nope.csv"),
        (lambda c: c["screening"].update(adjudicator="cloe"), "did you mean 'cleo'?"),
        (lambda c: c["search"]["sources"]["pm"].update(date="2026-02-30"), "there is no day 2026-02-30"),
    ],
)
def test_a_wrong_config_is_explained_in_one_line(finished: Review, change, said):
    finished.configure(change)
    text = refused(finished)
    lines = [line for line in text.splitlines() if line.startswith("prismake: config/config.yaml")]
    assert len(lines) == 1
    assert said in lines[0]


def test_no_config_at_all(tmp_path: Path):
    run = Review(tmp_path).run()
    assert run.code == 1
    assert "prismake: config/config.yaml: there is no review here" in run.text


def test_an_export_with_fewer_records_than_declared_stops_the_run(finished: Review):
    finished.configure(lambda config: config["search"]["sources"]["pm"].update(declared=13))
    text = refused(finished)
    assert "13" in text
    assert "12" in text
    assert "declared" in text


def _edit(change):
    def edit(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        change(book["Screening"])
        book.save(path)

    return edit


def _torn(sheet) -> None:
    sheet["A2"].value, sheet["A3"].value = sheet["A3"].value, sheet["A2"].value


def _unknown(sheet) -> None:
    """A row that neither its id nor, with its check value, its title can bring back."""
    sheet["A2"].value, sheet["B2"].value = "pm:nope", "A title that no search found"


def _copy(path: Path) -> None:
    copy = path.with_name(f"{path.stem} (conflicted copy 2026-02-02).xlsx")
    copy.write_bytes(path.read_bytes())
    _edit(lambda sheet: setattr(sheet["H2"], "value", "maybe"))(copy)


def _value(cell: str, value: str):
    return _edit(lambda sheet: setattr(sheet[cell], "value", value))


SPOILT = {
    "screening/ana/title_abstract.ana.01.xlsx": (_edit(_torn), "torn apart"),
    "screening/ana/title_abstract.ana.02.xlsx": (_edit(lambda sheet: sheet.delete_cols(8)), "'decision' is missing"),
    "screening/ben/title_abstract.ben.01.xlsx": (_copy, "another answer of yours differs"),
    "screening/ben/title_abstract.ben.02.xlsx": (_value("H2", "=1+1"), "a formula"),
    "screening/ana/full_text.ana.01.xlsx": (lambda path: path.write_bytes(b"PK\x03\x04 broken"), "damaged"),
    "screening/ben/full_text.ben.01.xlsx": (_edit(_unknown), "no search found a record 'pm:nope'"),
    "retrieval/ana/retrieval.ana.01.xlsx": (lambda path: path.unlink(), "this form was issued and is gone"),
    "studies/ana/studies.ana.01.xlsx": (lambda path: path.rename(path.with_name("s.xlsx")), "not named like a form"),
}


def test_faults_in_forms_are_pending_and_listed_and_never_stop_a_run(finished: Review):
    for name, (spoil, _) in SPOILT.items():
        spoil(finished.folder / "resources" / name)
    people = finished.hashes("resources")
    finished.run_well()
    after = finished.hashes("resources")
    assert {file: after[file] for file in people} == people
    faults = finished.table("screening/faults.csv")
    report = (finished.folder / "results/report/report.html").read_text(encoding="utf-8").replace("<wbr>", "")
    command = [SNAKEMAKE.with_name("prismake"), "status", "--review", finished.folder]
    status = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "DRAFT" in report
    for name, (_, said) in SPOILT.items():
        file = f"resources/{name}".replace("studies.ana.01.xlsx", "s.xlsx")
        assert any(said in row["problem"] for row in faults if row["file"] == file), (name, faults)
        assert file in report, name
        assert file in status, name


def test_braces_in_names_and_texts_are_no_wildcards(small: Review):
    small.configure(lambda config: config["review"].update(title="A {review} of {{braces}} and $HOME"))
    small.run_well("screen")
    form = small.forms("title_abstract")[0]
    copy = form.with_name(f"{form.stem} {{copy}}.xlsx")
    copy.write_bytes(form.read_bytes())
    small.fill(copy)
    small.run_well()
    assert len(small.table("screening/title_abstract/votes.csv")) == 4


def test_a_form_that_was_never_issued_to_its_folder_is_no_further_reviewer(finished: Review):
    ghost = finished.folder / "resources/screening/ghost/title_abstract.ghost.01.csv"
    ghost.parent.mkdir()
    ids = [row["record_id"] for row in finished.table("screening/title_abstract/votes.csv")]
    ghost.write_text("record_id,title,decision\n" + "".join(f"{i},x,exclude\n" for i in ids))
    finished.run_well("screen")
    assert {row["person"] for row in finished.table("screening/title_abstract/votes.csv")} == {"ana", "ben", "cleo"}
    assert any(
        "there is no 'ghost' in screening.people" in row["problem"] for row in finished.table("screening/faults.csv")
    )


def test_lock_files_are_ignored(finished: Review):
    lock = finished.folder / "resources/screening/ana/~$title_abstract.ana.01.xlsx"
    lock.write_bytes(b"\x03ana")
    assert "Nothing to be done" in finished.run_well().text


def test_control_characters_and_markup_from_an_export_stay_text(small: Review):
    titles = ["<script>alert(1)</script> eligible", '=HYPERLINK("http://example.org","x") eligible', "Bell\x0brings"]
    rows = [record(50 + i, "p", title=title, doi="", abstract=title) for i, title in enumerate(titles)]
    path = small.export("pm", rows)

    def only_these(config: dict) -> None:
        config["search"]["sources"] = {"pm": {**config["search"]["sources"]["pm"], "files": [path]}}
        config["screening"]["pilot"] = 0

    small.configure(only_these)
    small.finish()
    kinds = {path.name.split(".")[0] for path in small.forms()}
    assert kinds == {"title_abstract", "retrieval", "full_text", "studies", "extraction"}
    for page in ("report/report.html", "prisma/flow.html"):
        html = (small.folder / "results" / page).read_text(encoding="utf-8")
        assert "<script>alert(1)" not in html
        assert "alert(1)" in html
    for form in small.forms():
        for sheet in openpyxl.load_workbook(form).worksheets:
            for row in sheet.iter_rows():
                assert all(cell.data_type != "f" for cell in row)
