"""The screening page: one self-contained HTML file that asks what a form asks, for a browser without any network.

A content security policy allows this style and this script and nothing else; what people decide stays in their browser
until they save it as a CSV, which is read like any form.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from prismake.screening.sheets import DECISIONS, TASKS, offered_reasons
from prismake.spreadsheet.text import clean
from prismake.templates import environment, policy_hash

_DATA = Path(__file__).parents[1] / "data" / "screening"
_SCRIPTS = (
    "page_data.js",
    "page_csv.js",
    "page_votes.js",
    "page_record.js",
    "page_list.js",
    "page_duplicate.js",
    "page.js",
    "page_keys.js",
)  # one closure, in this order
_BLOCK = 100  # records to a script element: WebKit takes minutes over one of 20 MB
_STAGES = {
    "title_abstract": "Title and abstract",
    "title_abstract_conflicts": "Title and abstract, conflicts",
    "full_text": "Full text",
    "full_text_conflicts": "Full text, conflicts",
}
_DONE = {"include": "Included", "exclude": "Excluded"}
_SYMBOLS = {"include": "✓", "exclude": "✕", "maybe": "?"}

# Labels of a structured abstract: any in capitals; in ordinary spelling only those that abstracts are divided by.
_LABEL = re.compile(
    r"(?:^|(?<=[.!?)\]] )|(?<=\n))"
    r"((?=[^:a-z]*[A-Z]{3})[A-Z][A-Z0-9 ,/&'()-]{2,60}"
    r"|(?:Backgrounds?|Introduction|Context|Importance|Rationale|Aims?|Objectives?|Purpose|Hypothesis|Design"
    r"|Study design|Setting|Participants|Patients|Population|Interventions?|Exposures?|Comparison"
    r"|(?:Materials?|Patients|Subjects) and methods?|Methods?|Data sources|Main outcome measures?|Main outcomes?"
    r"|Outcomes?|Measurements?|Main results|Results?|Findings|Conclusions?|Interpretation|Discussion|Significance"
    r"|Limitations|Funding|(?:Trial )?[Rr]egistration))\s?: ?"
)


def draw_page(
    form: Path,
    kind: str,
    rows: list[dict[str, Any]],
    reports: Mapping[str, Mapping[str, Any]],
    config: Mapping[str, Any],
) -> str:
    """The page that asks what `form` asks: a form of this kind, issued with these rows (see sheets.report_row).

    reports: the rows of unique.parquet by report id, config: the whole configuration.
    """
    review, screening = config["review"], config["screening"]
    person = form.parent.name
    ids = [row["record_id"] for row in rows]
    key = json.dumps([review["title"], form.name, ids])
    data = {
        "key": "prismake:" + hashlib.sha256(key.encode()).hexdigest()[:16],
        "form": form.stem,
        "file": f"{form.stem}.csv",
        "folder": form.parent.as_posix(),
        "decisions": [
            {
                "value": value,
                "key": value[0],
                "label": value.capitalize(),
                "done": _DONE.get(value, value.capitalize()),
                "symbol": _SYMBOLS.get(value, ""),
            }
            for value in DECISIONS[kind]
        ],
        "reasons": offered_reasons(kind, screening),
        "reasonNeeded": kind.startswith("full_text"),
        "highlight": screening["highlight"],
    }
    records = [_record(kind, form, row, reports[row["record_id"]]) for row in rows]
    files = [(_DATA / name).read_text(encoding="utf-8") for name in _SCRIPTS]
    script = '"use strict";\n(() => {\n' + "\n".join(files) + "})();"
    style = (_DATA / "page.css").read_text(encoding="utf-8")
    return (
        environment(_DATA)
        .get_template("page.html.j2")
        .render(
            review=clean(review["title"]),
            stage=_STAGES[kind],
            person=screening["people"].get(person, {}).get("name") or person,
            round=int(form.stem.rsplit(".", 1)[-1]),
            form=form.name,
            task=TASKS[kind],
            decisions=data["decisions"],
            reasons=data["reasons"],
            duplicates="duplicate" in DECISIONS[kind],
            reason_needed=data["reasonNeeded"],
            criteria=review["eligibility"],
            highlighted=any(screening["highlight"].values()),
            file=data["file"],
            folder=data["folder"],
            total=len(rows),
            data=Markup(embedded(data)),
            records=[Markup(embedded(records[start : start + _BLOCK])) for start in range(0, len(records), _BLOCK)],
            style=Markup(style),
            style_hash=policy_hash(style),
            script=Markup(script),
            script_hash=policy_hash(script),
        )
    )


def embedded(value: Any) -> str:
    """JSON that may stand in a script element: no text in it can end the element or open a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def sections(abstract: str) -> list[tuple[str, str]]:
    """An abstract as its parts, each with its label ("" where it has none), in order and with nothing left out.

    Parts begin at a label of a structured abstract ("METHODS: ", "Results: ") or on a new line.
    """
    lines = [" ".join(line.split()) for line in clean(abstract).split("\n")]
    parts: list[tuple[str, str]] = []
    for line in filter(None, lines):
        before, *labelled = _LABEL.split(line)
        if before.strip():
            parts.append(("", before.strip()))
        parts += [(label.strip(), text.strip()) for label, text in zip(labelled[::2], labelled[1::2], strict=True)]
    return parts


def _record(kind: str, form: Path, row: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    about = (row["authors"], str(row["year"] or ""), row["journal"])
    return {
        "id": row["record_id"],
        "title": row["title"],
        "check": row["check"],
        "about": [clean(text) for text in about if text],
        "links": [*_links(row, report), *([] if kind.startswith("title_abstract") else _full_texts(form, row, report))],
        "abstract": sections(report["abstract"] or ""),
        "notice": "" if kind.startswith("title_abstract") else clean(row.get("notice", "")),
        "votes": row["votes"] if kind.endswith("_conflicts") else "",  # reviewers stay blind to each other
    }


def _links(row: Mapping[str, Any], report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the record can be read, as (text, address): http and https only, as in the forms."""
    links = []
    if report["doi"]:
        links.append((f"doi:{report['doi']}", f"https://doi.org/{report['doi']}"))
    if report["pmid"]:
        links.append((f"PubMed {report['pmid']}", f"https://pubmed.ncbi.nlm.nih.gov/{report['pmid']}/"))
    if not links and row["link"]:
        links.append((row["link"], row["link"]))
    return [(clean(text), clean(url)) for text, url in links if re.match("https?://", url)]


def _full_texts(form: Path, row: Mapping[str, Any], report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The files of the full text, as links from the page that lies beside the form, and where free copies may be."""
    files = row.get("full_text", "").split("\n") if row.get("full_text") else []
    links = [(Path(file).name, quote(os.path.relpath(file, form.parent).replace(os.sep, "/"))) for file in files]
    links += [("Free full text", row["free_full_text"])] if row["free_full_text"] else []
    place = f"MED/{report['pmid']}" if report["pmid"] else f"PMC/{report['pmcid']}" if report["pmcid"] else ""
    return links + ([("Europe PMC", f"https://europepmc.org/article/{place}")] if place else [])
