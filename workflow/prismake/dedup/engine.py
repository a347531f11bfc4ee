"""Deduplication from tables of records to clusters, merged reports and the pairs behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import col

from prismake.dedup.candidates import find_candidates
from prismake.dedup.cluster import Clusters, Pair, indirect_pairs, ordered
from prismake.dedup.compare import compare
from prismake.dedup.decide import decide
from prismake.dedup.decisions import Settled, Verdict, read_verdicts, settle
from prismake.dedup.first_seen import first_seen
from prismake.dedup.health import doubtful_issues
from prismake.dedup.merge import merge_records
from prismake.dedup.normalise import normalise
from prismake.dedup.outcomes import PAIR_COLUMNS, list_pairs, pair_table
from prismake.errors import FAULT_COLUMNS, Fault, fault_rows
from prismake.publish import write_csv
from prismake.records import write_parquet

CLUSTER_COLUMNS = ["record_id", "source_id", "source_record_id", "cluster_id"]


@dataclass(frozen=True)
class Result:
    clusters: pl.DataFrame  # CLUSTER_COLUMNS: every record_id once, sorted by cluster_id and record_id
    unique: pl.DataFrame  # REPORT_SCHEMA, sorted by report_id
    pairs: pl.DataFrame  # PAIR_COLUMNS: what was merged and what a person should look at, by falling score
    conflicts: list[Verdict]  # verdicts that contradict each other; their pairs stay apart
    faults: list[Fault]  # what is wrong in the files of verdicts
    warnings: list[str]  # fields of a source that were left out of account


def deduplicate(frames: Sequence[pl.DataFrame], decisions: Iterable[Path] = (), *, lenient: bool = False) -> Result:
    """Find the records that are copies of the same report.

    `frames`: tables of SCHEMA, their order the order of the sources; `decisions`: files of verdicts. The result
    does not depend on the order of rows. Raises PrismakeError when a table holds a record twice in one run, or when a
    file of verdicts cannot be understood (`lenient`: that is one of its faults).
    """
    records = first_seen(frames)
    rows = {record_id: row for row, record_id in enumerate(records["record_id"])}
    verdicts, faults = read_verdicts(decisions, rows, lenient=lenient)
    settled, conflicts = settle(verdicts, rows)
    normalised = normalise(records)
    doubtful = doubtful_issues(normalised)
    trusted = pl.when(~col("source_id").is_in(doubtful)).then("issue")
    compared = _compare_all(normalised.with_columns(issue=trusted), settled)
    roots, refused = _cluster(len(rows), compared, settled)
    ids = records["record_id"]
    clusters = records.select(*CLUSTER_COLUMNS[:3], cluster_id=ids.gather(roots))
    return Result(
        clusters=clusters.sort("cluster_id", "record_id"),
        unique=merge_records(records, roots),
        pairs=list_pairs(compared, roots, ids, settled, _notes(verdicts, rows, refused, ids)),
        conflicts=conflicts,
        faults=faults,
        warnings=[f"{source}: the issue is a running number and was left out of account" for source in doubtful],
    )


def write(result: Result, clusters: Path, unique: Path, pairs: Path, faults: Path | None = None) -> None:
    """Publish clusters.csv, unique.parquet, pairs.csv and, if asked for, what is wrong in the files of verdicts."""
    write_csv(clusters, CLUSTER_COLUMNS, result.clusters.iter_rows())
    write_parquet(unique, result.unique)
    rows = ((one, other, band, f"{score:g}", why) for one, other, band, score, why in result.pairs.iter_rows())
    write_csv(pairs, PAIR_COLUMNS, rows)
    if faults:
        write_csv(faults, FAULT_COLUMNS, fault_rows(list_faults(result)))


def list_faults(result: Result) -> list[Fault]:
    """What is wrong in the files of verdicts, verdicts that contradict each other among it."""
    remedy = "Change one of them; until then their pairs stay apart"
    contradictory = [
        Fault(
            "deduplication",
            verdict.person,
            verdict.file,
            "",
            f"verdict, row {verdict.row}",
            verdict.record_id_1,
            f"'{verdict.verdict}' contradicts other verdicts on these records ({verdict.record_id_2})",
            remedy,
        )
        for verdict in result.conflicts
    ]
    return [*result.faults, *contradictory]


def _compare_all(normalised: pl.DataFrame, settled: Settled) -> pl.DataFrame:
    """Features and decision of the candidates, of the pairs with a verdict, and of those that these would join.

    Besides, `joined`: whether the pair would be in one cluster if nothing kept any apart.
    """
    told = sorted(settled.same | settled.different | settled.disputed)
    pairs = pl.concat([find_candidates(normalised), pair_table(told)]).unique().sort("a", "b")
    compared = _score(normalised, pairs)
    merges = [*sorted(settled.same), *compared.filter(band="merge").select("a", "b").iter_rows()]
    groups = Clusters(normalised.height)
    for pair in merges:
        groups.join(*pair)
    indirect = pair_table(indirect_pairs(groups, merges)).join(pairs, on=["a", "b"], how="anti").sort("a", "b")
    compared = pl.concat([compared, _score(normalised, indirect)])
    roots = pl.Series(groups.roots(), dtype=pl.UInt32)
    return compared.with_columns(joined=roots.gather(compared["a"]) == roots.gather(compared["b"]))


def _score(normalised: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    features = compare(normalised, pairs)
    return pl.concat([features, decide(features).drop("a", "b")], how="horizontal")


def _cluster(size: int, compared: pl.DataFrame, settled: Settled) -> tuple[pl.Series, dict[Pair, Pair]]:
    """Per row the first row of its cluster; the pairs that could not be merged, each with the pair that forbade it."""
    verdicts = Clusters(size)
    for pair in settled.same:
        verdicts.join(*pair)
    apart = compared.filter(col("apart") & col("joined")).select("a", "b").iter_rows()
    apart = [pair for pair in apart if verdicts.find(pair[0]) != verdicts.find(pair[1])]
    clusters = Clusters(size, [*apart, *sorted(settled.different | settled.disputed)])
    for pair in sorted(settled.same):
        clusters.join(*pair)
    merges = compared.filter(band="merge").sort("score", "a", "b", descending=[True, False, False]).select("a", "b")
    refused = {pair: clusters.join(*pair) for pair in merges.iter_rows()}
    return pl.Series(clusters.roots(), dtype=pl.UInt32), {pair: by for pair, by in refused.items() if by}


def _notes(
    verdicts: Iterable[Verdict], rows: dict[str, int], refused: dict[Pair, Pair], ids: pl.Series
) -> dict[Pair, str]:
    """What is to be said of a pair besides its score: the verdicts on it, and what kept it apart."""
    notes: dict[Pair, str] = {}
    for pair, (one, other) in refused.items():
        if set(pair) != {one, other}:
            notes[pair] = f"KEPT APART because {ids[one]} and {ids[other]} are not the same"
    for verdict in verdicts:
        pair = ordered(rows[verdict.record_id_1], rows[verdict.record_id_2])
        said = f"VERDICT {verdict.verdict}" + (f" ({verdict.person})" if verdict.person else "")
        notes[pair] = f"{notes[pair]}; {said}" if pair in notes else said
    return notes
