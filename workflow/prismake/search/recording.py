"""Making a snapshot: a live search whose answers are kept, in resources/search/<source>/<day of the search>/.

It grows in the hidden folder .unfinished beside it, held by one process at a time, and gets its name when it is whole.
"""

import datetime
import fcntl
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from prismake import __version__
from prismake.errors import PrismakeError
from prismake.publish import write_json
from prismake.search import paged, pubmed
from prismake.search.services import open_service
from prismake.search.snapshots import snapshot_dates
from prismake.search.strategies.query import lines
from prismake.search.transport import Transport

PLACE = Path("resources/search")
_FRESH = datetime.timedelta(days=1)  # how long an interrupted search is taken up again


def ensure_recorded(source_id: str, source: dict[str, Any], out: Path) -> None:
    """Search a live source that was never searched; write the days of its searches into `out`.

    A source with a snapshot is not asked again. Raises PrismakeError when there is none and none can be made.
    """
    if not snapshot_dates(source_id):
        record(source_id, source)
    write_json(out, {"source": source_id, "searches": snapshot_dates(source_id)})


def refresh(sources: dict[str, dict[str, Any]]) -> None:
    """Search every live source anew, each into a new snapshot of today."""
    live = {name: source for name, source in sources.items() if "live" in source}
    if not live:
        raise PrismakeError("no source is searched live", hint="Give one `live` in config/config.yaml.")
    for name, source in live.items():
        folder = record(name, source, anew=True)
        print(f"{name}: the search lies in {folder.as_posix()}", flush=True)


def record(source_id: str, source: dict[str, Any], *, anew: bool = False, today: datetime.date | None = None) -> Path:
    """Search a source now and keep the answers; returns the folder of the snapshot.

    A search that was interrupted today or yesterday goes on where it stopped, without asking for anything twice. When
    another process makes this snapshot meanwhile, that one is taken. With `anew`, a snapshot of an earlier day is none.
    Raises PrismakeError; what was retrieved until then is kept for the next time.
    """
    today = today or datetime.date.today()
    before = snapshot_dates(source_id)
    with _held(PLACE / source_id / ".unfinished") as folder:
        made = snapshot_dates(source_id)
        if made and (not anew or made != before or today.isoformat() in made):
            return PLACE / source_id / made[-1]
        return _complete(source_id, source, folder, today)


@contextmanager
def _held(folder: Path) -> Iterator[Path]:
    """The folder, for this process alone; waits for one that has it. Taken away in the end when nothing is in it."""
    lock = folder / "lock"
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = lock.open("a")
        except FileNotFoundError:  # another process has just given the folder its name
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"another process searches for {folder.parent.name}; waiting for it", file=sys.stderr, flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_at(file, lock):  # the folder got its name while we waited
                continue
            try:
                yield folder
            finally:
                if _is_at(file, lock) and [path.name for path in folder.iterdir()] == [lock.name]:
                    lock.unlink()
                    with suppress(OSError):  # another process has come in
                        folder.rmdir()
            return


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def _complete(source_id: str, source: dict[str, Any], folder: Path, today: datetime.date) -> Path:
    strategy = text_to_send(source)
    if not strategy:
        hint = "Write it in config/config.yaml."
        raise PrismakeError("a live source needs a strategy", place=f"search.sources.{source_id}", hint=hint)
    service = open_service(source["live"], source.get("address", ""))
    windows = [{"label": _label(window), **window} for window in source.get("windows", [])] or [{"label": ""}]
    day = _begin(folder, {"service": service.name, "strategy": strategy, "windows": windows}, today)
    description = folder / "search.json"
    if not description.exists():
        adapter = pubmed if source["live"] == "pubmed" else paged.SOURCES[source["live"]]
        transport = adapter.connect(service)
        held: set[str] = set()
        searches = []
        for window in windows:
            stem = re.sub(r"[^a-z0-9]+", "-", window["label"].lower()).strip("-") or "all"
            found = adapter.retrieve(transport, strategy, window, folder, stem, held)
            held |= set((folder / found["ids"]).read_text(encoding="utf-8").split())
            searches.append(_described(window, found, folder))
        told = {
            "database": source["database"],
            "platform": source["platform"] or service.platform,
            "run_date": day,
            "by": source.get("by"),
            "limits": source.get("limits") or _limits(windows),
            "peer_review": source.get("peer_review"),
            "retrieved_with": f"Prismake {__version__}",
            "searches": searches,
            "lines": _count_lines(transport, strategy) if source["live"] == "pubmed" else [],
        }
        write_json(description, told)
    return _name(folder, day)


def _count_lines(transport: Transport, strategy: str) -> list[dict[str, Any]]:
    """How many records each part of the strategy finds in PubMed, without windows; [] when it has one part only."""
    queries = lines(strategy)
    if len(queries) == 1:
        return []
    return [{"line": one.label, "query": one.shown, "hits": pubmed.count(transport, one.query)} for one in queries]


def text_to_send(source: dict[str, Any]) -> str:
    """The strategy of a live source as one line, which is how it is sent."""
    return " ".join(source["strategy"].split())


def _begin(folder: Path, plan: dict[str, Any], today: datetime.date) -> str:
    """The day of the search: that of the interrupted one in the folder when it is the same search and fresh."""
    begun = folder / "begun.json"
    if begun.exists():
        told = json.loads(begun.read_text(encoding="utf-8"))
        day = datetime.date.fromisoformat(told["run_date"])
        if told["plan"] == plan and abs(today - day) <= _FRESH and not (folder.parent / told["run_date"]).exists():
            print(f"going on with the search of {told['run_date']}", file=sys.stderr, flush=True)
            return told["run_date"]
    for path in folder.iterdir():
        if path.name != "lock":
            path.unlink()
    write_json(begun, {"run_date": today.isoformat(), "plan": plan})
    return today.isoformat()


def _label(window: dict[str, str]) -> str:
    return " ".join(f"{key} {window[key]}" for key in ("from", "to") if key in window)


def _limits(windows: list[dict[str, str]]) -> str | None:
    texts = [f"{window['label']} ({_label(window)})" for window in windows if _label(window)]
    return f"Dates of publication: {'; '.join(texts)}" if texts else None


def _described(window: dict[str, str], found: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One search as search.json tells it, with its files as they are on disk."""
    files = [{**_fingerprint(folder / name), "records": number} for name, number in found.pop("files")]
    ids = _fingerprint(folder / found.pop("ids"))
    limits = {key: window[key] for key in ("from", "to") if key in window}
    return {"label": window["label"], **found, "window": limits or None, "ids": ids, "files": files}


def _fingerprint(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _name(folder: Path, day: str) -> Path:
    """Leave in the folder what search.json names, and give it the name of its day."""
    told = json.loads((folder / "search.json").read_text(encoding="utf-8"))
    named = {"search.json"}
    for part in told["searches"]:
        named |= {part["ids"]["path"], *(file["path"] for file in part["files"])}
    if (folder.parent / day).exists():
        hint = "Move it elsewhere and run again."
        raise PrismakeError("this is where a search belongs", place=(folder.parent / day).as_posix(), hint=hint)
    last = {"begun.json", "lock"}  # without them a command that is killed here could not go on
    for path in folder.iterdir():
        if path.name not in named | last:
            path.unlink()
    named_folder = folder.rename(folder.parent / day)
    for name in last:
        (named_folder / name).unlink()
    return named_folder
