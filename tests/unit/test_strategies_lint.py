"""Every rule of `prismake lint`, by the examples of its table; positions, silencing, and what commands print."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismake.cli import main
from prismake.search.strategies.lint import _CHECKS, lint, lint_sources, render, rule_table
from prismake.search.strategies.targets import targets


@pytest.mark.parametrize("code", rule_table())
def test_each_rule_finds_its_example_and_passes_the_other(code: str):
    rule = rule_table()[code]
    database = rule.get("database", "pubmed")
    assert code in {finding.code for finding in lint(rule["found"], database)}
    assert code not in {finding.code for finding in lint(rule["passes"], database)}
    assert rule["severity"] in ("error", "warning", "info")
    assert rule["why"].endswith(".") and rule["source"]


def test_every_check_is_in_the_table():
    assert list(rule_table()) == list(_CHECKS)


PLACES = [
    ("S101", "pubmed", "(a[tiab]\nOR (b[tiab]", [(1, 1), (2, 4)]),
    ("S101", "pubmed", "a[tiab]) OR b[tiab]", [(1, 8)]),
    ("S101", "pubmed", "a[tiab OR b", [(1, 2)]),
    ("S102", "pubmed", 'a[tiab] OR "b', [(1, 12)]),
    ("S103", "pubmed", "“a b”[tiab]", [(1, 1), (1, 5)]),
    ("S103", "pubmed", "Crohn’s[tiab]", []),
    ("S104", "ovid_medline", "1. a.ti.\n2. b.ti.\n3. 1 and 2", []),
    ("S105", "pubmed", "a[tiab] AND", [(1, 9)]),
    ("S105", "pubmed", "OR a[tiab]", [(1, 1)]),
    ("S105", "pubmed", "() AND a[tiab]", [(1, 2)]),
    ("S106", "pubmed", '"a b"[Title/Abstract:~2] OR a[mh:noexp]', []),
    ("S107", "cochrane", "#1 [mh Exosomes]\n#2 #1 OR #3", [(2, 10)]),
    ("S107", "ovid_medline", "1. a.ti.\n2. b.ti.\n3. or/1-3", [(3, 4)]),
    ("S108", "ovid_medline", "1. a.ti.\n2. b.ti.\n3. or/1-2\n4. limit 3 to english language", []),
    ("S110", "scopus", 'TITLE-ABS("a b") AND exp Foo/ OR c[tiab]', [(1, 35)]),
    ("S110", "cochrane", '"a b":ti,ab AND [mh "Exosomes"]', []),
    ("B201", "pubmed", "a[tiab] AND b[tiab] OR c[tiab]", [(1, 21)]),
    ("B201", "pubmed", "a[tiab] AND (b[tiab] OR c[tiab])", []),
    ("B202", "ovid_medline", "1. a.ti.\n2. exp animals/ not humans/\n3. 1 not 2", []),
    ("B204", "pubmed", "(a[tiab] OR b[tiab]) (c[tiab])", [(1, 22)]),
    ("T301", "ovid_medline", "1. (a or b).ti,ab.\n2. c", [(2, 4)]),
    ("T301", "embase", "#1 ('a b' OR c):ti,ab\n#2 'd'/exp\n#3 #1 AND #2", []),
    ("T302", "wos", "TI=(exo*)", [(1, 5)]),
    ("T303", "openalex", "exosom*", [(1, 6)]),
    ("T303", "wos", "TI=(*vesicle)", []),
    ("T304", "europepmc", 'TITLE_ABS:"stem cell*"', [(1, 11)]),
    ("T304", "scopus", 'TITLE-ABS("stem cell*")', []),
    ("T305", "pubmed", "therapy[tiab] OR therapies[tiab] OR exosom*[tiab] OR analysis[tiab]", []),
    ("T306", "pubmed", "laboratory[tiab] OR colorectal[tiab] OR programmed[tiab]", []),
    ("T306", "pubmed", '"myocardial ischaemia"[tiab]', [(1, 1)]),
    ("T308", "pubmed", "MSC[tiab]", [(1, 1)]),
    ("H403", "ovid_medline", "exp Exosom*/", [(1, 1)]),
    ("H404", "ovid_medline", "*Exosomes/ or exosom*.ti,ab.", [(1, 1)]),
    ("L501", "wos", "TI=(exosom*) AND PY=(2016-2020)", [(1, 18)]),
    ("L502", "ovid_medline", "1. a.ti.\n2. limit 1 to humans", [(2, 4)]),
]


@pytest.mark.parametrize(("code", "database", "strategy", "places"), PLACES)
def test_where_a_rule_speaks(code: str, database: str, strategy: str, places: list[tuple[int, int]]):
    found = [(finding.line, finding.column) for finding in lint(strategy, database) if finding.code == code]
    assert found == places


def test_a_reason_silences_and_a_justification_lets_limits_pass():
    strategy = "exosom*[tiab] AND english[la]"
    (limit,) = [
        finding for finding in lint(strategy, "pubmed", silenced={"L501": "protocol"}) if finding.code == "L501"
    ]
    assert limit.silenced == "protocol"
    assert render("pubmed", [limit])[0].endswith("(silenced: protocol)")
    assert "L501" not in {finding.code for finding in lint(strategy, "pubmed", justified=True)}


def test_runs_with_a_strategy_of_their_own_are_looked_through_once_each():
    runs = [{"date": "2026-01-01", "strategy": "(a"}, {"date": "2026-02-01", "strategy": "b)"}]
    found = lint_sources({"wos": {"database": "Web of Science", "strategy": "(a", "runs": runs}})
    assert [place for place, _ in found] == ["wos", "wos, search of 2026-02-01"]
    assert lint_sources({"x": {"database": "Colleagues", "strategy": "asked them"}}) == []


PIECES = ["a", "(", ")", "AND", "or", "NOT", '"', "[tiab]", "[", "]", ":", "/exp", "exp Foo Bar/", ".ti,ab.", "1", "#2"]
PIECES += ["\n1. ", "\n2. ", "*", "adj3", "'", "limit 3 to x", "TI=", "MH ", "\n", "’", "x*", "N3", "–", " "]


@pytest.mark.parametrize("database", [*targets(), ""])
@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25), st.sampled_from(["", " "]))
def test_any_text_is_looked_through(database: str, pieces: list[str], between: str):
    strategy = between.join(pieces)
    rows = strategy.split("\n")
    for finding in lint(strategy, database):
        assert 1 <= finding.line <= len(rows)
        assert 1 <= finding.column <= len(rows[finding.line - 1]) + 1


def test_the_command_on_a_file(tmp_path: Path, capsys: pytest.CaptureFixture):
    path = tmp_path / "strategy.txt"
    path.write_text("(exosom*[tiab]\n", encoding="utf-8")
    assert main(["lint", str(path), "--database", "pubmed"]) == 1
    told = capsys.readouterr()
    assert f"{path.as_posix()}:1:1: error S101" in told.out
    assert "1 error in the search strategies" in told.err
    path.write_text('"Exosomes"[mh] OR exosom*[tiab]\n', encoding="utf-8")
    assert main(["lint", str(path), "--database", "pubmed"]) == 0
    assert main(["lint", str(path), "--database", "medline"]) == 1
    assert "is no database" in capsys.readouterr().err
    assert main(["lint", str(tmp_path)]) == 1


def test_the_rules_are_listed(capsys: pytest.CaptureFixture):
    assert main(["lint", "--rules"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rule_table())


CONFIG = """
review: {title: T}
search:
  concepts: {x: {text: ["exosom*"], mesh: [Exosomes]}}
  sources:
    pubmed: {database: PubMed, kind: database, compile: pubmed, files: [a.csv]}
    other: {database: Elsewhere, kind: database, strategy: "(a", files: [a.csv]}
"""


def test_the_commands_on_a_review(tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "a.csv").write_text("title\nA\n", encoding="utf-8")
    assert main(["lint", "--review", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "note: other: the syntax of Elsewhere is not known" in out
    assert "1 strategy: 0 errors, 0 warnings, 0 hints, 0 silenced" in out
    assert main(["strategy", "--review", str(tmp_path), "--database", "pubmed"]) == 0
    assert '("Exosomes"[mh] OR exosom*[tiab])' in capsys.readouterr().out
