"""Services whose answers come page by page, as JSON: Europe PMC, ClinicalTrials.gov, OpenAlex.

How each is asked and what its pages are like stands in data/search/pages.yaml. The pages are kept as they came.
"""

import json
import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from prismake.data_files import read_data
from prismake.errors import PrismakeError
from prismake.publish import write_bytes, write_text
from prismake.search.bar import Bar
from prismake.search.services import Service
from prismake.search.transport import PassingError, Transport


@dataclass(frozen=True)
class Page:
    """One page: the whole search's number of records (None where this page does not say), records, where to go on."""

    total: int | None
    records: list[dict[str, Any]]
    next: str | None


@cache
def read_pages() -> dict[str, dict[str, Any]]:
    """The table data/search/pages.yaml."""
    return read_data("search/pages.yaml")


def at(value: Any, path: str) -> Any:
    """What lies at a path such as meta.next_cursor; None when nothing does."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


class Paged:
    """One of the services of pages.yaml."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.table = read_pages()[name]

    def connect(self, service: Service) -> Transport:
        identity = {"email": service.email, "key": service.key}
        names = self.table["identity"]
        return Transport(service, {names[part]: value for part, value in identity.items() if part in names and value})

    def parameters(self, strategy: str, window: dict[str, str]) -> dict[str, str]:
        """What is sent, but for page and identity: strategy and, when there is a window, the dates."""
        words = self.table["window"]
        if not window.keys() & {"from", "to"}:
            return {self.table["strategy"]: strategy}
        first, last = window.get("from", words["first"]), window.get("to", words["last"])
        dates = words["template"].format(first=first, last=last)
        if words["parameter"] == self.table["strategy"]:
            return {self.table["strategy"]: f"({strategy}) AND {dates}"}
        return {self.table["strategy"]: strategy, words["parameter"]: dates}

    def first(self, transport: Transport, strategy: str, number: int) -> Page:
        """How many records a strategy finds, and the first of them."""
        return self.read(self._page(transport, self.parameters(strategy, {}), self.table["start"], number))

    def retrieve(
        self, transport: Transport, strategy: str, window: dict[str, str], folder: Path, stem: str, held: Set[str]
    ) -> dict[str, Any]:
        """Put the pages into the folder, and return what search.json tells of them.

        A page is on disk before the next is asked for: whoever is killed goes on from there. Raises PrismakeError when
        the records do not add up to the number that the service gave.
        """
        sent = self.parameters(strategy, window)
        for _ in range(2):  # the search may have moved between two pages
            files, ids, total = self._pages(transport, sent, folder, stem)
            unique = list(dict.fromkeys(ids))
            if total == len(ids) == len(unique):
                break
            for name, _ in files:
                (folder / name).unlink()
        else:
            problem = f"counts {total} records and delivered {len(ids)}, {len(unique)} of them different"
            hint = "Its pages are not whole. Run again later; when this stays, export by hand."
            raise PrismakeError(f"{transport.service.name} {problem}", hint=hint)
        others = dict(sent)
        strategy_sent = others.pop(self.table["strategy"])
        write_text(folder / f"{stem}.ids.txt", "".join(f"{name}\n" for name in unique))
        return {
            "strategy": "\n".join([strategy_sent, *(f"{name}: {value}" for name, value in others.items())]),
            "request": {**self.table["parameters"], **sent},
            "translation": None,
            "warnings": [],
            "reported": total,
            "unique": len(unique),
            "retrieved": len(ids),
            "in_earlier_window": len(held & set(unique)),
            "missing": [],
            "slices": [{"limit": "", "count": total}],
            "ids": f"{stem}.ids.txt",
            "files": [file for file in files if file[1]],
        }

    def _pages(
        self, transport: Transport, sent: dict[str, str], folder: Path, stem: str
    ) -> tuple[list[tuple[str, int]], list[str], int]:
        """The files of all pages with their numbers of records, the ids of the records, and the service's own count."""
        files: list[tuple[str, int]] = []
        ids: list[str] = []
        cursor, seen, total = self.table["start"], set(), 0
        with Bar(f"{folder.parent.name} {stem}", "records") as bar:
            while cursor is not None and cursor not in seen:  # a cursor that comes again would go on for ever
                seen.add(cursor)
                path = folder / f"{stem}-{len(files) + 1:03}.json"
                if not path.exists():
                    write_bytes(path, self._page(transport, sent, cursor, self.table["size"]))
                page = self.read(path.read_bytes())
                if not files:
                    bar.total = total = page.total or 0
                files.append((path.name, len(page.records)))
                ids += [self.identify(record) for record in page.records]
                bar.step(len(page.records))
                cursor = page.next if page.records and len(ids) < total else None
        return files, ids, total

    def _page(self, transport: Transport, sent: dict[str, str], cursor: str, size: int) -> bytes:
        """A page as it came, but for what it repeats of who asked."""
        told = {**self.table["parameters"], **sent, self.table["page_size"]: size}
        if cursor:
            told[self.table["cursor"]] = cursor
        email, key = transport.service.email, transport.service.key

        def sound(body: bytes) -> bytes:
            self.read(body)
            for spelling in {quote(email), quote(email, safe=""), quote_plus(email), email}:
                body = re.sub(rb"(?i)\b(email|mailto)=" + re.escape(spelling.encode()), rb"\1=", body)
            return body.replace(key.encode(), b"") if key else body

        return transport.ask(self.table["path"], told, sound)

    def read(self, body: bytes) -> Page:
        """The page in a body. Raises PassingError when it is none."""
        try:
            told = json.loads(body)
        except ValueError:
            raise PassingError("an answer that is empty, cut or not what was asked for") from None
        records, total = at(told, self.table["records"]), at(told, self.table["total"])
        if not isinstance(records, list) or not isinstance(total, int | None):
            raise PassingError("an answer without records")
        if not all(self.identify(record) for record in records):
            raise PassingError("a record without a number")
        return Page(total, records, at(told, self.table["next"]) or None)

    def identify(self, record: dict[str, Any]) -> str:
        """The record's id at the service."""
        return ":".join(str(at(record, path) or "") for path in self.table["id"]).strip(":")


SOURCES = {name: Paged(name) for name in ("europepmc", "clinicaltrials", "openalex")}
