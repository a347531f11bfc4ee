"""The order of screening and its end in words: for the methods, and where the review stands by the stopping rule."""

from prismake.report.load import Review
from prismake.report.wording import count, number, plural

_RULE = "the criterion of Callaghan and Müller-Hansen (Syst Rev 2020;9:273)"


def describe_order(review: Review) -> list[str]:
    """Paragraphs of the methods; "" for what is not configured."""
    return [_ranking(review), _stopping(review)]


def _ranking(review: Review) -> str:
    ranking = review.config["screening"].get("ranking")
    if ranking is None:
        return ""
    text = (
        "After the pilot, records were issued in ranked order, those most like the inclusions so far first (tf-idf of "
        "words and pairs of words in title, counted twice, and abstract; linear support vector machine with the "
        "settings of ASReview’s ELAS u4), ranked anew for each round"
    )
    if ranking["random"]:
        text += f", with a share of {ranking['random']:.3g} of random records among them"
    return text + ". The ranking changed the order only: it excluded no record."


def _stopping(review: Review) -> str:
    settings = review.config["screening"].get("stopping")
    if settings is None:
        return ""
    row = f", and after {settings['consecutive']} irrelevant records in a row" if settings["consecutive"] else ""
    text = f"Whether enough was screened was judged by {_RULE}: whether, at a confidence of "
    text += f"{settings['confidence']:.4g}, at least {settings['recall']:.4g} of the relevant records were found{row}. "
    unseen = review.stopping.get("unscreened", 0)
    if not settings["stop"]:
        return text + "It was for information only; no record was left unscreened because of it."
    if not unseen:
        return text + "Screening was to stop once it holds; so far no record was left unscreened because of it."
    return text + (
        f"Screening stopped when it held: {count(unseen, 'record')} {plural(unseen, 'was')} left that nobody has "
        "looked at, counted as excluded by automation on a line of its own."
    )


def frontier_of(review: Review) -> str:
    """The picture of the recall frontier as SVG, "" where every record is screened and nothing is left to estimate."""
    told = review.stopping
    return review.frontier if told and told["screened"] < told["reports"] else ""


def tell_stopping(review: Review) -> str:
    """Where the review stands by the stopping rule, "" without one or before the first run."""
    told = review.stopping
    if not told:
        return ""
    screened, total = told["screened"], told["reports"]
    if screened == total:
        return "Every record is screened, so that there is no recall to estimate."
    text = f"Screened so far: {number(screened)} of {count(total, 'record')}, {number(told['relevant'])} of them kept "
    text += f"or not settled yet. That fewer than {told['recall']:.4g} of the relevant records were found has "
    text += f"p = {told['p']:.3f} by {_RULE}; below {1 - told['confidence']:.3g} this is rejected. "
    if told["highest_recall"] is None:
        text += "No recall of 0.5 or more can be claimed yet. "
    else:
        text += f"The highest recall that can be claimed is {told['highest_recall']:.3g}. "
    if told["consecutive"]:
        text += f"Irrelevant records in a row: {told['irrelevant_in_a_row']}, asked are {told['consecutive']}. "
    if outside := told["outside_forms"]:
        text += f"{count(outside, 'record')} {plural(outside, 'was')} decided outside the forms, in an unknown order, "
        text += "and taken as screened first. "
    if not told["holds"]:
        return text + "The criterion does not hold; screening goes on."
    if not told["stop"]:
        return text + "The criterion holds; screening goes on all the same, as nothing in the configuration stops it."
    if told["unscreened"]:
        text += f"Screening has stopped; {count(told['unscreened'], 'record')} will not be looked at. "
    if new := told["new"]:
        text += f"{count(new, 'record')} of a later search could not have been among those screened and will be."
    if told["unscreened"] or new:
        return text.rstrip()
    return text + "The criterion holds; every record left has a vote already and waits for another."
