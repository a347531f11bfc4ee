"""Whether the PRISMA2020 R package reads and draws the numbers of our flow.csv.

    python benchmarks/r_package_check.py FOLDER [--flows 300]

FOLDER holds the source of the package (prisma-flowdiagram/PRISMA2020: the files of R/ that SCRIPT names). Rscript, the
packages scales and stringr, and Graphviz must be there (Debian: r-base-core, r-cran-scales, r-cran-stringr, graphviz).
A stub stands for DiagrammeR: it gives out the diagram's text as DiagrammeR's own grViz does (' becomes "), for Graphviz
to read. Each flow is new or an update, with or without other methods and a meta-analysis, a draft or not, and has
labels with every character that the format cannot hold. Compared are, as read, all 24 numbers, the four lists, the
labels and the mark of a draft; as drawn, which boxes there are and each box's numbers in their order. Ends with exit
code 1 when anything differs.
"""

import argparse
import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from prismake.prisma.flow_file import check_flow
from prismake.prisma.rcsv import LISTS, flow_csv, sanitise

SCRIPT = r"""
arguments <- commandArgs(trailingOnly = TRUE)
stub <- file.path(arguments[2], "stub", "DiagrammeR")
dir.create(file.path(stub, "R"), recursive = TRUE)
writeLines(c("Package: DiagrammeR", "Version: 1.0"), file.path(stub, "DESCRIPTION"))
writeLines("export(grViz)", file.path(stub, "NAMESPACE"))
writeLines("grViz <- function(diagram) gsub(\"'\", '\"', diagram)", file.path(stub, "R", "grViz.R"))
install.packages(stub, lib = arguments[2], repos = NULL, type = "source", quiet = TRUE)
.libPaths(c(arguments[2], .libPaths()))
for (name in c("data", "format", "default_or_csv", "get", "flowdiagram"))
  source(file.path(arguments[1], "R", paste0("PRISMA_", name, ".R")), encoding = "UTF-8")
PRISMA_insert_js_ <- function(plot, ...) plot  # puts the three side labels upright, in the browser
for (file in list.files(arguments[2], "[.]csv$", full.names = TRUE)) {
  found <- PRISMA_data(read.csv(file, encoding = "UTF-8"))
  rows <- list()
  for (name in setdiff(names(found), c("tooltips", "urls"))) {
    value <- found[[name]]
    if (is.data.frame(value)) {
      rows[[name]] <- data.frame(name = name, label = value[, 1], n = value[, 2])
    } else {
      rows[[name]] <- data.frame(name = name, label = "", n = value)
    }
  }
  write.csv(do.call(rbind, rows), paste0(file, ".read"), row.names = FALSE, fileEncoding = "UTF-8")
  shown <- as.list(read.csv(paste0(file, ".options")))
  drawn <- suppressWarnings(do.call(PRISMA_flowdiagram, c(list(found), lapply(shown, as.logical))))
  writeLines(enc2utf8(drawn), paste0(file, ".dot"), useBytes = TRUE)
}
"""
WORDS = [
    "Wrong population",
    "Didn't report",
    'Said "no"',
    "A; B, C",
    "a\\b",
    "知网",
    "Größe ≥ 5 & <b>",
    "x@@1",
    "two\nlines",
]
RETRIEVAL = ("sought_reports", "notretrieved_reports", "assessed")
OTHER = ("website_results", "organisation_results", "citations_results")


def random_flow(chance: random.Random, number: int) -> dict[str, Any]:
    """A flow whose sums hold; the bits of its number say which variant it is."""
    update, other, analysis, draft = (bool(number >> bit & 1) for bit in range(4))
    boxes: dict[str, Any] = {
        "database_results": {"items": labelled(chance, 200_000)},
        "register_results": {"n": chance.randrange(5_000)},
    }
    boxes["database_specific_results"] = boxes["database_results"]
    boxes["database_results"] = total(boxes["database_specific_results"])
    left = boxes["database_results"]["n"] + boxes["register_results"]["n"]
    for name in ("duplicates", "excluded_automatic", "excluded_other"):
        boxes[name] = {"n": chance.randint(0, left // 3)}
        left -= boxes[name]["n"]
    boxes["records_screened"] = {"n": left, "label": chance.choice(WORDS)}
    boxes["pending_screening"] = {"n": chance.randint(0, left // 2) if draft else 0}
    left -= boxes["pending_screening"]["n"]
    boxes["records_excluded"] = {"n": chance.randint(left // 2, left)}
    left -= boxes["records_excluded"]["n"]
    reports = column(chance, boxes, "dbr", left)
    if other:
        for name in chance.sample([*OTHER, "contact_results", "handsearch_results"], chance.randint(1, 5)):
            boxes[name] = {"n": chance.randint(1, 90)}
        found = sum(boxes[name]["n"] for name in boxes if name in (*OTHER, "contact_results", "handsearch_results"))
        reports += column(chance, boxes, "other", chance.randint(0, found))
    boxes["new_reports"] = {"n": reports}
    boxes["new_studies"] = {"n": chance.randint(min(reports, 1), reports)}
    if update:
        studies = chance.randint(1, 50)
        boxes |= {"previous_studies": {"n": studies}, "previous_reports": {"n": studies + chance.randint(0, 20)}}
        for unit in ("studies", "reports"):
            boxes[f"total_{unit}"] = {"n": boxes[f"previous_{unit}"]["n"] + boxes[f"new_{unit}"]["n"]}
    if analysis:
        whole = "total" if update else "new"
        studies = chance.randint(0, boxes[f"{whole}_studies"]["n"])
        boxes["total_studies_ma"] = {"n": studies}
        boxes["total_reports_ma"] = {"n": chance.randint(studies, boxes[f"{whole}_reports"]["n"])}
    return check_flow({"boxes": boxes})


def column(chance: random.Random, boxes: dict[str, Any], prefix: str, sought: int) -> int:
    """Retrieval and eligibility of one column; returns how many reports it includes."""
    boxes[f"{prefix}_sought_reports"] = {"n": sought}
    boxes[f"{prefix}_notretrieved_reports"] = {"n": chance.randint(0, sought // 4)}
    assessed = sought - boxes[f"{prefix}_notretrieved_reports"]["n"]
    boxes[f"{prefix}_assessed"] = {"n": assessed}
    boxes[f"{prefix}_excluded"] = {"items": labelled(chance, assessed)} if assessed else {"n": 0}
    return assessed - total(boxes[f"{prefix}_excluded"])["n"]


def labelled(chance: random.Random, most: int) -> list[dict[str, Any]]:
    """One to nine lines with different labels, together at most so many."""
    lines = []
    for label in chance.sample(WORDS, chance.randint(1, len(WORDS))):
        lines.append({"label": label, "n": chance.randint(0, most // 3)})
        most -= lines[-1]["n"]
    return lines


def total(box: dict[str, Any]) -> dict[str, Any]:
    return {"n": box["n"] if "n" in box else sum(line["n"] for line in box["items"])}


def expected(flow: dict[str, Any]) -> dict[str, Any]:
    """What the package has to find, by its names: numbers, and lists of (label, number)."""
    boxes = flow["boxes"]
    wanted: dict[str, Any] = {name: box["n"] for name, box in boxes.items() if name not in LISTS}
    for name in LISTS:
        items = boxes.get(name, {}).get("items")
        wanted[name] = [(sanitise(item["label"], listed=True), item["n"]) for item in items] if items else None
    wanted["other"] = sum(
        boxes[name]["n"] for name in (*OTHER, "contact_results", "handsearch_results") if name in boxes
    )
    wanted["records_screened_text"] = sanitise(boxes["records_screened"]["label"])
    return wanted


def differences(flow: dict[str, Any], read: Path) -> list[str]:
    with read.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append((row["label"], row["n"]))
    wanted, wrong = expected(flow), []
    for name in (name for name in found if not name.endswith("_text") and name not in (*LISTS, *OTHER)):
        if found[name] != [("", f"{wanted.get(name, 0):,}")]:
            wrong.append(f"{name}: {found[name]} is not {wanted.get(name, 0)}")
    for name in LISTS:
        if wanted[name] is not None:
            right = found[name] == [(label, f"{n:,}") for label, n in wanted[name]]
        elif "specific" in name:  # the template's placeholder
            right = found[name][0][0] in ("Database 1", "Register 1")
        else:
            right = found[name] == [("", f"{flow['boxes'].get(name, {}).get('n', 0):,}")]
        if not right:
            wrong.append(f"{name}: {found[name]} is not {wanted[name]}")
    if sum(int(found[name][0][1].replace(",", "")) for name in OTHER) != wanted["other"]:
        wrong.append("the methods of the other column do not add up")
    if found["records_screened_text"] != [("", wanted["records_screened_text"])]:
        wrong.append(f"the label {found['records_screened_text']} is not {wanted['records_screened_text']}")
    if found["newstud_text"][0][1].startswith("DRAFT: ") != bool(flow["draft"]):
        wrong.append("the mark of a draft")
    return wrong


def options(flow: dict[str, Any]) -> dict[str, bool]:
    """The options of PRISMA_flowdiagram that show all that this flow has."""
    boxes = flow["boxes"]
    return {
        "previous": "previous_studies" in boxes,
        "other": "other_sought_reports" in boxes,
        "meta_analysis": "total_studies_ma" in boxes,
        "detail_databases": "items" in boxes["database_specific_results"],
    }


def expected_drawing(flow: dict[str, Any]) -> dict[str, list[int]]:
    """By the package's number of a box, but for that of the other methods: its numbers from top to bottom."""
    boxes, shown = flow["boxes"], options(flow)
    lines = {name: [item["n"] for item in boxes.get(name, {}).get("items", [])] for name in LISTS}
    wanted = {
        "4": ["database_results", *lines["database_specific_results"], "register_results"],
        "5": ["duplicates", "excluded_automatic", "excluded_other"],
        "6": ["records_screened"],
        "7": ["records_excluded"],
        **{str(box): [f"dbr_{name}"] for box, name in enumerate(RETRIEVAL, start=8)},
        "11": lines["dbr_excluded"] or ["dbr_excluded"],
        "12": ["new_studies", "new_reports"],
    }
    if shown["previous"]:
        wanted |= {"2": ["previous_studies", "previous_reports"], "19": ["total_studies", "total_reports"]}
    if shown["other"]:
        wanted |= {str(box): [f"other_{name}"] for box, name in enumerate(RETRIEVAL, start=15)}
        wanted["18"] = lines["other_excluded"] or ["other_excluded"]
    if shown["meta_analysis"]:
        wanted["23"] = ["total_studies_ma", "total_reports_ma"]
    return {
        box: [number if isinstance(number, int) else boxes.get(number, {}).get("n", 0) for number in numbers]
        for box, numbers in wanted.items()
    }


def drawing_differences(flow: dict[str, Any], dot: Path) -> list[str]:
    read = subprocess.run(["neato", "-Tdot_json", dot], capture_output=True, text=True, encoding="utf-8")
    if read.returncode:
        return [f"Graphviz cannot read the drawing: {read.stderr.strip()}"]
    found = {
        node["name"]: [int(number.replace(",", "")) for number in re.findall(r"\(n\s=\s([\d,]+)\)", node["label"])]
        for node in json.loads(read.stdout)["objects"]
        if "(n" in node.get("label", "")
    }
    methods, wanted = found.pop("14", []), expected_drawing(flow)
    wrong = [f"box {box}: {found.get(box)} is not {wanted[box]}" for box in wanted if found.get(box) != wanted[box]]
    if sum(methods) != expected(flow)["other"]:
        wrong.append("the methods of the other column do not add up in the drawing")
    return wrong + [f"a box too many: {box}" for box in found.keys() - wanted.keys()]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("--flows", type=int, default=304)
    arguments = parser.parse_args()
    chance = random.Random(2020)
    flows = [random_flow(chance, number) for number in range(arguments.flows)]
    with tempfile.TemporaryDirectory() as folder:
        for number, flow in enumerate(flows):
            (Path(folder) / f"{number:05}.csv").write_text(flow_csv(flow), encoding="utf-8")
            shown = options(flow)
            columns = [",".join(shown), ",".join(str(int(show)) for show in shown.values())]
            (Path(folder) / f"{number:05}.csv.options").write_text("\n".join(columns) + "\n", encoding="utf-8")
        (Path(folder) / "read.R").write_text(SCRIPT, encoding="utf-8")
        start = time.perf_counter()
        command = ["Rscript", "--vanilla", f"{folder}/read.R", str(arguments.package.resolve()), folder]
        subprocess.run(command, check=True, env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
        wrong = [
            f"flow {number}: {text}"
            for number, flow in enumerate(flows)
            for text in [
                *differences(flow, Path(folder) / f"{number:05}.csv.read"),
                *drawing_differences(flow, Path(folder) / f"{number:05}.csv.dot"),
            ]
        ]
    print("\n".join(wrong[:20]))
    print(f"{len(flows)} flows read and drawn in {time.perf_counter() - start:.1f} s, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
