"""`prismake release`: whole or not there, once, and only of what the last run made."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml
from report_fixture import write_review

from prismake.cli import main
from prismake.config import check
from prismake.errors import PrismakeError
from prismake.prisma.draw import draw
from prismake.prisma.flow_file import read_flow
from prismake.publish import write_text
from prismake.release import make_release
from prismake.report.build import build_report


def review(folder: Path, kind: str = "finished", **changes) -> Path:
    """The fixture's review with a config.yaml and what a release needs of a run."""
    config, results = write_review(folder, kind, **changes)
    settings = json.loads(config.read_text(encoding="utf-8"))
    form = settings["extraction"]["form"]
    if form and not (folder / form).is_file():
        raise AssertionError(form)
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    config.write_text(json.dumps(check(settings, folder), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draw(read_flow(results / "prisma/flow.json"), results / "prisma", {"svg"})
    for name in ("flow.png", "flow.pdf", "flow.html", "flow.csv", "prisma_flow.zip"):
        write_text(results / "prisma" / name, "drawn by other tests")
    build_report(config, results, results / "report/report.html")
    write_text(results / "report/checklists/prisma_2020.csv", "item\n")
    return folder


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    return review(tmp_path / "review")


def test_a_release_holds_what_was_submitted_and_its_hashes(finished: Path) -> None:
    folder = make_release(finished, "2026-submitted")
    assert folder == finished / "resources/releases/2026-submitted"
    manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert held == {*manifest["files"], "release.json"}
    assert {
        "flow.json",
        "flow.svg",
        "flow.pdf",
        "prisma_flow.zip",
        "records.csv",
        "reports.csv",
        "report_study.csv",
    } <= held
    assert "report/checklists/prisma_2020.csv" in held
    assert {"report.html", "config/config.yaml", "extraction/study.csv"} <= held
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert (folder / "config/config.yaml").read_bytes() == (finished / "config/config.yaml").read_bytes()
    assert (folder / "reports.csv").read_bytes() == (finished / "results/prisma/reports.csv").read_bytes()
    assert manifest["draft"] == [] and manifest["tag"] == "2026-submitted" and manifest["previous"] == ""
    assert manifest["last_search"] == "2026-02-11"


def test_the_same_results_give_the_same_release(finished: Path) -> None:
    first, second = make_release(finished, "a"), make_release(finished, "b")
    one, other = ((folder / "release.json").read_text(encoding="utf-8") for folder in (first, second))
    assert one == other.replace('"tag": "b"', '"tag": "a"')


@pytest.mark.parametrize("tag", ["", ".", "..", "a/b", "../a", ".hidden", "a b", "ends.", "-x", "é", "x" * 65, "a\n"])
def test_a_tag_is_a_safe_name_of_a_folder(tmp_path: Path, tag: str) -> None:
    with pytest.raises(PrismakeError, match="cannot name a release"):
        make_release(tmp_path, tag)
    assert list(tmp_path.iterdir()) == []


def test_a_release_is_made_once(finished: Path) -> None:
    folder = make_release(finished, "v1")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for tag in ("v1", "V1"):
        with pytest.raises(PrismakeError, match="there already"):
            make_release(finished, tag)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_a_draft_is_released_only_when_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = review(tmp_path / "half", "half")
    assert main(["release", "v1", "--review", str(folder)]) == 1
    message = capsys.readouterr().err
    assert "the review is a draft" in message and "Records not yet screened" in message and "--draft" in message
    assert not (folder / "resources/releases").exists()
    assert main(["release", "v1", "--review", str(folder), "--draft"]) == 0
    manifest = json.loads((folder / "resources/releases/v1/release.json").read_text(encoding="utf-8"))
    assert any(reason.startswith("Records not yet screened") for reason in manifest["draft"])


def test_results_of_another_configuration_are_refused(finished: Path) -> None:
    path = finished / "config/config.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "retrieval: {}\n", encoding="utf-8")
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) | {"retrieval": {"owner": "cleo"}}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(PrismakeError, match="another configuration"):
        make_release(finished, "v1")


def test_a_run_that_did_not_finish_is_refused(finished: Path) -> None:
    flow = finished / "results/prisma/flow.json"
    changed = json.loads(flow.read_text(encoding="utf-8"))
    changed["boxes"]["new_studies"]["n"] += 1
    flow.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(PrismakeError, match="did not finish"):
        make_release(finished, "v1")
    flow.unlink()
    with pytest.raises(PrismakeError, match=r"flow\.json: nothing to release"):
        make_release(finished, "v1")


def test_nothing_is_left_of_a_release_that_could_not_be_written(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, value: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("prismake.release.write_json", full)
    with pytest.raises(OSError, match="No space"):
        make_release(finished, "v1")
    assert list((finished / "resources/releases").iterdir()) == []
