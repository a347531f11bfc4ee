"""Form definitions: what is understood, and one line with its place for every mistake."""

from pathlib import Path

import pytest

from prismake.config import SCHEMA
from prismake.data_files import read_data
from prismake.errors import PrismakeError
from prismake.extraction.definition import BASIC, EVIDENCE, check_fields, definition_from, load_definition

ROOT = Path(__file__).parents[2]
FORM = ROOT / "tests" / "data" / "extraction" / "form.yaml"


def test_levels_fields_and_lists():
    form = load_definition(FORM)
    assert (form.id, form.version, form.title) == ("small", "1.1.0", "A small form")
    assert {name: (level.label, level.parent, level.rows) for name, level in form.levels.items()} == {
        "study": ("Study", "", 4),
        "arm": ("Arm", "study", 2),
        "result": ("Results", "arm", 3),
    }
    species = form.study.fields[0]
    assert species.options == ("mouse", "rat", "guinea pig")
    assert species.missing == ("NR",)
    assert species.required
    assert form.study.fields[4].title == "Size (nm)"


def test_columns_of_the_results_begin_with_the_key():
    form = load_definition(FORM)
    assert form.levels["arm"].columns == ["study_id", "arm_id", "role"]
    assert form.levels["result"].columns == ["study_id", "arm_id", "outcome", "day", "mean"]
    assert form.levels["result"].fields[0].id == "arm_id", "a key column that is no field gets one"
    assert all(f.required for f in form.levels["result"].fields if f.id in ("arm_id", "outcome", "day"))


@pytest.mark.parametrize(
    "path", [BASIC, *sorted((ROOT / "config" / "forms").glob("*.yaml"))], ids=lambda path: path.name
)
def test_the_forms_that_are_shipped(path):
    form = load_definition(path)
    assert form.study.id == "study"
    assert "claim" in form.levels
    named = {field.id for field in form.levels["claim"].fields}
    assert {"theme", "statement", "direction", "basis", "page", "quote"} <= named


def test_without_a_path_it_is_the_basic_form():
    assert load_definition().id == "basic"


def test_the_hash_changes_with_the_content_and_not_with_the_layout(tmp_path):
    text = FORM.read_text(encoding="utf-8")
    (tmp_path / "same.yaml").write_text("# a remark\n" + text.replace("  version: 1.1.0\n", "  version:   1.1.0\n"))
    (tmp_path / "other.yaml").write_text(text.replace("guinea pig", "dog"))
    first = load_definition(FORM).hash
    assert load_definition(tmp_path / "same.yaml").hash == first
    assert load_definition(tmp_path / "other.yaml").hash != first


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("  title: A small form", "  titel: A small form", 4, "unknown key 'titel'; did you mean 'title'?"),
        ("  version: 1.1.0", "  version: 1.1", 3, "version: 1.1 is not a text; put it in quotes"),
        ("  title: A small form", "  title:", 4, "title: nothing is given"),
        ("  id: small\n", "", 1, "form: 'id' is missing"),
        ("label: Species, type: choice", "label: Species, type: chioce", 14, 'type: "chioce" is not one of text'),
        ("{id: species,", "{id: Species,", 14, 'id: "Species" must start with a small letter'),
        ("type: integer, min: 0", "type: integer, min: low", 19, 'min: "low" is not a number'),
        ("required: true}\n      - {id: started", "required: often}\n      - {id: started", 14, "true or false"),
        ("[intervention, control]", "[yes, control]", 26, "true is not a text; put it in quotes"),
        ("[intervention, control]", "[2020-01-01, control]", None, ""),
        ("  NA: not applicable", "  NO: not applicable", 7, "put this key in quotes"),
        ("  NA: not applicable", "  NR: not applicable", 7, "the key 'NR' is there twice"),
        ("  NA: not applicable", '  NA: not applicable\n  "99": lost', 8, "the code '99' could be a value"),
        ("list: species", "list: animals", 14, "no list 'animals'"),
        ("list: species, ", "", 14, "'species' needs options or a list"),
        ("list: species", "list: species, options: [a]", 14, "'species' needs options or a list"),
        ("type: text}\n  arm", "type: text, options: [a]}\n  arm", 20, "of type text and has no options"),
        ("type: text}\n  arm", "type: text, min: 1}\n  arm", 20, "of type text and has no min or max"),
        ("min: 10, max: 2000", "min: 10, max: 2", 18, "min is larger than max"),
        ("rat, guinea pig]", "rat, Rat]", 9, "the option 'Rat' is there twice"),
        ("rat, guinea pig]", "rat, nr]", 9, "the option 'nr' is there twice, or is a missing code"),
        ("rat, guinea pig]", 'rat, "a; b"]', 9, "has a semicolon"),
        ("missing: [NR, NA]", "missing: [NR, UC]", 18, "the code 'UC' is not explained"),
        ("id: remark", "id: size", 20, "the id 'size' is taken"),
        ("id: remark", "id: file", 20, "the id 'file' is taken"),
        ("label: Remark", "label: species", 20, "the label 'species' is taken"),
        ("label: Remark", "label: citation", 20, "the label 'citation' is taken"),
        ("    parent: arm", "    parent: arms", 30, "no level 'arms'; did you mean 'arm'?"),
        ("    parent: arm\n", "", 27, "parent is missing"),
        ("    parent: study", "    parent: result", 23, "'result' must stand before its child 'arm'"),
        ("key: [study_id, arm_id]", "key: [arm_id]", 22, "a key begins with its parent's [study_id]"),
        ("key: [study_id, arm_id]", "key: [study_id]", 22, "at least one column more"),
        ("    key: [study_id]\n", "    key: [study]\n", 12, "the first level is the study"),
        ("    key: [study_id]\n", "    key: [study_id]\n    parent: arm\n", 13, "has no parent"),
        ("  arm:", "  Arm:", 21, "'Arm' cannot be the name of a level"),
        ("  arm:", "  faults:", 21, "'faults' cannot be the name of a level"),
        ("label: Results", "label: Arm", 27, "the sheet of 'result' has the same name as that of 'arm'"),
        ("label: Results", "label: Codebook", 28, "cannot be the name of a sheet"),
        ("label: Results", "label: a/b", 28, "cannot be the name of a sheet"),
        ("label: Day, type: integer}", "label: Day, type: integer, missing: [NR]}", 34, "is part of the key"),
        ("rows: 2", "rows: 0", 24, "rows: 0 is less than the minimum of 1"),
    ],
)
def test_mistakes(tmp_path, old, new, line, problem):
    text = FORM.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "form.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    if line is None:
        load_definition(path)
        return
    with pytest.raises(PrismakeError) as caught:
        load_definition(path)
    message = str(caught.value)
    assert f"line {line}" in message
    assert problem in message


def test_several_mistakes_are_one_line_each(tmp_path):
    text = FORM.read_text(encoding="utf-8").replace("list: species", "list: x").replace("max: 2000", "max: 2")
    (tmp_path / "form.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PrismakeError) as caught:
        load_definition(tmp_path / "form.yaml")
    lines = str(caught.value).splitlines()
    assert "2 mistakes" in lines[0]
    assert [line.split(":")[0] for line in lines[1:3]] == ["  - line 14", "  - line 18"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"- a\n", "is not a block of keys"),
        (b"form: [", "line 1"),
        (b"form: \xff", "UTF-8"),
        (b"a: &a [*a]\n", "not YAML"),
        (b"\x00", "not YAML"),
    ],
)
def test_what_is_no_form(tmp_path, data, problem):
    (tmp_path / "form.yaml").write_bytes(data)
    with pytest.raises(PrismakeError, match=problem):
        load_definition(tmp_path / "form.yaml")


def test_the_defaults_of_the_evidence_are_those_of_the_configuration():
    keys = read_data(SCHEMA)["properties"]["report"]["properties"]["evidence"]["properties"]
    assert {key: value["default"] for key, value in keys.items()} == EVIDENCE


def fields(form: Path, characteristics: list[str], **evidence: str) -> list[str]:
    report = {"characteristics": characteristics, "evidence": {**EVIDENCE, **evidence}}
    return check_fields({"report": report, "risk_of_bias": {}}, load_definition(form))


def test_fields_that_the_report_names_and_the_form_has():
    assert fields(FORM, ["study.species", "arm.role", "funding"]) == []
    for form in (BASIC, *sorted((ROOT / "config" / "forms").glob("*.yaml"))):
        assert fields(form, []) == []
    assert fields(FORM, [], level="result", theme="outcome", direction="day", kind="study.species") == []
    assert fields(FORM, [], level="result", theme="outcome", direction="day", kind="mean") == []


@pytest.mark.parametrize(
    ("characteristics", "evidence", "mistakes"),
    [
        (["study.specis"], {}, ["characteristics: the level 'study' has no field 'specis'; did you mean 'species'?"]),
        (["specis"], {}, ["characteristics: the level 'study' has no field 'specis'; did you mean 'species'?"]),
        (["arms.role"], {}, ["characteristics: the form has no level 'arms'; did you mean 'arm'?"]),
        ([], {"theme": "outcome"}, ["evidence.level: the form has no level 'claim'; known: study, arm, result"]),
        ([], {"level": "results"}, ["evidence.level: the form has no level 'results'; did you mean 'result'?"]),
        (
            [],
            {"level": "arm", "theme": "rol", "direction": "role"},
            [
                "evidence.theme: the level 'arm' has no field 'rol'; did you mean 'role'?",
                "evidence.kind: the level 'study' has no field 'design'; known: study_id, species, started, accepted, "
                "funding, size, animals, remark",
            ],
        ),
    ],
)
def test_fields_that_the_form_does_not_have(characteristics, evidence, mistakes):
    assert fields(FORM, characteristics, **evidence) == [f"report.{mistake}" for mistake in mistakes]


def test_missing_file(tmp_path):
    with pytest.raises(PrismakeError, match="no such file"):
        load_definition(tmp_path / "form.yaml")


def test_the_form_in_the_guide(tmp_path):
    guide = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
    (example,) = [block for block in guide.split("```yaml\n")[1:] if block.startswith("form:")]
    (tmp_path / "form.yaml").write_text(example.split("```")[0], encoding="utf-8")
    form = load_definition(tmp_path / "form.yaml")
    assert form.levels["arm"].columns == ["study_id", "arm_id", "dose", "dose_unit"]
    assert form.study.fields[1].options == ("yes", "no")


def field(**more):
    return {"id": "x", "label": "X", "type": "text", **more}


def level_of(*fields):
    content = {"form": {"id": "f", "version": "1", "title": "F"}, "missing": {"NR": "not reported"}}
    return definition_from(content | {"levels": {"study": {"key": ["study_id"], "fields": list(fields)}}}).study


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ("dose is number", {"dose": "5"}, True),
        ("dose is number", {"dose": "NR"}, False),
        ("dose is given", {"dose": ""}, False),
        ("role is 'a b'", {"role": "a b"}, True),
        ("role is 'a b'", {"role": "c"}, False),
        ("role is one of 'c', \"d\"", {"role": "d"}, True),
        ("role is one of ['c', 'd']", {"role": "x; c"}, True),
        ("role is one of 'c', 'd'", {"role": "NR"}, False),
    ],
)
def test_conditions(condition, row, holds):
    study = level_of(
        {"id": "dose", "label": "Dose", "type": "number"},
        {"id": "role", "label": "Role", "type": "multichoice", "options": ["a b", "c", "d", "x"]},
        field(required_if=condition),
    )
    assert study.by_id["x"].is_required(row, {"NR": "not reported"}) is holds
    assert not study.by_id["dose"].is_required(row, {"NR": "not reported"})


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"required_if": "dose > 3"}, "'dose > 3' is not understood"),
        ({"required_if": "role is a"}, "'role is a' is not understood"),
        ({"required_if": "dos is given"}, "'dos' is no other field of this level; did you mean 'dose'?"),
        ({"required_if": "x is given"}, "'x' is no other field of this level"),
        ({"required_if": "role is 'z'"}, "'z' is no option of 'role'"),
        ({"tolerance": "5"}, 'tolerance: "5" is neither a number above 0 nor a share such as "0.5%"'),
        ({"tolerance": 0.5}, "'x' is of type text and has no tolerance"),
        ({"type": "date", "max_length": 5}, "'x' is of type date and has no max_length"),
        ({"renamed_from": "dose"}, "'dose' is still a field, so 'x' cannot have been it"),
        ({"goes_with": "dos"}, "'x' must be a text that goes with another field of its level; did you mean 'dose'?"),
        ({"id": "dose_page"}, "the id 'dose_page' is taken"),
    ],
)
def test_mistakes_in_the_newer_keys(more, problem):
    with pytest.raises(PrismakeError) as caught:
        level_of(
            {"id": "dose", "label": "Dose", "type": "number", "provenance": True},
            {"id": "role", "label": "Role", "type": "choice", "options": ["a"]},
            field(**more),
        )
    assert problem in caught.value.message


def test_provenance_adds_a_page_and_a_quote():
    study = level_of({"id": "dose", "label": "Dose", "type": "number", "provenance": True, "renamed_from": ["amount"]})
    page, quote = study.by_id["dose_page"], study.by_id["dose_quote"]
    assert [field.label for field in study.fields] == ["Dose", "Dose: page", "Dose: quote"]
    assert page.is_required({"dose": "5"}, {}) and not page.is_required({"dose": ""}, {})
    assert not quote.is_required({"dose": "5"}, {})
    assert (page.about, quote.former_ids) == ("dose", ("amount_quote",))
