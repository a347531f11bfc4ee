"""The page flow.html: what stands behind each number, and that nothing foreign gets in or out."""

import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from prismake.errors import PrismakeError
from prismake.prisma.html import draw_html
from prismake.prisma.panels import fill_panels
from prismake.prisma.record_lists import CAPS, PAGE_ROWS, list_records, read_ledger
from prismake.prisma.wording import read_labels
from prismake.publish import write_csv

SMALL = Path(__file__).parents[1] / "data" / "prisma_flow" / "small"


class Page(HTMLParser):
    """The page's elements: (tag, attributes, text that follows), in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[tuple[set[str], str]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.elements.append((tag, found))
        if tag == "li" and re.fullmatch(r"l\d+( l\d+)*", found.get("class") or ""):
            self.rows.append((set(found["class"].split()), ""))
            self._inside = True

    def handle_endtag(self, tag):
        if tag == "li":
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            tokens, text = self.rows[-1]
            self.rows[-1] = tokens, " ".join(f"{text} {data}".split())

    def behind(self, key: str) -> list[str]:
        """The texts of the rows in the list of a number."""
        (token,) = [found["data-rows"] for _, found in self.elements if found.get("id") == key]
        return [text for tokens, text in self.rows if token in tokens]


@pytest.fixture(scope="module")
def flow() -> dict:
    return json.loads((SMALL / "flow.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def text(flow) -> str:
    return draw_html(flow, SMALL / "records.csv", SMALL / "reports.csv")


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_every_number_with_ids_lists_as_many_rows(flow, page):
    seen = 0
    for name, box in flow["boxes"].items():
        parts = [(name, box)] + [(f"{name}-{n}", item) for n, item in enumerate(box.get("items", []), start=1)]
        for key, part in parts:
            if part.get("ids") and any(found.get("id") == key for _, found in page.elements):
                assert len(page.behind(key)) == part["n"], key
                seen += 1
    assert seen >= 20


def test_each_list_can_be_reached_from_the_diagram_and_from_the_table(page):
    lists = [found["id"] for _, found in page.elements if found.get("class") == "list"]
    links = [found.get("href") for tag, found in page.elements if tag == "a"]
    assert lists
    for key in lists:
        assert links.count(f"#{key}") == 2, key


def test_a_report_is_shown_with_what_became_of_it(page):
    (row,) = page.behind("dbr_excluded-1")
    assert row == (
        'Vesicles in rats Yarrow, Finn. 2018 doi:10.5555/odd<doi>"#?2 pubmed:90000003 Found in pubmed '
        'Excluded at full text: Wrong population, "adults" only'
    )


def test_a_record_is_shown_with_its_run_and_why_it_was_removed(page):
    first, second = sorted(page.behind("duplicates"))
    assert "Found in embase, 2026-02-11 Duplicate record (duplicate of pubmed:90000001)" in first
    assert "Found in pubmed, 2026-10-12 Found again by a later search" in second
    assert "Quill, Ada; Marlow, Ben; Sorrel, Cleo et al. Journal of Invented Vesicles. 2021" in first


def test_a_record_that_was_kept_is_shown_with_the_state_of_its_report(page):
    assert any(
        "ctgov:NCT09000001 Found in ctgov, 2026-02-12 Full text not retrieved" in row
        for row in page.behind("register_results")
    )


def test_studies_are_shown_with_their_reports(page):
    trial, unnamed = page.behind("new_studies")
    assert trial.startswith("Exosomes of mesenchymal stem cells") and "Study Trial A" in trial
    assert "Not linked to a study yet" in unnamed


def test_only_web_addresses_become_links(page):
    links = {found["href"] for tag, found in page.elements if tag == "a"}
    assert "https://doi.org/10.5555/odd%3Cdoi%3E%22%23%3F2" in links
    assert "https://pubmed.ncbi.nlm.nih.gov/90000002/" in links
    assert "https://example.org/NCT09000001" in links
    assert all(link.startswith(("#", "https://", "http://")) for link in links)


def test_markup_in_records_stays_text(text, page):
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; other" in text
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "<title>PRISMA 2020 flow diagram: Small &lt;example&gt; (DRAFT)</title>" in text


def test_nothing_is_loaded_and_only_our_script_may_run(text, page):
    for tag, found in page.elements:
        assert not {"src", "srcset", "data", "action", "onclick", "onload", "style"} & set(found), tag
        assert tag not in ("link", "iframe", "img", "object", "embed", "base")
    assert "url(" not in text and "@import" not in text
    (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    policy = next(found["content"] for tag, found in page.elements if found.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")


def test_draft_reasons_are_all_listed(flow, text):
    for reason in flow["draft"]:
        assert f"<li>{reason}</li>" in text


def test_a_broken_soft_equation_is_told(text):
    assert re.search(r'class="broken"><strong>H16 does not hold', text)


def test_the_table_has_every_number_with_its_unit(text):
    table = re.search(r"<table>.*</table>", text, flags=re.DOTALL).group()
    assert re.search(
        r"Databases <span.*?records</td>\s*<td class=\"n\"><a href=\"#database_results\"[^>]*>7</a>", table, re.S
    )
    assert re.search(r"Studies included in review</th>\s*<td>studies</td>", table)
    assert re.search(r"Records removed for other reasons.*?<td class=\"n\">0</td>", table, re.S)


def test_without_the_ledger_the_lists_hold_ids(flow):
    assert Page(draw_html(flow)).behind("dbr_excluded") == ["pubmed:90000003"]


def test_without_ids_there_is_a_diagram_and_a_table_only():
    text = draw_html({"title": "", "boxes": {"records_screened": {"n": 1234, "unit": "record"}}})
    page = Page(text)
    assert not page.rows and "Behind the numbers" not in text and "form" not in [tag for tag, _ in page.elements]
    assert "Records screened (n = 1,234)" in text
    assert '<td class="n">1,234</td>' in text


def many(n: int, sources: int = 1) -> dict:
    ids = [f"s{position % sources}:{position}" for position in range(n)]
    items = [{"label": f"Source {s}", "n": len(ids[s::sources]), "ids": ids[s::sources]} for s in range(sources)]
    boxes = {
        "database_results": {"n": n, "unit": "record", "ids": ids},
        "database_specific_results": {"n": n, "unit": "record", "items": items},
        "records_screened": {"n": n, "unit": "record", "ids": ids},
    }
    return {"title": "Many", "boxes": boxes}


def test_a_long_list_is_cut_and_says_so():
    text = draw_html(many(3000))
    page = Page(text)
    assert len(page.behind("records_screened")) == CAPS[0]
    assert "The first 2,000 of 3,000 are listed here. All of them are in records.csv and reports.csv." in text
    assert "Records screened (n = 3,000)" in text.replace("</tspan> <tspan", " ")


def test_a_thousand_rows_are_not_cut():
    text = draw_html(many(1000))
    assert len(Page(text).behind("records_screened")) == 1000
    assert "are listed here. All" not in text


def test_the_page_stays_a_page_with_fifty_thousand_records_from_forty_sources():
    labels = read_labels()
    lists, rows = list_records(fill_panels(many(50_000, 40), labels), read_ledger(None, None), labels)
    assert len(rows) <= PAGE_ROWS
    assert all(each.listed == min(each.n, lists[0].listed) for each in lists)
    assert sum(lists[1].token in row.tokens for row in rows) == lists[1].listed


def test_the_ledger_is_read_with_its_studies(tmp_path):
    ledger = read_ledger(SMALL / "records.csv", SMALL / "reports.csv")
    with (SMALL / "records.csv").open(encoding="utf-8", newline="") as file:
        assert len(ledger.records) == len(list(csv.DictReader(file)))
    assert "citations:h1" in ledger.records  # without a run date
    assert ledger.studies == {"Trial A": ["pubmed:90000001"], "report:citations:h1": ["citations:h1"]}
    assert ledger.sources["pubmed:90000001"] == ["pubmed", "embase"]


@pytest.mark.parametrize(
    ("content", "words"), [(b"a,b\n1,2\n", "no column record_id"), (b"\xff\xfe", "no CSV in UTF-8")]
)
def test_a_table_that_is_no_ledger_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(PrismakeError, match=words):
        read_ledger(tmp_path / "table.csv", None)


def test_sources_are_named_as_the_diagram_names_them(flow, tmp_path):
    names = {"pubmed": "PubMed", "embase": "Embase (Ovid)", "ctgov": "ClinicalTrials.gov"}
    with (SMALL / "records.csv").open(encoding="utf-8") as file:
        rows = [{**row, "source": names.get(row["source_id"], row["source_id"])} for row in csv.DictReader(file)]
    write_csv(tmp_path / "records.csv", list(rows[0]), [row.values() for row in rows])
    page = Page(draw_html(flow, tmp_path / "records.csv", SMALL / "reports.csv"))
    texts = [text for _, text in page.rows]
    assert any("Found in Embase (Ovid), 2026-02-11" in text for text in texts)
    assert any("Found in PubMed, Embase (Ovid)" in text for text in texts)
    assert not any("Found in pubmed" in text or ", embase" in text for text in texts)
