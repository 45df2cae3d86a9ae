"""Hostile pages: work is linear in the page, and any of them gives a `Page`.

What is compared is CPU time, a page's with that of the same eight times as long: quadratic work
takes 64 times as much, and no machine, however busy, makes linear work look like that.
"""

from __future__ import annotations

import time

import pytest
from hostile import GENERATORS, WORDS

from detector import Detector, Page
from detector.encoding import codec_of

MOST = 2.5**3
"""Of a page that was doubled three times."""
MEASURABLE = 0.01
"""Seconds; a page is made larger until it takes that long, or is a megabyte."""
SIZES = 4
"""A page that becomes content at some length costs more from there on, but only once."""


def seconds(detector: Detector, html: bytes) -> float:
    started = time.process_time()
    page = detector.detect(html)
    page.html()
    page.consent_dict()
    for block in page.blocks[:1000]:
        block.to_dict()
    return time.process_time() - started


@pytest.mark.parametrize("kind", GENERATORS)
def test_eight_times_the_page_is_no_more_than_linear_work(shipped: Detector, kind: str) -> None:
    page = GENERATORS[kind]
    size = 1000
    seconds(shipped, page(size))  # what is made at first use
    while seconds(shipped, page(size)) < MEASURABLE and len(page(size)) < 2**20:
        size *= 2
    growths = []
    for _ in range(SIZES):
        once = min(seconds(shipped, page(size)) for _ in range(3))
        growths.append(min(seconds(shipped, page(8 * size)) for _ in range(2)) / once)
        if growths[-1] < MOST:
            return
        size *= 2
    raise AssertionError(f"{growths} times the work")


@pytest.mark.parametrize(
    ("html", "warning"),
    [
        (b"<p>word</p>" * 1_000_000, "too_many_blocks"),
        (b"<i></i>" * 1_000_000, None),
        (b"<p " + b"".join(b"a%d=v " % i for i in range(1_000_000)) + b">", "too_many_attributes"),
        (b"<div>" * 1_000_000 + b"bottom", "too_deep"),
        (b"<!-- x -->" * 1_000_000, "empty"),
        (b"<p>" + WORDS.encode() * 200_000, None),
        (b" " * 100_000_000, "truncated"),
    ],
    ids=["siblings", "empty siblings", "attributes", "levels", "comments", "text", "white space"],
)
def test_a_million_of_anything_gives_a_page(
    shipped: Detector, html: bytes, warning: str | None
) -> None:
    codes = [each.code for each in shipped.detect(html).warnings]
    assert codes[:1] == ([warning] if warning else [])


def test_attributes_beyond_the_limit_are_all_that_is_lost(shipped: Detector) -> None:
    many = " ".join(f"data-{number}='a > b'" for number in range(2000))
    html = (
        f"<title>One &amp; all</title><script>if (a<b c d) {{ {'x ' * 9000} }}</script>"
        f"<!-- <p {'y ' * 9000} --><p id=first {many}>Before</p>"
        f'<p title="{"long > value " * 900}">Middle</p><p>After</p>'
    )
    page = shipped.detect(html)
    assert [block.text for block in page.blocks] == ["Before", "Middle", "After"]
    assert [warning.code for warning in page.warnings] == ["too_many_attributes"]
    elements = page.blocks[0]._element, page.blocks[1]._element
    assert elements[0] is not None
    assert elements[1] is not None
    assert len(elements[0].attrib) == 500
    assert elements[0].get("id") == "first"
    assert elements[0].get("data-7") == "a > b"
    assert len(str(elements[1].get("title"))) == 900 * len("long > value ")


# The labels of https://encoding.spec.whatwg.org/#names-and-labels that decode to text.
ENCODING_LABELS = """
unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 866 cp866 csibm866 ibm866
csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e
iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 csisolatingreek ecma-118
elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987
sun_eu_greek csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8
iso88598 iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical csisolatin6
iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6 iso-8859-13 iso8859-13 iso885913 iso-8859-14
iso8859-14 iso885914 csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 iso-8859-16
cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u csmacintosh mac macintosh x-mac-roman dos-874
iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 cp1250 windows-1250 x-cp1250 cp1251
windows-1251 x-cp1251 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100
iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 cp1253
windows-1253 x-cp1253 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9
iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254 cp1255 windows-1255 x-cp1255 cp1256 windows-1256
x-cp1256 cp1257 windows-1257 x-cp1257 cp1258 windows-1258 x-cp1258 x-mac-cyrillic x-mac-ukrainian
chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030 big5
big5-hkscs cn-big5 csbig5 x-x-big5 cseucpkdfmtjapanese euc-jp x-euc-jp csiso2022jp iso-2022-jp
csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis cseuckr csksc56011987 euc-kr
iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 unicodefffe utf-16be
csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le x-user-defined
""".split()


@pytest.mark.parametrize("label", ENCODING_LABELS)
def test_broken_bytes_in_any_encoding_give_a_page(shipped: Detector, label: str) -> None:
    broken = bytes(range(256)) + b"<p>\x1b$B\x81\xff\xd8\x00\xf0\x9f</p>" + bytes(range(255, 0, -1))
    codec = codec_of(label)
    assert codec is not None
    for html in (broken, b"\x1b" * 99, b"\x81" * 99, b"\xff\xfe" * 99, b"\x8f\xa2" * 99):
        page = shipped.detect(html, encoding=label)
        assert isinstance(page, Page)
        assert page.encoding == (codec if html[:2] != b"\xff\xfe" else "utf-16-le")
        page.html().encode()
