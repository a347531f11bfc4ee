"""The templates of the extraction form: each is whole, can be filled in, and starts a review."""

import io
from pathlib import Path

import openpyxl
import pytest

from prismake.cli import main
from prismake.config import check, read_yaml
from prismake.extraction.collect import collect
from prismake.extraction.definition import EVIDENCE, TEMPLATES, Definition, check_fields, load_definition
from prismake.extraction.issue import issue_workbook

NAMES = [
    "basic",
    "diagnostic_accuracy",
    "intervention",
    "msc_exosome",
    "preclinical_animal",
    "prevalence_prognosis",
    "scoping",
]
CAMARADES = {  # a word of each item of Macleod 2004, in its order
    "cam_1": "peer-reviewed",
    "cam_2": "temperature",
    "cam_3": "random",
    "cam_4": "blinded induction",
    "cam_5": "blinded outcome",
    "cam_6": "anaesthetic",
    "cam_7": "comorbidity",
    "cam_8": "sample size",
    "cam_9": "welfare",
    "cam_10": "conflicts of interest",
}
ARRIVE = {  # a word of each of the Essential 10, in its order
    "arrive_1": "experimental unit",
    "arrive_2": "sample size",
    "arrive_3": "exclusion",
    "arrive_4": "randomisation",
    "arrive_5": "blinding",
    "arrive_6": "outcome measures",
    "arrive_7": "statistical methods",
    "arrive_8": "experimental animals",
    "arrive_9": "experimental procedures",
    "arrive_10": "results",
}
MISEV = {
    "misev_nomenclature",
    "misev_source",
    "misev_medium",
    "misev_storage",
    "misev_separation",
    "misev_source_amount",
    "misev_quantity",
    "misev_ratio",
    "misev_transmembrane",
    "misev_cytosolic",
    "misev_purity",
    "misev_compartments",
    "misev_corona",
    "misev_topology",
    "misev_image",
    "misev_single",
    "misev_dose_response",
    "misev_negative_control",
    "misev_depleted",
    "misev_fractions",
}
TIDIER = [
    *("name", "rationale", "materials", "procedures", "provider", "delivery", "location", "schedule", "tailoring"),
    *("modifications", "fidelity_planned", "fidelity_actual"),
]
each = pytest.mark.parametrize("name", NAMES)
STUDY = "Adeyemi 2020"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load(name: str) -> Definition:
    return load_definition(TEMPLATES / f"{name}.yaml")


def test_these_are_the_templates():
    assert sorted(path.stem for path in TEMPLATES.iterdir()) == NAMES


@each
def test_a_template_is_whole(name):
    form = load(name)
    content = read_yaml(TEMPLATES / f"{name}.yaml")
    assert form.id == name.replace("_", "-")
    assert form.study.id == "study"
    assert "design" in form.study.by_id
    fields = [field for level in form.levels.values() for field in level.fields]
    given = [field for level in content["levels"].values() for field in level["fields"]]
    assert {code for field in fields for code in field.missing} == set(form.missing), "a code that no field takes"
    assert {field["list"] for field in given if "list" in field} == set(content.get("lists", {})), "an unused list"
    for field in fields:
        assert len(field.help) <= 255, f"{field.id}: more than a prompt shows"
        assert field.help or not field.options, f"{field.id}: a choice without an explanation"
    head = (TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8").split("\nform:")[0]
    assert all(line.startswith("#") for line in head.splitlines())
    assert name == "basic" or "checked against" in head


@each
def test_the_report_finds_its_fields(name):
    form = load(name)
    config = {"report": {"characteristics": [], "evidence": EVIDENCE}, "risk_of_bias": {}}
    assert check_fields(config, form) == []
    if "claim" in form.levels:
        named = set(form.levels["claim"].by_id)
        assert {"theme", "statement", "direction", "basis", "page", "quote"} <= named
        assert form.levels["claim"].by_id["basis"].options == ("own result", "cited", "opinion")


def test_forms_with_claims():
    assert [name for name in NAMES if "claim" in load(name).levels] == ["basic", "msc_exosome", "scoping"]


@each
def test_a_workbook_reads_back_with_only_blanks(name):
    form = load(name)
    data = issue_workbook(form, [{"study_id": STUDY, "citation": f"{STUDY}. Invented"}], meta={"person": "ana"})
    Path("form.xlsx").write_bytes(data)
    extraction = collect(
        form, [("ana", Path("form.xlsx"))], issued={"ana": [STUDY]}, studies={STUDY: ["pubmed:90000001"]}
    )
    assert extraction.faults == []
    assert extraction.entries == []
    assert [(row.study, row.is_complete) for row in extraction.progress] == [(STUDY, False)]


@each
def test_a_value_in_every_field_reads_back(name):
    """One of its type, and of every choice the last option."""
    form = load(name)
    data = issue_workbook(form, [{"study_id": STUDY, "citation": f"{STUDY}. Invented"}], meta={"person": "ana"})
    book = openpyxl.load_workbook(io.BytesIO(data))
    for level in form.levels.values():
        page = book[level.label]
        columns = {cell.value: cell.column for cell in page[1]}
        page.cell(2, columns["study_id"]).value = STUDY
        for field in level.fields:
            page.cell(2, columns[field.title]).value = entry(field)
    book.save("form.xlsx")
    extraction = collect(
        form, [("ana", Path("form.xlsx"))], issued={"ana": [STUDY]}, studies={STUDY: ["pubmed:90000001"]}
    )
    assert [(fault.sheet, fault.cell, fault.problem) for fault in extraction.faults] == []
    assert [row.is_complete for row in extraction.progress] == [True]
    assert {e.level.id for e in extraction.entries} == set(form.levels)


def entry(field):
    if field.options:
        return field.options[-1]
    low = field.minimum or 0
    return {"integer": int(low) + 1, "number": low + 1, "year": 2020, "date": "2020-01-02"}.get(field.type, "exo")


@pytest.mark.parametrize("name", ["preclinical_animal", "msc_exosome"])
def test_the_items_of_camarades_and_arrive(name):
    study = load(name).study
    for prefix, items in (("cam_", CAMARADES), ("arrive_", ARRIVE)):
        found = [field for field in study.fields if field.id.startswith(prefix)]
        assert [field.id for field in found] == list(items)
        for field in found:
            assert items[field.id] in field.label
            assert field.is_required({"design": "animal experiment"}, {})
    assert study.by_id["cam_3"].options == ("yes", "no")
    assert study.by_id["arrive_3"].options == ("reported", "partly reported", "not reported")


def test_animal_items_are_asked_of_animal_experiments_only():
    study = load("msc_exosome").study
    assert not study.by_id["cam_1"].is_required({"design": "randomised trial"}, {})
    assert not study.by_id["arrive_1"].is_required({"design": "randomised trial"}, {})


def test_the_items_of_misev():
    levels = load("msc_exosome").levels
    assert {field.id for field in levels["ev"].fields if field.id.startswith("misev_")} == MISEV
    assert {"ev_track_id", "ev_metric"} <= set(levels["ev"].by_id)


def test_the_items_of_tidier():
    arm = load("intervention").levels["arm"]
    numbered = [field for field in arm.fields if "TIDieR" in field.label]
    assert [field.id for field in numbered] == TIDIER
    for number, field in enumerate(numbered, 1):
        assert f"TIDieR {number})" in field.label


def test_the_nine_questions_of_jbi():
    study = load("prevalence_prognosis").study
    assert [f.id for f in study.fields if f.id.startswith("jbi_")] == [f"jbi_{number}" for number in range(1, 10)]


def test_the_four_cells_of_an_accuracy_study():
    accuracy = load("diagnostic_accuracy").levels["accuracy"]
    for name in ("tp", "fp", "fn", "tn"):
        assert accuracy.by_id[name].required
        assert accuracy.by_id[name].type == "integer"


def test_the_exosome_template_has_the_fields_of_the_example():
    example = load_definition(Path(__file__).parents[2] / "config" / "forms" / "msc_exosome.yaml")
    template = load("msc_exosome")
    covered = {"random_allocation": "cam_3", "blinded_outcome": "cam_5", "sample_size": "cam_8"}
    for name, level in example.levels.items():
        missing = {covered.get(field, field) for field in level.by_id} - set(template.levels[name].by_id)
        assert missing == set()
        assert level.key == template.levels[name].key


@each
def test_init_with_a_template(name, capsys):
    assert main(["init", "new", "--template", name]) == 0
    assert Path(f"new/config/forms/{name}.yaml").read_bytes() == (TEMPLATES / f"{name}.yaml").read_bytes()
    assert len(list(Path("new/config/forms").iterdir())) == 1
    export = Path("new/resources/search/pubmed/2026-01-31/export.nbib")
    export.parent.mkdir(parents=True)
    export.write_text("PMID- 90000001\n")
    config = check(read_yaml("new/config/config.yaml"), Path("new"))
    assert config["extraction"]["form"] == f"config/forms/{name}.yaml"
    assert check_fields(config, load_definition(Path("new") / config["extraction"]["form"])) == []


def test_init_without_a_template_is_the_basic_one():
    assert main(["init", "new"]) == 0
    assert [path.name for path in Path("new/config/forms").iterdir()] == ["basic.yaml"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [("interventions", "; did you mean 'intervention'?"), ("zzz", ""), ("../templates/basic", ""), ("", "")],
)
def test_an_unknown_template(given, meant, capsys):
    assert main(["init", "new", "--template", given]) == 1
    (message,) = capsys.readouterr().err.splitlines()
    assert f"there is no template '{given}'{meant}" in message
    assert ", ".join(NAMES) in message
    assert not Path("new").exists()


def test_the_list_of_templates(capsys):
    assert main(["init", "--list-templates"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert all(len(line) < 120 and len(line.split()) > 3 for line in lines)


def test_init_needs_a_folder(capsys):
    assert main(["init"]) == 1
    assert "the folder of the new review is missing" in capsys.readouterr().err
