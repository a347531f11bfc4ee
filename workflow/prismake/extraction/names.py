"""Which included study a name in a person's extraction forms stands for.

A study that the studies sheet gave another name since its form was issued keeps what was typed: its row shows the
reports it was issued for. A name that stands for no included study is dormant: its rows wait, without a word.
"""

from collections.abc import Collection, Iterable, Mapping

from prismake.extraction.definition import STUDY
from prismake.spreadsheet import Workbook


class Names:
    """The names that one person's forms hold. `included` has the reports of each included study."""

    def __init__(
        self, included: Mapping[str, Collection[str]], issued: Iterable[str], shown: Mapping[str, Collection[str]]
    ) -> None:
        issued = set(issued) - {""}
        self._known = issued | included.keys()
        self._folded: dict[str, str] = {}
        for name in (*sorted(included), *sorted(issued)):  # of spellings that differ in capitals the first counts
            self._folded.setdefault(name.casefold(), name)
        self._current = _current(included, issued, shown)

    def find(self, text: str) -> str:
        """The known name that this text means, "" when it means none: as it is spelt, else but for capitals."""
        return text if text in self._known else self._folded.get(text.casefold(), "")

    def study(self, text: str) -> str:
        """The included study that this text stands for, "" when it stands for none."""
        return self._current.get(self.find(text), "")


def _current(
    included: Mapping[str, Collection[str]], issued: Collection[str], shown: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Name -> included study. No study takes over the rows of two names."""
    homes: dict[str, set[str]] = {}
    for study, reports in included.items():
        for report in reports:
            homes.setdefault(report, set()).add(study)
    folded = {study.casefold(): study for study in sorted(included, reverse=True)}
    found = {study: study for study in included}
    taken = included.keys() & issued
    for name in sorted(issued - included.keys()):
        candidates = {folded[name.casefold()]} if name.casefold() in folded else set()
        if not candidates and shown.get(name):
            candidates = set.union(*(homes.get(report, {""}) for report in shown[name]))
        if len(candidates) == 1 and (study := min(candidates)) and study not in taken:
            found[name] = study
            taken |= {study}
    return found


def reports_shown(books: Iterable[Workbook]) -> dict[str, set[str]]:
    """The reports that the sheets of studies in these forms show, by study."""
    shown: dict[str, set[str]] = {}
    for book in books:
        for table in book.sheets.values():
            labels = {label.strip().casefold(): label for label in table.columns}
            if STUDY in labels and "reports" in labels:
                for row in table.rows:
                    study, reports = (row.cells[labels[name]].value for name in (STUDY, "reports"))
                    shown.setdefault(study, set()).update(filter(None, reports.split("; ")))
    return shown
