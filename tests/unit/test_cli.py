"""The commands people and other programs call: exit codes, messages, outputs."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from prismake.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def records(*titles: str) -> Path:
    rows = "".join(f'{number},"{title}","Okafor, Ada",2021\n' for number, title in enumerate(titles))
    Path("export.csv").write_text(f"record_id,title,authors,year\n{rows}")
    return Path("export.csv")


def test_import_then_deduplicate():
    long = "Vesicles of invented cells in repair of the invented tissue: a controlled experiment"
    records(long, long, "Another thing altogether, which nobody studied before in any organ")
    assert main(["import", "export.csv", "--source", "em", "--out", "r.parquet", "--report", "import.tsv"]) == 0
    assert pl.read_parquet("r.parquet")["record_id"].to_list() == ["em:0", "em:1", "em:2"]
    assert Path("import.tsv").read_text().count("\n") == 2
    arguments = ["deduplicate", "r.parquet", "--clusters", "c.csv", "--unique", "u.parquet", "--pairs", "p.csv"]
    assert main(arguments) == 0
    with Path("c.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["record_id", "source_id", "source_record_id", "cluster_id"]
    assert sorted(row["record_id"] for row in rows) == ["em:0", "em:1", "em:2"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "none.ris", "--source", "x", "--out", "o"], "none.ris"),
        (["import", "export.csv", "--source", "x", "--out", "o", "--declared", "9"], "9"),
        (["import", "binary.ris", "--source", "x", "--out", "o"], "binary.ris"),
        (["deduplicate", "export.csv", "--clusters", "c", "--unique", "u", "--pairs", "p"], "not a Parquet table"),
        (["flow", "export.csv", "--out-dir", "o"], "export.csv"),
        (["flow", "flow.json", "--out-dir", "o", "--formats", "svg,gif"], "gif"),
        (["status"], "config/config.yaml: there is no review here"),
    ],
)
def test_bad_input_is_one_message_and_exit_1(arguments, said, capsys):
    records("A title")
    Path("binary.ris").write_bytes(bytes(range(256)))
    Path("flow.json").write_text('{"boxes": {"records_screened": 3}}')
    assert main(arguments) == 1
    message = capsys.readouterr().err
    assert message.startswith("prismake: ")
    assert said in message
    assert not Path("o").exists()


def test_flow_draws_from_counts_alone():
    counts = {"database_results": 10, "duplicates": 2, "records_screened": 8, "records_excluded": 8}
    Path("flow.json").write_text(json.dumps({"boxes": {name: {"n": n} for name, n in counts.items()}}))
    assert main(["flow", "flow.json", "--out-dir", "out"]) == 0
    assert {path.name for path in Path("out").iterdir()} >= {"flow.svg", "flow.png", "flow.html", "flow.csv"}


def test_init_makes_a_review_once(capsys):
    assert main(["init", "my review"]) == 0
    assert "snakemake --directory" in capsys.readouterr().out
    before = Path("my review/config/config.yaml").read_bytes()
    Path("my review/config/config.yaml").write_bytes(before + b"# mine\n")
    assert main(["init", "my review"]) == 1
    assert Path("my review/config/config.yaml").read_bytes() == before + b"# mine\n"


def test_the_config_of_init_is_valid_once_its_export_is_there():
    from prismake.config import check, read_yaml
    from prismake.errors import PrismakeError

    main(["init", "new"])
    config = read_yaml("new/config/config.yaml")
    with pytest.raises(PrismakeError, match=r"no such file: resources/search/pubmed/2026-01-31/export\.nbib"):
        check(config, Path("new"))
    export = Path("new/resources/search/pubmed/2026-01-31/export.nbib")
    export.parent.mkdir(parents=True)
    export.write_text("PMID- 90000001\n")
    assert check(read_yaml("new/config/config.yaml"), Path("new"))["review"]["title"] == "My systematic review"


def test_a_step_that_touches_no_workbook_and_checks_nothing_starts_without_the_libraries_for_it():
    modules = ["search.runs", "dedup.engine", "screening.collect", "extraction.rounds", "risk_of_bias.review"]
    modules += ["prisma.review", "prisma.draw", "report.build", "report.status", "previous"]
    imports = "".join(f"import prismake.{module}\n" for module in modules)
    heavy = {"openpyxl", "PIL", "jsonschema", "sklearn", "bibtexparser", "docx", "pptx", "typst"}
    code = f"import sys\n{imports}print(*sorted({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
