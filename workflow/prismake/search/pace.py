"""One pace per host for all processes of this user on this machine.

A file outside any review holds the time of the next free slot; whoever wants to send takes the slot and moves it on.
"""

import fcntl
import os
import re
import tempfile
import time
from pathlib import Path

_LONGEST = 900  # seconds; a slot further off is a leftover of a clock that was set


class Pace:
    """Slots for requests to one host, `interval` seconds apart."""

    def __init__(self, host: str, per_second: float) -> None:
        self.interval = 1 / per_second
        folder = Path(tempfile.gettempdir()) / f"prismake-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / f"{re.sub(r'[^A-Za-z0-9.-]', '_', host)}.pace"

    def wait(self) -> None:
        """Sleep until it is our turn."""
        slot = self._move(0, self.interval)
        time.sleep(max(0, slot - time.time()))

    def postpone(self, seconds: float) -> None:
        """Let nobody send for so long: the service asked for it."""
        self._move(seconds, 0)

    def _move(self, delay: float, step: float) -> float:
        """Take the first slot that is free in `delay` seconds; the next one is free a `step` later."""
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            now = time.time()
            text = file.read()
            free = float(text) if re.fullmatch(r"\d+\.\d+", text) else 0.0
            slot = max(now + delay, free if free < now + _LONGEST else 0)
            file.seek(0)
            file.truncate()
            file.write(f"{slot + step:.6f}")
        return slot
