"""Writing reports as the other sources export them: Ovid RIS, Web of Science, ClinicalTrials.gov, Lens RIS, CSV."""

import csv
import io
import textwrap
from urllib.parse import quote

from copies import Copy, ascii_only, copies, initials
from findings import RUNS
from phrases import chance, read
from reports import Report


def found(reports: list[Report], source: str, run: str) -> list[Copy]:
    """The copies that a run of a source delivers, the newest accession first."""
    listed = [c for r in reports if run in r.found.get(source, ()) for c in copies(r, source)]
    return sorted(listed, key=lambda c: c.accession, reverse=True)


def export_files(reports: list[Report]) -> dict[str, bytes]:
    """Path -> content of every export but PubMed's."""
    writers = {
        "embase": (ovid, "ris"),
        "wos": (wos, "ciw"),
        "clinicaltrials": (register, "csv"),
        "citation": (lens, "ris"),
        "contact": (native, "csv"),
    }
    files = {}
    for source, (writer, ending) in writers.items():
        for run in RUNS[source]:
            files[f"resources/search/{source}/{run}.{ending}"] = writer(found(reports, source, run)).encode()
    return files


LANGUAGES = {code: name for name, code in [["English", "eng"], *read("wording")["languages"]]}


def ovid(listed: list[Copy]) -> str:
    """RIS as Ovid writes it: numbered records, URLs as DOI, lines after each ER."""
    out = []
    for index, copy in enumerate(listed):
        report, journal = copy.report, copy.report.journal
        title = copy.title + (f" [{LANGUAGES[report.language]}]" if report.language != "eng" else "")
        doi = f"https://dx.doi.org/{copy.doi}" if copy.doi else ""
        lines = [
            ("TY", "JOUR"),
            ("DB", "Embase"),
            ("ID", copy.accession),
            ("DO", doi),
            ("T1", title if title[-1] in "?." else f"{title}."),
        ]
        lines += [
            ("A1", f"{ascii_only(family)} {'.'.join(ascii_only(initials(given)))}.") for family, given in copy.authors
        ]
        lines += [("Y1", f"{copy.year}//"), ("N2", copy.abstract)]
        lines += [("KW", f"*{word}" if i < 2 else word) for i, word in enumerate(_emtree(report))]
        lines += [("M3", "Article in Press" if copy.in_press else read("formats")["types"]["embase"][report.kind])]
        lines += [("JF", journal[0]), ("VL", copy.volume), ("IS", copy.issue), ("SP", copy.first), ("EP", copy.last)]
        lines += [
            ("LA", LANGUAGES[report.language]),
            ("CY", journal[6]),
            ("PB", journal[5]),
            ("SN", journal[3]),
            ("SN", journal[4]),
        ]
        lines += [("AD", f"({ascii_only(copy.authors[0][0])}) {ascii_only(report.address)}")]
        lines += (
            [("M1", f"Conference: {report.facts['conference']}.")]
            if "conference" in report.facts and report.kind[0] == "c"
            else []
        )
        url = f"http://ovidsp.ovid.com/ovidweb.cgi?T=JS&PAGE=reference&D=emexb&NEWS=N&AN={copy.accession}"
        body = "".join(f"{tag}  - {value}\n" for tag, value in [*lines, ("DO", doi), ("L2", url)] if value)
        link = "http://resolver.example.org/find?sid=OVID:embase"
        link += f"&id=doi:{quote(copy.doi, safe='')}&issn={journal[4]}&atitle={quote(copy.title[:60])}"
        out.append(f"{index + 1}.\n{body}ER  -\nNL  - {journal[2]}\n\nLink to the External Link Resolver: {link}\n\n")
    return "".join(out)


def _emtree(report: Report) -> list[str]:
    words = ["exosome", "mesenchymal stem cell", *(word.lower() for word in report.keywords[2:])]
    if report.topic in ("animal", "medium"):
        words += ["animal experiment", "animal model", "nonhuman", report.facts["species"], "controlled study"]
    if report.topic in ("trial", "review", "protocol"):
        words += ["human"]
    return words if report.keywords else words[:2]


def wos(listed: list[Copy]) -> str:
    """Tagged text as Web of Science exports it."""
    out = ["FN Clarivate Analytics Web of Science\nVR 1.0\n"]
    for copy in listed:
        report, journal, rng = copy.report, copy.report.journal, chance(copy.accession)
        names = [(ascii_only(family), ascii_only(given)) for family, given in copy.authors]
        is_article = journal[7] == "article" and not copy.last
        formats = read("formats")
        month = formats["months"][report.published.month - 1].upper()
        subjects = rng.sample(formats["keywords_plus"], 4) if report.keywords else []
        place = ascii_only(report.address).split(", ")
        lines: list[tuple[str, list[str]]] = [
            ("PT", ["J"]),
            ("AU", [f"{family}, {initials(given)}" for family, given in names]),
            ("AF", [f"{family}, {given}" for family, given in names]),
            ("TI", textwrap.wrap(copy.title, 72, break_on_hyphens=False)),
            ("SO", [journal[0].upper()]),
            ("LA", [LANGUAGES[report.language]]),
            ("DT", [formats["types"]["wos"][report.kind]]),
            ("DE", textwrap.wrap("; ".join(report.keywords), 72)),
            ("ID", textwrap.wrap("; ".join(subjects).upper(), 72)),
            ("AB", [copy.abstract] if copy.abstract else []),
            ("C1", [f"[{names[0][0]}, {names[0][1]}] {place[1]}, {place[0]}, {place[2]}, {place[3]}."]),
            ("TC", [str(rng.randint(0, 140))]),
            ("SN", [journal[3]]),
            ("EI", [journal[4]]),
            ("J9", [ascii_only(journal[1]).upper()]),
            ("JI", [journal[2]]),
            ("PD", [f"{month} {report.published.day}" if is_article else month]),
            ("PY", [str(copy.year)]),
            ("VL", [copy.volume]),
            ("IS", [copy.issue.replace("Suppl 1", "")]),
            ("SU", ["1"] if copy.issue == "Suppl 1" else []),
            ("BP", [copy.first] if not is_article else []),
            ("EP", [copy.last] if not is_article else []),
            ("AR", [copy.first] if is_article else []),
            ("DI", [copy.doi]),
            ("UT", [copy.accession]),
            ("PM", [report.pmid] if rng.random() < 0.7 else []),
        ]
        kept = [(tag, [v for v in values if v]) for tag, values in lines]
        out += [f"{tag} " + "\n   ".join(values) + "\n" for tag, values in kept if values] + ["ER\n\n"]
    return "".join([*out, "EF"])


def register(listed: list[Copy]) -> str:
    """The download of ClinicalTrials.gov."""
    columns = read("formats")["register_columns"]
    rows = []
    for copy in sorted(listed, key=lambda c: c.accession):
        report, facts = copy.report, copy.report.facts
        posted = report.published.isoformat()
        place = report.address.split(", ")
        row = dict.fromkeys(columns, "") | {
            "NCT Number": copy.accession,
            "Study Title": report.title,
            "Study URL": f"https://clinicaltrials.gov/study/{copy.accession}",
            "Study Status": facts["status"],
            "Brief Summary": f"{report.text} Participants receive exosomes of {facts['cells']} or the control,"
            " and are followed for a year.",
            "Study Results": "YES" if facts["status"] == "COMPLETED" and report.relation else "NO",
            "Conditions": facts["disease"][:1].upper() + facts["disease"][1:],
            "Interventions": f"BIOLOGICAL: Exosomes of {facts['cells']}|OTHER: Placebo",
            "Primary Outcome Measures": "Adverse events, number and severity, 90 days"
            f"|{facts['outcome'].split(' at ')[0]}, change from baseline, 6 months",
            "Sponsor": place[1],
            "Sex": "ALL",
            "Age": "ADULT, OLDER_ADULT",
            "Phases": {"1": "PHASE1", "2": "PHASE2", "1/2": "PHASE1|PHASE2"}[facts["phase"]],
            "Enrollment": facts["n_total"],
            "Funder Type": "OTHER",
            "Study Type": "INTERVENTIONAL",
            "Study Design": "Allocation: RANDOMIZED|Intervention Model: PARALLEL|Masking: DOUBLE"
            "|Primary Purpose: TREATMENT",
            "Other IDs": f"INV-{copy.accession[-4:]}",
            "Start Date": posted[:7],
            "First Posted": posted,
            "Last Update Posted": posted,
            "Locations": f"{place[0]}, {place[2]}, {place[3]}",
        }
        rows.append(row)
    return _csv(columns, rows)


def lens(listed: list[Copy]) -> str:
    """RIS as a citation chaser gets it from Lens.org: tags in the order of the alphabet, no numbering."""
    out = []
    for copy in listed:
        report, journal = copy.report, copy.report.journal
        lines = [
            ("TY", "JOUR"),
            ("AB", copy.abstract),
            *(("AU", f"{family}, {given}") for family, given in copy.authors),
        ]
        lines += [
            ("DA", report.published.strftime("%Y/%m/%d")),
            ("DO", copy.doi),
            ("EP", copy.last),
            ("ID", copy.accession),
            ("IS", copy.issue),
        ]
        lines += [
            ("JF", journal[0]),
            ("PB", journal[5]),
            ("PY", str(copy.year)),
            ("SN", journal[4]),
            ("SP", copy.first),
            ("TI", copy.title),
        ]
        lines += [("UR", f"https://lens.org/{copy.accession}"), ("VL", copy.volume)]
        out.append("".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n")
    return "\ufeff" + "".join(out)


def native(listed: list[Copy]) -> str:
    """CSV with the columns of the record schema, as a person writes down what was sent to them."""
    columns = ["record_id", "entry_type", "title", "abstract", "authors", "year", "journal", "language", "url"]
    rows = [
        {
            "record_id": copy.accession,
            "entry_type": "thesis",
            "title": copy.title,
            "abstract": copy.abstract,
            "authors": "; ".join(", ".join(person) for person in copy.authors),
            "year": copy.year,
            "journal": copy.report.journal[0],
            "language": "English",
            "url": "https://repository.example.org/theses/exosomes-ischaemia",
        }
        for copy in listed
    ]
    return _csv(columns, rows)


def _csv(columns: list[str], rows: list[dict]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
