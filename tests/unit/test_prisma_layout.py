"""The geometry of the flow diagram: text stays in its box, boxes stay apart, arrows end on boxes, no number is lost."""

import json
import string
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.prisma.alt_text import describe
from prismake.prisma.box_table import read_data
from prismake.prisma.columns import SIZE
from prismake.prisma.layout import lay_out
from prismake.prisma.panels import fill_panels, left_out, read_template
from prismake.prisma.settings import Settings
from prismake.prisma.shapes import Box, Layout
from prismake.prisma.wording import read_labels
from prismake.text_metrics import clean, missing_characters, text_width, unbreakable, wrap

DATA = Path(__file__).parents[1] / "data" / "prisma_flow"
LINES = [line for panel in read_template("new")["panels"] for line in panel["lines"]]
EDGE = 0.001  # pt
MARGIN = 3 / SIZE  # em that text keeps from the edges of its box

LETTERS = string.ascii_letters + "äßøčΩ≥–'\"<>&;,()[]/\\-0123456789"
WORDS = st.text(LETTERS, min_size=1, max_size=14)
LABELS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=20).map(" ".join),
    st.text(LETTERS, min_size=30, max_size=120),  # one over-long word
    st.text(min_size=1, max_size=60),  # anything, controls and scripts that the font lacks among it
)
NUMBERS = st.integers(0, 999_999)


@st.composite
def flows(draw: st.DrawFn) -> dict:
    """Flows with random numbers, labels and items; any box can be absent or without a label."""
    boxes = {}
    for line in LINES:
        for name in {line["box"], line.get("items_of", line["box"])}:
            if draw(st.integers(0, 9)):
                boxes[name] = {"n": draw(NUMBERS), "unit": "record"}
                if draw(st.booleans()):
                    boxes[name]["label"] = draw(LABELS)
    for name, most in (("database_specific_results", 40), ("dbr_excluded", 30), ("other_excluded", 30)):
        if name in boxes:
            items = st.fixed_dictionaries({"label": LABELS, "n": NUMBERS})
            boxes[name]["items"] = draw(st.lists(items, max_size=most))
    draft = draw(st.lists(LABELS, max_size=6))
    return {"title": draw(st.text(max_size=80)), "template": "new", "draft": draft, "boxes": boxes}


def worked_example() -> dict:
    return json.loads((DATA / "worked_example.json").read_text(encoding="utf-8"))


def assert_sound(layout: Layout) -> None:
    for box in layout.boxes:
        assert box.x >= 0 and box.y >= 0
        assert box.right <= layout.width and box.bottom <= layout.height
        for line in box.lines:
            assert_inside(box, line, layout.size)
    for one, other in combinations(layout.boxes, 2):
        apart = (
            one.right <= other.x + EDGE
            or other.right <= one.x + EDGE
            or one.bottom <= other.y + EDGE
            or other.bottom <= one.y + EDGE
        )
        assert apart, f"{one.name} and {other.name} overlap"
    boxes = {box.name: box for box in layout.boxes}
    assert len(boxes) == len(layout.boxes)
    for arrow in layout.arrows:
        assert on_edge(arrow.points[0], boxes[arrow.start]), arrow
        assert on_edge(arrow.points[-1], boxes[arrow.end]), arrow
        for here, there in zip(arrow.points, arrow.points[1:], strict=False):
            assert here != there and (here[0] == there[0] or here[1] == there[1]), "not orthogonal"
            assert not any(crosses(here, there, box) for box in layout.boxes), arrow


def assert_inside(box: Box, line, size: float) -> None:
    """With a margin, by the width that the font gives; glyphs reach 0.22 em below the baseline and 0.91 em above it."""
    margin = MARGIN * size
    length = text_width(line.text, size, line.bold)
    if box.kind == "stage":  # upwards
        left, right = line.x - 0.35 * size, line.x + 0.57 * size
        top, bottom = line.y - length / 2, line.y + length / 2
    else:
        left, right = line.x, line.x + length
        top, bottom = line.y - 0.91 * size, line.y + 0.22 * size
    assert box.x + margin <= left and right <= box.right - margin, f"{line.text!r} is wider than {box.name}"
    assert box.y + margin <= top and bottom <= box.bottom - margin, f"{line.text!r} is higher than {box.name}"


def on_edge(point: tuple[float, float], box: Box) -> bool:
    x, y = point
    within_x, within_y = box.x - EDGE <= x <= box.right + EDGE, box.y - EDGE <= y <= box.bottom + EDGE
    on_side = min(abs(x - box.x), abs(x - box.right)) < EDGE and within_y
    return on_side or (min(abs(y - box.y), abs(y - box.bottom)) < EDGE and within_x)


def crosses(here: tuple[float, float], there: tuple[float, float], box: Box) -> bool:
    """Whether the straight way between two points runs through the inside of a box."""
    (x1, x2), (y1, y2) = sorted((here[0], there[0])), sorted((here[1], there[1]))
    return x1 < box.right - EDGE and x2 > box.x + EDGE and y1 < box.bottom - EDGE and y2 > box.y + EDGE


def drawn_numbers(layout: Layout) -> dict[str, str]:
    """The text behind each key, one line to the next joined by a mark that no label holds."""
    texts: dict[str, str] = {}
    for box in layout.boxes:
        for line in box.lines:
            texts[line.key] = f"{texts.get(line.key, '')}\n{line.text}"
    return texts


def assert_complete(flow: dict, layout: Layout) -> None:
    """Each number stands whole on a line of its own entry, unless the template says that it has none."""
    boxes, texts, count = flow["boxes"], drawn_numbers(layout), read_labels(Settings(language=layout.language))["count"]
    template = read_template(flow["template"])
    absent = {arm for arm, needs in template["needs"].items() if not any(name in boxes for name in needs)}
    for panel in template["panels"]:
        for line in panel["lines"]:
            box = boxes.get(line["box"])
            if box is None or panel["arm"] in absent or (line.get("counted") and not box["n"]):
                assert line["box"] not in texts
                continue
            assert count.format(n=f"{box['n']:,}").strip() in texts[line["box"]]
            holder = line.get("items_of", line["box"])
            items = boxes.get(holder, {}).get("items", [])
            for position, item in enumerate(items, start=1) if line.get("items") != "several" else ():
                assert count.format(n=f"{item['n']:,}").strip() in texts[f"{holder}-{position}"]


SYLLABLES = [
    "pop",
    "u",
    "la",
    "tion",
    "trial",
    "no ",
    "con",
    "trol ",
    "wrong ",
    "out",
    "come ",
    "系统",
    "评价",
    "ب",
    "-",
    "/",
]


def a_flow(random: Random, template: str, other: bool) -> dict:
    """A ledger's numbers at random: six digits, up to forty databases and twenty reasons of up to 25 syllables."""

    def label() -> str:
        return "".join(random.choices(SYLLABLES, k=random.randint(1, 25)))

    arms = {"databases", "other"} if other else {"databases"}
    boxes: dict[str, dict] = {}
    for panel in read_template(template)["panels"]:
        for line in panel["lines"] if panel["arm"] in arms | {"previous"} else ():
            for name in {line["box"], line.get("items_of", line["box"])}:
                boxes[name] = {"n": random.choice([0, random.randint(1, 99), random.randint(100_000, 999_999)])}
    for name, most in (("database_specific_results", 40), ("dbr_excluded", 20), ("other_excluded", 20)):
        if name in boxes:
            number = random.randint(0, random.choice([4, most]))
            boxes[name]["items"] = [{"label": label(), "n": random.randint(0, 999_999)} for _ in range(number)]
    draft = [label()] if random.random() < 0.5 else []
    return {"title": "A review", "template": template, "draft": draft, "boxes": boxes}


@pytest.mark.parametrize("template", ["new", "updated"])
@pytest.mark.parametrize("other", [False, True])
def test_two_hundred_ledgers_of_each_variant_are_drawn_soundly_in_the_presets(template, other):
    presets = read_data("presets.yaml")
    names = list(presets)
    for seed in range(200):
        random = Random(seed)
        flow, preset = a_flow(random, template, other), names[seed % len(names)]
        layout = lay_out(flow, Settings(preset=preset, language=random.choice(["en", "zh"])))
        assert_sound(layout)
        assert_complete(flow, layout)
        assert layout.size >= presets[preset]["min_pt"]
        assert layout.preset.name == preset or presets[preset].get("quiet") or preset in layout.notes[0]
        assert layout.height <= layout.preset.height or "mm high" in layout.notes[-1]


@settings(max_examples=60, deadline=None)
@given(flows())
def test_any_flow_is_drawn_soundly_and_completely(flow):
    layout = lay_out(flow)
    assert_sound(layout)
    assert_complete(flow, layout)


def test_forty_databases_thirty_long_reasons_and_six_digit_numbers():
    flow = worked_example()
    reason = "Wrong population or comparator, or outcomes measured with an instrument that nobody validated (number"
    flow["boxes"]["database_specific_results"]["items"] = [
        {"label": f"Database of Invented Literature, edition {i}", "n": 100_000 + i} for i in range(40)
    ]
    for name in ("dbr_excluded", "other_excluded"):
        flow["boxes"][name] = {
            "n": 999_999,
            "items": [{"label": f"{reason} {i})", "n": 900_000 + i} for i in range(30)],
        }
    flow["draft"] = ["x" * 400, "Pending"]
    layout = lay_out(flow)
    assert_sound(layout)
    assert_complete(flow, layout)


def test_worked_example_has_every_number_in_its_box():
    layout = lay_out(worked_example())
    assert_sound(layout)
    boxes = {box.name: " ".join(line.text for line in box.lines) for box in layout.boxes}
    assert boxes["identified"] == (
        "Records identified from: Databases (n = 2,451): PubMed (n = 1,204) Embase (n = 847) "
        "Web of Science Core Collection (n = 400) Registers (n = 96): ClinicalTrials.gov (n = 61) WHO ICTRP (n = 35)"
    )
    assert boxes["screened"] == "Records screened (n = 1,630)"
    assert boxes["included"] == "Studies included in review (n = 41) Reports of included studies (n = 49)"
    assert boxes["stage_screening"] == "Screening"
    ways = {(arrow.start, arrow.end) for arrow in layout.arrows}
    assert {("identified", "screened"), ("assessed", "included"), ("other_assessed", "included")} <= ways
    assert {("screened", "excluded"), ("other_identified", "other_removed")} <= ways


def test_other_methods_column_needs_such_a_source():
    flow = worked_example()
    for name in ("website_results", "organisation_results", "citations_results"):
        del flow["boxes"][name]
    layout = lay_out(flow)
    assert_sound(layout)
    assert not [box.name for box in layout.boxes if "other" in box.name]
    assert layout.width < lay_out(worked_example()).width
    assert "other_sought_reports" in left_out(flow, layout.panels)


def test_a_source_that_found_nothing_is_drawn_with_its_zero():
    boxes = {"citations_results": {"n": 0}, "database_results": {"n": 0}}
    texts = drawn_numbers(lay_out({"boxes": boxes}))
    assert "(n = 0)" in texts["citations_results"]


def test_a_box_without_a_number_is_absent():
    layout = lay_out({"boxes": {"records_screened": {"n": 3}, "records_excluded": {"n": None}}})
    assert [box.name for box in layout.boxes if box.kind == "box"] == ["screened"]
    assert layout.arrows == ()


def test_pending_and_ongoing_boxes_appear_when_they_count_something():
    flow = worked_example()
    flow["boxes"] |= {"pending_screening": {"n": 12}, "in_conflict": {"n": 0}, "dbr_ongoing": {"n": 2}}
    layout = lay_out(flow)
    assert_sound(layout)
    kinds = {box.name: box.kind for box in layout.boxes}
    assert kinds["pending_screening"] == "pending" and kinds["set_aside"] == "box"
    assert "pending_retrieval" not in kinds
    assert "in_conflict" not in drawn_numbers(layout)


def test_a_draft_is_marked_with_its_reasons():
    flow = worked_example()
    assert lay_out(flow).watermark is None
    flow["draft"] = [f"reason {i}" for i in range(7)]
    layout = lay_out(flow)
    assert_sound(layout)
    banner = " ".join(line.text for box in layout.boxes if box.kind == "draft" for line in box.lines)
    assert "DRAFT" in banner and "reason 2" in banner and "and 4 more" in banner
    assert layout.watermark.text == "DRAFT"
    assert layout.description.startswith("DRAFT")
    assert not [box for box in lay_out(flow, banner=False).boxes if box.kind == "draft"]


def test_labels_of_the_flow_come_first():
    texts = drawn_numbers(lay_out({"boxes": {"records_screened": {"n": 3, "label": "Treffer geprüft"}}}))
    assert texts["records_screened"].strip() == "Treffer geprüft (n = 3)"


def test_items_of_duplicates_are_drawn_only_when_several_count_something():
    boxes = {"duplicates": {"n": 4, "items": [{"label": "Duplicates", "n": 4}, {"label": "Found again", "n": 0}]}}
    assert "duplicates-1" not in drawn_numbers(lay_out({"boxes": boxes}))
    boxes["duplicates"]["items"][1]["n"] = 1
    assert "(n = 1)" in drawn_numbers(lay_out({"boxes": boxes}))["duplicates-2"]


def test_boxes_without_a_place_are_named():
    flow = {"boxes": {"previous_studies": {"n": 3}, "records_screened": {"n": 3}, "total_studies": {"n": 0}}}
    assert left_out(flow, lay_out(flow).panels) == ["previous_studies"]


def test_an_unknown_template_is_refused():
    with pytest.raises(PrismakeError, match=r"no flow diagram template 'older'.*Known templates: new"):
        lay_out({"template": "older", "boxes": {}})


def test_description_has_every_number():
    flow, labels = worked_example(), read_labels()
    text = describe(flow, fill_panels(flow, labels), labels)
    assert "Databases: 2,451 (PubMed: 1,204, Embase: 847, Web of Science Core Collection: 400); Registers: 96" in text
    assert "Reports of included studies: 49." in text
    assert text.index("Screening, other methods") < text.index("Included")


@settings(max_examples=200, deadline=None)
@given(LABELS.map(clean), st.floats(20, 200), st.floats(0, 10), st.booleans())
def test_wrapped_lines_fit_and_lose_nothing(text, width, hang, bold):
    lines = wrap(text, width, SIZE, bold=bold, hang=hang)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for position, line in enumerate(lines):
        room = width - hang if position else width
        assert text_width(line, SIZE, bold) <= room + EDGE or len(line) == 1


def test_a_count_is_never_split():
    count = unbreakable("(n = 123,456)")
    for width in range(10, 120):
        assert "(n = 123,456)" in " / ".join(wrap(f"Reports excluded {count}", width, SIZE))


def test_a_long_word_breaks_after_a_hyphen_or_slash_when_there_is_one():
    assert wrap("mesenchymal-stem-cell-derived", 60, SIZE)[0] == "mesenchymal-"


def test_east_asian_text_breaks_anywhere_but_at_its_marks():
    lines = wrap("系统评价（系统）、评价：系统", 4 * SIZE, SIZE)
    assert "".join(lines) == "系统评价（系统）、评价：系统"
    assert all(text_width(line, SIZE) <= 4 * SIZE and line[0] not in "）、：" and line[-1] != "（" for line in lines)
    assert wrap("删除的记录 (n = 12)".replace("(n = 12)", unbreakable("(n = 12)")), 60, SIZE) == [
        "删除的记录",
        "(n = 12)",
    ]


def test_lines_of_a_heading_are_about_equally_long():
    layout = lay_out({**worked_example(), "template": "updated"})
    (heading,) = [box for box in layout.boxes if box.name == "heading_databases"]
    widths = [line.width for line in heading.lines]
    assert len(widths) == 1 or min(widths) > max(widths) / 2


def test_widths_are_those_of_arial():
    # Arial's advances in 1/2048 em: A 1366, i 455, 7 1139, space 569; bold A 1479.
    assert text_width("Ai 7", 2048) == 1366 + 455 + 569 + 1139
    assert text_width("A", 2048, bold=True) == 1479


def test_characters_that_the_font_lacks():
    assert missing_characters("abc ≥ é 系统\u200d 系") == "系统"


def test_clean_keeps_what_can_be_seen():
    assert clean(" a\u00a0b\n\tc\x00\x1b\ud800\u202e ") == "a b c"
    assert clean("e\u0301") == "é"


def test_a_figure_that_does_not_fit_its_preset_gets_the_next_and_says_so():
    flow = worked_example()
    layout = lay_out(flow, Settings(preset="single"))
    assert_sound(layout)
    assert layout.preset.name == "double" and layout.width == pytest.approx(174 / 25.4 * 72)
    assert layout.notes == (
        "The figure does not fit the preset single (85 mm wide, text of 7 pt or more), so it has the size of double "
        "(174 mm).",
    )
    for name in ("website_results", "organisation_results", "citations_results"):
        del flow["boxes"][name]
    layout = lay_out(flow, Settings(preset="single"))
    assert layout.preset.name == "single" and layout.size >= 7 and layout.notes == ()


def test_a_figure_too_high_for_every_preset_is_whole_and_says_so():
    flow = worked_example()
    flow["boxes"]["dbr_excluded"]["items"] = [{"label": f"A reason, number {i}", "n": i} for i in range(100)]
    layout = lay_out(flow)
    assert_sound(layout)
    (note,) = layout.notes
    assert "more than the 234 mm that double has for it" in note


def test_an_unknown_preset_is_refused():
    with pytest.raises(PrismakeError, match=r"no preset 'tiny'. The presets are: auto, single"):
        lay_out(worked_example(), Settings(preset="tiny"))


def test_a_number_too_long_for_every_figure_is_refused():
    with pytest.raises(PrismakeError, match="so many digits that it fits no figure"):
        lay_out({"boxes": {"database_results": {"n": 10**90}, "register_results": {"n": 1}}})


def test_grey_has_no_colour():
    layout = lay_out({"draft": ["x"], "boxes": {"records_screened": {"n": 3}}}, Settings(grey=True))
    inks = {layout.arrow_ink, layout.watermark.ink}
    for style in layout.styles.values():
        inks |= {style.fill, style.stroke, style.ink}
    assert all(ink[1:3] == ink[3:5] == ink[5:7] for ink in inks)
