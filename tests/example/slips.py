"""How two people extract one study: where they slip, and how the third one settles it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from extraction_answers import extract, named
from openpyxl.worksheet.worksheet import Worksheet
from phrases import chance
from reports import Report

ROOT = Path(__file__).resolve().parents[2]
Rows = list[dict[str, Any]]
# What somebody may take for something else: level (by its place), field, and what they enter instead.
SLIPS: list[tuple[int, str, Callable[[Any], Any]]] = [
    (0, "random_allocation", lambda value: {"yes": "UC", "no": "UC", "UC": "no"}[value]),
    (0, "blinded_outcome", lambda value: "NR" if value != "NR" else "no"),
    (0, "sample_size", lambda value: "NR" if value != "NR" else "no"),
    (0, "funding", lambda value: "public" if value != "public" else "NR"),
    (1, "donor", lambda value: "allogeneic" if value != "allogeneic" else "xenogeneic"),
    (2, "n", lambda value: value + 2),
    (3, "spread_kind", lambda value: "SEM" if value != "SEM" else "SD"),
    (3, "mean", lambda value: round(value * 1.2, 3)),
    (4, "direction", lambda value: "mixed" if value != "mixed" else "supports"),
    (4, "basis", lambda value: "cited" if value != "cited" else "own result"),
]
CANNOT_BE_TOLD = {"spread_kind"}  # the report does not say, and the authors did not answer
NOTES = {"entered": "looked up together", "unresolved": "not in the report; authors asked, no answer"}


def seen(person: str, report: Report, index: int) -> tuple[Rows, ...]:
    """The rows of the five levels as this person enters them."""
    levels = tuple([dict(row) for row in rows] for rows in extract(report, index))
    rng = chance("slips", person, report.key, index)
    for level, field, wrong in SLIPS:
        for row in levels[level]:
            if rng.random() < 0.05 and row.get(field) not in (None, "", "NA"):
                row[field] = wrong(row[field])
    if person == "ben":
        if len(levels[4]) > 2 and rng.random() < 0.3:
            levels[4].pop()  # the last finding, overlooked
        if rng.random() < 0.15:
            for row in (*levels[2], *levels[3]):
                row["arm_id"] = row["arm_id"].replace("exosomes", "MSC exosomes")
    return levels


def settle(page: Worksheet, names: dict[str, str]) -> int:
    """Fill in a consensus form: what the report says, or that it cannot be told."""
    form = yaml.safe_load((ROOT / "config/forms/msc_exosome.yaml").read_text(encoding="utf-8"))
    by_name = named(names)
    count = 0
    for row, put in questions(page):
        report, index = by_name[row["Study"]]
        level = next(name for name, part in form["levels"].items() if part.get("label") == row["Sheet"])
        place = list(form["levels"]).index(level)
        truth = extract(report, index)[place]
        key = [name for name in form["levels"][level]["key"] if name != "study_id"]
        wanted = row["Row"].casefold().split(" / ") if key else []
        match = next((t for t in truth if [str(t[name]).casefold() for name in key] == wanted), None)
        if row["What"] == "(the whole row)":
            put("Take", "add this row" if match else "same row as exosomes")
        else:
            field = next(f["id"] for f in form["levels"][level]["fields"] if row["What"].startswith(f["label"]))
            _answer(row, put, field, (match or {}).get(field), chance("settled", row["Question"]).random())
        count += 1
    return count


def _answer(row: dict[str, str], put: Callable[[str, Any], None], field: str, truth: Any, luck: float) -> None:
    said = {name.removesuffix(" says"): value for name, value in row.items() if name.endswith(" says")}
    right = [name for name, value in said.items() if value == str(truth)]
    if field in CANNOT_BE_TOLD and luck < 0.5:
        put("Take", "stays unresolved")
        put("Note", NOTES["unresolved"])
    elif right:
        people = {"Ana Ferreira-Lindqvist": "ana", "Ben Okonkwo-Tanabe": "ben"}
        put("Take", people[right[0]])
    else:
        put("Or enter", truth)
        put("Note", NOTES["entered"])


def questions(page: Worksheet) -> Iterator[tuple[dict[str, str], Callable[[str, Any], None]]]:
    at = {str(cell.value): cell.column for cell in page[1] if cell.value}
    for number in range(2, page.max_row + 1):
        texts = {name: str(page.cell(number, column).value or "") for name, column in at.items()}
        if texts["Question"]:

            def put(name: str, value: Any, number: int = number) -> None:
                page.cell(number, at[name]).value = value

            yield texts, put
