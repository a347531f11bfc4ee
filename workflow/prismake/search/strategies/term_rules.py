"""The rules of `prismake lint` about text words and subject headings."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from prismake.data_files import read_data
from prismake.search.strategies.query import Group, Term
from prismake.search.strategies.rules import Found, Strategy
from prismake.search.strategies.targets import targets

_HEADING_FIELDS = re.compile(
    r"(?i)\[(?:mh|mesh|mesh terms|majr|mesh major topic|nm|sh)\b|/exp|/de|^MH$|^MM$|^KW:|^INDEXTERMS"
)
_MAJOR = re.compile(r"(?i)\[(?:majr|mesh major topic)\b|/mj|^MM$")
_NO_TEXT = re.compile(
    r"(?i)\[(?:dp|pdat|la|lang|language|pt|ptyp|sb|filter|edat|crdt|lr|uid|pmid|au|ad|ta|jour|date - \w+)\b"
    r"|\[publication type"
)
_WITHOUT_TRUNCATION = ("openalex", "clinicaltrials")


def words_of(strategy: Strategy) -> list[Term]:
    """The terms that are text words: no headings, limits or parts of dates."""
    found = []
    for term in strategy.terms():
        is_text = not _HEADING_FIELDS.search(term.field) and not _NO_TEXT.search(term.field)
        if is_text and re.search(r"[^\W\d_]", term.text) and term.text.lower() != "hasabstract":
            found.append(term)
    return found


def headings_of(strategy: Strategy) -> list[Term]:
    marked = [term for term in strategy.terms() if _HEADING_FIELDS.search(term.field)]
    return [*marked, *strategy.terms("heading")]


def _fields(strategy: Strategy) -> dict[int, str]:
    """Where a term starts -> the fields written at it or at a bracket around it."""
    fields: dict[int, str] = {}

    def walk(group: Group, outer: str) -> None:
        for part in group.parts:
            if isinstance(part, Group):
                walk(part, outer + part.field)
            else:
                fields[part.start] = outer + part.field

    for line in strategy.lines:
        walk(line.tree, line.tree.field)
    return fields


def untagged(strategy: Strategy) -> Found:
    if strategy.family in ("clinicaltrials", "openalex", ""):
        return
    fields = _fields(strategy)
    for term in words_of(strategy):
        if not fields[term.start]:
            yield term.start, term.text


def short_truncation(strategy: Strategy) -> Found:
    for term in words_of(strategy):
        for token in term.tokens:
            for match in re.finditer(r"(?<![\w*-])(\w{1,3})\*", token.text):
                if " " not in token.text.strip("\"'") or token.kind == "word":
                    yield token.start + match.start(), match[0]


def wrong_truncation(strategy: Strategy) -> Found:
    for term in words_of(strategy):
        for token in term.tokens:
            if strategy.family in _WITHOUT_TRUNCATION:
                marks = re.finditer(r"\w\*", token.text)
            elif strategy.family in ("pubmed", "europepmc"):
                marks = re.finditer(r"(?<!\w)\*\w|\w\*\w", token.text)
            else:
                marks = re.finditer(r"(?!)", "")
            for match in marks:
                yield token.start + match.start(), term.text


def quoted_truncation(strategy: Strategy) -> Found:
    if not strategy.database or (phrase := targets()[strategy.database].get("phrase_truncated")) is None:
        return
    if phrase and "joined_by" not in targets()[strategy.database]:
        return
    for term in words_of(strategy):
        if term.quoted and "*" in term.text:
            yield term.start, term.text


def proximity(strategy: Strategy) -> Found:
    if strategy.family != "pubmed":
        return
    allowed = r"(?i)\[\s*(?:ti|title|tiab|title/abstract|ad|affiliation)\s*:~\d+\s*\]"
    for term in strategy.terms():
        if ":~" in term.field and ("*" in term.text or not term.quoted or not re.fullmatch(allowed, term.field)):
            yield term.start, f"{term.text} {term.field}"


def implicit_and(strategy: Strategy) -> Found:
    for group in strategy.groups():
        joined = sorted(operator.start for operator in group.operators)
        for before, after in zip(group.parts, group.parts[1:], strict=False):
            if not any(before.start < start < after.start for start in joined):
                yield after.start, "write AND or OR before it"


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def other_number(strategy: Strategy) -> Found:
    texts = {_plain(term.text) for term in words_of(strategy)}
    nearby = {term.start for group in strategy.groups() if _is_near(group) for term in group.terms()}
    for term in words_of(strategy):
        text = _plain(term.text)
        if term.start in nearby or text.count(" ") > 4:  # a part of a longer term; a sentence
            continue
        last = re.search(r"[a-z]{4,}$", text)
        if not last or "*" in text or last[0].endswith(("ss", "us", "is", "ics", "ing", "al", "ed", "ic")):
            continue
        other = text[:-1] if text.endswith("s") else f"{text}s"
        if text.endswith("y"):
            other = f"{text[:-1]}ies"
        elif text.endswith("ies"):
            other = f"{text[:-3]}y"
        if not _covered(other, texts):
            yield term.start, f"{term.text}: {other} is not searched"


def _is_near(group: Group) -> bool:
    return any(operator.kind == "near" for operator in group.operators)


def _covered(text: str, texts: set[str]) -> bool:
    """Whether a text is among those searched, as it stands or by truncation."""
    return text in texts or any(_contains(other, text) for other in texts if other.endswith("*"))


def _contains(truncated: str, text: str) -> bool:
    """Whether every text of this truncated one's kind: as many words, the last beginning alike."""
    stem = truncated.rstrip("*")
    return text != truncated and text.startswith(stem) and text.count(" ") == truncated.count(" ") and "*" not in stem


@cache
def _spellings() -> list[tuple[str, str]]:
    pairs = read_data("search/spellings.yaml")
    return [(here, there) for american, british in pairs for here, there in ((american, british), (british, american))]


def other_spelling(strategy: Strategy) -> Found:
    words = [(term, _plain(term.text)) for term in words_of(strategy)]
    everything = " ".join(text for _, text in words)
    for term, text in words:
        for here, there in _spellings():
            inside = re.search(rf"(?<!\w){here}", text)
            if inside and not re.search(rf"(?<!\w){there}", everything):
                yield term.start, f"{term.text}: {there}... is not searched"
                break


def hyphens(strategy: Strategy) -> Found:
    if strategy.family in ("pubmed", "europepmc", "openalex", "clinicaltrials"):
        return  # they treat a hyphen as a blank
    texts = {_plain(term.text) for term in words_of(strategy)}
    for term in words_of(strategy):
        text = _plain(term.text)
        if re.fullmatch(r"[a-z]+-[a-z*]+", text):
            lacking = [other for other in (text.replace("-", ""), text.replace("-", " ")) if not _covered(other, texts)]
            if len(lacking) == 2:
                yield term.start, f"{term.text}: neither {lacking[0]} nor {lacking[1]} is searched"


def acronyms(strategy: Strategy) -> Found:
    fields = _fields(strategy)
    wide = r"(?i)^$|\[(?:all|all fields|tw|text words?)\]|\.mp\.|\.tw\.|^TX|^ALL"
    expanded = any(" " in term.text for term in words_of(strategy))
    for term in words_of(strategy):
        if re.fullmatch(r"[A-Z]{2,4}s?\*?", term.text) and not re.fullmatch(r"AND|OR|NOT", term.text):
            everywhere = re.search(wide, fields[term.start]) and strategy.family not in ("clinicaltrials", "openalex")
            if everywhere or not expanded:
                yield term.start, term.text


def _blocks(strategy: Strategy) -> Iterator[list[Term]]:
    """The terms of every bracket or line whose parts are joined by OR, brackets within it among them."""
    for group in strategy.groups():
        if any(operator.text.upper() == "OR" for operator in group.operators):
            yield [part for part in group.parts if isinstance(part, Term) and part.kind in ("text", "heading")]


def duplicates(strategy: Strategy) -> Found:
    for terms in _blocks(strategy):
        seen: set[tuple[str, str]] = set()
        for term in terms:
            key = (_plain(term.text), term.field.lower())
            if key in seen:
                yield term.start, term.text
            seen.add(key)


def contained(strategy: Strategy) -> Found:
    for terms in _blocks(strategy):
        for term in terms:
            for other in terms:
                alike = term.kind == "text" and term.field.lower() == other.field.lower()
                if alike and other.text.endswith("*") and _contains(_plain(other.text), _plain(term.text)):
                    yield term.start, f"{term.text} is found by {other.text}"
                    break


def both_sides(strategy: Strategy) -> Found:
    for group in strategy.groups():
        if not any(operator.text.upper() == "AND" for operator in group.operators):
            continue
        sides: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number, part in enumerate(group.parts):
            for term in part.terms() if isinstance(part, Group) else [part]:
                key = (_plain(term.text), term.field.lower())
                if term.kind in ("text", "heading") and sides[key] and number not in sides[key]:
                    yield term.start, term.text
                sides[key].add(number)


def no_text_words(strategy: Strategy) -> Found:
    headings = headings_of(strategy)
    if headings and not words_of(strategy):
        yield headings[0].start, "only headings are searched"


def no_headings(strategy: Strategy) -> Found:
    has_some = strategy.database and targets()[strategy.database]["headings"] and strategy.family != "europepmc"
    words = words_of(strategy)
    if has_some and words and not headings_of(strategy):
        yield words[0].start, "only text words are searched"


def truncated_headings(strategy: Strategy) -> Found:
    for term in headings_of(strategy):
        if "*" in term.text.lstrip("*"):
            yield term.start, term.text


def main_topics(strategy: Strategy) -> Found:
    for term in headings_of(strategy):
        if _MAJOR.search(term.field) or (term.kind == "heading" and re.match(r"(?:exp )?\*|\[mj", term.text)):
            yield term.start, term.text
