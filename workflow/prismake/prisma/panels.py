"""What stands in which box of the PRISMA 2020 template: a flow's numbers with their wording, before any geometry.

The template and its wording are data (data/prisma/). Every writer reads the panels, so that the picture, the text
alternative and the tables say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from prismake.errors import PrismakeError
from prismake.prisma.box_table import BOXES
from prismake.text_metrics import clean, unbreakable

_DATA = Path(__file__).parents[1] / "data" / "prisma"


@dataclass(frozen=True)
class Entry:
    """One number with its label. `key` is the box's name, for an item of a box `<box>-<position, from 1>`."""

    key: str
    label: str
    n: int
    unit: str  # record, report or study
    holds: str  # what its ids name: records, reports or studies
    item: bool
    ids: tuple[str, ...]
    ends: str = ""  # ":" when items follow

    def text(self, labels: Mapping[str, Any]) -> str:
        """The label and the number, in which lines do not break."""
        return f"{self.label} {unbreakable(labels['count'].format(n=number(self.n, labels)))}{self.ends}".strip()


@dataclass(frozen=True)
class Panel:
    """One box of the picture: where the template puts it, and its numbers."""

    name: str
    arm: str  # previous, databases or other
    stage: str  # identification, screening or included
    row: int
    side: bool
    pending: bool
    title: str
    entries: tuple[Entry, ...]


@lru_cache(maxsize=4)
def read_labels(language: str = "en") -> dict[str, Any]:
    """The wording of one language, as in data/prisma/labels.en.yaml."""
    return yaml.safe_load((_DATA / f"labels.{language}.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4)
def read_template(name: str) -> dict[str, Any]:
    """A template of the flow diagram, as in data/prisma/template.new.yaml. Raises PrismakeError for an unknown name."""
    path = _DATA / f"template.{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.name.split(".")[1] for file in _DATA.glob("template.*.yaml")))
        raise PrismakeError(f"there is no flow diagram template '{name}'", hint=f"Known templates: {known}.")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def number(n: int, labels: Mapping[str, Any]) -> str:
    """The number with thousands separators."""
    return f"{n:,}".replace(",", labels["thousands"])


def title_of(flow: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    """The name of the picture."""
    title = clean(flow.get("title") or "")
    return labels["title"].format(title=title) if title else labels["untitled"]


def fill_panels(flow: Mapping[str, Any], labels: Mapping[str, Any]) -> list[Panel]:
    """The flow's numbers in the panels of its template, in the template's order; panels without a number are left out.

    A box that the flow lacks, or whose n is null, has no line. Raises PrismakeError for an unknown template.
    """
    template = read_template(flow.get("template") or "new")
    updated = flow.get("template") == "updated"
    boxes = flow["boxes"]
    arms = [
        arm
        for arm in template["arms"]
        if arm not in template["needs"] or any(_counts(boxes.get(name)) for name in template["needs"][arm])
    ]
    panels = []
    for panel in template["panels"]:
        entries = tuple(entry for line in panel["lines"] for entry in _entries(boxes, line, panel["holds"], updated))
        if panel["arm"] in arms and entries:
            panels.append(
                Panel(
                    name=panel["name"],
                    arm=panel["arm"],
                    stage=panel["stage"],
                    row=panel["row"],
                    side=panel.get("side", False),
                    pending=panel.get("pending", False),
                    title=labels["panels"].get(panel["name"], ""),
                    entries=entries,
                )
            )
    return panels


def _entries(boxes: Mapping[str, Any], line: Mapping[str, Any], holds: str, updated: bool) -> Iterator[Entry]:
    """The entry of one box and those of its items."""
    name = line["box"]
    box = boxes.get(name)
    if not _counts(box) or (line.get("counted") and not box["n"]):
        return
    holder = line.get("items_of", name)
    items = (boxes.get(holder) or {}).get("items") or []
    if line.get("items") == "several" and sum(item["n"] > 0 for item in items) < 2:
        items = []
    shared = {"unit": box.get("unit") or BOXES[name].unit, "holds": line.get("holds", holds)}
    label = clean(box.get("label") or (BOXES[name].in_update if updated else BOXES[name].label))
    ids = tuple(box.get("ids") or ())
    yield Entry(name, label, box["n"], **shared, item=False, ids=ids, ends=":" if items else "")
    for position, item in enumerate(items, start=1):
        ids = tuple(item.get("ids") or ())
        yield Entry(f"{holder}-{position}", clean(item["label"]), item["n"], **shared, item=True, ids=ids)


def _counts(box: Mapping[str, Any] | None) -> bool:
    """Whether the box is there and has a number, 0 among them."""
    return box is not None and box.get("n") is not None


def left_out(flow: Mapping[str, Any], panels: Iterable[Panel]) -> list[str]:
    """The flow's boxes that count something and that the picture has no place for, sorted."""
    drawn = {entry.key for panel in panels for entry in panel.entries}
    for panel in read_template(flow.get("template") or "new")["panels"]:
        drawn |= {line["items_of"] for line in panel["lines"] if "items_of" in line and line["box"] in drawn}
    return sorted(name for name, box in flow["boxes"].items() if box.get("n") and name not in drawn)
