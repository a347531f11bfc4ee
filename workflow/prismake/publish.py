"""Writing files so that nobody ever sees half of one: a temporary name first, then a rename.

`write_*` replace what the workflow made before (results/). `create` adds a file to people's folders (resources/)
and refuses to touch one that is there; `set_aside` and `put_in_place` are its two halves.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_bytes(path: str | Path, data: bytes) -> None:
    set_aside(Path(path), data).replace(path)


def write_text(path: str | Path, text: str) -> None:
    write_bytes(path, text.encode("utf-8"))


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def write_json(path: str | Path, value: Any) -> None:
    write_text(path, json_text(value))


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV text with LF line ends, in cells too; None is an empty cell, True and False are 1 and 0."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and "\r" in value:  # which would end the row: csv.writer does not quote it
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return int(value) if isinstance(value, bool) else value


def write_csv(path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_text(path, csv_text(columns, rows))


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV that this project wrote."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def withdraw(paths: Iterable[str | Path]) -> None:
    """Remove what the workflow made before (results/) and makes no more."""
    for path in paths:
        Path(path).unlink(missing_ok=True)


def create(path: str | Path, data: bytes) -> None:
    """Add a new, whole file. Raises FileExistsError, and changes nothing, when the name is taken."""
    path = Path(path)
    put_in_place(set_aside(path, data), path)


def put_in_place(temporary: Path, path: Path) -> None:
    """Give a file that was set aside its name. When that is taken, it is removed and FileExistsError raised."""
    try:
        os.link(temporary, path)  # fails when the name is taken, unlike a rename
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: an empty file takes the name, or fails to
        path.open("xb").close()
        try:
            temporary.replace(path)
        except BaseException:
            path.unlink()
            raise
    finally:
        temporary.unlink(missing_ok=True)


def set_aside(path: Path, data: bytes) -> Path:
    """Write what `path` is to hold under a hidden name beside it, which is returned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and not error.filename:  # a full disk does not say which file
            error.filename = path.as_posix()
        raise
    return temporary
