"""One record per report out of the records of a cluster.

Identity (id, source, run, file) is that of the member first seen. The abstract is the longest. Lists that add up are
united. Every other field is that of the first source, in the order given, that has it.
"""

import polars as pl
from polars import col

from prismake.records import REPORT_SCHEMA, SCHEMA, TEXTS

IDENTITY = ("record_id", "source_id", "run_date", "source_record_id", "raw_file", "raw_position")
UNITED = ("registry_ids", "issn", "keywords", "mesh", "publication_types")
_FIRST = [name for name in SCHEMA if name not in (*IDENTITY, *UNITED, "abstract")]


def merge_records(records: pl.DataFrame, clusters: pl.Series) -> pl.DataFrame:
    """A table of REPORT_SCHEMA, sorted by report_id.

    `records`: SCHEMA and source_rank, in order first seen; `clusters`: per record the row number of its first member.
    """
    seen = records.with_row_index("row").with_columns(cluster=clusters, report_id=col("record_id").gather(clusters))
    alone = seen.filter(pl.len().over("cluster") == 1).with_columns(
        members=pl.concat_list("record_id"), sources=pl.concat_list("source_id")
    )
    several = seen.filter(pl.len().over("cluster") > 1)
    first = several.filter(col("row") == col("cluster")).select("report_id", *IDENTITY)
    by_source = several.sort("cluster", "source_rank", "row").group_by("report_id", maintain_order=True)
    fields = by_source.agg(col(name).drop_nulls().first() for name in _FIRST)
    abstracts = by_source.agg(col("abstract").get(col("abstract").str.len_chars().arg_max(), null_on_oob=True))
    members = several.group_by("report_id", maintain_order=True).agg(
        members=col("record_id").sort(), sources=col("source_id").unique(maintain_order=True)
    )
    merged = first
    for part in (fields, abstracts, members, *(_united(several, name) for name in UNITED)):
        merged = merged.join(part, on="report_id", how="left")
    names = list(REPORT_SCHEMA)
    return pl.concat([alone.select(names), merged.select(names)]).cast(REPORT_SCHEMA).sort("report_id")


def _united(several: pl.DataFrame, name: str) -> pl.DataFrame:
    """Per report the items of all its records, each once however it is spelt in capitals; in order of the sources."""
    items = several.sort("cluster", "source_rank", "row").select("report_id", name).explode(name).drop_nulls()
    items = items.with_columns(folded=col(name).str.to_lowercase())
    items = items.unique(["report_id", "folded"], keep="first", maintain_order=True)
    return items.group_by("report_id", maintain_order=True).agg(name).cast({name: TEXTS})
