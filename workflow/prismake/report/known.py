"""What the workflow knows about the items of a reporting checklist: where the report says it, and the evidence.

Each function of KNOWN, by the name that the checklists (data/checklists) use, returns the anchor of a section of the
report and a sentence, or None where the workflow does not know: the item is then for a person. Nothing is answered that
has not been done: what is still planned or not written is not known.
"""

from collections.abc import Callable, Collection

from prismake.report import selection as of_selection
from prismake.report.done import begun, extractors, extractors_of_studies, screening_begun
from prismake.report.load import Review
from prismake.report.methods import source_name
from prismake.report.status import last_search, steps
from prismake.report.tables import Row
from prismake.report.wording import count, day, listed, plural, small

Answer = tuple[str, str]  # anchor of a section of the report, evidence


def title(review: Review, words: Collection[str] = ("systematic review", "meta-analysis")) -> Answer | None:
    said = [word for word in words if word in review.config["review"]["title"].casefold()]
    return ("report", f"The title says “{said[0]}”.") if said else None


def title_scoping(review: Review) -> Answer | None:
    return title(review, ("scoping review",))


def question(review: Review) -> Answer | None:
    return _written(review, "question", "question", "The review question stands there.")


def objective(review: Review) -> Answer | None:
    return _written(review, "objective", "abstract", "The objective stands in the abstract.")


def conclusion(review: Review) -> Answer | None:
    return _written(review, "conclusion", "abstract", "The conclusion stands in the abstract.")


def protocol(review: Review) -> Answer | None:
    return _written(review, "protocol", "facts", "Where the protocol can be read stands at the head of the report.")


def funding(review: Review) -> Answer | None:
    return _written(review, "funding", "statements", "The statement of funding is there.")


def interests(review: Review) -> Answer | None:
    return _written(review, "interests", "statements", "The statement of competing interests is there.")


def registration(review: Review) -> Answer | None:
    given = review.config["review"]["registration"]
    named = " ".join(filter(None, (given["registry"], given["id"])))
    return ("facts", f"Registered: {named}.") if given["id"] else None


def amendments(review: Review) -> Answer | None:
    n = len(review.config["review"]["amendments"])
    return ("amendments", f"{count(n, 'amendment')} {plural(n, 'is')} listed.") if n else None


def eligibility(review: Review) -> Answer | None:
    given = review.config["review"]["eligibility"]
    n = len(given["include"]), len(given["exclude"])
    evidence = f"{count(n[0], 'criterion')} for including and {small(n[1]) if n[1] else 'none'} for excluding."
    return ("question", evidence) if n[0] else None


def sources(review: Review) -> Answer | None:
    """Every source of the configuration was searched, and every search has its date."""
    n = len(review.config["search"]["sources"])
    runs = _runs(review)
    if len(runs) < n or not all(run["run_date"] for _, of_source in runs for run in of_source):
        return None
    return "strategies", f"{count(n, 'source')}, each with the dates of its searches; the last on {_last(review)}."


def strategies(review: Review) -> Answer | None:
    """Every search of a database, register or website has its strategy."""
    runs = _runs(review, "database", "register", "website")
    texts = [search["strategy"] for _, of_source in runs for run in of_source for search in run["searches"]]
    if not texts or not all(texts) or len(runs) < len(_sources(review, "database", "register", "website")):
        return None
    return "strategies", f"{count(len(texts), 'strategy')}, as they were run."


def platforms(review: Review) -> Answer | None:
    databases = _sources(review, "database")
    if not databases or not all(source.get("platform") for source in databases):
        return None
    return "methods", f"Searched: {listed(list(map(source_name, databases)))}."


def registers(review: Review) -> Answer | None:
    return _of_kinds(review, "register")


def browsed(review: Review) -> Answer | None:
    return _of_kinds(review, "website", "organisation", "handsearch")


def citations(review: Review) -> Answer | None:
    return _of_kinds(review, "citation")


def contacts(review: Review) -> Answer | None:
    return _of_kinds(review, "contact")


def other_sources(review: Review) -> Answer | None:
    return _of_kinds(review, "other")


def limits(review: Review) -> Answer | None:
    return _of_each_run(review, "limits", "Limits are on record for every search of a database or register.")


def peer_review(review: Review) -> Answer | None:
    return _of_each_run(review, "peer_review", "Every strategy for a database or register was peer reviewed.")


def updates(review: Review) -> Answer | None:
    again = [source_name(source) for source, runs in _runs(review) if len(runs) > 1]
    return ("methods", f"Searched again: {listed(again)}.") if again else None


def totals(review: Review) -> Answer | None:
    n = review.records.height
    return ("sources", f"{count(n, 'record')}, told for each source.") if n else None


def deduplication(review: Review) -> Answer | None:
    if review.records.is_empty():
        return None
    return "methods", f"{count(review.n('duplicates'), 'duplicate')} removed; method and software stand there."


def selection(review: Review) -> Answer | None:
    if not screening_begun(review):
        return None
    told = [review.n("excluded_automatic") and "Automation filters are described."]
    told += [review.stopping.get("unscreened") and "The rule that stopped screening is described."]
    return "methods", " ".join([of_selection.in_a_checklist(review), *filter(None, told)])


def extraction(review: Review) -> Answer | None:
    if not any(review.levels.values()) or not begun(review, "extraction"):
        return None
    n, of_study = len(extractors(review)), extractors_of_studies(review).values()
    by = f"by {small(n)} {plural(n, 'person')}"
    double = sum(len(people) > 1 for people in of_study)
    twice = f", {double} of {count(len(of_study), 'study')} by two or more independently"
    twice = twice if double else ", each study by one"
    return "methods", f"Data were extracted {by}{twice}, with a form."


def bias_tools(review: Review) -> Answer | None:
    used = [tool.title for tool in review.tools if tool.done]
    return ("bias", f"Judged with {listed(used)}.") if used else None


def bias(review: Review) -> Answer | None:
    if not review.tools or not all(tool.total and tool.done == tool.total for tool in review.tools):
        return None
    n = sum(tool.total for tool in review.tools)
    return "bias", f"{count(n, 'assessment')}, all finished."


def flow(review: Review) -> Answer | None:
    if review.records.is_empty():
        return None
    found, studies = count(review.records.height, "record"), count(review.n("new_studies"), "study")
    so_far = "So far: " if review.flow["draft"] else ""
    return "flow", f"{so_far}{found} identified, {studies} included; the diagram and its numbers."


def excluded(review: Review) -> Answer | None:
    n = review.n("dbr_excluded", "other_excluded")
    reading = steps(review)["Full text"]
    if reading.open or not reading.total:
        return None
    if not n:
        return "excluded", "No report was excluded at full text."
    return "excluded", f"{count(n, 'report')} excluded at full text, each with its reason and its reference."


def characteristics(review: Review) -> Answer | None:
    studies = {row["study_id"] for row in review.report_study}
    if not studies or studies - review.complete:
        return None
    return "included", f"{count(len(studies), 'study')}, each with its references."


def availability(review: Review) -> Answer | None:
    return "software", "The tables, the configuration and the software are named."


def abstract_sources(review: Review) -> Answer | None:
    return ("abstract", f"The sources are named; last search {_last(review)}.") if sources(review) else None


def abstract_included(review: Review) -> Answer | None:
    n = review.n("new_studies")
    return ("abstract", f"{count(n, 'study')} in {count(review.n('new_reports'), 'report')}.") if n else None


KNOWN: dict[str, Callable[[Review], Answer | None]] = {
    answer.__name__: answer
    for answer in (
        *(title, title_scoping, question, objective, conclusion, protocol, funding, interests, registration),
        *(amendments, eligibility, sources, strategies, platforms, registers, browsed, citations, contacts),
        *(other_sources, limits, peer_review, updates, totals, deduplication, selection, extraction, bias_tools),
        *(bias, flow, excluded, characteristics, availability, abstract_sources, abstract_included),
    )
}


def _written(review: Review, key: str, section: str, evidence: str) -> Answer | None:
    return (section, evidence) if review.config["review"][key] else None


def _last(review: Review) -> str:
    return day(last_search(review))


def _sources(review: Review, *kinds: str) -> list[Row]:
    return [source for source in review.config["search"]["sources"].values() if source["kind"] in kinds]


def _runs(review: Review, *kinds: str) -> list[tuple[Row, list[Row]]]:
    """The sources that were searched (of these kinds, when some are given), with their runs."""
    known = review.config["search"]["sources"]
    found = [(known[source["source"]], source["runs"]) for source in review.searches if source["runs"]]
    return [(source, runs) for source, runs in found if not kinds or source["kind"] in kinds]


def _of_kinds(review: Review, *kinds: str) -> Answer | None:
    names = [source_name(source) for source, _ in _runs(review, *kinds)]
    return ("methods", f"{listed(names)}.") if names else None


def _of_each_run(review: Review, key: str, evidence: str) -> Answer | None:
    runs = [run for _, of_source in _runs(review, "database", "register") for run in of_source]
    return ("strategies", evidence) if runs and all(run[key] for run in runs) else None
