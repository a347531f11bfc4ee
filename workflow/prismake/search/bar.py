"""How far a long retrieval is: a bar on a terminal, a line now and then in a log."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

TERMINAL = "PRISMAKE_TERMINAL"  # the terminal of the workflow that runs this command, whose own output goes to a log
_WIDTH = 30


class Bar:
    """Counts up to `total`, which may become known later. As a context manager it takes the bar away in the end."""

    def __init__(self, name: str, unit: str, total: int = 0) -> None:
        self.total = total
        self._name, self._unit, self._done = name, unit, 0
        self._screen = _terminal()
        self._told = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        if self._screen:
            self._screen.write("\r\x1b[K")
            self._screen.flush()
            if self._screen is not sys.stderr:
                self._screen.close()

    def step(self, number: int) -> None:
        self._done += number
        share = min(1.0, self._done / self.total) if self.total else 1.0
        text = f"{self._done:,} of {self.total:,} {self._unit}"
        if self._screen:
            full = round(share * _WIDTH)
            self._screen.write(f"\r{self._name} [{'#' * full}{'-' * (_WIDTH - full)}] {text}\x1b[K")
            self._screen.flush()
        if self._screen is not sys.stderr and int(share * 10) > self._told:  # a line for every tenth, into the log
            self._told = int(share * 10)
            print(f"{self._name}: {text}", file=sys.stderr, flush=True)


def _terminal() -> TextIO | None:
    if sys.stderr.isatty():
        return sys.stderr
    try:
        return Path(os.environ[TERMINAL]).open("w", encoding="utf-8") if TERMINAL in os.environ else None
    except OSError:
        return None
