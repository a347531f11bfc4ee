"""The values of one field, whatever the format: each function returns the clean value, or None when there is none."""

import html
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

from prismake import data_files


@cache
def read_data(name: str) -> dict[str, Any]:
    """A table of data/importers/."""
    return data_files.read_data(f"importers/{name}.yaml")


_TERMS = read_data("terms")
_ABSENT = frozenset(_TERMS["absent"])
_NO_ABSTRACT = frozenset(_TERMS["no_abstract"])
_ENTRY_TYPES: dict[str, str] = {spelling: kind for kind, names in _TERMS["entry_types"].items() for spelling in names}
_PARTICLES = frozenset(_TERMS["particles"])
_NOBODY = frozenset(_TERMS["nobody"])
_GROUP = re.compile(rf"(?i)\b(?:{'|'.join(_TERMS['group_words'])})\b")
_REGISTRY = re.compile(rf"(?<![\w-])(?:{'|'.join(_TERMS['registry_ids'])})(?!\w)")


def text(value: str) -> str | None:
    """White space made single; markup and entities stay as they are."""
    value = " ".join(value.split())
    return None if not value or (len(value) < 20 and value.lower() in _ABSENT) else value


def title(value: str) -> str | None:
    return " ".join(value.split()) or None


def abstract(value: str) -> str | None:
    value = value.strip()
    if "  " in value or "\n" in value or "\t" in value:
        value = " ".join(value.split())
    return None if not value or (len(value) < 60 and value.lower().strip("[]. ") in _NO_ABSTRACT) else value


def entry_type(values: Iterable[str]) -> str | None:
    """The first value with a name of ours (data/importers/terms.yaml), else the first as it stands."""
    found = [value for value in map(text, values) if value]
    known = (_ENTRY_TYPES.get(value.lower()) for value in found)
    return next((kind for kind in known if kind), found[0] if found else None)


_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def year(value: str) -> int | None:
    match = _YEAR.search(value)
    return int(match[1]) if match else None


_DOI = re.compile(r"\s*(?:doi:?\s*|(?:https?://)?[^/\s]*\bdoi[.-]org[^/\s]*/)*(10\.\d{4,9}/[^\s|]+)", re.IGNORECASE)


def doi(value: str) -> str | None:
    """A DOI in lower case without resolver, when the value begins with one. An address that only holds one is none."""
    match = _DOI.match(value)
    if not match:
        return None
    found = html.unescape(match[1])
    if "%2" in found or "%3" in found:
        found = unquote(found)
    found = re.split(r"[;,](?=\s*(?:10\.|doi|https?:))", found)[0].rstrip(".,;:\"'")
    while found[-1:] in ")]}>" and found.count(found[-1]) > found.count("([{<"[")]}>".index(found[-1])]):
        found = found[:-1].rstrip(".,;")
    return found.lower()


_PMID = re.compile(r"(?i)\s*(?:(?:PMID|PUBMED|MEDLINE)[:\s]*)?0*([1-9]\d{0,8})(?:\.0)?\s*(?:\[pmid\])?\s*$")


def pmid(value: str) -> str | None:
    match = _PMID.match(value)
    return match[1] if match else None


def pmcid(value: str) -> str | None:
    match = re.match(r"(?i)\s*(?:PMCID:?\s*)?(?:PMC)?(\d{3,9})\b", value)
    return f"PMC{match[1]}" if match else None


def url(value: str) -> str | None:
    """The first web address in a value; other schemes than http and https are none."""
    match = re.search(r"https?://[^\s<>\"]+|(?<!\S)www\.[^\s<>\"]+", value)
    if not match:
        return None
    return match[0] if match[0].startswith("http") else f"http://{match[0]}"


def pages(value: str) -> str | None:
    """Pages or article number with a plain hyphen; "1--9" and "1 - 9" are "1-9"."""
    found = text(value)
    if not found or found.isalnum():
        return found
    return re.sub(r"(?<=\w)\s*(?:[-\u2010-\u2015\u2212]+)\s*(?=\w)", "-", re.sub(r"(?i)^pp?\.\s*(?=\d)", "", found))


def page_range(first: str | None, last: str | None) -> str | None:
    """The pages of a record that gives first and last page apart."""
    if first and re.match(r"(?i)no$", first) and last and re.match(r"(?i)specified$", last):
        return None  # PsycINFO's "No Specified"
    if not first or not last or first == last or "-" in first:
        return first or last
    return f"{first}-{last}"


def article_number(value: str) -> str | None:
    found = text(value)
    return found if found and re.fullmatch(r"[\w.-]{1,20}", found) and re.search(r"\d", found) else None


_ISSN = re.compile(r"(?<![\dXx-])(\d{4})-?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<!\d)(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx])")


def issns(value: str) -> list[str]:
    return [f"{first}-{last.upper()}" for first, last in _ISSN.findall(value)]


def isbn(value: str) -> str | None:
    found = sorted((re.sub(r"[- ]", "", number).upper() for number in _ISBN.findall(value)), key=len, reverse=True)
    return found[0] if found else None


def registry_ids(value: str) -> list[str]:
    """Numbers of trial registers in a text."""
    return _REGISTRY.findall(value)


_INITIALS_LAST = re.compile(r"(?P<family>.*[^\W\d_]{2}.*?)\s+(?P<given>(?:[^\W\d_a-zß-ÿ]\.?[ -]?){1,4})")
_INITIALS_FIRST = re.compile(r"(?:[^\W\d_]\.-?)+ ")
_SUFFIX = re.compile(r"\s+(?:Jr|Sr|2nd|3rd|III)\.?$")


@lru_cache(maxsize=65536)
def author(value: str) -> str | None:
    """A name as "Family, Given"; groups and single words as they stand; None for "et al." and the like.

    "Doe JA", "Doe J.A." and "J. A. Doe" are turned round, "Doe,Jane" is spaced.
    """
    name = " ".join(value.split()).strip(" ;")
    if not name or (len(name) < 30 and name.lower().strip(".[]") in _NOBODY):
        return None
    family, comma, given = name.partition(", ")
    if comma and "," not in given and "," not in family:
        return name if family and given else family or given
    if "," in name:
        return ", ".join(part for part in (part.strip() for part in name.split(",")) if part) or None
    if " " not in name or re.search(r"[\d&/()]", name) or _GROUP.search(name):
        return name
    ending = _SUFFIX.search(name)
    suffix = f", {ending[0].strip()}" if ending else ""
    name = _SUFFIX.sub("", name)
    match = _INITIALS_LAST.fullmatch(name)
    if match and not _INITIALS_FIRST.match(name):
        return f"{match['family']}, {match['given'].strip()}{suffix}"
    words = name.split(" ")
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return ", ".join(filter(None, [" ".join(words[start:]), " ".join(words[:start])])) + suffix
