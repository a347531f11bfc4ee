"""How records were selected, in words: who screened by which policy, agreement, full texts, reports to studies."""

from prismake.report.done import (
    adjudicators,
    agreed_elsewhere,
    linkers,
    people_per_record,
    screeners,
    screening_begun,
    seekers,
    were,
)
from prismake.report.load import SCREENED, Review
from prismake.report.wording import count, day, listed, number, plural, small


def describe_screening(review: Review) -> str:
    screening = review.config["screening"]
    people, policy, each = screening["people"], screening["policy"], _each(review)
    did, tools = screeners(review, "title_abstract"), agreed_elsewhere(review, "title_abstract")
    planned = [name for name, person in people.items() if person.get("share", 1) > 0]
    names = did or ([] if tools else [review.person(name) for name in planned])
    by = [f"by {listed(names)}"] if names else []
    by += [f"in {listed(tools)} (only what the team agreed there is on record)"] if tools else []
    text = f"Titles and abstracts {were(screening_begun(review), 'screened')} {listed(by)}"
    text += ", each record by one of them. " if each == 1 < len(names) else ". "
    if each > 1 and policy != "liberal_accelerated":
        text += f"Each record was for {small(each)} people to decide on, independently and on forms of their own. "
    text += _pilot(review)
    for name, person in people.items():
        if "until" in person and review.person(name) in did:
            text += f"{review.person(name)} took part until {day(person['until'])}; "
            text += "records left open went to others. "
    text += _rule(policy, each, ", each on a form of their own")
    return text + _disagreements(review) + _agreement(review)


def in_short(review: Review) -> str:
    """The sentence for an abstract."""
    each = _each(review)
    by = "one person" if each == 1 else f"{small(each)} people independently"
    if each > 1 and review.config["screening"]["policy"] == "liberal_accelerated":
        by = f"one person, exclusions by {small(each)}"
    return f"Titles and abstracts, then full texts, {were(screening_begun(review), 'screened')} by {by}."


def in_a_checklist(review: Review) -> str:
    """How many people a record was for, and how many really decided on each."""
    each, policy = _each(review), review.config["screening"]["policy"]
    if each > 1 and policy == "liberal_accelerated":
        text = _rule(policy, each, ", independently")
    else:
        text = f"Each record was for {'one person' if each == 1 else f'{small(each)} people, independently'}."
    shares = {_people(k) if k else "a team in another tool": n for k, n in people_per_record(review).items()}
    total = sum(shares.values())
    if len(shares) == 1:
        text += f" {count(total, 'record')} {plural(total, 'was')} decided by {listed(list(shares))}."
    elif shares:
        text += f" Of {number(total)} records decided, {listed([f'{number(n)} by {by}' for by, n in shares.items()])}."
    return text


def _each(review: Review) -> int:
    """How many people the protocol asks for each record."""
    screening = review.config["screening"]
    return 1 if screening["policy"] == "single" else screening["reviewers_per_record"]


_POLICIES = {
    "strict": "“Maybe” counted as include, and include against exclude as a disagreement.",
    "rayyan": "Only include against exclude counted as a disagreement; a record with “maybe” and no such disagreement"
    " went on to full text.",
    "any_include": "A record went on when at least one person chose include or “maybe”.",
    "single": "“Maybe” counted as include.",
    "liberal_accelerated": "One person’s include or “maybe” was enough for a record to go on; an exclusion took"
    " {people}{how}.",
}


def _rule(policy: str, each: int, how: str) -> str:
    """What the policy makes of the votes; `how` the people decided whom an exclusion took."""
    if policy == "liberal_accelerated" and each == 1:
        policy = "single"
    return _POLICIES[policy].format(people=_people(each), how=how)


def _people(n: int) -> str:
    return f"{small(n)} {plural(n, 'person')}"


def _disagreements(review: Review) -> str:
    """Who settled them, and for whom those are that are open, with a blank before it; "" where there can be none."""
    settled, planned = adjudicators(review), review.person(review.config["screening"]["adjudicator"])
    is_open = any((review.decisions[stage]["state"] == "conflict").any() for stage in SCREENED)
    if settled:
        rest = f"; those still open are for {planned}" if is_open and planned not in settled else ""
        return f" Disagreements went to {listed(settled)}{rest}."
    if is_open or (_each(review) > 1 and review.config["screening"]["policy"] in ("strict", "rayyan")):
        return f" Disagreements were to go to {planned}."
    return ""


def _pilot(review: Review) -> str:
    """The pilot rounds and their gate, with a blank at the end; "" when there was none."""
    size, gate = review.config["screening"]["pilot"], review.config["screening"].get("pilot_kappa")
    if not size:
        return ""
    forms = [row for row in review.progress if row["stage"] == "title_abstract" and row["file"].endswith(".01.xlsx")]
    size = min(size, max((int(row["rows"]) for row in forms), default=size))  # there may be fewer records
    pilots = {row["round"]: row for row in review.agreement if row["round"].startswith("pilot ")}
    rounds = "A pilot round of" if len(pilots) < 2 else f"{small(len(pilots)).capitalize()} pilot rounds of up to"
    was = ("was" if len(pilots) < 2 else "were") if screening_begun(review) else "was to be"
    text = f"{rounds} {count(size, 'record')} {was} the same for everybody. "
    if gate:
        text += f"The next round was to follow once kappa in a pilot reached {gate:g}"
        reached = [
            f"{row['kappa'] or 'undefined, everybody having decided alike,'} in {name}" for name, row in pilots.items()
        ]
        text += f"; it was {listed(reached)}. " if reached else ". "
    return text


def _agreement(review: Review) -> str:
    """Agreement before adjudication in each stage, with a blank before it; "" when no two people share a record."""
    last = {row["stage"]: row for row in review.agreement if row["round"] == "all"}  # that of all people comes last
    texts = []
    for stage, row in last.items():
        who = "both reviewers" if row["person_1"] else "two reviewers or more"
        kappa = "Cohen’s kappa" if row["person_1"] else "Fleiss’ kappa"
        shown = f"{kappa} {row['kappa']}, 95 % interval {row['kappa_low']} to {row['kappa_high']}"
        text = f"on the {count(int(row['both']), 'record')} that {who} decided {_ON[stage]} it was "
        text += f"{100 * float(row['agreement']):.1f} % ({shown if row['kappa'] else f'{kappa} undefined'}; PABAK "
        text += f"{row['pabak']}; Gwet’s AC1 {row['ac1']}, {row['ac1_low']} to {row['ac1_high']})"
        texts.append(text)
    earlier = ", over this and the earlier version" if review.config["review"]["previous"] else ""
    return f" Agreement was measured before adjudication{earlier}: {'; '.join(texts)}." if texts else ""


_ON = {"title_abstract": "on title and abstract", "full_text": "on full text"}


def describe_full_texts(review: Review) -> str:
    """Who sought and assessed full texts and linked reports to studies; who is to, of what nobody has begun."""
    config = review.config
    sought, read, linked = seekers(review), screeners(review, "full_text"), linkers(review)
    owners = {name: [review.person(config[name]["owner"])] for name in ("retrieval", "studies")}
    text = f"Full texts of the records kept {were(bool(sought), 'sought')} by {listed(sought or owners['retrieval'])}. "
    assessed = were(any(row["state"] != "not_retrieved" for row in review.cited), "assessed")
    by = f" by {listed(read)}" if read and read != screeners(review, "title_abstract") else ""
    text += f"They {assessed} in the same way{by}, with one primary reason for each excluded report, "
    text += f"from this list: {'; '.join(config['screening']['reasons'])}. "
    text += f"Reports of the same study {were(bool(linked), 'brought together')} by "
    return text + f"{listed(linked or owners['studies'])}; studies, not reports, are the unit of the results."
