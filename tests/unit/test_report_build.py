"""The page as a whole: facts, escaping, links, colours, the same bytes."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from report_fixture import NOTICE, STRATEGY, loaded, write_review

from prismake.errors import PrismakeError
from prismake.prisma.equations import check as check_boxes
from prismake.prisma.html import draw_html
from prismake.report.build import TEMPLATES, build_report, render
from prismake.report.load import load, read_config

SCRIPT = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Tags, ids, links and the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "xlink:href", "action"):
                self.addresses.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data):
        self.words.append(data)


def build(folder: Path, kind: str = "finished", **changes) -> str:
    config, results = write_review(folder, kind, **changes)
    out = results / "report/report.html"
    build_report(config, results, out)
    return out.read_text(encoding="utf-8")


def test_the_picture_of_the_overlap_says_what_it_does_not_know():
    review = replace(loaded(), overlap="<svg/>")
    note = "The picture does not know of {} that people found only at full text to be the same as another one."
    assert "The picture does not know" not in render(review, "0" * 12, "<svg/>")
    decisions = review.decisions["full_text"].with_columns(state=pl.lit("duplicate")).head(1)
    review = replace(review, decisions={**review.decisions, "full_text": decisions})
    assert note.format("1 report") in render(review, "0" * 12, "<svg/>")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return build(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    return build(tmp_path_factory.mktemp("half"), "half")


def test_every_part_is_there_in_order(finished):
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", finished)
    contents = re.findall(r'<li><a href="#[a-z]+">(.*?)</a></li>', finished)
    assert headings == contents
    assert headings[:5] == [
        "Abstract",
        "Question and eligibility",
        "Methods",
        "Flow of records",
        "Checks of the numbers",
    ]
    assert headings[-1] == "References"


def test_the_header(finished):
    page = Page(finished)
    for fact in ("Example registry EX-0001 , 1 May 2025", "11 February 2026", "Prismake 0.1.0", "1 amendment"):
        assert fact.replace(" ,", ",") in page.text.replace(" ,", ",")
    assert "https://example.org/protocol" in page.addresses


def test_the_notice_comes_before_everything_else(finished):
    body = finished[finished.index("<body>") :]
    assert body.index(NOTICE[:40]) < body.index("<h1>")


def test_only_an_unfinished_review_is_a_draft(finished, half):
    assert "DRAFT" not in finished and 'id="draft"' not in finished and "not written yet" not in finished
    assert "<title>DRAFT: " in half and 'id="draft"' in half
    page = Page(half)
    assert "Records not yet screened: 29" in page.text
    assert "Not written yet. Write it as review.conclusion in config/config.yaml ." in page.text


def test_facts_of_each_section(finished, half):
    text = Page(finished).text
    for fact in (
        "To map what animal studies and early trials report",
        "The invented studies point to benefit in most models.",
        "exosomes; mesenchymal stem cells; tissue repair",
        STRATEGY,
        '"mesenchymal stem cell"[All Fields] AND "exosome"[All Fields]',
        "In vitro studies were added.",
        "No fault was found in any form or file of verdicts.",
        "it is no measure of the strength or certainty of the evidence",
        "library, e-mail to the author",
        "Wrong population (2 reports)",
        "polars",
        "Adler NJ, Dietz T, Fabre M. Exosomes from mesenchymal stem cells reduce inflammation",
    ):
        assert fact in text
    assert "'yess' is not in the list of 'decision'. Choose one of: include, exclude, maybe." in Page(half).text
    assert "28 of 62 rows open" in Page(half).text


def test_each_check_of_the_numbers_stands_with_its_result(half):
    checks = re.findall(r'<tr[^>]*><th scope="row">(H\d+)</th>(.*?)</tr>', half)
    assert [id for id, _ in checks] == [e["id"] for e in loaded("half").flow["equations"]]
    results = {id: Page(row.rsplit("<td>", 1)[1]).text for id, row in checks}
    assert results.pop("H16") == "Still open"
    assert set(results.values()) == {"Passed"}


def test_a_check_that_fails_is_a_warning_until_it_is_explained():
    review = loaded("half")
    boxes = {**review.flow["boxes"], "new_studies": {"label": "Studies", "unit": "study", "n": 99}}
    for explanations, words in (
        ({}, "Write it as prisma.explanations.H10"),
        ({"H10": "One report describes them all"}, "Explained: One report describes them all."),
    ):
        equations = [e.as_dict() for e in check_boxes(boxes, explanations=explanations)]
        page = Page(render(replace(review, flow={**review.flow, "equations": equations}), "0", "<svg></svg>"))
        assert "but new_reports is" in page.text and words in page.text


def test_a_figure_that_does_not_fit_its_journal_is_told_of(finished):
    assert "does not fit the preset" not in finished
    review = loaded("half")
    config = {**review.config, "prisma": {**review.config["prisma"], "preset": "nature-single"}}
    page = Page(render(replace(review, config=config), "0", "<svg></svg>"))
    assert "The figure does not fit the preset nature-single (89 mm wide" in page.text


def test_key_words_that_are_not_given_have_no_line(tmp_path):
    page = build(tmp_path, key_words=[])
    assert "Key words" not in page and 'class="missing"' not in page


def test_zero_records(tmp_path):
    page = Page(build(tmp_path, "zero"))
    assert "No search has found a record yet." in page.text
    assert "No study is included yet." in page.text


@pytest.mark.parametrize("kind", ["finished", "half", "zero"])
def test_links_inside_the_report_lead_somewhere(tmp_path, kind):
    page = Page(build(tmp_path, kind))
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)
    flow = Page(draw_html(loaded(kind).flow))
    ours = {address for address in page.addresses if address.startswith("../prisma/flow.html#")}
    assert {address.split("#")[1] for address in ours} <= set(flow.ids)


def test_no_script_and_no_request(finished):
    page = Page(finished)
    assert "script" not in page.tags and "iframe" not in page.tags and page.handlers == []
    assert not re.search(r"@import|url\(", finished)
    assert "default-src 'none'" in finished


def test_markup_in_any_text_stays_text(tmp_path):
    """Every text that people or databases wrote is replaced by markup; no element and no link may come of it."""
    review = load(*poisoned(tmp_path))
    page = Page(render(review, "0" * 12, "<svg></svg>"))
    clean = Page(render(loaded("half"), "0" * 12, "<svg></svg>"))
    assert set(page.tags) == set(clean.tags) and page.handlers == []
    assert all(re.match(r"#|\.\./|checklists/|https?://|data:,$", address) for address in page.addresses)
    parts = re.split(r'<section id="(\w+)"', render(review, "0" * 12, "<svg></svg>"))
    reached = {name for name, part in zip(parts[1::2], parts[2::2], strict=True) if "alert(1)" in part}
    assert reached >= {
        *("abstract", "question", "methods", "sources", "screening", "included", "evidence", "excluded"),
        *("strategies", "amendments", "faults", "statements", "references"),
    }


def poisoned(folder):
    config_path, results = write_review(folder, "half", title=SCRIPT, url="javascript:alert(1)")
    for path in results.glob("**/*.csv"):
        text = path.read_text(encoding="utf-8")
        for word in (
            "library, e-mail",
            "Exosomes",
            "myocardial",
            "benefit",
            "'yess'",
            "records without",
            "of: include",
        ):
            text = text.replace(word, f"{word}{SCRIPT}<img src=x onerror=alert(1)>")
        path.write_text(text, encoding="utf-8")
    searches = results / "search/searches.json"
    searches.write_text(searches.read_text().replace("exosome", SCRIPT).replace("English", SCRIPT), encoding="utf-8")
    config = read_config(config_path)[0]
    texts = dict.fromkeys(("notice", "question", "objective", "funding"), SCRIPT)
    config["review"] |= texts | {"title": SCRIPT, "authors": [SCRIPT], "key_words": [SCRIPT]}
    config["review"]["amendments"] = [{"date": "2026-01-01", "change": SCRIPT, "reason": SCRIPT}]
    config["review"]["protocol"] = "javascript:alert(1)"
    config["search"]["sources"]["embase"] |= {"database": SCRIPT, "platform": '"><script>alert(1)</script>'}
    config["screening"]["people"]["ana"]["name"] = SCRIPT
    config["screening"]["reasons"] = [SCRIPT]
    return config, results


def test_the_same_inputs_give_the_same_bytes_whatever_the_hash_seed(tmp_path):
    config, results = write_review(tmp_path, "half")
    program = "import sys; from pathlib import Path; from prismake.report.build import build_report; "
    program += "build_report(*map(Path, sys.argv[1:]))"
    pages = []
    for seed in ("0", "1"):
        out = tmp_path / f"{seed}.html"
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, config, results, out], check=True, env=environment)
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


def test_without_a_diagram_there_is_one_message(tmp_path):
    config, results = write_review(tmp_path)
    (results / "prisma/flow.svg").unlink()
    with pytest.raises(PrismakeError, match=r"flow.svg: there is no flow diagram.*Run `snakemake`"):
        build_report(config, results, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_text_has_enough_contrast(theme):
    css = (TEMPLATES / "report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[theme]))
    pairs = [("notice-ink", "notice"), ("draft-ink", "draft")]
    pairs += [(text, ground) for text in ("ink", "soft", "link", "accent", "missing") for ground in ("paper", "tint")]
    pairs += [(text, f"level-{n}") for text in ("ink", "link") for n in (1, 2, 3, 4)]
    assert {
        pair: round(_contrast(*(colours[c] for c in pair)), 2)
        for pair in pairs
        if _contrast(*(colours[c] for c in pair)) < 4.5
    } == {}
