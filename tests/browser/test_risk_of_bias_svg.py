"""The figures of risk of bias as a browser shows them, in whatever font it has."""

import pytest

from prismake.risk_of_bias.assessments import assess
from prismake.risk_of_bias.summary import draw_summary
from prismake.risk_of_bias.tools import load_tool
from prismake.risk_of_bias.traffic_light import draw_traffic_light

OVERFLOWING = """() => [...document.querySelectorAll('g.cell, g[class^="cell "]')].flatMap(cell => {
  const room = cell.querySelector('rect').getBoundingClientRect();
  return [...cell.querySelectorAll('text')].filter(text => {
    const ink = text.getBoundingClientRect();
    return ink.left < room.left - 1 || ink.right > room.right + 1;
  }).map(text => text.textContent);
})"""


@pytest.mark.parametrize("draw", [draw_traffic_light, draw_summary])
@pytest.mark.parametrize("family", ["Liberation Sans", "DejaVu Sans", "monospace"])
def test_no_text_leaves_its_cell_in_another_font(page, draw, family: str):
    tool = load_tool("rob_2")
    words = ("Low", "High", "Some concerns", "Low", "High")
    name = "Okafor-Castellanos & the invented international collaborative group, 2021"
    rows = [{"study_id": f"{name} {at}", **dict(zip(tool.by_id, words, strict=True))} for at in range(6)]
    svg = draw(tool, assess(tool, rows), "classic").replace("'Liberation Sans', Arial, Helvetica", f"'{family}'")
    page.set_content(svg)
    assert page.locator("text").count() > 20
    assert page.evaluate(OVERFLOWING) == []
    assert page.errors == []
