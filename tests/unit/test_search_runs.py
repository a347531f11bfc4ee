"""Reading the runs of a source."""

import hashlib
import json
from pathlib import Path

import pytest

from prismake.errors import PrismakeError
from prismake.records import read_parquet
from prismake.search.runs import describe_searches, gather, import_source

MEDLINE = """PMID- 9000000{n}
TI  - Invented title number {n}.
FAU - Okafor, Ada
DP  - 2021 Mar
JT  - Journal of invented results
SO  - J Invent. 2021;1(1):1-9.
"""


@pytest.fixture(autouse=True)
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def snapshot(date: str, *numbers: int) -> Path:
    folder = Path("resources/search/pm", date)
    folder.mkdir(parents=True)
    text = "\n".join(MEDLINE.format(n=n) for n in numbers).encode()
    (folder / "records.txt").write_bytes(text)
    file = {"path": "records.txt", "sha256": hashlib.sha256(text).hexdigest(), "bytes": len(text)}
    part = {"label": "", "strategy": "x", "translation": "x[All]", "reported": len(numbers), "retrieved": len(numbers)}
    search = {
        "run_date": date,
        "limits": None,
        "by": None,
        "peer_review": None,
        "searches": [{**part, "files": [file]}],
    }
    (folder / "search.json").write_text(json.dumps(search))
    return folder


LIVE = {"database": "PubMed", "kind": "database", "live": "pubmed"}


def test_snapshots_are_replayed_run_by_run():
    snapshot("2026-02-10", 1, 2)
    snapshot("2026-10-12", 2, 3)
    import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))
    frame = read_parquet("pm.parquet")
    assert frame.select("record_id", "run_date").rows() == [
        ("pm:90000001", "2026-02-10"),
        ("pm:90000002", "2026-02-10"),
        ("pm:90000002", "2026-10-12"),
        ("pm:90000003", "2026-10-12"),
    ]
    told = json.loads(Path("pm.json").read_text())
    assert [run["imported"] for run in told["runs"]] == [2, 2]
    assert told["runs"][0]["searches"][0]["translation"] == "x[All]"


def test_a_snapshot_that_was_edited_stops_the_run():
    folder = snapshot("2026-02-10", 1)
    with (folder / "records.txt").open("a") as file:
        file.write("\n")
    with pytest.raises(PrismakeError, match=r"records.txt: this file of the snapshot is missing or not as"):
        import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))
    assert not Path("pm.parquet").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"searches": 3}', "{"])
def test_a_snapshot_whose_description_is_broken_is_named(text):
    (snapshot("2026-02-10", 1) / "search.json").write_text(text)
    with pytest.raises(PrismakeError, match=r"2026-02-10/search.json: this does not describe a search"):
        import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))


def edit(folder: Path, **keys) -> None:
    """Change keys of a search.json; those of its only file are named file_..."""
    search = json.loads((folder / "search.json").read_text())
    file = search["searches"][0]["files"][0]
    for key, value in keys.items():
        place, name = (file, key[5:]) if key.startswith("file_") else (search, key)
        place[name] = value
        if value is ...:
            del place[name]
    (folder / "search.json").write_text(json.dumps(search))


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"file_path": ...}, r"searches.0.files.0: 'path' is a required property"),
        ({"file_sha256": ...}, "'sha256' is a required property"),
        ({"file_path": "a\0b"}, "does not match"),
        ({"file_path": "../../outside.txt"}, r"../../outside.txt lies outside this folder"),
        ({"file_path": "/etc/hostname"}, "lies outside this folder"),
        ({"file_bytes": 1}, "records.txt: this file of the snapshot is missing or not as"),
        ({"file_records": 7}, "records.txt: the snapshot says 7 records, the file holds 1"),
        ({"run_date": 20260210}, "run_date: 20260210 is not of type 'string'"),
        ({"run_date": "2026-02-11"}, "run_date is 2026-02-11, the folder's is 2026-02-10"),
        ({"limits": 3}, "limits: 3 is not of type"),
        ({"searches": []}, "searches: "),
    ],
)
def test_a_snapshot_that_cannot_be_trusted_stops_the_run(review, keys, problem):
    folder = snapshot("2026-02-10", 1)
    (folder.parent.parent / "outside.txt").write_bytes((folder / "records.txt").read_bytes())
    edit(folder, **keys)
    with pytest.raises(PrismakeError, match=problem):
        import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))
    assert not Path("pm.parquet").exists()


def test_the_number_retrieved_is_a_number():
    folder = snapshot("2026-02-10", 1)
    search = json.loads((folder / "search.json").read_text())
    search["searches"][0]["retrieved"] = None
    (folder / "search.json").write_text(json.dumps(search))
    with pytest.raises(PrismakeError, match=r"searches.0.retrieved: None is not of type 'integer'"):
        import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))


def test_a_live_source_that_was_never_searched_has_no_runs(capsys):
    import_source("pm", LIVE, Path("pm.parquet"), Path("pm.json"))
    assert "no search of 'pm' has been recorded" in capsys.readouterr().err
    gather([Path("pm.parquet")], Path("all.parquet"))
    describe_searches({"pm": LIVE}, [Path("pm.json")], Path("imports.csv"), Path("searches.json"))
    assert json.loads(Path("searches.json").read_text()) == [{"source": "pm", "runs": []}]
    assert read_parquet("all.parquet").is_empty()


def test_exports_are_read_and_put_together():
    Path("a.csv").write_text("record_id,title\n1,One\n2,Two\n")
    Path("b.csv").write_text("record_id,title\n1,One\n")
    run = {"files": ["a.csv"], "strategy": "x", "date": "2026-01-01", "declared": 2}
    configured = {"one": {"runs": [run]}, "two": {"runs": [{"files": ["b.csv"], "strategy": ""}]}}
    for name, source in configured.items():
        import_source(name, source, Path(f"{name}.parquet"), Path(f"{name}.json"))
    gather([Path("one.parquet"), Path("two.parquet")], Path("all.parquet"))
    reports = [Path("one.json"), Path("two.json")]
    describe_searches(configured, reports, Path("imports.csv"), Path("searches.json"))
    assert read_parquet("all.parquet")["record_id"].to_list() == ["one:1", "one:2", "two:1"]
    assert Path("imports.csv").read_text().splitlines()[1].startswith("one,2026-01-01,a.csv,csv,utf-8,2,2,0,2,")
    told = json.loads(Path("searches.json").read_text())
    assert [source["source"] for source in told] == ["one", "two"]
    search = {"label": "", "strategy": "x", "translation": None, "reported": 2, "retrieved": 2}
    assert told[0]["runs"][0]["searches"] == [search]
