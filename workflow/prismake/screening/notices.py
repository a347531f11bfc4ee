"""Reports that were retracted, corrected or put in doubt, as far as their records say so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from polars import col

from prismake.data_files import read_data
from prismake.publish import read_csv, write_csv

COLUMNS = ["report_id", "notice", "detail"]
RELATIONS = ("retraction notice and article", "correction and article")  # of relations.csv
_SHOWN = 120  # characters of a title


def write_notices(records: pl.DataFrame, aliases: Mapping[str, str], relations: Path, out: Path) -> None:
    """COLUMNS, sorted: retracted, expression of concern or corrected, and what tells so.

    `records`: all of every run, for a later search delivers the mark that an earlier one could not know.
    """
    words = read_data("screening/notices.yaml")
    said = records.select(
        "record_id",
        title=col("title").fill_null(""),
        types=col("publication_types").list.eval(pl.element().str.to_lowercase()),
    )
    rows = set()
    is_notice = pl.any_horizontal(_typed(marks) for marks in words["notices"].values())
    for notice, marks in words["reports"].items():
        for row in said.filter(_typed(marks) | (_titled(marks) & ~is_notice)).iter_rows(named=True):
            type_ = next((name for name in row["types"] or () if name in marks["types"]), "")
            how = f"publication type '{type_}'" if type_ else f"title {row['title'][:_SHOWN]}"
            rows.add((aliases[row["record_id"]], notice, f"{row['record_id']}: {how}"))
    linked = [row for row in read_csv(relations) if row["relation"] in RELATIONS]
    ends = {row[end] for row in linked for end in ("record_id_1", "record_id_2")}
    called = _called(said.filter(col("record_id").is_in(ends)), words["notices"])
    for row in linked:
        one, other = row["record_id_1"], row["record_id_2"]
        for article, by in ((one, other), (other, one)):
            if by in called and article not in called:
                notice, title = called[by]
                rows.add((aliases[article], notice, f"{by}: {title[:_SHOWN]}"))
    write_csv(out, COLUMNS, sorted(rows))


def _typed(marks: Mapping[str, Any]) -> pl.Expr:
    return col("types").list.set_intersection(pl.lit(marks["types"])).list.len().fill_null(0) > 0


def _titled(marks: Mapping[str, Any]) -> pl.Expr:
    return col("title").str.contains(f"(?i)^{marks['titles']}")


def _called(said: pl.DataFrame, notices: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """record id -> the kind of notice that it is, and its title; for those that are one."""
    kind = pl.lit("")
    for notice, marks in reversed(notices.items()):
        kind = pl.when(_typed(marks) | _titled(marks)).then(pl.lit(notice)).otherwise(kind)
    named = said.with_columns(kind=kind).filter(col("kind") != "")
    return {
        record_id: (kind, title) for record_id, kind, title in named.select("record_id", "kind", "title").iter_rows()
    }
