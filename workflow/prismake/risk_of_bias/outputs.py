"""What is written of the assessments with one tool: two tables and two figures, each figure in two palettes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prismake.publish import write_text
from prismake.risk_of_bias.assessments import Assessment, assess, read_lines
from prismake.risk_of_bias.drawing import PALETTES
from prismake.risk_of_bias.judgements import is_judgements, judgements_csv, read_judgements
from prismake.risk_of_bias.overall import remark
from prismake.risk_of_bias.robvis import read_robvis, robvis_csv
from prismake.risk_of_bias.summary import draw_summary
from prismake.risk_of_bias.tools import Tool
from prismake.risk_of_bias.traffic_light import draw_traffic_light


def write_outputs(tool: Tool, rows: Iterable[Mapping[str, Any]], out: str | Path) -> list[str]:
    """Write judgements.csv, robvis.csv and four SVGs into a folder; returns what `remarks` has to say.

    A row holds study_id, result ("" when the study is judged as a whole), a word for each domain's id and for overall
    ("" is not judged), `<id>_support`, and perhaps weight. Raises PrismakeError for what the tool does not have; then
    nothing is written.
    """
    assessments = assess(tool, rows)
    files = {"judgements.csv": judgements_csv(tool, assessments), **_robvis_and_figures(tool, assessments)}
    for name, text in files.items():
        write_text(Path(out) / name, text)
    return remarks(tool, assessments)


def draw_file(tool: Tool, path: str | Path, out: str | Path) -> list[str]:
    """Draw the judgements of a file, laid out for robvis or as judgements.csv; returns what `remarks` has to say.

    Writes robvis.csv and four SVGs, but never over the file it reads. Raises PrismakeError for what is wrong in it.
    """
    headings, _ = read_lines(path)
    read = read_judgements if is_judgements(headings) else read_robvis
    assessments = read(path, tool)
    for name, text in _robvis_and_figures(tool, assessments).items():
        if (Path(out) / name).resolve() != Path(path).resolve():
            write_text(Path(out) / name, text)
    return remarks(tool, assessments)


def remarks(tool: Tool, assessments: Sequence[Assessment]) -> list[str]:
    """One line for each overall judgement that differs from the tool's rule, or that people should think about."""
    if not tool.has_rule:
        given = sum(bool(one.given) for one in assessments)
        return [f"{tool.title} has no overall judgement; the {given} given are drawn as they are."] if given else []
    notes = ((one.name, remark(tool, one.judgements, one.given)) for one in assessments)
    return [f"{name}: {note}" for name, note in notes if note]


def _robvis_and_figures(tool: Tool, assessments: Sequence[Assessment]) -> dict[str, str]:
    """Texts by name of file; all are made before any is written."""
    files = {"robvis.csv": robvis_csv(tool, assessments)}
    for figure, draw in (("traffic_light", draw_traffic_light), ("summary", draw_summary)):
        for palette in PALETTES:
            suffix = "" if palette == "classic" else f"_{palette}"
            files[f"{figure}{suffix}.svg"] = draw(tool, assessments, palette)
    return files
