"""How much each word and each pair of neighbouring words says about a text: tf-idf, as a sparse matrix.

The figures are those of scikit-learn's TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95): term
frequency 1 + ln(tf), smoothed inverse document frequency, rows of length 1 (scikit-learn user guide 7.2.3.4). Numbering
the pairs by arithmetic instead of by their texts takes less than half of its time.
"""

import contextlib
import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from prismake.code import source
from prismake.publish import write_bytes

_WORD = re.compile(r"\w\w+")
_TOO_COMMON = 0.95  # a term in more of the texts than this tells them apart no more


def tfidf(texts: Sequence[str]) -> sparse.csr_matrix:
    """A row for each text, of length 1 (0 for a text without words); a column for each term."""
    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(word, len(numbers)) for word in _WORD.findall(text.lower())] for text in texts]
    lengths = [len(words) for words in found]
    words = np.fromiter((number for row in found for number in row), np.int64, sum(lengths))
    rows = np.repeat(np.arange(len(texts)), lengths)
    paired = rows[1:] == rows[:-1]  # neighbours within one text
    pairs = ((words[:-1] + 1) * len(numbers) + words[1:])[paired]  # above every number of a word
    terms, columns = np.unique(np.concatenate([words, pairs]), return_inverse=True)
    places = (np.concatenate([rows, rows[1:][paired]]), columns)
    matrix = sparse.csr_matrix((np.ones(len(columns)), places), shape=(len(texts), len(terms)))  # adds up what repeats
    texts_with = np.bincount(matrix.indices, minlength=len(terms))
    idf = np.where(texts_with > _TOO_COMMON * len(texts), 0, np.log((1 + len(texts)) / (1 + texts_with)) + 1)
    matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
    matrix.eliminate_zeros()
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1 if len(terms) else np.zeros(len(texts))
    matrix.data /= np.repeat(norms, np.diff(matrix.indptr))
    return matrix


def cached_tfidf(texts: Sequence[str], path: Path) -> sparse.csr_matrix:
    """The same, kept in a file that may be deleted at any time: it counts only for these texts, and only when whole.

    Where it cannot be written the matrix is made anew each time.
    """
    digest = hashlib.sha256(source("screening.tfidf").encode())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["key"]) == digest.hexdigest():
                return sparse.csr_matrix((kept["data"], kept["indices"], kept["indptr"]), shape=kept["shape"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # none there yet, or a damaged one: it is made anew
    matrix = tfidf(texts)
    buffer = io.BytesIO()
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": matrix.shape}
    np.savez(buffer, key=digest.hexdigest(), **parts)
    with contextlib.suppress(OSError):
        write_bytes(path, buffer.getvalue())
    return matrix
