"""The flow diagram in words, for people who do not see the picture."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from prismake.prisma.panels import Panel
from prismake.prisma.wording import draft_reasons, number, place


def describe(flow: Mapping[str, Any], panels: list[Panel], labels: Mapping[str, Any]) -> str:
    """Every number of the picture in its order, one sentence per panel, grouped by stage and column."""
    reasons = draft_reasons(flow, labels)
    parts = [f"{labels['draft']['banner']}: {'; '.join(reasons)}."] if reasons else []
    for (stage, arm), group in groupby(panels, key=lambda panel: (panel.stage, panel.arm)):
        sentences = [_sentence(panel, labels) for panel in group]
        parts.append(f"{place(stage, arm, labels)}. {' '.join(sentences)}")
    return " ".join(parts)


def _sentence(panel: Panel, labels: Mapping[str, Any]) -> str:
    numbers: list[tuple[str, list[str]]] = []
    for entry in panel.entries:
        if entry.key.split("-")[1:2] == ["group"]:  # its items follow
            continue
        if entry.item:
            numbers[-1][1].append(f"{entry.label}: {number(entry.n, labels)}")
        else:
            numbers.append((f"{entry.label}: {number(entry.n, labels)}", []))
    texts = [f"{text} ({', '.join(items)})" if items else text for text, items in numbers]
    return f"{panel.title} {'; '.join(texts)}.".lstrip()
