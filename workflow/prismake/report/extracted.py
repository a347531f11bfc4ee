"""What the report says about the extraction itself: agreement, what is missing, what is unresolved."""

from dataclasses import dataclass

import polars as pl

from prismake.report.load import Review
from prismake.report.tables import Row

_MOST = 100  # unresolved values that are listed


@dataclass(frozen=True)
class Missing:
    """One field: in how many of its rows there is a value, a code instead, nothing, or nothing agreed upon."""

    level: str
    field: str
    rows: int
    filled: int
    codes: dict[str, int]  # code -> rows
    blank: int
    unresolved: int


def agreement_table(review: Review) -> tuple[list[Row], int]:
    """Per field and pair of people, as extraction computed it, where they differ; and in how many rows they do not."""
    differ = [row for row in review.extraction_agreement if row["agreed"] != row["compared"]]
    shown = [
        {
            **row,
            "people": f"{review.person(row['person_1'])} and {review.person(row['person_2'])}",
            "percent": f"{100 * float(row['agreement']):.0f} %",
        }
        for row in differ
    ]
    return shown, len(review.extraction_agreement) - len(differ)


def missing_table(review: Review) -> list[Missing]:
    """The fields, in the form's order, that have not a value in every row."""
    unresolved = {
        (level, field): n
        for level, table in review.values.items()
        for field, n in _open(table).group_by("field").agg(pl.struct(_key(table)).n_unique()).iter_rows()
    }
    found = []
    for (level, field), label in review.form.labels.items():
        values = [row.get(field) or "" for row in review.levels.get(level, [])]
        codes = {code: values.count(code) for code in review.form.missing if code in values}
        open_ = unresolved.get((level, field), 0)
        blank = max(values.count("") - open_, 0)
        filled = len(values) - sum(codes.values()) - values.count("")
        if values and (codes or blank or open_):
            found.append(Missing(level, label or field, len(values), filled, codes, blank, open_))
    return found


def unresolved_values(review: Review) -> tuple[list[Row], int]:
    """The values that nobody has settled: study, where, what each person says; and how many there are."""
    found: dict[tuple[str, ...], Row] = {}
    for level, table in review.values.items():
        keys = _key(table)
        for row in _open(table).to_dicts():
            key = tuple(row[name] for name in keys)
            what = review.form.labels.get((level, row["field"])) or row["field"]
            entry = {"study": row["study_id"], "row": " / ".join(key[1:]), "level": level, "what": what, "says": []}
            says = found.setdefault((level, *key, row["field"]), entry)["says"]
            says.append((review.person(row["person"]), row["given"]))
    return list(found.values())[:_MOST], len(found)


def _open(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("state") == "unresolved")


def _key(table: pl.DataFrame) -> list[str]:
    return table.columns[: table.columns.index("field")]
