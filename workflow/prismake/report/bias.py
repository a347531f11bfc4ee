"""Risk of bias in the report: per tool its figures and its judgements, and a short strip of signs per study."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prismake.config import read_yaml
from prismake.report.tables import Row, read_json, read_table, rows
from prismake.report.wording import count, listed

if TYPE_CHECKING:
    from prismake.report.load import Review

_TOOLS = Path(__file__).parent.parent / "data" / "risk_of_bias"
SIGNS = {"low": "+", "moderate": "−", "high": "×", "critical": "!", "none": "?", "not_applicable": "/"}  # as in figures


@dataclass(frozen=True)
class Judged:
    """One study, or one result of it: its judgements in the order of the domains, the overall one last."""

    study_id: str
    result: str
    judgements: list[Row]  # judgements.csv, with `sign`

    @property
    def summary(self) -> str:
        """For somebody who hears the strip of signs: 3 Low, 6 Unclear, 1 High."""
        words = [row["judgement"] or "not judged" for row in self.judgements if row["domain"] != "overall"]
        return listed([f"{words.count(word)} {word}" for word in dict.fromkeys(words)])


@dataclass(frozen=True)
class Tool:
    id: str
    title: str
    judged: list[Judged]
    notes: list[str]
    figures: dict[str, str]  # file -> SVG
    agreement: list[Row]
    done: int
    total: int


def load_tools(config: Row, results: Path) -> list[Tool]:
    """The tools of the configuration, in its order; what has not been made yet is empty."""
    tools = []
    for name in config["risk_of_bias"]:
        folder = results / "risk_of_bias" / name
        outcomes = rows(folder / "forms/outcomes.csv", ["study_id", "done"])
        figures = [folder / f"{figure}.svg" for figure in ("traffic_light", "summary")]
        tools.append(
            Tool(
                name,
                read_yaml(_TOOLS / f"{name}.yaml")["title"],
                _judged(folder / "judgements.csv"),
                read_json(folder / "notes.json", []),
                {path.name: path.read_text(encoding="utf-8") for path in figures if path.is_file()},
                rows(folder / "agreement.csv", ["label", "agreement"]),
                sum(row["done"] == "1" for row in outcomes),
                len(outcomes),
            )
        )
    return tools


def _judged(path: Path) -> list[Judged]:
    table = read_table(path, ["study_id", "result", "domain", "label", "judgement", "level", "support", "origin"])
    found: dict[tuple[str, str], list[Row]] = {}
    for row in table.to_dicts():
        sign = SIGNS.get(row["level"], row["judgement"])
        found.setdefault((row["study_id"], row["result"]), []).append({**row, "sign": sign})
    return [Judged(*key, judgements) for key, judgements in found.items()]


def strips(review: "Review") -> dict[str, list[tuple[str, Judged]]]:
    """Per study what was judged of it, each with the tool's title; what nobody has judged yet is left out."""
    found: dict[str, list[tuple[str, Judged]]] = {}
    for tool in review.tools:
        for judged in tool.judged:
            if any(row["judgement"] for row in judged.judgements):
                found.setdefault(judged.study_id, []).append((tool.title, judged))
    return found


def open_assessments(review: "Review") -> list[str]:
    """Why the report is a draft: studies whose risk of bias is not judged by all that are wanted."""
    return [
        f"Studies whose risk of bias is not settled with {tool.title}: {count(tool.total - tool.done, 'study')}"
        for tool in review.tools
        if tool.done < tool.total
    ]
