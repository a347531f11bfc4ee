"""Extraction in a review: forms for the included studies go out to people, and come back as tables."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from prismake.errors import Fault, PrismakeError
from prismake.extraction.collect import CONSENSUS, SUPPLEMENT, Extraction, collect
from prismake.extraction.consensus import Answer, Question, Resolution, resolve
from prismake.extraction.consensus_form import ConsensusForms
from prismake.extraction.instrument import Instrument, extraction_form
from prismake.extraction.names import Names, reports_shown
from prismake.extraction.tables import write_levels, write_progress, write_set_aside
from prismake.forms import files, held, log, misnamed, missing, stranger, well_named
from prismake.publish import read_csv
from prismake.spreadsheet import Workbook, read_workbook


def collect_extraction(
    config: Mapping[str, Any], studies: Path, forms: list[str], vanished: list[str], out: Path
) -> None:
    """Everything that tables.py writes: the levels in `out`, the rest in out/forms."""
    instrument = extraction_form(config)
    extraction, resolution = collect_forms(config, instrument, included(studies), forms, vanished, out / "forms")
    write_levels(instrument.definition, resolution, out)
    write_set_aside([*extraction.set_aside, *resolution.set_aside], out)


def collect_forms(
    config: Mapping[str, Any],
    instrument: Instrument,
    studies: Mapping[str, Collection[str]],
    forms: Sequence[str],
    vanished: Sequence[str],
    out: Path,
) -> tuple[Extraction, Resolution]:
    """What the forms of this instrument say of these studies (with their reports); `out` gets how far they are."""
    kind, definition = instrument.kind, instrument.definition
    everybody = {*config["screening"]["people"], *(entry.person for entry in log())}
    kinds = (kind, kind + SUPPLEMENT, kind + CONSENSUS)
    by_kind: dict[str, list[tuple[str, Path]]] = {name: [] for name in kinds}
    faults: list[Fault] = []
    for path in map(Path, forms):
        of_kind = kind_of(path, kinds)
        if path.parent.name not in everybody:
            faults.append(stranger(path, of_kind))
        elif not well_named(path, of_kind):
            book = _open(path)
            faults.append(misnamed(path, of_kind, book.meta if book else {}))
        else:
            by_kind[of_kind].append((path.parent.name, path))
    faults += [missing(path, kind_of(Path(path), kinds)) for path in vanished]
    extraction = collect(
        definition,
        [*by_kind[kind], *by_kind[kind + SUPPLEMENT]],
        issued=issued_studies(kind),
        studies=studies,
        kind=kind,
        source=instrument.source,
    )
    people = config["screening"]["people"]
    left = {person for person in everybody if person not in people or "until" in people[person]}
    consensus = ConsensusForms(definition, by_kind[kind + CONSENSUS], kind + CONSENSUS)
    former: dict[str, set[str]] = {}
    for names in current_names(kind, studies).values():
        for name, study in names.items():
            former.setdefault(study, set()).update({name} - {study})
    resolution, wrong = settle(instrument, extraction, consensus, left, former)
    faults += [*extraction.faults, *consensus.faults, *wrong]
    write_progress(extraction, resolution, studies=studies, wanted=instrument.wanted(studies), faults=faults, out=out)
    return extraction, resolution


def settle(
    instrument: Instrument,
    extraction: Extraction,
    forms: ConsensusForms,
    left: Collection[str],
    former: Mapping[str, Collection[str]] | None = None,
) -> tuple[Resolution, list[Fault]]:
    """The resolution with all answers given so far. An answer can raise further questions, which have answers too.

    `former`: the names that a study had in forms issued earlier.
    """
    asked: dict[str, Question] = {}
    answers: dict[str, Answer] = {}
    faults: list[Fault] = []
    while True:
        found = resolve(
            instrument.definition,
            extraction.entries,
            order=instrument.people,
            done={(row.person, row.study) for row in extraction.progress if row.is_ready},
            left=left,
            answers=answers,
            lacks={(row.person, row.study): row.lacks for row in extraction.progress},
        )
        new = {question.id: question for question in found.differences if question.id not in asked}
        if not new:
            return found, faults
        asked |= new
        answers, faults = forms.answers(asked, former)


def kind_of(path: Path, kinds: Sequence[str]) -> str:
    """The kind that a form's name begins with; the first one when it begins with none."""
    named = path.name.split(".")[0].split(" ")[0]
    return named if named in kinds else kinds[0]


def included(studies: Path) -> dict[str, list[str]]:
    """The reports of every included study."""
    reports: dict[str, list[str]] = {}
    for row in read_csv(studies):
        if row["study_id"]:
            reports.setdefault(row["study_id"], []).append(row["report_id"])
    return reports


def issued_studies(kind: str) -> dict[str, set[str]]:
    """The studies that each person's forms of this kind hold or held, by the names they were issued with."""
    found = held(kind, ids_in)
    for person, ids in held(kind + SUPPLEMENT, ids_in).items():
        found.setdefault(person, set()).update(name.rpartition("@")[0] for name in ids)
    return found


def current_names(kind: str, studies: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
    """Per person the names that their forms hold or held, each with the included study that it stands for now."""
    current = {}
    for person, issued in issued_studies(kind).items():
        books = []
        if not issued <= studies.keys():
            paths = [path for path in files(kind) if path.parent.name == person and well_named(path, kind)]
            books = [book for path in paths if (book := _open(path))]
        names = Names(studies, issued, reports_shown(books))
        current[person] = {name: study for name in sorted(issued) if (study := names.study(name))}
    return current


def ids_in(path: Path) -> list[str]:
    """The ids in a form without a log entry; none when it cannot be opened (its reader reports that)."""
    book = _open(path)
    return (book.meta.get("ids") or book.meta.get("studies", "")).splitlines() if book else []


def _open(path: Path) -> Workbook | None:
    try:
        return read_workbook(path)
    except PrismakeError:
        return None
