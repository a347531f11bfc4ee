"""The figures of risk of bias: everything judged is drawn, nothing overflows, the same bytes each time."""

import os
import random
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from prismake.cli import main
from prismake.errors import PrismakeError
from prismake.publish import read_csv
from prismake.risk_of_bias.assessments import assess
from prismake.risk_of_bias.drawing import PALETTES, SIGNS, colours
from prismake.risk_of_bias.outputs import write_outputs
from prismake.risk_of_bias.summary import draw_summary, shares
from prismake.risk_of_bias.tools import LEVELS, Tool, load_tool
from prismake.risk_of_bias.traffic_light import draw_traffic_light
from prismake.text_metrics import text_width
from prismake.tool_ids import tool_ids

SVG = "{http://www.w3.org/2000/svg}"
FILES = {
    "judgements.csv",
    "robvis.csv",
    "summary.svg",
    "summary_colour_blind.svg",
    "traffic_light.svg",
    "traffic_light_colour_blind.svg",
}
LONG = "Okafor-Castellanos & <the invented> Internationale Forschungsgemeinschaft " + "x" * 90


def some_rows(
    tool: Tool, count: int, *, name: str = "Study", result: str = "", blank: float = 0.0, weight=None
) -> list:
    chance = random.Random(count)
    rows = []
    for number in range(count):
        row = {"study_id": f"{name} {number}", "result": result}
        for id in tool.by_id:
            offered = [judgement.label for judgement in tool.judgements(id) if judgement.offered]
            row[id] = "" if chance.random() < blank else chance.choice(offered)
        rows.append(row | ({"weight": weight} if weight else {}))
    return rows


def figures(tool: Tool, rows: list) -> list[ElementTree.Element]:
    assessments = assess(tool, rows)
    draws = (draw_traffic_light, draw_summary)
    return [ElementTree.fromstring(draw(tool, assessments, palette)) for draw in draws for palette in PALETTES]


def groups(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == kind]


def words(element: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def box(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the ink of a line."""
    size, x, y = (float(text.get(key)) for key in ("font-size", "x", "y"))
    width = text_width(text.text or "", size, bold=text.get("font-weight") == "bold")
    left = x - width / 2 if text.get("text-anchor") == "middle" else x
    return left, y - 0.73 * size, left + width, y + 0.22 * size


def frame(rect: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(rect.get(key, "0")) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def inside(inner: tuple, outer: tuple) -> bool:
    return all(a >= b - 0.05 for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b + 0.05 for a, b in zip(inner[2:], outer[2:], strict=True)
    )


@pytest.mark.parametrize("name", ["rob_2", "quadas_2", "nos_cohort", "amstar_2"])
def test_every_judgement_is_drawn_once(name: str):
    tool = load_tool(name)
    rows = some_rows(tool, 7, blank=0.2)
    assessments = assess(tool, rows)
    overall = [one.overall for one in assessments] if tool.has_rule else []
    wanted = [(id, one.judgements[id]) for one in assessments for id in tool.by_id] + [("overall", w) for w in overall]
    for root in figures(tool, rows)[:2]:
        marks = groups(root, "cell judgement")
        assert len(marks) == sum(bool(label) for _, label in wanted)
        assert len(groups(root, "cell blank")) == sum(not label for _, label in wanted)
        drawn = sorted(words(mark)[0] for mark in marks)
        levels = [next((j for j in tool.judgements(id) if j.label == label), None) for id, label in wanted]
        assert drawn == sorted(SIGNS.get(judgement.level, judgement.label) for judgement in levels if judgement)
        assert all(len(list(mark.iter(f"{SVG}circle"))) == 1 for mark in marks)


def test_colours_and_signs_tell_all_levels_apart():
    assert set(SIGNS) == set(LEVELS) and len(set(SIGNS.values())) == len(LEVELS)
    for palette in PALETTES.values():
        assert len({fill for fill, _ in palette.values()}) == len(LEVELS)
        for fill, ink in palette.values():
            assert contrast(fill, ink) >= 4.5
    tool = load_tool("nos_cohort")
    for judgement in (*tool.overall.judgements, *(one for domain in tool.domains for one in domain.judgements)):
        assert contrast(*colours(judgement, "classic")) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", tool_ids())
@pytest.mark.parametrize("count", [0, 1, 5])
def test_no_text_leaves_its_cell_or_the_figure(name: str, count: int):
    tool = load_tool(name)
    result = "mean difference in self-reported pain on a visual analogue scale at twelve weeks"
    for root in figures(tool, some_rows(tool, count, name=LONG, result=result, blank=0.1)):
        assert_tidy(root)


def test_the_legend_names_each_judgement_once_unless_overall_has_its_own_words():
    rows = [{"study_id": "S", "d1": "No information", "overall": "Low"}]
    for root in figures(load_tool("rob_2"), rows):
        assert [words(key) for key in groups(root, "key")] == [["+"], ["−"], ["×"], ["?"]]
    for root in figures(load_tool("amstar_2"), [{"study_id": "S"}]):
        assert len(groups(root, "key")) == 4 + 4


def test_no_text_leaves_a_narrow_share():
    tool = load_tool("rob_2")
    labels = ["Low"] * 50 + ["Some concerns"] * 2 + ["High"] * 4 + [""]
    root = figures(tool, [{"study_id": f"S{n}", "d1": label} for n, label in enumerate(labels)])[2]
    assert_tidy(root)
    shown = [words(bar) for bar in groups(root, "cell share")]
    assert shown[:3] == [["+ 88%"], ["−"], ["×"]]


def assert_tidy(root: ElementTree.Element) -> None:
    """All text is in its cell and in the figure, and no line touches another."""
    _, _, width, height = (float(part) for part in root.get("viewBox").split())
    boxes = [box(text) for text in root.iter(f"{SVG}text")]
    assert all(inside(one, (0, 0, width, height)) for one in boxes)
    cells = [group for group in root.iter(f"{SVG}g") if group.get("class").startswith("cell")]
    assert cells
    for cell in cells:
        outer = frame(cell.find(f"{SVG}rect"))
        assert all(inside(box(text), outer) for text in cell.iter(f"{SVG}text")), words(cell)
    lines = sorted(boxes, key=lambda one: (one[1], one[0]))
    for index, one in enumerate(lines):
        for other in lines[index + 1 :]:
            apart = other[0] >= one[2] - 0.05 or other[2] <= one[0] + 0.05 or other[1] >= one[3] - 1.0
            assert apart or other[3] <= one[1], (one, other)


def test_headings_are_repeated_in_long_figures():
    tool = load_tool("rob_2")
    long, short = (figures(tool, some_rows(tool, count))[0] for count in (75, 40))
    assert sum(words(head) == ["D1"] for head in groups(long, "cell head")) == 3
    assert sum(words(head) == ["D1"] for head in groups(short, "cell head")) == 1


def test_applicability_stands_apart():
    root = figures(load_tool("quadas_2"), some_rows(load_tool("quadas_2"), 3))[0]
    heads = {words(head)[0]: frame(head.find(f"{SVG}rect")) for head in groups(root, "cell head")}
    assert list(heads) == ["Study", "D1", "D2", "D3", "D4", "A1", "A2", "A3"]
    assert heads["D2"][0] == heads["D1"][2]
    assert heads["A1"][0] > heads["D4"][2]
    assert {"Risk of bias", "Applicability"} <= set(words(root))


def test_shares_fill_each_bar():
    tool = load_tool("rob_2")
    rows = [{"study_id": name, "d1": word, "weight": weight} for name, word, weight in WEIGHED]
    root = figures(tool, rows)[2]
    bars = groups(root, "cell share") + groups(root, "cell blank")
    titles = [bar.find(f"{SVG}title").text for bar in bars]
    assert [title for title in titles if title.startswith("D1")] == [
        "D1, Low: 2 (50%)",
        "D1, High: 1 (25%)",
        "D1, not judged: 1 (25%)",
    ]
    for code in ("D1", "D2", "Overall"):
        widths = [
            frame(bar.find(f"{SVG}rect")) for bar, title in zip(bars, titles, strict=True) if title.startswith(code)
        ]
        assert sum(right - left for left, _, right, _ in widths) == pytest.approx(330, abs=0.05)
    assert "D1 Bias arising from the randomisation process by weight: Low 50%" in root.find(f"{SVG}desc").text
    plain = assess(tool, [row | {"weight": None} for row in rows])
    assert [(j.label, count, share) for j, count, share in shares(tool, plain, "d1")][:2] == [
        ("Low", 2, 0.5),
        ("High", 1, 0.25),
    ]


WEIGHED = (("A", "Low", 1.0), ("B", "High", 2.0), ("C", "Low", 3.0), ("D", "", 2.0))


def test_the_figure_says_in_words_what_it_shows():
    tool = load_tool("rob_2")
    rows = [{"study_id": "A & B", **dict.fromkeys(tool.by_id, "Low")}, {"study_id": "C", "d1": "High"}]
    root = figures(tool, rows)[0]
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert root.get("role") == "img"
    assert ids[root.get("aria-labelledby")] == "RoB 2 (2019): judgements of each result"
    said = ids[root.get("aria-describedby")]
    assert said.startswith("2 results. D1 Bias arising from the randomisation process: 1 Low, 1 High. D2 ")
    assert said.endswith("Overall: 1 Low, 1 not judged.")
    assert "Overall by the tool's rule for 1 result where nobody gave one." in words(root)
    assert "Without a sign: not judged." in words(root)


def test_ids_are_unique_when_all_figures_stand_on_one_page():
    ids = []
    for name in tool_ids():
        for root in figures(load_tool(name), []):
            ids += [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 8 * 4 * 2


def test_overall_is_drawn_for_a_tool_without_a_rule_only_if_given():
    tool = load_tool("quips")
    bare, given = (figures(tool, [{"study_id": "A", "overall": word}])[0] for word in ("", "High"))
    assert "Overall" not in words(bare)
    assert "Overall" in words(given)


# --- Files and the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tool_ids())
@pytest.mark.parametrize("count", [0, 3])
def test_the_outputs_are_the_same_bytes_each_time(tmp_path: Path, name: str, count: int):
    tool = load_tool(name)
    rows = some_rows(tool, count, blank=0.3)
    for folder in ("one", "two"):
        write_outputs(tool, rows, tmp_path / folder)
    assert {path.name for path in (tmp_path / "one").iterdir()} == FILES
    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    table = read_csv(tmp_path / "one" / "judgements.csv")
    assert len(table) == count * (len(tool.by_id) + tool.has_rule)


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path):
    (tmp_path / "t.csv").write_text("Study,D1,D2,D3,D4\nA,Low,High,Unclear,Low\n")
    written = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "prismake.cli", "rob", "t.csv", "--tool", "quadas_2", "--out-dir", seed]
        workflow = str(Path(__file__).parents[2] / "workflow")
        subprocess.run(
            command, check=True, cwd=tmp_path, env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": workflow}
        )
        written.append({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == FILES - {"judgements.csv"}


def test_nothing_is_written_of_a_row_that_cannot_be(tmp_path: Path):
    with pytest.raises(PrismakeError, match="A: 'Fine' is none of"):
        write_outputs(load_tool("rob_2"), [{"study_id": "A", "d1": "Fine"}], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_said_of_overall_judgements(tmp_path: Path):
    tool = load_tool("rob_2")
    low = dict.fromkeys(tool.by_id, "Low")
    rows = [{"study_id": "A", **low}, {"study_id": "B", "result": "pain", **low, "overall": "High"}]
    notes = ["B, pain: overall is 'High', the rule of RoB 2 gives 'Low'"]
    assert write_outputs(tool, rows, tmp_path) == notes
    origins = [row["origin"] for row in read_csv(tmp_path / "judgements.csv") if row["domain"] == "overall"]
    assert origins == ["rule", "given"]
    quips = [{"study_id": "A", "overall": "Low"}]
    assert write_outputs(load_tool("quips"), quips, tmp_path) == [
        "QUIPS has no overall judgement; the 1 given are drawn as they are."
    ]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.chdir(tmp_path)
    head, low = "Study,D1,D2,D3,D4,D5,Overall", ",Low" * 5
    Path("robvis.csv").write_bytes(f"{head}\rA{low},Low\rB{low},High\r".encode())
    before = Path("robvis.csv").read_bytes()
    assert main(["rob", "robvis.csv", "--tool", "rob_2", "--out-dir", "."]) == 0
    assert capsys.readouterr().out == "B: overall is 'High', the rule of RoB 2 gives 'Low'\n"
    assert Path("robvis.csv").read_bytes() == before
    assert {path.name for path in Path().iterdir()} == FILES - {"judgements.csv"}


def test_the_command_draws_what_the_workflow_wrote(tmp_path: Path):
    tool = load_tool("quadas_2")
    write_outputs(tool, some_rows(tool, 4, weight=2.0), tmp_path / "one")
    arguments = [
        "rob",
        str(tmp_path / "one" / "judgements.csv"),
        "--tool",
        "quadas_2",
        "--out-dir",
        str(tmp_path / "two"),
    ]
    assert main(arguments) == 0
    for file in FILES - {"judgements.csv"}:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_list_of_tools(capsys: pytest.CaptureFixture):
    assert main(["rob", "--tools"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == tool_ids()
    assert listed[5].endswith(
        "RoB 2 (2019). Results of individually randomised, parallel-group trials; judges each result."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t.csv", "--out-dir", "o"], "prismake: --tool is missing"),
        (["t.csv", "--tool", "rob_2"], "prismake: --out-dir is missing"),
        (["t.csv", "--tool", "rob2", "--out-dir", "o"], "there is no risk-of-bias tool 'rob2'. Did you mean 'rob_2'?"),
        (["none.csv", "--tool", "rob_2", "--out-dir", "o"], "none.csv"),
        (["t.csv", "--tool", "quips", "--out-dir", "o"], "t.csv, line 1: the column D5 (Confounding) is missing"),
        (["j.csv", "--tool", "quips", "--out-dir", "o"], "j.csv, line 2, column domain: QUIPS has no domain 'd9'"),
        (["k.csv", "--tool", "quips", "--out-dir", "o"], "k.csv, line 2, column judgement: 'Hihg' is none of Low, Mod"),
    ],
)
def test_bad_input_of_the_command(tmp_path, monkeypatch, capsys, arguments: list[str], said: str):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("Study,D1,D2,D3,D4\nA,Low,High,Unclear,Low\n")
    Path("j.csv").write_text("study_id,domain,judgement\nA,d9,Low\n")
    Path("k.csv").write_text("study_id,domain,judgement\nA,d1,Hihg\n")
    assert main(["rob", *arguments]) == 1
    message = capsys.readouterr().err
    assert message.startswith("prismake: ") and said in message
    assert not Path("o").exists()
