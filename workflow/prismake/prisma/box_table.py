"""The boxes of a PRISMA 2020 flow diagram (data/prisma/boxes.csv), their labels in English, and how one is made.

Names are the keys of the PRISMA2020 R package (Haddaway et al. 2022, doi:10.1002/cl2.1230) where it has the box;
the others are ours. The order of BOXES is the order of the boxes in flow.json.
"""

import csv
from dataclasses import dataclass
from typing import Any

from prismake import data_files

Boxes = dict[str, dict[str, Any]]
DATA = data_files.DATA / "prisma"
FORMAT = "prismake-flow/1"  # of flow.json
PROVISIONAL = "report:"  # begins the study_id of an included report that nobody has linked to a study


@dataclass(frozen=True)
class BoxKind:
    label: str
    unit: str  # record, report or study: what the box counts
    pending: bool  # counts what people have yet to decide: makes the flow a draft
    in_update: str  # the label in an updated review


def read_data(name: str) -> Any:
    """The content of a YAML file of data/prisma/."""
    return data_files.read_data(f"prisma/{name}")


def _read_kinds() -> dict[str, BoxKind]:
    english = read_data("labels.en.yaml")
    labels, in_update = english["boxes"], english["boxes_in_update"]
    with (DATA / "boxes.csv").open(encoding="utf-8", newline="") as file:
        return {
            (name := row["name"]): BoxKind(
                labels[name], row["unit"], row["pending"] == "1", in_update.get(name, labels[name])
            )
            for row in csv.DictReader(file)
        }


BOXES = _read_kinds()
PENDING = tuple(name for name, kind in BOXES.items() if kind.pending)
OF_EARLIER_STUDIES = "New reports of studies included before"  # the line of new_reports in an update
AUTOMATION = "Excluded by automation"  # lines of records_excluded
STOPPED = "Not screened: stopped by rule (automation)"
# The boxes in which the records of the other-methods column were identified.
OTHER_IDENTIFIED = (
    "website_results",
    "organisation_results",
    "citations_results",
    "contact_results",
    "handsearch_results",
    "other_results",
)


def box(name: str, ids: list[str], items: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The box counted from its ids; `items` are its lines (label -> ids), of which empty ones are left out."""
    made: dict[str, Any] = {"label": BOXES[name].label, "unit": BOXES[name].unit, "n": len(ids), "ids": ids}
    if items is not None:
        made["items"] = [{"label": label, "n": len(part), "ids": part} for label, part in items.items() if part]
    return made


def in_order(boxes: Boxes) -> Boxes:
    return {name: boxes[name] for name in BOXES if name in boxes}


def label_of(name: str) -> str:
    """The box's English label, which says of both columns' boxes which is meant."""
    return BOXES[name].label + (" (other methods)" if name.startswith("other_") and name != "other_results" else "")


def pending_reasons(boxes: Boxes) -> list[str]:
    """Why a flow with these boxes is a draft: one text for each box of records or reports that wait for a decision."""
    return [f"{label_of(name)}: {boxes[name]['n']:,}" for name in PENDING if name in boxes and boxes[name]["n"] > 0]
