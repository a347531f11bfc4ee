"""Forms in people's folders: who holds what, which are filled in, which vanished, and how a new round is issued.

A form is `resources/<area>/<person>/<kind>.<person>.<round>.xlsx`, in a flat area without the person's folder. It is
created once, exclusively, and never opened for writing again; a log entry under resources/log/ keeps its hash and its
ids. What a person holds is what the logs say, plus what lies in the folder without a log. Light imports only:
Snakemake uses this while it parses the workflow.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prismake.errors import Fault
from prismake.other_tools import TOOLS, stages, tool_of
from prismake.publish import create, put_in_place, read_csv, set_aside
from prismake.tool_ids import tool_ids

AREAS = {
    "pairs": "deduplication",
    "title_abstract": "screening",
    "title_abstract_conflicts": "screening",
    "full_text": "screening",
    "full_text_conflicts": "screening",
    "retrieval": "retrieval",
    "studies": "studies",
    "extraction": "extraction",
    "extraction_supplement": "extraction",
    "extraction_consensus": "extraction",
    **{f"{tool}{part}": "risk_of_bias" for tool in tool_ids() for part in ("", "_supplement", "_consensus")},
}
FLAT = ("deduplication",)  # areas without folders: nobody is blind to what others decide there
SUFFIXES = (".xlsx", ".csv", ".ods")
PAGE = ".html"  # of a page that asks the same as the form beside it
LOG = Path("resources/log")


@dataclass(frozen=True)
class Issued:
    """One entry of the log: a form that was issued."""

    name: str
    kind: str
    person: str
    round: int
    sha256: str
    ids: tuple[str, ...]
    pilot: int = 0  # number of the pilot round that it is, 0 for any other form

    @property
    def path(self) -> Path:
        return folder(self.kind, self.person) / self.name


def folder(kind: str, person: str) -> Path:
    """Where this person's forms of this kind lie."""
    area = Path("resources") / AREAS[kind]
    return area if AREAS[kind] in FLAT else area / person


def holder(path: Path, kind: str) -> str:
    """Whose form this file is: by its folder, in a flat area by its name ("" if it names nobody)."""
    if AREAS[kind] not in FLAT:
        return path.parent.name
    named = re.match(rf"{re.escape(kind)}\.([a-z][a-z0-9_-]*)\.", path.name)
    return named[1] if named else ""


def page_of(form: Path) -> Path:
    """Where the page lies that asks in a browser what this form asks."""
    return form.with_suffix(PAGE)


def files(kind: str) -> list[Path]:
    """Every file of this kind in every person's folder, copies by a sync service among them; lock files are not.

    Nor are the pages that were issued beside forms: they hold questions only.
    A file whose name begins with no kind of its area goes with the area's first kind, whose reader reports it. What
    another tool exported, in its folder of resources/screening/, goes with the stages that its name tells.
    """
    area = AREAS[kind]
    kinds = [name for name, place in AREAS.items() if place == area]
    found = []
    for path in sorted(_listed(Path("resources") / area)):
        name = path.name.lower()
        if name.startswith(("~", ".")) or name.endswith(_UNFINISHED) or name in _LITTER or not path.is_file():
            continue
        if tool_of(path):
            if kind in (stages(path) or kinds[:1]):
                found.append(path)
            continue
        named = path.name.split(".")[0].split(" ")[0]
        if path.suffix.lower() == PAGE and named in kinds:
            continue
        if kind == (named if named in kinds else kinds[0]):
            found.append(path)
    return found


_LITTER = ("thumbs.db", "desktop.ini", "icon\r")  # what file managers leave behind
_UNFINISHED = (".tmp", ".part", ".crdownload", "~")  # what programs write while they save or load


def _listed(area: Path) -> Iterator[Path]:
    """What lies in people's folders; in a folder that may be entered but not listed, the forms issued to it."""
    for place in area.glob("*"):
        try:
            yield from place.iterdir()
        except NotADirectoryError:
            yield place  # a form of a flat area; elsewhere a file beside people's folders: its reader reports it
        except PermissionError:
            yield from (entry.path for entry in log() if entry.path.parent == place)


def well_named(path: Path, kind: str) -> bool:
    """Whether this file is, by its name and ending, a form of this kind in its person's folder (or a copy of one)."""
    person = holder(path, kind)
    return (
        bool(person)
        and person not in TOOLS
        and path.name.startswith(f"{kind}.{person}.")
        and path.suffix.lower() in SUFFIXES
    )


def misnamed(path: Path, kind: str, meta: Mapping[str, str]) -> Fault:
    """What to say of a file in a person's folder that is not named like a form of theirs; `meta`: its marks."""
    person, ending = path.parent.name, path.suffix.lower()
    own = _issued_as(meta, ending)
    other = re.match(rf"{re.escape(kind)}\.([a-z][a-z0-9_-]*)\.\d", path.name)
    if ending not in SUFFIXES:
        problem, remedy = "forms are read as .xlsx, .ods or .csv, so nothing in it was read", "Save it in one of these"
    elif own and own.parent != path.parent and (told := displaced(meta, kind, person, path)):
        problem, remedy = told
    elif own:
        problem = "this file is not named like a form, so nothing in it was read"
        remedy = f"It was issued as {own.name}: give it the name {_free(own)}, or move it out of this folder"
    elif other and other[1] != person:
        problem = f"this is named as a form of {other[1]}, lying in the folder of {person}, so nothing in it was read"
        place = path.parent.parent / other[1]
        remedy = f"Move it to {place.as_posix()}/, with the name {_free(place / path.name)}"
    else:
        problem = "this file is not named like a form, so nothing in it was read"
        name = _free(path.with_name(f"{kind}.{person}.01{ending}"))
        remedy = f"Give it a name that begins like that of its form ({name}, say), or move it out of this folder"
    return Fault(kind, person, path.as_posix(), "", "", "", problem, remedy)


def marks(form: str) -> dict[str, str]:
    """What the hidden sheet of the form with this name, without its ending, says; {} when no form is called so."""
    named = re.fullmatch(r"(\w+)\.([a-z][a-z0-9_-]*)\.(\d+)", form)
    return dict(zip(("kind", "person", "round"), named.groups(), strict=True)) if named and named[1] in AREAS else {}


def displaced(meta: Mapping[str, str], kind: str, person: str, path: Path) -> tuple[str, str] | None:
    """What to say, and do, of a form that lies as one of this kind and person; None when its marks agree."""
    owner, own = meta.get("person", person), meta.get("kind", kind)
    if (owner, own) == (person, kind):
        return None
    issued = _issued_as({**meta, "person": owner, "kind": own}, path.suffix.lower())
    name = _free(issued) if issued else "it was issued with"
    taken = issued is not None and name != issued.name
    problem = f"this is the {own} form of {owner}, "
    if owner == person:
        problem += "named as another"
        away = issued is not None and issued.parent != path.parent
        remedy = f"Move it to {issued.parent.as_posix()}/, with the name {name}" if away else f"Give it the name {name}"
    else:
        problem += f"lying in the folder of {person}, so nothing in it was read"
        remedy = f"Move it to the folder of {owner}, with the name {name}"
        if taken:
            remedy += f". If {person} filled it in, write the answers into a form of {person} instead"
        else:
            remedy += f". If {person} is the person who was {owner}, give them the id '{owner}' again and set `name`"
    if any(entry.path == path for entry in log()):
        remedy += f". Then put back from a copy the form of {person} that it was saved over, or delete"
        remedy += f" {_entry_of(path)} to have a blank one issued"
    return problem, remedy


def _issued_as(meta: Mapping[str, str], ending: str) -> Path | None:
    """Where the form with these marks was issued, saved with this ending; None when they do not tell."""
    kind, person, number = (meta.get(key, "") for key in ("kind", "person", "round"))
    if kind not in AREAS or not person or not number.isdigit():
        return None
    return folder(kind, person) / f"{kind}.{person}.{int(number):02d}{ending}"


def _free(path: Path) -> str:
    """This file's name or, where that is taken, the next one that is read as the same form: "... (1).xlsx"."""
    names = (path.name, *(f"{path.stem} ({number}){path.suffix}" for number in range(1, 1000)))
    return next(name for name in names if not os.path.lexists(path.with_name(name)))


def stranger(path: Path, kind: str) -> Fault:
    """What to say of a form in the folder of somebody who is neither in the configuration nor was issued a form."""
    person = holder(path, kind)
    problem = f"there is no '{person}' in screening.people, so nothing in it was read"
    where = "Give it the name" if AREAS[kind] in FLAT else "Move it to the folder"
    remedy = f"{where} of the person who filled it in, or add them to config/config.yaml"
    return Fault(kind, person, path.as_posix(), "", "", "", problem, remedy)


def missing(path: str, kind: str) -> Fault:
    """What to say of a form that was issued and is no longer there."""
    remedy = f"Put it back from a copy. To have a blank one issued instead, delete {_entry_of(Path(path))}"
    return Fault(kind, holder(Path(path), kind), path, "", "", "", "this form was issued and is gone", remedy)


def _entry_of(form: Path) -> str:
    """The entry of the log of this form."""
    return (LOG / f"{form.name}.json").as_posix()


def log() -> list[Issued]:
    """The forms that were issued, in order of kind, person and round.

    An entry that cannot be read, or a copy of one, counts for nothing: its form is then one without an entry. One that
    a killed run had only set aside counts when its form is there.
    """
    begun = [entry for path in LOG.glob(".*.tmp") if (entry := _entry(path)) and entry.path.exists()]
    entries = {entry.name: entry for entry in begun}
    entries |= {entry.name: entry for path in LOG.glob("*.json") if (entry := _entry(path))}
    return sorted(entries.values(), key=lambda e: (e.kind, e.person, e.round))


def _entry(path: Path) -> Issued | None:
    """What an entry of the log holds, under its own name or set aside."""
    named = re.fullmatch(r"\.?(.+\.xlsx)\.json(\.\d+\.tmp)?", path.name)
    if not named or path.name.startswith(".") != bool(named[2]):
        return None
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        found = Issued(named[1], ids=tuple(entry.pop("ids")), **entry)
        expected = f"{found.kind}.{found.person}.{found.round:02d}.xlsx"
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if found.name == expected and found.kind in AREAS else None


def complete(kind: str) -> None:
    """Finish what a killed run left: the entries of forms that are there get their names, all else set aside goes."""
    for path in LOG.glob(f".{kind}.*.tmp"):
        entry = _entry(path)
        if entry and entry.path.exists():
            with suppress(FileExistsError):
                put_in_place(path, LOG / f"{entry.name}.json")
        else:
            path.unlink(missing_ok=True)
    area = Path("resources") / AREAS[kind]
    for path in [*area.glob(f".{kind}.*.tmp"), *area.glob(f"*/.{kind}.*.tmp")]:
        path.unlink(missing_ok=True)


def filled(kind: str) -> list[str]:
    """The forms a person has changed: those not byte for byte as issued. One without a log entry counts as changed."""
    issued = {entry.path: entry.sha256 for entry in log()}
    return [path.as_posix() for path in files(kind) if issued.get(path) != digest(path)]


def digests(paths: Iterable[str]) -> dict[str, str]:
    """What these files hold now, so that a save made while a job read them is noticed by the next run."""
    return {path: digest(Path(path))[:16] for path in paths}


def vanished(kind: str) -> list[str]:
    """Paths of issued forms that are no longer there, not even as a copy ("... (1)") or another kind of file.

    They are reported and never issued again.
    """
    there = {(holder(path, kind), re.sub(r" \(\d+\)$", "", path.stem)) for path in files(kind)}
    entries = [entry for entry in log() if entry.kind == kind and not entry.path.exists()]
    gone = [entry for entry in entries if (entry.person, entry.path.stem) not in there]
    return [entry.path.as_posix() for entry in gone]


def forgotten(listing: Path) -> list[str]:
    """Forms of the last listing (issued.csv) that have neither a file nor a log entry any more: to be issued anew."""
    if not listing.exists():
        return []
    known = {entry.path.as_posix() for entry in log()}
    return [row["file"] for row in read_csv(listing) if row["file"] not in known and not Path(row["file"]).exists()]


def digest(path: Path) -> str:
    """The file's sha256; "" when it may not be read, which its reader reports."""
    try:
        return _sha256(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


@cache
def _sha256(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def held(kind: str, ids_in: Callable[[Path], Iterable[str]]) -> dict[str, set[str]]:
    """Per person the ids that their forms of this kind hold or held.

    `ids_in` reads the ids out of a form that has no log entry.
    """
    entries = [entry for entry in log() if entry.kind == kind]
    logged = {entry.path for entry in entries}
    ids: dict[str, set[str]] = {}
    for entry in entries:
        ids.setdefault(entry.person, set()).update(entry.ids)
    for path in files(kind):
        if path not in logged and well_named(path, kind):
            ids.setdefault(holder(path, kind), set()).update(ids_in(path))
    return ids


def issue(
    kind: str,
    person: str,
    ids: list[str],
    make: Callable[[dict[str, str]], bytes],
    pilot: int = 0,
    page: Callable[[Path], bytes] | None = None,
) -> Path:
    """Create the next round of this kind for this person, with its page and its log entry; returns the form's path.

    `make` gets the marks that the form carries in its hidden sheet and returns the workbook's bytes; `page` gets the
    form's path. A number that was ever used is not used again, whether its form is still there or not.
    The form decides: a run killed before it is there has issued nothing, and the log entry, set aside before and named
    after it, holds from then on.
    """
    complete(kind)
    rounds = [entry.round for entry in log() if (entry.kind, entry.person) == (kind, person)]
    for path in files(kind):
        number = re.match(rf"{re.escape(kind)}\.{re.escape(person)}\.(\d+)", path.name)
        if holder(path, kind) == person and number:
            rounds.append(int(number[1]))
    number = max(rounds, default=0) + 1
    path = folder(kind, person) / f"{kind}.{person}.{number:02d}.xlsx"
    data = make({"kind": kind, "person": person, "round": str(number)})
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "kind": kind, "person": person, "round": number}
    entry |= ({"pilot": pilot} if pilot else {}) | {"ids": ids}
    text = json.dumps(entry, ensure_ascii=False, indent=1) + "\n"
    log_path = LOG / f"{path.name}.json"
    begun = set_aside(log_path, text.encode("utf-8"))
    try:
        if page:
            # A page that lies there belongs to a form that was taken away: it may hold somebody's work.
            with suppress(FileExistsError):
                create(page_of(path), page(path))
        create(path, data)
    except BaseException:
        begun.unlink()
        raise
    put_in_place(begun, log_path)
    return path


def check_value(record_id: str, title: str) -> str:
    """A mark that ties an id to its title, so that a sort which moved only some columns is noticed.

    It begins with a letter: no spreadsheet program takes it for a number.
    """
    return "c" + hashlib.sha256(f"{record_id}\0{' '.join(title.split())}".encode()).hexdigest()[:8]
