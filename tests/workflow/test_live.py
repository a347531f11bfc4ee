"""Live searches as a user makes them, against stand-ins on the loopback."""

import datetime
import shutil
from pathlib import Path

import pytest

from conftest import Review
from standins.pubmed import PubMed

TODAY = datetime.date.today().isoformat()
KEY = "f00dfeedc0ffee0123456789abcdef012345"
EMAIL = "ada.okafor@example.org"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of the person who tests, no pace shared with other tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
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


def fetched(standin: PubMed) -> list[str]:
    """Every PMID that was asked for in a request that was answered well."""
    asked = [request.parameters["id"] for request in standin.log if request.path.endswith("efetch.fcgi")]
    return [pmid for ids in asked for pmid in ids.split(",")]


def records(review: Review) -> dict[str, bytes]:
    """The files of the snapshot but its description."""
    folder = review.folder / "resources/search/live" / TODAY
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "search.json"}


def test_a_search_is_made_once_and_then_replayed(small: Review, monkeypatch: pytest.MonkeyPatch):
    with PubMed(450) as standin:
        monkeypatch.setenv("PRISMAKE_EUTILS_URL", standin.address + "/")
        monkeypatch.setenv("NCBI_API_KEY", KEY)
        standin.per_second = None
        review = with_live(small)
        review.run_well()
        assert sorted(map(int, fetched(standin))) == sorted(standin.days)
        assert {request.parameters["email"] for request in standin.log} == {EMAIL}
        assert {request.parameters["tool"] for request in standin.log} == {"prismake"}
    made, people = review.hashes("results"), review.hashes("resources")
    assert "Nothing to be done" in review.run_well().text
    shutil.rmtree(review.folder / "results")
    monkeypatch.delenv("PRISMAKE_EMAIL")
    review.run_well()
    assert review.hashes("results") == made
    assert review.hashes("resources") == people
    for path in review.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY.encode() not in data, path
            assert EMAIL.encode() not in data, path
