"""The form of a row of a feature table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from detector.features.context import Context, Floats

S = TypeVar("S")


@dataclass(frozen=True)  # a generic dataclass with slots can't be made through an alias
class Column(Generic[S]):
    """A column: `compute` gives one number for each row of what it is given, shape (n,), or one
    for all of them."""

    name: str
    group: str
    compute: Callable[[S], Floats | float]
    doc: str


Feature: TypeAlias = Column[Context]
"""A column of the content models; its rows are a page's blocks."""
