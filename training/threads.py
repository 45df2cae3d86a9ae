"""Several fits side by side: LightGBM lets other threads run while it trains."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from training.progress import track

T = TypeVar("T")
R = TypeVar("R")


def in_threads(work: Callable[[T], R], tasks: Sequence[T], what: str) -> list[R]:
    """What `work` gives for each task, in their order, with progress; one thread a processor."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # no more: a fit takes much memory
        return list(track(pool.map(work, tasks), len(tasks), what))
