"""What is made when first asked for: attributes, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, AnyStr, Generic, Self, TypeVar, cast, overload

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


def regex(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, done when the pattern is first used: a short run never needs most of them.

    >>> digits = regex("[0-9]+")
    >>> digits.findall("7 of 40")
    ['7', '40']
    """
    return cast("re.Pattern[AnyStr]", _Pattern(expression, flags))


class _Pattern(Generic[AnyStr]):
    """Stands for a pattern: what is asked of it once is its own attribute from then on."""

    def __init__(self, expression: AnyStr, flags: int) -> None:
        self._expression: AnyStr = expression
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._expression, self._flags)  # `re` keeps them
        value = self.__dict__[name] = getattr(compiled, name)
        return value
