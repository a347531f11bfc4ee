"""A team that screens in another tool: files go out, an export comes in, and the next run has its votes."""

import csv
import io
import zipfile

from conftest import Review

NOTES = (
    '{} | RAYYAN-INCLUSION: {{"Ana"=>"Included", "Ben"=>"Excluded"}} | USER-NOTES: {{"Ana"=>["ask us@mail.example"]}}'
)


def test_a_review_screened_in_rayyan(small: Review):
    small.run_well("screen")
    small.prismake("export", "rayyan", "--out", str(small.folder / "to"))
    with (small.folder / "to/title_abstract.rayyan.01.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["key", "title", "notes"])
    writer.writeheader()
    for number, row in enumerate(rows):
        writer.writerow({"key": f"rayyan-{number}", "title": row["title"], "notes": NOTES.format(row["notes"])})
    writer.writerow({"key": "rayyan-999", "title": "Not ours", "notes": NOTES.format("")})
    path = small.folder / "resources/screening/rayyan/title_abstract.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("articles.csv", buffer.getvalue())
    run = small.run_well("screen")
    assert "title_abstract" in run.jobs
    assert len(rows) > 5
    log = small.table("screening/log.csv")
    assert {(row["record_id"], row["reviewer"]) for row in log} == {
        (row["key"], person) for row in rows for person in ("ana", "ben")
    }
    assert {row["file"] for row in log} == {"resources/screening/rayyan/title_abstract.zip"}
    assert {row["state"] for row in small.table("screening/title_abstract/decisions.csv")} == {"conflict"}
    assert [row["title"] for row in small.table("screening/unmatched.csv")] == ["Not ours"]
    assert "1 of its references are no record of this review" in small.table("screening/faults.csv")[0]["problem"]
    for made in (small.folder / "results").rglob("*"):
        assert not made.is_file() or b"@mail.example" not in made.read_bytes(), made
    assert small.run_well("screen").jobs == set()
