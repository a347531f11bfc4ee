"""Fields of a source that cannot be trusted: a reference manager's running number in the place of the issue."""

import polars as pl

_DISTINCT = 0.5  # share of distinct issues from which on they look like running numbers
_CONTRADICTED = 0.5  # share of articles that occur twice and whose copies name different issues
_ENOUGH = 20  # records with an issue, before anything is said of a source


def doubtful_issues(normalised: pl.DataFrame) -> list[str]:
    """The sources whose issue nearly always differs and contradicts the copies of the same article; sorted."""
    issues = normalised.filter(pl.col("issue").is_not_null())
    running = (
        issues.group_by("source_id")
        .agg(distinct=pl.col("issue").n_unique() / pl.len(), records=pl.len())
        .filter((pl.col("distinct") > _DISTINCT) & (pl.col("records") >= _ENOUGH))
    )
    articles = (
        issues.filter(pl.all_horizontal(pl.col("letters", "volume", "first_page").is_not_null()))
        .group_by("letters", "volume", "first_page")
        .agg("source_id", copies=pl.len(), contradicted=pl.col("issue").n_unique() > 1)
        .filter(pl.col("copies") > 1)
    )
    contradicted = (
        articles.explode("source_id")
        .unique()
        .group_by("source_id")
        .agg(pl.col("contradicted").mean())
        .filter(pl.col("contradicted") > _CONTRADICTED)
    )
    return running.join(contradicted, on="source_id")["source_id"].sort().to_list()
