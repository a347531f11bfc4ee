"""Concept blocks (search.concepts of the configuration) written as a search strategy for one database.

A strategy is always written from the blocks, never translated from another database's. What a database cannot say is
written as near to it as possible, and told.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prismake.search.strategies.targets import targets

VOCABULARIES = {"mesh": "MeSH", "emtree": "Emtree"}
_OPERATORS = ("AND", "OR", "NOT")
_RESERVED = re.compile(r"(?i)\b(?:and|or|not|near|next|adj\d*)\b")
_PLAIN = re.compile(r"\w+\*?")
Search = Mapping[str, Any]  # the section `search` of the configuration: concepts, combine


@dataclass(frozen=True)
class Compiled:
    """A strategy in a database's own syntax, and what that syntax cannot express."""

    text: str
    notes: list[str]


def compile_strategy(search: Search, target: str, published: Mapping[str, str] | None = None) -> Compiled:
    """The concept blocks of a configuration in the syntax of a target (a name in data/search/targets.yaml).

    `published` is a window of publication dates (from, to; ISO). The blocks must be sound: `problems` finds none.
    """
    writer = _Writer(targets()[target])
    blocks = {name: writer.block(name, concept) for name, concept in search["concepts"].items()}
    expression = _tokens(search.get("combine") or " AND ".join(blocks))
    used = {name: block for name, block in blocks.items() if name in expression}
    dates = published or {}
    text = writer.lines(used, expression, dates) if "lines" in writer.target else writer.line(used, expression, dates)
    return Compiled(text, [*writer.target.get("notes", []), *writer.notes])


@dataclass
class _Writer:
    target: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def operator(self, name: str) -> str:
        return self.target["operators"][_OPERATORS.index(name)]

    def any_of(self, parts: Sequence[str]) -> str:
        return f" {self.operator('OR')} ".join(parts)

    # --- one concept: parts that are joined by OR ---

    def block(self, name: str, concept: Mapping[str, Any]) -> list[str]:
        fields: dict[str, list[str]] = {}
        for term in concept.get("text", []):
            term = {"term": term} if isinstance(term, str) else term
            place = self._field(term.get("field") or concept.get("field") or "title_abstract")
            whole, parts = self._near(term, place) if "near" in term else ([], self._term(term))
            fields.setdefault("", []).extend(whole)
            fields.setdefault(place, []).extend(parts)
        written = self._headings(name, concept) + fields.pop("", [])
        for place, parts in fields.items():
            written += self._in_field(place, list(dict.fromkeys(parts)))
        return list(dict.fromkeys(written))

    def _field(self, wanted: str) -> str:
        known = self.target["fields"]
        if wanted in known:
            return wanted
        found = next(name for name in ("title_abstract", "all") if name in known)
        self.note(f"{self.target['name']} has no field for {wanted.replace('_', ' and ')}: a wider one is searched")
        return found

    def _in_field(self, place: str, parts: list[str]) -> list[str]:
        template = self.target["fields"][place]
        if not parts:
            return []
        if not self.target.get("group"):
            return [template.format(x=part) for part in parts]
        bracketed = "({x})" in template or len(parts) == 1
        return [template.format(x=self.any_of(parts) if bracketed else f"({self.any_of(parts)})")]

    def _term(self, term: Mapping[str, Any]) -> list[str]:
        """A term as the database takes it; several where it has to be spelled out."""
        text = " ".join(term["term"].split())
        if "spelled" in term and not self._truncates(text):
            return [self._word(" ".join(spelling.split())) for spelling in term["spelled"]]
        if not _is_phrase(text) or not text.endswith("*") or self.target["phrase_truncated"]:
            return [self._word(text)]
        stem = text.rstrip("*")
        self.note(f"{self.target['name']} cannot truncate within a phrase: {text} is searched with and without an s")
        return [self._word(stem), self._word(f"{stem}s")]

    def _truncates(self, text: str) -> bool:
        if "*" not in text:
            return True
        return bool(self.target["phrase_truncated"] if _is_phrase(text) else self.target["truncation"])

    def _word(self, text: str) -> str:
        """One word or phrase, quoted and truncated as the database has it."""
        name, words = self.target["name"], text.split()
        if not self.target.get("inner_truncation", True) and any("*" in word for word in words[:-1]):
            self.note(f"{name} truncates only the last word of a phrase: {text} is searched without the others' *")
            words = [*(word.rstrip("*") for word in words[:-1]), words[-1]]
        stem = words[-1].rstrip("*")
        if words[-1] != stem:
            least = self.target.get("min_stem", 0)
            if len(words) == 1 and not self.target["truncation"]:
                self.note(f"{name} cannot truncate: {text} is searched as {stem}; say its words in `spelled`")
                words[-1] = stem
            elif len(stem) < least:
                self.note(f"{name} truncates words of {least} letters or more: {text} is searched as {stem}")
                words[-1] = stem
        text = " ".join(words)
        if not _is_phrase(text):
            return text
        if "*" in text and "joined_by" in self.target:
            return self.target["phrase_truncated"].format(x=f" {self.target['joined_by']} ".join(words))
        if "'" in text and "'" in self.target["phrase"]:
            return f'"{text}"'
        if self.target["phrase"] == "{x}" and _RESERVED.search(text):
            return f'"{text}"'
        return self.target["phrase"].format(x=text)

    def _near(self, term: Mapping[str, Any], place: str) -> tuple[list[str], list[str]]:
        """Words near each other: parts with their field, and parts that still need it."""
        parts = [" ".join(part.split()) for part in term["near"]]
        within = term.get("within", 3)
        if self.target["near"]:
            operator = self.target["near"].format(n=within, n1=within + 1)
            return [], [f"({f' {operator} '.join(map(self._word, parts))})"]
        phrase = self.target.get("near_phrase", {}).get(place)
        if phrase and not any("*" in part for part in parts):
            return [phrase.format(x=" ".join(parts), n=within)], []
        shown = " and ".join(parts)
        what = "truncated words" if phrase else "words"
        self.note(f"{self.target['name']} cannot search for {what} near each other: {shown} are joined by AND")
        alternatives = [self._in_field(place, self._term({"term": part})) for part in parts]
        joined = f" {self.operator('AND')} ".join(_bracket(self.any_of(a), len(a) > 1) for a in alternatives)
        return [f"({joined})"], []

    def _headings(self, name: str, concept: Mapping[str, Any]) -> list[str]:
        known = self.target["headings"]
        written = []
        for vocabulary, shown in VOCABULARIES.items():
            given = [{"term": h} if isinstance(h, str) else h for h in concept.get(vocabulary, [])]
            if vocabulary in known:
                written += [self._heading(heading, known[vocabulary], shown) for heading in given]
                if not given and any(concept.get(other) for other in VOCABULARIES):
                    self.note(f"no {shown} heading is given for {name}")
            elif given and not known:
                terms = ", ".join(heading["term"] for heading in given)
                self.note(f"{self.target['name']} has no {shown} headings: left out of {name}: {terms}")
        return written

    def _heading(self, heading: Mapping[str, Any], forms: Mapping[str, str], vocabulary: str) -> str:
        wanted = "major" if heading.get("major") else "explode" if heading.get("explode", True) else "plain"
        found = next(form for form in (wanted, "explode", "plain") if form in forms)
        if found != wanted:
            lacking = {"major": "restrict a heading to main topics", "explode": "search the narrower headings, too"}
            can = lacking.get(wanted, "search a heading alone")
            self.note(f"{self.target['name']} cannot {can}: {vocabulary} {heading['term']}")
        return forms[found].format(x=heading["term"])

    # --- all concepts ---

    def line(self, blocks: Mapping[str, list[str]], expression: list[str], dates: Mapping[str, str]) -> str:
        """The whole strategy in one line."""
        written = {name: f"({self.any_of(parts)})" for name, parts in blocks.items()}
        text = self._combined(expression, written)
        limit = self._window(dates, "")
        return f"({text}) {self.operator('AND')} {limit}" if limit else text

    def lines(self, blocks: Mapping[str, list[str]], expression: list[str], dates: Mapping[str, str]) -> str:
        """A line for each heading and each group of terms, for each concept, and for the whole."""
        layout = self.target["lines"]
        lines: list[str] = []

        def add(text: str) -> str:
            lines.append(layout["number"].format(n=len(lines) + 1) + text)
            return layout["name"].format(n=len(lines))

        named = {}
        for name, parts in blocks.items():
            names = [add(part) for part in parts]
            named[name] = names[0] if len(names) == 1 else add(self.any_of(names))
        last = named[expression[0]] if len(expression) == 1 else add(self._combined(expression, named))
        limit = self._window(dates, last)
        if limit:
            add(limit)
        return "\n".join(lines)

    def _combined(self, expression: list[str], written: Mapping[str, str]) -> str:
        parts = [self.operator(token) if token in _OPERATORS else written.get(token, token) for token in expression]
        return re.sub(r"(?<=\() | (?=\))", "", " ".join(parts))

    def _window(self, dates: Mapping[str, str], line: str) -> str:
        if not dates:
            return ""
        form, name = self.target.get("dates"), self.target["name"]
        shown = f"from {dates.get('from', 'the beginning')} to {dates.get('to', 'today')}"
        if not form:
            self.note(f"the window of publication dates ({shown}) is set in the search form of {name}, not in the text")
            return ""
        first, last = (datetime.date.fromisoformat(dates[key]) if key in dates else None for key in ("from", "to"))
        if "day" in form:
            start, end = (
                day.strftime(form["format"]) if day else str(free)
                for day, free in zip((first, last), form["open"], strict=True)
            )
            return form["day"].format(**{"from": start, "to": end})
        if (first and (first.month, first.day) != (1, 1)) or (last and (last.month, last.day) != (12, 31)):
            self.note(f"{name} limits to whole years: the window {shown} takes in the years at its ends as a whole")
        years = [day.year if day else free for day, free in zip((first, last), form["open"], strict=True)]
        around = {"y_before": years[0] - 1, "y_after": years[1] + 1} if "y_after" in form["years"] else {}
        return form["years"].format(line=line, y_from=years[0], y_to=years[1], **around)


def _bracket(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _is_phrase(text: str) -> bool:
    """Whether a text is more than one plain word, truncated or not."""
    return not _PLAIN.fullmatch(text) or bool(_RESERVED.fullmatch(text))


def _tokens(expression: str) -> list[str]:
    """Names, brackets and operators of search.combine; operators in capitals."""
    found = re.findall(r"[()]|[^\s()]+", expression)
    return [token.upper() if token.upper() in _OPERATORS else token for token in found]


def problems(search: Search) -> list[str]:
    """What is wrong with concepts and combine, a line each, naming the key."""
    concepts = search.get("concepts", {})
    found = []
    for name, concept in concepts.items():
        if not any(concept.get(key) for key in ("text", *VOCABULARIES)):
            found.append(f"search.concepts.{name}: give `text`, `mesh` or `emtree`")
        terms = [term if isinstance(term, Mapping) else {"term": term} for term in concept.get("text", [])]
        for term in terms:
            for text in [*([term["term"]] if "term" in term else term["near"]), *term.get("spelled", [])]:
                if why := _wrong_term(text):
                    found.append(f"search.concepts.{name}.text: {text!r}: {why}")
        for key in VOCABULARIES:
            for heading in concept.get(key, []):
                text = heading if isinstance(heading, str) else heading["term"]
                if not text.strip() or set(text) & set('"*[]/\n'):
                    why = "write the heading alone, without * or quotation marks"
                    found.append(f"search.concepts.{name}.{key}: {text!r}: {why}")
    combine = search.get("combine", "")
    if combine and (why := _wrong_expression(_tokens(combine), concepts)):
        found.append(f"search.combine: {why}")
    return found


def _wrong_term(text: str) -> str:
    if not text.strip(" *"):
        return "a term has letters"
    if set(text) & set('"“”[]()?$#:\n'):
        return "write the words alone; quotation marks, brackets and fields are added for each database"
    if re.search(r"\*(?!\s|$)", text):
        return "* stands at the end of a word"
    return ""


def _wrong_expression(tokens: list[str], concepts: Mapping[str, Any]) -> str:
    """What is wrong with names joined by AND, OR, NOT and brackets; "" if nothing."""
    levels: list[set[str]] = [set()]
    wants_name = True
    for token in tokens:
        if token == ")" or token in _OPERATORS:
            if wants_name:
                return f"a name is missing before {token}"
            if token == ")" and len(levels) == 1:
                return "a ) without its ("
            if token == ")":
                levels.pop()
                continue
            levels[-1].add(token)
            if len(levels[-1]) > 1:
                return "AND, OR and NOT are mixed; set brackets"
            wants_name = True
        elif not wants_name:
            return f"an operator is missing before {token}"
        elif token == "(":
            levels.append(set())
        elif token not in concepts:
            return f"'{token}' is not in search.concepts; known: {', '.join(concepts) or 'none'}"
        else:
            wants_name = False
    if wants_name:
        return "a name is missing at the end"
    return "a ( without its )" if len(levels) > 1 else ""
