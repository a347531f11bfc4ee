"""Reading the tables that the stages before left under results/, as text."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from prismake.errors import PrismakeError

Row = dict[str, Any]


def read_table(path: Path, columns: list[str]) -> pl.DataFrame:
    """A CSV of this project as text; these columns are there in any case."""
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    if not path.is_file() or path.stat().st_size == 0:
        return empty
    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _not_ours(path) from error
    return frame.with_columns(pl.lit("").alias(name) for name in columns if name not in frame.columns)


def rows(path: Path, columns: list[str]) -> list[Row]:
    return read_table(path, columns).to_dicts()


def read_json(path: Path, empty: Any) -> Any:
    if not path.is_file() or path.stat().st_size == 0:
        return empty
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _not_ours(path) from error


def _not_ours(path: Path) -> PrismakeError:
    hint = "Delete it and run `snakemake` again; it will be made anew."
    return PrismakeError("this file is damaged", place=path.as_posix(), hint=hint)
