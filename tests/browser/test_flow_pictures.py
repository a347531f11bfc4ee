"""flow.png against what Chromium makes of flow.svg: no box, line or text is elsewhere.

Both pictures are 96 dpi. A pixel differs when its red, green or blue is more than half of the range away from every
pixel within one pixel of its place in the other picture, in either direction: edges of letters may be smoothed
otherwise and lie up to a pixel apart, a missing or moved word may not. Less than 1 % of the pixels may differ.
"""

import io
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from prismake.prisma.layout import lay_out
from prismake.prisma.png import draw_png
from prismake.prisma.settings import Settings
from prismake.prisma.svg import draw_svg

FLOW = json.loads((Path(__file__).parents[1] / "data" / "prisma_flow" / "worked_example.json").read_text("utf-8"))
PRESETS = ["auto", "single", "double", "landscape", "plos"]
DPI, HALF, MOST = 96, 128, 0.01


def a_flow(random: Random) -> dict:
    """The worked example with other numbers and reasons, with or without the other column, an update or a draft."""
    flow = json.loads(json.dumps(FLOW))
    for box in flow["boxes"].values():
        box["n"] = random.choice([0, random.randint(1, 999), random.randint(1000, 999_999)])
    words = ["wrong", "population", "without", "a control", "in vitro", "outcome", "Ωμέγα"]
    for name in ("dbr_excluded", "other_excluded"):
        lines = [" ".join(random.choices(words, k=random.randint(1, 8))) for _ in range(random.randint(0, 9))]
        flow["boxes"][name]["items"] = [{"label": line, "n": random.randint(0, 9999)} for line in lines]
    if random.random() < 0.5:
        flow["template"] = "updated"
        flow["boxes"] |= {name: {"n": 12} for name in ("previous_studies", "previous_reports", "total_studies")}
    if random.random() < 0.5:
        for name in ("website_results", "organisation_results", "citations_results"):
            del flow["boxes"][name]
    flow["draft"] = random.choice([[], ["Records not yet screened: 12"]])
    return flow


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the pixels of `one` that differ from all pixels near their place in `other`."""
    least = np.full(one.shape[:2], 255, np.int16)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            moved = np.roll(other, (down, right), (0, 1))
            least = np.minimum(least, np.abs(one - moved).max(axis=2))
    return float((least > HALF).mean())


@pytest.fixture(scope="module")
def sheet(browser):
    """One page for all pictures; its pixels are those of a picture of DPI."""
    context = browser.new_context(device_scale_factor=1)
    yield context.new_page()
    context.close()


def pictures(sheet, flow: dict, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    svg = draw_svg(lay_out(flow, settings))
    png = Image.open(io.BytesIO(draw_png(svg, DPI))).convert("RGB")
    sheet.set_viewport_size({"width": 1000, "height": png.height + 20})
    sheet.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{svg}")
    shot = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB").crop((0, 0, *png.size))
    return np.asarray(png, dtype=np.int16), np.asarray(shot, dtype=np.int16)


def test_twenty_flows_look_alike_in_png_and_in_chromium(sheet):
    shares = []
    for seed in range(20):
        random = Random(seed)
        settings = Settings(preset=PRESETS[seed % len(PRESETS)], grey=random.random() < 0.3)
        drawn, shown = pictures(sheet, a_flow(random), settings)
        shares.append(max(differing(drawn, shown), differing(shown, drawn)))
    print(max(shares))
    assert max(shares) < MOST, shares


def test_a_moved_or_missing_word_is_noticed(sheet):
    drawn, shown = pictures(sheet, FLOW, Settings())
    assert differing(drawn, np.roll(shown, 9, axis=0)) > MOST
