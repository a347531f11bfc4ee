"""From a finished review to a release, and from the release to an update of the review."""

import json

import openpyxl

from conftest import Review, record
from prismake.cli import main


def test_a_release_and_the_update_that_builds_on_it(finished: Review) -> None:
    before = json.loads((finished.folder / "results/prisma/flow.json").read_text(encoding="utf-8"))["boxes"]
    forms = finished.forms("title_abstract")
    assert main(["release", "v1", "--review", str(finished.folder)]) == 0
    released = finished.hashes("resources/releases")
    assert "Nothing to be done" in finished.run_well("-n").text

    again = finished.export("pm", [record(number, "p") for number in (0, 1, 30)], "2026-08-01")

    def update(config: dict) -> None:
        source = config["search"]["sources"]["pm"]
        source["runs"] = [
            {"date": source.pop("date"), "files": source.pop("files")},
            {"date": "2026-08-01", "files": [again]},
        ]
        config["review"]["previous"] = "v1"

    finished.configure(update)
    finished.run_well()
    boxes = json.loads((finished.folder / "results/prisma/flow.json").read_text(encoding="utf-8"))["boxes"]
    assert boxes["previous_studies"]["ids"] == before["new_studies"]["ids"]
    assert boxes["previous_reports"]["ids"] == before["new_reports"]["ids"]
    # 24 records of the release (2 of them by citation searching), 3 of the update, of which 2 were known.
    assert [boxes[name]["n"] for name in ("database_results", "excluded_other", "records_screened")] == [25, 24, 1]
    assert boxes["total_studies"]["n"] == before["new_studies"]["n"] and boxes["new_studies"]["n"] == 0

    new = [path for path in finished.forms("title_abstract") if path not in forms]
    assert {path.parent.name for path in new} == {"ana", "ben"}
    for path in new:
        rows = openpyxl.load_workbook(path)["Screening"].iter_rows(min_row=2, max_col=1, values_only=True)
        assert [row[0] for row in rows if row[0]] == ["pm:p30"]
    assert "Nothing to be done" in finished.run_well().text
    assert finished.hashes("resources/releases") == released
