"""Stand-ins for Rayyan, Covidence and ASReview: each imports a file of ours and exports what people decided in it.

They write what the tools write (help.rayyan.ai and exports of Rayyan that their reviewers published, of 2022 to 2024;
support.covidence.org; ASReview LAB 3.0.8), with what gets lost there: our id in columns that the tool does not know,
references nobody has seen, the order.
"""

import csv
import io
import itertools
import zipfile
from collections.abc import Mapping
from pathlib import Path

Reference = dict[str, list[str]]
ADDRESS = "someone@mail.example"


def read_ris(path: Path) -> list[Reference]:
    references: list[Reference] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        tag, _, value = line.partition("  - ")
        if tag == "TY":
            references.append({})
        if value and tag != "ER":
            references[-1].setdefault(tag, []).append(value)
    return references


def table(columns: list[str], rows: list[Mapping[str, object]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


ARTICLES = "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,publisher,location,abstract"
ARTICLES += ",notes,doi,keywords,pubmed_id,pmc_id"
VALUES = {"Included": "1", "Maybe": "0", "Excluded": "-1"}
USERS = {"Ana": "101", "Ben O. Marsh": "102"}


def quoted(text: str) -> str:
    """As Ruby shows a text in a hash."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def blob(
    original: str, votes: Mapping[str, str], reasons: list[str] = (), labels: list[str] = (), notes: Mapping = ()
) -> str:
    parts = [original] if original else []
    if votes:
        parts.append("RAYYAN-INCLUSION: {" + ", ".join(f"{quoted(n)}=>{quoted(v)}" for n, v in votes.items()) + "}")
    if labels:
        parts.append(f"RAYYAN-LABELS: {','.join(labels)}")
    if reasons:
        parts.append(f"RAYYAN-EXCLUSION-REASONS: {','.join(reasons)}")
    if notes:
        shown = (f"{quoted(n)}=>[{', '.join(map(quoted, texts))}]" for n, texts in dict(notes).items())
        parts.append("USER-NOTES: {" + ", ".join(shown) + "}")
    return " | ".join(parts)


def rayyan_zip(path: Path, articles: str, log: list[Mapping[str, str]] | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("articles.csv", articles)
        if log is not None:
            columns = ["created_at", "user_id", "user_email", "article_id", "key", "value"]
            archive.writestr("customizations_log.csv", table(columns, log))
    return path


def rayyan(
    imported: Path, votes: Mapping[str, Mapping[str, str]], path: Path, reasons: Mapping = (), *, log=True
) -> Path:
    """`votes`: title -> person -> value; `reasons`: title -> person -> reasons. Only what was decided is exported."""
    rows, events, reasons = [], [], dict(reasons)
    for number, reference in enumerate(read_ris(imported), start=1000):
        title = reference["TI"][0]
        if not votes.get(title):
            continue
        own = reasons.get(title, {})
        together = sorted({reason for texts in own.values() for reason in texts})
        note = blob(" ".join(reference["N1"]), votes[title], together)
        values = {"key": f"rayyan-{number}", "title": title, "year": reference.get("PY", [""])[0], "notes": note}
        rows.append({**values, "authors": " and ".join(reference.get("AU", []))})
        for person, value in votes[title].items():
            who = {"article_id": str(number), "user_id": USERS[person], "user_email": ADDRESS}
            times = (f"2026-05-0{1 + len(events) % 9}T10:00:00.{n:03}Z" for n in itertools.count(1))
            keys = {
                '"read twice"': "1",  # a label: like a reason, in quotes of its own
                '"__EXR__clicked by mistake"': "deleted",
                **{f'"__EXR__{text}"': "1" for text in own.get(person, ())},
                "included": VALUES[value],
            }
            events += [{**who, "key": key, "value": said, "created_at": next(times)} for key, said in keys.items()]
            events.append({**events[-1], "created_at": next(times)})  # the same button once more
    return rayyan_zip(path, table(ARTICLES.split(","), rows[::-1]), events if log else None)


COVIDENCE = "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,Accession Number,DOI,Ref"
COVIDENCE += ",Covidence #,Study,Notes,Tags"


def covidence(imported: Path, folder: Path, lists: Mapping[str, Mapping[str, str]]) -> list[Path]:
    """`lists`: name of a list -> title -> what stands in Notes. The accession number is kept, other ids are not."""
    folder.mkdir(parents=True, exist_ok=True)
    references, paths = {r["TI"][0]: r for r in read_ris(imported)}, []
    for name, titles in lists.items():
        rows = []
        for number, (title, notes) in enumerate(titles.items(), start=7):
            reference = references[title]
            first = {"Title": title, "Authors": "; ".join(reference.get("AU", [])), "Notes": notes}
            last = {"Accession Number": reference["AN"][0], "Covidence #": f"#{number}", "Tags": "later; asked"}
            rows.append({**first, **last, "DOI": reference.get("DO", [""])[0]})
        paths.append(folder / f"review_283729_{name}_csv_20240320131744.csv")
        paths[-1].write_text(table(COVIDENCE.split(","), rows), encoding="utf-8-sig")
    return paths


KEPT = {"TY", "TI", "AU", "PY", "AB", "ID", "AN", "C1", "C8", "M1", "LB", "CN", "DB", "KW", "N1", "DO", "T2"}


def asreview_ris(
    imported: Path, labels: Mapping[str, bool | None], path: Path, *, before_ranking: bool = False
) -> Path:
    """`labels`: title -> relevant, or None for one not seen. Relevant first; a line "1." before each reference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    order = {True: 0, None: 1, False: 2}
    written = []
    for reference in sorted(read_ris(imported), key=lambda r: order[labels.get(r["TI"][0])]):
        label = labels.get(reference["TI"][0])
        if label is None and before_ranking:
            continue
        word = {True: "relevant", False: "irrelevant", None: "not_seen"}[label]
        notes = [f"ASReview_{word}", *reference["N1"]]
        if label is not None:
            notes += ['asreview_time: "2026-05-01 10:00:00"', 'asreview_note: "seen, and noted"']
        lines = [f"{tag}  - {v}" for tag, values in reference.items() if tag in KEPT - {"N1"} for v in values]
        lines = [f"TY  - {reference.get('TY', ['JOUR'])[0]}", *(line for line in lines if not line.startswith("TY"))]
        written.append("\n".join(["1.", *lines, *(f"N1  - {note}" for note in notes), "ER  - ", ""]))
    path.write_text("\n".join(written), encoding="utf-8")
    return path


def asreview_csv(imported: Path, labels: Mapping[str, bool | None], path: Path, tags: Mapping[str, str] = ()) -> Path:
    """With the columns of the file that was imported, a nameless one before and ASReview's own behind them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with imported.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    own = [
        "asreview_group_id",
        "asreview_label",
        "asreview_time",
        "asreview_note",
        "asreview_tag_reason_wrong_population",
    ]
    for number, row in enumerate(rows):
        label = labels.get(row["title"])
        row[""] = str(number)
        row["asreview_label"] = "" if label is None else str(int(label))
        row["asreview_time"] = "" if label is None else f"2026-05-01 10:00:{number % 60:02d}"
        row["asreview_tag_reason_wrong_population"] = "1" if row["title"] in dict(tags) else ""
    path.write_text(table(["", *(name for name in rows[0] if name and name not in own), *own], rows), encoding="utf-8")
    return path
