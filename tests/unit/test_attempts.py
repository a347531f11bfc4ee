"""Steps that did not finish are done again."""

from pathlib import Path

import pytest

from prismake.attempts import DONE, attempts


def test_an_unfinished_log_counts_and_a_finished_one_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert attempts("step.log") == 0
    Path("step.log").write_text("half way\n")
    assert attempts("step.log") == 1
    assert attempts("step.log") == 2
    Path("step.log").write_text(f"all the way\n{DONE}\n")
    assert attempts("step.log") == attempts("step.log") == 2
