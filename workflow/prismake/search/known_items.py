"""Known items: reports that the search must find, looked up among the records it brought (relative recall).

Testing a strategy against known relevant reports is advised by the Cochrane Handbook, chapter 4, and by PRESS 2015.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from prismake.importers import fields
from prismake.publish import write_csv

COLUMNS = ["item", "kind", "found", "sources", "record_ids"]


def kind_of(item: str) -> tuple[str, str]:
    """What an identifier is (doi, pmid, registration, record), and how it stands in the records."""
    if found := fields.doi(item):
        return "doi", found
    if found := fields.pmid(item):
        return "pmid", found
    if found := fields.registry_ids(item):
        return "registration", found[0]
    return "record", item


def look_up(items: Sequence[str | int], records: pl.DataFrame) -> list[dict[str, str]]:
    """A row of COLUMNS for each item, in the order given: `found` is 1 or 0, several values are joined by "; "."""
    rows = []
    for item in map(str, items):
        kind, value = kind_of(item.strip())
        if kind == "registration":
            hit = records.filter(pl.col("registry_ids").list.contains(value))
        else:
            hit = records.filter(pl.col("record_id" if kind == "record" else kind) == value)
        sources = "; ".join(sorted(set(hit["source_id"])))
        ids = "; ".join(sorted(set(hit["record_id"])))
        rows.append(dict(zip(COLUMNS, [item, kind, str(int(hit.height > 0)), sources, ids], strict=True)))
    return rows


def write_known_items(path: str | Path, items: Sequence[str | int], records: pl.DataFrame) -> None:
    write_csv(path, COLUMNS, [[row[name] for name in COLUMNS] for row in look_up(items, records)])
