"""A line on the terminal that says how far a long run has come; silent where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def track(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield the items, and say on a terminal's standard error how many have been done."""
    shown = sys.stderr.isatty()
    started = time.monotonic()
    last = 0.0
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if shown and (now - last > 0.2 or done == total):
            last = now
            left = (now - started) / done * (total - done)
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{what}: {done:,} of {total:,}, {left:,.0f} s left \x1b[K{end}")
            sys.stderr.flush()
