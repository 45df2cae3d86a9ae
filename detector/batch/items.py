"""What a batch reads: `Item`, one for each record that it will write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from detector.document import DEFAULT_MAX_BYTES

READ_BYTES: Final = DEFAULT_MAX_BYTES + 1
"""Bytes of a page that are read at most: one more than are detected, so that a cut is noticed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no page where one was expected."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Item:
    """A page, or the fault that stands in its place.

    Attributes:
        place: where in the input: a path, and an archive's byte or a file's line behind it.
        page: its bytes or text, or what is wrong.
        url: its address, if known.
        encoding: the charset that the transport named.
        read: bytes of its file that have been read when it is made.
    """

    place: str
    page: bytes | str | Fault
    url: str | None = None
    encoding: str | None = None
    read: int = 0


def sound(text: str) -> str:
    """The text without lone surrogates, which no output can hold.

    >>> sound("caf\\udce9")
    'caf?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
