"""Small reviews that were counted by hand: every box of the flow diagram, with its arithmetic in expected.yaml.

Each review of tests/data/by_hand/ has all its forms from the start, so that one run carries it to its end.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, Review
from prismake.prisma.flow_file import read_flow
from prismake.prisma.rcsv import LISTS

BY_HAND = ROOT / "tests/data/by_hand"
NAMES = sorted(path.parent.name for path in BY_HAND.glob("*/expected.yaml"))


@pytest.fixture
def carried_out(made_once) -> Callable[[str], Review]:
    """name -> the review after its run, made once for all processes of a test run."""

    def make(name: str, folder: Path) -> None:
        shutil.copytree(BY_HAND / name, folder, ignore=shutil.ignore_patterns("expected.yaml"))
        Review(folder).run_well("--cores", "1")

    return lambda name: made_once(f"by_hand.{name}", partial(make, name))


def expected(name: str) -> dict:
    return yaml.safe_load((BY_HAND / name / "expected.yaml").read_text(encoding="utf-8"))


def counted(boxes: dict) -> dict:
    """Each box as expected.yaml writes it: its number, or its lines when it has any."""
    return {
        name: {item["label"]: item["n"] for item in box["items"]} if box.get("items") else box["n"]
        for name, box in boxes.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_box_is_what_was_counted_by_hand(name: str, carried_out) -> None:
    review = carried_out(name)
    flow = json.loads((review.folder / "results/prisma/flow.json").read_text(encoding="utf-8"))
    by_hand = expected(name)
    assert counted(flow["boxes"]) == by_hand["boxes"]
    for box_name, box in flow["boxes"].items():
        assert box["n"] == len(box["ids"]), box_name
        assert box["n"] == sum(item["n"] for item in box.get("items") or [box]), box_name
    assert flow["template"] == by_hand["template"]
    assert bool(flow["draft"]) == by_hand["draft"], flow["draft"]
    issued = {path.relative_to(review.folder).as_posix() for path in review.forms("*")}
    wanted = set(by_hand.get("issued", []))
    assert {path for path in issued if "/extraction/" not in path} == wanted
    assert not review.table("screening/faults.csv")


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_for_r_has_the_same_numbers(name: str, carried_out) -> None:
    review = carried_out(name)
    flow = json.loads((review.folder / "results/prisma/flow.json").read_text(encoding="utf-8"))
    read = read_flow(review.folder / "results/prisma/flow.csv")
    assert read["template"] == flow["template"]
    carried = {name for name in flow["boxes"] if name in read["boxes"]}
    # Empty groups of boxes (no other method, no earlier version) are not in the file, and then absent when read.
    assert {name for name in flow["boxes"] if flow["boxes"][name]["n"]} <= carried
    for box in carried:
        assert read["boxes"][box]["n"] == flow["boxes"][box]["n"], box
        if box in LISTS:
            assert counted(read["boxes"])[box] == counted(flow["boxes"])[box]


@pytest.mark.parametrize("name", NAMES)
def test_the_report_and_the_status_tell_the_same(name: str, carried_out) -> None:
    review = carried_out(name)
    boxes = expected(name)["boxes"]
    report = (review.folder / "results/report/report.html").read_text(encoding="utf-8")
    assert review.config["review"]["title"] in report
    command = [sys.executable, "-m", "prismake.cli", "status", "--review", str(review.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    included = next(line for line in done.stdout.splitlines() if "] Full text" in line)
    number = boxes["new_reports"]
    assert f"{sum(number.values()) if isinstance(number, dict) else number} included" in included
