"""Which record a reference in another tool's file is: by our id, by DOI or PMID, by title, year and first author.

Only what leads to one report counts: a DOI, or a title of this year by this author, that two reports have says nothing.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from prismake.other_tools import tables
from prismake.screening.exchange.items import Item, about

_DOI = re.compile(r"10\.\d{4,9}/[^\s|]+", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_PUBMED = re.compile(r"^(?:https?://(?:pubmed\.ncbi|(?:www\.)?ncbi)\.nlm\.nih\.gov/(?:pubmed/)?)?(\d+)/?$")
_NAMED = re.compile(r"record_id:\s*([^|\n]*[^|\s])")


class Finder:
    """Finds records. `known`: ids that may come back; `aliases`: record id -> report id; `reports`: by report id."""

    def __init__(
        self, known: Collection[str], aliases: Mapping[str, str], reports: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.known, self.aliases = known, aliases
        self.reports = reports
        self.by_number: dict[str, set[str]] = {}
        self.by_title: dict[str, list[str]] = {}
        for report_id, report in reports.items():
            numbers = {f"{name}:{report[name]}".lower() for name in ("doi", "pmid") if report[name]}
            for number in numbers | {number.lower() for number in report["identifiers"] or ()}:
                self.by_number.setdefault(number, set()).add(report_id)
            if title := fold(report["title"] or ""):
                self.by_title.setdefault(title, []).append(report_id)

    def find(self, item: Item) -> str:
        """The id of this item's record; "" when none is found or it could be several.

        So it is where the id is that of one report and the rest that of another: such rows were torn apart.
        """
        named, alike = self._by_id(item.all(tables()["ids"])), self._by_content(about(item))
        return "" if named and alike and self.aliases.get(named, alike) != alike else named or alike

    def _by_id(self, texts: Iterable[str]) -> str:
        for text in texts:
            for found in (text.strip(), *_NAMED.findall(text)):
                for candidate in (found, found.split()[0] if found else ""):
                    if candidate in self.known:
                        return candidate
        return ""

    def _by_content(self, said: Mapping[str, str]) -> str:
        doi = _DOI.search(said["doi"]) or _DOI.search(said["url"])
        pmid = _PUBMED.match(said["pmid"].strip()) or _PUBMED.match(said["url"].strip())
        numbers = [f"doi:{doi[0].lower().rstrip('.,;')}"] if doi else []
        for number in [*numbers, *([f"pmid:{pmid[1]}"] if pmid else [])]:
            if len(found := self.by_number.get(number, ())) == 1:
                return next(iter(found))
        same = [report for report in self.by_title.get(fold(said["title"]), ()) if self._alike(report, said)]
        return same[0] if len(same) == 1 else ""

    def _alike(self, report_id: str, said: Mapping[str, str]) -> bool:
        """Whether year and first author agree: one of them at least is given on both sides, and none differs."""
        report = self.reports[report_id]
        year = _YEAR.search(said["year"])
        first = next(iter(report["authors"] or ()), "")
        family = fold(first.split(",")[0])
        checked = []
        if year and report["year"]:
            checked.append(int(year[1]) == report["year"])
        if family and said["authors"]:
            checked.append(family in fold(re.split(r";|\n| and ", said["authors"])[0]))
        return bool(checked) and all(checked)


def fold(text: str) -> str:
    """Letters and digits only, small, without accents and markup."""
    plain = unicodedata.normalize("NFKD", re.sub(r"</?[a-zA-Z]{1,9}>", "", text)).casefold()
    return "".join(character for character in plain if character.isalnum())
