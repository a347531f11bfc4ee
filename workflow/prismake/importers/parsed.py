"""What a parser hands back: records, what it had to reject, and what a reader of the report should know."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from prismake.importers.fields import read_data


@dataclass
class Parsed:
    """The records of one file, in order, each with its raw_position (1 = the first)."""

    dialect: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0
    warnings: list[str] = field(default_factory=list)
    cut: str = ""  # why the file looks cut off; "" when it does not
    notes: dict[str, list[int]] = field(default_factory=dict)  # what many records have in common -> their positions

    def add(self, record: dict[str, Any], position: int) -> None:
        record["raw_position"] = position
        self.records.append(record)

    def note(self, what: str, position: int) -> None:
        self.notes.setdefault(what, []).append(position)

    def all_warnings(self) -> list[str]:
        """The warnings, those that concern many records told once."""
        told = []
        for what, positions in self.notes.items():
            number = len(positions)
            told.append(f"{number} record{'s' * (number > 1)} {what}, the first is record {positions[0]}")
        return self.warnings + told


def name_dialect(format_name: str, text: str) -> str:
    """Which database's way of writing a format this is, for the report; "" when unknown."""
    head = text[:50_000]
    return next((name for name, pattern in _dialects(format_name) if pattern.search(head)), "")


@cache
def _dialects(format_name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern)) for name, pattern in read_data(format_name).get("dialects", {}).items()]
