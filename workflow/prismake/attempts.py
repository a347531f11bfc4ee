"""Which steps of the workflow did not finish, so that the next run does them again.

When a job fails, Snakemake puts the last good outputs back and then counts the job as done with the new inputs and
parameters: a second run would say that there is nothing to do. So each step writes a last line into its log, and a
step whose log lacks it has a number among its parameters that grows. Light imports only.
"""

import json
from pathlib import Path

from prismake.publish import write_text

DONE = "prismake: done"
COUNTS = Path(".snakemake/prismake/attempts.json")


def attempts(log: str) -> int:
    """How often the step with this log was found unfinished; one more than before when it is unfinished now."""
    counts = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {}
    path = Path(log)
    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").rstrip().endswith(DONE):
        counts[log] = counts.get(log, 0) + 1
        write_text(COUNTS, json.dumps(counts, indent=1, sort_keys=True) + "\n")
    return counts.get(log, 0)
