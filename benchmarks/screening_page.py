"""Measure the screening page in Chromium: how soon it is there, and how long a key takes.

usage: PYTHONPATH=workflow python benchmarks/screening_page.py [--records N] [--keys N]

Writes the page of N invented records (10,000), each with an abstract of 220 words, and opens it from disk. Tells the
time to write the page, its size, first contentful paint, and the time until the first record is on it; then, for keys,
the time from the key event until the browser has painted the next record (median, 95th percentile and maximum), with
every record undecided and, after a reload, with every record decided; and how long a search in all texts takes.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from prismake.config import check
from prismake.records import REPORT_SCHEMA
from prismake.screening.page import draw_page
from prismake.screening.sheets import report_row

CONFIG = {
    "review": {"title": "Ten thousand records", "eligibility": {"include": ["Anything"], "exclude": ["Nothing"]}},
    "search": {"sources": {"s": {"database": "S", "kind": "database", "live": "pubmed", "strategy": "all"}}},
    "screening": {"highlight": {"include": ["exosom*", "stem cell*", "ab*", "in*"], "exclude": ["review", "or*"]}},
}

# Presses a key and waits until the frame after it is painted: a task that a frame's callback puts off runs after that.
PRESS = """async (key) => {
  const started = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  const worked = performance.now() - started;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return [worked, performance.now() - started];
}"""
# As a person would leave them who decided everything: written into the browser's storage.
DECIDE_ALL = """() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  Array.from({length: document.getElementById("progress").max}, (_, i) => localStorage.setItem(`${data.key}:${i}`,
    JSON.stringify([["include", "exclude", "maybe"][i % 3], "", i % 9 ? "" : "a note", "2026-01-01T00:00:00.000Z"])));
}"""

SEARCH = """(field) => {
  const started = performance.now();
  field.dispatchEvent(new Event("input"));
  return performance.now() - started;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=300)
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder, "page.html")
        started = time.perf_counter()
        file.write_text(page(options.records), encoding="utf-8")
        print(f"{options.records:,} records written in {time.perf_counter() - started:.1f} s, ", end="")
        print(f"{file.stat().st_size / 1e6:.1f} MB")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"Chromium {browser.version}")
        tab = browser.new_page()
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.goto(file.as_uri())
        tell_paint(tab, "opened")
        tell_keys(tab, "nothing decided", options.keys)
        tab.evaluate(DECIDE_ALL)
        tab.reload()
        tell_paint(tab, "opened with all decided")
        tell_keys(tab, "all decided", options.keys)
        tab.locator("#words").evaluate("field => { field.value = 'abaxo nothing'; }")
        for name in ("first search", "further search"):
            print(f"{name}: {tab.locator('#words').evaluate(SEARCH):.0f} ms")
        browser.close()


def tell_paint(tab: Page, when: str) -> None:
    tab.locator("#title:not(:empty)").wait_for()
    tab.wait_for_timeout(500)
    paint, ready = tab.evaluate(
        """() => [performance.getEntriesByName("first-contentful-paint")[0].startTime,
                  performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd]"""
    )
    nodes = tab.evaluate("document.querySelectorAll('*').length")
    print(f"{when}: first paint {paint:.0f} ms, first record {ready:.0f} ms, {nodes} elements")


def tell_keys(tab: Page, when: str, number: int) -> None:
    times = [tab.evaluate(PRESS, key) for key in random.Random(1).choices("iemn", k=number)]
    for name, values in zip(("script", "painted"), zip(*times, strict=True), strict=True):
        ranked = sorted(values)
        print(
            f"{when}, key to next record, {name}: median {statistics.median(ranked):.1f} ms,"
            f" 95th percentile {ranked[int(0.95 * number)]:.1f} ms, longest {ranked[-1]:.1f} ms"
        )


def page(number: int) -> str:
    rng = random.Random(1)
    words = ["".join(rng.choices("aeioubcdfglmnprst", k=rng.randint(2, 11))) for _ in range(6000)]
    reports: dict[str, dict[str, Any]] = {}
    for index in range(number):
        text = rng.choices(words, k=220)
        parts = [" ".join(text[start : start + 55]) for start in range(0, 220, 55)]
        labels = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
        reports[f"s:{index}"] = {
            **dict.fromkeys(REPORT_SCHEMA),
            "report_id": f"s:{index}",
            "title": " ".join(rng.choices(words, k=14)),
            "abstract": " ".join(f"{label}: {part}." for label, part in zip(labels, parts, strict=True)),
            "authors": [f"{word.title()}, A" for word in rng.choices(words, k=6)],
            "year": 2020,
            "journal": "Journal of Invented Results",
            "doi": f"10.5555/{index}",
        }
    rows = [report_row(report) for report in reports.values()]
    form = Path("resources/screening/ana/title_abstract.ana.01.xlsx")
    return draw_page(form, "title_abstract", rows, reports, check(CONFIG))


if __name__ == "__main__":
    main()
