"""Writing a flow in the formats people share (FILES), and all of them in one zip."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from prismake import __version__
from prismake.archive import zip_bytes
from prismake.errors import PrismakeError
from prismake.prisma.layout import lay_out
from prismake.prisma.panels import left_out
from prismake.prisma.settings import Settings
from prismake.prisma.shapes import Layout
from prismake.prisma.svg import draw_svg
from prismake.prisma.wording import read_labels
from prismake.prisma.words import as_counts, as_text, put_in_words
from prismake.publish import json_text, write_bytes
from prismake.text_metrics import missing_characters

# What each format is called; "zip" holds all others.
FILES = {
    "svg": "flow.svg",
    "png": "flow.png",
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
    written. Raises PrismakeError for an unknown format.
    """
    unknown = sorted(set(formats) - set(FILES))
    if unknown:
        raise PrismakeError(
            f"unknown format '{unknown[0]}'", place="--formats", hint=f"Known formats: {', '.join(FILES)}."
        )
    layout = lay_out(flow, settings)
    labels = read_labels(settings)
    made: dict[str, bytes] = {}

    # Each writer imports what it needs: a single format starts as fast as it can.
    def svg() -> bytes:
        return draw_svg(layout).encode()

    def png() -> bytes:
        from prismake.prisma.png import draw_png

        return draw_png(made_of("svg").decode())

    def pdf() -> bytes:
        from prismake.prisma.pdf import draw_pdf

        return draw_pdf(made_of("svg").decode(), layout)

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
        "png": png,
        "pdf": pdf,
        "pptx": pptx,
        "docx": docx,
        "html": html,
        "txt": lambda: as_text(put_in_words(flow, layout, labels)).encode(),
        "csv": csv,
        "json": lambda: json_text(flow).encode(),
        "counts": lambda: as_counts(layout).encode(),
        "zip": lambda: _bundle({FILES[name]: made_of(name) for name in FILES if name != "zip"}),
    }

    def made_of(name: str) -> bytes:
        if name not in made:
            made[name] = writers[name]()
        return made[name]

    wanted = {FILES[name]: made_of(name) for name in FILES if name in formats}
    for name, data in wanted.items():
        write_bytes(Path(out_dir) / name, data)
    return [*layout.notes, *_notes(flow, layout, formats)]


def _bundle(files: Mapping[str, bytes]) -> bytes:
    """The zip of these files with a README and their hashes; stored, so that equal files give equal bytes anywhere."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    readme = _BUNDLE.read_text(encoding="utf-8").format(version=__version__)
    parts = {"README.txt": readme.encode(), **files, "SHA256SUMS": sums.encode()}
    return zip_bytes(parts.items(), stored=True)


def _notes(flow: Mapping[str, Any], layout: Layout, formats: Collection[str]) -> list[str]:
    notes = [
        f"The {flow.get('template') or 'new'} template has no box for {name}." for name in left_out(flow, layout.panels)
    ]
    lacking = missing_characters(layout.text.replace("\n", ""))
    if lacking and {"png", "pdf", "docx", "zip"} & set(formats):
        notes.append(f"The font lacks these characters, and pictures show empty boxes for them: {' '.join(lacking)}")
    return notes
