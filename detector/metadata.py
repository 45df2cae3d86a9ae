"""What a page says of itself outside its body: title, Open Graph, schema.org types, address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from detector.lazy import regex
from detector.tags import local_name

MAX_JSON_LD: Final = 200_000
"""Characters of JSON-LD that are looked through for types."""

_KEYS: Final = ("og:title", "og:type", "og:url", "generator")
_JSON_LD: Final = "application/ld+json"
CARRIERS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("title", (), ()),
    ("meta", ("property", "name"), _KEYS),
    ("link", ("rel",), ("canonical",)),
    ("script", ("type",), (_JSON_LD,)),
)
"""Tags of elements that carry metadata, and which attributes must have which values for them to say
anything."""
_TYPE: Final = regex(r'"@type"\s*:\s*(?:\[\s*)?"(?:https?://schema\.org/)?([A-Za-z]{3,40})"')
# Addresses as most are, of which `urlsplit` need not be asked.
_PLAIN_ADDRESS: Final = regex(r"https?://[A-Za-z0-9.-]+(?::\d+)?(/[^?#\s\0-\x20\x7f]*)?(?:[?#].*)?")


class Metadata(NamedTuple):
    """Facts from the head. Strings are as the page gives them, stripped; "" where it gives none.

    Attributes:
        title: the `<title>`.
        og_title: Open Graph's title.
        og_type: Open Graph's type, lower-cased.
        generator: the `generator` meta, lower-cased.
        address: the caller's URL, else the canonical link or Open Graph's URL.
        language: the root's `lang`, lower-cased.
        schema_types: schema.org types in JSON-LD, lower-cased.
    """

    title: str
    og_title: str
    og_type: str
    generator: str
    address: str
    language: str
    schema_types: frozenset[str]

    @property
    def path_parts(self) -> tuple[str, ...]:
        """The parts of the address's path that hold something, lower-cased."""
        plain = _PLAIN_ADDRESS.fullmatch(self.address)
        if plain is not None:
            path = plain[1] or ""
        else:
            try:
                path = urlsplit(self.address).path
            except ValueError:  # a malformed host, such as an open bracket
                return ()
        return tuple(part for part in path.lower().split("/") if part)


def read_metadata(
    root: etree._Element, url: str | None, head: Iterable[etree._Element] | None = None
) -> Metadata:
    """Read the head of a page; a page without one has empty metadata.

    Args:
        root: of the page.
        url: its address, if known.
        head: `BlockTable.head` of the page, which saves a search for the same elements.
    """
    meta: dict[str, str] = {}
    title = canonical = ""
    types: set[str] = set()
    for element in carriers(root) if head is None else head:
        tag = local_name(element)
        if tag == "meta":
            key = (element.get("property") or element.get("name") or "").lower()
            if key:
                meta.setdefault(key, (element.get("content") or "").strip())
        elif tag == "title" and not title:
            text = "".join(element.itertext()) if len(element) else element.text or ""
            title = " ".join(text.split())
        elif tag == "link" and (element.get("rel") or "").lower() == "canonical":
            canonical = canonical or (element.get("href") or "").strip()
        elif tag == "script" and element.get("type") == _JSON_LD:
            types.update(_TYPE.findall((element.text or "")[:MAX_JSON_LD]))
    return Metadata(
        title=title,
        og_title=meta.get("og:title", ""),
        og_type=meta.get("og:type", "").lower(),
        generator=meta.get("generator", "").lower(),
        address=url or canonical or meta.get("og:url", ""),
        language=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
        .strip()
        .lower(),
        schema_types=frozenset(name.lower() for name in types),
    )


def carriers(root: etree._Element) -> Iterable[etree._Element]:
    """What carries metadata, wherever a broken page has put it; JSON-LD often ends the body."""
    return root.iter(*(f"{{*}}{tag}" for tag, _, _ in CARRIERS))
