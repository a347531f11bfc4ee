"""Whether two names of a journal are of the same one, without a table: "Am J Infect Control" abbreviates."""

import polars as pl

from prismake.dedup.normalise import words


def same_journals(first: pl.Series, second: pl.Series) -> pl.Series:
    """Per pair of folded names "same", "part" (one may name a section, a series, a subtitle less), "other", or null."""
    pairs = pl.DataFrame({"first": first, "second": second})
    distinct = pairs.drop_nulls().unique()
    told = [compare_names(a, b) for a, b in distinct.iter_rows()]
    known = distinct.with_columns(pl.Series("journal", told, dtype=pl.String))
    return pairs.join(known, on=["first", "second"], how="left", maintain_order="left")["journal"]


def compare_names(first: str, second: str) -> str:
    """Of two folded names of journals: same, part or other."""
    if first == second:
        return "same"
    short, long = sorted((_words(first), _words(second)), key=lambda words: (len(words), words))
    if not short:
        return "other"
    if short == ["".join(word[0] for word in long)]:
        return "same"
    if len(short) == len(long) and all(_abbreviates(a, b) for a, b in zip(short, long, strict=True)):
        return "same"
    at = 0
    for word in short:
        while at < len(long) and not _abbreviates(word, long[at]):
            at += 1
        at += 1
    return "part" if at <= len(long) else "other"


def _words(name: str) -> list[str]:
    stop = words()["journal_stop_words"]
    return [word for word in name.split() if word not in stop and not word.isdigit()]


def _abbreviates(first: str, second: str) -> bool:
    """One begins the other ("infect", "infection"), or leaves out letters of it ("dtsch")."""
    short, long = sorted((first, second), key=lambda word: (len(word), word))
    if long.startswith(short):
        return True
    if len(short) < 3 or short[0] != long[0] or (len(short) == 3 and short[-1] != long[-1]):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)
