"""Automation filters act on what all members of a report agree on, and on nothing else."""

from pathlib import Path

import pytest

from prismake.publish import read_csv, write_csv
from prismake.records import table, write_parquet
from prismake.screening.filters import filter_reports


@pytest.fixture
def filtered(tmp_path: Path):
    """Run the filters over records given as (id, report, fields); returns report -> filter."""

    def run(settings: dict, *rows: tuple[str, str, dict]) -> dict[str, str]:
        frame = table([{"source_record_id": record, "title": "T", **fields} for record, _, fields in rows], "s")
        write_parquet(tmp_path / "all.parquet", frame)
        clusters = [[f"s:{record}", "s", record, report] for record, report, _ in rows]
        write_csv(
            tmp_path / "clusters.csv", ["record_id", "source_id", "source_record_id", "cluster_id"], sorted(clusters)
        )
        settings = {"reinstate": [], **settings}
        places = [tmp_path / name for name in ("all.parquet", "clusters.csv", "out.csv", "unused.csv")]
        filter_reports(settings, *places)
        return {row["report_id"]: row["filter"] for row in read_csv(tmp_path / "out.csv")}

    return run


def test_nothing_is_removed_unless_configured(filtered):
    assert filtered({}, ("1", "r1", {"year": 1950, "language": "Klingon"})) == {}


def test_years_act_on_stated_years_only(filtered):
    rows = [("1", "r1", {"year": 1999}), ("2", "r2", {"year": 2005}), ("3", "r3", {}), ("4", "r4", {"year": 2026})]
    assert filtered({"years": {"from": 2000}}, *rows) == {"r1": "years"}
    assert filtered({"years": {"from": 2000, "to": 2025}}, *rows) == {"r1": "years", "r4": "years"}


def test_a_contradictory_value_removes_nothing(filtered):
    assert filtered({"years": {"from": 2000}}, ("1", "r1", {"year": 1999}), ("2", "r1", {"year": 2000})) == {}
    assert filtered({"years": {"from": 2000}}, ("1", "r1", {"year": 1999}), ("2", "r1", {})) == {"r1": "years"}


def test_languages_are_compared_by_name_whatever_code_the_database_used(filtered):
    rows = [
        ("1", "r1", {"language": "eng"}),
        ("2", "r2", {"language": "English"}),
        ("3", "r3", {"language": "chi"}),
        ("4", "r4", {"language": "German; English"}),
        ("5", "r5", {}),
        ("6", "r6", {"language": "fr"}),
    ]
    assert filtered({"languages": ["English", "French"]}, *rows) == {"r3": "languages"}


def test_publication_types_are_removed_when_every_source_says_so(filtered):
    rows = [
        ("1", "r1", {"publication_types": ["Journal Article", "EDITORIAL"]}),
        ("2", "r2", {"publication_types": ["Editorial"]}),
        ("3", "r2", {"publication_types": ["Article"]}),
        ("4", "r4", {}),
    ]
    assert filtered({"publication_types": ["Editorial"]}, *rows) == {"r1": "publication_types"}


def test_a_person_can_reinstate_a_record_by_any_of_its_ids(filtered):
    rows = [("1", "r1", {"year": 1999}), ("2", "r1", {"year": 1999}), ("3", "r3", {"year": 1999})]
    assert filtered({"years": {"from": 2000}, "reinstate": ["s:2"]}, *rows) == {"r3": "years"}


def test_an_undetermined_language_removes_nothing(filtered):
    said = ["und", "Undetermined", "mul", "zxx", "en-US", "English.", "English (abstract), German", "ger"]
    rows = [(str(number), f"r{number}", {"language": text}) for number, text in enumerate(said)]
    assert filtered({"languages": ["English"]}, *rows) == {"r7": "languages"}


def test_what_fits_no_record_is_told(filtered, tmp_path):
    settings = {
        "languages": ["eng", "Englisch"],
        "publication_types": ["Editorial", "Editorials"],
        "reinstate": ["s:1", "s:L9"],
    }
    filtered(settings, ("1", "r1", {"language": "English", "publication_types": ["editorial"]}))
    assert [(row["setting"], row["value"]) for row in read_csv(tmp_path / "unused.csv")] == [
        ("languages", "Englisch"),
        ("publication_types", "Editorials"),
        ("reinstate", "s:L9"),
    ]
    filtered({}, ("1", "r1", {}))
    assert read_csv(tmp_path / "unused.csv") == []
