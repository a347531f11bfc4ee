"""Fixtures for every test."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says nothing on a machine that does other things too.
settings.register_profile("prismake", deadline=None)
settings.load_profile("prismake")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real material for tests, which is not part of the project."""
    folder = Path(os.environ.get("PRISMAKE_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        reason = f"no real exports in {folder} (set PRISMAKE_SHARED)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
