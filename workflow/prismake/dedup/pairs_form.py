"""The form in which a person decides about pairs of records in doubt: both side by side, the likeliest first."""

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from prismake.dedup.decisions import KIND, VERDICTS, form_id
from prismake.errors import PrismakeError
from prismake.forms import check_value, held, issue
from prismake.progress import PROGRESS_COLUMNS
from prismake.publish import read_csv, write_csv
from prismake.records import SCHEMA, read_parquet
from prismake.rounds import Plan, write_plans
from prismake.spreadsheet import Column, Sheet, read_workbook, write_workbook
from prismake.spreadsheet.text import clean

VERSION = "1"  # of this layout; each form carries it
SHEET = "Pairs"
_ABSTRACT = 900  # characters shown
_INSTRUCTIONS = [
    "Say of each pair whether its two records are copies of the same report.",
    "same: one report, delivered twice; they are merged. different: two reports; both stay, nobody is asked again.",
    "An article and its preprint, its conference abstract, its registration, its erratum or a reply to it are"
    " different: they stay apart and are kept as related reports.",
    "The likeliest copies come first. The reasons say what speaks for and against; a VETO is why nothing was merged.",
    "Fill in the tinted cells only, and save the file where it lies. The next run of the review reads it.",
    "A blank cell means: not decided yet. To take a verdict back, change or clear its cell.",
    "Sort and filter as you like, but always whole rows: a row that is torn apart counts as not decided.",
]
_COLUMNS = [
    Column("verdict", width=13, kind="choice", options=VERDICTS, editable=True, help="Copies of the same report?"),
    Column("record_1", width=58),
    Column("record_2", width=58),
    Column("reasons", width=34),
    Column("score", width=8, kind="number"),
    Column("note", width=26, editable=True),
    Column("abstract_1", width=70),
    Column("abstract_2", width=70),
    Column("link_1", width=24, kind="link"),
    Column("link_2", width=24, kind="link"),
    Column("record_id_1", width=20),
    Column("record_id_2", width=20),
    Column("check", width=10, hidden=True),
]


def issue_pairs(config: dict[str, Any], records: Path, clusters: Path, pairs: Path, out: Path) -> None:
    """The next form for the owner of the pairs; issued.csv, waiting.csv and progress.csv in `out`.

    At most one pair for each pair of clusters, the one with the most points; none that a form of anybody holds.
    A form follows when the one before is done.
    """
    report = dict(pl.read_csv(clusters, columns=["record_id", "cluster_id"], infer_schema=False).iter_rows())
    doubtful = _doubtful(pairs, report)
    owner = config["deduplication"]["owner"]
    holds = {
        person: {_ends(pair, report) for pair in ids} - {frozenset()} for person, ids in held(KIND, _ids_in).items()
    }
    taken = set().union(*holds.values())
    queue = [row for ends, row in doubtful.items() if ends not in taken and not row["judged"]]
    plan = Plan()
    if "until" in config["screening"]["people"][owner]:
        plan.short = [row["id"] for row in queue]
    elif queue and holds.get(owner, set()) & doubtful.keys():
        plan.later = {owner: len(queue)}
    elif queue:
        size = config["screening"]["round_size"]
        chosen = queue[:size]
        plan.later = {owner: len(queue) - size} if len(queue) > size else {}
        names = {name: source["database"] for name, source in config["search"]["sources"].items()}
        rows = _rows(chosen, records, names)

        def make(meta: dict[str, str]) -> bytes:
            return workbook(rows, {"review": config["review"]["title"], **meta})

        issue(KIND, owner, [row["id"] for row in chosen], make)
    waiting = {_key(ends) for ends in doubtful}
    aliases = {row: _key(_ends(row, report)) for ids in held(KIND, _ids_in).values() for row in ids}
    write_plans({KIND: plan}, {KIND: lambda person: waiting}, _ids_in, aliases, "owner of the pairs", out)
    _write_progress(out)


def _write_progress(out: Path) -> None:
    """progress.csv; the faults are those of the run that read the forms."""
    faults, rows = Counter(fault["file"] for fault in read_csv(out / "faults.csv")), []
    for form in read_csv(out / "issued.csv"):
        total, pending = int(form["rows"]), int(form["pending"])
        rows.append(
            [form["stage"], form["person"], form["file"], total, total - pending, pending, faults[form["file"]]]
        )
    write_csv(out / "progress.csv", PROGRESS_COLUMNS, rows)


def _doubtful(pairs: Path, report: Mapping[str, str]) -> dict[frozenset[str], dict[str, Any]]:
    """By pair of clusters, the likeliest first: the pair to show. `judged`: its verdicts contradict each other."""
    found: dict[frozenset[str], dict[str, Any]] = {}
    for row in read_csv(pairs):
        if row["band"] != "review":
            continue
        ends = frozenset((report[row["record_id_1"]], report[row["record_id_2"]]))
        judged = "VERDICT " in row["reasons"]
        row = {**row, "id": form_id(row["record_id_1"], row["record_id_2"]), "judged": judged}
        if judged or ends not in found:
            found[ends] = row | {"judged": judged}
    return found


def _ends(pair: str, report: Mapping[str, str]) -> frozenset[str]:
    """The two clusters of an issued pair, empty when a search no longer holds it."""
    ids = pair.split("\t")
    return frozenset(report[i] for i in ids) if all(i in report for i in ids) else frozenset()


def _key(ends: Collection[str]) -> str:
    return "\t".join(sorted(ends))


def _ids_in(path: Path) -> list[str]:
    """The pairs in a form without a log entry; none when it cannot be opened (its reader reports that)."""
    try:
        sheets = read_workbook(path).sheets.values()
    except PrismakeError:
        return []
    names = ("record_id_1", "record_id_2")
    rows = [row.cells for sheet in sheets if set(names) <= set(sheet.columns) for row in sheet.rows]
    return [form_id(cells[names[0]].value, cells[names[1]].value) for cells in rows]


def _rows(pairs: list[dict[str, Any]], path: Path, databases: Mapping[str, str]) -> list[dict[str, Any]]:
    wanted = {row[f"record_id_{n}"] for row in pairs for n in (1, 2)}
    frame = read_parquet(path, SCHEMA).filter(pl.col("record_id").is_in(wanted))
    records = {row["record_id"]: row for row in frame.sort("run_date").iter_rows(named=True)}
    rows = []
    for pair in pairs:
        row: dict[str, Any] = {"score": float(pair["score"]), "reasons": pair["reasons"].replace("; ", "\n")}
        for n in (1, 2):
            record = records[pair[f"record_id_{n}"]]
            row[f"record_id_{n}"] = record["record_id"]
            row[f"record_{n}"] = show(record, databases)
            row[f"abstract_{n}"] = (record["abstract"] or "")[:_ABSTRACT]
            row[f"link_{n}"] = f"https://doi.org/{record['doi']}" if record["doi"] else record["url"]
        row["check"] = check_value(pair["id"], f"{row['record_1']} {row['record_2']}")
        rows.append(row)
    return rows


def show(record: Mapping[str, Any], databases: Mapping[str, str]) -> str:
    """A record in lines: title, authors, journal and place, what it is, identifiers, where it came from."""
    authors = record["authors"] or []
    place = " ".join(filter(None, (record["volume"], record["issue"] and f"({record['issue']})")))
    place += f": {record['pages']}" if record["pages"] else ""
    numbers = [f"DOI {record['doi']}"] if record["doi"] else []
    numbers += [f"PMID {record['pmid']}"] if record["pmid"] else []
    source = databases.get(record["source_id"], record["source_id"])
    lines = [
        record["title"] or "(no title)",
        "; ".join(authors[:8]) + ("; et al." if len(authors) > 8 else "") or "(no authors)",
        " ".join(filter(None, (record["journal"], record["year"] and str(record["year"]), place))) or "(no journal)",
        "; ".join(dict.fromkeys(filter(None, (*numbers, *(record["publication_types"] or []), record["language"])))),
        f"from {source}",
    ]
    return "\n".join(clean(" ".join(line.split()))[:2000] for line in lines if line)


def workbook(rows: list[dict[str, Any]], meta: dict[str, str]) -> bytes:
    """The bytes of a form with these rows."""
    ids = [form_id(row["record_id_1"], row["record_id_2"]) for row in rows]
    # 200 pairs to a cell: a cell holds 32,767 characters.
    issued = {f"ids {start + 1}": "\n".join(ids[start : start + 200]) for start in range(0, len(ids), 200)}
    sheet = Sheet(SHEET, _COLUMNS, rows, frozen=1)
    return write_workbook([sheet], instructions=_INSTRUCTIONS, meta={"form": f"{KIND} {VERSION}", **meta, **issued})
