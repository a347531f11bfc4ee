"""Which pairs of records are worth comparing: those that share one of several keys.

Each key is a hash join. A key shared by many records (a common title beginning, a page number) is not multiplied out:
its records are sorted by title and each is paired with the next few.
"""

import polars as pl

from prismake.dedup.normalise import words

BLOCK = 40  # records that share a key and are still all compared with each other
NEIGHBOURS = 10  # in a larger block, each with this many that follow it in order of title
ENDS = 24  # letters of a title's beginning and end
ABSTRACT_START = 80
# The first letters of a journal's first two words: in a large corpus page and volume alone are shared by chance.
_JOURNAL = (
    pl.col("journal")
    .str.replace_all(rf"\b(?:{'|'.join(words()['journal_stop_words'])})\b ?", "")
    .str.replace_all(r"(\w)\w* ?", "${1}")
    .str.head(2)
)
KEYS: dict[str, list[pl.Expr]] = {
    "accession": [pl.col("accession")],
    "DOI": [pl.col("doi")],
    "PMID": [pl.col("pmid")],
    "PMCID": [pl.col("pmcid")],
    "title": [pl.col("letters")],
    "title words": [pl.col("words").list.sort().list.join(" ")],
    "title beginning": [pl.col("subject").str.head(ENDS)],
    "title end": [pl.col("letters").str.tail(ENDS)],
    "place": [pl.col("first_page"), pl.col("volume"), _JOURNAL],
    "author, page": [pl.col("first_page"), pl.col("first_name"), pl.col("year")],
    "author, volume": [pl.col("first_name"), pl.col("volume"), pl.col("year"), pl.col("words").list.first()],
    "abstract": [pl.col("abstract").str.head(ABSTRACT_START)],
}


def find_candidates(normalised: pl.DataFrame) -> pl.DataFrame:
    """Pairs a < b of row numbers of `normalised` (UInt32), sorted, each once."""
    rows = normalised.with_row_index("row")
    return pl.concat([_pairs_of(rows, parts) for parts in KEYS.values()]).unique().sort("a", "b")


def _pairs_of(rows: pl.DataFrame, parts: list[pl.Expr]) -> pl.DataFrame:
    present = pl.all_horizontal(part.is_not_null() for part in parts)
    key = pl.struct(part.alias(str(number)) for number, part in enumerate(parts)).hash()
    keyed = rows.filter(present).select("row", "letters", key=key)
    keyed = keyed.with_columns(pl.len().over("key").alias("size")).filter(pl.col("size") > 1)
    small = keyed.filter(pl.col("size") <= BLOCK).select("key", "row")
    pairs = small.join(small, on="key").filter(pl.col("row") < pl.col("row_right"))
    found = [pairs.select(a="row", b="row_right")]
    large = keyed.filter(pl.col("size") > BLOCK).sort("key", "letters", "row")
    for step in range(1, NEIGHBOURS + 1) if large.height else ():
        later = pl.col("key", "row").shift(-step).name.suffix("_later")
        near = large.with_columns(later).filter(pl.col("key") == pl.col("key_later")).select("row", "row_later")
        found.append(near.select(a=pl.min_horizontal(pl.all()), b=pl.max_horizontal(pl.all())))
    return pl.concat(found)
