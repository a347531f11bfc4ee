"""Deduplication from tables of records to clusters, merged reports and the pairs behind them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import col

from prismake.dedup.candidates import find_candidates
from prismake.dedup.cluster import Clusters, Pair, indirect_pairs, ordered
from prismake.dedup.compare import compare
from prismake.dedup.decide import decide
from prismake.dedup.decisions import Settled, Verdict, list_conflicts, read_verdicts, settle
from prismake.dedup.first_seen import first_seen
from prismake.dedup.health import FINDING_COLUMNS, Finding, check_fields, doubtful_issues, finding_rows
from prismake.dedup.merge import merge_records, trace_fields
from prismake.dedup.normalise import normalise
from prismake.dedup.outcomes import PAIR_COLUMNS, list_pairs, pair_table
from prismake.dedup.relations import RELATION_COLUMNS, find_relations
from prismake.errors import FAULT_COLUMNS, Fault, fault_rows
from prismake.publish import write_bytes, write_csv
from prismake.records import write_parquet

CLUSTER_COLUMNS = ["record_id", "source_id", "source_record_id", "cluster_id"]


@dataclass(frozen=True)
class Result:
    clusters: pl.DataFrame  # CLUSTER_COLUMNS: every record_id once, sorted by cluster_id and record_id
    unique: pl.DataFrame  # REPORT_SCHEMA, sorted by report_id
    pairs: pl.DataFrame  # PAIR_COLUMNS: what was merged and what a person should look at, by falling score
    relations: pl.DataFrame  # RELATION_COLUMNS: reports that are no copies and belong together
    conflicts: list[Verdict]  # verdicts that contradict each other; their pairs stay apart
    faults: list[Fault]  # what is wrong in the files of verdicts
    health: list[Finding]  # fields that look wrong or were left out of account
    records: pl.DataFrame  # each once, in order first seen
    roots: pl.Series  # per record the row of the first one of its cluster


def deduplicate(
    frames: Sequence[pl.DataFrame],
    decisions: Iterable[Path] = (),
    *,
    people: Collection[str] | None = None,
    order: Sequence[str] = (),
) -> Result:
    """Find the records that are copies of the same report.

    `frames`: tables of SCHEMA, their order the order of the sources; `decisions`: files of verdicts; `people`: those
    of the review, see read_verdicts; `order`: the sources whose fields are taken first. The result does not depend on
    the order of rows. Raises PrismakeError when a table holds a record twice in one run, or when a file of verdicts
    cannot be understood.
    """
    records = first_seen(frames)
    rows = {record_id: row for row, record_id in enumerate(records["record_id"])}
    verdicts, faults = read_verdicts(decisions, rows, people=people)
    settled, conflicts = settle(verdicts, rows)
    normalised = normalise(records)
    doubtful = doubtful_issues(normalised)
    compared = _compare_all(trusted(normalised, doubtful), settled)
    roots, refused = _cluster(len(rows), compared, settled)
    ids = records["record_id"]
    clusters = records.select(*CLUSTER_COLUMNS[:3], cluster_id=ids.gather(roots))
    return Result(
        clusters=clusters.sort("cluster_id", "record_id"),
        unique=merge_records(records, roots, order),
        pairs=list_pairs(compared, roots, ids, settled, _notes(verdicts, rows, refused, ids)),
        relations=find_relations(compared, normalised, roots),
        conflicts=conflicts,
        faults=faults,
        health=check_fields(records, doubtful),
        records=records,
        roots=roots,
    )


def trusted(normalised: pl.DataFrame, doubtful: list[str]) -> pl.DataFrame:
    """Without the issues of these sources."""
    return normalised.with_columns(issue=pl.when(~col("source_id").is_in(doubtful)).then("issue"))


def write(result: Result, clusters: Path, unique: Path, pairs: Path) -> None:
    """Publish clusters.csv, unique.parquet and pairs.csv."""
    _write_table(clusters, result.clusters.select(CLUSTER_COLUMNS))
    write_parquet(unique, result.unique)
    told = [col(name).cast(pl.String).str.replace(r"\.0+$", "") for name in PAIR_COLUMNS[3:]]
    _write_table(pairs, result.pairs.select(*PAIR_COLUMNS[:3], *told))


def write_more(
    result: Result,
    order: Sequence[str],
    faults: list[Fault],
    relations: Path | None,
    fields: Path | None,
    health: Path | None,
    faulty: Path | None,
) -> None:
    """Publish the tables that are asked for: relations, origins of merged values, doubtful fields, faults."""
    if relations:
        _write_table(relations, result.relations.select(RELATION_COLUMNS))
    if fields:
        _write_table(fields, trace_fields(result.records, result.roots, order))
    if health:
        write_csv(health, FINDING_COLUMNS, finding_rows(result.health))
    if faulty:
        write_csv(faulty, FAULT_COLUMNS, fault_rows(faults))


def _write_table(path: Path, frame: pl.DataFrame) -> None:
    write_bytes(path, frame.write_csv().encode("utf-8"))


def list_faults(result: Result) -> list[Fault]:
    """What is wrong in the files of verdicts, verdicts that contradict each other among it."""
    return [*result.faults, *list_conflicts(result.conflicts)]


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
    merges = compared.filter(band="merge").sort("score", "a", "b", descending=[True, False, False]).select("a", "b")
    told_apart = sorted(settled.different | settled.disputed)
    apart = list(compared.filter(col("apart") & col("joined")).select("a", "b").iter_rows())
    if settled.same:  # a verdict on two records holds for the copies of the two, whatever vetoes lie between them
        groups = Clusters(size, [*apart, *told_apart])
        for pair in merges.iter_rows():
            groups.join(*pair)
        groups = Clusters.of(groups.roots())
        for pair in settled.same:
            groups.join(*pair)
        apart = [pair for pair in apart if groups.find(pair[0]) != groups.find(pair[1])]
    clusters = Clusters(size, [*apart, *told_apart])
    for pair in sorted(settled.same):
        clusters.join(*pair)
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
