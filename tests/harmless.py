"""What HTML of ours may hold when a page has had a say in it."""

from __future__ import annotations

import re
from typing import Final

from lxml import html as lxml_html

ATTRIBUTES: Final = {"charset", "href", "lang"}
ADDRESS: Final = re.compile(r"(https?|mailto|tel):|[^:]*$|[^:]*[/?#]", re.IGNORECASE)
RUNS: Final = set(
    "script style iframe object embed form input button meta base link svg math template video "
    "audio source img noscript textarea xmp plaintext frame frameset applet".split()
)


def assert_harmless(html: str) -> None:
    """Fail where cleaned HTML holds more than text and its structure."""
    for element in lxml_html.document_fromstring(html).iter():
        assert isinstance(element.tag, str)
        if element.tag != "meta":
            assert element.tag not in RUNS
        assert set(element.attrib) <= ATTRIBUTES
        address = str(element.get("href", ""))
        assert ADDRESS.match(address)
        assert "script:" not in re.sub(r"[\x00-\x20]", "", address.lower()).partition("/")[0]


def markup(html: str) -> set[str]:
    """The names of a document's elements and, after an @, of their attributes."""
    elements = list(lxml_html.document_fromstring(html).iter())
    return {str(e.tag) for e in elements} | {f"@{name}" for e in elements for name in e.attrib}
