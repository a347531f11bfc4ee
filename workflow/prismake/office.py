"""What the Office files that we make have in common: whose they are, and bytes that depend on nothing but contents."""

import datetime
import io
from typing import Any

from prismake.archive import repacked

_LONGEST = 255  # characters that a property may hold


def stamp(properties: Any, title: str, language: str = "") -> None:
    """Fill in the core properties of a Word file or of slides: those of the template are somebody else's."""
    properties.title, properties.language, properties.comments = title[:_LONGEST], language, ""
    properties.author = properties.last_modified_by = "Prismake"
    properties.created = properties.modified = datetime.datetime(1980, 1, 1)  # no clock


def saved(file: Any) -> bytes:
    """The bytes of a Word file or of slides; equal contents give equal bytes."""
    made = io.BytesIO()
    file.save(made)
    return repacked(made.getvalue(), stored=True)
