"""Writing a flow in the formats people share: flow.svg, flow.png, flow.html, flow.csv, flow.json."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.html import draw_html
from prismake.prisma.layout import lay_out
from prismake.prisma.panels import left_out
from prismake.prisma.png import draw_png
from prismake.prisma.rcsv import flow_csv
from prismake.prisma.svg import draw_svg
from prismake.prisma.text_metrics import missing_characters
from prismake.publish import write_bytes, write_json, write_text

FORMATS = ("svg", "png", "html", "csv", "json")


def draw(
    flow: Mapping[str, Any],
    out_dir: str | Path,
    formats: Collection[str] = FORMATS,
    records: str | Path | None = None,
    reports: str | Path | None = None,
) -> list[str]:
    """Write `flow.<format>` for each format into a folder, and return what people should know of the result.

    `records` and `reports` are the ledger's CSVs, for the lists of flow.html. Everything is drawn before anything is
    written. Raises PrismakeError for an unknown format.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise PrismakeError(
            f"unknown format '{unknown[0]}'", place="--formats", hint=f"Known formats: {', '.join(FORMATS)}."
        )
    layout = lay_out(flow)
    svg = draw_svg(layout) if {"svg", "png"} & set(formats) else ""
    png = draw_png(svg) if "png" in formats else b""
    page = draw_html(flow, _path(records), _path(reports)) if "html" in formats else ""
    table = flow_csv(flow) if "csv" in formats else ""

    out_dir = Path(out_dir)
    if "svg" in formats:
        write_text(out_dir / "flow.svg", svg)
    if png:
        write_bytes(out_dir / "flow.png", png)
    if page:
        write_text(out_dir / "flow.html", page)
    if table:
        write_text(out_dir / "flow.csv", table)
    if "json" in formats:
        write_json(out_dir / "flow.json", flow)

    notes = [
        f"The {flow.get('template') or 'new'} template has no box for {name}." for name in left_out(flow, layout.panels)
    ]
    lacking = missing_characters("".join(line.text for box in layout.boxes for line in box.lines))
    if lacking and png:
        notes.append(f"The font of flow.png lacks these characters, they are blank there: {' '.join(lacking)}")
    return notes


def _path(path: str | Path | None) -> Path | None:
    return Path(path) if path else None
