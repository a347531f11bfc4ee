"""Reading screening forms: whatever is wrong becomes a fault with its cell, and the rest is read."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from prismake.forms import check_value, files, issue
from prismake.screening.reading import Answer, Reading, one_answer_each, read_forms
from prismake.screening.sheets import report_row, workbook
from prismake.screening.votes import LOG_COLUMNS, log_rows, one_person_twice, votes

TITLES = {"s:1": "Exosomes heal", "s:2": "=HYPERLINK(1)", "s:3": "<script>alert(1)</script>", "s:4": "Bell \x07 rings"}


@pytest.fixture
def form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An issued title/abstract form of ana with four records."""
    monkeypatch.chdir(tmp_path)
    blank = dict.fromkeys(("abstract", "authors", "year", "journal", "doi", "url", "pmid", "pmcid", "registry_ids"))
    rows = [report_row({"report_id": record, "title": title, **blank}) for record, title in TITLES.items()]
    return issue(
        "title_abstract", "ana", list(TITLES), lambda meta: workbook("title_abstract", rows, reasons=[], meta=meta)
    )


def fill(path: Path, answers: dict[int, str], column: str = "decision") -> Path:
    book = openpyxl.load_workbook(path)
    sheet = book["Screening"]
    letters = {cell.value: cell.column for cell in sheet[1]}
    for row, answer in answers.items():
        sheet.cell(row, letters[column]).value = answer
    book.save(path)
    return path


def read(*paths: Path, known: set[str] | None = None) -> Reading:
    return read_forms("title_abstract", [path.as_posix() for path in paths], [], known or set(TITLES), ["ana", "ben"])


def cast(reading: Reading) -> dict[str, str]:
    return {vote.record_id: vote.decision for vote in votes(reading, {r: r for r in TITLES}, []) if vote.counts}


def problems(reading: Reading) -> str:
    return "\n".join(str(fault) for fault in sorted(reading.faults))


def test_a_blank_form_says_nothing_and_a_filled_one_is_read(form):
    assert cast(read(form)) == {}
    reading = read(fill(form, {2: "include", 3: "Exclude ", 5: "MAYBE"}))
    assert cast(reading) == {"s:1": "include", "s:2": "exclude", "s:4": "maybe"}
    assert reading.faults == []


def test_a_value_outside_the_list_is_pending_and_named_with_its_cell(form):
    reading = read(fill(form, {2: "includ", 3: "include"}))
    assert cast(reading) == {"s:2": "include"}
    assert "cell H2: 'includ' is not in the list of 'decision'. Did you mean 'include'?" in problems(reading)


@pytest.mark.parametrize("value", ["=1+1", "#N/A", "in\x09clude", "perhaps so", "7"])
def test_formulas_errors_and_nonsense_are_faults(form, value):
    reading = read(fill(form, {2: value}))
    assert cast(reading) == {}
    assert "H2" in problems(reading)


def test_a_deleted_decision_column_makes_all_pending(form):
    book = openpyxl.load_workbook(form)
    book["Screening"].delete_cols(8)
    book.save(form)
    reading = read(form)
    assert cast(reading) == {}
    assert "the column 'decision' is missing" in problems(reading)


def test_an_unknown_id_is_named(form):
    reading = read(fill(fill(form, {2: "S:33"}, "record_id"), {2: ""}, "check"))
    assert "no search found a record 'S:33'. Did you mean s:3?" in problems(reading)
    assert "gone" in problems(reading)


def test_rows_that_are_gone_are_named_and_the_page_that_still_holds_them(form):
    ids = [f"s:{number}" for number in range(1, 8)]
    path = issue("title_abstract", "ben", ids, lambda meta: workbook("title_abstract", [], reasons=[], meta=meta))
    book = openpyxl.load_workbook(path)
    book["Screening"].append(["s:1", "Exosomes heal"])
    book.save(path)
    told = "Restore them from a copy; until then they count as not decided"
    (fault,) = read(path).faults
    assert (fault.problem, fault.remedy) == ("6 of its rows are gone: s:2, s:3, s:4, s:5, s:6 and 1 more", told)
    path.with_suffix(".html").touch()
    book["Screening"].append(["s:2", "Exosomes"])
    book.save(path)
    (fault,) = read(path).faults
    assert fault.problem == "5 of its rows are gone: s:3, s:4, s:5, s:6, s:7"
    assert fault.remedy == f"{told}. The page title_abstract.ben.01.html beside it still holds all rows"


def test_rows_torn_apart_by_a_partial_sort_are_pending(form):
    fill(form, {2: "include", 3: "exclude", 4: "exclude"})
    book = openpyxl.load_workbook(form)
    sheet = book["Screening"]
    sheet["A2"].value, sheet["A3"].value = sheet["A3"].value, sheet["A2"].value
    book.save(form)
    reading = read(form)
    assert cast(reading) == {"s:3": "exclude"}
    assert problems(reading).count("torn apart") == 2


def test_copies_that_agree_are_one_and_copies_that_differ_are_a_conflict_with_oneself(form):
    fill(form, {2: "include", 3: "exclude"})
    copy = form.with_name("title_abstract.ana.01 (conflicted copy).xlsx")
    copy.write_bytes(form.read_bytes())
    fill(copy, {3: "include", 4: "exclude"})
    reading = read(form, copy)
    assert cast(reading) == {"s:1": "include", "s:3": "exclude"}
    assert problems(reading).count("another answer of yours differs") == 2


def test_a_form_that_cannot_be_opened_is_one_fault(form):
    form.write_bytes(b"PK\x03\x04 cut off")
    reading = read(form)
    assert len(reading.faults) == 1
    assert reading.faults[0].file == form.as_posix()


def test_a_form_in_the_wrong_folder_or_with_a_wrong_name_is_not_read(form):
    other = Path("resources/screening/ben/title_abstract.ben.01.xlsx")
    other.parent.mkdir(parents=True)
    other.write_bytes(fill(form, {2: "include"}).read_bytes())
    stray = form.with_name("my votes.xlsx")
    stray.write_bytes(form.read_bytes())
    reading = read(other, stray)
    assert cast(reading) == {}
    assert "form of ana, lying in the folder of ben" in problems(reading)
    assert "with the name title_abstract.ana.01 (1).xlsx. If ben filled it in, write the answers" in problems(reading)
    assert "It was issued as title_abstract.ana.01.xlsx: give it the name title_abstract.ana.01 (1)" in problems(
        reading
    )
    form.unlink()
    reading = read(other, stray)
    assert "Move it to the folder of ana, with the name title_abstract.ana.01.xlsx." in problems(reading)
    assert "give them the id 'ana' again and set `name`" in problems(reading)
    assert "give it the name title_abstract.ana.01.xlsx, or move it" in problems(reading)


def issued(kind: str, person: str) -> Path:
    return issue(kind, person, ["s:1"], lambda meta: workbook(kind, [], reasons=[], meta=meta))


def test_who_saved_over_their_own_form_is_told_how_to_get_it_back(form):
    bens = issued("title_abstract", "ben")
    bens.write_bytes(fill(form, {2: "include"}).read_bytes())
    reading = read(form, bens)
    assert "with the name title_abstract.ana.01 (1).xlsx. If ben filled it in" in problems(reading)
    assert "Then put back from a copy the form of ben that it was saved over, or delete" in problems(reading)
    assert "delete resources/log/title_abstract.ben.01.xlsx.json to have a blank one issued" in problems(reading)
    name = "title_abstract.ana.01 (1).xlsx"  # as the message says
    reading = read(form, bens.rename(form.with_name(name)))
    assert (cast(reading), reading.faults) == ({"s:1": "include"}, [])


def test_a_form_under_a_name_of_their_own_is_told_the_one_it_was_issued_with(form):
    second = issued("title_abstract", "ana")
    own = second.rename(form.with_name("Round 2 final.xlsx"))
    assert "It was issued as title_abstract.ana.02.xlsx: give it the name title_abstract.ana.02.xlsx" in problems(
        read(own)
    )
    second.write_bytes(own.read_bytes())
    form.with_name("title_abstract.ana.02 (1).xlsx").write_bytes(own.read_bytes())
    assert "give it the name title_abstract.ana.02 (2).xlsx, or move it out" in problems(read(own))
    elsewhere = Path("resources/screening/ben/mine.xlsx")
    elsewhere.parent.mkdir()
    own.rename(elsewhere)
    assert "Move it to the folder of ana, with the name title_abstract.ana.02 (2).xlsx" in problems(read(elsewhere))
    retrieval = issued("retrieval", "ana").rename(form.with_name("papers.xlsx"))
    Path("resources/retrieval/ana/retrieval.ana.01.xlsx").touch()
    told = "Move it to resources/retrieval/ana/, with the name retrieval.ana.01 (1).xlsx"
    assert told in problems(read(retrieval))


def test_a_file_that_does_not_say_what_it_is_is_told_a_name_that_is_free(form):
    text = PAGE + "s:1,Exosomes heal,,include,,,\n"
    stray = csv_of("votes.csv", text)
    assert "begins like that of its form (title_abstract.ana.01.csv, say)" in problems(read(stray))
    csv_of("title_abstract.ana.01.csv", text)
    assert "begins like that of its form (title_abstract.ana.01 (1).csv, say)" in problems(read(stray))
    bens = csv_of("title_abstract.ben.01.csv", text)
    told = "Move it to resources/screening/ben/, with the name title_abstract.ben.01"
    assert f"{told}.csv" in problems(read(bens))
    csv_of("../ben/title_abstract.ben.01.csv", text)
    assert f"{told} (1).csv" in problems(read(bens))
    page = csv_of("votes.csv", text.replace("time", "time,form").replace(",,,\n", ",,,,title_abstract.ana.01\n"))
    assert "It was issued as title_abstract.ana.01.csv: give it the name title_abstract.ana.01 (1).csv" in problems(
        read(page)
    )
    picture, macros = csv_of("scan.png", "no form"), form.with_suffix(".xlsm")
    macros.write_bytes(form.read_bytes())
    assert problems(read(picture, macros)).count("forms are read as .xlsx, .ods or .csv") == 2


def test_a_form_under_the_name_of_another_kind_is_not_read(form):
    other = form.with_name("full_text.ana.01.xlsx")
    other.write_bytes(fill(form, {2: "include"}).read_bytes())
    reading = read_forms("full_text", [other.as_posix()], [], set(TITLES), ["ana"])
    assert (reading.answers, len(reading.faults)) == ([], 1)
    assert "this is the title_abstract form of ana, named as another. Give it the name" in problems(reading)


def test_a_csv_that_lost_its_check_is_read_and_is_no_fault(form):
    path = form.with_name("title_abstract.ana.02.csv")
    path.write_text("record_id,title,decision,note\ns:1,Exosomes heal,include,\ns:2,=HYPERLINK(1),exclude,\n")
    reading = read(path)
    assert cast(reading) == {"s:1": "include", "s:2": "exclude"}
    assert (reading.faults, reading.unchecked) == ([], [path.as_posix()])
    assert read(form).unchecked == []
    path.write_text("record_id,title,decision,note\ns:1,Exosomes heal,include,\nzz,=HYPERLINK(1),exclude,\n")
    reading = read(path)
    assert cast(reading) == {"s:1": "include"}
    told = "Restore the id, or the column 'check', by which it is known, from a copy of the form"
    assert [fault.remedy for fault in reading.faults] == [told]


def test_votes_for_records_that_no_search_holds_any_more_are_kept_dormant(form):
    fill(form, {2: "include"})
    reading = read(form)
    dormant = votes(reading, {}, [])
    assert [(vote.record_id, vote.report_id) for vote in dormant] == [("s:1", "")]
    logged = dict(zip(LOG_COLUMNS, *log_rows("title_abstract", dormant, {form.as_posix(): ""}), strict=True))
    assert (logged["counts"], logged["why"]) == (False, "dormant")
    assert reading.faults == []


def test_a_vanished_form_is_reported_with_the_remedy():
    reading = read_forms("title_abstract", [], ["resources/screening/ana/title_abstract.ana.01.xlsx"], set(), [])
    assert "this form was issued and is gone" in problems(reading)
    assert "resources/log/title_abstract.ana.01.xlsx.json" in problems(reading)


def test_no_title_becomes_a_formula(form):
    book = openpyxl.load_workbook(form)
    kinds = {row[1].value: row[1].data_type for row in book["Screening"].iter_rows(min_row=2)}
    assert kinds["=HYPERLINK(1)"] == "s"
    assert kinds["<script>alert(1)</script>"] == "s"


def test_a_form_that_lies_beside_the_folders_is_named(form):
    stray = form.parent.parent / form.name
    stray.write_bytes(fill(form, {2: "include"}).read_bytes())
    assert files("title_abstract") == [form, stray]
    reading = read(stray)
    assert cast(reading) == {}
    assert "Move it to the folder of the person who filled it in" in problems(reading)


def csv_of(name: str, text: str) -> Path:
    path = Path("resources/screening/ana", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("word", "decision"),
    [
        *((word, "include") for word in ("Included", "in", "YES", "y", "1", "Include ", "TRUE")),
        *((word, "exclude") for word in ("Excluded", "out", "no", "n", "0", "Irrelevant")),
        *((word, "maybe") for word in ("Maybe", "unclear", "?")),
        *((word, "") for word in ("undecided", "to do", "-", "N/A")),
    ],
)
def test_other_words_for_a_decision_are_understood(form, word, decision):
    reading = read(fill(form, {2: word}))
    assert cast(reading) == ({"s:1": decision} if decision else {})
    assert reading.faults == []


def test_numbers_and_booleans_are_words_for_a_decision(form):
    assert cast(read(fill(form, {2: 1, 3: 0, 4: True, 5: False}))) == {
        "s:1": "include",
        "s:2": "exclude",
        "s:3": "include",
        "s:4": "exclude",
    }


def test_columns_in_any_order_and_under_another_name(form):
    path = csv_of("title_abstract.ana.07.csv", "Comments;Vote;title;Record ID\nwell;in;Exosomes heal;s:1\n")
    reading = read(path)
    (vote,) = votes(reading, {}, [])
    assert (vote.record_id, vote.decision, vote.note) == ("s:1", "include", "well")
    assert reading.faults == []


def test_a_csv_of_another_sheet_is_told_which_one_to_save(form):
    reading = read(csv_of("title_abstract.ana.01.csv", "Decide on title and abstract alone\n"))
    assert "A CSV holds one sheet: save the sheet 'Screening' as CSV" in problems(reading)


PAGE = "record_id,title,check,decision,reason,note,time\n"


def test_a_file_that_carries_times_comes_from_the_page_and_its_later_vote_wins(form):
    title = "Exosomes heal"
    row = f"s:1,{title},{check_value('s:1', title)},"
    first = csv_of("title_abstract.ana.01.csv", PAGE + row + "include,,,2026-11-24T10:30:00.250Z\n")
    second = csv_of("title_abstract.ana.01 (1).csv", PAGE + row + "exclude,too old,n,2026-11-24T12:30:00+01:00\n")
    reading = read(first, second)
    found = [(v.decision, v.reason, v.time, v.tool, v.why) for v in votes(reading, {}, [])]
    assert found == [
        ("exclude", "too old", "2026-11-24T11:30:00Z", "page", ""),
        ("include", "", "2026-11-24T10:30:00Z", "page", "superseded"),
    ]
    assert reading.faults == []
    # A form says nothing of when: it contradicts the later vote, and is told.
    reading = read(first, second, fill(form, {2: "include"}))
    assert sorted(v.why for v in votes(reading, {}, [])) == ["contradicted", "contradicted", "superseded"]
    assert problems(reading).count("another answer of yours differs") == 2


@pytest.mark.parametrize(
    ("saved_from", "said"),
    [
        ("title_abstract.ana.01", "this is the title_abstract form of ana, lying in the folder of ben"),
        ("full_text.ben.01", "this is the full_text form of ben, named as another"),
        ("title_abstract.ben.02", ""),  # of another round of theirs
        ("", ""),
        ("my form", ""),
    ],
)
@pytest.mark.parametrize("name", ["title_abstract.ben.01.csv", "title_abstract.ben.01 (1).csv"])
def test_a_csv_of_the_page_of_another_form_is_not_read(form, name, saved_from, said):
    header = PAGE.replace("time", "time,form")
    row = f"s:1,Exosomes heal,{check_value('s:1', 'Exosomes heal')},include,,,2026-11-24T10:30:00Z,{saved_from}\n"
    reading = read(csv_of(f"../ben/{name}", header + row))
    assert cast(reading) == ({} if said else {"s:1": "include"})
    assert [fault.problem.removesuffix(", so nothing in it was read") for fault in reading.faults] == [said] * bool(
        said
    )
    if saved_from == "title_abstract.ana.01":
        assert "Move it to the folder of ana, with the name title_abstract.ana.01.csv" in problems(reading)


def test_a_reason_in_one_file_and_none_in_another_is_one_exclusion_for_that_reason(form):
    fill(form, {2: "exclude", 3: "include"})
    row = f"s:1,Exosomes heal,{check_value('s:1', 'Exosomes heal')},exclude,"
    page = csv_of("title_abstract.ana.01.csv", PAGE + row + "too old,,2026-11-24T10:30:00Z\n")
    reading = read(form, page)
    assert [(v.decision, v.reason, v.tool, v.why) for v in votes(reading, {}, [])][:2] == [
        ("exclude", "too old", "page", ""),
        ("exclude", "", "form", "copy"),
    ]
    assert reading.faults == []
    other = csv_of("title_abstract.ana.01 (1).csv", "record_id,title,decision,reason\ns:1,Exosomes heal,exclude,odd\n")
    for three in ((form, page, other), (other, form, page)):
        reading = read(*three)
        assert {v.why for v in votes(reading, {}, []) if v.record_id == "s:1"} == {"contradicted"}
        assert "'exclude, odd' here, but another answer of yours differs" in problems(reading)
        assert "row 2: exclude, too old" in problems(reading)


def test_answers_of_different_length_differ():
    answers = [Answer("studies", "ana", f"{name}.csv", "", 2, "s:1", {}) for name in "ab"]
    faults = []
    assert one_answer_each(answers, faults, {0: ("One",), 1: ("One", "Two")}) == []
    assert "'One' here, but another answer of yours differs (b.csv row 2: One, Two)" in str(faults[0])


def test_a_word_that_cannot_be_read_withdraws_nothing(form):
    first = csv_of("title_abstract.ana.01.csv", PAGE + "s:1,Exosomes heal,,include,,,2026-11-24T10:30:00Z\n")
    later = csv_of("title_abstract.ana.01 (1).csv", PAGE + "s:1,Exosomes heal,,hm,,,2026-11-24T10:31:00Z\n")
    reading = read(first, later)
    assert cast(reading) == {"s:1": "include"}
    assert "'hm' is not in the list" in problems(reading)


def test_a_decision_that_was_taken_back_on_the_page_counts_no_more(form):
    row = f"s:1,Exosomes heal,{check_value('s:1', 'Exosomes heal')},"
    old = csv_of("title_abstract.ana.01.csv", PAGE + row + "include,,,2026-11-24T10:30:00Z\n")
    new = csv_of("title_abstract.ana.01 (1).csv", PAGE + row + ",,,2026-11-24T10:45:00Z\n")
    assert [(v.decision, v.why) for v in votes(read(old, new), {}, [])] == [("include", "superseded")]
    later = csv_of("title_abstract.ana.01 (2).csv", PAGE + row + "exclude,,,2026-11-24T11:00:00Z\n")
    found = [(v.decision, v.why) for v in votes(read(old, new, later), {}, [])]
    assert found == [("exclude", ""), ("include", "superseded")]
    assert cast(read(new, fill(form, {2: "maybe"}))) == {"s:1": "maybe"}  # a form says nothing of when


@pytest.mark.parametrize("time", ["yesterday", "0001-01-01T00:00:00+05:00"])
def test_what_is_no_time_is_told_and_the_vote_counts_without(form, time):
    path = csv_of("title_abstract.ana.01.csv", PAGE + f"s:1,Exosomes heal,,include,,,{time}\n")
    reading = read(path)
    assert [(v.decision, v.time) for v in votes(reading, {}, [])] == [("include", "")]
    assert f"'{time}' is not a time" in problems(reading)


@pytest.mark.parametrize(
    ("text", "count", "said"),
    [
        (PAGE + "s:1,Exosomes heal,,include,,,2026-11-24T10:30:00Z\n", 0, "one person's answers under two names"),
        ("record_id,title,decision\ns:1,Exosomes heal,include\n", 2, "both count"),  # people may well agree
    ],
)
def test_the_same_file_of_two_people_is_told_and_counts_unless_times_show_that_it_is_a_copy(form, text, count, said):
    paths = [csv_of(f"../{person}/title_abstract.{person}.01.csv", text) for person in ("ana", "ben")]
    found = votes(read(*paths), {}, [])
    if count:
        assert one_person_twice("title_abstract", found, {vote.file: "same" for vote in found}) == ([], set())
        found = [replace(vote, record_id=f"s:{n}") for vote in found for n in range(20)]
    faults, copied = one_person_twice("title_abstract", found, {vote.file: "same" for vote in found})
    assert len(copied) == 2 - count
    assert [said in str(fault) for fault in faults] == [True, True]
    assert one_person_twice("title_abstract", found, {vote.file: vote.file for vote in found}) == ([], set())


@pytest.mark.parametrize("changed", [7, "1E+05", "7", "2019-03-01", "S:1", "Mar-26", True, "=A3", "s:11", None])
def test_an_id_that_was_changed_or_deleted_is_known_by_its_check_value(form, changed):
    fill(form, {2: "include", 3: "exclude"})
    reading = read(fill(form, {2: changed}, "record_id"))
    assert cast(reading) == {"s:1": "include", "s:2": "exclude"}
    assert reading.faults == []


def test_of_two_ids_that_a_check_value_fits_none_is_guessed(form):
    ids = ["s:013509", "s:084573"]
    assert len({check_value(one, "Rats") for one in ids}) == 1
    blank = dict.fromkeys(("abstract", "authors", "year", "journal", "doi", "url", "pmid", "pmcid", "registry_ids"))
    rows = [report_row({"report_id": one, "title": "Rats", **blank}) for one in ids]
    path = issue("title_abstract", "ana", ids, lambda meta: workbook("title_abstract", rows, reasons=[], meta=meta))
    fill(fill(path, {2: "include", 3: "exclude"}), {2: "7", 3: "8"}, "record_id")
    reading = read(path, known={*TITLES, *ids})
    assert reading.answers == []
    assert "'7' is a number" in problems(reading) and "'8' is a number" in problems(reading)


def test_an_id_that_became_a_number_in_a_file_without_check_values_is_told(form):
    reading = read(csv_of("title_abstract.ana.02.csv", "record_id,title,decision\n100000,Exosomes heal,include\n"))
    assert cast(reading) == {}
    assert "'100000' is a number: a spreadsheet program has turned the record id into it" in problems(reading)


def test_somebody_whose_id_was_changed_in_the_configuration_is_told_of(form):
    fill(form, {2: "include"})
    reading = read_forms("title_abstract", [form.as_posix()], [], set(TITLES), ["anna", "ben"])
    assert cast(reading) == {"s:1": "include"}
    assert "forms were issued to 'ana', who is not in screening.people" in problems(reading)
    assert "give them the id 'ana' again and set `name`" in problems(reading)
