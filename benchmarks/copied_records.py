"""An invented corpus of any size for timing: seeded, of the shape of a large search in three databases.

A third of the records are copies of others, written as the next database would: names and journals abbreviated, pages
shortened, the DOI or the abstract missing, a slip in the title. Every word is invented.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from prismake.records import table, write_parquet

SOURCES = ("alpha", "beta", "gamma")
_ONSETS, _VOWELS, _ENDS = (
    ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr", "kl", "pr", "st", "tr"],
    ["a", "e", "i", "o", "u"],
    ["n", "r", "s", "l", "x"],
)


def write_corpus(folder: Path, size: int, seed: int = 1) -> list[Path]:
    """A Parquet table per source, `size` records together; made once."""
    paths = [folder / f"{size}.{source}.parquet" for source in SOURCES]
    if all(path.exists() for path in paths):
        return paths
    rows: dict[str, list[dict]] = {source: [] for source in SOURCES}
    for source, row in _records(size, random.Random(seed)):
        rows[source].append(row)
    for path, source in zip(paths, SOURCES, strict=True):
        write_parquet(path, table(rows[source], source))
    return paths


def _records(size: int, rng: random.Random) -> Iterator[tuple[str, dict]]:
    words = [_word(rng, 2 + n % 3) for n in range(max(4000, size // 20))]
    names = [_word(rng, 2 + n % 2).capitalize() for n in range(max(3000, size // 30))]
    journals = [" ".join(["Journal of", *(w.capitalize() for w in rng.sample(words, 2))]) for _ in range(2000)]
    made = 0
    while made < size:
        article = _article(rng, words, names, journals, made)
        copies = 1 + (rng.random() < 0.33) + (rng.random() < 0.12)
        for source in rng.sample(SOURCES, min(copies, size - made)):
            row = article if source == "alpha" else _copy(rng, article)
            yield source, row | {"source_record_id": f"{made:07d}"}
            made += 1


def _article(rng: random.Random, words: list[str], names: list[str], journals: list[str], number: int) -> dict:
    def common() -> str:  # few words are in many titles, most in few
        return words[int(len(words) * rng.random() ** 3)]

    first = rng.randrange(1, 3000)
    return {
        "title": " ".join(common() for _ in range(rng.randrange(6, 16))).capitalize(),
        "abstract": " ".join(common() for _ in range(40)).capitalize(),
        "authors": [
            f"{rng.choice(names)}, {rng.choice('ABCDEFGH')} {rng.choice('JKLM')}" for _ in range(rng.randrange(1, 8))
        ],
        "year": rng.randrange(1990, 2025),
        "journal": rng.choice(journals),
        "volume": str(rng.randrange(1, 120)),
        "issue": str(rng.randrange(1, 13)),
        "pages": f"{first}-{first + rng.randrange(1, 15)}",
        "doi": f"10.5555/corpus.{number}" if rng.random() < 0.8 else None,
    }


def _copy(rng: random.Random, article: dict) -> dict:
    row = dict(article)
    if rng.random() < 0.4:
        row["doi"] = None
    if rng.random() < 0.3:
        row["abstract"] = None
    if rng.random() < 0.5:
        row["journal"] = " ".join(word[: 1 if n == 0 else 4] for n, word in enumerate(row["journal"].split()))
        row["authors"] = [name.replace(", ", " ").rsplit(" ", 1)[0] for name in row["authors"]]
    if rng.random() < 0.3:
        first, last = row["pages"].split("-")
        row["pages"] = f"{first}-{last[-2:]}" if len(first) == len(last) > 2 else first
    if rng.random() < 0.05:
        place = rng.randrange(len(row["title"]))
        row["title"] = row["title"][:place] + row["title"][place + 1 :]
    if rng.random() < 0.1:
        row["title"] = row["title"].upper()
    return row


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)) + rng.choice(_ENDS)
