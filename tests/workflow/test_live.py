"""Live searches as a user makes them, against stand-ins on the loopback."""

import datetime
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, SNAKEMAKE, Review
from prismake.config import check
from prismake.search.recording import record
from standins.pubmed import PubMed
from standins.server import in_one_second

TODAY = datetime.date.today().isoformat()
KEY = "f00dfeedc0ffee0123456789abcdef012345"
EMAIL = "ada.okafor@example.org"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of the person who tests, no pace shared with other tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PRISMAKE_EMAIL", EMAIL)
    monkeypatch.setenv("PRISMAKE_PACE", "300")
    monkeypatch.delenv("NCBI_API_KEY", raising=False)


def with_live(review: Review, **source) -> Review:
    def change(config: dict) -> None:
        settings = {"database": "PubMed", "kind": "database", "live": "pubmed", "strategy": "vesicles", **source}
        config["search"]["sources"]["live"] = settings

    review.configure(change)
    return review


def fetched(standin: PubMed) -> list[int]:
    """Every PMID whose record was asked for."""
    asked = [request.parameters["id"] for request in standin.log if request.path.endswith("efetch.fcgi")]
    return [int(pmid) for ids in asked for pmid in ids.split(",")]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def start(review: Review, *targets: str) -> subprocess.Popen:
    """Snakemake in a process group of its own."""
    command = [SNAKEMAKE, "--directory", review.folder, "--snakefile", ROOT / "Snakefile", "--cores", "2", *targets]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_search_is_made_once_and_then_replayed(small: Review, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    with PubMed(450, per_second=None) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        review = with_live(small)
        first = review.run_well("search")
        assert sorted(fetched(standin)) == sorted(standin.days)
        assert {request.parameters["api_key"] for request in standin.log} == {KEY}
    made, people = review.hashes("results"), review.hashes("resources")
    assert "Nothing to be done" in review.run_well("search").text
    shutil.rmtree(review.folder / "results")
    monkeypatch.delenv("PRISMAKE_EMAIL")  # and nobody listens at the address any more
    again = review.run_well("search")
    assert review.hashes("results") == made
    assert review.hashes("resources") == people
    assert KEY not in first.text + again.text
    for path in review.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert KEY.encode() not in data and EMAIL.encode() not in data, path


@pytest.mark.parametrize("whole_group", [True, False])
def test_a_killed_search_goes_on_and_fetches_nothing_twice(
    small: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_group: bool
):
    target = "results/search/recorded/live.json"
    review = with_live(small)
    with PubMed(4_000, per_second=None) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        monkeypatch.chdir(tmp_path)
        undisturbed = record("live", check(review.config, review.folder)["search"]["sources"]["live"])
        standin.log.clear()
        monkeypatch.setenv("PRISMAKE_PACE", "8")
        running = start(review, target)
        wait_for(lambda: len(standin.log) >= 6)
        if whole_group:
            os.killpg(running.pid, signal.SIGKILL)
        else:  # its command lives on and goes on fetching
            os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert not (review.folder / "resources/search/live" / TODAY).exists()
        review.run_well("--unlock")
        review.run_well(target)
        asked = fetched(standin)
        assert set(asked) == set(standin.days)
        # What was under way when the command was killed never arrived.
        assert len(asked) - len(set(asked)) <= (200 if whole_group else 0)
        assert len(standin.log) <= 22
    assert contents(review.folder / "resources/search/live" / TODAY) == contents(undisturbed)


def test_a_service_that_is_down_leaves_earlier_results_as_they_are(small: Review, monkeypatch: pytest.MonkeyPatch):
    small.run_well("search")
    before = small.hashes("results")
    with PubMed(3, per_second=None) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        standin.always = "500"
        down = with_live(small).run("search")
    assert down.code == 1
    assert "prismake: PubMed could not be searched: its server failed (500), 7 times in a row." in down.text
    assert "Traceback" not in down.text
    assert small.hashes("results") == before
    monkeypatch.delenv("PRISMAKE_EMAIL")
    nobody = small.run("search")
    assert nobody.code == 1
    assert "no e-mail address is set. Set the environment variable PRISMAKE_EMAIL=you@example.org" in nobody.text
    assert small.hashes("results") == before


def test_two_jobs_at_once_keep_one_pace(small: Review, monkeypatch: pytest.MonkeyPatch):
    def change(config: dict) -> None:
        live = config["search"]["sources"]["live"]
        config["search"]["sources"]["live2"] = {**live, "strategy": "exosomes"}

    monkeypatch.delenv("PRISMAKE_PACE")
    with PubMed(500) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        review = with_live(small)
        review.configure(change)
        review.run_well(*(f"results/search/recorded/{name}.json" for name in ("live", "live2")))
    assert len(standin.log) == 8
    assert in_one_second(standin.log) <= 3
    assert not any(request.fault for request in standin.log)


def test_a_search_made_anew_is_added_to_the_earlier_one(small: Review, monkeypatch: pytest.MonkeyPatch):
    with PubMed(30, per_second=None) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        review = with_live(small)
        review.run_well("search")
        place = review.folder / "resources/search/live"
        (place / TODAY).rename(place / "2026-02-10")
        described = json.loads((place / "2026-02-10/search.json").read_text())
        (place / "2026-02-10/search.json").write_text(json.dumps(described | {"run_date": "2026-02-10"}))
        before = review.hashes("resources/search")
        standin.days |= {pmid: datetime.date(2026, 3, 1) for pmid in (41_000_001, 41_000_002)}
        review.run_well("refresh_search")
    after = review.hashes("resources/search")
    assert before.items() <= after.items()
    review.run_well("search")
    assert "Nothing to be done" in review.run_well("search").text
    told = json.loads((review.folder / "results/search/searches.json").read_text())
    assert [run["imported"] for source in told if source["source"] == "live" for run in source["runs"]] == [30, 32]
