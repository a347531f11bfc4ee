"""Which records to read next: those that look most like what was included so far come first. It only orders.

The model is that of ASReview's ELAS u4 (ASReview 2 and 3, models.py: tf-idf over words and pairs of words, a linear
support vector machine with squared hinge loss, C = 0.11, an inclusion and all exclusions weighted 9.8 : the number of
inclusions), except that a title counts twice and that words are cut after eight letters.
"""

import csv
import hashlib
import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prismake.code import source
from prismake.errors import PrismakeError
from prismake.publish import read_csv, write_csv
from prismake.screening.policy import STATES

if TYPE_CHECKING:
    import numpy as np

    from prismake.screening.tfidf import Corpus, Matrix

RANKING_COLUMNS = ["record_id", "rank", "score"]
CACHE = ".prismake_tfidf.npz"  # may be deleted at any time
_C, _RATIO = 0.11, 9.8  # of ELAS u4


def rank(
    corpus: "Corpus", labels: Mapping[str, bool], seed: int = 0, *, wanted: Collection[str] | None = None
) -> list[tuple[str, float]]:
    """The ids of the corpus to read, with their scores, the most promising first.

    labels: id -> whether it was included. wanted: the ids to rank; those without a label when left out. Where scores
    are equal (to 6 decimals) the order is random, by id and seed. Without any exclusion, what resembles the inclusions
    most comes first; without any inclusion the order is random and every score 0.
    """
    import numpy as np

    place = {i: n for n, i in enumerate(corpus.ids)}
    wanted = [i for i in corpus.ids if (i not in labels if wanted is None else i in wanted)]
    scores = np.zeros(len(place))
    if any(labels.values()):
        known = sorted(labels)
        scores = scores_of(corpus.matrix, np.array([place[i] for i in known]), np.array([labels[i] for i in known]))
    scored = zip(wanted, scores[[place[i] for i in wanted]].round(6).tolist(), strict=True)
    return sorted(scored, key=lambda pair: (-pair[1], _chance(pair[0], seed)))


def _chance(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode()).digest()


def scores_of(matrix: "Matrix", known: "np.ndarray", included: "np.ndarray") -> "np.ndarray":
    """A number per row: on which side of the border between inclusions and exclusions, and how far.

    known: the rows with a label. included: their labels, one inclusion among them at least.
    """
    import numpy as np

    from prismake.screening.svm import fit

    shares = np.zeros(len(matrix.own))
    if included.all():
        shares[known] = 1 / len(known)
        return matrix.products(shares)
    weights = np.where(included, 1.0, included.sum() / (_RATIO * (~included).sum()))
    shares[known] = fit(matrix.take(known), included, _C * weights * len(weights) / weights.sum())
    return matrix.products(shares) + shares.sum()


def mixed(ranked: list[str], share: float) -> list[str]:
    """The ranked ids with a share of random ones among them, evenly spread: of every 10, say, the last is random.

    Random is by hash of the id, so that it is the same on every run and does not depend on the ranking.
    """
    by_chance = iter(sorted(ranked, key=lambda i: _chance(i, 0)))
    by_rank = iter(ranked)
    order: dict[str, None] = {}
    while len(order) < len(ranked):
        place = len(order) + 1
        queue = by_chance if math.floor(place * share) > math.floor((place - 1) * share) else by_rank
        order[next(i for i in queue if i not in order)] = None
    return list(order)


def rank_records(records: Path, decisions: Path, out: Path, seed: int) -> None:
    """`prismake rank`: write the ranking (RANKING_COLUMNS) of the records that a table of decisions leaves open.

    The matrix of the texts is kept beside `out`, for the next decisions on the same records.
    """
    from prismake.screening.tfidf import kept_corpus

    corpus = kept_corpus(out.parent / CACHE, lambda: _key(records, None), lambda: _texts(records, "record_id"))
    _write(out, rank(corpus, read_labels(decisions, set(corpus.ids)), seed))


def rank_reports(unique: Path, folder: Path, out: Path, cache: Path) -> None:
    """Of a review: write the ranking of the reports that are pending on title and abstract (the stage's `folder`).

    Where a report waits for another vote or for the adjudicator, the votes so far count: it is included if anyone
    said include or maybe. So the order learns from the first person's first round on.
    """
    from prismake.screening.tfidf import kept_corpus

    labels: dict[str, bool] = {}
    states = {row["report_id"]: row["state"] for row in read_csv(folder / "decisions.csv")}
    for vote in read_csv(folder / "votes.csv"):
        if (report := vote["report_id"]) in states:
            labels[report] = labels.get(report, False) or STATES[vote["decision"]] == "included"
    labels |= {report: state == "included" for report, state in states.items() if state in ("included", "excluded")}
    pending = {report for report, state in states.items() if state == "pending"}

    def texts() -> dict[str, str]:
        return {report: text for report, text in _texts(unique, "report_id").items() if report in states}

    corpus = kept_corpus(cache, lambda: _key(unique, sorted(states)), texts)
    _write(out, rank(corpus, labels, wanted=pending))


def _key(table: Path, ids: list[str] | None) -> str:
    """What changes with anything that the corpus of these ids (None: of all) of the table depends on."""
    return hashlib.sha256(f"{source('screening.ranking')}{json.dumps(ids)}".encode() + table.read_bytes()).hexdigest()


def _write(path: Path, ranked: list[tuple[str, float]]) -> None:
    write_csv(path, RANKING_COLUMNS, ([i, place, f"{score:.6f}"] for place, (i, score) in enumerate(ranked, start=1)))


def _texts(path: Path, key: str) -> dict[str, str]:
    """id -> title, title again, abstract; of a record that several runs delivered, the first row counts."""
    from prismake.records import REPORT_SCHEMA, SCHEMA, read_parquet  # takes its time to load

    frame = read_parquet(path, SCHEMA if key == "record_id" else REPORT_SCHEMA)
    columns = frame.unique(key, keep="first", maintain_order=True).select(key, "title", "abstract")
    return {i: f"{title or ''} {title or ''} {abstract or ''}" for i, title, abstract in columns.iter_rows()}


def read_labels(path: Path, known: Collection[str]) -> dict[str, bool]:
    """A table of decisions (record_id, decision: include or exclude) as id -> whether it was included.

    Raises PrismakeError naming the row for another decision, an id that is not `known`, or two decisions on one record.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in ("record_id", "decision") if name not in (reader.fieldnames or [])]
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise PrismakeError("this is not a CSV in UTF-8", place=str(path), hint="Save it as CSV UTF-8.") from error
    if missing:
        raise PrismakeError(
            f"the column {missing[0]} is missing", place=str(path), hint="Its columns are record_id and decision."
        )
    labels: dict[str, bool] = {}
    for number, row in enumerate(rows, start=2):
        place = f"{path}, row {number}"
        record, said = (row["record_id"] or "").strip(), (row["decision"] or "").strip().lower()
        if record not in known:
            raise PrismakeError(f"the records hold no '{record}'", place=place, hint="Take its id from them.")
        if said not in ("include", "exclude"):
            raise PrismakeError(
                f"the decision is '{said}'", place=place, hint="Write include or exclude; leave out what is undecided."
            )
        if labels.setdefault(record, said == "include") != (said == "include"):
            raise PrismakeError(
                f"'{record}' is included in one row and excluded in another", place=place, hint="Leave one of them."
            )
    return labels
