"""Tables of judgements: robvis's layout and judgements.csv, read and written."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.risk_of_bias.assessments import Assessment, assess
from prismake.risk_of_bias.judgements import judgements_csv, read_judgements
from prismake.risk_of_bias.overall import propose
from prismake.risk_of_bias.robvis import read_robvis, robvis_csv
from prismake.risk_of_bias.tools import load_tool
from prismake.tool_ids import tool_ids

HEAD = "Study,D1,D2,D3,D4,D5,Overall"


def table(folder: Path, *lines: str, ends: str = "\n") -> Path:
    path = folder / "table.csv"
    path.write_bytes(ends.join([*lines, ""]).encode())
    return path


def words(assessment: Assessment) -> str:
    return ", ".join([*assessment.judgements.values(), assessment.given])


@pytest.mark.parametrize(("file", "name", "count"), [("rob2", "rob_2", 9), ("robins_i", "robins_i", 10)])
def test_the_rule_gives_the_overall_column_of_robvis(shared: Path, file: str, name: str, count: int):
    tool = load_tool(name)
    assessments = read_robvis(shared / "data" / "robvis" / f"data_{file}.csv", tool)
    assert len(assessments) == count
    assert [propose(tool, one.judgements) for one in assessments] == [one.given for one in assessments]


@pytest.mark.parametrize(
    ("file", "name"), [("rob2", "rob_2"), ("robins_i", "robins_i"), ("quadas", "quadas_2"), ("quips", "quips")]
)
def test_robvis_tables_come_back_as_they_were(shared: Path, file: str, name: str):
    path = shared / "data" / "robvis" / f"data_{file}.csv"
    theirs = path.read_bytes().decode().strip().splitlines()
    assert robvis_csv(load_tool(name), read_robvis(path, load_tool(name))).strip().splitlines() == theirs


@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_line_ends_and_separators(tmp_path: Path, ends: str, separator: str):
    lines = [f"\ufeff{HEAD},Weight", '"Núñez, 2020",Low,Low,Low,Low,Low,Low,12.5', "", "B,h,h,h,h,h,h,3"]
    lines = [line if line.startswith('"') else line.replace(",", separator) for line in lines]
    lines[1] = '"Núñez, 2020"' + ",Low,Low,Low,Low,Low,Low,12.5".replace(",", separator)
    first, second = read_robvis(table(tmp_path, *lines, ends=ends), load_tool("rob_2"))
    assert (first.study_id, first.weight, second.weight) == ("Núñez, 2020", 12.5, 3.0)
    assert set(second.judgements.values()) == {"High"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("l", "Low"),
        ("LOW RISK", "Low"),
        ("low risk of bias", "Low"),
        ("S", "Some concerns"),
        ("sc", "Some concerns"),
        ("some  Concerns", "Some concerns"),
        ("hi", "High"),
        ("NI", "No information"),
        ("no i", "No information"),
        ("NA", ""),
        ("Not applicable", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_how_a_word_can_be_written(tmp_path: Path, text: str, word: str):
    (one,) = read_robvis(table(tmp_path, HEAD, f"A,{text},Low,Low,Low,Low,"), load_tool("rob_2"))
    assert one.judgements["d1"] == word


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "table.csv: this file is empty"),
        ([HEAD, "A,Low,Low,Loww,Low,Low,Low"], "line 2, column D3: 'Loww' is none of Low, Some concerns, High, No"),
        ([HEAD, "A,Low,Low,Loww,Low,Low,Low"], "Did you mean Low?"),
        ([HEAD, "A,Low,Low,Low,Low,Low,Low", "", "B,n,Low,Low,Low,Low,Low"], "line 4, column D1: 'n' can mean No info"),
        ([HEAD, "A,Low,Low,Low,Low,Low,Bad"], "line 2, column Overall: 'Bad' is none of"),
        ([HEAD, "A,Low,Low"], "line 2: 3 cells under 7 headings"),
        ([HEAD, "A,,,,,,", "B,,,,,,", "A,,,,,,"], "line 4, column Study: 'A' is in line 2 already"),
        ([HEAD, ",Low,,,,,"], "line 2, column Study: the study has no name"),
        ([HEAD + ",Weight", "A,,,,,,,heavy"], "line 2, column Weight: the weight 'heavy' is not a number"),
        ([HEAD + ",Weight", "A,,,,,,,-1"], "line 2, column Weight: the weight '-1' is not"),
        ([HEAD + ",Weight", "A,,,,,,,1", "B,,,,,,,"], "table.csv, B: this row has no weight, though others have"),
        ([HEAD + ",Weight", "A,,,,,,,0"], "table.csv: every weight is 0"),
        (["Name,D1,D2,D3,D4,D5,Overall"], "line 1: the first column is 'Name', not Study"),
        (["Study,D1,D2,D3,D4,Overall"], "line 1: the column D5 (Reported result) is missing"),
        ([HEAD + ",D6"], "line 1: the column 'D6' is none of RoB 2"),
        (["Study,D1,D1,D2,D3,D4,D5,Overall"], "line 1: the column 'D1' is there twice"),
        ([HEAD, '"A,Low,Low,Low,Low,Low,Low'], "this is not CSV"),
    ],
)
def test_a_mistake_in_a_table_names_its_place(tmp_path: Path, lines: list[str], said: str):
    with pytest.raises(PrismakeError) as caught:
        read_robvis(table(tmp_path, *lines), load_tool("rob_2"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_utf_8(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_bytes(f"{HEAD}\nNúñez,,,,,,\n".encode("latin-1"))
    with pytest.raises(PrismakeError, match=r"not UTF-8 text\. Save it as CSV in UTF-8"):
        read_robvis(path, load_tool("rob_2"))


def test_columns_can_have_the_names_of_domains(tmp_path: Path):
    path = table(tmp_path, "Study,Patient selection,Index test,reference_standard,Flow and timing,A2", "A,l,u,h,s,l")
    (one,) = read_robvis(path, load_tool("quadas_2"))
    assert list(one.judgements.values()) == ["Low", "Unclear", "High", "Unclear", "", "Low", ""]


# Columns and first letters that the templates of robvis 0.3.0.900 take (R/rob_traffic_light.R).
TEMPLATES = {"ROB2": (7, "hslnx"), "ROBINS-I": (9, "csmlnx"), "QUADAS-2": (6, "hslnx"), "QUIPS": (8, "hmlnx")}


@pytest.mark.parametrize("name", ["rob_2", "robins_i", "quadas_2", "quips"])
def test_robvis_takes_what_is_written(name: str):
    tool = load_tool(name)
    columns, letters = TEMPLATES[tool.robvis]
    labels = [judgement.label for judgement in tool.judgements("overall")]
    rows = [{"study_id": label, "overall": label, **dict.fromkeys(tool.by_id, label)} for label in labels]
    head, *lines = robvis_csv(tool, assess(tool, rows)).splitlines()
    assert len(head.split(",")) == columns
    for label, line in zip(labels, lines, strict=True):
        (word,) = set(line.split(",")[1:])
        initials = "".join(part[0] for part in word.lower().split())  # as its clean_data() does
        seen = "x" if initials in ("na", "n") else initials[0]
        assert seen in letters.replace("x", "")
        meant = {"Unclear": "s", "Serious": "s"}.get(label, label[0].lower())
        assert seen == meant


def test_unclear_of_quadas_2_is_what_robvis_knows():
    tool = load_tool("quadas_2")
    text = robvis_csv(tool, assess(tool, [{"study_id": "A", "d1": "Unclear", "d2": "Low", "d3": "High", "d4": "Low"}]))
    assert text == "Study,D1,D2,D3,D4,Overall\nA,Some concerns,Low,High,Low,\n"


def test_a_tool_that_robvis_draws_with_its_generic_template():
    text = robvis_csv(load_tool("syrcle"), [])
    assert text.startswith("Study,Sequence generation,Baseline characteristics,") and text.endswith(",Overall\n")


# --- Any rows ---------------------------------------------------------------------------------------------------------

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=12
)


@st.composite
def any_rows(draw: st.DrawFn) -> tuple[str, list[dict]]:
    name = draw(st.sampled_from(tool_ids()))
    tool = load_tool(name)
    studies = draw(st.lists(NAMES, unique=True, max_size=5))
    weighted = draw(st.booleans())
    rows = []
    for study in studies:
        row = {"study_id": study, "result": ""}
        for id in [*tool.by_id, "overall"]:
            labels = [judgement.label for judgement in tool.judgements(id)]
            row[id] = draw(st.sampled_from(["", *labels]))
        if weighted:
            row["weight"] = draw(st.floats(0.01, 1e9))
        rows.append(row)
    return name, rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_rows())
def test_what_is_written_for_robvis_is_read_back(tmp_path: Path, case: tuple[str, list[dict]]):
    name, rows = case
    tool = load_tool(name)
    written = assess(tool, rows)
    path = tmp_path / "robvis.csv"
    path.write_text(robvis_csv(tool, written), encoding="utf-8", newline="")
    read = read_robvis(path, tool)
    domains = [domain.id for domain in tool.domains]
    assert [(o.name, [o.judgements[d] for d in domains], o.overall, o.weight) for o in read] == [
        (o.name, [o.judgements[d] for d in domains], o.overall, o.weight) for o in written
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_rows(), st.lists(NAMES, min_size=1, max_size=1))
def test_judgements_csv_is_read_back_whole(tmp_path: Path, case: tuple[str, list[dict]], support: list[str]):
    name, rows = case
    tool = load_tool(name)
    written = assess(tool, [row | {"result": "pain", "d1_support": support[0]} for row in rows])
    path = tmp_path / "judgements.csv"
    path.write_text(judgements_csv(tool, written), encoding="utf-8", newline="")
    assert read_judgements(path, tool) == written


def test_support_keeps_its_lines(tmp_path: Path):
    tool = load_tool("nos_cohort")
    written = assess(tool, [{"study_id": "Okafor  2021", "d1_support": 'p. 4: "linked\n  registers", twice\n'}])
    assert written[0].support == {"d1": 'p. 4: "linked\n  registers", twice'}
    path = tmp_path / "judgements.csv"
    path.write_text(judgements_csv(tool, written), encoding="utf-8", newline="")
    assert read_judgements(path, tool) == written


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["study_id,domain,judgement,weight", "A,d1,Low,1", "A,d2,Low,2"],
            "line 3, column weight: A has another weight",
        ),
        (["study_id,domain,judgement,weight", "A,d1,Low,x"], "line 2, column weight: the weight 'x' is not a number"),
        (["study_id,domain,judgement,weight", "A,d1,Bad,1"], "line 2, column judgement: 'Bad' is none of Low"),
        (["study_id,domain,judgement,study_id", "A,d1,Low,B"], "line 1: the column 'study_id' is there twice"),
        (["study_id,domain,judgement", ",d1,Low"], "table.csv, a row without study_id: a name is missing"),
        (["study_id,domain,judgement", "A,d9,Low"], "line 2, column domain: RoB 2 has no domain 'd9'"),
        (["study_id,domain,judgement", "A,d1,Low", "A,d1,High"], "line 3: 'd1' of A is there twice"),
    ],
)
def test_a_mistake_in_judgements_csv_names_its_place(tmp_path: Path, lines: list[str], said: str):
    with pytest.raises(PrismakeError) as caught:
        read_judgements(table(tmp_path, *lines), load_tool("rob_2"))
    assert said in str(caught.value)


def test_judgements_csv_row_by_row():
    tool = load_tool("nos_cohort")
    row = {"study_id": "Okafor 2021", "d1": 3, "d1_support": "p. 4", "d2": "1", "d3": 2, "weight": 2.0}
    assert judgements_csv(tool, assess(tool, [row])).splitlines() == [
        "study_id,result,domain,label,judgement,level,support,origin,weight",
        "Okafor 2021,,d1,Selection,3,,p. 4,given,2",
        "Okafor 2021,,d2,Comparability,1,,,given,2",
        "Okafor 2021,,d3,Outcome,2,,,given,2",
        "Okafor 2021,,overall,Overall,6,,,rule,2",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"study_id": "A", "d1": "Bad"}, "A: 'Bad' is none of Low"),
        ({"study_id": "A", "result": "pain", "overall": "Fine"}, "A, pain: 'Fine' is none of Low"),
        ({"d1": "Low"}, "a row without study_id: a name is missing"),
        ({"study_id": "B"}, "B: this row is there twice"),
        ({"study_id": "A", "weight": "3"}, "B: this row has no weight, though others have"),
        ({"study_id": "A", "weight": "1e999"}, "A: the weight '1e999' is not a number"),
    ],
)
def test_a_row_that_cannot_be(row: dict, said: str):
    with pytest.raises(PrismakeError, match=said):
        assess(load_tool("rob_2"), [{"study_id": "B"}, row])


def test_weights_that_are_all_0():
    rows = [{"study_id": name, "weight": 0} for name in "AB"]
    with pytest.raises(PrismakeError, match="every weight is 0"):
        assess(load_tool("rob_2"), rows)
