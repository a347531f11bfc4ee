"""One report or two: a score that is a sum of points for named observations, and vetoes that leave it to a person.

Of the observations of one field the first that holds counts, so that each field speaks once, and a field that one of
the records lacks says nothing. The points are of the order of log-odds, rounded; docs/deduplication.md tells how they
were set and what each is worth.
"""

from dataclasses import dataclass

import polars as pl
from polars import col

MERGE = 8.0  # points from which two records are one report
REVIEW = 5.0  # points from which a person should look
CONTRADICTION = 0.0  # below this two records cannot be copies, whatever a third record suggests


@dataclass(frozen=True)
class Observation:
    field: str
    name: str
    points: float
    holds: pl.Expr  # null counts as no


@dataclass(frozen=True)
class Veto:
    """However high the score, a person decides.

    `says` is "other": these are two reports, and no third record joins them; "relation": the same, and as they may be
    reports of one study they are shown however low the score; "doubt": there is too little to go by.
    """

    name: str
    holds: pl.Expr
    says: str = "other"


def _known(condition: pl.Expr) -> pl.Expr:
    """The condition, false where a record does not say; for use in a negation."""
    return condition.fill_null(False)


SAME_TITLE, LONG, SHORT = col("same_title"), col("title_length") >= 40, col("title_length") < 20
NAMED = ~col("generic")
OTHER_WORDS = (col("title_set") < 0.97) & ~col("translated") & ~col("subtitle_missing")
NO_TITLE = col("title").is_null()
SAME_PAGE = (col("page") == 1) & ~col("page_one")
SAME_PAGES = (col("page") == 1) & col("same_last_page")
SAME_PLACE = _known((col("volume") == 1) & (SAME_PAGE | SAME_PAGES))
# Abstracts and letters share a page with others of their kind; a longer article, or an article number, does not.
OWN_PLACE = SAME_PLACE & _known((col("page_span") > 2) | col("article_numbers"))
SAME_VOLUME_OR_PAGES = (_known(col("volume") == 1) | _known(SAME_PAGES)) & ~_known(col("page") == -1)
OTHER_PLACE = _known((col("page") == -1) | (col("volume") == -1))
SAME_AUTHORS = (col("authors") >= 0.8) & (col("names_shared") >= 2)
OTHER_AUTHORS = (col("names_shared") == 0) & (col("authors_text") < 0.6)
SAME_WORK = NAMED & ~_known(col("authors") < 0.8) & ((col("title") >= 0.97) | col("subtitle_missing"))
SAME_JOURNAL = (col("journal") == "same") | col("same_issn")
SAME_ABSTRACT, OTHER_ABSTRACT = col("abstract") >= 0.9, col("abstract") < 0.55
SAME_DOI, SAME_PMID = _known(col("same_doi")), _known(col("same_pmid") | col("same_pmcid"))
ONE_REGISTRATION = (col("kind_1") == "registration") != (col("kind_2") == "registration")
REGISTRATIONS = (col("kind_1") == "registration") & (col("kind_2") == "registration")
CONTRADICTED = (
    OTHER_PLACE
    | _known(OTHER_AUTHORS | ~col("same_doi"))
    | _known(OTHER_ABSTRACT)
    | _known(col("year_gap") >= 2)
    | _known(col("journal") == "other")
)

OBSERVATIONS = [
    Observation("accession", "same accession of the same source", 20, col("same_accession")),
    Observation("title", "no title, same identifier", 5, NO_TITLE & (SAME_DOI | SAME_PMID) & ~CONTRADICTED),
    Observation("title", "same generic title", 0, SAME_TITLE & col("generic")),
    Observation("title", "same title", 6, SAME_TITLE & LONG),
    Observation("title", "nearly the same title", 5, NAMED & (col("title") >= 0.97)),
    Observation("title", "title without its subtitle", 4, NAMED & col("subtitle_missing")),
    Observation("title", "very similar title", 4, NAMED & (col("title") >= 0.90)),
    Observation("title", "similar title", 1, NAMED & (col("title") >= 0.80)),
    Observation("title", "title perhaps in another language", -0.5, col("translated")),
    Observation("title", "other title", -8, col("title") < 0.60),
    Observation("authors", "same authors", 3, SAME_AUTHORS),
    Observation("authors", "same author", 2, col("authors") >= 0.8),
    Observation("authors", "similar authors", 1.5, (col("authors") >= 0.5) | (col("authors_text") >= 0.8)),
    Observation("authors", "other authors", -3, OTHER_AUTHORS),
    Observation("page", "same first page, other last page", 2, SAME_PAGE & ~col("same_last_page")),
    Observation("page", "same page", 3, SAME_PAGE),
    Observation("page", "other page", -3, col("page") == -1),
    Observation("volume", "same volume", 1, col("volume") == 1),
    Observation("volume", "other volume", -1.5, col("volume") == -1),
    Observation("issue", "same issue", 0.5, col("issue") == 1),
    Observation("issue", "other issue", -1.5, col("issue") == -1),
    Observation("year", "same year", 0.5, col("year_gap") == 0),
    Observation("year", "other year", -2, col("year_gap") >= 2),
    Observation("journal", "same journal", 1.5, SAME_JOURNAL),
    Observation("journal", "similar journal", 1, col("journal") == "part"),
    Observation("journal", "other journal", -2, col("journal") == "other"),
    Observation("DOI", "same DOI", 4, col("same_doi")),
    Observation("DOI", "other DOI", -2, ~col("same_doi")),
    Observation("PMID", "same PMID", 6, SAME_PMID),
    Observation("abstract", "same abstract", 3, SAME_ABSTRACT),
    Observation("abstract", "other abstract", -3, OTHER_ABSTRACT),
    Observation("registration", "same registration", 4, REGISTRATIONS & col("same_registry")),
    Observation("registration", "other registration", -8, REGISTRATIONS & col("other_registration")),
    Observation("rest", "nothing else is known of either", 1.5, SAME_TITLE & LONG & col("nothing_else")),
]

VETOES = [
    Veto("no title", NO_TITLE & ~((SAME_DOI | SAME_PMID) & ~CONTRADICTED), says="doubt"),
    Veto("other titles", OTHER_WORDS & ((col("title") < 0.6) | ((col("title") < 0.9) & ~OWN_PLACE))),
    Veto("notice or reply and article", col("notice_1") != col("notice_2"), says="relation"),
    Veto("another stage of a study", col("stage_differs") & ~OWN_PLACE, says="relation"),
    Veto("another part", col("other_part"), says="relation"),
    Veto(
        "numbers in the titles differ",
        col("numbers_differ") & ~OWN_PLACE & ~(SAME_DOI & _known(SAME_ABSTRACT)),
        says="relation",
    ),
    Veto("one word of the title is another", col("word_swapped") & ~OWN_PLACE),
    Veto(
        "very short title", SHORT & ~OWN_PLACE & ~SAME_DOI & ~_known(SAME_AUTHORS & (col("volume") == 1)), says="doubt"
    ),
    Veto("other authors", OTHER_AUTHORS & ~SAME_DOI & ~SAME_PMID & ~OWN_PLACE),
    Veto("other DOI, other place", ~col("same_doi") & OTHER_PLACE),
    Veto("other PMID", ~col("same_pmid")),
    Veto("other volume", (col("volume") == -1) & ~_known(col("page") == 1) & ~SAME_DOI),
    Veto(
        "update of a review", col("updated_series") & (~col("same_doi")).fill_null(col("year_gap") > 0), says="relation"
    ),
    Veto("other registration", REGISTRATIONS & (~_known(col("same_registry")) | _known(col("other_registration")))),
    Veto(
        "not the same kind: article, preprint, conference abstract, registration",
        (col("kind_1") != col("kind_2")) & ~SAME_PLACE & ~SAME_DOI & ~_known(SAME_JOURNAL & SAME_VOLUME_OR_PAGES),
        says="relation",
    ),
]
_FIELDS = list(dict.fromkeys(observation.field for observation in OBSERVATIONS))


def decide(features: pl.DataFrame) -> pl.DataFrame:
    """For each pair of `compare`: a, b, score, band (merge, review, keep), apart (whatever a third record suggests)."""
    points = {number: float(observation.points) for number, observation in enumerate(OBSERVATIONS)}
    scores = (col(field).replace_strict(points, default=0.0, return_dtype=pl.Float64) for field in _FIELDS)
    uncertain = ~_known(col("same_accession") & ~_known(col("title") < 0.6))
    said = {
        says: pl.any_horizontal(_known(veto.holds) for veto in VETOES if veto.says == says) & uncertain
        for says in ("doubt", "other", "relation")
    }
    decided = pl.concat(
        [
            features.select("a", "b", **said, same_work=_known(SAME_WORK)),
            _observe(features).select(score=pl.sum_horizontal(scores)),
        ],
        how="horizontal",
    )
    merge = (col("score") >= MERGE) & ~pl.any_horizontal("doubt", "other", "relation")
    review = (col("score") >= REVIEW) | (col("relation") & col("same_work"))
    return decided.select(
        "a",
        "b",
        "score",
        band=pl.when(merge).then(pl.lit("merge")).when(review).then(pl.lit("review")).otherwise(pl.lit("keep")),
        apart=pl.any_horizontal("other", "relation") | (col("score") < CONTRADICTION),
    )


def explain(features: pl.DataFrame) -> pl.Series:
    """For each pair the observations with their points, and the vetoes: "same title +6; ...; VETO other PMID"."""
    texts = {number: f"{o.name} {o.points:+g}" for number, o in enumerate(OBSERVATIONS)}
    said = (col(field).replace_strict(texts, default=None, return_dtype=pl.String) for field in _FIELDS)
    vetoes = features.select(
        pl.when(_known(veto.holds)).then(pl.lit(f"VETO {veto.name}")).alias(veto.name) for veto in VETOES
    )
    both = pl.concat([_observe(features).select(said), vetoes], how="horizontal")
    return both.select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)).to_series()


def _observe(features: pl.DataFrame) -> pl.DataFrame:
    """Per field the number of the first observation that holds, null where none does."""
    first = {}
    for field in _FIELDS:
        numbered = ((n, o.holds) for n, o in enumerate(OBSERVATIONS) if o.field == field)
        holds = (pl.when(_known(holds)).then(pl.lit(number, dtype=pl.Int16)) for number, holds in numbered)
        first[field] = pl.coalesce(holds)
    return features.select(**first)
