"""Filling the phrases of phrases/*.yaml: slots, capitals, and the facts of one invented study."""

import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "phrases"
SEED = "prismake-example-1"
# A sentence may begin with these as they are.
_SMALL_STARTS = ("miR", "lncRNA", "circ", "iPSC", "iMSC", "huc", "hPMSC", "cGAS", "siRNA", "miRNA", "p38")


@cache
def read(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), loader)


def chance(*key: object) -> random.Random:
    """A generator of its own for each key, so that a change to one report leaves all others as they were."""
    return random.Random(":".join(map(str, (SEED, *key))))


def capital(text: str) -> str:
    return text if text.startswith(_SMALL_STARTS) else text[:1].upper() + text[1:]


def fill(template: str, facts: dict[str, Any]) -> str:
    """The template with its slots filled; a slot with a capital first letter gives the fact with a capital."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return capital(str(facts[name.lower()])) if name[0].isupper() else str(facts[name])

    return capital(re.sub(r"\{(\w+)\}", value, template))


def number(rng: random.Random, low: float, high: float) -> float:
    """A value in the range, with as many decimals as such a measurement is printed with."""
    digits = 0 if high >= 300 else 1 if high >= 8 else 2
    return round(rng.uniform(low, high), digits)


def measured(rng: random.Random, mean: float) -> tuple[float, float]:
    """Mean and spread."""
    digits = 0 if mean >= 300 else 1 if mean >= 8 else 2
    return mean, max(round(mean * rng.uniform(0.06, 0.16), digits), 10**-digits)


def _printed(pair: tuple[float, float]) -> str:
    return " ± ".join(f"{value:g}" for value in pair)


def study_facts(rng: random.Random, topic: str, condition: dict[str, Any], template: str) -> dict[str, Any]:
    """Everything that titles, abstracts and the extraction form say of one invented study.

    `template` is the title's: an engineered preparation or a carrier is drawn only where the title names one.
    """
    science, words = read("science"), read("wording")
    pick = rng.choice
    cell, isolation, sizing = pick(science["cells"]), pick(science["isolation"]), pick(science["sizing"])
    species = rng.choices(science["species"], [s["weight"] for s in science["species"]])[0]
    engineering = "none"
    if "eng_exos" in template.lower():
        engineering = pick([kind for kind in science["engineering"] if kind != "none"])
    modifier = pick(science["engineering"][engineering])
    cells = cell["name"] + "s"
    outcomes = condition["outcomes"]
    first, second = rng.sample(outcomes, 2) if len(outcomes) > 1 else (outcomes[0], outcomes[0])
    if topic in ("trial", "protocol"):
        first = condition["human"]
    values = {
        key: measured(rng, number(rng, *outcome[lows : lows + 2]))
        for key, outcome, lows in (
            ("control", first, 1),
            ("treated", first, 3),
            ("control2", second, 1),
            ("treated2", second, 3),
        )
    }
    n = rng.randint(6, 14)
    names, hows = condition["names"], condition["how"]
    if topic in ("trial", "protocol"):
        names = condition.get("patients", names)
    which = rng.randrange(len(names))
    how = hows[which] if len(hows) == len(names) else pick(hows)
    vet = pick(words["vets"])
    vesicle = pick(science["other_vesicles"])
    method, method2 = rng.sample(words["methods"], 2)
    facts = {
        "condition": condition["id"],
        "disease": names[which],
        "why": pick(condition["why"]),
        "organ": condition["organ"],
        "how": how,
        "process": pick(words["rna_processes"] if topic == "rna" else condition["processes"]),
        "target_cell": condition["cell"],
        "insult": condition["insult"],
        "route": pick(condition["routes"]),
        "cell": cell,
        "cells": cells,
        "cells_cap": capital(cells),
        "cell_short": cell["short"],
        "exos": pick(
            (
                f"{cell['name']}-derived exosomes",
                f"exosomes from {cells}",
                f"exosomes derived from {cells}",
                f"exosomes of {cells}",
                f"{cell['short']}-derived exosomes",
            )
        ),
        "engineering": engineering,
        "modifier": modifier,
        "modifier2": pick(science["engineering"]["surface ligand"]),
        "eng_exos": f"{modifier} {cell['name']} exosomes",
        "carrier": pick(science["carriers"]),
        "cargo": pick(science["cargoes"]),
        "target": pick(science["targets"]),
        "pathway": pick(science["pathways"]),
        "isolation": isolation["text"],
        "isolation_label": isolation["label"],
        "sizing": sizing["text"],
        "sizing_label": sizing["label"],
        "marker": pick(science["markers"]),
        "size": rng.randint(88, 158),
        "passage": f"{rng.randint(3, 4)}-{rng.randint(5, 6)}",
        "donor": pick(science["donor_species"]) if "human" not in cell["name"] else "human",
        "species": species["name"],
        "animals": species["plural"],
        "animals_cap": capital(species["plural"]),
        "strain": pick(science["strains"][species["name"]]),
        "sex": pick(("male", "male", "male", "female", "both")),
        "dose": pick(science["doses"]),
        "schedule": pick(science["schedules"]),
        "n": n,
        "n_total": n * rng.randint(3, 5) if topic != "trial" else 2 * rng.randint(12, 46),
        "phase": pick(("1", "1/2", "2")),
        "outcome": first[0].split(" at ")[0] if topic == "protocol" else first[0],
        "unit": first[5],
        "outcome2": second[0],
        "unit2": second[5],
        "values": values,
        "p": pick(("0.001", "0.002", "0.004", "0.008", "0.01", "0.02", "0.03", "0.04")),
        "p2": pick(("0.003", "0.006", "0.01", "0.03", "0.04")),
        "pns": pick(("0.11", "0.24", "0.38", "0.61")),
        "day": pick((3, 7, 14, 21, 28)),
        "uptake": pick((2, 4, 6, 12, 24)),
        "hours": pick((24, 48, 72)),
        "fold": round(rng.uniform(2, 9), 1),
        "percent": rng.randint(22, 78),
        "small": rng.randint(2, 6),
        "conc": pick((10, 20, 25, 50, 100)),
        "low": rng.randint(44, 60),
        "high": rng.randint(74, 92),
        "high2": rng.randint(25, 41),
        "low2": rng.randint(7, 16),
        "tv1": rng.randint(310, 620),
        "tv2": rng.randint(700, 1400),
        "yield1": rng.randint(3, 12),
        "yield2": round(rng.uniform(0.4, 2.8), 1),
        "n_studies": rng.randint(11, 96),
        "review_kind": pick(words["review_kind"]),
        "theme": pick(words["themes"]),
        "drug": pick(words["drugs"]),
        "drug_like": pick(words["drug_like"]),
        "method": method,
        "method2": method2,
        "storage": pick(words["storage"]),
        "imaging": pick(words["imaging"]),
        "tumour": pick(science["tumours"]),
        "vesicle": vesicle,
        "vet": vet["animals"],
        "vet_cells": vet["cells"] + "s",
        "vet_cells_cap": capital(vet["cells"]),
        "vet_disease": (vet_disease := pick(vet["diseases"])),
        "vet_disease_cap": capital(vet_disease),
        "country": pick(words["countries"]),
        "rna_factor": pick(words["rna_factors"]),
        "nct": "",
        "year": 0,
    }
    return facts | {key: _printed(pair) for key, pair in values.items()}


def abstract(rng: random.Random, topic: str, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, text) of each section that the topic has."""
    sections = []
    for label in ("background", "aim", "methods", "results", "conclusion"):
        sentences = [fill(rng.choice(versions), facts) for versions in read("templates")[topic][label]]
        text = " ".join(sentence for sentence in sentences if sentence)
        if text:
            sections.append((label, text))
    return sections
