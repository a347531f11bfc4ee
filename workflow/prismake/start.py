"""Starting a new review: a folder with a commented configuration and places for exports."""

from pathlib import Path

from prismake.commands import run_command
from prismake.errors import PrismakeError, nearest
from prismake.extraction.definition import BASIC, TEMPLATES, load_definition
from prismake.publish import create

CONFIG = Path(__file__).parent / "data" / "init" / "config.yaml"  # names the basic form
_README = """Put each database export here, in a folder per source and date, for example
search/embase/2026-11-24/export.ris, and name it in config/config.yaml.
Forms appear beside this file when the workflow issues them. Nothing here is ever overwritten.
"""


def list_templates() -> str:
    """The templates of the extraction form, one line each."""
    return "\n".join(f"{name:21} {load_definition(path).title}" for name, path in _templates().items())


def _templates() -> dict[str, Path]:
    return {path.stem: path for path in sorted(TEMPLATES.glob("*.yaml"))}


def start_review(folder: Path, template: str = BASIC.stem) -> str:
    """Make the review's folder with this template as its extraction form; returns what to do next.

    Raises PrismakeError when there is a review already, or no such template.
    """
    templates = _templates()
    if template not in templates:
        meant = nearest(template, templates)
        raise PrismakeError(
            f"there is no template '{template}'" + (f"; did you mean '{meant}'?" if meant else ""),
            hint=f"The templates are {', '.join(templates)}; prismake init --list-templates says what each is for.",
        )
    if (folder / "config" / "config.yaml").exists():
        raise PrismakeError(
            "there is a review here already",
            place=(folder / "config" / "config.yaml").as_posix(),
            hint="Choose another folder; nothing was changed.",
        )
    contents = {
        "config/config.yaml": CONFIG.read_bytes().replace(
            b"config/forms/basic.yaml", f"config/forms/{template}.yaml".encode()
        ),
        f"config/forms/{template}.yaml": templates[template].read_bytes(),
        "resources/README.txt": _README.encode(),
    }
    for name, data in contents.items():
        if not (folder / name).exists():
            create(folder / name, data)
    return (
        f"A new review lies in {folder}\n"
        f"  1. Describe it in {folder / 'config' / 'config.yaml'}\n"
        f"  2. Put exports under {folder / 'resources' / 'search'} and name them there\n"
        f"  3. Run: {run_command(folder)}"
    )
