"""Measure the importers: how fast, and how many records of real exports have which fields.

usage: PYTHONPATH=workflow python benchmarks/importers.py speed [--records N]
       PYTHONPATH=workflow python benchmarks/importers.py exports FOLDER

`speed` writes N invented records (100,000) as RIS and as MEDLINE, each with an abstract of 220 words, six authors and a
dozen key words, imports them in processes of their own, and tells CPU time and the highest memory. Every word is drawn
from 6,000 and every name from their pairs, so that remembering values helps no more than with real exports.

`exports` reads every file of a folder that holds MANIFEST.csv (file, format, dialect, true_records: empty for files
that are no exports), and prints two tables in Markdown: how many records of each format were found, and for each
dialect the share of records that have a title, authors and so on.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from prismake.errors import PrismakeError
from prismake.importers import Import, import_files, read_file
from prismake.publish import read_csv

FIELDS = ["title", "authors", "year", "journal", "doi", "abstract", "pmid", "source_record_id"]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    speed = commands.add_parser("speed")
    speed.add_argument("--records", type=int, default=100_000)
    exports = commands.add_parser("exports")
    exports.add_argument("folder", type=Path)
    timed = commands.add_parser("import")  # what `speed` starts
    timed.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "speed":
        measure_speed(options.records)
    elif options.command == "exports":
        measure_exports(options.folder)
    else:
        started = time.process_time()
        frame, _ = import_files([options.file], source_id="s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{frame.height:,} records, {time.process_time() - started:.1f} s CPU, at most {peak:.2f} GB")


def measure_speed(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, record in (("RIS", ris), ("MEDLINE", medline)):
            path = Path(folder, name)
            write(path, record, number)
            told = subprocess.run(
                [sys.executable, __file__, "import", path], capture_output=True, text=True, check=True
            )
            print(f"{name} ({path.stat().st_size / 1e6:,.0f} MB): {told.stdout.strip()}")
            path.unlink()


def write(path: Path, record: Callable[[random.Random, list[str], int], str], number: int) -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("aeioubcdfglmnprst", k=rng.randint(3, 11))) for _ in range(6000)]
    with path.open("w", encoding="utf-8") as file:
        file.writelines(record(rng, words, index) for index in range(number))


def some(rng: random.Random, words: list[str], number: int) -> str:
    return " ".join(rng.choices(words, k=number))


def names(rng: random.Random, words: list[str]) -> list[str]:
    return [f"{rng.choice(words).title()}, {rng.choice(words).title()} {rng.choice('ABCDEF')}." for _ in range(6)]


def ris(rng: random.Random, words: list[str], index: int) -> str:
    lines = [("TY", "JOUR"), ("T1", some(rng, words, 14)), *(("A1", name) for name in names(rng, words))]
    lines += [("Y1", "2019//"), ("N2", some(rng, words, 220)), ("JF", some(rng, words, 4)), ("VL", str(index % 90))]
    lines += [("IS", "3"), ("SP", "101"), ("EP", "109"), ("SN", "1234-5678"), ("M3", "Article"), ("LA", "English")]
    lines += [("DO", f"https://doi.org/10.5555/{index}"), *(("KW", some(rng, words, 2)) for _ in range(12))]
    lines += [("UR", f"https://www.scopus.com/inward/record.uri?eid=2-s2.0-{85_000_000_000 + index}"), ("DB", "Scopus")]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines) + "ER  - \n\n"


def medline(rng: random.Random, words: list[str], index: int) -> str:
    lines = [("PMID", str(90_000_000 + index)), ("OWN", "NLM"), ("STAT", "MEDLINE"), ("IS", "1234-5678 (Electronic)")]
    lines += [("VI", "12"), ("IP", "3"), ("DP", "2019 Jan"), ("TI", some(rng, words, 14)), ("PG", "101-109")]
    lines += [("LID", f"10.5555/{index} [doi]"), ("AB", some(rng, words, 220))]
    for name in names(rng, words):
        lines += [("FAU", name), ("AU", name), ("AD", some(rng, words, 20))]
    lines += [("LA", "eng"), ("PT", "Journal Article"), ("TA", some(rng, words, 3)), ("JT", some(rng, words, 5))]
    lines += [*(("MH", some(rng, words, 2)) for _ in range(10)), *(("OT", some(rng, words, 2)) for _ in range(5))]
    lines += [("AID", f"10.5555/{index} [doi]"), ("SO", some(rng, words, 4) + ". 2019 Jan;12(3):101-109.")]
    return "".join(wrapped(tag, value) for tag, value in lines) + "\n"


def wrapped(tag: str, value: str) -> str:
    """A field of MEDLINE text, in lines of at most about 90 characters."""
    lines = [""]
    for word in value.split():
        if len(lines[-1]) + len(word) > 80:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return f"{tag:<4}- " + "\n      ".join(lines) + "\n"


def measure_exports(folder: Path) -> None:
    found: dict[str, list[tuple[int, Import | None]]] = defaultdict(list)
    dialects: dict[tuple[str, str], list[Import]] = defaultdict(list)
    for row in sorted(read_csv(folder / "MANIFEST.csv"), key=lambda row: row["file"]):
        true = int(row["true_records"] or 0)
        try:
            read = read_file(folder / row["file"])
        except PrismakeError:
            found[row["format"]].append((true, None))
            continue
        found[row["format"]].append((true, read))
        dialects[read.format, read.dialect or "other"].append(read)
    table(["format", "files", "records", "all read", "refused with a message", "short"], formats(found))
    print()
    table(["format", "dialect", "files", "records", *FIELDS], fill_rates(dialects))


def formats(found: dict[str, list[tuple[int, Import | None]]]) -> Iterator[list[str]]:
    for name, files in sorted(found.items()):
        whole = sum(read is not None and read.parsed == true for true, read in files)
        refused = sum(read is None for _, read in files)
        numbers = [len(files), sum(true for true, _ in files), whole, refused, len(files) - whole - refused]
        yield [name, *(f"{number:,}" for number in numbers)]


def fill_rates(dialects: dict[tuple[str, str], list[Import]]) -> Iterator[list[str]]:
    for (name, dialect), files in sorted(dialects.items()):
        records = [record for file in files for record in file.records]
        shares = [sum(field in record for record in records) / max(1, len(records)) for field in FIELDS]
        yield [name, dialect, str(len(files)), f"{len(records):,}", *(f"{share:.0%}" for share in shares)]


def table(head: list[str], rows: Iterator[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
