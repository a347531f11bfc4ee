"""What a user of Snakemake relies on: one command, exact reruns, stages as targets, people's files left alone."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import openpyxl
import pytest

from conftest import ROOT, SNAKEMAKE, Review

LATER = {"screen", "ledger", "prisma", "report"}


def test_a_finished_review_is_no_draft_and_a_second_run_does_nothing(finished: Review):
    report = (finished.folder / "results/report/report.html").read_text(encoding="utf-8")
    assert "DRAFT" not in report
    for name in ("flow.json", "flow.csv", "flow.svg", "flow.png", "flow.html", "records.csv", "reports.csv"):
        assert (finished.folder / "results/prisma" / name).stat().st_size > 0
    again = finished.run_well()
    assert "Nothing to be done" in again.text


def test_same_inputs_same_bytes_and_people_s_files_are_left_alone(finished: Review):
    people, made = finished.hashes("resources"), finished.hashes("results")
    shutil.rmtree(finished.folder / "results")
    finished.run_well()
    assert finished.hashes("results") == made
    finished.run_well("--forceall")
    assert finished.hashes("results") == made
    finished.run_well("--delete-all-output")
    assert finished.hashes("resources") == people
    shutil.rmtree(finished.folder / ".snakemake")
    finished.run_well()
    assert finished.hashes("results") == made
    assert finished.hashes("resources") == people


def test_each_stage_is_a_target_that_runs_what_it_needs_and_no_more(small: Review):
    made = {
        "search": "records/all.parquet",
        "deduplicate": "records/clusters.csv",
        "screen": "screening/progress.csv",
        "extract": "extraction/progress.csv",
        "prisma": "prisma/flow.svg",
        "report": "report/report.html",
    }
    for stage, file in made.items():
        assert not (small.folder / "results" / file).exists(), stage
        small.run_well(stage)
        assert (small.folder / "results" / file).exists(), stage


def test_one_changed_decision_reruns_what_depends_on_it(finished: Review):
    form = finished.forms("title_abstract")[0]
    book = openpyxl.load_workbook(form)
    cell = book["Screening"]["I2"]
    cell.value = "seen again"
    book.save(form)
    jobs = finished.run_well("-n").jobs
    assert {"title_abstract", "issue_title_abstract", "retrieval", *LATER} <= jobs
    assert not jobs & {"import_source", "search", "deduplicate", "filters"}


def test_touching_a_form_reruns_nothing(finished: Review):
    finished.forms("title_abstract")[0].touch()
    assert "Nothing to be done" in finished.run_well().text


@pytest.mark.parametrize(
    ("module", "own", "after"),
    [
        ("prisma/svg.py", {"prisma"}, {"report"}),
        ("report/methods.py", {"report"}, set()),
        ("screening/agreement.py", {"title_abstract", "retrieval", "full_text", "studies"}, {"screen", "ledger"}),
        ("screening/filters.py", {"filters"}, {"title_abstract", "ledger"}),
        ("dedup/journals.py", {"deduplicate"}, {"title_abstract", "prisma"}),
        ("cli.py", set(), set()),
    ],
)
def test_editing_a_module_reruns_exactly_the_rules_that_use_it(finished: Review, tmp_path: Path, module, own, after):
    copy = tmp_path / "checkout"
    for part in ("Snakefile", "workflow", "profiles"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy2(source, copy / part)
    with (copy / "workflow/prismake" / module).open("a") as file:
        file.write("\n# edited\n")
    run = finished.run_well("-n", snakefile=copy / "Snakefile")
    if not own:
        assert "Nothing to be done" in run.text
    # `-n` names why each job would run: by its own code, or because a job before it would.
    blocks = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", run.text, re.M)
    assert {rule for rule, block in blocks if "reason: Params have changed" in block} == own
    assert own | after <= run.jobs
