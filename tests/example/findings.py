"""Which run of which source finds a report, and the identifiers it has there. All from ranges kept for examples."""

import datetime
from itertools import chain

from phrases import chance
from reports import FIRST_RUN, Report

RUNS = {
    "pubmed": ["2026-02-10", "2026-10-12"],
    "embase": ["2026-02-11", "2026-10-13"],
    "wos": ["2026-02-11"],
    "clinicaltrials": ["2026-02-12", "2026-10-14"],
    "citation": ["2026-04-20"],
    "contact": ["2026-05-04"],
}
SECOND_FROM = datetime.date(2026, 1, 10)  # the second runs go back a month behind the first ones
# How many reports are found by which databases; the rest of the corpus is shared out alike.
OLD = {"PEW": 140, "PE": 45, "PW": 55, "P": 146, "E": 66, "EW": 28, "W": 36}
NEW = {"P": 14, "PE": 16, "E": 10}
KINDS = {
    "conference abstract": ["E", "E", "W", "EW"],
    "preprint": ["P", "P", "E", "PE"],
    "erratum": ["P", "PE", "PEW", "PW"],
    "retraction": ["PEW"],
}
LETTERS = {"P": "pubmed", "E": "embase", "W": "wos"}


def find(reports: list[Report]) -> None:
    """Fill in `found`, `accessions`, `pmid` and `doi` of every report."""
    for kind in ("old", "new"):
        chosen = [r for r in reports if not r.found and _is_listed(r) and (r.entered > FIRST_RUN) == (kind == "new")]
        for report, letters in zip(chosen, _shared_out(OLD if kind == "old" else NEW, len(chosen), kind), strict=True):
            if report.kind in KINDS:
                letters = chance(report.key, "kind").choice(KINDS[report.kind])
            if report.special.startswith("doi pair"):
                letters = "EW"
            _add(report, letters)
    for report in reports:
        if report.kind == "registry":
            _add_run(
                report, "clinicaltrials", report.published <= FIRST_RUN, report.published >= datetime.date(2026, 1, 1)
            )
        elif report.special in ("citation", "contact"):
            report.found[report.special] = list(RUNS[report.special])
    for report in [r for r in reports if r.fate == "included" and "pubmed" in r.found][2:5] + [
        r for r in reports if r.topic == "review" and "pubmed" in r.found
    ][:2]:
        report.found["citation"] = list(RUNS["citation"])
    _number(reports)
    _link(reports)


def _link(reports: list[Report]) -> None:
    """Say in errata and retractions what they are about, as PubMed does."""
    by_key = {report.key: report for report in reports}
    for report in reports:
        if report.kind in ("erratum", "retraction"):
            base = by_key[report.relation.rsplit(" ", 1)[1]]
            report.facts["linked"] = _reference(base)
            if report.kind == "retraction":
                base.facts["linked"] = _reference(report)


def _reference(report: Report) -> str:
    pages = "-".join(page for page in report.pages if page)
    doi = f" doi: {report.doi}." if report.doi else ""
    number = f" PMID: {report.pmid}" if report.pmid else ""
    issue = f"({report.issue})" if report.issue else ""
    return f"{report.journal[1]}. {report.published.year};{report.volume}{issue}:{pages}.{doi}{number}"


def _is_listed(report: Report) -> bool:
    return report.kind != "registry" and report.special not in ("citation", "contact")


def _shared_out(weights: dict[str, int], number: int, key: str) -> list[str]:
    total = sum(weights.values())
    letters = list(chain.from_iterable([name] * round(number * weight / total) for name, weight in weights.items()))
    letters = (letters + ["P"] * number)[:number]
    chance("letters", key).shuffle(letters)
    return letters


def _add(report: Report, letters: str) -> None:
    for letter in letters:
        source = LETTERS[letter]
        if source == "wos":
            report.found[source] = list(RUNS[source])
        else:
            late = datetime.timedelta(2 if source == "embase" else 0)
            entered = report.entered + late
            _add_run(report, source, entered <= FIRST_RUN, entered >= SECOND_FROM)


def _add_run(report: Report, source: str, first: bool, second: bool) -> None:
    runs = RUNS[source]
    report.found[source] = [run for run, is_in in zip(runs, (first, second), strict=True) if is_in]


def _number(reports: list[Report]) -> None:
    in_order = sorted(reports, key=lambda r: (r.entered, r.key))
    pmid, embase, wos = 90000001, 2990000017, 900000000031
    shared: dict[str, str] = {}
    for serial, report in enumerate(in_order):
        rng = chance(report.key, "numbers")
        journal = "".join(word[0] for word in report.journal[1].split()).lower() or "thesis"
        report.doi = f"10.5555/prismake.{journal}.{report.published.year}.{serial + 1:04d}"
        if report.special.startswith("doi pair"):
            report.doi = shared.setdefault(report.special, report.doi)
        if report.kind in ("registry", "thesis") or (report.kind in ("letter", "article") and rng.random() < 0.03):
            report.doi = ""
        if "pubmed" in report.found:
            report.pmid = str(pmid)
            report.accessions["pubmed"] = [report.pmid]
            pmid += rng.randint(1, 380)
        if "embase" in report.found:
            report.accessions["embase"] = [str(embase)]
            embase += rng.randint(1, 9000)
            if (
                serial % 61 == 5 and report.kind == "article"
            ):  # the article in press and the final one, both still there
                report.accessions["embase"].append(str(embase))
                embase += rng.randint(1, 9000)
        if "wos" in report.found:
            report.accessions["wos"] = [f"WOS:000{wos}"]
            wos += rng.randint(1, 90000)
        if report.kind == "registry":
            report.accessions["clinicaltrials"] = report.registry_ids[:1]
        if "citation" in report.found:
            digits = f"{rng.randint(0, 10**12 - 1):012d}"
            report.accessions["citation"] = ["-".join(["999", *(digits[i : i + 3] for i in range(0, 12, 3))])]
        if "contact" in report.found:
            report.accessions["contact"] = ["sent-1"]
