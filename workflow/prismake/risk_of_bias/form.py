"""A tool as an extraction form, so that risk of bias is issued, filled in and read as any form is."""

from collections.abc import Iterator
from typing import Any

from prismake.risk_of_bias.tools import OVERALL, Domain, Tool


def form_content(tool: Tool) -> dict[str, Any]:
    """What a YAML file of a form would hold (docs/extraction.md): `prismake.extraction.definition` takes it.

    A tool whose unit is the study or the review has its domains on the level `study`; one that judges results has them
    on a level `result` of its own.
    """
    judged = [field for domain in tool.by_id.values() for field in _fields(tool, domain)] + list(_overall(tool))
    if tool.unit == "result":
        comparison = {
            "id": "comparison",
            "label": "Comparison",
            "type": "text",
            "help": "The interventions compared, and the effect of interest (assignment or adherence).",
        }
        levels = {
            "study": {"label": "Study", "key": ["study_id"], "fields": [comparison]},
            "result": {
                "label": "Result",
                "key": ["study_id", "result"],
                "parent": "study",
                "rows": 3,
                "required": True,
                "fields": [
                    {
                        "id": "result",
                        "label": "Result",
                        "type": "text",
                        "help": "A short name for the numerical result judged here: outcome, measure and time.",
                    },
                    *judged,
                ],
            },
        }
    else:
        levels = {"study": {"label": "Study", "key": ["study_id"], "fields": judged}}
    form = {"id": tool.id, "version": f"{tool.version}.{tool.revision}", "title": f"{tool.title} ({tool.version})"}
    return {"form": form, "levels": levels}


def label(tool: Tool, domain: Domain) -> str:
    """The heading of a domain's column."""
    concern = "Applicability: " if domain in tool.applicability else ""
    return f"{domain.code} {concern}{domain.label}"


def _fields(tool: Tool, domain: Domain) -> Iterator[dict[str, Any]]:
    questions = " ".join(f"({number}) {text}" for number, text in enumerate(domain.questions, start=1))
    field = {"id": domain.id, "label": label(tool, domain), "required": True}
    if domain.stars:
        field |= {"type": "integer", "min": 0, "max": domain.stars, "unit": f"stars, 0 to {domain.stars}"}
    else:
        field |= {"type": "choice", "options": [one.label for one in domain.judgements if one.offered]}
    yield field | {"help": f"{domain.help} {questions}".strip()}
    yield _support(domain.id, label(tool, domain), "What the judgement rests on: quote the report, name the page.")


def _overall(tool: Tool) -> Iterator[dict[str, Any]]:
    if not tool.has_rule:
        return
    blank = "Leave it blank to take what the rule gives."
    field: dict[str, Any] = {"id": OVERALL, "label": "Overall", "help": f"{tool.overall.help} {blank}"}
    if tool.overall.rule == "sum":
        most = len(tool.overall.judgements) - 1
        yield field | {"type": "integer", "min": 0, "max": most, "unit": f"stars, 0 to {most}"}
    else:
        yield field | {"type": "choice", "options": [one.label for one in tool.overall.judgements if one.offered]}
    yield _support(OVERALL, "Overall", "Why it is so; needed when it differs from the rule.")


def _support(id: str, label: str, help: str) -> dict[str, Any]:
    return {"id": f"{id}_support", "label": f"{label}: support", "type": "text", "goes_with": id, "help": help}
