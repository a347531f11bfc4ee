"""report.html in a browser: accessibility, small screens, both colour schemes, no request, print."""

import runpy
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from prismake.report.build import build_report

KINDS = ("finished", "half", "zero")
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> dict[str, str]:
    """The address of the report of each kind of review."""
    write_review = runpy.run_path(str(Path(__file__).parents[1] / "unit/report_fixture.py"))["write_review"]
    addresses = {}
    for kind in KINDS:
        config, results = write_review(tmp_path_factory.mktemp(kind), kind)
        build_report(config, results, results / "report/report.html")
        addresses[kind] = (results / "report/report.html").as_uri()
    return addresses


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_accessible_at_any_size_and_in_any_colours(page, reports, kind, scheme, size):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])
    page.goto(reports[kind])
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert page.errors == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(page, reports, kind, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reports[kind])
    assert page.evaluate("() => document.documentElement.scrollWidth") == width


def test_wide_tables_scroll_in_their_own_box_with_the_keyboard(page, reports):
    page.set_viewport_size(SIZES["narrow"])
    page.goto(reports["finished"])
    box = page.locator(".scroll", has=page.locator("#study-table"))
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('#study-table').parentElement.scrollLeft > 0")
    assert page.locator("#study-table caption span").bounding_box()["x"] >= 0  # the caption stays in sight


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_of_the_network(page, reports, kind):
    page.goto(reports[kind])
    page.wait_for_load_state("networkidle")
    assert page.requests == [reports[kind]]


def test_notice_title_and_draft_are_on_the_first_screen(page, reports):
    for size in SIZES.values():
        page.set_viewport_size(size)
        page.goto(reports["half"])
        for part in (".notice", "h1", ".badge", "#draft h2"):
            place = page.locator(part).bounding_box()
            assert place["y"] + place["height"] <= size["height"], part


def test_the_contents_stay_at_the_side_of_a_wide_screen(page, reports):
    page.goto(reports["finished"])
    page.locator("nav.contents a", has_text="References").click()
    page.wait_for_function("() => scrollY > 2000")
    assert page.locator("nav.contents").bounding_box()["y"] == pytest.approx(0, abs=1)
    assert page.locator("#references-heading").is_visible()


def test_the_diagram_keeps_its_own_look(page, reports):
    """The style sheet must not reach into the diagram: its text would be drawn in another size."""
    page.goto(reports["half"])
    sizes = "els => [...new Set(els.map(e => getComputedStyle(e).fontSize))]"
    drawn = page.locator(".diagram svg text:not(.watermark)").evaluate_all(sizes)
    assert len(drawn) == 1


def test_print_shows_the_report_without_its_contents_list(page, reports):
    page.goto(reports["finished"])
    page.emulate_media(media="print")
    assert not page.locator("nav.contents").is_visible()
    assert page.locator("#references").is_visible()
