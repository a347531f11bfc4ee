"""One count and three records from each live service. Run by `make live-check` where there is a network."""

import sys

from prismake.errors import PrismakeError
from prismake.search import paged, pubmed
from prismake.search.services import open_service, read_services

STRATEGY = '"mesenchymal stem cell" AND exosome'
PMIDS = ["33782057", "38850660", "41540476"]


def check(kind: str) -> str:
    """What the service answered, in a line. Raises PrismakeError when it did not."""
    service = open_service(kind)
    if kind == "pubmed":
        connection = pubmed.connect(service)
        number = pubmed.count(connection, STRATEGY)
        body, missing = pubmed.fetch(connection, PMIDS)
        got = len(PMIDS) - len(missing)
        return f"{number} records; {got} of 3 fetched, {len(body)} bytes of MEDLINE text"
    source = paged.SOURCES[kind]
    page = source.first(source.connect(service), STRATEGY, 3)
    return f"{page.total} records; the first: {', '.join(map(source.identify, page.records))}"


def main() -> int:
    failed = 0
    for kind in read_services():
        try:
            print(f"{kind}: {check(kind)}")
        except PrismakeError as error:
            print(f"{kind}: NOT ANSWERED: {error}")
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
