"""Covidence: lists of references per stage. Being on a list is the decision of the team; nobody's vote is exported."""

import re
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.other_tools import listed
from prismake.screening.exchange.items import AGAIN, Entry, Export, columns_of, read_items, read_parts

_REASON = re.compile(r"exclusion reason:?\s*([^;\n]+)", re.IGNORECASE)


def read_covidence(path: Path, stage: str) -> Export:
    """What this list says at this stage. Raises PrismakeError when it is no list."""
    decision = listed(path).get(stage)
    if decision is None:
        hint = "Keep the name Covidence gave it, with one of irrelevant, select, excluded and included in it."
        raise PrismakeError("its name does not say which list of Covidence this is", place=path.as_posix(), hint=hint)
    items = [item for name, data in read_parts(path).items() for item in read_items(name, data)]
    if not columns_of(items) & {"title", "ti", "t1"} and items:
        raise PrismakeError("no reference in it has a title", place=path.as_posix(), hint=AGAIN)
    entries = []
    for item in items:
        notes = "\n".join(item.all(("notes", "n1")))
        given = [*item.all(("exclusion reason", "reason for exclusion")), *_REASON.findall(notes)]
        reasons = tuple(" ".join(text.split()) for text in given) if decision == "exclude" else ()
        said = [_REASON.sub("", notes).strip(" ;\n"), *(f"tags: {tags}" for tags in item.all(("tags",)))]
        entries.append(Entry(item, "covidence", decision, reasons, "; ".join(text for text in said if text)))
    return Export(entries)
