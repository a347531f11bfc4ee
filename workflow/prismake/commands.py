"""The commands that people are told to type, so that they can be copied as they stand."""

import shlex
import sys
from pathlib import Path

_CLONE = Path(__file__).parents[2]


def run_command(review: Path) -> str:
    """What runs the review in this folder."""
    return _from_clone(f"{_program('snakemake')} --directory {_quoted(review.resolve())}")


def status_command(review: Path) -> str:
    """What says where the review in this folder stands."""
    return _from_clone(f"{_program('prismake')} status --review {_quoted(review.resolve())}")


def _from_clone(command: str) -> str:
    """The command as it works from any folder, when Prismake is run from the folder that was cloned."""
    return f"cd {_quoted(_CLONE)} && {command}" if (_CLONE / "Snakefile").is_file() else command


def _program(name: str) -> str:
    """A program beside Python, as seen from the clone when it lies there; the name alone when it is not there."""
    path = Path(sys.executable).parent / name
    if not path.is_file():
        return name
    return _quoted(path.relative_to(_CLONE) if path.is_relative_to(_CLONE) else path)


def _quoted(path: Path) -> str:
    return shlex.quote(path.as_posix())
