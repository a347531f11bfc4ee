# What every stage shares: the checked configuration, the hash of the code, the forms people have filled in.
import os

import prismake
from prismake.code import source
from prismake.config import write_checked
from prismake.extraction.definition import load_definition
from prismake.forms import digests, filled, vanished
from prismake.search.snapshots import snapshot_files

# `prismake` in a shell command is the one beside the running Snakemake, also when its environment is not activated,
# and uses the code that this file was parsed with.
os.environ.update(
    PYTHONPATH=str(Path(prismake.__file__).parents[1]),
    PATH=os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    ),
)

try:
    REVIEW = check(config)
    DEFINITION = load_definition(REVIEW["extraction"]["form"])
except PrismakeError as error:
    sys.exit(f"prismake: {error}")

# What the commands read: the checked configuration with --config and --configfile merged in.
CONFIG = write_checked(REVIEW)
SOURCES = REVIEW["search"]["sources"]


def section(*names):
    """The parts of the configuration that a rule depends on, so that a change elsewhere does not rerun it."""
    return {name: REVIEW[name] for name in names}


wildcard_constraints:
    source="[a-z0-9_]+",


localrules:
    all,
