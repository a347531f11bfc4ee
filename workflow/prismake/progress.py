"""Where a stage stands: per form how much is decided, what waits for whom, what is wrong."""

from collections import Counter
from pathlib import Path

from prismake.errors import FAULT_COLUMNS
from prismake.publish import read_csv, write_csv, write_text
from prismake.rounds import WAITING_COLUMNS

PROGRESS_COLUMNS = ["stage", "person", "file", "rows", "decided", "pending", "faults"]


def write_progress(stages: list[Path], out: Path) -> None:
    """progress.csv in `out`, and the stages' tables joined: waiting, faults, agreement, log and unmatched (.csv)."""
    rows = []
    for stage in stages:
        faults = Counter(fault["file"] for fault in read_csv(stage / "faults.csv"))
        for form in read_csv(stage / "issued.csv"):
            total, pending = int(form["rows"]), int(form["pending"])
            about = [form["stage"], form["person"], form["file"]]
            rows.append([*about, total, total - pending, pending, faults[form["file"]]])
    write_csv(out / "progress.csv", PROGRESS_COLUMNS, rows)
    for name, columns in (
        ("waiting.csv", WAITING_COLUMNS),
        ("faults.csv", FAULT_COLUMNS),
        ("agreement.csv", []),
        ("log.csv", []),
        ("unmatched.csv", []),
    ):
        tables = [(stage / name).read_text(encoding="utf-8") for stage in stages if (stage / name).exists()]
        if tables:
            header = tables[0].split("\n", 1)[0]
            write_text(out / name, header + "\n" + "".join(table.split("\n", 1)[1] for table in tables))
        elif columns:
            write_csv(out / name, columns, [])
