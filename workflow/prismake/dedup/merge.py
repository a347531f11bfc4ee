"""One record per report out of the records of a cluster.

Identity (id, source, run, file) is that of the member first seen. The abstract is the longest. Lists that add up are
united. Every other field is that of the first source, in the order given, that has it. trace_fields tells where
each value comes from.
"""

from collections.abc import Sequence

import polars as pl
from polars import col

from prismake.records import REPORT_SCHEMA, SCHEMA, TEXTS

IDENTITY = ("record_id", "source_id", "run_date", "source_record_id", "raw_file", "raw_position")
IDENTIFIERS = ("doi", "pmid", "pmcid")
UNITED = ("registry_ids", "issn", "keywords", "mesh", "publication_types")
FIELD_COLUMNS = ["report_id", "field", "record_id"]
_FIRST = [name for name in SCHEMA if name not in (*IDENTITY, *UNITED, "abstract")]


def merge_records(records: pl.DataFrame, clusters: pl.Series, order: Sequence[str] = ()) -> pl.DataFrame:
    """A table of REPORT_SCHEMA, sorted by report_id.

    `records`: SCHEMA and source_rank, in order first seen; `clusters`: per record the row number of its first member;
    `order`: the sources whose fields are taken first, in place of the order of source_rank.
    """
    seen = _with_reports(records, clusters, order)
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
    for part in (fields, abstracts, members, *(_united(several, name) for name in ("identifiers", *UNITED))):
        merged = merged.join(part, on="report_id", how="left")
    names = list(REPORT_SCHEMA)
    return pl.concat([alone.select(names), merged.select(names)]).cast(REPORT_SCHEMA).sort("report_id")


def trace_fields(records: pl.DataFrame, clusters: pl.Series, order: Sequence[str] = ()) -> pl.DataFrame:
    """FIELD_COLUMNS, sorted: for each report of several records, the record that each of its values comes from.

    A field that unites lists has a row for each record that has any; the others have one.
    """
    seen = _with_reports(records, clusters, order).filter(pl.len().over("cluster") > 1)
    seen = seen.sort("cluster", "source_rank", "row")
    traced = [
        seen.filter(col("row") == col("cluster")).select("report_id", "record_id", field=pl.lit(name))
        for name in IDENTITY
        if name != "record_id"
    ]
    for name in _FIRST:
        has = seen.filter(col(name).is_not_null()).select("report_id", "record_id", field=pl.lit(name))
        traced.append(has.unique("report_id", keep="first", maintain_order=True))
    longest = seen.filter(col("abstract").is_not_null()).sort(
        col("abstract").str.len_chars(), descending=True, maintain_order=True
    )
    longest = longest.select("report_id", "record_id", field=pl.lit("abstract"))
    traced.append(longest.unique("report_id", keep="first", maintain_order=True))
    for name in UNITED:
        traced.append(seen.filter(col(name).is_not_null()).select("report_id", "record_id", field=pl.lit(name)))
    return pl.concat(traced).select(FIELD_COLUMNS).sort(FIELD_COLUMNS)


def _with_reports(records: pl.DataFrame, clusters: pl.Series, order: Sequence[str]) -> pl.DataFrame:
    """The records with row, cluster and report_id, and source_rank by `order` where it names the source."""
    ranks = {source: number - len(order) for number, source in enumerate(order)}
    rank = col("source_id").replace_strict(ranks, default=col("source_rank").cast(pl.Int64), return_dtype=pl.Int64)
    named = [pl.lit(f"{name}:") + col(name) for name in IDENTIFIERS]
    listed = pl.concat_list(named).list.drop_nulls()
    return records.with_row_index("row").with_columns(
        identifiers=pl.when(listed.list.len() > 0).then(listed),
        cluster=clusters,
        report_id=col("record_id").gather(clusters),
        source_rank=rank if ranks else "source_rank",
    )


def _united(several: pl.DataFrame, name: str) -> pl.DataFrame:
    """Per report the items of all its records, each once however it is spelt in capitals; in order of the sources."""
    items = several.sort("cluster", "source_rank", "row").select("report_id", name).explode(name).drop_nulls()
    items = items.with_columns(folded=col(name).str.to_lowercase())
    items = items.unique(["report_id", "folded"], keep="first", maintain_order=True)
    return items.group_by("report_id", maintain_order=True).agg(name).cast({name: TEXTS})
