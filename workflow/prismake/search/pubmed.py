"""PubMed by its E-utilities (https://www.ncbi.nlm.nih.gov/books/NBK25499/): every record that a query finds.

A query shows its first 9,999 PMIDs only, and longer windows are clipped without a word. So the range of PMIDs is halved
until each part is below that, as NCBI's own EDirect does, and records are fetched by PMID, not by position.
"""

import io
import json
import re
from collections.abc import Callable, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from prismake.errors import PrismakeError
from prismake.publish import write_bytes, write_json, write_text
from prismake.search.bar import Bar
from prismake.search.services import Service
from prismake.search.transport import PassingError, Transport

CAP = 9_999
BATCH = 200
TOP = 99_999_999  # PMIDs have eight digits; the sum of the parts is compared with the count
_FEW = 10  # records that PubMed may not return at all, with an empty answer
_ERROR_LINE = re.compile(r"^(?:id: \d+ )?Error occurred:.*\n?", re.M)


@dataclass(frozen=True)
class Found:
    """What a query finds: `ids` in ascending order, `slices` = the parts of the range of PMIDs with their counts."""

    count: int
    translation: str | None
    warnings: list[str]
    slices: list[dict[str, Any]]
    ids: list[str]


def connect(service: Service) -> Transport:
    identity = {"tool": "prismake", "email": service.email}
    return Transport(service, {**identity, "api_key": service.key} if service.key else identity)


def term(strategy: str, window: dict[str, str]) -> str:
    """The query as it is sent: the strategy, within the window of publication dates when there is one."""
    if not window.keys() & {"from", "to"}:
        return strategy
    first, last = window.get("from", "1000-01-01"), window.get("to", "3000-12-31")
    dates = f'"{first.replace("-", "/")}"[Date - Publication] : "{last.replace("-", "/")}"[Date - Publication]'
    return f"({strategy}) AND ({dates})"


def retrieve(
    transport: Transport, strategy: str, window: dict[str, str], folder: Path, stem: str, held: Set[str]
) -> dict[str, Any]:
    """Put what a query finds into the folder, and return what search.json tells of it.

    The PMIDs, then each batch of records, are on disk before the next request: whoever is killed goes on from there.
    `held` = PMIDs that an earlier window of the same run delivered.
    """
    query = term(strategy, window)
    checkpoint = folder / f"{stem}.found.json"
    if not checkpoint.exists():
        write_json(checkpoint, asdict(find(transport, query)))
    found = Found(**json.loads(checkpoint.read_text(encoding="utf-8")))
    wanted = [pmid for pmid in found.ids if pmid not in held]
    files, missing = [], []
    with Bar(f"{folder.parent.name} {stem}", "records", len(wanted)) as bar:
        for number, start in enumerate(range(0, len(wanted), BATCH), start=1):
            batch, path = wanted[start : start + BATCH], folder / f"{stem}-{number:03}.txt"
            if not path.exists():
                write_bytes(path, fetch(transport, batch)[0])
            lacking = _lacking(batch, path.read_bytes())
            missing += lacking
            if len(lacking) < len(batch):
                files.append((path.name, len(batch) - len(lacking)))
            bar.step(len(batch))
    write_text(folder / f"{stem}.pmids.txt", "".join(f"{pmid}\n" for pmid in found.ids))
    return {
        "strategy": query,
        "translation": found.translation,
        "warnings": found.warnings,
        "reported": found.count,
        "unique": len(found.ids),
        "retrieved": len(wanted) - len(missing),
        "in_earlier_window": len(found.ids) - len(wanted),
        "missing": missing,
        "slices": found.slices,
        "ids": f"{stem}.pmids.txt",
        "files": files,
    }


def find(transport: Transport, query: str) -> Found:
    """All PMIDs of a query. Raises PrismakeError when count, parts and PMIDs do not agree, twice in a row."""
    for _ in range(2):  # the index may have moved between two requests
        whole = _esearch(transport, query)
        slices, ids = _slice(transport, query, whole, 1, TOP)
        unique = sorted(set(ids), key=int)
        parts = sum(part["count"] for part in slices)
        if whole["count"] == parts == len(ids) == len(unique):
            return Found(whole["count"], whole["translation"], whole["warnings"], slices, unique)
    raise PrismakeError(
        f"PubMed counts {whole['count']} records, its parts hold {parts}, and {len(unique)} different PMIDs came",
        hint="Nothing was recorded for this query; run again later.",
    )


def _slice(
    transport: Transport, query: str, found: dict[str, Any], low: int, high: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """The parts of a range of PMIDs that are within the cap, and their PMIDs."""
    if found["count"] <= CAP or low == high:
        limit = "" if (low, high) == (1, TOP) else f"{low}:{high}[UID]"
        return [{"limit": limit, "count": found["count"]}], found["ids"]
    middle = (low + high) // 2
    slices, ids = [], []
    for first, last in ((low, middle), (middle + 1, high)):
        part = _esearch(transport, f"({query}) AND {first}:{last}[UID]")
        below = _slice(transport, query, part, first, last)
        slices += below[0]
        ids += below[1]
    return slices, ids


def count(transport: Transport, query: str) -> int:
    """How many records a query finds."""
    return _esearch(transport, query, 0)["count"]


def _esearch(transport: Transport, query: str, most: int = CAP) -> dict[str, Any]:
    parameters = {"db": "pubmed", "term": query, "retmode": "xml", "retmax": most}
    return transport.ask("esearch.fcgi", parameters, lambda body: _read_esearch(body, most), post=True)


def _read_esearch(body: bytes, most: int) -> dict[str, Any]:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise PassingError("an answer that is empty, cut or not what was asked for") from None
    if root.tag != "eSearchResult":
        raise PassingError(f"an answer that is no search result ({root.tag})")
    if error := root.findtext("ERROR"):
        problem = " ".join(error.split())[:300]
        if "backend failed" in error.lower():
            raise PassingError(f"'{problem}' (when this stays, look for a mistake in the strategy)")
        raise PrismakeError(f"PubMed could not run the strategy: {problem}", hint="Correct the strategy.")
    number = root.findtext("Count") or ""
    ids = [element.text or "" for element in root.iterfind("IdList/Id")]
    if not number.isdigit() or len(ids) != min(int(number), most):
        raise PassingError(f"{len(ids)} PMIDs for a count of {number or 'nothing'}")
    return {
        "count": int(number),
        "ids": ids,
        "translation": root.findtext("QueryTranslation") or None,
        "warnings": _warnings(root),
    }


def _warnings(root: ElementTree.Element) -> list[str]:
    """What PubMed said of the query, as "QuotedPhraseNotFound: ..."."""
    told = [element for name in ("ErrorList", "WarningList") for element in root.iterfind(f"{name}/*")]
    return [f"{element.tag}: {' '.join((element.text or '').split())}" for element in told]


def fetch(transport: Transport, ids: list[str]) -> tuple[bytes, list[str]]:
    """The MEDLINE text of these records, as it came, and the PMIDs that PubMed does not return when asked again.

    Raises PrismakeError when no whole answer comes.
    """
    body = _efetch(transport, ids)
    missing = _lacking(ids, body)
    while missing:
        again = _efetch(transport, missing)
        body = b"\n".join(filter(None, (body, again)))
        before, missing = missing, _lacking(missing, again)
        if len(missing) == len(before):
            break
    return body, missing


def _efetch(transport: Transport, ids: list[str]) -> bytes:
    parameters = {"db": "pubmed", "id": ",".join(ids), "rettype": "medline", "retmode": "text"}
    return transport.ask("efetch.fcgi", parameters, _reader(ids), post=True)


def _reader(ids: list[str]) -> Callable[[bytes], bytes]:
    empty = 0

    def read(body: bytes) -> bytes:
        nonlocal empty
        text = _ERROR_LINE.sub("", _decoded(body))  # PubMed's word on a PMID that it does not return
        if not text.strip() and len(ids) <= _FEW:
            empty += 1
            if empty == 3:  # an empty answer can be a fault, and it can be the answer
                return b""
        problem = _problem(text, ids)
        if problem:
            raise PassingError(problem)
        return text.encode()

    return read


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise PassingError("an answer that is cut within a letter") from None


def _problem(text: str, ids: list[str]) -> str:
    """Why this is not a whole answer of MEDLINE records that were asked for; "" when it is."""
    from Bio import Medline  # whose reading is independent of the importers', which read the snapshot later

    if not text.lstrip("\n").startswith("PMID"):
        return "an answer without records" if text.strip() else "an empty answer"
    records = list(Medline.parse(io.StringIO(text)))
    found = [record.get("PMID", "") for record in records]
    if len(set(found)) != len(found) or not set(found) <= set(ids):
        return "records that were not asked for, or came twice"
    for pmid, record in zip(found, records, strict=True):
        if list(record)[-1] != "SO" and not any("[bookaccession]" in value for value in record.get("AID", ())):
            return f"record {pmid} ends before its last field"
    return "" if text.endswith("\n") else "the last line has no end"


def _lacking(ids: list[str], body: bytes) -> list[str]:
    held = {pmid.decode() for pmid in re.findall(rb"^PMID ?- *(\d+)", body, re.M)}
    return [pmid for pmid in ids if pmid not in held]
