"""The type of the numbers that a page's columns hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

NUMBER: Final = np.int32
"""Counts and places of a page's elements, nodes, blocks, words and characters: libxml2's tree of
2**31 elements would take 240 GB. Half the width of numpy's own, so that as much again stays in
the processor's caches. `_number.pxi` has it for the compiled code."""

Numbers = npt.NDArray[np.int32]


def numbers(values: Iterable[int]) -> Numbers:
    """A column of some values; OverflowError where one doesn't fit.

    >>> numbers([3, 1])
    array([3, 1], dtype=int32)
    """
    return np.fromiter(values, NUMBER)
