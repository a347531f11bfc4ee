"""The methods of the review in words, from its configuration and from what was run; past tense.

The search follows PRISMA-S (Rethlefsen et al., Syst Rev 2021;10:39): sources and platforms, registers, other methods,
strategies, limits, updates, dates, peer review, numbers, deduplication. What is not on record is said to be missing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from prismake import __version__
from prismake.data_files import read_data
from prismake.prisma.box_table import OF_EARLIER_STUDIES
from prismake.report import prioritisation, selection
from prismake.report.done import extractors, were
from prismake.report.load import Review
from prismake.report.status import Step, last_search, steps
from prismake.report.tables import Row
from prismake.report.wording import count, day, listed, number, plural, sentence, small


@dataclass(frozen=True)
class Part:
    """One heading of the methods with its paragraphs."""

    heading: str
    paragraphs: list[str]


def describe_methods(review: Review) -> list[Part]:
    parts = {
        "Information sources and search": [
            _sources(review),
            _dates(review),
            _recorded(review, "limits", "Limits were recorded as follows.", "No limits are on record"),
            _recorded(review, "peer_review", "Strategies were peer reviewed.", "No peer review is on record"),
            _conduct(review),
        ],
        "Duplicate records": [_duplicates(review)],
        "Selection": [
            _update(review),
            _filters(review),
            selection.describe_screening(review),
            *prioritisation.describe_order(review),
            selection.describe_full_texts(review),
        ],
        "Data extraction": [_extraction(review)],
        "Synthesis": [_synthesis(review)],
        "Further methods": [review.config["review"]["methods_note"]],
    }
    filled = {heading: [text for text in paragraphs if text] for heading, paragraphs in parts.items()}
    return [Part(heading, paragraphs) for heading, paragraphs in filled.items() if paragraphs]


def abstract_methods(review: Review) -> str:
    """The methods in the few sentences of an abstract."""
    sources = review.config["search"]["sources"].values()
    kinds = _read_kinds()
    names = [source["database"] for source in sources if "also" not in kinds[source["kind"]]]
    also = [words["also"] for kind, words in kinds.items() if "also" in words and kind in {s["kind"] for s in sources}]
    last = last_search(review)
    searched = f"The sources were {listed([*names, *also])}" + (
        f"; the last search was run on {day(last)}." if last else "."
    )
    texts = [searched, selection.in_short(review)]
    if people := len(extractors(review)):
        texts.append(f"Data were extracted by {small(people)} {plural(people, 'person')}.")
    if _synthesis(review):
        texts.append("Evidence was mapped by theme, direction and kind of study.")
    return " ".join(texts)


def abstract_results(review: Review) -> str:
    """The numbers of the results; "so far" while any of them can still change."""
    n = review.n
    found = n("database_results", "register_results")
    elsewhere = f", other methods {number(review.records.height - found)}" if review.records.height > found else ""
    reached = steps(review)
    return (
        f"The searches of databases and registers found {count(found, 'record')}{elsewhere}. "
        f"{_passed(reached['Title and abstract'], 'screened on', 'entered screening of')} title and abstract. "
        f"{_passed(reached['Full text'], 'assessed in', 'reached')} full text. "
        f"{_included(review)} included{' so far' if review.flow['draft'] else ''}.{_with_previous(review)}"
    )


def _included(review: Review) -> str:
    """'9 studies in 10 reports were', in an update apart from new reports of studies that were included before."""
    studies, reports = review.n("new_studies"), review.n("new_reports")
    lines = review.flow["boxes"].get("new_reports", {}).get("items", [])
    of_earlier = sum(line["n"] for line in lines if line["label"] == OF_EARLIER_STUDIES)
    new = f"{count(studies, 'study')} in {count(reports - of_earlier, 'report')}"
    earlier = f"{count(of_earlier, 'new report')} of studies included before"
    if studies and of_earlier:
        return f"{new} and {earlier} were"
    return f"{earlier} {plural(of_earlier, 'was')}" if of_earlier else f"{new} {plural(studies, 'was')}"


def _with_previous(review: Review) -> str:
    if not review.config["review"]["previous"]:
        return ""
    studies, reports = review.n("total_studies"), review.n("total_reports")
    return f" With the earlier version, the review includes {count(studies, 'study')} in {count(reports, 'report')}."


def _passed(step: Step, done: str, begun: str) -> str:
    """'62 records were screened on'; while some are pending '62 records (35 of them not decided yet) entered ...'."""
    if not step.open:
        return f"{count(step.total, step.unit)} {plural(step.total, 'was')} {done}"
    return f"{count(step.total, step.unit)} ({number(step.open)} of them not decided yet) {begun}"


def source_name(source: Row) -> str:
    """Embase (Ovid)."""
    return source["database"] + (f" ({source['platform']})" if source.get("platform") else "")


def _read_kinds() -> dict[str, dict[str, str]]:
    return read_data("report/kinds.yaml")


def _sources(review: Review) -> str:
    texts, missing = [], []
    for kind, words in _read_kinds().items():
        names = [source_name(s) for s in review.config["search"]["sources"].values() if s["kind"] == kind]
        if names:
            opening = words["one"] if len(names) == 1 else words["many"].format(n=small(len(names)))
            texts.append(sentence(f"{opening}: {listed(names)}"))
        elif "missing" in words:
            missing.append(words["missing"])
    if missing:
        texts.append(f"No search of {listed(missing, 'or')} is on record.")
    return " ".join(texts)


def _runs(review: Review, *kinds: str) -> list[tuple[str, list[Row]]]:
    """The name of each source that was searched (of these kinds, when some are given), with its runs."""
    sources = review.config["search"]["sources"]
    found = [(sources[source["source"]], source["runs"]) for source in review.searches if source["runs"]]
    return [(source["database"], runs) for source, runs in found if not kinds or source["kind"] in kinds]


def _dates(review: Review) -> str:
    by_dates: dict[tuple[str, ...], list[str]] = {}
    for name, runs in _runs(review):
        by_dates.setdefault(tuple(day(run["run_date"]) for run in runs if run["run_date"]), []).append(name)
    dated = [f"{listed(dates)} ({listed(names)})" for dates, names in by_dates.items() if dates]
    texts = [f"Searches were run on {'; '.join(dated)}."] if dated else []
    if any(len(dates) > 1 for dates in by_dates):
        texts.append("Sources with several dates were searched again to update the review.")
    if undated := by_dates.get(()):
        texts.append(f"The date of the search is not on record for {listed(undated)}.")
    if last := last_search(review):
        texts.append(f"The last search was run on {day(last)}.")
    return " ".join(texts)


def _recorded(review: Review, key: str, opening: str, absent: str) -> str:
    """What the runs say under one key, source by source; which databases and registers say nothing."""
    by_text: dict[str, list[str]] = {}
    for name, runs in _runs(review):
        values = dict.fromkeys(run[key].rstrip(".") for run in runs if run[key])
        by_text.setdefault("; ".join(values), []).append(name)
    silent = [name for name, runs in _runs(review, "database", "register") if not any(run[key] for run in runs)]
    texts = [f"For {listed(names)}: {text}." for text, names in by_text.items() if text]
    texts = [opening, *texts] if texts else []
    return " ".join([*texts, f"{absent} for {listed(silent)}."] if silent else texts)


def _conduct(review: Review) -> str:
    """Who searched what, where the strategies are and which are not on record, how many records came."""
    found = _runs(review)
    searchers = dict.fromkeys(run["by"] for _, runs in found for run in runs if run["by"])
    by = [f"{name} ({listed(_names(found, lambda run, name=name: run['by'] == name))})" for name in searchers]
    unknown = _names(found, lambda run: not run["by"])
    lacking = _names(found, lambda run: not any(search["strategy"] for search in run["searches"]))
    imported = sum(run["imported"] for _, runs in found for run in runs)
    texts = [
        by and f"Searches were run by {'; '.join(by)}.",
        unknown and f"Who ran the search is not on record for {listed(unknown)}.",
        lacking != [name for name, _ in found]
        and "Strategies stand under Search strategies, exactly as they were run.",
        lacking and f"No strategy is on record for {listed(lacking)}.",
        f"Together the searches gave {count(imported, 'record')}.",
    ]
    return " ".join(text for text in texts if text)


def _names(found: list[tuple[str, list[Row]]], wanted: Callable[[Row], bool]) -> list[str]:
    """The sources whose runs are wanted; of one with other runs besides, "PubMed of 10 June 2025"."""
    names = []
    for name, runs in found:
        dates = [day(run["run_date"]) or "unknown date" for run in runs if wanted(run)]
        names += [name if len(dates) == len(runs) else f"{name} of {listed(dates)}"] if dates else []
    return names


def _duplicates(review: Review) -> str:
    n = review.n("duplicates")
    text = (
        f"Records of the same report were merged with Prismake {__version__}, by shared identifiers and by the "
        "similarity of titles, authors, year, journal and pages; a merged record keeps its sources and its members. "
        f"{count(n, 'record')} from databases and registers {plural(n, 'was')} removed as duplicates"
    )
    again = review.records.filter(
        pl.col("removed") == "re-found", pl.col("kind").is_in(["database", "register"])
    ).height
    text += f", {number(again)} of them found again by a later search of the same source." if again else "."
    if judged := review.pairs["judged"]:
        text += (
            f" {count(judged, 'pair')} of records {plural(judged, 'was')} merged because people judged them the same."
        )
    if late := review.decisions["full_text"].filter(state="duplicate").height:
        text += (
            f" Only at full text {count(late, 'report')} {plural(late, 'was')} found to be the same as another report."
        )
    if uncertain := review.pairs["uncertain"]:
        text += f" {count(uncertain, 'pair')} of reports in doubt {plural(uncertain, 'is')} for people to decide."
    if related := sum(review.relations.values()):
        kinds = listed([f"{kind} ({number(n)})" for kind, n in review.relations.items()])
        text += f" {count(related, 'pair')} of reports that belong together stayed apart: {kinds}."
    return text


def _update(review: Review) -> str:
    """What an update took over from the earlier version, "" for a new review."""
    tag = review.config["review"]["previous"]
    if not tag:
        return ""
    studies = review.n("previous_studies")
    screened = review.records.filter(pl.col("removed") == "previously screened").height
    included = f"{count(studies, 'study')} in {count(review.n('previous_reports'), 'report')}"
    return (
        f"This is an update of an earlier version of the review (release {tag}), which had included {included}. "
        f"{count(screened, 'record')} that it had screened {plural(screened, 'was')} removed before screening. Reports "
        "that it had left open (waiting, not retrieved, ongoing, awaiting classification) were taken up again."
    )


def _filters(review: Review) -> str:
    """The automation filters, "" when none is configured."""
    filters = review.config["screening"]["filters"]
    texts = []
    if years := filters.get("years"):
        span = " ".join(f"{end} {years[end]}" for end in ("from", "to") if end in years)
        texts.append(f"years of publication to keep ({span})")
    if languages := filters.get("languages"):
        texts.append(f"languages to keep ({listed(languages)})")
    if types := filters.get("publication_types"):
        texts.append(f"types of publication to leave out ({listed(types)})")
    if not texts:
        return ""
    n = review.n("excluded_automatic")
    unknown = [row["value"] for row in review.unused_filters if row["setting"] == "reinstate"]
    reinstated = len(filters.get("reinstate", [])) - len(unknown)
    text = f"Before screening, records were filtered automatically by {listed(texts)}; "
    text += f"a missing value never removed a record. This removed {count(n, 'record')}."
    return text + (
        f" {count(reinstated, 'record')} {plural(reinstated, 'was')} reinstated by hand." if reinstated else ""
    )


def _extraction(review: Review) -> str:
    did = extractors(review)
    people = listed(did or [review.person(name) for name in review.config["extraction"]["people"]])
    form = f" with the form “{review.form.title}”" if review.form.title else " with a form made before"
    levels = [level for level in review.levels if review.levels[level]]
    text = f"Data {were(bool(did), 'extracted')} from the included studies by {people}{form}"
    return f"{text} at the levels {listed(levels)}." if len(levels) > 1 else f"{text}."


def _synthesis(review: Review) -> str:
    if not review.levels.get(review.config["report"]["evidence"]["level"]):
        return ""
    return (
        "What the studies found was mapped by theme, by direction and by kind of study. The map counts claims and "
        "names the studies behind them; it does not weigh them and says nothing about the certainty of evidence."
    )
