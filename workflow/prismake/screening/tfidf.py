"""How much each word and each pair of neighbouring words says about a text: tf-idf, as a sparse matrix.

The figures are those of scikit-learn's TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95) when its
token_pattern is _WORD: term frequency 1 + ln(tf), smoothed inverse document frequency, rows of length 1 (scikit-learn
user guide 7.2.3.4). NumPy alone, for it loads in a third of the time of SciPy's sparse matrices, and numbers instead of
the texts of pairs.
"""

import contextlib
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import numpy as np

from prismake.publish import write_bytes

_WORD = re.compile(r"\b\w{2,8}")  # cut after eight letters: most endings go, in any language
_BITS = 63  # of a whole number of NumPy's
_TOO_COMMON = 0.95  # a term in more of the texts than this tells them apart no more


@dataclass(frozen=True)
class Matrix:
    """Rows one after the other: `sizes[r]` terms of the row r, by number, each with its weight.

    A term of one row alone tells nothing about another row. Most are such, so `own` holds for each row what theirs add
    up to, squared, and that is all there is of them.
    """

    sizes: np.ndarray
    terms: np.ndarray
    weights: np.ndarray
    own: np.ndarray

    def products(self, shares: np.ndarray) -> np.ndarray:
        """The product of each row with the sum of all rows, each times its share."""
        total = np.bincount(self.terms, self.weights * np.repeat(shares, self.sizes))
        found = self.own * shares
        filled = self.sizes > 0
        found[filled] += np.add.reduceat(self.weights * total[self.terms], self._starts()[filled])
        return found

    def take(self, rows: np.ndarray) -> "Matrix":
        """These rows, in this order."""
        sizes = self.sizes[rows]
        ends = np.cumsum(sizes)
        places = np.repeat(self._starts()[rows] - (ends - sizes), sizes) + np.arange(sizes.sum())
        return _shared(np.repeat(np.arange(len(rows)), sizes), self.terms[places], self.weights[places], self.own[rows])

    def _starts(self) -> np.ndarray:
        return np.cumsum(self.sizes) - self.sizes


def _shared(rows: np.ndarray, terms: np.ndarray, weights: np.ndarray, own: np.ndarray) -> Matrix:
    """The matrix of these weights by row, in order, and term; what no other row has goes to its row's `own`."""
    shared = np.bincount(terms) > 1
    kept, alone = np.flatnonzero(shared[terms]), np.flatnonzero(~shared[terms])
    own = own + np.bincount(rows[alone], weights[alone] ** 2, len(own))
    numbered = (np.cumsum(shared) - 1)[terms[kept]]
    return Matrix(np.bincount(rows[kept], minlength=len(own)), numbered, weights[kept], own)


@dataclass(frozen=True)
class Corpus:
    """The ids of texts, sorted, and a row for each."""

    ids: list[str]
    matrix: Matrix


def corpus(texts: Mapping[str, str]) -> Corpus:
    """id -> text as ids and rows, whatever the order of the texts."""
    ids = sorted(texts)
    return Corpus(ids, tfidf([texts[i] for i in ids]))


def tfidf(texts: Sequence[str]) -> Matrix:
    """A row for each text, of length 1 (0 for a text without words)."""
    found = [_WORD.findall(text.lower()) for text in texts]
    lengths = [len(words) for words in found]
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    words = np.fromiter(map(numbers.__getitem__, chain.from_iterable(found)), np.int64, sum(lengths))
    rows = np.repeat(np.arange(len(texts)), lengths)
    paired = rows[1:] == rows[:-1]  # neighbours within one text
    pairs = ((words[:-1] + 1) * len(numbers) + words[1:])[paired]  # above every number of a word
    bits = len(texts).bit_length()
    if ((len(numbers) + 1) ** 2).bit_length() + bits > _BITS:  # of a million texts: numbers without gaps
        pairs = np.unique(pairs, return_inverse=True)[1] + len(numbers)
    # One number for term and row: sorting it brings together what a row has of a term, and the rows of a term.
    places = np.concatenate([words << bits | rows, pairs << bits | rows[1:][paired]])
    places.sort()
    first = np.flatnonzero(np.diff(places, prepend=-1))
    times = np.diff(first, append=len(places))
    terms, rows = places[first] >> bits, places[first] & ((1 << bits) - 1)
    texts_with = np.diff(np.flatnonzero(np.diff(terms, prepend=-1)), append=len(terms))
    idf = np.where(texts_with > _TOO_COMMON * len(texts), 0, np.log((1 + len(texts)) / (1 + texts_with)) + 1)
    weights = (1 + np.log(np.arange(1, times.max(initial=1) + 1)))[times - 1] * np.repeat(idf, texts_with)
    lengths = np.sqrt(np.bincount(rows, weights**2, len(texts)))
    weights /= np.where(lengths, lengths, 1)[rows]
    told = (texts_with > 1) & (idf > 0)
    kept = np.flatnonzero(np.repeat(told, texts_with))
    terms = np.repeat(np.arange(told.sum(), dtype=np.int32), texts_with[told])
    rows, weights = rows[kept], weights[kept]
    own = (lengths > 0) - np.bincount(rows, weights**2, len(texts))
    bits = len(rows).bit_length()
    order = np.sort(rows << bits | np.arange(len(rows))) & ((1 << bits) - 1)  # by row, in a third of argsort's time
    return Matrix(np.bincount(rows, minlength=len(texts)), terms[order], weights[order], own)


# What reading a damaged file raises; RuntimeError where a bit says that it is encrypted or compressed in another way.
_NOT_WHOLE = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)


def kept_corpus(path: Path, key: Callable[[], str], texts: Callable[[], Mapping[str, str]]) -> Corpus:
    """The corpus of these texts, kept in a file that may be deleted at any time: it counts only for this key.

    While it does, `texts` is not called. Where the file cannot be written the corpus is made anew each time. Raises
    what `texts` raises.
    """
    try:
        now = key()  # before the texts are read: a table that is replaced meanwhile has another key
    except OSError:  # of a table that cannot be read, as `texts` will say
        return corpus(texts())
    with contextlib.suppress(*_NOT_WHOLE), np.load(path, allow_pickle=False) as kept:
        if str(kept["key"]) == now:
            return Corpus(json.loads(kept["ids"].tobytes()), Matrix(*(kept[name] for name in Matrix.__annotations__)))
    made = corpus(texts())
    buffer = io.BytesIO()
    np.savez(buffer, key=now, ids=np.frombuffer(json.dumps(made.ids).encode(), np.uint8), **vars(made.matrix))
    with contextlib.suppress(OSError):
        write_bytes(path, buffer.getvalue())
    return made
