"""The databases that a search can be written for: data/search/targets.yaml."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from prismake.data_files import read_data


@cache
def targets() -> dict[str, dict[str, Any]]:
    return read_data("search/targets.yaml")


def target_of(source: Mapping[str, Any]) -> str | None:
    """The target whose syntax a source of the configuration is searched in; None when its database is none of them."""
    if "compile" in source:
        return source["compile"]
    shown = f"{source['database']} | {source.get('platform', '')}"
    return next((name for name, target in targets().items() if re.search(target["recognised"], shown)), None)
