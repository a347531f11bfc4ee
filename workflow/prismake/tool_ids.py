"""The names of the tools for judging risk of bias.

Apart from the package risk_of_bias: every form's kind is told by these names, and an edit of what a tool asks need not
run all that reads forms again.
"""

from pathlib import Path

DATA = Path(__file__).parent / "data" / "risk_of_bias"


def tool_ids() -> list[str]:
    """The ids of the tools, sorted. Reads no file."""
    return sorted(path.stem for path in DATA.glob("*.yaml"))
