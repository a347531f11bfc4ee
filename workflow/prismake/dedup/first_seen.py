"""Records in the order in which the review came to see them, each once, however many runs found it again."""

from collections.abc import Sequence

import polars as pl
from polars import col

from prismake.errors import PrismakeError
from prismake.records import SCHEMA

# Of a record that several runs found: what says where it was first seen; the other fields fill each other's gaps.
_IDENTITY = ["source_id", "source_rank", "run_date", "source_record_id", "raw_file", "raw_position"]


def first_seen(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The records of all tables (SCHEMA), each record_id once, with source_rank, sorted by when they were first seen.

    That is by run (without a date first), then source (in order of the tables; several in one table by name), then id.
    Raises PrismakeError when one run holds a record twice with different contents.
    """
    tables = [frame.select(list(SCHEMA)).cast(SCHEMA).with_columns(table=n) for n, frame in enumerate(frames)]
    records = pl.concat([pl.DataFrame(schema={**SCHEMA, "table": pl.Int32}), *tables])
    sources = records.group_by("source_id").agg(col("table").min()).sort("table", "source_id")
    sources = sources.select("source_id").with_row_index("source_rank")
    order = ["run_date", "source_rank", "record_id"]
    records = records.drop("table").join(sources, on="source_id", how="left").sort(order)
    found_again = pl.len().over("record_id") > 1
    again = records.filter(found_again).unique(maintain_order=True)
    twice = again.filter(pl.struct("record_id", "run_date").is_duplicated())
    if twice.height:
        raise PrismakeError(
            f"the record {twice['record_id'][0]} occurs twice in one run, with different contents",
            place=twice["raw_file"][0] or "",
            hint="Give the records of every run once.",
        )
    fields = [name for name in SCHEMA if name not in (*_IDENTITY, "record_id")]
    filled = again.group_by("record_id", maintain_order=True).agg(
        col(_IDENTITY).first(), *(col(name).drop_nulls().first() for name in fields)
    )
    return pl.concat([records.filter(~found_again), filled.select(records.columns)]).sort(order)
