"""What two records have in common and where they contradict each other, for many pairs at once.

A feature is null where one of the two says nothing about it.
"""

import polars as pl
from rapidfuzz import fuzz, process

from prismake.dedup.journals import same_journals

CHUNK = 200_000  # pairs compared at a time, which bounds the memory
SUBTITLE = 20  # letters of a title that may stand without its subtitle
_REST = ("names", "journal", "volume", "first_page", "abstract")  # with these null a record says little but its title


def compare(normalised: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs (columns a, b: row numbers of `normalised`) with a column per feature:

    - same_accession; same_title, title (best of two similarities, 0 to 1), title_set (of the words that both could
      share), title_length (letters of the shorter), subtitle_missing, generic, translated, numbers_differ, other_part,
      word_swapped
    - notice_1, notice_2, kind_1, kind_2, stage_1, stage_2, stage_differs, same_subject (the titles without what makes
      one that of a notice), language_differs, updated_series (both belong to one whose reviews are
      updated), nothing_else (both say hardly more than a title)
    - authors (share of the shorter list's last names that the other has), names_shared, authors_text
    - year_gap; journal (same, part, other); same_issn; volume, issue, page (1 same, -1 different, 0 cannot be told);
      page_one (the same page, and it is 1, as every article's is in some journals), same_last_page, page_span,
      article_numbers (both pages are ones, of four digits and more: no other report is there)
    - same_doi, same_pmid, same_pmcid, same_registry, other_registration; abstract (similarity, 0 to 1)
    """
    parts = [_compare(normalised, pairs[start : start + CHUNK]) for start in range(0, max(pairs.height, 1), CHUNK)]
    return pl.concat(parts)


def _compare(normalised: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    first, second = normalised[pairs["a"]], normalised[pairs["b"]]
    both = pl.concat(
        [first.rename(lambda name: f"{name}_1"), second.rename(lambda name: f"{name}_2")], how="horizontal"
    ).with_columns(
        journal=same_journals(first["journal"], second["journal"]),
        ratio=_similarity(first["letters"], second["letters"], fuzz.ratio),
        sorted=_similarity(first["title"], second["title"], fuzz.token_sort_ratio),
        title_set=_similarity(first["title"], second["title"], fuzz.token_set_ratio),
        abstract=_similarity(first["abstract"], second["abstract"], fuzz.ratio),
        authors_text=_similarity(first["author_words"], second["author_words"], fuzz.token_set_ratio),
    )
    names_fewer = pl.min_horizontal(pl.col("names_1").list.len(), pl.col("names_2").list.len())
    features = both.select(
        "title_set",
        "abstract",
        "authors_text",
        "journal",
        "notice_1",
        "notice_2",
        "kind_1",
        "kind_2",
        "stage_1",
        "stage_2",
        same_accession=_same("accession").fill_null(False),
        same_title=_same("letters"),
        title=pl.max_horizontal("ratio", "sorted"),
        title_length=pl.min_horizontal(pl.col("letters_1").str.len_chars(), pl.col("letters_2").str.len_chars()),
        subtitle_missing=_begins_or_ends(),
        generic=pl.any_horizontal("generic_1", "generic_2").fill_null(False),
        updated_series=pl.col("updated_series_1") & pl.col("updated_series_2"),
        nothing_else=pl.all_horizontal(pl.col(f"{name}_{n}").is_null() for name in _REST for n in (1, 2)),
        stage_differs=~_same("stage"),
        same_subject=_same("subject"),
        language_differs=~_same("language"),
        translated=pl.col("translated_1") != pl.col("translated_2"),
        numbers_differ=pl.col("numbers_1") != pl.col("numbers_2"),
        other_part=~_same("part"),
        word_swapped=_word_swapped(both),
        authors=_shared("names") / names_fewer,
        names_shared=_shared("names"),
        year_gap=(pl.col("year_1") - pl.col("year_2")).abs(),
        same_issn=_shared("issn") > 0,
        volume=_agreement("volume"),
        issue=_agreement("issue"),
        page=_page_agreement(),
        page_one=(_same("first_page") & (pl.col("first_page_1") == "1")),
        article_numbers=pl.col("article_number_1")
        & pl.col("article_number_2")
        & (pl.col("first_page_1").str.len_chars() > 3),
        page_span=pl.max_horizontal(_page_span(1), _page_span(2)),
        same_last_page=_same("last_page"),
        same_doi=_same("doi"),
        same_pmid=_same("pmid"),
        same_pmcid=_same("pmcid"),
        same_registry=_shared("registry") > 0,
        other_registration=_other_registration(),
    )
    return pl.concat([pairs, features], how="horizontal")


def _similarity(first: pl.Series, second: pl.Series, scorer: object) -> pl.Series:
    """0 to 1 per pair of texts, null where one is missing."""
    ratios = process.cpdist(first.to_list(), second.to_list(), scorer=scorer, workers=-1)
    told = pl.DataFrame({"first": first, "second": second, "ratio": pl.Series(ratios, dtype=pl.Float32) / 100})
    present = pl.col("first").is_not_null() & pl.col("second").is_not_null()
    return told.select(pl.when(present).then("ratio")).to_series()


def _same(name: str) -> pl.Expr:
    return pl.col(f"{name}_1") == pl.col(f"{name}_2")


def _shared(name: str) -> pl.Expr:
    return pl.col(f"{name}_1").list.set_intersection(f"{name}_2").list.len()


def _begins_or_ends() -> pl.Expr:
    one, two = pl.col("letters_1"), pl.col("letters_2")
    shorter = pl.min_horizontal(one.str.len_chars(), two.str.len_chars())
    inside = one.str.starts_with(two) | two.str.starts_with(one) | one.str.ends_with(two) | two.str.ends_with(one)
    return inside & (shorter >= SUBTITLE)


def _word_swapped(both: pl.DataFrame) -> pl.Series:
    """The titles differ by one word for another that is not a spelling of it ("men" for "women")."""
    only = both.select(
        one=pl.col("words_1").list.set_difference("words_2"), two=pl.col("words_2").list.set_difference("words_1")
    )
    single = only.select((pl.col("one").list.len() == 1) & (pl.col("two").list.len() == 1)).to_series().fill_null(False)
    one, two = only["one"].list.first(), only["two"].list.first()
    alike = _similarity(one, two, fuzz.ratio) >= 0.75
    begins = pl.DataFrame({"one": one, "two": two}).select(
        pl.col("one").str.starts_with(pl.col("two")) | pl.col("two").str.starts_with(pl.col("one"))
    )
    return single & ~(alike | begins.to_series()).fill_null(True)


def _agreement(name: str) -> pl.Expr:
    same = _same(name)
    return pl.when(same).then(1).when(~same).then(-1)


def _other_registration() -> pl.Expr:
    """Numbers of the same register that differ."""
    register = [pl.col(f"registration_{side}").str.head(3) for side in (1, 2)]
    return (register[0] == register[1]) & ~_same("registration")


def _page_span(side: int) -> pl.Expr:
    return pl.col(f"last_page_{side}").cast(pl.Int64) - pl.col(f"first_page_{side}").cast(pl.Int64)


def _page_agreement() -> pl.Expr:
    """0 for pages that cannot be compared: an article number and pages, paging from 1 ahead of print, half a match."""
    same, same_last = _same("first_page"), _same("last_page").fill_null(False)
    numbered_otherwise = pl.col("article_number_1") != pl.col("article_number_2")
    from_one = (pl.col("first_page_1") == "1") | (pl.col("first_page_2") == "1")
    return pl.when(same).then(1).when(numbered_otherwise | from_one | same_last).then(0).when(~same).then(-1)
