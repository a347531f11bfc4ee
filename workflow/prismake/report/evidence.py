"""The map of the evidence: which studies say what on which theme, in which direction, by kind of study.

It shows where there is evidence, not how strong it is: claims are counted, not weighed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from prismake.report.load import Form, Review
from prismake.report.references import name_key
from prismake.report.tables import Row
from prismake.report.wording import label

NONE = "not given"


@dataclass(frozen=True)
class Cell:
    """One theme, kind of study and direction: its studies, each with the claims it makes (in order)."""

    theme: str
    kind: str
    direction: str
    studies: dict[str, list[str]]

    @property
    def claims(self) -> int:
        return sum(map(len, self.studies.values()))


@dataclass(frozen=True)
class EvidenceMap:
    """Cells by (theme, kind, direction); the lists hold what occurs, in the form's order, then by name."""

    themes: list[str]
    kinds: dict[str, list[str]]  # by theme
    directions: list[str]
    cells: dict[tuple[str, str, str], Cell]
    studies: int
    claims: int


def map_evidence(review: Review) -> EvidenceMap:
    """The map that config's report.evidence describes; empty when nothing is extracted yet.

    A claim on several themes ("a; b") is in the cell of each. A value that is missing stands as "not given".
    """
    wanted = review.config["report"]["evidence"]
    level, theme, direction = wanted["level"], wanted["theme"], wanted["direction"]
    kind_level, _, kind_field = wanted["kind"].rpartition(".")
    kind_level = kind_level or level
    claims, says = review.levels.get(level, []), review.form.statements.get(level, "")
    kinds: dict[str, list[str]] = {}
    for row in review.levels.get(kind_level, []):
        known = kinds.setdefault(row["study_id"], [])
        known += [value for value in _values(row.get(kind_field), review.form) if value not in known]
    cells: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for row in claims:
        own = _values(row.get(kind_field), review.form) if kind_level == level else kinds.get(row["study_id"]) or [NONE]
        for t in _values(row.get(theme), review.form):
            for k in own:
                for d in _values(row.get(direction), review.form):
                    cells.setdefault((t, k, d), {}).setdefault(row["study_id"], []).append(row.get(says) or "")
    order = [
        _order({cell[i] for cell in cells}, review.form.options.get(field, []))
        for i, field in enumerate([(level, theme), (kind_level, kind_field), (level, direction)])
    ]
    keys = [(t, k, d) for t in order[0] for k in order[1] for d in order[2] if (t, k, d) in cells]
    return EvidenceMap(
        themes=order[0],
        kinds={t: [k for k in order[1] if any((t, k, d) in cells for d in order[2])] for t in order[0]},
        directions=order[2],
        cells={key: Cell(*key, dict(sorted(cells[key].items()))) for key in keys},
        studies=len({row["study_id"] for row in claims}),
        claims=len(claims),
    )


def _values(cell: str | None, form: Form) -> list[str]:
    """The values of a cell, of a multiple choice each once; missing codes in words."""
    found = dict.fromkeys(part.strip() for part in (cell or "").split("; "))
    return [form.missing.get(value, value) for value in found if value] or [NONE]


def _order(values: Iterable[str], options: list[str]) -> list[str]:
    place = {option: index for index, option in enumerate(options)}
    return sorted(values, key=lambda value: (place.get(value, len(place)), value == NONE, value))


def characteristics(review: Review) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Headings and, per included study, the cells of the table of included studies; a study not extracted has none.

    Columns are those of config's report.characteristics ("level.field"), else the first eight fields of the form's
    first level, which is the study's. Several values of a study (arms, say) stand together, each once.
    """
    first = review.form.levels[0]
    columns = [tuple(name.rpartition(".")[::2]) for name in review.config["report"]["characteristics"]]
    columns = [(level or first, field) for level, field in columns]
    if not columns:
        columns = [column for column in review.form.labels if column[0] == first][:8]
    headings = [review.form.labels.get((level, field)) or label(field) for level, field in columns]
    data: dict[tuple[str, str], list[Row]] = {}
    for level in {level for level, _ in columns} | {first}:
        for row in review.levels.get(level, []):
            data.setdefault((level, row["study_id"]), []).append(row)
    extracted = {study for _, study in data}
    table = []
    for study in sorted({link["study_id"] for link in review.report_study}, key=lambda name: (name_key(name), name)):
        cells = ["; ".join(_distinct(data.get((level, study), []), field, review.form)) for level, field in columns]
        table.append((study, cells if study in extracted else []))
    return headings, table


def _distinct(rows: list[Row], field: str, form: Form) -> list[str]:
    values = dict.fromkeys(row.get(field) or "" for row in rows)
    return [form.missing.get(value, value) for value in values if value]
