"""Fixtures for every test."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says nothing on a machine that does other things too.
settings.register_profile("prismake", deadline=None)
settings.load_profile("prismake")

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that run Snakemake come first: the last of them alone would leave the other processors idle."""
    items.sort(key=lambda item: item.path.parent.name != "workflow")


def miss(reason: str) -> None:
    """End a test for which something is missing: skipped, but in CI failed."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def need() -> Callable[[str, str], None]:
    """Ends a test unless this program is installed; which package has it is said."""

    def check(program: str, package: str) -> None:
        if shutil.which(program) is None:
            miss(f"no {program} on this machine (apt-get install --no-install-recommends {package})")

    return check


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real material for tests, which is not part of the project."""
    folder = Path(os.environ.get("PRISMAKE_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        miss(f"no real exports in {folder} (set PRISMAKE_SHARED)")
    return folder
