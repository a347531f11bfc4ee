"""Europe PMC, ClinicalTrials.gov and OpenAlex as far as a search needs them: records page by page, as JSON."""

import json
from typing import Any

from standins.server import Answer, StandIn


class Pages(StandIn):
    """`number` invented records. Faults of their own: "short" (a page without its last record)."""

    tool = size = cursor = strategy = ""
    start: str | None = None
    largest = 1000

    def __init__(self, number: int = 0, *, per_second: float | None = None) -> None:
        super().__init__(per_second=per_second)
        self.records = [self.make(place) for place in range(number)]
        self.extra = 0  # how many more records the service counts than it has

    def make(self, place: int) -> dict[str, Any]:
        raise NotImplementedError

    def page(self, records: list[dict[str, Any]], following: str | None, first: bool) -> dict[str, Any]:
        raise NotImplementedError

    def refused(self, parameters: dict[str, str]) -> Answer | None:
        """The answer to a request that lacks something."""
        return None

    def lost(self) -> Answer:
        """The answer to a cursor that is none."""
        return Answer(b'{"error":"Invalid cursor"}', 400)

    def answer(self, path: str, parameters: dict[str, str], fault: str) -> Answer:
        if path != self.tool:
            return Answer(b'{"error":"not found"}', 404)
        if refusal := self.refused(parameters):
            return refusal
        size = int(parameters.get(self.size, 25))
        if not 1 <= size <= self.largest:
            return Answer(f'{{"error":"{self.size} must be 1 to {self.largest}"}}'.encode(), 400)
        cursor = parameters.get(self.cursor)
        if cursor not in (self.start, None) and not cursor.startswith("AoE"):
            return self.lost()
        begin = 0 if cursor in (self.start, None) else int(cursor.removeprefix("AoE").rstrip("="), 16)
        shown = self.records[begin : begin + size]
        following = f"AoE{begin + size:x}==" if self.goes_on(begin + size) else None
        told = self.page(shown[:-1] if fault == "short" else shown, following, begin == 0)
        return Answer(json.dumps(told, ensure_ascii=False).encode(), kind="application/json")

    def goes_on(self, end: int) -> bool:
        return end < len(self.records)


class EuropePMC(Pages):
    """With a cursor on every page but the empty one behind the last, and a word on who asked in each."""

    prefix = "/europepmc/webservices/rest"
    tool, size, cursor, strategy, start = "search", "pageSize", "cursorMark", "query", "*"

    def make(self, place: int) -> dict[str, Any]:
        source = ("MED", "PPR", "PMC")[place % 3]
        number = f"PPR{700000 + place}" if source == "PPR" else f"{91000000 + place}"
        people = [{"fullName": "Okafor A", "firstName": "Ada", "lastName": "Okafor"}, {"collectiveName": "The Group"}]
        record = {
            "id": number,
            "source": source,
            "doi": f"10.5555/standin.epmc.{place}",
            "title": f"Invented record {place} of Europe PMC: é, β.",
            "authorString": "Okafor A, The Group.",
            "authorList": {"author": people},
            "pubYear": str(2000 + place % 26),
            "journalInfo": {"volume": "3", "issue": "2", "journal": {"title": "J Invent", "issn": "1234-5679"}},
            "pageInfo": f"{place}-{place + 9}",
            "abstractText": f"<h4>Aim</h4>Nothing of {place} is true.",
            "language": "eng",
            "pubTypeList": {"pubType": ["Journal Article"]},
            "keywordList": {"keyword": ["vesicles", "rats"]},
            "meshHeadingList": {"meshHeading": [{"majorTopic_YN": "N", "descriptorName": "Exosomes"}]},
        }
        return record | ({"pmid": number} if source == "MED" else {})

    def goes_on(self, end: int) -> bool:
        return end - self.largest < len(self.records)

    def lost(self) -> Answer:
        return Answer(b'{"version":"6.9"}', kind="application/json")

    def page(self, records: list[dict[str, Any]], following: str | None, first: bool) -> dict[str, Any]:
        told = {"version": "6.9", "hitCount": len(self.records) + self.extra, "resultList": {"result": records}}
        asked = f"{self.address}/search?query=x&cursorMark={following}&email={self.log[-1].parameters.get('email')}"
        return told | ({"nextCursorMark": following, "nextPageUrl": asked} if following else {})


class ClinicalTrials(Pages):
    """With a total on the first page only."""

    prefix = "/api/v2"
    tool, size, cursor, strategy = "studies", "pageSize", "pageToken", "query.term"

    def make(self, place: int) -> dict[str, Any]:
        name = {"nctId": f"NCT{9000000 + place:08}", "briefTitle": f"Invented trial {place} of vesicles"}
        return {
            "protocolSection": {
                "identificationModule": name | {"secondaryIdInfos": [{"id": f"2020-{place:06}-11"}]},
                "statusModule": {"studyFirstPostDateStruct": {"date": f"{2005 + place % 20}-03-01"}},
                "descriptionModule": {"briefSummary": f"Trial {place} never happened."},
                "conditionsModule": {"conditions": ["Stroke"], "keywords": ["exosome"]},
                "armsInterventionsModule": {"interventions": [{"type": "BIOLOGICAL", "name": "Vesicles"}]},
                "designModule": {"studyType": "INTERVENTIONAL"},
            },
            "hasResults": False,
        }

    def page(self, records: list[dict[str, Any]], following: str | None, first: bool) -> dict[str, Any]:
        counted = self.log[-1].parameters.get("countTotal") == "true" and first
        told: dict[str, Any] = {"totalCount": len(self.records) + self.extra} if counted else {}
        return {**told, "studies": records} | ({"nextPageToken": following} if following else {})


class OpenAlex(Pages):
    """With a key that it requires, and two kinds of 429: too fast, and the day's allowance used up ("spent")."""

    tool, size, cursor, strategy, start = "works", "per_page", "cursor", "search", "*"
    largest = 100
    key = ""

    def make(self, place: int) -> dict[str, Any]:
        return {
            "id": f"https://openalex.org/W{4300000000 + place}",
            "doi": f"https://doi.org/10.5555/standin.oa.{place}",
            "title": f"Invented work {place}",
            "publication_year": 2010 + place % 15,
            "language": "en",
            "type": "article",
            "ids": {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{92000000 + place}"},
            "biblio": {"volume": "1", "issue": None, "first_page": "5", "last_page": "9"},
            "primary_location": {"landing_page_url": "https://example.org/w", "source": {"display_name": "J Invent"}},
            "authorships": [{"author": {"display_name": "Ada Okafor"}}, {"author": {"display_name": "Bo Li"}}],
            "abstract_inverted_index": {"Nothing": [0], "is": [1, 3], "true,": [2], "all": [4], "invented": [5]},
        }

    def refused(self, parameters: dict[str, str]) -> Answer | None:
        if parameters.get("api_key") != self.key:
            return Answer(json.dumps({"error": f"Invalid API key {parameters.get('api_key')}"}).encode(), 401)
        return None

    def answer(self, path: str, parameters: dict[str, str], fault: str) -> Answer:
        if fault == "spent":
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40000"}
            return Answer(b'{"error":"Budget exceeded"}', 429, headers=headers)
        return super().answer(path, parameters, fault)

    def page(self, records: list[dict[str, Any]], following: str | None, first: bool) -> dict[str, Any]:
        meta = {"count": len(self.records) + self.extra, "per_page": len(records), "next_cursor": following}
        return {"meta": meta, "results": records}
