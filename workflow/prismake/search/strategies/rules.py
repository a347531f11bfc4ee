"""The rules of `prismake lint` about brackets, operators, lines and limits: each yields places and what is there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prismake.search.strategies.query import Group, Line, Term
from prismake.search.strategies.targets import targets

Found = Iterator[tuple[int, str]]  # where (0 = the first character), and what there in particular


@dataclass(frozen=True)
class Strategy:
    """What a rule looks at. `family` is the database without its platform's vocabulary: ovid for all of Ovid's."""

    text: str
    database: str
    lines: list[Line]
    justified: bool  # the configuration says why there are limits

    @property
    def family(self) -> str:
        return self.database.split("_")[0]

    @property
    def numbered(self) -> bool:
        return bool(self.lines[0].label)

    def groups(self) -> Iterator[Group]:
        for line in self.lines:
            yield from line.tree.groups()

    def terms(self, *kinds: str) -> Iterator[Term]:
        for line in self.lines:
            yield from (term for term in line.tree.terms() if term.kind in (kinds or ("text",)))


def brackets(strategy: Strategy) -> Found:
    for line in strategy.lines:
        opened: list[int] = []
        for token in line.tokens:
            if token.kind == "open":
                opened.append(token.start)
            elif token.kind == "close":
                if opened:
                    opened.pop()
                else:
                    yield token.start, "this ) was not opened"
            elif token.kind == "word" and token.text in "[]":
                yield token.start, f"this {token.text} has no partner"
        for start in opened:
            yield start, "this ( is not closed"


def quotation_marks(strategy: Strategy) -> Found:
    for line in strategy.lines:
        for token in line.tokens:
            if token.kind == "word" and '"' in token.text:
                yield token.start, "it has no partner in this line"


def curly_marks(strategy: Strategy) -> Found:
    for match in re.finditer(r"[“”„‟«»‘‚‛]|’(?!\w)", strategy.text):
        yield match.start(), match[0]


def typography(strategy: Strategy) -> Found:
    for match in re.finditer(r"[\u2010-\u2015\u2212\u00a0\u2000-\u200b\u202f\u2060\ufeff]", strategy.text):
        yield match.start(), f"U+{ord(match[0]):04X}"


def small_operators(strategy: Strategy) -> Found:
    if strategy.family not in ("pubmed", "europepmc", "openalex", "clinicaltrials", ""):
        return
    for line in strategy.lines:
        for token in line.tokens:
            if token.kind == "operator" and token.text != token.text.upper():
                yield token.start, f"write {token.text.upper()}"


def lonely_operators(strategy: Strategy) -> Found:
    for line in strategy.lines:
        before = "open"
        for token in [*line.tokens, None]:
            kind = token.kind if token else "close"
            at = token.start if token else line.tokens[-1].start if line.tokens else line.start
            joins = kind in ("operator", "near")
            if joins and before in ("open", "operator", "near") and token:
                beginning = before == "open" and token.text.upper() == "NOT"
                if not beginning:
                    yield at, f"nothing stands before {token.text}"
            elif kind == "close" and before in ("operator", "near"):
                yield at, "nothing stands behind the last operator"
            elif kind == "close" and before == "open" and (token or not line.tokens):
                yield at, "there is nothing in it"
            before = kind


def unknown_fields(strategy: Strategy) -> Found:
    if strategy.family != "pubmed":
        return
    known = targets()["pubmed"]["known"]
    for line in strategy.lines:
        for token in line.tokens:
            name = re.sub(r"\s*:\s*(?:noexp|no ?exp|~\d+)$", "", token.text.strip("[] ").lower())
            if token.kind == "field" and name not in known:
                yield token.start, token.text


# What only one database writes so; found in another's strategy it was left from a translation.
_FOREIGN = {
    "pubmed": r"\[(?:tiab|mh|mesh(?: terms)?|majr|ti|tw|pt|title/abstract|mesh:noexp|mh:noexp)\]",
    "ovid": r"\.(?:ti|ab|tw|mp|kf|kw|pt)(?:,[a-z]{2})*\.(?=[\s)]|$)|\badj\d+\b",
    "embase": r"/exp\b|/de\b|(?<=[\w'\")]):ti,ab(?:,kw)?\b",
    "cochrane": r"\[mh [\"^]|(?<=[\w'\")]):ti,ab(?:,kw)?\b",
    "scopus": r"\bTITLE-ABS(?:-KEY)?\s*\(",
    "wos": r"\b(?:TS|TI|AB|AK)\s*=\s*[(\"]",
    "ebsco": r"\(MH \"|\b(?:TI|AB) \(",
    "europepmc": r"\bTITLE_ABS:",
}


def foreign_syntax(strategy: Strategy) -> Found:
    if not strategy.database:
        return
    own = re.compile(_FOREIGN.get(strategy.family, r"(?!)"))
    allowed = {match.start() for match in own.finditer(strategy.text)}
    told = set()
    for family, pattern in _FOREIGN.items():
        for match in re.finditer(pattern, strategy.text):
            if family != strategy.family and match.start() not in allowed | told:
                told.add(match.start())
                yield match.start(), match[0].strip()


def single_marks(strategy: Strategy) -> Found:
    if strategy.family in ("embase", "ovid", "ebsco"):
        return
    for match in re.finditer(r"(?<![\w'])'\w[^'\n\"]*\w'(?!\w)", strategy.text):
        yield match.start(), match[0]


def references(strategy: Strategy) -> Found:
    before: set[int] = set()
    for line in strategy.lines if strategy.numbered else []:
        for start, number in _references(line):
            if number not in before:
                yield start, f"there is no line {number} before it"
        before.add(int(line.label))


def _references(line: Line) -> Iterator[tuple[int, int]]:
    """The lines that a line names."""
    for token in line.tokens:
        if token.kind == "ref":
            for first, last in re.findall(r"(\d+)(?:-(\d+))?", token.text):
                for number in range(int(first), int(last or first) + 1):
                    yield token.start, number
        elif token.kind == "limit" and (match := re.match(r"limit\s+(\d+)", token.text)):
            yield token.start, int(match[1])


def unused_lines(strategy: Strategy) -> Found:
    used = {number for line in strategy.lines for _, number in _references(line)}
    for line in strategy.lines[:-1] if strategy.numbered else []:
        if int(line.label) not in used:
            yield line.start, f"line {line.label}"


def line_numbers(strategy: Strategy) -> Found:
    for position, line in enumerate(strategy.lines if strategy.numbered else [], start=1):
        if int(line.label) != position:
            yield line.start, f"{line.label} stands where {position} is due"
            return


def mixed_operators(strategy: Strategy) -> Found:
    for group in strategy.groups():
        first: dict[str, int] = {}
        for operator in group.operators:
            name = operator.text.upper().removeprefix("AND ")
            if operator.kind == "operator" and name in ("AND", "OR"):
                first.setdefault(name, operator.start)
        if len(first) == 2:
            yield max(first.values()), "set brackets around what belongs together"


def careless_not(strategy: Strategy) -> Found:
    for group in strategy.groups():
        for operator in group.operators:
            if not operator.text.upper().endswith("NOT"):
                continue
            behind = strategy.text[operator.end :].lstrip().lower()
            line = next(line for line in strategy.lines if line.start <= operator.start <= line.start + len(line.text))
            filtered = re.match(r"\(?\s*\"?(?:exp )?animals?\b|#?s?\d", behind) or _has_filter(line.text)
            if not filtered:
                yield operator.start, "say in the protocol what it is to keep out"


def _has_filter(text: str) -> bool:
    return bool(re.search(r"(?is)animals?\b.*\bnot\b.*\bhumans?\b", text))


def limits(strategy: Strategy) -> Found:
    if strategy.justified:
        return
    pattern = {
        "pubmed": r"\[(?:la|lang|language|dp|pdat|date - publication|pt|publication type|sb|filter)\]|\bhasabstract\b",
        "ovid": r"\blimit\s+\d+\s+to\b[^\n]*|\.(?:lg|yr|dp|pt)\.",
        "embase": r"\[[^\]\n]*\]/(?:lim|py|sd)|:la\b",
        "scopus": r"\bLIMIT-TO\s*\(|\bPUBYEAR\b|\bLANGUAGE\s*\(|\bDOCTYPE\s*\(",
        "wos": r"\b(?:PY|LA|DT)\s*=",
        "ebsco": r"\b(?:DT|LA|PT) ",
        "europepmc": r"\b(?:FIRST_PDATE|PUB_YEAR|LANG|HAS_ABSTRACT|OPEN_ACCESS|PUB_TYPE):",
        "clinicaltrials": r"\bRANGE\[",
    }.get(strategy.family)
    first = re.search(pattern, strategy.text, re.IGNORECASE) if pattern else None
    if first:
        yield first.start(), first[0].strip()


def humans_only(strategy: Strategy) -> Found:
    pattern = r"\"?\bhumans?\b\"?(?:\[(?:mh|mesh|mesh terms|filter)\]|/|'/exp|'/de)|\blimit \d+ to [^\n]*\bhumans?\b"
    for match in re.finditer(pattern, strategy.text, re.IGNORECASE):
        if not re.search(r"(?i)\bnot\s*\(?\s*$", strategy.text[: match.start()]):
            yield match.start(), match[0]
