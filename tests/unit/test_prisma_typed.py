"""Counts typed by hand as YAML and CSV: what people write is understood, and what is wrong is named with its line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.cli import main
from prismake.errors import PrismakeError
from prismake.prisma.box_table import BOXES, DATA
from prismake.prisma.equations import EXPLAINABLE, NAMES
from prismake.prisma.flow_file import read_flow
from prismake.prisma.html import draw_html
from prismake.prisma.typed import read_typed, whole, write_template

# The review of the examples: an update with both columns, whose numbers agree.
COUNTS: dict[str, Any] = {
    "previous": {"studies": 12, "reports": 15},
    "databases": {"PubMed": 1204, "Embase": 847, "Scopus": 400},
    "registers": {"ClinicalTrials.gov": 61, "WHO ICTRP": 35},
    "removed": {"duplicates": 811, "automation": 102, "other": 4},
    "screened": 1630,
    "excluded": {"by people": 1380, "by automation": 22},
    "sought": 228,
    "not_retrieved": 9,
    "assessed": 219,
    "excluded_full_text": {"Wrong population": 120, "Wrong comparator": 61},
    "other_methods": {
        **{"websites": 14, "organisations": 6, "citations": 73, "sought": 41, "not_retrieved": 3, "assessed": 38},
        "excluded": {"Wrong population": 27},
    },
    "included": {"studies": 41, "reports": 49},
    "total": {"studies": 53, "reports": 64},
    "meta_analysis": {"studies": 20, "reports": 23},
}


def as_yaml(counts: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in counts.items())


def as_csv(counts: dict[str, Any], separator: str = ",") -> str:
    rows = []
    for key, value in counts.items():
        if not isinstance(value, dict):
            rows.append([key, value])
            continue
        for name, n in value.items():
            parts = n.items() if isinstance(n, dict) else [("", n)]
            nested = f"{key}.{name}" in (DATA / "typed.csv").read_text()
            rows += [[f"{key}.{name}", label, k] for label, k in parts] if nested else [[key, name, n]]
    return "\n".join(separator.join(str(cell) for cell in row if cell != "") for row in rows)


def changed(**values: Any) -> dict[str, Any]:
    """COUNTS with some numbers changed: other_methods__sought=40, or excluded={...}."""
    counts = {key: dict(value) if isinstance(value, dict) else value for key, value in COUNTS.items()}
    for key, value in values.items():
        first, _, second = key.partition("__")
        if second:
            counts[first][second] = value
        else:
            counts[first] = value
    return counts


def write(folder: Path, text: str, name: str = "counts.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def boxes_of(text: str) -> dict[str, Any]:
    return read_typed(text, "counts").data["boxes"]


def test_yaml_and_csv_say_the_same(tmp_path: Path) -> None:
    flow = read_flow(write(tmp_path, as_yaml(COUNTS)))
    for separator in (",", ";", "\t"):
        assert read_flow(write(tmp_path, "\ufeff" + as_csv(COUNTS, separator))) == flow
    assert flow["template"] == "updated"
    assert flow["boxes"]["database_results"] == {"unit": "record", "n": 2451}
    assert flow["boxes"]["database_specific_results"]["items"][1] == {"label": "Embase", "n": 847}
    assert all(equation["status"] == "passed" for equation in flow["equations"])
    assert [e["id"] for e in flow["equations"]] == [id for id in NAMES if id not in ("H4", "H17")]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        *[("0", 0), ("007", 7), ("2451", 2451), ("2,451", 2451), ("2 451", 2451), ("2\u00a0451", 2451)],
        *[("2\u202f451", 2451), ("2’451", 2451), ("1,234,567", 1234567), ("2,45", None), ("-5", None), ("1.5", None)],
        *[("2.451", None), ("12,3456", None), ("", None), ("1e3", None), ("about 5", None), ("+5", None)],
    ],
)
def test_what_is_a_whole_number(text: str, n: int | None) -> None:
    assert whole(text) == n


@given(st.integers(0, 10**9), st.sampled_from([",", " ", "’", "\u202f", ""]))
def test_thousands_separators_change_nothing(n: int, separator: str) -> None:
    assert whole(f"{n:,}".replace(",", separator)) == n


@pytest.mark.parametrize(
    "text",
    [
        "box,n\nduplicates,811\ndbr_excluded,Wrong population,120\n",
        "Name;Number\nduplicates;811\ndbr_excluded;Wrong population;120\n",
        "# a note, with a comma\nBOX,Reason,Count\nduplicates,,811\ndbr_excluded,Wrong population,120\n",
        "n,box,label,note\n811,duplicates,,checked\n120,dbr_excluded,Wrong population,\n",
        '"duplicates","811"\r\n"dbr_excluded","Wrong population","120"\r\n',
        "removed.duplicates,811\nexcluded_full_text,Wrong population,120\n\nscreened,\n",
        "Duplicate records removed,811,,\nDbr excluded,Wrong population,120,\n",
        "removed: {duplicates: 811}\nexcluded_full_text: {Wrong population: 120}\nscreened:\n",
        "---\nduplicates: 811\ndbr_excluded:\n  Wrong population: '120'\nother_methods:\n",
        "# a note\n\nremoved:\n  duplicates: 811\n  other: ~\ndbr_excluded: {Wrong population: 120, Other: }\n",
    ],
)
def test_ways_to_write_the_same(text: str) -> None:
    assert boxes_of(text) == {
        "duplicates": {"n": 811},
        "dbr_excluded": {"items": [{"label": "Wrong population", "n": 120}]},
    }


def test_texts_beside_the_counts() -> None:
    wanted = {"title": "Yes: 2024", "draft": ["not final"], "explanations": {"H11": "Seen twice"}}
    for text in (
        'title: "Yes: 2024"\ndraft: [not final]\nexplanations: {H11: Seen twice}\nscreened: 5',
        "title,Yes: 2024\ndraft,not final\nexplanations,H11,Seen twice\nscreened,5",
        "box,label,n\ntitle,Yes: 2024,\ndraft,,not final\nexplanations,H11,Seen twice\nscreened,,5",
    ):
        assert read_typed(text, "x").data == wanted | {"boxes": {"records_screened": {"n": 5}}}


def test_words_that_yaml_would_take_for_something_else() -> None:
    boxes = boxes_of("screened: 010\nexcluded_full_text: {No: 1, 2020-01-01: 2, on: 3}\n")
    assert boxes["records_screened"] == {"n": 10}
    assert [item["label"] for item in boxes["dbr_excluded"]["items"]] == ["No", "2020-01-01", "on"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("screened: 5\nscren: 5", "line 2: there is no box 'scren'. Did you mean 'screened'?"),
        ("screened: 5\nxyz: 5", "line 2: there is no box 'xyz'. `prismake flow --template"),
        ("screened: -5", "line 1: screened: '-5' is not a whole number (H1)"),
        (f"screened: {'9' * 5000}", "is not a whole number (H1)"),
        ("a: 1\n b: 2", "line 2: this is not YAML"),
        ("screened: 1\nscreened: 1", "line 2: 'screened' stands there twice"),
        ("screened: 1\nrecords_screened: 1", "line 2: a second line for 'records_screened'"),
        (
            "removed: 5",
            "line 1: removed has parts of its own: duplicates, automation, other. Write removed: {duplicates: 5},",
        ),
        (
            "databases: {PubMed: 1,604}",
            "line 1: databases, 604: '' is not a whole number (H1). If 604 is the end of a number",
        ),
        ("screened: 1.630", "line 1: screened: '1.630' is not a whole number (H1). Write 1630, without a point."),
        (
            "databases:\n  PubMed 12\n  Embase: 3",
            "this is not YAML (mapping values are not allowed in this context). A line is",
        ),
        ("screened: [1]", "line 1: screened: a single value is expected here"),
        ("removed: {duplicates: {A: {B: 1}}}", "line 1: removed.duplicates, A: a single value is expected here"),
        ("databases: {PubMed: 1 or 2}", "line 1: databases, PubMed: '1 or 2' is not a whole number"),
        ("box,n\nscreened,1.5", "line 2: screened: '1.5' is not a whole number (H1)"),
        ("box,n\nduplicates,2,451", "line 2: duplicates: are 2 and 451 one number?"),
        ("box,label,n\nduplicates,811,", "line 2: duplicates, 811: '' is not a whole number"),
        ("box,n\ndbr_excluded,Population, setting,88", "line 2: dbr_excluded: 4 cells in one row"),
        ("box,n\n,Wrong population,88", "line 2: the row does not say which box it is of"),
        ("screened,5\n\nscreened,6", "line 3: a second line for 'screened'"),
        ("title,Cells, and more", "line 1: title: a text with a comma needs quotes"),
        ("record_id,title\n1,A", "line 1: there is no box 'record_id'"),
        ('box,n\n"screened,5', "line 2: there is no box 'screened,5'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(PrismakeError) as caught:
        read_typed(text, "counts")
    assert words in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    try:
        read_typed(text, "counts")
    except PrismakeError as error:
        assert str(error).startswith("counts")


# One wrong number for every equation that counts alone can break: its boxes, and by how much.
BREAKS = {
    "H1": ({"screened": -1}, ["screened", "'-1'"]),
    "H2": ({"databases": {"total": 2450, **COUNTS["databases"]}}, ["database_results is 2450", "2451", "1 too few"]),
    "H3": ({"removed__duplicates": 801}, ["records_screened is 1630", "duplicates 801", "= 1640: 10 too few"]),
    "H5": ({"sought": 229, "not_retrieved": 10}, ["dbr_sought_reports is 229", "records_screened 1630", "1 too many"]),
    "H6": ({"not_retrieved": 8}, ["dbr_assessed is 219", "dbr_notretrieved_reports 8", "1 too few"]),
    "H7": ({"other_methods__not_retrieved": 1}, ["other_assessed is 38", "other_sought_reports 41", "2 too few"]),
    "H8": ({"excluded_full_text": 220}, ["dbr_excluded is 220", "dbr_assessed is 219", "1 too many"]),
    "H9": ({"included__reports": 48}, ["new_reports is 48", "dbr_excluded 181", "= 49: 1 too few"]),
    "H10": ({"included__studies": 50, "total__studies": 62}, ["new_studies is 50", "new_reports is 49", "1 too many"]),
    "H11": ({"other_methods__citations": 20}, ["other_sought_reports is 41", "citations_results 20", "1 too many"]),
    "H12": ({"total__studies": 52}, ["total_studies is 52", "previous_studies 12", "1 too few"]),
    "H13": ({"previous__studies": 16, "total__studies": 57}, ["previous_studies is 16", "previous_reports is 15"]),
    "H14": ({"meta_analysis__studies": 54}, ["total_studies_ma is 54", "total_studies is 53", "1 too many"]),
    "H15": (
        {"excluded": {"total": 1402, "by people": 1390, "by automation": 22}},
        ["records_excluded is 1402", "10 too"],
    ),
    "H16": ({"not_yet_screened": 3, "excluded": 1399}, ["Records not yet screened: 3"]),
}


@pytest.mark.parametrize("id", BREAKS)
def test_each_equation_is_broken_once(id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes, words = BREAKS[id]
    path = write(tmp_path, as_yaml(changed(**changes)))
    hard = NAMES[id][0] == "hard"
    code = main(["flow", str(path), "--out-dir", str(tmp_path / "out"), "--formats", "svg"])
    message = capsys.readouterr().err
    assert code == (1 if hard else 0), message
    assert (tmp_path / "out/flow.svg").exists() != hard
    assert re.search(rf"\b{id}\b", message)
    assert [word for word in words if word not in message] == []
    if hard and id != "H1":
        assert "The numbers stand here: " in message and " in line " in message


def test_a_broken_sum_names_the_boxes_as_they_were_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "sought: 10\nnot_retrieved: 1\ndbr_assessed: 8\n")
    assert main(["flow", str(path), "--out-dir", str(tmp_path / "out")]) == 1
    numbers = "dbr_sought_reports as 'sought' in line 1, dbr_notretrieved_reports as 'not_retrieved' in line 2, "
    assert f"The numbers stand here: {numbers}dbr_assessed in line 3." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["counts.yaml", "counts.csv"])
def test_a_file_in_which_nothing_was_filled_in_says_so(name: str, tmp_path: Path) -> None:
    write_template(tmp_path / name)
    with pytest.raises(PrismakeError, match=r"no number\. Write a number behind each box that the review has"):
        read_flow(tmp_path / name)


@pytest.mark.parametrize("id", EXPLAINABLE)
def test_an_explained_equation_warns_no_more(id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, as_yaml(changed(**BREAKS[id][0], explanations={id: "As agreed."})))
    assert main(["flow", str(path), "--out-dir", str(tmp_path), "--formats", "json"]) == 0
    assert "does not hold" not in capsys.readouterr().err
    flow = read_flow(tmp_path / "flow.json")  # what was written is read again with its explanations
    explained = {e["id"]: e["explanation"] for e in flow["equations"] if e["status"] == "explained"}
    assert explained == {id: "As agreed."}
    assert "Explained: As agreed." in draw_html(flow)


@pytest.mark.parametrize(
    ("explanations", "words"),
    [
        ({"H3": "x"}, "H3 must hold, it cannot be explained. These can be explained: H5, H10"),
        ({"H99": "x"}, "there is no equation 'H99'"),
    ],
)
def test_only_soft_equations_are_explained(explanations: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(PrismakeError, match=words):
        read_flow(write(tmp_path, as_yaml(changed(explanations=explanations))))


def filled_yaml(template: str) -> str:
    """The template with 1 for every number, those behind a # among them."""
    lines = [re.sub(r" +#.*", "", re.sub(r"^# (?=( *)\w+:)", "", line)) for line in template.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    for place, (line, following) in enumerate(zip(lines, [*lines[1:], ""], strict=True)):
        deeper = len(following) - len(following.lstrip()) > len(line) - len(line.lstrip())
        lines[place] = re.sub(r": (?=[,}])", ": 1", line) + (" 1" if line.endswith(":") and not deeper else "")
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["counts.yaml", "counts.csv"])
def test_a_template_is_written_once_and_is_understood(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    assert main(["flow", "--template", str(path)]) == 0
    blank = path.read_text(encoding="utf-8")
    with pytest.raises(PrismakeError, match="these are no counts"):
        read_flow(path)
    left_out = {"database_specific_results", "register_specific_results"}  # where the lines of databases go
    if name.endswith("csv"):
        left_out |= {name for name in BOXES if BOXES[name].pending} | {"other_ongoing", "other_awaiting"}
    read = boxes_of(filled_yaml(blank) if name.endswith("yaml") else blank.replace(",\n", ",1\n"))
    assert set(BOXES) - set(read) <= left_out
    assert main(["flow", "--template", str(path)]) == 1
    assert "this file is there already" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == blank


@pytest.mark.parametrize("arguments", [["flow"], ["flow", "x.csv"], ["flow", "--template", "x.doc"]])
def test_what_is_missing_on_the_command_line_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert re.search("is missing|neither a YAML nor a CSV", capsys.readouterr().err)
