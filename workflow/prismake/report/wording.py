"""Numbers, dates and lists in words, the same in the report and in `prismake status`."""

import re
from collections.abc import Sequence

STAGES = {
    "pairs": "Pairs that may be duplicates",
    "title_abstract": "Title and abstract",
    "title_abstract_conflicts": "Title and abstract, conflicts",
    "retrieval": "Retrieval of full texts",
    "full_text": "Full text",
    "full_text_conflicts": "Full text, conflicts",
    "studies": "Reports to studies",
    "extraction": "Data extraction",
}
_MONTHS = ["January", "February", "March", "April", "May", "June"]
_MONTHS += ["July", "August", "September", "October", "November", "December"]
_SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_PLURALS = {
    "study": "studies",
    "strategy": "strategies",
    "criterion": "criteria",
    "person": "people",
    "is": "are",
    "has": "have",
    "was": "were",
}


def number(n: int) -> str:
    """1630 as 1,630."""
    return f"{n:,}"


def plural(n: int, noun: str) -> str:
    """The noun (or the verb is, has, was) as it goes with n; of several words the last one changes."""
    *first, last = noun.split(" ")
    return noun if n == 1 else " ".join([*first, _PLURALS.get(last, f"{last}s")])


def count(n: int, noun: str) -> str:
    """1630 and "record" as "1,630 records"."""
    return f"{number(n)} {plural(n, noun)}"


def small(n: int) -> str:
    """A number below ten as a word, for running text."""
    return _SMALL[n] if 0 < n < len(_SMALL) else number(n)


def day(date: str | None) -> str:
    """2026-02-10 as 10 February 2026; what is no date stays as it is, none is ""."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", date or "")
    if not found or not 1 <= int(found[2]) <= 12:
        return date or ""
    return f"{int(found[3])} {_MONTHS[int(found[2]) - 1]} {found[1]}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    text = capital(text.strip())
    return text + ("" if not text or text[-1] in ".!?" else ".")


def stage(name: str) -> str:
    """A kind of form in words. Those of risk of bias are named by their tool."""
    base, _, part = name.rpartition("_")
    if name in STAGES or part not in ("consensus", "supplement"):
        base, part = name, ""
    words = STAGES.get(base) or f"Risk of bias, {base.replace('_', ' ').upper()}"
    return words + {"": "", "consensus": ", consensus", "supplement": ", new fields"}[part]


def label(field: str) -> str:
    """A field's id as a heading, for fields whose form gives none."""
    return capital(field.replace("_", " ").strip())
