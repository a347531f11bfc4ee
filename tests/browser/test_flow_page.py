"""flow.html in a browser: clicks, keyboard, no JavaScript, accessibility, small screens, and the drawn text itself."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from prismake.prisma.draw import draw

DATA = Path(__file__).parents[1] / "data" / "prisma_flow"
SMALL = DATA / "small"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """flow.html and flow.svg of the small flow with its ledger, and in counts/ of the worked example without ids."""
    folder = tmp_path_factory.mktemp("flow")
    flow = json.loads((SMALL / "flow.json").read_text(encoding="utf-8"))
    draw(flow, folder, {"html", "svg"}, SMALL / "records.csv", SMALL / "reports.csv")
    counts = json.loads((DATA / "worked_example.json").read_text(encoding="utf-8"))
    draw(counts, folder / "counts", {"html", "svg"})
    return folder


def address(path: Path) -> str:
    return path.as_uri()


def shown_rows(page) -> list[str]:
    return [row.inner_text() for row in page.locator("#rows > li").all() if row.is_visible()]


def test_a_click_on_a_box_shows_its_records(page, folder):
    page.goto(address(folder / "flow.html"))
    assert shown_rows(page) == []
    assert page.locator(".hint").is_visible()
    page.locator('.flow a[href="#records_screened"]').click()
    assert page.locator("#records_screened").is_visible()
    assert len(shown_rows(page)) == 5
    assert not page.locator(".hint").is_visible()
    page.locator('.flow a[href="#dbr_excluded-1"]').click()
    (row,) = shown_rows(page)
    assert "Vesicles in rats" in row and "Excluded at full text: Wrong population" in row
    page.get_by_role("link", name="Back to the diagram").locator("visible=true").click()
    assert shown_rows(page) == []
    assert page.errors == []


def test_a_click_on_a_number_of_the_table_shows_its_records(page, folder):
    page.goto(address(folder / "flow.html"))
    page.locator("table a", has_text="7").first.click()
    assert len(shown_rows(page)) == 7


def test_everything_works_without_javascript(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(folder / "flow.html"))
    page.locator('.flow a[href="#duplicates"]').click()
    assert len(shown_rows(page)) == 2
    assert not page.locator("#search").is_visible()
    page.locator('.flow a[href="#new_studies"]').click()
    assert "Study Trial A" in shown_rows(page)[0]
    context.close()


def test_the_search_field_narrows_the_list_that_is_shown(page, folder):
    page.goto(address(folder / "flow.html") + "#records_screened")
    field = page.get_by_label("Search this list")
    field.fill("quill TRIAL")
    assert len(shown_rows(page)) == 2
    assert page.locator("#found").inner_text() == "2 of 5 shown"
    field.fill("nothing of the kind")
    assert shown_rows(page) == []
    page.goto(address(folder / "flow.html") + "#dbr_excluded")
    assert field.input_value() == ""
    assert len(shown_rows(page)) == 1
    page.goto(address(folder / "flow.html") + "#records_screened")
    assert len(shown_rows(page)) == 5


def test_the_keyboard_reaches_a_box_and_opens_it(page, folder):
    page.goto(address(folder / "flow.html"))
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "#dbr_assessed":
            break
    page.keyboard.press("Enter")
    assert len(shown_rows(page)) == 3


def test_hostile_records_stay_text(page, folder):
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(address(folder / "flow.html") + "#records_excluded")
    assert "<script>alert(1)</script> & other <b>markup</b>" in shown_rows(page)[0]


def test_nothing_is_asked_of_the_network(page, folder):
    page.goto(address(folder / "flow.html"))
    page.locator('.flow a[href="#records_screened"]').click()
    assert {request.partition("#")[0] for request in page.requests} == {address(folder / "flow.html")}
    assert page.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["flow.html", "flow.html#records_screened", "counts/flow.html"])
def test_axe_finds_no_violation(page, folder, name, scheme):
    page.emulate_media(color_scheme=scheme)
    file, _, anchor = name.partition("#")
    page.goto(address(folder / file) + (f"#{anchor}" if anchor else ""))
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [390, 640])
def test_a_small_screen_scrolls_the_diagram_alone(page, folder, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address(folder / "flow.html") + "#records_screened")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".flow").bounding_box()["width"] >= 500


@pytest.mark.parametrize("name", ["flow.html", "flow.html#records_screened", "counts/flow.html"])
def test_it_prints_on_one_page(page, folder, name):
    page.goto(address(folder / name.partition("#")[0]) + "#" + name.partition("#")[2])
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", paper)) == 1


def test_twice_as_large_it_needs_no_scrolling_sideways_but_for_the_diagram(page, folder):
    page.set_viewport_size({"width": 640, "height": 450})  # 1280 x 900 at 200 % (WCAG 2, 1.4.4 and 1.4.10)
    page.goto(address(folder / "flow.html") + "#records_screened")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert len(shown_rows(page)) == 5


BOXES = """() => Array.from(document.querySelectorAll('g.box, g.pending, g.heading, g.stage, g.draft'), (group) => {
  const frame = group.querySelector(':scope > rect').getBoundingClientRect();
  return Array.from(group.querySelectorAll('text'), (text) => {
    const place = text.getBoundingClientRect();
    return [text.textContent, Math.max(frame.left - place.left, place.right - frame.right),
            Math.max(frame.top - place.top, place.bottom - frame.bottom)];
  });
}).flat()"""


@pytest.mark.parametrize("name", ["flow.svg", "counts/flow.svg", "flow.html", "counts/flow.html"])
def test_text_as_drawn_stays_in_its_box(page, folder, name):
    page.goto(address(folder / name))
    texts = page.evaluate(BOXES)
    assert len(texts) >= 20
    for text, over_width, over_height in texts:
        assert over_width <= 0, text
        assert over_height <= 0, text


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => parse(colour).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  return Array.from(document.querySelectorAll('g.box, g.pending, g.heading, g.stage'), (group) => {
    const ink = light(getComputedStyle(group).fill);
    const ground = light(getComputedStyle(group.querySelector(':scope > rect')).fill);
    return [group.getAttribute('class'), (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_the_diagram_has_contrast(page, folder, scheme):
    """axe does not judge text in SVG; 7:1 is the stricter level of WCAG 2 (1.4.6)."""
    page.emulate_media(color_scheme=scheme)
    page.goto(address(folder / "flow.html"))
    contrasts = page.evaluate(CONTRASTS)
    assert {kind for kind, _ in contrasts} == {"box", "pending", "heading", "stage"}
    for kind, contrast in contrasts:
        assert contrast >= 7, kind
