# What every stage shares: the checked configuration, the hash of the code, the forms people have filled in.
import os

import prismake
from prismake.attempts import attempts
from prismake.code import source
from prismake.config import write_checked
from prismake.extraction.definition import check_fields, load_definition
from prismake.forms import digests, filled, forgotten, vanished
from prismake.previous import release_files
from prismake.screening.fulltext import digest as full_texts
from prismake.search.snapshots import snapshot_dates, snapshot_state

# `prismake` in a shell command is workflow/bin/prismake: the code that this file was parsed with, run by the Python
# beside the running Snakemake (also when its environment is not activated) or, with --sdm conda, by the one of the rule.
os.environ.update(
    PRISMAKE_STEP="1",
    PYTHONPATH=str(Path(prismake.__file__).parents[1]),
    PATH=os.pathsep.join(
        [
            str(Path(prismake.__file__).parents[1] / "bin"),
            str(Path(sys.executable).parent),
            os.environ.get("PATH", ""),
        ]
    ),
)

# Where a command whose output goes to a log shows how far it is.
if sys.stderr.isatty():
    os.environ.update(PRISMAKE_TERMINAL=os.ttyname(sys.stderr.fileno()))

try:
    REVIEW = check(config)
    DEFINITION = load_definition(REVIEW["extraction"]["form"])
    for mistake in check_fields(REVIEW, DEFINITION):
        raise PrismakeError(mistake, place="config/config.yaml")
except PrismakeError as error:
    sys.exit(f"prismake: {error}")

# What the commands read: the checked configuration with --config and --configfile merged in.
CONFIG = write_checked(REVIEW)
SOURCES = REVIEW["search"]["sources"]


def delivered(wildcards):
    """What a source delivered: the exports of its runs, or the list of its snapshots (whose state is in the params)."""
    settings = SOURCES[wildcards.source]
    if "live" in settings:
        return [f"results/search/recorded/{wildcards.source}.json"]
    return [file for run in settings["runs"] for file in run["files"]]


def imported(source):
    """What the import of a source depends on: not on texts such as its strategy, which are put beside it later."""
    keys = ("date", "files", "declared")
    runs = SOURCES[source].get("runs", [])
    columns = SOURCES[source].get("columns", {})
    return [columns, *({key: run.get(key) for key in keys} for run in runs)]


def recorded(source):
    """The state of a live source's snapshots: asked again before a step runs, it includes what has just been recorded."""
    return snapshot_state(source) if "live" in SOURCES[source] else None


def section(name, *keys):
    """The options that a rule depends on, so that a change of others does not rerun it."""
    return {key: REVIEW[name][key] for key in keys}


def kinds_of(tool):
    """The kinds of form of a risk-of-bias tool."""
    return [tool, f"{tool}_supplement", f"{tool}_consensus"]


def answers(*kinds):
    """The forms of these kinds that people have filled in."""
    return [path for kind in kinds for path in filled(kind)]


def gone(*kinds):
    """The forms of these kinds that were issued and are no longer there, as an option for the command."""
    paths = [path for kind in kinds for path in vanished(kind)]
    return ["--vanished", *paths] if paths else []


def declared(paths):
    """The paths that Snakemake can take as inputs: not those with braces, which the params still hold with their hash."""
    return [path for path in paths if not set("{}") & set(path)]


def records_of(rule):
    """What Snakemake and the command write down of a rule's run."""
    return [f"results/logs/{rule}.log", f"results/benchmarks/{rule}.tsv"]


def given(paths):
    """The forms as an option for the command; nothing when there are none."""
    return ["--forms", *paths] if paths else []


wildcard_constraints:
    source="[a-z0-9_]+",
    tool="[a-z0-9_]+",


localrules:
    all,
