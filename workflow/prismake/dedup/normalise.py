"""Records in a comparable form: folded titles, last names, pages as numbers, clean identifiers.

Whole columns at a time. What is absent is null, so that comparing it speaks neither for nor against a duplicate.
"""

from functools import cache
from typing import Any

import polars as pl

from prismake.data_files import read_data
from prismake.dedup.health import EXCEL_DATE

ABSTRACT_LETTERS = 160  # enough to tell abstracts apart; databases cut the end of them
_CONTENT = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "abstract")
_ROMAN = {"ii": 2, "iii": 3, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12}
_ROMAN_AFTER_WORD = {"i": 1, "iv": 4, "v": 5, "x": 10}


@cache
def words() -> dict[str, Any]:
    """The word lists of data/dedup/words.yaml."""
    return read_data("dedup/words.yaml")


_NOTICE_OPENING = (
    rf"^(?:{'|'.join(b for beginnings in words()['notices'].values() for b in beginnings)})"
    r"(?: (?:to|for|on|of)\b)?(?: (?:the )?(?:article|paper)(?: titled| entitled)?\b)? "
)


def normalise(records: pl.DataFrame) -> pl.DataFrame:
    """One row per row of `records` (SCHEMA), in their order, with the columns that pairs are compared by."""
    return (
        records.select(
            "record_id",
            "source_id",
            "year",
            _accession().alias("accession"),
            _title().alias("title"),
            _translated().alias("translated"),
            _comment_sign().alias("comment_sign"),
            pl.col("title").str.contains(r"(?i)[\[(]abstract[\])]\W*$").fill_null(False).alias("abstract_sign"),
            _updated_series().alias("updated_series"),
            _last_names().alias("names"),
            _author_words().alias("author_words"),
            _null_if_blank(fold(pl.col("journal")).str.replace(r"^[\d ]+$", "")).alias("journal"),
            pl.col("issn").list.eval(pl.element().str.to_uppercase().str.replace_all(r"[^0-9X]", "")),
            _digits("volume", pl.col("volume")),
            _digits("issue", pl.col("issue")),
            *_pages(),
            _doi().alias("doi"),
            pl.col("pmid").str.extract(r"(\d+)"),
            pl.col("pmcid").str.extract(r"(\d+)"),
            pl.col("registry_ids").list.eval(pl.element().str.to_uppercase()).alias("registry"),
            pl.col("source_record_id")
            .str.to_uppercase()
            .str.extract(words()["registry_accession"])
            .alias("registration"),
            _abstract().alias("abstract"),
            _types().alias("types"),
            _language().alias("language"),
        )
        .with_columns(
            pl.when(pl.col("volume").ne_missing(pl.col("year").cast(pl.String))).then("volume").alias("volume"),
            pl.col("title").str.replace_all(" ", "", literal=True).alias("letters"),
            pl.col("title").str.replace(_NOTICE_OPENING, "").str.replace_all(" ", "", literal=True).alias("subject"),
            pl.col("title").str.split(" ").list.unique(maintain_order=True).alias("words"),
            pl.col("title").str.replace_all(r"\D", "").alias("numbers"),
            pl.col("title").str.extract(rf"\b((?:{'|'.join(words()['numbered'])}) (?:\d+|[a-d]))\b").alias("part"),
            pl.col("names").list.first().alias("first_name"),
            _notice().alias("notice"),
            pl.col("title").str.extract_all(rf"\b(?:{'|'.join(words()['stages'])})\b").list.join("").alias("stage"),
            _kind().alias("kind"),
        )
        .with_columns(_generic().alias("generic"))
        .drop("comment_sign", "abstract_sign", "types")
    )


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case, without accents and markup, Greek letters spelt out, one space for all that is no letter or digit."""
    letters = words()["letters"]
    return (
        text.str.replace_all(r"<[/a-zA-Z][^<>]{0,60}>|&(?:#\d+|[a-zA-Z]+);", " ")
        .str.normalize("NFKD")
        .str.replace_all(r"[\u0300-\u036f'’ʼ`]", "")
        .str.to_lowercase()
        .str.replace_all("&", " and ", literal=True)
        .str.replace_many(list(letters), list(letters.values()))
        .str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
        .str.strip_chars()
    )


def _null_if_blank(text: pl.Expr) -> pl.Expr:
    return text.replace("", None)


def _accession() -> pl.Expr:
    """The same for the copies that one source delivered of one record; null for a record that holds nothing."""
    has_content = pl.any_horizontal(pl.col(_CONTENT).is_not_null())
    without_number = pl.when(has_content).then(pl.col("record_id").str.replace(r"~\d+$", ""))
    return pl.concat_str("source_id", pl.coalesce("source_record_id", without_number), separator="\n")


def _title() -> pl.Expr:
    tails = "|".join(words()["title_tails"])
    text = (
        pl.col("title")
        .str.replace(r"(?is)<original>.*", "")
        .str.replace(r"(?i)^\W*retracted(?: article)?\s*:", "")
        .str.replace_all(rf"(?i)\[(?:{tails})\b[^\[\]]*\]|\((?:{tails})\)\W*$", "")
    )
    text = fold(text)
    after = "|".join(words()["numbered"])
    for roman, number in _ROMAN_AFTER_WORD.items():
        text = text.str.replace_all(rf"\b({after}) {roman}\b", f"${{1}} {number}")
    for roman, number in _ROMAN.items():
        text = text.str.replace_all(rf"\b{roman}\b", str(number))
    return _null_if_blank(text)


def _translated() -> pl.Expr:
    """The title is given in brackets, as MEDLINE gives translations, or in another script than Latin."""
    return pl.col("title").str.contains(r"^\W*\[.*\]\W*(?:<|$)|[^\p{Latin}\p{Common}\p{Greek}\p{Inherited}]")


def _last_names() -> pl.Expr:
    """Folded last names: "brandvold" of "Brandvold, Nils E", "Brandvold NE" and "Nils Brandvold" alike."""
    name = pl.element().str.replace(r"(?i),?\s+(jr|sr|ii|iii)\.?$", "")
    last = pl.coalesce(
        name.str.extract(r"^([^,]+),"),
        name.str.extract(r"^(.*\S)\s+\p{Lu}[\p{Lu}.\- ]{0,4}$"),
        name.str.extract(r"(\S+)$"),
    )
    names = pl.col("authors").list.eval(fold(last).str.replace_all(" ", "", literal=True))
    names = names.list.eval(pl.element().filter(pl.element() != ""))
    return pl.when(names.list.len() > 0).then(names)


def _author_words() -> pl.Expr:
    """All names of three letters and more, in alphabetical order: for where family and given names are swapped."""
    names = fold(pl.col("authors").list.join(" ")).str.split(" ")
    names = names.list.eval(pl.element().filter(pl.element().str.len_chars() > 2)).list.sort().list.join(" ")
    return _null_if_blank(names)


def _digits(name: str, text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"([1-9]\d*)").alias(name)


def _pages() -> list[pl.Expr]:
    """first_page, last_page (244-58 ends at 258), article_number (whether it is one); null for dates made by Excel."""
    pages = (
        pl.col("pages")
        .str.to_lowercase()
        .str.replace(r"^\W*(?:pp?\b\.?|pages?\b|art(?:icle)?\b\.?(?: ?n[or]\b\.?)?)\s*", "")
        .str.replace_all(r"\s*[‐-―−-]+\s*", "-")
    )
    pages = pl.when(~pages.str.contains(EXCEL_DATE)).then(pages)
    prefix = pages.str.extract(r"^([a-z]*)\W?\d")
    first = pages.str.extract(r"^[a-z]*\W?0*([1-9]\d{0,8})")
    last = pages.str.extract(r"-[a-z]*0*([1-9]\d{0,8})")
    missing = first.str.len_chars().cast(pl.Int64) - last.str.len_chars()
    last = pl.when(missing > 0).then(pl.concat_str(first.str.head(pl.max_horizontal(missing, 0)), last)).otherwise(last)
    number = first.cast(pl.Int64)
    article = ~prefix.is_in(["", "s"]) | (last.is_null() & (number >= 10_000)) | (number >= 100_000)
    return [first.alias("first_page"), last.alias("last_page"), article.alias("article_number")]


def _doi() -> pl.Expr:
    """The DOI, also out of a resolver's address; a preprint's without its version, a page's without what it shows."""
    text = pl.concat_str(pl.col("doi", "url"), separator=" ", ignore_nulls=True).str.to_lowercase()
    for code, sign in {"%28": "(", "%29": ")", "%2f": "/", "%3c": "<", "%3e": ">", "%3a": ":", "%3b": ";"}.items():
        text = text.str.replace_all(code, sign, literal=True)
    doi = text.str.extract(r"(10\.\d{4,9}/[^\s\"]+)").str.replace(r"[.,;:]+$", "")
    doi = doi.str.replace(r"(?:/(?:full|pdf|epdf|abstract)|\.pdf)$", "")
    preprint = doi.str.contains(f"^(?:{words()['kinds']['preprint']['doi']})")
    return pl.when(preprint).then(doi.str.replace(r"/?v\d+$", "")).otherwise(doi)


def _updated_series() -> pl.Expr:
    """A Cochrane review: its updates keep title, authors and article number."""
    place = pl.concat_str(pl.col("pages", "doi", "journal"), separator=" ", ignore_nulls=True).str.to_lowercase()
    return place.str.contains(r"\bcd\d{6}|cochrane database").fill_null(False)


def _abstract() -> pl.Expr:
    openings = "|".join(words()["abstract_openings"])
    text = fold(pl.col("abstract").str.head(2 * ABSTRACT_LETTERS)).str.replace(rf"^(?:(?:{openings}) )+", "")
    return _null_if_blank(text.str.head(ABSTRACT_LETTERS))


def _types() -> pl.Expr:
    """Entry type and publication types as one folded text, each between bars."""
    types = pl.concat_list(pl.col("entry_type"), pl.col("publication_types").fill_null([]))
    folded = types.list.eval(fold(pl.element())).list.join("|", ignore_nulls=True)
    return pl.concat_str(pl.lit("|"), folded, pl.lit("|"))


def _language() -> pl.Expr:
    """A code for the languages that words.yaml knows, null for others and for several at once."""
    codes = {name: code for code, names in words()["languages"].items() for name in (code, *names)}
    return fold(pl.col("language")).replace_strict(codes, default=None, return_dtype=pl.String)


def _comment_sign() -> pl.Expr:
    """A title like "Re: ..." or "...: authors' reply": folding would hide the sign."""
    reply = r"(?:(?:the )?authors?['’]*s? )?(?:reply|response|rejoinder|comments?|discussion)"
    sign = rf"(?i)^\W*re\s*:|(?:[:.;(\[]|\s[-–—])\s*{reply}\W*$"
    return pl.col("title").str.contains(sign).fill_null(False)


def _notice() -> pl.Expr:
    """correction, retraction, comment, reply, or "" for a report that is none of these."""
    notice = pl.when(pl.col("comment_sign")).then(pl.lit("comment"))
    for name, beginnings in words()["notices"].items():
        notice = notice.when(pl.col("title").str.contains(rf"^(?:{'|'.join(beginnings)})\b")).then(pl.lit(name))
    for name, types in words()["notice_types"].items():
        notice = notice.when(pl.col("types").str.contains(rf"\|(?:{'|'.join(types)})\|")).then(pl.lit(name))
    return notice.otherwise(pl.lit(""))


def _generic() -> pl.Expr:
    """Different reports may well bear this title: it is, or begins or ends with, one such as "Editor's comments"."""
    whole, part = "|".join(words()["generic_titles"]), "|".join(words()["generic_parts"])
    return pl.col("title").str.contains(rf"^(?:{whole}|{part})$|^(?:{part})\b|\b(?:{part})$")


def _kind() -> pl.Expr:
    """preprint, registration, conference, or "" where nothing says so."""
    kind = pl.when(pl.col("registration").is_not_null()).then(pl.lit("registration"))
    kind = kind.when(pl.col("abstract_sign")).then(pl.lit("conference"))
    for name, signs in words()["kinds"].items():
        says_type = pl.col("types").str.contains(rf"\b(?:{signs['types']})\b")
        says_journal = pl.col("journal").str.contains(rf"\b(?:{signs['journals']})\b")
        says_doi = pl.col("doi").str.contains(f"^(?:{signs['doi']})")
        says = pl.any_horizontal(e.fill_null(False) for e in (says_type, says_journal, says_doi))
        kind = kind.when(says).then(pl.lit(name))
    return kind.otherwise(pl.lit(""))
