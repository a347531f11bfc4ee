"""The pairs behind the clusters: what was merged and why, and what a person should look at."""

from collections.abc import Iterable, Mapping

import polars as pl
from polars import col

from prismake.dedup.cluster import Pair
from prismake.dedup.decide import explain
from prismake.dedup.decisions import Settled
from prismake.dedup.relations import CERTAIN

# What the reasons go by: similarities from 0 to 1, a gap in years, 1 same and -1 different, a name; null = not told.
FEATURES = ["title", "authors", "year_gap", "journal", "volume", "issue", "page", "same_doi", "same_pmid", "abstract"]
PAIR_COLUMNS = ["record_id_1", "record_id_2", "band", "score", "reasons", *FEATURES]


def pair_table(pairs: Iterable[Pair]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema={"a": pl.UInt32, "b": pl.UInt32}, orient="row")


def list_pairs(
    compared: pl.DataFrame, roots: pl.Series, ids: pl.Series, settled: Settled, notes: Mapping[Pair, str]
) -> pl.DataFrame:
    """PAIR_COLUMNS, sorted by band, falling score and ids.

    merge: compared, and in one cluster in the end. review: uncertain, vetoed, refused or disputed, and in two clusters
    that no verdict and no certain relation holds apart. `roots` and `ids` are per row; `notes` are what stands behind
    the score's reasons.
    """
    told = pair_table(sorted(settled.same | settled.disputed)).with_columns(told=pl.lit(True))
    listed = compared.join(told, on=["a", "b"], how="left").filter((col("band") != "keep") | col("told"))
    listed = _with_roots(listed, roots).with_columns(explain(listed).alias("reasons"))
    held_apart = _with_roots(pair_table(sorted(settled.different)), roots).select("first", "last").unique()
    listed = listed.join(held_apart, on=["first", "last"], how="anti")
    related = _with_roots(compared.filter(CERTAIN), roots).select("first", "last", related=True).unique()
    listed = listed.join(related, on=["first", "last"], how="left")
    listed = listed.filter((col("band") == "merge") | col("told") | col("related").is_null())
    noted = pair_table(notes).with_columns(pl.Series("note", list(notes.values()), dtype=pl.String))
    together = col("first") == col("last")
    return (
        listed.join(noted, on=["a", "b"], how="left")
        .select(
            record_id_1=pl.lit(ids).gather("a"),
            record_id_2=pl.lit(ids).gather("b"),
            band=pl.when(together).then(pl.lit("merge")).otherwise(pl.lit("review")),
            score="score",
            reasons=pl.concat_str("reasons", "note", separator="; ", ignore_nulls=True),
            **{name: name if name == "journal" else col(name).cast(pl.Float64).round(2) for name in FEATURES},
        )
        .sort("band", "score", "record_id_1", "record_id_2", descending=[False, True, False, False])
    )


def _with_roots(pairs: pl.DataFrame, roots: pl.Series) -> pl.DataFrame:
    """With `first` and `last`: the pair's two clusters, the same when it is in one."""
    ends = pl.DataFrame({"one": roots.gather(pairs["a"]), "other": roots.gather(pairs["b"])})
    ends = ends.select(first=pl.min_horizontal("one", "other"), last=pl.max_horizontal("one", "other"))
    return pl.concat([pairs, ends], how="horizontal")
