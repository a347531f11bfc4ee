"""The screening page as it is written: what is in it, and that no reader takes it for a form."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismake.config import check
from prismake.errors import PrismakeError
from prismake.forms import files, issue, page_of
from prismake.records import REPORT_SCHEMA
from prismake.screening.page import draw_page, embedded, sections
from prismake.screening.sheets import report_row

SEARCH = {"sources": {"pm": {"database": "PubMed", "kind": "database", "live": "pubmed", "strategy": "rats"}}}


def configured(**screening) -> dict:
    return check(
        {
            "review": {"title": "A review"},
            "search": SEARCH,
            "screening": {"people": {"ana": {}, "ben": {}}, **screening},
        }
    )


def drawn(kind: str, shown: dict | None = None, config: dict | None = None, **fields) -> tuple[str, dict]:
    """The page of one record, and what is embedded in it; `shown`: more cells of its row in the form."""
    report = {**dict.fromkeys(REPORT_SCHEMA), "report_id": "pm:1", "title": "A title", **fields}
    row = {**report_row(report), "votes": "ben: include", **(shown or {})}
    form = Path(f"resources/screening/ana/{kind}.ana.01.xlsx")
    page = draw_page(form, kind, [row], {"pm:1": report}, config or configured())
    data, records = re.findall(r'<script type="application/json" [^>]*>(.*?)</script>', page, re.S)
    return page, {**json.loads(data), "records": json.loads(records)}


@pytest.mark.parametrize(
    ("abstract", "parts"),
    [
        ("One text, with no label: none.", [("", "One text, with no label: none.")]),
        ("AIM: To see. METHODS: Rats. DNA: left", [("AIM", "To see."), ("METHODS", "Rats."), ("DNA", "left")]),
        ("Why? Methods: Rats (40). Main outcome measures: Size.",
         [("", "Why?"), ("Methods", "Rats (40)."), ("Main outcome measures", "Size.")]),
        ("First line\nMaterials and Methods : second", [("", "First line"), ("", "Materials and Methods : second")]),
        ("MATERIALS & METHODS: see results: none", [("MATERIALS & METHODS", "see results: none")]),
        ("", []),
    ],
)  # fmt: skip
def test_an_abstract_is_divided_at_its_labels(abstract, parts):
    assert sections(abstract) == parts


@given(st.text(alphabet="AB methods:RESULT.\n ", max_size=80))
def test_no_character_of_an_abstract_is_lost(abstract):
    kept = "".join(label + text for label, text in sections(abstract))
    assert re.sub(r"[\s:]", "", kept) == re.sub(r"[\s:]", "", abstract)


@given(st.text() | st.lists(st.text()))
def test_embedded_texts_come_back_and_end_no_script(value):
    assert "<" not in embedded(value)
    assert json.loads(embedded(value)) == value


def test_only_the_adjudicator_sees_votes():
    assert "ben: include" not in drawn("title_abstract")[0]
    assert drawn("title_abstract_conflicts")[1]["records"][0]["votes"] == "ben: include"


def test_no_element_holds_more_than_a_hundred_records():
    reports = {f"pm:{n}": {**dict.fromkeys(REPORT_SCHEMA), "report_id": f"pm:{n}", "title": str(n)} for n in range(201)}
    rows = [report_row(report) for report in reports.values()]
    form = Path("resources/screening/ana/title_abstract.ana.01.xlsx")
    page = draw_page(form, "title_abstract", rows, reports, configured())
    blocks = [json.loads(block) for block in re.findall(r'class="records">(.*?)</script>', page, re.S)]
    assert [len(block) for block in blocks] == [100, 100, 1]  # WebKit takes minutes over one large element
    assert [record["id"] for block in blocks for record in block] == list(reports)


def test_title_and_abstract_offer_reasons_where_the_configuration_says_so():
    assert drawn("title_abstract")[1]["reasons"] == []
    asking = configured(title_abstract_reasons=True, reasons=["Wrong outcome"])
    page, data = drawn("title_abstract", config=asking)
    assert (data["reasons"], data["reasonNeeded"]) == (["Wrong outcome"], False)
    assert "An exclusion may name its primary reason" in page
    for kind in ("full_text", "full_text_conflicts"):
        page, data = drawn(kind, config=asking)
        assert (data["reasons"], data["reasonNeeded"]) == (["Wrong outcome"], True)
        assert "An exclusion needs its one primary reason" in page


def test_links_lead_to_http_only():
    assert drawn("full_text", url="javascript:alert(1)")[1]["records"][0]["links"] == []
    links = drawn("title_abstract", doi="10.5555/a", pmid="9")[1]["records"][0]["links"]
    assert links == [["doi:10.5555/a", "https://doi.org/10.5555/a"], ["PubMed 9", "https://pubmed.ncbi.nlm.nih.gov/9/"]]


def test_a_full_text_page_leads_to_the_files_and_tells_notices():
    cells = {
        "full_text": "resources/fulltext/pm 1.pdf\nresources/fulltext/10.5555_a.pdf",
        "notice": "retracted (in 2024)",
        "free_full_text": "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/",
    }
    record = drawn("full_text", cells)[1]["records"][0]
    assert record["links"] == [
        ["pm 1.pdf", "../../fulltext/pm%201.pdf"],
        ["10.5555_a.pdf", "../../fulltext/10.5555_a.pdf"],
        ["Free full text", "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/"],
    ]
    assert record["notice"] == "retracted (in 2024)"
    assert drawn("title_abstract", cells)[1]["records"][0]["links"] == []


def test_a_full_text_page_leads_to_europe_pmc():
    def last(**fields):
        return drawn("full_text", **fields)[1]["records"][0]["links"][-1]

    assert last(pmid="9", pmcid="PMC1") == ["Europe PMC", "https://europepmc.org/article/MED/9"]
    assert last(pmcid="PMC1") == ["Europe PMC", "https://europepmc.org/article/PMC/PMC1"]
    assert last(doi="10.5555/a") == ["doi:10.5555/a", "https://doi.org/10.5555/a"]


def test_another_round_or_other_records_are_kept_apart_in_the_browser():
    kinds = ("title_abstract", "full_text")
    assert len({drawn(kind)[1]["key"] for kind in kinds}) == 2


def test_a_page_is_no_form_and_its_loss_no_fault(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    form = issue("title_abstract", "ana", ["pm:1"], lambda meta: b"form")
    page_of(form).write_text("page")
    form.with_name("title_abstract.ana.01 (1).html").write_text("page saved again")
    form.with_name("something else.html").write_text("no page of ours")
    assert [path.name for path in files("title_abstract")] == ["something else.html", form.name]


def test_terms_to_highlight_are_words():
    assert configured(highlight={"include": ["exosom*"]})["screening"]["highlight"]["exclude"] == []
    with pytest.raises(PrismakeError, match=r'include.0: "\*" is not a word or phrase'):
        configured(highlight={"include": ["*"]})
