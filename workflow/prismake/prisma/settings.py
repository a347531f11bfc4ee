"""How a flow diagram is drawn, as the `prisma` section of the configuration and the options of `prismake flow` say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`preset`: a name in data/prisma/presets.yaml. `grey`: no colours."""

    preset: str = "auto"
    grey: bool = False
