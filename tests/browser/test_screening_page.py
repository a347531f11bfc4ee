"""The screening page in a browser: from the form that is issued to the votes that are collected."""

import csv
from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe

from prismake.config import check
from prismake.forms import log
from prismake.publish import read_csv, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_decisions
from prismake.screening.issue import issue_screening

HOSTILE = [
    '</script><script>alert("title")</script> & <b>bold</b> <!-- "quoted" \u2028',
    '=HYPERLINK("javascript:alert(1)")',
    "-omics of vesicles, a 'review'; \U0001f9ea\u200d\U0001f52c",
    "تأثير الحويصلات على نقص التروية",
    "间充质干细胞外泌体对大鼠的作用",
]
TITLES = [*HOSTILE, *(f"Exosomes in injury, experiment {number}" for number in range(6, 33))]
IDS = [f"pm:{number:02d}" for number in range(1, len(TITLES) + 1)]
ABSTRACT = "BACKGROUND: Conditioned-medium was known. METHODS: Rats were given exosomes. RESULTS: They healed."
CONFIG = {
    "review": {
        "title": "Exosomes & <i>rats</i>",
        "eligibility": {"include": ["Exosomes of stem cells"], "exclude": ["Reviews </aside>"]},
    },
    "search": {"sources": {"pm": {"database": "PubMed", "kind": "database", "live": "pubmed", "strategy": "rats"}}},
    "screening": {
        "people": {"ana": {"name": "Ana Okafor"}, "cleo": {"share": 0}},
        "reviewers_per_record": 1,
        "pilot": 0,
        "reasons": ["Wrong population", "Wrong outcome"],
        "highlight": {"include": ["exosom*", "外泌体"], "exclude": ["conditioned medium"]},
    },
}
FOLDER = Path("resources/screening/ana")
OUT = Path("results/screening")


def issue(stage: str) -> str:
    """Issue 32 records to ana for this stage; returns the address of the page."""
    blank = dict.fromkeys(REPORT_SCHEMA)
    reports = [
        {**blank, "report_id": i, "title": title, "authors": ["Okafor, A"], "year": 2020, "url": "javascript:alert(2)"}
        | {"abstract": title if title in HOSTILE else ABSTRACT, "doi": "" if title in HOSTILE else "10.5555/<a>"}
        for i, title in zip(IDS, TITLES, strict=True)
    ]
    write_parquet(Path("unique.parquet"), pl.DataFrame(reports, schema=REPORT_SCHEMA))
    write_csv(
        "clusters.csv", ["record_id", "source_id", "source_record_id", "cluster_id"], [[i, "pm", i, i] for i in IDS]
    )
    assert collect(stage) == {}
    issue_screening(stage, check(CONFIG), Path("unique.parquet"), Path("clusters.csv"), OUT / stage)
    return (FOLDER / f"{stage}.ana.01.html").resolve().as_uri()


def collect(stage: str, *forms: Path) -> dict[str, tuple[str, str, str]]:
    """(decision, reason, note) by record id; these files were read without a fault."""
    paths = [path.as_posix() for path in forms]
    collect_decisions(stage, check(CONFIG), IDS, Path("unique.parquet"), Path("clusters.csv"), paths, [], OUT / stage)
    assert read_csv(OUT / stage / "faults.csv") == []
    return {
        row["record_id"]: (row["decision"], row["reason"], row["note"]) for row in read_csv(OUT / stage / "votes.csv")
    }


@pytest.fixture
def screening(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    return issue("title_abstract")


@pytest.fixture
def full_text(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    return issue("full_text")


def press(page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page, button: str = "#save") -> Path:
    """Save and put the file beside the form."""
    with page.expect_download() as download:
        page.locator(button).click()
    path = FOLDER / download.value.suggested_filename
    download.value.save_as(path)
    return path


def text(page, selector: str) -> str:
    return page.locator(selector).inner_text()


def order() -> list[str]:
    """The record ids in the order of the form."""
    return list(log()[0].ids)


def test_thirty_records_by_keyboard_a_reload_and_the_votes_are_collected(page, screening):
    page.goto(screening)
    press(page, "iem" * 6)
    assert text(page, "#decided") == "18 of 32 decided"
    page.on("dialog", lambda dialog: dialog.accept())  # "not in a file yet", on leaving
    page.reload()
    assert text(page, "#decided") == "18 of 32 decided"
    assert text(page, "#place") == "19 of 32"
    press(page, "iem" * 4 + "uuu")  # to 30, and three back
    press(page, "u" * 10)  # back over the reload
    assert text(page, "#decided") == "17 of 32 decided"
    press(page, "t")
    page.keyboard.type('=1+1, "so"\nthen e, i')
    page.keyboard.press("Escape")
    press(page, "e" * 12 + "ii")
    assert text(page, "#decided") == "31 of 32 decided"
    press(page, "u")
    path = saved(page)
    assert path.name == "title_abstract.ana.01.csv"
    assert text(page, "#unsaved") == ""
    first = path.read_bytes()
    votes = collect("title_abstract", path, FOLDER / "title_abstract.ana.01.xlsx")
    ids = order()
    expected = ["include", "exclude", "maybe"] * 5 + ["include", "exclude"] + ["exclude"] * 12 + ["include"]
    assert [votes[i][0] for i in ids[:30]] == expected
    assert set(votes) == set(ids[:30])
    assert votes[ids[17]] == ("exclude", "", '=1+1, "so"\nthen e, i')
    page.wait_for_timeout(1000)  # times are compared by seconds
    press(page, "uum")
    again = saved(page).replace(FOLDER / "title_abstract.ana.01 (1).csv")  # as a browser names a second download
    path.write_bytes(first)
    assert collect("title_abstract", path, again)[ids[28]][0] == "maybe"
    assert page.errors == []
    assert {request.partition("#")[0] for request in page.requests if not request.startswith("blob:")} == {screening}


def test_the_file_is_no_formula_in_any_cell_and_tells_times(page, screening):
    page.goto(screening)
    press(page, "it")
    page.keyboard.type("@SUM(1)")
    path = saved(page)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 32
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@"))]
    assert rows[1]["note"] == "\u00a0@SUM(1)"
    assert rows[0]["time"].endswith("Z") and rows[2]["time"] == ""


def test_two_tabs_keep_each_others_votes(page, screening):
    page.goto(screening)
    other = page.context.new_page()
    other.goto(screening)
    press(page, "iii")
    press(other, "nnneee")
    page.locator("#decided", has_text="6 of 32").wait_for()
    press(other, "ppppppi")  # the later vote on the first record counts, in both
    press(page, "ppp")
    page.locator("#state", has_text="Included").wait_for()
    press(page, "m")
    other.locator("#decided", has_text="6 of 32").wait_for()
    press(other, "p")
    other.locator("#state", has_text="Maybe").wait_for()
    other.reload()
    assert text(other, "#counts") == "2 included · 3 excluded · 1 maybe"


def test_a_saved_file_goes_on_in_another_browser(page, browser, screening):
    page.goto(screening)
    press(page, "iet")
    page.keyboard.type("-a note")
    path = saved(page)
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(screening)
    press(elsewhere, "m")  # later than the file
    with elsewhere.expect_file_chooser() as chooser:
        elsewhere.locator("#load").click()
    chooser.value.set_files(path)
    elsewhere.locator("#last", has_text="2 taken over").wait_for()
    assert "1 left as they are here" in text(elsewhere, "#last")
    assert text(elsewhere, "#counts") == "1 excluded · 1 maybe"
    press(elsewhere, "n")
    assert elsewhere.locator("#note").input_value() == "-a note"
    old = (
        path.read_text(encoding="utf-8-sig").replace(",", ";").encode("cp1252", "replace")
    )  # as a spreadsheet saves it
    path.write_bytes(old)
    with elsewhere.expect_file_chooser() as chooser:
        elsewhere.locator("#load").click()
    chooser.value.set_files(path)
    elsewhere.locator("#last", has_text="0 taken over").wait_for()
    elsewhere.context.close()


@pytest.mark.parametrize(
    ("forbid", "warning"),
    [
        ("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})", "keeps nothing"),
        ("Storage.prototype.setItem = () => { throw new Error('full') }", "storage is full"),
    ],
)
def test_without_storage_a_warning_is_shown_and_the_file_is_saved(page, screening, forbid, warning):
    page.add_init_script(forbid)
    page.goto(screening)
    press(page, "ieu")
    assert warning in text(page, "#warning")
    votes = collect("title_abstract", saved(page))
    assert [vote[0] for vote in votes.values()] == ["include"]


def test_full_text_asks_the_reason_of_an_exclusion(page, full_text):
    page.goto(full_text)
    press(page, "e")
    assert text(page, "#decided") == "0 of 32 decided"
    assert page.evaluate("document.activeElement.value") == "Wrong population"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second reason
    assert page.evaluate("document.activeElement.value") == "exclude"
    press(page, "1i")
    page.locator("button.exclude").click()
    page.get_by_role("button", name="Wrong population").click()
    press(page, "oa")
    votes = collect("full_text", saved(page))
    assert [votes[i][:2] for i in order()[:6]] == [
        ("exclude", "Wrong outcome"),
        ("exclude", "Wrong population"),
        ("include", ""),
        ("exclude", "Wrong population"),
        ("ongoing", ""),
        ("awaiting classification", ""),
    ]


def test_title_and_abstract_take_a_reason_where_the_configuration_offers_them(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(CONFIG["screening"], "title_abstract_reasons", True)
    page.goto(issue("title_abstract"))
    press(page, "e2")
    page.get_by_role("button", name="Wrong population").click()
    press(page, "2ui")
    votes = collect("title_abstract", saved(page))
    assert [votes[i][:2] for i in order()[:4]] == [
        ("exclude", ""),
        ("exclude", "Wrong outcome"),
        ("exclude", "Wrong population"),
        ("include", ""),
    ]


def test_hostile_records_stay_text_and_words_of_the_criteria_are_marked(page, screening):
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(screening)
    titles, marks = set(), set()
    for _ in IDS:
        titles.add(page.locator("#title").text_content())
        marks |= {(mark.text_content(), mark.get_attribute("class")) for mark in page.locator("#record mark").all()}
        hrefs = [link.get_attribute("href") for link in page.locator("#links a").all()]
        assert hrefs in ([], ["https://doi.org/10.5555/<a>"])
        press(page, "n")
    assert titles == {*TITLES[1:], HOSTILE[0]}
    assert marks == {("Exosomes", "for"), ("exosomes", "for"), ("外泌体", "for"), ("Conditioned-medium", "against")}
    assert "Reviews </aside>" in text(page, "#criteria")
    assert [h.inner_text() for h in page.locator("#abstract h3").all()] in ([], ["BACKGROUND", "METHODS", "RESULTS"])
    assert page.errors == []


def test_filter_search_and_list_show_what_fits(page, screening):
    page.goto(screening)
    press(page, "iie")
    page.get_by_label("Show").select_option("include")
    assert text(page, "#place") == "1 of 2 shown"
    page.get_by_label("Show").select_option("undecided")
    press(page, "e")  # leaves the list, the next one follows
    assert text(page, "#place") == "1 of 28 shown"
    page.get_by_label("Show").select_option("all")
    press(page, "/")
    page.keyboard.type("EXPERIMENT 17")
    page.keyboard.press("Enter")
    assert text(page, "#title") == "Exosomes in injury, experiment 17"
    press(page, "l")
    assert page.locator("#rows li").count() == 1
    page.keyboard.press("Escape")
    press(page, "/")
    page.keyboard.press("Escape")
    assert "of 32" in text(page, "#place") and "shown" not in text(page, "#place")
    press(page, "g")
    assert text(page, "#state") == "Not decided"


def test_what_is_done_is_said_and_the_focus_stays_on_the_button(page, screening):
    page.goto(screening)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link to the decision
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    second = text(page, "#title")
    assert page.locator("#said").text_content() == f"Included. 2 of 32. Not decided. {second}"
    assert page.evaluate("document.activeElement.value") == "include"
    press(page, "u")
    assert page.locator("#said").text_content().startswith("Undone. 1 of 32. Not decided.")
    page.locator("#help").click()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("Escape")
    press(page, "e")
    assert text(page, "#decided") == "0 of 32 decided"


def test_leaving_with_votes_in_no_file_asks_first(page, screening):
    page.goto(screening)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    press(page, "i")
    page.reload()
    saved(page)
    page.reload()
    assert asked == ["beforeunload"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_violation(page, screening, width, scheme):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(screening)
    for keys in ("iemppp", "?", "l", "ei" * 16):
        press(page, keys)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        page.keyboard.press("Escape")
    assert text(page, "#finished h2") == "All 32 decided"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert min(button.bounding_box()["height"] for button in page.locator("#decide button").all()) >= 44


def test_axe_finds_no_violation_in_full_text(page, full_text):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(full_text)
    press(page, "2ppe")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.set_viewport_size({"width": 1280, "height": 844})
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
