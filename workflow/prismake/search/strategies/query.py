"""A search strategy taken apart: lines, tokens with their positions, and the tree of brackets and operators."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

NUMBERED = re.compile(r"^[ \t]*(?:#|S)?(\d{1,3})(?:[.):]|\b)[ \t]+(?=\S)", re.MULTILINE)
_QUOTE = r"\"[^\"\n]*\""
# What one database writes in its own way: fields behind a term, fields before it, words near each other, headings.
_NOT_OPERATOR = r"(?!(?:and|or|not)\b)"
_HEADING_WORD = _NOT_OPERATOR + r"[A-Za-z][\w,'()*-]*"
_RANGE = r"\d{1,3}(?:-\d{1,3})?"
_FORMS: dict[str, dict[str, str]] = {
    "pubmed": {"field": r"\[[^\[\]\n]*\]", "range": r":(?=\s)", "ref": r"#\d+"},
    "ovid": {
        "limit": r"(?<![\w.])limit\s+\d+\s+to\b[^\n]*",
        "heading": rf"(?:exp[ ]+)?\*?(?:{_HEADING_WORD}[ ]+){{0,12}}{_HEADING_WORD}/(?:[a-z]{{2}}(?:,[a-z]{{2}})*\b)?",
        "field": r"\.(?:[a-z]{2}(?:,[a-z]{2})*)\.?(?=[\s)]|$)",
        "near": r"\badj\d*\b",
        "ref": rf"\b(?:or|and)/{_RANGE}(?:,{_RANGE})*|(?<![\w.#]){_RANGE}(?![\w.*-])",
    },
    "embase": {
        "quote": r"'[^'\n]*'|" + _QUOTE,
        "field": r":[a-z]{2}(?:,[a-z]{2})*\b|/(?:exp|de|mj|br|syn)\b(?:/mj\b)?",
        "near": r"\b(?:NEAR|NEXT)/\d+",
        "limit": r"\[[^\[\]\n]*\](?:/\w+|:\w+)?",
        "ref": r"#\d+",
    },
    "cochrane": {
        "heading": r"\[(?:mh|mj)\b[^\]\n]*\]",
        "field": r":[a-z]{2}(?:,[a-z]{2})*\b",
        "near": r"\b(?:NEAR(?:/\d+)?|NEXT(?:/\d+)?)(?![\w/])",
        "ref": r"#\d+",
    },
    "scopus": {
        "prefix": r"\b(?!(?:AND|OR|NOT)\b)[A-Z]+(?:-[A-Z]+)*(?=\s*\()",
        "near": r"\b(?:W|PRE)/\d+",
        "limit": r"\bPUBYEAR\s*[<>=]+\s*\d+|\b(?:AFT|BEF)\s+\d+",
    },
    "wos": {"prefix": r"\b[A-Z]{2,3}\s*=", "near": r"\bNEAR(?:/\d+)?(?![\w/])", "ref": r"#\d+"},
    "ebsco": {
        "prefix": r"\b(?:TI|AB|TX|SU|MH|MM|MJ|KW|AU|PT|SO|LA|XB|ZT|DT|PY)\b(?=\s)",
        "near": r"\b[NW]\d+\b",
        "ref": r"\bS\d+\b",
    },
    "europepmc": {"prefix": r"\b[A-Z]+(?:_[A-Z]+)*:", "limit": r"\[[^\[\]\n]*\]"},
    "clinicaltrials": {
        "prefix": r"\b(?:AREA|EXPANSION|COVERAGE|SEARCH)\[[^\]\n]*\]",
        "limit": r"\bRANGE\[[^\]\n]*\]",
    },
    "openalex": {},
    "": {"field": r"\[[^\[\]\n]*\]", "ref": r"#\d+"},
}
_FORMS["ovid_medline"] = _FORMS["ovid_embase"] = _FORMS.pop("ovid")


@dataclass(frozen=True)
class Token:
    """A piece of a strategy: its kind, its text and where it starts (0 = the strategy's first character)."""

    kind: str  # open | close | operator | near | quote | word | field | prefix | heading | limit | ref | range
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class Term:
    """Words or a phrase that are searched together, with the field that is written at them ("" when none is)."""

    text: str
    start: int
    field: str = ""
    kind: str = "text"  # text | heading | limit | ref
    quoted: bool = False
    tokens: list[Token] = dataclasses.field(default_factory=list)


@dataclass
class Group:
    """A bracket, or a whole line: its parts, and the operators between them."""

    start: int
    parts: "list[Term | Group]" = dataclasses.field(default_factory=list)
    operators: list[Token] = dataclasses.field(default_factory=list)
    field: str = ""  # written before or behind the bracket
    end: int = 0
    bracket: bool = False  # False for a whole line

    def terms(self) -> "Iterator[Term]":
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.terms()
            else:
                yield part

    def groups(self) -> "Iterator[Group]":
        yield self
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.groups()


@dataclass
class Line:
    """One line of a numbered strategy, or the whole of one that is not (label "")."""

    label: str
    text: str
    start: int
    tokens: list[Token]
    tree: Group


@cache
def _pattern(database: str) -> re.Pattern[str]:
    forms = {"quote": _QUOTE, **_FORMS.get(database, _FORMS[""])}
    order = ("limit", "heading", "quote", "prefix", "field", "near", "ref", "range")
    parts = [f"(?P<{kind}>{forms[kind]})" for kind in order if kind in forms]
    operators = "AND NOT|AND|OR|NOT|and|or|not|And|Or|Not"
    parts += [r"(?P<open>\()", r"(?P<close>\))", rf"(?P<operator>\b(?:{operators})\b(?![-*]))"]
    field = forms.get("field", r"(?!)")
    parts += [rf"(?P<word>(?:(?!{field})(?:[^\s()\"\[\]:/]|[/:](?=\w)))+|\S)"]
    return re.compile("|".join(parts))


def tokens(text: str, database: str, offset: int = 0) -> list[Token]:
    """The pieces of a text in the syntax of a database (a name in data/search/targets.yaml, "" for any)."""
    return [Token(m.lastgroup or "word", m[0], offset + m.start()) for m in _pattern(database).finditer(text)]


def parse(strategy: str, database: str = "") -> list[Line]:
    """The lines of a strategy. One without numbers is one line, however many line breaks it has."""
    starts = list(NUMBERED.finditer(strategy))
    # A single line is numbered when it says so ("1.", "#1"): a bare number can be a word of it ("5 fluorouracil").
    plain = len(starts) == 1 and starts[0][0].strip() in (starts[0][1], f"S{starts[0][1]}")
    if not starts or plain or strategy[: starts[0].start()].strip():
        found = tokens(strategy, database)
        return [Line("", strategy, 0, found, _tree(found, 0, len(strategy)))]
    lines = []
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        end = following.start() if following else len(strategy)
        text = strategy[match.end() : end].rstrip()
        found = tokens(text, database, match.end())
        lines.append(Line(match[1], text, match.end(), found, _tree(found, match.end(), match.end() + len(text))))
    return lines


def _tree(found: list[Token], start: int, end: int) -> Group:
    """The tree of one line. A bracket that is not closed ends with the line; one that was not opened is passed over."""
    root = Group(start, end=end)
    stack = [root]
    prefix = ""
    current: Term | None = None
    for token in found:
        group = stack[-1]
        if token.kind == "open":
            stack.append(Group(token.start, field=prefix, end=end, bracket=True))
            group.parts.append(stack[-1])
            prefix, current = "", None
        elif token.kind == "close":
            if len(stack) > 1:
                stack.pop().end = token.end
            current = None
        elif token.kind in ("operator", "near", "range"):
            group.operators.append(token)
            current = None
        elif token.kind == "prefix":
            prefix, current = token.text, None
        elif token.kind == "field":
            last = group.parts[-1] if group.parts else None
            if current is not None:
                current.field += token.text
            elif isinstance(last, Group):
                last.field += token.text
            current = None
        elif token.kind in ("heading", "limit", "ref"):
            group.parts.append(Term(token.text, token.start, prefix, token.kind, tokens=[token]))
            prefix, current = "", None
        elif current is not None and not current.quoted and token.kind == "word":
            current.text += f" {token.text}"
            current.tokens.append(token)
        else:
            quoted = token.kind == "quote"
            text = token.text.strip("\"'") if quoted else token.text
            current = Term(text, token.start, prefix, "text", quoted, [token])
            group.parts.append(current)
            prefix = ""
    return root


@dataclass(frozen=True)
class Query:
    """A line of a line-by-line table: its label, how it is shown, and the query that can be run by itself."""

    label: str
    shown: str
    query: str


def lines(strategy: str, database: str = "pubmed") -> list[Query]:
    """The queries whose numbers of hits make the line-by-line table that reviewers of a strategy ask for.

    A numbered strategy gives its lines, with the lines they name put in their place. Any other is taken apart: every
    part of a bracket, the bracket, and last the whole; one whose brackets do not match, or that lacks an operator
    somewhere, gives the whole alone.
    """
    parsed = parse(strategy, database)
    if len(parsed) > 1 or parsed[0].label:
        return _numbered(parsed)
    text, tree = strategy.strip(), parsed[0].tree
    joined = all(len(group.operators) == len(group.parts) - 1 for group in tree.groups())
    if not joined or not _balanced(parsed[0].tokens):
        return [Query("1", text, text)]
    found: list[Query] = []

    def add(shown: str, query: str) -> str:
        found.append(Query(str(len(found) + 1), " ".join(shown.split()), " ".join(query.split())))
        return f"#{found[-1].label}"

    def take(group: Group) -> str:
        """Lines for a group's parts; returns the name of the line that stands for it."""
        pieces = _pieces(strategy, group)
        if len(pieces) == 1 and isinstance(group.parts[0], Group) and not group.operators:
            return take(group.parts[0])
        names = []
        for part, piece in zip(group.parts, pieces, strict=True):
            inner = isinstance(part, Group) and part.operators and not part.field and not _near(part)
            names.append(take(part) if inner else add(piece, piece))
        shown = names[0]
        for operator, name in zip(group.operators, names[1:], strict=True):
            shown += f" {operator.text} {name}"
        return names[0] if len(names) == 1 else add(shown, strategy[group.start : group.end])

    take(tree)
    return found


def _balanced(found: list[Token]) -> bool:
    depth = 0
    for token in found:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return False
    return depth == 0


def _near(group: Group) -> bool:
    """Whether a bracket is one search term: words near each other, or a range of dates."""
    return any(operator.kind != "operator" for operator in group.operators)


def _pieces(strategy: str, group: Group) -> list[str]:
    """The parts of a group as they are written, each with its field."""
    inside, behind = group.start + group.bracket, group.end - group.bracket
    edges = [inside, *(edge for operator in group.operators for edge in (operator.start, operator.end)), behind]
    return [strategy[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _numbered(parsed: list[Line]) -> list[Query]:
    queries: dict[str, str] = {}
    found = []
    for line in parsed:
        text, moved = line.text, 0
        for token in line.tokens:
            number = token.text.lstrip("#S")
            if token.kind == "ref" and number in queries:
                at = token.start - line.start + moved
                text = f"{text[:at]}({queries[number]}){text[at + len(token.text) :]}"
                moved += len(queries[number]) + 2 - len(token.text)
        queries[line.label] = text
        found.append(Query(line.label, line.text, text))
    return found
