"""The tools for judging risk of bias (data/risk_of_bias/*.yaml), read and checked. Light imports only."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from prismake.errors import PrismakeError, did_you_mean, near
from prismake.tool_ids import DATA, tool_ids

UNITS = ("study", "result", "review")
LEVELS = ("low", "moderate", "high", "critical", "none", "not_applicable")  # what colours and signs stand for
RULES = ("worst", "sum", "critical_items", "none")
OVERALL = "overall"


@dataclass(frozen=True)
class Judgement:
    """One answer that a tool allows, in the tool's own words."""

    label: str
    level: str = ""  # one of LEVELS; "" for stars
    offered: bool = True  # in forms; the others are only read and drawn
    robvis: str = ""  # the word robvis has for it
    also: tuple[str, ...] = ()  # other words it is read from
    share: float = 0.0  # stars: this number as a part of the most that can be given

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.label, self.robvis, *self.also)))


@dataclass(frozen=True)
class Domain:
    """What is judged: a domain, an item, or a concern about applicability."""

    id: str
    label: str
    full_label: str
    help: str
    questions: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    stars: int = 0  # the most that can be given; 0 when this is no matter of stars

    @property
    def code(self) -> str:
        """As in the headings of figures: D1."""
        return self.id.upper()


@dataclass(frozen=True)
class Ask:
    """When so many domains have this judgement, people should think about another overall judgement than the rule's."""

    judgement: str
    times: int
    consider: str
    unless: tuple[str, ...]  # not when the rule gives one of these


@dataclass(frozen=True)
class Overall:
    """How a tool comes from its domains to one judgement."""

    rule: str  # one of RULES
    help: str
    judgements: tuple[Judgement, ...]
    order: tuple[str, ...] = ()  # worst: the judgements from mildest to worst
    ask: tuple[Ask, ...] = ()
    critical: tuple[str, ...] = ()  # critical_items: ids of the domains
    weakness: tuple[str, ...] = ()  # critical_items: the judgements that are weaknesses


@dataclass(frozen=True)
class Tool:
    """One version of one tool."""

    id: str
    title: str
    version: str
    revision: int  # of this data file; raised with every change of it
    scope: str
    source: str
    url: str
    licence: str
    unit: str  # one of UNITS
    robvis: str  # its name in robvis, "" when robvis cannot draw it
    domains: tuple[Domain, ...]
    applicability: tuple[Domain, ...]
    overall: Overall

    @property
    def has_rule(self) -> bool:
        return self.overall.rule != "none"

    @cached_property
    def by_id(self) -> dict[str, Domain]:
        """Domains and concerns about applicability, in this order."""
        return {domain.id: domain for domain in (*self.domains, *self.applicability)}

    def judgements(self, domain: str) -> tuple[Judgement, ...]:
        """What is allowed for this domain, or for "overall"."""
        return self.overall.judgements if domain == OVERALL else self.by_id[domain].judgements


def load_tool(tool: str) -> Tool:
    """The tool with this id. Raises PrismakeError when there is none, or when its file has a mistake."""
    known = tool_ids()
    if tool not in known:
        hint = did_you_mean(tool.replace("-", "_"), known)
        raise PrismakeError(f"there is no risk-of-bias tool '{tool}'", hint=hint)
    return read_tool(DATA / f"{tool}.yaml")


def read_tool(path: Path) -> Tool:
    """The tool described in this file. Raises PrismakeError that names the file, the place in it and the mistake."""
    import yaml  # not needed for the ids

    try:
        content = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        tool = _tool(_Part(content, ""))
        if tool.id != path.stem:
            raise _ToolError("id", f"'{tool.id}' must be the name of the file, '{path.stem}'")
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PrismakeError(f"cannot be read: {' '.join(str(error).split())}", place=path.as_posix()) from error
    except _ToolError as mistake:
        raise PrismakeError(f"{mistake.where}: {mistake.problem}", place=path.as_posix()) from None
    return tool


# --- From the YAML to the classes -------------------------------------------------------------------------------------


class _ToolError(Exception):
    def __init__(self, where: str, problem: str) -> None:
        super().__init__(problem)
        self.where, self.problem = where or "the file", problem


class _Part:
    """A block of keys that is read key by key; `done` says which of them nobody asked for."""

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, Mapping):
            raise _ToolError(where, "must be a block of keys")
        self.content, self.where, self.asked = content, where, set()

    def at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of this key, which must be of this kind; a key without default must be there."""
        self.asked.add(key)
        value = self.content.get(key, default)
        if value is None:
            raise _ToolError(self.at(key), "is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            article = {str: "a text; put it in quotes", int: "a whole number", list: "a list", bool: "true or false"}
            raise _ToolError(self.at(key), f"must be {article.get(kind, 'a block of keys')}")
        if kind is str and not value and default is None:
            raise _ToolError(self.at(key), "is empty")
        return value

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        value = self.get(key, str)
        if value not in known:
            raise _ToolError(self.at(key), f"'{value}' is not one of {', '.join(known)}")
        return value

    def texts(self, key: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The texts listed here, each once and, when they must be known, known; () without the key."""
        values = self.get(key, list, [])
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise _ToolError(f"{self.at(key)}[{index}]", "must be a text; put it in quotes")
            if known is not None and value not in known:
                raise _ToolError(f"{self.at(key)}[{index}]", f"'{value}' is not one of {', '.join(known)}")
        if len(set(values)) < len(values):
            raise _ToolError(self.at(key), "holds the same text twice")
        return tuple(values)

    def parts(self, key: str) -> list["_Part"]:
        return [_Part(part, f"{self.at(key)}[{index}]") for index, part in enumerate(self.get(key, list, []))]

    def done(self) -> None:
        for key in self.content:
            if key not in self.asked:
                raise _ToolError(self.at(str(key)), f"unknown key{near(key, sorted(self.asked))}")


def _tool(part: _Part) -> Tool:
    judgements = _judgements(part)
    domains = tuple(_domain(one, judgements) for one in part.parts("domains"))
    applicability = tuple(_domain(one, judgements) for one in part.parts("applicability"))
    ids = [domain.id for domain in (*domains, *applicability)]
    if not domains:
        raise _ToolError("domains", "a tool needs at least one")
    for id in ids:
        if ids.count(id) > 1 or id == OVERALL:
            raise _ToolError("domains", f"the id '{id}' is taken")
    tool = Tool(
        id=part.get("id", str),
        title=part.get("title", str),
        version=part.get("version", str),
        revision=part.get("revision", int),
        scope=part.get("scope", str),
        source=part.get("source", str),
        url=part.get("url", str),
        licence=part.get("licence", str, ""),
        unit=part.one_of("unit", UNITS),
        robvis=part.get("robvis", str, ""),
        domains=domains,
        applicability=applicability,
        overall=_overall(_Part(part.get("overall", dict), "overall"), domains, judgements),
    )
    part.done()
    return tool


def _judgements(part: _Part) -> tuple[Judgement, ...]:
    found = []
    for one in part.parts("judgements"):
        label = one.get("label", str)
        level, offered = one.one_of("level", LEVELS), one.get("offered", bool, True)
        found.append(Judgement(label, level, offered, one.get("robvis", str, "") or label, one.texts("also")))
        one.done()
    words = [word.casefold() for judgement in found for word in judgement.words]
    if twice := sorted({word for word in words if words.count(word) > 1}):
        raise _ToolError(part.at("judgements"), f"'{twice[0]}' is there twice")
    return tuple(found)


def _domain(part: _Part, judgements: tuple[Judgement, ...]) -> Domain:
    id, label, stars = part.get("id", str), part.get("label", str), part.get("stars", int, 0)
    if not (id[:1].isalpha() and id.isalnum() and id.islower() and id.isascii()):
        raise _ToolError(part.at("id"), f"'{id}' must be small letters and digits, beginning with a letter")
    if stars < 0 or bool(stars) == bool(judgements):
        raise _ToolError(part.where, "a domain has either stars or the judgements of the tool")
    chosen = part.texts("judgements", tuple(judgement.label for judgement in judgements))
    domain = Domain(
        id=id,
        label=label,
        full_label=part.get("full_label", str, label),
        help=part.get("help", str),
        questions=part.texts("questions"),
        judgements=_stars(stars) if stars else tuple(j for j in judgements if not chosen or j.label in chosen),
        stars=stars,
    )
    part.done()
    return domain


def _stars(most: int) -> tuple[Judgement, ...]:
    return tuple(Judgement(str(number), robvis=str(number), share=number / most) for number in range(most + 1))


def _overall(part: _Part, domains: tuple[Domain, ...], judgements: tuple[Judgement, ...]) -> Overall:
    rule = part.one_of("rule", RULES)
    if rule == "sum" and not all(domain.stars for domain in domains):
        raise _ToolError(part.at("rule"), "only stars can be summed")
    labels = tuple(judgement.label for judgement in judgements)
    own = _judgements(part)
    asks = []
    for one in part.parts("ask"):
        judgement, consider = one.one_of("judgement", labels), one.one_of("consider", labels)
        asks.append(Ask(judgement, one.get("times", int), consider, one.texts("unless", labels)))
        one.done()
    overall = Overall(
        rule=rule,
        help=part.get("help", str),
        judgements=_stars(sum(domain.stars for domain in domains)) if rule == "sum" else own or judgements,
        order=part.texts("order", labels),
        ask=tuple(asks),
        critical=part.texts("critical", tuple(domain.id for domain in domains)),
        weakness=part.texts("weakness", labels),
    )
    part.done()
    if rule == "worst" and set(overall.order) != set(labels):
        raise _ToolError("overall.order", f"must hold every judgement: {', '.join(labels)}")
    if rule == "critical_items" and (len(own) != 4 or not overall.critical or not overall.weakness):
        raise _ToolError("overall", "critical_items needs four judgements, best first, and which items are critical")
    return overall
