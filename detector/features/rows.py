"""The form of a row of the feature table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from detector.features.context import Context, Floats


@dataclass(frozen=True, slots=True)
class Feature:
    """A column: `compute` gives one number a block, shape (n_blocks,), or one for the page."""

    name: str
    group: str
    compute: Callable[[Context], Floats | float]
    doc: str
