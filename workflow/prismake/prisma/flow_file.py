"""Reading a flow from a file: our flow.json, counts typed as YAML or CSV (typed.py), the PRISMA2020 R package's CSV.

The content decides which it is, not the name of the file. By hand, the shortest flow.json is
`{"boxes": {"records_screened": 1630, "dbr_excluded": {"items": [{"label": "Wrong population", "n": 88}]}}}`: a box is a
number or an object with n, label, ids and items, of which n may be left out where ids or items give it; null is absent.
"""

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError, did_you_mean
from prismake.prisma.box_table import BOXES, FORMAT, in_order, pending_reasons
from prismake.prisma.equations import EXPLAINABLE, NAMES, assert_hard, check
from prismake.prisma.rcsv import is_r_csv, read_r_csv
from prismake.prisma.typed import read_typed

_HINT = "`prismake flow --template counts.yaml` writes a file to fill in."
_ITEM_KEYS = {"label", "n", "ids"}
_BOX_KEYS = {*_ITEM_KEYS, "unit", "items"}


def read_flow(path: str | Path) -> dict[str, Any]:
    """The flow in the file, complete (format, title, template, draft, explanations, boxes, equations), boxes in order.

    Units are filled in, labels are there where the file gives them, equations are checked anew. Pending counts make it
    a draft. Raises PrismakeError when the file is no flow, when a count is none, and when a hard equation is broken.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PrismakeError(f"this file cannot be read ({error.strerror})", place=str(path)) from error
    except UnicodeDecodeError as error:
        hint = "A table is saved as `CSV UTF-8`."
        raise PrismakeError("this is not text in UTF-8", place=str(path), hint=hint) from error
    if text.lstrip().startswith("{"):
        return check_flow(_parse_json(text, str(path)), str(path))
    try:
        if is_r_csv(text):
            return check_flow(read_r_csv(text, str(path)), str(path))
    except csv.Error as error:
        raise PrismakeError(f"this CSV cannot be read ({error})", place=str(path), hint=_HINT) from error
    typed = read_typed(text, str(path))
    if not typed.data["boxes"]:
        hint = f"Write a number behind each box that the review has. {_HINT}"
        raise PrismakeError("these are no counts of a flow diagram: there is no number", place=str(path), hint=hint)
    return check_flow(typed.data, str(path), typed.lines)


def check_flow(data: Mapping[str, Any], place: str = "", lines: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The same for a flow that is already parsed; `lines` says by box where its number stands."""
    boxes = data.get("boxes")
    if not isinstance(boxes, dict) or not boxes:
        raise PrismakeError(
            "there are no boxes", place=place, hint='Write them as {"boxes": {"records_screened": 12}}.'
        )
    title, template, draft = data.get("title") or "", data.get("template") or "", data.get("draft") or []
    for key, value in (("title", title), ("template", template)):
        if not _is_text(value):
            raise PrismakeError(f"the {key} is not a text", place=place)
    if not isinstance(draft, list) or not all(map(_is_text, draft)):
        raise PrismakeError("draft is not a list of reasons", place=place, hint='Write it as "draft": ["why"].')
    boxes = in_order({name: _box(name, value, place) for name, value in boxes.items() if value is not None})
    template = template or ("updated" if {"previous_studies", "previous_reports"} & boxes.keys() else "new")
    explanations = _explanations(data.get("explanations") or {}, place)
    equations = check(boxes, explanations=explanations)
    assert_hard(equations, place=place, lines=lines or {})
    known = [reason for reason in pending_reasons(boxes) if reason not in draft]
    return {
        "format": FORMAT,
        "title": title,
        "template": template,
        "draft": [*known, *draft],
        "explanations": explanations,
        "boxes": boxes,
        "equations": [equation.as_dict() for equation in equations],
    }


def _explanations(explanations: Any, place: str) -> dict[str, str]:
    """Texts by the id of the equation that they explain."""
    if not isinstance(explanations, dict) or not all(map(_is_text, explanations.values())):
        hint = 'Write them as "explanations": {"H11": "Five reports were found on two websites."}.'
        raise PrismakeError("explanations is not a list of texts by equation", place=place, hint=hint)
    for id in (id for id in explanations if id not in EXPLAINABLE):
        problem = f"{id} must hold, it cannot be explained" if id in NAMES else f"there is no equation '{id}'"
        hint = f"These can be explained: {', '.join(EXPLAINABLE)}."
        raise PrismakeError(f"explanations: {problem}", place=place, hint=hint)
    return {id: explanations[id].strip() for id in EXPLAINABLE if explanations.get(id, "").strip()}


def _parse_json(text: str, place: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise PrismakeError(f"'{key}' stands there twice", place=place, hint="Keep one of them.")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = f"{place}, line {error.lineno}, column {error.colno}"
        raise PrismakeError(f"this is not JSON ({error.msg})", place=where, hint=_HINT) from error
    except ValueError as error:  # Python reads numbers of up to 4,300 digits
        raise PrismakeError("there is a number with too many digits", place=place, hint=_HINT) from error
    except RecursionError as error:
        raise PrismakeError("this JSON is nested too deeply", place=place, hint=_HINT) from error


def _box(name: str, value: Any, place: str) -> dict[str, Any]:
    if name not in BOXES:
        raise PrismakeError(f"there is no box '{name}'", place=place, hint=did_you_mean(name, BOXES))
    box = _counted(value if isinstance(value, dict) else {"n": value}, _BOX_KEYS, name, place)
    box = {"label": box.get("label"), "unit": BOXES[name].unit, **box}
    return {key: value for key, value in box.items() if value is not None}


def _counted(value: Mapping[str, Any], keys: set[str], what: str, place: str) -> dict[str, Any]:
    """A box or one of its items with what is known of it, None for what is not."""
    strange = sorted(value.keys() - keys)
    if strange:
        known = ", ".join(sorted(keys))
        raise PrismakeError(f"{what}: unknown key '{strange[0]}'", place=place, hint=f"Known keys: {known}.")
    label, ids, items, n = (value.get(key) for key in ("label", "ids", "items", "n"))
    if label is not None and not _is_text(label):
        raise PrismakeError(f"{what}: the label is not a text", place=place)
    if ids is not None and not (isinstance(ids, list) and all(map(_is_text, ids))):
        raise PrismakeError(f"{what}: ids is not a list of texts", place=place)
    if items is not None:
        items = _items(items, what, place)
    if n is None and ids is not None:
        n = len(ids)
    elif n is None and items is not None:
        n = sum(item["n"] for item in items)
    if not isinstance(n, int) or isinstance(n, bool) or n < 0:
        wrong = "has no number" if n is None else f"{json.dumps(n)} is not a whole number (H1)"
        raise PrismakeError(f"{what}: {wrong}", place=place, hint="Write a number, 0 or more, without quotes.")
    return {"label": label, "n": n, "ids": ids, "items": items}


def _items(items: Any, what: str, place: str) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("label") for item in items):
        hint = 'Write them as "items": [{"label": "Wrong population", "n": 88}].'
        raise PrismakeError(f"{what}: items is not a list of lines with label and n", place=place, hint=hint)
    lines = [_counted(item, _ITEM_KEYS, f"{what}, {item['label']}", place) for item in items]
    return [{key: value for key, value in line.items() if value is not None} for line in lines]


def _is_text(value: Any) -> bool:
    """Whether it is a text that can be written (JSON can hold halves of characters, which no file can)."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)
