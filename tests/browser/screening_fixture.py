"""A form issued with its screening page, and how a person works on it."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import yaml

from prismake.config import check
from prismake.forms import log
from prismake.publish import read_csv, write_csv
from prismake.records import REPORT_SCHEMA, write_parquet
from prismake.screening.collect import collect_decisions
from prismake.screening.issue import issue_screening

HOSTILE = [
    '</script><script>alert("title")</script> & <b>bold</b> <!-- "quoted" \u2028',
    '=HYPERLINK("javascript:alert(1)")',
    "-omics of vesicles, a 'review'; \U0001f9ea\u200d\U0001f52c",
    "تأثير الحويصلات على نقص التروية",
    "间充质干细胞外泌体对大鼠的作用",
]
TITLES = [*HOSTILE, *(f"Exosomes in injury, experiment {number}" for number in range(6, 33))]
IDS = [f"pm:{number:02d}" for number in range(1, len(TITLES) + 1)]
ABSTRACT = "BACKGROUND: Conditioned-medium was known. METHODS: Rats were given exosomes. RESULTS: They healed."
CONFIG = {
    "review": {
        "title": "Exosomes & <i>rats</i>",
        "eligibility": {"include": ["Exosomes of stem cells"], "exclude": ["Reviews </aside>"]},
    },
    "search": {"sources": {"pm": {"database": "PubMed", "kind": "database", "live": "pubmed", "strategy": "rats"}}},
    "screening": {
        "people": {"ana": {"name": "Ana Okafor"}, "cleo": {"share": 0}},
        "reviewers_per_record": 1,
        "pilot": 0,
        "reasons": ["Wrong population", "Wrong outcome"],
        "highlight": {"include": ["exosom*", "外泌体"], "exclude": ["conditioned medium"]},
    },
}
ROOT = Path(__file__).parents[2]
FOLDER = Path("resources/screening/ana")
OUT = Path("results/screening")


def issue(stage: str) -> str:
    """Issue 32 records to ana for this stage; returns the address of the page."""
    blank = dict.fromkeys(REPORT_SCHEMA)
    reports = [
        {**blank, "report_id": i, "title": title, "authors": ["Okafor, A"], "year": 2020, "url": "javascript:alert(2)"}
        | {"abstract": title if title in HOSTILE else ABSTRACT, "doi": "" if title in HOSTILE else "10.5555/<a>"}
        for i, title in zip(IDS, TITLES, strict=True)
    ]
    write_parquet(Path("unique.parquet"), pl.DataFrame(reports, schema=REPORT_SCHEMA))
    write_csv(
        "clusters.csv", ["record_id", "source_id", "source_record_id", "cluster_id"], [[i, "pm", i, i] for i in IDS]
    )
    assert collect(stage) == {}
    issue_screening(stage, check(CONFIG), Path("unique.parquet"), Path("clusters.csv"), OUT / stage)
    return (FOLDER / f"{stage}.ana.01.html").resolve().as_uri()


def collect(stage: str, *forms: Path) -> dict[str, tuple[str, str, str]]:
    """(decision, reason, note) by record id; these files were read without a fault."""
    paths = [path.as_posix() for path in forms]
    collect_decisions(stage, check(CONFIG), IDS, Path("unique.parquet"), Path("clusters.csv"), paths, [], OUT / stage)
    assert read_csv(OUT / stage / "faults.csv") == []
    return {
        row["record_id"]: (row["decision"], row["reason"], row["note"]) for row in read_csv(OUT / stage / "votes.csv")
    }


def run_workflow() -> dict[str, tuple[str, str, str]]:
    """(decision, reason, note) by record id in the log of votes, after `snakemake screen` on all that lies there."""
    export = Path("resources/search/pm/export.csv")
    rows = [[i.removeprefix("pm:"), title, f"10.5555/{i[3:]}"] for i, title in zip(IDS, TITLES, strict=True)]
    write_csv(export, ["record_id", "title", "doi"], rows)
    source = {"database": "PubMed", "kind": "database", "strategy": "rats", "date": "2026-01-10"}
    config = {**CONFIG, "search": {"sources": {"pm": {**source, "files": [export.as_posix()]}}}}
    Path("config").mkdir()
    Path("config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [Path(sys.executable).with_name("snakemake"), "--directory", Path.cwd(), "--cores", "2", "screen"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert read_csv(OUT / "faults.csv") == []
    counting = [row for row in read_csv(OUT / "log.csv") if row["counts"] == "1"]
    return {row["record_id"]: (row["decision"], row["reason"], row["note"]) for row in counting}


def press(page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page, button: str = "#save") -> Path:
    """Save and put the file beside the form."""
    with page.expect_download() as download:
        page.locator(button).click()
    path = FOLDER / download.value.suggested_filename
    download.value.save_as(path)
    return path


def text(page, selector: str) -> str:
    return page.locator(selector).inner_text()


def order() -> list[str]:
    """The record ids in the order of the form."""
    return list(log()[0].ids)
