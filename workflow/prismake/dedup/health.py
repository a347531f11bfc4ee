"""Fields of a source or file that cannot be trusted: running numbers for issues, dates for pages, shifted columns."""

from dataclasses import astuple, dataclass, fields

import polars as pl
from polars import col

_DISTINCT = 0.5  # share of distinct issues from which on they look like running numbers
_CONTRADICTED = 0.5  # share of articles that occur twice and whose copies name different issues
_ENOUGH = 20  # records with an issue, before anything is said of a source
EXCEL_DATE = r"(?i)^(\d{1,2}-[a-z]{3}|[a-z]{3}-\d{1,2})$"  # 1-9 became "01-Sep", 10-1998 "Oct-98"


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong with a field in one file (or, without a file, in all of a source)."""

    source_id: str
    file: str
    field: str
    records: int
    example: str  # a record's id
    problem: str

    def __str__(self) -> str:
        place = self.file or self.source_id
        return (
            f"{place}: {self.problem} ({self.records} {'record' if self.records == 1 else 'records'}, {self.example})"
        )


FINDING_COLUMNS = [field.name for field in fields(Finding)]


def check_fields(records: pl.DataFrame, doubtful: list[str]) -> list[Finding]:
    """What looks wrong in the records (SCHEMA) of each file; `doubtful`: the sources of doubtful_issues. Sorted."""
    numbers_only, prose = r"^[\d\W]+$", r"(?i)[a-z]{4,}\W+[a-z]{4,}"
    checks = [
        (
            "issue",
            col("source_id").is_in(doubtful) & col("issue").is_not_null(),
            "the issue is a running number and was left out of account",
        ),
        (
            "pages",
            col("pages").str.contains(EXCEL_DATE),
            "the pages were turned into dates by a spreadsheet program and count as missing; export them anew as text",
        ),
        (
            "columns",
            pl.any_horizontal(
                col("title").str.contains(r"^[\d\s.,/-]+$"),
                col("journal").str.contains(numbers_only),
                col("authors").list.first().str.contains(r"^\d+$"),
                col("volume").str.contains(prose),
                col("issue").str.contains(r"(?i)[a-z]{4,}\W+[a-z]{4,}\W+[a-z]{4,}"),
                col("pages").str.contains(r"(?i)[a-z]{4,}\W+[a-z]{4,}\W+[a-z]{4,}"),
            ),
            "fields hold what belongs into others (a number for a title or journal, words for a volume), as when the"
            " columns of a table are shifted; look at the file",
        ),
    ]
    found = []
    for field, wrong, problem in checks:
        rows = records.filter(wrong.fill_null(False)).group_by("source_id", "raw_file")
        counted = rows.agg(records=pl.len(), example=col("record_id").min())
        for source_id, file, number, example in counted.iter_rows():
            found.append(Finding(source_id, file or "", field, number, example, problem))
    return sorted(found)


def finding_rows(found: list[Finding]) -> list[tuple[object, ...]]:
    return [astuple(finding) for finding in found]


def doubtful_issues(normalised: pl.DataFrame) -> list[str]:
    """The sources whose issue nearly always differs and contradicts the copies of the same article; sorted."""
    issues = normalised.filter(pl.col("issue").is_not_null())
    running = (
        issues.group_by("source_id")
        .agg(distinct=pl.col("issue").n_unique() / pl.len(), records=pl.len())
        .filter((pl.col("distinct") > _DISTINCT) & (pl.col("records") >= _ENOUGH))
    )
    articles = (
        issues.filter(pl.all_horizontal(pl.col("letters", "volume", "first_page").is_not_null()))
        .group_by("letters", "volume", "first_page")
        .agg("source_id", copies=pl.len(), contradicted=pl.col("issue").n_unique() > 1)
        .filter(pl.col("copies") > 1)
    )
    contradicted = (
        articles.explode("source_id")
        .unique()
        .group_by("source_id")
        .agg(pl.col("contradicted").mean())
        .filter(pl.col("contradicted") > _CONTRADICTED)
    )
    return running.join(contradicted, on="source_id")["source_id"].sort().to_list()
