"""The databases that a search can be written for: data/search/targets.yaml."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[2] / "data" / "search"


@cache
def targets() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((DATA / "targets.yaml").read_text(encoding="utf-8"))


def target_of(source: Mapping[str, Any]) -> str | None:
    """The target whose syntax a source of the configuration is searched in; None when its database is none of them."""
    if "compile" in source:
        return source["compile"]
    shown = f"{source['database']} | {source.get('platform', '')}"
    return next((name for name, target in targets().items() if re.search(target["recognised"], shown)), None)
