"""Attributes that are made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class cached_property(Generic[T]):
    """`functools.cached_property` without the lock that Python 3.11's has.

    That lock is one for all instances: threads would wait for one another, and in the child of a
    process that forked while a thread held it, every page would wait for ever. Without it, two
    threads that ask one object at once may both make the value.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T | Self:
        if instance is None:
            return self
        # Found there from now on, before this is looked at.
        value = instance.__dict__[self._name] = self._make(instance)
        return value
