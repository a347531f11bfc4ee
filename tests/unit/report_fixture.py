"""A small invented review as the stages before the report leave it.

`write_review(folder, kind)` makes a `finished` review, one that is `half` screened, or one with `zero` records. The
ledger and the flow diagram are made by the PRISMA stage from the decisions written here, so that every sum holds.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from prismake.config import check, write_checked
from prismake.errors import FAULT_COLUMNS
from prismake.extraction.tables import OUTCOME_COLUMNS
from prismake.prisma import draw, flow_file, review
from prismake.publish import write_csv, write_json, write_text
from prismake.records import REPORT_SCHEMA, SCHEMA, write_parquet
from prismake.report.load import Review, load, read_config
from prismake.screening.agreement import COLUMNS as AGREEMENT

NOTICE = "Every record in this example is invented; it shows the workflow and says nothing about medicine."
REASONS = ["Wrong population", "Wrong intervention", "No original data"]
FAMILIES = ["Adler", "Brandt", "Costa", "Dietz", "Ekman", "Fabre", "Girard", "Holm", "Ivers", "Janda"]
MODELS = ["myocardial infarction", "acute kidney injury", "skin wounds", "osteoarthritis", "ischaemic stroke"]
EFFECTS = ["reduce inflammation", "carry miR-0001", "improve function", "do not change survival", "reach the lesion"]
THEMES = ["functional mechanism", "clinical translation", "targeting", "components"]
DIRECTIONS = ["benefit", "no difference", "mixed"]
DESIGNS = ["animal experiment", "early trial", "in vitro only"]
SOURCES: dict[str, dict[str, Any]] = {
    "pubmed": {"database": "PubMed", "platform": "E-utilities", "kind": "database", "live": "pubmed"},
    "embase": {"database": "Embase", "platform": "Ovid", "kind": "database"},
    "ctgov": {"database": "ClinicalTrials.gov", "kind": "register"},
    "citations": {"database": "Citation searching", "kind": "citation"},
    "experts": {"database": "Reports sent by experts", "kind": "contact"},
}
STRATEGY = '"mesenchymal stem cell" AND "exosome"'
FORM = """form: {id: example, version: 1.0.0, title: Example form}
missing: {NR: not reported}
lists: {themes: [components, functional mechanism, targeting, clinical translation]}
levels:
  study:
    key: [study_id]
    fields:
      - {id: design, label: Design, type: choice, options: [in vitro only, animal experiment, early trial]}
      - {id: model, label: Disease model, type: text}
      - {id: n_total, label: Animals or participants, type: integer}
  claim:
    key: [study_id, claim_id]
    parent: study
    fields:
      - {id: theme, label: Theme, type: choice, list: themes}
      - {id: claim, label: What the study found, type: text}
      - {id: direction, label: Direction, type: choice, options: [benefit, no difference, harm, mixed]}
"""


PROGRESS = ["stage", "person", "file", "rows", "decided", "pending", "faults"]

Row = dict[str, Any]


def write_review(
    folder: Path, kind: str = "finished", title: str = "", url: str = "", **texts: Any
) -> tuple[Path, Path]:
    """Write the review; returns the paths of its checked config and of its results.

    `title` and `url` replace those of every third report; `texts` override keys of config's `review`.
    """
    reports = [] if kind == "zero" else [_report(i, kind, title, url) for i in range(64)]
    results = folder / "results"
    config = _config(folder, kind, texts)
    _write_search(results, _records(reports))
    _write_records(results, reports)
    _write_decisions(results, reports)
    _write_progress(results, reports, kind)
    _write_extraction(results, reports, kind)
    _write_prisma(results, config)
    return Path(write_checked(config, folder / "config.json")), results


@cache
def loaded(kind: str = "finished") -> Review:
    """The review as the report reads it. Shared by the tests of a run: vary it with dataclasses.replace."""
    with TemporaryDirectory() as folder:
        config, results = write_review(Path(folder), kind)
        return load(read_config(config)[0], results)


def with_config(review: Review, *path: str, value: Any) -> Review:
    """The review with one value of its configuration changed: with_config(r, "review", "title", value="T")."""
    config = copy.deepcopy(review.config)
    *parents, last = path
    place = config
    for key in parents:
        place = place[key]
    place[last] = value
    return replace(review, config=config)


def _config(folder: Path, kind: str, overrides: Row) -> dict[str, Any]:
    write_text(folder / "form.yaml", FORM)
    for source in ("embase", "ctgov", "citations", "experts"):
        write_text(folder / f"{source}.ris", "")
    runs = {
        "embase": [
            {
                "date": "2025-06-10",
                "files": ["embase.ris"],
                "by": "Ana Examplar",
                "peer_review": "PRESS, by Dora Invent",
            },
            {
                "date": "2026-02-10",
                "files": ["embase.ris"],
                "by": "Ana Examplar",
                "limits": "English; to keep it short",
            },
        ]
    }
    sources = {
        name: source
        | {"strategy": STRATEGY}
        | ({} if "live" in source else {"runs": runs.get(name, [{"date": "2026-02-11", "files": [f"{name}.ris"]}])})
        for name, source in SOURCES.items()
    }
    texts = {
        "title": "Exosomes from mesenchymal stem cells in tissue repair: an example review",
        "notice": NOTICE,
        "authors": ["Ana Examplar", "Ben Fictional", "Cleo Madeup"],
        "registration": {"registry": "Example registry", "id": "EX-0001", "date": "2025-05-01"},
        "protocol": "https://example.org/protocol",
        "question": "Do exosomes from mesenchymal stem cells improve tissue repair?",
        "objective": "To map what animal studies and early trials report on exosomes from mesenchymal stem cells.",
        "conclusion": "" if kind == "half" else "The invented studies point to benefit in most models.",
        "key_words": ["exosomes", "mesenchymal stem cells", "tissue repair"],
        "funding": "None.",
        "interests": "None.",
        "eligibility": {
            "include": ["Animal studies and trials of exosomes from mesenchymal stem cells", "Any comparator"],
            "exclude": ["Reviews, letters and comments"],
        },
        "amendments": [{"date": "2025-09-01", "change": "In vitro studies were added.", "reason": "Few trials."}],
    }
    people = {"ana": {"name": "Ana Examplar"}, "ben": {"name": "Ben Fictional"}, "cleo": {"share": 0}}
    config = {
        "review": texts | overrides,
        "search": {"sources": sources},
        "screening": {"people": people, "filters": {"languages": ["eng"]}, "reasons": REASONS, "pilot": 10},
        "extraction": {"form": "form.yaml", "people": ["ana"]},
        "report": {"characteristics": ["study.design", "study.model", "study.n_total", "claim.theme"]},
    }
    checked = check(config, folder)
    checked["extraction"]["form"] = (folder / "form.yaml").as_posix()
    return checked


def _report(i: int, kind: str, title: str, url: str) -> Row:
    """One of sixty reports from databases and a register, or of four found otherwise, in one state."""
    source = "experts" if i == 63 else "citations" if i >= 60 else "ctgov" if i % 12 == 11 else "pubmed"
    report = {
        "id": f"{source}:{i:04d}",
        "number": i,
        "source": source,
        "title": f"Exosomes from mesenchymal stem cells {EFFECTS[i % 5]} in {MODELS[i * 7 % 5]}, part {i + 1}",
        "authors": [
            f"{FAMILIES[i % 10]}, Nora Jane",
            f"{FAMILIES[(i + 3) % 10]}, T.",
            f"{FAMILIES[(i + 5) % 10]}, Max",
        ],
        "year": 2012 + i % 14,
        "url": "https://example.org/report",
        "state": _state(i, kind),
    }
    return report | ({"title": title or report["title"], "url": url or report["url"]} if i % 3 == 0 else {})


def _state(i: int, kind: str) -> str:
    if i in (12, 44):
        return "filtered"
    if kind == "half":
        early = dict.fromkeys(range(4), "included") | dict.fromkeys((4, 5), "pending_retrieval")
        early |= {6: "pending", 7: "not_retrieved", 8: "excluded", 9: "conflict", 10: "conflict"}
        return early.get(i, "screened out" if i < 30 else "pending_screening")
    late = dict.fromkeys(range(17, 24), "excluded") | {60: "included", 61: "excluded", 63: "included"}
    late |= {13: "ongoing", 14: "awaiting_classification", 15: "not_retrieved", 16: "not_retrieved"}
    return late.get(i, "included" if i < 12 else "screened out")


def _records(reports: list[Row]) -> list[Row]:
    """One row per record and run: every third report is in Embase too, every tenth was found again in PubMed."""
    rows = []
    for report in reports:
        found = [(report["source"], "2025-06-10" if report["source"] == "pubmed" else "2026-02-11")]
        found += [("embase", "2026-02-10")] if report["number"] % 3 == 0 and report["number"] < 60 else []
        found += [("pubmed", "2026-02-10")] if report["source"] == "pubmed" and report["number"] % 10 == 5 else []
        details = {"title": report["title"], "authors": report["authors"], "year": report["year"], "url": report["url"]}
        details |= {"journal": "Journal of Invented Results", "volume": str(report["number"] + 1), "issue": "2"}
        details |= {"pages": f"{100 + report['number']}-{109 + report['number']}"}
        details |= {"doi": f"10.5555/inv.{report['number']:04d}", "pmid": str(90000001 + report["number"])}
        rows += [
            dict.fromkeys(SCHEMA)
            | {"record_id": f"{source}:{report['number']:04d}", "source_id": source, "run_date": date}
            | details
            | {"report_id": report["id"]}
            for source, date in found
        ]
    return rows


def _write_search(results: Path, records: list[Row]) -> None:
    searches = []
    for source, facts in SOURCES.items():
        runs = []
        for date in ["2025-06-10", "2026-02-10"] if facts["kind"] == "database" else ["2026-02-11"]:
            n = sum(1 for record in records if (record["source_id"], record["run_date"]) == (source, date))
            file = {"path": f"resources/search/{source}.ris", "sha256": "0" * 64, "bytes": 1000, "format": "ris"}
            file |= {"dialect": None, "encoding": "utf-8", "counted": n, "parsed": n, "rejected": 0, "warnings": []}
            file |= {"no_title": 0, "no_abstract": min(n, 1), "no_year": 0, "no_doi": 0}
            search = {"label": "", "strategy": STRATEGY, "translation": None, "reported": None, "retrieved": n}
            if source == "pubmed":
                search |= {
                    "translation": '"mesenchymal stem cell"[All Fields] AND "exosome"[All Fields]',
                    "reported": n,
                }
            run = {"run_date": date, "searches": [search], "limits": None, "by": None, "peer_review": None}
            if source == "embase":
                run |= {
                    "by": "Ana Examplar",
                    "peer_review": "PRESS, by Dora Invent",
                    "limits": "English; to keep it short",
                }
            runs.append(run | {"declared": n, "imported": n, "files": [file]})
        searches.append({"source": source, "runs": runs})
    write_json(results / "search/searches.json", searches)


def _write_records(results: Path, reports: list[Row]) -> None:
    records = _records(reports)
    folder = results / "records"
    write_parquet(folder / "all.parquet", pl.DataFrame([{n: r[n] for n in SCHEMA} for r in records], schema=SCHEMA))
    clusters = {r["record_id"]: [r["record_id"], r["source_id"], "", r["report_id"]] for r in records}
    write_csv(folder / "clusters.csv", ["record_id", "source_id", "source_record_id", "cluster_id"], clusters.values())
    first = {record["report_id"]: record for record in reversed(records)}
    unique = [{**first[r["id"]], "members": [r["id"]], "sources": [r["source"]]} for r in reports]
    write_parquet(folder / "unique.parquet", pl.DataFrame(unique, schema=REPORT_SCHEMA))
    merged = [["pubmed:0000", "embase:0000", "merge", "1.0", "doi"]]
    write_csv(
        folder / "pairs.csv", ["record_id_1", "record_id_2", "band", "score", "reasons"], merged if reports else []
    )


def _write_decisions(results: Path, reports: list[Row]) -> None:
    folder = results / "screening"
    early = {"screened out": "excluded", "conflict": "conflict", "pending_screening": "pending"}
    entered = [r for r in reports if r["state"] != "filtered"]
    kept = [r for r in entered if r["state"] not in early]
    outcomes = {"not_retrieved": "not_retrieved", "pending_retrieval": "pending"}
    tried = "library, e-mail to the author"
    filtered = [[r["id"], "languages", "chi"] for r in reports if r["state"] == "filtered"]
    write_csv(folder / "filters.csv", ["report_id", "filter", "value"], filtered)
    screened = [[r["id"], early.get(r["state"], "included"), "human"] for r in entered]
    write_csv(folder / "title_abstract/decisions.csv", ["report_id", "state", "by"], screened)
    sought = [[r["id"], outcomes.get(r["state"], "retrieved"), tried, "2026-03-01", "ana"] for r in kept]
    write_csv(folder / "retrieval.csv", ["report_id", "outcome", "tried", "date", "person"], sought)
    read = [r for r in kept if r["state"] not in outcomes]
    reasons = {r["id"]: REASONS[r["number"] % 3] if r["state"] == "excluded" else "" for r in read}
    assessed = [[r["id"], r["state"], reasons[r["id"]]] for r in read]
    write_csv(folder / "full_text/decisions.csv", ["report_id", "state", "reason"], assessed)
    checked = int(not any(r["state"] == "pending" for r in reports))
    by = "ana" if checked else ""
    links = [[r["id"], study, checked, by] for r in reports if r["state"] == "included" for study in _studies(r)]
    write_csv(folder / "studies.csv", ["report_id", "study_id", "checked", "person"], links)
    voted = [r for r in entered if r["state"] != "pending_screening"]
    _write_votes(folder, "title_abstract", voted, lambda r: early.get(r["state"], "included"))
    _write_votes(folder, "full_text", [r for r in read if r["state"] != "pending"], lambda r: r["state"])


def _write_votes(folder: Path, stage: str, reports: list[Row], state: Callable[[Row], str]) -> None:
    """Those of ana and ben, who disagree on conflicts, and in a finished review on two that cleo excluded."""
    votes = []
    for report in reports:
        kept, about = state(report) != "excluded", (report["id"], report["id"])
        settled = stage == "title_abstract" and report["state"] == "screened out" and report["number"] in (30, 31)
        votes.append([stage, *about, "ana", "include" if kept or settled else "exclude"])
        disputed = settled or state(report) == "conflict"
        votes.append([stage, *about, "ben", "include" if kept and not disputed else "exclude"])
        votes += [[f"{stage}_conflicts", *about, "cleo", "exclude"]] if settled else []
    write_csv(folder / stage / "votes.csv", ["stage", "record_id", "report_id", "person", "decision"], votes)


def _studies(report: Row) -> list[str]:
    """Reports 0 and 1 are of one study, report 2 is of two, every other one is of its own."""
    number = report["number"]
    own = f"{report['authors'][0].split(',')[0]} {report['year']}"
    return {0: ["Adler 2012"], 1: ["Adler 2012"], 2: ["Costa 2014a", "Costa 2014b"]}.get(number, [own])


def _write_progress(results: Path, reports: list[Row], kind: str) -> None:
    folder = results / "screening"
    half, n = kind == "half", 62 if reports else 0
    left = 28 if half else 0
    form = "resources/screening/{0}/{1}.{0}.01.xlsx".format
    rows = [["title_abstract", p, form(p, "title_abstract"), n, n - left, left, int(half)] for p in ("ana", "ben")]
    rows += [
        ["title_abstract_conflicts", "cleo", form("cleo", "title_abstract_conflicts"), 2, 2 - left // 14, left // 14, 0]
    ]
    write_csv(folder / "progress.csv", PROGRESS, rows if reports else [])
    waiting = [["title_abstract", "ben", "records without a second person", 2, ""]] if half else []
    write_csv(folder / "waiting.csv", ["stage", "person", "what", "count", "file"], waiting)
    fault = ["title_abstract", "ana", form("ana", "title_abstract"), "Screening", "H12", "pubmed:0031"]
    fault += ["'yess' is not in the list of 'decision'", "Choose one of: include, exclude, maybe"]
    write_csv(folder / "faults.csv", FAULT_COLUMNS, [fault] if half else [])
    title_abstract = ["title_abstract", "all", "ana", "ben", 62, 24, 1, 1, 36, "0.968", "0.933", "0.841", "1.000"]
    title_abstract += ["0.935", "0.938", "0.851", "1.000", "0.403"]
    full_text = ["full_text", "all", "ana", "ben", 22, 22, 0, 0, 0, "1.000", "", "", ""]
    full_text += ["1.000", "1.000", "1.000", "1.000", "1.000"]
    write_csv(folder / "agreement.csv", AGREEMENT, [title_abstract, full_text] if reports else [])


def _write_extraction(results: Path, reports: list[Row], kind: str) -> None:
    folder = results / "extraction"
    studies = sorted({study for r in reports if r["state"] == "included" for study in _studies(r)})
    done = studies[: len(studies) // 2] if kind == "half" else studies
    file = "resources/extraction/ana/extraction.ana.01.xlsx"
    rows = [["ana", study, DESIGNS[i % 3], MODELS[i % 5], 12 + i, file, i + 2] for i, study in enumerate(done)]
    write_csv(folder / "study.csv", ["people", "study_id", "design", "model", "n_total", "file", "row"], rows)
    claims = [
        [
            "ana",
            study,
            f"c{j}",
            THEMES[(i + j) % 4],
            f"Exosomes {EFFECTS[(i + j) % 5]}.",
            DIRECTIONS[i * j % 3],
            file,
            j,
        ]
        for i, study in enumerate(done)
        for j in range(1 + i % 3)
    ]
    columns = ["people", "study_id", "claim_id", "theme", "claim", "direction", "file", "row"]
    write_csv(folder / "claim.csv", columns, claims)
    progress = [["extraction", "ana", file, len(studies), len(done), len(studies) - len(done), 0]] if studies else []
    write_csv(folder / "progress.csv", PROGRESS, progress)
    outcomes = [[study, 1, int(study in done), "ana", 0, int(study in done)] for study in studies]
    write_csv(folder / "forms/outcomes.csv", OUTCOME_COLUMNS, outcomes)
    write_csv(folder / "faults.csv", FAULT_COLUMNS, [])


def _write_prisma(results: Path, config: Row) -> None:
    screening, records, out = results / "screening", results / "records", results / "prisma"
    review.write_review(
        config,
        records=records / "all.parquet",
        clusters=records / "clusters.csv",
        unique=records / "unique.parquet",
        filters=screening / "filters.csv",
        title_abstract=screening / "title_abstract/decisions.csv",
        retrieval=screening / "retrieval.csv",
        full_text=screening / "full_text/decisions.csv",
        studies=screening / "studies.csv",
        out=out,
    )
    draw.draw(flow_file.read_flow(out / "flow.json"), out, ["svg"])
