"""The hash of the code behind a rule."""

from pathlib import Path

import pytest

from prismake import code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "shared.py": "A = 1\n",
        "screening/__init__.py": "",
        "screening/collect.py": "from prismake.screening import (\n    votes,\n)\nfrom prismake.shared import A\n",
        "screening/votes.py": "def f():\n    from prismake.screening.late import x\n    return x\n",
        "screening/late.py": "x = 1\n",
        "screening/other.py": "y = 1\n",
        "data/screening/words.yaml": "a: 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(code, "HERE", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("screening/collect.py", True),
        ("screening/votes.py", True),
        ("screening/late.py", True),
        ("screening/__init__.py", True),
        ("shared.py", True),
        ("data/screening/words.yaml", True),
        ("screening/other.py", False),
    ],
)
def test_the_hash_follows_what_is_imported_and_its_data(package, name, changes):
    before = code.source("screening.collect")
    with (package / name).open("a") as file:
        file.write("# edited\n")
    for kept in (code._imports, code._digest):  # by one process, which reads each file once
        kept.cache_clear()
    assert (code.source("screening.collect") != before) == changes


def test_the_hash_is_of_the_real_modules():
    assert code.source("screening.collect") != code.source("screening.filters")
