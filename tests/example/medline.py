"""Writing reports as PubMed gives them out: MEDLINE text, one file per batch, with the description of the search."""

import hashlib
import json
import textwrap

from copies import Copy, ascii_only, copies, initials
from findings import RUNS
from phrases import capital, read
from reports import RECENT, Report

BATCH = 200
BASE = '"mesenchymal stem cell" AND "exosome"'
TRANSLATED = '"mesenchymal stem cell"[All Fields] AND "exosome"[All Fields]'
FILE_NAMES = {"last ten years": "recent", "earlier": "earlier"}
WINDOWS = {
    "2026-02-10": {
        "last ten years": '("2016/02/11"[Date - Publication] : "2026/02/10"[Date - Publication])',
        "earlier": '("1900/01/01"[Date - Publication] : "2016/02/10"[Date - Publication])',
    },
    "2026-10-12": {
        "last ten years": '("2016/02/11"[Date - Publication] : "2026/10/12"[Date - Publication])'
        ' AND ("2026/01/10"[Date - Entry] : "2026/10/12"[Date - Entry])',
        "earlier": '("1900/01/01"[Date - Publication] : "2016/02/10"[Date - Publication])'
        ' AND ("2026/01/10"[Date - Entry] : "2026/10/12"[Date - Entry])',
    },
}
LIMITS = {
    "2026-02-10": "Two windows of publication date, to keep each below what one PubMed query returns; no other limit.",
    "2026-10-12": "Records entered since 2026-01-10, a month before the first search, so that late indexing is caught.",
}


def snapshot_files(reports: list[Report]) -> dict[str, bytes]:
    """Path -> content of both recorded runs."""
    files = {}
    for run in RUNS["pubmed"]:
        folder = f"resources/search/pubmed/{run}"
        searches = []
        for label, window in WINDOWS[run].items():
            chosen = [
                r
                for r in reports
                if run in r.found.get("pubmed", ()) and (r.published >= RECENT) == (label != "earlier")
            ]
            chosen.sort(key=lambda r: int(r.pmid), reverse=True)
            parts = []
            for start in range(0, len(chosen), BATCH):
                batch = chosen[start : start + BATCH]
                name = f"{FILE_NAMES[label]}-{start // BATCH + 1:03d}.txt"
                data = "".join(record(copies(r, "pubmed")[0]) for r in batch).encode()
                files[f"{folder}/{name}"] = data
                digest = hashlib.sha256(data).hexdigest()
                parts.append({"path": name, "sha256": digest, "bytes": len(data), "records": len(batch)})
            searches.append(
                {
                    "label": label,
                    "strategy": f"{BASE} AND {window}",
                    "translation": f"{TRANSLATED} AND {translated(window)}",
                    "reported": len(chosen),
                    "retrieved": len(chosen),
                    "files": parts,
                }
            )
        about = {
            "database": "MEDLINE and PubMed",
            "platform": "PubMed",
            "run_date": run,
            "by": "Ana Ferreira-Lindqvist",
            "limits": LIMITS[run],
            "peer_review": "PRESS 2015, by an invented information specialist (Imke Sørbø-Adeyemi)",
            "searches": searches,
        }
        files[f"{folder}/search.json"] = (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def translated(window: str) -> str:
    return window.replace("Date - Publication", "dp").replace("Date - Entry", "edat")


def _field(tag: str, value: str) -> str:
    lines = textwrap.wrap(value, 84, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"{tag:<4}- {line}\n" if not i else f"      {line}\n" for i, line in enumerate(lines))


def record(copy: Copy) -> str:
    """One record in the order of tags that PubMed uses."""
    report = copy.report
    journal, day, entered = report.journal, report.published, report.entered
    formats = read("formats")
    date = f"{copy.year} {formats['months'][day.month - 1]}"
    date += f" {day.day}" if journal[7] == "article" or report.kind == "preprint" else ""
    pages = copy.first + (f"-{copy.last}" if copy.last else "")
    title = copy.title if copy.title.endswith("?") else f"{copy.title}."
    out = [
        ("PMID", copy.accession),
        ("OWN", "NLM"),
        ("STAT", "MEDLINE" if entered.year < 2025 else "PubMed-not-MEDLINE"),
    ]
    out += [("IS", f"{issn} ({kind})") for issn, kind in ((journal[4], "Electronic"), (journal[3], "Print")) if issn]
    out += [("VI", copy.volume), ("IP", copy.issue), ("DP", date)]
    out += [("TI", f"[{title}]" if report.language != "eng" else title), ("PG", pages)]
    out += [("LID", f"{copy.doi} [doi]" if copy.doi else ""), ("AB", copy.abstract)]
    out += [("CI", f"© {copy.year}. The Author(s)." if copy.abstract and journal[7] == "article" else "")]
    for index, (family, given) in enumerate(copy.authors):
        out += [("FAU", f"{family}, {given}"), ("AU", f"{ascii_only(family)} {ascii_only(initials(given))}")]
        out += [("AD", f"{report.address}.")] if index in (0, len(copy.authors) - 1) else []
    out += [("LA", report.language)]
    out += [("SI", f"ClinicalTrials.gov/{nct}") for nct in report.registry_ids]
    names = formats["types"]["pubmed"]
    types = ["Retracted Publication", *names["article"]] if report.special == "retracted" else names[report.kind]
    types = ["Journal Article", "Randomized Controlled Trial"] if report.topic == "trial" else types
    out += [("PT", kind) for kind in (["English Abstract", *types] if report.language != "eng" else types)]
    out += [("TT", f"{read('wording')['original_titles'][report.language]}.")] if report.language != "eng" else []
    out += [("DEP", day.strftime("%Y%m%d")), ("PL", journal[6]), ("TA", journal[1]), ("JT", journal[0])]
    if entered.year < 2025 and report.kind not in ("preprint", "erratum", "retraction"):
        out += [("SB", "IM"), *(("MH", heading) for heading in _headings(report))]
    out += _links(report)
    out += [("OTO", "NOTNLM")] if report.keywords else []
    out += [("OT", capital(word) if index % 2 else word) for index, word in enumerate(report.keywords)]
    stamp = entered.strftime("%Y/%m/%d")
    out += [
        ("EDAT", f"{stamp} 06:00"),
        ("MHDA", f"{stamp} 06:01"),
        ("CRDT", f"{stamp} 05:12"),
        ("PHST", f"{stamp} 06:00 [pubmed]"),
    ]
    out += [
        ("AID", f"{copy.doi} [doi]" if copy.doi else ""),
        ("PST", "epublish" if journal[7] == "article" else "ppublish"),
    ]
    place = f"{copy.volume}{f'({copy.issue})' if copy.issue else ''}{f':{pages}' if pages else ''}"
    source = f"{journal[1]}. {date}{f';{place}' if place else ''}." + (f" doi: {copy.doi}." if copy.doi else "")
    return "".join(_field(tag, value) for tag, value in [*out, ("SO", source)] if value) + "\n"


def _headings(report: Report) -> list[str]:
    conditions = {c["id"]: c for c in read("conditions")}
    headings = ["*Exosomes/metabolism", "*Mesenchymal Stem Cells/cytology"]
    if report.topic in ("animal", "medium", "other_vesicles", "tumour"):
        headings += [
            "Animals",
            {"rat": "Rats", "mouse": "Mice", "rabbit": "Rabbits", "pig": "Swine"}[report.facts["species"]],
        ]
    headings += ["Disease Models, Animal"] if report.topic == "animal" else []
    headings += ["Humans"] if report.topic in ("trial", "review", "invitro", "tumour", "methods") else []
    if report.topic not in ("tumour", "rna", "methods", "veterinary"):
        headings += conditions[report.facts["condition"]]["mesh"]
    return sorted(headings, key=lambda heading: heading.lstrip("*"))


def _links(report: Report) -> list[tuple[str, str]]:
    """The record that this one corrects or retracts, or by which it is retracted."""
    tag = {"erratum": "EFR", "retraction": "ROF"}.get(report.kind, "RIN")
    return [(tag, report.facts["linked"])] if "linked" in report.facts else []
