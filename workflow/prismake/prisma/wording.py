"""The words of a flow diagram: a language pack (data/prisma/labels.*.yaml), a wording of it, people's own labels."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from prismake.errors import PrismakeError, did_you_mean
from prismake.prisma.box_table import DATA, PENDING, pending_reasons, read_data
from prismake.prisma.settings import Settings
from prismake.text_metrics import clean

OWN = ("headings", "stages", "arms", "panels", "boxes")  # the sections that people can reword


def languages() -> list[str]:
    """The languages there is a pack for."""
    return sorted(path.name.split(".")[1] for path in DATA.glob("labels.*.yaml"))


def read_labels(settings: Settings | None = None) -> dict[str, Any]:
    """The wording as the settings want it, with the keys of data/prisma/labels.en.yaml.

    Raises PrismakeError for an unknown language, wording or label.
    """
    settings = settings or Settings()
    if settings.language not in languages():
        hint = f"The languages are: {', '.join(languages())}."
        raise PrismakeError(f"there is no language pack '{settings.language}'", hint=hint)
    pack = _read_pack(settings.language)
    if settings.wording not in pack["wordings"]:
        hint = f"The wordings are: {', '.join(pack['wordings'])}."
        raise PrismakeError(f"there is no wording '{settings.wording}'", hint=hint)
    labels = {key: dict(value) if isinstance(value, dict) else value for key, value in pack.items()}
    for section, words in pack["wordings"][settings.wording].items():
        labels[section] |= words
    for section, words in settings.labels.items():
        _check_own(section, words, pack)
        labels[section] |= {key: clean(text) for key, text in words.items()}
        if section == "boxes":
            labels["boxes_in_update"] = {k: v for k, v in labels["boxes_in_update"].items() if k not in words}
    return labels


def _check_own(section: str, words: Mapping[str, str], pack: Mapping[str, Any]) -> None:
    known = OWN if section not in OWN else pack[section]
    for key in [section] if section not in OWN else words:
        if key not in known:
            name = key if section not in OWN else f"{section}.{key}"
            raise PrismakeError(f"there is no label '{name}'", place="prisma.labels", hint=did_you_mean(key, known))


@lru_cache(maxsize=4)
def _read_pack(language: str) -> dict[str, Any]:
    return read_data(f"labels.{language}.yaml")


def box_label(name: str, given: str | None, updated: bool, labels: Mapping[str, Any]) -> str:
    """The label of a box: the flow's own one, unless that is what the ledger or a template calls the box in English."""
    english = _read_pack("en")
    given = clean(given or "")
    if given in labels["phrases"]:
        return labels["phrases"][given]
    if given and given not in (english["boxes"][name], english["boxes_in_update"].get(name)):
        return given
    return labels["boxes_in_update"].get(name, labels["boxes"][name]) if updated else labels["boxes"][name]


def item_label(given: str, labels: Mapping[str, Any]) -> str:
    """The label of a line of a box; the ledger's own ones are translated."""
    given = clean(given)
    return labels["phrases"].get(given, given)


def number(n: int, labels: Mapping[str, Any]) -> str:
    """The number with thousands separators."""
    return f"{n:,}".replace(",", labels["thousands"])


def place(stage: str, arm: str, labels: Mapping[str, Any]) -> str:
    """Where a panel stands: "Screening, databases and registers"."""
    name = labels["stages"][stage]
    return name if stage == "included" else f"{name}, {labels['arms'][arm]}"


def title_of(flow: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    """The name of the picture."""
    title = clean(flow.get("title") or "")
    return labels["title"].format(title=title) if title else labels["untitled"]


def draft_reasons(flow: Mapping[str, Any], labels: Mapping[str, Any]) -> list[str]:
    """Why the flow is a draft; what is said of pending boxes is translated, other reasons stand as they are."""
    boxes = flow["boxes"]
    words = dict(zip(pending_reasons(boxes), _pending(boxes, labels), strict=True))
    return [words.get(reason) or clean(reason) for reason in flow.get("draft") or []]


def _pending(boxes: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[str]:
    for name in PENDING:
        if name in boxes and boxes[name]["n"] > 0:
            arm = labels["draft"]["other_methods"] if name.startswith("other_") else ""
            yield f"{labels['boxes'][name]}{arm}: {number(boxes[name]['n'], labels)}"
