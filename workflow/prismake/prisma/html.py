"""The flow diagram as one self-contained page: a click on a number shows what is behind it.

It works without JavaScript (each list is shown by its #anchor), which adds a search field only. No request leaves the
page: a content security policy allows this style and this script, and nothing else.
"""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup

from prismake.prisma.layout import lay_out
from prismake.prisma.record_lists import list_records, read_ledger
from prismake.prisma.settings import Settings
from prismake.prisma.svg import draw_svg
from prismake.prisma.wording import draft_reasons, number, place, read_labels
from prismake.templates import environment, policy_hash

_DATA = Path(__file__).parents[1] / "data" / "prisma"


def draw_html(
    flow: Mapping[str, Any],
    records: Path | None = None,
    reports: Path | None = None,
    settings: Settings | None = None,
) -> str:
    """The page. `records` and `reports` are the ledger's CSVs; without them the lists hold ids alone."""
    labels = read_labels(settings)
    layout = lay_out(flow, settings, banner=False)
    lists, rows = list_records(layout.panels, read_ledger(records, reports), labels)
    linked = {each.key for each in lists}
    templates = environment(_DATA)
    templates.filters["thousands"] = lambda n: number(n, labels)
    script = (_DATA / "flow.js").read_text(encoding="utf-8")
    return templates.get_template("flow.html.j2").render(
        title=layout.title,
        draft=draft_reasons(flow, labels),
        description=layout.description,
        svg=Markup(draw_svg(layout, {key: f"#{key}" for key in linked})),
        width=layout.width,
        groups=[
            (place(stage, arm, labels), list(panels))
            for (stage, arm), panels in groupby(layout.panels, key=lambda panel: (panel.stage, panel.arm))
        ],
        linked=linked,
        units=labels["units"],
        lists=[(each, place(each.panel.stage, each.panel.arm, labels)) for each in lists],
        rows=rows,
        equations=flow.get("equations") or [],
        style=Markup((_DATA / "flow.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=policy_hash(script),
    )
