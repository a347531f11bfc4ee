"""Filling in the extraction form for the invented studies. Columns are found through the form's own codebook."""

import re
from typing import Any

from corpus import build
from openpyxl.workbook import Workbook
from phrases import capital, chance, fill, read
from reports import Report

Rows = list[dict[str, Any]]  # field id -> value


def named(names: dict[str, str]) -> dict[str, tuple[Report, int]]:
    """Name of a study in the review -> its report, and which study of it. `names`: key in the corpus -> name."""
    reports = {report.key: report for report in build()}
    found = {}
    for key, name in names.items():
        found |= {part.strip(): (reports[key], index) for index, part in enumerate(name.split(";")) if key in reports}
    return found


def fill_extraction(book: Workbook, names: dict[str, str], person: str) -> int:
    """Fill in every study of this workbook as this person sees it."""
    from slips import seen  # which needs the truth from here

    by_name = named(names)
    sheets: dict[str, dict[str, str]] = {}
    for row in book["Codebook"].iter_rows(min_row=2, max_col=3, values_only=True):
        if row[0]:
            sheets.setdefault(str(row[0]), {"study_id": "study_id"})[str(row[2])] = str(row[1])
    first = next(iter(sheets))
    head = [cell.value for cell in book[first][1]]
    studies = [row[head.index("study_id")] for row in book[first].iter_rows(min_row=2, values_only=True)]
    answers: dict[str, Rows] = {name: [] for name in sheets}
    for study in filter(None, studies):
        report, index = by_name[study]
        for sheet, rows in zip(sheets, seen(person, report, index), strict=True):
            answers[sheet] += [{"study_id": study, **row} for row in rows]
    for sheet, rows in answers.items():
        page = book[sheet]
        columns = {cell.value: cell.column for cell in page[1]}
        by_id = {field: columns[label] for field, label in sheets[sheet].items()}
        for number, row in enumerate(rows, 2):
            if sheet == first:  # its rows were issued with their study
                number = next(
                    n for n in range(2, page.max_row + 1) if page.cell(n, by_id["study_id"]).value == row["study_id"]
                )
            for field, value in row.items():
                if value != "" and not (sheet == first and field == "study_id"):
                    page.cell(number, by_id[field]).value = value
    return len(answers[first])


def extract(report: Report, index: int) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """The rows of the five levels: study, preparation, arm, result, claim. `index`: which study of the report."""
    facts, rng, words = dict(report.facts), chance("extraction", report.key, index), read("extraction")
    if index:  # the second experiment of a report was done in pigs
        facts |= {"species": "pig", "animals": "pigs", "strain": "Landrace", "n": 6, "dose": "1 x 10^10 particles"}
    is_trial = report.topic == "trial"
    facts["control_name"] = "placebo" if is_trial else "vehicle"
    study = {
        "design": "randomised trial" if is_trial else "animal experiment",
        "country": report.address.rsplit(", ", 1)[1],
        "year_start": report.published.year - 2 if is_trial or rng.random() < 0.3 else "NR",
        "registration": "; ".join(report.registry_ids) or "NA",
        "funding": rng.choice(["public", "public", "public; charity", "industry", "NR"]),
        "interests": rng.choice(["none declared", "none declared", "declared", "NR"]),
        "species": "human" if is_trial else facts["species"],
        "strain": "NA" if is_trial else facts["strain"],
        "sex": "both" if is_trial else facts["sex"],
        "condition": capital(facts["disease"]),
        "induction": "NA" if is_trial else capital(facts["how"]),
        "random_allocation": "yes" if is_trial else rng.choice(["yes", "yes", "no", "UC"]),
        "blinded_outcome": "yes" if is_trial else rng.choice(["yes", "no", "NR", "NR"]),
        "sample_size": rng.choice(["yes", "no"]) if is_trial else rng.choice(["yes", "no", "no", "NR"]),
        "notes": "Two experiments in one report; the other one is extracted on its own."
        if report.special == "two studies"
        else "",
    }
    name = f"{facts['cell_short']}-Exo"
    donor = "allogeneic" if is_trial or facts["donor"] == facts["species"] else "xenogeneic"
    isolation = [words["isolation"][part] for part in facts["isolation_label"].split("; ")]
    preparation = {
        "ev_id": name,
        "source_cell": facts["cell"]["label"],
        "donor": donor,
        "isolation": "; ".join(dict.fromkeys(isolation)),
        "size": facts["size"],
        **({"size_page": "Fig. 1"} if facts["size"] != "NR" else {}),
        "markers": facts["marker"],
        "modification": facts["engineering"],
        "storage": rng.choice(["-80 °C", "-80 °C", "4 °C, used within a week", "NR"]),
    }
    n = facts["n_total"] // 2 if is_trial else facts["n"]
    dose, unit = split_dose(facts["dose"])
    given = {
        "ev_id": name,
        "role": "intervention",
        "n": n,
        "dose": dose,
        "dose_unit": unit,
        "doses": doses(facts["schedule"]),
        "route": "intravenous" if is_trial else words["routes"].get(facts["route"], "other"),
    }
    control = given | {"ev_id": "NA", "role": "vehicle control", "dose": "NA", "dose_unit": "NA"}
    arms = [{"arm_id": "exosomes", **given}, {"arm_id": facts["control_name"], **control}]
    if not is_trial and rng.random() < 0.7:
        arms.append({"arm_id": "sham", **control, "role": "sham", "route": "NA", "doses": "NA"})
    time = 180 if is_trial else facts["day"]
    results = []
    for outcome, end in ((facts["outcome"], ""), (facts["outcome2"], "2")):
        if end and (outcome == facts["outcome"] or is_trial):
            continue
        for arm, key in (("exosomes", "treated"), (facts["control_name"], "control")):
            mean, spread = facts["values"][key + end]
            results.append(
                {
                    "arm_id": arm,
                    "outcome": outcome,
                    "time": time,
                    "n": n - (rng.random() < 0.2),
                    "mean": mean,
                    "spread": spread,
                    "spread_kind": rng.choice(["SD", "SD", "SEM", "UC"]),
                    "events": "NA",
                    "unit": facts["unit" + end],
                    "page": rng.choice(["Table 2", "Fig. 2", "Fig. 3", f"p. {rng.randint(4, 9)}"]),
                }
            )
    return [study], [preparation], arms, results, claims(report, facts, index)


def claims(report: Report, facts: dict[str, Any], index: int) -> Rows:
    """One to four findings, each of another theme; every study says something of what was achieved."""
    rng, told = chance("claims", report.key, index), read("extraction")["claims"]
    others = [
        "functional mechanism",
        "components",
        "immunogenicity",
        "targeting",
        "challenge of clinical translation",
        "discovery",
    ]
    weights = [0, 2, 5, 0, 5, 0] if report.topic == "trial" else [6, 3, 2, 3, 1, 1]
    themes = ["therapeutic application"]
    number = 1 + rng.choice([0, 1, 2, 2, 3, 3])
    while len(themes) < number:
        theme = rng.choices(others, weights)[0]
        themes += [theme] if theme not in themes else []
    rows = []
    for number, theme in enumerate(themes, 1):
        direction, statement = rng.choice(told[theme]) if theme in told else benefit(report)
        rows.append(
            {
                "claim_id": number,
                "theme": theme,
                "statement": fill(statement, facts),
                "direction": direction,
                "basis": "opinion" if theme.startswith("challenge") and rng.random() < 0.4 else "own result",
                "page": f"p. {rng.randint(3, 12)}",
            }
        )
    return rows


def benefit(report: Report) -> tuple[str, str]:
    """What the abstract says of the main outcome."""
    return next((direction, says) for words, direction, says in read("extraction")["benefit"] if words in report.text)


def split_dose(dose: str) -> tuple[float | int, str]:
    """ "100 ug" -> (100, "µg"); "1 x 10^9 particles" -> (1e9, "particles")."""
    power = re.fullmatch(r"(\d+) x 10\^(\d+) (.+)", dose)
    if power:
        return int(power[1]) * 10 ** int(power[2]), power[3]
    amount, unit = dose.split(" ", 1)
    return int(amount), unit.replace("ug", "µg")


def doses(schedule: str) -> int:
    for words, number in (("three days", 3), ("days 1, 3 and 7", 3), ("four weeks", 4)):
        if words in schedule:
            return number
    return 1
