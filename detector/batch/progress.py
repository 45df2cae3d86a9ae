"""How far a batch has come: a line on a terminal while it runs, and one at its end."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Counts, and shows them on standard error if that is a terminal.

    Attributes:
        total: bytes of all inputs, None if they can't be known beforehand.
        pages, errors: records written in this run.
        begun: bytes of the inputs that were behind at its first record.
    """

    total: int | None = None
    pages: int = 0
    errors: int = 0
    begun: int | None = None
    _started: float = field(default_factory=time.monotonic)
    _shown: float = 0.0

    def count(self, failed: bool, read: int) -> None:
        """Note a record; `read` bytes of the inputs are behind it."""
        self.pages += 1
        self.errors += failed
        if self.begun is None:
            self.begun = read
        now = time.monotonic()
        if now - self._shown > 0.2 and sys.stderr.isatty():
            self._shown = now
            left = self.left(now - self._started, read)
            ending = "" if left is None else f", {_clock(left)} left"
            print(f"\r{self.counts()}{ending} \x1b[K", end="", file=sys.stderr, flush=True)

    def left(self, passed: float, read: int) -> float | None:
        """Seconds that the rest will take if it goes on as it went in the time that passed."""
        if self.total is None or self.begun is None or read <= self.begun:
            return None
        return passed / (read - self.begun) * max(self.total - read, 0)

    def counts(self) -> str:
        """What has been done, in words.

        >>> Progress(pages=1200, errors=2).counts().partition(" pages")[0]
        '1,200'
        """
        rate = self.pages / max(time.monotonic() - self._started, 1e-9)
        return f"{self.pages:,} pages, {rate:,.1f} pages/s, {self.errors:,} errors"

    def end(self, skipped: int) -> None:
        """Say on standard error what was done in all."""
        start = "\r\x1b[K" if sys.stderr.isatty() else ""
        print(f"{start}{self.counts()}, {skipped:,} records not HTML", file=sys.stderr)


def _clock(seconds: float) -> str:
    """
    >>> _clock(59.6), _clock(3700)
    ('1:00', '1:01:40')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
