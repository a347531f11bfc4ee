"""Files of full texts in resources/fulltext/, found by their names; what is in them is never read.

Snakemake uses this while it parses the workflow: light imports only.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from prismake.publish import write_csv

FOLDER = Path("resources/fulltext")
ENDINGS = (".pdf", ".html", ".htm", ".epub", ".docx")
COLUMNS = ["report_id", "file", "problem"]
_UNKNOWN = (
    "No report has this name. Name the file after the record id (pubmed-90000001.pdf), the DOI (10.5555_abc.1.pdf), the"
    " PMID or the PMCID"
)


def list_files() -> tuple[list[str], list[str]]:
    """Paths of the full texts, and of the folders that cannot be opened, each sorted.

    Links to folders are followed, each folder once. Hidden files and those with other endings are passed over.
    """
    files: list[str] = []
    closed: list[str] = []
    seen: set[str] = set()

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            closed.append(Path(error.filename).as_posix())

    for folder, folders, names in os.walk(FOLDER, onerror=refuse, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else sorted(name for name in folders if not name.startswith("."))
        if real not in seen:
            seen.add(real)
            paths = [Path(folder, name) for name in names if not name.startswith((".", "~$"))]
            files += [path.as_posix() for path in paths if path.suffix.lower() in ENDINGS and path.is_file()]
    return sorted(files), sorted(closed)


def digest() -> str:
    """What names are there, so that a new full text is noticed; contents do not count."""
    names = "\0".join("\n".join(part) for part in list_files())
    return hashlib.sha256(os.fsencode(names)).hexdigest()[:16]


def write_full_texts(aliases: Mapping[str, str], reports: Mapping[str, Mapping[str, Any]], out: Path) -> None:
    """COLUMNS, a row per file: the report it is of or, without one, what is wrong with its name."""
    files, closed = list_files()
    index = _index(aliases, reports) if files else {}
    rows = [
        ["", _shown(path), "This folder cannot be opened: ask whoever owns it to let you read it"] for path in closed
    ]
    for path in files:
        found = sorted(_find(Path(path).stem, index))
        if len(found) == 1:
            rows.append([found[0], _shown(path), ""])
        else:
            several = f"This name stands for several reports ({', '.join(found)}). Name it after the record id"
            rows.append(["", _shown(path), several if found else _UNKNOWN])
    write_csv(out, COLUMNS, sorted(rows))


def _index(aliases: Mapping[str, str], reports: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """Folded name -> the reports it stands for: ids of their records, DOI, PMID and PMCID, bare or with the word."""
    index: dict[str, set[str]] = {}
    for record_id, report in aliases.items():
        index.setdefault(_folded(record_id), set()).add(report)
    for report, row in reports.items():
        for identifier in row["identifiers"] or ():
            for name in (identifier, identifier.split(":", 1)[1]):
                index.setdefault(_folded(name), set()).add(report)
    return index


def _find(stem: str, index: Mapping[str, set[str]]) -> Iterable[str]:
    """The reports that a file's name stands for: the whole name, as it is or with %2F and the like resolved."""
    return index.get(_folded(stem)) or index.get(_folded(unquote(stem))) or ()


def _folded(name: str) -> str:
    """Letters and digits in small letters; whatever is between them, of any number, is one mark."""
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", name).casefold()).strip("-")


def _shown(path: str) -> str:
    """A path as text; bytes of its name that are not UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")
