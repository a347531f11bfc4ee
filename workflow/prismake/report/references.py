"""References in the Vancouver manner (Patrias and Wendling, Citing Medicine, 2nd ed.), and their links."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_AUTHORS_SHOWN = 6


def sort_key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """First author, year, title, id: an order that depends on nothing else."""
    texts = [*(row.get("authors") or [""])[:1], str(row.get("year") or ""), row.get("title") or ""]
    return (*map(name_key, texts), row["report_id"])


def name_key(name: str) -> str:
    """Sorts names without regard to case, so that "de Groot" stands under D wherever names are listed."""
    return unicodedata.normalize("NFKD", name).casefold()


def author(name: str) -> str:
    """'Holm, Nora Jane' as 'Holm NJ'; a name without a comma (a group, say) as it is."""
    family, comma, given = (part.strip() for part in name.partition(","))
    parts = re.split(r"[\s.\-‐]+", given)
    initials = "".join(part if part.isupper() and len(part) <= 3 else part[:1].upper() for part in parts)
    return f"{family} {initials}".strip() if comma else name.strip()


def authors(names: Sequence[str]) -> str:
    shown = [author(name) for name in names[:_AUTHORS_SHOWN]] + ["et al"] * (len(names) > _AUTHORS_SHOWN)
    return ", ".join(shown)


def short(row: Mapping[str, Any]) -> str:
    """'Adler 2021', as tables name a report; by its title, cut, when it has no author."""
    names, year = row.get("authors") or [], str(row.get("year") or "")
    title = row.get("title") or row["report_id"]
    name = names[0].split(",")[0].strip() if names else title if len(title) <= 40 else f"{title[:39].rstrip()}…"
    return f"{name} {year or '(no year)'}"


def vancouver(row: Mapping[str, Any]) -> str:
    """The reference as one text: authors, title, journal, year, volume(issue):pages."""
    issue = f"({row['issue']})" if row.get("issue") else ""
    pages = f":{row['pages']}" if row.get("pages") else ""
    where = f"{row.get('volume') or ''}{issue}{pages}"
    year = str(row.get("year") or "")
    mark = ";" if year and where and not where.startswith(":") else ""
    when = f"{year}{mark}{where}".removeprefix(":")
    title = row.get("title") or "[No title]"
    parts = [authors(row.get("authors") or []), title, row.get("journal") or "", when]
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in map(str.strip, parts) if part)


def links(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(text, address) of the DOI, the PubMed record, else of the record's own address; only http(s) ever is a link."""
    doi, pmid = row.get("doi") or "", row.get("pmid") or ""
    found = [(f"doi:{doi}", f"https://doi.org/{quote(doi, safe='/:;()._-')}")] if doi.startswith("10.") else []
    found += [(f"PMID {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/")] if re.fullmatch(r"[0-9]+", pmid) else []
    address = web_address(row.get("url") or "")
    return found or ([("link", address)] if address else [])


def web_address(text: str) -> str:
    """The text when it is a whole http(s) address, else ""."""
    return text if re.fullmatch(r"https?://[^\s<>\"'\\]+", text.strip()) else ""
