"""One invented report, with the hidden truth about it, and how it is drawn."""

import datetime
import random
import re
from dataclasses import dataclass, field
from typing import Any

from phrases import abstract, chance, fill, read, study_facts

Person = tuple[str, str]  # family, given


@dataclass
class Report:
    """One invented report. `fate`: what becomes of it in the review; `found`: the runs of the sources that hold it."""

    key: str
    topic: str
    kind: (
        str  # article | review | letter | editorial | conference abstract | preprint | erratum | retraction | registry
    )
    facts: dict[str, Any]
    title: str
    abstract: list[tuple[str, str]]
    authors: list[Person]
    address: str
    journal: list[Any]
    published: datetime.date
    entered: datetime.date  # into PubMed
    fate: str
    doubt: float = 0.0
    structured: bool = False
    volume: str = ""
    issue: str = ""
    pages: tuple[str, str] = ("", "")  # first and last; an article number stands alone
    language: str = "eng"
    keywords: list[str] = field(default_factory=list)
    registry_ids: list[str] = field(default_factory=list)
    study: str = ""  # key of the report that first tells of the study
    relation: str = ""
    special: str = ""
    doi: str = ""
    pmid: str = ""
    accessions: dict[str, list[str]] = field(default_factory=dict)  # source -> accessions; two when it holds two copies
    found: dict[str, list[str]] = field(default_factory=dict)  # source -> dates of its runs

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self.abstract)


# Weights of the years of publication; the field began in 2009.
YEARS = {2010: 1, 2011: 2, 2012: 3, 2013: 4, 2014: 6, 2015: 9, 2016: 11, 2017: 13, 2018: 17, 2019: 21, 2020: 26}
YEARS |= {2021: 31, 2022: 34, 2023: 37, 2024: 41, 2025: 46}
FIRST_RUN = datetime.date(2026, 2, 10)
RECENT = datetime.date(2016, 2, 11)  # the first day of the window "last ten years"


def draw_authors(rng: random.Random, number: int) -> tuple[list[Person], str]:
    """Distinct people, and the address of the first."""
    names = read("people")
    families = rng.sample(names["families"], number)
    place = rng.randrange(len(names["cities"]))
    address = [rng.choice(names["institutes"]), names["universities"][place], names["cities"][place]]
    people = [(family, rng.choice(names["givens"])) for family in families]
    return people, ", ".join([*address, names["countries"][place]])


def draw_place(rng: random.Random, journal: list[Any], year: int) -> dict[str, Any]:
    """Volume, issue and pages in the journal's manner."""
    volume = str(max(1, year - journal[8] + 1))
    if journal[7] == "article":
        issue = str(rng.randint(1, 12)) if rng.random() < 0.5 else ""
        number = str(rng.randint(1, 2400)) if rng.random() < 0.5 else f"e{rng.randint(100000, 999999)}"
        return {"volume": volume, "issue": issue, "pages": (number, "")}
    first = rng.randint(1, 1900)
    return {"volume": volume, "issue": str(rng.randint(1, 12)), "pages": (str(first), str(first + rng.randint(5, 19)))}


def draw_dates(rng: random.Random, topic: str, recency: str) -> tuple[datetime.date, datetime.date]:
    """Day of publication and of entry. `recency`: old, overlap (entered just before the first run) or new."""
    if recency == "old":
        year = rng.randint(1999, 2006) if topic == "rna" else rng.choices([*YEARS], [*YEARS.values()])[0]
        published = datetime.date(year, 1, 1) + datetime.timedelta(rng.randint(0, 350))
        return published, min(published + datetime.timedelta(rng.randint(2, 40)), datetime.date(2025, 12, 30))
    if recency == "overlap":
        entered = datetime.date(2026, 1, 11) + datetime.timedelta(rng.randint(0, 29))
    else:
        entered = datetime.date(2026, 2, 13) + datetime.timedelta(rng.randint(0, 236))
    return entered - datetime.timedelta(rng.randint(1, 9)), entered


KINDS = {"review": "review", "opinion": "letter"}


def draw(key: str, plan: dict[str, Any], recency: str, taken: set[str]) -> Report:
    """One report of this line of the plan, with a title that no other has."""
    topic = plan["topic"]
    conditions = [c for c in read("conditions") if bool(c.get("ischaemic")) == bool(plan.get("ischaemic"))]
    if topic in ("trial", "protocol"):
        conditions = [c for c in conditions if "human" in c]
    for attempt in range(60):
        rng = chance(key, topic, attempt)
        template = rng.choice(read("templates")[topic]["titles"])
        condition = rng.choice(conditions)
        facts = study_facts(rng, topic, condition, template)
        title = fill(template, facts)
        published, entered = draw_dates(rng, topic, recency)
        is_late = published.year >= max(condition.get("since", 0), plan.get("since", 0))
        if is_late and plain(title) not in taken and len(title) < 210:
            break
    else:
        raise AssertionError(f"no new title for {topic}")
    taken.add(plain(title))
    facts["year"] = published.year
    people, address = draw_authors(rng, rng.randint(1, 3) if topic == "opinion" else rng.randint(3, 11))
    kind = KINDS.get(topic, "article")
    if kind == "letter" and rng.random() < 0.5:
        kind = "editorial"
    journal = rng.choice(read("journals"))
    return Report(
        key=key,
        topic=topic,
        kind=kind,
        facts=facts,
        title=title,
        abstract=abstract(rng, topic, facts),
        authors=people,
        address=address,
        journal=journal,
        published=published,
        entered=entered,
        fate=plan["fate"],
        doubt=plan["doubt"],
        structured=rng.random() < 0.45,
        keywords=draw_keywords(rng, facts, topic),
        study=key,
        special=plan.get("special", ""),
        language=draw_language(rng, plan.get("special", "")),
        **draw_place(rng, journal, published.year),
    )


def draw_language(rng: random.Random, special: str) -> str:
    if special == "foreign":
        return "chi"
    return rng.choice(read("wording")["languages"])[1] if rng.random() < 0.02 else "eng"


def plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", title.lower()).strip()


def draw_keywords(rng: random.Random, facts: dict[str, Any], topic: str) -> list[str]:
    words = ["mesenchymal stem cell", "exosome", *rng.sample(read("wording")["more_keywords"], 2)]
    return [*words, {"tumour": facts["tumour"], "rna": "mRNA decay"}.get(topic, facts["disease"])]
