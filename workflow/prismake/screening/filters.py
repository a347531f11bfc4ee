"""What takes reports out before anybody looks at them: an earlier version of the review, and optional filters.

A report belongs to the earlier version when that version had screened one of its records. Filters act
on reports (merged records), only on what every member that states a value agrees on, never on a missing or
contradictory value; a person can reinstate a record in the configuration.
"""

from pathlib import Path
from typing import Any

import polars as pl

from prismake.data_files import read_data
from prismake.previous import EARLIER, Previous
from prismake.publish import write_csv
from prismake.records import read_parquet

COLUMNS = ["report_id", "filter", "value"]
UNUSED_COLUMNS = ["setting", "value"]


def filter_reports(
    settings: dict[str, Any], records: Path, clusters: Path, out: Path, unused: Path, previous: Previous | None = None
) -> None:
    """Write `out`: the reports that are taken out, each by the first filter that does, with the value; and `unused`:
    the languages, types and ids in the settings that no record has, which may be misspelt.

    What an earlier version screened is EARLIER, with the name of the release, and cannot be reinstated.
    """
    frame = read_parquet(records).unique("record_id", keep="first", maintain_order=True)
    report_of = pl.read_csv(clusters, columns=["record_id", "cluster_id"], infer_schema=False)
    frame = frame.join(report_of.rename({"cluster_id": "report_id"}), on="record_id")
    found: dict[str, tuple[str, str]] = {}
    strange: list[list[str]] = []

    def look_for(setting: str, values: list[str], seen: pl.Series) -> None:
        strange.extend(
            [setting, text] for text, value in zip(settings[setting], values, strict=True) if value not in seen
        )

    years = settings.get("years", {})
    if years:
        wrong = (pl.col("year") < years.get("from", -9999)) | (pl.col("year") > years.get("to", 9999))
        _add(found, frame, "year", wrong, "years", pl.col("year").cast(pl.String))
    if settings.get("languages"):
        names = read_data("screening/languages.yaml")
        keep = [names.get(text.strip().lower(), text.strip().lower()) for text in settings["languages"]]
        # A record in several languages ("English; German", "English (abstract), German") is kept when one is wanted;
        # "undetermined" and the like are no statement.
        word = pl.element().str.replace(r"\(.*?\)|\.$", "").str.replace(r"^(\w\w)-\w\w$", "${1}").str.strip_chars()
        spoken = pl.col("language").str.to_lowercase().str.split(";").list.eval(pl.element().str.split(",").explode())
        spoken = spoken.list.eval(word.replace(names).filter(~word.replace(names).is_in(["", "unknown"])))
        frame = frame.with_columns(spoken=pl.when(spoken.list.len() > 0).then(spoken))
        look_for("languages", keep, frame["spoken"].explode().unique())
        wrong = ~pl.col("spoken").list.eval(pl.element().is_in(keep)).list.any()
        _add(found, frame, "spoken", wrong, "languages", pl.col("language"))
    if settings.get("publication_types"):
        removed = [text.strip().lower() for text in settings["publication_types"]]
        look_for("publication_types", removed, frame["publication_types"].explode().str.to_lowercase().unique())
        wrong = pl.col("publication_types").list.eval(pl.element().str.to_lowercase().is_in(removed)).list.any()
        _add(found, frame, "publication_types", wrong, "publication_types", pl.col("publication_types").list.join("; "))
    look_for("reinstate", settings["reinstate"], pl.concat([frame["record_id"], frame["report_id"]]).unique())
    reinstated = set(
        frame.filter(
            pl.col("record_id").is_in(settings["reinstate"]) | pl.col("report_id").is_in(settings["reinstate"])
        )["report_id"]
    )
    found = {report: why for report, why in found.items() if report not in reinstated}
    if previous:
        known = frame.filter(pl.col("record_id").is_in(previous.screened))["report_id"]
        found |= dict.fromkeys(known, (EARLIER, previous.tag))
    write_csv(unused, UNUSED_COLUMNS, strange)
    write_csv(out, COLUMNS, [[report, *found[report]] for report in sorted(found)])


def _add(
    found: dict[str, tuple[str, str]], frame: pl.DataFrame, column: str, wrong: pl.Expr, name: str, value: pl.Expr
) -> None:
    stated = frame.filter(pl.col(column).is_not_null())
    verdicts = (
        stated.with_columns(wrong.alias("wrong"), value.alias("value"))
        .group_by("report_id", maintain_order=True)
        .agg(pl.col("wrong").all(), pl.col("value").first())
        .filter(pl.col("wrong"))
    )
    for report, text in verdicts.select("report_id", "value").iter_rows():
        found.setdefault(report, (name, text))
