"""PubMed's E-utilities as far as a search needs them: esearch with its cap of 9,999, efetch of MEDLINE text."""

import datetime
import random
import re
from xml.sax.saxutils import escape

from standins.server import Answer, StandIn

CAP = 9_999
TOO_FAR = (
    "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve"
    " the first 9,999 records matching the query."
)


class PubMed(StandIn):
    """`ids` = the PMIDs of the corpus, each with its day; every query finds all of them but for its ranges.

    Faults of its own: "lacking" (a batch without its first three records), "twice" (one record two times), "moved" (a
    count that is one too high), "backend" (an ERROR of the search backend), "bad key". `gone` = PMIDs that a search
    finds and efetch never returns; `books` = those whose record ends without SO.
    """

    prefix = "/entrez/eutils"

    def __init__(self, number: int = 0, *, heavy: int = 0, per_second: float | None = 3, seed: int = 1) -> None:
        super().__init__(per_second=per_second)
        dice = random.Random(seed)
        first = datetime.date(2010, 1, 1)
        ids = dice.sample(range(1_000_000, 42_000_000), number)
        self.days = {
            pmid: datetime.date(2020, 5, 5) if place < heavy else first + datetime.timedelta(dice.randrange(5500))
            for place, pmid in enumerate(ids)
        }
        self.gone: set[int] = set()
        self.books: set[int] = set()
        self.warning = ""
        self.storm += ["lacking", "twice", "backend"]

    def limit(self, parameters: dict[str, str]) -> float | None:
        return self.per_second and (10 if parameters.get("api_key") else 3)

    def answer(self, path: str, parameters: dict[str, str], fault: str) -> Answer:
        if fault == "bad key":
            return Answer(f'{{"error":"API key invalid","api-key":"{parameters.get("api_key")}"}}'.encode(), 400)
        if parameters.get("db") != "pubmed":
            return Answer(b"<eSearchResult><ERROR>Invalid db name specified</ERROR></eSearchResult>", kind="text/xml")
        tool = {"esearch.fcgi": self.esearch, "efetch.fcgi": self.efetch}.get(path)
        return tool(parameters, fault) if tool else Answer(b"no such tool", 404)

    def found(self, term: str) -> list[int]:
        ids = sorted(self.days, key=lambda pmid: (self.days[pmid], pmid), reverse=True)
        for low, high in re.findall(r"(\d+):(\d+)\[UID\]", term):
            ids = [pmid for pmid in ids if int(low) <= pmid <= int(high)]
        for low, high in re.findall(r'"(\d{4}/\d\d/\d\d)"\[[^]]+\] : "(\d{4}/\d\d/\d\d)"\[', term):
            ids = [pmid for pmid in ids if low <= f"{self.days[pmid]:%Y/%m/%d}" <= high]
        return ids

    def esearch(self, parameters: dict[str, str], fault: str) -> Answer:
        term = parameters["term"]
        start, most = int(parameters.get("retstart", 0)), int(parameters.get("retmax", 20))
        if term.count("(") != term.count(")") or fault == "backend":
            return _xml("<ERROR>Search Backend failed: cannot parse or run the query</ERROR>")
        if start > CAP - 1:
            return _xml(f"<ERROR>{TOO_FAR}</ERROR>")
        ids = self.found(term)
        shown = ids[start : min(start + most, CAP)]
        warning = f"<WarningList><QuotedPhraseNotFound>{self.warning}</QuotedPhraseNotFound></WarningList>"
        return _xml(
            f"<Count>{len(ids) + (fault == 'moved')}</Count><RetMax>{len(shown)}</RetMax><RetStart>{start}</RetStart>"
            f"<IdList>{''.join(f'<Id>{pmid}</Id>' for pmid in shown)}</IdList><TranslationSet/>"
            f"<QueryTranslation>{escape(term)} as understood</QueryTranslation>{warning if self.warning else ''}"
        )

    def efetch(self, parameters: dict[str, str], fault: str) -> Answer:
        asked = list(dict.fromkeys(int(pmid) for pmid in parameters["id"].split(",")))
        known = [pmid for pmid in asked if pmid in self.days and pmid not in self.gone]
        if fault == "lacking":
            known = known[3:]
        if fault == "twice":
            known = known[:1] + known
        return Answer("".join(f"\n{self.medline(pmid)}" for pmid in known).encode())

    def medline(self, pmid: int) -> str:
        day = self.days[pmid]
        title = f"Invented record {pmid} on vesicles: é, β and <i>in vivo</i>"
        abstract = "" if pmid % 7 == 0 else f"AB  - Vesicles in {pmid % 90 + 9} rats.\n      Nothing of this is true.\n"
        end = "AID - NBK1 [bookaccession]" if pmid in self.books else f"SO  - J Invent. {day:%Y %b};1(1):{pmid % 999}."
        return (
            f"PMID- {pmid}\nOWN - NLM\nDP  - {day:%Y %b %-d}\nTI  - {title}.\n{abstract}FAU - Okafor, Ada\n"
            f"AU  - Okafor A\nLA  - eng\nPT  - Journal Article\nJT  - Journal of Invented Results\n"
            f"AID - 10.5555/standin.{pmid} [doi]\n{end}\n"
        )


def _xml(inner: str) -> Answer:
    head = '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN"'
    head += ' "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
    return Answer(f"{head}<eSearchResult>{inner}</eSearchResult>".encode(), kind="text/xml; charset=UTF-8")
