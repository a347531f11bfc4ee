"""Draws the pictures of docs/prisma.md, one for each variant of the flow diagram: docs/images/prisma-<variant>.png.

Run it after a change of how the diagram looks: python docs/make_prisma_pictures.py
"""

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from prismake.fonts import find_fallbacks
from prismake.prisma.flow_file import check_flow
from prismake.prisma.layout import lay_out
from prismake.prisma.png import draw_png
from prismake.prisma.settings import Settings
from prismake.prisma.svg import draw_svg

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "images"
DPI, COLOURS = 120, 32
OTHER = ("website_results", "organisation_results", "citations_results")
PREVIOUS = {"previous_studies": 12, "previous_reports": 15, "total_studies": 53, "total_reports": 64}


def variants() -> dict[str, tuple[dict[str, Any], Settings]]:
    """By name: a flow with invented numbers, and how it is drawn."""
    full = json.loads((ROOT / "tests/data/prisma_flow/worked_example.json").read_text(encoding="utf-8"))["boxes"]
    of_databases = {name: box for name, box in full.items() if not name.startswith("other_") and name not in OTHER}
    of_databases |= {"new_studies": 30, "new_reports": 38}
    update = {"total_studies": 42, "total_reports": 53}
    pending = {
        **of_databases,
        "dbr_excluded": {"items": [{"label": "Wrong population", "n": 88}, {"label": "Not a primary study", "n": 61}]},
        "pending_eligibility": 32,
    }
    groups = {"Wrong question": ["Wrong population", "No comparator group reported"]}
    return {
        "new": (of_databases, Settings()),
        "new-other": (full, Settings()),
        "updated": (of_databases | PREVIOUS | update, Settings()),
        "updated-other": (full | PREVIOUS, Settings()),
        "meta-analysis": (
            of_databases | {"total_studies_ma": 20, "total_reports_ma": 23},
            Settings(reason_groups=groups),
        ),
        "scoping": (of_databases, Settings(wording="prisma_scr")),
        "draft": (pending, Settings()),
        "single-grey": (of_databases, Settings(preset="single", grey=True)),
        "chinese": (full, Settings(language="zh")),
    }


def main() -> None:
    for name, (boxes, settings) in variants().items():
        layout = lay_out(check_flow({"title": "An example", "boxes": boxes}), settings)
        png = draw_png(draw_svg(layout), DPI, find_fallbacks(layout.text).fonts)
        picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
        picture.save(TARGET / f"prisma-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
