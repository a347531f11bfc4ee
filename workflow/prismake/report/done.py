"""What has been done in the review, and by whom: from votes and sheets, not from who is configured for it now."""

from collections import Counter
from collections.abc import Iterable

import polars as pl

from prismake.other_tools import TEAMS
from prismake.report.load import NOT_SCREENED, SCREENED, Review


def were(done: bool, what: str) -> str:
    """'were screened', or 'were to be screened' of what nobody has begun."""
    return f"were {what}" if done else f"were to be {what}"


def screening_begun(review: Review) -> bool:
    untouched = ("pending_screening", *NOT_SCREENED)
    return begun(review, "title_abstract") or not review.reports.filter(~pl.col("state").is_in(untouched)).is_empty()


def begun(review: Review, *kinds: str) -> bool:
    """Whether anything is decided in a form of these kinds."""
    return any(row["stage"] in kinds and int(row["decided"] or 0) for row in review.progress)


def screeners(review: Review, stage: str) -> list[str]:
    """The names of those whose votes count in this stage; a tool that only tells what its team agreed is nobody."""
    return _names(review, (person for person in review.votes[stage]["person"] if person not in TEAMS))


def agreed_elsewhere(review: Review, stage: str) -> list[str]:
    """The tools that tell what a team agreed in this stage."""
    return [tool.capitalize() for tool in TEAMS if tool in review.votes[stage]["person"]]


def adjudicators(review: Review) -> list[str]:
    """The names of those who settled conflicts."""
    return _names(review, (person for stage in SCREENED for person in review.votes[f"{stage}_conflicts"]["person"]))


def seekers(review: Review) -> list[str]:
    """The names of those who filled in what became of a full text."""
    return _names(review, (row["person"] for row in review.retrieval.values()))


def linkers(review: Review) -> list[str]:
    """The names of those who linked reports to studies."""
    return _names(review, (person for row in review.studies for person in row["person"].split("; ")))


def extractors(review: Review) -> list[str]:
    """The names of those whose values stand in the tables of extracted data."""
    return _names(review, (person for people in extractors_of_studies(review).values() for person in people))


def extractors_of_studies(review: Review) -> dict[str, set[str]]:
    """Study -> the people whose values stand in the tables of extracted data."""
    people: dict[str, set[str]] = {}
    for level in review.levels.values():
        for row in level:
            people.setdefault(row["study_id"], set()).update(filter(None, row["people"].split("; ")))
    return people


def people_per_record(review: Review) -> dict[int, int]:
    """How many of the records decided on title and abstract so many people decided on: people -> records.

    0 people: what a team agreed in another tool.
    """
    untouched = ("pending_screening", "in_conflict", *NOT_SCREENED)
    decided = review.reports.filter(~pl.col("state").is_in(untouched))["report_id"]
    votes = review.votes["title_abstract"].filter(pl.col("report_id").is_in(decided.implode()))
    people = dict.fromkeys(votes["report_id"], 0)
    for report in votes.filter(~pl.col("person").is_in(TEAMS.keys()))["report_id"]:
        people[report] += 1
    return dict(sorted(Counter(people.values()).items()))


def _names(review: Review, people: Iterable[str]) -> list[str]:
    """Each person's name once, in the order of the configuration, those that it no longer knows last."""
    known = list(review.config["screening"]["people"])
    found = sorted({*people} - {""}, key=lambda one: (known.index(one) if one in known else len(known), one))
    return [review.person(one) for one in found]
