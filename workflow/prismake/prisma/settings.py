"""How a flow diagram is drawn, as the `prisma` section of the configuration and the options of `prismake flow` say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Options under `prisma` in config/README.md that are about the drawing; the defaults are those of the schema."""

    preset: str = "auto"  # a name in data/prisma/presets.yaml
    grey: bool = False
    language: str = "en"  # a language pack, data/prisma/labels.<language>.yaml
    wording: str = "prisma_2020"  # a name under `wordings` of the language pack
    hide_zero: bool = False
    title_abstract_reasons: bool = True
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # what differs from the language pack
    reason_groups: Mapping[str, Sequence[str]] = field(default_factory=dict)  # reasons by the group they are drawn in


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The settings in a checked configuration, or in its `prisma` section alone."""
    return Settings(**{each.name: config["prisma"][each.name] for each in fields(Settings)})


def chosen(section: Mapping[str, Any] | None, **given: Any) -> Settings:
    """The settings of a checked `prisma` section, or the defaults; what is given (not None) goes before."""
    settings = settings_of({"prisma": section}) if section else Settings()
    return replace(settings, **{name: value for name, value in given.items() if value is not None})
