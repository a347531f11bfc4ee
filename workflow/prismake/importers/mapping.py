"""From what a file calls its fields (tags, columns) to the record schema, by a table of data/importers/.

A table says for each field of the schema where to look, in order; the first value that is one wins. Lists (keywords,
issn, ...) take the values of all places, `authors` those of the first place that has any. Besides:
`first_page`, `last_page`, `article_number` make up `pages`; `separators` split one value into several; `constants` are
set as given; `rules` take a field that has none yet out of other places, the first that fits: {in: places,
pattern: group 1 is the value, prefix: put before it, when: {in, pattern}}.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prismake.importers import fields

Raw = Mapping[str, Sequence[str]]  # what one record of a file holds: tag or column -> values
_ONE: dict[str, Callable[[str], Any]] = {
    "title": fields.title,
    "abstract": fields.abstract,
    "year": fields.year,
    "journal": fields.text,
    "volume": fields.text,
    "issue": fields.text,
    "pages": fields.pages,
    "first_page": fields.pages,
    "last_page": fields.pages,
    "article_number": fields.article_number,
    "doi": fields.doi,
    "pmid": fields.pmid,
    "pmcid": fields.pmcid,
    "isbn": fields.isbn,
    "url": fields.url,
    "source_record_id": fields.text,
}
_MANY = ("keywords", "mesh", "publication_types", "language")
_FOUND = {"issn": fields.issns, "registry_ids": fields.registry_ids}


@dataclass(frozen=True)
class Rule:
    """Takes a value out of a place when it has the form expected there (and another place says so)."""

    places: tuple[str, ...]
    pattern: re.Pattern[str]
    prefix: str
    when_places: tuple[str, ...]
    when: re.Pattern[str] | None

    def find(self, raw: Raw) -> str | None:
        for place in self.places:
            for value in raw.get(place, ()):
                match = self.pattern.search(value)
                if match and self._holds(raw):
                    return self.prefix + match[1]
        return None

    def _holds(self, raw: Raw) -> bool:
        return self.when is None or any(
            self.when.search(value) for place in self.when_places for value in raw.get(place, ())
        )


class Table:
    """A table of data/importers/, ready for use."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        places = table["fields"]
        self.one = [(name, find, places[name]) for name, find in _ONE.items() if name in places]
        self.many = [(name, places[name]) for name in _MANY if name in places]
        self.found = [(name, find, places[name]) for name, find in _FOUND.items() if name in places]
        self.authors, self.entry_type = places.get("authors", []), places.get("entry_type", [])
        self.separators = {name: re.compile(pattern) for name, pattern in table.get("separators", {}).items()}
        self.rules = [(name, [_rule(rule) for rule in rules]) for name, rules in table.get("rules", {}).items()]
        self.constants: dict[str, Any] = table.get("constants", {})

    @property
    def places(self) -> set[str]:
        """Every place that a record is taken from."""
        named = [*self.one, *self.found, *((name, None, places) for name, places in self.many)]
        found = {place for _, _, places in named for place in places} | {*self.authors, *self.entry_type}
        rules = [rule for _, rules in self.rules for rule in rules]
        return found | {place for rule in rules for place in (*rule.places, *rule.when_places)}

    def record(self, raw: Raw) -> dict[str, Any]:
        """The fields of the schema that one record of a file gives, clean; absent ones are left out."""
        record = dict(self.constants)
        for name, find, places in self.one:
            if found := _first(raw, places, find):
                record[name] = found
        _join_pages(record)
        for name, places in self.many:
            values = [text for place in places if place in raw for text in self._split(name, raw[place])]
            if values and (found := list(dict.fromkeys(filter(None, map(fields.text, values))))):
                record[name] = found
        if "language" in record:
            record["language"] = "; ".join(record["language"])
        for name, find_all, places in self.found:
            items = [item for place in places if place in raw for value in raw[place] for item in find_all(value)]
            if items:
                record[name] = list(dict.fromkeys(items))
        for place in self.authors:
            if place in raw and (found := list(filter(None, map(fields.author, self._split("authors", raw[place]))))):
                record["authors"] = found
                break
        if kind := fields.entry_type([value for place in self.entry_type for value in raw.get(place, ())]):
            record["entry_type"] = kind
        for name, rules in self.rules:
            if name not in record:
                for rule in rules:
                    if value := rule.find(raw):
                        record[name] = value
                        break
        return record

    def _split(self, name: str, values: Sequence[str]) -> Sequence[str]:
        separator = self.separators.get(name)
        if not separator:
            return values
        return [part for value in values for part in (separator.split(value) if separator.search(value) else (value,))]


def _first(raw: Raw, places: Sequence[str], find: Callable[[str], Any]) -> Any:
    for place in places:
        for value in raw.get(place, ()):
            if found := find(value):
                return found
    return None


def _join_pages(record: dict[str, Any]) -> None:
    """First and last page to `pages`; without any, the article number."""
    joined = fields.page_range(record.pop("first_page", None), record.pop("last_page", None))
    number = record.pop("article_number", None)
    if found := joined or record.get("pages") or number:
        record["pages"] = found


def _rule(rule: Mapping[str, Any]) -> Rule:
    when = rule.get("when")
    return Rule(
        tuple(rule["in"]),
        re.compile(rule["pattern"]),
        rule.get("prefix", ""),
        tuple(when["in"]) if when else (),
        re.compile(when["pattern"]) if when else None,
    )
