"""Where the review stands, for the report and for the terminal."""

import subprocess
from dataclasses import replace

import pytest
from report_fixture import loaded, with_config, write_review

from prismake.errors import Fault
from prismake.report.load import read_config
from prismake.report.status import Wait, assess, render_text, status


def test_a_finished_review_is_no_draft_and_waits_for_nobody():
    state = assess(loaded("finished"))
    assert state.draft == [] and state.waits == [] and state.faults == []
    assert all(step.open == 0 for step in state.steps)


def test_the_steps_of_a_half_screened_review():
    steps = {step.name: (step.done, step.total) for step in assess(loaded("half")).steps}
    assert steps == {
        "Search": (5, 5),
        "Title and abstract": (27, 62),  # 33 open, 2 in conflict
        "Retrieval": (7, 9),
        "Full text": (5, 6),
        "Reports to studies": (0, 4),
        "Data extraction": (2, 4),
        "Text of the report": (1, 2),
    }


def test_why_a_half_screened_review_is_a_draft():
    reasons = assess(loaded("half")).draft
    for reason in (
        "Records not yet screened: 29",
        "Records on which reviewers disagree: 2",
        "Faults in forms and verdict files (what cannot be read counts as not filled in): 1",
        "Included studies whose extraction is not complete: 2",
        "The conclusion is not written yet: review.conclusion in config/config.yaml.",
    ):
        assert reason in reasons
    assert len(reasons) == len(set(reasons))


def test_who_is_waited_for_and_in_which_file():
    waits = assess(loaded("half")).waits
    file = "resources/screening/ana/title_abstract.ana.01.xlsx"
    assert Wait("Title and abstract", "Ana Examplar", "28 of 62 rows open", file) in waits
    assert Wait("Title and abstract", "Ben Fictional", "2 records without a second person", "") in waits
    assert any(wait.person == "cleo" and wait.stage == "Title and abstract, conflicts" for wait in waits)


def test_nobody_waits_for_a_person_who_left():
    half = loaded("half")
    gone = with_config(half, "screening", "people", "ana", value={"name": "Ana Examplar", "until": "2026-01-01"})
    assert not [wait for wait in assess(gone).waits if wait.person == "Ana Examplar" and "row" in wait.what]


def test_zero_records_are_a_draft():
    assert "No search has found a record yet." in assess(loaded("zero")).draft


def test_pairs_in_doubt_are_a_reason():
    review = replace(loaded(), pairs={"judged": 0, "uncertain": 3})
    assert assess(review).draft == [
        "Pairs of reports that may be duplicates: 3. The next run issues a form to Ana Examplar."
    ]
    form = {"stage": "pairs", "person": "ana", "file": "resources/deduplication/pairs.ana.01.xlsx", "rows": "3"}
    issued = replace(review, progress=[*review.progress, {**form, "decided": "0", "pending": "3", "faults": "0"}])
    assert "Say same or different in resources/deduplication/pairs.ana.01.xlsx." in assess(issued).draft[0]


def test_a_study_with_data_that_is_not_complete_is_a_reason_and_rows_in_forms_are_none():
    review = loaded()
    stale = {**review.progress[-1], "stage": "extraction", "pending": "5"}
    assert assess(replace(review, progress=[*review.progress, stale])).draft == []
    state = assess(replace(review, complete=review.complete - {"Adler 2012"}))
    assert state.draft == ["Included studies whose extraction is not complete: 1"]
    (step,) = [step for step in state.steps if step.name == "Data extraction"]
    assert (step.done, step.total) == (13, 14)


@pytest.mark.parametrize("text", ["objective", "conclusion"])
def test_text_that_people_owe_is_a_reason(text):
    review = with_config(loaded(), "review", text, value="")
    assert assess(review).draft == [f"The {text} is not written yet: review.{text} in config/config.yaml."]


def test_a_live_strategy_edited_since_its_search_is_a_reason():
    review = with_config(loaded(), "search", "sources", "pubmed", "strategy", value='"exosome" NOT review')
    (reason,) = assess(review).draft
    assert reason.startswith("The strategy for PubMed (pubmed) was edited since its search of 10 February 2026")


def test_a_search_with_a_date_window_is_no_edit():
    review = loaded()
    searches = [
        {
            **source,
            "runs": [
                {**run, "searches": [{"strategy": f"({s['strategy']})  AND 2016:2026[dp]"} for s in run["searches"]]}
                for run in source["runs"]
            ],
        }
        for source in review.searches
    ]
    assert assess(replace(review, searches=searches)).draft == []


def test_a_source_without_a_run_is_a_reason():
    review = loaded()
    searches = [source | {"runs": []} if source["source"] == "embase" else source for source in review.searches]
    state = assess(replace(review, searches=searches))
    assert state.draft == ["Embase (embase) has not been searched yet."]
    assert (state.steps[0].done, state.steps[0].total) == (4, 5)


def test_the_terminal_text_is_ascii_and_complete(tmp_path):
    config, results = write_review(tmp_path, "half")
    text = render_text(status(read_config(config)[0], results))
    assert text.isascii()
    for line in (
        "  [x] Search               5 of  5 sources  7 runs, 89 records, last search 11 February 2026",
        "  [ ] Title and abstract  27 of 62 records  reviewers disagree on 2; 2 more removed by filters",
        "  Ana Examplar",
        "    Title and abstract: 28 of 62 rows open",
        "      in resources/screening/ana/title_abstract.ana.01.xlsx",
        "TO MEND: 1 fault in forms and verdict files",
        "  resources/screening/ana/title_abstract.ana.01.xlsx, sheet 'Screening', cell H12",
        "    'yess' is not in the list of 'decision'. Choose one of: include, exclude, maybe",
        "  - Records not yet screened: 29",
    ):
        assert line in text.splitlines()


def test_before_the_first_run(tmp_path):
    config, _ = write_review(tmp_path)
    folder = tmp_path / "a review"
    text = render_text(status(read_config(config)[0], folder / "results"))
    assert "Nothing has been run yet. Type:\n  cd " in text and f"snakemake --directory '{folder}'" in text


def test_forms_are_said_to_be_safe_when_the_results_are_gone(tmp_path):
    config, _ = write_review(tmp_path)
    folder = tmp_path / "a review"
    (folder / "resources/log").mkdir(parents=True)
    (folder / "resources/log/title_abstract.ana.01.xlsx.json").write_text("{}")
    text = render_text(status(read_config(config)[0], folder / "results"))
    assert "no results, as before the first run. Forms and what people wrote in them are safe. Type:\n  cd " in text


def test_status_names_the_command_and_the_report(tmp_path):
    config, results = write_review(tmp_path)
    text = render_text(status(read_config(config)[0], results))
    command = text.splitlines()[-1].strip()
    assert command.endswith(f"snakemake --directory {tmp_path}")
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, cwd="/")
    assert "prismake: config/config.yaml: there is no review here" in ran.stderr  # it can be copied, wherever one is
    assert "It is in" not in text
    (results / "report").mkdir()
    (results / "report/report.html").write_text("")
    assert f"  It is in {results}/report/report.html" in render_text(status(read_config(config)[0], results))


def test_files_that_the_configuration_does_not_name_are_listed(tmp_path):
    config, results = write_review(tmp_path)
    settings = read_config(config)[0]
    settings["search"]["sources"]["embase"]["runs"][0]["files"] = ["./resources/search/embase.ris"]
    place = tmp_path / "resources/search"
    for name in ("embase.ris", "forgotten.ris", "README.md", ".hidden", "old/b.txt"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("")
    for name in ("pubmed/2026-02-10/search.json", "pubmed/2026-02-10/a.txt", "pubmed/2026-03-10/a.txt"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("")
    lone = "resources/search/pubmed/2026-03-10/a.txt"  # without search.json this is no snapshot
    state = status(settings, results)
    assert state.unnamed == ("resources/search/forgotten.ris", "resources/search/old/b.txt", lone)
    assert "NOT READ: files in resources/search that config/config.yaml does not name" in render_text(state)


def test_fields_of_imported_files_that_look_wrong_are_listed(tmp_path):
    config, results = write_review(tmp_path)
    (results / "records").mkdir(exist_ok=True)
    (results / "records/health.csv").write_text(
        "source_id,file,field,records,example,problem\nembase,resources/search/e.csv,pages,3,embase:1,dates for pages\n"
    )
    text = render_text(status(read_config(config)[0], results))
    assert (
        "LOOK AGAIN: Fields of imported files that look wrong\n  resources/search/e.csv: dates for pages (3 records)\n"
        in text
    )


def test_status_works_from_anywhere(tmp_path, monkeypatch):
    config, results = write_review(tmp_path)
    settings = read_config(config)[0]
    settings["extraction"]["form"] = "form.yaml"
    monkeypatch.chdir("/")
    assert status(settings, results).draft == []


def test_a_fault_in_a_table_without_sheets_names_its_cell():
    fault = Fault("pairs", "ana", "resources/deduplication/a.csv", "", "B2", "x", "p", "r")
    assert fault.place == "resources/deduplication/a.csv, cell B2"
    assert replace(fault, cell="row 7").place == "resources/deduplication/a.csv, row 7"


def test_no_control_character_of_a_file_reaches_the_terminal():
    review = with_config(loaded(), "review", "title", value="Title\x1b[2J\r\nof \u202ea review\x07")
    text = render_text(assess(review))
    assert text.splitlines()[0] == "Title [2J of  a review"


def test_many_faults_are_cut_short_with_the_place_of_the_rest():
    fault = vars(Fault("full_text", "ana", "f.xlsx", "Screening", "H1", "r", "wrong", "Mend it."))
    faults = [{**fault, "cell": f"H{i}"} for i in range(25)]
    text = render_text(assess(replace(loaded(), faults=faults)))
    assert text.count("wrong. Mend it.") == 20
    files = "results/records/faults.csv, results/screening/faults.csv, results/extraction/faults.csv"
    assert f"and 5 others: {files}" in text


def test_decisions_that_the_ledger_has_not_counted_yet_are_told(tmp_path):
    config, results = write_review(tmp_path)
    assert status(read_config(config)[0], results).draft == []
    decisions = results / "screening/title_abstract/decisions.csv"
    decisions.write_text(decisions.read_text().replace(",excluded,", ",pending,", 1))
    told = status(read_config(config)[0], results).draft
    assert told == ["Screening has gone on since the numbers were counted: run `snakemake` for all of it."]
