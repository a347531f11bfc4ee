"""The overall judgement that a tool's rule proposes, and how a person's own compares with it."""

from collections.abc import Mapping

from prismake.risk_of_bias.tools import Ask, Tool


def propose(tool: Tool, judgements: Mapping[str, str]) -> str:
    """The overall judgement by the tool's rule; "" when the tool has none or a domain is not judged yet.

    `judgements` are the words of the tool by domain. The rules: `worst` is the least favourable domain (RoB 2, BMJ
    2019;366:l4898; ROBINS-I, BMJ 2016;355:i4919), `sum` adds stars, `critical_items` counts weaknesses (AMSTAR 2, BMJ
    2017;358:j4008). Where a domain has no information, `worst` is never the best judgement.
    """
    given = [judgements.get(domain.id, "") for domain in tool.domains]
    rule = tool.overall
    if rule.rule == "none" or not all(given):
        return ""
    if rule.rule == "worst":
        return max(given, key=rule.order.index)
    if rule.rule == "sum":
        return str(sum(map(int, given)))
    weak = [domain.id for domain, word in zip(tool.domains, given, strict=True) if word in rule.weakness]
    flaws = sum(id in rule.critical for id in weak)
    high, moderate, low, critically_low = (judgement.label for judgement in rule.judgements)
    if flaws:
        return low if flaws == 1 else critically_low
    return high if len(weak) <= 1 else moderate


def remark(tool: Tool, judgements: Mapping[str, str], given: str) -> str:
    """What to say of the overall judgement that people gave ("" if none), compared with the rule's; often nothing.

    A person may differ from the rule: this is a note, never a mistake.
    """
    proposed = propose(tool, judgements)
    if not proposed:
        return ""
    asked = [ask for ask in tool.overall.ask if _count(ask, judgements) >= ask.times and proposed not in ask.unless]
    if given and given != proposed:
        reasons = "; ".join(_reason(ask, judgements) for ask in asked if ask.consider == given)
        note = f"overall is '{given}', the rule of {tool.title} gives '{proposed}'"
        return f"{note} ({reasons})" if reasons else note
    if not given and asked:
        reasons = "; ".join(f"{_reason(ask, judgements)}: consider '{ask.consider}'" for ask in asked)
        return f"the rule of {tool.title} gives '{proposed}'; {reasons}"
    return ""


def _reason(ask: Ask, judgements: Mapping[str, str]) -> str:
    count = _count(ask, judgements)
    return f"{count} domain{'s have' if count > 1 else ' has'} '{ask.judgement}'"


def _count(ask: Ask, judgements: Mapping[str, str]) -> int:
    return sum(word == ask.judgement for word in judgements.values())
