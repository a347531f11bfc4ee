"""The sizes at which journals print figures, and which of them a flow diagram fits: data/prisma/presets.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prismake.errors import PrismakeError
from prismake.prisma.box_table import read_data

_STEP = 0.5  # pt, from one size of text that is tried to the next


@dataclass(frozen=True)
class Preset:
    """A place for a figure: its width, the height it may have, and the sizes of text, `min_pt` at the least."""

    name: str
    width_mm: float
    height_mm: float
    size_pt: float  # of text where there is room
    min_pt: float
    otherwise: str  # the preset to take when the figure does not fit, "" for none
    quiet: bool  # nobody asked for this one, so that leaving it needs no note

    @property
    def width(self) -> float:
        """In points."""
        return self.width_mm / 25.4 * 72

    @property
    def height(self) -> float:
        """In points."""
        return self.height_mm / 25.4 * 72

    def sizes(self) -> Iterator[float]:
        """The sizes of text to try, the largest first."""
        size = self.size_pt
        while size > self.min_pt:
            yield size
            size -= _STEP
        yield self.min_pt


def read_preset(name: str) -> Preset:
    """Raises PrismakeError for an unknown name."""
    presets = _read()
    if name not in presets:
        raise PrismakeError(f"there is no preset '{name}'", hint=f"The presets are: {', '.join(presets)}.")
    row = presets[name]
    return Preset(
        name=name,
        width_mm=row["width_mm"],
        height_mm=row["height_mm"],
        size_pt=row.get("size_pt", row["min_pt"]),
        min_pt=row["min_pt"],
        otherwise=row.get("otherwise", ""),
        quiet=row.get("quiet", False),
    )


def chain(name: str) -> list[Preset]:
    """The preset and those to fall back to, in order."""
    presets = [read_preset(name)]
    while presets[-1].otherwise:
        presets.append(read_preset(presets[-1].otherwise))
    return presets


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    return read_data("presets.yaml")
