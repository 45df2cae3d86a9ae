"""Searching all names of a page at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from detector.compiled import NAMES

_BETWEEN: Final = "\0\0"


def holding(name_strings: Sequence[str], hints: Iterable[str]) -> list[int]:
    """Numbers of the entries that hold one of the hints, in any case: substring searches over
    all of them at once."""
    if NAMES is not None:
        return _hints(tuple(hints)).holding(list(name_strings))  # type: ignore[no-any-return]
    # No entry holds two NULs in a row, or ends with one.
    joined = _BETWEEN.join(name_strings).lower()
    places: list[int] = []
    for hint in hints:
        at = joined.find(hint)
        while at >= 0:
            places.append(at)
            at = joined.find(_BETWEEN, at + 1)  # another in the same entry says nothing new
            at = joined.find(hint, at) if at >= 0 else -1
    found: list[int] = []
    number = last = 0
    for place in sorted(places):
        number += joined.count(_BETWEEN, last, place)
        last = place
        if not found or found[-1] != number:
            found.append(number)
    return found


@cache
def _hints(hints: tuple[str, ...]) -> Any:
    assert NAMES is not None
    return NAMES.Hints(hints)
