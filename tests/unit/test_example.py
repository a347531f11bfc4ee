"""The example review: made by tests/example, wholly invented, and shaped like what real sources deliver."""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import openpyxl
import pytest
import yaml

from prismake.config import check, read_yaml
from prismake.screening.sheets import workbook

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "example"))

import answers  # noqa: E402
from copies import copies  # noqa: E402
from corpus import build  # noqa: E402
from files import differences  # noqa: E402
from reports import plain  # noqa: E402

SEARCH = ROOT / "resources" / "search"
FILES = sorted(path for path in SEARCH.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def config():
    return check(read_yaml(ROOT / "config/config.yaml"), ROOT)


@pytest.fixture(scope="module")
def text():
    return {path.relative_to(SEARCH).as_posix(): path.read_text(encoding="utf-8-sig") for path in FILES}


def test_the_generator_makes_the_committed_files():
    assert differences(ROOT) == []


def test_a_difference_is_found(tmp_path):
    wrong = tmp_path / "resources/search/embase/2026-02-11.ris"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("TY  - JOUR\n")
    (wrong.parent / "stray.ris").write_text("")
    found = differences(tmp_path)
    assert "resources/search/embase/2026-02-11.ris" in found and "resources/search/embase/stray.ris" in found


def test_every_identifier_is_from_a_range_for_examples(text):
    everything = "\n".join(text.values())
    dois = re.findall(r"10\.\d{4,9}(?:/|%2F)\S+", everything)
    assert len(dois) > 1500
    assert [doi for doi in dois if not re.match(r"10\.5555(?:/|%2F)prismake\.", doi)] == []
    pmids = re.findall(r"^PMID- (\d+)$|^PM (\d+)$|PMID: (\d+)", everything, re.M)
    numbers = [int("".join(found)) for found in pmids]
    assert len(numbers) > 500 and all(90_000_001 <= number < 91_000_000 for number in numbers)
    trials = re.findall(r"NCT\d+", everything)
    assert trials and all(re.fullmatch(r"NCT09\d{6}", trial) for trial in trials)
    assert all(re.fullmatch(r"299\d{7}", number) for number in re.findall(r"^ID  - (\d+)$", everything, re.M))
    assert all(number.startswith("0009") for number in re.findall(r"^UT WOS:(\d+)$", everything, re.M))
    assert all(n.startswith("9990-") for n in re.findall(r"(?:SN|IS|EI) +-? ?(\d{4}-\d{3}[\dX])", everything))


def delivered(text, source, run):
    """How many records a run of a source delivered, counted by their first lines."""
    marks = {"pubmed": r"^PMID- ", "embase": r"^TY  - ", "wos": r"^PT ", "citation": r"^TY  - "}
    parts = [content for name, content in text.items() if name.startswith(f"{source}/{run}") and "json" not in name]
    if source in marks:
        return sum(len(re.findall(marks[source], part, re.M)) for part in parts)
    return sum(len(list(csv.DictReader(part.splitlines(keepends=True)))) for part in parts)


def test_each_run_delivers_as_many_records_as_it_declares(text, config):
    for name, source in config["search"]["sources"].items():
        for run in source.get("runs", []):
            assert delivered(text, name, run["date"]) == run["declared"], (name, run["date"])
    for run in ("2026-02-10", "2026-10-12"):
        searches = json.loads(text[f"pubmed/{run}/search.json"])["searches"]
        assert delivered(text, "pubmed", run) == sum(search["retrieved"] for search in searches)
        assert [search["label"] for search in searches] == ["last ten years", "earlier"]


def test_sizes_are_those_of_a_small_review():
    records = Counter(source for report in build() for source, runs in report.found.items() for _ in runs)
    assert abs(records["pubmed"] - 420) < 15 and abs(records["embase"] - 310) < 25 and abs(records["wos"] - 260) < 15
    again = Counter(source for report in build() for source, runs in report.found.items() if len(runs) == 2)
    assert 20 <= again["pubmed"] <= 30 and 12 <= again["embase"] <= 22
    assert 560 <= len(build()) <= 640
    assert max(path.stat().st_size for path in FILES) < 1_000_000
    assert sum(path.stat().st_size for path in FILES) < 3_000_000


def test_every_pubmed_record_answers_the_strategy_and_its_window(text):
    for name, content in text.items():
        if not name.startswith("pubmed") or not name.endswith(".txt"):
            continue
        assert content.endswith("\n")
        for record in content.strip().split("\n\n"):
            unwrapped = re.sub(r"\n {6}", " ", record)
            assert re.search(r"\bmesenchymal stem cell\b", unwrapped, re.I), unwrapped[:300]
            assert re.search(r"\bexosome\b", unwrapped, re.I), unwrapped[:300]
            assert unwrapped.splitlines()[-1].startswith("SO  - ")
            year = int(re.search(r"^DP  - (\d{4})", unwrapped, re.M)[1])
            assert year >= 2016 if "recent" in name else year <= 2016


def test_no_two_reports_share_a_title_by_accident():
    by_title = defaultdict(list)
    for report in build():
        by_title[plain(report.title)].append(report)
    shared = [reports for reports in by_title.values() if len(reports) > 1]
    assert shared, "an article and its preprint have one title"
    for reports in shared:
        assert len({report.study for report in reports}) == 1, [report.key for report in reports]


def test_what_a_deduplication_must_tell_apart_is_there():
    relations = Counter(report.relation.rsplit(" ", 1)[0] for report in build() if report.relation)
    assert {"conference abstract of", "preprint of", "erratum of", "retraction of", "part II of", "update of"} <= set(
        relations
    )
    assert relations["registry entry of"] >= 4
    pairs = Counter(report.doi for report in build() if report.special.startswith("doi pair"))
    assert sorted(pairs.values()) == [2, 2]
    titles = [{c.title for source in r.found for c in copies(r, source)} for r in build()]
    assert sum(len(spellings) > 1 for spellings in titles) > 40, "sources differ in the spelling of titles"
    assert len({report.language for report in build()}) > 4


def test_the_truth_names_every_record_once():
    with (ROOT / "tests/data/example/truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["record_id"] for row in rows}) == len(rows)
    assert {row["cluster_id"] for row in rows} == {report.key for report in build()}


def test_the_reviewers_disagree_as_people_do():
    both = Counter()
    for report in build():
        decisions = [answers.first_decision(report, person)[0] for person in ("ana", "ben")]
        both[tuple(decision != "exclude" for decision in decisions)] += 1
    total = both.total()
    agreed = (both[True, True] + both[False, False]) / total
    kept = [(both[True, True] + both[pair]) / total for pair in ((True, False), (False, True))]
    chance = kept[0] * kept[1] + (1 - kept[0]) * (1 - kept[1])
    assert 0.75 <= (agreed - chance) / (1 - chance) <= 0.85
    assert 25 <= both[True, False] + both[False, True] <= 35


def test_reasons_are_those_of_the_protocol(config):
    states = {"included", "ongoing", "awaiting classification", "not retrieved", "title/abstract"}
    used = {report.fate for report in build()} - states | set(answers.TOPIC_REASONS.values())
    assert used <= set(config["screening"]["reasons"])


def form(reports, kind="title_abstract"):
    rows = [
        {"record_id": f"pubmed:{report.pmid}", "title": report.title, "abstract": report.text, "check": "x"}
        for report in reports
    ]
    return workbook(kind, rows, reasons=["Retracted"], meta={"kind": kind, "person": "ana"})


def test_a_form_is_filled_in_alike_and_only_where_people_write(tmp_path):
    reports = [report for report in build() if report.pmid][:8]
    blank = tmp_path / "blank.xlsx"
    blank.write_bytes(form(reports))
    filled = []
    for folder in ("one", "two"):
        path = tmp_path / folder / "title_abstract.ana.01.xlsx"
        path.parent.mkdir()
        path.write_bytes(form(reports))
        assert answers.fill(path) == len(reports)
        filled.append(path)
    assert filled[0].read_bytes() == filled[1].read_bytes()
    before, after = (openpyxl.load_workbook(path) for path in (blank, filled[0]))
    changed = Counter()
    for sheet in before.sheetnames:
        for one, two in zip(before[sheet].iter_rows(), after[sheet].iter_rows(), strict=True):
            changed.update(
                before[sheet].cell(1, a.column).value for a, b in zip(one, two, strict=True) if a.value != b.value
            )
    assert changed["decision"] == len(reports) and set(changed) <= {"decision", "note"}


def test_the_committed_forms_hold_every_decision(config):
    """Whoever looks at the example sees a finished review: no form of it has a blank decision."""
    logs = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "resources/log").glob("*.json")]
    kinds = Counter(log["kind"] for log in logs)
    assert set(kinds) >= {
        "title_abstract",
        "title_abstract_conflicts",
        "retrieval",
        "full_text",
        "studies",
        "extraction",
    }
    issued = Counter(i for log in logs if log["kind"] == "title_abstract" for i in log["ids"])
    assert set(issued.values()) == {config["screening"]["reviewers_per_record"]}


def test_phrases_are_read_as_they_were_meant():
    """A comma inside an unquoted item of a YAML list would split it."""
    science = yaml.safe_load((ROOT / "tests/example/phrases/science.yaml").read_text(encoding="utf-8"))
    assert "doses on days 1, 3 and 7" in science["schedules"]


def test_verdicts_on_pairs_follow_the_truth():
    with (ROOT / "resources/deduplication/verdicts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(row["verdict"] == answers.verdict(row["record_id_1"], row["record_id_2"]) for row in rows)


def test_the_folders_hold_the_forms_that_were_issued_and_no_other():
    issued = {path.stem for path in (ROOT / "resources/log").glob("*.json")}
    areas = ("screening", "retrieval", "studies", "extraction", "risk_of_bias")
    lying = {path.name for area in areas for path in (ROOT / "resources" / area).rglob("*") if path.is_file()}
    assert {name for name in lying if not name.endswith(".html")} == issued
