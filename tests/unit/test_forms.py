"""Forms in people's folders."""

import json
import os
from itertools import count
from pathlib import Path

import pytest

from prismake.forms import check_value, complete, digests, files, filled, held, issue, log, vanished, well_named


@pytest.fixture(autouse=True)
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(name: str, data: bytes = b"x") -> Path:
    path = Path("resources/screening/ana", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_an_issued_form_is_an_input_only_once_it_was_changed():
    path = issue("title_abstract", "ana", ["s:1", "s:2"], lambda meta: json.dumps(meta).encode())
    assert path.as_posix() == "resources/screening/ana/title_abstract.ana.01.xlsx"
    assert json.loads(path.read_bytes()) == {"kind": "title_abstract", "person": "ana", "round": "1"}
    assert filled("title_abstract") == []
    path.write_bytes(b"changed")
    assert filled("title_abstract") == [path.as_posix()]


def test_rounds_count_on_from_the_highest_number_ever_used():
    issue("title_abstract", "ana", ["s:1"], lambda meta: b"1")
    issue("title_abstract", "ana", ["s:2"], lambda meta: b"2").unlink()
    put("title_abstract.ana.07.xlsx")
    assert issue("title_abstract", "ana", ["s:3"], lambda meta: b"3").name == "title_abstract.ana.08.xlsx"
    assert vanished("title_abstract") == ["resources/screening/ana/title_abstract.ana.02.xlsx"]
    put("title_abstract.ana.02 (1).ods")
    assert vanished("title_abstract") == []


def test_a_form_whose_page_cannot_be_made_is_not_issued():
    def fail(path: Path) -> bytes:
        raise ValueError("no page")

    with pytest.raises(ValueError, match="no page"):
        issue("title_abstract", "ana", ["s:1"], lambda meta: b"form", page=fail)
    assert [path for path in Path("resources").rglob("*") if path.is_file()] == []


def test_a_form_is_never_written_twice():
    path = put("title_abstract.ana.01.xlsx", b"work")
    issue("title_abstract", "ana", ["s:1"], lambda meta: b"new")
    assert path.read_bytes() == b"work"


def test_what_is_held_are_the_logs_and_the_forms_without_a_log():
    issue("title_abstract", "ana", ["s:1"], lambda meta: b"1")
    put("title_abstract.ana.02.xlsx")
    assert held("title_abstract", lambda path: ["s:9"]) == {"ana": {"s:1", "s:9"}}


def test_kinds_are_told_apart_by_name_lock_files_are_ignored_copies_and_strangers_are_seen():
    for name in (
        "title_abstract.ana.01 (1).xlsx",
        "title_abstract_conflicts.ana.01.xlsx",
        "~$title_abstract.ana.01.xlsx",
        "._title_abstract.ana.01.xlsx",
        ".~lock.title_abstract.ana.01.xlsx#",
        "~WRL0001.tmp",
        "A1B2C3D4.tmp",
        "title_abstract.ana.01.xlsx~",
        "Icon\r",
        "my decisions.xlsx",
        "title_abstract.ana.01.csv",
    ):
        put(name)
    assert [path.name for path in files("title_abstract")] == [
        "my decisions.xlsx",
        "title_abstract.ana.01 (1).xlsx",
        "title_abstract.ana.01.csv",
    ]
    assert [path.name for path in files("title_abstract_conflicts")] == ["title_abstract_conflicts.ana.01.xlsx"]


def test_digests_follow_the_content():
    path = put("title_abstract.ana.01.xlsx", b"a").as_posix()
    before = digests([path])
    Path(path).write_bytes(b"bb")
    assert digests([path]) != before


def test_the_log_is_in_order_and_whole():
    for person in ("ben", "ana"):
        issue("title_abstract", person, ["s:1"], lambda meta: b"1")
    assert [(entry.person, entry.ids) for entry in log()] == [("ana", ("s:1",)), ("ben", ("s:1",))]


def test_a_check_value_ties_an_id_to_its_title():
    assert check_value("s:1", "A  title\n") == check_value("s:1", "A title")
    assert check_value("s:1", "A title") != check_value("s:2", "A title")


def test_exports_of_other_tools_are_told_apart_by_stage_and_are_nobody_s_forms():
    names = {
        "rayyan/title_abstract included.zip": ["title_abstract"],
        "rayyan/articles.zip": ["title_abstract"],  # whose reader says what is wrong with the name
        "covidence/review_1_irrelevant_csv_2024.csv": ["title_abstract"],
        "covidence/review_1_excluded_csv_2024.csv": ["title_abstract", "full_text"],
        "covidence/full_text.included.ris": ["full_text"],
        "asreview/full_text.ana.01.csv": ["full_text"],
    }
    for name in names:
        path = Path("resources/screening", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for name, kinds in names.items():
        path = Path("resources/screening", name)
        assert [
            kind for kind in ("title_abstract", "title_abstract_conflicts", "full_text") if path in files(kind)
        ] == kinds
        assert not any(well_named(path, kind) for kind in kinds)
    assert len(filled("title_abstract")) == 4
    assert held("full_text", lambda path: ["s:1"]) == {}


def tree() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path("resources").rglob("*") if path.is_file()}


def pilot() -> Path:
    return issue(KIND, "ana", ["s:1"], lambda meta: json.dumps(meta).encode(), pilot=1, page=lambda form: b"page")


KIND = "title_abstract"


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("step", range(8))
def test_a_run_killed_at_any_step_of_issuing_a_form_leaves_nothing_but_what_the_next_run_makes(
    step: int, links: bool, monkeypatch: pytest.MonkeyPatch, review: Path
):
    def die_at(name: str, steps: count) -> None:
        real = getattr(os, name)

        def call(*arguments):
            if next(steps) == step:
                os._exit(9)
            if name == "link" and not links:
                raise PermissionError("no hard links here")
            return real(*arguments)

        monkeypatch.setattr(os, name, call)

    (review / "undisturbed").mkdir()
    monkeypatch.chdir(review / "undisturbed")
    pilot()
    wanted = tree()
    monkeypatch.chdir(review)
    child = os.fork()
    if not child:
        steps = count()
        for name in ("fsync", "link"):
            die_at(name, steps)
        pilot()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (9 if step < 6 else 0)
    assert vanished(KIND) == filled(KIND) == []
    form = Path("resources/screening/ana/title_abstract.ana.01.xlsx")
    assert held(KIND, lambda path: []) == ({"ana": {"s:1"}} if form.exists() else {})
    if form.exists():
        complete(KIND)
    else:
        assert pilot() == form
    assert tree() == wanted
    assert [entry.pilot for entry in log()] == [1]


def test_the_entry_of_a_killed_run_holds_when_its_form_was_filled_in_since():
    form = pilot()
    entry = Path("resources/log/title_abstract.ana.01.xlsx.json")
    entry.rename(entry.with_name(f".{entry.name}.77.tmp"))
    form.write_bytes(b"work")
    assert held(KIND, lambda path: []) == {"ana": {"s:1"}}
    assert filled(KIND) == [form.as_posix()]
    complete(KIND)
    assert entry.exists()
    assert form.read_bytes() == b"work"
