"""Looking a search strategy through for the errors that PRESS asks reviewers to look for.

What the rules are, how severe, and why, is in data/search/lint.yaml; their codes never change their meaning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from prismake.data_files import read_data
from prismake.search.strategies import rules, term_rules
from prismake.search.strategies.query import parse
from prismake.search.strategies.targets import target_of

_CHECKS = {
    "S101": rules.brackets,
    "S102": rules.quotation_marks,
    "S103": rules.curly_marks,
    "S104": rules.small_operators,
    "S105": rules.lonely_operators,
    "S106": rules.unknown_fields,
    "S107": rules.references,
    "S108": rules.unused_lines,
    "S109": rules.line_numbers,
    "S110": rules.foreign_syntax,
    "S111": rules.single_marks,
    "S112": rules.typography,
    "B201": rules.mixed_operators,
    "B202": rules.careless_not,
    "B203": term_rules.both_sides,
    "B204": term_rules.implicit_and,
    "B205": term_rules.proximity,
    "T301": term_rules.untagged,
    "T302": term_rules.short_truncation,
    "T303": term_rules.wrong_truncation,
    "T304": term_rules.quoted_truncation,
    "T305": term_rules.other_number,
    "T306": term_rules.other_spelling,
    "T307": term_rules.hyphens,
    "T308": term_rules.acronyms,
    "T309": term_rules.duplicates,
    "T310": term_rules.contained,
    "H401": term_rules.no_text_words,
    "H402": term_rules.no_headings,
    "H403": term_rules.truncated_headings,
    "H404": term_rules.main_topics,
    "L501": rules.limits,
    "L502": rules.humans_only,
}


@dataclass(frozen=True)
class Finding:
    """Something that a rule found: its code, severity (error, warning, info), place (from 1) and what is wrong."""

    code: str
    severity: str
    line: int
    column: int
    message: str
    silenced: str = ""  # the reason that the configuration gives


@cache
def rule_table() -> dict[str, dict[str, str]]:
    return read_data("search/lint.yaml")


def lint(
    strategy: str, database: str = "", *, justified: bool = False, silenced: Mapping[str, str] | None = None
) -> list[Finding]:
    """What the rules find in a strategy, in the order of the text.

    `database` is a name in data/search/targets.yaml, or "" where it is none of them: then only rules that hold for all
    databases speak. `justified` says that a reason is given for its limits. `silenced` gives reasons, by code.
    """
    given = rules.Strategy(strategy, database, parse(strategy, database), justified)
    found = []
    for code, check in _CHECKS.items():
        rule = rule_table()[code]
        for start, what in check(given):
            line = strategy.count("\n", 0, start) + 1
            column = start - (strategy.rfind("\n", 0, start) + 1) + 1
            reason = (silenced or {}).get(code, "")
            found.append(Finding(code, rule["severity"], line, column, f"{rule['title']}: {what}", reason))
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.code))


def lint_sources(sources: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Finding]]]:
    """For every source of a configuration that has a strategy, and every run with one of its own: what was found.

    Sources in databases whose syntax is not known (data/search/targets.yaml) are left out.
    """
    found = []
    for name, source in sources.items():
        database = target_of(source)
        if not database:
            continue
        own = [(name, source["strategy"], source.get("limits"))]
        for run in source.get("runs", []):
            own.append((f"{name}, search of {run.get('date', 'unknown date')}", run["strategy"], run.get("limits")))
        told: set[str] = set()
        justified = any(limits for _, _, limits in own)
        for place, strategy, limits in own:
            if strategy.strip() and strategy not in told:
                told.add(strategy)
                silenced = source.get("silenced", {})
                findings = lint(strategy, database, justified=justified or bool(limits), silenced=silenced)
                found.append((place, findings))
    return found


def render(place: str, findings: Iterable[Finding]) -> list[str]:
    """A line for each finding, as compilers write them; silenced ones with the reason."""
    shown = []
    for finding in findings:
        reason = f" (silenced: {finding.silenced})" if finding.silenced else ""
        where = f"{place}:{finding.line}:{finding.column}"
        shown.append(f"{where}: {finding.severity} {finding.code} {finding.message}{reason}")
    return shown
