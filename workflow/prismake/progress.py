"""Where a stage stands: per form how much is decided, what waits for whom, what is wrong."""

from pathlib import Path

from prismake.publish import read_csv, write_csv, write_text

PROGRESS_COLUMNS = ["stage", "person", "file", "rows", "decided", "pending", "faults"]


def write_progress(stages: list[Path], out: Path) -> None:
    """progress.csv in `out`, and waiting.csv, faults.csv and agreement.csv joined from the stages' folders."""
    rows = []
    for stage in stages:
        read = {row["file"]: row for row in read_csv(stage / "forms.csv")}
        issued = {row["file"]: row for row in read_csv(stage / "issued.csv")}
        for file in sorted(issued.keys() | read.keys()):
            form = {**issued.get(file, {}), **read.get(file, {})}
            # Rows that a person deleted from a form are still waiting for a decision.
            total = max(int(table[file]["rows"]) for table in (issued, read) if file in table)
            decided = int(form.get("decided", 0))
            open_rows = max(total - decided, 0)
            rows.append([form["stage"], form["person"], file, total, decided, open_rows, int(form.get("faults", 0))])
    write_csv(out / "progress.csv", PROGRESS_COLUMNS, rows)
    for name in ("waiting.csv", "faults.csv", "agreement.csv"):
        tables = [(stage / name).read_text(encoding="utf-8") for stage in stages if (stage / name).exists()]
        if tables:
            header = tables[0].split("\n", 1)[0]
            write_text(out / name, header + "\n" + "".join(table.split("\n", 1)[1] for table in tables))
