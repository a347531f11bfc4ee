"""Writing a flow in the formats people share: flow.svg, flow.png, flow.html, flow.csv, flow.json."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.layout import lay_out
from prismake.prisma.panels import left_out
from prismake.prisma.png import draw_png
from prismake.prisma.rcsv import flow_csv
from prismake.prisma.settings import Settings
from prismake.prisma.svg import draw_svg
from prismake.publish import write_bytes, write_json
from prismake.text_metrics import missing_characters

FORMATS = ("svg", "png", "html", "csv", "json")


def draw(
    flow: Mapping[str, Any],
    out_dir: str | Path,
    formats: Collection[str] = FORMATS,
    records: str | Path | None = None,
    reports: str | Path | None = None,
    settings: Settings | None = None,
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
    layout = lay_out(flow, settings)
    svg = draw_svg(layout)
    writers: dict[str, Callable[[], bytes]] = {
        "svg": lambda: svg.encode(),
        "png": lambda: draw_png(svg),
        "html": lambda: _page(flow, settings, records, reports).encode(),
        "csv": lambda: flow_csv(flow).encode(),
    }
    drawn = {name: write() for name, write in writers.items() if name in formats}
    for name, data in drawn.items():
        write_bytes(Path(out_dir) / f"flow.{name}", data)
    if "json" in formats:
        write_json(Path(out_dir) / "flow.json", flow)

    notes = [*layout.notes]
    notes += [
        f"The {flow.get('template') or 'new'} template has no box for {name}." for name in left_out(flow, layout.panels)
    ]
    lacking = missing_characters("".join(line.text for box in layout.boxes for line in box.lines))
    if lacking and "png" in formats:
        notes.append(f"The font of flow.png lacks these characters and shows empty boxes for them: {' '.join(lacking)}")
    return notes


def _page(
    flow: Mapping[str, Any], settings: Settings | None, records: str | Path | None, reports: str | Path | None
) -> str:
    from prismake.prisma.html import draw_html  # takes as long to import as all the rest to draw

    return draw_html(flow, Path(records) if records else None, Path(reports) if reports else None, settings)
