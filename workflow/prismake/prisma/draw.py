"""Writing a flow in the formats people share (FILES), and all of them in one zip."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from prismake import __version__
from prismake.archive import zip_bytes
from prismake.errors import PrismakeError
from prismake.fonts import Fallbacks, find_fallbacks
from prismake.prisma.layout import lay_out
from prismake.prisma.panels import left_out
from prismake.prisma.settings import Settings
from prismake.prisma.shapes import Layout
from prismake.prisma.svg import draw_svg
from prismake.prisma.wording import read_labels
from prismake.prisma.words import as_counts, as_text, put_in_words
from prismake.publish import json_text, write_bytes
from prismake.text_metrics import needs_shaping

# What each format is called; "zip" holds all others.
FILES = {
    "svg": "flow.svg",
    "outlines": "flow_outlines.svg",
    "png": "flow.png",
    "png600": "flow_600.png",
    "pdf": "flow.pdf",
    "pptx": "flow.pptx",
    "docx": "flow.docx",
    "html": "flow.html",
    "txt": "flow.txt",
    "csv": "flow.csv",
    "json": "flow.json",
    "counts": "counts_long.csv",
    "zip": "prisma_flow.zip",
}
_CARRYING = {"outlines", "png", "png600", "pdf", "docx"}  # formats that carry glyphs, not names of fonts
_TALLEST_SLIDE = 56 * 72  # points; PowerPoint and python-pptx take no more
_BUNDLE = Path(__file__).parents[1] / "data" / "prisma" / "bundle.txt"


def draw(
    flow: Mapping[str, Any],
    out_dir: str | Path,
    formats: Collection[str] = tuple(FILES),
    records: str | Path | None = None,
    reports: str | Path | None = None,
    settings: Settings | None = None,
) -> list[str]:
    """Write the file of each format into a folder, and return what people should know of the result.

    `records` and `reports` are the ledger's CSVs, for the lists of flow.html. Everything is drawn before anything is
    written. There is no flow_outlines.svg of text that needs shaping, and no slide of a figure that is higher than
    slides can be. Raises PrismakeError for an unknown format and for a missing package.
    """
    unknown = sorted(set(formats) - set(FILES))
    if unknown:
        raise PrismakeError(
            f"unknown format '{unknown[0]}'", place="--formats", hint=f"Known formats: {', '.join(FILES)}."
        )
    layout = lay_out(flow, settings)
    labels = read_labels(settings)
    made: dict[str, bytes] = {}
    carrying = _CARRYING.intersection(FILES if "zip" in formats else formats)  # glyphs
    fallbacks = find_fallbacks(layout.text) if carrying else Fallbacks()
    left_undrawn = _undrawn(layout)
    of_pdf: list[str] = []

    # Each writer imports what it needs: a single format starts as fast as it can.
    def svg() -> bytes:
        return draw_svg(layout).encode()

    def outlines() -> bytes:
        from prismake.prisma.outlines import Glyphs

        return draw_svg(layout, glyphs=Glyphs(fallbacks.fonts)).encode()

    def png(dpi: int) -> bytes:
        from prismake.prisma.png import draw_png

        return draw_png(made_of("svg").decode(), dpi, fallbacks.fonts)

    def pdf() -> bytes:
        from prismake.prisma.pdf import draw_pdf

        data, of_pdf[:] = draw_pdf(made_of("svg").decode(), layout, fallbacks)
        return data

    def pptx() -> bytes:
        from prismake.prisma.slide import draw_slide

        return draw_slide(layout)

    def docx() -> bytes:
        from prismake.prisma.document import draw_document

        return draw_document(layout, made_of("svg").decode(), made_of("png"), put_in_words(flow, layout, labels))

    def html() -> bytes:
        from prismake.prisma.html import draw_html

        tables = (Path(table) if table else None for table in (records, reports))
        return draw_html(flow, *tables, settings).encode()

    def csv() -> bytes:
        from prismake.prisma.rcsv import flow_csv

        return flow_csv(flow).encode()

    writers: dict[str, Callable[[], bytes]] = {
        "svg": svg,
        "outlines": outlines,
        "png": lambda: png(300),
        "png600": lambda: png(600),
        "pdf": pdf,
        "pptx": pptx,
        "docx": docx,
        "html": html,
        "txt": lambda: as_text(put_in_words(flow, layout, labels)).encode(),
        "csv": csv,
        "json": lambda: json_text(flow).encode(),
        "counts": lambda: as_counts(layout).encode(),
        "zip": lambda: _bundle({FILES[name]: made_of(name) for name in FILES if name not in {"zip", *left_undrawn}}),
    }

    def made_of(name: str) -> bytes:
        if name not in made:
            try:
                made[name] = writers[name]()
            except ModuleNotFoundError as error:
                hint = "Install it, or leave the format out with --formats."
                raise PrismakeError(f"{FILES[name]} needs the Python package {error.name}", hint=hint) from error
        return made[name]

    wanted = {FILES[name]: made_of(name) for name in FILES if name in formats and name not in left_undrawn}
    for name, data in wanted.items():
        write_bytes(Path(out_dir) / name, data)
    notes = [*layout.notes, *_notes(flow, layout), *of_pdf]
    if fallbacks.lacking:
        files = ", ".join(FILES[name] for name in FILES if name in carrying)
        notes.append(
            f"No font on this machine has these characters, and {files} show empty boxes for them: "
            f"{' '.join(fallbacks.lacking)}. Install one that has them, such as Noto Sans."
        )
    return [*notes, *(note for name, note in left_undrawn.items() if name in formats or "zip" in formats)]


def _undrawn(layout: Layout) -> dict[str, str]:
    """Why, by the formats that this figure cannot be drawn in."""
    notes = {}
    if needs_shaping(layout.text):
        notes["outlines"] = "its text is in a script whose letters join or run leftwards"
    if layout.height > _TALLEST_SLIDE:
        notes["pptx"] = "the figure is higher than a slide can be (1,422 mm)"
    return {name: f"{FILES[name]} is not drawn: {note}." for name, note in notes.items()}


def _bundle(files: Mapping[str, bytes]) -> bytes:
    """The zip of these files with a README and their hashes; stored, so that equal files give equal bytes anywhere."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    readme = _BUNDLE.read_text(encoding="utf-8").format(version=__version__)
    parts = {"README.txt": readme.encode(), **files, "SHA256SUMS": sums.encode()}
    return zip_bytes(parts.items(), stored=True)


def _notes(flow: Mapping[str, Any], layout: Layout) -> list[str]:
    template = flow.get("template") or "new"
    return [f"The {template} template has no box for {name}." for name in left_out(flow, layout.panels)]
