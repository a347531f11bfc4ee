"""Starting a new review: a folder with a commented configuration and places for exports."""

import shlex
import sys
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.publish import create

DATA = Path(__file__).parent / "data"
_README = """Put each database export here, in a folder per source and date, for example
search/embase/2026-11-24/export.ris, and name it in config/config.yaml.
Forms appear beside this file when the workflow issues them. Nothing here is ever overwritten.
"""


def start_review(folder: Path) -> str:
    """Make the review's folder; returns what to do next. Raises PrismakeError when there is a review already."""
    if (folder / "config" / "config.yaml").exists():
        raise PrismakeError(
            "there is a review here already",
            place=(folder / "config" / "config.yaml").as_posix(),
            hint="Choose another folder; nothing was changed.",
        )
    contents = {
        "config/config.yaml": (DATA / "init" / "config.yaml").read_bytes(),
        "config/forms/extraction.yaml": (DATA / "extraction" / "basic.yaml").read_bytes(),
        "resources/README.txt": _README.encode(),
    }
    for name, data in contents.items():
        if not (folder / name).exists():
            create(folder / name, data)
    checkout = Path(__file__).parents[2]
    run = f"snakemake --directory {shlex.quote(str(folder.resolve()))}"
    if (checkout / "Snakefile").is_file():
        here = shlex.quote(str(Path(sys.executable).parent))
        run = f"cd {shlex.quote(str(checkout))} && {here}/{run}"
    return (
        f"A new review lies in {folder}\n"
        f"  1. Describe it in {folder / 'config' / 'config.yaml'}\n"
        f"  2. Put exports under {folder / 'resources' / 'search'} and name them there\n"
        f"  3. Run: {run}"
    )
