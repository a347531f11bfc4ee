"""The files of a review that deduplication reads."""

from pathlib import Path

from prismake.config import read_config
from prismake.errors import PrismakeError


def review_files(review: Path) -> tuple[list[Path], list[Path]]:
    """The tables of records, in the order of the sources, and the files of verdicts. Raises PrismakeError."""
    tables = [review / f"results/search/sources/{name}.parquet" for name in read_config(review)["search"]["sources"]]
    if not all(table.exists() for table in tables):
        raise PrismakeError(
            "this review has no records yet", place=review.as_posix(), hint="Run `snakemake`, or give --records."
        )
    found = (review / "resources/deduplication").rglob("*")
    return tables, sorted(path for path in found if path.is_file() and not path.name.startswith((".", "~$")))
