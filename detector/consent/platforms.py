"""Which consent platforms a page names, and which one a consent root is of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

from lxml import etree

from detector.lazy import regex
from detector.lexicon import load_platforms
from detector.lexicon.platforms import Selector

MAX_SCRIPT: Final = 200_000
"""Characters of an inline script that are looked through for a stub."""


class Fact(NamedTuple):
    """What a class, an id or their beginning says: the platform, and of what part or button."""

    platform: str
    part: str


class _Index(NamedTuple):
    """Facts by kind of name and whole name, and the beginnings by kind."""

    whole: dict[tuple[str, str], Fact]
    prefixes: tuple[tuple[str, str, Fact], ...]
    hosts: tuple[tuple[str, str], ...]
    names: frozenset[str]
    globals: re.Pattern[str]
    global_owner: dict[str, str]

    def of_name(self, kind: str, name: str) -> Fact | None:
        fact = self.whole.get((kind, name))
        if fact is None:
            for prefix_kind, prefix, found in self.prefixes:
                if prefix_kind == kind and name.startswith(prefix):
                    return found
        return fact


@cache
def index() -> _Index:
    """The platforms' facts, compiled when first asked for."""
    whole: dict[tuple[str, str], Fact] = {}
    prefixes: list[tuple[str, str, Fact]] = []

    def add(selector: Selector, fact: Fact) -> None:
        kind, _, prefix = selector.match.partition("_")
        if kind not in ("id", "class"):
            return
        if prefix:
            prefixes.append((kind, selector.value, fact))
        else:
            whole.setdefault((kind, selector.value), fact)

    platforms = load_platforms()
    for platform in platforms:
        for selector in platform.roots:
            add(selector, Fact(platform.name, "root"))
        for selector in platform.reopens:
            add(selector, Fact(platform.name, "reopen"))
    for platform in platforms:
        for button in platform.buttons:
            add(button.selector, Fact(platform.name, button.role))
    owners = {each.name: platform.name for platform in platforms for each in platform.globals}
    names = "|".join(sorted(map(re.escape, owners), key=len, reverse=True))
    return _Index(
        whole,
        tuple(prefixes),
        tuple(
            (host.fragment.lower(), platform.name)
            for platform in platforms
            for host in platform.hosts
            if host.exclusive
        ),
        frozenset(name for _, name in whole),
        regex(rf"(?<![\w$.])(?:window\.)?({names})(?![\w$])" if names else r"(?!)"),
        owners,
    )


def facts_in(names: str) -> tuple[Fact, ...]:
    """The facts in an entry of `BlockTable.name_strings`."""
    facts = index()
    here: list[Fact] = []
    for part in names.split("\0")[1:]:
        kind = _KINDS.get(part[0])
        if kind is not None:
            found = (facts.of_name(kind, name) for name in part[1:].split())
            here += [fact for fact in found if fact is not None]
    return tuple(here)


_KINDS: Final = {"c": "class", "i": "id"}


def platform_of(facts: Iterable[Fact]) -> str | None:
    """The platform that most of the facts speak of, roots counting most; None for no facts."""
    votes: Counter[str] = Counter()
    for fact in facts:
        votes[fact.platform] += 5 if fact.part in ("root", "reopen") else 1
    return votes.most_common(1)[0][0] if votes else None


def page_platforms(root: etree._Element) -> tuple[str, ...]:
    """Platforms that a page names by script, link, frame or stub, or by an element of theirs.

    Sorted by name. A platform that is named need not show a banner in this markup: a raw page
    often names one whose banner only a browser would build.
    """
    return tuple(sorted(set(_named(root))))


def _named(root: etree._Element) -> Iterator[str]:
    facts = index()
    for element in root.iter("{*}script", "{*}link", "{*}iframe", "{*}img"):
        address = element.get("src") or element.get("data-src") or element.get("href")
        if address:
            lowered = address.lower()
            yield from (name for fragment, name in facts.hosts if fragment in lowered)
        if element.text and str(element.tag).endswith("script"):
            for match in facts.globals.findall(element.text[:MAX_SCRIPT]):
                yield facts.global_owner[match]
    for element in root.iter("{*}div", "{*}section", "{*}aside", "{*}dialog", "{*}button", "{*}a"):
        for kind in ("id", "class"):
            for name in (element.get(kind) or "").split():
                fact = facts.of_name(kind, name)
                if fact is not None and fact.part in ("root", "reopen"):
                    yield fact.platform
