"""Pages that are built to cost more than they should; each generator takes a size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

WORDS: Final = "Some words of a page that says nothing at all, over and over. "

GENERATORS: Final[dict[str, Callable[[int], bytes]]] = {
    "deep divs": lambda n: b"<div>" * n + WORDS.encode(),
    "deep divs with text": lambda n: b"<div>word " * n,
    "deep spans": lambda n: b"<span>word " * n,
    "unclosed inline tags": lambda n: b"<p><b><i><a href=x>word " * n,
    "unclosed formatting over blocks": lambda n: b"<b><p>word " * n,
    "siblings": lambda n: b"<p>word</p>" * n,
    "empty siblings": lambda n: b"<i></i>" * n,
    "siblings in a list": lambda n: b"<ul>" + b"<li><a href=/x>word</a>" * n,
    "distinct siblings": lambda n: b"".join(
        b"<p class=c%d id=i%d>w%d" % (i, i, i) for i in range(n)
    ),
    "distinct tags": lambda n: b"".join(b"<x%d>word" % i for i in range(n)),
    "distinct closed tags": lambda n: b"".join(b"<x%d>word</x%d>" % (i, i) for i in range(n)),
    "attributes": lambda n: b"<p " + b"".join(b"a%d=v " % i for i in range(n)) + b">word",
    "one attribute's length": lambda n: b"<p class='" + b"x" * (8 * n) + b"'>word",
    "classes": lambda n: b"<p class='" + b"".join(b"c%d " % i for i in range(n)) + b"'>word",
    "classes, inherited": lambda n: (
        b"<div class='" + b"cookie banner " * n + b"'>" + b"<p>word" * n
    ),
    "style": lambda n: b"<p style='" + b"display: " * n + b"none'>word",
    "one text node": lambda n: b"<p>" + WORDS.encode() * n,
    "one word": lambda n: b"<p>" + b"x" * (16 * n),
    "white space": lambda n: b"<p>word" + b" \t\n" * (8 * n) + b"word",
    "white space between": lambda n: (b"<p>word</p>" + b" " * 100) * n,
    "line breaks": lambda n: b"<p>" + b"word<br>" * n,
    "preformatted": lambda n: b"<pre>" + b"code\n" * n,
    "entities": lambda n: b"<p>" + b"&amp;&lt;&#x41;&nbsp;&unknown;" * n,
    "ampersands": lambda n: b"<p>" + b"&" * (8 * n),
    "less-than signs": lambda n: b"<p>" + b"<" * (8 * n),
    "end tags": lambda n: b"<p>word" + b"</p>" * n,
    "ends of the page": lambda n: b"<p>word</body></html>" * n,
    "open comments": lambda n: b"<p>word<!--" * n,
    "comments": lambda n: b"<p>word" + b"<!-- x -->" * n,
    "open metas": lambda n: b"<meta " * n,
    "processing instructions": lambda n: b"<?x" * n,
    "scripts": lambda n: b"<script>var x=1;</script>" * n + b"<p>word",
    "one script": lambda n: b"<script>" + b"OneTrust = window.x.y ;" * n + b"</script><p>word",
    "open quotes": lambda n: b"<a href='x" * n,
    "tables": lambda n: b"<table><tr><td>word" * n,
    "headings": lambda n: b"<h1>word words</h1>" * n,
    "one heading": lambda n: b"<title>" + b"word " * n + b"</title><h1>" + b"word " * n,
    "links": lambda n: b"<p>" + b"<a href=/x>word</a> " * n,
    "consent": lambda n: b"<div id=cookie-banner><p>We use cookies<button>Accept</button>" * n,
    "consent, closed": lambda n: (
        b"<div class=cookie-consent>We use cookies. <a href=/p>Policy</a>"
        b"<button>Accept all</button><button>Reject all</button></div>" * n
    ),
    "buttons": lambda n: b"<div role=dialog>cookies" + b"<button>Accept all</button>" * n,
    "digits": lambda n: b"<p>" + b"1,234.56 " * n,
    "dashes": lambda n: b"<p>" + b"-" * (8 * n),
    "bytes that are no UTF-8": lambda n: b"<p>" + b"\xff\xfe\xc3" * (4 * n),
    "same-text blocks": lambda n: b"<div><p>The very same text</p></div>" * n,
    "frames": lambda n: b"<iframe src=/x></iframe><img src=x alt=word>" * n,
    "forms": lambda n: b"<form><input value=word><select><option>word" * n,
    "svg": lambda n: b"<svg><g><path d='M0 0'/></g></svg>" * n + b"<p>word",
    "itemprops": lambda n: b"<div itemprop='articleBody text' role=main><p>word</div>" * n,
}
"""A page of each kind by its size; twice the size is twice the page."""
