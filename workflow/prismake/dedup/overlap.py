"""Which sources found the same reports: a table of their combinations, and its picture.

The picture is an UpSet plot (Lex et al. 2014, doi:10.1109/TVCG.2014.2346248): a bar for each combination of sources,
dots that name them, and a bar for each source's total.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
from polars import col

from prismake.publish import write_csv, write_text
from prismake.records import REPORT_SCHEMA, read_parquet
from prismake.text_metrics import clean, missing_characters, text_width

OVERLAP_COLUMNS = ["sources", "number_of_sources", "reports"]
SHOWN = 24  # combinations that the picture shows; the table has them all
_FONT = "'Liberation Sans', Arial, Helvetica, sans-serif"
_INK, _GREY, _FAINT, _STRIPE, _BLUE = "#1f2328", "#59636e", "#d5dbe1", "#f4f6f8", "#2f6690"
_SIZE, _ROW, _STEP, _BAR, _DOT = 11, 24, 30, 16, 5.6  # font; row, column and bar in px; radius of a dot
_TOP, _RISE, _SPREAD, _EDGE = 54, 150, 110, 14  # heading; longest bars up and sideways; margin


@dataclass(frozen=True)
class Overlap:
    names: dict[str, str]  # of the sources that found anything, in order
    totals: dict[str, int]  # reports of each source
    combinations: list[tuple[tuple[str, ...], int]]  # sources together, reports of exactly these; most reports first


def count_overlap(unique: pl.DataFrame, names: Mapping[str, str]) -> Overlap:
    """The combinations of sources among the merged reports (REPORT_SCHEMA); `names`: every source, in order."""
    rank = {source: number for number, source in enumerate(names)}
    counted = unique.group_by(col("sources").list.sort().list.join("\n")).agg(pl.len())
    found: list[tuple[tuple[str, ...], int]] = []
    for joined, number in counted.iter_rows():
        found.append((tuple(sorted(joined.split("\n"), key=lambda s: (rank.get(s, len(rank)), s))), number))
    found.sort(key=lambda item: (-item[1], len(item[0]), [rank.get(s, len(rank)) for s in item[0]], item[0]))
    totals: dict[str, int] = {}
    for sources, number in found:
        for source in sources:
            totals[source] = totals.get(source, 0) + number
    known = [*names, *sorted(totals.keys() - names.keys())]
    return Overlap({s: names.get(s, s) for s in known if s in totals}, totals, found)


def write_overlap(unique: Path, names: Mapping[str, str], table: Path, figure: Path) -> None:
    """overlap.csv (OVERLAP_COLUMNS) and the picture."""
    overlap = count_overlap(read_parquet(unique, REPORT_SCHEMA), names)
    rows = (("; ".join(sources), len(sources), number) for sources, number in overlap.combinations)
    write_csv(table, OVERLAP_COLUMNS, rows)
    write_text(figure, draw_overlap(overlap))


def draw_overlap(overlap: Overlap) -> str:
    """The picture as an SVG document that ends in a newline."""
    columns = overlap.combinations[:SHOWN]
    labels = {source: _short(name) for source, name in overlap.names.items()}
    name_width = max((text_width(label, _SIZE) for label in labels.values()), default=0)
    left = _EDGE + _SPREAD + 44 + name_width + 28
    width = max(left + _STEP * max(len(columns), 1) + _EDGE, 420)
    matrix = _TOP + _RISE + 26
    more = overlap.combinations[SHOWN:]
    height = matrix + _ROW * len(labels) + (34 if more else 16)
    title, told = "Reports by the sources that found them", _describe(overlap)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="overlap" role="img" aria-labelledby="overlap-title" '
        f'aria-describedby="overlap-description" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" font-family="{_FONT}" font-size="{_SIZE}" fill="{_INK}">',
        f'<title id="overlap-title">{title}</title>',
        f'<desc id="overlap-description">{escape(told)}</desc>',
        f'<rect width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>',
        f'<text x="{_EDGE}" y="24" font-size="14" font-weight="bold">{title}</text>',
        f'<text x="{_EDGE}" y="42" fill="{_GREY}">Each report counts once, in the column of exactly the sources that '
        "found it.</text>",
        *_rows(overlap, labels, left, matrix, width),
        *_columns(columns, list(labels), left, matrix),
    ]
    if more:
        rest = f"{len(more):,} other combinations with {sum(n for _, n in more):,} reports are in the table."
        parts.append(f'<text x="{_n(left)}" y="{_n(height - 12)}" fill="{_GREY}">{rest}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _rows(overlap: Overlap, labels: Mapping[str, str], left: float, top: float, width: float) -> Iterator[str]:
    """A stripe, a name and a bar to the left for each source."""
    most = max(overlap.totals.values(), default=1)
    edge = _EDGE + 44 + _SPREAD
    yield f'<text x="{_n(edge)}" y="{_n(top - 10)}" text-anchor="end" fill="{_GREY}">Reports of each source</text>'
    for number, (source, label) in enumerate(labels.items()):
        y = top + number * _ROW
        if number % 2 == 0:
            yield f'<rect x="{_EDGE}" y="{_n(y)}" width="{_n(width - 2 * _EDGE)}" height="{_ROW}" fill="{_STRIPE}"/>'
        length = max(_SPREAD * overlap.totals[source] / most, 1)
        middle = y + _ROW / 2 + 0.34 * _SIZE
        yield (
            f'<rect x="{_n(edge - length)}" y="{_n(y + 5)}" width="{_n(length)}" height="{_ROW - 10}" fill="{_GREY}"/>'
            f'<text x="{_n(edge - length - 5)}" y="{_n(middle)}" text-anchor="end">{overlap.totals[source]:,}</text>'
            f'<text x="{_n(left - 12)}" y="{_n(middle)}" text-anchor="end">{escape(label)}</text>'
        )


def _columns(columns: list[tuple[tuple[str, ...], int]], order: list[str], left: float, top: float) -> Iterator[str]:
    """A bar and dots for each combination; what one source alone found is blue."""
    most = max((number for _, number in columns), default=1)
    base = top - 26
    end = left + _STEP * len(columns)
    yield f'<line x1="{_n(left)}" y1="{_n(base)}" x2="{_n(end)}" y2="{_n(base)}" stroke="{_INK}"/>'
    for place, (sources, number) in enumerate(columns):
        x = left + _STEP * (place + 0.5)
        rise = max((_RISE - 16) * number / most, 1)
        ink = _BLUE if len(sources) == 1 else _INK
        size = _SIZE if text_width(f"{number:,}", _SIZE) < _STEP - 2 else 8.5
        yield (
            f'<rect x="{_n(x - _BAR / 2)}" y="{_n(base - rise)}" width="{_BAR}" height="{_n(rise)}" fill="{ink}"/>'
            f'<text x="{_n(x)}" y="{_n(base - rise - 4)}" font-size="{size}" text-anchor="middle">{number:,}</text>'
        )
        rows = [order.index(source) for source in sources]
        middles = [top + _ROW * (row + 0.5) for row in range(len(order))]
        if len(rows) > 1:
            ends = f'y1="{_n(middles[min(rows)])}" x2="{_n(x)}" y2="{_n(middles[max(rows)])}"'
            yield f'<line x1="{_n(x)}" {ends} stroke="{_INK}" stroke-width="2.4"/>'
        for row, y in enumerate(middles):
            yield f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_DOT}" fill="{ink if row in rows else _FAINT}"/>'


def _describe(overlap: Overlap) -> str:
    told = [f"{' and '.join(overlap.names[s] for s in sources)}: {n:,}" for sources, n in overlap.combinations[:SHOWN]]
    return clean("Reports found by exactly these sources. " + "; ".join(told) + ".")


def _short(name: str) -> str:
    """The name in what the font can draw, not wider than a column of names."""
    name = clean(name)
    name = "".join("?" if letter in missing_characters(name) else letter for letter in name)
    while text_width(name, _SIZE) > 190:
        name = name[:-2].rstrip() + "…"
    return name


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
