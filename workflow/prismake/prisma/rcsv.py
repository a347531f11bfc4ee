"""The CSV of the PRISMA2020 R package and Shiny app (Haddaway et al. 2022, doi:10.1002/cl2.1230): written and read.

The format has 34 fixed rows (data/prisma/r_rows.csv) and, as its number, a count or a list "Reason, 12; Reason, 3". The
package reads it without checking sums, and breaks on some characters: labels are written as it can read them, their
original text stays in flow.json. An absent number is 0 (a blank one switches columns of the app on), an absent list of
sources keeps the template's placeholder.

What the format has no row for travels in two ways. Records from contacts, handsearching and other sources stand in a
row of the other methods that the review does not use, else with the organisations, and its label says so. Ongoing and
pending reports stand behind the tooltip of the box they are taken from: "...; pending_screening, 12".
"""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.box_table import BOXES, DATA, Boxes, in_order
from prismake.prisma.typed import whole
from prismake.publish import csv_text

COLUMNS = ["data", "node", "box", "description", "boxtext", "tooltips", "url", "n"]
LISTS = ("dbr_excluded", "other_excluded", "database_specific_results", "register_specific_results")
PLACEHOLDERS = {
    "database_specific_results": "Database 1, xxx; Database 2, xxx; Database 3, xxx",
    "register_specific_results": "Register 1, xxx; Register 2, xxx; Register 3, xxx",
    "dbr_excluded": "Reason1, xxx; Reason2, xxx; Reason3, xxx",
    "other_excluded": "Reason1, xxx; Reason2, xxx; Reason3, xxx",
}
WITHOUT_ROW = ("contact_results", "handsearch_results", "other_results")
ROWS_TO_BORROW = ("organisation_results", "website_results", "citations_results")
IN_TOOLTIP = {
    "website_results": ("other_removed", "other_pending_screening"),
    "records_screened": ("pending_screening", "in_conflict"),
    "dbr_sought_reports": ("pending_retrieval",),
    "dbr_assessed": ("pending_eligibility", "dbr_ongoing", "dbr_awaiting"),
    "other_sought_reports": ("other_pending_retrieval",),
    "other_assessed": ("other_pending_eligibility", "other_ongoing", "other_awaiting"),
}
# Boxes that are absent from the review when all of them are 0 or blank in the file.
GROUPS = (
    ("previous_studies", "previous_reports"),
    ("total_studies", "total_reports"),
    ("total_studies_ma", "total_reports_ma"),
    (
        *["website_results", "organisation_results", "citations_results", "other_sought_reports"],
        *["other_notretrieved_reports", "other_assessed", "other_excluded"],
    ),
)
DRAFT = "DRAFT"
UNNAMED = "Not stated"


def flow_csv(flow: Mapping[str, Any]) -> str:
    """The text of flow.csv. A draft says so in the heading of the databases column, its reasons are the tooltip."""
    boxes = _borrow_rows(flow["boxes"])
    rows = []
    for row in _template():
        name, in_update = row["data"], row.pop("in_update")
        if in_update and flow.get("template") == "updated":
            row["boxtext"] = in_update
        box = boxes.get(name, {})
        if name not in LISTS:
            row["boxtext"] = sanitise(box.get("label") or row["boxtext"])
        extra = [f"{other}, {boxes[other]['n']}" for other in IN_TOOLTIP.get(name, ()) if other in boxes]
        row["tooltips"] = "; ".join([row["tooltips"], *extra])
        if row["box"] == "newstud" and flow.get("draft"):
            row["boxtext"] = f"{DRAFT}: {row['boxtext']}"
            row["tooltips"] = sanitise(f"{DRAFT}: {'; '.join(flow['draft'])}")
        rows.append([*row.values(), _number(name, box)])
    return csv_text(COLUMNS, rows)


def sanitise(text: str, *, listed: bool = False) -> str:
    """The text as the package can draw it; `listed` when it names a line of a list, where `,` and `;` separate."""
    text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).translate({ord("'"): "’", ord('"'): "”", ord("\\"): "/"})
    text = text.replace("@@", "@ @")  # begins a substitution in the package's graph language
    if listed:
        text = re.sub(r" ?[,;][ ,;]*", " / ", text)
    return text.strip() or UNNAMED


def _borrow_rows(boxes: Boxes) -> Boxes:
    extra = [
        boxes[name] | {"label": boxes[name].get("label") or BOXES[name].label} for name in WITHOUT_ROW if name in boxes
    ]
    if not extra:
        return boxes
    row = next((name for name in ROWS_TO_BORROW if name not in boxes), ROWS_TO_BORROW[0])
    if row in boxes:
        extra.insert(0, boxes[row] | {"label": boxes[row].get("label") or BOXES[row].label})
    joined = {"label": ", ".join(box["label"] for box in extra), "n": sum(box["n"] for box in extra)}
    return {**boxes, row: joined}


def _number(name: str, box: Mapping[str, Any]) -> str:
    if box.get("items") and name in LISTS:
        return "; ".join(f"{sanitise(item['label'], listed=True)}, {item['n']}" for item in box["items"])
    if "specific" in name:
        return PLACEHOLDERS[name]
    return str(box.get("n", 0))


def _template() -> list[dict[str, str]]:
    with (DATA / "r_rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_r_csv(text: str) -> bool:
    """Whether the header is that of the package's CSV, as the columns data, box and n tell."""
    return {"data", "box", "n"} <= set(_header(text)[0])


def read_r_csv(text: str, place: str) -> dict[str, Any]:
    """The flow in such a CSV: draft and boxes (n, items, a label where the file has its own words).

    Blank numbers and placeholders are absent boxes; a group that is all 0 or blank (previous version, totals,
    meta-analysis, other methods) is absent. Raises PrismakeError, with the line, for what is not a whole number.
    """
    header, delimiter = _header(text)
    reader = csv.DictReader(io.StringIO(text), fieldnames=header, delimiter=delimiter)
    next(reader)
    usual = {row["data"]: row["boxtext"] for row in _template()}
    boxes: Boxes = {}
    draft: list[str] = []
    for row in reader:
        where = f"{place}, line {reader.line_num}"
        name, value, words = ((row.get(column) or "").strip() for column in ("data", "n", "boxtext"))
        if (row.get("box") or "").strip() == "newstud" and words.startswith(DRAFT):
            draft = ["The counts come from a file that is marked DRAFT"]
        if name in ("", "NA", "identification", "screening", "included") or value in ("", "NA", PLACEHOLDERS.get(name)):
            continue
        if name not in BOXES:
            hint = "The column data holds the keys of the PRISMA2020 R package; correct the key or delete the line."
            raise PrismakeError(f"there is no box '{name}'", place=where, hint=hint)
        if name in boxes:
            raise PrismakeError(f"a second line for '{name}'", place=where, hint="Delete one of them.")
        boxes[name] = _box(name, value, where)
        if words not in ("", "NA", usual.get(name)) and name not in LISTS:
            boxes[name]["label"] = words
        boxes |= _from_tooltip(name, row.get("tooltips") or "")
    for group in GROUPS:
        if not any(boxes.get(name, {}).get("n") for name in group):
            boxes = {name: box for name, box in boxes.items() if name not in group}
    return {"draft": draft, "boxes": in_order(boxes)}


def _header(text: str) -> tuple[list[str], str]:
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # spreadsheets of many countries save with ;
    return [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])], delimiter


def _box(name: str, value: str, where: str) -> dict[str, Any]:
    if name not in LISTS or re.fullmatch(r"[\d,]+", value):  # the package reads a list of digits as one number
        return {"n": _whole(value, name, where)}
    items = []
    for line in filter(None, (line.strip() for line in value.split(";"))):
        label, comma, n = line.partition(",")
        items.append(
            {
                "label": label.strip() or UNNAMED,
                "n": _whole(n.strip() if comma else "", f"{name}, {label.strip()}", where),
            }
        )
    return {"n": sum(item["n"] for item in items), "items": items}


def _from_tooltip(name: str, tooltip: str) -> Boxes:
    found = re.findall(r"; (\w+), (\d+)(?=;|$)", tooltip)
    return {other: {"n": int(n)} for other, n in found if other in IN_TOOLTIP.get(name, ())}


def _whole(value: str, what: str, where: str) -> int:
    n = whole(value)
    if n is None:
        hint = (
            "Write a number without sign or decimals, in lists as: Reason, 12; Other reason, 3 (no comma in a reason)."
        )
        raise PrismakeError(f"{what}: '{value}' is not a whole number (H1)", place=where, hint=hint)
    return n
