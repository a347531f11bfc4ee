"""What a parser hands back: records, what it had to reject, and what a reader of the report should know."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from prismake.importers.fields import read_data


@dataclass(frozen=True)
class Rejected:
    """A record that could not be read: its place among the records, its lines in the file, and why."""

    position: int
    first_line: int  # 1 = the file's first
    last_line: int
    why: str


@dataclass
class Parsed:
    """The records of one file, in order, each with its raw_position (1 = the first)."""

    dialect: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cut: str = ""  # why the file looks cut off; "" when it does not
    notes: dict[str, list[int]] = field(default_factory=dict)  # what many records have in common -> their positions
    outside: str = ""  # the beginning of the first text that belongs to no record
    outside_pieces: int = 0

    def add(self, record: dict[str, Any], position: int) -> None:
        record["raw_position"] = position
        self.records.append(record)

    def note(self, what: str, position: int) -> None:
        self.notes.setdefault(what, []).append(position)

    def pass_over(self, text: str) -> None:
        """Note text that belongs to no record."""
        shown = " ".join(text.split())
        if shown:
            self.outside_pieces += 1
            self.outside = self.outside or shown[:60]

    def all_warnings(self) -> list[str]:
        """The warnings, those that concern many records told once."""
        told = []
        if self.outside:
            times = "once" if self.outside_pieces == 1 else f"{self.outside_pieces} times"
            told.append(f"text that belongs to no record was passed over ({times}), the first: {self.outside}")
        for what, positions in self.notes.items():
            number = len(positions)
            told.append(f"{number} record{'s' * (number > 1)} {what}, the first is record {positions[0]}")
        return self.warnings + told


def name_dialect(format_name: str, data: bytes) -> str:
    """Which database's way of writing a format this is, for the report; "" when unknown."""
    head = data[:50_000].decode("utf-8", "replace")
    return next((name for name, pattern in _dialects(format_name) if pattern.search(head)), "")


@cache
def _dialects(format_name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern)) for name, pattern in read_data(format_name).get("dialects", {}).items()]
