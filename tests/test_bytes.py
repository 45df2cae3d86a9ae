"""What is asked of a page's bytes gives the same compiled and in Python."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hostile import GENERATORS
from hypothesis import given, settings
from hypothesis import strategies as st

from detector import compiled
from detector import document as document_module
from detector import encoding as encoding_module
from detector.document import parse
from training.own import OwnPage

pytestmark = pytest.mark.skipif(compiled.BYTES is None, reason="not compiled here")


def in_python(work: Callable[[bytes], object], data: bytes) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding_module, "BYTES", None)
        patch.setattr(document_module, "BYTES", None)
        return work(data)


def assert_same(data: bytes) -> None:
    assert encoding_module.to_utf8(data) == in_python(encoding_module.to_utf8, data)
    assert compiled.BYTES is not None
    assert compiled.BYTES.without_end_tags(data) == document_module._END_TAGS.sub(b"", data)
    for least in (0, 1, 40):
        spans = [tag.span(1) for tag in document_module._START_TAGS.finditer(data)]
        expected = [(start, end) for start, end in spans if start >= 0 and end - start >= least]
        assert compiled.BYTES.long_tags(data, least) == expected
    fewer = document_module._fewer_attributes
    assert fewer(data) == in_python(fewer, data)


@settings(max_examples=500)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=9).map(lambda text: text.encode("utf-8", "replace")),
            st.binary(max_size=4),
            st.sampled_from([b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90"]),
            st.sampled_from([b"\xe0\x9f\x80", b"\xf0\x8f\x80\x80", b"\xc1\x80", b"\xef\xbf\xbd"]),
            st.sampled_from([b"12345678", b"</body>", b"</HTML \n\x0b>", b"</bod", b"<</html\0>"]),
        ),
        max_size=6,
    ).map(b"".join)
)
def test_bytes_of_any_kind(data: bytes) -> None:
    assert_same(data)
    assert_same(data + bytes(70) + data)


@pytest.mark.parametrize("odd", [b"\xff", "é".encode(), "é".encode()[:1]])
def test_one_byte_in_a_long_run_of_ascii(odd: bytes) -> None:
    for place in range(160):  # every place within what is looked at together
        assert_same(b"a" * place + odd + b"a" * (160 - place))


MARKUP = (
    b"<!--|<!-|-->|->|-|<script|<SCRIPT>|<scripts|<style |<style_|</script|</Style>|</scriptx|"
    b"<p|<P |<b>|<1|<|>|/>|=|= \n|=\"|='|\"|'|a=b|\xc3\xa9=|\0|</body|</body \t>|</HTML>|</head>|"
    b" data-x='a > b'|\x1c|<meta charset=gbk>|x"
).split(b"|")


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(MARKUP), max_size=30).map(b"".join))
def test_markup_of_any_kind(data: bytes) -> None:
    assert_same(data)


def test_long_markup_of_any_kind() -> None:
    """Tags that are long enough to be looked into, end tags at every place of a stride."""
    chosen = random.Random(4)
    for _ in range(60):
        pieces = chosen.choices([*MARKUP, b" ", b"y" * 70], k=20)
        tag = b"<p" + b"".join(b" a%d=%d" % (i, i) for i in range(chosen.choice([400, 499, 900])))
        pieces.insert(chosen.randrange(20), tag)
        assert_same(b"".join(pieces) + b"<p>")


@pytest.mark.parametrize("kind", GENERATORS)
def test_hostile_pages(kind: str) -> None:
    for size in (1, 1000):
        assert_same(GENERATORS[kind](size))


def test_own_pages(own: dict[str, OwnPage]) -> None:
    for page in own.values():
        assert_same(page.html)
        assert parse(page.html).warnings == in_python(lambda html: parse(html).warnings, page.html)
