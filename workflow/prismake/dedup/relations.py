"""Reports that are no copies and yet belong together: a preprint and its article, an article and its erratum.

They stay two reports. The pairs are those that were compared and lie in two clusters, besides registrations and the
publications that name their number.
"""

import polars as pl
from polars import col

from prismake.dedup.decide import LONG, NAMED, ONE_REGISTRATION, OTHER_PLACE, SAME_AUTHORS, SAME_WORK, VETOES, explain

RELATION_COLUMNS = ["record_id_1", "record_id_2", "relation", "reasons"]


def _one_is(name: str, *kinds: str) -> pl.Expr:
    """One of the two is of one of these kinds, and the other is not."""
    return col(f"{name}_1").is_in(kinds) != col(f"{name}_2").is_in(kinds)


# The title of one holds that of the other; its authors may be others ("Erratum: ...", "...: authors' reply").
_NAMES_IT = NAMED & LONG & (col("subtitle_missing") | (col("title_set") >= 0.97) | col("same_subject"))
_WORK = SAME_WORK | (NAMED & SAME_AUTHORS & (col("title") >= 0.85))
_STAGE = col("stage_1") + col("stage_2")
# The first that holds names the relation; null counts as no.
RELATIONS: list[tuple[str, pl.Expr]] = [
    ("retraction notice and article", _NAMES_IT & _one_is("notice", "retraction")),
    ("correction and article", _NAMES_IT & _one_is("notice", "correction")),
    ("reply or comment and article", _NAMES_IT & _one_is("notice", "comment", "reply")),
    ("registration and publication", _WORK & _one_is("kind", "registration")),
    ("preprint and article", _WORK & _one_is("kind", "preprint")),
    ("conference abstract and article", _WORK & _one_is("kind", "conference")),
    ("update of a review", _WORK & (col("updated_series") | (col("stage_differs") & _STAGE.str.contains("updat")))),
    ("parts of one work", NAMED & SAME_AUTHORS & (col("title") >= 0.85) & col("other_part")),
    ("protocol and report", _WORK & col("stage_differs") & _STAGE.str.contains("protocol|rationale")),
    ("translation", _WORK & SAME_AUTHORS & col("language_differs")),
]
# Nobody need be asked: the two say what they are, and have DOIs or places of their own.
CERTAIN = (
    pl.any_horizontal(veto.holds.fill_null(False) for veto in VETOES if veto.says == "relation")
    & pl.any_horizontal(holds.fill_null(False) for _, holds in RELATIONS)
    & (OTHER_PLACE | ONE_REGISTRATION | (~col("same_doi")).fill_null(False))
)


def find_relations(compared: pl.DataFrame, normalised: pl.DataFrame, roots: pl.Series) -> pl.DataFrame:
    """RELATION_COLUMNS, a row for each pair of clusters, sorted by relation and ids.

    `compared`: the pairs with their features and score; `roots`: per record the first row of its cluster.
    """
    relation = pl.when(False).then(None)
    for name, holds in RELATIONS:
        relation = relation.when(holds.fill_null(False)).then(pl.lit(name))
    found = compared.with_columns(relation=relation.otherwise(None)).drop_nulls("relation")
    found = found.with_columns(explain(found).alias("reasons")).select("a", "b", "relation", "score", "reasons")
    found = pl.concat([found, _registered(normalised)])
    ends = [roots.gather(found[end]).alias(end + "_root") for end in "ab"]
    return (
        found.with_columns(ends)
        .filter(col("a_root") != col("b_root"))
        .with_columns(first=pl.min_horizontal("a_root", "b_root"), last=pl.max_horizontal("a_root", "b_root"))
        .sort("first", "last", "score", "a", "b", descending=[False, False, True, False, False])
        .unique(["first", "last"], keep="first", maintain_order=True)
        .select(
            record_id_1=pl.lit(normalised["record_id"]).gather("a"),
            record_id_2=pl.lit(normalised["record_id"]).gather("b"),
            relation="relation",
            reasons="reasons",
        )
        .sort("relation", "record_id_1", "record_id_2")
    )


def _registered(normalised: pl.DataFrame) -> pl.DataFrame:
    """Registrations with the publications that name their number."""
    rows = normalised.with_row_index("row")
    registered = rows.filter(col("registration").is_not_null()).select(number="registration", a="row")
    named = rows.filter(col("registration").is_null()).select("row", "registry").explode("registry").drop_nulls()
    return (
        registered.join(named.select(number="registry", b="row"), on="number")
        .select(
            a=pl.min_horizontal("a", "b"),
            b=pl.max_horizontal("a", "b"),
            relation=pl.lit("registration and publication"),
            score=pl.lit(100.0),
            reasons=pl.format("names {}", "number"),
        )
        .sort("a", "b", "reasons")
    )
