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
    assert not jobs & {"import_source", "records", "search", "deduplicate", "filters"}


def test_an_edited_strategy_reruns_only_what_shows_it(finished: Review):
    finished.configure(lambda config: config["search"]["sources"]["pm"].update(strategy="vesicles AND cells"))
    jobs = finished.run_well("-n").jobs
    assert {"search", "report"} <= jobs
    assert not jobs & {"import_source", "records", "deduplicate", "title_abstract", "ledger"}


def test_known_items_are_looked_up_and_told_in_the_report(finished: Review):
    record = finished.table("records/clusters.csv")[0]["record_id"]
    finished.configure(lambda config: config["search"].update(known_items=[record, "10.5555/not-there"]))
    finished.run_well("report")
    assert [row["found"] for row in finished.table("search/known_items.csv")] == ["1", "0"]
    report = (finished.folder / "results/report/report.html").read_text(encoding="utf-8")
    assert "Of 2 reports known beforehand, the search found 1; it did not find 10.5555/not-there." in report


def test_touching_a_form_reruns_nothing(finished: Review):
    finished.forms("title_abstract")[0].touch()
    assert "Nothing to be done" in finished.run_well().text


def checkout(folder: Path) -> Path:
    """A copy of the code in this folder."""
    for part in ("workflow", "profiles"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy2(ROOT / "Snakefile", folder)
    return folder


def test_the_command_of_the_rules_is_the_one_beside_them(small: Review, tmp_path: Path):
    """Also where no prismake is installed, as in an environment that --sdm conda makes."""
    copy = checkout(tmp_path / "checkout")
    (copy / "workflow/bin/prismake").write_text(
        '#!/bin/sh\necho "beside the rules"\nexec python -m prismake.cli "$@"\n'
    )
    small.run_well("results/search/sources/pm.parquet", snakefile=copy / "Snakefile")
    log = small.folder / "results/logs/search/sources/pm.log"
    assert log.read_text(encoding="utf-8").startswith("beside the rules\n")


@pytest.mark.parametrize(
    ("module", "own", "after"),
    [
        ("prisma/svg.py", {"prisma"}, {"report"}),
        ("report/methods.py", {"report", "checklists"}, set()),
        ("screening/agreement.py", {"title_abstract", "retrieval", "full_text", "studies"}, {"screen", "ledger"}),
        ("screening/filters.py", {"filters"}, {"title_abstract", "ledger"}),
        ("dedup/journals.py", {"clusters"}, {"title_abstract", "prisma"}),
        ("cli.py", set(), set()),
    ],
)
def test_editing_a_module_reruns_exactly_the_rules_that_use_it(finished: Review, tmp_path: Path, module, own, after):
    copy = checkout(tmp_path / "checkout")
    with (copy / "workflow/prismake" / module).open("a") as file:
        file.write("\n# edited\n")
    run = finished.run_well("-n", snakefile=copy / "Snakefile")
    if not own:
        assert "Nothing to be done" in run.text
    # `-n` names why a job would run: by its own code, or (named alone then) because a job before it would.
    blocks = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", run.text, re.M)
    changed = {rule for rule, block in blocks if "reason: Params have changed" in block}
    assert changed <= own
    assert bool(changed) == bool(own)
    assert own | after <= run.jobs


def test_a_killed_run_is_resumed_and_loses_nothing(begun: Review):
    for form in begun.forms("title_abstract"):
        begun.fill(form)
    people = begun.hashes("resources")
    command = [SNAKEMAKE, "--directory", begun.folder, "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        marker = begun.folder / "results/screening/title_abstract/decisions.csv"
        before = marker.stat().st_mtime_ns
        deadline = time.monotonic() + 60
        while marker.stat().st_mtime_ns == before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert process.poll() is None, "the run was over before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
    begun.run_well("--unlock")
    begun.run_well()
    after = begun.hashes("resources")
    assert {name: after[name] for name in people} == people
    whole = begun.hashes("results")
    begun.run_well("--forceall")
    assert begun.hashes("results") == whole
    assert begun.hashes("resources") == after


def test_a_failing_rule_leaves_the_last_good_results_and_fails_again_until_it_is_mended(finished: Review):
    made, people = finished.hashes("results"), finished.hashes("resources")
    export = finished.folder / "resources/search/em/2026-01-10/export.csv"
    whole = export.read_bytes()
    export.write_bytes(b"\x00\x01\x02 not an export \xff\xfe")
    for _ in range(2):
        failed = finished.run()
        assert failed.code == 1
        assert "resources/search/em/2026-01-10/export.csv" in failed.text
        assert "Traceback" not in failed.text
        assert finished.hashes("results") == made
    export.write_bytes(whole)
    finished.run_well()
    assert "Nothing to be done" in finished.run_well().text
    assert finished.hashes("results") == made
    assert finished.hashes("resources") == people


def test_a_form_whose_log_entry_is_deleted_too_is_issued_anew(begun: Review):
    form = begun.forms("title_abstract")[0]
    form.unlink()
    (begun.folder / "resources/log" / f"{form.name}.json").unlink()
    begun.run_well("screen")
    assert form.exists()
    begun.run_well("screen")
    assert "Nothing to be done" in begun.run_well("screen").text


def test_a_form_saved_while_a_run_reads_it_is_taken_up_by_the_next_run(begun: Review):
    form = begun.forms("title_abstract")[0]
    person = form.parent.name
    begun.fill(form, only=lambda row: row == 2)
    command = [SNAKEMAKE, "--directory", begun.folder, "--snakefile", ROOT / "Snakefile", "--cores", "2", "screen"]
    votes = begun.folder / "results/screening/title_abstract/votes.csv"
    before = votes.stat().st_mtime_ns
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while votes.stat().st_mtime_ns == before and process.poll() is None:
            time.sleep(0.01)
        begun.fill(form)  # saved after the job read it, before the run has ended
        assert process.wait(120) == 0
    assert sum(row["person"] == person for row in begun.table("screening/title_abstract/votes.csv")) == 1
    begun.run_well("screen")
    assert sum(row["person"] == person for row in begun.table("screening/title_abstract/votes.csv")) == 4
