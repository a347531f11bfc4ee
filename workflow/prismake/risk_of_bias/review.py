"""Risk of bias in a review: each tool is a form, issued, filled in, compared and settled as extraction is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prismake.extraction import agreement
from prismake.extraction.consensus import Resolution, ResultRow
from prismake.extraction.definition import STUDY, definition_from
from prismake.extraction.instrument import Instrument
from prismake.extraction.review import collect_forms, included
from prismake.extraction.rounds import issue_forms, studies_to_show
from prismake.extraction.tables import VALUE_COLUMNS, write_set_aside
from prismake.publish import read_csv, write_csv, write_json
from prismake.risk_of_bias.form import form_content
from prismake.risk_of_bias.outputs import write_outputs
from prismake.risk_of_bias.tools import DATA, Tool, load_tool

RESULT = "result"


def instrument(config: Mapping[str, Any], tool: Tool) -> Instrument:
    """The tool as a form of this review."""
    settings = config["risk_of_bias"][tool.id]
    return Instrument(
        tool.id,
        definition_from(form_content(tool)),
        tuple(settings["people"]),
        config["extraction"]["adjudicator"],
        settings["double"],
        (DATA / f"{tool.id}.yaml").name,
    )


def assessed(config: Mapping[str, Any], tool: str, extracted: Path) -> set[str] | None:
    """The studies that this tool is for: those whose extracted study fields have one of the values under `when`.

    None without `when`: all. A study whose field is not extracted yet waits.
    """
    when = config["risk_of_bias"][tool].get("when", {})
    if not when:
        return None
    rows = read_csv(extracted)
    return {row[STUDY] for row in rows if all(set(row[field].split("; ")) & set(when[field]) for field in when)}


def collect_judgements(
    config: Mapping[str, Any],
    name: str,
    studies: Path,
    extracted: Path,
    forms: Sequence[str],
    vanished: Sequence[str],
    out: Path,
) -> None:
    """In `out`: what outputs.write_outputs writes, values.csv (every value and its cell), agreement.csv, set_aside.csv
    and notes.json (what people should know of overall judgements); in out/forms how far it is.
    """
    tool = load_tool(name)
    wanted, all_studies = assessed(config, name, extracted), included(studies)
    mine = {study: reports for study, reports in all_studies.items() if wanted is None or study in wanted}
    made = instrument(config, tool)
    extraction, resolution = collect_forms(config, made, mine, forms, vanished, out / "forms")
    level = made.definition.levels.get(RESULT, made.definition.study)
    rows = [row for row in resolution.rows if row.level is level and row.stands]
    judged = [{RESULT: "", **row.values} for row in rows]
    if level is made.definition.study:  # studies nobody has judged yet are drawn as empty rows
        judged += [{STUDY: study, RESULT: ""} for study in mine.keys() - {row.values[STUDY] for row in rows}]
    judged.sort(key=lambda row: (row[STUDY].casefold(), row[STUDY], row[RESULT]))
    notes = write_outputs(tool, judged, out)
    write_json(out / "notes.json", notes)
    _write_values(resolution, out)
    write_csv(out / "agreement.csv", agreement.COLUMNS, agreement.agreement(made.definition, resolution))
    write_set_aside([*extraction.set_aside, *resolution.set_aside], out)


def _write_values(resolution: Resolution, out: Path) -> None:
    rows = [cell for row in resolution.rows for cell in _cells(row)]
    write_csv(out / "values.csv", [STUDY, RESULT, *VALUE_COLUMNS], rows)


def _cells(row: ResultRow) -> list[list[str]]:
    names = [row.values[STUDY], row.values.get(RESULT, "")]
    return [
        [*names, field, row.values[field], row.states[field], person, given, *place]
        for field, sources in row.sources.items()
        for person, given, place in sources
    ]


def issue_judgements(
    config: Mapping[str, Any], name: str, unique: Path, studies: Path, extracted: Path, settled: bool, out: Path
) -> None:
    """The next forms of this tool; `out` holds what collect_judgements wrote in its forms folder."""
    wanted, shown = assessed(config, name, extracted), studies_to_show(unique, studies)
    mine = {study: shown[study] for study in shown if wanted is None or study in wanted}
    issue_forms(config, instrument(config, load_tool(name)), mine, included(studies), settled, out)
