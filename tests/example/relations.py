"""Reports that stand in a relation to another one: what a deduplication must tell apart from a copy."""

import datetime
from dataclasses import replace

from phrases import chance, fill, read
from reports import Report, draw, draw_authors, draw_place, plain

REGISTER = [
    "ClinicalTrials.gov",
    "ClinicalTrials.gov",
    "ClinicalTrials.gov",
    "",
    "",
    "",
    "United States",
    "register",
    0,
]
SERVER = ["PreCell preprints", "PreCell", "PreCell", "", "", "PreCell", "United States", "server", 2016]


def relate(reports: list[Report], taken: set[str]) -> list[Report]:
    """The reports to be added to those of the plan."""
    new: list[Report] = []

    def add(base: Report, relation: str, **changes: object) -> Report:
        key = f"{base.key}{relation[0]}{sum(r.key.startswith(base.key) for r in new) or ''}"
        changes = {"special": "", "facts": dict(base.facts), "relation": f"{relation} {base.key}", **changes}
        new.append(replace(base, key=key, found={}, accessions={}, **changes))
        taken.add(plain(new[-1].title))
        return new[-1]

    animals = [
        r for r in reports if r.topic == "animal" and r.kind == "article" and r.published.year in range(2014, 2026)
    ]
    included = [r for r in animals if r.fate == "included" and not r.special]
    others = [r for r in animals if r.fate == "title/abstract"]
    rng = chance("relations")

    # A conference abstract a year before the article; one of them is a report of its study, four add nothing.
    fates = ["included", *["Abstract with too few data"] * 4, "awaiting classification", *["title/abstract"] * 9]
    for base, fate in zip([*included[:5], included[9], *others[:9]], fates, strict=True):
        _conference(add(base, "conference abstract of"), fate, alone=fate == "awaiting classification", taken=taken)
    for base, fate in zip(
        included[5:7] + others[9:13], ["Same data as another report"] * 2 + ["title/abstract"] * 4, strict=True
    ):
        before = base.published - datetime.timedelta(170)
        add(
            base,
            "preprint of",
            kind="preprint",
            journal=SERVER,
            published=before,
            entered=before,
            fate=fate,
            volume="",
            issue="",
            pages=("", ""),
            doubt=0.15 if fate[0] == "S" else 0.01,
        )
    for base, word in zip(
        [included[7], *others[13:17]],
        ["Correction to:", "Erratum:", "Erratum to", "Correction:", "Corrigendum:"],
        strict=True,
    ):
        later = base.published + datetime.timedelta(120)
        place = draw_place(chance(base.key, "erratum"), base.journal, later.year)
        add(
            base,
            "erratum of",
            kind="erratum",
            title=f"{word} {base.title}",
            abstract=[],
            published=later,
            entered=later,
            fate="title/abstract",
            doubt=0.0,
            **place,
        )
    retracted = next(r for r in reports if r.special == "retracted")
    later = retracted.published + datetime.timedelta(400)
    add(
        retracted,
        "retraction of",
        kind="retraction",
        title=f"Retraction: {retracted.title}",
        abstract=[],
        published=later,
        entered=later,
        fate="title/abstract",
        doubt=0.0,
        **draw_place(chance("retraction"), retracted.journal, later.year),
    )

    for base in others[17:20]:  # two parts, one after the other in the same issue
        base.title = f"{base.title}. Part I: {rng.choice(['preparation and dose', 'short-term effects'])}"
        first = int("".join(c for c in base.pages[0] if c.isdigit()))
        last = int(base.pages[1] or first)
        pages = (base.pages[0].replace(str(first), str(last + 1)), str(last + 9) if base.pages[1] else "")
        text = [(label, t.replace("we tested whether", "we next tested whether")) for label, t in base.abstract[1:]]
        title = f"{base.title.split('. Part I:')[0]}. Part II: {rng.choice(['mechanism', 'long-term effects'])}"
        add(base, "part II of", title=title, abstract=text, pages=pages)
    reviews = [r for r in reports if r.topic == "review" and r.published.year < 2022]
    for base in reviews[:3]:  # a review and its update
        later = base.published + datetime.timedelta(3 * 365)
        title = (
            f"{base.title}: an update" if not base.title.endswith("an update") else f"{base.title} after three years"
        )
        add(
            base,
            "update of",
            title=title,
            published=later,
            entered=later,
            **draw_place(chance(base.key, "u"), base.journal, later.year),
        )
    _same_doi(reports, new, taken)
    _registry(reports, new, taken)
    _found_elsewhere(reports, new, taken)
    return new


def _conference(report: Report, fate: str, *, alone: bool, taken: set[str]) -> None:
    """Turn a copy of an article into the abstract of a talk about it."""
    rng = chance(report.key, "conference")
    if alone:  # nothing else is known of this study
        line = {"topic": "animal", "ischaemic": True, "fate": fate, "doubt": 0.1}
        fresh = draw(report.key, line, "old", taken)
        report.__dict__.update(
            {name: getattr(fresh, name) for name in ("title", "abstract", "authors", "facts", "journal")}
        )
        report.relation, report.study = "", report.key
    when = datetime.date(2025, 9, 14) if alone else report.published - datetime.timedelta(380)
    page = str(rng.randint(20, 299))
    report.kind, report.fate, report.doubt = (
        "conference abstract",
        fate,
        0.02 if fate == "included" else report.doubt * 1.5,
    )
    report.published = report.entered = when
    report.volume, report.issue = str(when.year - report.journal[8] + 1), "Suppl 1"
    report.pages = (f"S{page}", "")
    report.abstract = report.abstract[1:4]
    meeting = rng.choice(read("wording")["conferences"])
    report.facts["conference"] = f"{meeting} {when.year}"
    if rng.random() < 0.5:
        report.title = report.title.replace("exosomes", "exosome", 1) if "exosomes" in report.title else report.title
        report.title = f"Abstract {rng.randint(10, 99)}: {report.title}"
    report.authors = report.authors[: max(3, len(report.authors) - 2)]


def _same_doi(reports: list[Report], new: list[Report], taken: set[str]) -> None:
    """Pairs of abstracts on one page of a supplement, which share one DOI."""
    line = {"topic": "animal", "fate": "title/abstract", "doubt": 0.01}
    for pair in range(2):
        one, two = (draw(f"s{pair}{letter}", line, "old", taken) for letter in "ab")
        for report in (one, two):
            _conference(report, "title/abstract", alone=False, taken=taken)
        two.journal, two.published, two.entered = one.journal, one.published, one.entered
        two.volume, two.issue, two.pages = one.volume, one.issue, one.pages
        one.special = two.special = f"doi pair {pair}"
        new += [one, two]


def _registry(reports: list[Report], new: list[Report], taken: set[str]) -> None:
    """Entries of the register: one of each trial that was published, and others that were not."""
    published = [r for r in reports if r.topic == "trial"]
    keys = {
        "kind": "registry",
        "journal": REGISTER,
        "volume": "",
        "issue": "",
        "pages": ("", ""),
        "keywords": [],
        "special": "",
    }
    number = 9000103
    for index in range(37):
        number += 1 + chance("nct", index).randint(3, 190)
        nct = f"NCT{number:08d}"
        if index < len(published):
            base = published[index]
            base.registry_ids, base.facts["nct"] = [nct], nct
            base.abstract = [(label, re_nct(text, nct)) for label, text in base.abstract]
            fate = "included" if index == 0 else "title/abstract"
            relation = f"registry entry of {base.key}"
            # Only the first trial of the review posted results that the article does not give.
            posted = base.published - datetime.timedelta(900)
            entry = replace(
                base,
                key=f"n{index:02d}",
                facts=dict(base.facts),
                relation=relation,
                found={},
                accessions={},
                fate=fate,
                doubt=0.0 if index == 0 else base.doubt,
                published=posted,
                entered=posted,
                **keys,
            )
            status = "COMPLETED"
            if index in range(1, 4):
                entry.fate = "Same data as another report"
        else:
            ongoing = index - len(published) < 4
            line = {
                "topic": "trial",
                "ischaemic": ongoing,
                "fate": "ongoing" if ongoing else "title/abstract",
                "doubt": 0.03 if ongoing else 0.004,
            }
            entry = draw(f"n{index:02d}", line, "old", taken)
            posted = datetime.date(2019, 1, 7) + datetime.timedelta(chance("posted", index).randint(0, 2600))
            if ongoing:
                posted = datetime.date(2025, 3, 3) + datetime.timedelta(index * 7)
            if index >= 28:  # the last ones were posted just before or after the first run
                posted = datetime.date(2026, 1, 5) + datetime.timedelta(index - 28 if index < 31 else (index - 29) * 27)
            entry = replace(entry, published=posted, entered=posted, registry_ids=[nct], **keys)
            status = (
                "RECRUITING"
                if ongoing
                else chance("status", index).choice(["COMPLETED", "RECRUITING", "UNKNOWN", "TERMINATED"])
            )
        entry.title = fill("{Exos} in patients with {disease}", entry.facts)
        if plain(entry.title) in taken:
            entry.title = fill("{Exos} for {disease}: a phase {phase} study", entry.facts)
        taken.add(plain(entry.title))
        entry.registry_ids, entry.facts["status"], entry.facts["nct"] = [nct], status, nct
        entry.abstract = [
            (label, re_nct(text, nct)) for label, text in entry.abstract if label in ("background", "aim")
        ]
        new.append(entry)


def re_nct(text: str, nct: str) -> str:
    """The trial's number in the two sentences that announce one."""
    return text.replace("()", f"({nct})").replace("registration: .", f"registration: {nct}.")


def _found_elsewhere(reports: list[Report], new: list[Report], taken: set[str]) -> None:
    """Reports that only citation searching or a contact brought."""
    lines = [{"topic": "animal", "ischaemic": True, "fate": "included", "doubt": 0.0}] * 2
    lines += [{"topic": "animal", "ischaemic": True, "fate": "No outcome data by group", "doubt": 0.0}]
    lines += [
        {"topic": topic, "fate": "title/abstract", "doubt": 0.0}
        for topic in ("animal", "review", "medium", "methods", "invitro", "animal", "review")
    ]
    for index, line in enumerate(lines):
        report = draw(f"c{index:02d}", line, "old", taken)
        report.special = "citation"
        new.append(report)
    thesis = draw("x01", {"topic": "animal", "ischaemic": True, "fate": "included", "doubt": 0.0}, "old", taken)
    people, address = draw_authors(chance("thesis"), 1)
    thesis.authors, thesis.address, thesis.special = people, address, "contact"
    thesis.volume, thesis.issue, thesis.pages, thesis.kind = "", "", ("", ""), "thesis"
    thesis.journal = [f"Doctoral thesis, {address.split(', ')[1]}", "", "", "", "", "", "", "thesis", 0]
    new.append(thesis)
