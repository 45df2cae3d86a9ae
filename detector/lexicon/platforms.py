"""Consent-management platforms: what names one on a page. Facts in `platforms.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Match = Literal["id", "id_prefix", "class", "class_prefix", "tag", "attribute"]


class Selector(NamedTuple):
    """What an element has, as written (case counts).

    match: "id" and "class" (one of the classes) compare the whole, the prefixes a beginning;
        "tag" the element's name; "attribute" is `name=value`, or `name` for any value.
    source: a key of `sources` in the file.
    """

    match: Match
    value: str
    source: str

    def matches(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element with this name and these attributes has it.

        >>> Selector("id_prefix", "sp_message_", "own").matches("div", {"id": "sp_message_7"})
        True
        """
        if self.match == "tag":
            return tag == self.value
        if self.match == "attribute":
            name, _, value = self.value.partition("=")
            return name in attributes and (not value or attributes[name] == value)
        kind, _, prefix = self.match.partition("_")
        names = attributes.get(kind, "")
        return any(
            name.startswith(self.value) if prefix else name == self.value
            for name in ([names] if kind == "id" else names.split())
        )


class Button(NamedTuple):
    """A control of a known role; the selector means something only inside a banner root."""

    role: str
    selector: Selector


class Host(NamedTuple):
    """A part of a script's, stylesheet's or frame's address.

    exclusive: serves this platform alone; otherwise (a tag manager, an ad network) it is only
        a hint that the platform may be in use.
    """

    fragment: str
    exclusive: bool
    source: str


class Global(NamedTuple):
    """A JavaScript name that the platform's stub or settings define on `window`."""

    name: str
    source: str


class Platform(NamedTuple):
    """roots: its banner or preference centre. reopens: controls outside that open it again."""

    name: str
    roots: tuple[Selector, ...]
    reopens: tuple[Selector, ...]
    buttons: tuple[Button, ...]
    hosts: tuple[Host, ...]
    globals: tuple[Global, ...]


def load_platforms() -> tuple[Platform, ...]:
    """All platforms, in file order.

    A platform's script or an empty container is no banner: many pages name one and show none.
    """
    text = Path(__file__).with_name("platforms.json").read_text("utf-8")
    return tuple(_platform(row) for row in json.loads(text)["platforms"])


def _platform(row: dict[str, Any]) -> Platform:
    return Platform(
        row["name"],
        tuple(Selector(**fact) for fact in row["roots"]),
        tuple(Selector(**fact) for fact in row["reopens"]),
        tuple(Button(fact.pop("role"), Selector(**fact)) for fact in row["buttons"]),
        tuple(Host(**fact) for fact in row["hosts"]),
        tuple(Global(**fact) for fact in row["globals"]),
    )
