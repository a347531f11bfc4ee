"""What goes with the diagram into a manuscript: caption, sentences for methods and results, text alternative."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from prismake import __version__
from prismake.prisma.box_table import AUTOMATION, STOPPED
from prismake.prisma.shapes import Layout
from prismake.prisma.wording import draft_reasons, number
from prismake.publish import csv_text

CITATION = (
    "Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement: an updated guideline for reporting systematic"
    " reviews. BMJ 2021;372:n71. doi:10.1136/bmj.n71"
)
COUNT_COLUMNS = ["stage", "column", "box", "line", "label", "unit", "n"]


@dataclass(frozen=True)
class Words:
    """Texts in the diagram's language; `draft` says why the numbers will change, "" when they will not."""

    caption: str
    methods: str
    results: str
    draft: str
    description: str
    citation: str
    numbers_heading: str
    columns: tuple[str, str, str]  # headings of the table of numbers: box, unit, n
    labels: Mapping[str, Any]


def put_in_words(flow: Mapping[str, Any], layout: Layout, labels: Mapping[str, Any]) -> Words:
    words = labels["words"]
    draft = "; ".join(draft_reasons(flow, labels))
    return Words(
        caption=words["caption"].format(title=layout.title),
        methods=words["methods"].format(version=__version__),
        results=_results(flow["boxes"], labels),
        draft=f"{labels['draft']['banner']}: {draft}" if draft else "",
        description=layout.description,
        citation=CITATION,
        numbers_heading=words["numbers"],
        columns=tuple(words["columns"].values()),
        labels=labels,
    )


def _results(boxes: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    """The sentences for which the flow has every number, in their order; none on registers where none was searched."""
    sentences = dict(labels["words"]["results"])
    if "register_specific_results" not in boxes and not (boxes.get("register_results") or {}).get("n"):
        del sentences["registers"]
    known = {name: (box or {}).get("n") for name, box in boxes.items()}
    stopped = _stopped(boxes)
    known |= stopped
    del sentences["screened" if stopped else "stopped"]
    texts = []
    for sentence in sentences.values():
        counts = {name: known.get(name) for _, name, _, _ in Formatter().parse(sentence) if name}
        if all(count is not None for count in counts.values()):
            texts.append(sentence.format(**{name: number(n, labels) for name, n in counts.items()}))
    return labels["words"]["joint"].join(texts)


def _stopped(boxes: Mapping[str, Any]) -> dict[str, int]:
    """How many records people looked at and excluded and how many nobody saw; {} where no stopping rule left any out.

    In the diagram, all of them stand among the records screened, and those that nobody saw among the excluded ones.
    """
    lines = {line["label"]: line["n"] for line in (boxes.get("records_excluded") or {}).get("items") or ()}
    unseen = lines.get(STOPPED)
    if not unseen or "records_screened" not in boxes:
        return {}
    waiting = (boxes.get("pending_screening") or {}).get("n") or 0
    not_by_people = unseen + lines.get(AUTOMATION, 0)
    return {
        "looked_at": boxes["records_screened"]["n"] - not_by_people - waiting,
        "excluded_by_people": boxes["records_excluded"]["n"] - not_by_people,
        "unseen": unseen,
    }


def as_text(words: Words) -> str:
    """flow.txt: each text under its heading, ready to paste."""
    headings = words.labels["words"]["headings"]
    texts = {
        name: getattr(words, name) for name in ("draft", "caption", "methods", "results", "description", "citation")
    }
    return "\n\n".join(f"{headings[name]}\n{text}" for name, text in texts.items() if text) + "\n"


def as_counts(layout: Layout) -> str:
    """counts_long.csv: one row per number of the picture, the lines of a box below it."""
    rows = []
    for panel in layout.panels:
        for entry in panel.entries:
            box, _, line = entry.key.partition("-")
            rows.append([panel.stage, panel.arm, box, line, entry.label, entry.unit, entry.n])
    return csv_text(COUNT_COLUMNS, rows)
