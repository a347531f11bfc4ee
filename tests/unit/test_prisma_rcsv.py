"""flow.csv as the PRISMA2020 R package reads it (its parse rules are imitated here), and reading such files."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prisma_fixture import REASONS, reviews

from prismake.errors import PrismakeError
from prismake.prisma.boxes import build_flow
from prismake.prisma.flow_file import check_flow, read_flow
from prismake.prisma.rcsv import PLACEHOLDERS, flow_csv, read_r_csv, sanitise

DATA = Path(__file__).parents[1] / "data" / "prisma"
HEADER = "data,node,box,description,boxtext,tooltips,url,n"
# data, node, box of the package's PRISMA.csv, in order
TEMPLATE = """NA node4 prevstud|previous_studies node5 box1|previous_reports NA box1|NA node6 newstud
database_results node7 box2
database_specific_results NA box2|register_results NA box2|register_specific_results NA box2|NA node16 othstud
website_results node17 box11|organisation_results  box11|citations_results NA box11|duplicates node8 box3
excluded_automatic NA box3|excluded_other NA box3|records_screened node9 box4|records_excluded node10 box5
dbr_sought_reports node11 box6|dbr_notretrieved_reports node12 box7|other_sought_reports node18 box12
other_notretrieved_reports node19 box13|dbr_assessed node13 box8|dbr_excluded node14 box9|other_assessed node20 box14
other_excluded node21 box15|new_studies node15 box10|new_reports NA box10|total_studies node22 box16
total_reports NA box16|identification node1 identification|screening node2 screening|included node3 included
total_studies_ma node23 box17|total_reports_ma NA box17"""
KEYS = [tuple(row.split(" ")) for row in TEMPLATE.replace("\n", "|").split("|")]
LISTS = ["database_specific_results", "register_specific_results", "dbr_excluded", "other_excluded"]
NUMBERS = [data for data, _, box in KEYS if data != "NA" and data not in LISTS and box.startswith("box")]


def r_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def r_number(text: str) -> float:
    """PRISMA_format_number_: everything but digits and points goes."""
    return float(re.sub(r"[^0-9.]", "", text.replace(",", "")) or "nan")


def r_cell(rows: list[dict[str, str]], key: str) -> str:
    """data[grep(key, data[, 1]), ]$n: the key is a regular expression, and the package stops at two matches."""
    found = [row["n"] for row in rows if re.search(key, row["data"])]
    assert len(found) == 1, f"{key} matches {len(found)} rows"
    return found[0]


def r_list(text: str) -> list[tuple[str, float]]:
    """PRISMA_parse_reasons_: split at ;, the text before the first comma, the number after it."""
    if not re.search(r"[^0-9,]", text):
        return [("", r_number(text))]
    parts = re.split(r"; ?", text)
    labels = [re.sub(r",.*$", "", part) for part in parts]
    numbers = [re.sub(r".*?,([ 0-9,]*)|.*()", lambda found: found[1] or "", part) for part in parts]
    return [(label, r_number(n)) for label, n in zip(labels, numbers, strict=True)]


def r_data(text: str) -> dict[str, Any]:
    """PRISMA_data: numbers and lists by key, after the checks that the package makes or would fail on."""
    assert text.split("\n", 1)[0] == HEADER
    rows = r_rows(text)
    assert [(row["data"], row["node"], row["box"]) for row in rows] == KEYS
    for row in rows:
        for cell in (row["boxtext"], row["tooltips"], row["n"], row["url"]):
            assert not re.search(r"['\"\\\n\r]", cell), cell  # would break the graph's text
    regular = {key: key + "$" if key in ("total_studies", "total_reports") else key for key in NUMBERS}
    values: dict[str, Any] = {key: r_number(r_cell(rows, pattern)) for key, pattern in regular.items()}
    return values | {key: r_list(r_cell(rows, key)) for key in LISTS}


def flow_with(**boxes: Any) -> dict[str, Any]:
    return check_flow({"boxes": boxes})


@settings(deadline=None, max_examples=30)
@given(reviews())
def test_the_package_reads_the_numbers_of_random_flows(review) -> None:
    flow = build_flow(review.ledger(), review.sources, title="", reasons=REASONS)
    boxes, read = flow["boxes"], r_data(flow_csv(flow))
    borrowed = [
        boxes[name]["n"] for name in ("contact_results", "handsearch_results", "other_results") if name in boxes
    ]
    other = ("website_results", "organisation_results", "citations_results")
    assert sum(read[name] for name in other) == sum(boxes[name]["n"] for name in other if name in boxes) + sum(borrowed)
    for name in NUMBERS:
        if name not in other:
            assert read[name] == (boxes[name]["n"] if name in boxes else 0), name
    for name in LISTS:
        items = boxes.get(name, {}).get("items") or []
        if items:
            assert read[name] == [(sanitise(item["label"], listed=True), item["n"]) for item in items]
        elif name.endswith("_excluded"):
            assert read[name] == [("", 0)]
        else:
            assert r_cell(r_rows(flow_csv(flow)), name) == PLACEHOLDERS[name]


@settings(deadline=None, max_examples=30)
@given(reviews())
def test_what_is_written_is_read_back(review) -> None:
    flow = build_flow(review.ledger(), review.sources, title="", reasons=REASONS)
    # the column of other methods is absent in the file when all of it is 0
    text = flow_csv(flow)
    back = check_flow(_read(text))
    for name, box in back["boxes"].items():
        if name not in ("website_results", "organisation_results", "citations_results"):
            assert box["n"] == flow["boxes"][name]["n"], name
    lost = {name for name, box in flow["boxes"].items() if box["n"]} - back["boxes"].keys()
    assert lost <= {"contact_results", "handsearch_results", "other_results"}
    assert bool(back["draft"]) == bool(flow["draft"])
    again = flow_csv({**back, "draft": flow["draft"]})
    if "records_screened" in back["boxes"] and "other_sought_reports" in back["boxes"]:
        assert again == text


def _read(text: str) -> dict[str, Any]:
    return read_r_csv(text, "flow.csv")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_any_label_can_be_listed(label: str) -> None:
    items = [{"label": label or "x", "n": 12}, {"label": "Other", "n": 3}]
    read = r_data(flow_csv(flow_with(dbr_excluded={"items": items})))
    assert read["dbr_excluded"] == [(sanitise(label or "x", listed=True), 12), ("Other", 3)]


@pytest.mark.parametrize(
    ("text", "listed", "plain"),
    [
        ("Didn't report", "Didn’t report", "Didn’t report"),
        ('Said "no"', "Said ”no”", "Said ”no”"),
        ("A\\B", "A/B", "A/B"),
        ("Two\n  lines\t", "Two lines", "Two lines"),
        ("Population, setting; wrong", "Population / setting / wrong", "Population, setting; wrong"),
        ("a,,;b", "a / b", "a,,;b"),
        ("@@1", "@ @1", "@ @1"),
        ("\x00\x1b", "Not stated", "Not stated"),
        ("Größe ≥ 5 & <b> 知网", "Größe ≥ 5 & <b> 知网", "Größe ≥ 5 & <b> 知网"),
    ],
)
def test_labels_are_written_as_the_package_can_draw_them(text: str, listed: str, plain: str) -> None:
    assert sanitise(text, listed=True) == listed
    assert sanitise(text) == plain


def test_what_a_review_has_not_is_0_or_the_placeholder() -> None:
    rows = {row["data"]: row["n"] for row in r_rows(flow_csv(flow_with(database_results=5)))}
    assert rows["database_results"] == "5"
    assert {key: n for key, n in rows.items() if n != "0"} == {
        "database_results": "5",
        "database_specific_results": "Database 1, xxx; Database 2, xxx; Database 3, xxx",
        "register_specific_results": "Register 1, xxx; Register 2, xxx; Register 3, xxx",
    }


def test_a_flow_s_own_labels_are_written_and_read() -> None:
    text = flow_csv(flow_with(records_screened={"n": 5, "label": "Записи 'x'"}))
    assert {row["data"]: row["boxtext"] for row in r_rows(text)}["records_screened"] == "Записи ’x’"
    assert _read(text)["boxes"]["records_screened"] == {"n": 5, "label": "Записи ’x’"}
    assert "label" not in _read(flow_csv(flow_with(records_screened=5)))["boxes"]["records_screened"]


@pytest.mark.parametrize(
    ("others", "row", "label", "n"),
    [
        ({"citations_results": 9, "contact_results": 2}, "organisation_results", "Contact with experts", 2),
        (
            {"organisation_results": 4, "contact_results": 2, "other_results": 1},
            "website_results",
            "Contact with experts, Other sources",
            3,
        ),
        (
            {"organisation_results": 4, "website_results": 1, "citations_results": 9, "handsearch_results": 3},
            "organisation_results",
            "Organisations, Hand searching",
            7,
        ),
    ],
)
def test_methods_without_a_row_of_their_own_are_not_lost(others: dict[str, int], row: str, label: str, n: int) -> None:
    rows = {row["data"]: row for row in r_rows(flow_csv(flow_with(**others)))}
    assert (rows[row]["boxtext"], rows[row]["n"]) == (label, str(n))


def test_a_draft_is_marked_and_its_pending_counts_travel_along() -> None:
    flow = flow_with(
        database_results=30,
        records_screened=30,
        records_excluded=10,
        pending_screening=5,
        dbr_sought_reports=15,
        dbr_notretrieved_reports=0,
        pending_retrieval=3,
        dbr_assessed=12,
        dbr_excluded=0,
        dbr_ongoing=2,
        new_reports=10,
        new_studies=9,
    )
    text = flow_csv(flow)
    heading = r_rows(text)[3]
    assert heading["boxtext"] == "DRAFT: Identification of studies via databases and registers"
    assert heading["tooltips"].startswith("DRAFT: Records not yet screened: 5; ")
    assert r_data(text)["records_screened"] == 30
    back = check_flow(_read(text))
    assert [e["id"] for e in back["equations"] if not e["holds"]] == ["H16"]
    assert back["boxes"]["dbr_ongoing"]["n"] == 2
    assert back["draft"][-1] == "The counts come from a file that is marked DRAFT"
    assert "DRAFT" not in flow_csv(flow_with(records_screened=3))


def test_a_file_that_r_wrote_again() -> None:
    flow = read_flow(DATA / "r_write_csv.csv")
    boxes = flow["boxes"]
    assert boxes["database_results"] == {"label": "Bases de données", "unit": "record", "n": 2451}
    assert boxes["database_specific_results"]["items"] == [
        {"label": "PubMed", "n": 1204},
        {"label": "Scopus", "n": 1247},
    ]
    assert (boxes["records_screened"]["n"], boxes["dbr_excluded"]) == (1640, {"unit": "report", "n": 4})
    assert "register_results" not in boxes
    assert flow["draft"] == []


def test_a_file_that_a_spreadsheet_saved_with_semicolons() -> None:
    boxes = read_flow(DATA / "r_excel_semicolon.csv")["boxes"]
    assert boxes["database_results"]["n"] == 30
    assert boxes["dbr_excluded"]["items"] == [{"label": "Wrong population", "n": 2}, {"label": "Wrong outcome", "n": 1}]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("duplicates,n,box3,x,x,NA,u,-5", "line 2: duplicates: '-5' is not a whole number"),
        ("duplicates,n,box3,x,x,NA,u,1.5", "'1.5' is not a whole number"),
        ('duplicates,n,box3,x,x,NA,u,"1,63"', "'1,63' is not a whole number"),
        ('dbr_excluded,n,box9,x,x,NA,u,"Population, setting, 88"', "'setting, 88' is not a whole number.*no comma"),
        ('dbr_excluded,n,box9,x,x,NA,u,"A, 1; B"', "dbr_excluded, B: '' is not a whole number"),
        ('dbr_excluded,n,box9,x,x,NA,u,"A, xxx"', "'xxx' is not a whole number"),
        ("record_screened,n,box4,x,x,NA,u,5", "there is no box 'record_screened'"),
        ("duplicates,n,box3,x,x,NA,u,5\nduplicates,n,box3,x,x,NA,u,5", "line 3: a second line for 'duplicates'"),
    ],
)
def test_a_cell_that_is_no_count_is_named_with_its_line(line: str, words: str) -> None:
    with pytest.raises(PrismakeError, match=f"flow.csv, line .*{words}" if "line" not in words else words):
        _read(f"{HEADER}\n{line}\n")


@pytest.mark.parametrize("name", ["prisma_flow_example.csv", "prisma_flow_sanitised_reasons.csv"])
def test_real_files_come_back_with_the_same_numbers(shared: Path, name: str, tmp_path: Path) -> None:
    text = (shared / "data" / "prisma" / name).read_text(encoding="utf-8")
    assert [(row["data"], row["node"], row["box"]) for row in r_rows(text)] == KEYS
    # its second file has reasons that add up to more than the reports assessed
    flow = _read(text)
    written = flow_csv(flow)
    assert r_data(written) == r_data(text)
    assert [row["n"] for row in r_rows(written)] == [row["n"] for row in r_rows(text)]
