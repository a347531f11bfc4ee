"""Records as a worse database, an export or a spreadsheet program would have delivered them: seeded, for benchmarks.

Every record takes each damage by its own chance, so that the two copies of a report are damaged differently, and so
that different reports with look-alike titles lose what tells them apart.
"""

import numpy as np
import polars as pl
from polars import col

# Chances of a record; what a field lacks cannot be damaged.
CHANCES = {
    "no DOI": 0.35,
    "no PMID": 0.35,
    "no abstract": 0.3,
    "abstract with headings": 0.15,
    "no pages": 0.12,
    "first page only": 0.15,
    "last page shortened": 0.3,
    "pages made a date": 0.5,
    "no volume": 0.08,
    "no issue": 0.25,
    "year of print": 0.08,
    "no authors": 0.04,
    "first authors only": 0.1,
    "initials": 0.35,
    "given names first": 0.15,
    "journal abbreviated": 0.35,
    "no journal": 0.03,
    "title in capitals": 0.08,
    "title cut off": 0.04,
    "title without subtitle": 0.05,
    "slip in the title": 0.08,
}
_KEPT = 70  # letters of a title that was cut off
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SMALL_WORDS = r"(?i)\b(?:the|of|and|for|in|on|a|an|de|la|der|die|und|et|&)\s+"


def damage(records: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same rows (SCHEMA) with damaged fields; ids are kept."""
    rng = np.random.default_rng(seed)
    hit = {name: pl.Series(name, rng.random(records.height) < chance) for name, chance in CHANCES.items()}
    at = pl.Series("at", rng.integers(5, 60, records.height))
    return (
        records.with_columns(hit.values())
        .with_columns(at)
        .with_columns(
            _lost("doi", "no DOI"),
            _lost("url", "no DOI"),
            _lost("pmid", "no PMID"),
            _lost("volume", "no volume"),
            _lost("issue", "no issue"),
            _lost("authors", "no authors"),
            _lost("journal", "no journal"),
            year=col("year") + col("year of print").cast(pl.Int32),
            abstract=_made("abstract", "abstract with headings", pl.format("BACKGROUND AND AIMS: {}", "abstract")),
            pages=_made("pages", "last page shortened", _shortened()),
            title=_made("title", "slip in the title", _slip()),
        )
        .with_columns(
            _lost("abstract", "no abstract"),
            pages=_made("pages", "first page only", col("pages").str.extract(r"^([^-–]+)")),
            title=_made("title", "title without subtitle", col("title").str.extract(r"^(.{25,}?)\s*[:?.] ")),
            authors=_made("authors", "first authors only", col("authors").list.head(3)),
            journal=_made("journal", "journal abbreviated", _abbreviated()),
        )
        .with_columns(
            pages=_made("pages", "pages made a date", _date()),
            title=_made("title", "title cut off", pl.concat_str(col("title").str.head(_KEPT), pl.lit("..."))),
            authors=_made("authors", "initials", col("authors").list.eval(_initials(pl.element()))),
        )
        .with_columns(
            _lost("pages", "no pages"),
            title=_made("title", "title in capitals", col("title").str.to_uppercase()),
            authors=_made("authors", "given names first", col("authors").list.eval(_given_first(pl.element()))),
        )
        .select(records.columns)
    )


def _lost(field: str, name: str) -> pl.Expr:
    return pl.when(~col(name)).then(field).alias(field)


def _made(field: str, name: str, changed: pl.Expr) -> pl.Expr:
    """The field, changed where the damage hits and there is something to change."""
    return pl.when(col(name)).then(pl.coalesce(changed, field)).otherwise(field)


def _shortened() -> pl.Expr:
    """244-258 as 244-58: without the digits that both pages begin with."""
    first, last = col("pages").str.extract(r"^(\d+)\s*-+\s*\d+$"), col("pages").str.extract(r"^\d+\s*-+\s*(\d+)$")
    shared = pl.when(first.str.len_chars() == last.str.len_chars())
    head = pl.coalesce(
        *(shared.then(pl.when(first.str.head(n) == last.str.head(n)).then(n)) for n in (3, 2, 1)), pl.lit(0)
    )
    head = pl.min_horizontal(head, last.str.len_chars().cast(pl.Int32) - 1)
    return pl.concat_str(first, pl.lit("-"), last.str.slice(head))


def _date() -> pl.Expr:
    """1-9 as 01-Sep, as a spreadsheet program takes it."""
    parts = col("pages").str.extract_groups(r"^(?<day>[1-9]|[12]\d|3[01])-(?<month>[1-9]|1[0-2])$")
    month = parts.struct["month"].replace_strict({str(n): m for n, m in enumerate(_MONTHS, 1)}, default=None)
    return pl.concat_str(parts.struct["day"].str.zfill(2), pl.lit("-"), month)


def _slip() -> pl.Expr:
    """Two letters of the title in the wrong order."""
    title, at = col("title"), col("at")
    turned = title.str.slice(at + 1, 1) + title.str.slice(at, 1) + title.str.slice(at + 2)
    return pl.when(title.str.len_chars() > at + 2).then(pl.concat_str(title.str.slice(0, at), turned))


def _abbreviated() -> pl.Expr:
    """Journal of Vesicle Biology as J. Vesic. Biol., by the look of it and not by the list of abbreviations."""
    short = col("journal").str.replace_all(_SMALL_WORDS, "").str.replace_all(r"(?i)\bjournal\b", "J.")
    return short.str.replace_all(r"\b(\p{L}{4,5})\p{L}{2,}", "${1}.")


def _initials(name: pl.Expr) -> pl.Expr:
    """Okonjo-Reyes AT for Okonjo-Reyes, Amara T."""
    given = name.str.extract(r",\s*(.*)$").str.replace_all(r"(\p{Lu})[^\p{Lu}]*", "${1}")
    return pl.coalesce(pl.concat_str(name.str.extract(r"^([^,]+),"), pl.lit(" "), given), name)


def _given_first(name: pl.Expr) -> pl.Expr:
    turned = pl.concat_str(name.str.extract(r",\s*(.*)$"), pl.lit(" "), name.str.extract(r"^([^,]+),"))
    return pl.coalesce(turned, name)
