"""What `prismake strategy` and `prismake lint` print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prismake.config import read_config
from prismake.errors import PrismakeError
from prismake.publish import write_text
from prismake.report.wording import count
from prismake.search.strategies.compile import compile_strategy
from prismake.search.strategies.lint import Finding, lint, lint_sources, render, rule_table
from prismake.search.strategies.targets import target_of, targets


def print_strategies(search: dict[str, Any], database: str | None, folder: Path | None) -> Iterator[str]:
    """The concept blocks as a strategy for every database, or for one: lines to print; with a folder, files there.

    Sources that have theirs compiled come first, within their window of dates. Raises PrismakeError without blocks.
    """
    if not search.get("concepts"):
        hint = "Write search.concepts in config/config.yaml, see docs/search.md."
        raise PrismakeError("there are no concept blocks to write a strategy from", hint=hint)
    wanted = _known([database] if database else list(targets()))
    for name, source in search["sources"].items():
        if source.get("compile") in wanted:
            shown = f"{name}: {targets()[source['compile']]['name']}"
            yield from _shown(shown, f"strategy.{name}.txt", source["strategy"], source["strategy_notes"], folder)
    for target in wanted:
        text, notes = (written := compile_strategy(search, target)).text, written.notes
        yield from _shown(targets()[target]["name"], f"strategy.{target}.txt", text, notes, folder)


def _shown(title: str, file: str, text: str, notes: list[str], folder: Path | None) -> Iterator[str]:
    if folder:
        write_text(folder / file, text + "\n")
        yield (folder / file).as_posix()
    else:
        yield from (f"== {title} ==", text)
    yield from (f"note: {note}" for note in notes)
    if not folder:
        yield ""


def _known(names: list[str]) -> list[str]:
    for name in names:
        if name not in targets():
            raise PrismakeError(f"'{name}' is no database", hint=f"Known: {', '.join(targets())}.")
    return names


def lint_review(review: Path) -> Iterator[str]:
    """What is found in the strategies of a review, a line each. Raises PrismakeError, behind them, when errors are."""
    sources = read_config(review)["search"]["sources"]
    for code in sorted(
        {code for source in sources.values() for code in source.get("silenced", {})} - set(rule_table())
    ):
        yield f"note: {code}, which the configuration silences, is no rule"
    found = lint_sources(sources)
    for name, source in sources.items():
        if source["kind"] in ("database", "register") and not target_of(source):
            yield f"note: {name}: the syntax of {source['database']} is not known; its strategy is not looked through"
    yield from _told(found)


def lint_file(path: Path, database: str) -> Iterator[str]:
    """What is found in the strategy that a text file holds. Raises PrismakeError as `lint_review` does."""
    if database:
        _known([database])
    try:
        strategy = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PrismakeError("this is not UTF-8 text", place=str(path), hint="Save it as UTF-8.") from error
    yield from _told([(path.as_posix(), lint(strategy, database))])


def _told(found: list[tuple[str, list[Finding]]]) -> Iterator[str]:
    for place, findings in found:
        yield from render(place, findings)
    everything = [finding for _, findings in found for finding in findings]
    open_ones = [finding.severity for finding in everything if not finding.silenced]
    numbers = [count(open_ones.count(kind), word) for kind, word in _SEVERITIES.items()]
    silenced = len(everything) - len(open_ones)
    yield f"{count(len(found), 'strategy')}: {', '.join(numbers)}, {silenced} silenced"
    if errors := open_ones.count("error"):
        hint = "Correct them, or give a reason in `silenced` of the source."
        raise PrismakeError(f"{errors} error{'s' * (errors > 1)} in the search strategies", hint=hint)


_SEVERITIES = {"error": "error", "warning": "warning", "info": "hint"}


def list_rules() -> Iterator[str]:
    """The rules: code, severity, what is found, why it matters, and where the rule comes from."""
    for code, rule in rule_table().items():
        yield f"{code} {rule['severity']}: {rule['title']}. {rule['why']} [{rule['source']}]"
