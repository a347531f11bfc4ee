"""The tools that teams screen in beside our forms, and what the names of their files say.

Light imports only: Snakemake uses this while it parses the workflow.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from prismake.data_files import read_data

TOOLS = ("rayyan", "covidence", "asreview")
# Tools whose files say what a team agreed, not who voted, and how this is called: the tool stands for a person there.
TEAMS = {"covidence": "Covidence (agreed there)"}
STAGES = ("title_abstract", "full_text")


@cache
def tables() -> dict[str, Any]:
    """The tables of data/screening/exchange.yaml."""
    return read_data("screening/exchange.yaml")


def folded(name: str) -> str:
    """A person's name, or a reason, as it is compared: whatever its spaces and capitals."""
    return " ".join(name.split()).casefold()


def tool_of(path: Path) -> str:
    """The tool whose folder in resources/screening/ this file lies in; "" for a person's file."""
    return path.parent.name if path.parent.name in TOOLS and path.parent.parent.name == "screening" else ""


def stage_named(path: Path) -> str:
    """The stage that the file's name begins with; "" when it begins with none."""
    return next((stage for stage in STAGES if re.match(rf"{stage}(?![a-z])", path.name.lower())), "")


def listed(path: Path) -> dict[str, str]:
    """Stage -> the decision that a Covidence list stands for; {} when its name names no list.

    The name is as exported (review_123_irrelevant_csv_20240320131744.csv), or begins with a stage, which the list then
    stands for alone.
    """
    stage = stage_named(path)
    rest = re.sub(
        r"[^a-z]+", "_", path.stem.lower().removeprefix(stage).replace("full_text_review", "full text review")
    )
    rest = f"_{rest}_"
    found = [said for name, said in tables()["covidence"].items() if f"_{name}_" in rest]
    if len(found) != 1:  # of two, as where somebody put lists together, neither is meant
        return {}
    return {stage: list(found[0].values())[-1]} if stage else found[0]


def stages(path: Path) -> tuple[str, ...]:
    """The stages that a file in a tool's folder tells about; () when its name does not say."""
    if tool_of(path) == "covidence":
        return tuple(listed(path))
    stage = stage_named(path)
    return (stage,) if stage else ()
