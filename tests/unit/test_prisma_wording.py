"""The words of the flow diagram: complete language packs, wordings, people's own labels, groups of reasons, zeros."""

import json
import re
from pathlib import Path

import pytest

from prismake.config import check, read_section
from prismake.errors import PrismakeError
from prismake.prisma.box_table import BOXES, STOPPED, read_data
from prismake.prisma.boxes import EARLIER_VERSION, FILTER_LABELS, OTHER_REASON
from prismake.prisma.layout import lay_out
from prismake.prisma.ledger import NOT_SCREENED
from prismake.prisma.panels import read_template
from prismake.prisma.settings import Settings, chosen
from prismake.prisma.wording import languages, read_labels

DATA = Path(__file__).parents[1] / "data" / "prisma_flow"
FLOW = json.loads((DATA / "worked_example.json").read_text(encoding="utf-8"))


def texts(flow: dict, **settings) -> dict[str, str]:
    """The text of each box of the picture."""
    return {box.name: " ".join(line.text for line in box.lines) for box in lay_out(flow, Settings(**settings)).boxes}


def shape(value):
    """The keys of a pack and the names that its texts fill in."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return sorted(re.findall(r"\{\w+\}", value))


@pytest.mark.parametrize("language", languages())
def test_a_language_pack_is_complete(language):
    pack, english = read_data(f"labels.{language}.yaml"), read_data("labels.en.yaml")
    assert shape(pack) == shape(english)
    assert pack["boxes"].keys() == BOXES.keys()
    assert pack["phrases"].keys() >= {STOPPED, NOT_SCREENED, OTHER_REASON, EARLIER_VERSION, *FILTER_LABELS.values()}
    for name in ("new", "updated"):
        template = read_template(name)
        assert pack["headings"].keys() >= {template.get("headings", {}).get(arm, arm) for arm in template["arms"]}
        assert pack["panels"].keys() <= {panel["name"] for panel in template["panels"]}


def test_english_and_chinese_are_there():
    assert {"en", "zh"} <= set(languages())


def test_chinese_replaces_what_the_ledger_writes_in_english_and_nothing_that_people_wrote():
    flow = json.loads(json.dumps(FLOW))
    flow["draft"] = ["Records not yet screened: 1,234", "A reason of our own"]
    flow["boxes"] |= {
        "records_screened": {"n": 1630, "label": "Records screened"},
        "records_excluded": {"n": 1402, "label": "Excluded at once"},
        "duplicates": {
            "n": 811,
            "items": [
                {"label": "Duplicates", "n": 800},
                {"label": "Found again by a later search of the same source", "n": 11},
            ],
        },
        "pending_screening": {"n": 1234, "label": "Records not yet screened"},
    }
    found = texts(flow, language="zh")
    assert found["screened"] == "筛选的记录 (n = 1,630)"
    assert found["excluded"] == "Excluded at once (n = 1,402)"
    assert "重复 (n = 800)" in found["removed"]
    assert found["stage_screening"] == "筛选"
    assert "尚未筛选的记录: 1,234" in found["draft"] and "A reason of our own" in found["draft"]


def test_the_wording_for_scoping_reviews_speaks_of_sources_of_evidence():
    found = texts(FLOW, wording="prisma_scr")
    assert found["included"].startswith("Sources of evidence included in review (n = 41)")
    assert found["screened"] == "Records screened (n = 1,630)"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"language": "xx"}, r"no language pack 'xx'. The languages are: en, zh"),
        ({"wording": "scr"}, r"no wording 'scr'. The wordings are: prisma_2020, prisma_scr"),
        ({"labels": {"boxes": {"record_screened": "x"}}}, r"no label 'boxes.record_screened'. Did you mean 'records_"),
        ({"labels": {"box": {"records_screened": "x"}}}, r"no label 'box'. Did you mean 'boxes'"),
    ],
)
def test_unknown_words_are_refused(settings, message):
    with pytest.raises(PrismakeError, match=message):
        read_labels(Settings(**settings))


def test_own_labels_come_before_those_of_the_pack_in_an_update_too():
    labels = {"boxes": {"new_studies": "Trials"}, "stages": {"included": "In"}}
    assert texts(FLOW, labels=labels)["included"].startswith("Trials (n = 41)")
    assert texts({**FLOW, "template": "updated"}, labels=labels)["included"].startswith("Trials (n = 41)")
    assert texts(FLOW, labels=labels)["stage_included"] == "In"


def test_reasons_stand_under_their_group_with_its_sum():
    reasons = [
        {"label": "Wrong population", "n": 88},
        {"label": "Not a trial", "n": 61},
        {"label": "No control", "n": 3},
    ]
    flow = {"boxes": {"dbr_assessed": {"n": 200}, "dbr_excluded": {"n": 152, "items": reasons}}}
    layout = lay_out(
        flow, Settings(reason_groups={"Wrong design": ["no control", "Not a trial"], "Empty": ["Nothing"]})
    )
    (box,) = [box for box in layout.boxes if box.name == "reports_excluded"]
    assert [(line.key, line.text) for line in box.lines] == [
        ("dbr_excluded", "Reports excluded (n = 152):"),
        ("dbr_excluded-group-1", "Wrong design (n = 64):"),
        ("dbr_excluded-2", "Not a trial (n = 61)"),
        ("dbr_excluded-3", "No control (n = 3)"),
        ("dbr_excluded-1", "Wrong population (n = 88)"),
    ]
    assert "Not a trial: 61, No control: 3" in layout.description


def test_zeros_are_hidden_when_asked_and_main_boxes_stay():
    flow = {
        "boxes": {
            "database_results": {"n": 9},
            "register_results": {"n": 0},
            "duplicates": {"n": 0},
            "records_screened": {"n": 9},
            "records_excluded": {"n": 9},
            "dbr_sought_reports": {"n": 0},
            "dbr_notretrieved_reports": {"n": 0},
            "new_studies": {"n": 0},
        }
    }
    found = texts(flow, hide_zero=True)
    assert found["identified"] == "Records identified from: Databases (n = 9)"
    assert "removed" not in found and "not_retrieved" not in found
    assert found["sought"] == "Reports sought for retrieval (n = 0)" and "included" in found
    assert "removed" in texts(flow)


def test_reasons_at_title_and_abstract_are_drawn_unless_unwanted():
    flow = {"boxes": {"records_excluded": {"n": 9, "items": [{"label": "Not about people", "n": 9}]}}}
    assert texts(flow)["excluded"] == "Records excluded (n = 9): Not about people (n = 9)"
    assert texts(flow, title_abstract_reasons=False)["excluded"] == "Records excluded (n = 9)"


def test_the_meta_analysis_has_a_box_below_what_is_included():
    flow = json.loads(json.dumps(FLOW))
    flow["boxes"] |= {"total_studies_ma": {"n": 20}, "total_reports_ma": {"n": 23}}
    layout = lay_out(flow)
    boxes = {box.name: box for box in layout.boxes}
    assert boxes["meta_analysis"].y > boxes["included"].bottom
    assert ("included", "meta_analysis") in {(arrow.start, arrow.end) for arrow in layout.arrows}
    assert texts(flow)["meta_analysis"].startswith("Studies included in meta-analysis (n = 20)")


def test_several_numbers_in_one_box():
    flow = {
        "boxes": {"new_studies": {"n": 41, "items": [{"label": "Participants", "n": 12345}]}, "new_reports": {"n": 49}}
    }
    assert "Participants (n = 12,345)" in texts(flow)["included"]


SMALLEST = {
    "review": {"title": "A review"},
    "search": {"sources": {"a": {"database": "A", "kind": "database", "live": "pubmed", "strategy": "x"}}},
}


@pytest.mark.parametrize(
    ("prisma", "message"),
    [
        ({"preset": "tiny"}, "prisma: there is no preset 'tiny'"),
        ({"labels": {"boxes": {"screend": "x"}}}, "prisma.labels: there is no label 'boxes.screend'"),
        ({"reason_groups": {"A": ["Bad weather"]}}, "'Bad weather' is not one of screening.reasons"),
        ({"reason_groups": {"A": ["Wrong outcome"], "B": ["Wrong outcome"]}}, "'Wrong outcome' is there twice"),
    ],
)
def test_the_configuration_is_checked_before_anything_runs(prisma, message):
    with pytest.raises(PrismakeError, match=re.escape(message)):
        check({**SMALLEST, "prisma": prisma})


def test_a_file_with_a_prisma_section_says_how_to_draw_and_options_come_first(tmp_path):
    (tmp_path / "own.yaml").write_text("prisma: {preset: single, hide_zero: true}\n", encoding="utf-8")
    assert chosen(read_section(tmp_path / "own.yaml", "prisma"), preset="double", language=None) == Settings(
        preset="double", hide_zero=True
    )
    (tmp_path / "own.yaml").write_text("prisma: {prest: single}\n", encoding="utf-8")
    with pytest.raises(PrismakeError, match="unknown key 'prest'; did you mean 'preset'"):
        read_section(tmp_path / "own.yaml", "prisma")
