"""What stands in which box of the PRISMA 2020 template: a flow's numbers with their wording, before any geometry.

The template and its wording are data (data/prisma/). Every writer reads the panels, so that the picture, the text
alternative and the tables say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.box_table import BOXES, DATA, read_data
from prismake.prisma.settings import Settings
from prismake.prisma.wording import box_label, item_label, number
from prismake.text_metrics import clean, unbreakable


@dataclass(frozen=True)
class Entry:
    """One number with its label. `key` is the box's name, for an item of a box `<box>-<position, from 1>`, for a group
    of items `<box>-group-<position>`; `level` is 0 for a box, 1 for an item or group, 2 for an item of a group."""

    key: str
    label: str
    n: int
    unit: str  # record, report or study
    holds: str  # what its ids name: records, reports or studies
    level: int
    ids: tuple[str, ...]
    ends: str = ""  # a colon when items follow

    @property
    def item(self) -> bool:
        return self.level > 0

    def text(self, labels: Mapping[str, Any]) -> str:
        """The label and the number, in which lines do not break."""
        count = labels["count"].format(n=number(self.n, labels))
        gap = " " if count.startswith(" ") else ""
        return f"{self.label}{gap}{unbreakable(count.strip())}{self.ends}".strip()


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
def read_template(name: str) -> dict[str, Any]:
    """A template of the flow diagram, as in data/prisma/template.new.yaml. Raises PrismakeError for an unknown name."""
    known = sorted(file.name.split(".")[1] for file in DATA.glob("template.*.yaml"))
    if name not in known:
        raise PrismakeError(f"there is no flow diagram template '{name}'", hint=f"Known templates: {', '.join(known)}.")
    return read_data(f"template.{name}.yaml")


def fill_panels(flow: Mapping[str, Any], labels: Mapping[str, Any], settings: Settings | None = None) -> list[Panel]:
    """The flow's numbers in the panels of its template, in the template's order; panels without a number are left out.

    A box that the flow lacks, or whose n is null, has no line. Raises PrismakeError for an unknown template.
    """
    settings = settings or Settings()
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
        entries = [
            entry
            for line in panel["lines"]
            for entry in _entries(boxes, line, panel["holds"], updated, labels, settings)
        ]
        if settings.hide_zero:
            # A main box stays, so that the arrows keep their way.
            entries = [entry for entry in entries if entry.n] or ([] if panel.get("side") else entries)
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
                    entries=tuple(entries),
                )
            )
    return panels


def _entries(
    boxes: Mapping[str, Any],
    line: Mapping[str, Any],
    holds: str,
    updated: bool,
    labels: Mapping[str, Any],
    settings: Settings,
) -> Iterator[Entry]:
    """The entry of one box and those of its items."""
    name = line["box"]
    box = boxes.get(name)
    if not _counts(box) or (line.get("counted") and not box["n"]):
        return
    holder = line.get("items_of", name)
    items = (boxes.get(holder) or {}).get("items") or []
    counting = [clean(item["label"]) for item in items if item["n"]]
    if line.get("items") == "several" and len(counting) < 2 and labels["phrases"].keys() >= set(counting):
        items = []
    if name == "records_excluded" and not settings.title_abstract_reasons:
        items = []
    shared = {"unit": box.get("unit") or BOXES[name].unit, "holds": line.get("holds", holds)}
    entries = [
        Entry(
            f"{holder}-{position}",
            item_label(item["label"], labels),
            item["n"],
            **shared,
            level=1,
            ids=tuple(item.get("ids") or ()),
        )
        for position, item in enumerate(items, start=1)
    ]
    label, ends = box_label(name, box.get("label"), updated, labels), labels["ends"] if items else ""
    yield Entry(name, label, box["n"], **shared, level=0, ids=tuple(box.get("ids") or ()), ends=ends)
    yield from _grouped(entries, settings.reason_groups, labels["ends"]) if line.get("groups") else entries


def _grouped(entries: list[Entry], groups: Mapping[str, Iterable[str]], ends: str) -> Iterator[Entry]:
    """The entries of reasons under the groups that people made of them, each with its sum; the others follow."""
    left = list(entries)
    for position, (group, reasons) in enumerate(groups.items(), start=1):
        wanted = {clean(reason).casefold() for reason in reasons}
        members = [entry for entry in left if entry.label.casefold() in wanted]
        left = [entry for entry in left if entry not in members]
        if members:
            ids = tuple(id for member in members for id in member.ids)
            holder = members[0].key.rpartition("-")[0]
            sum_of = replace(members[0], key=f"{holder}-group-{position}", label=clean(group), ids=ids, ends=ends)
            yield replace(sum_of, n=sum(member.n for member in members))
            yield from (replace(member, level=2) for member in members)
    yield from left


def _counts(box: Mapping[str, Any] | None) -> bool:
    """Whether the box is there and has a number, 0 among them."""
    return box is not None and box.get("n") is not None


def left_out(flow: Mapping[str, Any], panels: Iterable[Panel]) -> list[str]:
    """The flow's boxes that count something and that the picture has no place for, sorted."""
    drawn = {entry.key for panel in panels for entry in panel.entries}
    for panel in read_template(flow.get("template") or "new")["panels"]:
        drawn |= {line["items_of"] for line in panel["lines"] if "items_of" in line and line["box"] in drawn}
    return sorted(name for name, box in flow["boxes"].items() if box.get("n") and name not in drawn)
