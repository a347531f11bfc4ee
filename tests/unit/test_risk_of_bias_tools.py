"""The tools for risk of bias as data: what each holds, its form, its rule for the overall judgement."""

import re
from pathlib import Path

import pytest
import yaml

from prismake.errors import PrismakeError
from prismake.extraction.definition import definition_from
from prismake.risk_of_bias.form import form_content
from prismake.risk_of_bias.overall import propose, remark
from prismake.risk_of_bias.tools import load_tool, read_tool
from prismake.tool_ids import DATA, tool_ids

# By hand, from the publications of the tools: unit, domains, concerns about applicability, judgements offered, rule.
PUBLISHED = {
    "rob_2": ("result", 5, 0, "Low/Some concerns/High", "worst"),
    "robins_i": ("result", 7, 0, "Low/Moderate/Serious/Critical/No information", "worst"),
    "quadas_2": ("study", 4, 3, "Low/Unclear/High", "none"),
    "quips": ("study", 6, 0, "Low/Moderate/High", "none"),
    "syrcle": ("study", 10, 0, "Low/Unclear/High", "none"),
    "nos_cohort": ("study", 3, 0, "0/1/2/3/4", "sum"),
    "nos_case_control": ("study", 3, 0, "0/1/2/3/4", "sum"),
    "amstar_2": ("review", 16, 0, "Yes/No", "critical_items"),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_tool_holds_what_was_published(name: str):
    tool = load_tool(name)
    offered = "/".join(judgement.label for judgement in tool.domains[0].judgements if judgement.offered)
    found = (tool.unit, len(tool.domains), len(tool.applicability), offered, tool.overall.rule)
    assert found == PUBLISHED[name]
    assert [domain.id for domain in tool.domains] == [f"d{number}" for number in range(1, len(tool.domains) + 1)]
    assert tool.url.startswith("https://")


def test_every_file_is_a_tool_and_known_without_reading_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml, "load", None)
    assert tool_ids() == sorted(PUBLISHED)


def test_how_many_questions_the_tools_ask():
    """RoB 2 (effect of assignment) asks 3 + 7 + 4 + 5 + 3, QUADAS-2 3 + 2 + 2 + 4."""
    assert [len(domain.questions) for domain in load_tool("rob_2").domains] == [3, 7, 4, 5, 3]
    assert [len(domain.questions) for domain in load_tool("quadas_2").domains] == [3, 2, 2, 4]


def test_stars_of_the_newcastle_ottawa_scale():
    for name in ("nos_cohort", "nos_case_control"):
        tool = load_tool(name)
        assert [domain.stars for domain in tool.domains] == [4, 2, 3]
        assert [len(domain.questions) for domain in tool.domains] == [4, 2, 3]
        assert tool.overall.judgements[-1].label == "9"


def test_which_items_of_amstar_2_take_which_answers():
    items = {
        domain.id: [judgement.label for judgement in domain.judgements] for domain in load_tool("amstar_2").domains
    }
    assert [id for id, labels in items.items() if "Partial Yes" in labels] == ["d2", "d4", "d7", "d8", "d9"]
    assert [id for id, labels in items.items() if labels[-1].startswith("No meta")] == ["d11", "d12", "d15"]
    assert load_tool("amstar_2").overall.critical == ("d2", "d4", "d7", "d9", "d11", "d13", "d15")


def test_the_manual_lists_every_tool():
    manual = (Path(__file__).parents[2] / "docs" / "risk_of_bias.md").read_text(encoding="utf-8")
    for name, (unit, domains, concerns, offered, _) in PUBLISHED.items():
        (row,) = [line for line in manual.splitlines() if f"| `{name}` |" in line]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        tool = load_tool(name)
        assert cells[2] == unit
        assert cells[3] == (f"{domains}, and {concerns} for applicability" if concerns else str(domains))
        assert cells[4].startswith(offered.split("/")[0])
        assert tool.url in cells[6]


def test_an_unknown_tool():
    with pytest.raises(PrismakeError, match=r"no risk-of-bias tool 'RoB-2'\. Did you mean 'rob_2'\?"):
        load_tool("RoB-2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title: "?RoB 2"?\n', "", "title: is missing"),
        ("revision: 1", "revision: one", "revision: must be a whole number"),
        ("unit: result", "unit: arm", "unit: 'arm' is not one of study, result, review"),
        ("unit: result", "unit: result\nscoop: x", "scoop: unknown key; did you mean 'scope'?"),
        ("level: moderate", "level: amber", r"judgements\[1\].level: 'amber' is not one of low, moderate"),
        ("label: High, level", "label: Low, level", "judgements: 'low' is there twice"),
        ("- id: d2", "- id: d1", "domains: the id 'd1' is taken"),
        ("- id: d2", "- id: D2", r"domains\[1\].id: 'D2' must be small letters"),
        ("- id: d2", "- id: d2\n    stars: 2", r"domains\[1\]: a domain has either stars or"),
        ("rule: worst", "rule: best", "overall.rule: 'best' is not one of worst"),
        ("rule: worst", "rule: sum", "overall.rule: only stars can be summed"),
        ("rule: worst", "rule: critical_items", "overall: critical_items needs four"),
        (r"order: \[Low, ", "order: [", "overall.order: must hold every judgement"),
        ("times: 2", "times: two", r"overall.ask\[0\].times: must be a whole number"),
        ("id: rob_2", "id: rob2", "id: 'rob2' must be the name of the file, 'rob_2'"),
        ("domains:\n", "domains:\n  - text\n", r"domains\[0\]: must be a block of keys"),
        ("domains:", "domains: [", "cannot be read"),
    ],
)
def test_a_mistake_in_a_file_is_one_line(tmp_path: Path, old: str, new: str, said: str):
    text, times = re.subn(old, new, (DATA / "rob_2.yaml").read_text(encoding="utf-8"), count=1)
    assert times == 1
    path = tmp_path / "rob_2.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PrismakeError, match=said) as caught:
        read_tool(path)
    assert str(caught.value).startswith(f"{path.as_posix()}: ")
    assert "\n" not in str(caught.value)


# --- The form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_form_of_a_tool_is_a_form(name: str):
    tool = load_tool(name)
    definition = definition_from(form_content(tool))
    level = list(definition.levels.values())[-1]
    assert list(definition.levels) == (["study", "result"] if tool.unit == "result" else ["study"])
    for domain in tool.by_id:
        assert level.by_id[domain].required
        assert level.by_id[f"{domain}_support"].type == "text"
    assert ("overall" in level.by_id) == (tool.overall.rule != "none")
    assert definition.version == f"{tool.version}.1"


def test_the_form_of_rob_2():
    definition = definition_from(form_content(load_tool("rob_2")))
    result = definition.levels["result"]
    assert (result.key, result.rows, result.label) == (("study_id", "result"), 3, "Result")
    assert result.by_id["d1"].options == ("Low", "Some concerns", "High")
    assert "(3) " in result.by_id["d1"].help
    assert not result.by_id["overall"].required
    assert definition.study.columns == ["study_id", "comparison"]


def test_the_form_of_a_scale_asks_for_numbers():
    study = definition_from(form_content(load_tool("nos_cohort"))).study
    field = study.by_id["d2"]
    assert (field.type, field.minimum, field.maximum) == ("integer", 0, 2)
    assert study.by_id["overall"].maximum == 9


# --- The overall judgement --------------------------------------------------------------------------------------------


def judged(name: str, words: str) -> dict[str, str]:
    """The tool's domains with these words, one letter each: the first that begins with it."""
    tool = load_tool(name)
    found = {}
    for domain, letter in zip(tool.domains, words, strict=True):
        found[domain.id] = next((j.label for j in domain.judgements if j.label.startswith(letter)), "")
    return found


@pytest.mark.parametrize(
    ("name", "words", "overall"),
    [
        ("rob_2", "LLLLL", "Low"),
        ("rob_2", "LLSLL", "Some concerns"),
        ("rob_2", "SSSSS", "Some concerns"),
        ("rob_2", "SLLHL", "High"),
        ("rob_2", "NLLLL", "No information"),
        ("rob_2", "NLSLL", "Some concerns"),
        ("rob_2", "LL?LL", ""),
        ("robins_i", "LLLLLLL", "Low"),
        ("robins_i", "LMLLLLL", "Moderate"),
        ("robins_i", "NMLLLLL", "Moderate"),
        ("robins_i", "NLLLLLL", "No information"),
        ("robins_i", "LMSLLLL", "Serious"),
        ("robins_i", "CMSLLLN", "Critical"),
        ("quadas_2", "LLLL", ""),
        ("quips", "HHHHHH", ""),
        ("syrcle", "LLLLLLLLLL", ""),
        ("nos_cohort", "423", "9"),
        ("nos_case_control", "000", "0"),
        ("nos_cohort", "31?", ""),
        # AMSTAR 2: items 1 to 16; the critical ones are 2, 4, 7, 9, 11, 13, 15.
        ("amstar_2", "YYYYYYYYYYYYYYYY", "High"),
        ("amstar_2", "YPYPYYPPPYYYYYYY", "High"),
        ("amstar_2", "YYYYYYYYYNYYYYYY", "High"),
        ("amstar_2", "NYYYYYYYYNYYYYYY", "Moderate"),
        ("amstar_2", "NYNYNNYNYNYNYNYN", "Moderate"),
        ("amstar_2", "YNYYYYYYYYYYYYYY", "Low"),
        ("amstar_2", "NYNYNNYNYNYNYNNN", "Low"),
        ("amstar_2", "YNYYYYNYYYYYYYYY", "Critically low"),
        ("amstar_2", "NNNNNNNNNNNNNNNN", "Critically low"),
        ("amstar_2", "YYYYYYYYYYYYYYY?", ""),
    ],
)
def test_the_rule(name: str, words: str, overall: str):
    assert propose(load_tool(name), judged(name, words)) == overall


def test_no_meta_analysis_is_no_weakness():
    none = "No meta-analysis conducted"
    items = judged("amstar_2", "Y" * 16) | {"d11": none, "d12": none, "d15": none}
    assert propose(load_tool("amstar_2"), items) == "High"


@pytest.mark.parametrize(
    ("name", "words", "given", "said"),
    [
        ("rob_2", "LLLLL", "Low", ""),
        ("rob_2", "LLLLL", "", ""),
        ("rob_2", "LLSLL", "", ""),
        ("rob_2", "LSSLL", "Some concerns", ""),
        (
            "rob_2",
            "LSSLL",
            "",
            "the rule of RoB 2 gives 'Some concerns'; 2 domains have 'Some concerns': consider 'High'",
        ),
        ("rob_2", "LSSLL", "High", "overall is 'High', the rule of RoB 2 gives 'Some concerns' (2 domains have 'Some"),
        ("rob_2", "HLLLL", "Low", "overall is 'Low', the rule of RoB 2 gives 'High'"),
        ("rob_2", "HSSLL", "", ""),
        ("rob_2", "NLLLL", "", "1 domain has 'No information': consider 'Some concerns'"),
        ("robins_i", "NMLLLLL", "No information", "gives 'Moderate' (1 domain has 'No information')"),
        ("robins_i", "NSLLLLL", "", ""),
        ("quadas_2", "LLLL", "Low", ""),
    ],
)
def test_what_is_said_of_a_persons_overall(name: str, words: str, given: str, said: str):
    note = remark(load_tool(name), judged(name, words), given)
    assert said in note
    assert bool(said) == bool(note)
