"""The configuration: defaults, and one clear line per mistake."""

import datetime
import json
from pathlib import Path

import pytest

from prismake.config import check, read_yaml, write_checked
from prismake.errors import PrismakeError


def smallest(**changes):
    return {
        "review": {"title": "A review"},
        "search": {"sources": {"pm": {"database": "PubMed", "kind": "database", "files": ["export.ris"]}}},
        **changes,
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "export.ris").write_text("")
    return tmp_path


def complaint(config, root: Path) -> str:
    with pytest.raises(PrismakeError) as caught:
        check(config, root)
    return str(caught.value)


def test_the_smallest_config_gets_every_default(root):
    config = check(smallest(), root)
    assert config["search"]["sources"]["pm"]["runs"] == [{"files": ["export.ris"], "strategy": ""}]
    assert config["screening"]["people"]["reviewer1"] == {"share": 1}
    assert config["screening"]["adjudicator"] == "adjudicator"
    assert config["retrieval"]["owner"] == "reviewer1"
    assert config["screening"]["round_size"] == 500
    assert config["report"]["evidence"]["level"] == "claim"


def test_a_run_takes_over_the_strategy_of_its_source(root):
    config = smallest()
    config["search"]["sources"]["pm"] = {
        "database": "PubMed",
        "kind": "database",
        "strategy": "a AND b",
        "runs": [{"date": "2026-01-01", "files": ["export.ris"]}],
    }
    assert check(config, root)["search"]["sources"]["pm"]["runs"][0]["strategy"] == "a AND b"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"screenning": {}}, "unknown key 'screenning'; did you mean 'screening'?"),
        ({"screening": {"pilots": 3}}, "screening: unknown key 'pilots'; did you mean 'pilot'?"),
        ({"screening": {"pilot": "many"}}, 'screening.pilot: "many" is not a whole number'),
        ({"screening": {"people": {"ana": {}, "ben": {}}, "adjudicator": "bens"}}, "did you mean 'ben'?"),
        ({"screening": {"people": {"ana": {}, "rayyan": {}}}}, "'rayyan' is the folder of that tool's exports"),
        ({"screening": {"people": {"ana": {"also": ["a@b.example"]}, "ben": {}}}}, "also: no e-mail address"),
        ({"screening": {"people": {"ana": {}, "ben": {"name": "Ana"}}}}, "'ana' is said of two people, ana and ben"),
        (
            {"screening": {"people": {"ana": {}}}},
            "only 1 of screening.people screens; add somebody, or write 1; who has left stays there, with `until`",
        ),
        ({"screening": {"policy": "liberal"}}, '"liberal" is not one of strict, rayyan, any_include, single'),
        ({"screening": {"policy": "liberal_accelerated", "reviewers_per_record": 1}}, "takes 2 or more people for an"),
        ({"screening": {"pilot_kappa": 0.6, "pilot": 0}}, "screening.pilot_kappa: there is no pilot"),
        (
            {"screening": {"pilot_kappa": 0.6, "policy": "single", "people": {"ana": {}}}},
            "screening.pilot_kappa: agreement needs two people",
        ),
        ({"screening": {"people": {"ana": {}, "ben": {"until": "2026-02-30"}}}}, "there is no day 2026-02-30"),
        ({"screening": {"people": {"ana": {}, "ben": {"until": "soon"}}}}, '"soon" is not a date'),
        ({"extraction": {"form": "config/forms/none.yaml"}}, "no such file: config/forms/none.yaml"),
        ({"retrieval": {"owner": "zoe"}}, "retrieval.owner: 'zoe' is not in screening.people"),
    ],
)
def test_mistakes_are_explained(root, change, said):
    text = complaint(smallest(**change), root)
    assert said in text
    assert "config/config.yaml" in text


def test_one_person_is_enough_for_the_policy_single(root):
    config = check(smallest(screening={"policy": "single", "people": {"ana": {}}}), root)
    assert config["screening"]["policy"] == "single"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"database": "X", "kind": "databse", "files": ["export.ris"]}, "did you mean 'database'?"),
        ({"database": "X", "kind": "database", "files": ["nope.ris"]}, "no such file: nope.ris"),
        ({"database": "X", "kind": "database"}, "give `files`"),
        ({"kind": "database", "files": ["export.ris"]}, "'database' is missing"),
        (
            {"database": "X", "kind": "database", "runs": [{"files": ["export.ris"]}, {"files": ["export.ris"]}]},
            "the same date",
        ),
    ],
)
def test_mistakes_in_sources_are_explained(root, source, said):
    assert said in complaint(smallest(search={"sources": {"pm": source}}), root)


CONCEPTS = {"x": {"text": ["exosom*"], "mesh": ["Exosomes"]}}


def compiled(search: dict, **source) -> dict:
    config = smallest()
    config["search"] |= search
    config["search"]["sources"]["pm"] |= source
    return config


def test_a_compiled_strategy_stands_in_the_place_of_a_written_one(root):
    config = check(compiled({"concepts": CONCEPTS}, compile="scopus", published={"from": "2016-01-01"}), root)
    source = config["search"]["sources"]["pm"]
    assert source["strategy"] == "((TITLE-ABS(exosom*))) AND PUBYEAR > 2015 AND PUBYEAR < 2101"
    assert source["runs"][0]["strategy"] == source["strategy"]
    assert source["strategy_notes"] == ["Scopus has no MeSH headings: left out of x: Exosomes"]


@pytest.mark.parametrize(
    ("search", "source", "said"),
    [
        ({}, {"compile": "pubmed"}, "sources.pm.compile: there are no search.concepts"),
        ({"concepts": CONCEPTS}, {"compile": "pubmed", "strategy": "a"}, "`compile` and `strategy` at once"),
        ({"concepts": CONCEPTS}, {"compile": "medline"}, '"medline" is not one of pubmed'),
        ({"concepts": CONCEPTS}, {"published": {"from": "2016-01-01"}}, "give `compile`, too"),
        (
            {"concepts": CONCEPTS},
            {"compile": "wos", "published": {"from": "2020-01-01", "to": "2016-01-01"}},
            "from 2020-01-01 is after to 2016-01-01",
        ),
        ({"concepts": {"x": {"text": ['"a"']}}}, {}, "concepts.x.text: '\"a\"': write the words alone"),
        ({"concepts": {"x": {"text": [{"field": "title"}]}}}, {}, "needs `term` or `near`"),
        ({"concepts": {"x": {"text": [3]}}}, {}, "3 is not a text (put it in quotes) or a block of keys"),
        ({"concepts": CONCEPTS, "combine": "y"}, {}, "search.combine: 'y' is not in search.concepts"),
    ],
)
def test_mistakes_in_concepts_are_explained(root, search, source, said):
    assert said in complaint(compiled(search, **source), root)


def test_all_mistakes_are_named_at_once(root):
    text = complaint(smallest(screening={"pilots": 3}, extractoin={}), root)
    assert "2 mistakes" in text
    assert "pilots" in text
    assert "extractoin" in text


def test_yaml_mistakes_name_the_line(tmp_path):
    path = tmp_path / "config.yaml"
    torn = "a:\n    b: 1\n   c: 2\n"  # c begins in a column of its own
    for text, said in (
        (torn, "line 3: .* the names of a block begin in one column"),
        ("a: 1\na: 2\n", "line 2: the key 'a' is there twice"),
    ):
        path.write_text(text)
        with pytest.raises(PrismakeError, match=said):
            read_yaml(path)


def test_dates_that_snakemake_read_as_objects_become_text(root):
    config = smallest()
    config["search"]["sources"]["pm"]["date"] = datetime.date(2026, 1, 31)
    assert check(config, root)["search"]["sources"]["pm"]["runs"][0]["date"] == "2026-01-31"


def test_dates_stay_text(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("date: 2026-01-31\n")
    assert read_yaml(path) == {"date": "2026-01-31"}


def test_the_checked_config_is_written_only_when_it_differs(tmp_path):
    path = tmp_path / "config.json"
    write_checked({"a": "ü"}, path)
    before = path.stat().st_mtime_ns
    write_checked({"a": "ü"}, path)
    assert path.stat().st_mtime_ns == before
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "ü"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"live": "pubmed", "windows": [{"label": "all"}]}, "search.sources.pm.windows.0: give `from`, `to` or both"),
        (
            {"live": "pubmed", "windows": [{"from": "2026-01-02", "to": "2026-01-01"}]},
            "search.sources.pm.windows.0: from 2026-01-02 is after to 2026-01-01",
        ),
        ({"live": "pubmed", "windows": [{"from": "2026-02-30"}]}, "there is no day 2026-02-30"),
        (
            {
                "live": "pubmed",
                "windows": [{"label": "A b", "to": "2020-01-01"}, {"label": "a B!", "from": "2020-01-02"}],
            },
            "two windows have the same label",
        ),
        ({"live": "pubmd"}, "search.sources.pm.live"),
        ({"files": ["export.ris"], "windows": [{"from": "2026-01-01"}]}, "`windows` is for a source that is searched"),
        ({"live": "pubmed", "declared": 3}, "declared would not be read here; it belongs into the snapshots"),
    ],
)
def test_mistakes_in_a_live_source(root, source, said):
    config = smallest(search={"sources": {"pm": {"database": "PubMed", "kind": "database", **source}}})
    assert said in complaint(config, root)


def test_what_a_live_source_says_of_its_next_search(root):
    source = {
        "database": "PubMed",
        "kind": "database",
        "live": "pubmed",
        "limits": "None",
        "by": "Ada",
        "strategy": "x",
    }
    assert check(smallest(search={"sources": {"pm": source}}), root)["search"]["sources"]["pm"]["by"] == "Ada"
