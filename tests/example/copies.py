"""How one report reads in each source: spelling, names, missing fields and slips of the people who indexed it."""

import re
import unicodedata
from dataclasses import dataclass

from phrases import chance, read
from reports import Person, Report

_GREEK = read("formats")["greek"]
_GREEK_PATTERN = re.compile("|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in _GREEK))
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "æ": "ae", "ı": "i"})


@dataclass
class Copy:
    """A report as one source delivers it."""

    report: Report
    accession: str
    title: str
    abstract: str
    authors: list[Person]
    year: int
    volume: str
    issue: str
    first: str
    last: str
    doi: str
    in_press: bool = False


def greek(text: str) -> str:
    return _GREEK_PATTERN.sub(lambda match: _GREEK[match[0]], text)


def ascii_only(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in folded.replace("±", "+/-").replace("×", "x") if ord(c) < 128)


def initials(given: str) -> str:
    return "".join(part[0] for part in re.split(r"[\s-]+", given.replace(".", "")) if part)


def structured(report: Report, *, upper: bool) -> str:
    """The abstract in one piece, with labels where the journal uses them."""
    if not report.structured:
        return report.text
    labels = read("wording")["structured_labels"]
    return " ".join(f"{labels[k] if upper else labels[k].capitalize()}: {text}" for k, text in report.abstract)


def _slip(title: str, roll: float, position: float) -> str:
    """A title with one letter lost, doubled or swapped."""
    at = 12 + int(position * max(1, len(title) - 24))
    while at < len(title) - 2 and not (title[at].isalpha() and title[at + 1].isalpha()):
        at += 1
    if roll < 0.4:
        return title[:at] + title[at + 1 :]
    if roll < 0.7:
        return title[:at] + title[at] + title[at:]
    return title[:at] + title[at + 1] + title[at] + title[at + 2 :]


def copies(report: Report, source: str) -> list[Copy]:
    """The report's copies in this source (two when the source holds it twice)."""
    return [_copy(report, source, accession, index) for index, accession in enumerate(report.accessions[source])]


def _copy(report: Report, source: str, accession: str, index: int) -> Copy:
    rng = chance(report.key, source, index)
    rolls = [rng.random() for _ in range(12)]
    first, last = report.pages
    copy = Copy(
        report,
        accession,
        report.title,
        structured(report, upper=source == "pubmed"),
        report.authors,
        report.published.year,
        report.volume,
        report.issue,
        first,
        last,
        report.doi,
    )
    if source == "pubmed":
        copy.title, copy.abstract = greek(copy.title), greek(copy.abstract)
        if rolls[0] < 0.03:
            copy.doi = ""
        if (
            rolls[1] < 0.08
            and last
            and last[: len(last) - 2] == first[: len(first) - 2]
            and len(first) == len(last) > 2
        ):
            copy.last = last[-2:]  # 244-58
    elif source == "embase":
        copy.title, copy.abstract = ascii_only(copy.title), ascii_only(copy.abstract)
        copy.abstract = copy.abstract and copy.abstract + (
            f" Copyright © {copy.year} The Author(s)." if rolls[2] < 0.5 else ""
        )
        if rolls[0] < 0.09:
            copy.doi = ""
        if rolls[1] < 0.04:
            copy.title = _slip(copy.title, rolls[6], rolls[7])
        if rolls[3] < 0.05 and report.kind == "article":
            copy.first = copy.last = copy.issue = ""
        if rolls[4] < 0.03 and not report.special:
            copy.year -= 1
        if rolls[5] < 0.03:
            copy.abstract = ""
        if len(report.accessions[source]) == 2 and index == 0:
            copy.in_press, copy.volume, copy.issue, copy.first, copy.last = True, "", "", "", ""
    elif source == "wos":
        copy.title, copy.abstract = ascii_only(copy.title), ascii_only(copy.abstract)
        if rolls[0] < 0.07:
            copy.doi = ""
        if rolls[1] < 0.03:
            copy.title = _slip(copy.title, rolls[6], rolls[7])
        if rolls[2] < 0.16:
            copy.title = title_case(copy.title)
        if rolls[3] < 0.1:
            copy.title = copy.title.replace("-derived", " derived").replace("/", "-")
        if rolls[4] < 0.03 and report.published.month > 9:
            copy.year += 1
        if rolls[5] < 0.04:
            copy.authors = copy.authors[:1] + copy.authors[2:] if len(copy.authors) > 3 else copy.authors
        if rolls[8] < 0.02:
            copy.abstract = ""
    elif source == "citation":
        copy.abstract = "" if rolls[1] < 0.3 else copy.abstract
        copy.doi = "" if rolls[0] < 0.2 else copy.doi
    return copy


def title_case(title: str) -> str:
    small = {"of", "and", "in", "the", "by", "for", "from", "to", "with", "a", "an", "on", "via", "after", "through"}
    words = title.split(" ")
    return " ".join(w if i and w in small else w[:1].upper() + w[1:] for i, w in enumerate(words))
