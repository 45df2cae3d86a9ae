"""What each HTML element is to the walk: a block, inline, to be skipped, hidden, a control."""

from __future__ import annotations

from typing import Final

from lxml import etree

# Elements with a column of their own in the tables; 0 stands for all others.
TAGS: Final = (
    "other", "html", "body", "div", "p", "span", "a", "li", "ul", "ol", "dl", "dt", "dd",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "tr", "td", "th", "caption",
    "article", "section", "main", "header", "footer", "nav", "aside", "figure", "figcaption",
    "blockquote", "pre", "code", "form", "button", "select", "textarea", "label", "input",
    "img", "picture", "video", "noscript", "b", "strong", "em", "i", "summary", "details",
    "time", "address", "center", "font", "hgroup", "dialog", "fieldset", "template", "iframe",
)  # fmt: skip
CODE: Final = {tag: code for code, tag in enumerate(TAGS)}

SKIPPED: Final = frozenset(
    [
        "head",
        "title",
        "script",
        "style",
        "svg",
        "iframe",
        "object",
        "canvas",
        "audio",
        "video",
        "map",
        "math-annotation",
        "noframes",
        "applet",
    ]
)
"""Subtrees without text of the page's own: code, pictures, what stands in for media.

Not `embed` or `source`, which hold nothing, but are never closed: libxml2 takes what follows for a
part of them."""

METADATA: Final = frozenset("title meta link base basefont script style noscript template".split())
"""What a head may hold. Where it holds more it was never closed, and libxml2, which does not know
all of HTML's elements, took the page's body for a part of it."""

BLOCK: Final = frozenset(
    [
        "html",
        "body",
        "div",
        "p",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "article",
        "section",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "figure",
        "figcaption",
        "blockquote",
        "pre",
        "form",
        "fieldset",
        "legend",
        "button",
        "select",
        "textarea",
        "noscript",
        "template",
        "summary",
        "details",
        "address",
        "center",
        "hgroup",
        "dialog",
        "hr",
        "menu",
        "dir",
        "search",
        "optgroup",
        "col",
        "colgroup",
        "frameset",
        "listing",
        "xmp",
        "plaintext",
        "slot",
    ]
)
"""Elements that a browser lays out as blocks (HTML standard, section 15.3), and controls that
stand by themselves."""

LINE_BREAKING: Final = frozenset(("option", "br"))
"""Elements inside a block whose edges are line breaks."""

LINE_SEPARATOR: Final = "\u2028"
"""Marks, in the walk's text, a line break that shows (`<br>`, a newline in `<pre>`); white space
to every function that splits text."""

BOLD: Final = frozenset("b strong em i h1 h2 h3 h4 h5 h6 th dt legend mark u font".split())
HIDING: Final = frozenset(("noscript", "template", "dialog"))


def local_name(element: etree._Element) -> str:
    """The element's tag without its namespace.

    Unlike `etree.QName` it takes the names that are none in XML, such as `o:p`, as Office writes.
    """
    tag = str(element.tag)
    return tag.rpartition("}")[2] if tag.startswith("{") else tag
