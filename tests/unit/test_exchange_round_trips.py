"""Files that we write for another tool, filled in there, come back with every decision attached to its record."""

import csv
import zipfile
from pathlib import Path

import openpyxl
import pytest
from exchange_review import SCREENING, TITLES, cast, collect, make_review, problems
from exchange_tools import ADDRESS, ARTICLES, asreview_csv, asreview_ris, blob, covidence, rayyan, rayyan_zip, table
from hypothesis import given
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.records import REPORT_SCHEMA
from prismake.screening.exchange import items, write
from prismake.screening.exchange.rayyan import parse_notes


@pytest.fixture(autouse=True)
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_review()
    monkeypatch.setattr(write, "read_config", lambda folder: {})
    return tmp_path


def written(tool: str) -> dict[str, Path]:
    return {path.suffix: path for path in write.export(tool, "title_abstract", Path(), Path("to", tool))}


VOTES = {
    TITLES["pm:1"]: {"Ana": "Included", "Ben O. Marsh": "Excluded"},
    TITLES["pm:2"]: {"Ana": "Maybe"},
    TITLES["src:007"]: {"Ana": "Excluded", "Ben O. Marsh": "Excluded"},
    TITLES["h:1E5"]: {"Ben O. Marsh": "Included"},
}
WANTED = {
    ("ana", "pm:1"): "include",
    ("ben", "pm:1"): "exclude",
    ("ana", "pm:2"): "maybe",
    ("ana", "src:007"): "exclude",
    ("ben", "src:007"): "exclude",
    ("ben", "h:1E5"): "include",
}


def test_rayyan_with_its_log(review):
    reasons = {TITLES["src:007"]: {"Ana": ["wrong outcome"], "Ben O. Marsh": ["wrong population", "wrong outcome"]}}
    path = rayyan(written("rayyan")[".ris"], VOTES, Path("resources/screening/rayyan/title_abstract.zip"), reasons)
    made = collect(path)
    assert cast(made) == WANTED
    assert made["faults"] == made["unmatched"] == []
    assert {(v["person"], v["reason"]) for v in made["votes"] if v["record_id"] == "src:007"} == {
        ("ana", "Wrong outcome"),
        ("ben", "Wrong population"),
    }
    assert all(v["time"].startswith("2026-05-0") and v["tool"] == "rayyan" and v["sha256"] for v in made["votes"])
    state = {row["report_id"]: row["state"] for row in made["decisions"]}
    assert state == {
        "pm:1": "conflict",
        "pm:2": "pending",
        "src:007": "excluded",
        "h:1E5": "pending",
        "h:ab~2": "pending",
    }


def test_rayyan_s_exports_are_put_together_and_reasons_of_nobody_go_to_all_who_excluded():
    ris, folder = written("rayyan")[".ris"], Path("resources/screening/rayyan")
    excluded = {title: votes for title, votes in VOTES.items() if "Excluded" in votes.values()}
    included = {title: votes for title, votes in VOTES.items() if "Excluded" not in votes.values()}
    reasons = {TITLES["src:007"]: {"Ana": ["wrong outcome"]}}
    made = collect(
        rayyan(ris, included, folder / "title_abstract Included.zip", log=False),
        rayyan(ris, excluded, folder / "title_abstract Excluded.zip", reasons, log=False),
        rayyan(ris, excluded, folder / "title_abstract Excluded (1).zip", reasons, log=False),
    )
    assert cast(made) == WANTED
    assert made["faults"] == []
    assert {v["reason"] for v in made["votes"] if v["record_id"] == "src:007"} == {"Wrong outcome"}
    assert sum(row["why"] == "copy" for row in made["log"]) == 4


def test_an_earlier_vote_in_rayyan_s_log_stays_visible():
    articles = table(
        ARTICLES.split(","), [{"key": "rayyan-7", "title": "x", "notes": blob("record_id: pm:1", {"Ana": "Excluded"})}]
    )
    who = {"article_id": "7", "user_id": "5", "user_email": ADDRESS, "key": "included"}
    log = [
        {**who, "value": "-1", "created_at": "2026-05-02 09:00:00 UTC"},
        {**who, "value": "1", "created_at": "2026-05-01 09:00:00 UTC"},
    ]
    made = collect(rayyan_zip(Path("resources/screening/rayyan/title_abstract.zip"), articles, log))
    assert [(row["decision"], row["time"], row["counts"], row["why"]) for row in made["log"]] == [
        ("exclude", "2026-05-02T09:00:00Z", "1", ""),
        ("include", "2026-05-01T09:00:00Z", "0", "superseded"),
    ]


def test_the_last_of_several_clicks_within_a_second_counts():
    articles = table(
        ARTICLES.split(","), [{"key": "rayyan-7", "title": "x", "notes": blob("record_id: pm:1", {"Ana": "Maybe"})}]
    )
    who = {"article_id": "7", "user_id": "5", "user_email": ADDRESS, "key": "included"}
    clicks = {"42.312": "1", "43.250": "1", "43.640": "-1", "43.980": "0"}  # as in an export of 2022
    log = [{**who, "value": value, "created_at": f"2022-12-26T11:54:{time}Z"} for time, value in clicks.items()]
    made = collect(rayyan_zip(Path("resources/screening/rayyan/title_abstract.zip"), articles, log))
    assert made["faults"] == []
    assert [(row["decision"], row["why"]) for row in made["log"]] == [("maybe", ""), ("include", "superseded")]


def test_nobody_is_guessed_at_and_no_address_is_told():
    notes = blob("record_id: pm:1", {"Zoe": "Included", ADDRESS: "Excluded"}, notes={"Ana": [f"ask {ADDRESS}"]})
    also = blob("record_id: pm:2", {"A. Bell": "Included", "Ana": "Maybe"}, notes={"Ana": [f"ask {ADDRESS}"]})
    articles = table(["title", "notes"], [{"title": "x", "notes": notes}, {"title": "y", "notes": also}])
    people = {**SCREENING["people"], "ben": {"share": 1, "also": ["a. bell"]}}
    path = Path("resources/screening/rayyan/title_abstract.csv")
    path.parent.mkdir(parents=True)
    path.write_text(articles)
    made = collect(path, people=people)
    assert cast(made) == {("ben", "pm:2"): "include", ("ana", "pm:2"): "maybe"}
    assert next(vote["note"] for vote in made["votes"] if vote["person"] == "ana") == "ask [e-mail]"
    assert [p.split(", so")[0] for p in problems(made)] == [
        "nobody in screening.people is called 'Zoe'",
        "nobody in screening.people is called '[e-mail]'",
    ]


def test_covidence_s_lists_settle_what_they_hold():
    ris = written("covidence")[".ris"]
    folder = Path("resources/screening/covidence")
    lists = {
        "irrelevant": {TITLES["pm:1"]: ""},
        "select": {TITLES["pm:2"]: ""},
        "excluded": {
            TITLES["src:007"]: "Exclusion reason: wrong outcome; Ana: twice",
            TITLES["h:1E5"]: "Exclusion reason: Odd",
        },
        "included": {TITLES["h:ab~2"]: ""},
    }
    files = covidence(ris, folder, lists)
    made = collect(*files)
    assert {row["report_id"]: row["state"] for row in made["decisions"]} == {
        "pm:1": "excluded",
        "pm:2": "included",
        "src:007": "included",
        "h:1E5": "included",
        "h:ab~2": "included",
    }
    assert made["faults"] == made["unmatched"] == made["agreement"] == []
    assert {row["adjudicated"] for row in made["decisions"]} == {"0"}
    made = collect(*files[2:], stage="full_text")
    assert {
        row["report_id"]: (row["state"], row["reason"]) for row in made["decisions"] if row["state"] != "pending"
    } == {
        "src:007": ("excluded", "Wrong outcome"),
        "h:ab~2": ("included", ""),
    }
    assert problems(made)[0].startswith("'Odd' is not in screening.reasons: 1 pending, h:1E5 among them")
    assert next(v["note"] for v in made["votes"] if v["record_id"] == "src:007") == "Ana: twice; tags: later; asked"


LABELS = {TITLES["pm:1"]: True, TITLES["pm:2"]: False, TITLES["h:1E5"]: False, TITLES["h:ab~2"]: True}
SEEN = {
    ("ana", "pm:1"): "include",
    ("ana", "pm:2"): "exclude",
    ("ana", "h:1E5"): "exclude",
    ("ana", "h:ab~2"): "include",
}


@pytest.mark.parametrize("before_ranking", [True, False])
def test_asreview_ris(before_ranking):
    path = Path("resources/screening/asreview/title_abstract.ana.ris")
    made = collect(asreview_ris(written("asreview")[".ris"], LABELS, path, before_ranking=before_ranking))
    assert cast(made) == SEEN
    assert {(v["time"], v["note"]) for v in made["votes"]} == {("2026-05-01T10:00:00Z", "seen, and noted")}
    assert made["faults"] == made["unmatched"] == []


def test_asreview_csv_with_tags_and_as_a_workbook():
    path = Path("resources/screening/asreview/title_abstract.ana.csv")
    made = collect(asreview_csv(written("asreview")[".csv"], LABELS, path, tags={TITLES["pm:2"]: ""}))
    assert cast(made) == SEEN
    assert next(v["reason"] for v in made["votes"] if v["record_id"] == "pm:2") == "Wrong population"
    book = path.with_suffix(".xlsx")
    rows = list(csv.reader(path.open(encoding="utf-8")))
    sheet = openpyxl.Workbook()
    for row in rows:
        sheet.active.append([float(cell) if cell in ("0", "1") else cell for cell in row])
    sheet.save(book)
    assert cast(collect(book)) == SEEN
    assert cast(collect(book, path)) == SEEN


def test_what_does_not_match_is_listed_and_what_matches_by_content_is_found():
    path = Path("resources/screening/asreview/title_abstract.ana.csv")
    path.parent.mkdir(parents=True)
    rows = [
        {"title": "vesicles heal the Cornea, said 'quickly'", "authors": "A. Okafora; B. Lindqvist", "year": "2015"},
        {"title": "another", "doi": "https://doi.org/10.5555/X.1"},
        {"title": TITLES["src:007"], "year": "1999"},
        {"title": TITLES["h:1E5"], "authors": "Someone Else"},
        {"title": TITLES["h:ab~2"]},
        {"title": "Never heard of"},
    ]
    path.write_text(table(["title", "authors", "year", "doi", "included"], [{**row, "included": 1} for row in rows]))
    made = collect(path)
    assert set(cast(made)) == {("ana", "pm:1"), ("ana", "pm:2")}
    assert [row["row"] for row in made["unmatched"]] == ["4", "5", "6", "7"]
    assert problems(made)[0].startswith("4 of its references are no record of this review, or it is not clear which")


def test_files_are_never_written_over_and_are_the_same_again():
    first = {path.name: path.read_bytes() for path in written("rayyan").values()}
    with pytest.raises(PrismakeError, match="there already"):
        written("rayyan")
    again = write.export("rayyan", "title_abstract", Path(), Path("again"))
    assert {path.name: path.read_bytes() for path in again} == first


def test_covidence_takes_only_so_many_references(monkeypatch):
    monkeypatch.setitem(write.tables()["limits"], "covidence", {"references": 2, "bytes": 10**6})
    paths = write.export("covidence", "title_abstract", Path(), Path("to"))
    assert [path.name[-6:] for path in paths] == ["01.ris", "02.ris", "03.ris"]
    assert sum(path.read_text(encoding="utf-8").count("TY  - ") for path in paths) == 5


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("articles.csv", bytes(1_000_000))


def damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("articles.csv", "title,notes\n" * 99)
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("rayyan/title_abstract.zip", damaged, "this zip archive is damaged"),
        ("rayyan/title_abstract.zip", bomb, "this unpacks to more than"),
        ("rayyan/title_abstract.zip", b"no zip", "this is no zip archive"),
        ("rayyan/title_abstract.csv", b"", "this file is empty"),
        ("rayyan/title_abstract.csv", b"a,b\n1,2\n", "no reference in it has a title"),
        ("rayyan/articles.csv", b"title,notes\nx,y\n", "its name does not say which stage"),
        ("covidence/export.csv", b"Title\nx\n", "does not say which list of Covidence"),
        ("asreview/title_abstract.ana.csv", b"title\nx\n", "nothing in it says what was decided"),
        ("asreview/title_abstract.csv", b"title,included\nx,1\n", "nothing says whose decisions these are"),
        ("asreview/title_abstract.eve.csv", b"title,included\nx,1\n", "nobody in screening.people is called 'eve'"),
        ("asreview/title_abstract.ana.ris", b"\xff\xfe", "there is no reference in it"),
        ("asreview/title_abstract.ana.csv", b"\x00\x01binary", "this is not text"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_fault_with_a_remedy(name, make, said, monkeypatch):
    monkeypatch.setattr(items, "MAX_UNPACKED", 900_000)
    path = Path("resources/screening", name)
    path.parent.mkdir(parents=True)
    path.write_bytes(make) if isinstance(make, bytes) else make(path)
    made = collect(path)
    assert made["votes"] == []
    assert len(made["faults"]) == 1
    assert said in made["faults"][0]["problem"]
    assert made["faults"][0]["remedy"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_other_encodings_and_semicolons(encoding):
    path = Path("resources/screening/asreview/title_abstract.ana.csv")
    path.parent.mkdir(parents=True)
    path.write_bytes(f"title;year;included\n{TITLES['pm:2']};2016;1\n".encode(encoding))
    assert cast(collect(path)) == {("ana", "pm:2"): "include"}


def test_a_tag_on_a_record_that_is_not_decided_is_no_mistake():
    path = Path("resources/screening/asreview/title_abstract.ana.csv")
    path.parent.mkdir(parents=True)
    path.write_text(f"record_id,title,included,asreview_tag_odd\npm:2,{TITLES['pm:2']},undecided,1\n")
    made = collect(path)
    assert (cast(made), made["faults"]) == ({}, [])


@pytest.mark.parametrize("asked", [True, False])
def test_a_reason_from_rayyan_adds_to_the_exclusion_that_a_form_holds_and_counts_where_it_is_asked_for(asked):
    reasons = {TITLES["pm:2"]: {"Ana": ["odd", "wrong outcome"]}}
    path = Path("resources/screening/rayyan/title_abstract.zip")
    rayyan(written("rayyan")[".ris"], {TITLES["pm:2"]: {"Ana": "Excluded"}}, path, reasons, log=False)
    form = Path("resources/screening/ana/title_abstract.ana.01.csv")
    form.parent.mkdir(parents=True)
    form.write_text(f"record_id,title,decision,note\npm:2,{TITLES['pm:2']},exclude,\n")
    made = collect(path, form, title_abstract_reasons=asked, reviewers_per_record=1)
    assert not any("differs" in problem for problem in problems(made))
    (vote,) = made["votes"]
    assert (vote["decision"], vote["reason"], vote["tool"]) == ("exclude", "Wrong outcome", "rayyan")
    (decision,) = (row for row in made["decisions"] if row["report_id"] == "pm:2")
    assert (decision["state"], decision["reason"]) == ("excluded", "Wrong outcome" if asked else "")


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30)
NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(
    TEXTS,
    st.dictionaries(NAMES, st.sampled_from(["Included", "Excluded", "Maybe"]), max_size=4),
    st.dictionaries(NAMES, st.lists(TEXTS, min_size=1, max_size=3), max_size=3),
)
def test_rayyan_s_notes_are_read_as_they_were_written(original, votes, notes):
    text = blob(
        original.replace("RAYYAN", ""), votes, ["wrong population", "x"] if votes else [], ["a"] if votes else [], notes
    )
    read = parse_notes(text)
    assert (read.decisions, read.notes) == (votes, notes)
    if votes:
        assert (read.reasons, read.labels) == (("wrong population", "x"), "a")


def test_of_two_blobs_the_last_counts():
    old = blob("record_id: pm:1", {"Ana": "Included"}, ["old"])
    read = parse_notes(blob(old, {"Ana": "Excluded"}, ["new"], notes={"Ana": ['| RAYYAN-INCLUSION: {"Ana"=>"Maybe"}']}))
    assert (read.decisions, read.reasons) == ({"Ana": "Excluded"}, ("new",))
    assert parse_notes('RAYYAN-INCLUSION: {"Ana"=>"true", "Bo" => "false"}').decisions == {
        "Ana": "include",
        "Bo": "exclude",
    }


def test_rows_that_were_torn_apart_are_listed_and_not_guessed_at():
    path = Path("resources/screening/asreview/title_abstract.ana.csv")
    path.parent.mkdir(parents=True)
    rows = [
        {"record_id": "pm:1", "title": TITLES["pm:2"], "year": "2016", "included": 1},
        {"record_id": "pm:2", "title": "Another title than ours", "year": "2016", "included": 1},
    ]
    path.write_text(table(["record_id", "title", "year", "included"], rows))
    made = collect(path)
    assert cast(made) == {("ana", "pm:2"): "include"}
    assert [row["row"] for row in made["unmatched"]] == ["2"]


def test_an_export_that_is_out_of_date_is_told_apart_from_a_form():
    ris, folder = written("rayyan")[".ris"], Path("resources/screening/rayyan")
    old = rayyan(ris, {TITLES["pm:1"]: {"Ana": "Included"}}, folder / "title_abstract.zip", log=False)
    new = rayyan(ris, {TITLES["pm:1"]: {"Ana": "Excluded"}}, folder / "title_abstract (1).zip", log=False)
    made = collect(old, new)
    assert made["votes"] == []
    assert {fault["remedy"] for fault in made["faults"]} == {
        "Move the export that is out of date away, or make them equal"
    }
    assert [row["why"] for row in made["log"]] == ["contradicted"] * 2


@given(st.lists(st.tuples(TEXTS, TEXTS, st.lists(TEXTS, max_size=3)), min_size=1, max_size=4))
def test_what_is_written_as_ris_is_read_with_its_id_and_title(texts):
    blank = dict.fromkeys(REPORT_SCHEMA)
    reports = [
        {
            **blank,
            "report_id": f"s:{number}",
            "title": f"T {title}",
            "abstract": abstract,
            "authors": authors,
            "pages": "1-2",
        }
        for number, (title, abstract, authors) in enumerate(texts)
    ]
    read = items.read_items("x.ris", "".join(map(write.to_ris, reports)).encode())
    assert [item.first(["id"]) for item in read] == [report["report_id"] for report in reports]
    assert [item.first(["ti"]) for item in read] == [" ".join(report["title"].split()) for report in reports]
    assert [item.all(["n1"]) for item in read] == [[f"record_id: {report['report_id']}"] for report in reports]
