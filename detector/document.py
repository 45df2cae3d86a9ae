"""One page of any form to a parsed `Document`: decoding, parsing, limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from lxml import etree

from detector.compiled import BYTES
from detector.encoding import codec_of, to_utf8
from detector.lazy import regex

DEFAULT_MAX_BYTES: Final = 64 * 1024 * 1024
"""Longest page that is read, in bytes (characters, for `str`); the rest is cut off."""

_RESOURCE_LIMIT: Final = 114  # libxml2's XML_ERR_RESOURCE_LIMIT; older lxml has no name for it

WarningCode = Literal[
    "empty",
    "not_html",
    "too_deep",
    "too_many_attributes",
    "too_many_blocks",
    "truncated",
    "unknown_encoding",
]


@dataclass(frozen=True, slots=True)
class PageWarning:
    """Something that the caller may want to know of a page; `code` is for programs."""

    code: WarningCode
    message: str


class Document(NamedTuple):
    """A parsed page. `root` is the caller's own tree where a tree was given."""

    root: etree._Element
    url: str | None
    encoding: str | None
    warnings: tuple[PageWarning, ...]


# What crawlers meet that is no page; parsed as HTML it would give pages of noise.
_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"\x7fELF", "an executable"),
)

# libxml2 drops what follows a premature end of the document; browsers read on. And libxml2 and lxml
# look through all attributes of an element for each of them: a page of a megabyte could take an
# hour. Only a long tag holds many, two bytes each beside what is quoted; scripts and comments hold
# no tags.
_MOST_ATTRIBUTES: Final = 500
_LONG_TAG: Final = 2 * _MOST_ATTRIBUTES
_TAGS: Final = regex(
    rb"<(?:!--(?!-?>)[^-]*+(?:-(?!->)[^-]*+)*+"
    rb"|(?:script|style)\b[^<]*+(?:<(?!/(?:script|style))[^<]*+)*+"
    rb"|([a-z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>][^\s>]*+)?+)*+)"
    rb"|(/(?:body|html)\s*+>))",
    re.IGNORECASE,
)
_QUOTED: Final = regex(rb"=\s*+(?:(\"[^\"]*+\"|'[^']*+')|[^\s\"'>][^\s>]*+)")
_THE_END: Final = regex(rb"(?:\s++|</(?:body|html)\s*+>)*+\Z", re.IGNORECASE)
_ATTRIBUTE: Final = regex(rb"[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+", re.DOTALL)

# libxml2 stops reading at 2,048 levels, whatever its options. Without the tags below, which can
# nest in themselves, no page gets that deep; headings go only where that is not enough.
_NESTING_TAGS: Final = regex(
    rb"</?(?!(?:html|head|title|meta|link|base|script|style|p|br|hr|h[1-6]|img|li)[\s/>])"
    rb"[a-z][^<>]*>",
    re.IGNORECASE,
)
_HEADING_TAGS: Final = regex(rb"</?h[1-6][^<>]*>", re.IGNORECASE)  # nest in broken pages


def parse(
    html: object,
    *,
    url: str | None = None,
    encoding: str | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Document:
    """Parse a page. Any bytes give a document, perhaps an empty one with a warning.

    Args:
        html: `bytes` as crawled, `str`, or an lxml element or tree (used as it is, not changed).
        url: where the page came from, if known.
        encoding: the transport's charset label, which outranks what the page declares.
        max_bytes: see `DEFAULT_MAX_BYTES`.

    Raises:
        TypeError: `html`, `url` or `encoding` is of no such type.
    """
    _check_optional_str("url", url)
    _check_optional_str("encoding", encoding)
    if isinstance(html, etree._ElementTree):
        html = html.getroot()
    if isinstance(html, etree._Element):
        if not isinstance(html.tag, str):
            raise TypeError("html must be an element, not a comment or processing instruction")
        return Document(html, url, None, ())
    if isinstance(html, (bytearray, memoryview)):
        html = bytes(html)
    if isinstance(html, str):
        return _parse_text(html, url, max_bytes)
    if isinstance(html, bytes):
        return _parse_bytes(html, url, encoding, max_bytes)
    raise TypeError(
        f"html must be bytes, str or an lxml element, not {type(html).__name__}; "
        "read a file with open(path, 'rb').read()"
    )


def _check_optional_str(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a str or None, not {type(value).__name__}")


def _parse_bytes(data: bytes, url: str | None, encoding: str | None, max_bytes: int) -> Document:
    warnings: list[PageWarning] = []
    for magic, what in _MAGIC:
        if data.startswith(magic):
            warnings.append(PageWarning("not_html", f"the input is {what}, not HTML"))
            return Document(_empty_root(), url, None, tuple(warnings))
    if len(data) > max_bytes:
        warnings.append(_cut(len(data), max_bytes, "bytes"))
        data = data[:max_bytes]
    transport = None
    if encoding is not None:
        transport = codec_of(encoding)
        if transport is None:
            message = f"unknown encoding {encoding!r} was ignored"
            warnings.append(PageWarning("unknown_encoding", message))
    utf8, codec = to_utf8(data, transport)
    return _parse_utf8(utf8, url, codec, warnings)


def _parse_text(text: str, url: str | None, max_bytes: int) -> Document:
    warnings: list[PageWarning] = []
    if len(text) > max_bytes:
        warnings.append(_cut(len(text), max_bytes, "characters"))
        text = text[:max_bytes]
    return _parse_utf8(text.encode("utf-8", "replace"), url, None, warnings)


def _cut(size: int, limit: int, unit: str) -> PageWarning:
    message = f"the page has {size:,} {unit}; what follows the first {limit:,} was not read"
    return PageWarning("truncated", message)


def _parse_utf8(
    data: bytes, url: str | None, encoding: str | None, warnings: list[PageWarning]
) -> Document:
    data, cut = _mended(data.replace(b"\0", b""))
    if cut:
        message = f"an element has more than {_MOST_ATTRIBUTES} attributes; the rest was not read"
        warnings.append(PageWarning("too_many_attributes", message))
    root, complete = _libxml2(data)
    if not complete:
        warnings.append(
            PageWarning("too_deep", "nested too deeply; read with its nesting flattened")
        )
    for tags in (_NESTING_TAGS, _HEADING_TAGS):
        if not complete:
            data = tags.sub(b"\n", data)
            root, complete = _libxml2(data)
    if root is None:
        warnings.append(PageWarning("empty", "the page has no element and no text"))
        root = _empty_root()
    return Document(root, url, encoding, tuple(warnings))


def _mended(data: bytes) -> tuple[bytes, bool]:
    """The page without premature end tags and without an element's attributes beyond a number,
    and whether there were any of those."""
    ends, tags = _read_tags(data)
    if ends and _THE_END.match(data, ends[0][1]):
        ends = []  # they end the page
    beyond = list(filter(None, (_beyond_most(data, *tag) for tag in tags)))
    if not ends and not beyond:
        return data, False
    # One copy of the page, which may be large, and not one of its pieces besides.
    page, mended, kept = memoryview(data), BytesIO(), 0
    for start, end in sorted(ends + beyond):
        mended.write(page[kept:start])
        kept = end
    mended.write(page[kept:])
    return mended.getvalue(), bool(beyond)


Spans: TypeAlias = list[tuple[int, int]]
"""Where parts of a page start and end."""


def _read_tags(data: bytes) -> tuple[Spans, Spans]:
    """The end tags of `html` and `body`; and the start tags, without their angle brackets, that
    have `_LONG_TAG` bytes or more beside quoted values."""
    if BYTES is not None:
        found: tuple[Spans, Spans] = BYTES.read_tags(data, _LONG_TAG)
        return found
    ends: Spans = []
    tags: Spans = []
    for match in _TAGS.finditer(data):
        start, end = match.span(1)
        if match[2]:
            ends.append(match.span())
        elif match[1] and end - start >= _LONG_TAG:
            quoted = sum(len(value[1] or b"") for value in _QUOTED.finditer(match[1]))
            if end - start - quoted >= _LONG_TAG:
                tags.append((start, end))
    return ends, tags


def _beyond_most(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Where a start tag's attributes beyond `_MOST_ATTRIBUTES` stand, or None if it has no more."""
    attributes = _ATTRIBUTE.finditer(data, start, end)  # the first is the tag's name
    beyond = next(islice(attributes, _MOST_ATTRIBUTES + 1, None), None)
    return None if beyond is None else (beyond.start(), end)


def _libxml2(data: bytes) -> tuple[etree._Element | None, bool]:
    """The root, if there is any, and whether the parser came to the end of the page."""
    # Nothing reads comments, and lxml's walk takes quadratic time over many of them. Nor does
    # anything look up elements by id, and a table of ids takes a twentieth of the parse.
    parser = etree.HTMLParser(
        encoding="utf-8",
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:  # nothing in it that libxml2 would call a document
        root = None
    error = parser.error_log.last_error
    return root, error is None or error.type != _RESOURCE_LIMIT


def _empty_root() -> etree._Element:
    root = etree.Element("html")
    etree.SubElement(root, "body")
    return root
