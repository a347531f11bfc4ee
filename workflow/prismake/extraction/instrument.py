"""A form that people fill in for studies: the extraction form of a review, or one of its risk-of-bias tools."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prismake.extraction.collect import KIND
from prismake.extraction.definition import Definition, load_definition


@dataclass(frozen=True)
class Instrument:
    """`kind` names its forms; `double` is the share of studies that two people fill it in for."""

    kind: str
    definition: Definition
    people: tuple[str, ...]
    adjudicator: str
    double: float
    source: str  # where its definition stands

    def wanted(self, studies: Iterable[str]) -> dict[str, int]:
        """How many people fill it in for each study: 2 for the share that is done twice, 1 for the others.

        Which these are follows from the study's name alone, so that a later study changes nothing.
        """
        return {study: 2 if _fraction(study) < self.double else 1 for study in studies}


def _fraction(study: str) -> float:
    return int.from_bytes(hashlib.sha256(f"double\0{study}".encode()).digest()[:6], "big") / 2**48


def extraction_form(config: Mapping[str, Any]) -> Instrument:
    """The review's extraction form."""
    settings = config["extraction"]
    return Instrument(
        KIND,
        load_definition(settings["form"]),
        tuple(settings["people"]),
        settings["adjudicator"],
        settings["double"],
        settings["form"],
    )
