"""The screening page in a browser: from the form that is issued to the votes that are collected."""

import csv

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from screening_fixture import (
    CONFIG,
    FOLDER,
    HOSTILE,
    IDS,
    TITLES,
    collect,
    issue,
    order,
    press,
    run_workflow,
    saved,
    text,
)

from prismake.config import check
from prismake.screening.page import draw_page
from prismake.screening.sheets import report_row


def test_thirty_records_by_keyboard_a_reload_and_the_log_of_a_run_has_them(page, screening):
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
    assert page.locator("#finished").is_hidden()
    press(page, "u")
    path = saved(page)
    assert path.name == "title_abstract.ana.01.csv"
    assert text(page, "#unsaved") == ""
    first = path.read_bytes()
    form = (FOLDER / "title_abstract.ana.01.xlsx").read_bytes()
    ids = order()
    votes = run_workflow()
    assert path.read_bytes() == first
    assert (FOLDER / "title_abstract.ana.01.xlsx").read_bytes() == form
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
    press(page, "i")
    notes = ["@SUM(1)", "+1", "%1", "|cmd", "＝1", "＋1", "－1", "＠A1"]
    for note in notes:
        press(page, "t")
        page.keyboard.type(note)
        press(page, ["Escape", "n"])
    path = saved(page)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 32
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@"))]
    assert [row["note"] for row in rows[1:9]] == [f"\u00a0{note}" for note in notes]
    assert rows[0]["time"].endswith("Z") and rows[9]["time"] == ""
    assert list(rows[0])[-1] == "form"
    assert {row["form"] for row in rows} == {"title_abstract.ana.01"}


def test_the_same_decision_once_more_changes_nothing(page, screening):
    page.goto(screening)
    press(page, "i")
    saved(page)
    press(page, "pi")
    assert text(page, "#unsaved") == ""
    press(page, "u")
    assert text(page, "#decided") == "0 of 32 decided"


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


def test_a_file_holds_what_another_tab_kept_without_a_word(page, screening):
    page.goto(screening)
    press(page, "i")
    page.evaluate("""() => {
        const key = Object.keys(localStorage).find((name) => name.endsWith(":0"));  // no event comes to this tab
        localStorage.setItem(key.replace(/0$/, "1"), JSON.stringify(["maybe", "", "", "2026-01-01T00:00:00.000Z"]));
    }""")
    votes = collect("title_abstract", saved(page))
    assert [votes[i][0] for i in order()[:2]] == ["include", "maybe"]
    page.evaluate("""() => {
        const key = Object.keys(localStorage).find((name) => name.endsWith(":0"));
        localStorage.setItem(key.replace(/0$/, "2"), JSON.stringify(["maybe", "", "", "2026-01-01T00:00:00.000Z"]));
        window.dispatchEvent(new Event("focus"));  // of two windows side by side
    }""")
    assert text(page, "#decided") == "3 of 32 decided"


def test_paper_gets_the_record_and_its_note_in_light_colours(page, screening):
    page.goto(screening)
    page.locator("#theme").click()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('title')).color") == "rgb(31, 35, 40)"
    shown = {
        name for name in ("record", "note", "decide", "criteria", "filter") if page.locator(f"#{name}").is_visible()
    }
    assert shown == {"record", "note"}


@pytest.mark.parametrize(("width", "height"), [(640, 450), (320, 256), (568, 320)])  # 200 %, 400 %, a phone on its side
def test_a_record_is_in_sight_at_any_zoom(page, screening, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(screening)
    press(page, "i" * 6)
    expect(page.locator("#title")).to_be_in_viewport(ratio=1)
    box, bar = page.locator("#title").bounding_box(), page.locator("#decide").bounding_box()
    assert box["y"] + box["height"] <= bar["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


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
    path.write_bytes(b"sep=;\r\n" + old)
    with elsewhere.expect_file_chooser() as chooser:
        elsewhere.locator("#load").click()
    chooser.value.set_files(path)
    elsewhere.locator("#last", has_text="0 taken over").wait_for()
    assert "1 left as they are here" in text(elsewhere, "#last")
    press(page, "uuu")
    path.write_bytes(old.replace(b"title_abstract.ana.01", b"title_abstract.ben.01"))  # ben's votes stay ben's
    page.locator("#file").set_input_files(path)
    page.locator("#last", has_text="saved from another page, title_abstract.ben.01. Nothing").wait_for()
    assert text(page, "#decided") == "0 of 32 decided"
    path.write_bytes(old.replace(b"title_abstract.ana.01", b"").replace(b";form", b""))  # of an older page
    page.locator("#file").set_input_files(path)
    page.locator("#last", has_text="taken over").wait_for()
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
    page.set_viewport_size({"width": 1024, "height": 600})
    page.goto(screening)
    assert warning in text(page, "#warning")
    page.evaluate("""new MutationObserver(() => { document.body.dataset.said = "again"; })
        .observe(document.getElementById("warning"), {childList: true})""")
    press(page, "ieu")
    expect(page.locator("#warning")).to_be_in_viewport(ratio=1)  # though the page has scrolled to the record
    assert page.locator("[data-said]").count() == 0
    votes = collect("title_abstract", saved(page))
    assert [vote[0] for vote in votes.values()] == ["include"]


def test_full_text_asks_the_reason_of_an_exclusion(page, full_text):
    page.goto(full_text)
    assert page.locator("#notice").is_hidden() and page.locator("#others-votes").is_hidden()
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


def test_a_duplicate_names_the_other_report(page, browser, full_text):
    page.goto(full_text)
    ids = order()
    press(page, "d")
    assert text(page, "#decided") == "0 of 32 decided"
    for nothing in ("no such words", ids[0], "nosuchword"):  # itself neither
        page.get_by_label("record_id").fill(nothing)
        assert page.locator("#offered button").count() == 0
    page.get_by_label("record_id").fill("pm:0")  # a report of another round, and a part of ids of this one
    assert page.locator("#offered button").count() == 9
    assert page.locator("#offered button").last.inner_text().endswith("pm:0")
    page.get_by_label("record_id").fill("no such words")
    assert page.get_by_role("status").filter(has_text="None on this page").count() == 1
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Duplicate of another report").click()
    page.get_by_label("record_id").fill("EXPERIMENT 17")
    page.keyboard.press("Enter")  # leads to what was found
    assert text(page, "#decided") == "0 of 32 decided"
    page.keyboard.press("Enter")
    seventeen = IDS[TITLES.index("Exosomes in injury, experiment 17")]
    press(page, "d")
    page.get_by_label("record_id").fill("pm:00")  # of an earlier round, for all the page knows
    page.locator("#offered button").click()
    press(page, "d")
    page.get_by_label("record_id").fill("experiment 18")
    page.locator("#offered button").click()
    press(page, "uu")
    assert text(page, "#state") == "Not decided"
    assert text(page, "#counts") == "1 duplicate"
    press(page, "d")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Escape")
    path = saved(page)
    assert collect("full_text", path)[ids[0]] == ("duplicate", seventeen, "")
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(full_text)
    elsewhere.locator("#file").set_input_files(path)
    elsewhere.locator("#last", has_text="1 taken over").wait_for()
    assert text(elsewhere, "#state") == f"Duplicate of {seventeen}"
    assert text(elsewhere, "#unsaved") == ""  # all of it is in the file
    path.write_text(path.read_text("utf-8-sig").replace(f",{seventeen},", f",{ids[0]},"), "utf-8")
    elsewhere.locator("#file").set_input_files(path)
    elsewhere.locator("#last", has_text="1 row not read").wait_for()
    elsewhere.context.close()


def test_a_duplicate_is_looked_for_among_the_titles_most_alike(page, full_text):
    page.goto(full_text)
    page.locator("#words").fill("experiment 19")
    press(page, ["Enter", "d"])
    assert "Exosomes in injury" in page.locator("#offered button").first.inner_text()
    assert page.locator("#offered button", has_text="experiment 19").count() == 0


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


def test_a_long_list_comes_in_pages(page, tmp_path):
    fields = ("abstract", "authors", "year", "journal", "doi", "url", "pmid", "pmcid", "registry_ids")
    reports = {
        f"pm:{n}": {**dict.fromkeys(fields), "report_id": f"pm:{n}", "title": f"Title {n}"} for n in range(1, 101)
    }
    rows = [report_row(report) for report in reports.values()]
    path = tmp_path / "page.html"
    path.write_text(draw_page(FOLDER / "title_abstract.ana.01.xlsx", "title_abstract", rows, reports, check(CONFIG)))
    page.goto(path.as_uri())
    press(page, "l")
    assert (page.locator("#rows li").count(), text(page, "#page-of")) == (50, "1 to 50 of 100")
    assert page.get_by_role("button", name="Earlier").is_disabled()
    page.get_by_role("button", name="Later").click()
    assert (text(page, "#page-of"), text(page, "#rows li:last-child span")) == ("51 to 100 of 100", "Title 100")
    assert page.get_by_role("button", name="Later").is_disabled()
    page.get_by_role("button", name="Title 60").click()
    press(page, "l")
    assert text(page, "#page-of") == "51 to 100 of 100"


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
    press(page, "u")
    nothing = page.locator("#said").text_content()
    press(page, "u")
    assert page.locator("#said").text_content().split() == nothing.split()
    assert page.locator("#said").text_content() != nothing  # or it would not be said again
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
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(full_text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    press(page, "2ppe")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.set_viewport_size({"width": 1280, "height": 844})
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
